//! What can be set.

use std::time::Duration;

/// How a store works.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Options {
    /// What came since the last write is written after this time; settled quarters at once.
    pub write_every: Duration,
    /// How many days samples are kept as they came.
    pub raw_days: u32,
    /// How many days the minutes are kept.
    pub minute_days: u32,
    /// Octets the file may have at most; `None` for as many as the disk holds.
    pub largest_file: Option<u64>,
    /// Octets of samples that may wait in memory while nothing can be written. The oldest are
    /// given up beyond that, and counted; quarter-hours never are.
    pub waiting_octets: usize,
    /// How long to wait before writing is tried again after a failure.
    pub retry_after: Duration,
}

impl Default for Options {
    /// Every minute; samples for a year, minutes for twelve weeks; 16 MiB wait at most.
    fn default() -> Self {
        Self {
            write_every: Duration::from_mins(1),
            raw_days: 366,
            minute_days: 84,
            largest_file: None,
            waiting_octets: 16 << 20,
            retry_after: Duration::from_secs(10),
        }
    }
}
