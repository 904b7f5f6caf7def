//! `hanport doctor`: what is wrong between a meter and its values, and what to do about it.
//!
//! [`examiner`] hears a port or a file, [`ask`] asks a service that runs, [`show`] is what both
//! say.

mod ask;
pub(crate) mod examiner;
pub(crate) mod show;

use std::io::{self, IsTerminal as _, Write as _};
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Context as _, bail};
use clap::ValueEnum;
use hanport_core::session::push::Options;
use hanport_engine::capture::Capture;
use hanport_engine::line::{Arrival, LineEvent, LineSettings};
use hanport_engine::time::UtcMillis;
use hanport_io::source::replay::{Input, Replay, Speed, Stamp};
use hanport_io::source::serial::{Lines, Which};
use hanport_io::source::{Serial, Setup, Source};
use hanport_io::{stop, terminal};
use serde_json::Value;

use crate::keys::KeyArgs;
use crate::listening::{Heard, listen, now};
use crate::live::Screen;
use crate::wrap::ENDLESS;
use crate::{input, scenario};
use ask::Service;
use examiner::Examiner;

/// Says what is wrong between a meter and its values, and what to do about it.
///
/// Listens to a port for a minute, looks at a recording or any capture, or asks a service that
/// runs. The layers are examined in their order: port, line, frames, key, list, values; the first
/// that does not work is where to begin.
#[derive(clap::Args)]
#[command(after_help = "Examples:
  hanport doctor /dev/ttyUSB0
  hanport doctor --for 5m --key 000102030405060708090A0B0C0D0E0F /dev/ttyUSB0
  hanport doctor capture.hex
  hanport doctor --url http://localhost:8080

A port that the service reads cannot be read twice: ask the service instead.

Exit status: 0 all is well, 2 something is wrong, 1 used wrongly or not possible.")]
pub(crate) struct Args {
    /// How long to listen to a port
    #[arg(long = "for", value_name = "DURATION", value_parser = scenario::duration, default_value = "1m")]
    length: Duration,
    /// How the port is set, such as 2400-8E1; found by itself where left out
    #[arg(long, value_name = "SETTINGS")]
    line: Option<LineSettings>,
    /// How to show what is found
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
    #[command(flatten)]
    keys: KeyArgs,
    /// Ask the service at this address
    #[arg(long, value_name = "URL", conflicts_with_all = ["place", "line"])]
    url: Option<Service>,
    /// Which meter of the service; the first where left out
    #[arg(long, value_name = "ID", requires = "url")]
    meter: Option<String>,
    /// A token of the service, where it wants one
    #[arg(long, value_name = "TOKEN", env = "HANPORT_TOKEN", hide_env_values = true)]
    token: Option<String>,
    /// The port or the file; - for standard input
    #[arg(value_name = "PORT|FILE", required_unless_present = "url")]
    place: Option<PathBuf>,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// An object
    Json,
    /// Sentences
    Text,
}

/// Runs the command.
pub(crate) fn run(args: &Args) -> anyhow::Result<ExitCode> {
    let (title, report) = match (&args.url, &args.place) {
        (Some(service), _) => {
            let (meter, report) = service.report(args.meter.as_deref(), args.token.as_deref())?;
            (format!("hanport doctor: meter {meter}"), report)
        }
        (None, Some(place)) => {
            let title = format!("hanport doctor: {}", place.display());
            let report = examine(args, place, &title)?;
            (title, report)
        }
        (None, None) => bail!("name a port or a file, or a service with --url"),
    };
    let mut out = io::stdout().lock();
    match args.format {
        Format::Json => writeln!(out, "{report}")?,
        Format::Text => {
            let width = terminal::size().map_or(ENDLESS, |(_, columns)| columns);
            out.write_all(show::text(&title, &report, width).as_bytes())?;
        }
    }
    Ok(if show::is_well(&report) { ExitCode::SUCCESS } else { ExitCode::from(2) })
}

fn examine(args: &Args, place: &Path, title: &str) -> anyhow::Result<Value> {
    let options = args.keys.options()?;
    let is_device = place.starts_with("/dev") || input::line(place).is_some();
    let report = if is_device {
        port(args, place, options, title)?
    } else {
        let octets = input::read(Some(place))?;
        if octets.starts_with(RECORDING.as_bytes()) {
            recording(place, &options)?
        } else {
            capture(&octets, options)
        }
    };
    Ok(show::document(&report))
}

