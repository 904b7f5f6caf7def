//! A running service with its own configuration and data, and a client for it.
#![allow(dead_code, reason = "not every test uses all of it")]

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::PathBuf;
use std::process::{Child, ChildStderr, Command, Stdio};
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;
use tempfile::TempDir;

/// Nothing in a test takes longer.
const PATIENCE: Duration = Duration::from_mins(1);

/// A folder with a configuration, and what the service keeps.
pub(crate) struct Home {
    pub(crate) folder: TempDir,
    config: PathBuf,
}

impl Home {
    /// With these meters, in TOML.
    pub(crate) fn new(meters: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let config = folder.path().join("hanport.toml");
        let data = folder.path().join("data");
        let data = data.display();
        let text = format!(
            "[site]\nzone = \"Europe/Oslo\"\n[web]\nlisten = [\"127.0.0.1:0\"]\n[data]\nfolder = \"{data}\"\n{meters}\n"
        );
        fs::write(&config, text).unwrap();
        Self { folder, config }
    }

    /// Starts the service and waits until it serves.
    pub(crate) fn start(&self) -> Running {
        let mut child = Command::new(env!("CARGO_BIN_EXE_hanport"))
            .args(["run", "--config"])
            .arg(&self.config)
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut log = BufReader::new(child.stderr.take().unwrap());
        let mut said = String::new();
        let address = loop {
            let mut line = String::new();
            assert_ne!(log.read_line(&mut line).unwrap(), 0, "it ended: {said}");
            said.push_str(&line);
            if let Some((_, rest)) = line.split_once("address=") {
                break rest.split_whitespace().next().unwrap().to_owned();
            }
        };
        Running { child, log: Some(log), address }
    }
}

/// A running service.
pub(crate) struct Running {
    child: Child,
    log: Option<BufReader<ChildStderr>>,
    pub(crate) address: String,
}

impl Running {
    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Asks it to end, and waits until it has; what it wrote to its log meanwhile.
    pub(crate) fn end(mut self) -> String {
        let pid = Pid::from_raw(i32::try_from(self.child.id()).unwrap()).unwrap();
        kill_process(pid, Signal::TERM).unwrap();
        let mut said = String::new();
        self.log.take().unwrap().read_to_string(&mut said).unwrap();
        let status = self.child.wait().unwrap();
        assert!(status.success(), "{status}: {said}");
        said
    }

    /// Ends it as a power cut does.
    pub(crate) fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// The JSON at an address.
    pub(crate) fn get(&self, path: &str) -> Value {
        let (status, body) = self.fetch(path);
        assert_eq!(status, 200, "{path}: {body}");
        serde_json::from_str(&body).unwrap()
    }

    /// Status and body at an address.
    pub(crate) fn fetch(&self, path: &str) -> (u16, String) {
        let mut stream = self.ask(path, "Connection: close\r\n");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        let status = answer.split(' ').nth(1).unwrap().parse().unwrap();
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        if head.to_ascii_lowercase().contains("transfer-encoding: chunked") {
            return (status, unchunked(body));
        }
        (status, body.to_owned())
    }

    /// The stream of events, from its head on.
    pub(crate) fn stream(&self) -> Events {
        let stream = self.ask("/api/v1/stream", "Accept: text/event-stream\r\n");
        Events { lines: BufReader::new(stream) }
    }

    fn ask(&self, path: &str, headers: &str) -> TcpStream {
        let mut stream = TcpStream::connect(&self.address).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        stream.set_nodelay(true).unwrap();
        let host = &self.address;
        write!(stream, "GET {path} HTTP/1.1\r\nHost: {host}\r\n{headers}\r\n").unwrap();
        stream
    }
}

fn unchunked(body: &str) -> String {
    let mut rest = body;
    let mut whole = String::new();
    while let Some((size, after)) = rest.split_once("\r\n") {
        let size = usize::from_str_radix(size, 16).unwrap();
        whole.push_str(&after[..size]);
        rest = after[size..].trim_start_matches("\r\n");
    }
    whole
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Server-sent events as they come.
pub(crate) struct Events {
    lines: BufReader<TcpStream>,
}

impl Events {
    /// The data of the next event of a kind.
    pub(crate) fn next(&mut self, kind: &str) -> Value {
        let mut name = String::new();
        loop {
            let mut line = String::new();
            assert_ne!(self.lines.read_line(&mut line).unwrap(), 0, "the stream ended");
            if let Some(event) = line.strip_prefix("event: ") {
                event.trim_end().clone_into(&mut name);
            } else if let Some(data) = line.strip_prefix("data: ")
                && name == kind
            {
                return serde_json::from_str(data).unwrap();
            }
        }
    }
}
