//! Fixed-point values of the physical model: thousandths of the base unit.

use std::iter::Sum;
use std::ops::{Add, Neg, Sub};

/// A value in thousandths of its unit: mW, mvar, mV, mA, mWh, mvarh.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Milli(pub i64);

impl Milli {
    /// A value of whole units.
    pub const fn whole(units: i64) -> Self {
        Self(units * 1000)
    }

    /// Rounds a physical value given in whole units.
    pub fn from_float(units: f64) -> Self {
        Self(round(units * 1000.0))
    }

    /// The value in whole units, for the physical model.
    pub fn float(self) -> f64 {
        #[expect(clippy::cast_precision_loss, reason = "model values are far below 2^53")]
        let thousandths = self.0 as f64;
        thousandths / 1000.0
    }

    /// In counts of `10^exponent` units, rounded half away from zero: how meters show
    /// instantaneous values. `exponent` is -3 to 6.
    pub const fn rounded(self, exponent: i8) -> i64 {
        let divisor = divisor(exponent);
        let half = divisor / 2;
        (if self.0 < 0 { self.0 - half } else { self.0 + half }) / divisor
    }

    /// In counts of `10^exponent` units, cut off: how meters show registers.
    pub const fn truncated(self, exponent: i8) -> i64 {
        self.0 / divisor(exponent)
    }

    /// The part above zero.
    #[must_use]
    pub fn import(self) -> Self {
        Self(self.0.max(0))
    }

    /// The part below zero, as a magnitude.
    #[must_use]
    pub fn export(self) -> Self {
        Self((-self.0).max(0))
    }

    /// The magnitude.
    #[must_use]
    pub const fn abs(self) -> Self {
        Self(self.0.abs())
    }
}

/// Rounds to a whole number; what does not fit is limited.
pub fn round(value: f64) -> i64 {
    #[expect(clippy::cast_possible_truncation, reason = "the cast from float saturates")]
    let whole = value.round() as i64;
    whole
}

const fn divisor(exponent: i8) -> i64 {
    match exponent {
        ..=-3 => 1,
        -2 => 10,
        -1 => 100,
        0 => 1000,
        1 => 10_000,
        2 => 100_000,
        3 => 1_000_000,
        _ => 1_000_000_000,
    }
}

impl Add for Milli {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self(self.0 + other.0)
    }
}

impl Sub for Milli {
    type Output = Self;

    fn sub(self, other: Self) -> Self {
        Self(self.0 - other.0)
    }
}

impl Neg for Milli {
    type Output = Self;

    fn neg(self) -> Self {
        Self(-self.0)
    }
}

impl Sum for Milli {
    fn sum<I: Iterator<Item = Self>>(all: I) -> Self {
        all.fold(Self(0), Add::add)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn registers_are_cut_and_instantaneous_values_rounded() {
        assert_eq!(Milli(19_999).truncated(1), 1);
        assert_eq!(Milli(230_450).rounded(-1), 2305);
        assert_eq!(Milli(-1_500).rounded(0), -2);
        assert_eq!(Milli(1_499).rounded(0), 1);
    }
}
