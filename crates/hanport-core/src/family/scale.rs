//! Powers of ten where the wire does not state them.
//!
//! A family's documents say what its lists count in; firmwares differ for voltages. So a
//! voltage is checked: 90 to 280 V between phase and neutral and up to 480 V between lines is
//! what a connected phase can have. The first voltage of a list above 180 V under some power of
//! ten decides for all of them; a lower one or a phase without voltage follows the others.

use crate::number::Number;
use crate::unit::Unit;

/// What the numbers of a list count in, as powers of ten of the base unit.
#[derive(Clone, Copy, Debug)]
pub(super) struct Scales {
    pub(super) voltage: i8,
    pub(super) current: i8,
    pub(super) energy: i8,
    pub(super) power_factor: i8,
}

impl Scales {
    /// The power of ten for a unit other than the volt.
    pub(super) const fn of(self, unit: Unit) -> i8 {
        match unit {
            Unit::Ampere => self.current,
            Unit::WattHour | Unit::VarHour | Unit::VoltAmpereHour => self.energy,
            _ => 0,
        }
    }
}

/// How sure a power of ten is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Likely {
    /// The voltage is one of a net in order.
    Firm(i8),
    /// The voltage is low for it; another phase may say otherwise.
    Low(i8),
    /// No power of ten makes it a voltage of a net: a phase without voltage.
    No,
}

/// The power of ten under which `raw` is a voltage of a connected phase: the one of the
/// document if it will do, else the first that will.
pub(super) fn of_voltage(raw: i64, documented: i8) -> Likely {
    let within = |low, high| {
        let fits = move |exponent: &i8| {
            let millivolts = Number::new(raw, *exponent).in_units_of(-3).unwrap_or(0);
            (low..=high).contains(&millivolts)
        };
        [documented, 0, -1, -2, -3].into_iter().find(fits)
    };
    if let Some(exponent) = within(180_000, 280_000).or_else(|| within(280_000, 480_000)) {
        return Likely::Firm(exponent);
    }
    within(90_000, 180_000).map_or(Likely::No, Likely::Low)
}

/// The power of ten under which `raw` is the frequency of a public net, 45 to 65 Hz.
pub(super) fn of_frequency(raw: i64) -> Option<i8> {
    [0, -1, -2, -3].into_iter().find(|exponent| {
        (45_000..=65_000).contains(&Number::new(raw, *exponent).in_units_of(-3).unwrap_or(0))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn voltages_are_recognised_under_any_power_of_ten() {
        for (raw, documented, exponent) in [
            (236, 0, Likely::Firm(0)),
            (23_565, 0, Likely::Firm(-2)),
            (2347, 0, Likely::Firm(-1)),
            (2347, -1, Likely::Firm(-1)),
            (236, -1, Likely::Firm(0)),
            (400, 0, Likely::Firm(0)),
            (4001, 0, Likely::Firm(-1)),
            (1250, 0, Likely::Low(-1)),
            (0, 0, Likely::No),
            (12, 0, Likely::No),
            (-5, -1, Likely::No),
        ] {
            assert_eq!(of_voltage(raw, documented), exponent, "{raw} {documented}");
        }
    }

    #[test]
    fn frequencies_are_recognised() {
        assert_eq!(of_frequency(4998), Some(-2));
        assert_eq!(of_frequency(50), Some(0));
        assert_eq!(of_frequency(7), None);
    }
}
