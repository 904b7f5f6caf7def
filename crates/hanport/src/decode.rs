//! `hanport decode`: the readings in a file.

use std::io::{self, BufWriter, Write as _};
use std::path::PathBuf;
use std::process::ExitCode;

use clap::ValueEnum;
use hanport_engine::capture::{Capture, Notation};

use crate::keys::KeyArgs;
use crate::message::{self, Message};
use crate::{complain, input, json, table};

/// Shows the readings in a capture, or says why there are none.
///
/// The input may be the octets themselves, hexadecimal text in any notation, a log or dump with
/// octets in its lines, JSON, or a text telegram; which of these it is, and how the messages are
/// framed, is found out. The exit status is 0 when there is at least one reading and 2 when
/// there is none.
#[derive(clap::Args)]
#[command(after_help = "Examples:
  hanport decode frame.hex
  hanport decode --format json --key 000102030405060708090A0B0C0D0E0F capture.bin
  grep '(V)' reader.log | hanport decode --format jsonl")]
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
    let octets = input::read(args.file.as_deref())?;
    let capture = Capture::recognise(&octets);
    match capture.notation {
        Notation::Empty => complain("the input is empty"),
        Notation::Prose => complain("the input is text without any octets in hexadecimal"),
        Notation::Binary | Notation::Hex | Notation::Json | Notation::Log | Notation::Telegram => {}
    }
    let messages = message::all(&capture, &options);
    let mut out = BufWriter::new(io::stdout().lock());
    match args.format {
        Format::Json => json::write(&mut out, &messages)?,
        Format::Jsonl => {
            for message in &messages {
                json::write_line(&mut out, message)?;
            }
        }
        Format::Table => {
            if capture.passed_over > 0 {
                complain(&format!(
                    "taken for {}; {} characters passed over",
                    capture.notation, capture.passed_over
                ));
            }
            table::write(&mut out, &messages)?;
        }
    }
    out.flush()?;
    Ok(if messages.iter().any(Message::is_reading) { ExitCode::SUCCESS } else { ExitCode::from(2) })
}
