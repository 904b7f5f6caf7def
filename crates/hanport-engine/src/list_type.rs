//! How much a message says, as existing readers count it.

use hanport_core::number::Number;
use hanport_core::quantity::{Measure, Phase, Quantity};
use serde::Serialize;

/// How much a message says; ordered. Programs that read existing readers know the numbers 1 to 4.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(into = "u8")]
pub enum ListType {
    /// Power now, at most.
    One,
    /// Voltages or currents too.
    Two,
    /// Registers too.
    Three,
    /// Powers, registers or power factors of single phases too.
    Four,
}

impl ListType {
    /// The type of a message with these values; `None` when none of them counts.
    pub fn of(values: &[(Quantity, Number)]) -> Option<Self> {
        values.iter().filter_map(|(quantity, _)| Self::of_quantity(*quantity)).max()
    }

    fn of_quantity(quantity: Quantity) -> Option<Self> {
        let of_phase = quantity.phase != Phase::All;
        Some(match quantity.measure {
            Measure::ActiveImport
            | Measure::ActiveExport
            | Measure::ActiveImportEnergy
            | Measure::ActiveExportEnergy
                if of_phase =>
            {
                Self::Four
            }
            Measure::PowerFactor => Self::Four,
            Measure::ActiveImportEnergy
            | Measure::ActiveExportEnergy
            | Measure::ReactiveImportEnergy
            | Measure::ReactiveExportEnergy => Self::Three,
            Measure::Voltage | Measure::Current => Self::Two,
            Measure::ActiveImport | Measure::ActiveExport | Measure::ActiveNet => Self::One,
            _ => return None,
        })
    }
}

impl From<ListType> for u8 {
    fn from(list: ListType) -> Self {
        match list {
            ListType::One => 1,
            ListType::Two => 2,
            ListType::Three => 3,
            ListType::Four => 4,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(quantities: &[Quantity]) -> Option<u8> {
        let values: Vec<_> = quantities.iter().map(|q| (*q, Number::new(1, 0))).collect();
        ListType::of(&values).map(u8::from)
    }

    #[test]
    fn the_richest_value_decides() {
        let power = Quantity::total(Measure::ActiveImport);
        let voltage = Quantity::of_phase(Measure::Voltage, Phase::L1);
        let register = Quantity::total(Measure::ActiveImportEnergy);
        let of_phase = Quantity::of_phase(Measure::ActiveImport, Phase::L2);
        assert_eq!(of(&[]), None);
        assert_eq!(of(&[Quantity::total(Measure::Frequency)]), None);
        assert_eq!(of(&[power]), Some(1));
        assert_eq!(of(&[voltage, power]), Some(2));
        assert_eq!(of(&[power, register, voltage]), Some(3));
        assert_eq!(of(&[of_phase, register]), Some(4));
    }
}
