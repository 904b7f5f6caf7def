//! Landis+Gyr: E450, E570 and E360.
//!
//! ```text
//! Switzerland E450, general block transfer, one HDLC frame a block:
//!   push 8   every 5 s     powers, currents, voltages, totals
//!   push 9   every minute  tariffs
//!   push 11  every 15 min  other media on M-Bus
//!   member 0 is an array {class, code, attribute, index}, entry k describes member k
//! Burgenland E450       14 (or 11) elements by position, encrypted, every 5 s
//! Feistritzwerke E450   clock and pairs of code and value, encrypted, three blocks, every 10 s
//! ```
//!
//! Whole volts and hundredths of an ampere on the E450; none of the scales is on the wire. The
//! clock is civil time and states no deviation, except on the E360.

use hanport_core::cosem::apdu::HeaderTime;
use hanport_core::cosem::axdr::Data;
use hanport_core::number::Number;
use hanport_core::obis::Obis;

use super::sheet::{Sheet, TimeStyle, stated};
use super::view::{Push, View};
use super::{Personality, Security, Transport, Uart, always_long};
use crate::clock::Habit;
use crate::house::Wiring;

const ADDRESS: &[u8] = &[0xCE, 0xFF, 0x03];
const CLOCK: Obis = Obis::general(1, 0, 0);
const ID: Obis = Obis::general(96, 1, 0);

const SWITZERLAND: Personality = Personality {
    name: "lg-ch",
    description: "Landis+Gyr E450 Switzerland, block transfer, three pushes",
    country: "CH",
    uart: Uart::even(2400),
    wiring: Wiring::FourWire,
    interval_ms: 5000,
    grid_ms: 5000,
    habit: Habit::Civil,
    zone: "Europe/Zurich",
    meter_id: "LGZ1030000000051",
    security: None,
    transport: Transport::HdlcBlocks { address: ADDRESS, size: 112 },
    due,
    compose: switzerland,
};

const BURGENLAND: Personality = Personality {
    name: "lg-burgenland",
    description: "Landis+Gyr E450, Netz Burgenland, 14 elements, encrypted and authenticated",
    country: "AT",
    zone: "Europe/Vienna",
    meter_id: "55000054",
    security: Some(Security::authenticated(0x30, *b"LGZgs\x00\x00\x36")),
    transport: Transport::Hdlc { address: ADDRESS, control: 0x13 },
    due: always_long,
    compose: |view, sheet| burgenland(view, sheet, true),
    ..SWITZERLAND
};

const FEISTRITZ: Personality = Personality {
    name: "lg-feistritz",
    description: "Landis+Gyr E450, Feistritzwerke, block transfer, encrypted and authenticated",
    interval_ms: 10_000,
    grid_ms: 10_000,
    meter_id: "",
    security: Some(Security::authenticated(0x30, *b"LGZgs\x00\x00\x38")),
    transport: Transport::HdlcBlocks { address: ADDRESS, size: 112 },
    compose: feistritz,
    ..BURGENLAND
};

pub(super) const ROWS: &[Personality] = &[
    SWITZERLAND,
    Personality {
        name: "lg-ch-encrypted",
        description: "Landis+Gyr E450 Switzerland, block transfer, encrypted and authenticated",
        meter_id: "LGZ1030000000052",
        security: Some(Security::authenticated(0x30, *b"LGZgs\x00\x00\x34")),
        ..SWITZERLAND
    },
    Personality {
        name: "lg-ch-1phase",
        description: "Landis+Gyr E450 one-phase Switzerland, block transfer",
        wiring: Wiring::Single,
        meter_id: "LGZ1030000000059",
        ..SWITZERLAND
    },
    Personality {
        name: "lg-ch-e570",
        description: "Landis+Gyr E570 behind current transformers, 64-bit values, encrypted",
        interval_ms: 10_000,
        grid_ms: 10_000,
        meter_id: "LGZ1030000000053",
        security: Some(Security::encrypted(0x20, *b"LGZgs\x00\x00\x35")),
        due: always_long,
        compose: e570,
        ..SWITZERLAND
    },
    Personality {
        name: "lg-ch-e360",
        description: "Landis+Gyr E360 Switzerland, one HDLC frame, deviation stated",
        uart: Uart::plain(9600),
        interval_ms: 10_000,
        grid_ms: 10_000,
        habit: Habit::CivilWithDeviation,
        meter_id: "LGZ1030000000057",
        transport: Transport::Hdlc { address: &[0xCF, 0x03], control: 0x13 },
        due: always_long,
        compose: e360,
        ..SWITZERLAND
    },
    BURGENLAND,
    Personality {
        name: "lg-burgenland-11",
        description: "Landis+Gyr E450, Netz Burgenland, 11 elements, encrypted and authenticated",
        meter_id: "55000055",
        security: Some(Security::authenticated(0x30, *b"LGZgs\x00\x00\x37")),
        compose: |view, sheet| burgenland(view, sheet, false),
        ..BURGENLAND
    },
    FEISTRITZ,
    Personality {
        name: "lg-feistritz-1phase",
        description: "Landis+Gyr E450 one-phase, Feistritzwerke, block transfer, encrypted",
        wiring: Wiring::Single,
        security: Some(Security::authenticated(0x30, *b"LGZgs\x00\x00\x39")),
        ..FEISTRITZ
    },
];

