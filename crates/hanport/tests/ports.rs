//! Ports searched and examined over a real pseudo-terminal, and captures examined.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test ends at what it did not expect"
)]

mod program;

use std::fs::{self, File};
use std::io::{Read as _, Write as _};
use std::sync::mpsc::{self, Sender};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use hanport_engine::line::{Arrival, LineEvent};
use hanport_engine::time::UtcMillis;
use hanport_io::record::Recorder;
use hanport_sim::fault::{Fault, FaultId, uart};
use hanport_sim::meter::Uart;
use hanport_sim::record::Record;
use hanport_sim::scenario::Scenario;
use hanport_sim::simulation::Simulation;
use program::{complained, hanport, said};
use rustix::fs::{Mode, OFlags};
use rustix::pty::OpenptFlags;
use rustix::termios::OptionalActions;
use serde_json::Value;

fn messages(meter: &str, count: usize) -> Vec<Record> {
    let scenario = Scenario::new(meter, 7, "2024-01-15T12:00:30").unwrap();
    Simulation::new(&scenario).take(count).collect()
}

/// A port whose meter is heard as its reader is set: other speeds than the meter's give the
/// octets that a receiver of that speed would make of the line.
struct Port {
    path: String,
    _far: File,
    stop: Sender<()>,
    meter: JoinHandle<()>,
}

impl Port {
    /// The meter sends a message every 800 ms.
    fn new(meter: &str) -> Self {
        let near: File = {
            let near = rustix::pty::openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
            rustix::pty::grantpt(&near).unwrap();
            rustix::pty::unlockpt(&near).unwrap();
            near.into()
        };
        let path = rustix::pty::ptsname(&near, Vec::new()).unwrap().into_string().unwrap();
        // held open, so that it stays raw and is there between two readers
        let flags = OFlags::RDWR | OFlags::NOCTTY | OFlags::CLOEXEC;
        let far: File = rustix::fs::open(&path, flags, Mode::empty()).unwrap().into();
        let mut settings = rustix::termios::tcgetattr(&far).unwrap();
        settings.make_raw();
        rustix::termios::tcsetattr(&far, OptionalActions::Now, &settings).unwrap();
        let sent = messages(meter, 200);
        let sender = hanport_sim::meter::personality(meter).unwrap().uart;
        let (stop, stopped) = mpsc::channel();
        let meter = thread::spawn(move || {
            for record in sent {
                let baud = rustix::termios::tcgetattr(&near).unwrap().input_speed();
                // the kernel's pseudo-terminals know speeds only
                let reader = Uart { baud, ..sender };
                let heard = uart::receive(&record.bytes, sender, reader).bytes;
                (&near).write_all(&heard).unwrap();
                if stopped.recv_timeout(Duration::from_millis(800)).is_ok() {
                    return;
                }
            }
        });
        Self { path, _far: far, stop, meter }
    }

    fn end(self) {
        self.stop.send(()).unwrap();
        self.meter.join().unwrap();
    }
}

#[test]
fn the_speed_of_a_port_is_found_and_written_for_the_configuration() {
    let port = Port::new("dsmr5-nl");
    let output = hanport(&["detect", "--for", "60s", &port.path], b"");
    let text = said(&output);
    assert_eq!(output.status.code(), Some(0), "{text}{}", complained(&output));
    assert!(text.contains(": tries "), "{text}");
    assert!(text.contains(": found 115200 8N1"), "{text}");
    let (_, snippet) = text.split_once("[[meter]]").unwrap();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("hanport.toml");
    fs::write(&file, format!("[[meter]]{snippet}")).unwrap();
    let check = hanport(&["config", "check", file.to_str().unwrap()], b"");
    assert_eq!(check.status.code(), Some(0), "{}{}", said(&check), complained(&check));
    port.end();
}

#[test]
fn what_was_heard_with_each_setting_is_told_to_programs() {
    let port = Port::new("iskra-at-wien");
    let output = hanport(&["detect", "--format", "json", "--for", "60s", &port.path], b"");
    let all: Value = serde_json::from_str(&said(&output)).unwrap();
    assert_eq!(output.status.code(), Some(0), "{all}");
    assert_eq!(all[0]["settings"], "9600 8N1", "{all}");
    let rows = all[0]["candidates"].as_array().unwrap();
    assert!(rows.len() > 1, "{all}");
    assert_eq!((&rows[0]["settings"], &rows[0]["frames"]), (&"2400 8E1".into(), &0.into()));
    assert!(rows.iter().any(|row| row["frames"].as_u64() > Some(0)), "{all}");
    let config = all[0]["config"].as_str().unwrap();
    assert!(config.contains("meter.main.encryption_key"), "{config}");
    port.end();
}

