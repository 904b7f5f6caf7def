//! The noise soak: `cargo xtask soak`, or this program with the number of messages.
//!
//! A line a meter: messages sent, damaged, read, lost although undamaged, and readings that say
//! anything else than what was sent; and the memory of the process before and after.
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a program for people")]
#![allow(clippy::expect_used, reason = "a bench may stop where it is")]

#[path = "../tests/noise/mod.rs"]
mod noise;
#[path = "../tests/reader/mod.rs"]
mod reader;

use std::process::ExitCode;
use std::time::Instant;

use hanport_sim::meter::personality;

use noise::{Figures, soak};

/// One of each framing, guard and way of ciphering.
const METERS: &[&str] = &[
    "aidon-no",
    "kaifa-no",
    "kamstrup-no",
    "kamstrup-dk",
    "lg-ch",
    "iskra-hr",
    "sagemcom-at-p1",
    "dsmr5-nl",
    "smarty-lu",
    "sml-de",
];
/// Guarded by an eight-bit sum only: two wrong bits of opposite direction in the same place of
/// two octets leave it as it was.
const WEAK: &[&str] = &["kaifa-at-noe"];

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    // `cargo bench` adds a word of its own
    let Some(messages) = arguments.iter().find_map(|word| word.parse::<usize>().ok()) else {
        // what `cargo bench` without a number passes
        return ExitCode::SUCCESS;
    };
    let begin = Instant::now();
    println!(
        "{:<16} {:>9} {:>8} {:>9} {:>6} {:>6} {:>8}",
        "meter", "sent", "damaged", "read", "lost", "wrong", "faults"
    );
    // what the first messages touch counts as before
    let _ = soak(personality("aidon-no").expect("the meter exists"), 1000);
    let before = resident_kb();
    let share = messages.div_ceil(METERS.len());
    let sum = METERS.iter().fold(Figures::default(), |sum, name| sum.and(one(name, share)));
    show("sum", sum);
    let after = resident_kb();
    println!("resident memory: {before} kB before, {after} kB after");
    println!("\nan eight-bit sum promises less:");
    for name in WEAK {
        one(name, share);
    }
    println!("{} s", begin.elapsed().as_secs());
    if sum.wrong == 0 && sum.lost == 0 && after < before + 1024 {
        ExitCode::SUCCESS
    } else {
        eprintln!("a value was read that was not sent, or a good message was lost, or memory grew");
        ExitCode::FAILURE
    }
}

fn one(name: &str, messages: usize) -> Figures {
    let figures = soak(personality(name).expect("the meter exists"), messages);
    show(name, figures);
    figures
}

fn show(name: &str, figures: Figures) {
    let Figures { sent, damaged, read, wrong, lost, faults } = figures;
    println!("{name:<16} {sent:>9} {damaged:>8} {read:>9} {lost:>6} {wrong:>6} {faults:>8}");
}

/// Resident memory of this process in kB, from `/proc/self/statm` (pages of 4 kB).
fn resident_kb() -> u64 {
    let statm = std::fs::read_to_string("/proc/self/statm").unwrap_or_default();
    let pages = statm.split(' ').nth(1).and_then(|pages| pages.parse::<u64>().ok());
    pages.unwrap_or(0) * 4
}
