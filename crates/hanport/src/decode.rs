//! `hanport decode`: the readings in a file.

use std::fs::File;
use std::io::{self, BufWriter, Write as _};
use std::path::PathBuf;
use std::process::ExitCode;

use clap::ValueEnum;
use hanport_core::session::push::Options;
use hanport_engine::capture::{Capture, Notation};

use crate::follow::follow;
use crate::keys::KeyArgs;
use crate::message;
use crate::{complain, input, json, table};

/// Shows the readings in a capture, or says why there are none.
///
/// The input may be the octets themselves, hexadecimal text in any notation, a log or dump with
/// octets in its lines, JSON, or a text telegram; which of these it is, and how the messages are
/// framed, is found out. The exit status is 0 when there is at least one reading and 2 when
/// there is none.
///
/// A terminal device (a serial port, a pseudo-terminal) is read as it speaks, with the settings
/// it has, until it is gone; then JSON comes one object a line.
#[derive(clap::Args)]
#[command(after_help = "Examples:
  hanport decode frame.hex
  hanport decode --format json --key 000102030405060708090A0B0C0D0E0F capture.bin
  grep '(V)' reader.log | hanport decode --format jsonl
  stty -F /dev/ttyUSB0 2400 raw parenb && hanport decode /dev/ttyUSB0")]
pub(crate) struct Args {
    /// How to show the readings
    #[arg(long, value_enum, default_value_t = Format::Table)]
    format: Format,
    #[command(flatten)]
    keys: KeyArgs,
    /// The capture; standard input where it is left out or -
    file: Option<PathBuf>,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// One object, or an array of several
    Json,
    /// One object a line
    Jsonl,
    /// For people
    Table,
}

/// Runs the command.
pub(crate) fn run(args: &Args) -> anyhow::Result<ExitCode> {
    let options = args.keys.options()?;
    if let Some(port) = args.file.as_deref().and_then(input::line) {
        return follow_line(port?, options, args.format);
    }
    let octets = input::read(args.file.as_deref())?;
    let capture = Capture::recognise(&octets);
    match capture.notation {
        Notation::Empty => complain("the input is empty"),
        Notation::Prose => complain("the input is text without any octets in hexadecimal"),
        Notation::Binary | Notation::Hex | Notation::Json | Notation::Log | Notation::Telegram => {}
    }
    if args.format == Format::Table && capture.passed_over > 0 {
        complain(&format!(
            "taken for {}; {} characters passed over",
            capture.notation, capture.passed_over
        ));
    }
    let mut any = false;
    let mut whole = Vec::new();
    let mut gap = "";
    let mut out = BufWriter::new(io::stdout().lock());
    message::visit(&capture, &options, |message| {
        any |= message.is_reading();
        match args.format {
            // Whether it is one object or an array is known at the end.
            Format::Json => whole.push(message),
            Format::Jsonl => json::write_line(&mut out, &message)?,
            Format::Table => write!(out, "{gap}{}", table::text(&message))?,
        }
        gap = "\n";
        io::Result::Ok(())
    })?;
    if args.format == Format::Json {
        json::write(&mut out, &whole)?;
    }
    out.flush()?;
    Ok(if any { ExitCode::SUCCESS } else { ExitCode::from(2) })
}

/// Shows each message as it comes.
fn follow_line(port: File, options: Options, format: Format) -> anyhow::Result<ExitCode> {
    let mut any = false;
    follow(port, options, |message| {
        let Some(message) = message.filter(|message| !message.is_junk()) else {
            return Ok(());
        };
        any |= message.is_reading();
        let mut out = io::stdout().lock();
        match format {
            Format::Json | Format::Jsonl => json::write_line(&mut out, &message)?,
            Format::Table => writeln!(out, "{}", table::text(&message))?,
        }
        out.flush()
    })?;
    Ok(if any { ExitCode::SUCCESS } else { ExitCode::from(2) })
}
