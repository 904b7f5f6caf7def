//! Quantities: what a value measures, recognised from its OBIS code, with a stable name.
//!
//! A name is `stem[_phase][_role][_tariff][_unit]` in base units: `active_import_w`,
//! `current_l1_a`, `active_import_t2_wh`, `voltage_l1_avg_v`. Instantaneous value and counter
//! are told apart by the unit alone (W, Wh).

mod name;

use core::fmt;

use crate::obis::Obis;
use crate::unit::Unit;

/// What is measured, before phase and tariff.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum Measure {
    /// Sum of the magnitudes of active power.
    ActiveAbs,
    /// Sum of import and export energy.
    ActiveAbsEnergy,
    /// Austrian collection totaliser.
    ActiveCollectionEnergy,
    /// Active power to the grid.
    ActiveExport,
    /// Active export averaged over the running interval.
    ActiveExportDemand,
    /// Active export averaged over the last interval.
    ActiveExportDemandLast,
    /// Highest interval average of active export in the billing period.
    ActiveExportDemandMax,
    /// Energy to the grid.
    ActiveExportEnergy,
    /// Energy to the grid since the billing reset.
    ActiveExportPeriodEnergy,
    /// Active power from the grid.
    ActiveImport,
    /// Active import averaged over the logging interval.
    ActiveImportAverage,
    /// Active import averaged over the running interval.
    ActiveImportDemand,
    /// Active import averaged over the last interval.
    ActiveImportDemandLast,
    /// Highest interval average of active import in the billing period.
    ActiveImportDemandMax,
    /// Energy from the grid.
    ActiveImportEnergy,
    /// Energy from the grid since the billing reset.
    ActiveImportPeriodEnergy,
    /// Import minus export, signed.
    ActiveNet,
    /// Import minus export energy, signed.
    ActiveNetEnergy,
    /// Angle of a phase voltage against that of L1.
    AngleVoltage,
    /// Angle between voltage and current of a phase.
    AngleVoltageCurrent,
    /// Apparent power to the grid.
    ApparentExport,
    /// Apparent energy to the grid.
    ApparentExportEnergy,
    /// Apparent power from the grid.
    ApparentImport,
    /// Apparent energy from the grid.
    ApparentImportEnergy,
    /// Current; signed where the sender signs it.
    Current,
    /// Current averaged over an interval.
    CurrentAverage,
    /// Neutral current.
    CurrentNeutral,
    /// Sum of the phase currents.
    CurrentSum,
    /// Frequency of the net.
    Frequency,
    /// Threshold of the fuse supervision.
    FuseThreshold,
    /// Number of power failures.
    PowerFailures,
    /// Number of long power failures.
    PowerFailuresLong,
    /// Power factor.
    PowerFactor,
    /// Over-limit threshold of the active power.
    PowerLimit,
    /// Threshold of the limiter.
    PowerLimiter,
    /// Reactive power, export direction (quadrants III and IV).
    ReactiveExport,
    /// Highest interval average of reactive export.
    ReactiveExportDemandMax,
    /// Reactive energy, export direction.
    ReactiveExportEnergy,
    /// Reactive power, import direction (quadrants I and II).
    ReactiveImport,
    /// Highest interval average of reactive import.
    ReactiveImportDemandMax,
    /// Reactive energy, import direction.
    ReactiveImportEnergy,
    /// Reactive power, quadrant I.
    ReactiveQ1,
    /// Reactive energy, quadrant I.
    ReactiveQ1Energy,
    /// Reactive power, quadrant II.
    ReactiveQ2,
    /// Reactive energy, quadrant II.
    ReactiveQ2Energy,
    /// Reactive power, quadrant III.
    ReactiveQ3,
    /// Reactive energy, quadrant III.
    ReactiveQ3Energy,
    /// Reactive power, quadrant IV.
    ReactiveQ4,
    /// Reactive energy, quadrant IV.
    ReactiveQ4Energy,
    /// Total harmonic distortion of a current.
    ThdCurrent,
    /// Total harmonic distortion of a voltage.
    ThdVoltage,
    /// Voltage: phase to neutral, or between lines in a three-wire net.
    Voltage,
    /// Voltage averaged over an interval.
    VoltageAverage,
    /// Voltage between L1 and L2.
    VoltageL1L2,
    /// Voltage between L2 and L3.
    VoltageL2L3,
    /// Voltage between L3 and L1.
    VoltageL3L1,
    /// Voltage of the neutral.
    VoltageNeutral,
    /// Duration of the last voltage sag.
    VoltageSagDuration,
    /// Depth of the last voltage sag.
    VoltageSagDepth,
    /// Number of voltage sags.
    VoltageSags,
    /// Duration of the last voltage swell.
    VoltageSwellDuration,
    /// Height of the last voltage swell.
    VoltageSwellHeight,
    /// Number of voltage swells.
    VoltageSwells,
}

