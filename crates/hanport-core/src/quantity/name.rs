//! Names back to quantities.
//!
//! ```text
//!  current  _l1  _avg  _t2  _a        stem, phase, role, tariff, unit; only the stem is always there
//! ```

use super::{Measure, Phase, Quantity};

impl Measure {
    /// All of them, in alphabetical order.
    pub const ALL: [Self; 63] = [
        Self::ActiveAbs,
        Self::ActiveAbsEnergy,
        Self::ActiveCollectionEnergy,
        Self::ActiveExport,
        Self::ActiveExportDemand,
        Self::ActiveExportDemandLast,
        Self::ActiveExportDemandMax,
        Self::ActiveExportEnergy,
        Self::ActiveExportPeriodEnergy,
        Self::ActiveImport,
        Self::ActiveImportAverage,
        Self::ActiveImportDemand,
        Self::ActiveImportDemandLast,
        Self::ActiveImportDemandMax,
        Self::ActiveImportEnergy,
        Self::ActiveImportPeriodEnergy,
        Self::ActiveNet,
        Self::ActiveNetEnergy,
        Self::AngleVoltage,
        Self::AngleVoltageCurrent,
        Self::ApparentExport,
        Self::ApparentExportEnergy,
        Self::ApparentImport,
        Self::ApparentImportEnergy,
        Self::Current,
        Self::CurrentAverage,
        Self::CurrentNeutral,
        Self::CurrentSum,
        Self::Frequency,
        Self::FuseThreshold,
        Self::PowerFailures,
        Self::PowerFailuresLong,
        Self::PowerFactor,
        Self::PowerLimit,
        Self::PowerLimiter,
        Self::ReactiveExport,
        Self::ReactiveExportDemandMax,
        Self::ReactiveExportEnergy,
        Self::ReactiveImport,
        Self::ReactiveImportDemandMax,
        Self::ReactiveImportEnergy,
        Self::ReactiveQ1,
        Self::ReactiveQ1Energy,
        Self::ReactiveQ2,
        Self::ReactiveQ2Energy,
        Self::ReactiveQ3,
        Self::ReactiveQ3Energy,
        Self::ReactiveQ4,
        Self::ReactiveQ4Energy,
        Self::ThdCurrent,
        Self::ThdVoltage,
        Self::Voltage,
        Self::VoltageAverage,
        Self::VoltageL1L2,
        Self::VoltageL2L3,
        Self::VoltageL3L1,
        Self::VoltageNeutral,
        Self::VoltageSagDuration,
        Self::VoltageSagDepth,
        Self::VoltageSags,
        Self::VoltageSwellDuration,
        Self::VoltageSwellHeight,
        Self::VoltageSwells,
    ];
}

impl Quantity {
    /// The quantity of a [name](Quantity#impl-Display-for-Quantity), exactly as it is written;
    /// `None` for what is no name.
    ///
    /// ```
    /// use hanport_core::quantity::{Measure, Phase, Quantity};
    ///
    /// let current = Quantity::of_phase(Measure::Current, Phase::L1);
    /// assert_eq!(Quantity::from_name("current_l1_a"), Some(current));
    /// assert_eq!(Quantity::from_name("current_l1_v"), None);
    /// ```
    pub fn from_name(name: &str) -> Option<Self> {
        Measure::ALL.into_iter().find_map(|measure| {
            let (stem, role, _, suffix) = measure.row();
            let middle = name.strip_prefix(stem)?.strip_suffix(suffix)?;
            let (phase, rest) = phase(middle);
            let tariff = tariff(rest.strip_prefix(role)?)?;
            Some(Self { measure, phase, tariff })
        })
    }
}

fn phase(middle: &str) -> (Phase, &str) {
    [("_l1", Phase::L1), ("_l2", Phase::L2), ("_l3", Phase::L3)]
        .into_iter()
        .find_map(|(text, phase)| Some((phase, middle.strip_prefix(text)?)))
        .unwrap_or((Phase::All, middle))
}

/// `_t` and a number from 1 to 255 without leading zeros, or nothing.
fn tariff(rest: &str) -> Option<u8> {
    if rest.is_empty() {
        return Some(0);
    }
    let digits = rest.strip_prefix("_t")?;
    let plain = digits.bytes().all(|digit| digit.is_ascii_digit()) && !digits.starts_with('0');
    if plain { digits.parse().ok() } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::string::ToString;

    #[test]
    fn every_name_leads_back_to_its_quantity() {
        for measure in Measure::ALL {
            for phase in [Phase::All, Phase::L1, Phase::L2, Phase::L3] {
                for tariff in [0, 1, 2, 16, 63, 255] {
                    let quantity = Quantity { measure, phase, tariff };
                    let name = quantity.to_string();
                    assert_eq!(Quantity::from_name(&name), Some(quantity), "{name}");
                }
            }
        }
    }

    #[test]
    fn the_list_is_complete_and_in_order() {
        for (place, measure) in Measure::ALL.into_iter().enumerate() {
            assert_eq!(measure as usize, place, "{measure:?}");
        }
    }

    #[test]
    fn what_is_no_name_is_no_quantity() {
        for name in [
            "",
            "active_import",
            "active_import_W",
            "active_import_w ",
            "active_import_t0_wh",
            "active_import_t02_wh",
            "active_import_t256_wh",
            "active_import_t_wh",
            "active_import_t+1_wh",
            "current_l4_a",
            "current_avg_l1_a",
            "_w",
        ] {
            assert_eq!(Quantity::from_name(name), None, "{name}");
        }
    }
}
