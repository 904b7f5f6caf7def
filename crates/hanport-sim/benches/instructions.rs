//! The loop whose instructions `cargo xtask perf` counts.
//!
//! `instructions --list` names the cases and their bars; `instructions CASE ROUNDS` decodes the
//! message that many times and does nothing else that depends on the number.
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a program for another program")]

mod cases;

use std::hint::black_box;
use std::process::ExitCode;

use cases::CASES;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.as_slice() {
        [list] if list == "--list" => {
            for case in CASES {
                println!("{} {}", case.name, case.bar);
            }
            ExitCode::SUCCESS
        }
        [name, rounds] => {
            let case = CASES.iter().find(|case| case.name == name.as_str());
            let (Some(case), Ok(rounds)) = (case, rounds.parse::<u64>()) else {
                eprintln!("there is no such case, or `{rounds}` is no number");
                return ExitCode::FAILURE;
            };
            let octets = case.octets();
            let mut session = case.session();
            for _ in 0..rounds {
                black_box(case.decode(&mut session, black_box(&octets)));
            }
            ExitCode::SUCCESS
        }
        // what `cargo bench` without a case passes
        _ => ExitCode::SUCCESS,
    }
}
