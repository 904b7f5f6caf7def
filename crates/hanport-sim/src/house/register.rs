//! Registers of a meter: exact integrals of piecewise constant power.
//!
//! Power in mW times time in ns is carried in whole mWh and an exact remainder, so that no
//! energy is lost or found however often the integral is read.
//!
//! A+ and A- accumulate the signed sum over the phases (vectorial registration, usual in
//! Europe). The registers by phase obey: sum of phase imports - sum of phase exports = A+ - A-.

use crate::milli::Milli;

/// mW * ns in one mWh.
const MILLIWATT_NANOSECONDS: i128 = 3_600 * 1_000_000_000;

/// One integral that never falls.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counter {
    milli: i64,
    /// 0 <= rest < one mWh, in mW * ns.
    rest: i128,
}

impl Counter {
    /// Starts at `value` (mWh or mvarh).
    pub const fn starting_at(value: Milli) -> Self {
        Self { milli: value.0, rest: 0 }
    }

    /// Adds `power` (mW, at least 0) over `ns`; gives the whole mWh that were added.
    fn add(&mut self, power: Milli, ns: i64) -> i64 {
        self.rest += i128::from(power.0) * i128::from(ns);
        let whole = i64::try_from(self.rest.div_euclid(MILLIWATT_NANOSECONDS)).unwrap_or(0);
        self.rest = self.rest.rem_euclid(MILLIWATT_NANOSECONDS);
        self.milli += whole;
        whole
    }

    /// The value in mWh or mvarh.
    pub const fn value(&self) -> Milli {
        Milli(self.milli)
    }
}

/// A register with its tariffs. Invariant: the tariffs add up to the total.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tariffed {
    total: Counter,
    rates: [i64; 2],
}

impl Tariffed {
    /// Starts at `total`, `second` of it in the second tariff.
    pub const fn starting_at(total: Milli, second: Milli) -> Self {
        Self { total: Counter::starting_at(total), rates: [total.0 - second.0, second.0] }
    }

    fn add(&mut self, power: Milli, ns: i64, tariff: Tariff) {
        let whole = self.total.add(power, ns);
        match tariff {
            Tariff::First => self.rates[0] += whole,
            Tariff::Second => self.rates[1] += whole,
        }
    }

    /// All tariffs together.
    pub const fn total(&self) -> Milli {
        self.total.value()
    }

    /// One tariff.
    pub const fn rate(&self, tariff: Tariff) -> Milli {
        match tariff {
            Tariff::First => Milli(self.rates[0]),
            Tariff::Second => Milli(self.rates[1]),
        }
    }
}

/// Which tariff is active.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Tariff {
    /// Rate 1.
    #[default]
    First,
    /// Rate 2.
    Second,
}

/// All registers of a meter.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Registers {
    /// A+ (1.8.n).
    pub active_import: Tariffed,
    /// A- (2.8.n).
    pub active_export: Tariffed,
    /// R+ (3.8.n): quadrants I and II.
    pub reactive_import: Tariffed,
    /// R- (4.8.n): quadrants III and IV.
    pub reactive_export: Tariffed,
    /// Quadrants I to IV (5.8 to 8.8).
    pub quadrants: [Counter; 4],
    /// Import by phase (21.8, 41.8, 61.8).
    pub phase_import: [Counter; 3],
    /// Export by phase (22.8, 42.8, 62.8).
    pub phase_export: [Counter; 3],
}

impl Registers {
    /// A meter that has run before: the totals are given, the phases share them evenly.
    pub fn starting_at(import: Milli, export: Milli) -> Self {
        let share = |total: Milli| {
            let third = total.0 / 3;
            [Milli(total.0 - 2 * third), Milli(third), Milli(third)].map(Counter::starting_at)
        };
        let half = |total: Milli| Tariffed::starting_at(total, Milli(total.0 / 2));
        let inductive = Milli(import.0 / 20);
        let capacitive = Milli(import.0 / 8);
        Self {
            active_import: half(import),
            active_export: half(export),
            reactive_import: half(inductive),
            reactive_export: half(capacitive),
            quadrants: [inductive, Milli(0), Milli(0), capacitive].map(Counter::starting_at),
            phase_import: share(import),
            phase_export: share(export),
        }
    }

    /// Integrates constant powers of the phases over `ns`.
    pub fn integrate(&mut self, active: [Milli; 3], reactive: [Milli; 3], ns: i64, rate: Tariff) {
        let p: Milli = active.into_iter().sum();
        let q: Milli = reactive.into_iter().sum();
        self.active_import.add(p.import(), ns, rate);
        self.active_export.add(p.export(), ns, rate);
        self.reactive_import.add(q.import(), ns, rate);
        self.reactive_export.add(q.export(), ns, rate);
        let [first, second, third, fourth] = &mut self.quadrants;
        let quadrant = match (p.0 >= 0, q.0 >= 0) {
            (true, true) => first,
            (false, true) => second,
            (false, false) => third,
            (true, false) => fourth,
        };
        quadrant.add(q.abs(), ns);
        for (counter, power) in self.phase_import.iter_mut().zip(active) {
            counter.add(power.import(), ns);
        }
        for (counter, power) in self.phase_export.iter_mut().zip(active) {
            counter.add(power.export(), ns);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: i64 = 3_600_000_000_000;

    #[test]
    fn a_kilowatt_for_an_hour_is_a_kilowatt_hour_in_any_steps() {
        for parts in [1, 7, 3600, 999_983] {
            let mut counter = Counter::default();
            let mut done = 0;
            for part in 1..=parts {
                let until = HOUR / parts * part;
                counter.add(Milli::whole(1000), until - done);
                done = until;
            }
            counter.add(Milli::whole(1000), HOUR - done);
            assert_eq!(counter.value(), Milli::whole(1000), "{parts} parts");
        }
    }

    #[test]
    fn opposite_phases_cancel_in_the_total_and_not_in_the_phases() {
        let mut registers = Registers::default();
        let active = [Milli::whole(-2000), Milli::whole(1500), Milli::whole(800)];
        registers.integrate(active, [Milli(0); 3], HOUR, Tariff::First);
        assert_eq!(registers.active_import.total(), Milli::whole(300));
        assert_eq!(registers.active_export.total(), Milli(0));
        assert_eq!(registers.phase_export[0].value(), Milli::whole(2000));
        assert_eq!(registers.phase_import[1].value(), Milli::whole(1500));
    }

    #[test]
    fn reactive_energy_goes_to_its_quadrant() {
        for (p, q, quadrant) in [(1, 1, 0), (-1, 1, 1), (-1, -1, 2), (1, -1, 3)] {
            let mut registers = Registers::default();
            let p = [Milli::whole(p * 100), Milli(0), Milli(0)];
            let q = [Milli::whole(q * 50), Milli(0), Milli(0)];
            registers.integrate(p, q, HOUR, Tariff::Second);
            for (at, counter) in registers.quadrants.iter().enumerate() {
                let want = if at == quadrant { Milli::whole(50) } else { Milli(0) };
                assert_eq!(counter.value(), want);
            }
        }
    }
}
