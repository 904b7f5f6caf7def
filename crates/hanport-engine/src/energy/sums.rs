//! Hours, days, months and years: sums of quarters in a zone.
//!
//! A period is a range of instants, so a day has 92, 96 or 100 quarters, and the two hours that
//! both read 02:00 on an autumn night are two periods.

use core::ops::Range;

use jiff::civil::{Date, Time};
use jiff::tz::TimeZone;
use jiff::{Span, Timestamp, ToSpan, Zoned};
use serde::{Deserialize, Serialize};

use super::interval::{Interval, Quality, QuarterHour};
use crate::time::UtcMillis;

/// A length of calendar time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Period {
    /// A quarter-hour.
    Quarter,
    /// A clock hour.
    Hour,
    /// From midnight to midnight.
    Day,
    /// A calendar month.
    Month,
    /// A calendar year.
    Year,
}

impl Period {
    /// The half-open instants of the period that contains `at`, in `zone`.
    pub fn around(self, at: UtcMillis, zone: &TimeZone) -> Range<UtcMillis> {
        let quarter = QuarterHour::containing(at);
        match self {
            Self::Quarter => quarter.start()..quarter.end(),
            Self::Hour => hour(at, zone),
            Self::Day | Self::Month | Self::Year => {
                let date = at.timestamp().to_zoned(zone.clone()).date();
                self.calendar(date, zone).unwrap_or_else(|| quarter.start()..quarter.end())
            }
        }
    }

    /// The instants of the day, month or year that `date` lies in; `None` for an hour or a
    /// quarter, and at the ends of the calendar.
    pub fn calendar(self, date: Date, zone: &TimeZone) -> Option<Range<UtcMillis>> {
        let (first, step) = match self {
            Self::Quarter | Self::Hour => return None,
            Self::Day => (date, 1.day()),
            Self::Month => (date.first_of_month(), 1.month()),
            Self::Year => (date.first_of_year(), 1.year()),
        };
        midnights(first, step, zone)
    }
}

/// The half-open instants of one local day: 23, 24 or 25 hours.
pub fn day(date: Date, zone: &TimeZone) -> Option<Range<UtcMillis>> {
    Period::Day.calendar(date, zone)
}

fn midnights(first: Date, step: Span, zone: &TimeZone) -> Option<Range<UtcMillis>> {
    let start = first.to_zoned(zone.clone()).ok()?;
    let end = first.checked_add(step).ok()?.to_zoned(zone.clone()).ok()?;
    Some(start.timestamp().into()..end.timestamp().into())
}

/// The clock hour around an instant: as long as the hour read and the offset stay the same.
fn hour(at: UtcMillis, zone: &TimeZone) -> Range<UtcMillis> {
    let timestamp = at.timestamp();
    let here = timestamp.to_zoned(zone.clone());
    let into = i64::from(here.minute()) * 60 + i64::from(here.second());
    let start = UtcMillis::from_seconds(at.seconds() - into);
    let end = start.plus(3_600_000);
    let same = |edge: UtcMillis| zone.to_offset(edge.timestamp()) == here.offset();
    // a change of offset inside the hour (Lord Howe, half an hour) cuts it there
    let start = if same(start) { start } else { change(timestamp, zone, true).unwrap_or(start) };
    let end = if same(end.plus(-1)) { end } else { change(timestamp, zone, false).unwrap_or(end) };
    start..end
}

/// The change of offset before or after an instant.
fn change(at: Timestamp, zone: &TimeZone, before: bool) -> Option<UtcMillis> {
    let found = if before {
        zone.preceding(at.checked_add(1.nanosecond()).ok()?).next()
    } else {
        zone.following(at).next()
    };
    found.map(|transition| transition.timestamp().into())
}

/// The energy of a period.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Sum {
    /// The half-open instants of the period.
    pub range: Range<UtcMillis>,
    /// What registers back, in watt-hours.
    pub wh: i64,
    /// What only power samples say, in watt-hours: from intervals that are missing.
    pub unbacked_wh: i64,
    /// Quarters the period has.
    pub quarters: u32,
    /// Quarters there are intervals for, missing ones left out.
    pub present: u32,
    /// The worst quality in it; measured when both ends are register readings and every quarter
    /// between is there, however well the single quarters are known. A quarter without an
    /// interval counts as missing.
    pub quality: Quality,
}

impl Sum {
    fn begin(range: Range<UtcMillis>) -> Self {
        let quarters = u32::try_from(range.end.since(range.start) / QuarterHour::MS).unwrap_or(0);
        Self { range, wh: 0, unbacked_wh: 0, quarters, present: 0, quality: Quality::Measured }
    }
}

/// Sums up intervals of one register, in ascending order, by period. Periods without any
/// interval are left out.
pub fn sums<'a>(
    intervals: impl IntoIterator<Item = &'a Interval>,
    period: Period,
    zone: &TimeZone,
) -> Vec<Sum> {
    let mut done: Vec<Sum> = Vec::new();
    let mut open: Option<(Sum, Pins)> = None;
    for interval in intervals {
        let at = interval.quarter.start();
        if let Some((sum, pins)) = open.take_if(|(sum, _)| !sum.range.contains(&at)) {
            done.push(finish(sum, pins));
        }
        let (sum, pins) =
            open.get_or_insert_with(|| (Sum::begin(period.around(at, zone)), Pins::default()));
        if interval.quality == Quality::Missing {
            sum.unbacked_wh += interval.wh;
        } else {
            sum.wh += interval.wh;
            sum.present += 1;
            pins.start |= interval.edges.start && at == sum.range.start;
            pins.end |= interval.edges.end && interval.quarter.end() == sum.range.end;
        }
        sum.quality = sum.quality.min(interval.quality);
    }
    done.extend(open.map(|(sum, pins)| finish(sum, pins)));
    done
}