/// The phase a value belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default)]
#[repr(u8)]
pub enum Phase {
    /// All phases together, or a meter with only one.
    #[default]
    All,
    /// Phase 1.
    L1,
    /// Phase 2.
    L2,
    /// Phase 3.
    L3,
}

/// A measured quantity with its phase and tariff, and with a stable name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Quantity {
    /// What is measured.
    pub measure: Measure,
    /// On which phase.
    pub phase: Phase,
    /// In which tariff, 0 = all together.
    pub tariff: u8,
}

impl Quantity {
    /// A quantity over all phases and tariffs.
    pub const fn total(measure: Measure) -> Self {
        Self { measure, phase: Phase::All, tariff: 0 }
    }

    /// A quantity of one phase.
    pub const fn of_phase(measure: Measure, phase: Phase) -> Self {
        Self { measure, phase, tariff: 0 }
    }

    /// The quantity an OBIS code stands for; `None` for codes of other media, of past billing
    /// periods, and for codes without a name here.
    ///
    /// Groups C, D and E decide. The channel is not looked at, and medium 0 counts as
    /// electricity for powers and energies, because meters differ there (a Norwegian
    /// Landis+Gyr sends its energies as 0-0:1.8.0).
    pub const fn from_obis(obis: Obis) -> Option<Self> {
        let [medium, channel, c, d, e, period] = obis.0;
        if period != 255 || medium > 1 {
            return None;
        }
        if medium == 0 {
            match (c, d, e) {
                (17, 0, 0) => return Some(Self::total(Measure::PowerLimiter)),
                (96, 7, 21) => return Some(Self::total(Measure::PowerFailures)),
                (96, 7, 9) => return Some(Self::total(Measure::PowerFailuresLong)),
                _ => {}
            }
            if (d != 7 && d != 8) || (channel != 0 && c == 24) {
                return None;
            }
        }
        let (base, phase) = match c {
            21..=40 => (c - 20, Phase::L1),
            41..=60 => (c - 40, Phase::L2),
            61..=80 => (c - 60, Phase::L3),
            _ => (c, Phase::All),
        };
        match d {
            7 => instantaneous(base, phase, e),
            8 => energy(base, phase, e),
            _ => other(base, phase, d, e),
        }
    }

    /// The unit of the value once read, without prefix.
    pub const fn unit(self) -> Unit {
        self.measure.row().2
    }

    /// Whether this is one of the everyday quantities: powers, energies by tariff and phase,
    /// voltages, currents, power factors, frequency. The others (quadrants, demand, counters of
    /// sags) are rather looked up by their code.
    pub const fn is_principal(self) -> bool {
        use Measure as M;
        matches!(
            self.measure,
            M::ActiveExport
                | M::ActiveExportEnergy
                | M::ActiveImport
                | M::ActiveImportEnergy
                | M::ActiveNet
                | M::Current
                | M::Frequency
                | M::PowerFactor
                | M::ReactiveExport
                | M::ReactiveExportEnergy
                | M::ReactiveImport
                | M::ReactiveImportEnergy
                | M::Voltage
        )
    }
}

