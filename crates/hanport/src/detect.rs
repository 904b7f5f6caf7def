//! `hanport detect`: how a serial line is set, found while one looks on.

use std::fmt::Write as _;
use std::io::{self, IsTerminal as _, Write as _};
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

use anyhow::bail;
use clap::ValueEnum;
use hanport_core::session::push::Options;
use hanport_engine::detect::{Candidate, Chart};
use hanport_engine::explain::diagnosis::Likeness;
use hanport_engine::line::{Arrival, LineEvent, LineSettings};
use hanport_engine::time::UtcMillis;
use hanport_io::source::serial::{Lines, Which, ports};
use hanport_io::source::{Serial, Setup, Source};
use hanport_io::{stop, terminal};
use serde_json::{Value, json};

use crate::doctor::examiner::Examiner;
use crate::keys::KeyArgs;
use crate::listening::{Heard, listen, now};
use crate::live::Screen;
use crate::scenario;
use crate::wrap::{ENDLESS, wrapped};

/// Finds out how serial lines are set: speed, data bits, parity.
///
/// Listens to each port with one setting after the other and shows what was heard with each. A
/// frame that passes its checks settles it; no key is needed. Meters send every second to every
/// minute, so that it takes from a few seconds to a few minutes. Ends with what belongs into the
/// configuration.
#[derive(clap::Args)]
#[command(after_help = "Examples:
  hanport detect
  hanport detect /dev/serial/by-id/usb-FTDI_FT232R-if00-port0
  hanport detect --format json /dev/ttyUSB0 /dev/ttyUSB1

Exit status: 0 the settings of a port were found, 2 of none, 1 used wrongly or not possible.")]
pub(crate) struct Args {
    /// How long to search at most
    #[arg(long = "for", value_name = "DURATION", value_parser = scenario::duration, default_value = "10m")]
    length: Duration,
    /// How to show what is found
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
    #[command(flatten)]
    keys: KeyArgs,
    /// The ports; all of this machine where left out
    ports: Vec<PathBuf>,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// An array with an object a port
    Json,
    /// A table while it is searched, then what to write into the configuration
    Text,
}

/// A port that cannot be opened is given up after so long, where others are found.
const PATIENCE_MS: i64 = 3000;

/// Runs the command.
pub(crate) fn run(args: &Args) -> anyhow::Result<ExitCode> {
    let options = args.keys.options()?;
    let places = places(&args.ports)?;
    stop::listen()?;
    let begun = now();
    let mut searches: Vec<Search> =
        places.iter().map(|place| Search::new(place, &options, begun)).collect();
    let sources = places.iter().map(|place| {
        let setup = Setup::Search(Box::new(options.clone()));
        Source::Serial(Serial { which: Which::Path(place.clone()), setup, lines: Lines::default() })
    });
    let text = args.format == Format::Text;
    let mut screen = (text && io::stdout().is_terminal()).then(Screen::default);
    let told = text && screen.is_none();
    listen(sources.collect(), Some(args.length), |heard| {
        match heard {
            Heard::Arrival(number, arrival) => {
                let news = searches.get_mut(number).and_then(|search| search.handle(&arrival));
                if let Some(news) = news.filter(|_| told) {
                    writeln!(io::stdout(), "{news}")?;
                }
            }
            Heard::Ended(Some(error)) => return Err(error.into()),
            Heard::Ended(None) => {}
            Heard::Tick(at) => {
                for search in &mut searches {
                    search.tick(at);
                }
                if let Some(screen) = &mut screen {
                    let page = |width| page(&searches, at, width);
                    screen.draw(&mut io::stdout().lock(), terminal::size(), page)?;
                }
                if searches.iter().all(|search| search.is_over(at)) {
                    return Ok(ControlFlow::Break(()));
                }
            }
        }
        Ok(ControlFlow::Continue(()))
    })?;
    let at = now();
    let mut out = io::stdout().lock();
    if let Some(screen) = &mut screen {
        screen.draw(&mut out, terminal::size(), |width| page(&searches, at, width))?;
        writeln!(out)?;
    }
    match args.format {
        Format::Json => {
            let all: Vec<Value> = searches.iter().map(|search| search.document(at)).collect();
            writeln!(out, "{}", Value::from(all))?;
        }
        Format::Text => {
            let width = terminal::size().map_or(ENDLESS, |(_, columns)| columns);
            out.write_all(conclusion(&searches, at, width).as_bytes())?;
        }
    }
    let found = searches.iter().any(|search| search.chart.found().is_some());
    Ok(if found { ExitCode::SUCCESS } else { ExitCode::from(2) })
}

