//! The plots of an existing reader: the hours of the last day and the days of the last month.
//!
//! ```json
//! {"unit":"kwh","i00":1.234,"e00":0.000,"i01":...}     hours of UTC, 00 to 23
//! {"unit":"kwh","i01":12.34,"e01":0.000,...}           days of the month there, 01 to 31
//! ```
//!
//! A slot holds the newest hour or day of its number that is over: the slot of the running hour is
//! still that of yesterday, the slot of today still that of last month. Slots that hold nothing
//! look like those without use; a slot with 0 for both directions is passed over.

use anyhow::{Context as _, anyhow, bail};
use hanport_engine::energy::{Period, Quality, Register};
use hanport_engine::time::UtcMillis;
use jiff::ToSpan;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde_json::{Map, Value};

use super::csv::number;
use super::{Span, Target};

const HOUR_MS: i64 = 3_600_000;
const DAY_MS: i64 = 86_400_000;

/// Takes a plot.
pub(super) fn take(
    target: &mut Target<'_>,
    text: &str,
    now: UtcMillis,
    zone: &TimeZone,
) -> anyhow::Result<()> {
    let plot: Map<String, Value> = serde_json::from_str(text)
        .map_err(|error| anyhow!("this is no plot of a reader, nor a table: {error}"))?;
    let spans = spans(&plot, now, zone)?;
    target.take_spans(&spans)
}

fn spans(plot: &Map<String, Value>, now: UtcMillis, zone: &TimeZone) -> anyhow::Result<Vec<Span>> {
    match plot.get("unit").and_then(Value::as_str) {
        Some("kwh") => {}
        Some(unit) => bail!("the unit is {unit}; kwh is meant"),
        None => bail!("there is no unit; a day plot or month plot of a reader is meant"),
    }
    let hours = plot.contains_key("i00");
    if !hours && !plot.contains_key("i01") {
        bail!("there is neither an hour nor a day in it");
    }
    let slots = if hours { 0u8..=23 } else { 1..=31 };
    let mut spans = Vec::new();
    for slot in slots {
        let when = if hours { Some(hour(slot, now)) } else { day(slot, now, zone) };
        let Some((start, end)) = when else { continue };
        let energy = |direction: char| -> anyhow::Result<Option<i64>> {
            let key = format!("{direction}{slot:02}");
            match plot.get(&key) {
                None | Some(Value::Null) => Ok(None),
                Some(Value::Number(value)) => {
                    let kwh = number(&value.to_string()).with_context(|| key.clone())?;
                    Ok(kwh.in_units_of(-3))
                }
                Some(_) => Err(anyhow!("`{key}` is no number")),
            }
        };
        let (import, export) = (energy('i')?, energy('e')?);
        if import.unwrap_or(0) == 0 && export.unwrap_or(0) == 0 {
            continue;
        }
        for (register, wh) in [(Register::ActiveImport, import), (Register::ActiveExport, export)] {
            if let Some(wh) = wh {
                spans.push(Span { register, start, end, wh, quality: Quality::Measured });
            }
        }
    }
    Ok(spans)
}

/// The newest hour of UTC with a number that is over.
fn hour(slot: u8, now: UtcMillis) -> (UtcMillis, UtcMillis) {
    let midnight = now.0.div_euclid(DAY_MS) * DAY_MS;
    let today = UtcMillis(midnight + i64::from(slot) * HOUR_MS);
    let start = if today.plus(HOUR_MS) <= now { today } else { today.plus(-DAY_MS) };
    (start, start.plus(HOUR_MS))
}

/// The newest day with a number that is over; `None` where last month had no such day.
fn day(slot: u8, now: UtcMillis, zone: &TimeZone) -> Option<(UtcMillis, UtcMillis)> {
    let today = now.timestamp().to_zoned(zone.clone()).date();
    let number = i8::try_from(slot).ok()?;
    let month = if number < today.day() {
        today
    } else {
        today.first_of_month().checked_sub(1.month()).ok()?
    };
    let date = Date::new(month.year(), month.month(), number).ok()?;
    let range = Period::Day.calendar(date, zone)?;
    Some((range.start, range.end))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> UtcMillis {
        text.parse::<jiff::Timestamp>().unwrap().into()
    }

    #[test]
    fn a_slot_is_the_newest_hour_that_is_over() {
        let now = at("2026-11-20T17:05:00Z");
        assert_eq!(hour(16, now).0, at("2026-11-20T16:00:00Z"));
        assert_eq!(hour(17, now).0, at("2026-11-19T17:00:00Z"));
        assert_eq!(hour(23, now).0, at("2026-11-19T23:00:00Z"));
        assert_eq!(hour(23, at("2026-11-20T00:00:00Z")).0, at("2026-11-19T23:00:00Z"));
    }

    #[test]
    fn a_slot_is_the_newest_day_that_is_over() {
        let zone = TimeZone::get("Europe/Oslo").unwrap();
        let now = at("2026-03-30T12:00:00Z");
        let (start, end) = day(29, now, &zone).unwrap();
        assert_eq!((start, end.since(start)), (at("2026-03-28T23:00:00Z"), 23 * HOUR_MS));
        // February has none
        assert_eq!(day(30, now, &zone), None);
        assert_eq!(
            day(28, at("2026-03-28T12:00:00Z"), &zone).unwrap().0,
            at("2026-02-27T23:00:00Z")
        );
    }

    #[test]
    fn slots_without_energy_are_passed_over_and_odd_ones_told() {
        let zone = TimeZone::UTC;
        let now = at("2026-11-20T17:05:00Z");
        let plot = |text: &str| spans(&serde_json::from_str(text).unwrap(), now, &zone);
        let found =
            plot(r#"{"unit":"kwh","i00":0.000,"e00":0.000,"i05":1.234,"e05":0.001}"#).unwrap();
        let wh: Vec<i64> = found.iter().map(|span| span.wh).collect();
        assert_eq!(wh, [1234, 1]);
        for wrong in [
            r#"{"i00":1}"#,
            r#"{"unit":"wh","i00":1}"#,
            r#"{"unit":"kwh"}"#,
            r#"{"unit":"kwh","i00":"1"}"#,
        ] {
            assert!(plot(wrong).is_err(), "{wrong}");
        }
    }
}
