//! Kamstrup: a list name and then flat pairs of code and value.
//!
//! ```text
//! Norway, Sweden, Kamstrup_V0001, 10 s:
//!   25 elements   name, id, type, P+ P- Q+ Q-, I.., U..
//!   35 elements   the same, clock, A+ A- R+ R-, live; once an hour at hh:00:55 (Sweden :35)
//! Denmark, push list 1, encrypted and authenticated, 10 s:
//!   65 elements (one phase 37) with registers, power factors and values by phase
//! ```
//!
//! Whole volts, hundredths of an ampere, registers in 10 Wh. Scales are not on the wire. What a
//! meter does not measure is left out.

use hanport_core::cosem::apdu::HeaderTime;
use hanport_core::cosem::axdr::Data;
use hanport_core::number::Number;
use hanport_core::obis::Obis;

use super::sheet::{Sheet, TimeStyle, stated};
use super::view::{Push, View, instant, total};
use super::{Personality, Security, Transport, Uart, of_hour};
use crate::clock::Habit;
use crate::house::{Sample, Wiring};
use crate::milli::Milli;

const LIST: &str = "Kamstrup_V0001";
const STYLE: TimeStyle = TimeStyle { hundredths: 0x00, ..TimeStyle::USUAL };
const CLOCK: Obis = Obis([0, 1, 1, 0, 0, 255]);

const NORWAY: Personality = Personality {
    name: "kamstrup-no",
    description: "Kamstrup OMNIPOWER three-phase four-wire, Kamstrup_V0001",
    country: "NO",
    uart: Uart::plain(2400),
    wiring: Wiring::FourWire,
    interval_ms: 10_000,
    grid_ms: 5000,
    habit: Habit::StandardFixed,
    zone: "Europe/Oslo",
    meter_id: "5706567000000031",
    security: None,
    transport: Transport::Hdlc { address: &[0x2B, 0x21], control: 0x13 },
    due: due_55,
    compose: norway,
};

const DENMARK: Personality = Personality {
    name: "kamstrup-dk",
    description: "Kamstrup OMNIPOWER three-phase, push list 1, encrypted and authenticated",
    country: "DK",
    zone: "Europe/Copenhagen",
    meter_id: "20000032",
    security: Some(Security::authenticated(0x30, *b"KAME\x20\x00\x00\x20")),
    transport: Transport::Hdlc { address: &[0x41, 0x03], control: 0x13 },
    due: every_ten,
    compose: denmark,
    ..NORWAY
};

pub(super) const ROWS: &[Personality] = &[
    NORWAY,
    Personality {
        name: "kamstrup-no-3wire",
        description: "Kamstrup OMNIPOWER three-phase three-wire (IT net), Kamstrup_V0001",
        wiring: Wiring::ThreeWire,
        meter_id: "5706567000000033",
        ..NORWAY
    },
    Personality {
        name: "kamstrup-no-1phase",
        description: "Kamstrup OMNIPOWER one-phase, import only, Kamstrup_V0001",
        wiring: Wiring::Single,
        meter_id: "5706567000000034",
        ..NORWAY
    },
    Personality {
        name: "kamstrup-se",
        description: "Kamstrup OMNIPOWER three-phase, hourly list at :35",
        country: "SE",
        zone: "Europe/Stockholm",
        meter_id: "5706567000000035",
        due: due_35,
        ..NORWAY
    },
    DENMARK,
    Personality {
        name: "kamstrup-dk-1phase",
        description: "Kamstrup OMNIPOWER one-phase, push list 1, encrypted and authenticated",
        wiring: Wiring::Single,
        meter_id: "20000036",
        security: Some(Security::authenticated(0x30, *b"KAME\x20\x00\x00\x24")),
        ..DENMARK
    },
    Personality {
        name: "kamstrup-dk-plain",
        description: "Kamstrup OMNIPOWER three-phase, push list 1, not encrypted",
        meter_id: "20000037",
        security: None,
        ..DENMARK
    },
];

fn due_55(ms: i64) -> &'static [Push] {
    due(ms, 55_000)
}

fn due_35(ms: i64) -> &'static [Push] {
    due(ms, 35_000)
}

fn every_ten(ms: i64) -> &'static [Push] {
    if ms % 10_000 == 0 { &[Push::Long] } else { &[] }
}

/// The short list on every ten; the hourly list besides, at its own second.
fn due(ms: i64, hourly: i64) -> &'static [Push] {
    match of_hour(ms) {
        at if at == hourly => &[Push::Hourly],
        at if at % 10_000 == 0 => &[Push::Short],
        _ => &[],
    }
}

