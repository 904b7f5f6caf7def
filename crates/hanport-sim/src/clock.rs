//! The meter's clock: how true time becomes the time a meter believes and shows.
//!
//! ```text
//! true time --(crystal drift, steps of the head-end)--> meter time --(habit)--> fields shown
//! ```
//!
//! Meter time is ns since 1970 by the meter's own count, still in UTC; schedules follow it. The
//! habit turns it into local fields: standard time all year, civil time, with or without a
//! stated deviation. All instants are ns since 1970.

use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::rng::Rng;

const SECOND: i64 = 1_000_000_000;
/// The head-end sets the clock twice a day.
const SYNC_INTERVAL: i64 = 12 * 3600 * SECOND;

/// What time a meter keeps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Habit {
    /// Local civil time; daylight saving is told by the S/W letter or the status bit.
    Civil,
    /// Local civil time, and nothing tells about daylight saving: the repeated hour is ambiguous.
    CivilBare,
    /// Local civil time with the deviation from UTC stated.
    CivilWithDeviation,
    /// Standard time of the zone all year, no daylight saving bit.
    StandardFixed,
}

/// What may be wrong with a clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ailment {
    /// Runs at this rate in parts per million and is never set.
    Drifting(i32),
    /// Nothing.
    None,
    /// One hour ahead.
    OneHourWrong,
    /// Lost its time in a power cut and stands at the first second of this year.
    Stuck(i16),
}

/// How the clock of a simulated meter behaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ClockConfig {
    /// What time it keeps.
    pub habit: Habit,
    /// What is wrong with it.
    pub ailment: Ailment,
    /// Drift of the crystal in parts per million; set right by the head-end every 12 h.
    pub drift_ppm: i32,
}

impl ClockConfig {
    /// A healthy clock of this habit.
    pub const fn healthy(habit: Habit) -> Self {
        Self { habit, ailment: Ailment::None, drift_ppm: 0 }
    }
}

/// Local time as the meter has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stamp {
    /// Year.
    pub year: u16,
    /// Month, 1 to 12.
    pub month: u8,
    /// Day, 1 to 31.
    pub day: u8,
    /// Hour, 0 to 23.
    pub hour: u8,
    /// Minute, 0 to 59.
    pub minute: u8,
    /// Second, 0 to 59.
    pub second: u8,
    /// Day of the week, 1 = Monday.
    pub weekday: u8,
    /// Minutes east of UTC, where the meter states it.
    pub offset: Option<i16>,
    /// Whether daylight saving is active, where the meter tells.
    pub daylight: bool,
    /// Whether the meter knows that its clock is wrong.
    pub invalid: bool,
}

/// A running clock.
#[derive(Clone, Debug)]
pub struct Clock {
    config: ClockConfig,
    zone: Zone,
    rng: Rng,
    /// The line from true to meter time: at `anchor` the meter was `ahead`, `ppm` from then on.
    anchor: i64,
    ahead: i64,
    ppm: i64,
    next_sync: i64,
}

impl Clock {
    /// A clock started at `start`.
    pub fn new(config: ClockConfig, zone: TimeZone, seed: u64, start: i64) -> Self {
        let mut rng = Rng::new(seed, "clock");
        let (ppm, next_sync) = match config.ailment {
            Ailment::Drifting(ppm) => (i64::from(ppm), i64::MAX),
            Ailment::None | Ailment::OneHourWrong | Ailment::Stuck(_) if config.drift_ppm == 0 => {
                (0, i64::MAX)
            }
            Ailment::None | Ailment::OneHourWrong | Ailment::Stuck(_) => {
                let first = start + rng.between(1, SYNC_INTERVAL / SECOND) * SECOND;
                (i64::from(config.drift_ppm), first)
            }
        };
        Self { config, zone: Zone::new(zone), rng, anchor: start, ahead: 0, ppm, next_sync }
    }

    /// Meter time at a true instant.
    pub fn meter_time(&self, at: i64) -> i64 {
        let drift = i128::from(at - self.anchor) * i128::from(self.ppm) / 1_000_000;
        at + self.ahead + i64::try_from(drift).unwrap_or(0)
    }

