//! The clocks of this machine: asking the time, and waiting for a moment.

use std::thread;
use std::time::{Duration, Instant, SystemTime};

use hanport_engine::outside::clock::Clock;
use hanport_engine::time::UtcMillis;

use crate::stop;

/// Time since 1970 in UTC; `None` where the clock of this machine stands before.
pub fn since_1970() -> Option<Duration> {
    #[expect(clippy::disallowed_methods, reason = "the one place that asks the clock")]
    let now = SystemTime::now();
    now.duration_since(SystemTime::UNIX_EPOCH).ok()
}

/// The clock of this machine.
#[derive(Clone, Copy, Debug, Default)]
pub struct System;

impl Clock for System {
    /// 1970 where the clock stands before: no machine that is set does.
    fn now(&self) -> UtcMillis {
        let ms = since_1970().map_or(0, |since| since.as_millis());
        UtcMillis(i64::try_from(ms).unwrap_or(i64::MAX))
    }
}

/// Turns simulated time into real time: `speed` simulated seconds a second.
#[derive(Debug)]
pub struct Pace {
    start: Instant,
    speed: Option<f64>,
}

impl Pace {
    /// Starts now. A speed of 0 means as fast as possible; it must not be negative.
    #[must_use]
    pub fn new(speed: f64) -> Self {
        Self { start: Instant::now(), speed: (speed > 0.0).then_some(speed) }
    }

    /// Whether nothing is ever waited for.
    #[must_use]
    pub const fn is_unlimited(&self) -> bool {
        self.speed.is_none()
    }

    /// Waits until `simulated` has passed since the start, or the program is asked to end.
    pub fn wait_until(&self, simulated: Duration) {
        let Some(speed) = self.speed else {
            return;
        };
        let due = self.start + simulated.div_f64(speed);
        loop {
            let left = due.saturating_duration_since(Instant::now());
            if left.is_zero() || stop::asked() {
                return;
            }
            // May return early; the loop waits for the rest.
            thread::park_timeout(left.min(stop::GLANCE));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn time_passes_at_the_speed_asked_for() {
        let pace = Pace::new(100.0);
        pace.wait_until(Duration::from_secs(2));
        let taken = pace.start.elapsed();
        assert!(taken >= Duration::from_millis(20), "{taken:?}");
    }

    #[test]
    fn as_fast_as_possible_never_waits() {
        let pace = Pace::new(0.0);
        pace.wait_until(Duration::from_secs(1_000_000));
        assert!(pace.start.elapsed() < Duration::from_secs(100));
    }
}