#[test]
fn a_port_that_is_not_there_is_said() {
    let output = hanport(&["detect", "/dev/ttyNOWHERE7"], b"");
    assert_eq!(output.status.code(), Some(2), "{}", complained(&output));
    assert!(said(&output).contains("there is no /dev/ttyNOWHERE7"), "{}", said(&output));
    let output = hanport(&["doctor", "--for", "1s", "--format", "json", "/dev/ttyNOWHERE7"], b"");
    assert_eq!(output.status.code(), Some(2), "{}", complained(&output));
    let report: Value = serde_json::from_str(&said(&output)).unwrap();
    assert_eq!(report["findings"][0]["cause"], "port_absent", "{report}");
    assert_eq!(report["layers"][0]["state"], "bad");
}

#[test]
fn a_port_that_works_is_well() {
    let port = Port::new("sml-de-1s");
    let output = hanport(&["doctor", "--for", "4s", "--line", "9600-8N1", &port.path], b"");
    let text = said(&output);
    assert_eq!(output.status.code(), Some(0), "{text}{}", complained(&output));
    assert!(text.contains("All is well"), "{text}");
    assert_eq!(text.lines().filter(|line| line.contains(" good ")).count(), 6, "{text}");
    let output = hanport(
        &["doctor", "--for", "3s", "--line", "115200", "--format", "json", &port.path],
        b"",
    );
    let report: Value = serde_json::from_str(&said(&output)).unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert_eq!(report["findings"][0]["cause"], "wrong_speed", "{report}");
    port.end();
}

#[test]
fn a_capture_is_examined_as_it_is() {
    let octets: Vec<u8> =
        messages("kamstrup-dk", 5).into_iter().flat_map(|record| record.bytes).collect();
    let output = hanport(&["doctor", "-"], &octets);
    let text = said(&output);
    assert_eq!(output.status.code(), Some(2), "{text}{}", complained(&output));
    assert!(text.contains("1. an encrypted meter without a key, 97 % sure"), "{text}");
    assert!(text.contains("\n   - Ask the network company"), "{text}");
    let key = "000102030405060708090A0B0C0D0E0F";
    let output = hanport(&["doctor", "--key", key, "-"], &octets);
    assert_eq!(output.status.code(), Some(0), "{}", said(&output));
}

#[test]
fn a_recording_is_examined_at_its_end() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("recording.txt");
    let mut recorder = Recorder::append(&path).unwrap();
    let scenario = Scenario::new("aidon-no", 7, "2024-01-15T12:00:30").unwrap();
    let scenario = scenario.with_fault(Fault::with_probability(FaultId::BrownOut, 0.8));
    let start = UtcMillis::from(scenario.start);
    recorder.write(&Arrival::Event(start, LineEvent::Opened("a port".to_owned()))).unwrap();
    for record in Simulation::new(&scenario).take(60) {
        let at = start.plus(i64::try_from(record.t_send_ns / 1_000_000).unwrap() + 900);
        recorder.write(&Arrival::Octets(at, record.bytes)).unwrap();
    }
    recorder.flush().unwrap();
    let output = hanport(&["doctor", "--format", "json", path.to_str().unwrap()], b"");
    let report: Value = serde_json::from_str(&said(&output)).unwrap();
    assert_eq!(report["findings"][0]["cause"], "weak_power", "{report}");
    assert_eq!(report["layers"][5]["state"], "good", "the end of a recording is no silence");
}

#[test]
fn what_cannot_be_examined_is_explained() {
    let mut text = String::new();
    for arguments in [
        &["doctor"][..],
        &["doctor", "--url", "https://x"],
        &["doctor", "--line", "8N1", "/dev/x"],
        &["doctor", "/nowhere/x"],
    ] {
        let output = hanport(arguments, b"");
        assert_eq!(output.status.code(), Some(1), "{arguments:?}");
        (&output.stderr[..]).read_to_string(&mut text).unwrap();
    }
    for said in ["PORT|FILE", "http://localhost:8080", "2400 8E1", "there is no file"] {
        assert!(text.contains(said), "{said}: {text}");
    }
}
