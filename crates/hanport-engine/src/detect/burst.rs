//! A stretch of octets without a pause: one message, or a few that follow one another.
//!
//! Between two bursts nothing is sent, so that the settings may change without tearing a message.

use super::judge::Verdict;
use crate::line::{LineErrors, LineSettings};
use crate::time::UtcMillis;

/// Silence behind the last octet, beside three characters, after which a burst is over. Drivers and
/// adapters hand octets on late by some tens of milliseconds.
const PAUSE_MS: i64 = 400;
/// A burst that lasts longer than any message is looked at all the same.
const LONGEST_MS: i64 = 6000;
/// Characters of the longest message.
const LONGEST_CHARACTERS: i64 = 1500;
/// More octets than any message.
const FLOOD: u32 = 6000;
/// Octets that are kept to be looked at.
const KEPT: usize = 4096;

/// A burst, as far as it has come.
#[derive(Debug)]
pub(super) struct Burst {
    /// When its first octet was sent, at the latest.
    pub(super) began: UtcMillis,
    /// When its last one came.
    pub(super) last: UtcMillis,
    /// In how many pieces it came.
    pub(super) pieces: u32,
    /// Its octets.
    pub(super) octets: u32,
    /// The first of them.
    pub(super) kept: Vec<u8>,
    /// Characters that arrived damaged.
    pub(super) errors: LineErrors,
    /// What a session makes of it.
    pub(super) verdict: Verdict,
}

/// Milliseconds that `characters` take.
fn characters_ms(settings: LineSettings, characters: i64) -> i64 {
    let bits = characters.saturating_mul(i64::from(settings.bits()));
    bits.saturating_mul(1000) / i64::from(settings.baud.max(1))
}

impl Burst {
    /// One that begins with `octets` (none, when errors are all there is).
    pub(super) fn new(settings: LineSettings, now: UtcMillis, octets: usize) -> Self {
        let length = i64::try_from(octets).unwrap_or(i64::MAX);
        Self {
            began: now.plus(-characters_ms(settings, length)),
            last: now,
            pieces: 0,
            octets: 0,
            kept: Vec::new(),
            errors: LineErrors::default(),
            verdict: Verdict::default(),
        }
    }

    pub(super) fn handle_octets(&mut self, now: UtcMillis, octets: &[u8]) {
        self.last = self.last.max(now);
        self.pieces = self.pieces.saturating_add(1);
        let count = u32::try_from(octets.len()).unwrap_or(u32::MAX);
        self.octets = self.octets.saturating_add(count);
        let room = KEPT.saturating_sub(self.kept.len());
        self.kept.extend(octets.iter().take(room));
    }

    pub(super) fn handle_errors(&mut self, now: UtcMillis, errors: LineErrors) {
        self.last = self.last.max(now);
        self.errors = sum(self.errors, errors);
    }

    /// When it is over if nothing more comes, or is looked at whatever comes.
    pub(super) fn deadline(&self, settings: LineSettings) -> UtcMillis {
        if self.octets > FLOOD {
            return self.last;
        }
        let pause = self.last.plus(PAUSE_MS + characters_ms(settings, 3));
        let longest = LONGEST_MS.max(characters_ms(settings, LONGEST_CHARACTERS));
        pause.min(self.began.plus(longest))
    }

    /// Milliseconds from its first octet to its last.
    pub(super) fn duration_ms(&self) -> i64 {
        self.last.since(self.began).max(0)
    }

    /// How much of its time is filled with characters, in per cent. `None` where it came at once
    /// or is too short to say.
    pub(super) fn fill(&self, settings: LineSettings) -> Option<i64> {
        const SHORTEST_MS: i64 = 60;
        let duration = self.duration_ms();
        if self.pieces < 3 || duration < SHORTEST_MS {
            return None;
        }
        Some(characters_ms(settings, i64::from(self.octets)).saturating_mul(100) / duration)
    }
}

/// All of both.
pub(super) const fn sum(some: LineErrors, more: LineErrors) -> LineErrors {
    LineErrors {
        breaks: some.breaks.saturating_add(more.breaks),
        framing: some.framing.saturating_add(more.framing),
        overrun: some.overrun.saturating_add(more.overrun),
        parity: some.parity.saturating_add(more.parity),
    }
}
