//! Settings with the evidence for and against them.

use crate::explain::diagnosis::Likeness;
use crate::line::{LineErrors, LineSettings};

/// What was heard with some settings, since the search began.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Evidence {
    /// Bursts of octets.
    pub bursts: u32,
    /// Their octets.
    pub octets: u64,
    /// Frames that passed their checks.
    pub frames: u32,
    /// Frames whose checks failed.
    pub damaged: u32,
    /// Characters that arrived damaged, where the driver counts them.
    pub errors: LineErrors,
    /// What the last burst without a frame looked like.
    pub likeness: Option<Likeness>,
}

/// Settings that may be the right ones.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Candidate {
    /// The settings.
    pub settings: LineSettings,
    /// What was heard with them.
    pub evidence: Evidence,
    /// What the frames that passed are worth.
    pub(super) points: u32,
    /// What its place in the table costs.
    pub(super) rank: i32,
    /// How often it was given up.
    pub(super) failures: u32,
    /// How often nothing at all came.
    pub(super) silences: u32,
    /// What bursts heard with other settings said for it.
    pub(super) bonus: i32,
}

/// What it costs to have failed, and not to have been heard.
const FAILURE: i32 = 100;
const SILENCE: i32 = 40;
/// What a damaged frame is worth: something that looks like a frame, but is none.
const DAMAGED: i32 = 30;
const MOST_DAMAGED: u32 = 4;

impl Candidate {
    pub(super) fn new((settings, rank): (LineSettings, i32)) -> Self {
        let evidence = Evidence::default();
        Self { settings, evidence, points: 0, rank, failures: 0, silences: 0, bonus: 0 }
    }

    /// What speaks against it, less what speaks for it. `speed` is what speaks for its speed.
    pub(super) fn cost(&self, speed: i32) -> i32 {
        let times =
            |count: u32, cost: i32| i32::try_from(count).unwrap_or(i32::MAX).saturating_mul(cost);
        let damaged = times(self.evidence.damaged.min(MOST_DAMAGED), DAMAGED);
        let points = times(self.points, FAILURE);
        times(self.failures, FAILURE)
            .saturating_add(times(self.silences, SILENCE))
            .saturating_add(self.rank)
            .saturating_sub(damaged)
            .saturating_sub(points)
            .saturating_sub(self.bonus)
            .saturating_sub(speed)
    }

    /// Bursts in vain after which it is given up: one the first time, more later, and more where
    /// something in them looked like a frame.
    pub(super) fn patience(&self) -> u32 {
        1 + self.failures.min(3) + self.evidence.damaged.min(2) + u32::from(self.points > 0) * 2
    }
}
