//! Powers of ten where the wire does not state them.
//!
//! A family's documents say what its lists count in; firmwares differ for voltages. So a
//! voltage is checked: 90 to 280 V between phase and neutral and up to 480 V between lines is
//! what a connected phase can have. The first voltage of a list that fits under some power of
//! ten decides for all of them; a phase without voltage follows the others.

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
    pub(super) const fn of(&self, unit: Unit) -> i8 {
        match unit {
            Unit::Ampere => self.current,
            Unit::WattHour | Unit::VarHour | Unit::VoltAmpereHour => self.energy,
            _ => 0,
        }
    }
}

const PHASE_MILLIVOLTS: core::ops::RangeInclusive<i64> = 90_000..=280_000;
const LINE_MILLIVOLTS: core::ops::RangeInclusive<i64> = 200_000..=480_000;

/// The power of ten under which `raw` is a voltage of a connected phase: the one of the
/// document if it will do, else the first that will. `None` for a phase without voltage.
pub(super) fn of_voltage(raw: i64, documented: i8) -> Option<i8> {
    let millivolts = |exponent: &i8| Number::new(raw, *exponent).in_units_of(-3).unwrap_or(0);
    let plain = |exponent: &i8| PHASE_MILLIVOLTS.contains(&millivolts(exponent));
    let line = |exponent: &i8| LINE_MILLIVOLTS.contains(&millivolts(exponent));
    if plain(&documented) || line(&documented) {
        return Some(documented);
    }
    let candidates = [0, -1, -2, -3];
    candidates.into_iter().find(plain).or_else(|| candidates.into_iter().find(line))
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
            (236, 0, Some(0)),
            (23_565, 0, Some(-2)),
            (2347, 0, Some(-1)),
            (2347, -1, Some(-1)),
            (236, -1, Some(0)),
            (400, 0, Some(0)),
            (4001, 0, Some(-1)),
            (0, 0, None),
            (12, 0, None),
            (-5, -1, None),
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
