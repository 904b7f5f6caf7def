//! Kamstrup OMNIPOWER and OMNIA: a list name without code, then pairs of code and value.
//!
//! Sources: Kamstrup HAN-NVE interface description 3.1 (Norway), Kamstrup "DLMS push" lists of
//! Denmark as the grid operator Radius prints them, captures.
//!
//! ```text
//!  struct { "Kamstrup_V0001", code, value, code, value ... }
//!  25, hourly 35   Norway, Sweden: number, type, powers, currents, voltages, clock, energies
//!  65, one phase 37   Denmark, Switzerland: energies first, number, powers, clock, voltages,
//!                     currents, powers, power factors and energies per phase
//! ```
//!
//! What is not measured is left out, or null stands in the place of code and value. Scales are
//! not stated:
//!
//! - Powers count 1 W, voltages 1 V (some firmwares 0.01 V).
//! - Energies count 10 Wh in Norway. Swedish configurations, whose type numbers end in 09x,
//!   count 1 Wh. In Denmark both occur; 10 Wh are assumed unless the user says otherwise.
//! - Currents count 10 mA; meters for transformers, types 685x, count 1 mA. A Danish list does
//!   not name its type, but it has voltage, power factor and power of each phase, which tell.

use super::Hint;
use super::list::{Coded, List};
use super::scale::Scales;
use crate::manufacturer::Manufacturer;
use crate::quantity::{Measure, Quantity};
use crate::reading::{Item, Oddity, Value};
use crate::unit::Unit;

pub(super) static PAIRS: Coded = Coded {
    layout: "Kamstrup pairs of code and value",
    maker: Some(Manufacturer::Kamstrup),
    list_id: Some(b"Kamstrup"),
    scales: Scales { voltage: 0, current: -2, energy: 1, power_factor: -2 },
    certain: false,
    zero_is_no_offset: false,
    quirk: Some(weigh_currents),
};

/// The type number tells transformers and, by its last three digits, the country.
pub(super) fn know_by_type_number(list: &mut List<'_>, number: &[u8]) {
    let told = |hints: [Hint; 2]| list.hint.is_some_and(|hint| hints.contains(&hint));
    if !told([Hint::Current10Ma, Hint::CurrentMa]) && number.starts_with(b"685") {
        list.scales.current = -3;
    }
    if !told([Hint::Energy10Wh, Hint::EnergyWh]) {
        match number {
            [.., b'0', b'9', b'0'..=b'9'] => list.energy_is(0),
            [.., b'0', b'4' | b'6', b'0'..=b'9'] => list.energy_is(1),
            _ => {}
        }
    }
}

/// No direct meter carries that much, in units of 10 mA.
const DIRECT_LIMIT: i64 = 20_000;

/// Decides between 10 mA and 1 mA where the type is not known.
fn weigh_currents(list: &mut List<'_>) {
    let told = matches!(list.hint, Some(Hint::Current10Ma | Hint::CurrentMa));
    if told || list.scales.current != -2 || !list.model_octets().is_empty() {
        return;
    }
    let items = &list.out.items;
    let milliamperes = (list.phase_factors && powers_say_milliamperes(items))
        || items.iter().any(|item| match item.value {
            Value::Number(number, Unit::Ampere) => number.mantissa > DIRECT_LIMIT,
            _ => false,
        });
    if milliamperes {
        list.out.oddities.add(Oddity::ScaleAssumed);
        for item in &mut list.out.items {
            if let Value::Number(number, Unit::Ampere) = &mut item.value {
                number.exponent = -3;
            }
        }
    }
}

/// What a list says about one phase.
#[derive(Clone, Copy, Default)]
struct Sample {
    volts: Option<i64>,
    centiamperes: Option<i64>,
    /// Power factor in hundredths.
    factor: Option<i64>,
    /// Import and export, one of which is 0.
    watts: i64,
}

/// Whether voltage, current in 10 mA and power factor make about ten times the power.
fn powers_say_milliamperes(items: &[Item]) -> bool {
    let mut phases = [Sample::default(); 4];
    for item in items {
        let (Some(Quantity { measure, phase, tariff: 0 }), Value::Number(number, _)) =
            (item.quantity, item.value)
        else {
            continue;
        };
        let Some(sample) = phases.get_mut(phase as usize) else { continue };
        match measure {
            Measure::Voltage => sample.volts = number.in_units_of(0),
            Measure::Current => sample.centiamperes = Some(number.mantissa),
            Measure::PowerFactor => sample.factor = Some(number.mantissa),
            Measure::ActiveImport | Measure::ActiveExport => {
                sample.watts = sample.watts.saturating_add(number.mantissa);
            }
            _ => {}
        }
    }
    let [_, phases @ ..] = phases;
    let mut expected = 0i64;
    let mut sent = 0i64;
    for phase in phases {
        let Sample { volts: Some(volts), centiamperes: Some(current), factor: Some(factor), watts } =
            phase
        else {
            continue;
        };
        let product = volts.saturating_mul(current).saturating_mul(factor) / 10_000;
        expected = expected.saturating_add(product);
        sent = sent.saturating_add(watts);
    }
    // Between the two lies the root of ten; below 30 W rounding decides, not the scale.
    sent >= 30 && expected / 3 > sent
}
