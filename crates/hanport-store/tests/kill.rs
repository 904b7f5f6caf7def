//! SIGKILL at random moments under load, then a look at what is left.
//!
//! ```text
//!  this test                            itself again, as a child
//!    starts it with a folder and          goes on from the memory in the history,
//!    the number of the next message       hands in message after message, and says
//!    <---------- pipe -----------         the number of each one it has handed in
//!    kills it after a random while
//!    opens the history and compares it with the truth, which is a function of the number
//! ```
//!
//! What must hold after every kill:
//! - the quarters that are settled add up to the registers they lie between, to the watt-hour, and
//!   none has changed since it was first seen
//! - what is booked belongs to the memory beside it: settled quarters and the open one make the
//!   difference of the first and the last reading
//! - the samples are those that were handed in, without holes; missing are at most those of the
//!   open minute and of the transaction that was being written
//!
//! `HANPORT_KILLS` says how many kills (25 when it is not set).

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::print_stdout,
    clippy::panic,
    reason = "a test may stop where it is, and the child speaks through its output"
)]

mod bed;

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::mpsc;
use std::time::Duration;

use bed::{HandClock, Household, METER, START, noise, watts};
use hanport_core::quantity::{Measure, Quantity};
use hanport_engine::energy::{QuarterHour, Register, Standing};
use hanport_engine::outside::{Archive as _, History as _, Resolution};
use hanport_engine::time::UtcMillis;
use hanport_store::{Condition, Options, Store};
use jiff::tz::TimeZone;

const CHILD: &str = "HANPORT_KILL_CHILD";
const STEP_S: i64 = 10;
/// Messages of a minute, and those that may come while a transaction is being written.
const OPEN: i64 = 60 / STEP_S + 8;
/// A kill makes the meter unheard for this many messages.
const GAP: i64 = 3;

fn open(path: &Path, now_s: i64) -> Store {
    let clock = HandClock::at(START.plus(now_s * 1000));
    Store::open(path, Options::default(), clock).unwrap()
}

/// The child: hands in messages until it is killed.
fn child(argument: &str) {
    let (path, from_s) = argument.rsplit_once('@').unwrap();
    let from_s: i64 = from_s.parse().unwrap();
    let store = open(Path::new(path), from_s);
    let memory = store.memory(METER).unwrap().unwrap_or_default();
    let mut house = Household::new(STEP_S, memory);
    house.skip_to(from_s);
    let mut out = std::io::stdout().lock();
    loop {
        let now_s = house.now_s;
        store.keep(METER, house.next());
        writeln!(out, "sent {now_s}").unwrap();
        out.flush().unwrap();
        store.pace(usize::try_from(OPEN - 2).unwrap());
    }
}

/// Runs a child for a while, kills it and says which message it handed in last.
fn run_and_kill(path: &Path, from_s: i64, after: Duration) -> Option<i64> {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "nothing_settled_is_lost_or_doubled_by_kills", "--nocapture"])
        .env(CHILD, format!("{}@{from_s}", path.display()))
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let output = child.stdout.take().unwrap();
    let (sent, told) = mpsc::channel();
    let listener = std::thread::spawn(move || {
        for line in BufReader::new(output).lines().map_while(Result::ok) {
            if let Some(number) = line.split("sent ").nth(1).and_then(|n| n.trim().parse().ok()) {
                let number: i64 = number;
                if sent.send(number).is_err() {
                    return;
                }
            }
        }
    });
    // the time runs from the first message on: opening takes its own time
    let first = told.recv_timeout(Duration::from_secs(20)).ok();
    let mut last = first;
    let until = std::time::Instant::now() + after;
    while let Ok(number) =
        told.recv_timeout(until.saturating_duration_since(std::time::Instant::now()))
    {
        last = Some(number);
    }
    child.kill().unwrap();
    child.wait().unwrap();
    listener.join().unwrap();
    told.try_iter().last().or(last)
}

/// What was seen settled so far.
type Settled = BTreeMap<(Register, QuarterHour), i64>;

