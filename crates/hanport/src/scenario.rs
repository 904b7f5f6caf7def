//! A simulated meter as it is asked for on the command line, and its messages put on a line.

use std::io;
use std::time::Duration;

use anyhow::{Context as _, anyhow, bail};
use hanport_core::cipher::key::Key;
use hanport_core::session::push::Options;
use hanport_io::Outlet;
use hanport_io::clock::{self, Pace};
use hanport_io::stop;
use hanport_sim::fault::{Cost, Fault, FaultId};
use hanport_sim::meter::{Personality, personalities};
use hanport_sim::scenario::{Scenario, solar_house};
use hanport_sim::simulation::Simulation;
use jiff::tz::TimeZone;
use jiff::{SpanRelativeTo, Timestamp, civil};

use crate::keys;

/// Octets that leave together when a line is paced: 16 octets take 73 ms at 2400 baud.
const PIECE: usize = 16;

/// A run without end: a hundred years.
const FOR_EVER: Duration = Duration::from_hours(100 * 365 * 24);

/// Which meter, when, and what goes wrong.
#[derive(clap::Args)]
pub(crate) struct ScenarioArgs {
    /// Simulated seconds a second, 0 for as fast as possible [default: 1; 0 into a file or pipe]
    #[arg(long, value_name = "N", value_parser = speed)]
    pub(crate) speed: Option<f64>,
    /// When the simulated time starts: 2024-01-15T12:00:00 by the meter's zone, or with an offset
    ///
    /// Left out it is now, or, where a run is not by the clock, 2024-01-15T00:00:00 so that it
    /// can be repeated.
    #[arg(long, value_name = "TIME")]
    start: Option<String>,
    /// How long to run, in simulated time: 90s, 15m, 2h, 1d, "1w 2d"; for ever where left out
    #[arg(long = "for", value_name = "DURATION", value_parser = duration)]
    pub(crate) length: Option<Duration>,
    /// Same seed, same start: same octets
    #[arg(long, value_name = "N", default_value_t = 1)]
    seed: u64,
    /// Something that goes wrong, and how often where it can be said; may be repeated
    #[arg(long = "fault", value_name = "ID[=P]")]
    faults: Vec<String>,
    /// The key to encrypt with, instead of a made-up one
    #[arg(long, value_name = "HEX")]
    key: Option<String>,
    /// The key to authenticate with, instead of a made-up one
    #[arg(long, value_name = "HEX")]
    auth_key: Option<String>,
}

impl ScenarioArgs {
    /// When the simulated time starts.
    pub(crate) fn start(&self, zone: &str, speed: f64) -> anyhow::Result<Timestamp> {
        let Some(text) = &self.start else {
            let by_the_clock = (speed - 1.0).abs() < f64::EPSILON;
            return if by_the_clock {
                let now = clock::since_1970().context("the clock of this machine is wrong")?;
                Ok(Timestamp::from_second(i64::try_from(now.as_secs())?)?)
            } else {
                local(civil::date(2024, 1, 15).at(0, 0, 0, 0), zone)
            };
        };
        if let Ok(instant) = text.parse::<Timestamp>() {
            return Ok(instant);
        }
        let time: civil::DateTime = text.parse().map_err(|_| {
            anyhow!(
                "{text} is no time; write it as 2024-01-15T12:00:00 or 2024-01-15T12:00:00+01:00"
            )
        })?;
        local(time, zone)
    }
}

fn local(time: civil::DateTime, zone: &str) -> anyhow::Result<Timestamp> {
    let zone = TimeZone::get(zone).with_context(|| format!("the time zone {zone} is not known"))?;
    Ok(time.to_zoned(zone)?.timestamp())
}

fn speed(text: &str) -> Result<f64, String> {
    let speed: f64 = text.parse().map_err(|_| "not a number".to_owned())?;
    if speed.is_finite() && speed >= 0.0 { Ok(speed) } else { Err("must be 0 or more".to_owned()) }
}

pub(crate) fn duration(text: &str) -> Result<Duration, String> {
    let length = text
        .parse::<jiff::Span>()
        .and_then(|span| span.to_duration(SpanRelativeTo::days_are_24_hours()));
    match length.map(Duration::try_from) {
        Ok(Ok(length)) if !length.is_zero() => Ok(length),
        _ => Err("write it as 90s, 15m, 2h, 1d or \"1w 2d\"".to_owned()),
    }
}

