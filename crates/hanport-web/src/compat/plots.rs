//! `/dayplot.json` and `/monthplot.json`: rings of hours and days that are over.
//!
//! A slot holds the newest hour of the day, or day of the month, of its number that is over: that
//! of the running one is a day or a month old.

use core::ops::Range;
use std::collections::BTreeMap;

use hanport_core::number::Number;
use hanport_engine::energy::shown::{counted, shown};
use hanport_engine::energy::{Interval, Period, Register, sums};
use hanport_engine::outside::{History, HistoryError};
use hanport_engine::time::UtcMillis;
use jiff::tz::TimeZone;

use super::writer::Document;

const HOUR_MS: i64 = 3_600_000;
/// Days in which every number of a day of a month comes: July and August have 62.
const RING_DAYS: i64 = 63;

/// Energy by slot, import and export, in watt-hours.
pub(crate) type Ring = BTreeMap<u8, [Option<i64>; 2]>;

/// The hours of the day, UTC.
pub(crate) fn hours(
    history: &dyn History,
    meter: &str,
    now: UtcMillis,
) -> Result<Ring, HistoryError> {
    let end = UtcMillis(now.0.div_euclid(HOUR_MS).saturating_mul(HOUR_MS));
    let range = end.plus(-24 * HOUR_MS)..end;
    ring(history, meter, range, Period::Hour, &TimeZone::UTC, |at| {
        u8::try_from(at.0.div_euclid(HOUR_MS).rem_euclid(24)).ok()
    })
}

/// The days of the month, local.
pub(crate) fn days(
    history: &dyn History,
    meter: &str,
    now: UtcMillis,
    zone: &TimeZone,
) -> Result<Ring, HistoryError> {
    let end = Period::Day.around(now, zone).start;
    let first = Period::Day.around(end.plus(-RING_DAYS * 24 * HOUR_MS), zone).start;
    ring(history, meter, first..end, Period::Day, zone, |at| {
        u8::try_from(at.timestamp().to_zoned(zone.clone()).day()).ok()
    })
}

fn ring(
    history: &dyn History,
    meter: &str,
    range: Range<UtcMillis>,
    period: Period,
    zone: &TimeZone,
    slot: impl Fn(UtcMillis) -> Option<u8>,
) -> Result<Ring, HistoryError> {
    let mut ring = Ring::new();
    let registers = [Register::ActiveImport, Register::ActiveExport];
    for (place, register) in registers.into_iter().enumerate() {
        let shown = shown(history, meter, register, range.clone())?;
        let intervals: Vec<Interval> = shown.iter().map(counted).collect();
        for sum in sums(&intervals, period, zone) {
            let entry = slot(sum.range.start).map(|slot| ring.entry(slot).or_default());
            if let Some(kept) = entry.and_then(|entry| entry.get_mut(place)) {
                // what no register backs is what power alone says; the original counts it too
                *kept = Some(sum.wh.saturating_add(sum.unbacked_wh));
            }
        }
    }
    Ok(ring)
}

/// The document of a ring with slots from `first` to `last`.
pub(crate) fn document(ring: &Ring, first: u8, last: u8, unknown_as_null: bool) -> String {
    let mut out = Document::new(unknown_as_null);
    out.text("unit", "kwh");
    let kwh = |wh: i64| Number::new(wh, -3);
    for slot in first..=last {
        let [import, export] = ring.get(&slot).copied().unwrap_or_default();
        out.decimal(&format!("i{slot:02}"), import.map(kwh), 3);
        out.decimal(&format!("e{slot:02}"), export.map(kwh), 3);
    }
    out.finish()
}
