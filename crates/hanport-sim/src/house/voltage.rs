//! Voltage of the net at the meter: a slow random walk around 230 V and a little noise.

use crate::milli::Milli;
use crate::rng::Rng;

/// Distance of the knots between which the walk is a straight line.
const STEP: i64 = 60_000_000_000;

/// The voltage of one leg before the drop in the house's own supply line.
#[derive(Clone, Debug)]
pub(crate) struct Walk {
    rng: Rng,
    noise_seed: u64,
    /// Knot before now: ns since 1970, deviation from 230 V.
    knot: i64,
    here: f64,
    there: f64,
}

impl Walk {
    pub(crate) fn new(seed: u64, leg: usize, start: i64) -> Self {
        let mut rng = Rng::new(seed, &format!("voltage {leg}"));
        let noise_seed = rng.bits();
        let knot = start.div_euclid(STEP) * STEP;
        let here = rng.normal() * 3.0;
        let mut walk = Self { rng, noise_seed, knot, here, there: here };
        walk.there = walk.following(here);
        walk
    }

    /// Mean reversion with a time constant of 10 minutes and a deviation of 3 V.
    fn following(&mut self, value: f64) -> f64 {
        // exp(-60/600), and sqrt(1 - exp(-120/600)) * 3 V
        (value * 0.904_837_418 + self.rng.normal() * 1.277_28).clamp(-12.0, 12.0)
    }

    /// The voltage at `at`, which never goes back beyond the last knot.
    pub(crate) fn at(&mut self, at: i64) -> f64 {
        while at >= self.knot + STEP {
            self.knot += STEP;
            self.here = self.there;
            self.there = self.following(self.here);
        }
        let along = Milli((at - self.knot).max(0) / 1000).float() * 1000.0 / 60_000_000.0;
        // Noise depends on the moment alone, so that asking twice gives the same.
        let noise = Rng::new(self.noise_seed ^ at.unsigned_abs(), "noise").unit() - 0.5;
        230.0 + self.here + (self.there - self.here) * along + noise * 0.2
    }
}
