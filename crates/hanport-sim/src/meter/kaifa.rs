//! Kaifa: lists by position (Norway, Sweden), pairs (Sweden), and the Austrian M-Bus lists.
//!
//! ```text
//! Norway, KFM_001, all numbers double-long-unsigned:
//!   list 1  every 2 s    P+
//!   list 2  every 10 s   list id, meter id, type, P+ P- Q+ Q-, I.., U..
//!   list 3  at hh:00:10  list 2, clock, A+ A- R+ R- of hh:00
//! Sweden: the long list every 10 s, by position or as pairs of code and value
//! Austria, encrypted, two M-Bus segments every 5 s:
//!   west     clock, ids, voltages, currents, powers, registers as structures
//!   Lower A. clock, then triples of code, value, scaler and unit, then the meter number
//! ```
//!
//! The three-wire type measures no voltage between lines 1 and 3 and shows 0.

use hanport_core::cosem::apdu::HeaderTime;
use hanport_core::cosem::axdr::Data;
use hanport_core::number::Number;
use hanport_core::obis::Obis;

use super::sheet::{Sheet, TimeStyle, stated};
use super::view::{Push, View, instant};
use super::{Personality, Security, Transport, Uart, always_long, of_hour};
use crate::clock::Habit;
use crate::house::register::Registers;
use crate::house::{Sample, Wiring};

const INVOKE: u32 = 0x4000_0000;
const CLOCK: Obis = Obis::general(1, 0, 0);
const LIST: &str = "KFM_001";

const FOUR_WIRE: Personality = Personality {
    name: "kaifa-no",
    description: "Kaifa MA304H4E three-phase four-wire, KFM_001",
    country: "NO",
    uart: Uart::even(2400),
    wiring: Wiring::FourWire,
    interval_ms: 2000,
    grid_ms: 2000,
    habit: Habit::Civil,
    zone: "Europe/Oslo",
    meter_id: "6970631400000011",
    security: None,
    transport: Transport::Hdlc { address: &[0x01, 0x02, 0x01], control: 0x10 },
    due,
    compose: |view, sheet| norway(view, sheet, "MA304H4E", &view.hour.registers),
};

const SWEDEN: Personality = Personality {
    name: "kaifa-se",
    description: "Kaifa MA304H4D three-phase, 18 elements by position",
    country: "SE",
    interval_ms: 10_000,
    grid_ms: 10_000,
    zone: "Europe/Stockholm",
    meter_id: "7340156700000012",
    transport: Transport::Hdlc { address: &[0x01, 0x00, 0x01], control: 0x10 },
    due: always_hourly,
    compose: |view, sheet| norway(view, sheet, "MA304H4D", view.live),
    ..FOUR_WIRE
};

const WEST: Personality = Personality {
    name: "kaifa-at",
    description: "Kaifa MA309M, western Austria, encrypted",
    country: "AT",
    interval_ms: 5000,
    grid_ms: 5000,
    habit: Habit::CivilWithDeviation,
    zone: "Europe/Vienna",
    meter_id: "1KFM0200000013",
    security: Some(Security::encrypted(0x21, *b"KFM\x10\x20\x00\x00\x0D")),
    transport: Transport::Mbus { first: 245 },
    due: always_long,
    compose: west,
    ..FOUR_WIRE
};

const LOWER_AUSTRIA: Personality = Personality {
    name: "kaifa-at-noe",
    description: "Kaifa MA309M, Netz NOE, encrypted",
    meter_id: "181220000014",
    security: Some(Security::encrypted(0x20, *b"KFMe\x50\x00\x00\x0E")),
    compose: |view, sheet| lower_austria(view, sheet, 0x0000_0000, 0x00),
    ..WEST
};