/// One message on its way.
pub(crate) struct Sending {
    /// When its first octet leaves, since the start.
    pub(crate) at: Duration,
    /// Time that one octet takes on the line.
    pub(crate) octet: Duration,
    /// The octets.
    pub(crate) octets: Vec<u8>,
}

/// Puts messages on a line as a serial port would: at their time, octet after octet. A message
/// that is on its way when the program is asked to end stays unfinished.
pub(crate) fn send(outlet: &mut dyn Outlet, pace: &Pace, sending: &Sending) -> io::Result<()> {
    if pace.is_unlimited() {
        return outlet.send(&sending.octets);
    }
    let mut due = sending.at;
    for piece in sending.octets.chunks(PIECE) {
        due += sending.octet * u32::try_from(piece.len()).unwrap_or(0);
        pace.wait_until(due);
        if stop::asked() {
            return Ok(());
        }
        outlet.send(piece)?;
    }
    Ok(())
}

/// A simulated meter at work: its messages, one after the other.
pub(crate) struct Source {
    simulation: Simulation,
    octet: Duration,
}

impl Source {
    /// Sets a scenario up from the command line.
    pub(crate) fn new(meter: &str, args: &ScenarioArgs, speed: f64) -> anyhow::Result<Self> {
        let mut scenario = base(meter, args)?;
        scenario.start = args.start(scenario.personality.zone, speed)?;
        Self::of(scenario, args)
    }

    /// The same, from an instant on, in a house with a roof full of solar cells.
    pub(crate) fn starting(
        meter: &str,
        args: &ScenarioArgs,
        start: Timestamp,
    ) -> anyhow::Result<Self> {
        let mut scenario = base(meter, args)?.in_house(solar_house());
        scenario.start = start;
        Self::of(scenario, args)
    }

    /// A meter in an everyday house, from an instant on, for ever.
    pub(crate) fn plain(meter: &str, seed: u64, start: Timestamp) -> anyhow::Result<Self> {
        let mut scenario = Scenario::new(meter, seed, "2024-01-15T00:00")
            .map_err(|error| anyhow!("{error}; hanport simulate --list shows them"))?;
        scenario.start = start;
        scenario.duration = FOR_EVER;
        let octet = Duration::from_nanos(scenario.personality.uart.octet_ns());
        Ok(Self { simulation: Simulation::new(&scenario), octet })
    }

    fn of(mut scenario: Scenario, args: &ScenarioArgs) -> anyhow::Result<Self> {
        let personality = scenario.personality;
        scenario.duration = args.length.unwrap_or(FOR_EVER);
        scenario.personality = keyed(personality, args)?;
        for text in &args.faults {
            scenario.faults.push(fault(text)?);
        }
        let octet = Duration::from_nanos(personality.uart.octet_ns());
        Ok(Self { simulation: Simulation::new(&scenario), octet })
    }

    /// The meter and its port in a few words.
    pub(crate) fn describe(&self) -> String {
        let personality = self.simulation.personality();
        format!("{}, {}, {}", personality.name, personality.description, personality.uart)
    }

    /// The zone of its country.
    pub(crate) fn zone(&self) -> &'static str {
        self.simulation.personality().zone
    }

    /// What a reader must know to read it.
    pub(crate) fn options(&self) -> Options {
        let security = self.simulation.personality().security;
        Options {
            encryption_key: security.map(|security| Key::new(security.encryption_key)),
            authentication_key: security
                .and_then(|security| security.authentication_key)
                .map(Key::new),
            hint: None,
        }
    }

    /// How to give its keys to `decode`; `None` where it has none.
    pub(crate) fn key_arguments(&self) -> Option<String> {
        let security = self.simulation.personality().security?;
        let mut text = format!("--key {}", hex(&security.encryption_key));
        if let Some(key) = security.authentication_key {
            text = format!("{text} --auth-key {}", hex(&key));
        }
        Some(text)
    }
}

impl Iterator for Source {
    type Item = Sending;

