//! `hanport record`: what comes from a port, with its times, into a file.

use std::fmt;
use std::io::{self, Write as _};
use std::ops::ControlFlow;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use anyhow::Context as _;
use hanport_core::session::push::{Event, Options, Session};
use hanport_engine::line::{Arrival, LineEvent, LineSettings};
use hanport_io::record::Recorder;
use hanport_io::stop;
use indicatif::{ProgressBar, ProgressStyle};

use crate::listening::{Heard, listen, named};
use crate::message::LONGEST;
use crate::scenario;

/// Writes what comes from a port into a file, each portion with the time at which it came.
///
/// The file is text: `hanport decode FILE` and `hanport explain FILE` read it, and a meter of the
/// configuration can play it (`source.kind = "file"`). A file that is there is continued.
#[derive(clap::Args)]
#[command(after_help = "Examples:
  hanport record /dev/ttyUSB0 meter.txt --for 10m
  hanport record tcp:192.168.1.20:2001 meter.txt

Octets are written as they come, still ciphered where the meter enciphers. They tell the number
of the meter and what the household uses.
Exit status: 0 done, 1 not possible or used wrongly, 2 nothing came.")]
pub(crate) struct Args {
    /// A serial port, or tcp:HOST:PORT
    #[arg(value_name = "PORT")]
    port: String,
    /// The file
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// How the serial line is set, like "2400 8E1"; found out where left out
    #[arg(long, value_name = "LINE")]
    line: Option<LineSettings>,
    /// How long: 90s, 10m, 2h; until Ctrl-C where left out
    #[arg(long = "for", value_name = "DURATION", value_parser = scenario::duration)]
    length: Option<Duration>,
}

/// Runs the command.
pub(crate) fn run(args: &Args) -> anyhow::Result<ExitCode> {
    let file = args.file.display();
    let source = named(&args.port, args.line, Options::default())?;
    let mut recorder =
        Recorder::append(&args.file).with_context(|| format!("{file} cannot be written"))?;
    stop::listen()?;
    let mut tally = Tally::default();
    let mut session = Box::new(Session::<LONGEST>::new(Options::default()));
    let bar = bar()?;
    listen(vec![source], args.length, |heard| {
        match heard {
            Heard::Arrival(_, arrival) => {
                recorder.write(&arrival).with_context(|| format!("{file} cannot be written"))?;
                tally.take(&arrival, &mut session, &bar);
            }
            Heard::Ended(Some(error)) => return Err(error.into()),
            Heard::Ended(None) => {}
            Heard::Tick(_) => bar.tick(),
        }
        Ok(ControlFlow::Continue(()))
    })?;
    recorder.flush().with_context(|| format!("{file} cannot be written"))?;
    bar.finish_and_clear();
    writeln!(io::stdout(), "{file}: {tally}")?;
    Ok(ExitCode::from(if tally.octets == 0 { 2 } else { 0 }))
}

/// What came.
#[derive(Default)]
struct Tally {
    octets: usize,
    messages: u64,
    faults: u64,
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { octets, messages, faults } = self;
        write!(f, "{octets} octets, {messages} messages, {faults} faults")
    }
}

impl Tally {
    fn take(&mut self, arrival: &Arrival, session: &mut Session<LONGEST>, bar: &ProgressBar) {
        match arrival {
            Arrival::Octets(_, octets) => {
                self.octets += octets.len();
                let mut rest = &octets[..];
                while let Some(event) = session.poll(&mut rest) {
                    match event {
                        Event::Fault(_) => self.faults += 1,
                        Event::Reading(_) => self.messages += 1,
                    }
                }
            }
            Arrival::Event(_, event) => tell(event, bar),
        }
        bar.set_message(self.to_string());
    }
}

fn tell(event: &LineEvent, bar: &ProgressBar) {
    match event {
        LineEvent::Closed(why) => bar.println(format!("closed: {why}")),
        LineEvent::Opened(what) => bar.println(format!("reading {what}")),
        LineEvent::Settings(settings, true) => bar.println(format!("the line is {settings}")),
        LineEvent::Settings(settings, false) => bar.println(format!("trying {settings}")),
        LineEvent::Dropped(_) | LineEvent::Errors(_) | LineEvent::Pause => {}
    }
}

fn bar() -> anyhow::Result<ProgressBar> {
    let bar = ProgressBar::new_spinner();
    bar.set_style(ProgressStyle::with_template("{spinner} {msg}").context("no bar")?);
    Ok(bar)
}
