//! `hanport demo`: a simulated meter behind a real pseudo-terminal, read as a real one would be.

use std::io::{self, IsTerminal as _, Write as _};
use std::process::ExitCode;
use std::thread;
use std::time::Instant;

use anyhow::{Context as _, anyhow};
use hanport_io::clock::Pace;
use hanport_io::outlet::{Flow, Outlet as _};
use hanport_io::pty::Pty;
use hanport_io::stop;
use hanport_io::terminal;

use crate::follow::{TICK, follow};
use crate::live::{self, Live, Screen};
use crate::message::Message;
use crate::scenario::{self, ScenarioArgs, Source};

/// Shows a simulated meter that is read through a real pseudo-terminal.
///
/// Everything between the meter's list and the values on the page is what a real meter goes
/// through: frames, checksums, ciphers, a serial port. Ends with Ctrl-C.
#[derive(clap::Args)]
#[command(after_help = "Examples:
  hanport demo
  hanport demo --meter kaifa-at --speed 60
  hanport demo --fault bitflip=0.0001 --for 10m

Exit status: 0 done, 1 not possible or used wrongly.")]
pub(crate) struct Args {
    /// The meter; hanport simulate --list names them
    #[arg(long, value_name = "METER", default_value = DEFAULT_METER)]
    meter: String,
    #[command(flatten)]
    scenario: ScenarioArgs,
}

/// Sends values of every kind, short and long messages in turn.
const DEFAULT_METER: &str = "aidon-no";

/// Runs the command.
pub(crate) fn run(args: &Args) -> anyhow::Result<ExitCode> {
    let speed = args.scenario.speed.unwrap_or(1.0);
    let source = Source::new(&args.meter, &args.scenario, speed)?;
    let options = source.options();
    let title = source.describe();
    let flow = if speed > 0.0 { Flow::Wire } else { Flow::Wait };
    stop::listen()?;
    let pty = Pty::open(flow).context("no pseudo-terminal can be had")?;
    let path = pty.path().to_owned();
    let port = terminal::open(&path).context("the pseudo-terminal is none")??;
    let title = format!("hanport demo: {title}, read through {}", path.display());

    let meter = thread::spawn(move || talk(source, pty, speed));
    let mut page = Page::new(&title);
    follow(port, options, |message| match message {
        Some(message) => page.handle(message),
        None => page.refresh(),
    })?;
    page.draw()?;
    if stop::asked() && page.screen.is_some() {
        // Behind the ^C that the terminal shows.
        writeln!(io::stdout())?;
    }
    meter.join().map_err(|_| anyhow!("the simulated meter failed"))??;
    Ok(ExitCode::SUCCESS)
}

/// The meter's side of the line.
fn talk(source: Source, mut pty: Pty, speed: f64) -> io::Result<()> {
    let pace = Pace::new(speed);
    for sending in source {
        if stop::asked() {
            break;
        }
        scenario::send(&mut pty, &pace, &sending)?;
    }
    pty.finish()
}

/// A page on a terminal, lines anywhere else.
struct Page {
    title: String,
    live: Live,
    screen: Option<Screen>,
    drawn: Option<Instant>,
}

impl Page {
    fn new(title: &str) -> Self {
        let screen = io::stdout().is_terminal().then(Screen::default);
        Self { title: title.to_owned(), live: Live::default(), screen, drawn: None }
    }

    fn handle(&mut self, message: Message) -> io::Result<()> {
        if self.screen.is_none() {
            if self.drawn.is_none() {
                self.drawn = Some(Instant::now());
                writeln!(io::stdout(), "{}", self.title)?;
            }
            writeln!(io::stdout(), "{}", live::line(&message))?;
        }
        self.live.handle(Instant::now(), message);
        Ok(())
    }

    fn refresh(&mut self) -> io::Result<()> {
        if self.drawn.is_none_or(|drawn| drawn.elapsed() >= TICK) { self.draw() } else { Ok(()) }
    }

    fn draw(&mut self) -> io::Result<()> {
        let now = Instant::now();
        match &mut self.screen {
            Some(screen) => {
                self.drawn = Some(now);
                let page = |width| self.live.page(&self.title, now, width);
                screen.draw(&mut io::stdout().lock(), terminal::size(), page)
            }
            None => Ok(()),
        }
    }
}
