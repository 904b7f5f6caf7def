//! The registers that are kept, and what an official reading of one is.

use core::fmt;

use hanport_core::number::Number;
use hanport_core::quantity::Measure;
use serde::{Deserialize, Serialize};

use crate::time::UtcMillis;

/// One of the four energy registers of a meter. The tariff registers are parts of these and
/// have no books of their own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Register {
    /// Active energy from the grid, 1.8.0.
    ActiveImport,
    /// Active energy to the grid, 2.8.0.
    ActiveExport,
    /// Reactive energy of quadrants I and II, 3.8.0. "Watt-hours" are var-hours here.
    ReactiveImport,
    /// Reactive energy of quadrants III and IV, 4.8.0. "Watt-hours" are var-hours here.
    ReactiveExport,
}

impl Register {
    /// All of them, in the order of their codes.
    pub const ALL: [Self; 4] =
        [Self::ActiveImport, Self::ActiveExport, Self::ReactiveImport, Self::ReactiveExport];

    /// What its counter measures.
    pub const fn energy(self) -> Measure {
        match self {
            Self::ActiveImport => Measure::ActiveImportEnergy,
            Self::ActiveExport => Measure::ActiveExportEnergy,
            Self::ReactiveImport => Measure::ReactiveImportEnergy,
            Self::ReactiveExport => Measure::ReactiveExportEnergy,
        }
    }

    /// The power that makes it count.
    pub const fn power(self) -> Measure {
        match self {
            Self::ActiveImport => Measure::ActiveImport,
            Self::ActiveExport => Measure::ActiveExport,
            Self::ReactiveImport => Measure::ReactiveImport,
            Self::ReactiveExport => Measure::ReactiveExport,
        }
    }

    /// The stable word for programs: `active_import`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::ActiveImport => "active_import",
            Self::ActiveExport => "active_export",
            Self::ReactiveImport => "reactive_import",
            Self::ReactiveExport => "reactive_export",
        }
    }
}

impl fmt::Display for Register {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// One thing for each register.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PerRegister<T> {
    /// Of [`Register::ActiveImport`].
    pub active_import: T,
    /// Of [`Register::ActiveExport`].
    pub active_export: T,
    /// Of [`Register::ReactiveImport`].
    pub reactive_import: T,
    /// Of [`Register::ReactiveExport`].
    pub reactive_export: T,
}

impl<T> PerRegister<T> {
    /// The one of `register`.
    pub const fn of(&self, register: Register) -> &T {
        match register {
            Register::ActiveImport => &self.active_import,
            Register::ActiveExport => &self.active_export,
            Register::ReactiveImport => &self.reactive_import,
            Register::ReactiveExport => &self.reactive_export,
        }
    }

    /// The one of `register`, to be changed.
    pub const fn of_mut(&mut self, register: Register) -> &mut T {
        match register {
            Register::ActiveImport => &mut self.active_import,
            Register::ActiveExport => &mut self.active_export,
            Register::ReactiveImport => &mut self.reactive_import,
            Register::ReactiveExport => &mut self.reactive_export,
        }
    }
}

/// A register as a message states it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RegisterValue {
    /// The value in thousandths of a watt-hour.
    pub mwh: i64,
    /// The step in which the sender counts, in thousandths of a watt-hour: 10 000 for a meter
    /// that sends tens of watt-hours. At least 1.
    pub step_mwh: i64,
}

impl RegisterValue {
    /// From a number in watt-hours, whose power of ten tells the step; `None` when it is
    /// negative or larger than nine billion kilowatt-hours.
    pub fn from_number(number: Number) -> Option<Self> {
        let mwh = number.in_units_of(-3)?;
        let step = Number::new(1, number.exponent).in_units_of(-3)?.max(1);
        (mwh >= 0).then_some(Self { mwh, step_mwh: step })
    }

    /// The same behind a transformer: value and step times `factor` thousandths.
    #[must_use]
    pub fn times(self, factor: u32) -> Option<Self> {
        let scaled = |mwh: i64| i64::try_from(i128::from(mwh) * i128::from(factor) / 1000).ok();
        Some(Self { mwh: scaled(self.mwh)?, step_mwh: scaled(self.step_mwh)?.max(1) })
    }

    /// Whole watt-hours, rounded down.
    pub const fn wh(self) -> i64 {
        self.mwh.div_euclid(1000)
    }
}

/// A reading of a register by the meter itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Official {
    /// When the register stood so.
    pub at: UtcMillis,
    /// When the message arrived.
    pub received: UtcMillis,
    /// What it read.
    pub value: RegisterValue,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_power_of_ten_tells_the_step() {
        let tens = RegisterValue::from_number(Number::new(8_582_328, 1)).unwrap();
        assert_eq!(tens, RegisterValue { mwh: 85_823_280_000, step_mwh: 10_000 });
        assert_eq!(tens.wh(), 85_823_280);
        let tenths = RegisterValue::from_number(Number::new(12_345, -1)).unwrap();
        assert_eq!(tenths, RegisterValue { mwh: 1_234_500, step_mwh: 100 });
        assert_eq!(tenths.wh(), 1234);
        assert_eq!(RegisterValue::from_number(Number::new(-1, 0)), None);
        assert_eq!(RegisterValue::from_number(Number::new(i64::MAX, 0)), None);
        assert_eq!(RegisterValue::from_number(Number::new(1, -9)).unwrap().step_mwh, 1);
    }

    #[test]
    fn a_transformer_multiplies_value_and_step() {
        let value = RegisterValue { mwh: 1_000_001, step_mwh: 10_000 };
        assert_eq!(
            value.times(60_000).unwrap(),
            RegisterValue { mwh: 60_000_060, step_mwh: 600_000 }
        );
        assert_eq!(RegisterValue { mwh: i64::MAX, step_mwh: 1 }.times(2000), None);
    }
}
