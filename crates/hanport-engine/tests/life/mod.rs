//! The life of a program at a meter: outages, damaged messages, kills and restarts at random
//! moments, and afterwards the books compared with the house.
//!
//! ```text
//!  house --> simulated meter --> octets --(damage, outages)--> session --> state::Meter
//!    |                                                                        |
//!    |                     disk: entries and memory, written together <-------+
//!    |                                   |  kill: everything after the last write is gone
//!    +----------- compared with ---------+
//! ```

use std::collections::BTreeMap;
use std::time::Duration;

use hanport_core::cipher::key::Key;
use hanport_core::session::push::{Event, Options, Session};
use hanport_engine::energy::{
    Entry, Incident, Interval, Official, Quality, QuarterHour, Register, Standing,
};
use hanport_engine::state::{Effect, Input, Memory, Message, Meter, Settings};
use hanport_engine::time::UtcMillis;
use hanport_sim::fault::{Fault, FaultId};
use hanport_sim::house::House;
use hanport_sim::meter::Personality;
use hanport_sim::scenario::{Scenario, solar_house};
use hanport_sim::simulation::Simulation;
use jiff::tz::TimeZone;

/// From the first octet of a message to its reading.
const DELAY_MS: i64 = 400;
/// The program writes at least this often.
const WRITTEN_MS: i64 = 60_000;

/// What happens to a program at a meter.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Life {
    /// Which meter.
    pub(crate) personality: &'static Personality,
    /// Where it stands; the zone of its country where this is `None`.
    pub(crate) zone: Option<&'static str>,
    /// When it begins, by the clock of the meter.
    pub(crate) start: &'static str,
    /// How long it lasts.
    pub(crate) days: u64,
    /// The seed of all chance.
    pub(crate) seed: u64,
}

/// What is left of it.
pub(crate) struct Legacy {
    what: String,
    start: UtcMillis,
    settled: Vec<Interval>,
    officials: Vec<(Register, Official)>,
    incidents: Vec<Incident>,
    meter: Meter,
    /// Energy registered at the beginning of each quarter since the start, in watt-hours.
    counted: [Vec<i64>; 2],
    outages: Vec<(UtcMillis, UtcMillis)>,
    pub(crate) readings: u64,
    pub(crate) faults: u64,
    pub(crate) kills: u64,
}

/// A small generator of chance, so that a failure can be repeated.
struct Chance(u64);

impl Chance {
    fn next(&mut self) -> u64 {
        // xorshift64*
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 11
    }

    fn below(&mut self, end: i64) -> i64 {
        i64::try_from(self.next() % u64::try_from(end).unwrap()).unwrap()
    }
}

/// What is on disk.
struct Disk {
    memory: Memory,
    entries: usize,
}

fn options(personality: &Personality) -> Options {
    let security = personality.security;
    Options {
        encryption_key: security.map(|s| Key::new(s.encryption_key)),
        authentication_key: security.and_then(|s| s.authentication_key).map(Key::new),
        hint: None,
    }
}

/// Times at which nothing is received: minutes, hours, and now and then days.
fn outages(chance: &mut Chance, start: UtcMillis, days: u64) -> Vec<(UtcMillis, UtcMillis)> {
    let end = start.plus(i64::try_from(days).unwrap() * 86_400_000);
    let mut outages = Vec::new();
    let mut at = start.plus(chance.below(36 * 3_600_000));
    while at < end {
        let length = match chance.below(10) {
            0..=4 => 5000 + chance.below(600_000),
            5..=8 => chance.below(5 * 3_600_000),
            _ => chance.below(40 * 3_600_000),
        };
        outages.push((at, at.plus(length)));
        at = at.plus(length + 600_000 + chance.below(60 * 3_600_000));
    }
    outages
}