    /// The true instant at which the meter will show `meter_time`.
    fn true_time(&self, meter_time: i64) -> i64 {
        let since = i128::from(meter_time - self.anchor - self.ahead);
        let elapsed = (since * 1_000_000).div_euclid(1_000_000 + i128::from(self.ppm));
        self.anchor + i64::try_from(elapsed).unwrap_or(0)
    }

    /// The first multiple of `step` of meter time after the meter time `after`, and when that is.
    ///
    /// When the head-end sets the clock in between, the grid after it counts.
    pub fn next_slot(&mut self, after: i64, step: i64) -> (i64, i64) {
        let mut after = after;
        loop {
            let slot = after.div_euclid(step).saturating_add(1) * step;
            let at = self.true_time(slot);
            if at < self.next_sync {
                return (slot, at);
            }
            let sync = self.next_sync;
            // The head-end knows the time to within what its messages take to arrive.
            let residue = self.rng.between(-SECOND / 2, SECOND / 2);
            self.ahead = residue;
            self.anchor = sync;
            self.next_sync = sync + SYNC_INTERVAL;
            after = self.meter_time(sync) - 1;
        }
    }

    /// The local fields the meter shows at `meter_time`.
    pub fn stamp(&mut self, meter_time: i64) -> Stamp {
        let (offset, daylight) = self.zone.offset(meter_time.div_euclid(SECOND));
        let standard = offset - if daylight { 3600 } else { 0 };
        let (shown, stated, told) = match self.config.habit {
            Habit::Civil => (offset, None, daylight),
            Habit::CivilBare => (offset, None, false),
            Habit::CivilWithDeviation => (offset, Some(offset), daylight),
            Habit::StandardFixed => (standard, None, false),
        };
        let stated = stated.and_then(|seconds| i16::try_from(seconds / 60).ok());
        let seconds = meter_time.div_euclid(SECOND) + shown;
        match self.config.ailment {
            Ailment::Drifting(_) | Ailment::None => fields(seconds, stated, told, false),
            Ailment::OneHourWrong => fields(seconds + 3600, stated, told, false),
            Ailment::Stuck(year) => Stamp {
                year: year.unsigned_abs(),
                month: 1,
                day: 1,
                hour: 0,
                minute: 0,
                second: 0,
                weekday: 6,
                offset: stated,
                daylight: false,
                invalid: true,
            },
        }
    }
}

fn fields(local_seconds: i64, offset: Option<i16>, daylight: bool, invalid: bool) -> Stamp {
    let civil = Timestamp::from_second(local_seconds)
        .map_or_else(|_| jiff::civil::DateTime::default(), |t| TimeZone::UTC.to_datetime(t));
    let small = |value: i8| value.unsigned_abs();
    Stamp {
        year: civil.year().unsigned_abs(),
        month: small(civil.month()),
        day: small(civil.day()),
        hour: small(civil.hour()),
        minute: small(civil.minute()),
        second: small(civil.second()),
        weekday: small(civil.weekday().to_monday_one_offset()),
        offset,
        daylight,
        invalid,
    }
}

/// A time zone that remembers the offset between two transitions.
#[derive(Clone, Debug)]
struct Zone {
    rules: TimeZone,
    /// Seconds since 1970 between which the offset below holds.
    from: i64,
    until: i64,
    offset: i64,
    daylight: bool,
}

impl Zone {
    const fn new(zone: TimeZone) -> Self {
        Self { rules: zone, from: 0, until: 0, offset: 0, daylight: false }
    }

    /// Seconds east of UTC, and whether daylight saving is active.
    fn offset(&mut self, second: i64) -> (i64, bool) {
        if !(self.from..self.until).contains(&second) {
            let at = Timestamp::from_second(second).unwrap_or(Timestamp::UNIX_EPOCH);
            self.offset = i64::from(self.rules.to_offset(at).seconds());
            // Irish law calls winter the exception; meters do not
            let january = self.offset_in_january(at);
            self.daylight = self.offset > january;
            self.from = second;
            self.until = self
                .rules
                .following(at)
                .next()
                .map_or(i64::MAX, |transition| transition.timestamp().as_second());
        }
        (self.offset, self.daylight)
    }
}

