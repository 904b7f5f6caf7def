//! How often something comes, learned from its coming.

use serde::{Deserialize, Serialize};

/// Intervals that are remembered. The median of five is not moved by one gap, nor by the double
/// interval that a damaged frame leaves.
const KEPT: usize = 5;
/// Nothing a meter sends regularly comes less often than once a day; longer pauses teach nothing.
const LONGEST_MS: i64 = 26 * 3_600_000;

/// The period of a recurring thing: the median of its last five intervals.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cadence {
    /// The newest interval first; 0 where none is known yet. Milliseconds.
    intervals: [u32; KEPT],
    /// Their median, 0 while fewer than three are known.
    median: u32,
}

impl Cadence {
    /// Notes that the thing came `ms` milliseconds after it had come before.
    pub fn observe(&mut self, ms: i64) {
        if !(1..=LONGEST_MS).contains(&ms) {
            return;
        }
        let new = u32::try_from(ms).unwrap_or(u32::MAX);
        let [a, b, c, d, old] = self.intervals;
        self.intervals = [new, a, b, c, d];
        // one that takes the place of another on the same side does not move the median
        let same_side = (old < self.median) == (new < self.median)
            && (old > self.median) == (new > self.median);
        if old == 0 || !same_side {
            self.median = median(self.intervals);
        }
    }

    /// The period in milliseconds; `None` until three intervals are known.
    pub const fn period_ms(&self) -> Option<i64> {
        // widening only; `i64::from` is not const
        if self.median == 0 { None } else { Some(self.median as i64) }
    }
}

fn median(mut intervals: [u32; KEPT]) -> u32 {
    intervals.sort_unstable();
    // zeros sort first: the middle of the rest
    let known = intervals.iter().filter(|&&ms| ms > 0).count();
    if known < 3 {
        return 0;
    }
    intervals.get(KEPT - 1 - known / 2).copied().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_gap_does_not_change_the_period() {
        let mut cadence = Cadence::default();
        cadence.observe(2500);
        cadence.observe(2500);
        assert_eq!(cadence.period_ms(), None);
        cadence.observe(2400);
        assert_eq!(cadence.period_ms(), Some(2500));
        cadence.observe(3_600_000);
        cadence.observe(5000);
        cadence.observe(2500);
        assert_eq!(cadence.period_ms(), Some(2500));
    }

    proptest::proptest! {
        #[test]
        fn it_is_the_median_of_the_last_five(all in proptest::collection::vec(1i64..9, 5..40)) {
            let mut cadence = Cadence::default();
            for &ms in &all {
                cadence.observe(ms);
            }
            let mut last: Vec<_> = all.iter().rev().take(5).copied().collect();
            last.sort_unstable();
            proptest::prop_assert_eq!(cadence.period_ms(), Some(last[2]));
        }
    }

    #[test]
    fn a_new_period_is_taken_over_after_a_few_times() {
        let mut cadence = Cadence::default();
        for _ in 0..9 {
            cadence.observe(1000);
        }
        for _ in 0..3 {
            cadence.observe(10_000);
        }
        assert_eq!(cadence.period_ms(), Some(10_000));
        cadence.observe(0);
        cadence.observe(-5);
        cadence.observe(i64::MAX);
        assert_eq!(cadence.period_ms(), Some(10_000));
    }
}
