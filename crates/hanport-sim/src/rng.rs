//! Pseudo-random numbers, one generator a component, all from one seed.
//!
//! xoshiro256** (Blackman and Vigna, 2018), its state filled by splitmix64 from the seed and the
//! FNV-1a hash of the component's name. A component therefore draws the same numbers whatever
//! the others do: adding a fault does not shift the load curve. Only operations that IEEE 754
//! rounds exactly are used, so that every platform draws the same.

/// A generator of one component.
#[derive(Clone, Debug)]
pub struct Rng {
    state: [u64; 4],
}

impl Rng {
    /// The generator of `component` under `seed`.
    pub fn new(seed: u64, component: &str) -> Self {
        let mut mix = seed ^ fnv1a(component.as_bytes());
        Self { state: [(); 4].map(|()| splitmix64(&mut mix)) }
    }

    /// 64 random bits.
    pub const fn bits(&mut self) -> u64 {
        let [a, b, c, d] = self.state;
        let result = b.wrapping_mul(5).rotate_left(7).wrapping_mul(9);
        let (c1, d1) = (c ^ a, d ^ b);
        self.state = [a ^ d1, b ^ c1, c1 ^ (b << 17), d1.rotate_left(45)];
        result
    }

    /// A number from 0 to `limit - 1`; 0 for a limit of 0.
    pub fn below(&mut self, limit: u64) -> u64 {
        let wide = u128::from(self.bits()) * u128::from(limit);
        u64::try_from(wide >> 64).unwrap_or(0)
    }

    /// A number from `low` to `high`, both included.
    pub fn between(&mut self, low: i64, high: i64) -> i64 {
        let span = high.saturating_sub(low).max(0).unsigned_abs();
        low.saturating_add_unsigned(self.below(span.saturating_add(1)))
    }

    /// A number from 0 to below 1.
    pub fn unit(&mut self) -> f64 {
        let high = u32::try_from(self.bits() >> 32).unwrap_or(0);
        f64::from(high) / 4_294_967_296.0
    }

    /// Whether something of this probability happens.
    pub fn chance(&mut self, probability: f64) -> bool {
        self.unit() < probability
    }

    /// A nearly normal number of mean 0 and deviation 1 (sum of twelve even ones).
    pub fn normal(&mut self) -> f64 {
        (0..12).map(|_| self.unit()).sum::<f64>() - 6.0
    }

    /// A random octet.
    pub const fn octet(&mut self) -> u8 {
        let [first, ..] = self.bits().to_be_bytes();
        first
    }
}

const fn splitmix64(state: &mut u64) -> u64 {
    *state = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
    let mut z = *state;
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}

fn fnv1a(text: &[u8]) -> u64 {
    text.iter().fold(0xCBF2_9CE4_8422_2325, |hash, octet| {
        (hash ^ u64::from(*octet)).wrapping_mul(0x0000_0100_0000_01B3)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn splitmix_gives_the_published_numbers() {
        // First outputs of the reference program for seed 1234567.
        let mut state = 1_234_567;
        let drawn = [(); 3].map(|()| splitmix64(&mut state));
        assert_eq!(
            drawn,
            [6_457_827_717_110_365_317, 3_203_168_211_198_807_973, 9_817_491_932_198_370_423]
        );
    }

    #[test]
    fn components_draw_independently_and_repeatably() {
        let draw = |name| (0..4).map(move |_| ()).scan(Rng::new(7, name), |r, ()| Some(r.bits()));
        assert_eq!(draw("voltage").collect::<Vec<_>>(), draw("voltage").collect::<Vec<_>>());
        assert_ne!(draw("voltage").collect::<Vec<_>>(), draw("fault").collect::<Vec<_>>());
    }

    #[test]
    fn draws_stay_in_their_range() {
        let mut rng = Rng::new(1, "range");
        for _ in 0..10_000 {
            assert!((-3..=3).contains(&rng.between(-3, 3)));
            assert!((0.0..1.0).contains(&rng.unit()));
            assert!(rng.normal().abs() <= 6.0);
        }
    }
}
