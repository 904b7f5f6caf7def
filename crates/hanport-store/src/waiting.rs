//! What waits in memory to be written.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use std::time::{Duration, Instant};

use hanport_core::number::Number;
use hanport_core::quantity::Quantity;
use hanport_engine::energy::{Entry, Standing};
use hanport_engine::outside::{Happening, Record};
use hanport_engine::state::Memory;
use hanport_engine::time::UtcMillis;

/// Events that wait at most while nothing can be written.
const MOST_EVENTS: usize = 10_000;

/// The values of one message.
#[derive(Clone, Debug)]
pub(crate) struct Tick {
    pub(crate) at: UtcMillis,
    pub(crate) values: Arc<[(Quantity, Number)]>,
}

impl Tick {
    fn octets(&self) -> usize {
        size_of::<Self>() + size_of_val(&*self.values)
    }
}

/// What waits of one meter, in the order in which it came.
#[derive(Clone, Debug, Default)]
pub(crate) struct Batch {
    pub(crate) ticks: Vec<Tick>,
    pub(crate) entries: Vec<Entry>,
    /// The newest.
    pub(crate) memory: Option<Arc<Memory>>,
    /// When the newest message arrived.
    pub(crate) received: UtcMillis,
}

/// An event with its number.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Event {
    pub(crate) id: i64,
    pub(crate) happening: Happening,
}

/// Scope and key of a fact.
pub(crate) type FactKey = (String, String);

/// Everything that goes into one transaction.
#[derive(Clone, Debug, Default)]
pub(crate) struct Waiting {
    pub(crate) meters: BTreeMap<Arc<str>, Batch>,
    pub(crate) events: VecDeque<Event>,
    /// `None` for one that is to be forgotten.
    pub(crate) facts: BTreeMap<FactKey, Option<serde_json::Value>>,
    /// Messages in it.
    pub(crate) records: usize,
    /// What the ticks occupy, in octets.
    octets: usize,
    /// When the first and the newest message arrived.
    arrived: Option<(UtcMillis, UtcMillis)>,
    /// When the first thing was put in.
    begun: Option<Instant>,
    /// A settled quarter is in it.
    settled: bool,
}

impl Waiting {
    pub(crate) fn is_empty(&self) -> bool {
        self.begun.is_none()
    }

    /// What the samples in it occupy.
    pub(crate) const fn octets(&self) -> usize {
        self.octets
    }

    /// Takes what an input left. Ticks whose time no set clock tells have no place in a history;
    /// their entries and memory are kept all the same.
    pub(crate) fn keep(&mut self, meter: &str, record: Record, now: Instant) {
        self.begun.get_or_insert(now);
        self.records += 1;
        let first = self.arrived.map_or(record.received, |(first, _)| first);
        self.arrived = Some((first, record.received));
        if !self.meters.contains_key(meter) {
            self.meters.insert(Arc::from(meter), Batch::default());
        }
        let Some(batch) = self.meters.get_mut(meter) else { return };
        batch.received = record.received;
        self.settled |= record.entries.iter().any(is_settled);
        batch.entries.extend(record.entries);
        if let Some(memory) = record.memory {
            batch.memory = Some(memory);
        }
        if record.at.is_sane() && !record.values.is_empty() {
            let tick = Tick { at: record.at, values: record.values.into() };
            self.octets += tick.octets();
            batch.ticks.push(tick);
        }
    }

    /// Takes an event; the oldest goes when there are too many.
    pub(crate) fn note(&mut self, event: Event, now: Instant) {
        self.begun.get_or_insert(now);
        if self.events.len() >= MOST_EVENTS {
            self.events.pop_front();
        }
        self.events.push_back(event);
    }

    pub(crate) fn remember(
        &mut self,
        key: FactKey,
        value: Option<serde_json::Value>,
        now: Instant,
    ) {
        self.begun.get_or_insert(now);
        self.facts.insert(key, value);
    }

    /// Since when it has waited too long; `None` while nothing is in it. A settled quarter waits
    /// for nothing. Time passes by the messages too, for whoever computes faster than time.
    pub(crate) fn due(&self, every: Duration, enough: usize) -> Option<Instant> {
        let begun = self.begun?;
        let span = self.arrived.map_or(0, |(first, newest)| newest.since(first));
        let long = u128::try_from(span).is_ok_and(|span| span >= every.as_millis());
        let now = self.settled || long || self.octets >= enough;
        Some(if now { begun } else { begun + every })
    }

