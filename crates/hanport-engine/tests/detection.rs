//! Every kind of port is found from every setting, over a line simulated bit by bit.

#![allow(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stderr,
    clippy::unwrap_used,
    reason = "a test may stop where it is; the table of times is printed"
)]

mod line;
mod reader;

use std::sync::Mutex;
use std::time::Duration;

use hanport_core::session::push::Options;
use hanport_engine::detect::{Change, Detector};
use hanport_engine::line::LineSettings;
use hanport_sim::meter::{Uart, personalities, personality};
use hanport_sim::scenario::Scenario;
use hanport_sim::simulation::Simulation;
use line::{Sent, heard};
use reader::{Reader, START, settings_of};

/// Where a search may begin: what some other meter needed.
const STARTS: [&str; 10] = [
    "2400 8E1",
    "2400 8N1",
    "115200 8N1",
    "9600 8N1",
    "9600 7E1",
    "9600 8E1",
    "38400 8N1",
    "115200 7E1",
    "19200 8N1",
    "300 7E1",
];

fn messages(name: &str, seconds: u64) -> Vec<Sent> {
    sent_with(name, seconds, personality(name).unwrap().uart)
}

fn sent_with(name: &str, seconds: u64, uart: Uart) -> Vec<Sent> {
    let scenario = Scenario::new(name, 5, "2024-01-15T11:58:03").unwrap();
    let scenario = scenario.lasting(Duration::from_secs(seconds));
    Simulation::new(&scenario).map(|record| Sent::of(&record, uart)).collect()
}

/// Ports that no simulated meter has: second forms of some countries, and rare speeds.
const OTHERS: &[(&str, Uart)] = &[
    ("nes-dk-text", Uart::even(115_200)),
    ("lg-ch-e360", Uart::plain(115_200)),
    ("lg-burgenland", Uart::plain(115_200)),
    ("dsmr4-nl", Uart::plain(9600)),
    ("sml-de", Uart::plain(4800)),
    ("kamstrup-no", Uart::plain(19_200)),
    ("aidon-se-text", Uart::seven(19_200)),
    ("kaifa-se", Uart::even(57_600)),
];

/// Opened in the middle of the first message; the time until the settings are found.
fn time_to_lock(
    sent: &[Sent],
    start: Option<LineSettings>,
    counts_errors: bool,
) -> (i64, LineSettings) {
    let (first, rest) = sent.split_first().unwrap();
    let half = first.bytes.len() / 2;
    let opened = first.at_ms + first.duration_ms() / 2;
    let tail = Sent { at_ms: opened, bytes: first.bytes[half..].to_vec(), uart: first.uart };
    let mut reader = Reader::new(Detector::new(&Options::default(), start, START.plus(opened)));
    reader.counts_errors = counts_errors;
    reader.hear(&tail);
    for message in rest {
        reader.hear(message);
        if let Some((at, settings)) = reader.locked() {
            return (at - opened, settings);
        }
    }
    panic!("{start:?} never locks: {:?}\n{:#?}", reader.changes, reader.detector.candidates());
}

struct Row {
    name: &'static str,
    uart: Uart,
    times: Vec<(i64, String)>,
}

fn row(name: &'static str, uart: Uart) -> Row {
    let sent = sent_with(name, 900, uart);
    let mut times = Vec::new();
    for start in STARTS.map(|start| Some(start.parse().unwrap())).into_iter().chain([None]) {
        for counts_errors in [true, false] {
            let (ms, found) = time_to_lock(&sent, start, counts_errors);
            let context = format!("{name} from {start:?}, {counts_errors}: {found}");
            let message = &sent[1];
            let got = heard(&message.bytes, message.uart, found, true);
            assert!(got.bytes == message.bytes, "{context}");
            if counts_errors {
                assert_eq!(found, settings_of(uart), "{context}");
            }
            times.push((ms, start.map_or_else(|| "nothing".to_owned(), |start| start.to_string())));
        }
    }
    times.sort();
    Row { name, uart, times }
}

