//! The project's own commands, started as `cargo xtask COMMAND`.
//!
//! | file | what |
//! |---|---|
//! | `machine.rs` | what a machine needs, and its installation |
//! | `steps.rs` | running a step: its name, its time, what to do when it fails |
//! | `closing.rs` | the closing lines of test runners, and their sum |
//! | `suite.rs` | the gates and the tests, in order |
//! | `nostd.rs` | the proof that the core needs no standard library |
//! | `tidy/` | rules about the sources that no compiler checks |
//! | `page.rs` | the page, built with Node |
//! | `perf.rs` | instruction counts against stored numbers |
//! | `fuzzing.rs` | the fuzz targets, one after the other |
//! | `coverage.rs` | line coverage of the core |
//! | `soak.rs` | a million messages through noise |
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "talking is the job of this program")]
#![allow(clippy::indexing_slicing, reason = "indexing JSON gives null, and no wire is read here")]

mod closing;
mod coverage;
mod fuzzing;
mod home_assistant;
mod machine;
mod nostd;
mod page;
mod perf;
mod soak;
mod steps;
mod suite;
mod tidy;

use std::process::ExitCode;

use crate::machine::Task;
use crate::steps::Stop;

const HELP: &str = "\
usage: cargo xtask COMMAND

  demo [ARGUMENTS]         set the machine up, build hanport, start `hanport demo ARGUMENTS`
  test [--quick] [--full]  set the machine up, run every gate and every test
                           --quick: format, clippy and tests only
                           --full: first install the cargo tools that are missing (minutes)
  check                    the gates without the tests
  nostd                    the proof that the core needs neither std nor alloc
  tidy                     the rules about the sources that no compiler checks
  perf [--store] [CASE]    instructions per decoded message against the stored numbers
  fuzz [--minutes N] [TARGET]
                           run the fuzz targets one after the other (10 minutes each)
  coverage [--lines]       line coverage of hanport-core; --lines shows what is not covered
  soak [--frames N]        a million simulated messages through bit errors of 1e-5
  home-assistant           a real Home Assistant as a client (10 minutes, half a gigabyte)
  setup                    say what the machine lacks, install it, and build the page
";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let Some((command, rest)) = arguments.split_first() else {
        print!("{HELP}");
        return ExitCode::from(1);
    };
    let outcome = match command.as_str() {
        "demo" => demo(rest),
        "test" => suite::test(rest),
        "check" => suite::check(rest),
        "nostd" => {
            nostd::prove().map_err(|why| Stop::failed("nostd", why, "look for a default feature"))
        }
        "tidy" => tidy::run(),
        "perf" => perf::run(rest),
        "fuzz" => fuzzing::run(rest),
        "coverage" => coverage::run(rest),
        "soak" => soak::run(rest),
        "home-assistant" => home_assistant::run(rest),
        "setup" => setup(),
        "help" | "--help" | "-h" => {
            print!("{HELP}");
            Ok(())
        }
        other => Err(Stop::usage(format!("there is no command `{other}`\n\n{HELP}"))),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(stop) => {
            stop.tell();
            ExitCode::FAILURE
        }
    }
}

/// Everything that other commands do before their work.
fn setup() -> Result<(), Stop> {
    machine::set_up(&[Task::Demo, Task::Test, Task::Perf, Task::Fuzz, Task::Coverage])?;
    if let Err(why) = page::build() {
        why.tell();
    }
    Ok(())
}

/// Builds the program in release and starts its demonstration; `cargo run` puts the program in
/// its own place, so that signals reach it.
fn demo(arguments: &[String]) -> Result<(), Stop> {
    use std::os::unix::process::CommandExt as _;

    machine::set_up(&[Task::Demo])?;
    if let Err(why) = page::build() {
        why.tell();
    }
    println!("Building hanport (release); the first time this takes a minute or two.");
    let mut build = steps::cargo(&["build", "--release", "--package", "hanport"]);
    steps::run(&mut build).map_err(|why| {
        Stop::failed("build", why, "see the compiler's message above; `cargo xtask check` helps")
    })?;
    let mut start = steps::cargo(&["run", "--release", "--quiet", "--package", "hanport", "--"]);
    let why = start.arg("demo").args(arguments).exec();
    Err(Stop::failed("demo", why.to_string(), "is cargo on the PATH?"))
}
