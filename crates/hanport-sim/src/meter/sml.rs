//! German meters with SML: three values, import and export in tenths of a watt-hour, the sum of
//! the powers signed.
//!
//! ```text
//! transport( open, list{ server id, uptime, [maker, A+, A-, P] }, close )
//! ```

use hanport_core::family::sml_writer::{Clock, Entry, EntryValue};
use hanport_core::number::Number;
use hanport_core::obis::Obis;
use hanport_core::unit::Unit;

use super::sheet::Sheet;
use super::view::{View, instant, total};
use super::{Personality, Transport, Uart, always_long};
use crate::clock::Habit;
use crate::house::Wiring;
use crate::milli::Milli;
use crate::wire::sml::messages;

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

/// A device number (DIN 43863-5) as it stands on the meter: behind the length the medium, the
/// maker, the block in hexadecimal, and eight decimal digits.
fn printed(server: &[u8]) -> String {
    let [_, medium, a, b, c, block, number @ ..] = server else { return String::new() };
    let maker: String = [*a, *b, *c].map(char::from).iter().collect();
    let number = number.iter().fold(0u32, |sum, octet| sum << 8 | u32::from(*octet));
    format!("{medium:X}{maker}{block:02X}{number:08}")
}

fn compose(view: &View<'_>, sheet: &mut Sheet) {
    let server = from_hex(view.meter_id);
    sheet.truth.meter_id = Some(printed(&server));
    let register = |value: Milli| Number::new(value.truncated(-1), -1);
    let import = register(view.live.active_import.total());
    let export = register(view.live.active_export.total());
    let power = Number::new(view.sample.active().rounded(0), 0);
    let entry = |obis, value| Entry { obis, time: Clock::Absent, value };
    let entries = [
        entry(Obis([1, 0, 96, 50, 1, 255]), EntryValue::Octets(b"TST")),
        entry(total(0, 1), EntryValue::Unsigned(import, Unit::WattHour, 8)),
        entry(total(0, 2), EntryValue::Unsigned(export, Unit::WattHour, 8)),
        entry(instant(0, 16), EntryValue::Signed(power, Unit::Watt, 4)),
    ];
    let transaction = view.invoke.wrapping_mul(3);
    let uptime = view.invoke.wrapping_mul(4);
    let file = view.invoke.to_be_bytes();
    sheet.out = messages(transaction, &file, &server, uptime, &entries);
    sheet.fact(total(0, 1), import);
    sheet.fact(total(0, 2), export);
    sheet.fact(instant(0, 16), power);
}

fn from_hex(text: &str) -> Vec<u8> {
    let digits: Vec<u8> =
        text.chars().filter_map(|c| c.to_digit(16)).filter_map(|d| u8::try_from(d).ok()).collect();
    digits.chunks_exact(2).map(|pair| pair.iter().fold(0, |all, digit| all << 4 | digit)).collect()
}