#[test]
fn every_port_is_found_from_every_setting() {
    let all = personalities().map(|personality| (personality.name, personality.uart));
    let todo: Mutex<Vec<_>> = Mutex::new(all.chain(OTHERS.iter().copied()).collect());
    let rows = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                while let Some((name, uart)) = { todo.lock().unwrap().pop() } {
                    let row = row(name, uart);
                    rows.lock().unwrap().push(row);
                }
            });
        }
    });
    let mut rows = rows.into_inner().unwrap();
    rows.sort_by_key(|row| row.name);
    eprintln!("{:<22} {:<22} seconds to lock: p50, longest", "meter", "port");
    for Row { name, uart, times } in &rows {
        let seconds = |ms: i64| format!("{}.{}", ms / 1000, ms % 1000 / 100);
        let (half, _) = &times[times.len() / 2];
        let (longest, from) = times.last().unwrap();
        let (uart, half, longest) = (uart.to_string(), seconds(*half), seconds(*longest));
        eprintln!("{name:<22} {uart:<22} {half:>6} {longest:>6}  from {from}");
    }
}

fn searching(start: Option<&str>) -> Reader {
    let start = start.map(|start| start.parse().unwrap());
    Reader::new(Detector::new(&Options::default(), start, START))
}

/// Every so many seconds one message of a meter, from second 1 on.
fn every(seconds: i64, name: &str, count: usize) -> Vec<Sent> {
    let ten_minutes = messages(name, 900);
    let long = ten_minutes.into_iter().filter(|sent| sent.bytes.len() > 100).take(count);
    long.zip(0..).map(|(sent, n)| Sent { at_ms: 1000 + n * seconds * 1000, ..sent }).collect()
}

fn noise(at_ms: i64, count: usize, seed: &mut u64) -> Sent {
    let octets = std::iter::repeat_with(|| {
        *seed ^= *seed << 13;
        *seed ^= *seed >> 7;
        *seed ^= *seed << 17;
        seed.to_le_bytes()[3]
    });
    Sent { at_ms, bytes: octets.take(count).collect(), uart: Uart::plain(2400) }
}

#[test]
fn a_meter_that_sends_once_a_minute_is_waited_for() {
    for (meter, right) in [("kamstrup-no", "2400 8N1"), ("lg-ch-e360", "9600 8N1")] {
        let mut reader = searching(None);
        for sent in every(60, meter, 6) {
            reader.hear(&sent);
        }
        let (at, settings) = reader.locked().unwrap();
        assert_eq!(settings.to_string(), right);
        assert!(at < 250_000, "{meter} after {at} ms: {:?}", reader.changes);
    }
}

#[test]
fn blips_and_bursts_of_noise_only_delay() {
    let mut seed = 77;
    for meter in ["aidon-no", "kamstrup-no", "dsmr4-nl"] {
        let mut reader = searching(None);
        let mut at = 0;
        for sent in messages(meter, 600) {
            if sent.at_ms > at + 7000 {
                at = sent.at_ms;
                reader.hear(&noise(at - 1500, 3 + usize::try_from(at % 60).unwrap(), &mut seed));
            }
            reader.hear(&sent);
        }
        let (at, _) = reader.locked().expect(meter);
        assert!(at < 180_000, "{meter} after {at} ms");
        assert_eq!(reader.changes.last().unwrap().0, at, "and stays");
    }
}

#[test]
fn nothing_is_learned_from_silence_and_little_is_tried() {
    let mut reader = searching(Some("9600 7E1"));
    reader.wait(590_000);
    assert_eq!(reader.changes, []);
    reader.wait(3_600_000);
    assert!(reader.changes.len() < 45, "{}", reader.changes.len());
    assert_eq!(reader.locked(), None);
}

