//! Announcing hanport's own topics to Home Assistant: one retained message a device.
//!
//! ```text
//!  <prefix>/device/hanport_<number>/config    a meter, via the reader
//!  <prefix>/device/hanport_<reader>/config    the reader: connected, update
//! ```
//!
//! Unique ids are `hanport_<number of the meter>_<key>`: never a host, a port or a name that
//! somebody gave. So a meter is announced when its number is known, or after a while under its
//! name here when it tells none. An entity comes when its value first comes, and goes when its
//! value has not come for 26 hours while others did, or when prices are switched off.
//!
//! What an earlier run announced is read back from the broker: entities that are only known from
//! there stay until they are found to be gone.

pub mod components;
pub mod older;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use hanport_core::quantity::Quantity;
use serde_json::Value;

use self::components::{Component, Source};
use super::books::Books;
use super::figures::meter_id;
use super::outgoing::{Keeping, Outgoing, Qos};
use super::reader::Reader;
use super::settings::{Discovery, Style};
use super::text::{Object, Unknown, array, quote};
use crate::energy::Register;
use crate::state::Origin;
use crate::time::UtcMillis;
use crate::view::View;

/// How long a number is waited for before the meter's name here takes its place.
const WAIT_MS: i64 = 90_000;
/// After this without a value, while others come, its entity goes.
const GONE_MS: i64 = 26 * 3_600_000;
/// Values become unknown after three periods and a little; a minute where none is learned yet.
const PERIODS: i64 = 3;
const MARGIN_S: i64 = 5;
const SHORTEST_S: i64 = 30;
const UNKNOWN_S: i64 = 120;

#[derive(Clone, Debug)]
enum Entity {
    Known(Component),
    /// From an earlier run, as it stood there.
    Read(Value),
}

#[derive(Clone, Debug)]
struct Kept {
    entity: Entity,
    seen: UtcMillis,
}

/// The announcements of one meter.
#[derive(Clone, Debug)]
pub struct Device {
    settings: Discovery,
    /// `<prefix>/<reader>` of hanport's own topics.
    root: String,
    meter: Arc<str>,
    /// Whether this meter takes over the entities of the older reader.
    migrates: bool,
    began: Option<UtcMillis>,
    id: Option<String>,
    kept: BTreeMap<String, Kept>,
    gone: BTreeSet<String>,
    expire_s: i64,
    /// Keys of the older reader that are still announced, and whether there are new ones.
    older: BTreeSet<String>,
    older_is_news: bool,
    shape: Shape,
    text: String,
}

/// What decides which entities there are; made with every message, so it is small.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each tells whether one group of entities is there"
)]
struct Shape {
    quantities: Vec<(Quantity, bool)>,
    registers: [bool; 4],
    begun: bool,
    exports: bool,
    money: Option<(String, bool)>,
    priced: bool,
    peaks: bool,
    name: String,
    expire_s: i64,
}

impl Device {
    /// Of one meter.
    pub fn new(settings: Discovery, root: String, meter: Arc<str>, is_first: bool) -> Self {
        let migrates = is_first && settings.migrate_from.is_some();
        Self {
            settings,
            root,
            meter,
            migrates,
            began: None,
            id: None,
            kept: BTreeMap::new(),
            gone: BTreeSet::new(),
            expire_s: UNKNOWN_S,
            older: BTreeSet::new(),
            older_is_news: false,
            shape: Shape::default(),
            text: String::new(),
        }
    }

    fn topic(&self, id: &str) -> String {
        format!("{}/device/hanport_{id}/config", self.settings.prefix)
    }

