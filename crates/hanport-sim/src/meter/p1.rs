//! P1 telegrams: the Netherlands, Belgium, Luxembourg, Hungary.
//!
//! ```text
//! /XXX5 identification CR LF CR LF
//! A-B:C.D.E(value*unit) CR LF ...
//! !CRC CR LF
//! ```
//!
//! By the P1 companion standard 5.0.2 and its older versions, and the Belgian eMUCS-P1. Dutch
//! and Belgian meters send tariffs and no totals; registers have six digits of kWh before the
//! point and wrap there. Luxembourg ciphers the whole telegram; its additional data is the same
//! for all meters.

use std::fmt::Write as _;

use hanport_core::number::Number;
use hanport_core::obis::Obis;

use super::sheet::{Form, Sheet};
use super::telegram::{
    AMPERE, COUNT, KILOWATT, KILOWATT_HOUR, VOLT, hex_line, id_line, ident, lines, message_line,
    odd_lines, time_line, tst, tst_stated,
};
use super::view::{View, instant, total, whole};
use super::{CrcForm, Personality, Security, Transport, Uart, always_long};
use crate::clock::{Habit, Stamp};
use crate::house::Sample;
use crate::house::Wiring;
use crate::house::register::Tariff;

const EQUIPMENT: Obis = Obis::general(96, 1, 1);
const GAS_ID: &str = "G0065339730000071";

const DSMR5: Personality = Personality {
    name: "dsmr5-nl",
    description: "DSMR 5 three-phase (Sagemcom T210-D) with gas",
    country: "NL",
    uart: Uart::plain(115_200).inverted(),
    wiring: Wiring::FourWire,
    interval_ms: 1000,
    grid_ms: 1000,
    habit: Habit::Civil,
    zone: "Europe/Amsterdam",
    meter_id: "E0047000000000071",
    security: None,
    transport: Transport::Text(CrcForm::Normal),
    due: always_long,
    compose: dsmr5,
};

/// Luxembourg uses one authentication key for all meters.
const LUXEMBOURG: Security = Security {
    authentication_key: Some(*b"\x00\x11\x22\x33\x44\x55\x66\x77\x88\x99\xAA\xBB\xCC\xDD\xEE\xFF"),
    ..Security::encrypted(0x30, *b"SAGYgp\x00\x4D")
};

pub(super) const ROWS: &[Personality] = &[
    DSMR5,
    Personality {
        name: "dsmr5-nl-1phase",
        description: "DSMR 5 one-phase with gas",
        wiring: Wiring::Single,
        meter_id: "E0047000000000072",
        ..DSMR5
    },
    Personality {
        name: "dsmr4-nl",
        description: "DSMR 4.2 three-phase (Kaifa) with hourly gas",
        interval_ms: 10_000,
        grid_ms: 10_000,
        uart: Uart::plain(115_200).inverted(),
        meter_id: "E0026000000000073",
        compose: dsmr4,
        ..DSMR5
    },
    Personality {
        name: "dsmr2-nl",
        description: "DSMR 2.2 one-phase (Iskra MT382) with gas on two lines, no checksum",
        interval_ms: 10_000,
        grid_ms: 10_000,
        uart: Uart::seven(9600).inverted(),
        wiring: Wiring::Single,
        meter_id: "ISK5MT38200000074",
        transport: Transport::Text(CrcForm::Absent),
        compose: dsmr2,
        ..DSMR5
    },
    Personality {
        name: "fluvius-be",
        description: "Belgian eMUCS-P1 three-phase (Fluvius) with gas and monthly peaks",
        country: "BE",
        zone: "Europe/Brussels",
        meter_id: "1SAG1100000075",
        compose: belgium,
        ..DSMR5
    },
    Personality {
        name: "smarty-lu",
        description: "Luxembourg Smarty (Sagemcom T210-D), telegram encrypted whole",
        country: "LU",
        interval_ms: 10_000,
        grid_ms: 10_000,
        zone: "Europe/Luxembourg",
        meter_id: "SAG1030700000077",
        security: Some(LUXEMBOURG),
        transport: Transport::TextSealed,
        compose: luxembourg,
        ..DSMR5
    },
    Personality {
        name: "sagemcom-hu",
        description: "Hungarian E.ON (Sagemcom), quadrants, power factors, frequency",
        country: "HU",
        interval_ms: 10_000,
        grid_ms: 10_000,
        zone: "Europe/Budapest",
        meter_id: "SAG0000000000078",
        compose: hungary,
        ..DSMR5
    },
];

