//! One meter: what arrives becomes news on the board and records in the archive.
//!
//! ```text
//!  Arrival --> session --> message --> state::Meter --> effects --> Record --> Archive
//!     |           |                                        |
//!     |           +-- fault --> doctor                     +------> View ----> Board
//!     +-- event ------------>
//! ```
//!
//! Nothing here waits or asks the time: the task around it does, and a history that is computed
//! in fast-forward goes the same way.

use std::borrow::Cow;
use std::sync::{Arc, Mutex, PoisonError};

use hanport_core::fault::{Cause, Fault};
use hanport_core::quantity::{Measure, Quantity};
use hanport_core::session::push::{Event, Options, Session};
use hanport_engine::board::Board;
use hanport_engine::doctor::{Doctor, Report};
use hanport_engine::energy::{Entry, Interval, MeterId, QuarterHour, Recent, Register};
use hanport_engine::identity::Identity;
use hanport_engine::line::{Arrival, LineEvent};
use hanport_engine::list_type::ListType;
use hanport_engine::money::picture::{Live, Picture};
use hanport_engine::outside::{Archive, Happening, History, HistoryError, Record};
use hanport_engine::state::{Effect, Input, Message, Meter, Origin, Settings};
use hanport_engine::time::{ClockNotice, UtcMillis};
use hanport_engine::view::{Arrived, PortView, Update, View, What};
use jiff::tz::TimeZone;
use serde_json::{Value, json};

use crate::message::LONGEST;

/// Silence after which an unfinished message stays unfinished.
pub(crate) const SILENCE_MS: i64 = 500;

/// The longest stretch of octets kept for those who want to see a message as it came.
const SHOWN: usize = 2 * LONGEST;

/// What a reader is told about its meter.
pub(crate) struct About {
    /// Its name in addresses and topics.
    pub(crate) id: Arc<str>,
    /// Its name for people.
    pub(crate) name: Arc<str>,
    /// Where it is read, for people.
    pub(crate) source: Arc<str>,
    /// Keys, and what only the user knows.
    pub(crate) options: Options,
    /// What the user says about it.
    pub(crate) settings: Settings,
    /// The zone of the site.
    pub(crate) zone: TimeZone,
}

/// Where things go.
#[derive(Clone)]
pub(crate) struct Outputs {
    /// What outputs see.
    pub(crate) board: Arc<Board>,
    /// What is kept.
    pub(crate) archive: Arc<dyn Archive>,
    /// What was kept.
    pub(crate) history: Arc<dyn History>,
}

/// The doctor of one meter, shared with those who ask.
#[derive(Debug)]
pub(crate) struct Patient(Mutex<Doctor>);

impl Patient {
    fn new(doctor: Doctor) -> Self {
        Self(Mutex::new(doctor))
    }

    fn tell(&self, tell: impl FnOnce(&mut Doctor)) {
        tell(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner));
    }

    /// What the doctor says.
    pub(crate) fn report(&self, now: UtcMillis) -> Report {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).report(now)
    }
}

/// One meter. See the [module](self).
pub(crate) struct Reader {
    id: Arc<str>,
    name: Arc<str>,
    outputs: Outputs,
    session: Box<Session<LONGEST>>,
    /// Octets since the last message, and how many the session had skipped by then.
    heard: Vec<u8>,
    skipped: u64,
    last_octets: Option<UtcMillis>,
    message: Message,
    meter: Meter,
    identity: Arc<Identity>,
    recent: Recent,
    list: Option<ListType>,
    money: Option<Arc<Picture>>,
    port: PortView,
    effects: Vec<Effect>,
    remembered: UtcMillis,
    patient: Arc<Patient>,
    silent: bool,
}

impl Reader {
    /// A reader that goes on where the archive says the last one stopped.
    pub(crate) fn new(
        about: About,
        outputs: Outputs,
        now: UtcMillis,
    ) -> Result<Self, HistoryError> {
        let About { id, name, source, options, settings, zone } = about;
        let memory = outputs.archive.memory(&id)?.unwrap_or_default();
        let mut recent = Recent::new(zone.clone());
        fill(&mut recent, &*outputs.history, &id, now)?;
        let meter = Meter::new(settings, zone, memory, now);
        let port = PortView {
            status: meter.port().status(now),
            source,
            period_ms: None,
            last_message: None,
            messages: 0,
            faults: 0,
            fault: None,
        };
        let reader = Self {
            id,
            name,
            session: Box::new(Session::new(options)),
            heard: Vec::new(),
            skipped: 0,
            last_octets: None,
            message: Message::new(now),
            meter,
            identity: Arc::default(),
            recent,
            list: None,
            money: None,
            port,
            effects: Vec::new(),
            remembered: UtcMillis(0),
            patient: Arc::new(Patient::new(Doctor::new(now))),
            silent: false,
            outputs,
        };
        Ok(reader)
    }