impl Life {
    /// Lives it.
    pub(crate) fn live(self) -> Legacy {
        let mut chance = Chance(self.seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1);
        let mut scenario = Scenario::new(self.personality.name, self.seed, self.start)
            .unwrap()
            .lasting(Duration::from_hours(self.days * 24))
            .in_house(solar_house());
        if !self.personality.description.contains("no checksum") {
            // without any checksum a damaged register is as good as a right one
            scenario = scenario
                .with_fault(Fault::with_probability(FaultId::BitFlip, 2e-6))
                .with_fault(Fault::with_probability(FaultId::DropBytes, 2e-6));
        }
        if let Some(zone) = self.zone {
            scenario.zone = TimeZone::get(zone).unwrap();
        }
        let start = UtcMillis::from(scenario.start);
        let fresh = |memory: Memory, now: UtcMillis| {
            Meter::new(Settings::default(), scenario.zone.clone(), memory, now)
        };
        let mut legacy = Legacy {
            what: format!("{self:?}"),
            start,
            settled: Vec::new(),
            officials: Vec::new(),
            incidents: Vec::new(),
            meter: fresh(Memory::default(), start),
            counted: self.counted(&scenario),
            outages: outages(&mut chance, start, self.days),
            readings: 0,
            faults: 0,
            kills: 0,
        };
        let mut entries: Vec<Entry> = Vec::new();
        let mut disk = Disk { memory: Memory::default(), entries: 0 };
        let mut written = start;
        let mut kill_at = start.plus(chance.below(20 * 3_600_000));
        let mut away = legacy.outages.clone().into_iter().peekable();
        let mut session = Box::new(Session::<4096>::new(options(self.personality)));
        let mut message = Message::new(start);
        let mut shown = [0; 4];
        for record in Simulation::new(&scenario) {
            let sent_ms = i64::try_from(record.t_first_byte_ns / 1_000_000).unwrap();
            let received = start.plus(sent_ms + DELAY_MS);
            while away.next_if(|(_, until)| *until <= received).is_some() {}
            if away.peek().is_some_and(|(from, _)| *from <= received) {
                continue;
            }
            if received >= kill_at {
                kill_at = received.plus(60_000 + chance.below(40 * 3_600_000));
                legacy.kills += 1;
                entries.truncate(disk.entries);
                let text = serde_json::to_string(&disk.memory).unwrap();
                legacy.meter = fresh(serde_json::from_str(&text).unwrap(), received);
                *session = Session::new(options(self.personality));
                shown = [0; 4];
            }
            let mut input = &record.bytes[..];
            let new = entries.len();
            while let Some(event) = session.poll(&mut input) {
                legacy.take(&event, received, &mut message, &mut entries);
            }
            while let Some(event) = session.end() {
                legacy.take(&event, received, &mut message, &mut entries);
            }
            legacy.running_never_falls(&mut shown);
            let settles = |entry: &Entry| matches!(entry, Entry::Interval(i) if i.standing == Standing::Settled);
            if entries[new..].iter().any(settles) || received.since(written) >= WRITTEN_MS {
                written = received;
                disk = Disk { memory: legacy.meter.memory().clone(), entries: entries.len() };
            }
        }
        legacy.sort(entries);
        legacy
    }

    fn counted(&self, scenario: &Scenario) -> [Vec<i64>; 2] {
        let ns = i64::try_from(scenario.start.as_nanosecond()).unwrap();
        let wiring = self.personality.wiring;
        let mut house = House::new(&scenario.household, wiring, self.seed, ns);
        let mut counted = [Vec::new(), Vec::new()];
        for quarter in 0..=i64::try_from(self.days * 96).unwrap() {
            house.advance(ns + quarter * QuarterHour::MS * 1_000_000);
            counted[0].push(house.registers().active_import.total().truncated(0));
            counted[1].push(house.registers().active_export.total().truncated(0));
        }
        counted
    }
}

impl Legacy {
    fn take(
        &mut self,
        event: &Event<'_>,
        received: UtcMillis,
        message: &mut Message,
        entries: &mut Vec<Entry>,
    ) {
        let mut effects = Vec::new();
        match event {
            Event::Fault(_) => {
                self.faults += 1;
                self.meter.apply(&Input::Fault(received), &mut effects);
            }
            Event::Reading(reading) => {
                self.readings += 1;
                message.read(reading, received);
                self.meter.apply(&Input::Message(message), &mut effects);
            }
        }
        entries.extend(effects.into_iter().filter_map(|effect| match effect {
            Effect::Ledger(entry) => Some(entry),
            _ => None,
        }));
    }

