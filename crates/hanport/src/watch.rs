//! `hanport watch`: a meter on the terminal, without a service.

use std::io::{self, IsTerminal as _, Write as _};
use std::ops::ControlFlow;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use hanport_core::session::push::{Options, Session};
use hanport_engine::line::{Arrival, LineEvent, LineSettings};
use hanport_io::source::Source;
use hanport_io::{stop, terminal};

use crate::complain;
use crate::keys::KeyArgs;
use crate::listening::{self, Heard, listen};
use crate::live::{self, Live, Screen};
use crate::message::{LONGEST, Message};
use crate::scenario;

/// Shows on the terminal what a meter sends. Ends with Ctrl-C.
///
/// On a terminal a page is drawn over itself; anywhere else each message is a line.
#[derive(clap::Args)]
#[command(after_help = "Examples:
  hanport watch /dev/ttyUSB0
  hanport watch tcp:192.168.1.20:2001 --key 00112233445566778899AABBCCDDEEFF
  hanport simulate kaifa-se --port pty:/tmp/meter & hanport watch /tmp/meter

Exit status: 0 done, 1 not possible or used wrongly.")]
pub(crate) struct Args {
    /// A serial port, or tcp:HOST:PORT
    #[arg(value_name = "PORT")]
    port: String,
    /// How the serial line is set, like "2400 8E1"; found out where left out
    #[arg(long, value_name = "LINE")]
    line: Option<LineSettings>,
    /// How long: 90s, 10m, 2h; until Ctrl-C where left out
    #[arg(long = "for", value_name = "DURATION", value_parser = scenario::duration)]
    length: Option<Duration>,
    #[command(flatten)]
    keys: KeyArgs,
}

/// How often the page is drawn at least, for the ages on it.
const TICK: Duration = Duration::from_millis(200);
/// Silence after which an unfinished message stays unfinished.
const SILENCE: Duration = Duration::from_secs(2);

/// Runs the command.
pub(crate) fn run(args: &Args) -> anyhow::Result<ExitCode> {
    stop::listen()?;
    let options = args.keys.options()?;
    let source = listening::named(&args.port, args.line, options.clone())?;
    let mut page = Page::new(&format!("hanport watch: {}", args.port));
    watch(source, options, args.length, &mut page)?;
    page.draw()?;
    if stop::asked() && page.screen.is_some() {
        // Behind the ^C that the terminal shows.
        writeln!(io::stdout())?;
    }
    Ok(ExitCode::SUCCESS)
}

/// Reads a source until the time is over, or the program is asked to end.
fn watch(
    source: Source,
    options: Options,
    length: Option<Duration>,
    page: &mut Page,
) -> anyhow::Result<()> {
    let mut session = Box::new(Session::<LONGEST>::new(options));
    let mut last = Instant::now();
    listen(vec![source], length, |heard| {
        match heard {
            Heard::Arrival(_, Arrival::Octets(_, octets)) => {
                last = Instant::now();
                let mut rest = &octets[..];
                while let Some(event) = session.poll(&mut rest) {
                    page.handle(Message::of(&event))?;
                }
            }
            Heard::Arrival(_, Arrival::Event(_, LineEvent::Closed(why))) => {
                while let Some(event) = session.end() {
                    page.handle(Message::of(&event))?;
                }
                complain(&why);
            }
            Heard::Ended(Some(error)) => return Err(error.into()),
            Heard::Arrival(_, Arrival::Event(..)) | Heard::Ended(None) | Heard::Tick(_) => {}
        }
        if last.elapsed() > SILENCE {
            last = Instant::now();
            while let Some(event) = session.end() {
                page.handle(Message::of(&event))?;
            }
        }
        page.refresh()?;
        Ok(ControlFlow::Continue(()))
    })?;
    Ok(())
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