    /// Announces what is new, if anything is.
    pub fn update(&mut self, view: &View, reader: &Reader, out: &mut Vec<Outgoing>) {
        let began = *self.began.get_or_insert(view.now);
        let id = match meter_id(view) {
            Some(number) => safe(&number),
            None => match &self.id {
                Some(id) => id.clone(),
                None if view.now.since(began) < WAIT_MS => return,
                None => safe(&view.meter),
            },
        };
        if let Some(before) = self.id.replace(id.clone())
            && before != id
        {
            out.push(away(self.topic(&before), view.now));
            self.kept.clear();
            self.text.clear();
        }
        let shape = self.shape_of(view);
        let same = shape == self.shape && !self.text.is_empty();
        for (quantity, _) in &shape.quantities {
            if let Some(kept) = self.kept.get_mut(&quantity.to_string()) {
                kept.seen = view.now;
            }
        }
        let lost = self.lose(view, &shape);
        if same && !lost && !core::mem::take(&mut self.older_is_news) {
            return;
        }
        self.gather(&shape, view.now);
        self.expire_s = shape.expire_s;
        self.shape = shape;
        self.announce(&id, view, reader, out);
    }

    fn shape_of(&self, view: &View) -> Shape {
        let money = view.money.as_deref();
        let period_s = view.port.period_ms.map(|ms| (ms * PERIODS).div_euclid(1000) + MARGIN_S);
        let wanted = period_s.map_or(self.expire_s, |s| s.max(SHORTEST_S));
        // a period that wavers is no news
        let near = (wanted - self.expire_s).abs() * 2 <= self.expire_s;
        let value = |quantity| view.value(quantity).is_some_and(|value| value.number.mantissa > 0);
        let exported = Quantity::total(hanport_core::quantity::Measure::ActiveExport);
        let counter = view.running.active_export.as_ref().is_some_and(|r| r.mwh() > 0);
        let mut registers = [false; 4];
        for (known, register) in registers.iter_mut().zip(Register::ALL) {
            *known = view.running.of(register).is_some();
        }
        let mut quantities: Vec<_> =
            view.values.iter().map(|v| (v.quantity, v.origin == Origin::Estimated)).collect();
        // in the order in which they first came they would be another shape after a restart
        quantities.sort_by_key(|(quantity, _)| {
            (quantity.measure as u8, quantity.phase as u8, quantity.tariff)
        });
        Shape {
            quantities,
            registers,
            begun: Books(view).begun(),
            exports: self.shape.exports || counter || value(exported),
            money: money.map(|money| (money.currency.code().to_owned(), money.export_differs)),
            priced: money.is_some_and(|money| !money.curve.is_empty()),
            peaks: money.is_some_and(|money| money.peaks.is_some()),
            name: view.name.to_string(),
            expire_s: if near { self.expire_s } else { wanted },
        }
    }

    /// Adds the entities of what is there now.
    fn gather(&mut self, shape: &Shape, now: UtcMillis) {
        let mut all = Vec::new();
        let values = shape.quantities.iter();
        all.extend(
            values.filter_map(|(quantity, assumed)| components::of_value(*quantity, *assumed)),
        );
        for (register, known) in Register::ALL.into_iter().zip(shape.registers) {
            if known {
                all.extend(components::of_register(register));
            }
        }
        if shape.begun {
            let currency = shape.money.as_ref().map(|(currency, _)| currency.as_str());
            all.extend(components::of_account(currency, shape.exports));
        }
        if let Some((currency, export_differs)) = shape.money.as_ref().filter(|_| shape.priced) {
            all.extend(components::of_prices(currency, *export_differs));
        }
        if shape.peaks {
            all.push(components::of_peaks());
        }
        all.extend(components::of_port());
        for component in all {
            self.gone.remove(&component.key);
            let kept = Kept { entity: Entity::Known(component.clone()), seen: now };
            self.kept.insert(component.key, kept);
        }
    }

