//! The simulation: a household, a meter and its faults as an iterator over timed messages.
//!
//! Nothing is computed ahead: the next call moves the house to the next moment at which a list
//! is due and builds that list. No wall clock, no sleeping.

use std::collections::VecDeque;

use crate::assemble::assemble;
use crate::clock::{Clock, Stamp};
use crate::fault::{Fault, FaultId, FaultSet, Stage, frame, octets};
use crate::house::load::Leg;
use crate::house::register::Tariff;
use crate::house::{House, Switching};
use crate::meter::sheet::Sheet;
use crate::meter::view::{Extras, Frozen, MonthPeak, View};
use crate::meter::{Personality, Push, Quirks, Transport};
use crate::milli::Milli;
use crate::record::Record;
use crate::rng::Rng;
use crate::scenario::{Exchange, Scenario};

const SECOND: i64 = 1_000_000_000;
/// Boundaries at which meters close intervals: gas every five minutes, demand every quarter.
const BOUNDARY: i64 = 300 * SECOND;

/// A running scenario.
#[derive(Clone, Debug)]
pub struct Simulation {
    personality: &'static Personality,
    start: i64,
    end: i64,
    house: House,
    clock: Clock,
    extras: Extras,
    hour: Frozen,
    faults: Vec<(Fault, Rng)>,
    exchange: Option<Exchange>,
    meter_id: String,
    jitter_ms: u32,
    jitter: Rng,
    gas: Rng,
    /// Meter time of the slot done last, and of the last boundary.
    slot: i64,
    boundary: i64,
    invoke: u32,
    counter: u32,
    /// When the line is free again, ns since the start.
    line_free: u64,
    /// Whether the message before ended with a flag.
    flag_before: bool,
    pending: VecDeque<Record>,
}

impl Simulation {
    /// Starts a scenario.
    pub fn new(scenario: &Scenario) -> Self {
        let start = i64::try_from(scenario.start.as_nanosecond()).unwrap_or(0);
        let length = i64::try_from(scenario.duration.as_nanos()).unwrap_or(i64::MAX);
        let seed = scenario.seed;
        let personality = scenario.personality;
        let mut household = scenario.household.clone();
        for cut in scenario.faults.iter().filter(|fault| fault.id == FaultId::PowerCut) {
            for (at, live) in [(cut.from_ns, false), (cut.until_ns, true)] {
                let at = start.saturating_add(i64::try_from(at).unwrap_or(i64::MAX));
                household.switchings.push(Switching { at, leg: Leg::All, live });
            }
        }
        household.switchings.sort_by_key(|switching| switching.at);
        let mut clock = Clock::new(scenario.clock_config(), scenario.zone.clone(), seed, start);
        let house = House::new(&household, personality.wiring, seed, start);
        let stamp = clock.stamp(start);
        let import = house.registers().active_import.total();
        let faults = scenario.faults.iter().enumerate();
        Self {
            personality,
            start,
            end: start.saturating_add(length),
            hour: Frozen { registers: *house.registers(), stamp },
            house,
            clock,
            extras: Extras {
                quarter_import: import,
                peak: (Milli(0), stamp),
                months: Vec::new(),
                gas: (1_234_567, stamp),
                gas_hour: (1_234_567, stamp),
                failures: scenario.failures,
                failure_log: Vec::new(),
            },
            faults: faults
                .map(|(n, fault)| (*fault, Rng::new(seed, &format!("fault {n} {}", fault.id))))
                .collect(),
            exchange: scenario.exchange.clone(),
            meter_id: personality.meter_id.to_owned(),
            jitter_ms: scenario.jitter_ms,
            jitter: Rng::new(seed, "jitter"),
            gas: Rng::new(seed, "gas"),
            slot: start - 1,
            boundary: start - 1,
            invoke: scenario.first_invoke,
            counter: scenario.first_counter,
            line_free: 0,
            flag_before: false,
            pending: VecDeque::new(),
        }
    }

