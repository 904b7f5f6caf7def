//! What the rules look at: everything that was seen, at the moment of a report.

use super::window::Counts;
use crate::explain::diagnosis::{Diagnosis, Finding, Likeness};
use crate::line::LineSettings;
use crate::time::UtcMillis;

/// The line as far as it was told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Line {
    /// Lost or never opened; since when, and why.
    Closed(UtcMillis, String),
    /// Open since then.
    Open(UtcMillis),
    /// Nobody said anything yet.
    Untold,
}

/// What was seen.
#[derive(Clone, Debug)]
pub(super) struct Seen<'a> {
    pub(super) now: UtcMillis,
    pub(super) line: &'a Line,
    /// How the line is read, and whether that is known to be right.
    pub(super) settings: Option<(LineSettings, bool)>,
    /// How many settings the search has tried in a row; 0 where it does not search.
    pub(super) tries: u32,
    /// The counts that judge: of the last two minutes, of the last hour where messages are rare.
    pub(super) counts: Counts,
    /// In words, what they span.
    pub(super) span: &'static str,
    /// The counts of the last hour.
    pub(super) hour: Counts,
    /// Octets that became nothing.
    pub(super) sample: Vec<u8>,
    /// The period of the messages in milliseconds.
    pub(super) period_ms: Option<i64>,
    pub(super) last_octets: Option<UtcMillis>,
    pub(super) last_message: Option<UtcMillis>,
    /// Frames passed their checks since the line was opened.
    pub(super) proven: bool,
    pub(super) keys_swapped: bool,
    /// Whether the last message was ciphered.
    pub(super) ciphered: Option<bool>,
    /// By how many seconds the meter's clock is wrong.
    pub(super) clock_off_s: i64,
    pub(super) unknown: Option<String>,
}

/// Silence after which a meter is late, and after which it has stopped, in milliseconds; with no
/// period known, those of a ten-second meter.
pub(super) fn late_ms(period_ms: Option<i64>) -> (i64, i64) {
    let periods = |halves: i64| period_ms.map_or(0, |ms| ms.saturating_mul(halves) / 2 + 5000);
    (periods(3).max(15_000), periods(6).max(30_000))
}

impl Seen<'_> {
    /// Milliseconds for which no octet has come.
    pub(super) fn silent_ms(&self) -> Option<i64> {
        let since = match (self.last_octets, self.line) {
            (Some(last), _) => last,
            (None, Line::Open(since)) => *since,
            (None, Line::Closed(..) | Line::Untold) => return None,
        };
        Some(self.now.since(since).max(0))
    }

    /// Milliseconds since the last message.
    pub(super) fn message_age_ms(&self) -> Option<i64> {
        self.last_message.map(|last| self.now.since(last).max(0))
    }

    pub(super) fn is_closed(&self) -> bool {
        matches!(self.line, Line::Closed(..))
    }

    /// Octets come, and no frame among them.
    pub(super) fn is_garbage(&self) -> bool {
        self.counts.passed() == 0 && self.counts.damaged() == 0 && self.counts.octets > 0
    }
}

/// What octets that became nothing look like.
#[derive(Clone, Debug, Default)]
pub(super) struct Look {
    /// Everything that they look like, likeliest first.
    pub(super) findings: Vec<Finding>,
    /// Octets FF that stand in a row, eight or more: spikes on a line at rest.
    pub(super) spikes: usize,
    /// Octets that were looked at.
    pub(super) octets: usize,
}

impl Look {
    /// Looks at a sample. `damaged` where damaged frames are in it: only what repairs them counts.
    pub(super) fn at(sample: &[u8], damaged: bool) -> Self {
        let findings = if sample.is_empty() {
            Vec::new()
        } else if damaged {
            Diagnosis::of_damaged(sample).map_or_else(Vec::new, |diagnosis| diagnosis.findings)
        } else {
            Diagnosis::of(sample).findings
        };
        Self { findings, spikes: spikes(sample), octets: sample.len() }
    }

    /// How certain it looks like this, in per cent.
    pub(super) fn certainty(&self, likeness: Likeness) -> Option<u8> {
        self.findings.iter().find(|found| found.likeness == likeness).map(|found| found.certainty)
    }

    /// What was seen of it.
    pub(super) fn seen(&self, likeness: Likeness) -> &str {
        let found = self.findings.iter().find(|found| found.likeness == likeness);
        found.map_or("", |found| &found.seen)
    }

    /// Whether there is no order in it at all.
    pub(super) fn is_noise(&self) -> bool {
        self.findings.first().is_some_and(|first| first.likeness == Likeness::Noise)
    }
}

/// Octets FF in rows of eight or more.
pub(super) fn spikes(sample: &[u8]) -> usize {
    let rows = sample.chunk_by(|some, next| some == next);
    rows.filter(|row| row.len() >= 8 && row.first() == Some(&0xFF)).map(<[u8]>::len).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_of_ff_are_spikes_and_single_ones_are_not() {
        assert_eq!(spikes(&[0xFF; 7]), 0);
        let mut sample = vec![0xFF; 9];
        sample.push(0);
        sample.extend([0xFF; 12]);
        assert_eq!(spikes(&sample), 21);
    }

    #[test]
    fn a_meter_is_late_by_its_own_period() {
        assert_eq!(late_ms(None), (15_000, 30_000));
        assert_eq!(late_ms(Some(60_000)), (95_000, 185_000));
    }
}