const fn instantaneous(base: u8, phase: Phase, e: u8) -> Option<Quantity> {
    use Measure as M;
    let measure = match (base, e) {
        (1, 0) => M::ActiveImport,
        (2, 0) => M::ActiveExport,
        (3, 0) => M::ReactiveImport,
        (4, 0) => M::ReactiveExport,
        (5, 0) => M::ReactiveQ1,
        (6, 0) => M::ReactiveQ2,
        (7, 0) => M::ReactiveQ3,
        (8, 0) => M::ReactiveQ4,
        (9, 0) => M::ApparentImport,
        (10, 0) => M::ApparentExport,
        (11, 0) => M::Current,
        (11, 124) => M::ThdCurrent,
        (12, 0) => M::Voltage,
        (12, 124) => M::ThdVoltage,
        (13, 0) => M::PowerFactor,
        (14, 0) => M::Frequency,
        (15, 0) => M::ActiveAbs,
        (16, 0) => M::ActiveNet,
        (81, 40) => return Some(Quantity::of_phase(M::AngleVoltageCurrent, Phase::L1)),
        (81, 51) => return Some(Quantity::of_phase(M::AngleVoltageCurrent, Phase::L2)),
        (81, 62) => return Some(Quantity::of_phase(M::AngleVoltageCurrent, Phase::L3)),
        (81, 10) => return Some(Quantity::of_phase(M::AngleVoltage, Phase::L2)),
        (81, 20) => return Some(Quantity::of_phase(M::AngleVoltage, Phase::L3)),
        (90, 0) => M::CurrentSum,
        (91, 0) => M::CurrentNeutral,
        (92, 0) => M::VoltageNeutral,
        (124, 0) => M::VoltageL1L2,
        (125, 0) => M::VoltageL2L3,
        (126, 0) => M::VoltageL3L1,
        _ => return None,
    };
    Some(Quantity { measure, phase, tariff: 0 })
}

const fn energy(base: u8, phase: Phase, tariff: u8) -> Option<Quantity> {
    use Measure as M;
    if tariff > 63 {
        return None;
    }
    let measure = match base {
        1 => M::ActiveImportEnergy,
        2 => M::ActiveExportEnergy,
        3 => M::ReactiveImportEnergy,
        4 => M::ReactiveExportEnergy,
        5 => M::ReactiveQ1Energy,
        6 => M::ReactiveQ2Energy,
        7 => M::ReactiveQ3Energy,
        8 => M::ReactiveQ4Energy,
        9 => M::ApparentImportEnergy,
        10 => M::ApparentExportEnergy,
        15 => M::ActiveAbsEnergy,
        16 => M::ActiveNetEnergy,
        _ => return None,
    };
    Some(Quantity { measure, phase, tariff })
}

const fn other(base: u8, phase: Phase, d: u8, e: u8) -> Option<Quantity> {
    use Measure as M;
    let measure = match (base, d, e) {
        (1, 4, 0) => M::ActiveImportDemand,
        (2, 4, 0) => M::ActiveExportDemand,
        (1, 5, 0) => M::ActiveImportDemandLast,
        (2, 5, 0) => M::ActiveExportDemandLast,
        (1, 6, 0..=63) => M::ActiveImportDemandMax,
        (2, 6, 0..=63) => M::ActiveExportDemandMax,
        (3, 6, 0..=63) => M::ReactiveImportDemandMax,
        (4, 6, 0..=63) => M::ReactiveExportDemandMax,
        (1, 9, 0) => M::ActiveImportPeriodEnergy,
        (2, 9, 0) => M::ActiveExportPeriodEnergy,
        (1, 24 | 25, 0) => M::ActiveImportAverage,
        (1, 128, 0) => M::ActiveCollectionEnergy,
        (11, 4 | 5 | 27, 0) => M::CurrentAverage,
        (12, 4 | 5, 0) => M::VoltageAverage,
        (12, 32, 0) => M::VoltageSags,
        (12, 33, 0) => M::VoltageSagDuration,
        (12, 34, 0) => M::VoltageSagDepth,
        (12, 36, 0) => M::VoltageSwells,
        (12, 37, 0) => M::VoltageSwellDuration,
        (12, 38, 0) => M::VoltageSwellHeight,
        (15, 35, 0) => M::PowerLimit,
        _ => return None,
    };
    let tariff = if d == 6 { e } else { 0 };
    Some(Quantity { measure, phase, tariff })
}

