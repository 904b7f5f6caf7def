//! More octets than any meter sends.
//!
//! A bucket of tokens, one an octet: it fills at a steady rate and is full at the burst. A source
//! that sends more loses what is too much, and is read so seldom then that it costs next to
//! nothing.

use std::time::Duration;

use tokio::time::Instant;

/// How many octets a source on the network may send.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limit {
    /// Octets at once: room for what a server hands over that kept it for a while.
    pub burst: u32,
    /// Octets a second, for ever. The fastest meter sends some 4000.
    pub rate: u32,
}

impl Default for Limit {
    /// 1 MiB at once, then 64 KiB a second.
    fn default() -> Self {
        Self { burst: 1 << 20, rate: 1 << 16 }
    }
}

/// How long a source that sends too much is not read.
pub(crate) const REST: Duration = Duration::from_millis(100);

/// The bucket.
#[derive(Debug)]
pub(crate) struct Bucket {
    limit: Limit,
    tokens: u32,
    filled: Instant,
}

impl Bucket {
    pub(crate) fn new(limit: Limit) -> Self {
        Self { limit, tokens: limit.burst, filled: Instant::now() }
    }

    /// How many of `octets` may pass.
    pub(crate) fn take(&mut self, octets: usize) -> usize {
        let now = Instant::now();
        let passed = now.duration_since(self.filled).as_micros();
        let earned = passed.saturating_mul(self.limit.rate.into()) / 1_000_000;
        if earned > 0 {
            self.filled = now;
            let earned = u32::try_from(earned).unwrap_or(u32::MAX);
            self.tokens = self.tokens.saturating_add(earned).min(self.limit.burst);
        }
        let taken = u32::try_from(octets).unwrap_or(u32::MAX).min(self.tokens);
        self.tokens -= taken;
        usize::try_from(taken).unwrap_or(octets)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_burst_passes_and_a_flood_is_cut_to_the_rate() {
        let mut bucket = Bucket::new(Limit { burst: 1000, rate: 100 });
        assert_eq!(bucket.take(600), 600);
        assert_eq!(bucket.take(600), 400);
        assert_eq!(bucket.take(600), 0);
        tokio::time::advance(Duration::from_secs(3)).await;
        assert_eq!(bucket.take(600), 300);
        tokio::time::advance(Duration::from_hours(1)).await;
        assert_eq!(bucket.take(2000), 1000);
    }

    #[tokio::test(start_paused = true)]
    async fn a_slow_rate_is_earned_in_small_steps_too() {
        let mut bucket = Bucket::new(Limit { burst: 10, rate: 1 });
        assert_eq!(bucket.take(10), 10);
        let mut passed = 0;
        for _ in 0..50 {
            tokio::time::advance(Duration::from_millis(100)).await;
            passed += bucket.take(10);
        }
        assert_eq!(passed, 5);
    }
}