fn norway(view: &View<'_>, sheet: &mut Sheet) {
    let time = STYLE.octets(&view.now);
    sheet.notification(0, HeaderTime::Untagged(time));
    sheet.truth.time = stated(&view.now);
    let one_quadrant = view.wiring == Wiring::Single;
    let kept = |(obis, _): &(Obis, Number)| !one_quadrant || matches!(obis.0, [_, _, 1 | 3, ..]);
    let powers: Vec<_> = view.powers(1).into_iter().filter(kept).collect();
    let energies: Vec<_> = view.energies(view.live, 1, 1).into_iter().filter(kept).collect();
    let hourly = view.push == Push::Hourly;
    let pairs = 2 + powers.len() + 2 * view.phases().len();
    let pairs = pairs + if hourly { 1 + energies.len() } else { 0 };
    sheet.structure(1 + 2 * pairs);
    sheet.visible(LIST);
    sheet.truth.list_id = Some(LIST.to_owned());
    let model = if one_quadrant { "6841111BN243101040" } else { "6841131BN243101040" };
    sheet.code(Obis([1, 1, 0, 0, 5, 255]));
    sheet.visible(view.meter_id);
    sheet.code(Obis([1, 1, 96, 1, 1, 255]));
    sheet.visible(model);
    sheet.truth.meter_id = Some(view.meter_id.to_owned());
    sheet.truth.meter_model = Some(model.to_owned());
    pairs_u32(sheet, powers);
    pairs_u32(sheet, view.amps(1, -2));
    pairs_u16(sheet, view.volts(1, 0));
    if hourly {
        sheet.code(CLOCK);
        sheet.octets(&time);
        sheet.truth.energy_time = stated(&view.now);
        pairs_u32(sheet, energies);
    }
}

fn denmark(view: &View<'_>, sheet: &mut Sheet) {
    let time = STYLE.octets(&view.now);
    sheet.notification(0, HeaderTime::Untagged(time));
    sheet.truth.time = stated(&view.now);
    sheet.structure(match view.wiring {
        Wiring::Single => 37,
        Wiring::FourWire | Wiring::ThreeWire => 65,
    });
    sheet.visible(LIST);
    sheet.truth.list_id = Some(LIST.to_owned());
    pairs_u32(sheet, view.energies(view.live, 1, 1));
    let id = view.meter_id.parse::<i64>().unwrap_or(0);
    sheet.code(Obis([1, 1, 0, 0, 1, 255]));
    sheet.put(Data::Unsigned32(u32::try_from(id).unwrap_or(0)));
    sheet.truth.meter_id = Some(view.meter_id.to_owned());
    pairs_u32(sheet, view.powers(1));
    sheet.code(CLOCK);
    sheet.octets(&time);
    sheet.truth.energy_time = stated(&view.now);
    pairs_u16(sheet, view.volts(1, 0));
    pairs_u32(sheet, view.amps(1, -2));
    pairs_u32(sheet, on_channel_1(view.phase_imports()));
    pairs_u16(sheet, power_factors(view));
    pairs_u32(sheet, on_channel_1(view.phase_exports()));
    pairs_u32(sheet, phase_energies(view, 22, view.live.phase_export.map(|c| c.value())));
    pairs_u32(sheet, phase_energies(view, 21, view.live.phase_import.map(|c| c.value())));
}

/// Power factor of each phase, then of all; 1.00 on a phase without load.
fn power_factors(view: &View<'_>) -> Vec<(Obis, Number)> {
    let shown = |factor: Milli| Number::new(factor.rounded(-2), -2);
    let s = view.sample;
    let by_phase = s.watts.into_iter().zip(s.vars).zip([33, 53, 73]).take(view.phases().len());
    let mut factors: Vec<_> =
        by_phase.map(|((p, q), c)| (instant(1, c), shown(Sample::power_factor(p, q)))).collect();
    factors.push((instant(1, 13), shown(Sample::power_factor(s.active(), s.reactive()))));
    factors
}

fn phase_energies(view: &View<'_>, c: u8, values: [Milli; 3]) -> Vec<(Obis, Number)> {
    let codes = [c, c + 20, c + 40].into_iter().zip(values).take(view.phases().len());
    codes.map(|(c, value)| (total(1, c), view.energy(value, 1))).collect()
}

fn on_channel_1(
    values: impl Iterator<Item = (Obis, Number)>,
) -> impl Iterator<Item = (Obis, Number)> {
    values.map(|(Obis([a, _, c, d, e, f]), number)| (Obis([a, 1, c, d, e, f]), number))
}

fn pairs_u32(sheet: &mut Sheet, values: impl IntoIterator<Item = (Obis, Number)>) {
    for (obis, number) in values {
        sheet.code(obis);
        sheet.put_u32(obis, number);
    }
}

fn pairs_u16(sheet: &mut Sheet, values: impl IntoIterator<Item = (Obis, Number)>) {
    for (obis, number) in values {
        sheet.code(obis);
        sheet.put_u16(obis, number);
    }
}
