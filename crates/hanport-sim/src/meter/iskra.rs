//! Iskraemeco AM550 and IE.5: lists by position, told apart by their length.
//!
//! ```text
//! Slovenia   powers every second; energies at the quarter hours, before the powers of that second
//! Croatia    one list of 33 every 10 s in two HDLC segments
//! Austria    KNG: 12 elements every second, encrypted; Vienna: 9 elements every second, encrypted
//! Switzerland  13 values described by an array of objects, encrypted
//! ```
//!
//! Decimals of a volt, hundredths of an ampere, watts and watt-hours; none of it is on the wire.
//! The header states deviation and daylight saving.

use hanport_core::cosem::apdu::HeaderTime;
use hanport_core::cosem::axdr::Data;
use hanport_core::datetime::DateTime;
use hanport_core::number::Number;
use hanport_core::obis::Obis;

use super::sheet::{Sheet, TimeStyle, stated};
use super::view::{Push, View, instant, total};
use super::{Personality, Security, Transport, Uart, always_long};
use crate::clock::{Habit, Stamp};
use crate::house::register::Tariff;
use crate::house::{Sample, Wiring};

const ADDRESS: &[u8] = &[0xCF, 0x02, 0x23];
/// Number of the list, the same on all meters.
const LIST: &str = "16820005";
const DEVICE_NAME: Obis = Obis::general(42, 0, 0);

const LJUBLJANA: Personality = Personality {
    name: "iskra-si",
    description: "Iskraemeco AM550 three-phase, powers each second, energies each quarter hour",
    country: "SI",
    uart: Uart::plain(115_200).inverted(),
    wiring: Wiring::FourWire,
    interval_ms: 1000,
    grid_ms: 1000,
    habit: Habit::CivilWithDeviation,
    zone: "Europe/Ljubljana",
    meter_id: "ISK1030770000041",
    security: None,
    transport: Transport::Hdlc { address: ADDRESS, control: 0x13 },
    due,
    compose: ljubljana,
};

pub(super) const ROWS: &[Personality] = &[
    LJUBLJANA,
    Personality {
        name: "iskra-si-5s",
        description: "Iskraemeco AM550 three-phase, powers each five seconds",
        uart: Uart::plain(38_400).inverted(),
        interval_ms: 5000,
        grid_ms: 5000,
        ..LJUBLJANA
    },
    Personality {
        name: "iskra-si-celje",
        description: "Iskraemeco AM550 three-phase, 12 elements each second",
        due: always_long,
        meter_id: "ISK1030770000048",
        compose: celje,
        ..LJUBLJANA
    },
    Personality {
        name: "iskra-si-1phase",
        description: "Iskraemeco AM550 one-phase, powers each second, energies each quarter hour",
        wiring: Wiring::Single,
        meter_id: "ISK1020770000042",
        compose: one_phase,
        ..LJUBLJANA
    },
    Personality {
        name: "iskra-hr",
        description: "Iskraemeco IE.5 three-phase, 33 elements in two segments",
        country: "HR",
        interval_ms: 10_000,
        grid_ms: 10_000,
        zone: "Europe/Zagreb",
        meter_id: "88000043",
        transport: Transport::HdlcSegments { address: ADDRESS, first: 154 },
        due: always_long,
        compose: croatia,
        ..LJUBLJANA
    },
    Personality {
        name: "iskra-at",
        description: "Iskraemeco AM550, KNG Carinthia, encrypted",
        country: "AT",
        zone: "Europe/Vienna",
        meter_id: "1ISK077000044",
        security: Some(Security::encrypted(0x20, *b"ISKgt\x00\x00\x2C")),
        due: always_long,
        compose: carinthia,
        ..LJUBLJANA
    },
    Personality {
        name: "iskra-at-wien",
        description: "Iskraemeco AM550, Wiener Netze, optical, encrypted",
        country: "AT",
        uart: Uart::plain(9600),
        zone: "Europe/Vienna",
        meter_id: "",
        security: Some(Security::encrypted(0x20, *b"ISKgu\x00\x00\x2D")),
        due: always_long,
        compose: vienna,
        ..LJUBLJANA
    },
    Personality {
        name: "iskra-ch",
        description: "Iskraemeco AM550, Swiss list with object descriptions, encrypted",
        country: "CH",
        interval_ms: 10_000,
        grid_ms: 10_000,
        zone: "Europe/Zurich",
        meter_id: "ISK1030770000046",
        security: Some(Security::encrypted(0x20, *b"ISKit\x00\x00\x2E")),
        due: always_long,
        compose: switzerland,
        ..LJUBLJANA
    },
    Personality {
        name: "iskra-described",
        description: "Iskraemeco AM550 three-phase, values with code, scaler and unit",
        interval_ms: 10_000,
        grid_ms: 10_000,
        meter_id: "77000047",
        due: always_long,
        compose: described,
        ..LJUBLJANA
    },
];

