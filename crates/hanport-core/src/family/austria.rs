//! Austrian lists that several makers send for one grid operator.
//!
//! ```text
//!  Netz Niederoesterreich   struct { clock, code, value, scaler-unit, ... , meter number }
//!                           (customer interface document of Netz NOE; Kaifa, Sagemcom)
//!  Wiener Netze             struct { clock, 1.8.0 2.8.0 3.8.0 4.8.0 1.7.0 2.7.0 3.7.0 4.7.0 }
//!                           (Iskraemeco, Landis+Gyr, Siemens)
//! ```

use super::list::Coded;
use super::positional::{Kind, Role, Row, Slot, energy, power};
use super::scale::Scales;

/// Netz NOE: every value has its scale.
pub(super) static NETZ_NOE: Coded = Coded {
    layout: "Netz NOE: clock, then triples of code, value and scale",
    maker: None,
    list_id: None,
    scales: Scales { voltage: -1, current: -2, energy: 0, power_factor: -3 },
    certain: true,
    zero_is_no_offset: false,
    quirk: None,
};

#[rustfmt::skip]
pub(super) static ROWS: [Row; 1] = [Row {
    layout: "Wiener Netze",
    maker: None,
    slots: &[
        Slot::new(Kind::Clock, Role::Clock),
        energy(1, 0), energy(2, 0), energy(3, 0), energy(4, 0),
        power(1), power(2), power(3), power(4),
    ],
}];
