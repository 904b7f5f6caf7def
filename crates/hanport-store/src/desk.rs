//! Where the service and the writer meet: what waits, what is being written, who wants what.
//!
//! ```text
//!  keep, note, remember  ->  fresh  --- due --->  writing  --- committed ---> gone
//!                              \                     /
//!                               readers see both of them, and then the file
//! ```
//!
//! `fresh` is the bounded queue to the writer. When it is full (the disk fails for long) the
//! oldest samples are given up and counted; whoever hands something in never waits.
//! Readers look here first and into the file after: what is committed in between is seen twice,
//! and each thing has a key by which it counts once.

use std::borrow::Cow;
use std::collections::VecDeque;
use std::path::Path;
use std::sync::mpsc::SyncSender;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use hanport_core::quantity::Quantity;
use hanport_engine::energy::{Correction, Entry, Incident, Interval, Register};
use hanport_engine::outside::{Happening, HistoryError, Point, Record, Resolution};
use hanport_engine::price::{PriceSeries, Rates};
use hanport_engine::time::UtcMillis;

use crate::condition::{Condition, Rescue, StoreState};
use crate::imported::Imported;
use crate::options::Options;
use crate::trouble::Trouble;
use crate::waiting::{Batch, Event, FactKey, Waiting};

/// Requests that may wait for the writer; more are refused.
const REQUESTS: usize = 64;

/// Hours that may lie unpacked before whoever computes faster than time is asked to wait.
const UNPACKED: usize = 48;

/// The answer to a request.
pub(crate) type Answer<T> = SyncSender<Result<T, HistoryError>>;

/// What somebody waits for.
#[derive(Debug)]
pub(crate) enum Request {
    Correct(String, Correction, Answer<Correction>),
    Flush(Answer<()>),
    Intervals(String, Vec<Interval>, Answer<Imported>),
    Points(String, Quantity, Resolution, Vec<Point>, Answer<Imported>),
    Prices(Box<PriceSeries>, Answer<()>),
    Rates(Box<Rates>, Answer<()>),
}

/// What the writer does next.
#[derive(Debug)]
pub(crate) struct Turn {
    pub(crate) batch: Option<Arc<Waiting>>,
    pub(crate) requests: Vec<Request>,
    /// A reader met damage.
    pub(crate) suspect: bool,
    pub(crate) closing: bool,
}

#[derive(Debug, Default)]
struct Inner {
    fresh: Waiting,
    writing: Option<Arc<Waiting>>,
    requests: VecDeque<Request>,
    suspect: bool,
    closing: bool,
    /// The writer has ended.
    closed: bool,
    last_event: i64,
    /// Hours that are over and not packed yet.
    unpacked: usize,
    state: StoreState,
}

impl Inner {
    fn note(&mut self, happening: Happening) {
        // by time, so that numbers ascend even when the file could not be read yet
        let id = (self.last_event + 1).max(happening.at.0.clamp(0, UtcMillis::LATEST.0) << 10);
        self.last_event = id;
        self.fresh.note(Event { id, happening }, Instant::now());
    }
}

/// What the books found unusual is an event under its own name.
fn told(meter: &str, incident: &Incident) -> Happening {
    let register = incident.register.map(Register::name);
    Happening {
        at: incident.at,
        meter: Some(meter.to_owned()),
        kind: Cow::Borrowed(incident.kind.name()),
        detail: serde_json::json!({ "received": incident.received, "register": register }),
    }
}

/// The desk. One a store.
#[derive(Debug)]
pub(crate) struct Desk {
    inner: Mutex<Inner>,
    /// Wakes the writer.
    work: Condvar,
    /// Wakes those who wait for the writer.
    done: Condvar,
    options: Options,
}

