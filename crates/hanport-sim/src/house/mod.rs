//! The physical model: a household on its supply, by phase, constant between events.
//!
//! ```text
//! load    load    load ...        each constant until its next event
//!   \      |      /
//!    P, Q on three legs  --->  registers (exact integral, one step an event)
//!          |
//!    sample at any moment: U (random walk - drop), I = S / U, P, Q
//! ```
//!
//! A leg is a phase against neutral, or, in a net without neutral, a pair of phases. There the
//! voltages are those of the pairs 1-2, 1-3 and 3-2 with 3-2 leading 1-2 by 60 degrees, and the
//! currents are those of the lines, whose phasors add up to nothing.

pub mod load;
pub mod register;
mod voltage;

use crate::milli::Milli;
use load::{Kind, Leg, Load};
use register::{Registers, Tariff};
use voltage::Walk;

/// How the meter is connected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wiring {
    /// Three phases and neutral, 230 V to neutral (TN, TT).
    FourWire,
    /// One phase.
    Single,
    /// Three phases without neutral, 230 V between lines (IT).
    ThreeWire,
}

/// A change of the supply.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Switching {
    /// When, in ns since 1970.
    pub at: i64,
    /// Which leg.
    pub leg: Leg,
    /// Whether there is voltage from then on.
    pub live: bool,
}

/// What a household consists of.
#[derive(Clone, Debug)]
pub struct Household {
    /// Its loads and where they are connected.
    pub loads: Vec<(Kind, Leg)>,
    /// Changes of the supply, in order of time.
    pub switchings: Vec<Switching>,
    /// Registers at the start.
    pub registers: Registers,
    /// Minutes from UTC to local solar time, which drives habits and sun.
    pub solar_minutes: i64,
}

impl Default for Household {
    /// A house with everyday loads and no generator.
    fn default() -> Self {
        Self {
            loads: vec![
                (Kind::Base { least: 50, most: 140 }, Leg::First),
                (Kind::Base { least: 50, most: 130 }, Leg::Second),
                (Kind::Base { least: 50, most: 130 }, Leg::Third),
                (Kind::Fridge, Leg::Second),
                (Kind::Electronics, Leg::First),
                (Kind::Electronics, Leg::Third),
                (Kind::Kettle, Leg::Third),
                (Kind::Oven, Leg::First),
            ],
            switchings: Vec::new(),
            registers: Registers::starting_at(Milli::whole(23_456_789), Milli::whole(345_678)),
            solar_minutes: 60,
        }
    }
}

impl Household {
    /// Adds a load.
    #[must_use]
    pub fn with(mut self, kind: Kind, leg: Leg) -> Self {
        self.loads.push((kind, leg));
        self
    }

    /// A house that draws a fixed power on its first leg and nothing else.
    pub fn constant(watts: i64, vars: i64) -> Self {
        Self { loads: vec![(Kind::Constant { watts, vars }, Leg::First)], ..Self::default() }
    }
}

/// What a meter measures at one moment. Powers are signed, import positive, inductive positive.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sample {
    /// Voltage of each leg.
    pub volts: [Milli; 3],
    /// Current of each phase, a magnitude.
    pub amps: [Milli; 3],
    /// Active power of each leg.
    pub watts: [Milli; 3],
    /// Reactive power of each leg.
    pub vars: [Milli; 3],
    /// Frequency in mHz.
    pub hertz: Milli,
}

impl Sample {
    /// Active power of all legs.
    pub fn active(&self) -> Milli {
        self.watts.into_iter().sum()
    }

    /// Reactive power of all legs.
    pub fn reactive(&self) -> Milli {
        self.vars.into_iter().sum()
    }

    /// |P| / S of given powers; 1 where nothing flows.
    pub fn power_factor(active: Milli, reactive: Milli) -> Milli {
        let (p, q) = (active.float(), reactive.float());
        let apparent = (p * p + q * q).sqrt();
        if apparent < 1.0 { Milli(1000) } else { Milli::from_float(p.abs() / apparent) }
    }
}

/// A running household.
#[derive(Clone, Debug)]
pub struct House {
    wiring: Wiring,
    loads: Vec<Load>,
    walks: [Walk; 3],
    switchings: Vec<Switching>,
    live: [bool; 3],
    solar: i64,
    now: i64,
    registers: Registers,
    tariff: Tariff,
    active: [Milli; 3],
    reactive: [Milli; 3],
}

