//! Finding out how a serial line is set: speed, parity, data bits.
//!
//! The search does no I/O. It is told what arrives and when, and asks for other settings.

use hanport_core::session::push::Options;

use crate::line::{LineErrors, LineSettings};
use crate::time::UtcMillis;

/// What the search wants or found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    /// These settings read frames that pass their checks.
    Locked(LineSettings),
    /// The settings that were right are so no longer; the search begins again.
    Lost(LineSettings),
    /// Read the line with these settings from now on.
    Try(LineSettings),
}

/// The search on one line.
#[derive(Debug)]
pub struct Detector {
    settings: LineSettings,
    change: Option<Change>,
}

impl Detector {
    /// A search that begins now. What was found right before is tried first and longest; a
    /// session with `options` judges.
    pub fn new(options: &Options, remembered: Option<LineSettings>, now: UtcMillis) -> Self {
        let _ = (options, now);
        let settings = remembered.unwrap_or(LineSettings::plain(2400));
        Self { settings, change: None }
    }

    /// The settings the line is to have now.
    pub const fn settings(&self) -> LineSettings {
        self.settings
    }

    /// Octets arrived.
    pub fn handle_octets(&mut self, now: UtcMillis, octets: &[u8]) {
        let _ = (now, octets);
    }

    /// Characters arrived damaged.
    pub fn handle_errors(&mut self, now: UtcMillis, errors: LineErrors) {
        let _ = (now, errors);
    }

    /// Time passed.
    pub fn handle_timeout(&mut self, now: UtcMillis) {
        let _ = now;
    }

    /// When [`handle_timeout`](Self::handle_timeout) is due.
    pub fn poll_timeout(&self) -> Option<UtcMillis> {
        None
    }

    /// What the search wants; ask after every `handle_*` until `None`.
    pub fn poll_change(&mut self) -> Option<Change> {
        self.change.take()
    }
}