    fn next(&mut self) -> Option<Sending> {
        let record = self.simulation.next()?;
        let at = Duration::from_nanos(record.t_first_byte_ns);
        Some(Sending { at, octet: self.octet, octets: record.bytes })
    }
}

fn base(meter: &str, args: &ScenarioArgs) -> anyhow::Result<Scenario> {
    Scenario::new(meter, args.seed, "2024-01-15T00:00")
        .map_err(|error| anyhow!("{error}; hanport simulate --list shows them"))
}

/// The meter with the keys of the command line in place of the made-up ones.
fn keyed(meter: &'static Personality, args: &ScenarioArgs) -> anyhow::Result<&'static Personality> {
    let given = |name, key: &Option<String>| {
        key.as_deref().map(|text| keys::octets(name, text)).transpose()
    };
    let encryption_key = given("--key", &args.key)?;
    let authentication_key = given("--auth-key", &args.auth_key)?;
    if encryption_key.is_none() && authentication_key.is_none() {
        return Ok(meter);
    }
    let Some(mut security) = meter.security else {
        bail!("{} does not encrypt: it has no use for a key", meter.name);
    };
    security.encryption_key = encryption_key.unwrap_or(security.encryption_key);
    security.authentication_key = authentication_key.or(security.authentication_key);
    let mut keyed = *meter;
    keyed.security = Some(security);
    // Once, for as long as the program runs.
    Ok(Box::leak(Box::new(keyed)))
}

/// `ID` or `ID=P`.
fn fault(text: &str) -> anyhow::Result<Fault> {
    let (name, chance) = match text.split_once('=') {
        None => (text, None),
        Some((name, chance)) => (name, Some(chance)),
    };
    let id = FaultId::from_name(name).ok_or_else(|| {
        anyhow!("there is no fault named {name}; hanport simulate --list-faults shows them")
    })?;
    let Some(chance) = chance else {
        return Ok(Fault::always(id));
    };
    match chance.parse() {
        Ok(chance) if (0.0..=1.0).contains(&chance) => Ok(Fault::with_probability(id, chance)),
        _ => bail!("--fault {text}: the chance is a number from 0 to 1"),
    }
}

fn hex(octets: &[u8]) -> String {
    octets.iter().map(|octet| format!("{octet:02X}")).collect::<Vec<_>>().concat()
}

/// Shows the meters that can be simulated.
pub(crate) fn list(out: &mut impl io::Write) -> io::Result<()> {
    let rows: Vec<[String; 6]> = personalities()
        .map(|meter| {
            [
                meter.name.to_owned(),
                meter.country.to_owned(),
                meter.uart.to_string(),
                format!("{} s", f64::from(meter.interval_ms) / 1000.0),
                if meter.security.is_some() { "yes" } else { "no" }.to_owned(),
                meter.description.to_owned(),
            ]
        })
        .collect();
    let head = ["meter", "country", "port", "every", "encrypted", "what it is"].map(str::to_owned);
    columns(out, &[&[head], rows.as_slice()].concat())
}

/// Shows what can go wrong, and what it costs a good reader.
pub(crate) fn list_faults(out: &mut impl io::Write) -> io::Result<()> {
    let row = |id: &FaultId| {
        let cost = match id.cost() {
            Cost::Message => "the message is lost",
            Cost::Nothing => "nothing is lost",
            Cost::Perhaps => "it depends",
        };
        [id.name().to_owned(), cost.to_owned()]
    };
    let rows: Vec<[String; 2]> = FaultId::ALL.iter().map(row).collect();
    columns(out, &[&[["fault", "for a reader"].map(str::to_owned)], rows.as_slice()].concat())
}

fn columns<const N: usize>(out: &mut impl io::Write, rows: &[[String; N]]) -> io::Result<()> {
    let mut widths = [0; N];
    for row in rows {
        for (width, word) in widths.iter_mut().zip(row) {
            *width = word.len().max(*width);
        }
    }
    for row in rows {
        let words: Vec<String> =
            row.iter().zip(widths).map(|(word, width)| format!("{word:<width$}")).collect();
        writeln!(out, "{}", words.join("  ").trim_end())?;
    }
    Ok(())
}