    /// Nobody sees the board until it is put up: before the history is complete.
    pub(crate) const fn silent(mut self, silent: bool) -> Self {
        self.silent = silent;
        self
    }

    /// Other keys.
    pub(crate) fn set_options(&mut self, options: Options) {
        *self.session = Session::new(options);
    }

    /// The doctor, for those who ask.
    pub(crate) fn patient(&self) -> Arc<Patient> {
        Arc::clone(&self.patient)
    }

    /// Puts the meter up on the board, without news.
    pub(crate) fn appear(&mut self, now: UtcMillis) {
        let view = self.view(now);
        self.outputs.board.put(&view);
    }

    /// Something arrived.
    pub(crate) fn handle(&mut self, arrival: &Arrival) {
        self.patient.tell(|doctor| doctor.handle_arrival(arrival));
        match arrival {
            Arrival::Octets(at, octets) => self.octets(*at, octets),
            Arrival::Event(at, event) => self.event(*at, event),
        }
    }

    /// Time passed.
    pub(crate) fn tick(&mut self, now: UtcMillis) {
        if self.last_octets.is_some_and(|last| now.since(last) >= SILENCE_MS) {
            self.pause(now);
        }
        self.apply(now, None);
    }

    /// When a tick is due at the latest.
    pub(crate) fn deadline(&self, now: UtcMillis) -> Option<UtcMillis> {
        let silence = self.last_octets.map(|last| last.plus(SILENCE_MS));
        [self.meter.deadline(now), silence].into_iter().flatten().min()
    }

    /// Prices, costs or peaks were reckoned anew.
    pub(crate) fn set_money(&mut self, now: UtcMillis, money: Option<Arc<Picture>>) {
        self.money = money;
        self.tell(now, What::Money);
    }

    /// Corrections were made: what was summed up is summed up anew.
    pub(crate) fn refill(&mut self, now: UtcMillis) -> Result<(), HistoryError> {
        self.recent.clear();
        fill(&mut self.recent, &*self.outputs.history, &self.id, now)
    }

    /// Leaves what must not be lost, at the end.
    pub(crate) fn close(&mut self, now: UtcMillis) {
        self.pause(now);
        let memory = Some(Arc::new(self.meter.memory().clone()));
        let record = Record { received: now, at: now, memory, ..Record::default() };
        self.outputs.archive.keep(&self.id, record);
    }

    fn octets(&mut self, at: UtcMillis, octets: &[u8]) {
        self.last_octets = Some(at);
        let mut rest = octets;
        loop {
            let before = rest;
            let Some(event) = self.session.poll(&mut rest) else {
                self.hear(before);
                return;
            };
            let taken = before.len() - rest.len();
            let (taken, _) = before.split_at_checked(taken).unwrap_or((before, &[]));
            hear(&mut self.heard, taken);
            let outcome = take(&event, at, &mut self.message, &mut self.identity);
            self.outcome(at, outcome);
        }
    }

    /// Nothing more comes of what has begun.
    fn pause(&mut self, now: UtcMillis) {
        self.last_octets = None;
        while let Some(event) = self.session.end() {
            let outcome = take(&event, now, &mut self.message, &mut self.identity);
            self.outcome(now, outcome);
        }
        self.heard.clear();
    }

    fn hear(&mut self, octets: &[u8]) {
        hear(&mut self.heard, octets);
    }

    fn outcome(&mut self, at: UtcMillis, outcome: Option<Fault>) {
        let skipped = self.session.counts().skipped;
        let junk = usize::try_from(skipped.saturating_sub(self.skipped)).unwrap_or(usize::MAX);
        self.skipped = skipped;
        let heard = std::mem::take(&mut self.heard);
        match outcome {
            None => {
                let frame = heard.get(junk..).unwrap_or(&heard);
                self.message(at, frame.into());
            }
            Some(fault) => self.fault(at, &fault),
        }
        // the buffer is used again
        self.heard = heard;
        self.heard.clear();
    }

