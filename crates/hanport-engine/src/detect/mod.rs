//! Finding out how a serial line is set: speed, parity, data bits.
//!
//! ```text
//!                 +-------- Try ---------+
//!                 v                      |
//!  octets --> search: a candidate after the other, evidence kept --- Locked --> watch
//!                 ^                                                               |
//!                 +------------------ Lost: octets in vain for minutes -----------+
//! ```
//!
//! The search does no I/O. It is told what arrives and when, and asks for other settings. A frame
//! that passes its checks settles it, whether or not a key opens the message inside. No single
//! glitch changes what was found.
//!
//! - [`candidate`] settings with what was heard with them
//! - `table` the order in which they are tried, `search` the trying, `burst` a stretch of octets
//! - `judge` what octets prove, `steer` what octets of wrong settings tell of the right ones
//! - `watch` what happens once they are found
//! - [`chart`] the same evidence for those who look on from outside

mod burst;
pub mod candidate;
pub mod chart;
mod judge;
mod search;
mod steer;
mod table;
mod watch;

use hanport_core::session::push::Options;

use crate::line::{LineErrors, LineSettings};
use crate::time::UtcMillis;

pub use candidate::{Candidate, Evidence};
pub use chart::Chart;

use search::Search;
use watch::Watch;

/// What the search wants or found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    /// These settings read frames that pass their checks.
    Locked(LineSettings),
    /// The settings that were right are so no longer; the search begins again, with them.
    Lost(LineSettings),
    /// Read the line with these settings from now on.
    Try(LineSettings),
}

#[derive(Debug)]
enum Phase {
    Locked(Watch),
    Searching(Box<Search>),
}

/// The search on one line.
#[derive(Debug)]
pub struct Detector {
    options: Options,
    phase: Phase,
    /// What the search heard until it found something.
    heard: Vec<Candidate>,
    lost: Option<LineSettings>,
}

impl Detector {
    /// A search that begins now. What was found right before is tried first and longest; a
    /// session with `options` judges.
    pub fn new(options: &Options, remembered: Option<LineSettings>, now: UtcMillis) -> Self {
        let search = Search::new(options, remembered, now);
        let phase = Phase::Searching(Box::new(search));
        Self { options: options.clone(), phase, heard: Vec::new(), lost: None }
    }

    /// The settings the line is to have now.
    pub fn settings(&self) -> LineSettings {
        match &self.phase {
            Phase::Locked(watch) => watch.settings(),
            Phase::Searching(search) => search.settings(),
        }
    }

    /// Whether they are known to be right.
    pub const fn is_locked(&self) -> bool {
        matches!(self.phase, Phase::Locked(_))
    }

    /// Whether the line looks inverted: its levels are the wrong way round, which no settings
    /// cure.
    pub fn is_inverted(&self) -> bool {
        match &self.phase {
            Phase::Locked(_) => false,
            Phase::Searching(search) => search.inverted(),
        }
    }

    /// The settings that were heard since the search began, the best first.
    pub fn candidates(&self) -> Vec<Candidate> {
        match &self.phase {
            Phase::Locked(_) => self.heard.clone(),
            Phase::Searching(search) => search.heard(),
        }
    }

    /// Octets arrived.
    pub fn handle_octets(&mut self, now: UtcMillis, octets: &[u8]) {
        if octets.is_empty() {
            return;
        }
        match &mut self.phase {
            Phase::Locked(watch) => {
                if watch.handle_octets(now, octets) {
                    let settings = watch.settings();
                    self.lost = Some(settings);
                    let search = Search::new(&self.options, Some(settings), now);
                    self.phase = Phase::Searching(Box::new(search));
                }
            }
            Phase::Searching(search) => search.handle_octets(now, octets),
        }
    }

    /// Characters arrived damaged. Best told behind the octets of the same moment.
    pub fn handle_errors(&mut self, now: UtcMillis, errors: LineErrors) {
        match &mut self.phase {
            Phase::Locked(_) => {}
            Phase::Searching(search) => search.handle_errors(now, errors),
        }
    }

    /// Time passed.
    pub fn handle_timeout(&mut self, now: UtcMillis) {
        match &mut self.phase {
            Phase::Locked(_) => {}
            Phase::Searching(search) => search.handle_timeout(now),
        }
    }

    /// When [`handle_timeout`](Self::handle_timeout) is due; `None` once the settings are found.
    pub fn poll_timeout(&self) -> Option<UtcMillis> {
        match &self.phase {
            Phase::Locked(_) => None,
            Phase::Searching(search) => Some(search.poll_timeout()),
        }
    }

    /// What the search wants; ask after every `handle_*` until `None`, and set the line to what
    /// is tried and to what is locked.
    pub fn poll_change(&mut self) -> Option<Change> {
        if let Some(lost) = self.lost.take() {
            return Some(Change::Lost(lost));
        }
        let Phase::Searching(search) = &mut self.phase else { return None };
        let change = search.poll_change()?;
        if let Change::Locked(settings) = change {
            self.heard = search.heard();
            let watch = Watch::new(&self.options, settings, search.now());
            self.phase = Phase::Locked(watch);
        }
        Some(change)
    }
}