pub(super) const ROWS: &[Personality] = &[
    FOUR_WIRE,
    Personality {
        name: "kaifa-no-3wire",
        description: "Kaifa MA304H3E three-phase three-wire (IT net), KFM_001",
        wiring: Wiring::ThreeWire,
        meter_id: "6970631400000015",
        compose: |view, sheet| norway(view, sheet, "MA304H3E", &view.hour.registers),
        ..FOUR_WIRE
    },
    Personality {
        name: "kaifa-no-t3",
        description: "Kaifa MA304T3 three-wire behind current transformers, 64-bit registers",
        wiring: Wiring::ThreeWire,
        meter_id: "6970631400000016",
        compose: |view, sheet| norway(view, sheet, "MA304T3", &view.hour.registers),
        ..FOUR_WIRE
    },
    Personality {
        name: "kaifa-no-1phase",
        description: "Kaifa MA105H2E one-phase, KFM_001",
        wiring: Wiring::Single,
        meter_id: "6970631400000017",
        compose: |view, sheet| norway(view, sheet, "MA105H2E", &view.hour.registers),
        ..FOUR_WIRE
    },
    SWEDEN,
    Personality {
        name: "kaifa-se-1phase",
        description: "Kaifa MA105H2E one-phase, 14 elements by position",
        wiring: Wiring::Single,
        meter_id: "7340156700000018",
        compose: |view, sheet| norway(view, sheet, "MA105H2E", view.live),
        ..SWEDEN
    },
    Personality {
        name: "kaifa-se-t4",
        description: "Kaifa MA304T4 behind current transformers, 64-bit registers",
        meter_id: "7340156700000019",
        compose: |view, sheet| norway(view, sheet, "MA304T4", view.live),
        ..SWEDEN
    },
    Personality {
        name: "kaifa-se-pairs",
        description: "Kaifa MA304H4 three-phase, pairs of code and value",
        habit: Habit::CivilWithDeviation,
        meter_id: "7340156700000020",
        compose: pairs,
        ..SWEDEN
    },
    WEST,
    LOWER_AUSTRIA,
    Personality {
        name: "kaifa-at-noe-1phase",
        description: "Kaifa MA110M one-phase, Netz NOE, encrypted",
        wiring: Wiring::Single,
        meter_id: "181220000021",
        security: Some(Security::encrypted(0x20, *b"KFMe\x50\x00\x00\x15")),
        ..LOWER_AUSTRIA
    },
];

fn due(ms: i64) -> &'static [Push] {
    match of_hour(ms) {
        10_000 => &[Push::Hourly],
        at if at % 10_000 == 0 => &[Push::Long],
        _ => &[Push::Short],
    }
}

fn always_hourly(_: i64) -> &'static [Push] {
    &[Push::Hourly]
}

fn norway(view: &View<'_>, sheet: &mut Sheet, model: &str, registers: &Registers) {
    let time = TimeStyle::USUAL.octets(&view.now);
    sheet.notification(INVOKE, HeaderTime::OctetString(time));
    sheet.truth.time = stated(&view.now);
    if view.push == Push::Short {
        sheet.structure(1);
        sheet.put_u32(instant(0, 1), view.import());
        return;
    }
    let hourly = view.push == Push::Hourly;
    let three_wire_transformer = model == "MA304T3";
    let phases = view.phases().len();
    sheet.structure(7 + 2 * phases + if hourly { 5 } else { 0 });
    names(view, sheet, model);
    for (obis, number) in view.powers(0) {
        sheet.put_u32(obis, number);
    }
    for (obis, number) in view.amps(0, -3) {
        let absent = three_wire_transformer && obis == instant(0, 51);
        sheet.put_u32(obis, if absent { Number::new(0, -3) } else { number });
    }
    for (obis, number) in view.volts(0, -1) {
        if view.wiring == Wiring::ThreeWire && obis == instant(0, 52) {
            // A place without a value: the voltage is not measured.
            sheet.put(Data::Unsigned32(0));
        } else {
            sheet.put_u32(obis, number);
        }
    }
    if hourly {
        sheet.octets(&time);
        sheet.truth.energy_time = stated(&view.now);
        for (obis, number) in view.energies(registers, 0, 0) {
            if model.contains('T') {
                sheet.put_u64(obis, number);
            } else {
                sheet.put_u32(obis, number);
            }
        }
    }
}

fn names(view: &View<'_>, sheet: &mut Sheet, model: &str) {
    sheet.octets(LIST.as_bytes());
    sheet.octets(view.meter_id.as_bytes());
    sheet.octets(model.as_bytes());
    sheet.truth.list_id = Some(LIST.to_owned());
    sheet.truth.meter_id = Some(view.meter_id.to_owned());
    sheet.truth.meter_model = Some(model.to_owned());
}