/// The ports that are named, by the names that stay; all of this machine where none is.
fn places(named: &[PathBuf]) -> anyhow::Result<Vec<PathBuf>> {
    let there = ports::ports();
    if named.is_empty() {
        if there.is_empty() {
            bail!("this machine has no serial port; plug the adapter in, or name its device");
        }
        return Ok(there.iter().map(|port| port.name().to_owned()).collect());
    }
    let lasting = |path: &PathBuf| {
        let port = there.iter().find(|port| port.path == *path);
        port.map_or_else(|| path.clone(), |port| port.name().to_owned())
    };
    Ok(named.iter().map(lasting).collect())
}

/// The search on one port.
struct Search {
    place: PathBuf,
    begun: UtcMillis,
    chart: Chart,
    examiner: Examiner,
    found: Option<UtcMillis>,
    closed: Option<(UtcMillis, String)>,
}

impl Search {
    fn new(place: &Path, options: &Options, begun: UtcMillis) -> Self {
        Self {
            place: place.to_owned(),
            begun,
            chart: Chart::new(options, begun),
            examiner: Examiner::new(options.clone(), begun),
            found: None,
            closed: None,
        }
    }

    /// Something arrived; what is new, in a line.
    fn handle(&mut self, arrival: &Arrival) -> Option<String> {
        let before = self.chart.current();
        self.chart.handle_arrival(arrival);
        self.examiner.handle(arrival);
        let place = self.place.display();
        let Arrival::Event(at, event) = arrival else { return None };
        match event {
            LineEvent::Closed(why) => {
                self.closed = Some((*at, why.clone()));
                Some(format!("{place}: {why}"))
            }
            LineEvent::Opened(_) => {
                self.closed = None;
                None
            }
            LineEvent::Settings(settings, true) => {
                self.found = Some(*at);
                Some(format!("{place}: found {settings}"))
            }
            LineEvent::Settings(settings, false) => {
                self.found = None;
                let before = before.and_then(|(before, _)| self.row(before));
                let heard = before.map_or_else(String::new, |row| {
                    let Candidate { settings, evidence, .. } = row;
                    let octets = evidence.octets;
                    let alike = evidence.likeness.map_or("", |likeness| likeness.word());
                    format!("; {settings} gave {octets} octets and no frame ({alike})")
                });
                Some(format!("{place}: tries {settings}{heard}"))
            }
            LineEvent::Dropped(_) | LineEvent::Errors(_) | LineEvent::Pause => None,
        }
    }

    fn row(&self, settings: LineSettings) -> Option<&Candidate> {
        self.chart.rows().iter().find(|row| row.settings == settings && row.evidence.bursts > 0)
    }

    fn tick(&mut self, now: UtcMillis) {
        self.chart.handle_timeout(now);
        self.examiner.tick(now);
    }

    fn is_over(&self, now: UtcMillis) -> bool {
        let gone = |closed: &(UtcMillis, String)| now.since(closed.0) >= PATIENCE_MS;
        self.found.is_some() || self.closed.as_ref().is_some_and(gone)
    }

    /// Where it stands, in one line.
    fn state(&self, now: UtcMillis) -> String {
        let seconds = |since: UtcMillis| now.since(since).max(0) / 1000;
        if let Some((_, why)) = &self.closed {
            return why.clone();
        }
        match (self.found, self.chart.current()) {
            (Some(at), Some((settings, _))) => {
                let took = at.since(self.begun) / 1000;
                format!("found {settings} after {took} s{}", self.who())
            }
            (None, Some((settings, since))) if self.chart.is_inverted() => {
                format!("looks inverted; listens at {settings} for {} s", seconds(since))
            }
            (_, Some((settings, since))) => {
                format!("listens at {settings} for {} s", seconds(since))
            }
            (_, None) => "opens".to_owned(),
        }
    }

    /// Who speaks there.
    fn who(&self) -> String {
        let (meter, needs_key) = self.examiner.meter();
        let maker = meter.and_then(|meter| meter.manufacturer).map(|maker| maker.to_string());
        let model =
            meter.and_then(|meter| meter.model_name.clone().or_else(|| meter.model.clone()));
        let words: Vec<String> = [maker, model].into_iter().flatten().collect();
        match (words.is_empty(), needs_key) {
            (false, _) => format!(": {}", words.join(" ")),
            (true, true) => ": an encrypted meter".to_owned(),
            (true, false) => String::new(),
        }
    }