fn due(ms: i64) -> &'static [Push] {
    if ms % 900_000 == 0 {
        &[Push::Short, Push::Minute, Push::Quarter]
    } else if ms % 60_000 == 0 {
        &[Push::Short, Push::Minute]
    } else {
        &[Push::Short]
    }
}

/// How a value is sent.
#[derive(Clone, Copy)]
enum Wide {
    /// long-unsigned
    Two,
    /// double-long-unsigned
    Four,
    /// long64-unsigned
    Eight,
    /// long64
    EightSigned,
}

type Member = ((Obis, Number), Wide);

fn head(view: &View<'_>, sheet: &mut Sheet, hundredths: u8) {
    let time = TimeStyle { hundredths, ..TimeStyle::USUAL }.octets(&view.now);
    sheet.notification(view.invoke, HeaderTime::Untagged(time));
    sheet.truth.time = stated(&view.now);
}

/// One entry of the array that describes the members.
pub(super) fn described_object(sheet: &mut Sheet, class: u16, obis: Obis, attribute: i8) {
    sheet.structure(4);
    sheet.put(Data::Unsigned16(class));
    sheet.code(obis);
    sheet.put(Data::Int8(attribute));
    sheet.put(Data::Unsigned16(0));
}

/// The self-describing list: push object, its code, meter number, clock where asked, members.
fn describing(view: &View<'_>, sheet: &mut Sheet, push: u8, clock: bool, members: &[Member]) {
    let count = 3 + usize::from(clock) + members.len();
    let setup = Obis([0, push, 25, 9, 0, 255]);
    sheet.structure(count);
    sheet.array(count);
    described_object(sheet, 40, setup, 2);
    described_object(sheet, 40, setup, 1);
    described_object(sheet, 1, ID, 2);
    if clock {
        described_object(sheet, 8, CLOCK, 2);
    }
    for ((obis, _), _) in members {
        described_object(sheet, 3, *obis, 2);
    }
    sheet.code(setup);
    sheet.octets(view.meter_id.as_bytes());
    sheet.truth.meter_id = Some(view.meter_id.to_owned());
    if clock {
        sheet.octets(&TimeStyle { hundredths: 0, ..TimeStyle::USUAL }.octets(&view.now));
        sheet.truth.energy_time = stated(&view.now);
    }
    for ((obis, number), wide) in members {
        match wide {
            Wide::Two => sheet.put_u16(*obis, *number),
            Wide::Four => sheet.put_u32(*obis, *number),
            Wide::Eight => sheet.put_u64(*obis, *number),
            Wide::EightSigned => sheet.put_i64(*obis, *number),
        }
    }
}

fn switzerland(view: &View<'_>, sheet: &mut Sheet) {
    head(view, sheet, 0);
    let four = |values: &[(Obis, Number)]| -> Vec<Member> {
        values.iter().map(|value| (*value, Wide::Four)).collect()
    };
    match view.push {
        Push::Minute => {
            let [_, import_1, import_2] = view.with_tariffs(1, 1);
            let [_, export_1, export_2] = view.with_tariffs(1, 2);
            describing(view, sheet, 9, false, &four(&[import_1, import_2, export_1, export_2]));
        }
        Push::Quarter => media(view, sheet),
        Push::Energy | Push::Hourly | Push::Long | Push::Short => {
            let [import, export, ..] = view.powers(0);
            let mut members = four(&[import, export]);
            members.extend(four(&view.energies(view.live, 1, 0)));
            members.extend(view.amps(0, -2).map(|value| (value, Wide::Two)));
            members.extend(view.volts(0, 0).map(|value| (value, Wide::Two)));
            describing(view, sheet, 8, false, &members);
        }
    }
}

