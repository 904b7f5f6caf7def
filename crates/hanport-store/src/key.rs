//! The keys of packed rows.
//!
//! ```text
//!  63    62 ............ 40 39 ........... 16 15 ......... 0
//!  zero    hour or UTC day        meter          column, or number in the tail
//!          since 1970, 23 bits    24 bits        16 bits
//! ```
//!
//! Time stands first: what is written together lies together, whatever the number of meters, and
//! what is too old lies at the beginning. Column 0 is the head that the others share.

use core::ops::RangeInclusive;

use hanport_engine::energy::QuarterHour;
use hanport_engine::time::UtcMillis;

/// An hour in milliseconds.
pub(crate) const HOUR_MS: i64 = 3_600_000;
/// A day of UTC in milliseconds.
pub(crate) const DAY_MS: i64 = 24 * HOUR_MS;
/// A minute in milliseconds.
pub(crate) const MINUTE_MS: i64 = 60_000;
/// Quarters of a day of UTC.
pub(crate) const SLOTS: i64 = 96;

/// A meter in this file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct MeterRow(pub(crate) i64);

/// The hour of an instant.
pub(crate) const fn hour_of(at: UtcMillis) -> i64 {
    at.0.div_euclid(HOUR_MS)
}

/// The day of an instant, of UTC.
pub(crate) const fn day_of(at: UtcMillis) -> i64 {
    at.0.div_euclid(DAY_MS)
}

/// Day and slot of a quarter.
pub(crate) const fn day_and_slot(quarter: QuarterHour) -> (i64, i64) {
    (quarter.0.div_euclid(SLOTS), quarter.0.rem_euclid(SLOTS))
}

/// The quarter of a day and slot.
pub(crate) const fn quarter_of(day: i64, slot: i64) -> QuarterHour {
    QuarterHour(day.saturating_mul(SLOTS).saturating_add(slot))
}

/// The key of a column (or of a number in the tail).
pub(crate) fn key(period: i64, meter: MeterRow, column: u16) -> i64 {
    first_of(period) | (meter.0 & 0xFF_FFFF) << 16 | i64::from(column)
}

/// The first key of an hour or day; of the first or last there can be for what lies outside.
pub(crate) fn first_of(period: i64) -> i64 {
    period.clamp(0, 0x7F_FFFF) << 40
}

/// All keys of a meter in an hour or day.
pub(crate) fn keys(period: i64, meter: MeterRow) -> RangeInclusive<i64> {
    key(period, meter, 0)..=key(period, meter, u16::MAX)
}

/// The column of a key.
pub(crate) fn column_of(key: i64) -> u16 {
    u16::try_from(key & 0xFFFF).unwrap_or(0)
}

/// Hour or day, and meter of a key.
pub(crate) const fn period_and_meter(key: i64) -> (i64, MeterRow) {
    (key >> 40, MeterRow(key >> 16 & 0xFF_FFFF))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_come_apart_as_they_were_put_together() {
        let last = hour_of(UtcMillis::LATEST);
        let whole = key(last, MeterRow(70_000), 65_535);
        assert!(whole > 0);
        assert_eq!(period_and_meter(whole), (last, MeterRow(70_000)));
        assert_eq!(column_of(whole), 65_535);
        assert!(keys(last, MeterRow(70_000)).contains(&whole));
        assert!(!keys(last, MeterRow(70_001)).contains(&whole));
        assert!(first_of(last) < whole && whole < first_of(last + 1));
    }

    #[test]
    fn a_quarter_has_its_day_and_slot() {
        for quarter in [-1, 0, 95, 96, 1_900_000] {
            let (day, slot) = day_and_slot(QuarterHour(quarter));
            assert!((0..SLOTS).contains(&slot));
            assert_eq!(quarter_of(day, slot), QuarterHour(quarter));
        }
    }
}
