//! `hanport decode`: the readings in a file.

use std::fs::File;
use std::io::{self, BufWriter, StdoutLock, Write as _};
use std::path::PathBuf;
use std::process::ExitCode;

use clap::ValueEnum;
use hanport_core::session::push::Options;
use hanport_engine::capture::{Capture, Notation};
use hanport_io::terminal;

use crate::follow::follow;
use crate::input::Input;
use crate::keys::KeyArgs;
use crate::message::{self, Message};
use crate::progress::Progress;
use crate::wrap::ENDLESS;
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
  stty -F /dev/ttyUSB0 2400 raw parenb && hanport decode /dev/ttyUSB0

Exit status: 0 at least one reading, 2 none, 1 used wrongly.")]
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
    let mut input = Input::open(args.file.as_deref())?;
    let mut octets = Vec::new();
    input.read(&mut octets, PIECE)?;
    let mut show = Show::new(args.format);
    if Capture::is_verbatim(&octets) {
        stream(&mut input, octets, &options, &mut show)?;
    } else {
        input.read(&mut octets, u64::MAX)?;
        let capture = Capture::recognise(&octets);
        remark(&capture, args.format);
        message::visit(&capture, &options, |message| show.message(&message))?;
    }
    let any = show.any;
    show.finish()?;
    Ok(if any { ExitCode::SUCCESS } else { ExitCode::from(2) })
}

/// Octets taken from the input at once.
const PIECE: u64 = 0x1_0000;

/// Shows the messages of an input that begins with `octets`, and holds no more of it than one
/// piece.
fn stream(
    input: &mut Input,
    mut octets: Vec<u8>,
    options: &Options,
    show: &mut Show,
) -> anyhow::Result<()> {
    let mut stream = message::Stream::new(options);
    let mut progress = Progress::new(input.size);
    while !octets.is_empty() {
        stream.feed(&octets, &mut |message| show.message(&message))?;
        progress.add(octets.len());
        octets.clear();
        input.read(&mut octets, PIECE)?;
    }
    stream.finish(&mut |message| show.message(&message))?;
    Ok(())
}

/// Says what the input was taken for, where that may surprise.
fn remark(capture: &Capture, format: Format) {
    match capture.notation {
        Notation::Empty => complain("the input is empty"),
        Notation::Prose => complain("the input is text without any octets in hexadecimal"),
        Notation::Binary | Notation::Hex | Notation::Json | Notation::Log | Notation::Telegram => {}
    }
    let found = !capture.chunks.is_empty();
    if found && format == Format::Table && capture.passed_over > 0 {
        complain(&format!(
            "taken for {}; {} characters passed over",
            capture.notation, capture.passed_over
        ));
    }
}

/// Where the messages of a capture are shown.
struct Show {
    format: Format,
    out: BufWriter<StdoutLock<'static>>,
    width: usize,
    document: json::Document,
    any: bool,
    gap: &'static str,
}

impl Show {
    fn new(format: Format) -> Self {
        Self {
            format,
            out: BufWriter::new(io::stdout().lock()),
            width: width(),
            document: json::Document::default(),
            any: false,
            gap: "",
        }
    }

    fn message(&mut self, message: &Message) -> io::Result<()> {
        self.any |= message.is_reading();
        match self.format {
            Format::Json => self.document.add(&mut self.out, message)?,
            Format::Jsonl => json::write_line(&mut self.out, message)?,
            Format::Table => {
                write!(self.out, "{}{}", self.gap, table::text(message, self.width))?;
            }
        }
        self.gap = "\n";
        Ok(())
    }

    fn finish(mut self) -> io::Result<()> {
        if self.format == Format::Json {
            self.document.finish(&mut self.out)?;
        }
        self.out.flush()
    }
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
            Format::Table => writeln!(out, "{}", table::text(&message, width()))?,
        }
        out.flush()
    })?;
    Ok(if any { ExitCode::SUCCESS } else { ExitCode::from(2) })
}

/// Of the terminal, if standard output is one.
fn width() -> usize {
    terminal::size().map_or(ENDLESS, |(_, columns)| columns)
}