    fn message(&mut self, at: UtcMillis, octets: Arc<[u8]>) {
        self.port.messages += 1;
        self.port.last_message = Some(at);
        self.port.fault = None;
        self.patient.tell(|doctor| doctor.handle_message(at, &self.message));
        self.apply(at, Some(octets));
    }

    fn fault(&mut self, at: UtcMillis, fault: &Fault) {
        self.patient.tell(|doctor| doctor.handle_fault(at, fault));
        // noise between messages is no failed message
        if matches!(fault.cause, Cause::NoFrame { .. }) && self.port.last_message.is_some() {
            return;
        }
        self.port.faults += 1;
        let words = fault.cause.to_string();
        self.port.fault = Some((at, fault.cause.class(), words.into()));
        self.meter.apply(&Input::Fault(at), &mut self.effects);
        self.carry_out(at, None);
        self.tell(at, What::Fault);
    }

    /// Hands a message, or the passing of time, to the meter and carries out what follows.
    fn apply(&mut self, now: UtcMillis, octets: Option<Arc<[u8]>>) {
        let input = match octets {
            Some(_) => Input::Message(&self.message),
            None => Input::Tick(now),
        };
        self.meter.apply(&input, &mut self.effects);
        self.carry_out(now, octets);
    }

    fn carry_out(&mut self, now: UtcMillis, octets: Option<Arc<[u8]>>) {
        let mut record = Record { received: now, at: now, ..Record::default() };
        let mut carried = Vec::new();
        let mut news = Vec::new();
        let mut gone = false;
        for effect in std::mem::take(&mut self.effects) {
            match effect {
                Effect::Clock(at, notice) => {
                    self.note(at, "meter_clock", of_clock(notice));
                }
                Effect::Gone(_) => gone = true,
                Effect::Ledger(entry) => {
                    if let Entry::Interval(interval) = &entry {
                        self.recent.take(interval);
                    }
                    news.extend(of_entry(&entry));
                    record.entries.push(entry);
                }
                Effect::Message { at, .. } => record.at = at,
                Effect::MeterId(id) => self.meter_id(now, id),
                Effect::Net(net) => self.note(now, "net_found", json!({ "net": net.name() })),
                Effect::Port(at, status) => {
                    self.note(at, "port", json!({ "status": status.name() }));
                    news.push(What::Port);
                }
                Effect::Value(value) => {
                    if value.origin == Origin::Measured {
                        record.values.push((value.quantity, value.number));
                        carried.push(value.quantity);
                    }
                }
            }
        }
        self.keep(now, record);
        if let Some(octets) = octets {
            let list = ListType::of(&self.message.values);
            self.list = self.list.max(list);
            news.insert(0, What::Message(Arrived { list, carried, octets }));
        } else if gone {
            news.insert(0, What::Gone);
        }
        self.publish(now, news);
    }

    fn keep(&mut self, now: UtcMillis, mut record: Record) {
        let minute = UtcMillis(now.0.div_euclid(60_000) * 60_000);
        let due = minute != self.remembered && !record.values.is_empty();
        if due || !record.entries.is_empty() {
            self.remembered = minute;
            record.memory = Some(Arc::new(self.meter.memory().clone()));
        }
        if record.memory.is_some() || !record.values.is_empty() {
            self.outputs.archive.keep(&self.id, record);
        }
    }

    fn event(&mut self, at: UtcMillis, event: &LineEvent) {
        match event {
            LineEvent::Closed(why) => {
                self.pause(at);
                self.note(at, "source_closed", json!({ "why": why }));
            }
            LineEvent::Opened(what) => {
                self.port.source = what.as_str().into();
                self.note(at, "source_opened", json!({ "what": what }));
            }
            LineEvent::Pause => self.pause(at),
            LineEvent::Settings(settings, known) => {
                if *known {
                    let settings = settings.to_string();
                    self.note(at, "line_settings", json!({ "settings": settings }));
                } else {
                    self.pause(at);
                }
            }
            LineEvent::Dropped(octets) => {
                self.note(at, "octets_dropped", json!({ "octets": octets }));
            }
            LineEvent::Errors(_) => {}
        }
    }