fn tariff_lines(view: &View<'_>, sheet: &mut Sheet, form: Form) {
    for c in [1, 2] {
        let [_, first, second] = view.with_tariffs(0, c);
        lines(sheet, [first, second], form);
    }
}

fn active_tariff(view: &View<'_>, sheet: &mut Sheet) {
    let tariff = match view.tariff {
        Tariff::First => "0001",
        Tariff::Second => "0002",
    };
    sheet.line(&format!("0-0:96.14.0({tariff})"));
    sheet.truth.texts.push((Obis::general(96, 14, 0), tariff.to_owned()));
}

fn failures(view: &View<'_>, sheet: &mut Sheet) {
    let (short, long) = view.extras.failures;
    sheet.put_line(Obis::general(96, 7, 21), Number::new(i64::from(short), 0), COUNT);
    sheet.put_line(Obis::general(96, 7, 9), Number::new(i64::from(long), 0), COUNT);
    let log = &view.extras.failure_log;
    let kept = log.get(log.len().saturating_sub(10)..).unwrap_or_default();
    let mut line = format!("1-0:99.97.0({})", kept.len());
    if !kept.is_empty() {
        line.push_str("(0-0:96.7.19)");
    }
    for (end, seconds) in kept {
        let _ = write!(line, "({})({seconds:010}*s)", tst(end));
    }
    sheet.line(&line);
}

fn sags_and_swells(view: &View<'_>, sheet: &mut Sheet) {
    for d in [32, 36] {
        for (c, _) in [32, 52, 72].into_iter().zip(view.phases()) {
            sheet.put_line(Obis::electricity(c, d, 0), Number::new(i64::from(c) / 32, 0), COUNT);
        }
    }
}

fn gas(sheet: &mut Sheet, (litres, at): (i64, Stamp), e: u8) {
    let obis = Obis([0, 1, 24, 2, e, 255]);
    sheet.line(&format!(
        "0-1:24.2.{e}({})({:05}.{:03}*m3)",
        tst(&at),
        litres / 1000 % 100_000,
        litres % 1000
    ));
    sheet.fact_at(obis, Number::new(litres % 100_000_000, -3), tst_stated(&at));
}

fn gas_device(sheet: &mut Sheet, id: Obis) {
    sheet.line("0-1:24.1.0(003)");
    hex_line(sheet, id, GAS_ID);
}

fn dsmr_head(view: &View<'_>, sheet: &mut Sheet, name: &str, version: &str) {
    ident(sheet, name);
    sheet.line(&format!("1-3:0.2.8({version})"));
    time_line(view, sheet);
    id_line(view, sheet, EQUIPMENT);
    tariff_lines(view, sheet, KILOWATT_HOUR);
    active_tariff(view, sheet);
    let [import, export, ..] = view.powers(0);
    lines(sheet, [import, export], KILOWATT);
    failures(view, sheet);
    sags_and_swells(view, sheet);
    message_line(view, sheet);
}

fn dsmr5(view: &View<'_>, sheet: &mut Sheet) {
    dsmr_head(view, sheet, "/Ene5\\T210-D ESMR5.0", "50");
    lines(sheet, view.volts(0, -1), VOLT);
    lines(sheet, view.amps(0, 0), AMPERE);
    lines(sheet, view.phase_imports(), KILOWATT);
    lines(sheet, view.phase_exports(), KILOWATT);
    odd_lines(view, sheet);
    gas_device(sheet, Obis([0, 1, 96, 1, 0, 255]));
    gas(sheet, view.extras.gas, 1);
}

fn dsmr4(view: &View<'_>, sheet: &mut Sheet) {
    dsmr_head(view, sheet, "/KFM5KAIFA-METER", "42");
    lines(sheet, view.amps(0, 0), AMPERE);
    lines(sheet, view.phase_imports(), KILOWATT);
    lines(sheet, view.phase_exports(), KILOWATT);
    odd_lines(view, sheet);
    gas_device(sheet, Obis([0, 1, 96, 1, 0, 255]));
    gas(sheet, view.extras.gas_hour, 1);
}

