//! The XML of the platform, element by element. Namespaces change from year to year and are not
//! looked at; local names are.

use quick_xml::Reader;
use quick_xml::escape::resolve_predefined_entity;
use quick_xml::events::Event;

use super::super::ask::{Refusal, mwh};
use crate::money::PricePerKwh;
use crate::price::decimal::decimal;
use crate::price::series::Slot;
use crate::time::UtcMillis;

/// The longest period that is spread out: a leap year.
const LONGEST_MS: i64 = 366 * 86_400_000;

/// What was sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Document {
    /// Nothing, with the reason.
    Acknowledgement(String),
    /// Something else, by the name of its root.
    Other(String),
    /// Prices.
    Publication(Vec<Series>),
}

/// One `TimeSeries`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Series {
    pub(super) domain: String,
    pub(super) auction: String,
    pub(super) currency: String,
    pub(super) unit: String,
    /// Which auction of several; 1 where it is not said.
    pub(super) sequence: u32,
    pub(super) periods: Vec<Period>,
}

/// One `Period`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Period {
    pub(super) start: UtcMillis,
    pub(super) end: UtcMillis,
    pub(super) step_ms: i64,
    /// Position, from 1 on, and price.
    pub(super) points: Vec<(i64, PricePerKwh)>,
}

impl Period {
    /// Every slot from the first position to the end of the period.
    pub(super) fn slots(&self) -> Result<Vec<Slot>, Refusal> {
        let odd = |what: String| Refusal::Odd(format!("the period from {}: {what}", self.start));
        let length = self.end.since(self.start);
        if self.step_ms <= 0 || length <= 0 || length > LONGEST_MS || length % self.step_ms != 0 {
            return Err(odd(format!("{} s in steps of {} s", length / 1000, self.step_ms / 1000)));
        }
        let count = length / self.step_ms;
        let mut points = self.points.clone();
        // of two for one position the later counts
        points.reverse();
        points.sort_by_key(|(position, _)| *position);
        points.dedup_by_key(|(position, _)| *position);
        if let Some((position, _)) = points.iter().find(|(at, _)| !(1..=count).contains(at)) {
            return Err(odd(format!("position {position} of {count}")));
        }
        let ends = points.iter().skip(1).map(|(next, _)| *next).chain([count + 1]);
        let mut slots = Vec::with_capacity(usize::try_from(count).unwrap_or(0));
        for ((position, price), end) in points.iter().zip(ends) {
            slots.extend((*position..end).map(|at| {
                let start = self.start.plus((at - 1) * self.step_ms);
                Slot { range: start..start.plus(self.step_ms), price: *price }
            }));
        }
        Ok(slots)
    }
}

/// What is being read.
#[derive(Default)]
struct Reading {
    open: Vec<String>,
    root: String,
    text: String,
    reason: String,
    done: Vec<Series>,
    series: Series,
    period: Period,
    position: Option<i64>,
    price: Option<PricePerKwh>,
}

/// Reads a document to its end.
pub(super) fn read(xml: &str) -> Result<Document, String> {
    let mut reader = Reader::from_str(xml);
    let mut reading = Reading::default();
    loop {
        let at = reader.buffer_position();
        let event = reader.read_event().map_err(|error| format!("octet {at}: {error}"))?;
        match event {
            Event::Start(element) => reading.begin(element.local_name().as_ref())?,
            Event::Empty(element) => {
                reading.begin(element.local_name().as_ref())?;
                reading.end().map_err(|what| format!("octet {at}: {what}"))?;
            }
            Event::End(_) => reading.end().map_err(|what| format!("octet {at}: {what}"))?,
            Event::Text(text) => reading.text.push_str(&text.xml10_content()),
            Event::CData(text) => reading.text.push_str(&text.xml10_content()),
            Event::GeneralRef(entity) => {
                let known = resolve_predefined_entity(&entity).map(str::to_owned);
                let told = || entity.resolve_char_ref().ok().flatten().map(String::from);
                reading.text.push_str(&known.or_else(told).unwrap_or_default());
            }
            Event::Eof if reading.open.is_empty() && !reading.root.is_empty() => {
                return Ok(reading.close());
            }
            Event::Eof => return Err(format!("it ends at octet {at}, in the middle")),
            Event::Comment(_) | Event::Decl(_) | Event::DocType(_) | Event::PI(_) => {}
        }
    }
}

