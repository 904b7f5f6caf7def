//! The pulse output of a meter (S0, or the light that blinks): so many pulses a kilowatt-hour.
//!
//! Pulses are 30 ms wide, edges jitter by 1 %, a contact bounces. Energy in and out counts
//! alike: a pulse has no direction.

use crate::house::House;
use crate::milli::Milli;
use crate::rng::Rng;

/// Steps in which the power counts as constant.
const STEP_NS: i64 = 1_000_000_000;
const WIDTH_NS: i64 = 30_000_000;

/// A change of the line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Edge {
    /// When, ns since 1970.
    pub at_ns: i64,
    /// Whether the contact closes.
    pub closed: bool,
}

/// A pulse output.
#[derive(Clone, Debug)]
pub struct Pulses {
    house: House,
    now: i64,
    /// Energy of one pulse in mWh.
    each: i64,
    /// Energy since the last pulse in mWh.
    since: i64,
    bounces: u64,
    rng: Rng,
    count: u64,
}

impl Pulses {
    /// An output of `per_kwh` pulses a kilowatt-hour on a house that stands at `now`, with up to
    /// `bounces` further closures of less than 5 ms at each pulse.
    pub fn new(house: House, now: i64, per_kwh: i64, bounces: u64, seed: u64) -> Self {
        let each = 1_000_000 / per_kwh.max(1);
        Self { house, now, each, since: 0, bounces, rng: Rng::new(seed, "pulse"), count: 0 }
    }

    /// Pulses sent so far, without bounces.
    pub const fn count(&self) -> u64 {
        self.count
    }

    /// The house behind it.
    pub const fn house(&self) -> &House {
        &self.house
    }

    /// The edges of the next second, in order.
    pub fn next_second(&mut self) -> Vec<Edge> {
        let energy = |house: &House| -> Milli {
            let registers = house.registers();
            registers.active_import.total() + registers.active_export.total()
        };
        let before = energy(&self.house);
        self.house.advance(self.now + STEP_NS);
        let used = (energy(&self.house) - before).0;
        let mut edges = Vec::new();
        let mut done = 0;
        while self.since + used - done >= self.each {
            done += self.each - self.since;
            self.since = 0;
            let at = self.now + STEP_NS / used.max(1) * done;
            self.pulse(at, &mut edges);
        }
        self.since += used - done;
        self.now += STEP_NS;
        edges
    }

    fn pulse(&mut self, at: i64, edges: &mut Vec<Edge>) {
        self.count += 1;
        let jitter = self.rng.between(-WIDTH_NS / 100, WIDTH_NS / 100);
        let end = at + WIDTH_NS + jitter;
        edges.push(Edge { at_ns: at, closed: true });
        let mut bounce = at;
        for _ in 0..self.rng.below(self.bounces + 1) {
            bounce += self.rng.between(200_000, 1_000_000);
            edges.push(Edge { at_ns: bounce, closed: false });
            bounce += self.rng.between(200_000, 1_000_000);
            edges.push(Edge { at_ns: bounce, closed: true });
        }
        edges.push(Edge { at_ns: end, closed: false });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::house::{Household, Wiring};

    fn output(watts: i64, bounces: u64) -> Pulses {
        let house = House::new(&Household::constant(watts, 0), Wiring::FourWire, 1, 0);
        Pulses::new(house, 0, 1000, bounces, 1)
    }

    #[test]
    fn pulses_count_the_energy() {
        for (watts, seconds, count) in [(1000, 3600, 1000), (10_000, 36, 100), (150, 3600, 150)] {
            let mut pulses = output(watts, 0);
            for _ in 0..seconds {
                pulses.next_second();
            }
            assert!(pulses.count().abs_diff(count) <= 1, "{} at {watts} W", pulses.count());
        }
    }

    #[test]
    fn a_kilowatt_is_a_pulse_every_three_seconds_and_six_tenths() {
        let mut pulses = output(1000, 0);
        let edges: Vec<Edge> = (0..60).flat_map(|_| pulses.next_second()).collect();
        let closes: Vec<i64> = edges.iter().filter(|e| e.closed).map(|e| e.at_ns).collect();
        for pair in closes.windows(2) {
            let apart = (pair[1] - pair[0]) / 1_000_000;
            assert!((3590..=3610).contains(&apart), "{apart} ms");
        }
    }

    #[test]
    fn bounces_are_short_and_the_pulse_is_30_ms() {
        let mut pulses = output(3600, 2);
        let edges: Vec<Edge> = (0..200).flat_map(|_| pulses.next_second()).collect();
        assert!(edges.len() as u64 > 2 * pulses.count(), "some bounced");
        assert!(edges.windows(2).all(|pair| pair[0].at_ns < pair[1].at_ns));
        for pair in edges.windows(2).filter(|pair| !pair[0].closed && pair[1].closed) {
            let open = pair[1].at_ns - pair[0].at_ns;
            assert!(!(5_000_000..100_000_000).contains(&open), "{open} ns");
        }
    }
}
