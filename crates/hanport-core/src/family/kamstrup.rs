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
use crate::quantity::{Measure, Phase, Quantity};
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

/// Whether voltage, current in 10 mA and power factor make about ten times the power.
fn powers_say_milliamperes(items: &[Item]) -> bool {
    let mut apparent = 0i64;
    let mut active = 0i64;
    for phase in [Phase::L1, Phase::L2, Phase::L3] {
        let of = |measure, exponent| {
            let quantity = Some(Quantity::of_phase(measure, phase));
            items.iter().find(|item| item.quantity == quantity).and_then(|item| match item.value {
                Value::Number(number, _) => number.in_units_of(exponent),
                _ => None,
            })
        };
        let (Some(volts), Some(current), Some(factor)) =
            (of(Measure::Voltage, 0), of(Measure::Current, -2), of(Measure::PowerFactor, -2))
        else {
            continue;
        };
        let product = volts.saturating_mul(current).saturating_mul(factor) / 10_000;
        apparent = apparent.saturating_add(product);
        active = active
            .saturating_add(of(Measure::ActiveImport, 0).unwrap_or(0))
            .saturating_add(of(Measure::ActiveExport, 0).unwrap_or(0));
    }
    // Between the two lies the root of ten; below 30 W rounding decides, not the scale.
    active >= 30 && apparent / 3 > active
}
