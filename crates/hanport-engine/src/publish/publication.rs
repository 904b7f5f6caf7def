//! Everything that is published to one broker: its formats, for its meters.
//!
//! A publication is either of the formats of existing readers, which share a topic and its
//! `status`, or of hanport's own: a connection has one last will, so each has its own connection.

mod meter;

use std::sync::Arc;

use jiff::civil::Date;

use self::meter::{Meter, Of};
use super::books::Told;
use super::command::Command;
use super::discovery;
use super::json::firmware;
use super::octets;
use super::outgoing::{Outgoing, Qos};
use super::reader::Reader;
use super::settings::{Format, Settings, Style};
use super::tree::Tree;
use crate::time::UtcMillis;
use crate::view::{Arrived, Update, View, What};

/// About the reader, and about releases: every minute.
const MINUTE_MS: i64 = 60_000;
/// A device of ours whose meter has not shown up after this long is an orphan.
const ORPHAN_MS: i64 = 600_000;
/// Announcements of the older reader that are remembered; it has some hundred.
const OLDER: usize = 2000;

/// Which family of formats.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Family {
    /// Formats of existing readers.
    Older,
    /// hanport's own topics.
    Own,
}

/// What is published over one connection.
#[derive(Clone, Debug)]
pub struct Publication {
    settings: Settings,
    family: Family,
    reader: Reader,
    meters: Vec<Meter>,
    system_at: Option<UtcMillis>,
    connected_at: Option<UtcMillis>,
    /// Announcements of devices of ours that the broker kept.
    orphans: Vec<(String, serde_json::Value)>,
    /// Topics of announcements of the older reader that came before the first meter.
    older: Vec<String>,
    release: Option<String>,
}

impl Publication {
    /// The publications of a broker: one a family that its formats belong to.
    pub fn all(settings: &Settings, reader: &Reader) -> Vec<Self> {
        let mut all = Vec::new();
        let families = [(Family::Older, settings.has_older()), (Family::Own, settings.has_own())];
        for (family, _) in families.into_iter().filter(|(_, has)| *has) {
            all.push(Self {
                settings: settings.clone(),
                family,
                reader: reader.clone(),
                meters: Vec::new(),
                system_at: None,
                connected_at: None,
                orphans: Vec::new(),
                older: Vec::new(),
                release: None,
            });
        }
        all
    }

    /// Its family.
    pub const fn family(&self) -> Family {
        self.family
    }

    /// `<prefix>/<reader>` of hanport's own topics, the topic of the others.
    pub fn root(&self) -> String {
        match self.family {
            Family::Older => self.settings.root(),
            Family::Own => format!("{}/{}", self.settings.prefix, self.reader.word),
        }
    }

    fn status(&self, word: &str, now: UtcMillis) -> Outgoing {
        let message = Outgoing::standing(format!("{}/status", self.root()), "status", word, now);
        match self.family {
            Family::Older => Outgoing { qos: Qos::AtMostOnce, ..message },
            Family::Own => message,
        }
    }

    /// Whether what is unknown is `null` in the formats of existing readers.
    pub const fn unknown_as_null(&self) -> bool {
        self.settings.unknown_as_null
    }

    /// The meter of a plot on command, and the topic for it; `None` for other commands and where
    /// no format has plots.
    pub fn plot_topic(&self, command: &Command) -> Option<(Arc<str>, String)> {
        let below = match command {
            Command::DayPlot => "dayplot",
            Command::MonthPlot => "monthplot",
            Command::Upgrade(_) => return None,
        };
        let meter = self.meters.first()?;
        let has_plots = meter.formats.iter().any(|format| matches!(format, Of::Json(_)));
        has_plots.then(|| (Arc::clone(&meter.name), format!("{}/{below}", meter.topic)))
    }

    /// What the broker says for us when we are gone.
    pub fn will(&self) -> Outgoing {
        self.status("offline", UtcMillis::default())
    }

    /// What is said at the end; a clean farewell keeps the will back.
    pub fn farewell(&self, now: UtcMillis) -> Outgoing {
        self.status("offline", now)
    }