    fn meter_id(&self, now: UtcMillis, id: MeterId) {
        self.note(now, "meter_number", json!({ "number": id.as_str() }));
    }

    fn note(&self, at: UtcMillis, kind: &'static str, detail: Value) {
        let meter = Some(self.id.to_string());
        tracing::info!(meter = %self.id, kind, %detail, "event");
        let happening = Happening { at, meter, kind: Cow::Borrowed(kind), detail };
        self.outputs.archive.note(happening);
    }

    fn tell(&mut self, now: UtcMillis, what: What) {
        self.publish(now, vec![what]);
    }

    fn publish(&mut self, now: UtcMillis, news: Vec<What>) {
        if self.silent || news.is_empty() {
            return;
        }
        let view = self.view(now);
        for what in news {
            self.outputs.board.publish(&Update { view: Arc::clone(&view), what });
        }
    }

    fn view(&mut self, now: UtcMillis) -> Arc<View> {
        let settings = self.meter.settings();
        let (fuse_a, production_w) = (settings.fuse_a, settings.production_w);
        self.port.status = self.meter.port().status(now);
        self.port.period_ms = self.meter.port().period_ms();
        let energy = self.recent.flows(now, &self.meter.memory().ledger);
        let money = self.money.as_deref().map(|picture| {
            let power = self.meter.live().get(Quantity::total(Measure::ActiveImport));
            let running = QuarterHour::containing(now);
            let open = self.meter.memory().ledger.open(Register::ActiveImport);
            let quarter = open.into_iter().find(|interval| interval.quarter == running);
            Arc::new(picture.view(&Live {
                now,
                flows: energy,
                quarter_wh: quarter.map(|interval| interval.wh),
                power_w: power.and_then(|value| value.number.in_units_of(0)),
            }))
        });
        Arc::new(View {
            meter: Arc::clone(&self.id),
            name: Arc::clone(&self.name),
            identity: Arc::clone(&self.identity),
            now,
            values: self.meter.live().iter().copied().collect(),
            running: self.meter.running(),
            port: self.port.clone(),
            list: self.list,
            net: self.meter.net(),
            fuse_a,
            production_w,
            energy,
            money,
        })
    }
}

/// What was found out about a clock, in stable words.
fn of_clock(notice: ClockNotice) -> Value {
    match notice {
        ClockNotice::Jumped(ms) => json!({ "notice": "jumped", "by_ms": ms }),
        ClockNotice::Right(rule) => json!({ "notice": "right", "rule": rule.name() }),
        ClockNotice::Rule(rule) => json!({ "notice": "rule", "rule": rule.name() }),
        ClockNotice::Wrong(ms) => json!({ "notice": "wrong", "off_ms": ms }),
    }
}

/// What of the books is news.
const fn of_entry(entry: &Entry) -> Option<What> {
    match *entry {
        // the archive lists it among the events by itself
        Entry::Incident(incident) => Some(What::Incident(incident)),
        Entry::Interval(interval) => Some(What::Interval(interval)),
        Entry::Register(..) => None,
    }
}

/// Keeps octets to show them with their message, the newest where there are too many.
fn hear(heard: &mut Vec<u8>, octets: &[u8]) {
    if heard.len() + octets.len() > SHOWN {
        heard.clear();
    }
    let room = SHOWN.min(octets.len());
    heard.extend_from_slice(octets.get(octets.len() - room..).unwrap_or(octets));
}

/// Takes over what a session said; a fault where it is one.
fn take(
    event: &Event<'_>,
    at: UtcMillis,
    message: &mut Message,
    identity: &mut Arc<Identity>,
) -> Option<Fault> {
    match event {
        Event::Fault(fault) => Some(*fault),
        Event::Reading(reading) => {
            message.read(reading, at);
            let mut learned = Identity::clone(identity);
            if learned.learn(reading) {
                *identity = Arc::new(learned);
            }
            None
        }
    }
}

/// The intervals that the running periods and the last month are made of.
fn fill(
    recent: &mut Recent,
    history: &dyn History,
    meter: &str,
    now: UtcMillis,
) -> Result<(), HistoryError> {
    let range = recent.needs_since(now)..now.plus(86_400_000);
    for register in [Register::ActiveImport, Register::ActiveExport] {
        let intervals: Vec<Interval> = history.intervals(meter, register, range.clone())?;
        for interval in &intervals {
            recent.take(interval);
        }
    }
    Ok(())
}
