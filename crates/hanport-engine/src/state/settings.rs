//! What the user says about the meter.

use hanport_core::number::Number;
use hanport_core::quantity::Quantity;
use hanport_core::unit::Unit;
use serde::{Deserialize, Serialize};

use super::net::Net;

/// Factors for a meter behind transformers that prints what it sees itself, in thousandths.
/// 1000 changes nothing; 0 counts as 1000.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Multipliers {
    /// For active, reactive and apparent power, of all phases and of each.
    pub power: u32,
    /// For voltages.
    pub voltage: u32,
    /// For currents.
    pub current: u32,
    /// For registers, of all phases and of each.
    pub energy: u32,
}

impl Default for Multipliers {
    fn default() -> Self {
        Self { power: 1000, voltage: 1000, current: 1000, energy: 1000 }
    }
}

impl Multipliers {
    /// The factor for a quantity, in thousandths, never 0.
    pub const fn of(&self, quantity: Quantity) -> u32 {
        let factor = match quantity.unit() {
            Unit::Watt | Unit::Var | Unit::VoltAmpere => self.power,
            Unit::WattHour | Unit::VarHour | Unit::VoltAmpereHour => self.energy,
            Unit::Volt => self.voltage,
            Unit::Ampere => self.current,
            _ => 1000,
        };
        if factor == 0 { 1000 } else { factor }
    }

    /// A number of a quantity behind the transformers; exact. `None` when it does not fit.
    pub fn apply(&self, quantity: Quantity, number: Number) -> Option<Number> {
        let factor = self.of(quantity);
        if factor == 1000 {
            return Some(number);
        }
        // the shortest form of the factor, so that the step of the sender is not lost in zeros
        let (mut digits, mut exponent) = (i64::from(factor), -3i8);
        while digits % 10 == 0 {
            digits /= 10;
            exponent += 1;
        }
        let mantissa = number.mantissa.checked_mul(digits)?;
        Some(Number::new(mantissa, number.exponent.checked_add(exponent)?))
    }
}

/// The settings of one meter. Everything may be left out.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// The distribution system; found from the data where it is left out.
    pub net: Option<Net>,
    /// The main fuse in amperes.
    pub fuse_a: Option<u16>,
    /// The largest power of the site's own production, in watts.
    pub production_w: Option<u32>,
    /// The clock habits of the meter's family by [name](crate::time::Row::named), where its
    /// messages do not tell the family or tell a wrong one.
    pub clock_family: Option<String>,
    /// Transformers.
    pub multipliers: Multipliers,
    /// Do not estimate the current of L2 in a three-wire net.
    pub no_estimated_current: bool,
}

impl Settings {
    /// What the main fuse lets through, in watts; `None` without a fuse or a known net.
    pub fn fuse_w(&self, net: Option<Net>) -> Option<i64> {
        let amperes = i64::from(self.fuse_a?);
        Some(match net? {
            Net::Delta230 => amperes * 230 * 1732 / 1000,
            Net::Star400 => amperes * 3 * 230,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use hanport_core::quantity::{Measure, Phase};

    #[test]
    fn transformers_multiply_exactly_and_phases_too() {
        let multipliers = Multipliers { power: 60_000, voltage: 0, current: 1500, energy: 100 };
        let of_l2 = Quantity::of_phase(Measure::ActiveImport, Phase::L2);
        assert_eq!(multipliers.apply(of_l2, Number::new(17, 0)), Some(Number::new(102, 1)));
        let voltage = Quantity::total(Measure::Voltage);
        assert_eq!(multipliers.apply(voltage, Number::new(2301, -1)), Some(Number::new(2301, -1)));
        let current = Quantity::total(Measure::Current);
        assert_eq!(multipliers.apply(current, Number::new(12, -2)), Some(Number::new(180, -3)));
        let energy = Quantity::total(Measure::ActiveImportEnergy);
        assert_eq!(multipliers.apply(energy, Number::new(5, 1)), Some(Number::new(5, 0)));
        assert_eq!(multipliers.apply(of_l2, Number::new(i64::MAX, 0)), None);
    }

    #[test]
    fn a_fuse_lets_through_what_the_net_makes_of_it() {
        let settings = Settings { fuse_a: Some(63), ..Settings::default() };
        assert_eq!(settings.fuse_w(Some(Net::Delta230)), Some(25_096));
        assert_eq!(settings.fuse_w(Some(Net::Star400)), Some(43_470));
        assert_eq!(settings.fuse_w(None), None);
    }
}
