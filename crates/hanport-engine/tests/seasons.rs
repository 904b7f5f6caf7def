//! Meters whose clocks follow different habits, in five zones, over both changes of the clocks:
//! every quarter holds what flowed in it, and local days have 92, 96 or 100 of them.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "a test may panic")]

use std::collections::BTreeMap;

use hanport_core::datetime::DateTime;
use hanport_core::number::Number;
use hanport_core::quantity::{Measure, Quantity};
use hanport_engine::energy::{
    Entry, Interval, Period, Quality, QuarterHour, Register, Standing, sums,
};
use hanport_engine::state::{Effect, Input, Memory, Message, Meter, Settings};
use hanport_engine::time::{Row, UtcMillis};
use jiff::Timestamp;
use jiff::tz::TimeZone;

const ZONES: [&str; 5] =
    ["Europe/Oslo", "Europe/Lisbon", "Europe/Helsinki", "Europe/Dublin", "Europe/Bucharest"];

/// What a meter's clock reads.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Habit {
    /// Local civil time without an offset.
    Civil,
    /// The same with the daylight bit.
    CivilWithDaylightBit,
    /// Local standard time all year without an offset.
    Standard,
    /// Local civil time with its offset.
    Stated,
}

const HABITS: [Habit; 4] =
    [Habit::Civil, Habit::CivilWithDaylightBit, Habit::Standard, Habit::Stated];

/// How registers come.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Registers {
    /// Ten seconds after the hour, as of the hour.
    Hourly,
    /// Fifty-five seconds after the hour, live.
    Late,
    /// With every message.
    Always,
    /// As hourly, and only these messages tell the time.
    Rare,
}

const REGISTERS: [Registers; 4] =
    [Registers::Hourly, Registers::Late, Registers::Always, Registers::Rare];

fn watts(s: i64) -> i64 {
    let of_day = s.rem_euclid(86_400);
    400 + (s / 1500 % 7) * 350 + if (of_day / 5400) % 5 == 3 { 6000 } else { 0 }
}

fn clock(at: UtcMillis, habit: Habit, zone: &TimeZone) -> DateTime {
    let info = zone.to_offset_info(at.timestamp());
    let civil = info.offset().seconds() / 60;
    // Irish law calls winter the exception; meters do not
    let january = "2026-01-15T00:00:00Z".parse::<Timestamp>().unwrap();
    let standard = zone.to_offset(january).seconds() / 60;
    let minutes = if habit == Habit::Standard { standard } else { civil };
    let minutes = i16::try_from(minutes).unwrap();
    let mut time = DateTime::from_unix_seconds(at.seconds(), minutes).unwrap();
    if habit != Habit::Stated {
        time.offset_minutes = None;
    }
    if habit == Habit::CivilWithDaylightBit {
        time.status = Some(if civil == standard { 0 } else { DateTime::DAYLIGHT });
    }
    time
}

struct Season {
    start: UtcMillis,
    seconds: i64,
    counted_ws: Vec<i64>,
    intervals: Vec<Interval>,
}

