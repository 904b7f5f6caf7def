//! `hanport simulate`: a meter that is not there.

use std::io::{self, IsTerminal as _, Write as _};
use std::path::PathBuf;
use std::process::ExitCode;
use std::str::FromStr;
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail};
use hanport_io::clock::Pace;
use hanport_io::outlet::{Flow, Outlet};
use hanport_io::pty::Pty;
use hanport_io::sink::Sink;
use hanport_io::stop;
use hanport_io::tcp::Clients;
use indicatif::{ProgressBar, ProgressStyle};

use crate::complain;
use crate::scenario::{self, ScenarioArgs, Source};

/// Simulates a household and its meter, and sends what the meter sends.
///
/// The port is a real pseudo-terminal unless another one is named; its path is printed on
/// standard output, and programs open it like a serial port. On a pseudo-terminal or over TCP,
/// octets that nobody takes are lost, as on a wire, unless the run is as fast as possible.
#[derive(clap::Args)]
#[command(after_help = "Examples:
  hanport simulate --list
  hanport simulate aidon-no
  hanport simulate aidon-no --port pty:/tmp/meter --speed 60
  hanport simulate aidon-no --port - --for 1h | hanport decode --format jsonl
  hanport simulate aidon-no --port day.bin --for 1d --seed 7

Ctrl-C ends it in good order: a link is taken away, the file is complete up to then.
Exit status: 0 done, 1 not possible or used wrongly.")]
pub(crate) struct Args {
    /// The meter, by its name in the list that --list shows
    #[arg(required_unless_present_any = ["list", "list_faults"])]
    meter: Option<String>,
    /// Shows the meters that can be simulated
    #[arg(long)]
    list: bool,
    /// Shows the things that can go wrong
    #[arg(long)]
    list_faults: bool,
    /// Where to: pty, pty:LINK (a symbolic link to it), tcp:ADDRESS:PORT, - or a file
    #[arg(long, value_name = "PORT", default_value = "pty")]
    port: Port,
    #[command(flatten)]
    scenario: ScenarioArgs,
}

#[derive(Clone, Debug)]
enum Port {
    File(PathBuf),
    Pty(Option<PathBuf>),
    Standard,
    Tcp(String),
}

impl FromStr for Port {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        Ok(match text.split_once(':') {
            Some(("pty", link)) if !link.is_empty() => Self::Pty(Some(link.into())),
            Some(("tcp", address)) if address.contains(':') => Self::Tcp(address.to_owned()),
            Some(("tcp", _)) => return Err("write it as tcp:127.0.0.1:2000".to_owned()),
            _ if text == "pty" => Self::Pty(None),
            _ if text == "-" => Self::Standard,
            _ => Self::File(text.into()),
        })
    }
}

impl Port {
    /// Whether somebody listens in real time.
    const fn is_live(&self) -> bool {
        matches!(self, Self::Pty(_) | Self::Tcp(_))
    }

    fn open(&self, flow: Flow) -> anyhow::Result<Box<dyn Outlet>> {
        Ok(match self {
            Self::File(path) => Box::new(
                Sink::create(path)
                    .with_context(|| format!("{} cannot be written", path.display()))?,
            ),
            Self::Pty(link) => {
                let mut pty = Pty::open(flow).context("no pseudo-terminal can be had")?;
                if let Some(link) = link {
                    pty.link(link).with_context(|| {
                        format!("{} cannot be made a link to it", link.display())
                    })?;
                }
                let path = link.as_deref().unwrap_or_else(|| pty.path());
                writeln!(io::stdout(), "{}", path.display())?;
                Box::new(pty)
            }
            Self::Standard => Box::new(Sink::live(io::stdout())),
            Self::Tcp(address) => {
                let clients = Clients::listen(address, flow)
                    .with_context(|| format!("{address} cannot be listened on"))?;
                writeln!(io::stdout(), "{}", clients.address()?)?;
                Box::new(clients)
            }
        })
    }
}

/// Runs the command.
pub(crate) fn run(args: &Args) -> anyhow::Result<ExitCode> {
    if args.list {
        scenario::list(&mut io::stdout())?;
        return Ok(ExitCode::SUCCESS);
    }
    if args.list_faults {
        scenario::list_faults(&mut io::stdout())?;
        return Ok(ExitCode::SUCCESS);
    }
    if matches!(args.port, Port::File(_)) && args.scenario.length.is_none() {
        bail!("a file needs an end: say how long with --for");
    }
    let usual = if args.port.is_live() { 1.0 } else { 0.0 };
    let speed = args.scenario.speed.unwrap_or(usual);
    let source = Source::new(args.meter.as_deref().unwrap_or(""), &args.scenario, speed)?;
    let flow = if speed > 0.0 { Flow::Wire } else { Flow::Wait };
    stop::listen()?;
    let mut outlet = args.port.open(flow)?;
    complain(&source.describe());
    if let Some(arguments) = source.key_arguments() {
        complain(&format!("read it with {arguments}"));
    }
    let pace = Pace::new(speed);
    let mut tally = Tally::new(args.scenario.length);
    for sending in source {
        if stop::asked() {
            break;
        }
        scenario::send(outlet.as_mut(), &pace, &sending)?;
        tally.add(sending.at, sending.octets.len(), outlet.lost());
    }
    outlet.finish()?;
    tally.finish();
    Ok(ExitCode::SUCCESS)
}

/// How far a run has come; shown where standard error is a terminal.
struct Tally {
    bar: ProgressBar,
    shown: Instant,
    start: Instant,
    messages: u64,
    octets: u64,
    lost: u64,
    simulated: Duration,
}

impl Tally {
    fn new(length: Option<Duration>) -> Self {
        let bar = if !io::stderr().is_terminal() {
            ProgressBar::hidden()
        } else if let Some(length) = length {
            ProgressBar::new(length.as_secs())
        } else {
            ProgressBar::new_spinner()
        };
        let style = if length.is_some() { "{bar:40} {msg}" } else { "{spinner} {msg}" };
        if let Ok(style) = ProgressStyle::with_template(style) {
            bar.set_style(style);
        }
        let now = Instant::now();
        Self {
            bar,
            shown: now,
            start: now,
            messages: 0,
            octets: 0,
            lost: 0,
            simulated: Duration::ZERO,
        }
    }

    fn add(&mut self, simulated: Duration, octets: usize, lost: u64) {
        self.messages += 1;
        self.octets += octets as u64;
        self.lost = lost;
        self.simulated = simulated;
        if self.shown.elapsed() > Duration::from_millis(100) {
            self.shown = Instant::now();
            self.bar.set_position(simulated.as_secs());
            self.bar.set_message(self.text());
        }
    }

    fn text(&self) -> String {
        let seconds = self.simulated.as_secs();
        let (days, hours, minutes) = (seconds / 86_400, seconds / 3600 % 24, seconds / 60 % 60);
        let lost = match self.lost {
            0 => String::new(),
            lost => format!(", {lost} octets not taken"),
        };
        let Self { messages, octets, .. } = self;
        format!(
            "{days} d {hours:02}:{minutes:02}:{:02} simulated, messages: {messages}, octets: \
             {octets}{lost}",
            seconds % 60
        )
    }

    fn finish(&self) {
        self.bar.finish_and_clear();
        complain(&format!("{} in {:.1?}", self.text(), self.start.elapsed()));
    }
}