    /// What to write into the configuration.
    fn snippet(&self, number: usize) -> Option<String> {
        let settings = self.chart.found()?;
        let id = if number == 0 { "main".to_owned() } else { format!("meter{}", number + 1) };
        let port = toml::Value::String(self.place.display().to_string());
        let mut snippet = format!(
            "[[meter]]\nid = \"{id}\"\nsource = {{ kind = \"serial\", port = {port}, line = \"{settings}\" }}\n"
        );
        if self.examiner.meter().1 {
            let _ = writeln!(
                snippet,
                "# The meter encrypts. Its key: hanport config set meter.{id}.encryption_key -"
            );
        }
        Some(snippet)
    }

    fn document(&self, now: UtcMillis) -> Value {
        let rows: Vec<Value> = self.chart.rows().iter().map(row_document).collect();
        let took = self.found.map(|at| at.since(self.begun));
        let report = self.examiner.report(now);
        json!({
            "port": self.place.display().to_string(),
            "settings": self.chart.found().map(|settings| settings.to_string()),
            "found_ms": took,
            "inverted": self.chart.is_inverted(),
            "closed": self.closed.as_ref().map(|(_, why)| why),
            "candidates": rows,
            "findings": report.findings,
            "config": self.snippet(0),
        })
    }
}

fn row_document(row: &Candidate) -> Value {
    let evidence = &row.evidence;
    let errors = evidence.errors;
    json!({
        "settings": row.settings.to_string(),
        "bursts": evidence.bursts,
        "octets": evidence.octets,
        "frames": evidence.frames,
        "damaged": evidence.damaged,
        "errors": {
            "breaks": errors.breaks,
            "framing": errors.framing,
            "overrun": errors.overrun,
            "parity": errors.parity,
        },
        "likeness": evidence.likeness.map(Likeness::word),
    })
}

/// All searches as they stand.
fn page(searches: &[Search], now: UtcMillis, width: usize) -> String {
    let mut page = String::new();
    for search in searches {
        let head = format!("{}: {}", search.place.display(), search.state(now));
        page.push_str(&wrapped(&head, 2, width));
        if search.chart.rows().is_empty() {
            continue;
        }
        page.push_str("    settings     bursts  octets  frames  damaged  errors  looks like\n");
        let current = search.chart.current().map(|(settings, _)| settings);
        for row in search.chart.rows() {
            let evidence = &row.evidence;
            let errors = evidence.errors;
            let errors = u64::from(errors.parity) + u64::from(errors.framing);
            let mark = match (search.found, current == Some(row.settings)) {
                (Some(_), true) => '*',
                (None, true) => '>',
                (_, false) => ' ',
            };
            let alike = match evidence.likeness {
                _ if evidence.frames > 0 => "a meter",
                Some(likeness) => likeness.word(),
                None => "",
            };
            let line = format!(
                "  {mark} {:<12}{:>7} {:>7} {:>7} {:>8} {errors:>7}  {alike}",
                row.settings.to_string(),
                evidence.bursts,
                evidence.octets,
                evidence.frames,
                evidence.damaged,
            );
            let _ = writeln!(page, "{}", line.trim_end());
        }
    }
    page
}

/// What came of it, and what to do.
fn conclusion(searches: &[Search], now: UtcMillis, width: usize) -> String {
    let mut text = String::new();
    for search in searches {
        let line = format!("{}: {}", search.place.display(), search.state(now));
        text.push_str(&wrapped(&line, 2, width));
        if search.found.is_some() {
            continue;
        }
        let report = search.examiner.report(now);
        for finding in report.findings.iter().take(2) {
            let line = format!("  {} ({})", finding.title, finding.because);
            text.push_str(&wrapped(&line, 4, width));
            for remedy in &finding.remedies {
                text.push_str(&wrapped(&format!("    - {remedy}"), 6, width));
            }
        }
    }
    let found = searches.iter().filter(|search| search.chart.found().is_some());
    let snippets: Vec<String> =
        found.zip(0..).filter_map(|(search, number)| search.snippet(number)).collect();
    if !snippets.is_empty() {
        text.push_str("\nFor the configuration (hanport config path tells where it is):\n\n");
        text.push_str(&snippets.join("\n"));
    }
    text
}
