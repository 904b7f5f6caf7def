//! When a rule applies: months, weekdays, hours, dates and holidays, in local time.

use jiff::civil::{Date, Weekday};
use jiff::tz::TimeZone;
use jiff::{Span, ToSpan};
use serde::{Deserialize, Serialize};

use super::holiday::Holidays;
use crate::time::UtcMillis;

/// An instant on the wall clock of a household.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Local {
    /// The date.
    pub date: Date,
    /// Minutes since midnight on the clock, 0 to 1439.
    pub minute: u16,
}

impl Local {
    /// What the clocks of a zone say.
    pub fn of(at: UtcMillis, zone: &TimeZone) -> Self {
        let zoned = at.timestamp().to_zoned(zone.clone());
        let minute = i16::from(zoned.hour()) * 60 + i16::from(zoned.minute());
        Self { date: zoned.date(), minute: u16::try_from(minute).unwrap_or(0) }
    }

    /// The hour on the clock.
    pub const fn hour(self) -> u16 {
        self.minute / 60
    }
}

/// A set of months.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Months(u16);

/// A set of weekdays; Monday is the first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Weekdays(u8);

/// Times of the day: ranges of minutes, the end left out, ascending.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Hours(Vec<(u16, u16)>);

impl Months {
    /// All twelve.
    pub const ALL: Self = Self(0x0FFF);

    /// From one month to another, both counted in; over the new year where the first is later.
    pub fn between(first: u8, last: u8) -> Self {
        Self(run(first.saturating_sub(1), last.saturating_sub(1), 12))
    }

    /// Both sets together.
    #[must_use]
    pub const fn and(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Whether a month, 1 to 12, is in it.
    pub const fn has(self, month: i8) -> bool {
        matches!(month, 1..=12) && self.0 >> (month - 1) & 1 == 1
    }
}

impl Weekdays {
    /// All seven.
    pub const ALL: Self = Self(0x7F);

    /// From one day to another, 0 for Monday, both counted in; over Sunday where the first is
    /// later.
    pub fn between(first: u8, last: u8) -> Self {
        Self(u8::try_from(run(first, last, 7)).unwrap_or(0x7F))
    }

    /// These days, 0 for Monday; others than 0 to 6 are passed over.
    pub fn of(days: impl IntoIterator<Item = u8>) -> Self {
        Self(days.into_iter().filter(|day| *day < 7).fold(0, |set, day| set | 1 << day))
    }

    /// Both sets together.
    #[must_use]
    pub const fn and(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Whether a weekday is in it.
    pub fn has(self, day: Weekday) -> bool {
        let day = u8::try_from(day.to_monday_zero_offset()).unwrap_or(0);
        self.0 >> day & 1 == 1
    }

    /// The days in it, 0 for Monday.
    pub fn days(self) -> impl Iterator<Item = u8> {
        (0..7).filter(move |day| self.0 >> day & 1 == 1)
    }
}

/// Bits from one place to another in a circle.
fn run(first: u8, last: u8, around: u8) -> u16 {
    let (first, last) = (first % around, last % around);
    let count = (last + around - first) % around + 1;
    (0..count).fold(0, |set, step| set | 1 << ((first + step) % around))
}

impl Hours {
    /// The whole day.
    pub fn all() -> Self {
        Self(vec![(0, 1440)])
    }

    /// From a minute of the day to before another; over midnight where the first is later. The
    /// whole day where they are the same.
    pub fn between(from: u16, to: u16) -> Self {
        let (from, to) = (from.min(1440), to.min(1440));
        match from.cmp(&to) {
            core::cmp::Ordering::Less => Self(vec![(from, to)]),
            core::cmp::Ordering::Equal => Self::all(),
            core::cmp::Ordering::Greater => {
                Self([(0, to), (from, 1440)].into_iter().filter(|(a, b)| a < b).collect())
            }
        }
    }

    /// These clock hours, 0 to 23; others are passed over.
    pub fn of(hours: impl IntoIterator<Item = u8>) -> Self {
        let set = hours.into_iter().filter(|hour| *hour < 24).fold(0u32, |set, h| set | 1 << h);
        let each = (0u16..24).filter(|hour| set >> hour & 1 == 1);
        each.fold(Self(Vec::new()), |all, hour| all.and(&Self(vec![(hour * 60, hour * 60 + 60)])))
    }