fn run(start: &str, days: i64, habit: Habit, registers: Registers, zone: &TimeZone) -> Season {
    let start = UtcMillis::from(start.parse::<Timestamp>().unwrap());
    let row = match registers {
        Registers::Hourly => Row::named("Kaifa, Norway").unwrap(),
        Registers::Rare => Row::named("Aidon, Norway").unwrap(),
        Registers::Late => Row::named("Kamstrup").unwrap(),
        Registers::Always => Row::named("P1 text").unwrap(),
    };
    let mut meter = Meter::new(Settings::default(), zone.clone(), Memory::default(), start);
    let mut effects = Vec::new();
    let mut intervals = Vec::new();
    let mut counted_ws = vec![0];
    let mut message = Message::new(start);
    message.row = row;
    let seconds = days * 86_400 + 60;
    for s in 0..seconds {
        let now = *counted_ws.last().unwrap();
        if s % 20 == 15 || registers == Registers::Late && s % 3600 == 55 {
            message.values.clear();
            message.received = start.plus(s * 1000 + 700);
            let power = Number::new(watts(s), 0);
            message.values.push((Quantity::total(Measure::ActiveImport), power));
            message.time =
                (registers != Registers::Rare).then(|| clock(start.plus(s * 1000), habit, zone));
            message.energy_time = None;
            let register = match registers {
                Registers::Hourly | Registers::Rare if s % 3600 == 15 => {
                    let hour = s - 15;
                    message.energy_time = Some(clock(start.plus(hour * 1000), habit, zone));
                    if registers == Registers::Rare {
                        message.time = message.energy_time;
                    }
                    Some(counted_ws[usize::try_from(hour).unwrap()])
                }
                Registers::Late if s % 3600 == 55 => Some(now),
                Registers::Always => Some(now),
                Registers::Hourly | Registers::Late | Registers::Rare => None,
            };
            if let Some(ws) = register {
                let wh = Number::new(7_000_000 + ws / 3600, 0);
                message.values.push((Quantity::total(Measure::ActiveImportEnergy), wh));
            }
            meter.apply(&Input::Message(&message), &mut effects);
        }
        counted_ws.push(now + watts(s));
        for effect in effects.drain(..) {
            if let Effect::Ledger(Entry::Interval(interval)) = effect
                && interval.standing == Standing::Settled
                && interval.register == Register::ActiveImport
            {
                intervals.push(interval);
            }
        }
    }
    Season { start, seconds, counted_ws, intervals }
}

impl Season {
    fn drawn_wh(&self, quarter: QuarterHour) -> i64 {
        let from = usize::try_from(quarter.start().since(self.start) / 1000).unwrap();
        (self.counted_ws[from + 900] - self.counted_ws[from]) / 3600
    }

    fn check(&self, what: &str) {
        let first = QuarterHour::containing(self.start);
        let quarters = (self.seconds - 60) / 900;
        let by_quarter: BTreeMap<_, _> = self.intervals.iter().map(|i| (i.quarter, i)).collect();
        assert_eq!(by_quarter.len(), self.intervals.len(), "{what}: settled twice");
        // the first quarters only find the clock and the first register
        for quarter in (first.0 + 5)..(first.0 + quarters - 4) {
            let quarter = QuarterHour(quarter);
            let interval = by_quarter.get(&quarter).unwrap_or_else(|| panic!("{what}: {quarter}"));
            let off = interval.wh - self.drawn_wh(quarter);
            // samples see a change of power up to twenty seconds late
            assert!(off.abs() <= 40, "{what}: {quarter} is off by {off} Wh: {interval:?}");
            assert_eq!(interval.quality, Quality::Measured, "{what}: {interval:?}");
        }
    }
}

fn over_the_change(start: &str, quarters_of_the_day: u32) {
    for name in ZONES {
        let zone = TimeZone::get(name).unwrap();
        for habit in HABITS {
            for registers in REGISTERS {
                let what = format!("{name} {habit:?} {registers:?}");
                let season = run(start, 2, habit, registers, &zone);
                season.check(&what);
                let days = sums(&season.intervals, Period::Day, &zone);
                let lengths: Vec<_> = days.iter().map(|day| day.quarters).collect();
                assert!(lengths.contains(&quarters_of_the_day), "{what}: {lengths:?}");
                let sum: i64 = days.iter().map(|day| day.wh).sum();
                let intervals = season.intervals.iter();
                let backed = intervals.filter(|i| i.quality != Quality::Missing).map(|i| i.wh);
                assert_eq!(sum, backed.sum::<i64>());
            }
        }
    }
}

#[test]
fn no_quarter_is_lost_or_doubled_in_spring() {
    over_the_change("2026-03-28T12:00:00Z", 92);
}

#[test]
fn no_quarter_is_lost_or_doubled_in_autumn() {
    over_the_change("2026-10-24T12:00:00Z", 100);
}
