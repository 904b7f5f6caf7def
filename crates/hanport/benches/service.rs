//! What the whole service takes: time from the last octet of a message to a client of the event
//! stream, start, memory, processor and disk.
//!
//! `cargo bench -p hanport --bench service` runs all of it; `latency`, `start` or `steady` as an
//! argument one part, and a number is the length of the steady part in seconds (120).
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "it may stop where it is, and its figures are for people"
)]
#![allow(clippy::print_stdout, reason = "it prints the figures")]

#[path = "../tests/running/mod.rs"]
mod running;

use std::fs;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::thread;
use std::time::{Duration, Instant};

use hanport_io::clock::Pace;
use hanport_io::outlet::{Flow, Outlet as _};
use hanport_io::pty::Pty;
use hanport_sim::scenario::Scenario;
use hanport_sim::simulation::Simulation;
use running::Home;

/// Framings and ciphers of every kind.
const METERS: [&str; 6] =
    ["kaifa-se", "kamstrup-no", "kamstrup-dk", "lg-ch", "kaifa-at", "dsmr5-nl"];
/// Messages of each meter.
const MESSAGES: usize = 30;

fn main() {
    let arguments: Vec<String> =
        std::env::args().skip(1).filter(|word| !word.starts_with("--")).collect();
    let wanted = |part: &str| {
        let parts: Vec<_> = arguments.iter().filter(|a| a.parse::<u64>().is_err()).collect();
        parts.is_empty() || parts.iter().any(|word| *word == part)
    };
    let seconds = arguments.iter().find_map(|word| word.parse().ok()).unwrap_or(120);
    if wanted("latency") {
        latency();
    }
    if wanted("start") {
        start();
    }
    if wanted("steady") {
        steady(seconds);
    }
}

fn show(what: &str, mut times: Vec<Duration>) {
    times.sort();
    let at = |percent: usize| times[(times.len() * percent / 100).min(times.len() - 1)];
    let ms = |time: Duration| time.as_secs_f64() * 1000.0;
    println!("{what:<28} p50 {:7.3} ms  p99 {:7.3} ms  ({})", ms(at(50)), ms(at(99)), times.len());
}

fn latency() {
    println!("from the last octet of a message to a client of the event stream");
    show("one hop over loopback TCP", hops());
    for meter in METERS {
        show(meter, of_meter(meter));
    }
}

/// There and back over loopback TCP, halved.
fn hops() -> Vec<Duration> {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        stream.set_nodelay(true).unwrap();
        let mut octet = [0];
        while stream.read_exact(&mut octet).is_ok() {
            stream.write_all(&octet).unwrap();
        }
    });
    let mut stream = TcpStream::connect(address).unwrap();
    stream.set_nodelay(true).unwrap();
    let mut octet = [0];
    let mut times = Vec::new();
    for _ in 0..200 {
        let pace = Pace::new(1.0);
        pace.wait_until(Duration::from_millis(5));
        let begun = Instant::now();
        stream.write_all(&octet).unwrap();
        stream.read_exact(&mut octet).unwrap();
        times.push(begun.elapsed() / 2);
    }
    times
}

fn of_meter(name: &str) -> Vec<Duration> {
    let scenario = Scenario::new(name, 1, "2026-01-15T12:00").unwrap();
    let personality = scenario.personality;
    let octet = Duration::from_nanos(personality.uart.octet_ns());
    let mut pty = Pty::open(Flow::Wire).unwrap();
    let key = |name: &str, key: Option<[u8; 16]>| {
        key.map_or_else(String::new, |key| {
            let number = u128::from_be_bytes(key);
            format!("{name} = \"{number:032X}\"\n")
        })
    };
    let security = personality.security;
    let home = Home::new(&format!(
        "[[meter]]\nid = \"main\"\nsource.kind = \"serial\"\nsource.port = \"{}\"\nsource.line = \"115200 8N1\"\n{}{}",
        pty.path().display(),
        key("encryption_key", security.map(|s| s.encryption_key)),
        key("authentication_key", security.and_then(|s| s.authentication_key)),
    ));
    let service = home.start();
    let mut events = service.stream();
    let mut times = Vec::new();
    for record in Simulation::new(&scenario).take(MESSAGES) {
        let pace = Pace::new(1.0);
        let mut due = Duration::from_millis(600);
        for one in &record.bytes {
            due += octet;
            pace.wait_until(due);
            pty.send(&[*one]).unwrap();
        }
        let sent = Instant::now();
        let live = events.next("live");
        // the first of them may tell of the meter as it stood before
        if live["port"]["messages"].as_u64() > Some(0) {
            times.push(sent.elapsed());
        }
    }
    times
}

fn start() {
    let home = Home::new(
        "[[meter]]\nid = \"main\"\nsource.kind = \"simulator\"\nsource.meter = \"dsmr5-nl\"\n",
    );
    home.start().end();
    let times = (0..20)
        .map(|_| {
            let begun = Instant::now();
            let service = home.start();
            assert_eq!(service.fetch("/api/v1/meters").0, 200);
            let time = begun.elapsed();
            service.end();
            time
        })
        .collect();
    show("start to the first answer", times);
}

/// Fields of `/proc/PID/...`.
fn proc_field(pid: u32, file: &str, field: &str) -> u64 {
    let text = fs::read_to_string(format!("/proc/{pid}/{file}")).unwrap();
    let line = text.lines().find(|line| line.starts_with(field)).unwrap();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}

/// Time on the processor in hundredths of a second.
fn ticks(pid: u32) -> u64 {
    let text = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap();
    let (_, rest) = text.rsplit_once(')').unwrap();
    let fields: Vec<&str> = rest.split_whitespace().collect();
    fields[11].parse::<u64>().unwrap() + fields[12].parse::<u64>().unwrap()
}

fn steady(seconds: u64) {
    println!("one telegram a second for {seconds} s, one client of the event stream");
    let home = Home::new(
        "[[meter]]\nid = \"main\"\nsource.kind = \"simulator\"\nsource.meter = \"dsmr5-nl\"\n",
    );
    let service = home.start();
    let pid = service.pid();
    let mut events = service.stream();
    while events.next("live")["port"]["messages"].as_u64() < Some(5) {}
    let (cpu, disk) = (ticks(pid), proc_field(pid, "io", "write_bytes"));
    let begun = Instant::now();
    let mut messages = 0;
    while begun.elapsed() < Duration::from_secs(seconds) {
        events.next("live");
        messages += 1;
    }
    let elapsed = begun.elapsed().as_secs_f64();
    let cpu_ms = (ticks(pid) - cpu) as f64 * 10.0;
    let written = (proc_field(pid, "io", "write_bytes") - disk) as f64;
    println!("resident memory              {} kB", proc_field(pid, "status", "VmRSS"));
    println!("processor                    {:.2} ms a message", cpu_ms / f64::from(messages));
    println!("written to disk              {:.1} MB a day", written / elapsed * 0.0864);
    service.end();
}
