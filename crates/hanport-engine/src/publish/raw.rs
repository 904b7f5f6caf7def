//! A topic a value, as existing readers write it: all of them, or only what changed.
//!
//! A message of list N publishes the topics of the lists N down to 1. What changed is told by the
//! text: a value that prints the same is the same.

use std::collections::BTreeMap;
use std::sync::Arc;

use hanport_core::number::Number;
use hanport_core::quantity::Measure;

use super::books::{Books, Prices, Span, THRESHOLDS, price};
use super::figures::{Figures, PHASES, kilo};
use super::outgoing::Outgoing;
use super::reader::Reader;
use super::text::{Places, Unknown, fixed, iso, zero};
use crate::energy::Register;
use crate::list_type::ListType;
use crate::time::UtcMillis;
use crate::view::View;

/// Hours of prices that the lowest, highest and cheapest are looked for in.
const HOURS: usize = 24;
/// Points of two days in quarters: more were never retained.
const POINTS: usize = 192;
/// The thresholds come once an hour.
const THRESHOLDS_MS: i64 = 3_600_000;

/// The raw formats of one meter.
#[derive(Clone, Debug)]
pub struct Raw {
    base: String,
    only_changes: bool,
    unknown: Unknown,
    held: BTreeMap<String, String>,
    /// Points of prices that are retained: import, export.
    retained: [usize; 2],
    thresholds_at: Option<UtcMillis>,
}

/// When a value is published.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum When {
    Always,
    Changed,
    Retained,
}

impl Raw {
    /// Raw values below a topic.
    pub const fn new(base: String, only_changes: bool, unknown: Unknown) -> Self {
        Self {
            base,
            only_changes,
            unknown,
            held: BTreeMap::new(),
            retained: [POINTS; 2],
            thresholds_at: None,
        }
    }

    /// The connection was made anew.
    pub const fn connected(&mut self) {
        self.thresholds_at = None;
    }

    /// A message of the meter.
    pub fn list(&mut self, figures: &Figures<'_>, meter: &Arc<str>, out: &mut Vec<Outgoing>) {
        let mut values = Vec::new();
        self.collect(figures, &mut values);
        let at = figures.view().now;
        let mut seen = BTreeMap::new();
        for (below, text, when) in values {
            let changed = self.held.get(&below) != Some(&text);
            if when != When::Changed || changed || !self.only_changes {
                let kind = if when == When::Retained { "retained" } else { "value" };
                let topic = format!("{}{below}", self.base);
                let retain = when == When::Retained;
                let message = Outgoing::live(topic, kind, text.clone(), at);
                out.push(message.retained(retain).of(meter));
            }
            seen.insert(below, text);
        }
        self.held.append(&mut seen);
        self.accounting(figures.view(), meter, out);
    }

    fn number(&self, number: Option<Number>, places: Places) -> Option<String> {
        number
            .and_then(|number| fixed(number, places))
            .or_else(|| (self.unknown == Unknown::Zero).then(|| zero(places)))
    }

    fn collect(&self, figures: &Figures<'_>, into: &mut Vec<(String, String, When)>) {
        use Measure as M;
        let list = figures.list;
        let mut put = |below: &str, text: Option<String>, when| {
            into.extend(text.map(|text| (below.to_owned(), text, when)));
        };
        if list >= ListType::Four {
            for (way, power, energy) in [
                ("import", M::ActiveImport, M::ActiveImportEnergy),
                ("export", M::ActiveExport, M::ActiveExportEnergy),
            ] {
                for (n, phase) in (1..).zip(PHASES) {
                    let value = self.number(figures.of_phase(power, phase), 0);
                    put(&format!("/meter/{way}/l{n}"), value, When::Changed);
                }
                for (n, phase) in (1..).zip(PHASES) {
                    let value = self.number(figures.of_phase(energy, phase).map(kilo), 2);
                    put(&format!("/meter/{way}/l{n}/accumulated"), value, When::Changed);
                }
            }
            let factor = self.number(figures.total(M::PowerFactor), 2);
            put("/meter/powerfactor", factor, When::Changed);
            for (n, phase) in (1..).zip(PHASES) {
                let value = self.number(figures.of_phase(M::PowerFactor, phase), 2);
                put(&format!("/meter/l{n}/powerfactor"), value, When::Changed);
            }
        }
        let model = figures.view().identity.model.clone().unwrap_or_default();
        if list >= ListType::Three {
            put("/meter/id", Some(figures.meter_id()), When::Retained);
            put("/meter/type", Some(model.clone()), When::Retained);
            let clock = figures.meter_clock().map(|at| Number::new(at.seconds(), 0));
            put("/meter/clock", self.number(clock, 0), When::Always);
            self.counters(figures, &mut put);
        }
        if list >= ListType::Two {
            put("/meter/id", Some(figures.meter_id()), When::Changed);
            put("/meter/type", Some(model), When::Changed);
            for (name, measure) in [("current", M::Current), ("voltage", M::Voltage)] {
                for (n, phase) in (1..).zip(PHASES) {
                    let value = self.number(figures.of_phase(measure, phase), 2);
                    put(&format!("/meter/l{n}/{name}"), value, When::Changed);
                }
            }
            for (below, measure) in [
                ("/meter/export/reactive", M::ReactiveExport),
                ("/meter/export/active", M::ActiveExport),
                ("/meter/import/reactive", M::ReactiveImport),
            ] {
                put(below, self.number(figures.total(measure), 0), When::Changed);
            }
        }
        let seconds = figures.view().now.seconds();
        if seconds > 0 {
            put("/meter/dlms/timestamp", Some(seconds.to_string()), When::Always);
        }
        let power = self.number(figures.total(M::ActiveImport), 0);
        put("/meter/import/active", power, When::Changed);
    }

