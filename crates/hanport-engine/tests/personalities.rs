//! The simulated meters, octets and all, over a change of the clocks: what the ledger settles
//! is what the house used, in the right quarter-hours.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may stop where it is")]

use std::time::Duration;

use hanport_core::cipher::key::Key;
use hanport_core::session::push::{Event, Options, Session};
use hanport_engine::energy::{Entry, Interval, Official, QuarterHour, Register, Standing};
use hanport_engine::state::{Effect, Input, Memory, Message, Meter, Settings};
use hanport_engine::time::{ClockNotice, UtcMillis};
use hanport_sim::house::House;
use hanport_sim::meter::{Personality, personalities};
use hanport_sim::scenario::{Scenario, solar_house};
use hanport_sim::simulation::Simulation;

const SEED: u64 = 5;
/// From the first octet of a message to its reading.
const DELAY_MS: i64 = 400;

struct Run {
    personality: &'static Personality,
    start: UtcMillis,
    intervals: Vec<Interval>,
    officials: Vec<(Register, Official)>,
    clock: Vec<ClockNotice>,
    incidents: Vec<String>,
    meter: Meter,
    /// Energy registered at the beginning of each quarter since the start, in watt-hours.
    import_wh: Vec<i64>,
    export_wh: Vec<i64>,
}

fn options(personality: &Personality) -> Options {
    let security = personality.security;
    Options {
        encryption_key: security.map(|s| Key::new(s.encryption_key)),
        authentication_key: security.and_then(|s| s.authentication_key).map(Key::new),
        hint: None,
    }
}

fn run(personality: &'static Personality, start: &str, hours: u64) -> Run {
    let scenario = Scenario::new(personality.name, SEED, start)
        .unwrap()
        .lasting(Duration::from_hours(hours))
        .in_house(solar_house());
    let start = UtcMillis::from(scenario.start);
    let settings = Settings::default();
    let meter = Meter::new(settings, scenario.zone.clone(), Memory::default(), start);
    let mut run = Run {
        personality,
        start,
        intervals: Vec::new(),
        officials: Vec::new(),
        clock: Vec::new(),
        incidents: Vec::new(),
        meter,
        import_wh: Vec::new(),
        export_wh: Vec::new(),
    };
    let nanoseconds = i64::try_from(scenario.start.as_nanosecond()).unwrap();
    let mut house = House::new(&scenario.household, personality.wiring, SEED, nanoseconds);
    for quarter in 0..=i64::try_from(hours * 4).unwrap() {
        house.advance(nanoseconds + quarter * QuarterHour::MS * 1_000_000);
        run.import_wh.push(house.registers().active_import.total().truncated(0));
        run.export_wh.push(house.registers().active_export.total().truncated(0));
    }
    let mut session = Box::new(Session::<4096>::new(options(personality)));
    let mut message = Message::new(start);
    for record in Simulation::new(&scenario) {
        let sent_ms = i64::try_from(record.t_first_byte_ns / 1_000_000).unwrap();
        let received = start.plus(sent_ms + DELAY_MS);
        let mut input = &record.bytes[..];
        while let Some(event) = session.poll(&mut input) {
            if let Event::Reading(reading) = event {
                message.read(&reading, received);
                run.take(&message);
            }
        }
        while let Some(event) = session.end() {
            if let Event::Reading(reading) = event {
                message.read(&reading, received);
                run.take(&message);
            }
        }
    }
    run
}

impl Run {
    fn take(&mut self, message: &Message) {
        let mut effects = Vec::new();
        self.meter.apply(&Input::Message(message), &mut effects);
        for effect in effects {
            match effect {
                Effect::Ledger(Entry::Interval(i)) if i.standing == Standing::Settled => {
                    self.intervals.push(i);
                }
                Effect::Ledger(Entry::Register(register, official)) => {
                    self.officials.push((register, official));
                }
                Effect::Ledger(Entry::Incident(incident)) => {
                    self.incidents.push(format!("{incident:?}"));
                }
                Effect::Clock(_, notice) => self.clock.push(notice),
                _ => {}
            }
        }
    }

    /// The settled quarters of a register are the house's, but for the step of the register and
    /// what samples cannot see.
    fn check(&self, register: Register, counted_wh: &[i64]) {
        let name = self.personality.name;
        let first = QuarterHour::containing(self.start).0;
        let officials = self.officials.iter().filter(|(of, _)| *of == register);
        let Some((_, official)) = officials.clone().next() else { return };
        let step_wh = official.value.step_mwh / 1000;
        let mut checked = 0;
        for interval in self.intervals.iter().filter(|i| i.register == register) {
            let index = usize::try_from(interval.quarter.0 - first).unwrap();
            let used = counted_wh[index + 1] - counted_wh[index];
            if interval.quarter.start() < official.at {
                continue;
            }
            checked += 1;
            assert!(interval.quality.can_peak(), "{name}: {interval:?}");
            let off = (interval.wh - used).abs();
            let allowed = 2 * step_wh + 12 + used / 16;
            assert!(off <= allowed, "{name}: the house used {used}: {interval:?}");
        }
        assert!(checked > 0, "{name}: nothing settled for {register}");
    }
}

/// Of the meters that send every second, one of each maker: the others differ in nothing that
/// matters here, and take long.
fn is_tried(personality: &Personality) -> bool {
    let some = ["dsmr5-nl", "iskra-at", "iskra-si", "siemens-at-ooe", "sml-de"];
    personality.interval_ms >= 2000 || some.contains(&personality.name)
}

fn over_a_night(start: &str, hours: u64) {
    for personality in personalities().filter(|personality| is_tried(personality)) {
        let run = run(personality, start, hours);
        let name = personality.name;
        assert!(!run.officials.is_empty(), "{name} has no registers");
        assert_eq!(run.incidents, [""; 0], "{name}");
        let wrong = run
            .clock
            .iter()
            .any(|notice| matches!(notice, ClockNotice::Wrong(_) | ClockNotice::Jumped(_)));
        assert!(!wrong, "{name}: {:?}", run.clock);
        run.check(Register::ActiveImport, &run.import_wh);
        run.check(Register::ActiveExport, &run.export_wh);
    }
}

#[test]
fn every_meter_is_booked_right_when_an_hour_is_skipped() {
    over_a_night("2026-03-29T00:52", 3);
}

#[test]
fn every_meter_is_booked_right_when_an_hour_comes_twice() {
    over_a_night("2026-10-25T00:52", 4);
}