fn due(ms: i64) -> &'static [Push] {
    if ms % 900_000 == 0 { &[Push::Energy, Push::Short] } else { &[Push::Short] }
}

fn head(view: &View<'_>, sheet: &mut Sheet) {
    let time = TimeStyle { hundredths: 0, ..TimeStyle::USUAL }.octets(&view.now);
    sheet.notification(view.invoke, HeaderTime::Untagged(time));
    sheet.truth.time = stated(&view.now);
}

/// The logical device name, by which these meters are known.
fn device(view: &View<'_>, sheet: &mut Sheet) {
    id(view, sheet);
    sheet.truth.texts.push((DEVICE_NAME, view.meter_id.to_owned()));
}

fn list(sheet: &mut Sheet, name: &str) {
    sheet.octets(name.as_bytes());
    sheet.truth.list_id = Some(name.to_owned());
}

fn id(view: &View<'_>, sheet: &mut Sheet) {
    sheet.octets(view.meter_id.as_bytes());
    sheet.truth.meter_id = Some(view.meter_id.to_owned());
}

fn all_u32(sheet: &mut Sheet, values: impl IntoIterator<Item = (Obis, Number)>) {
    for (obis, number) in values {
        sheet.put_u32(obis, number);
    }
}

fn all_u16(sheet: &mut Sheet, values: impl IntoIterator<Item = (Obis, Number)>) {
    for (obis, number) in values {
        sheet.put_u16(obis, number);
    }
}

fn ljubljana(view: &View<'_>, sheet: &mut Sheet) {
    head(view, sheet);
    if view.push == Push::Energy {
        sheet.structure(12);
        device(view, sheet);
        list(sheet, LIST);
        breaker(sheet, Data::Enum(1));
        let tariff = if view.tariff == Tariff::First { 1 } else { 2 };
        sheet.octets(&[0, tariff]);
        sheet.truth.texts.push((Obis::general(96, 14, 0), format!("{tariff:04}")));
        all_u32(sheet, view.with_tariffs(0, 1));
        all_u32(sheet, view.with_tariffs(0, 2));
        let [_, _, reactive_import, reactive_export] = view.energies(view.live, 0, 0);
        all_u32(sheet, [reactive_import, reactive_export]);
        return;
    }
    sheet.structure(18);
    device(view, sheet);
    list(sheet, LIST);
    all_u32(sheet, view.powers(0));
    all_u16(sheet, view.volts(0, -1));
    all_u16(sheet, view.amps(0, -2));
    all_u32(sheet, view.phase_imports());
    all_u32(sheet, view.phase_exports());
}

fn celje(view: &View<'_>, sheet: &mut Sheet) {
    head(view, sheet);
    sheet.structure(12);
    device(view, sheet);
    list(sheet, "UP_3f");
    all_u16(sheet, view.volts(0, -1));
    all_u16(sheet, view.amps(0, -2));
    all_u32(sheet, view.powers(0));
}

/// The breaker is closed.
fn breaker(sheet: &mut Sheet, data: Data<'_>) {
    sheet.put(data);
    sheet.fact(Obis::general(96, 3, 10), Number::new(1, 0));
}

fn one_phase(view: &View<'_>, sheet: &mut Sheet) {
    head(view, sheet);
    let [import, export, ..] = view.powers(0);
    if view.push == Push::Energy {
        sheet.structure(9);
        device(view, sheet);
        all_u32(sheet, [import, export]);
        all_u32(sheet, view.with_tariffs(0, 1));
        all_u32(sheet, view.with_tariffs(0, 2));
        return;
    }
    sheet.structure(10);
    device(view, sheet);
    let serial = format!("ISK{}", view.meter_id.get(8..).unwrap_or_default());
    sheet.octets(serial.as_bytes());
    sheet.truth.texts.push((Obis::general(96, 1, 0), serial));
    all_u32(sheet, view.powers(0));
    all_u16(sheet, view.volts(0, -1));
    all_u16(sheet, view.amps(0, -2));
    all_u32(sheet, view.phase_imports());
    all_u32(sheet, view.phase_exports());
}

/// Time of day and date as two octet strings.
fn time_and_date(sheet: &mut Sheet, stamp: &Stamp) {
    let [year_high, year_low] = stamp.year.to_be_bytes();
    sheet.octets(&[stamp.hour, stamp.minute, stamp.second, 0]);
    sheet.octets(&[year_high, year_low, stamp.month, stamp.day, stamp.weekday]);
    sheet.truth.energy_time = stated(stamp).map(|time| DateTime { offset_minutes: None, ..time });
}