    /// What is listened to.
    pub fn subscriptions(&self) -> Vec<String> {
        let discovery = &self.settings.discovery;
        let prefix = &discovery.prefix;
        let mut topics = Vec::new();
        match self.family {
            Family::Older => {
                topics.push(self.settings.command_topic());
                if self.settings.formats.contains(&Format::HomeAssistant) {
                    topics.push(format!("{prefix}/status"));
                }
            }
            Family::Own if discovery.style != Style::Off => {
                topics.push(format!("{prefix}/status"));
                topics.push(format!("{prefix}/device/+/config"));
                if discovery.migrate_from.is_some() {
                    topics.push(format!("{prefix}/sensor/+/config"));
                }
            }
            Family::Own => {}
        }
        topics
    }

    /// The connection stands. Comes before everything else that is sent over it.
    pub fn connected(&mut self, views: &[Arc<View>], now: UtcMillis, out: &mut Vec<Outgoing>) {
        self.connected_at = Some(now);
        out.push(self.status("online", now));
        self.system_at = None;
        for meter in &mut self.meters {
            meter.told = None;
            for format in &mut meter.formats {
                match format {
                    Of::Assistant(assistant) => assistant.forget(),
                    Of::Own(tree, _) => tree.connected(),
                    Of::Raw(raw) => raw.connected(),
                    Of::Domoticz(_) | Of::Hex | Of::Json(_) | Of::Passthrough => {}
                }
            }
        }
        if self.family == Family::Own && self.settings.discovery.style != Style::Off {
            let root = self.root();
            discovery::reader_device(&self.settings.discovery, &root, &self.reader, now, out);
        }
        self.tick(now, out);
        for view in views {
            if let Some(at) = self.meter(&view.meter, now, out) {
                self.standing(at, view, out);
            }
        }
    }

    /// Time passed: about once a second.
    pub fn tick(&mut self, now: UtcMillis, out: &mut Vec<Outgoing>) {
        if self.system_at.is_some_and(|at| now.since(at) < MINUTE_MS) {
            return;
        }
        self.system_at = Some(now);
        self.sweep(now, out);
        if self.family == Family::Own {
            let text = firmware(&self.reader);
            if self.release.as_ref() != Some(&text) {
                let topic = format!("{}/update", self.root());
                out.push(Outgoing::standing(topic, "update", text.clone(), now));
                self.release = Some(text);
            }
            return;
        }
        let commands = self.settings.command_topic();
        // the reader is one, so the first meter's formats speak of it
        let Some(meter) = self.meters.first_mut() else {
            self.system_at = None;
            return;
        };
        let first = out.len();
        for format in &mut meter.formats {
            match format {
                Of::Assistant(assistant) => {
                    assistant.system(&self.reader, now, out);
                    out.push(assistant.firmware(&self.reader, &commands, now));
                }
                Of::Json(json) => {
                    out.push(json.system(&self.reader, now));
                    out.push(json.firmware(&self.reader, now));
                }
                Of::Raw(raw) => raw.system(&self.reader, now, out),
                Of::Domoticz(_) | Of::Hex | Of::Own(..) | Of::Passthrough => {}
            }
        }
        once(out, first);
    }

    /// Another release is known, or an upgrade moves on.
    pub fn set_reader(&mut self, reader: Reader) {
        self.reader = reader;
        self.system_at = None;
    }

    /// News of a meter.
    pub fn update(&mut self, update: &Update, out: &mut Vec<Outgoing>) {
        let view = &update.view;
        if !view.now.is_sane() {
            return;
        }
        let Some(at) = self.meter(&view.meter, view.now, out) else { return };
        match &update.what {
            What::Message(arrived) => self.message(at, view, arrived, out),
            What::Interval(interval) => {
                if let Some(tree) = self.tree(at) {
                    out.push(tree.interval(view, interval));
                }
            }
            What::Fault
            | What::Gone
            | What::Incident(_)
            | What::Money
            | What::Port
            | What::Settings => {
                self.standing(at, view, out);
                if matches!(update.what, What::Gone | What::Port)
                    && let Some(tree) = self.tree(at)
                {
                    out.push(tree.state(view));
                }
            }
        }
    }

    fn tree(&mut self, at: usize) -> Option<&mut Tree> {
        self.meters.get_mut(at)?.formats.iter_mut().find_map(|format| match format {
            Of::Own(tree, _) => Some(&mut **tree),
            _ => None,
        })
    }