#[derive(Clone, Copy, Debug, Default)]
struct Pins {
    start: bool,
    end: bool,
}

fn finish(mut sum: Sum, pins: Pins) -> Sum {
    if sum.present < sum.quarters {
        sum.quality = Quality::Missing;
    } else if pins.start && pins.end {
        sum.quality = Quality::Measured;
    }
    sum
}

/// The local midnight that begins the day of an instant, with its zone; for labels.
pub fn start_of_day(at: UtcMillis, zone: &TimeZone) -> Option<Zoned> {
    let date = at.timestamp().to_zoned(zone.clone()).date();
    date.to_datetime(Time::midnight()).to_zoned(zone.clone()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::energy::{Edges, Register, Standing};
    use jiff::civil::date;

    const ZONES: [&str; 5] = [
        "Europe/Oslo",
        "Europe/Dublin",
        "Europe/Helsinki",
        "Atlantic/Azores",
        "Australia/Lord_Howe",
    ];

    fn zone(name: &str) -> TimeZone {
        TimeZone::get(name).unwrap()
    }

    fn intervals(range: Range<UtcMillis>) -> Vec<Interval> {
        let from = QuarterHour::containing(range.start).0;
        let to = QuarterHour::containing(range.end).0;
        (from..to)
            .map(|quarter| Interval {
                register: Register::ActiveImport,
                quarter: QuarterHour(quarter),
                wh: 100,
                quality: Quality::Measured,
                standing: Standing::Settled,
                edges: Edges::default(),
            })
            .collect()
    }

    #[test]
    fn days_have_92_96_or_100_quarters() {
        for (day_of, quarters) in
            [(date(2026, 3, 29), 92), (date(2026, 10, 25), 100), (date(2026, 6, 1), 96)]
        {
            for name in ["Europe/Oslo", "Europe/Dublin", "Europe/Helsinki", "Atlantic/Azores"] {
                let range = day(day_of, &zone(name)).unwrap();
                let sums = sums(&intervals(range), Period::Day, &zone(name));
                assert_eq!(sums.len(), 1, "{name}");
                assert_eq!((sums[0].quarters, sums[0].wh), (quarters, i64::from(quarters) * 100));
            }
        }
        // half an hour of summer time
        let range = day(date(2026, 4, 5), &zone("Australia/Lord_Howe")).unwrap();
        assert_eq!(range.end.since(range.start) / QuarterHour::MS, 98);
    }

    #[test]
    fn hours_days_months_and_a_year_agree() {
        for name in ZONES {
            let zone = zone(name);
            let year = Period::Year.calendar(date(2026, 5, 5), &zone).unwrap();
            let quarters = intervals(year.clone());
            for period in [Period::Quarter, Period::Hour, Period::Day, Period::Month, Period::Year]
            {
                let sums = sums(&quarters, period, &zone);
                let total: i64 = sums.iter().map(|sum| sum.wh).sum();
                assert_eq!(total, 365 * 9600, "{name} {period:?}");
                assert_eq!(sums.first().unwrap().range.start, year.start);
                assert_eq!(sums.last().unwrap().range.end, year.end);
                for pair in sums.windows(2) {
                    assert_eq!(pair[0].range.end, pair[1].range.start, "{name} {period:?}");
                }
                assert!(sums.iter().all(|sum| sum.quality == Quality::Measured));
            }
            let months = sums(&quarters, Period::Month, &zone);
            assert_eq!(months.len(), 12);
        }
    }

    #[test]
    fn the_repeated_hour_is_two_hours() {
        let zone = zone("Europe/Oslo");
        let range = day(date(2026, 10, 25), &zone).unwrap();
        let hours = sums(&intervals(range), Period::Hour, &zone);
        assert_eq!(hours.len(), 25);
        assert!(hours.iter().all(|hour| hour.wh == 400));
    }

    #[test]
    fn registers_at_both_ends_make_an_hour_exact() {
        let range = UtcMillis(0)..UtcMillis(3_600_000);
        let mut quarters = intervals(range);
        for quarter in &mut quarters {
            quarter.quality = Quality::Estimated;
        }
        let utc = TimeZone::UTC;
        assert_eq!(sums(&quarters, Period::Hour, &utc)[0].quality, Quality::Estimated);
        quarters[0].edges.start = true;
        quarters[3].edges.end = true;
        assert_eq!(sums(&quarters, Period::Hour, &utc)[0].quality, Quality::Measured);
        quarters[1].quality = Quality::Missing;
        let sum = &sums(&quarters, Period::Hour, &utc)[0];
        assert_eq!((sum.quality, sum.wh, sum.unbacked_wh), (Quality::Missing, 300, 100));
    }
}
