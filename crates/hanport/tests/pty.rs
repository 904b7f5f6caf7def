//! A simulated meter behind a real pseudo-terminal, over TCP and into a file, read back.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test ends at what it did not expect"
)]

mod program;

use std::fs::File;
use std::io::{BufRead as _, BufReader, Read as _};
use std::net::TcpStream;
use std::process::{Child, ChildStdout, Command, Stdio};

use program::{decode, hanport, said};
use rstest::rstest;
use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;

/// Some key.
const KEY: &str = "FF EE DD CC BB AA 99 88 77 66 55 44 33 22 11 00";

/// The keys that a simulated meter is read with, as the program tells them.
fn keys_of(meter: &str) -> Vec<String> {
    let output = hanport(&["simulate", meter, "--port", "-", "--for", "1s"], b"");
    let told = program::complained(&output);
    let arguments = told.lines().find_map(|line| line.split_once("read it with "));
    arguments.map_or_else(Vec::new, |(_, words)| words.split(' ').map(str::to_owned).collect())
}

fn start(arguments: &[&str]) -> (Child, BufReader<ChildStdout>) {
    let mut child = Command::new(env!("CARGO_BIN_EXE_hanport"))
        .args(arguments)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let said = BufReader::new(child.stdout.take().unwrap());
    (child, said)
}

fn line(said: &mut BufReader<ChildStdout>) -> String {
    let mut line = String::new();
    said.read_line(&mut line).unwrap();
    line.trim_end().to_owned()
}

/// Everything until the line is closed.
fn read_port(path: &str) -> Vec<u8> {
    let mut port = File::open(path).unwrap();
    let mut octets = Vec::new();
    let mut buffer = [0; 512];
    // A line that is hung up ends, or says that it cannot be read.
    while let Ok(count @ 1..) = port.read(&mut buffer) {
        octets.extend_from_slice(&buffer[..count]);
    }
    octets
}

fn messages(meter: &str, octets: &[u8]) -> Vec<Value> {
    let keys = keys_of(meter);
    let keys: Vec<&str> = keys.iter().map(String::as_str).collect();
    match decode(&keys, octets) {
        (Some(0), Value::Array(messages)) => messages,
        (Some(0), message) => vec![message],
        (status, message) => panic!("status {status:?}: {message}"),
    }
}

#[rstest]
#[case::hdlc("aidon-no", 48)]
#[case::mbus_encrypted("kaifa-at-noe", 24)]
#[case::hdlc_authenticated("kamstrup-dk", 12)]
#[case::blocks("lg-ch", 26)]
#[case::telegram("dsmr5-nl", 120)]
#[case::telegram_encrypted("smarty-lu", 12)]
fn what_a_meter_sends_through_a_pseudo_terminal_is_read(#[case] meter: &str, #[case] count: usize) {
    let (mut child, mut said) = start(&[
        "simulate",
        meter,
        "--speed",
        "0",
        "--start",
        "2024-01-15T12:05:00",
        "--for",
        "2m",
    ]);
    let octets = read_port(&line(&mut said));
    assert!(child.wait().unwrap().success());
    let messages = messages(meter, &octets);
    let readings = messages.iter().filter(|message| message["error"].is_null()).count();
    assert_eq!((readings, messages.len()), (count, count));
}

#[test]
fn the_line_keeps_its_time() {
    let start_time = std::time::Instant::now();
    let (mut child, mut said) = start(&[
        "simulate",
        "kaifa-no",
        "--speed",
        "60",
        "--for",
        "1m",
        "--start",
        "2024-01-15T00:00",
    ]);
    let octets = read_port(&line(&mut said));
    assert!(child.wait().unwrap().success());
    assert!(start_time.elapsed().as_millis() >= 900);
    assert_eq!(messages("kaifa-no", &octets).len(), 30);
}

#[test]
fn a_link_gives_the_port_a_name_that_stays() {
    let folder = tempfile::tempdir().unwrap();
    let link = folder.path().join("meter");
    let port = format!("pty:{}", link.display());
    let (mut child, mut said) =
        start(&["simulate", "aidon-no", "--port", &port, "--speed", "0", "--for", "10s"]);
    assert_eq!(line(&mut said), link.display().to_string());
    assert_eq!(messages("aidon-no", &read_port(link.to_str().unwrap())).len(), 4);
    assert!(child.wait().unwrap().success());
    assert!(!link.exists());
}

#[test]
fn a_port_is_decoded_as_it_speaks() {
    let arguments = ["simulate", "kaifa-no", "--speed", "0", "--for", "20s"];
    let (mut child, mut said) =
        start(&[&arguments[..], &["--start", "2024-01-15T12:00:00"]].concat());
    let output = hanport(&["decode", "--format", "jsonl", &line(&mut said)], b"");
    assert_eq!(output.status.code(), Some(0));
    assert!(child.wait().unwrap().success());
    let text = program::said(&output);
    assert_eq!(text.lines().filter(|line| line.contains("\"error\":null")).count(), 10, "{text}");
}

#[test]
fn a_client_over_tcp_gets_every_octet() {
    let (mut child, mut said) = start(&[
        "simulate",
        "dsmr4-nl",
        "--port",
        "tcp:127.0.0.1:0",
        "--speed",
        "0",
        "--for",
        "5m",
    ]);
    let mut octets = Vec::new();
    TcpStream::connect(line(&mut said)).unwrap().read_to_end(&mut octets).unwrap();
    assert!(child.wait().unwrap().success());
    assert_eq!(messages("dsmr4-nl", &octets).len(), 30);
}