    /// Status, discovery, prices: what stands or changes by itself.
    fn standing(&mut self, at: usize, view: &Arc<View>, out: &mut Vec<Outgoing>) {
        let Some(meter) = self.meters.get_mut(at) else { return };
        let exported = meter.notice_export(view);
        let day = local_day(view, &self.reader);
        let is_news = meter.told.as_ref().is_none_or(|told| !told.holds(view, day, exported));
        if is_news {
            meter.told = Some(Told::of(view, day, exported));
        }
        for format in &mut meter.formats {
            match format {
                Of::Assistant(assistant) if is_news => {
                    assistant.prices(view, &self.reader, exported, out);
                }
                Of::Json(json) if is_news => {
                    out.extend(json.prices(view, &self.reader, exported));
                }
                Of::Own(tree, device) => {
                    if let Some(device) = device {
                        device.update(view, &self.reader, out);
                    }
                    out.extend(tree.status(view));
                    tree.money(view, out);
                }
                Of::Raw(raw) if is_news => raw.prices(view, exported, out),
                Of::Assistant(_)
                | Of::Domoticz(_)
                | Of::Hex
                | Of::Json(_)
                | Of::Passthrough
                | Of::Raw(_) => {}
            }
        }
    }

    fn message(&mut self, at: usize, view: &Arc<View>, arrived: &Arrived, out: &mut Vec<Outgoing>) {
        self.standing(at, view, out);
        let Some(meter) = self.meters.get_mut(at) else { return };
        let figures = meter.figures(view, arrived, self.settings.pace);
        let reader = &self.reader;
        for format in &mut meter.formats {
            match (format, &figures) {
                (Of::Hex, _) => {
                    out.extend(octets::hex(&meter.topic, &arrived.octets, &view.meter, view.now));
                }
                (Of::Passthrough, _) => {
                    let topic = &meter.topic;
                    out.extend(octets::passthrough(topic, &arrived.octets, &view.meter, view.now));
                }
                (Of::Own(tree, _), _) => {
                    out.push(tree.state(view));
                    out.extend(tree.registers(view));
                    out.extend(tree.account(view));
                }
                (Of::Assistant(format), Some(f)) => format.list(f, reader, &view.meter, out),
                (Of::Domoticz(format), Some(figures)) => format.list(figures, &view.meter, out),
                (Of::Json(format), Some(f)) => out.push(format.list(f, reader, &view.meter)),
                (Of::Raw(format), Some(figures)) => format.list(figures, &view.meter, out),
                (Of::Assistant(_) | Of::Domoticz(_) | Of::Json(_) | Of::Raw(_), None) => {}
            }
        }
    }

    /// The meter of a name, made when it first appears; `None` when it is not published here.
    fn meter(&mut self, name: &Arc<str>, now: UtcMillis, out: &mut Vec<Outgoing>) -> Option<usize> {
        if let Some(at) = self.meters.iter().position(|meter| meter.name == *name) {
            return Some(at);
        }
        if !self.settings.has_meter(name) {
            return None;
        }
        let is_first = match self.settings.meters.first() {
            Some(first) => **first == **name,
            None => self.meters.is_empty(),
        };
        let meter =
            Meter::new(name, is_first, &self.settings, self.family, &self.root(), &self.reader);
        // the first of the settings speaks of the reader
        let at = if is_first { 0 } else { self.meters.len() };
        self.meters.insert(at, meter);
        self.hand_over(at, now, out);
        Some(at)
    }

    /// Something came from the broker. Returns a command that is to be carried out.
    pub fn incoming(
        &mut self,
        came: Came<'_>,
        now: UtcMillis,
        views: &[Arc<View>],
        out: &mut Vec<Outgoing>,
    ) -> Incoming {
        let Came { topic, payload, retained } = came;
        if topic == format!("{}/status", self.settings.discovery.prefix) {
            if payload == b"online" {
                self.born(views, now, out);
                return Incoming::Birth;
            }
            return Incoming::Nothing;
        }
        if self.family == Family::Older && topic == self.settings.command_topic() {
            let taken = Command::parse(payload)
                .filter(|command| self.settings.formats.iter().any(|f| command.is_for(*f)));
            return taken.map_or(Incoming::NotUnderstood, Incoming::Command);
        }
        // what is not retained is an echo of our own
        if !retained || payload.is_empty() {
            return Incoming::Nothing;
        }
        self.retained(topic, payload, now, out);
        for view in views {
            if let Some(at) = self.meters.iter().position(|meter| meter.name == view.meter) {
                self.standing(at, view, out);
            }
        }
        Incoming::Nothing
    }

