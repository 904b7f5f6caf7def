//! Loads of a household: constant between their events.
//!
//! A load says what it draws on each of three legs and when that changes next. A leg is a phase,
//! or a pair of phases in a net without neutral.

use crate::milli::{Milli, round};
use crate::rng::Rng;

const SECOND: i64 = 1_000_000_000;
const MINUTE: i64 = 60 * SECOND;
const HOUR: i64 = 60 * MINUTE;

/// One leg of the supply.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Leg {
    /// Phase 1, or the pair of phases 1 and 2.
    First,
    /// Phase 2, or the pair of phases 1 and 3.
    Second,
    /// Phase 3, or the pair of phases 3 and 2.
    Third,
    /// All three, evenly.
    All,
}

/// What kind of load, with its figures. Powers in watts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// What is always on: between the two bounds, a new value every half minute.
    Base {
        /// Least draw.
        least: i64,
        /// Most draw.
        most: i64,
    },
    /// A car: charges every evening for some hours, three times 16 A or once 32 A.
    Car {
        /// Watts on each leg it uses.
        watts: i64,
    },
    /// A fixed draw.
    Constant {
        /// Active power, negative = feeding in.
        watts: i64,
        /// Reactive power, negative = capacitive.
        vars: i64,
    },
    /// Switched-mode supplies: power factor 0.6, capacitive.
    Electronics,
    /// Compressor: 90 W for 20 minutes, off for 40.
    Fridge,
    /// Three-phase heat pump: power factor 0.9, inductive, in runs of 20 to 60 minutes.
    HeatPump {
        /// Watts on each leg while it runs.
        watts: i64,
    },
    /// 2 kW for 3 minutes, a few times in the morning and evening.
    Kettle,
    /// 2.2 kW, on for 40 % of each minute of cooking.
    Oven,
    /// Photovoltaics: a clear-sky bell times clouds, a new value every minute.
    Solar {
        /// Watts at noon of a clear day, on each leg it feeds.
        peak: i64,
    },
}

/// A load and its state.
#[derive(Clone, Debug)]
pub(crate) struct Load {
    kind: Kind,
    leg: Leg,
    rng: Rng,
    /// Draw now, on each used leg.
    active: Milli,
    reactive: Milli,
    /// When the draw changes next, ns since 1970.
    pub(crate) next: i64,
    /// Progress of what runs: end of a baking or charging session, level of clouds in percent.
    mark: i64,
}

impl Load {
    pub(crate) fn new(kind: Kind, leg: Leg, seed: u64, number: usize, start: i64) -> Self {
        let rng = Rng::new(seed, &format!("load {number}"));
        let zero = Milli(0);
        Self { kind, leg, rng, active: zero, reactive: zero, next: start, mark: 0 }
    }

    /// Draw on each leg: active and reactive.
    pub(crate) const fn draw(&self) -> ([Milli; 3], [Milli; 3]) {
        (self.on_legs(self.active), self.on_legs(self.reactive))
    }

    const fn on_legs(&self, value: Milli) -> [Milli; 3] {
        let zero = Milli(0);
        match self.leg {
            Leg::First => [value, zero, zero],
            Leg::Second => [zero, value, zero],
            Leg::Third => [zero, zero, value],
            Leg::All => [value; 3],
        }
    }

    /// Takes the next step; `now` is the moment announced, `solar` the local solar time of day.
    pub(crate) fn step(&mut self, now: i64, solar: i64) {
        match self.kind {
            Kind::Base { least, most } => {
                self.active = Milli(self.rng.between(least * 1000, most * 1000));
                self.reactive = Milli(self.active.0 / 20);
                self.next = now + 30 * SECOND;
            }
            Kind::Car { watts } => self.step_car(now, solar, watts),
            Kind::Constant { watts, vars } => {
                self.active = Milli::whole(watts);
                self.reactive = Milli::whole(vars);
                self.next = i64::MAX;
            }
            Kind::Electronics => {
                let evening = (17 * HOUR..23 * HOUR).contains(&solar);
                let watts = self.rng.between(40, if evening { 180 } else { 90 });
                self.active = Milli::whole(watts);
                // tan(acos 0.6) = 4/3
                self.reactive = Milli(-self.active.0 / 3 * 4);
                self.next = now + self.rng.between(40, 240) * SECOND;
            }
            Kind::Fridge => {
                let on = self.active.0 == 0;
                self.active = Milli::whole(if on { 90 } else { 0 });
                self.reactive = Milli::whole(if on { 45 } else { 0 });
                let minutes = if on { 20 } else { 40 };
                self.next = now + minutes * MINUTE + self.rng.between(-60, 60) * SECOND;
            }
            Kind::HeatPump { watts } => {
                let on = self.active.0 == 0;
                self.active = Milli::whole(if on { watts } else { 0 });
                // tan(acos 0.9) = 0.484
                self.reactive = Milli(self.active.0 / 1000 * 484);
                self.next = now + self.rng.between(20, 60) * MINUTE;
            }
            Kind::Kettle => self.step_kettle(now, solar),
            Kind::Oven => self.step_oven(now, solar),
            Kind::Solar { peak } => self.step_solar(now, solar, peak),
        }
    }

    fn step_kettle(&mut self, now: i64, solar: i64) {
        if self.active.0 != 0 {
            self.active = Milli(0);
            self.next = now + 10 * MINUTE;
            return;
        }
        let likely =
            (6 * HOUR..9 * HOUR).contains(&solar) || (16 * HOUR..22 * HOUR).contains(&solar);
        if likely && self.rng.chance(0.15) {
            self.active = Milli::whole(2000);
            self.next = now + 3 * MINUTE;
        } else {
            self.next = now + 10 * MINUTE + self.rng.between(0, 119) * SECOND;
        }
    }

    fn step_oven(&mut self, now: i64, solar: i64) {
        if now < self.mark {
            let on = self.active.0 == 0;
            self.active = Milli::whole(if on { 2200 } else { 0 });
            self.next = now + if on { 24 } else { 36 } * SECOND;
            return;
        }
        self.active = Milli(0);
        let dinner = (16 * HOUR..19 * HOUR).contains(&solar);
        if dinner && self.rng.chance(0.1) {
            self.mark = now + self.rng.between(20, 60) * MINUTE;
            self.next = now + SECOND;
        } else {
            self.next = now + 15 * MINUTE;
        }
    }

    fn step_car(&mut self, now: i64, solar: i64, watts: i64) {
        if self.active.0 != 0 {
            self.active = Milli(0);
            self.next = now + 12 * HOUR;
            return;
        }
        if (18 * HOUR..24 * HOUR).contains(&solar) && self.rng.chance(0.3) {
            self.active = Milli::whole(watts);
            self.next = now + self.rng.between(60, 240) * MINUTE;
        } else {
            self.next = now + 30 * MINUTE;
        }
    }

    fn step_solar(&mut self, now: i64, solar: i64, peak: i64) {
        // Sunrise 6 h, sunset 18 h: (1 - x^2)^2 over the half day is close to the clear-sky curve.
        let x = Milli((solar - 12 * HOUR) / 1_000_000).float() / 21_600.0;
        let bell = if x.abs() < 1.0 { (1.0 - x * x) * (1.0 - x * x) } else { 0.0 };
        self.mark = (self.mark + self.rng.between(-15, 16)).clamp(20, 100);
        let clear = Milli::whole(peak).float() * bell;
        self.active = Milli(-round(clear * 10.0) * self.mark);
        let night = bell <= 0.0;
        self.next = now + if night { 10 * MINUTE } else { MINUTE };
    }
}
