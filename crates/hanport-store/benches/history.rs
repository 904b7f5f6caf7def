//! What the history costs: octets written a day, octets on disk a year, time of a read.
//!
//! `cargo bench -p hanport-store --bench history` prints the figures; an argument `day` or `year`
//! does one part only. Octets written are those that the operating system counts for this process
//! (`write_bytes` of /proc/self/io), so the folder for temporary files has to lie on a disk.
#![allow(clippy::print_stdout, clippy::unwrap_used, reason = "it prints the figures, and may stop")]

#[path = "../tests/bed/mod.rs"]
mod bed;

use std::time::Instant;

use bed::{Bed, Household, METER, START};
use hanport_core::quantity::{Measure, Quantity};
use hanport_engine::energy::Register;
use hanport_engine::outside::{Archive as _, History as _, Resolution};
use hanport_engine::state::Memory;
use hanport_store::Store;
use jiff::tz::TimeZone;

fn main() {
    let wanted: Vec<String> =
        std::env::args().skip(1).filter(|word| !word.starts_with('-')).collect();
    let does = |part: &str| wanted.is_empty() || wanted.iter().any(|word| word == part);
    if does("day") {
        day(false);
        day(true);
    }
    if does("year") {
        year();
    }
}

/// Octets that this process had written to disk, by the operating system's counter.
fn written() -> u64 {
    let text = std::fs::read_to_string("/proc/self/io").unwrap();
    let line = text.lines().find_map(|line| line.strip_prefix("write_bytes: ")).unwrap();
    line.parse().unwrap()
}

/// A day at one telegram a second, a transaction a minute.
fn day(wide: bool) {
    let bed = Bed::new();
    let store = bed.open();
    let mut house = Household::new(1, Memory::default());
    house.wide = wide;
    let before = written();
    let started = Instant::now();
    for _ in 0..86_400 {
        store.keep(METER, house.next());
        store.pace(60);
    }
    store.flush().unwrap();
    let (octets, commits) = (written() - before, store.state().commits);
    println!(
        "a day at 1 telegram/s, {} values: {:.1} MB written in {commits} transactions ({} octets each), {:.1} s",
        if wide { 30 } else { 15 },
        mega(octets),
        octets / commits,
        started.elapsed().as_secs_f64(),
    );
    store.close();
    println!("  file {:.1} MB", mega(std::fs::metadata(bed.path()).unwrap().len()));
}

fn mega(octets: u64) -> f64 {
    f64::from(u32::try_from(octets / 1000).unwrap()) / 1000.0
}

/// A year at one telegram in ten seconds.
fn year() {
    let bed = Bed::new();
    let store = bed.open();
    let mut house = Household::new(10, Memory::default());
    let started = Instant::now();
    for day in 0..365 {
        for _ in 0..8640 {
            store.keep(METER, house.next());
            store.pace(50_000);
        }
        bed.clock.set(START.plus((day + 1) * 86_400_000));
    }
    store.flush().unwrap();
    println!("a year at 10 s, 15 values: {:.1} s", started.elapsed().as_secs_f64());
    assert_eq!(store.state().given_up, 0);
    store.close();
    println!("  file {:.1} MB", mega(std::fs::metadata(bed.path()).unwrap().len()));
    let started = Instant::now();
    let store = bed.open();
    println!("  open {:.1} ms", milli(started));
    reads(&store);
}

fn milli(since: Instant) -> f64 {
    since.elapsed().as_secs_f64() * 1000.0
}

fn reads(store: &Store) {
    const DAY: i64 = 86_400_000;
    let zone = TimeZone::get("Europe/Oslo").unwrap();
    let power = [Quantity::total(Measure::ActiveImport)];
    let all = store.quantities(METER, START..START.plus(365 * DAY)).unwrap();
    for (name, quantities) in [("one quantity", &power[..]), ("15 quantities", &all)] {
        for (range, days_ms) in [
            ("3 hours", DAY / 8),
            ("a day", DAY),
            ("16 days", 16 * DAY),
            ("62 days", 62 * DAY),
            ("a year", 365 * DAY),
        ] {
            let resolution = Resolution::natural(days_ms);
            let from = START.plus(365 * DAY - days_ms);
            let started = Instant::now();
            let series =
                store.series(METER, quantities, from..from.plus(days_ms), resolution, &zone);
            let points: usize = series.unwrap().iter().map(|one| one.points.len()).sum();
            println!(
                "  {range} of {name} by {}: {points} points, {:.1} ms",
                resolution.name(),
                milli(started)
            );
        }
    }
    let started = Instant::now();
    let range = START..START.plus(365 * DAY);
    let quarters = store.intervals(METER, Register::ActiveImport, range).unwrap();
    println!("  {} quarters of a register: {:.1} ms", quarters.len(), milli(started));
}