fn croatia(view: &View<'_>, sheet: &mut Sheet) {
    head(view, sheet);
    sheet.structure(33);
    id(view, sheet);
    time_and_date(sheet, &view.now);
    all_u32(sheet, view.with_tariffs(0, 1));
    all_u32(sheet, view.with_tariffs(0, 2));
    let quadrants = view.live.quadrants.iter().zip(5..);
    all_u32(sheet, quadrants.map(|(counter, c)| (total(0, c), view.energy(counter.value(), 0))));
    let [import, export, ..] = view.powers(0);
    all_u32(sheet, [import, export]);
    let factor = Sample::power_factor(view.sample.active(), view.sample.reactive());
    sheet.put_u16(instant(0, 13), Number::new(factor.rounded(-3), -3));
    all_u32(sheet, view.phase_imports());
    all_u32(sheet, view.phase_exports());
    all_u16(sheet, view.volts(0, -1));
    all_u16(sheet, view.amps(0, -2));
    sheet.put_u32(Obis::general(17, 0, 0), Number::new(17_250, 0));
    for c in [31, 51, 71] {
        sheet.array(1);
        sheet.put_u16(Obis::electricity(c, 4, 0), Number::new(2500, -2));
    }
    breaker(sheet, Data::Boolean(true));
}

fn carinthia(view: &View<'_>, sheet: &mut Sheet) {
    head(view, sheet);
    sheet.structure(12);
    sheet.octets(&[0, 6, 25, 9, 0, 255]);
    id(view, sheet);
    time_and_date(sheet, &view.now);
    all_u32(sheet, view.energies(view.live, 0, 0));
    let [import, export, ..] = view.powers(0);
    all_u32(sheet, [import, export]);
    sheet.octets(b"");
    sheet.octets(b"");
}

fn vienna(view: &View<'_>, sheet: &mut Sheet) {
    head(view, sheet);
    sheet.structure(9);
    let time = TimeStyle { hundredths: 0, ..TimeStyle::USUAL }.octets(&view.now);
    sheet.octets(&time);
    sheet.truth.energy_time = stated(&view.now);
    all_u32(sheet, view.energies(view.live, 0, 0));
    all_u32(sheet, view.powers(0));
}

fn switzerland(view: &View<'_>, sheet: &mut Sheet) {
    head(view, sheet);
    let [import, export, ..] = view.powers(0);
    let volts: Vec<_> = view.volts(0, -1).collect();
    let amps: Vec<_> = view.amps(0, -2).collect();
    let energies = view.energies(view.live, 1, 0);
    let codes = energies.iter().chain([&import, &export]).chain(&volts).chain(&amps);
    let codes: Vec<Obis> = codes.map(|(obis, _)| *obis).collect();
    sheet.structure(2 + codes.len());
    let push = Obis([0, 8, 25, 9, 0, 255]);
    sheet.array(2 + codes.len());
    super::landis_gyr::described_object(sheet, 40, push, 2);
    super::landis_gyr::described_object(sheet, 1, DEVICE_NAME, 2);
    for obis in codes {
        super::landis_gyr::described_object(sheet, 3, obis, 2);
    }
    sheet.octets(view.meter_id.as_bytes());
    sheet.truth.meter_id = Some(view.meter_id.to_owned());
    all_u32(sheet, energies);
    all_u32(sheet, [import, export]);
    all_u16(sheet, volts);
    all_u16(sheet, amps);
}

fn described(view: &View<'_>, sheet: &mut Sheet) {
    head(view, sheet);
    sheet.structure(16);
    for (obis, text) in
        [(Obis::general(96, 1, 0), view.meter_id), (Obis::general(96, 1, 1), "AM550")]
    {
        sheet.structure(2);
        sheet.code(obis);
        sheet.octets(text.as_bytes());
    }
    sheet.truth.meter_id = Some(view.meter_id.to_owned());
    let [import, export, ..] = view.powers(0);
    let [imported, import_1, import_2] = view.with_tariffs(0, 1);
    let [exported, export_1, export_2] = view.with_tariffs(0, 2);
    let volts = view.volts(0, -1).map(|value| (value, 35));
    let amps = view.amps(0, -2).map(|value| (value, 33));
    let first = [(import, 27), (export, 27), (imported, 30), (exported, 30)];
    let last = [(import_1, 30), (import_2, 30), (export_1, 30), (export_2, 30)];
    for ((obis, number), unit) in first.into_iter().chain(volts).chain(amps).chain(last) {
        sheet.structure(3);
        sheet.code(obis);
        if number.exponent < 0 {
            sheet.put_u16(obis, number);
        } else {
            sheet.put_u32(obis, number);
        }
        sheet.scaler_unit(number.exponent, unit);
    }
}