    /// Finds entities that are gone; whether there are any.
    fn lose(&mut self, view: &View, shape: &Shape) -> bool {
        let live = shape.registers.iter().any(|known| *known);
        let mut lost = Vec::new();
        for (key, kept) in &self.kept {
            let source = match &kept.entity {
                Entity::Known(component) => component.source,
                Entity::Read(value) => source_of(value),
            };
            let is_money = key.ends_with("cost") || key.ends_with("income");
            let is_register = key.ends_with("kwh") || key.ends_with("kvarh");
            let is_lost = match source {
                Source::Price | Source::Account if source == Source::Price || is_money => {
                    shape.money.is_none()
                }
                Source::Account | Source::Price => false,
                Source::Peaks => !shape.peaks,
                Source::State if is_register && live => false,
                Source::State => view.now.since(kept.seen) > GONE_MS && !is_of_port(key),
            };
            if is_lost {
                lost.push(key.clone());
            }
        }
        let any = !lost.is_empty();
        for key in lost {
            self.kept.remove(&key);
            self.gone.insert(key);
        }
        any
    }

    fn announce(&mut self, id: &str, view: &View, reader: &Reader, out: &mut Vec<Outgoing>) {
        let text = self.device(id, view, reader);
        // what has a counterpart that has not come yet is left alone until it does
        let (now, later): (BTreeSet<_>, BTreeSet<_>) = core::mem::take(&mut self.older)
            .into_iter()
            .partition(|key| self.takes_over(key) || !older::has_counterpart(key));
        self.older = later;
        if text == self.text && now.is_empty() {
            return;
        }
        let uid = self.settings.migrate_from.clone().unwrap_or_default();
        let topic_of = |key: &String| format!("{}/sensor/{uid}_{key}/config", self.settings.prefix);
        let let_go = |key: &String| Outgoing {
            payload: b"{\"migrate_discovery\":true}".to_vec(),
            retain: false,
            ..away(topic_of(key), view.now)
        };
        out.extend(now.iter().filter(|key| self.takes_over(key)).map(let_go));
        self.announce_device(id, &text, view, out);
        out.extend(now.iter().map(|key| away(topic_of(key), view.now)));
        // what went is told once
        self.gone.clear();
        self.text = text;
    }

    fn takes_over(&self, older_key: &str) -> bool {
        self.kept.keys().any(|key| older::key_of(key) == Some(older_key))
    }

    fn announce_device(&self, id: &str, text: &str, view: &View, out: &mut Vec<Outgoing>) {
        let first = out.len();
        said(&self.settings, &format!("hanport_{id}"), text, view.now, out);
        for message in out.iter_mut().skip(first) {
            message.meter = Some(Arc::clone(&self.meter));
        }
    }

    fn device(&self, id: &str, view: &View, reader: &Reader) -> String {
        let root = &self.root;
        let mut device = Object::new(Unknown::Left);
        device.raw("ids", &array([quoted(&format!("hanport_{id}"))])).text("name", &view.name);
        let identity = &view.identity;
        if let Some(maker) = identity.manufacturer {
            device.text("mf", maker.name());
        }
        if let Some(model) = identity.model_name.as_ref().or(identity.model.as_ref()) {
            device.text("mdl", model);
        }
        // versions that take a message an entity refuse it all for a key they do not know
        let named = identity.model_name.is_some() && self.settings.style == Style::Device;
        if let Some(model) = identity.model.as_ref().filter(|_| named) {
            device.text("mdl_id", model);
        }
        if let Some(number) = &identity.number {
            device.text("sn", number);
        }
        device.text("via_device", &reader_device_id(reader));
        if let Some(page) = &reader.page {
            device.text("cu", page);
        }
        let mut message = Object::new(Unknown::Left);
        message.object("dev", device).object("o", origin(reader));
        let topics = [format!("{root}/status"), format!("{root}/{}/status", self.meter)];
        let available = topics.iter().map(|topic| format!("{{\"t\":{}}}", quoted(topic)));
        message.raw("avty", &array(available)).text("avty_mode", "all");
        message.text("stat_t", &format!("{root}/{}/state", self.meter));
        let mut all = Object::new(Unknown::Left);
        for (key, kept) in &self.kept {
            match &kept.entity {
                Entity::Known(component) => {
                    all.object(key, self.component(id, component));
                }
                Entity::Read(value) => {
                    all.raw(key, &value.to_string());
                }
            }
        }
        for key in &self.gone {
            let platform =
                if is_of_port(key) && key == "problem" { "binary_sensor" } else { "sensor" };
            all.raw(key, &format!("{{\"p\":\"{platform}\"}}"));
        }
        message.object("cmps", all);
        message.finish()
    }