    /// Home Assistant started.
    fn born(&mut self, views: &[Arc<View>], now: UtcMillis, out: &mut Vec<Outgoing>) {
        if self.family == Family::Own && self.settings.discovery.style != Style::Off {
            let root = self.root();
            discovery::reader_device(&self.settings.discovery, &root, &self.reader, now, out);
        }
        for meter in &mut self.meters {
            meter.told = None;
            for format in &mut meter.formats {
                match format {
                    Of::Assistant(assistant) => assistant.forget(),
                    Of::Own(_, Some(device)) => device.forget(),
                    _ => {}
                }
            }
        }
        if self.family == Family::Own {
            out.push(self.status("online", now));
            for view in views {
                let Some(at) = self.meter(&view.meter, now, out) else { continue };
                if let Some(tree) = self.tree(at) {
                    tree.announce_status_again();
                    tree.connected();
                }
                self.standing(at, view, out);
                if let Some(tree) = self.tree(at) {
                    out.push(tree.state(view));
                }
            }
        }
    }

    fn retained(&mut self, topic: &str, payload: &[u8], now: UtcMillis, out: &mut Vec<Outgoing>) {
        for meter in &mut self.meters {
            for format in &mut meter.formats {
                if let Of::Own(_, Some(device)) = format {
                    device.retained(topic, payload, now, out);
                }
            }
        }
        let prefix = &self.settings.discovery.prefix;
        if discovery::own_id(topic, prefix).is_some()
            && let Ok(value) = serde_json::from_slice(payload)
            && discovery::is_of(&value, &format!("{}/status", self.root()))
        {
            self.orphans.retain(|(known, _)| known != topic);
            self.orphans.push((topic.to_owned(), value));
        }
        if self.meters.is_empty() && topic.contains("/sensor/") && self.older.len() < OLDER {
            self.older.push(topic.to_owned());
        }
    }

    /// Takes away announcements of meters that are not published any more. What came from the
    /// broker before its meter appeared is handed to it then.
    fn sweep(&mut self, now: UtcMillis, out: &mut Vec<Outgoing>) {
        let Some(connected) = self.connected_at else { return };
        let patient = self.settings.meters.is_empty() && now.since(connected) < ORPHAN_MS;
        let root = self.root();
        let status = |name: &str| format!("{root}/{name}/status");
        let meters: Vec<String> = self.meters.iter().map(|meter| status(&meter.name)).collect();
        let named: Vec<String> = self.settings.meters.iter().map(|name| status(name)).collect();
        self.orphans.retain(|(topic, value)| {
            let is_known =
                meters.iter().chain(&named).any(|status| discovery::is_of(value, status));
            if !is_known && !patient {
                out.push(discovery::away(topic.clone(), now));
                return false;
            }
            true
        });
    }

    /// What was read from the broker about a meter before it appeared.
    fn hand_over(&mut self, at: usize, now: UtcMillis, out: &mut Vec<Outgoing>) {
        let Some(meter) = self.meters.get_mut(at) else { return };
        for format in &mut meter.formats {
            if let Of::Own(_, Some(device)) = format {
                for (topic, value) in &self.orphans {
                    device.retained(topic, value.to_string().as_bytes(), now, out);
                }
                for topic in &self.older {
                    device.retained(topic, b"{}", now, out);
                }
            }
        }
    }
}

/// A message from the broker.
#[derive(Clone, Copy, Debug)]
pub struct Came<'a> {
    /// Its topic.
    pub topic: &'a str,
    /// What it says.
    pub payload: &'a [u8],
    /// Whether the broker had kept it.
    pub retained: bool,
}

/// What a message from the broker means.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Incoming {
    /// Home Assistant started: wait a little, then send what was made.
    Birth,
    /// A command to carry out.
    Command(Command),
    /// Something on the topic of commands that is none.
    NotUnderstood,
    /// Nothing to do.
    Nothing,
}

fn local_day(view: &View, reader: &Reader) -> Date {
    view.now.timestamp().to_zoned(reader.zone.clone()).date()
}

/// Several formats may say the same on the same topic; once is enough.
fn once(out: &mut Vec<Outgoing>, from: usize) {
    let mut at = from;
    while at < out.len() {
        let is_repeated = out
            .get(at)
            .is_some_and(|message| out.iter().take(at).skip(from).any(|before| before == message));
        if is_repeated {
            out.remove(at);
        } else {
            at += 1;
        }
    }
}
