//! JSON as existing readers write it: classic (everything on one topic), multi-topic, flat.
//!
//! ```text
//!              classic      multi-topic       flat
//! list N       <base>       <base>/listN      <base>   values on the top level, rt_ before energy
//! prices       <base>       <base>/prices     <base>   38 means of hours, pr_0 to pr_37
//! system       <base>       <base>/system     <base>
//! firmware     <base>/firmware
//! plots        <base>/dayplot, <base>/monthplot
//! ```
//!
//! Nothing is retained, sent with quality of service 0. Where the original writes nothing for a cheapest period that is
//! not known, and with it no JSON, `null` stands here.

use hanport_core::number::Number;
use hanport_core::quantity::Measure;
use std::sync::Arc;

use super::books::{Books, HOURS_AHEAD, Prices, Span, price};
use super::figures::{Figures, PHASES, kilo};
use super::outgoing::Outgoing;
use super::reader::Reader;
use super::settings::Format;
use super::text::{Object, Unknown, array, fixed, iso};
use crate::energy::Register;
use crate::list_type::ListType;
use crate::time::UtcMillis;
use crate::view::View;

/// Degrees that stand for no thermometer.
const NO_TEMPERATURE: Number = Number::new(-127, 0);

/// The JSON formats of one meter.
#[derive(Clone, Debug)]
pub struct Json {
    format: Format,
    base: String,
    unknown: Unknown,
}

impl Json {
    /// [`Format::Flat`], [`Format::MultiTopic`], or else classic, below a topic.
    pub const fn new(format: Format, base: String, unknown: Unknown) -> Self {
        Self { format, base, unknown }
    }

    fn topic(&self, below: &str) -> String {
        match self.format {
            Format::MultiTopic => format!("{}/{below}", self.base),
            _ => self.base.clone(),
        }
    }

    fn is_flat(&self) -> bool {
        self.format == Format::Flat
    }

    /// Who sends, and when.
    fn header(&self, reader: &Reader, at: UtcMillis, with_time: bool) -> Object {
        let mut head = Object::new(self.unknown);
        head.text("id", &reader.id).text("name", &reader.name).int("up", reader.up_s(at));
        if with_time {
            head.int("t", at.seconds());
        }
        head.fixed("vcc", None, 3).fixed("rssi", None, 0);
        let temperature = (self.unknown == Unknown::Zero).then_some(NO_TEMPERATURE);
        head.fixed("temp", temperature, 2);
        head
    }

    /// A message of the meter.
    pub fn list(&self, figures: &Figures<'_>, reader: &Reader, meter: &Arc<str>) -> Outgoing {
        let view = figures.view();
        let mut message = self.header(reader, view.now, true);
        let data = data(figures, self.unknown);
        let realtime = realtime(Books(view), self.unknown, self.is_flat());
        if self.is_flat() {
            message.append(&data).append(&realtime);
        } else {
            message.object("data", data).object("realtime", realtime);
        }
        let (below, kind) = match figures.list {
            ListType::One => ("list1", "list1"),
            ListType::Two => ("list2", "list2"),
            ListType::Three => ("list3", "list3"),
            ListType::Four => ("list4", "list4"),
        };
        Outgoing::live(self.topic(below), kind, message.finish(), view.now).of(meter)
    }

    /// The prices; `None` where none are known.
    pub fn prices(&self, view: &View, reader: &Reader, exported: bool) -> Option<Outgoing> {
        let prices = Prices::of(view)?;
        let mut message = Object::new(self.unknown);
        message.text("id", &reader.id);
        if self.is_flat() {
            for (ahead, mean) in prices.hours().iter().enumerate() {
                message.raw(&format!("pr_{ahead}"), &or_null(mean.map(price)));
            }
            tail(&mut message, &prices, "pr_");
        } else {
            message.object("prices", points(&prices, exported, self.unknown));
        }
        Some(Outgoing::live(self.topic("prices"), "prices", message.finish(), view.now))
    }

    /// About the reader.
    pub fn system(&self, reader: &Reader, now: UtcMillis) -> Outgoing {
        let mut message = self.header(reader, now, false);
        message.text("version", &reader.version);
        Outgoing::live(self.topic("system"), "system", message.finish(), now)
    }

    /// About releases.
    pub fn firmware(&self, reader: &Reader, now: UtcMillis) -> Outgoing {
        let topic = format!("{}/firmware", self.base);
        Outgoing::live(topic, "firmware", firmware(reader), now)
    }
}

/// Installed and newest version, as Home Assistant reads an update.
pub fn firmware(reader: &Reader) -> String {
    let release = reader.release.as_ref();
    let latest = release.map_or(&reader.version, |release| &release.version);
    let mut message = Object::new(Unknown::Null);
    message.text("installed_version", &reader.version).text("latest_version", latest);
    message.text("title", "hanport");
    // Home Assistant refuses all of it for an address that is none
    if let Some(release) = release.filter(|release| !release.url.is_empty()) {
        message.text("release_url", &release.url);
    }
    let summary = release.map(|release| release.summary.as_str());
    message.text("release_summary", summary.unwrap_or(&format!("hanport {latest}")));
    match reader.upgrading {
        Some(percent) => message.int("update_percentage", i64::from(percent)),
        None => message.raw("update_percentage", "null"),
    };
    message.finish()
}