    fn running_never_falls(&self, shown: &mut [i64; 4]) {
        for (register, before) in Register::ALL.into_iter().zip(shown) {
            if let Some(running) = self.meter.running().of(register) {
                let now = running.mwh();
                assert!(now >= *before, "{}: {register} fell from {before} to {now}", self.what);
                *before = now;
            }
        }
    }

    fn sort(&mut self, entries: Vec<Entry>) {
        for entry in entries {
            match entry {
                Entry::Interval(i) if i.standing == Standing::Settled => self.settled.push(i),
                Entry::Interval(_) => {}
                Entry::Register(register, official) => self.officials.push((register, official)),
                Entry::Incident(incident) => self.incidents.push(incident),
            }
        }
    }

    /// Everything that must be true of the books.
    pub(crate) fn check(&self) {
        let what = &self.what;
        assert!(!self.officials.is_empty(), "{what}: no registers");
        for (register, counted) in
            [(Register::ActiveImport, &self.counted[0]), (Register::ActiveExport, &self.counted[1])]
        {
            self.adds_up(register);
            self.no_quarter_is_invented(register, counted);
        }
    }

    /// The settled quarters and what is booked of the open one are the difference of the first
    /// and the last register, to the watt-hour; no quarter comes twice, none is negative.
    fn adds_up(&self, register: Register) {
        let what = &self.what;
        let mut officials = self.officials.iter().filter(|(of, _)| *of == register);
        let Some((_, first)) = officials.next() else { return };
        let mut seen = BTreeMap::new();
        for interval in self.settled.iter().filter(|i| i.register == register) {
            assert!(interval.wh >= 0, "{what}: {interval:?}");
            let twice = seen.insert(interval.quarter, interval);
            assert!(twice.is_none(), "{what}: twice: {interval:?} and {twice:?}");
        }
        let backed: i64 =
            seen.values().filter(|i| i.quality != Quality::Missing).map(|i| i.wh).sum();
        let ledger = &self.meter.memory().ledger;
        let last = ledger.running(register).unwrap().official();
        let difference = last.value.mwh / 1000 - first.value.mwh / 1000;
        let booked = ledger.booked_wh(register);
        assert_eq!(backed + booked, difference, "{what}: {register}: {:?}", self.incidents);
    }

    /// A quarter that may form a peak holds what the house drew, but for the step of the
    /// register and what samples cannot see; one without any message forms none.
    fn no_quarter_is_invented(&self, register: Register, counted: &[i64]) {
        let first = QuarterHour::containing(self.start).0;
        let officials = self.officials.iter();
        let step_wh = officials.map(|(_, o)| o.value.step_mwh / 1000).max().unwrap_or(1);
        let peaks = self.settled.iter().filter(|i| i.register == register && i.quality.can_peak());
        for interval in peaks {
            let index = usize::try_from(interval.quarter.0 - first).unwrap();
            let Some([from, to]) = counted.get(index..index + 2) else { continue };
            let drawn = to - from;
            let mut allowed = drawn + 2 * step_wh + 12 + drawn / 8;
            // a gap, of a minute after a kill or longer, gets what the errors of all samples
            // between two registers leave over
            let around = counted.get(index.saturating_sub(6)).zip(counted.get(index + 6));
            let part = if interval.quality == Quality::Measured { 128 } else { 32 };
            allowed += around.map_or(0, |(from, to)| (to - from) / part);
            let what = &self.what;
            assert!(interval.wh <= allowed, "{what}: the house drew {drawn}: {interval:?}");
            let (start, end) = (interval.quarter.start(), interval.quarter.end());
            let dark = self.outages.iter().any(|(from, to)| *from <= start && end <= *to);
            let closely = interval.edges.start && interval.edges.end;
            assert!(!dark || closely, "{what}: nobody saw {interval:?}");
        }
    }

    /// How many quarters were settled, and how many of them can form a peak.
    #[allow(dead_code, reason = "only the bench prints it")]
    pub(crate) fn quarters(&self) -> (usize, usize) {
        (self.settled.len(), self.settled.iter().filter(|i| i.quality.can_peak()).count())
    }
}