impl Measure {
    /// Stem, role, unit and unit suffix of the name.
    #[allow(clippy::too_many_lines, reason = "one row a measure")]
    #[inline]
    const fn row(self) -> (&'static str, &'static str, Unit, &'static str) {
        use Unit as U;
        match self {
            Self::ActiveAbs => ("active_abs", "", U::Watt, "_w"),
            Self::ActiveAbsEnergy => ("active_abs", "", U::WattHour, "_wh"),
            Self::ActiveCollectionEnergy => ("active_collection", "", U::WattHour, "_wh"),
            Self::ActiveExport => ("active_export", "", U::Watt, "_w"),
            Self::ActiveExportDemand => ("active_export_demand", "", U::Watt, "_w"),
            Self::ActiveExportDemandLast => ("active_export_demand_last", "", U::Watt, "_w"),
            Self::ActiveExportDemandMax => ("active_export_demand_max", "", U::Watt, "_w"),
            Self::ActiveExportEnergy => ("active_export", "", U::WattHour, "_wh"),
            Self::ActiveExportPeriodEnergy => ("active_export_period", "", U::WattHour, "_wh"),
            Self::ActiveImport => ("active_import", "", U::Watt, "_w"),
            Self::ActiveImportAverage => ("active_import", "_avg", U::Watt, "_w"),
            Self::ActiveImportDemand => ("active_import_demand", "", U::Watt, "_w"),
            Self::ActiveImportDemandLast => ("active_import_demand_last", "", U::Watt, "_w"),
            Self::ActiveImportDemandMax => ("active_import_demand_max", "", U::Watt, "_w"),
            Self::ActiveImportEnergy => ("active_import", "", U::WattHour, "_wh"),
            Self::ActiveImportPeriodEnergy => ("active_import_period", "", U::WattHour, "_wh"),
            Self::ActiveNet => ("active_net", "", U::Watt, "_w"),
            Self::ActiveNetEnergy => ("active_net", "", U::WattHour, "_wh"),
            Self::AngleVoltage => ("angle_u", "", U::Degree, "_deg"),
            Self::AngleVoltageCurrent => ("angle_ui", "", U::Degree, "_deg"),
            Self::ApparentExport => ("apparent_export", "", U::VoltAmpere, "_va"),
            Self::ApparentExportEnergy => ("apparent_export", "", U::VoltAmpereHour, "_vah"),
            Self::ApparentImport => ("apparent_import", "", U::VoltAmpere, "_va"),
            Self::ApparentImportEnergy => ("apparent_import", "", U::VoltAmpereHour, "_vah"),
            Self::Current => ("current", "", U::Ampere, "_a"),
            Self::CurrentAverage => ("current", "_avg", U::Ampere, "_a"),
            Self::CurrentNeutral => ("current_n", "", U::Ampere, "_a"),
            Self::CurrentSum => ("current_sum", "", U::Ampere, "_a"),
            Self::Frequency => ("frequency", "", U::Hertz, "_hz"),
            Self::FuseThreshold => ("fuse_threshold", "", U::Ampere, "_a"),
            Self::PowerFailures => ("power_failures", "", U::Count, ""),
            Self::PowerFailuresLong => ("power_failures_long", "", U::Count, ""),
            Self::PowerFactor => ("power_factor", "", U::Count, ""),
            Self::PowerLimit => ("power_limit", "", U::Watt, "_w"),
            Self::PowerLimiter => ("power_limiter", "", U::Watt, "_w"),
            Self::ReactiveExport => ("reactive_export", "", U::Var, "_var"),
            Self::ReactiveExportDemandMax => ("reactive_export_demand_max", "", U::Var, "_var"),
            Self::ReactiveExportEnergy => ("reactive_export", "", U::VarHour, "_varh"),
            Self::ReactiveImport => ("reactive_import", "", U::Var, "_var"),
            Self::ReactiveImportDemandMax => ("reactive_import_demand_max", "", U::Var, "_var"),
            Self::ReactiveImportEnergy => ("reactive_import", "", U::VarHour, "_varh"),
            Self::ReactiveQ1 => ("reactive_q1", "", U::Var, "_var"),
            Self::ReactiveQ1Energy => ("reactive_q1", "", U::VarHour, "_varh"),
            Self::ReactiveQ2 => ("reactive_q2", "", U::Var, "_var"),
            Self::ReactiveQ2Energy => ("reactive_q2", "", U::VarHour, "_varh"),
            Self::ReactiveQ3 => ("reactive_q3", "", U::Var, "_var"),
            Self::ReactiveQ3Energy => ("reactive_q3", "", U::VarHour, "_varh"),
            Self::ReactiveQ4 => ("reactive_q4", "", U::Var, "_var"),
            Self::ReactiveQ4Energy => ("reactive_q4", "", U::VarHour, "_varh"),
            Self::ThdCurrent => ("thd_current", "", U::Percent, "_pct"),
            Self::ThdVoltage => ("thd_voltage", "", U::Percent, "_pct"),
            Self::Voltage => ("voltage", "", U::Volt, "_v"),
            Self::VoltageAverage => ("voltage", "_avg", U::Volt, "_v"),
            Self::VoltageL1L2 => ("voltage_l1_l2", "", U::Volt, "_v"),
            Self::VoltageL2L3 => ("voltage_l2_l3", "", U::Volt, "_v"),
            Self::VoltageL3L1 => ("voltage_l3_l1", "", U::Volt, "_v"),
            Self::VoltageNeutral => ("voltage_n", "", U::Volt, "_v"),
            Self::VoltageSagDuration => ("voltage_sag_duration", "", U::Second, "_s"),
            Self::VoltageSagDepth => ("voltage_sag_depth", "", U::Volt, "_v"),
            Self::VoltageSags => ("voltage_sags", "", U::Count, ""),
            Self::VoltageSwellDuration => ("voltage_swell_duration", "", U::Second, "_s"),
            Self::VoltageSwellHeight => ("voltage_swell_height", "", U::Volt, "_v"),
            Self::VoltageSwells => ("voltage_swells", "", U::Count, ""),
        }
    }
}

