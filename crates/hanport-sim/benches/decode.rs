//! Time per decoded message: `cargo bench --package hanport-sim --bench decode`.
//!
//! Times differ from machine to machine; the gate is `cargo xtask perf`, which counts
//! instructions of the same cases.
#![allow(missing_docs, clippy::indexing_slicing, reason = "a bench is no interface")]

mod cases;

use cases::{CASES, Case};

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

fn case(name: &str) -> &'static Case {
    CASES.iter().find(|case| case.name == name).unwrap_or(&CASES[0])
}
