//! Polish telegrams (Stoen): Kaifa, ciphered behind a plain identification line, and Elgama.
//!
//! ```text
//! /KFM5KAIFA-METER CR LF CR LF | 00 | 82 hh ll | 30 | counter | ciphered lines | tag | !CRC CR LF
//! ```
//!
//! The system title is left out and counts as zeros. What the checksum covers is not documented
//! and here is everything from `/` to `!` as it stands on the line; the tag is the real check.

use hanport_core::number::Number;
use hanport_core::obis::Obis;

use super::sheet::{Form, Sheet};
use super::telegram::{
    KILOWATT, KILOWATT_HOUR, VOLT, hex_line, id_line, ident, lines, odd_lines, time_line,
};
use super::view::View;
use super::{CrcForm, Personality, Security, Transport, Uart, always_long};
use crate::clock::Habit;
use crate::house::Wiring;

const STOEN: Personality = Personality {
    name: "stoen-pl",
    description: "Kaifa MA309M, Stoen Operator Warsaw, encrypted and authenticated",
    country: "PL",
    uart: Uart::plain(115_200).inverted(),
    wiring: Wiring::FourWire,
    interval_ms: 10_000,
    grid_ms: 10_000,
    habit: Habit::Civil,
    zone: "Europe/Warsaw",
    meter_id: "",
    security: Some(Security::authenticated(0x30, [0; 8])),
    transport: Transport::TextBodySealed,
    due: always_long,
    compose: kaifa,
};

pub(super) const ROWS: &[Personality] = &[
    STOEN,
    Personality {
        name: "kaifa-pl",
        description: "Kaifa MA309M, Poland, not encrypted",
        security: None,
        transport: Transport::Text(CrcForm::Normal),
        ..STOEN
    },
    Personality {
        name: "elgama-pl",
        description: "Elgama GAMA 150, Poland, not encrypted",
        wiring: Wiring::Single,
        meter_id: "14000081",
        security: None,
        transport: Transport::Text(CrcForm::Normal),
        compose: elgama,
        ..STOEN
    },
];

fn energies(view: &View<'_>, sheet: &mut Sheet) {
    for c in [1, 2] {
        lines(sheet, view.with_tariffs(0, c), KILOWATT_HOUR);
        for e in [3, 4] {
            sheet.put_line(Obis([1, 0, c, 8, e, 255]), Number::new(0, 0), KILOWATT_HOUR);
        }
    }
}

fn limits(sheet: &mut Sheet) {
    for _ in 0..3 {
        sheet.line("0-0:17.0.0(16500)");
    }
    sheet.line("0-0:94.98.31(00000)");
    sheet.line("0-0:94.98.32(00000)");
    sheet.line("0-0:94.98.33(3)");
}

fn kaifa(view: &View<'_>, sheet: &mut Sheet) {
    ident(sheet, "/KFM5KAIFA-METER");
    time_line(view, sheet);
    energies(view, sheet);
    let [import, export, inductive, capacitive] = view.powers(0);
    lines(sheet, [import, export], KILOWATT);
    lines(sheet, [inductive, capacitive], Form::new(2, 3, "kvar"));
    lines(sheet, view.volts(0, -1), VOLT);
    sheet.line("0-0:96.13.0()");
    hex_line(sheet, Obis::general(96, 1, 1), "MA309M");
    if let Some((_, model)) = sheet.truth.texts.pop() {
        sheet.truth.meter_model = Some(model);
    }
    limits(sheet);
    odd_lines(view, sheet);
    sheet.line("0-0:96.13.0()");
}

fn elgama(view: &View<'_>, sheet: &mut Sheet) {
    ident(sheet, "/EGM5G15");
    sheet.truth.meter_model = Some("G15".to_owned());
    time_line(view, sheet);
    energies(view, sheet);
    let [import, export, ..] = view.powers(0);
    lines(sheet, [import, export], KILOWATT);
    sheet.line("0-0:96.13.0()");
    id_line(view, sheet, Obis::general(96, 1, 0));
    limits(sheet);
    odd_lines(view, sheet);
}
