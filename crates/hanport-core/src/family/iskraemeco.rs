//! Iskraemeco AM550, IE.5 and the Siemens IM150/350 with the same lists.
//!
//! Sources: captures from Slovenia, Croatia, Switzerland and Austria; no published list. Where
//! the order was worked out from values alone, the row says so.
//!
//! ```text
//!  struct { device name, id, P+ P- Q+ Q-, U1 U2 U3, I1 I2 I3, P+ and P- per phase }     18
//!  and the many others below; by code: 16 (self-describing), 14 and 28 (see `pushed`)
//! ```
//!
//! Powers and energies count 1, voltages 0.1 V, currents 0.01 A, the power factor 0.001.

use super::list::Coded;
use super::positional::{
    Kind, Role, Row, Slot, amperes, energy, number, phase_power, power, tariff, volts,
};
use super::scale::Scales;
use crate::manufacturer::Manufacturer;
use crate::obis::Obis;
use crate::quantity::Phase;
use crate::unit::Unit;

/// Lists with codes: structures of code, value and scaler-unit, or a push.
pub(super) static REGISTERS: Coded = Coded {
    layout: "Iskraemeco registers",
    maker: None,
    list_id: None,
    scales: Scales { voltage: -1, current: -2, energy: 0, power_factor: -3 },
    certain: true,
    zero_is_no_offset: false,
    type_tells: None,
    quirk: None,
};

const NAME: Slot = Slot::new(Kind::Octets, Role::DeviceName);
const ID: Slot = Slot::new(Kind::Octets, Role::MeterId);
/// The number of the list, or its name; no number of the meter.
const LIST: Slot = Slot::new(Kind::Octets, Role::ListId);
/// The serial number that the device name ends in.
const SERIAL: Slot = Slot::new(Kind::Octets, Role::Text(Obis::general(96, 1, 0)));
const UNKNOWN: Slot = Slot::new(Kind::U32, Role::Nothing);
const TIME: Slot = Slot::new(Kind::Octets, Role::TimeOfDay);
const DATE: Slot = Slot::new(Kind::Octets, Role::Date);
const BREAKER: Obis = Obis::general(96, 3, 10);

const fn u(c: u8) -> Slot {
    volts(c, Kind::U16, -1)
}

const fn i(c: u8) -> Slot {
    amperes(c, Kind::U16, -2)
}

const fn text(c: u8, d: u8, e: u8) -> Slot {
    Slot::new(Kind::Octets, Role::Text(Obis::general(c, d, e)))
}

const fn fuse(phase: Phase) -> Slot {
    Slot::new(Kind::ArrayOfOne, Role::Fuse(phase))
}

const ROW: Row = Row { layout: "", maker: Some(Manufacturer::Iskraemeco), slots: &[] };