impl fmt::Display for Quantity {
    /// The stable name.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (stem, role, _, suffix) = self.measure.row();
        f.write_str(stem)?;
        f.write_str(match self.phase {
            Phase::All => "",
            Phase::L1 => "_l1",
            Phase::L2 => "_l2",
            Phase::L3 => "_l3",
        })?;
        f.write_str(role)?;
        if self.tariff != 0 {
            write!(f, "_t{}", self.tariff)?;
        }
        f.write_str(suffix)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::string::ToString;

    #[test]
    fn codes_get_their_names() {
        for (code, name) in [
            ("1-0:1.7.0", "active_import_w"),
            ("1-1:2.8.2", "active_export_t2_wh"),
            ("0-0:1.8.0", "active_import_wh"),
            ("1-0:71.7.0", "current_l3_a"),
            ("1-0:52.4.0", "voltage_l2_avg_v"),
            ("1-0:13.7.0", "power_factor"),
            ("1-0:33.7.0", "power_factor_l1"),
            ("1-0:64.7.0", "reactive_export_l3_var"),
            ("1-0:41.8.0", "active_import_l2_wh"),
            ("1-0:1.6.1", "active_import_demand_max_t1_w"),
            ("1-0:16.7.0", "active_net_w"),
            ("1-0:81.7.51", "angle_ui_l2_deg"),
            ("1-0:72.32.0", "voltage_sags_l3"),
            ("0-0:17.0.0", "power_limiter_w"),
            ("1-0:31.7.124", "thd_current_l1_pct"),
            ("1-0:81.7.10", "angle_u_l2_deg"),
            ("1-0:81.7.20", "angle_u_l3_deg"),
            ("1-0:2.4.0", "active_export_demand_w"),
            ("1-0:3.6.0", "reactive_import_demand_max_var"),
            ("1-0:4.6.0", "reactive_export_demand_max_var"),
            ("1-0:1.24.0", "active_import_avg_w"),
            ("1-0:32.33.0", "voltage_sag_duration_l1_s"),
            ("1-0:32.34.0", "voltage_sag_depth_l1_v"),
            ("1-0:52.37.0", "voltage_swell_duration_l2_s"),
            ("1-0:52.38.0", "voltage_swell_height_l2_v"),
            ("1-0:15.35.0", "power_limit_w"),
        ] {
            let obis = Obis::from_text(code.as_bytes()).unwrap();
            assert_eq!(Quantity::from_obis(obis).unwrap().to_string(), name, "{code}");
        }
    }

    #[test]
    fn what_is_looked_at_every_day_is_principal() {
        let principal = |code: &[u8]| {
            Quantity::from_obis(Obis::from_text(code).unwrap()).unwrap().is_principal()
        };
        assert!(principal(b"1-0:1.8.2") && principal(b"1-0:71.7.0") && principal(b"1-0:14.7.0"));
        assert!(!principal(b"1-0:32.33.0") && !principal(b"1-0:1.6.0"));
    }

    #[test]
    fn other_media_and_the_past_have_no_electricity_name() {
        for code in
            ["7-0:1.8.0", "0-1:24.2.1", "0-1:24.4.0", "1-0:1.8.0*1", "0-0:1.0.0", "0-0:1.4.0"]
        {
            let obis = Obis::from_text(code.as_bytes()).unwrap();
            assert_eq!(Quantity::from_obis(obis), None, "{code}");
        }
    }
}
