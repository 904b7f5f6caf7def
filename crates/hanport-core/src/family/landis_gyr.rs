//! Landis+Gyr E350, E360, E450, E570.
//!
//! Sources: push lists of Swiss grid operators (Regionalwerke Baden, VSE), documents and
//! captures of Netz Burgenland and Feistritzwerke, captures from Norway and Cyprus.
//!
//! ```text
//!  Switzerland, Cyprus   self-describing push, see `pushed`
//!  Burgenland            struct { U1 U2 U3, I1 I2 I3, P+ P-, A+ A-, angles, id }       14
//!                        the same without the angles                                    11
//!  Feistritz, Styria     struct { clock, code, value, code, value ... }              33, 17
//!  Norway                array of registers as Aidon, list name EMBRIQ_V1_1
//! ```
//!
//! Scales are not stated: energies 1 Wh, currents 0.01 A (64 bits: 1 A), voltages 1 V or 0.1 V.

use super::aidon;
use super::list::Coded;
use super::positional::{Kind, Role, Row, Slot, amperes, energy, power, volts};
use super::scale::Scales;
use crate::manufacturer::Manufacturer;
use crate::obis::Obis;

const SCALES: Scales = Scales { voltage: 0, current: -2, energy: 0, power_factor: -3 };

/// Register by register, each described in the same message.
pub(super) static PUSH: Coded = Coded {
    layout: "self-describing push",
    maker: Some(Manufacturer::LandisGyr),
    list_id: None,
    scales: SCALES,
    certain: true,
    zero_is_no_offset: false,
    type_tells: None,
    quirk: None,
};

/// A clock, then pairs.
pub(super) static CLOCK_AND_PAIRS: Coded =
    Coded { layout: "clock, then pairs of code and value", ..PUSH };

/// The Norwegian module.
pub(super) static EMBRIQ: Coded = Coded {
    layout: "Embriq array of registers",
    maker: Some(Manufacturer::LandisGyr),
    list_id: Some(b"EMBRIQ"),
    ..aidon::REGISTERS
};

const ID: Slot = Slot::new(Kind::Octets, Role::MeterId);

/// The angle between voltage and current of a phase; more than a turn means none.
const fn angle(e: u8) -> Slot {
    Slot::new(Kind::U16, Role::Angle(Obis::electricity(81, 7, e)))
}

const ROW: Row = Row { layout: "", maker: Some(Manufacturer::LandisGyr), slots: &[] };

#[rustfmt::skip]
pub(super) static ROWS: [Row; 2] = [
    Row {
        layout: "Netz Burgenland with angles",
        slots: &[
            volts(32, Kind::U16, 0), volts(52, Kind::U16, 0), volts(72, Kind::U16, 0),
            amperes(31, Kind::U16, -2), amperes(51, Kind::U16, -2), amperes(71, Kind::U16, -2),
            power(1), power(2), energy(1, 0), energy(2, 0),
            angle(40), angle(51), angle(62),
            ID,
        ],
        ..ROW
    },
    Row {
        layout: "Netz Burgenland",
        slots: &[
            volts(32, Kind::U16, 0), volts(52, Kind::U16, 0), volts(72, Kind::U16, 0),
            amperes(31, Kind::U16, -2), amperes(51, Kind::U16, -2), amperes(71, Kind::U16, -2),
            power(1), power(2), energy(1, 0), energy(2, 0),
            ID,
        ],
        ..ROW
    },
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_angle_may_be_absent() {
        let of_the_second_phase = Role::Angle(Obis([1, 0, 81, 7, 51, 255]));
        assert_eq!(angle(51), Slot::new(Kind::U16, of_the_second_phase));
    }
}