    /// Gives up the oldest half of the samples when they occupy more than `most` octets, and
    /// says how many messages that concerned.
    pub(crate) fn give_up(&mut self, most: usize) -> u64 {
        if self.octets <= most {
            return 0;
        }
        let mut given_up = 0;
        for batch in self.meters.values_mut() {
            let half = batch.ticks.len().div_ceil(2);
            for tick in batch.ticks.drain(..half) {
                self.octets = self.octets.saturating_sub(tick.octets());
                given_up += 1;
            }
            // provisional quarters that a later entry replaces need not be kept twice
            thin_out(&mut batch.entries);
        }
        given_up
    }

    /// What lies in it of one meter.
    pub(crate) fn of(&self, meter: &str) -> Option<&Batch> {
        self.meters.get(meter)
    }
}

pub(crate) fn is_settled(entry: &Entry) -> bool {
    matches!(entry, Entry::Interval(interval) if interval.standing == Standing::Settled)
}

fn thin_out(entries: &mut Vec<Entry>) {
    let mut newest = BTreeMap::new();
    for (place, entry) in entries.iter().enumerate() {
        if let Entry::Interval(interval) = entry {
            newest.insert((interval.register, interval.quarter), place);
        }
    }
    let mut place = 0;
    entries.retain(|entry| {
        let here = place;
        place += 1;
        match entry {
            Entry::Interval(interval) if interval.standing == Standing::Provisional => {
                newest.get(&(interval.register, interval.quarter)) == Some(&here)
            }
            _ => true,
        }
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use hanport_core::quantity::Measure;
    use hanport_engine::energy::{Edges, Interval, Quality, QuarterHour, Register};

    const EVERY: Duration = Duration::from_mins(1);

    fn record(s: i64, entries: Vec<Entry>) -> Record {
        let received = UtcMillis::EARLIEST.plus(s * 1000);
        let values = vec![(Quantity::total(Measure::ActiveImport), Number::new(s, 0))];
        Record { received, at: received, values, entries, memory: None }
    }

    fn interval(standing: Standing, wh: i64) -> Entry {
        Entry::Interval(Interval {
            register: Register::ActiveImport,
            quarter: QuarterHour(5),
            wh,
            quality: Quality::Measured,
            standing,
            edges: Edges::default(),
        })
    }

    #[test]
    fn a_settled_quarter_does_not_wait() {
        let now = Instant::now();
        let mut waiting = Waiting::default();
        assert_eq!(waiting.due(EVERY, 1 << 20), None);
        waiting.keep("m", record(0, vec![interval(Standing::Provisional, 1)]), now);
        assert_eq!(waiting.due(EVERY, 1 << 20), Some(now + EVERY));
        waiting.keep("m", record(1, vec![interval(Standing::Settled, 1)]), now);
        assert_eq!(waiting.due(EVERY, 1 << 20), Some(now));
    }

    #[test]
    fn a_minute_of_messages_is_enough_however_fast_they_came() {
        let now = Instant::now();
        let mut waiting = Waiting::default();
        waiting.keep("m", record(0, Vec::new()), now);
        waiting.keep("m", record(59, Vec::new()), now);
        assert_eq!(waiting.due(EVERY, 1 << 20), Some(now + EVERY));
        waiting.keep("m", record(60, Vec::new()), now);
        assert_eq!(waiting.due(EVERY, 1 << 20), Some(now));
    }

    #[test]
    fn samples_are_given_up_and_quarters_are_not() {
        let now = Instant::now();
        let mut waiting = Waiting::default();
        for s in 0..100 {
            let provisional = interval(Standing::Provisional, s);
            waiting.keep("m", record(s, vec![provisional, interval(Standing::Settled, s)]), now);
        }
        let most = waiting.octets / 2;
        assert_eq!(waiting.give_up(most), 50);
        assert_eq!(waiting.give_up(most), 0);
        let batch = waiting.of("m").unwrap();
        assert_eq!(batch.ticks.len(), 50);
        assert_eq!(batch.entries.iter().filter(|entry| is_settled(entry)).count(), 100);
        assert_eq!(batch.entries.len(), 100);
    }

    #[test]
    fn a_time_before_any_clock_was_set_has_no_place() {
        let mut waiting = Waiting::default();
        let early = Record { at: UtcMillis(5), ..record(0, Vec::new()) };
        waiting.keep("m", early, Instant::now());
        assert!(waiting.of("m").unwrap().ticks.is_empty());
    }
}