impl House {
    /// Starts a household at `start` (ns since 1970).
    pub fn new(household: &Household, wiring: Wiring, seed: u64, start: i64) -> Self {
        let load = |(number, (kind, leg)): (usize, &(Kind, Leg))| {
            let leg = if wiring == Wiring::Single { Leg::First } else { *leg };
            Load::new(*kind, leg, seed, number, start)
        };
        let mut house = Self {
            wiring,
            loads: household.loads.iter().enumerate().map(load).collect(),
            walks: [0, 1, 2].map(|leg| Walk::new(seed, leg, start)),
            switchings: household.switchings.clone(),
            live: match wiring {
                Wiring::Single => [true, false, false],
                Wiring::FourWire | Wiring::ThreeWire => [true; 3],
            },
            solar: household.solar_minutes * 60_000_000_000,
            now: start,
            registers: household.registers,
            tariff: Tariff::First,
            active: [Milli(0); 3],
            reactive: [Milli(0); 3],
        };
        house.events();
        house
    }

    /// Moves on to `to`, integrating the registers; never back.
    pub fn advance(&mut self, to: i64) {
        while let Some(next) = self.next_event().filter(|next| *next <= to) {
            self.integrate(next);
            self.events();
        }
        self.integrate(to);
    }

    /// Books energy under another tariff from now on.
    pub const fn set_tariff(&mut self, tariff: Tariff) {
        self.tariff = tariff;
    }

    /// The active tariff.
    pub const fn tariff(&self) -> Tariff {
        self.tariff
    }

    /// Puts other registers in the place of these: a new meter.
    pub const fn set_registers(&mut self, registers: Registers) {
        self.registers = registers;
    }

    /// The registers now.
    pub const fn registers(&self) -> &Registers {
        &self.registers
    }

    /// What flows now.
    pub fn sample(&mut self) -> Sample {
        let now = self.now;
        let mut sample = Sample { watts: self.active, vars: self.reactive, ..Sample::default() };
        sample.hertz = Milli(50_000 + i64::from(now.div_euclid(7_000_000_000) % 61 == 0) * 10);
        let walks = self.walks.iter_mut().zip(self.live).zip(self.active);
        for (volts, ((walk, live), watts)) in sample.volts.iter_mut().zip(walks) {
            // 0.2 Ohm of the supply line
            let drop = 0.2 * watts.float() / 230.0;
            *volts = if live { Milli::from_float(walk.at(now) - drop) } else { Milli(0) };
        }
        match self.wiring {
            Wiring::FourWire | Wiring::Single => {
                let powers = self.active.iter().zip(self.reactive).zip(sample.volts);
                for (amps, ((p, q), volts)) in sample.amps.iter_mut().zip(powers) {
                    *amps = magnitude(*p, q, volts);
                }
            }
            Wiring::ThreeWire => self.delta(&mut sample),
        }
        sample
    }

    /// Line currents and the third voltage of a net without neutral.
    fn delta(&self, sample: &mut Sample) {
        let [first, _, third] = sample.volts.map(Milli::float);
        let half_root = 0.75_f64.sqrt();
        let u12 = (first, 0.0);
        let u32 = (third * 0.5, third * half_root);
        let u13 = (u12.0 - u32.0, u12.1 - u32.1);
        sample.volts[1] = Milli::from_float((u13.0 * u13.0 + u13.1 * u13.1).sqrt());
        let current = |u: (f64, f64), p: Milli, q: Milli| {
            let (p, q, square) = (p.float(), q.float(), u.0 * u.0 + u.1 * u.1);
            if square < 1.0 {
                return (0.0, 0.0);
            }
            ((p * u.0 + q * u.1) / square, (p * u.1 - q * u.0) / square)
        };
        let i12 = current(u12, self.active[0], self.reactive[0]);
        let i13 = current(u13, self.active[1], self.reactive[1]);
        let i32 = current(u32, self.active[2], self.reactive[2]);
        let lines = [
            (i12.0 + i13.0, i12.1 + i13.1),
            (-i12.0 - i32.0, -i12.1 - i32.1),
            (i32.0 - i13.0, i32.1 - i13.1),
        ];
        sample.amps = lines.map(|(x, y): (f64, f64)| Milli::from_float((x * x + y * y).sqrt()));
    }

    fn next_event(&self) -> Option<i64> {
        let load = self.loads.iter().map(|load| load.next).min();
        let switching = self.switchings.first().map(|s| s.at);
        load.into_iter().chain(switching).min()
    }

    fn integrate(&mut self, to: i64) {
        if to > self.now {
            let ns = to - self.now;
            self.registers.integrate(self.active, self.reactive, ns, self.tariff);
            self.now = to;
        }
    }

