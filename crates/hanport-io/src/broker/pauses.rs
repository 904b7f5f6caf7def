//! How long to wait before the next attempt: 1 s, then twice as long each time up to a minute, each
//! time shortened at random by up to a half, so that many clients do not come back at once.

use std::hash::{BuildHasher, Hasher, RandomState};
use std::time::Duration;

const FIRST_MS: u64 = 1000;
const LONGEST_MS: u64 = 60_000;

/// The pauses between attempts.
#[derive(Clone, Debug, Default)]
pub struct Pauses {
    failures: u32,
    random: RandomState,
}

impl Pauses {
    /// The next pause.
    pub fn pause(&mut self) -> Duration {
        let doubled = FIRST_MS.saturating_mul(1u64 << self.failures.min(10)).min(LONGEST_MS);
        self.failures = self.failures.saturating_add(1);
        let mut hasher = self.random.build_hasher();
        hasher.write_u32(self.failures);
        Duration::from_millis(doubled - hasher.finish() % (doubled / 2 + 1))
    }

    /// A connection stood: the next pause is a short one again.
    pub fn reset(&mut self) {
        // new random numbers too
        *self = Self::default();
    }

    /// Attempts that failed in a row.
    pub const fn failures(&self) -> u32 {
        self.failures
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_to_a_minute_and_are_never_the_same_for_all() {
        let mut pauses = Pauses::default();
        for longest in [1, 2, 4, 8, 16, 32, 60, 60, 60] {
            let longest = Duration::from_secs(longest);
            let pause = pauses.pause();
            assert!(pause <= longest && pause >= longest / 2, "{pause:?} of {longest:?}");
        }
        let others: Vec<_> = (0..8).map(|_| Pauses::default().pause()).collect();
        assert!(others.iter().any(|pause| *pause != others[0]));
        pauses.reset();
        assert!(pauses.pause() <= Duration::from_secs(1));
    }
}
