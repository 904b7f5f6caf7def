//! How long to wait before a line is tried again.

use std::hash::{BuildHasher as _, Hasher as _, RandomState};
use std::time::Duration;

/// Times between two attempts. Each is twice as long as the one before, and shortened by up to a
/// quarter at random, so that many readers do not come back at the same moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Retry {
    /// Before the first attempt.
    pub first: Duration,
    /// At most, for ever after.
    pub longest: Duration,
}

impl Default for Retry {
    /// One second up to a minute.
    fn default() -> Self {
        Self { first: Duration::from_secs(1), longest: Duration::from_mins(1) }
    }
}

/// Counts the attempts.
#[derive(Debug)]
pub(crate) struct Patience {
    retry: Retry,
    next: Duration,
}

impl Patience {
    pub(crate) const fn new(retry: Retry) -> Self {
        Self { retry, next: retry.first }
    }

    /// The line works: the next attempt comes soon.
    pub(crate) const fn renew(&mut self) {
        self.next = self.retry.first;
    }

    /// How long to wait now.
    pub(crate) fn next(&mut self) -> Duration {
        let wait = self.next.min(self.retry.longest);
        self.next = wait.saturating_mul(2);
        // A hasher with new keys is as random as this needs.
        let random = RandomState::new().build_hasher().finish() % 256;
        let shortened = u32::try_from(random).unwrap_or(0);
        wait.saturating_sub(wait / 1024 * shortened)
    }

    /// Waits.
    pub(crate) async fn wait(&mut self) {
        tokio::time::sleep(self.next()).await;
    }

    /// Looks this often whether something is there that costs nothing to look for.
    pub(crate) const fn glance(&self) -> Duration {
        self.retry.first
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn attempts_become_rarer_up_to_once_a_minute_and_never_stop() {
        let mut patience = Patience::new(Retry::default());
        let waits: Vec<Duration> = (0..9).map(|_| patience.next()).collect();
        for (wait, longest) in waits.iter().zip([1, 2, 4, 8, 16, 32, 60, 60, 60]) {
            let longest = Duration::from_secs(longest);
            assert!(*wait <= longest && *wait * 4 >= longest * 3, "{waits:?}");
        }
        patience.renew();
        assert!(patience.next() <= Duration::from_secs(1));
    }

    #[test]
    fn two_readers_do_not_come_back_together() {
        let waits = || {
            let mut patience = Patience::new(Retry::default());
            (0..8).map(|_| patience.next()).collect::<Vec<_>>()
        };
        assert_ne!(waits(), waits());
    }
}
