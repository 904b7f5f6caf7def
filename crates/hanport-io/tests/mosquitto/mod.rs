//! A broker of its own for a test: mosquitto on a free port.
//!
//! Where it is not installed the test says loudly that it is left out; with `HANPORT_REQUIRE_PARTS`
//! set it fails.

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::net::TcpListener;
use std::process::{Child, Command, Stdio};

use tempfile::TempDir;

/// Where Debian puts it, besides the search path.
const PROGRAMS: [&str; 2] = ["mosquitto", "/usr/sbin/mosquitto"];

/// A running broker. Ends when dropped.
#[derive(Debug)]
pub(crate) struct Mosquitto {
    child: Option<Child>,
    /// Where it listens, on the loopback.
    pub(crate) port: u16,
    folder: TempDir,
}

impl Mosquitto {
    /// Starts one that lets everybody in, with more lines of configuration; `None` where there is
    /// none to start.
    pub(crate) fn start(configuration: &str) -> Option<Self> {
        let Some(program) = program() else {
            assert!(
                std::env::var_os("HANPORT_REQUIRE_PARTS").is_none(),
                "mosquitto is not installed: apt-get install mosquitto"
            );
            eprintln!("SKIP: mosquitto is not installed, a test with a broker is left out");
            return None;
        };
        let folder = tempfile::tempdir().unwrap();
        // Another program may take the port before the broker does.
        for _ in 0..20 {
            let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
            let text = format!(
                "listener {port} 127.0.0.1\nallow_anonymous true\nlog_dest stderr\n{configuration}\n"
            );
            fs::write(folder.path().join("configuration"), text).unwrap();
            let child = run(program, &folder);
            if child.is_some() {
                return Some(Self { child, port, folder });
            }
        }
        panic!("mosquitto does not start with {configuration:?}");
    }

    /// Ends it, as when its machine goes down.
    pub(crate) fn stop(&mut self) {
        if let Some(mut child) = self.child.take() {
            child.kill().unwrap();
            child.wait().unwrap();
        }
    }

    /// Starts it again on the same port.
    pub(crate) fn start_again(&mut self) {
        while self.child.is_none() {
            self.child = run(program().unwrap(), &self.folder);
        }
    }
}

impl Drop for Mosquitto {
    fn drop(&mut self) {
        self.stop();
    }
}

fn program() -> Option<&'static str> {
    let runs = |program: &&str| {
        Command::new(program).arg("-h").stdout(Stdio::null()).stderr(Stdio::null()).status().is_ok()
    };
    PROGRAMS.into_iter().find(runs)
}

/// Waits until it listens; `None` when it ended instead.
fn run(program: &str, folder: &TempDir) -> Option<Child> {
    let mut child = Command::new(program)
        .arg("-c")
        .arg(folder.path().join("configuration"))
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut said = BufReader::new(child.stderr.take().unwrap()).lines();
    let running = said.by_ref().map_while(Result::ok).any(|line| line.ends_with(" running"));
    if !running {
        child.wait().unwrap();
        return None;
    }
    // It must not wait for somebody who reads what it says.
    std::thread::spawn(move || said.for_each(drop));
    Some(child)
}
