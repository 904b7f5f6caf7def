//! Time per decoded message: `cargo bench --package hanport-sim --bench decode`.
//!
//! Times differ from machine to machine; the gate is `cargo xtask perf`, which counts
//! instructions of the same cases.
#![allow(missing_docs, reason = "a bench is no interface")]
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a bench that cannot make its message is to stop"
)]

mod cases;

use std::time::Duration;

use cases::{Bench, CASES, Case};
use hanport_core::session::push::{Event, Options};
use hanport_sim::scenario::Scenario;
use hanport_sim::simulation::Simulation;

fn main() {
    divan::main();
}

/// One message, whole or octet by octet as a slow line gives it.
#[divan::bench(args = CASES.iter().map(|case| case.name))]
fn message(bencher: divan::Bencher<'_, '_>, name: &str) {
    let case = case(name);
    let octets = case.octets();
    let mut session = case.session();
    bencher
        .counter(divan::counter::BytesCount::of_slice(&octets))
        .bench_local(|| case.decode(&mut session, divan::black_box(&octets)));
}

/// What an Aidon sends in a day: a message every 2.5 s.
const MESSAGES_A_DAY: usize = 34_560;

/// A day of a Norwegian meter, from the house to the readings, on one core.
#[divan::bench(sample_count = 5, sample_size = 1)]
fn day() -> usize {
    let scenario = Scenario::new("aidon-no", 7, "2024-01-15T00:00:00").expect("the meter exists");
    let scenario = scenario.lasting(Duration::from_hours(24));
    let mut session = Bench::new(Options::default());
    let (mut messages, mut readings) = (0, 0);
    for record in Simulation::new(&scenario) {
        messages += 1;
        let mut rest = &record.bytes[..];
        while let Some(event) = session.poll(&mut rest) {
            readings += usize::from(matches!(event, Event::Reading(_)));
        }
    }
    assert_eq!((messages, readings), (MESSAGES_A_DAY, MESSAGES_A_DAY));
    readings
}

fn case(name: &str) -> &'static Case {
    CASES.iter().find(|case| case.name == name).unwrap_or(&CASES[0])
}
