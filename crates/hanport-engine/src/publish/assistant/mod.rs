//! Home Assistant as existing readers speak to it: an entity a message, announced when its data
//! first occur, and values as JSON on a handful of topics.
//!
//! ```text
//!  <base>/power      with every message: what it carries
//!  <base>/energy     when a message states counters; never from estimates
//!  <base>/realtime   after every message: energy, cost, peaks
//!  <base>/prices     retained
//!  <base>/state      about the reader, every minute
//! ```
//!
//! The unique ids are `<uid>_<key>` with the host name of the reader as `<uid>`. Announcing again
//! follows the birth message of Home Assistant, the nine thresholds included.

pub mod announce;
pub mod entities;

use std::collections::BTreeSet;
use std::sync::Arc;

use hanport_core::number::Number;
use hanport_core::quantity::Measure;

use super::books::{Books, Prices, Span};
use super::figures::{Figures, PHASES, kilo};
use super::json::{firmware, points};
use super::outgoing::Outgoing;
use super::reader::Reader;
use super::text::{Object, Unknown, array, fixed, iso};
use crate::energy::Register;
use crate::list_type::ListType;
use crate::time::UtcMillis;
use crate::view::View;

/// The thresholds come once an hour.
const THRESHOLDS_MS: i64 = 3_600_000;

/// Home Assistant for one meter, in the form of existing readers.
#[derive(Clone, Debug)]
pub struct Assistant {
    base: String,
    prefix: String,
    uid: String,
    tag: String,
    unknown: Unknown,
    announced: BTreeSet<String>,
    thresholds_at: Option<UtcMillis>,
    exported: bool,
    exported_by_phase: bool,
}

impl Assistant {
    /// Below a topic, announced below `prefix`, as the reader `uid`.
    pub const fn new(
        base: String,
        prefix: String,
        uid: String,
        tag: String,
        unknown: Unknown,
    ) -> Self {
        Self {
            base,
            prefix,
            uid,
            tag,
            unknown,
            announced: BTreeSet::new(),
            thresholds_at: None,
            exported: false,
            exported_by_phase: false,
        }
    }

    /// Home Assistant started, or the connection was made anew: everything is announced again
    /// with its next data.
    pub fn forget(&mut self) {
        self.announced.clear();
        self.thresholds_at = None;
    }

    /// A message of the meter.
    pub fn list(
        &mut self,
        figures: &Figures<'_>,
        reader: &Reader,
        meter: &Arc<str>,
        out: &mut Vec<Outgoing>,
    ) {
        let view = figures.view();
        let first = out.len();
        self.notice_export(figures);
        self.announce_list(figures, reader, out);
        let base = self.base.clone();
        let topic = |below: &str| format!("{base}/{below}");
        out.push(Outgoing::live(topic("power"), "power", self.power(figures), view.now));
        if figures.list >= ListType::Three && figures.states_counters() {
            out.push(Outgoing::live(topic("energy"), "energy", self.energy(figures), view.now));
        }
        let realtime = self.realtime(view);
        out.push(Outgoing::live(topic("realtime"), "realtime", realtime, view.now));
        for message in out.iter_mut().skip(first) {
            message.meter = Some(Arc::clone(meter));
        }
    }

    fn notice_export(&mut self, figures: &Figures<'_>) {
        let above = |number: Option<Number>| number.is_some_and(|number| number.mantissa > 0);
        self.exported |= above(figures.total(Measure::ActiveExport));
        self.exported_by_phase |=
            PHASES.iter().any(|phase| above(figures.of_phase(Measure::ActiveExport, *phase)));
    }

    fn power(&self, figures: &Figures<'_>) -> String {
        use Measure as M;
        let list = figures.list;
        let by_phase = list >= ListType::Four;
        let identity = &figures.view().identity;
        let mut power = Object::new(self.unknown);
        let phases = |power: &mut Object, stem: &str, measure, places| {
            for (n, phase) in (1..).zip(PHASES) {
                let number = figures.of_phase(measure, phase);
                let number = if places == 3 { number.map(kilo) } else { number };
                power.fixed(&format!("{stem}{n}"), number, places);
            }
        };
        if list >= ListType::Two {
            power.text("lv", identity.list_id.as_deref().unwrap_or_default());
            power.text("id", &figures.meter_id());
            power.text("type", identity.model.as_deref().unwrap_or_default());
        }
        power.fixed("P", figures.total(M::ActiveImport), 0);
        if by_phase {
            phases(&mut power, "P", M::ActiveImport, 0);
        }
        if list >= ListType::Two {
            power.fixed("Q", figures.total(M::ReactiveImport), 0);
            power.fixed("PO", figures.total(M::ActiveExport), 0);
            if by_phase {
                phases(&mut power, "PO", M::ActiveExport, 0);
            }
            power.fixed("QO", figures.total(M::ReactiveExport), 0);
            phases(&mut power, "I", M::Current, 2);
            phases(&mut power, "U", M::Voltage, 2);
        }
        if by_phase {
            self.factors(figures, &mut power);
            phases(&mut power, "tPI", M::ActiveImportEnergy, 3);
            phases(&mut power, "tPO", M::ActiveExportEnergy, 3);
        }
        power.text("t", &iso(figures.view().now));
        power.finish()
    }