/// Other media: two channels with their numbers and readings, in litres.
fn media(view: &View<'_>, sheet: &mut Sheet) {
    let (litres, _) = view.extras.gas;
    let channels = [(1u8, "ELS0000000000061", litres), (2, "", 0)];
    let setup = Obis([0, 11, 25, 9, 0, 255]);
    sheet.structure(2 + 2 * channels.len());
    sheet.array(2 + 2 * channels.len());
    described_object(sheet, 40, setup, 2);
    described_object(sheet, 40, setup, 1);
    for (channel, _, _) in channels {
        described_object(sheet, 1, Obis([0, channel, 96, 1, 0, 255]), 2);
        described_object(sheet, 4, Obis([0, channel, 24, 2, 1, 255]), 2);
    }
    sheet.code(setup);
    for (channel, number, litres) in channels {
        sheet.octets(number.as_bytes());
        let obis = Obis([0, channel, 24, 2, 1, 255]);
        if number.is_empty() {
            sheet.put(Data::Null);
        } else {
            sheet.put_u32(obis, Number::new(litres, -3));
        }
    }
}

fn e570(view: &View<'_>, sheet: &mut Sheet) {
    head(view, sheet, 0);
    let [import, export, ..] = view.powers(0);
    let [imported, exported, ..] = view.energies(view.live, 1, 0);
    let mut members = vec![(import, Wide::EightSigned), (export, Wide::EightSigned)];
    members.extend([(imported, Wide::Eight), (exported, Wide::Eight)]);
    members.extend(view.volts(0, 0).map(|value| (value, Wide::EightSigned)));
    members.extend(view.amps(0, 0).map(|value| (value, Wide::EightSigned)));
    describing(view, sheet, 8, true, &members);
}

fn e360(view: &View<'_>, sheet: &mut Sheet) {
    head(view, sheet, 37);
    let [import, export, ..] = view.powers(0);
    let [imported, exported, ..] = view.energies(view.live, 1, 0);
    let mut members: Vec<Member> =
        [import, export, imported, exported].map(|value| (value, Wide::Four)).to_vec();
    // Phase 3 comes before phase 2 in the voltages of this meter.
    let mut volts: Vec<_> = view.volts(0, -1).collect();
    volts.sort_by_key(|(obis, _)| match obis.cde().0 {
        32 => 0,
        72 => 1,
        _ => 2,
    });
    members.extend(volts.into_iter().map(|value| (value, Wide::Two)));
    members.extend(view.amps(0, -2).map(|value| (value, Wide::Two)));
    describing(view, sheet, 6, false, &members);
}

fn burgenland(view: &View<'_>, sheet: &mut Sheet, angles: bool) {
    head(view, sheet, 0);
    sheet.structure(if angles { 14 } else { 11 });
    for (obis, number) in view.volts(0, 0) {
        sheet.put_u16(obis, number);
    }
    for (obis, number) in view.amps(0, -2) {
        sheet.put_u16(obis, number);
    }
    let [import, export, ..] = view.powers(0);
    let [imported, exported, ..] = view.energies(view.live, 0, 0);
    for (obis, number) in [import, export, imported, exported] {
        sheet.put_u32(obis, number);
    }
    if angles {
        for ((p, q), e) in view.sample.watts.into_iter().zip(view.sample.vars).zip([40, 51, 62]) {
            sheet.put_u16(Obis::electricity(81, 7, e), Number::new(angle(p.0, q.0), 0));
        }
    }
    sheet.octets(view.meter_id.as_bytes());
    sheet.truth.meter_id = Some(view.meter_id.to_owned());
}

/// The angle of P + jQ in whole degrees, 0 to 359; 0 without load.
fn angle(p: i64, q: i64) -> i64 {
    if p == 0 && q == 0 {
        return 0;
    }
    // The largest whole angle not beyond the given one, by the sign of the cross product with
    // unit vectors that are turned by one degree each.
    let (p, q) = (crate::milli::Milli(p).float(), crate::milli::Milli(q).float());
    let (turn_cos, turn_sin) = (0.999_847_695_156_391_3, 0.017_452_406_437_283_51);
    let (mut x, mut y) = (1.0, 0.0);
    for degrees in 0..360 {
        let next = (x * turn_cos - y * turn_sin, x * turn_sin + y * turn_cos);
        let before = x * q - y * p >= 0.0;
        let beyond = next.0 * q - next.1 * p < 0.0;
        if before && beyond && x * p + y * q > 0.0 {
            return degrees;
        }
        (x, y) = next;
    }
    0
}

fn feistritz(view: &View<'_>, sheet: &mut Sheet) {
    head(view, sheet, 0);
    let groups: &[u8] = if view.wiring == Wiring::Single { &[1, 2] } else { &[1, 2, 3, 4] };
    sheet.structure(1 + 8 * groups.len());
    sheet.octets(&TimeStyle { hundredths: 0, ..TimeStyle::USUAL }.octets(&view.now));
    sheet.truth.energy_time = stated(&view.now);
    for (c, power) in groups.iter().zip(view.powers(0)) {
        for (obis, number) in view.with_tariffs(0, *c).into_iter().chain([power]) {
            sheet.code(obis);
            sheet.put_u32(obis, number);
        }
    }
}