/// How recordings with times begin.
const RECORDING: &str = "# hanport recording";

/// A capture without times: all of it as if it came now.
fn capture(octets: &[u8], options: Options) -> hanport_engine::doctor::Report {
    let at = now();
    let capture = Capture::recognise(octets);
    let mut examiner = Examiner::new(options, at).undated();
    let opened = format!("a capture: {}", capture.notation);
    examiner.handle(&Arrival::Event(at, LineEvent::Opened(opened)));
    for chunk in capture.chunks {
        examiner.handle(&Arrival::Octets(at, chunk));
        examiner.handle(&Arrival::Event(at, LineEvent::Pause));
    }
    examiner.report(at)
}

/// A recording, at the moment at which it ends.
fn recording(place: &Path, options: &Options) -> anyhow::Result<hanport_engine::doctor::Report> {
    let input =
        if place.as_os_str() == "-" { Input::Standard } else { Input::File(place.to_owned()) };
    let replay = Replay { input, repeat: false, speed: Speed::AtOnce, stamp: Stamp::Recorded };
    let mut examiner: Option<Examiner> = None;
    let mut last = UtcMillis::default();
    listen(vec![Source::Replay(replay)], None, |heard| {
        match heard {
            // the file itself is opened and closed now, not when it was recorded
            Heard::Arrival(_, Arrival::Event(_, LineEvent::Opened(_) | LineEvent::Closed(_)))
            | Heard::Ended(None)
            | Heard::Tick(_) => {}
            Heard::Arrival(_, Arrival::Event(_, LineEvent::Pause)) => {
                if let Some(examiner) = &mut examiner {
                    examiner.handle(&Arrival::Event(last, LineEvent::Pause));
                }
            }
            Heard::Arrival(_, arrival) => {
                let (Arrival::Event(at, _) | Arrival::Octets(at, _)) = &arrival;
                last = *at;
                let examiner = examiner.get_or_insert_with(|| Examiner::new(options.clone(), last));
                examiner.handle(&arrival);
            }
            Heard::Ended(Some(error)) => return Err(error.into()),
        }
        Ok(ControlFlow::Continue(()))
    })?;
    let examiner = examiner.with_context(|| format!("{} holds no octets", place.display()))?;
    Ok(examiner.report(last))
}

/// A port, as long as asked. On a terminal the layers are shown as they light up.
fn port(
    args: &Args,
    place: &Path,
    options: Options,
    title: &str,
) -> anyhow::Result<hanport_engine::doctor::Report> {
    stop::listen()?;
    let setup = match args.line {
        Some(settings) => Setup::Fixed(settings),
        None => Setup::Search(Box::new(options.clone())),
    };
    let which = Which::Path(place.to_owned());
    let source = Source::Serial(Serial { which, setup, lines: Lines::default() });
    let shown = io::stdout().is_terminal() && args.format == Format::Text;
    let mut screen = shown.then(Screen::default);
    let mut examiner = Examiner::new(options, now());
    let begun = now();
    listen(vec![source], Some(args.length), |heard| {
        match heard {
            Heard::Arrival(_, arrival) => examiner.handle(&arrival),
            Heard::Ended(Some(error)) => return Err(error.into()),
            Heard::Ended(None) => return Ok(ControlFlow::Break(())),
            Heard::Tick(at) => {
                examiner.tick(at);
                if let Some(screen) = &mut screen {
                    let report = show::document(&examiner.report(at));
                    let left = args
                        .length
                        .as_secs()
                        .saturating_sub(u64::try_from(at.since(begun) / 1000).unwrap_or(0));
                    let title = format!("{title}, {left} s to go");
                    screen.draw(&mut io::stdout().lock(), terminal::size(), |width| {
                        show::text(&title, &report, width)
                    })?;
                }
            }
        }
        Ok(ControlFlow::Continue(()))
    })?;
    if let Some(screen) = &mut screen {
        // what follows takes its place
        screen.draw(&mut io::stdout().lock(), terminal::size(), |_| String::new())?;
    }
    Ok(examiner.report(now()))
}
