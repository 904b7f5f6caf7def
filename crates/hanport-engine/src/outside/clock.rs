//! The time.

use core::fmt;
use core::time::Duration;

use crate::time::UtcMillis;

/// Tells the time. The program has one; tests have their own.
pub trait Clock: Send + Sync + fmt::Debug {
    /// The time now.
    fn now(&self) -> UtcMillis;

    /// How long the machine waits until so many milliseconds of this clock have passed; nothing
    /// when they are negative. Another than the same length only for a simulated clock.
    fn real(&self, ms: i64) -> Duration {
        Duration::from_millis(u64::try_from(ms).unwrap_or(0))
    }
}
