//! The service with a real broker, and the command that looks at it.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test may stop where it is"
)]

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// Killed when dropped.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn free_port() -> u16 {
    TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap().local_addr().unwrap().port()
}

fn start(program: &str, arguments: &[&str]) -> Running {
    let mut command = Command::new(program);
    command.args(arguments).stdout(Stdio::null()).stderr(Stdio::null());
    Running(command.spawn().unwrap_or_else(|error| panic!("{program}: {error}")))
}

fn broker(folder: &Path) -> (Running, u16) {
    for _ in 0..5 {
        let port = free_port();
        let config = folder.join("mosquitto.conf");
        let text = format!(
            "user root\npersistence false\nlog_dest none\nlistener {port} 127.0.0.1\nallow_anonymous true\n"
        );
        fs::write(&config, text).unwrap();
        let mut running = start("mosquitto", &["-c", config.to_str().unwrap()]);
        let until = Instant::now() + Duration::from_secs(5);
        while Instant::now() < until && running.0.try_wait().unwrap().is_none() {
            if TcpStream::connect((Ipv4Addr::LOCALHOST, port)).is_ok() {
                return (running, port);
            }
            std::thread::yield_now();
        }
    }
    panic!("mosquitto does not start; is the package mosquitto installed?")
}

#[test]
fn what_the_service_publishes_is_seen_by_the_command() {
    let folder = tempfile::tempdir().unwrap();
    let (_broker, port) = broker(folder.path());
    let config = folder.path().join("hanport.toml");
    let text = format!(
        r#"[site]
reader = "attic"
zone = "Europe/Oslo"
[data]
folder = "{}"
[web]
listen = ["127.0.0.1:0"]
[[meter]]
id = "main"
source.kind = "simulator"
source.meter = "kaifa-no"
[[mqtt]]
id = "home"
host = "127.0.0.1"
port = {port}
formats = ["hanport", "json"]
publish_topic = "ams"
"#,
        folder.path().join("data").display()
    );
    fs::write(&config, text).unwrap();
    let hanport = env!("CARGO_BIN_EXE_hanport");
    let mut watch = Command::new(hanport)
        .args(["mqtt", "watch", "--host", "127.0.0.1", "--port", &port.to_string(), "#"])
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .map(Running)
        .unwrap();
    let lines = BufReader::new(watch.0.stdout.take().unwrap()).lines();
    let _service = start(hanport, &["run", "--config", config.to_str().unwrap()]);
    let mut wanted = vec![
        "ams/status online",
        "hanport/attic/status online",
        "hanport/attic/main/state {\"v\":1,",
        "ams {\"id\":",
    ];
    let mut seen = Vec::new();
    for line in lines {
        let line = line.unwrap();
        wanted.retain(|part| !line.contains(part));
        if wanted.is_empty() {
            return;
        }
        seen.push(line);
        assert!(seen.len() < 500, "never came: {wanted:?}; what came: {seen:#?}");
    }
    panic!("the command ended; never came: {wanted:?}; what came: {seen:#?}");
}

#[test]
fn a_broker_that_is_not_in_the_configuration_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let config = folder.path().join("hanport.toml");
    let text =
        "[[meter]]\nid = \"main\"\nsource.kind = \"simulator\"\nsource.meter = \"kaifa-no\"\n";
    fs::write(&config, text).unwrap();
    let told = Command::new(env!("CARGO_BIN_EXE_hanport"))
        .args(["mqtt", "watch", "--config", config.to_str().unwrap()])
        .output()
        .unwrap();
    assert_eq!(told.status.code(), Some(1));
    let text = String::from_utf8(told.stderr).unwrap();
    assert!(text.contains("no broker in the configuration; name one with --host"), "{text}");
}