/// The values of a message, in the order that existing readers write.
pub fn data(figures: &Figures<'_>, unknown: Unknown) -> Object {
    use Measure as M;
    let mut data = Object::new(unknown);
    let identity = &figures.view().identity;
    let list = figures.list;
    let by_phase = list >= ListType::Four;
    if list >= ListType::Two {
        data.text("lv", identity.list_id.as_deref().unwrap_or_default());
        data.text("meterId", &figures.meter_id());
        data.text("type", identity.model.as_deref().unwrap_or_default());
    }
    let phases = |data: &mut Object, stem: &str, measure, places| {
        for (number, phase) in (1..).zip(PHASES) {
            data.fixed(&format!("{stem}{number}"), figures.of_phase(measure, phase), places);
        }
    };
    data.fixed("P", figures.total(M::ActiveImport), 0);
    if by_phase {
        phases(&mut data, "P", M::ActiveImport, 0);
    }
    if list >= ListType::Two {
        data.fixed("Q", figures.total(M::ReactiveImport), 0);
        data.fixed("PO", figures.total(M::ActiveExport), 0);
        if by_phase {
            phases(&mut data, "PO", M::ActiveExport, 0);
        }
        data.fixed("QO", figures.total(M::ReactiveExport), 0);
        phases(&mut data, "I", M::Current, 2);
        phases(&mut data, "U", M::Voltage, 2);
    }
    if by_phase {
        data.fixed("PF", figures.total(M::PowerFactor), 2);
        phases(&mut data, "PF", M::PowerFactor, 2);
    }
    if list >= ListType::Three {
        data.append(&counters(figures, unknown));
        if by_phase {
            for (stem, measure) in [("tPI", M::ActiveImportEnergy), ("tPO", M::ActiveExportEnergy)]
            {
                for (number, phase) in (1..).zip(PHASES) {
                    let counter = figures.of_phase(measure, phase).map(kilo);
                    data.fixed(&format!("{stem}{number}"), counter, 3);
                }
            }
        }
        let clock = figures.meter_clock().map(|at| Number::new(at.seconds(), 0));
        data.fixed("rtc", clock, 0);
    }
    data
}

fn counters(figures: &Figures<'_>, unknown: Unknown) -> Object {
    let mut data = Object::new(unknown);
    for (key, register) in [("tPI", Register::ActiveImport), ("tPO", Register::ActiveExport)] {
        data.fixed(key, figures.counter(register), 3);
        for tariff in 1..=2 {
            let counter = figures.of_tariff(register.energy(), tariff);
            data.fixed(&format!("{key}T{tariff}"), counter, 3);
        }
    }
    data.fixed("tQI", figures.counter(Register::ReactiveImport), 3);
    data.fixed("tQO", figures.counter(Register::ReactiveExport), 3);
    data
}

/// Energy and peaks. Flat keys have `rt_` before them.
pub fn realtime(books: Books<'_>, unknown: Unknown, flat: bool) -> Object {
    let mut realtime = Object::new(unknown);
    let mut put = |key: &str, number, places| {
        let key = if flat { format!("rt_{key}") } else { key.to_owned() };
        realtime.fixed(&key, number, places);
    };
    put("h", books.used(Span::Hour), 3);
    put("d", books.used(Span::Day), 2);
    put("m", books.used(Span::Month), 1);
    put("t", books.threshold(), 0);
    put("x", books.month_max(), 2);
    put("he", books.produced(Span::Hour), 3);
    put("de", books.produced(Span::Day), 2);
    put("me", books.produced(Span::Month), 1);
    let peaks = books.peaks().into_iter().filter_map(|peak| fixed(peak, 2));
    realtime.raw("peaks", &array(peaks));
    realtime
}

/// The prices from the running point on.
pub fn points(prices: &Prices<'_>, exported: bool, unknown: Unknown) -> Object {
    let mut object = Object::new(unknown);
    let points = prices.points().iter();
    object.raw("import", &array(points.clone().map(|slot| or_null(slot.import.map(price)))));
    if exported && prices.export_differs() {
        object.raw("export", &array(points.map(|slot| or_null(slot.export.map(price)))));
    }
    tail(&mut object, prices, "");
    object
}

fn tail(object: &mut Object, prices: &Prices<'_>, prefix: &str) {
    let (lowest, highest) = prices.range(HOURS_AHEAD);
    object.raw(&format!("{prefix}min"), &or_null(lowest));
    object.raw(&format!("{prefix}max"), &or_null(highest));
    for hours in [1, 3, 6] {
        let start = prices.cheapest(hours, HOURS_AHEAD).map(iso);
        object.text_or_null(&format!("{prefix}cheapest{hours}hr"), start.as_deref());
    }
}

fn or_null(price: Option<Number>) -> String {
    price.and_then(|price| fixed(price, 4)).unwrap_or_else(|| "null".to_owned())
}
