//! Time per decoded message: `cargo bench --package hanport-core --bench decode`.
//!
//! Times differ from machine to machine; the gate is `cargo xtask perf`, which counts
//! instructions of the same cases.
#![allow(missing_docs, reason = "a bench is no interface")]

mod cases;

use cases::{CASES, Case, decode};

fn main() {
    divan::main();
}

/// A message given whole.
#[divan::bench(args = CASES.iter().map(|case| case.name))]
fn whole(bencher: divan::Bencher<'_, '_>, name: &str) {
    let case = case(name);
    let mut session = case.session();
    bencher
        .counter(divan::counter::BytesCount::of_slice(case.octets))
        .bench_local(|| decode(&mut session, divan::black_box(case.octets)));
}

/// The same, octet by octet as a slow line gives it.
#[divan::bench(args = CASES.iter().map(|case| case.name))]
fn octet_by_octet(bencher: divan::Bencher<'_, '_>, name: &str) {
    let case = case(name);
    let mut session = case.session();
    bencher.counter(divan::counter::BytesCount::of_slice(case.octets)).bench_local(|| {
        let portions = divan::black_box(case.octets).chunks(1);
        portions.map(|octet| decode(&mut session, octet)).sum::<usize>()
    });
}

fn case(name: &str) -> &'static Case {
    CASES.iter().find(|case| case.name == name).unwrap_or(&CASES[0])
}
