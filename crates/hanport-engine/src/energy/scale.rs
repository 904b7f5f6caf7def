//! Whether a register counts in the unit it is taken to count in.
//!
//! Some lists state no scale, and meters that look alike count watt-hours or tens of them. What
//! was measured tells: over half a kilowatt-hour of power without gaps, a register in the right
//! scale agrees within a quarter, one in the wrong scale is off ten times.

use serde::{Deserialize, Serialize};

use super::shape::{MICROJOULES_PER_WH, Measured};

/// Measured energy that is enough to tell: 500 Wh.
const ENOUGH_UJ: i64 = 500 * MICROJOULES_PER_WH;

/// How a register compares with measured power.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Scale {
    /// They agree.
    Fits,
    /// The register is taken for ten times what it counts.
    TenTimes,
    /// The register is taken for a tenth of what it counts.
    Tenth,
    /// They differ, and not by ten.
    Unclear,
}

/// The comparison as it goes on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ScaleCheck {
    counted_mwh: i64,
    measured_uj: i64,
    found: Option<Scale>,
}

impl ScaleCheck {
    /// Takes what a register counted in a time, and what was measured in it. Returns a finding
    /// that is new.
    pub fn observe(
        &mut self,
        counted_mwh: i64,
        elapsed_ms: i64,
        measured: Measured,
    ) -> Option<Scale> {
        if measured.covered_ms < elapsed_ms / 100 * 95 {
            return None;
        }
        self.counted_mwh = self.counted_mwh.saturating_add(counted_mwh);
        self.measured_uj = self.measured_uj.saturating_add(measured.energy_uj);
        if self.measured_uj < ENOUGH_UJ {
            return None;
        }
        let percent = i128::from(self.counted_mwh) * 360_000_000 / i128::from(self.measured_uj);
        let found = match percent {
            80..=125 => Scale::Fits,
            800..=1250 => Scale::TenTimes,
            8..=12 => Scale::Tenth,
            _ => Scale::Unclear,
        };
        self.counted_mwh = 0;
        self.measured_uj = 0;
        (self.found.replace(found) != Some(found)).then_some(found)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn finding(percent: i64) -> Vec<Scale> {
        let mut check = ScaleCheck::default();
        let hour = Measured { energy_uj: 300 * MICROJOULES_PER_WH, covered_ms: 3_600_000 };
        (0..6).filter_map(|_| check.observe(3000 * percent, 3_600_000, hour)).collect()
    }

    #[test]
    fn a_register_in_tens_is_told_from_one_in_watt_hours() {
        assert_eq!(finding(103), [Scale::Fits]);
        assert_eq!(finding(1010), [Scale::TenTimes]);
        assert_eq!(finding(10), [Scale::Tenth]);
        assert_eq!(finding(300), [Scale::Unclear]);
    }

    #[test]
    fn time_without_samples_tells_nothing() {
        let mut check = ScaleCheck::default();
        let gap = Measured { energy_uj: 900 * MICROJOULES_PER_WH, covered_ms: 3_000_000 };
        assert_eq!(check.observe(9_000_000, 3_600_000, gap), None);
        assert_eq!(check, ScaleCheck::default());
    }
}
