//! How many octets go to the disk. Counts, no times; the benchmark `history` measures whole days.

#![allow(clippy::unwrap_used, reason = "a test may stop where it is")]
#![cfg(target_os = "linux")]

mod bed;

use bed::{Bed, Household, METER};
use hanport_engine::outside::Archive as _;
use hanport_engine::state::Memory;
use rusqlite::Connection;

/// Octets that this process has handed to the operating system to be written. No other test runs
/// in it.
fn handed_over() -> i64 {
    let text = std::fs::read_to_string("/proc/self/io").unwrap();
    let line = text.lines().find_map(|line| line.strip_prefix("wchar: ")).unwrap();
    line.parse().unwrap()
}

#[test]
fn a_telegram_a_second_writes_less_than_fifty_megabytes_a_day() {
    const HOURS: i64 = 2;
    let bed = Bed::new();
    let store = bed.open();
    let mut house = Household::new(1, Memory::default());
    house.wide = true;
    let before = handed_over();
    for _ in 0..HOURS * 3600 {
        store.keep(METER, house.next());
        store.pace(60);
    }
    store.close();
    let a_day = (handed_over() - before) * 24 / HOURS;
    let commits = store.state().commits;
    assert!((110..150).contains(&commits), "{commits} transactions");
    assert!(a_day < 45_000_000, "{a_day} octets a day");

    // what stays: fifteen values every ten seconds
    let bed = Bed::new();
    let store = bed.open();
    let mut house = Household::new(10, Memory::default());
    let messages = 12 * 360;
    for _ in 0..messages {
        store.keep(METER, house.next());
    }
    // a few hours are packed after each transaction
    for _ in 0..40 {
        store.flush().unwrap();
    }
    store.close();
    let file = Connection::open(bed.path()).unwrap();
    let octets = |sql: &str| -> i64 { file.query_row(sql, [], |row| row.get(0)).unwrap() };
    let samples = octets("SELECT sum(length(packed)) FROM sample");
    let hours = octets("SELECT count(DISTINCT key >> 40) FROM sample");
    let a_message = samples / (hours * 360);
    assert!(hours >= 10 && a_message <= 12, "{a_message} octets a message in {hours} hours");
    let a_minute = octets("SELECT sum(length(packed)) FROM minute") / (hours * 60);
    assert!(a_minute <= 60, "{a_minute} octets a minute");
    let memory = octets("SELECT length(memory) FROM meter");
    assert!(memory < 2000, "a memory of {memory} octets does not fit into half a page");
}