    /// In percent; all four are 100 when the total is 0 or not there, as in the original, unless
    /// what is unknown is left out.
    fn factors(&self, figures: &Figures<'_>, power: &mut Object) {
        let percent = |number: Number| number.shifted(2);
        let total = figures.total(Measure::PowerFactor).map(percent);
        let none = total.is_none_or(|total| total.mantissa == 0);
        let full = (self.unknown == Unknown::Zero && none).then(|| Number::new(100, 0));
        power.fixed("PF", full.or(total), 0);
        for (n, phase) in (1..).zip(PHASES) {
            let factor = figures.of_phase(Measure::PowerFactor, phase).map(percent);
            power.fixed(&format!("PF{n}"), full.or(factor), 0);
        }
    }

    fn energy(&self, figures: &Figures<'_>) -> String {
        let mut energy = Object::new(self.unknown);
        for (key, register) in [
            ("tPI", Register::ActiveImport),
            ("tPO", Register::ActiveExport),
            ("tQI", Register::ReactiveImport),
            ("tQO", Register::ReactiveExport),
        ] {
            energy.fixed(key, figures.counter(register), 3);
        }
        energy.text_or_null("rtc", figures.meter_clock().map(iso).as_deref());
        energy.text("t", &iso(figures.view().now));
        energy.finish()
    }

    fn realtime(&mut self, view: &View) -> String {
        let books = Books(view);
        let mut realtime = Object::new(self.unknown);
        realtime.fixed("max", books.month_max(), 1);
        let peaks = books.peaks().into_iter().filter_map(|peak| fixed(peak, 2));
        realtime.raw("peaks", &array(peaks));
        realtime.fixed("threshold", books.threshold(), 0);
        for (key, span) in [("hour", Span::Hour), ("day", Span::Day), ("month", Span::Month)] {
            let mut period = Object::new(self.unknown);
            period.fixed("use", books.used(span), 2).fixed("cost", books.cost(span), 2);
            period.fixed("produced", books.produced(span), 2);
            period.fixed("income", books.income(span), 2);
            realtime.object(key, period);
        }
        let due = self.thresholds_at.is_none_or(|at| view.now.since(at) >= THRESHOLDS_MS);
        if due && let Some(thresholds) = books.thresholds() {
            realtime.raw("thresholds", &array(thresholds.iter().map(i64::to_string)));
            self.thresholds_at = Some(view.now);
        }
        realtime.text("t", &iso(view.now));
        realtime.finish()
    }

    /// The prices.
    pub fn prices(
        &mut self,
        view: &View,
        reader: &Reader,
        exported: bool,
        out: &mut Vec<Outgoing>,
    ) {
        let Some(prices) = Prices::of(view) else { return };
        self.announce_prices(&prices, exported, reader, out);
        let mut message = Object::new(self.unknown);
        message.text("id", &reader.id);
        message.object("prices", points(&prices, exported, self.unknown));
        message.text("t", &iso(view.now));
        let topic = format!("{}/prices", self.base);
        out.push(Outgoing::live(topic, "prices", message.finish(), view.now).retained(true));
    }

    /// About the reader.
    pub fn system(&mut self, reader: &Reader, now: UtcMillis, out: &mut Vec<Outgoing>) {
        self.announce_system(reader, out, now);
        let mut message = Object::new(self.unknown);
        message.text("id", &reader.id).text("name", &reader.name).int("up", reader.up_s(now));
        message.fixed("vcc", None, 3).fixed("rssi", None, 0);
        let temperature = (self.unknown == Unknown::Zero).then(|| Number::new(-127, 0));
        message.fixed("temp", temperature, 2).text("version", &reader.version);
        message.text("t", &iso(now));
        let topic = format!("{}/state", self.base);
        out.push(Outgoing::live(topic, "state", message.finish(), now));
    }

    /// About releases: the first time the entity, afterwards its state.
    pub fn firmware(&mut self, reader: &Reader, commands: &str, now: UtcMillis) -> Outgoing {
        if let Some(entity) = self.announce_update(reader, commands, now) {
            return entity;
        }
        Outgoing::live(format!("{}/firmware", self.base), "firmware", firmware(reader), now)
    }
}