    /// The meter that is simulated.
    pub const fn personality(&self) -> &'static Personality {
        self.personality
    }

    /// The household, at the moment of the last message.
    pub const fn house(&self) -> &House {
        &self.house
    }

    /// Moves to the next slot and sends what is due; `false` at the end of the scenario.
    fn step(&mut self) -> bool {
        let grid = self.personality.grid_ms * 1_000_000;
        let (slot, at) = self.clock.next_slot(self.slot, grid);
        if at >= self.end {
            self.boundaries(self.end, self.clock.meter_time(self.end));
            self.house.advance(self.end);
            return false;
        }
        self.slot = slot;
        self.boundaries(at, slot);
        let pushes = (self.personality.due)(slot.div_euclid(1_000_000));
        if pushes.is_empty() {
            return true;
        }
        let late = i64::from(self.jitter_ms) * 1000;
        let send = at + self.jitter.between(0, late) * 1000;
        self.house.advance(send);
        for push in pushes {
            self.send(*push, slot, send);
        }
        true
    }

    /// Closes every interval that ends up to meter time `slot`, at true time `at`.
    fn boundaries(&mut self, at: i64, slot: i64) {
        loop {
            let next = self.boundary.div_euclid(BOUNDARY).saturating_add(1) * BOUNDARY;
            if next > slot {
                return;
            }
            self.boundary = next;
            // Meter time runs within parts per million of true time.
            self.house.advance(at - (slot - next));
            self.close(next);
        }
    }

    fn close(&mut self, boundary: i64) {
        let stamp = self.clock.stamp(boundary);
        self.exchange_meter(boundary);
        let (litres, _) = self.extras.gas;
        self.extras.gas = (litres + self.gas.between(0, 25), stamp);
        let seconds = boundary / SECOND;
        if seconds % 900 == 0 {
            self.close_quarter(stamp);
        }
        if seconds % 3600 == 0 {
            self.extras.gas_hour = self.extras.gas;
            let repeated = self.strikes(FaultId::HourRepeated, boundary - self.start);
            if !repeated {
                self.hour = Frozen { registers: *self.house.registers(), stamp };
            }
        }
        // Rate 1 at night and on weekends.
        let day = stamp.weekday <= 5 && (7..23).contains(&stamp.hour);
        self.house.set_tariff(if day { Tariff::Second } else { Tariff::First });
    }

    fn close_quarter(&mut self, stamp: Stamp) {
        let import = self.house.registers().active_import.total();
        let average = Milli((import - self.extras.quarter_import).0 * 4);
        self.extras.quarter_import = import;
        if average > self.extras.peak.0 {
            self.extras.peak = (average, stamp);
        }
        if (stamp.day, stamp.hour, stamp.minute) == (1, 0, 0) {
            let (watts, at) = self.extras.peak;
            self.extras.months.push(MonthPeak { month_end: stamp, at, watts });
            self.extras.peak = (Milli(0), stamp);
        }
    }

    fn exchange_meter(&mut self, boundary: i64) {
        let due = |exchange: &mut Exchange| {
            let after = i64::try_from(exchange.after.as_nanos()).unwrap_or(i64::MAX);
            boundary - self.start >= after
        };
        if let Some(exchange) = self.exchange.take_if(due) {
            self.meter_id = exchange.meter_id;
            self.house.set_registers(exchange.registers);
            self.extras.quarter_import = exchange.registers.active_import.total();
        }
    }

    /// Whether a fault of the list stage strikes at `at` ns since the start.
    fn strikes(&mut self, id: FaultId, at: i64) -> bool {
        let at = u64::try_from(at).unwrap_or(0);
        let mut plan = self.faults.iter_mut().filter(|(fault, _)| fault.id == id);
        plan.any(|(fault, rng)| fault.covers(at) && rng.chance(fault.probability))
    }

    fn send(&mut self, push: Push, slot: i64, send: i64) {
        let t_send_ns = u64::try_from(send - self.start).unwrap_or(0);
        if self.is_off(t_send_ns) {
            return;
        }
        let mut struck = FaultSet::default();
        let mut silent = false;
        for (fault, rng) in self.faults.iter_mut().filter(|(fault, _)| fault.covers(t_send_ns)) {
            let hit = fault.id == FaultId::BitFlip || rng.chance(fault.probability);
            match fault.id {
                FaultId::PowerCut | FaultId::HourRepeated => {}
                FaultId::Silence => silent |= hit,
                _ if hit => struck.add(fault.id),
                _ => {}
            }
        }
        let mut sheet = self.compose(push, slot, struck);
        if silent {
            return;
        }
        self.counters(struck);
        // Mode 5 counts too, in one octet that is no invocation counter.
        let ciphered = self.personality.security.is_some()
            && !matches!(self.personality.transport, Transport::MbusApplication { .. });
        let plain = std::mem::take(&mut sheet.out);
        let mut frames = assemble(self.personality, plain, &mut self.counter, struck);
        sheet.truth.counter = ciphered.then_some(self.counter);
        let mut applied = self.applied(struck);
        // A flag can be shared with the message before only where no pause lies between.
        let flag_before = self.flag_before && t_send_ns <= self.line_free;
        for (fault, rng) in &mut self.faults {
            if struck.has(fault.id) && fault.id.stage() == Stage::Frame {
                let before = frames.clone();
                frame::strike(fault.id, &mut frames, flag_before, rng);
                if frames != before {
                    applied.add(fault.id);
                }
            }
        }
        let mut bytes = frames.concat();
        let octet_ns = self.personality.uart.octet_ns();
        for (fault, rng) in &mut self.faults {
            if struck.has(fault.id)
                && fault.id.stage() == Stage::Octets
                && octets::strike(fault, octet_ns, &mut bytes, rng)
            {
                applied.add(fault.id);
            }
        }
        let t_first_byte_ns = t_send_ns.max(self.line_free);
        self.break_off(t_first_byte_ns, octet_ns, &mut bytes, &mut applied);
        let length = octet_ns * u64::try_from(bytes.len()).unwrap_or(0);
        self.line_free = t_first_byte_ns + length;
        self.flag_before = bytes.last() == Some(&0x7E);
        if applied.has(FaultId::TrueZeroFcs) {
            sheet.truth.invoke = None;
        }
        let truth = sheet.truth;
        self.pending.push_back(Record {
            t_send_ns,
            t_first_byte_ns,
            bytes,
            truth,
            faults: applied,
        });
    }

    /// Builds the list of a push.
    fn compose(&mut self, push: Push, slot: i64, struck: FaultSet) -> Sheet {
        let sample = self.house.sample();
        let mut now = self.clock.stamp(slot);
        let since_start = u64::try_from(slot - self.start).unwrap_or(0);
        // After a cut the meter doubts its clock until the head-end has confirmed it.
        now.invalid |= self.faults.iter().any(|(fault, _)| {
            let until = fault.until_ns.saturating_add(600_000_000_000);
            fault.id == FaultId::PowerCut && (fault.until_ns..until).contains(&since_start)
        });
        self.invoke = self.invoke.wrapping_add(1) & 0x00FF_FFFF;
        let view = View {
            push,
            wiring: self.personality.wiring,
            sample: &sample,
            live: self.house.registers(),
            hour: &self.hour,
            now,
            tariff: self.house.tariff(),
            extras: &self.extras,
            quirks: quirks(struck),
            meter_id: &self.meter_id,
            title: self.personality.security.map_or([0; 8], |security| security.title),
            invoke: self.invoke,
        };
        let mut sheet = Sheet::default();
        (self.personality.compose)(&view, &mut sheet);
        sheet.truth.list = push.name();
        sheet.truth.sample = sample;
        sheet.truth.registers = *self.house.registers();
        sheet
    }

    fn counters(&mut self, struck: FaultSet) {
        if struck.has(FaultId::IcReset) {
            self.counter = 0;
        } else if struck.has(FaultId::IcJump) {
            self.counter = self.counter.wrapping_add(1000);
        } else if !struck.has(FaultId::IcRepeat) {
            self.counter = self.counter.wrapping_add(1);
        }
    }

    /// The faults of list and cipher that mean something to this meter.
    fn applied(&self, struck: FaultSet) -> FaultSet {
        let ciphered = self.personality.security.is_some();
        let mut applied = FaultSet::default();
        for id in struck.iter() {
            match id.stage() {
                Stage::List => applied.add(id),
                Stage::Cipher if ciphered => applied.add(id),
                Stage::Cipher | Stage::Frame | Stage::Octets => {}
            }
        }
        applied
    }

    /// Whether the meter is without power, or starting up after a cut; books the failure.
    fn is_off(&mut self, at: u64) -> bool {
        let mut off = false;
        for (fault, rng) in self.faults.iter_mut().filter(|(f, _)| f.id == FaultId::PowerCut) {
            if fault.covers(at) {
                off = true;
            } else if fault.until_ns <= at && fault.probability > 0.0 {
                // Booting takes 5 to 30 s, drawn once.
                let boot = Rng::clone(rng).between(5, 30).unsigned_abs() * 1_000_000_000;
                if at < fault.until_ns + boot {
                    off = true;
                } else {
                    fault.probability = 0.0;
                    let seconds = (fault.until_ns - fault.from_ns) / 1_000_000_000;
                    let restored = self.start + i64::try_from(fault.until_ns).unwrap_or(0);
                    let stamp = self.clock.stamp(self.clock.meter_time(restored));
                    self.extras.failures.0 += 1;
                    // A failure of more than three minutes is a long one and is logged.
                    if seconds > 180 {
                        self.extras.failures.1 += 1;
                        let seconds = i64::try_from(seconds).unwrap_or(0);
                        self.extras.failure_log.push((stamp, seconds));
                    }
                    self.counter = self.counter.wrapping_add(2);
                }
            }
        }
        off
    }

    /// Breaks a message off where the power goes.
    fn break_off(&self, first: u64, octet_ns: u64, bytes: &mut Vec<u8>, applied: &mut FaultSet) {
        let cuts = self.faults.iter().filter(|(fault, _)| fault.id == FaultId::PowerCut);
        for (fault, _) in cuts {
            let sent = fault.from_ns.saturating_sub(first) / octet_ns.max(1);
            let sent = usize::try_from(sent).unwrap_or(usize::MAX);
            if fault.from_ns >= first && sent < bytes.len() {
                bytes.truncate(sent);
                applied.add(FaultId::PowerCut);
            }
        }
    }
}

fn quirks(struck: FaultSet) -> Quirks {
    Quirks {
        amperes_in_milli: struck.has(FaultId::AmpMilli),
        broken_line: struck.has(FaultId::BrokenLine),
        energy_in_wh: struck.has(FaultId::EnergyOneWh),
        huge_text: struck.has(FaultId::HugeText),
        id_overwritten: struck.has(FaultId::IdOverwritten),
        payload_flags: struck.has(FaultId::PayloadFlags),
        unknown_codes: struck.has(FaultId::UnknownCodes),
        volts_in_centi: struck.has(FaultId::VoltTimes100),
        volts_whole: struck.has(FaultId::VoltInt),
    }
}

impl Iterator for Simulation {
    type Item = Record;

    fn next(&mut self) -> Option<Record> {
        loop {
            if let Some(record) = self.pending.pop_front() {
                return Some(record);
            }
            if !self.step() {
                return None;
            }
        }
    }
}
