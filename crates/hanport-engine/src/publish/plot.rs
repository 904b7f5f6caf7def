//! Energy by hours and by days, as existing readers tell it over HTTP and on command.
//!
//! `dayplot` is by hour of the day in UTC: the last 24 hours that are over. `monthplot` is by day
//! of the month in the site's zone: of the days that are over, the newest of each number.

use core::ops::Range;

use hanport_core::number::Number;
use jiff::ToSpan;
use jiff::tz::TimeZone;

use super::text::{Object, Unknown};
use crate::energy::{Interval, Period, Register, Sum, sums};
use crate::outside::{History, HistoryError};
use crate::time::UtcMillis;

const HOUR_MS: i64 = 3_600_000;

/// By hour of the day in UTC.
pub fn day(
    history: &dyn History,
    meter: &str,
    now: UtcMillis,
    unknown: Unknown,
) -> Result<String, HistoryError> {
    let end = UtcMillis(now.0.div_euclid(HOUR_MS).saturating_mul(HOUR_MS));
    let range = end.plus(-24 * HOUR_MS)..end;
    let import = of(history, meter, Register::ActiveImport, &range, Period::Hour, &TimeZone::UTC)?;
    let export = of(history, meter, Register::ActiveExport, &range, Period::Hour, &TimeZone::UTC)?;
    let hour = |sum: &Sum| sum.range.start.0.div_euclid(HOUR_MS).rem_euclid(24);
    Ok(write(0..24, |at| (find(&import, at, hour), find(&export, at, hour)), unknown))
}

/// By day of the month in the site's zone.
pub fn month(
    history: &dyn History,
    meter: &str,
    now: UtcMillis,
    zone: &TimeZone,
    unknown: Unknown,
) -> Result<String, HistoryError> {
    let today = now.timestamp().to_zoned(zone.clone()).start_of_day();
    let end = today.as_ref().map_or(now, |today| UtcMillis::from(today.timestamp()));
    let start = today
        .and_then(|today| today.checked_sub(31.days()))
        .map_or_else(|_| end.plus(-31 * 24 * HOUR_MS), |start| start.timestamp().into());
    let range = start..end;
    let import = of(history, meter, Register::ActiveImport, &range, Period::Day, zone)?;
    let export = of(history, meter, Register::ActiveExport, &range, Period::Day, zone)?;
    let day =
        |sum: &Sum| i64::from(sum.range.start.timestamp().to_zoned(zone.clone()).date().day());
    Ok(write(1..32, |at| (find(&import, at, day), find(&export, at, day)), unknown))
}

fn of(
    history: &dyn History,
    meter: &str,
    register: Register,
    range: &Range<UtcMillis>,
    period: Period,
    zone: &TimeZone,
) -> Result<Vec<Sum>, HistoryError> {
    let intervals: Vec<Interval> = history.intervals(meter, register, range.clone())?;
    Ok(sums(&intervals, period, zone))
}

/// The newest of a number: sums are in order of time.
fn find(sums: &[Sum], at: i64, number: impl Fn(&Sum) -> i64) -> Option<i64> {
    sums.iter().rev().find(|sum| number(sum) == at).map(|sum| sum.wh)
}

fn write(
    places: Range<i64>,
    wh: impl Fn(i64) -> (Option<i64>, Option<i64>),
    unknown: Unknown,
) -> String {
    let mut plot = Object::new(unknown);
    plot.text("unit", "kwh");
    let kwh = |wh: Option<i64>| wh.map(|wh| Number::new(wh, -3));
    for at in places {
        let (import, export) = wh(at);
        plot.fixed(&format!("i{at:02}"), kwh(import), 3);
        plot.fixed(&format!("e{at:02}"), kwh(export), 3);
    }
    plot.finish()
}