impl Reading {
    fn begin(&mut self, name: &str) -> Result<(), String> {
        if self.open.len() > 16 {
            return Err("elements inside of each other without end".to_owned());
        }
        if self.open.is_empty() {
            name.clone_into(&mut self.root);
        }
        match name {
            "TimeSeries" => self.series = Series { sequence: 1, ..Series::default() },
            "Period" => self.period = Period::default(),
            "Point" => (self.position, self.price) = (None, None),
            _ => {}
        }
        self.open.push(name.to_owned());
        self.text.clear();
        Ok(())
    }

    fn end(&mut self) -> Result<(), String> {
        let Some(name) = self.open.pop() else { return Ok(()) };
        let text = core::mem::take(&mut self.text);
        let text = text.trim();
        let parent = self.open.last().map_or("", String::as_str);
        match (parent, name.as_str()) {
            ("TimeSeries", "in_Domain.mRID") => text.clone_into(&mut self.series.domain),
            ("TimeSeries", "auction.type") => text.clone_into(&mut self.series.auction),
            ("TimeSeries", "currency_Unit.name") => text.clone_into(&mut self.series.currency),
            ("TimeSeries", "price_Measure_Unit.name") => text.clone_into(&mut self.series.unit),
            ("TimeSeries", "classificationSequence_AttributeInstanceComponent.position") => {
                self.series.sequence = text.parse().map_err(|_| format!("sequence {text:?}"))?;
            }
            ("TimeSeries", "Period") => {
                self.series.periods.push(core::mem::take(&mut self.period));
            }
            ("timeInterval", "start") if self.inside("Period") => {
                self.period.start = instant(text)?;
            }
            ("timeInterval", "end") if self.inside("Period") => {
                self.period.end = instant(text)?;
            }
            ("Period", "resolution") => self.period.step_ms = step(text)?,
            ("Period", "Point") => match (self.position.take(), self.price.take()) {
                (Some(position), Some(price)) => self.period.points.push((position, price)),
                _ => return Err("a point without position or price".to_owned()),
            },
            ("Point", "position") => {
                let position = text.parse().map_err(|_| format!("position {text:?}"))?;
                self.position = Some(position);
            }
            ("Point", "price.amount") => {
                let price = decimal(text).ok_or_else(|| format!("price {text:?}"))?;
                self.price = Some(mwh(price).map_err(|refusal| refusal.to_string())?);
            }
            ("Reason", "text") => text.clone_into(&mut self.reason),
            (_, "TimeSeries") => self.done.push(core::mem::take(&mut self.series)),
            _ => {}
        }
        Ok(())
    }

    fn inside(&self, name: &str) -> bool {
        self.open.iter().any(|open| open == name)
    }

    fn close(self) -> Document {
        match self.root.as_str() {
            "Acknowledgement_MarketDocument" => Document::Acknowledgement(self.reason),
            "Publication_MarketDocument" => Document::Publication(self.done),
            _ => Document::Other(self.root),
        }
    }
}

/// `yyyy-MM-ddTHH:mmZ`, with seconds or without.
fn instant(text: &str) -> Result<UtcMillis, String> {
    let told = || format!("time {text:?}");
    let whole = match text.strip_suffix('Z') {
        Some(minutes) if minutes.len() == 16 => format!("{minutes}:00Z"),
        Some(_) => text.to_owned(),
        None => return Err(told()),
    };
    super::super::ask::instant(&whole).map_err(|_| told())
}

fn step(text: &str) -> Result<i64, String> {
    match text {
        "PT15M" => Ok(900_000),
        "PT30M" => Ok(1_800_000),
        "PT60M" | "PT1H" => Ok(3_600_000),
        _ => Err(format!("resolution {text:?}")),
    }
}