fn dsmr2(view: &View<'_>, sheet: &mut Sheet) {
    ident(sheet, "/ISk5\\2MT382-1000");
    sheet.truth.meter_model = Some("MT382-1000".to_owned());
    id_line(view, sheet, EQUIPMENT);
    tariff_lines(view, sheet, Form::new(5, 3, "kWh"));
    active_tariff(view, sheet);
    // Hundredths of a kilowatt.
    let (import, export) = (view.sample.active().import(), view.sample.active().export());
    let coarse = Form::new(4, 3, "kW");
    sheet.put_line(instant(0, 1), Number::new(import.rounded(1), 1), coarse);
    sheet.put_line(instant(0, 2), Number::new(export.rounded(1), 1), coarse);
    sheet.put_line(Obis::general(17, 0, 0), Number::new(99_900, 1), coarse);
    sheet.line("0-0:96.3.10(1)");
    sheet.line("0-0:96.13.1()");
    message_line(view, sheet);
    odd_lines(view, sheet);
    sheet.line("0-1:24.1.0(3)");
    hex_line(sheet, Obis([0, 1, 96, 1, 0, 255]), GAS_ID);
    let (litres, at) = view.extras.gas_hour;
    let mut stamp = tst(&at);
    stamp.pop();
    sheet.line(&format!("0-1:24.3.0({stamp})(00)(60)(1)(0-1:24.2.1)(m3)"));
    sheet.line(&format!("({:05}.{:03})", litres / 1000 % 100_000, litres % 1000));
    // The line itself names the code of its value.
    let obis = Obis([0, 1, 24, 2, 1, 255]);
    sheet.fact_at(obis, Number::new(litres % 100_000_000, -3), super::sheet::stated(&at));
    sheet.line("0-1:24.4.0(1)");
}

fn belgium(view: &View<'_>, sheet: &mut Sheet) {
    ident(sheet, "/FLU5\\253770234_A");
    sheet.line("0-0:96.1.4(50217)");
    id_line(view, sheet, EQUIPMENT);
    time_line(view, sheet);
    tariff_lines(view, sheet, KILOWATT_HOUR);
    active_tariff(view, sheet);
    let used = view.live.active_import.total() - view.extras.quarter_import;
    let demand = crate::milli::Milli(used.0 * 4);
    sheet.put_line(Obis::electricity(1, 4, 0), whole(demand), KILOWATT);
    let (peak, at) = view.extras.peak;
    let printed = sheet.print(Obis::electricity(1, 6, 0), whole(peak), KILOWATT);
    if let Some(fact) = sheet.truth.facts.last_mut() {
        fact.at = tst_stated(&at);
    }
    sheet.line(&format!("1-0:1.6.0({})({printed})", tst(&at)));
    month_line(view, sheet);
    let [import, export, ..] = view.powers(0);
    lines(sheet, [import, export], KILOWATT);
    lines(sheet, view.phase_imports(), KILOWATT);
    lines(sheet, view.phase_exports(), KILOWATT);
    lines(sheet, view.volts(0, -1), VOLT);
    lines(sheet, view.amps(0, -2), AMPERE);
    sheet.line("0-0:96.3.10(1)");
    sheet.put_line(Obis::general(17, 0, 0), Number::new(9999, 2), Form::new(3, 3, "kW"));
    sheet.put_line(Obis::electricity(31, 4, 0), Number::new(999, 0), AMPERE);
    message_line(view, sheet);
    odd_lines(view, sheet);
    gas_device(sheet, Obis([0, 1, 96, 1, 1, 255]));
    sheet.line("0-1:24.4.0(1)");
    gas(sheet, view.extras.gas, 3);
}

/// The maxima of the last months, up to 13.
fn month_line(view: &View<'_>, sheet: &mut Sheet) {
    let months = &view.extras.months;
    let kept = months.get(months.len().saturating_sub(13)..).unwrap_or_default();
    let mut line = format!("0-0:98.1.0({})", kept.len());
    if !kept.is_empty() {
        line.push_str("(1-0:1.6.0)(1-0:1.6.0)");
    }
    for month in kept {
        let watts = month.watts.rounded(0);
        let _ = write!(
            line,
            "({})({})({:02}.{:03}*kW)",
            tst(&month.month_end),
            tst(&month.at),
            watts / 1000 % 100,
            watts % 1000
        );
    }
    sheet.line(&line);
}

