//! Sagemcom in Austria: T210-D of Lower Austria on M-Bus, T210-D-R of Styria as ciphered text.
//!
//! The M-Bus meter puts 257 octets into its first frame, whose length octets then read 01. Its
//! clock status has bit 1 set for ever. The text meter prints registers and powers as nine
//! digits of Wh and W, with both tariffs of all four directions.

use super::kaifa::lower_austria;
use super::sheet::{Form, Sheet};
use super::telegram::{ident, lines, odd_lines, time_line};
use super::view::View;
use super::{Personality, Security, Transport, Uart, always_long};
use crate::clock::Habit;
use crate::house::Wiring;

const STYRIA: Personality = Personality {
    name: "sagemcom-at-p1",
    description: "Sagemcom T210-D-R, Energienetze Steiermark, telegram encrypted whole",
    country: "AT",
    uart: Uart::plain(115_200).inverted(),
    wiring: Wiring::FourWire,
    interval_ms: 5000,
    grid_ms: 5000,
    habit: Habit::Civil,
    zone: "Europe/Vienna",
    meter_id: "",
    security: Some(Security::authenticated(0x30, *b"SAG5\x00\x00\x00\x5B")),
    transport: Transport::TextSealed,
    due: always_long,
    compose: styria,
};

pub(super) const ROWS: &[Personality] = &[
    STYRIA,
    Personality {
        name: "sagemcom-at-noe",
        description: "Sagemcom T210-D, Netz NOE, M-Bus with overlong first frame, encrypted",
        uart: Uart::even(2400),
        habit: Habit::CivilWithDeviation,
        meter_id: "181220000092",
        security: Some(Security::encrypted(0x20, *b"SAGY\x00\x00\x00\x5C")),
        transport: Transport::Mbus { first: 252 },
        compose: |view, sheet| lower_austria(view, sheet, 0x8000_0000, 0x02),
        ..STYRIA
    },
];

fn styria(view: &View<'_>, sheet: &mut Sheet) {
    ident(sheet, "/EST5\\253710000_A");
    time_line(view, sheet);
    let energies = ["Wh", "Wh", "varh", "varh"].map(|unit| Form::new(9, 0, unit));
    let powers = ["W", "W", "var", "var"].map(|unit| Form::new(9, 0, unit));
    for ((c, power), (energy, form)) in
        (1..).zip(view.powers(0)).zip(energies.into_iter().zip(powers))
    {
        lines(sheet, view.with_tariffs(0, c), energy);
        lines(sheet, [power], form);
    }
    odd_lines(view, sheet);
}