#[rustfmt::skip]
pub(super) static ROWS: [Row; 12] = [
    Row {
        layout: "Slovenia, registers of a quarter hour",
        slots: &[ID, Slot::new(Kind::U8, Role::Nothing), energy(1, 0), energy(2, 0)],
        ..ROW
    },
    Row {
        layout: "Slovenia, one phase, voltage first",
        slots: &[NAME, SERIAL, u(32), i(31), power(1), power(2), power(3), power(4)],
        ..ROW
    },
    Row {
        // The last two were 0 in all captures.
        layout: "Slovenia, one phase without current",
        slots: &[
            NAME, SERIAL, power(1), power(2), power(3), power(4), u(32), UNKNOWN, UNKNOWN,
        ],
        ..ROW
    },
    Row {
        layout: "Slovenia, one phase, powers and registers",
        slots: &[
            NAME, power(1), power(2),
            tariff(1, 0), tariff(1, 1), tariff(1, 2),
            tariff(2, 0), tariff(2, 1), tariff(2, 2),
        ],
        ..ROW
    },
    Row {
        layout: "Slovenia, one phase",
        slots: &[
            NAME, SERIAL, power(1), power(2), power(3), power(4), u(32), i(31),
            phase_power(21), phase_power(22),
        ],
        ..ROW
    },
    Row {
        layout: "Slovenia, registers by tariff",
        slots: &[
            NAME, SERIAL,
            tariff(1, 1), tariff(1, 2), tariff(2, 1), tariff(2, 2),
            tariff(3, 1), tariff(3, 2), tariff(4, 1), tariff(4, 2),
        ],
        ..ROW
    },
    Row {
        layout: "Slovenia, Celje",
        slots: &[
            NAME, LIST, u(32), u(52), u(72), i(31), i(51), i(71),
            power(1), power(2), power(3), power(4),
        ],
        ..ROW
    },
    Row {
        layout: "Slovenia, Ljubljana, registers",
        slots: &[
            NAME, LIST, number(Kind::Enum, BREAKER, 0, Unit::Count), text(96, 14, 0),
            tariff(1, 0), tariff(1, 1), tariff(1, 2),
            tariff(2, 0), tariff(2, 1), tariff(2, 2),
            energy(3, 0), energy(4, 0),
        ],
        ..ROW
    },
    Row {
        layout: "Austria, Kaernten",
        slots: &[
            Slot::new(Kind::PushCode, Role::Nothing), ID, TIME, DATE,
            energy(1, 0), energy(2, 0), energy(3, 0), energy(4, 0),
            power(1), power(2), text(96, 13, 0), text(96, 13, 1),
        ],
        ..ROW
    },
    Row {
        layout: "Slovenia, Ljubljana",
        slots: &[
            NAME, LIST, power(1), power(2), power(3), power(4),
            u(32), u(52), u(72), i(31), i(51), i(71),
            phase_power(21), phase_power(41), phase_power(61),
            phase_power(22), phase_power(42), phase_power(62),
        ],
        ..ROW
    },
    Row {
        layout: "Croatia",
        slots: &[
            ID, TIME, DATE,
            tariff(1, 0), tariff(1, 1), tariff(1, 2),
            tariff(2, 0), tariff(2, 1), tariff(2, 2),
            energy(5, 0), energy(6, 0), energy(7, 0), energy(8, 0),
            power(1), power(2),
            number(Kind::U16, Obis::electricity(13, 7, 0), -3, Unit::Count),
            phase_power(21), phase_power(41), phase_power(61),
            phase_power(22), phase_power(42), phase_power(62),
            u(32), u(52), u(72), i(31), i(51), i(71),
            number(Kind::U32, Obis::general(17, 0, 0), 0, Unit::Watt),
            fuse(Phase::L1), fuse(Phase::L2), fuse(Phase::L3),
            number(Kind::Boolean, BREAKER, 0, Unit::Count),
        ],
        ..ROW
    },
    Row {
        // The order was worked out from captures alone.
        layout: "Switzerland, registers by tariff and two voltages",
        slots: &[
            tariff(1, 0), tariff(1, 1), tariff(1, 2),
            tariff(2, 0), tariff(2, 1), tariff(2, 2),
            text(96, 13, 0), Slot::new(Kind::Clock, Role::Clock),
            power(2), power(1), i(31), i(51), i(71), u(32), u(72),
        ],
        ..ROW
    },
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::quantity::Quantity;

    #[test]
    fn voltages_count_tenths_and_currents_hundredths() {
        for (slot, c, exponent, unit) in
            [(u(52), 52, -1, Unit::Volt), (i(71), 71, -2, Unit::Ampere)]
        {
            let obis = Obis::electricity(c, 7, 0);
            let quantity = Quantity::from_obis(obis);
            let role = Role::Number { obis, quantity, exponent, unit };
            assert_eq!(slot, Slot::new(Kind::U16, role));
        }
    }

    #[test]
    fn texts_and_limits_are_not_taken_for_measurements() {
        let message = Role::Text(Obis([0, 0, 96, 13, 0, 255]));
        assert_eq!(text(96, 13, 0), Slot::new(Kind::Octets, message));
        assert_eq!(fuse(Phase::L2), Slot::new(Kind::ArrayOfOne, Role::Fuse(Phase::L2)));
    }
}
