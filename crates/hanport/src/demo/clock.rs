//! A clock that may run faster than that of the machine.

use std::time::{Duration, Instant};

use hanport_engine::outside::Clock;
use hanport_engine::time::UtcMillis;

/// Simulated time: `speed` simulated seconds a second, from an instant on.
#[derive(Debug)]
pub(super) struct Simulated {
    from: UtcMillis,
    since: Instant,
    speed: f64,
}

impl Simulated {
    /// It reads `from` now. The speed is above 0.
    pub(super) fn starting(from: UtcMillis, speed: f64) -> Self {
        Self { from, since: Instant::now(), speed }
    }
}

impl Clock for Simulated {
    fn now(&self) -> UtcMillis {
        let passed = self.since.elapsed().mul_f64(self.speed);
        self.from.plus(i64::try_from(passed.as_millis()).unwrap_or(i64::MAX))
    }

    fn real(&self, ms: i64) -> Duration {
        let ms = u64::try_from(ms).unwrap_or(0);
        Duration::from_millis(ms).div_f64(self.speed)
    }
}