    /// Both together.
    #[must_use]
    pub fn and(&self, other: &Self) -> Self {
        let mut ranges: Vec<(u16, u16)> = self.0.iter().chain(&other.0).copied().collect();
        ranges.sort_unstable();
        let mut joined: Vec<(u16, u16)> = Vec::with_capacity(ranges.len());
        for (from, to) in ranges {
            match joined.last_mut() {
                Some((_, end)) if from <= *end => *end = to.max(*end),
                _ => joined.push((from, to)),
            }
        }
        Self(joined)
    }

    /// Whether a minute of the day is in it.
    pub fn has(&self, minute: u16) -> bool {
        self.0.iter().any(|(from, to)| (*from..*to).contains(&minute))
    }

    /// The clock hours whose first minute is in it.
    pub fn clock_hours(&self) -> impl Iterator<Item = u8> {
        (0u8..24).filter(|hour| self.has(u16::from(*hour) * 60))
    }
}

/// A range of dates in every year, both ends counted in; over the new year where the first is
/// later than the last.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Dates {
    /// Month and day of the first; a month out of 1 to 12 or a day out of 1 to 31 is January or
    /// the 1st.
    pub first: (u8, u8),
    /// Month and day of the last; a month out of 1 to 12 is December, a day out of 1 to 31 the
    /// 31st. A day that the month does not have runs on into the next month.
    pub last: (u8, u8),
}

impl Dates {
    /// Whether a date is in it.
    pub fn has(&self, date: Date) -> bool {
        let (first_month, first_day) = self.first;
        let (last_month, last_day) = self.last;
        let first_month = if (1..=12).contains(&first_month) { first_month } else { 1 };
        let first_day = if (1..=31).contains(&first_day) { first_day } else { 1 };
        let last_month = if (1..=12).contains(&last_month) { last_month } else { 12 };
        let last_day = if (1..=31).contains(&last_day) { last_day } else { 31 };
        let in_year = |month: u8, day: u8| -> Option<Date> {
            let month = i8::try_from(month).ok()?;
            let days: Span = (i64::from(day) - 1).days();
            Date::new(date.year(), month, 1).ok()?.checked_add(days).ok()
        };
        let (Some(first), Some(last)) =
            (in_year(first_month, first_day), in_year(last_month, last_day))
        else {
            return false;
        };
        if (first_month, first_day) <= (last_month, last_day) {
            (first..=last).contains(&date)
        } else {
            date <= last || date >= first
        }
    }
}

/// What a public holiday means for a rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum HolidayUse {
    /// A holiday counts as a Sunday.
    AsSunday,
    /// The rule does not apply on holidays.
    Exclude,
    /// A holiday is a day like others.
    Ignore,
    /// The rule applies on holidays only.
    Only,
}

/// When a rule applies: in all of these at once.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct When {
    /// In these months.
    pub months: Months,
    /// On these weekdays.
    pub weekdays: Weekdays,
    /// At these times.
    pub hours: Hours,
    /// On these dates of every year.
    pub dates: Option<Dates>,
    /// On holidays.
    pub holidays: HolidayUse,
}

impl Default for When {
    /// Always.
    fn default() -> Self {
        Self {
            months: Months::ALL,
            weekdays: Weekdays::ALL,
            hours: Hours::all(),
            dates: None,
            holidays: HolidayUse::Ignore,
        }
    }
}