/// Compares the history with the truth; the last sample in it.
fn check(path: &Path, runs: &[(i64, i64)], settled: &mut Settled) {
    let &(from_s, sent_s) = runs.last().unwrap();
    let store = open(path, sent_s);
    assert_eq!(store.state().condition, Condition::Good);
    assert_eq!(store.state().rescue, None);
    let all = UtcMillis(0)..START.plus((sent_s + 86_400) * 1000);
    books(&store, &all, settled);
    // samples: all of those handed in until some message, in every run
    let power = [Quantity::total(Measure::ActiveImport)];
    let range = START.plus(from_s * 1000)..all.end;
    let series = store.series(METER, &power, range, Resolution::Raw, &TimeZone::UTC).unwrap();
    let found: Vec<(i64, i64)> = series[0]
        .points
        .iter()
        .map(|point| (point.at.since(START) / 1000, point.mean.mantissa))
        .collect();
    let kept = i64::try_from(found.len()).unwrap();
    let truth: Vec<(i64, i64)> =
        (0..kept).map(|n| (from_s + n * STEP_S, watts(from_s + n * STEP_S))).collect();
    assert_eq!(found, truth, "samples of the run from {from_s} s");
    let missing = (sent_s - from_s) / STEP_S + 1 - kept;
    assert!(missing <= OPEN, "{missing} messages are missing");
}

fn books(store: &Store, all: &std::ops::Range<UtcMillis>, settled: &mut Settled) {
    let Some(memory) = store.memory(METER).unwrap() else {
        assert!(settled.is_empty(), "the memory is gone");
        return;
    };
    for register in [Register::ActiveImport, Register::ReactiveExport] {
        let intervals = store.intervals(METER, register, all.clone()).unwrap();
        let now: Vec<_> =
            intervals.iter().filter(|i| i.standing == Standing::Settled).copied().collect();
        for (before, after) in now.iter().zip(now.iter().skip(1)) {
            assert_eq!(before.quarter.next(), after.quarter, "a quarter is lost");
        }
        for (key, wh) in settled.iter().filter(|((of, _), _)| *of == register) {
            let found = now.iter().find(|interval| interval.quarter == key.1);
            assert_eq!(found.map(|interval| interval.wh), Some(*wh), "{key:?} was settled");
        }
        settled.extend(now.iter().map(|interval| ((register, interval.quarter), interval.wh)));
        let readings = store.readings(METER, register, all.clone()).unwrap();
        let (Some(first), Some(running)) = (readings.first(), memory.ledger.running(register))
        else {
            continue;
        };
        let sum: i64 = now.iter().map(|interval| interval.wh).sum();
        let booked = memory.ledger.booked_wh(register);
        let counted = running.official().value.wh() - first.value.wh();
        assert_eq!(sum + booked, counted, "{register} at {}", running.official().at);
    }
}

#[test]
fn nothing_settled_is_lost_or_doubled_by_kills() {
    if let Ok(argument) = std::env::var(CHILD) {
        child(&argument);
        return;
    }
    let kills: i64 =
        std::env::var("HANPORT_KILLS").ok().and_then(|text| text.parse().ok()).unwrap_or(25);
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("history.db");
    let mut settled = Settled::new();
    let mut runs = Vec::new();
    let mut from_s = 0;
    let seed = i64::from(std::process::id());
    for kill in 0..kills {
        let after = Duration::from_micros(u64::try_from(noise(kill, seed) % 120_000).unwrap());
        let sent = run_and_kill(&path, from_s, after);
        let Some(sent_s) = sent else { panic!("the child of kill {kill} said nothing") };
        runs.push((from_s, sent_s));
        check(&path, &runs, &mut settled);
        // time goes on while nobody listens
        from_s = sent_s + GAP * STEP_S;
    }
    let messages: i64 = runs.iter().map(|(from, to)| (to - from) / STEP_S + 1).sum();
    println!("{kills} kills, {messages} messages, {} settled quarters", settled.len());
    assert!(!settled.is_empty());
}