fn luxembourg(view: &View<'_>, sheet: &mut Sheet) {
    ident(sheet, "/Lux5\\253663629_D");
    sheet.line("1-3:0.2.8(42)");
    time_line(view, sheet);
    id_line(view, sheet, Obis::general(42, 0, 0));
    // The logical device name is the only number there is.
    sheet.truth.texts.push((Obis::general(42, 0, 0), view.meter_id.to_owned()));
    energy_lines(view, sheet, KILOWATT_HOUR, Form::new(6, 3, "kvarh"));
    power_lines(view, sheet, KILOWATT, Form::new(2, 3, "kvar"));
    let (short, _) = view.extras.failures;
    sheet.put_line(Obis::general(96, 7, 21), Number::new(i64::from(short), 0), COUNT);
    sags_and_swells(view, sheet);
    message_line(view, sheet);
    lines(sheet, view.volts(0, -1), VOLT);
    lines(sheet, view.amps(0, 0), AMPERE);
    lines(sheet, view.phase_imports(), KILOWATT);
    lines(sheet, view.phase_exports(), KILOWATT);
    odd_lines(view, sheet);
}

/// A+, A-, R+, R-.
pub(super) fn energy_lines(view: &View<'_>, sheet: &mut Sheet, active: Form, reactive: Form) {
    let [a_plus, a_minus, r_plus, r_minus] = view.energies(view.live, 0, 0);
    lines(sheet, [a_plus, a_minus], active);
    lines(sheet, [r_plus, r_minus], reactive);
}

/// P+, P-, Q+, Q-.
pub(super) fn power_lines(view: &View<'_>, sheet: &mut Sheet, active: Form, reactive: Form) {
    let [import, export, inductive, capacitive] = view.powers(0);
    lines(sheet, [import, export], active);
    lines(sheet, [inductive, capacitive], reactive);
}

fn hungary(view: &View<'_>, sheet: &mut Sheet) {
    ident(sheet, "/SAG5SAG-METER");
    time_line(view, sheet);
    sheet.line("0-0:42.0.0(53414737303030303030303030303738)");
    sheet.truth.texts.push((Obis::general(42, 0, 0), "SAG7000000000078".to_owned()));
    id_line(view, sheet, Obis::general(96, 1, 0));
    active_tariff(view, sheet);
    sheet.line("0-0:96.3.10(1)");
    sheet.put_line(Obis::general(17, 0, 0), Number::new(99_999, 1), Form::new(3, 3, "kW"));
    for c in [1, 2] {
        lines(sheet, view.with_tariffs(0, c), KILOWATT_HOUR);
    }
    let reactive = Form::new(6, 3, "kvarh");
    let [_, _, r_plus, r_minus] = view.energies(view.live, 0, 0);
    lines(sheet, [r_plus, r_minus], reactive);
    let quadrants = view.live.quadrants.iter().zip(5..);
    let quadrants: Vec<_> =
        quadrants.map(|(counter, c)| (total(0, c), view.energy(counter.value(), 0))).collect();
    lines(sheet, quadrants, reactive);
    let sum = view.live.active_import.total() + view.live.active_export.total();
    sheet.put_line(total(0, 15), view.energy(sum, 0), KILOWATT_HOUR);
    lines(sheet, view.volts(0, -1), VOLT);
    lines(sheet, view.amps(0, 0), AMPERE);
    power_factors(view, sheet);
    sheet.put_line(
        instant(0, 14),
        Number::new(view.sample.hertz.rounded(-2), -2),
        Form::new(2, 0, "Hz"),
    );
    power_lines(view, sheet, KILOWATT, Form::new(2, 3, "kvar"));
    for c in [31, 51, 71] {
        sheet.put_line(Obis::electricity(c, 4, 0), Number::new(50, 0), AMPERE);
    }
    message_line(view, sheet);
    odd_lines(view, sheet);
}

fn power_factors(view: &View<'_>, sheet: &mut Sheet) {
    let s = view.sample;
    let all = Sample::power_factor(s.active(), s.reactive());
    let form = Form::new(1, 0, "");
    sheet.put_line(instant(0, 13), Number::new(all.rounded(-3), -3), form);
    for ((p, q), c) in s.watts.into_iter().zip(s.vars).zip([33, 53, 73]) {
        let factor = Sample::power_factor(p, q);
        sheet.put_line(instant(0, c), Number::new(factor.rounded(-3), -3), form);
    }
}