    fn component(&self, id: &str, component: &Component) -> Object {
        let older = self.settings.migrate_from.as_deref().filter(|_| self.migrates);
        let unique = match (older, older::key_of(&component.key)) {
            (Some(uid), Some(key)) => format!("{uid}_{key}"),
            _ => format!("hanport_{id}_{}", component.key),
        };
        let below = match component.source {
            Source::Account => "account",
            Source::Peaks => "peaks",
            Source::Price => "price",
            Source::State => "state",
        };
        let topic = format!("{}/{}/{below}", self.root, self.meter);
        component.write(&unique, &topic, Some(self.expire_s))
    }

    /// An announcement that the broker kept: of the older reader, or of an earlier run.
    pub fn retained(
        &mut self,
        topic: &str,
        payload: &[u8],
        now: UtcMillis,
        out: &mut Vec<Outgoing>,
    ) {
        let prefix = &self.settings.prefix;
        if let Some(uid) = self.settings.migrate_from.as_deref().filter(|_| self.migrates)
            && let Some(key) = older::announced_key(topic, prefix, uid)
        {
            self.older_is_news |= self.older.insert(key.to_owned());
            return;
        }
        let Some(id) = own_id(topic, prefix) else { return };
        let Ok(value) = serde_json::from_slice::<Value>(payload) else { return };
        if !is_of(&value, &format!("{}/{}/status", self.root, self.meter)) {
            return;
        }
        match &self.id {
            Some(known) if known != id => out.push(away(topic.to_owned(), now)),
            Some(_) => self.inherit(&value, now),
            // until it tells its number, it has the one it had
            None => {
                self.id = Some(id.to_owned());
                self.inherit(&value, now);
            }
        }
    }

    fn inherit(&mut self, value: &Value, now: UtcMillis) {
        let Some(Value::Object(components)) = value.get("cmps") else { return };
        for (key, component) in components {
            let is_there = component.as_object().is_some_and(|fields| fields.len() > 1);
            if is_there && !self.kept.contains_key(key) && !self.gone.contains(key) {
                let kept = Kept { entity: Entity::Read(component.clone()), seen: now };
                self.kept.insert(key.clone(), kept);
                self.text.clear();
            }
        }
    }

    /// Everything is announced again with the next view.
    pub fn forget(&mut self) {
        self.text.clear();
    }
}

fn is_of_port(key: &str) -> bool {
    matches!(key, "faults" | "last_message" | "port" | "problem")
}

fn source_of(component: &Value) -> Source {
    let topic = component.get("stat_t").and_then(Value::as_str).unwrap_or_default();
    match topic.rsplit('/').next() {
        Some("account") => Source::Account,
        Some("peaks") => Source::Peaks,
        Some("price") => Source::Price,
        _ => Source::State,
    }
}

/// The id of a device of ours in the topic of its announcement.
pub fn own_id<'a>(topic: &'a str, prefix: &str) -> Option<&'a str> {
    let below = topic.strip_prefix(prefix)?.strip_prefix("/device/hanport_")?;
    below.strip_suffix("/config")
}

/// Whether an announcement is ours and its availability hangs on a topic.
pub fn is_of(announcement: &Value, status: &str) -> bool {
    let ours = announcement.pointer("/o/name").and_then(Value::as_str) == Some("hanport");
    let available = announcement.get("avty").and_then(Value::as_array);
    ours && available.is_some_and(|topics| {
        topics.iter().any(|topic| topic.get("t").and_then(Value::as_str) == Some(status))
    })
}

