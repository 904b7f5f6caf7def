//! What was kept.

use core::fmt;
use core::ops::Range;

use hanport_core::number::Number;
use hanport_core::quantity::Quantity;
use jiff::tz::TimeZone;

use super::archive::Happening;
use crate::energy::{Correction, Interval, Official, Register};
use crate::time::UtcMillis;

/// Why nothing could be read or kept. The text is for people: what, where, what to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HistoryError(pub String);

impl fmt::Display for HistoryError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl core::error::Error for HistoryError {}

/// How long the steps of a series are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Resolution {
    /// Every sample as it came.
    Raw,
    /// Minutes.
    Minute,
    /// Quarter-hours.
    Quarter,
    /// Clock hours of the site's zone.
    Hour,
    /// Days of the site's zone.
    Day,
    /// Months of the site's zone.
    Month,
}

impl Resolution {
    /// All of them, finest first.
    pub const ALL: [Self; 6] =
        [Self::Raw, Self::Minute, Self::Quarter, Self::Hour, Self::Day, Self::Month];

    /// The stable word: `raw`, `1m`, `15m`, `1h`, `1d`, `1mo`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Raw => "raw",
            Self::Minute => "1m",
            Self::Quarter => "15m",
            Self::Hour => "1h",
            Self::Day => "1d",
            Self::Month => "1mo",
        }
    }

    /// The resolution of a [name](Self::name).
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|resolution| resolution.name() == name)
    }

    /// The finest resolution that keeps a range below some 1500 steps, for meters that send
    /// every few seconds.
    pub const fn natural(range_ms: i64) -> Self {
        const HOUR: i64 = 3_600_000;
        match range_ms {
            ms if ms <= 3 * HOUR => Self::Raw,
            ms if ms <= 24 * HOUR => Self::Minute,
            ms if ms <= 16 * 24 * HOUR => Self::Quarter,
            ms if ms <= 62 * 24 * HOUR => Self::Hour,
            ms if ms <= 4 * 366 * 24 * HOUR => Self::Day,
            _ => Self::Month,
        }
    }
}

/// What a quantity was in one step. For samples all three values are the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Point {
    /// When the step began; for a sample when it was measured.
    pub at: UtcMillis,
    /// The mean of the samples in it; the last sample for registers.
    pub mean: Number,
    /// The smallest.
    pub min: Number,
    /// The largest.
    pub max: Number,
    /// How many samples there were.
    pub samples: u32,
}

/// A quantity over time, in order. Steps without samples are left out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Series {
    /// What.
    pub quantity: Quantity,
    /// When and how much.
    pub points: Vec<Point>,
}

/// Reads what was kept, and what waits in memory to be written. Ranges are half open.
pub trait History: Send + Sync + fmt::Debug {
    /// The meters of which anything was kept.
    fn meters(&self) -> Result<Vec<String>, HistoryError>;

    /// From the first thing kept of a meter to the last.
    fn extent(&self, meter: &str) -> Result<Option<Range<UtcMillis>>, HistoryError>;

    /// The quarter-hours of a register that begin in a range, ascending; where a quarter is
    /// provisional and settled, the settled one.
    fn intervals(
        &self,
        meter: &str,
        register: Register,
        range: Range<UtcMillis>,
    ) -> Result<Vec<Interval>, HistoryError>;

    /// The official readings of a register in a range, ascending.
    fn readings(
        &self,
        meter: &str,
        register: Register,
        range: Range<UtcMillis>,
    ) -> Result<Vec<Official>, HistoryError>;

    /// All corrections of a meter in the order they were made.
    fn corrections(&self, meter: &str) -> Result<Vec<Correction>, HistoryError>;

    /// The quantities that have samples in a range.
    fn quantities(
        &self,
        meter: &str,
        range: Range<UtcMillis>,
    ) -> Result<Vec<Quantity>, HistoryError>;

    /// Quantities over time, one series each, in the order asked for. Hours, days and months are
    /// those of `zone`. A resolution finer than what is still kept gives the finest there is.
    fn series(
        &self,
        meter: &str,
        quantities: &[Quantity],
        range: Range<UtcMillis>,
        resolution: Resolution,
        zone: &TimeZone,
    ) -> Result<Vec<Series>, HistoryError>;

    /// The newest events in a range, newest first, at most `limit`; of all meters and the
    /// program where no meter is named.
    fn happenings(
        &self,
        meter: Option<&str>,
        range: Range<UtcMillis>,
        limit: usize,
    ) -> Result<Vec<Happening>, HistoryError>;
}
