//! What the history costs: octets written a day, octets on disk a year, time of a read.
//!
//! `cargo bench -p hanport-store --bench history` prints the figures; an argument `day`, `fleet`
//! or `year` does one part only. Octets written are those that the operating system counts for this process
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
    if does("fleet") {
        fleet();
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
    let range = START.plus(75_600_000)..START.plus(86_400_000);
    for count in [1, usize::MAX] {
        let mut quantities = store.quantities(METER, range.clone()).unwrap();
        quantities.truncate(count);
        let watch = Watch::start();
        let series =
            store.series(METER, &quantities, range.clone(), Resolution::Raw, &TimeZone::UTC);
        let points: usize = series.unwrap().iter().map(|one| one.points.len()).sum();
        println!("  the last 3 hours of {}: {points} points, {}", quantities.len(), watch.text());
    }
    store.close();
    println!("  file {:.1} MB", mega(std::fs::metadata(bed.path()).unwrap().len()));
}

fn mega(octets: u64) -> f64 {
    f64::from(u32::try_from(octets / 1000).unwrap()) / 1000.0
}

/// Ten minutes of ten thousand meters, each at one telegram in ten seconds.
fn fleet() {
    const METERS: usize = 10_000;
    const ROUNDS: u64 = 60;
    let bed = Bed::new();
    let store = bed.open();
    let names: Vec<String> = (0..METERS).map(|number| format!("meter-{number}")).collect();
    let mut house = Household::new(10, Memory::default());
    let before = written();
    let started = Instant::now();
    let busy = process_ms();
    for _ in 0..ROUNDS {
        let record = house.next();
        for name in &names {
            store.keep(name, record.clone());
            store.pace(100_000);
        }
    }
    store.flush().unwrap();
    let busy = process_ms() - busy;
    println!(
        "10 000 meters for 10 minutes: {:.1} s, {busy} ms busy ({} us a telegram), {:.1} MB written in {} transactions, {} given up",
        started.elapsed().as_secs_f64(),
        busy * 1000 / (ROUNDS * u64::try_from(METERS).unwrap()),
        mega(written() - before),
        store.state().commits,
        store.state().given_up,
    );
}

/// Time of this process on processors, in milliseconds.
fn process_ms() -> u64 {
    let text = std::fs::read_to_string("/proc/self/stat").unwrap();
    let fields = text.rsplit(')').next().unwrap().split_whitespace();
    // user and system time, in hundredths of a second
    fields.skip(11).take(2).map(|field| field.parse::<u64>().unwrap() * 10).sum()
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
    let watch = Watch::start();
    let store = bed.open();
    println!("  open {}", watch.text());
    reads(&store);
}

/// Time on the clock, and time of this thread on a processor: others may want the machine too.
struct Watch(Instant, u64);

impl Watch {
    fn start() -> Self {
        Self(Instant::now(), busy_us())
    }

    fn text(&self) -> String {
        let busy = f64::from(u32::try_from(busy_us() - self.1).unwrap()) / 1000.0;
        format!("{:.1} ms ({busy:.1} ms busy)", self.0.elapsed().as_secs_f64() * 1000.0)
    }
}

fn busy_us() -> u64 {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap();
    let nanoseconds: u64 = text.split(' ').next().unwrap().parse().unwrap();
    nanoseconds / 1000
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
            let watch = Watch::start();
            let series =
                store.series(METER, quantities, from..from.plus(days_ms), resolution, &zone);
            let points: usize = series.unwrap().iter().map(|one| one.points.len()).sum();
            println!(
                "  {range} of {name} by {}: {points} points, {}",
                resolution.name(),
                watch.text()
            );
        }
    }
    let watch = Watch::start();
    let range = START..START.plus(365 * DAY);
    let quarters = store.intervals(METER, Register::ActiveImport, range).unwrap();
    println!("  {} quarters of a register: {}", quarters.len(), watch.text());
}
