//! Kaifa MA105, MA304, MA309: lists by position in Norway, by code elsewhere.
//!
//! Sources: Kaifa `KFM_001` object list (Norway), captures of Swedish meters, customer interface
//! documents of the western Austrian grid operators.
//!
//! ```text
//!  Norway   struct { P+ }                                                          1
//!           struct { list, id, type, P+ P- Q+ Q-, I, U }                           9  one phase
//!           struct { list, id, type, P+ P- Q+ Q-, I1 I2 I3, U1 U2 U3 }            13
//!           ... and clock, A+ A- R+ R-                                       14, 18  hourly
//!  Sweden   struct { code, value, code, value ... }                               36
//!  Austria  struct { code, clock, struct { code, value, scaler-unit } ... }       16
//! ```
//!
//! Meters with current transformers send the four counters in 64 bits.

use super::list::{Coded, List};
use super::positional::{Kind, Role, Row, Slot, amperes, energy, power, volts};
use super::scale::Scales;
use crate::manufacturer::Manufacturer;
use crate::quantity::{Measure, Phase, Quantity};
use crate::reading::Value;

/// Pairs of code and value without scale.
pub(super) static PAIRS: Coded = Coded {
    layout: "Kaifa pairs of code and value",
    maker: Some(Manufacturer::Kaifa),
    list_id: Some(b"KFM"),
    scales: Scales { voltage: -1, current: -3, energy: 0, power_factor: -3 },
    certain: true,
    zero_is_no_offset: false,
    quirk: Some(leave_out_what_is_not_measured),
};

/// Western Austria: scales are stated.
pub(super) static AUSTRIA_WEST: Coded = Coded {
    layout: "Austria west: clock, then registers with scale",
    maker: None,
    list_id: None,
    quirk: None,
    ..PAIRS
};

const LIST: Slot = Slot::new(Kind::Octets, Role::ListId);
const ID: Slot = Slot::new(Kind::Octets, Role::MeterId);
const MODEL: Slot = Slot::new(Kind::Octets, Role::Model);
const CLOCK: Slot = Slot::new(Kind::Clock, Role::Clock);

const ROW: Row = Row { layout: "", maker: Some(Manufacturer::Kaifa), slots: &[] };

#[rustfmt::skip]
pub(super) static ROWS: [Row; 5] = [
    Row { layout: "Kaifa list 1", slots: &[power(1)], ..ROW },
    Row {
        layout: "Kaifa list 2, one phase",
        slots: &[
            LIST, ID, MODEL,
            power(1), power(2), power(3), power(4),
            amperes(31, Kind::U32, -3), volts(32, Kind::U32, -1),
        ],
        ..ROW
    },
    Row {
        layout: "Kaifa list 2, three phases",
        slots: &[
            LIST, ID, MODEL,
            power(1), power(2), power(3), power(4),
            amperes(31, Kind::U32, -3), amperes(51, Kind::U32, -3), amperes(71, Kind::U32, -3),
            volts(32, Kind::U32, -1), volts(52, Kind::U32, -1), volts(72, Kind::U32, -1),
        ],
        ..ROW
    },
    Row {
        layout: "Kaifa list 3, one phase",
        slots: &[
            LIST, ID, MODEL,
            power(1), power(2), power(3), power(4),
            amperes(31, Kind::U32, -3), volts(32, Kind::U32, -1),
            CLOCK, energy(1, 0), energy(2, 0), energy(3, 0), energy(4, 0),
        ],
        ..ROW
    },
    Row {
        layout: "Kaifa list 3, three phases",
        slots: &[
            LIST, ID, MODEL,
            power(1), power(2), power(3), power(4),
            amperes(31, Kind::U32, -3), amperes(51, Kind::U32, -3), amperes(71, Kind::U32, -3),
            volts(32, Kind::U32, -1), volts(52, Kind::U32, -1), volts(72, Kind::U32, -1),
            CLOCK, energy(1, 0), energy(2, 0), energy(3, 0), energy(4, 0),
        ],
        ..ROW
    },
];

/// The three-wire types (H3, T3) have no second voltage and send 0 in its place.
fn leave_out_what_is_not_measured(list: &mut List<'_>) {
    let three_wire = matches!(list.model_octets(), [b'M', b'A', _, _, _, b'H' | b'T', b'3', ..]);
    if !three_wire {
        return;
    }
    let second = Some(Quantity::of_phase(Measure::Voltage, Phase::L2));
    list.out.items.retain(|item| {
        item.quantity != second
            || !matches!(item.value, Value::Number(number, _) if number.mantissa == 0)
    });
}
