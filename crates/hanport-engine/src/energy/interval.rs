//! The quarter-hour: which one, how much, and how well that is known.

use core::fmt;

use serde::{Deserialize, Serialize};

use super::register::Register;
use crate::time::UtcMillis;

/// A quarter-hour of UTC, counted from 1970. Every civil time zone in use today is a whole
/// number of quarters away from UTC, so the same quarters serve everywhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct QuarterHour(pub i64);

impl QuarterHour {
    /// Its length.
    pub const MS: i64 = 900_000;

    /// The one that contains `at`; an instant on the edge belongs to the quarter that begins.
    pub const fn containing(at: UtcMillis) -> Self {
        Self(at.0.div_euclid(Self::MS))
    }

    /// Its first instant.
    pub const fn start(self) -> UtcMillis {
        UtcMillis(self.0.saturating_mul(Self::MS))
    }

    /// The first instant after it.
    pub const fn end(self) -> UtcMillis {
        self.next().start()
    }

    /// The one after.
    #[must_use]
    pub const fn next(self) -> Self {
        Self(self.0.saturating_add(1))
    }
}

impl fmt::Display for QuarterHour {
    /// Its first instant.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.start(), f)
    }
}

/// How well the energy of an interval is known. Ordered from worst to best.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Quality {
    /// No register backs it. The watt-hours are what power samples alone would say, and belong
    /// to no sum of registers.
    Missing,
    /// It lies between registers, but how much of their difference fell into it is a guess; or
    /// registers back only a part of it.
    Estimated,
    /// It lies between registers and more than half of its shape was measured.
    Interpolated,
    /// Registers enclose it closely, or power was measured all through it.
    Measured,
}

impl Quality {
    /// Time in an interval that may be unknown while it still counts as measured: 5 %.
    pub const MEASURED_MS: i64 = QuarterHour::MS * 95 / 100;
    /// Known time from which on it counts as interpolated: half.
    pub const INTERPOLATED_MS: i64 = QuarterHour::MS / 2;

    /// The quality of an interval all of which is backed, `known_ms` of it known.
    pub const fn of_known(known_ms: i64) -> Self {
        if known_ms >= Self::MEASURED_MS {
            Self::Measured
        } else if known_ms >= Self::INTERPOLATED_MS {
            Self::Interpolated
        } else {
            Self::Estimated
        }
    }

    /// Whether such an interval may form a peak that somebody pays for.
    pub const fn can_peak(self) -> bool {
        matches!(self, Self::Measured | Self::Interpolated)
    }

    /// The stable word for programs.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Missing => "missing",
            Self::Estimated => "estimated",
            Self::Interpolated => "interpolated",
            Self::Measured => "measured",
        }
    }
}

/// Whether the value can still change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    /// From power samples; a later entry for the same quarter replaces it.
    Provisional,
    /// Final. Only a recorded correction stands against it.
    Settled,
}

/// Which edges of the quarter a register reading stands on. When the first edge of the first
/// and the last edge of the last of a row of quarters are pinned, their sum is the difference of
/// two registers, however well or badly the single quarters are known.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Edges {
    /// A register was read where the quarter begins.
    pub start: bool,
    /// A register was read where the quarter ends.
    pub end: bool,
}

/// The energy of one quarter-hour of one register.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Interval {
    /// Of which register.
    pub register: Register,
    /// When.
    pub quarter: QuarterHour,
    /// How much, never negative. Watt-hours or var-hours.
    pub wh: i64,
    /// How well that is known.
    pub quality: Quality,
    /// Whether it can still change.
    pub standing: Standing,
    /// Which of its edges are register readings.
    pub edges: Edges,
}

impl Interval {
    /// One that no register backs; `wh` is what power alone says of it.
    pub const fn missing(register: Register, quarter: QuarterHour, wh: i64) -> Self {
        Self {
            register,
            quarter,
            wh,
            quality: Quality::Missing,
            standing: Standing::Settled,
            edges: Edges { start: false, end: false },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_edge_belongs_to_the_quarter_that_begins() {
        let quarter = QuarterHour::containing(UtcMillis(900_000));
        assert_eq!(quarter, QuarterHour(1));
        assert_eq!(QuarterHour::containing(UtcMillis(899_999)), QuarterHour(0));
        assert_eq!(QuarterHour::containing(UtcMillis(-1)), QuarterHour(-1));
        assert_eq!(quarter.end(), UtcMillis(1_800_000));
        assert_eq!(quarter.to_string(), "1970-01-01T00:15:00Z");
    }

    #[test]
    fn half_an_hour_of_guessing_forms_no_peak() {
        assert_eq!(Quality::of_known(900_000), Quality::Measured);
        assert_eq!(Quality::of_known(600_000), Quality::Interpolated);
        assert!(!Quality::of_known(300_000).can_peak());
        assert!(Quality::Missing < Quality::Estimated);
    }
}