fn pairs(view: &View<'_>, sheet: &mut Sheet) {
    sheet.notification(INVOKE, HeaderTime::Absent);
    sheet.structure(36);
    let model = "MA304H4";
    let text = |sheet: &mut Sheet, obis: Obis, text: &str| {
        sheet.code(obis);
        sheet.octets(text.as_bytes());
    };
    text(sheet, Obis([1, 0, 0, 2, 129, 255]), LIST);
    text(sheet, Obis::general(96, 1, 0), view.meter_id);
    text(sheet, Obis::general(96, 1, 7), model);
    sheet.truth.list_id = Some(LIST.to_owned());
    sheet.truth.meter_id = Some(view.meter_id.to_owned());
    sheet.truth.meter_model = Some(model.to_owned());
    let values = view.powers(0).into_iter().chain(view.amps(0, -3)).chain(view.volts(0, -1));
    for (obis, number) in values {
        sheet.code(obis);
        sheet.put_u32(obis, number);
    }
    sheet.code(CLOCK);
    sheet.octets(&TimeStyle::USUAL.octets(&view.now));
    sheet.truth.time = stated(&view.now);
    sheet.truth.energy_time = stated(&view.now);
    for (obis, number) in view.energies(view.live, 0, 0) {
        sheet.code(obis);
        sheet.put_u32(obis, number);
    }
}

fn west(view: &View<'_>, sheet: &mut Sheet) {
    let time = TimeStyle::USUAL.octets(&view.now);
    sheet.notification(view.invoke, HeaderTime::Untagged(time));
    sheet.truth.time = stated(&view.now);
    sheet.structure(16);
    sheet.code(CLOCK);
    sheet.octets(&time);
    sheet.truth.energy_time = stated(&view.now);
    let device = "KFM1200200000013";
    for (obis, text) in
        [(Obis::general(96, 1, 0), view.meter_id), (Obis::general(42, 0, 0), device)]
    {
        sheet.structure(2);
        sheet.code(obis);
        sheet.octets(text.as_bytes());
    }
    sheet.truth.meter_id = Some(view.meter_id.to_owned());
    sheet.truth.texts.push((Obis::general(42, 0, 0), device.to_owned()));
    for (values, unit) in
        [(view.volts(0, -1).collect::<Vec<_>>(), 35), (view.amps(0, -2).collect(), 33)]
    {
        for (obis, number) in values {
            sheet.structure(3);
            sheet.code(obis);
            sheet.put_u16(obis, number);
            sheet.scaler_unit(number.exponent, unit);
        }
    }
    let [import, export, ..] = view.powers(0);
    let [a_plus, a_minus, r_plus, r_minus] = view.energies(view.live, 0, 0);
    let values = [import, export, a_plus, a_minus, r_plus, r_minus];
    for ((obis, number), unit) in values.into_iter().zip([27, 27, 30, 30, 32, 32]) {
        sheet.structure(3);
        sheet.code(obis);
        sheet.put_u32(obis, number);
        sheet.scaler_unit(0, unit);
    }
}

/// The list of Lower Austria, which several makers send.
pub(super) fn lower_austria(view: &View<'_>, sheet: &mut Sheet, invoke: u32, status: u8) {
    let style = TimeStyle { status, ..TimeStyle::USUAL };
    let time = style.octets(&view.now);
    sheet.notification(invoke | view.invoke, HeaderTime::Untagged(time));
    sheet.truth.time = stated(&view.now);
    sheet.truth.energy_time = stated(&view.now);
    let phases = view.phases().len();
    sheet.structure(2 + 3 * (5 + 2 * phases));
    sheet.octets(&time);
    let [import, export, ..] = view.powers(0);
    let [a_plus, a_minus, ..] = view.energies(view.live, 0, 0);
    for ((obis, number), unit) in
        [a_plus, a_minus, import, export].into_iter().zip([30, 30, 27, 27])
    {
        sheet.code(obis);
        sheet.put_u32(obis, number);
        sheet.scaler_unit(0, unit);
    }
    let factor = Sample::power_factor(view.sample.active(), view.sample.reactive());
    let factor = (instant(0, 13), Number::new(factor.rounded(-3), -3));
    let volts = view.volts(0, -1).map(|value| (value, 35));
    let amps = view.amps(0, -2).map(|value| (value, 33));
    for ((obis, number), unit) in volts.chain(amps).chain([(factor, 255)]) {
        sheet.code(obis);
        sheet.put_u16(obis, number);
        sheet.scaler_unit(number.exponent, unit);
    }
    if view.quirks.id_overwritten {
        sheet.octets(&view.title);
        sheet.truth.meter_id = None;
    } else {
        sheet.octets(view.meter_id.as_bytes());
        sheet.truth.meter_id = Some(view.meter_id.to_owned());
    }
}