#[test]
fn a_file_and_a_pipe_get_the_same_octets_every_time() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("day.bin");
    let run = |port: &str, seed: &str| {
        let arguments = ["simulate", "lg-ch", "--port", port, "--for", "1h", "--seed", seed];
        let output = hanport(&arguments, b"");
        assert!(output.status.success());
        output.stdout
    };
    let piped = run("-", "7");
    assert!(run(file.to_str().unwrap(), "7").is_empty());
    assert_eq!(std::fs::read(&file).unwrap(), piped);
    assert_ne!(run("-", "8"), piped);
}

#[test]
fn faults_cost_messages_and_never_make_values() {
    let arguments =
        ["simulate", "aidon-no", "--port", "-", "--for", "1h", "--fault", "bitflip=0.001"];
    let messages = messages("aidon-no", &hanport(&arguments, b"").stdout);
    let faults = messages.iter().filter(|message| !message["error"].is_null()).count();
    assert!(faults > 10 && faults < messages.len(), "{faults} of {}", messages.len());
}

#[test]
fn every_meter_of_the_list_can_be_read() {
    let list = said(&hanport(&["simulate", "--list"], b""));
    let meters: Vec<&str> =
        list.lines().skip(1).filter_map(|line| line.split_whitespace().next()).collect();
    assert!(meters.len() > 30);
    for meter in meters {
        let output = hanport(&["simulate", meter, "--port", "-", "--for", "2m"], b"");
        let messages = messages(meter, &output.stdout);
        for message in &messages {
            assert!(message["error"].is_null(), "{meter}: {message}");
            let count = |name: &str| message[name].as_object().unwrap().len();
            assert!(count("values") + count("obis") > 0, "{meter}: {message}");
        }
        assert!(messages.len() >= 12, "{meter}: {}", messages.len());
    }
}

#[rstest]
#[case::meter(&["simulate", "nobody"], "no simulated meter named nobody")]
#[case::fault(&["simulate", "aidon-no", "--fault", "gremlin"], "no fault named gremlin")]
#[case::chance(&["simulate", "aidon-no", "--fault", "bitflip=2"], "from 0 to 1")]
#[case::endless_file(&["simulate", "aidon-no", "--port", "x.bin"], "--for")]
#[case::useless_key(&["simulate", "aidon-no", "--port", "-", "--key", KEY], "does not encrypt")]
#[case::time(&["simulate", "aidon-no", "--start", "noon"], "is no time")]
#[case::length(&["simulate", "aidon-no", "--for", "long"], "write it as")]
#[case::address(&["simulate", "aidon-no", "--port", "tcp:2000"], "tcp:127.0.0.1:2000")]
fn wrong_usage_says_what_would_be_right(#[case] arguments: &[&str], #[case] complaint: &str) {
    let output = hanport(arguments, b"");
    assert_eq!(output.status.code(), Some(1));
    let text = program::complained(&output);
    assert!(text.contains(complaint), "{text}");
}

#[test]
fn a_key_of_ones_own_is_used() {
    let arguments = ["simulate", "kaifa-at-noe", "--port", "-", "--for", "10s", "--key", KEY];
    let octets = hanport(&arguments, b"").stdout;
    assert_eq!(decode(&["--key", KEY], &octets).0, Some(0));
    assert_eq!(decode(&["--key", program::SMARTY_KEY], &octets).0, Some(2));
}

#[test]
fn a_meter_can_be_watched() {
    let folder = tempfile::tempdir().unwrap();
    let link = folder.path().join("meter");
    let port = format!("pty:{}", link.display());
    let arguments = ["simulate", "kaifa-se", "--port", &port, "--speed", "100"];
    let (mut meter, mut said_by_meter) = start(&arguments);
    line(&mut said_by_meter);
    let path = link.to_string_lossy().into_owned();
    let output = hanport(&["watch", &path, "--line", "115200 8N1", "--for", "3s"], b"");
    meter.kill().unwrap();
    meter.wait().unwrap();
    assert!(output.status.success());
    let text = said(&output);
    let readings = text.lines().filter(|line| line.contains(" active_import_w=")).count();
    assert!(readings > 5, "{text}");
}

#[rstest]
#[case::by_ctrl_c(Signal::INT)]
#[case::by_the_system(Signal::TERM)]
fn a_meter_that_is_asked_to_end_takes_its_link_away(#[case] signal: Signal) {
    let folder = tempfile::tempdir().unwrap();
    let link = folder.path().join("meter");
    let port = format!("pty:{}", link.display());
    let mut child = Command::new(env!("CARGO_BIN_EXE_hanport"))
        .args(["simulate", "aidon-no", "--port", &port])
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    // The path is printed when the link is there.
    let mut path = String::new();
    let mut stdout = BufReader::new(child.stdout.take().unwrap());
    stdout.read_line(&mut path).unwrap();
    assert!(std::fs::symlink_metadata(&link).is_ok());
    kill_process(Pid::from_child(&child), signal).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(0));
    assert!(std::fs::symlink_metadata(&link).is_err());
}