impl When {
    /// Whether it applies.
    pub fn applies(&self, local: Local, holidays: &Holidays) -> bool {
        if !self.hours.has(local.minute) || !self.months.has(local.date.month()) {
            return false;
        }
        if self.dates.is_some_and(|dates| !dates.has(local.date)) {
            return false;
        }
        let weekday = local.date.weekday();
        match self.holidays {
            HolidayUse::Ignore => self.weekdays.has(weekday),
            HolidayUse::AsSunday => {
                let counts_as = if holidays.has(local.date) { Weekday::Sunday } else { weekday };
                self.weekdays.has(counts_as)
            }
            HolidayUse::Exclude => self.weekdays.has(weekday) && !holidays.has(local.date),
            HolidayUse::Only => self.weekdays.has(weekday) && holidays.has(local.date),
        }
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case::inside((3, 1), (5, 31), date(2026, 4, 1), true)]
    #[case::both_ends_count((3, 1), (5, 31), date(2026, 5, 31), true)]
    #[case::after((3, 1), (5, 31), date(2026, 6, 1), false)]
    #[case::over_new_year_at_its_end((11, 1), (3, 31), date(2026, 3, 31), true)]
    #[case::over_new_year_at_its_start((11, 1), (3, 31), date(2026, 11, 1), true)]
    #[case::outside_of_the_winter((11, 1), (3, 31), date(2026, 4, 1), false)]
    #[case::nothing_set_is_the_year((0, 0), (0, 0), date(2026, 12, 31), true)]
    #[case::no_start_is_new_year((0, 0), (3, 31), date(2026, 1, 1), true)]
    #[case::no_end_is_the_last_of_december((4, 1), (0, 0), date(2026, 12, 31), true)]
    #[case::a_day_too_many_runs_on((1, 1), (2, 30), date(2026, 3, 2), true)]
    #[case::and_no_further((1, 1), (2, 30), date(2026, 3, 3), false)]
    fn dates(#[case] first: (u8, u8), #[case] last: (u8, u8), #[case] at: Date, #[case] is: bool) {
        assert_eq!(Dates { first, last }.has(at), is);
    }

    #[test]
    fn hours_may_wrap_and_join() {
        let night = Hours::between(22 * 60, 6 * 60);
        assert!(night.has(22 * 60) && night.has(0) && night.has(359) && !night.has(360));
        assert_eq!(Hours::of([0, 1, 2, 3, 4, 5, 22, 23, 24, 99]), night);
        assert_eq!(night.clock_hours().collect::<Vec<_>>(), [0, 1, 2, 3, 4, 5, 22, 23]);
        assert_eq!(Hours::between(0, 0), Hours::all());
        assert_eq!(Hours::between(600, 0), Hours::between(600, 1440));
        assert_eq!(night.and(&Hours::between(360, 1320)), Hours::all());
        let minutes = Hours::between(130, 430);
        assert!(!minutes.has(129) && minutes.has(130) && !minutes.has(430));
    }

    #[test]
    fn months_and_weekdays_may_wrap() {
        let winter = Months::between(11, 3);
        assert!([11, 12, 1, 2, 3].into_iter().all(|month| winter.has(month)));
        assert!(![4, 10, 0, 13, -1].into_iter().any(|month| winter.has(month)));
        assert_eq!(Weekdays::between(5, 0).days().collect::<Vec<_>>(), [0, 5, 6]);
        assert_eq!(Weekdays::of([0, 1, 2, 3, 4, 7, 255]), Weekdays::between(0, 4));
    }

    #[test]
    fn a_holiday_may_be_a_sunday() {
        let holidays = Holidays::of("NO").unwrap();
        // Easter Monday of 2026
        let at = Local { date: date(2026, 4, 6), minute: 600 };
        let of = |weekdays, holidays| When { weekdays, holidays, ..When::default() };
        let workdays = Weekdays::between(0, 4);
        assert!(of(workdays, HolidayUse::Ignore).applies(at, &holidays));
        assert!(!of(workdays, HolidayUse::AsSunday).applies(at, &holidays));
        assert!(!of(workdays, HolidayUse::Exclude).applies(at, &holidays));
        assert!(of(workdays, HolidayUse::Only).applies(at, &holidays));
        assert!(of(Weekdays::between(5, 6), HolidayUse::AsSunday).applies(at, &holidays));
        let tuesday = Local { date: date(2026, 4, 7), minute: 600 };
        assert!(of(workdays, HolidayUse::AsSunday).applies(tuesday, &holidays));
    }

    #[test]
    fn the_clock_decides_on_days_with_a_change() {
        let oslo = TimeZone::get("Europe/Oslo").unwrap();
        let two = Hours::of([2]);
        let day = crate::energy::sums::day;
        let at_two = |date| {
            let range = day(date, &oslo).unwrap();
            let quarters = (range.start.0..range.end.0).step_by(900_000).map(UtcMillis);
            quarters.filter(|at| two.has(Local::of(*at, &oslo).minute)).count()
        };
        assert_eq!(at_two(date(2026, 3, 29)), 0);
        assert_eq!(at_two(date(2026, 10, 25)), 8);
        assert_eq!(at_two(date(2026, 1, 14)), 4);
    }
}