impl Zone {
    fn offset_in_january(&self, at: Timestamp) -> i64 {
        let year = self.rules.to_datetime(at).year();
        let january = jiff::civil::date(year, 1, 15).at(0, 0, 0, 0);
        let offset = self.rules.to_ambiguous_timestamp(january).compatible();
        offset.map_or(0, |at| i64::from(self.rules.to_offset(at).seconds()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn clock(habit: Habit) -> Clock {
        let zone = TimeZone::get("Europe/Oslo").unwrap();
        Clock::new(ClockConfig::healthy(habit), zone, 1, 0)
    }

    fn at(text: &str) -> i64 {
        i64::try_from(text.parse::<Timestamp>().unwrap().as_nanosecond()).unwrap()
    }

    fn shown(clock: &mut Clock, text: &str) -> (u8, u8, u8, bool, Option<i16>) {
        let s = clock.stamp(at(text));
        (s.hour, s.minute, s.second, s.daylight, s.offset)
    }

    #[test]
    fn a_civil_clock_leaps_in_spring_and_repeats_an_hour_in_autumn() {
        let mut clock = clock(Habit::Civil);
        assert_eq!(shown(&mut clock, "2024-03-31T00:59:50Z"), (1, 59, 50, false, None));
        assert_eq!(shown(&mut clock, "2024-03-31T01:00:00Z"), (3, 0, 0, true, None));
        assert_eq!(shown(&mut clock, "2024-10-27T00:30:00Z"), (2, 30, 0, true, None));
        assert_eq!(shown(&mut clock, "2024-10-27T01:30:00Z"), (2, 30, 0, false, None));
    }

    #[test]
    fn a_standard_clock_does_not_care_about_summer() {
        let mut clock = clock(Habit::StandardFixed);
        assert_eq!(shown(&mut clock, "2024-03-31T01:00:00Z"), (2, 0, 0, false, None));
        assert_eq!(shown(&mut clock, "2024-07-01T12:00:00Z"), (13, 0, 0, false, None));
    }

    #[test]
    fn a_stated_deviation_resolves_the_repeated_hour_and_a_bare_clock_leaves_it_open() {
        let (mut stated, mut bare) = (clock(Habit::CivilWithDeviation), clock(Habit::CivilBare));
        let (first, second) = ("2024-10-27T00:30:00Z", "2024-10-27T01:30:00Z");
        assert_eq!(shown(&mut stated, first).4, Some(120));
        assert_eq!(shown(&mut stated, second).4, Some(60));
        assert_eq!(shown(&mut bare, first), shown(&mut bare, second));
    }

    #[test]
    fn ailments_show() {
        let zone = TimeZone::get("Europe/Oslo").unwrap();
        let config = |ailment| ClockConfig { habit: Habit::Civil, ailment, drift_ppm: 0 };
        let noon = at("2024-01-15T11:00:00Z");
        let mut wrong = Clock::new(config(Ailment::OneHourWrong), zone.clone(), 1, noon);
        assert_eq!(wrong.stamp(noon).hour, 13);
        let mut stuck = Clock::new(config(Ailment::Stuck(2000)), zone.clone(), 1, noon);
        assert_eq!((stuck.stamp(noon).year, stuck.stamp(noon).invalid), (2000, true));
        let drifting = Clock::new(config(Ailment::Drifting(200)), zone, 1, noon);
        let day = 86_400 * SECOND;
        assert_eq!(drifting.meter_time(noon + day), noon + day + day / 5000);
    }

    #[test]
    fn the_head_end_keeps_a_drifting_crystal_within_two_seconds() {
        let zone = TimeZone::get("Europe/Oslo").unwrap();
        let config = ClockConfig { drift_ppm: 20, ..ClockConfig::healthy(Habit::Civil) };
        let start = at("2024-01-15T00:00:00Z");
        let mut clock = Clock::new(config, zone, 5, start);
        let mut slot = start - 1;
        let mut steps = 0;
        for _ in 0..3 * 8640 {
            let (next, when) = clock.next_slot(slot, 10 * SECOND);
            assert!((next - when).abs() < 2 * SECOND);
            steps += i32::from(next - slot != 10 * SECOND && slot >= start);
            slot = next;
        }
        assert!(steps <= 6, "{steps}");
    }
}
