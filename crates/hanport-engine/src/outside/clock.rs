//! The time.

use core::fmt;

use crate::time::UtcMillis;

/// Tells the time. The program has one; tests have their own.
pub trait Clock: Send + Sync + fmt::Debug {
    /// The time now.
    fn now(&self) -> UtcMillis;
}