impl Desk {
    pub(crate) fn new(options: Options) -> Self {
        Self { inner: Mutex::default(), work: Condvar::new(), done: Condvar::new(), options }
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        // nothing that holds this lock leaves it half changed
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What waits in memory beyond this is written at once.
    fn enough(&self) -> usize {
        self.options.waiting_octets / 8
    }

    pub(crate) fn keep(&self, meter: &str, record: Record) {
        let mut inner = self.lock();
        if inner.closed {
            tracing::warn!(meter, "something came after the history was closed");
            return;
        }
        for entry in &record.entries {
            if let Entry::Incident(incident) = entry {
                inner.note(told(meter, incident));
            }
        }
        inner.fresh.keep(meter, record, Instant::now());
        let given_up = inner.fresh.give_up(self.options.waiting_octets);
        inner.state.given_up += given_up;
        self.wake(&inner);
    }

    pub(crate) fn note(&self, happening: Happening) {
        let mut inner = self.lock();
        inner.note(happening);
        self.wake(&inner);
    }

    pub(crate) fn remember(&self, key: FactKey, value: Option<serde_json::Value>) {
        let mut inner = self.lock();
        inner.fresh.remember(key, value, Instant::now());
        self.wake(&inner);
    }

    /// The number that events of the file have reached.
    pub(crate) fn events_until(&self, id: i64) {
        let mut inner = self.lock();
        inner.last_event = inner.last_event.max(id);
    }

    fn wake(&self, inner: &Inner) {
        let due = inner.fresh.due(self.options.write_every, self.enough());
        if inner.writing.is_none() && due.is_some_and(|due| due <= Instant::now()) {
            self.work.notify_one();
        }
    }

    /// Hands in a request; its answer comes through the channel in it.
    pub(crate) fn request(&self, request: Request) -> Result<(), HistoryError> {
        let mut inner = self.lock();
        if inner.closed || inner.closing {
            return Err(HistoryError("the history is closed".into()));
        }
        if inner.requests.len() >= REQUESTS {
            return Err(HistoryError("the history is busy; try again in a while".into()));
        }
        inner.requests.push_back(request);
        self.work.notify_one();
        Ok(())
    }

    /// A reader met damage: the writer is to look at the file.
    pub(crate) fn suspect(&self) {
        self.lock().suspect = true;
        self.work.notify_one();
    }

    pub(crate) fn close(&self) {
        self.lock().closing = true;
        self.work.notify_all();
    }

    /// Waits until there is something to do. `backlog`: there always is. Before `retry` nothing
    /// is written that nobody asked for.
    pub(crate) fn next_turn(&self, backlog: bool, retry: Option<Instant>) -> Turn {
        let mut inner = self.lock();
        loop {
            let now = Instant::now();
            let asked = inner.closing || !inner.requests.is_empty();
            let due = match &inner.writing {
                Some(_) => Some(now),
                None => inner.fresh.due(self.options.write_every, self.enough()),
            };
            let due = match (due, retry) {
                (Some(due), Some(retry)) => Some(due.max(retry)),
                (due, _) => due,
            };
            let ready = due.is_some_and(|due| due <= now);
            if asked || ready || inner.suspect || (backlog && retry.is_none()) {
                return take_turn(&mut inner, asked || ready);
            }
            inner = match due.map(|due| due.saturating_duration_since(now)) {
                None => self.work.wait(inner).unwrap_or_else(PoisonError::into_inner),
                Some(left) => {
                    let waited = self.work.wait_timeout(inner, left);
                    waited.unwrap_or_else(PoisonError::into_inner).0
                }
            };
        }
    }

    /// The batch is on disk.
    pub(crate) fn written(&self, now: UtcMillis) {
        let mut inner = self.lock();
        inner.writing = None;
        inner.state.written = Some(now);
        inner.state.commits += 1;
        drop(inner);
        self.done.notify_all();
    }

    /// Nothing can be written. Returns whether that is new.
    pub(crate) fn failed(&self, trouble: &Trouble, path: &Path, now: UtcMillis) -> bool {
        let mut inner = self.lock();
        let why = trouble.at(path).0;
        let (since, new) = match &inner.state.condition {
            Condition::CannotWrite { since, .. } => (*since, false),
            Condition::Good => (now, true),
        };
        inner.state.condition = Condition::CannotWrite { why, since };
        drop(inner);
        self.done.notify_all();
        new
    }

    /// Writing works. Returns since when it had not.
    pub(crate) fn works(&self) -> Option<UtcMillis> {
        match std::mem::take(&mut self.lock().state.condition) {
            Condition::CannotWrite { since, .. } => Some(since),
            Condition::Good => None,
        }
    }

    pub(crate) fn rescued(&self, rescue: Rescue) {
        self.lock().state.rescue = Some(rescue);
    }

    /// So many hours are over and not packed yet.
    pub(crate) fn unpacked(&self, hours: usize) {
        self.lock().unpacked = hours;
        self.done.notify_all();
    }

    /// The writer ends; whatever still waits is lost, and counted.
    pub(crate) fn ended(&self) -> usize {
        let mut inner = self.lock();
        inner.closed = true;
        // whoever waits for an answer learns that none comes
        inner.requests.clear();
        let lost = inner.fresh.records + inner.writing.as_ref().map_or(0, |w| w.records);
        drop(inner);
        self.done.notify_all();
        lost
    }

    pub(crate) fn state(&self) -> StoreState {
        let inner = self.lock();
        let writing = inner.writing.as_ref().map_or(0, |writing| writing.records);
        StoreState { waiting: inner.fresh.records + writing, ..inner.state.clone() }
    }

    /// Waits until at most `most` messages wait and the hours that are over are packed, or
    /// nothing can be written.
    pub(crate) fn pace(&self, most: usize) {
        let mut inner = self.lock();
        loop {
            let writing = inner.writing.as_ref().map_or(0, |writing| writing.records);
            let fails = inner.state.condition != Condition::Good;
            let behind = inner.unpacked > UNPACKED;
            let full = inner.fresh.octets() > self.options.waiting_octets / 2;
            let keeps_up = inner.fresh.records + writing <= most && !full && !behind;
            if keeps_up || fails || inner.closed {
                return;
            }
            // a transaction that is not due yet is not waited for
            if inner.writing.is_none() && !behind {
                let due = inner.fresh.due(self.options.write_every, self.enough());
                if due.is_none_or(|due| due > Instant::now()) {
                    return;
                }
                self.work.notify_one();
            }
            inner = self.done.wait(inner).unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// What waits of one meter, older first.
    pub(crate) fn batches(&self, meter: &str) -> Vec<Batch> {
        let inner = self.lock();
        let both = [inner.writing.as_deref(), Some(&inner.fresh)];
        both.into_iter().flatten().filter_map(|waiting| waiting.of(meter).cloned()).collect()
    }

    /// The meters of which something waits.
    pub(crate) fn meters(&self) -> Vec<Arc<str>> {
        let inner = self.lock();
        let both = [inner.writing.as_deref(), Some(&inner.fresh)];
        both.into_iter().flatten().flat_map(|waiting| waiting.meters.keys().cloned()).collect()
    }

    /// The events that wait.
    pub(crate) fn events(&self) -> Vec<Event> {
        let inner = self.lock();
        let both = [inner.writing.as_deref(), Some(&inner.fresh)];
        both.into_iter().flatten().flat_map(|waiting| waiting.events.iter().cloned()).collect()
    }

    /// The facts of a scope that wait, later ones last.
    pub(crate) fn facts(&self, scope: &str) -> Vec<(String, Option<serde_json::Value>)> {
        let inner = self.lock();
        let both = [inner.writing.as_deref(), Some(&inner.fresh)];
        both.into_iter()
            .flatten()
            .flat_map(|waiting| waiting.facts.iter())
            .filter(|((of, _), _)| of == scope)
            .map(|((_, key), value)| (key.clone(), value.clone()))
            .collect()
    }
}

fn take_turn(inner: &mut Inner, write: bool) -> Turn {
    if write && inner.writing.is_none() && !inner.fresh.is_empty() {
        inner.writing = Some(Arc::new(std::mem::take(&mut inner.fresh)));
    }
    Turn {
        batch: if write { inner.writing.clone() } else { None },
        requests: inner.requests.drain(..).collect(),
        suspect: std::mem::take(&mut inner.suspect),
        closing: inner.closing,
    }
}
