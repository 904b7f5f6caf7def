//! `hanport`: reads a European smart meter through its customer port.
//!
//! One file a subcommand; what several of them need stands beside: [`input`] (files and standard
//! input), [`keys`], [`message`] (what a session said, to be kept), and the renderings [`json`]
//! and [`table`].
//!
//! Exit status: 0 done (for `decode`: at least one reading), 1 used wrongly or not possible,
//! 2 nothing could be read.

mod advice;
mod backup;

mod agreement;
mod config;
mod config_command;
mod cost;
mod decode;
mod demo;
mod detect;
mod doctor;
mod explain;
mod export;
mod follow;
mod import;
mod input;
mod json;
mod keys;
mod listening;
mod live;
mod lock;
mod message;
mod office;

mod mqtt_watch;
mod others;
mod place;
mod price;
mod progress;
mod record;
mod run;
mod scenario;
mod service;
mod simulate;
mod table;
mod tariff;
mod watch;
mod wrap;

use std::io::{self, Write as _};
use std::process::ExitCode;

use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{Parser, Subcommand};

/// Reads a European smart meter through its customer port (HAN, P1, CII, M-Bus).
#[derive(Parser)]
#[command(name = "hanport", version, max_term_width = 100, arg_required_else_help = true)]
#[command(propagate_version = true)]
#[command(after_help = "Examples:
  hanport demo                    watch a simulated meter being read
  hanport decode capture.hex      the readings in a recording
  hanport explain capture.hex     what each octet of it means, or what is wrong
  hanport detect                  how the serial ports are set
  hanport doctor /dev/ttyUSB0     what is wrong, and what to do about it
  hanport price --area NO1        what energy costs today and tomorrow
  hanport cost --by day           what it cost, day by day
  hanport simulate aidon-no       a meter behind a pseudo-terminal

hanport COMMAND --help tells more.")]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    Backup(backup::Args),
    Config(config_command::Args),
    Cost(cost::Args),
    Decode(decode::Args),
    Demo(demo::Args),
    Detect(detect::Args),
    Doctor(doctor::Args),
    Record(record::Args),
    Run(run::Args),
    Watch(watch::Args),
    Explain(explain::Args),
    Mqtt(mqtt_watch::Args),
    Export(export::Args),
    Import(import::Args),
    Restore(backup::restore::Args),

    Price(price::Args),
    Simulate(simulate::Args),
    Tariff(tariff::Args),
}

fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => return refuse(&error),
    };
    let done = match cli.command {
        Command::Backup(args) => backup::run(&args),
        Command::Config(args) => config_command::run(&args),
        Command::Cost(args) => cost::run(&args),
        Command::Decode(args) => decode::run(&args),
        Command::Demo(args) => demo::run(&args),
        Command::Detect(args) => detect::run(&args),
        Command::Doctor(args) => doctor::run(&args),
        Command::Record(args) => record::run(&args),
        Command::Run(args) => run::run(&args),
        Command::Watch(args) => watch::run(&args),
        Command::Explain(args) => explain::run(&args),
        Command::Mqtt(args) => mqtt_watch::run(&args),
        Command::Export(args) => export::run(&args),
        Command::Import(args) => import::run(&args),
        Command::Restore(args) => backup::restore::run(&args),

        Command::Price(args) => price::run(&args),
        Command::Simulate(args) => simulate::run(&args),
        Command::Tariff(args) => tariff::run(&args),
    };
    done.unwrap_or_else(|error| fail(&error))
}

/// Help and version go to standard output; anything else is said on standard error.
fn refuse(error: &clap::Error) -> ExitCode {
    if matches!(error.kind(), ErrorKind::DisplayHelp | ErrorKind::DisplayVersion) {
        let _ = error.print();
        return ExitCode::SUCCESS;
    }
    // A key that was written with blanks and without quotation marks must not be repeated.
    let part_of_key = match error.get(ContextKind::InvalidArg) {
        Some(ContextValue::String(word)) => word.chars().all(|c| c.is_ascii_hexdigit()),
        _ => false,
    };
    if part_of_key {
        complain("a key with blanks in it needs quotation marks around it");
    } else {
        let _ = error.print();
    }
    ExitCode::from(1)
}

fn fail(error: &anyhow::Error) -> ExitCode {
    let closed = |cause: &(dyn std::error::Error + 'static)| {
        cause.downcast_ref::<io::Error>().is_some_and(|e| e.kind() == io::ErrorKind::BrokenPipe)
    };
    if error.chain().any(closed) {
        return ExitCode::SUCCESS;
    }
    complain(&format!("{error:#}"));
    ExitCode::from(1)
}

/// Says something on standard error; there is nobody to tell when that fails.
fn complain(text: &str) {
    let _ = writeln!(io::stderr(), "hanport: {text}");
}
