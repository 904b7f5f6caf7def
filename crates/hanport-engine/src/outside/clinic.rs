//! The doctor's hours.

use core::fmt;

use crate::doctor::Report;

/// Asks the doctor about a meter.
pub trait Clinic: Send + Sync + fmt::Debug {
    /// What the doctor says now; `None` for a meter that is not there.
    fn examine(&self, meter: &str) -> Option<Report>;
}
