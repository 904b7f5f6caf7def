//! Aidon: arrays of structures with codes, scalers and units.
//!
//! ```text
//! Norway, AIDON_V0001, by "Aidon HAN interface description":
//!   list 1  every 2.5 s   1.7.0
//!   list 2  every 10 s    ids, powers, currents, voltages       replaces list 1
//!   list 3  at hh:00:10   list 2, clock and registers of hh:00  replaces list 2
//! Sweden, binary: one list of 27 every 10 s, registers in Wh
//! ```
//!
//! One phase has one current and voltage; three phases without neutral have no second current.

use hanport_core::cosem::apdu::HeaderTime;
use hanport_core::number::Number;
use hanport_core::obis::Obis;

use super::sheet::{Sheet, TimeStyle, stated};
use super::view::{Push, View, instant};
use super::{Personality, Transport, Uart, always_long, of_hour};
use crate::clock::{Habit, Stamp};
use crate::house::Wiring;
use crate::house::register::Registers;

const TRANSPORT: Transport = Transport::Hdlc { address: &[0x41, 0x08, 0x83], control: 0x13 };
const INVOKE: u32 = 0x4000_0000;
const CLOCK: Obis = Obis::general(1, 0, 0);

const WATT: u8 = 27;
const VAR: u8 = 29;
const WATT_HOUR: u8 = 30;
const VAR_HOUR: u8 = 32;
const AMPERE: u8 = 33;
const VOLT: u8 = 35;

const FOUR_WIRE: Personality = Personality {
    name: "aidon-no",
    description: "Aidon 6525 three-phase four-wire, AIDON_V0001",
    country: "NO",
    uart: Uart::even(2400),
    wiring: Wiring::FourWire,
    interval_ms: 2500,
    grid_ms: 2500,
    habit: Habit::StandardFixed,
    zone: "Europe/Oslo",
    meter_id: "7359992890000001",
    security: None,
    transport: TRANSPORT,
    due,
    compose: norway,
};

pub(super) const ROWS: &[Personality] = &[
    FOUR_WIRE,
    Personality {
        name: "aidon-no-3wire",
        description: "Aidon 6520 three-phase three-wire (IT net), AIDON_V0001",
        wiring: Wiring::ThreeWire,
        meter_id: "7359992890000002",
        ..FOUR_WIRE
    },
    Personality {
        name: "aidon-no-1phase",
        description: "Aidon 6515 one-phase, AIDON_V0001",
        wiring: Wiring::Single,
        meter_id: "7359992890000003",
        ..FOUR_WIRE
    },
    Personality {
        name: "aidon-se",
        description: "Aidon 6534 three-phase, Swedish binary list, registers in Wh",
        country: "SE",
        uart: Uart::plain(115_200).inverted(),
        interval_ms: 10_000,
        grid_ms: 10_000,
        zone: "Europe/Stockholm",
        meter_id: "",
        due: always_long,
        compose: sweden,
        ..FOUR_WIRE
    },
];

fn due(ms: i64) -> &'static [Push] {
    match of_hour(ms) {
        10_000 => &[Push::Hourly],
        at if at % 10_000 == 0 => &[Push::Long],
        _ => &[Push::Short],
    }
}