    /// Lets everything due happen and adds up what is drawn.
    fn events(&mut self) {
        let now = self.now;
        while let Some(switching) = self.switchings.first().filter(|s| s.at <= now).copied() {
            self.switchings.remove(0);
            match switching.leg {
                Leg::First => self.live[0] = switching.live,
                Leg::Second => self.live[1] = switching.live,
                Leg::Third => self.live[2] = switching.live,
                Leg::All => self.live = [switching.live; 3],
            }
        }
        let solar = (now + self.solar).rem_euclid(86_400_000_000_000);
        self.active = [Milli(0); 3];
        self.reactive = [Milli(0); 3];
        for load in &mut self.loads {
            while load.next <= now {
                load.step(load.next, solar);
            }
            let (active, reactive) = load.draw();
            for (sum, (part, live)) in self.active.iter_mut().zip(active.into_iter().zip(self.live))
            {
                *sum = *sum + if live { part } else { Milli(0) };
            }
            for (sum, (part, live)) in
                self.reactive.iter_mut().zip(reactive.into_iter().zip(self.live))
            {
                *sum = *sum + if live { part } else { Milli(0) };
            }
        }
    }
}

/// I = S / U.
fn magnitude(active: Milli, reactive: Milli, volts: Milli) -> Milli {
    let (p, q, u) = (active.float(), reactive.float(), volts.float());
    if u < 1.0 { Milli(0) } else { Milli::from_float((p * p + q * q).sqrt() / u) }
}

#[cfg(test)]
mod tests {
    use super::register::Counter;
    use super::*;

    const DAY: i64 = 86_400_000_000_000;
    const START: i64 = 1_705_273_200_000_000_000;

    fn full_house() -> Household {
        Household::default()
            .with(Kind::Solar { peak: 2500 }, Leg::First)
            .with(Kind::HeatPump { watts: 900 }, Leg::All)
            .with(Kind::Car { watts: 3680 }, Leg::All)
    }

    #[test]
    fn reading_often_or_once_gives_the_same_registers() {
        let mut coarse = House::new(&full_house(), Wiring::FourWire, 3, START);
        let mut fine = coarse.clone();
        coarse.advance(START + DAY);
        for step in 1..=DAY / 7_000_000_000 {
            fine.advance(START + step * 7_000_000_000);
            fine.sample();
        }
        fine.advance(START + DAY);
        assert_eq!(coarse.registers(), fine.registers());
    }

    #[test]
    fn phases_and_totals_agree_and_nothing_falls() {
        let mut house = House::new(&full_house(), Wiring::FourWire, 9, START);
        let begin = *house.registers();
        let mut before = begin;
        for hour in 1..=48 {
            house.advance(START + hour * DAY / 24);
            let now = *house.registers();
            let net = |r: &Registers| r.active_import.total() - r.active_export.total();
            let by_phase = |r: &Registers| {
                let import: Milli = r.phase_import.iter().map(Counter::value).sum();
                let export: Milli = r.phase_export.iter().map(Counter::value).sum();
                import - export
            };
            let off = (net(&now) - net(&begin)) - (by_phase(&now) - by_phase(&begin));
            assert!(off.abs().0 <= 8, "{off:?}");
            assert!(now.active_import.total() >= before.active_import.total());
            assert!(now.active_export.total() >= before.active_export.total());
            before = now;
        }
        assert!(before.active_export.total() > begin.active_export.total(), "the sun shone");
        assert!(before.active_import.total() > begin.active_import.total());
    }

    #[test]
    fn electronics_make_the_reactive_power_capacitive_at_night() {
        let mut house = House::new(&Household::default(), Wiring::FourWire, 5, START);
        let begin = *house.registers();
        house.advance(START + DAY / 4);
        let now = house.registers();
        let grown = |end: Milli, start: Milli| end - start;
        assert!(
            grown(now.reactive_export.total(), begin.reactive_export.total())
                > grown(now.reactive_import.total(), begin.reactive_import.total())
        );
    }

    #[test]
    fn currents_of_a_net_without_neutral_keep_to_the_triangle() {
        let mut house = House::new(&full_house(), Wiring::ThreeWire, 11, START);
        for step in 1..2000 {
            house.advance(START + step * DAY / 2000);
            let s = house.sample();
            let [i1, i2, i3] = s.amps;
            assert!(i2.0 <= i1.0 + i3.0 + 3 && i2.0 + 3 >= (i1 - i3).abs().0, "{s:?}");
            assert!(s.volts.iter().all(|u| (200_000..260_000).contains(&u.0)), "{s:?}");
        }
    }

    #[test]
    fn a_dead_phase_shows_nothing_and_draws_nothing() {
        let household = Household {
            switchings: vec![Switching { at: START + DAY / 2, leg: Leg::Second, live: false }],
            ..Household::default()
        };
        let mut house = House::new(&household, Wiring::FourWire, 1, START);
        house.advance(START + DAY / 2 - 1);
        assert!(house.sample().volts[1].0 > 200_000);
        house.advance(START + DAY / 2);
        let dead = house.sample();
        assert_eq!((dead.volts[1], dead.amps[1], dead.watts[1]), (Milli(0), Milli(0), Milli(0)));
        assert!(dead.watts[0].0 > 0);
    }
}
