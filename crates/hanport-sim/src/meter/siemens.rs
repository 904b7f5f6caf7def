//! Siemens TD-3511 in Upper Austria: plain M-Bus application layer, encryption mode 5.
//!
//! ```text
//! 04 6D time | 04 03 A+ | 04 83 3C A- | 04 2B P+ | 04 AB 3C P-      all 32 bits, low octet first
//! ```
//!
//! Here it sends as it does once a reader has answered its search; the dialogue around it is in
//! [`crate::interactive::search`].

use hanport_core::number::Number;
use hanport_core::obis::Obis;

use super::sheet::{Sheet, stated};
use super::view::View;
use super::{Personality, Security, Transport, Uart, always_long};
use crate::clock::{Habit, Stamp};
use crate::house::Wiring;

pub(super) const ROWS: &[Personality] = &[Personality {
    name: "siemens-at-ooe",
    description: "Siemens TD-3511, Netz OOE, optical, M-Bus application layer, encrypted",
    country: "AT",
    uart: Uart::even(9600),
    wiring: Wiring::FourWire,
    interval_ms: 1000,
    grid_ms: 1000,
    habit: Habit::Civil,
    zone: "Europe/Vienna",
    meter_id: "10000101",
    security: Some(Security::encrypted(0x05, [0; 8])),
    transport: Transport::MbusApplication { address: 0xF0 },
    due: always_long,
    compose,
}];

fn compose(view: &View<'_>, sheet: &mut Sheet) {
    sheet.out.extend([0x04, 0x6D]);
    sheet.out.extend(type_f(&view.now));
    // The type ends with the minute.
    sheet.truth.time = stated(&Stamp { second: 0, ..view.now });
    let [imported, exported, ..] = view.energies(view.live, 0, 0);
    let [import, export, ..] = view.powers(0);
    record(sheet, &[0x04, 0x03], imported);
    record(sheet, &[0x04, 0x83, 0x3C], exported);
    record(sheet, &[0x04, 0x2B], import);
    record(sheet, &[0x04, 0xAB, 0x3C], export);
    sheet.truth.meter_id = Some(view.meter_id.to_owned());
}

fn record(sheet: &mut Sheet, head: &[u8], (obis, number): (Obis, Number)) {
    let raw = i32::try_from(number.mantissa).unwrap_or(i32::MAX);
    sheet.out.extend(head);
    sheet.out.extend(raw.to_le_bytes());
    sheet.fact(obis, Number::new(i64::from(raw), number.exponent));
}

/// Date and time of type F (EN 13757-3): minute, hour, and the year spread over day and month.
fn type_f(stamp: &Stamp) -> [u8; 4] {
    let year = u8::try_from(stamp.year % 100).unwrap_or(0);
    let minute = stamp.minute | u8::from(stamp.invalid) << 7;
    let hour = stamp.hour | u8::from(stamp.daylight) << 7;
    [minute, hour, stamp.day | (year & 0x07) << 5, stamp.month | (year & 0x78) << 1]
}