fn norway(view: &View<'_>, sheet: &mut Sheet) {
    sheet.notification(INVOKE, HeaderTime::Absent);
    let three_wire = view.wiring == Wiring::ThreeWire;
    let phases = view.phases().len();
    let long = 7 + phases - usize::from(three_wire) + phases;
    match view.push {
        Push::Hourly => sheet.array(long + 5),
        Push::Long => sheet.array(long),
        Push::Energy | Push::Minute | Push::Quarter | Push::Short => {
            sheet.array(1);
            measured(sheet, (instant(0, 1), view.import()), WATT);
            return;
        }
    }
    let model = match view.wiring {
        Wiring::FourWire => "6525",
        Wiring::Single => "6515",
        Wiring::ThreeWire => "6520",
    };
    identity(sheet, Obis([1, 1, 0, 2, 129, 255]), "AIDON_V0001");
    identity(sheet, Obis::general(96, 1, 0), view.meter_id);
    identity(sheet, Obis::general(96, 1, 7), model);
    sheet.truth.list_id = Some("AIDON_V0001".to_owned());
    sheet.truth.meter_id = Some(view.meter_id.to_owned());
    sheet.truth.meter_model = Some(model.to_owned());
    for (value, unit) in view.powers(0).into_iter().zip([WATT, WATT, VAR, VAR]) {
        measured(sheet, value, unit);
    }
    for (obis, number) in view.amps(0, -1) {
        if !(three_wire && obis == instant(0, 51)) {
            signed(sheet, (obis, number), AMPERE);
        }
    }
    for value in view.volts(0, -1) {
        unsigned(sheet, value, VOLT);
    }
    if view.push == Push::Hourly {
        // Newer firmware states a deviation of zero although the time is local.
        let style = TimeStyle { weekday: Some(0), deviation: 0, ..TimeStyle::USUAL };
        clock(sheet, &view.hour.stamp, style);
        registers(view, sheet, &view.hour.registers, 1);
    }
}

fn sweden(view: &View<'_>, sheet: &mut Sheet) {
    sheet.notification(INVOKE, HeaderTime::Absent);
    sheet.array(27);
    let style = TimeStyle { weekday: Some(0), status: 0xFF, ..TimeStyle::USUAL };
    clock(sheet, &view.now, style);
    for (value, unit) in view.powers(0).into_iter().zip([WATT, WATT, VAR, VAR]) {
        measured(sheet, value, unit);
    }
    let directions = view.sample.watts;
    for ((obis, number), watts) in view.amps(0, -1).zip(directions) {
        let sign = if watts.0 < 0 { -1 } else { 1 };
        signed(sheet, (obis, Number::new(sign * number.mantissa, number.exponent)), AMPERE);
    }
    for value in view.volts(0, -1) {
        unsigned(sheet, value, VOLT);
    }
    for ((watts, vars), c) in view.sample.watts.into_iter().zip(view.sample.vars).zip([21, 41, 61])
    {
        let whole = |value: crate::milli::Milli| Number::new(value.rounded(0), 0);
        measured(sheet, (instant(0, c), whole(watts.import())), WATT);
        measured(sheet, (instant(0, c + 1), whole(watts.export())), WATT);
        measured(sheet, (instant(0, c + 2), whole(vars.import())), VAR);
        measured(sheet, (instant(0, c + 3), whole(vars.export())), VAR);
    }
    registers(view, sheet, view.live, 0);
}

fn identity(sheet: &mut Sheet, obis: Obis, text: &str) {
    sheet.structure(2);
    sheet.code(obis);
    sheet.visible(text);
}

fn clock(sheet: &mut Sheet, stamp: &Stamp, style: TimeStyle) {
    sheet.structure(2);
    sheet.code(CLOCK);
    sheet.octets(&style.octets(stamp));
    // The header has no time; the clock of the list is the only one.
    sheet.truth.time = stated(stamp);
    sheet.truth.energy_time = stated(stamp);
}

fn registers(view: &View<'_>, sheet: &mut Sheet, registers: &Registers, exponent: i8) {
    let units = [WATT_HOUR, WATT_HOUR, VAR_HOUR, VAR_HOUR];
    for (value, unit) in view.energies(registers, 0, exponent).into_iter().zip(units) {
        measured(sheet, value, unit);
    }
}

fn measured(sheet: &mut Sheet, (obis, number): (Obis, Number), unit: u8) {
    sheet.structure(3);
    sheet.code(obis);
    sheet.put_u32(obis, number);
    sheet.scaler_unit(number.exponent, unit);
}

fn signed(sheet: &mut Sheet, (obis, number): (Obis, Number), unit: u8) {
    sheet.structure(3);
    sheet.code(obis);
    sheet.put_i16(obis, number);
    sheet.scaler_unit(number.exponent, unit);
}

fn unsigned(sheet: &mut Sheet, (obis, number): (Obis, Number), unit: u8) {
    sheet.structure(3);
    sheet.code(obis);
    sheet.put_u16(obis, number);
    sheet.scaler_unit(number.exponent, unit);
}
