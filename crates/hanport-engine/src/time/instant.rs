//! Instants inside the engine: a count of milliseconds, UTC.

use core::fmt;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// Milliseconds since 1970-01-01T00:00:00Z, without leap seconds. Never local time.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct UtcMillis(pub i64);

impl UtcMillis {
    /// 2020-01-01T00:00:00Z. No clock that is set tells an earlier time.
    pub const EARLIEST: Self = Self::from_seconds(1_577_836_800);

    /// 2200-01-01T00:00:00Z.
    pub const LATEST: Self = Self::from_seconds(7_258_118_400);

    /// Whether a clock that is set can tell this time.
    pub const fn is_sane(self) -> bool {
        self.0 >= Self::EARLIEST.0 && self.0 < Self::LATEST.0
    }

    /// From whole seconds since 1970.
    pub const fn from_seconds(seconds: i64) -> Self {
        Self(seconds.saturating_mul(1000))
    }

    /// Whole seconds since 1970, rounded down.
    pub const fn seconds(self) -> i64 {
        self.0.div_euclid(1000)
    }

    /// Milliseconds from `earlier` to here; negative when `earlier` is later.
    pub const fn since(self, earlier: Self) -> i64 {
        self.0.saturating_sub(earlier.0)
    }

    /// `ms` milliseconds later.
    #[must_use]
    pub const fn plus(self, ms: i64) -> Self {
        Self(self.0.saturating_add(ms))
    }

    /// The same instant for calendars; the ends of the calendar for what lies outside it.
    pub fn timestamp(self) -> Timestamp {
        Timestamp::from_millisecond(self.0).unwrap_or(if self.0 < 0 {
            Timestamp::MIN
        } else {
            Timestamp::MAX
        })
    }
}

impl From<Timestamp> for UtcMillis {
    /// Rounds down to the millisecond.
    fn from(timestamp: Timestamp) -> Self {
        let below = i64::from(
            timestamp.subsec_nanosecond() < 0 && timestamp.as_nanosecond() % 1_000_000 != 0,
        );
        Self(timestamp.as_millisecond() - below)
    }
}

impl fmt::Display for UtcMillis {
    /// ISO 8601, `Z`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.timestamp(), f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn instants_go_to_the_calendar_and_back() {
        for ms in [0, 1, -1, 1_774_746_000_123, -62_000_000_000_000] {
            assert_eq!(UtcMillis::from(UtcMillis(ms).timestamp()), UtcMillis(ms));
        }
        assert_eq!(UtcMillis::EARLIEST.to_string(), "2020-01-01T00:00:00Z");
        assert_eq!(UtcMillis(i64::MAX).timestamp(), Timestamp::MAX);
        assert_eq!(UtcMillis(-1).seconds(), -1);
    }
}