    fn counters(&self, figures: &Figures<'_>, put: &mut impl FnMut(&str, Option<String>, When)) {
        for (below, register) in [
            ("/meter/import/reactive/accumulated", Register::ReactiveImport),
            ("/meter/import/active/accumulated", Register::ActiveImport),
            ("/meter/export/reactive/accumulated", Register::ReactiveExport),
            ("/meter/export/active/accumulated", Register::ActiveExport),
        ] {
            put(below, self.number(figures.counter(register), 3), When::Retained);
            if matches!(register, Register::ActiveImport | Register::ActiveExport) {
                for tariff in 1..=2 {
                    let counter = figures.of_tariff(register.energy(), tariff);
                    let below = format!("{below}/tariff{tariff}");
                    put(&below, self.number(counter, 3), When::Retained);
                }
            }
        }
    }

    fn accounting(&mut self, view: &View, meter: &Arc<str>, out: &mut Vec<Outgoing>) {
        let books = Books(view);
        if !books.begun() {
            return;
        }
        let mut put = |below: &str, number: Option<Number>, places, retain| {
            let topic = format!("{}/realtime/{below}", self.base);
            if let Some(text) = self.number(number, places) {
                let message = Outgoing::live(topic, "value", text, view.now);
                out.push(message.retained(retain).of(meter));
            }
        };
        put("import/hour", books.used(Span::Hour), 3, false);
        put("import/day", books.used(Span::Day), 2, false);
        put("import/month", books.used(Span::Month), 1, false);
        for (n, peak) in (1..).zip(books.peaks().into_iter().take(5)) {
            put(&format!("import/peak/{n}"), Some(peak), 10, true);
        }
        put("import/threshold", books.threshold(), 0, true);
        put("import/monthmax", books.month_max(), 3, true);
        put("export/hour", books.produced(Span::Hour), 3, false);
        put("export/day", books.produced(Span::Day), 2, false);
        put("export/month", books.produced(Span::Month), 1, false);
        let due = self.thresholds_at.is_none_or(|at| view.now.since(at) >= THRESHOLDS_MS);
        if due && let Some(thresholds) = books.thresholds() {
            for (n, threshold) in (1..=THRESHOLDS).zip(thresholds) {
                put(&format!("import/thresholds/{n}"), Some(Number::new(threshold, 0)), 0, true);
            }
            self.thresholds_at = Some(view.now);
        }
    }

    /// The prices. Points that are not there any more are taken away from the broker.
    pub fn prices(&mut self, view: &View, exported: bool, out: &mut Vec<Outgoing>) {
        let Some(prices) = Prices::of(view) else { return };
        let base = &self.base;
        let mut put = |below: &str, text: String| {
            let topic = format!("{base}/price/{below}");
            out.push(Outgoing::live(topic, "price", text, view.now).retained(true));
        };
        let text = |value: Option<Number>| value.and_then(|value| fixed(value, 4));
        put("resolution", prices.resolution_min().to_string());
        let points = prices.points();
        let export = if exported && prices.export_differs() { points } else { &[] };
        let [kept_import, kept_export] = &mut self.retained;
        for (way, slots, kept) in [("import", points, kept_import), ("export", export, kept_export)]
        {
            for (at, slot) in slots.iter().enumerate() {
                let known = if way == "import" { slot.import } else { slot.export };
                put(&format!("{way}/{at}"), text(known.map(price)).unwrap_or_default());
            }
            if way == "import" || !slots.is_empty() {
                for at in slots.len()..*kept {
                    put(&format!("{way}/{at}"), String::new());
                }
                *kept = slots.len();
            }
        }
        let (lowest, highest) = prices.range(HOURS);
        put("min", text(lowest).unwrap_or_default());
        put("max", text(highest).unwrap_or_default());
        for hours in [1, 3, 6] {
            let start = prices.cheapest(hours, HOURS).map(iso);
            put(&format!("cheapest/{hours}hr"), start.unwrap_or_default());
        }
    }

    /// About the reader. Free memory, signal and supply voltage are those of a device that this
    /// program does not run on: they are left out, as the original does with what it cannot
    /// measure.
    pub fn system(&self, reader: &Reader, now: UtcMillis, out: &mut Vec<Outgoing>) {
        let id = Outgoing::live(format!("{}/id", self.base), "system", reader.id.clone(), now);
        out.push(id.retained(true));
        let up = reader.up_s(now).to_string();
        out.push(Outgoing::live(format!("{}/uptime", self.base), "system", up, now));
    }
}
