//! German meters with SML: three values, import and export in tenths of a watt-hour, the sum of
//! the powers signed.
//!
//! ```text
//! transport( open, list{ server id, uptime, [maker, A+, A-, P] }, close )
//! ```

use hanport_core::number::Number;
use hanport_core::obis::Obis;

use super::sheet::Sheet;
use super::view::{View, instant, total};
use super::{Personality, Transport, Uart, always_long};
use crate::clock::Habit;
use crate::house::Wiring;
use crate::wire::sml::{message, octets};

const FOUR_SECONDS: Personality = Personality {
    name: "sml-de",
    description: "Three-phase meter with SML on the optical port, every 4 s",
    country: "DE",
    uart: Uart::plain(9600),
    wiring: Wiring::FourWire,
    interval_ms: 4000,
    grid_ms: 4000,
    habit: Habit::StandardFixed,
    zone: "Europe/Berlin",
    meter_id: "0A01545354000001E241",
    security: None,
    transport: Transport::Sml,
    due: always_long,
    compose,
};

pub(super) const ROWS: &[Personality] = &[
    FOUR_SECONDS,
    Personality {
        name: "sml-de-1s",
        description: "Three-phase meter with SML on the optical port, every second",
        interval_ms: 1000,
        grid_ms: 1000,
        meter_id: "0A01545354000001E242",
        ..FOUR_SECONDS
    },
];

const OPEN: u16 = 0x0101;
const LIST: u16 = 0x0701;
const CLOSE: u16 = 0x0201;

fn compose(view: &View<'_>, sheet: &mut Sheet) {
    let server = from_hex(view.meter_id);
    sheet.truth.meter_id = Some(view.meter_id.to_owned());
    let number = view.invoke.wrapping_mul(3);
    let mut body = vec![0x76, 0x01, 0x01];
    octets(&mut body, &view.invoke.to_be_bytes());
    octets(&mut body, &server);
    body.extend([0x01, 0x01]);
    message(&mut sheet.out, number, OPEN, &body);

    let mut list = vec![0x77, 0x01];
    octets(&mut list, &server);
    octets(&mut list, &[0x01, 0x00, 0x62, 0x0A, 0xFF, 0xFF]);
    list.extend([0x72, 0x62, 0x01, 0x65]);
    list.extend(view.invoke.wrapping_mul(4).to_be_bytes());
    list.push(0x74);
    list.push(0x77);
    octets(&mut list, &[0x01, 0x00, 0x60, 0x32, 0x01, 0xFF]);
    list.extend([0x01, 0x01, 0x01, 0x01]);
    octets(&mut list, b"TST");
    list.push(0x01);
    for (obis, value) in [
        (total(0, 1), view.live.active_import.total()),
        (total(0, 2), view.live.active_export.total()),
    ] {
        let number = Number::new(value.truncated(-1), -1);
        entry(&mut list, obis, 30, 0xFF);
        list.push(0x69);
        list.extend(number.mantissa.to_be_bytes());
        list.push(0x01);
        sheet.fact(obis, number);
    }
    let power = view.sample.active().rounded(0);
    entry(&mut list, instant(0, 16), 27, 0x00);
    list.push(0x55);
    list.extend(i32::try_from(power).unwrap_or(i32::MAX).to_be_bytes());
    list.push(0x01);
    sheet.fact(instant(0, 16), Number::new(power, 0));
    list.extend([0x01, 0x01]);
    message(&mut sheet.out, number.wrapping_add(1), LIST, &list);
    message(&mut sheet.out, number.wrapping_add(2), CLOSE, &[0x71, 0x01]);
}

/// The head of a list entry: name, no status, no time, unit, scaler.
fn entry(list: &mut Vec<u8>, obis: Obis, unit: u8, scaler: u8) {
    list.push(0x77);
    octets(list, &obis.0);
    list.extend([0x01, 0x01, 0x62, unit, 0x52, scaler]);
}

fn from_hex(text: &str) -> Vec<u8> {
    let digits: Vec<u8> =
        text.chars().filter_map(|c| c.to_digit(16)).filter_map(|d| u8::try_from(d).ok()).collect();
    digits.chunks_exact(2).map(|pair| pair.iter().fold(0, |all, digit| all << 4 | digit)).collect()
}