/// Takes a retained message away.
pub fn away(topic: String, now: UtcMillis) -> Outgoing {
    Outgoing {
        qos: Qos::AtLeastOnce,
        retain: true,
        keeping: Keeping::Each(600_000),
        ..Outgoing::live(topic, "away", Vec::new(), now)
    }
}

fn origin(reader: &Reader) -> Object {
    let mut origin = Object::new(Unknown::Left);
    origin.text("name", "hanport").text("sw", &reader.version);
    origin
}

/// The identifier of the reader's device.
pub fn reader_device_id(reader: &Reader) -> String {
    format!("hanport_{}", safe(&reader.word))
}

/// Says what a device is, in the style that is wanted: a message for all, or one an entity.
fn said(
    settings: &Discovery,
    device_id: &str,
    text: &str,
    now: UtcMillis,
    out: &mut Vec<Outgoing>,
) {
    let prefix = &settings.prefix;
    match settings.style {
        Style::Device => {
            let topic = format!("{prefix}/device/{device_id}/config");
            out.push(Outgoing::standing(topic, "device", text, now));
        }
        Style::Off => {}
        Style::Components => {
            let Ok(Value::Object(mut device)) = serde_json::from_str::<Value>(text) else { return };
            let Some(Value::Object(components)) = device.remove("cmps") else { return };
            for (key, component) in components {
                let Value::Object(component) = component else { continue };
                let platform = component.get("p").and_then(Value::as_str).unwrap_or("sensor");
                let topic = format!("{prefix}/{platform}/{device_id}/{key}/config");
                let is_gone = component.len() < 2;
                let mut single = device.clone();
                single.extend(component.into_iter().filter(|(key, _)| key != "p"));
                let payload =
                    if is_gone { String::new() } else { Value::Object(single).to_string() };
                out.push(Outgoing::standing(topic, "entity", payload, now));
            }
        }
    }
}

/// The reader's own device: whether it is connected, and its update. It offers no installing.
pub fn reader_device(
    settings: &Discovery,
    root: &str,
    reader: &Reader,
    now: UtcMillis,
    out: &mut Vec<Outgoing>,
) {
    let id = reader_device_id(reader);
    let mut device = Object::new(Unknown::Left);
    device.raw("ids", &array([quoted(&id)])).text("name", &format!("hanport {}", reader.word));
    device.text("mf", "hanport").text("mdl", "hanport").text("sw", &reader.version);
    if let Some(page) = &reader.page {
        device.text("cu", page);
    }
    let status = format!("{root}/status");
    let mut connected = Object::new(Unknown::Left);
    connected.text("p", "binary_sensor").text("name", "Connected");
    connected.text("uniq_id", &format!("{id}_connected")).text("stat_t", &status);
    connected.text("dev_cla", "connectivity").text("pl_on", "online").text("pl_off", "offline");
    connected.text("ent_cat", "diagnostic");
    let mut update = Object::new(Unknown::Left);
    update.text("p", "update").text("name", "Update").text("uniq_id", &format!("{id}_update"));
    update.text("stat_t", &format!("{root}/update")).text("ent_cat", "diagnostic");
    let mut all = Object::new(Unknown::Left);
    all.object("connected", connected).object("update", update);
    let mut message = Object::new(Unknown::Left);
    message.object("dev", device).object("o", origin(reader)).object("cmps", all);
    said(settings, &id, &message.finish(), now, out);
}

/// Letters, digits, `_` and `-`; everything else becomes `_`.
pub fn safe(text: &str) -> String {
    let is_safe = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-');
    text.trim().chars().map(|c| if is_safe(c) { c } else { '_' }).collect()
}

fn quoted(text: &str) -> String {
    let mut quoted = String::new();
    quote(&mut quoted, text);
    quoted
}