#[test]
fn noise_never_locks_and_what_is_kept_stays_small() {
    let mut reader = searching(None);
    let mut seed = 5;
    for n in 0..600 {
        reader.hear(&noise(n * 2000, 300, &mut seed));
    }
    assert_eq!(reader.locked(), None);
    let tried = reader.changes.len();
    assert!(tried > 100, "{tried}");
    // a flood without a pause is looked at in parts
    let before = reader.changes.len();
    let mut detector = reader.detector;
    let mut changes = 0;
    for n in 0..12_000 {
        let octets = noise(0, 120, &mut seed).bytes;
        detector.handle_octets(START.plus(2_000_000 + n * 10), &octets);
        while detector.poll_change().is_some() {
            changes += 1;
        }
    }
    assert!((5..300).contains(&changes), "{changes} after {before}");
}

#[test]
fn heads_of_frames_in_noise_are_no_frames() {
    // octets that begin or end frames and messages of every kind
    const HEADS: [u8; 14] =
        [0x00, 0xFF, 0xE0, 0x7E, 0xA0, 0x68, 0x08, 0x16, 0xDB, 0x0F, b'/', b'!', b'\n', 0x1B];
    let mut seed = 31;
    for begin in ["2400 8E1", "115200 8N1", "9600 7E1"] {
        let mut reader = searching(Some(begin));
        for n in 0..1500 {
            let mut sent = noise(n * 1500, 250, &mut seed);
            for octet in &mut sent.bytes {
                *octet = HEADS[usize::from(*octet) % HEADS.len()];
            }
            reader.wait(sent.at_ms);
            reader.detector.handle_octets(START.plus(sent.at_ms), &sent.bytes);
        }
        assert_eq!(reader.locked(), None, "{begin}");
    }
}

#[test]
fn what_was_found_survives_glitches_and_silence() {
    let mut reader = searching(None);
    let mut seed = 9;
    let all = messages("aidon-no", 900);
    let (first, rest) = all.split_at(40);
    for sent in first {
        reader.hear(sent);
    }
    let settings = reader.locked().unwrap().1;
    let changes = reader.changes.len();
    // four minutes in which every message is torn by noise, but for a rare one
    for (n, sent) in rest.iter().enumerate() {
        let mut sent = sent.clone();
        if n % 60 != 0 {
            let len = sent.bytes.len();
            sent.bytes[len / 2..].copy_from_slice(&noise(0, len - len / 2, &mut seed).bytes);
        }
        reader.hear(&sent);
    }
    // and hours of silence
    reader.hear(&Sent { at_ms: 20_000_000, ..first[0].clone() });
    assert_eq!(reader.changes.len(), changes);
    assert_eq!(reader.detector.settings(), settings);
    assert!(reader.detector.is_locked());
}

#[test]
fn another_meter_at_another_speed_is_found_after_minutes() {
    let mut reader = searching(None);
    for sent in messages("aidon-no", 300) {
        reader.hear(&sent);
    }
    assert_eq!(reader.locked().unwrap().1.to_string(), "2400 8E1");
    reader.changes.clear();
    for sent in messages("dsmr4-nl", 900) {
        reader.hear(&Sent { at_ms: sent.at_ms + 300_000, ..sent });
    }
    let old = "2400 8E1".parse().unwrap();
    let (lost, change) = reader.changes[0];
    assert_eq!(change, Change::Lost(old));
    assert!((480_000..600_000).contains(&lost), "{lost}");
    let (found, settings) = reader.locked().unwrap();
    assert_eq!(settings.to_string(), "115200 8N1");
    assert!(found - lost < 60_000, "{:?}", reader.changes);
}

#[test]
fn an_inverted_line_is_recognised_and_not_called_found() {
    for meter in ["dsmr5-nl", "aidon-se-text", "iskra-si"] {
        let mut reader = searching(Some("115200 8N1"));
        reader.cured = false;
        for sent in messages(meter, 120) {
            reader.hear(&sent);
        }
        assert_eq!(reader.locked(), None, "{meter}");
        assert!(reader.detector.is_inverted(), "{meter}");
    }
}

#[test]
fn seven_bits_are_found_from_one_message_read_with_eight() {
    let mut reader = searching(Some("115200 8N1"));
    let sent = messages("iskra-si-text", 60);
    reader.hear(&sent[1]);
    reader.wait(sent[1].at_ms + 2000);
    assert_eq!(reader.locked().unwrap().1.to_string(), "115200 7E1");
}
