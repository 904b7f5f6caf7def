//! Aidon 65xx: an array of structures, each a code with its value and mostly a scaler-unit.
//!
//! Sources: Aidon HAN Interface Description 1.1A (Norway), captures of Swedish meters.
//!
//! ```text
//!  array { struct { code, text } | struct { code, value, struct { scaler, unit } } ... }
//!  Norway   list 1: 1.7.0; list 2: names, powers, currents, voltages; list 3: clock, energies
//!  Sweden   27 elements: clock, powers, currents, voltages, powers per phase, energies
//! ```
//!
//! The header has no date-time. The clock element has deviation 8000h, or 0 with newer
//! firmware while it shows Norwegian standard time: neither states an offset. Landis+Gyr
//! meters with the Embriq module send the same shape under another list name.

use super::list::Coded;
use super::scale::Scales;
use crate::manufacturer::Manufacturer;

const SCALES: Scales = Scales { voltage: -1, current: -1, energy: 0, power_factor: -3 };

/// The shape, before the list says whose it is.
pub(super) static REGISTERS: Coded = Coded {
    layout: "array of registers (Aidon, Embriq)",
    maker: None,
    list_id: None,
    scales: SCALES,
    certain: true,
    zero_is_no_offset: true,
    quirk: None,
};

/// The Swedish list, with the clock in front and without names.
pub(super) static SWEDEN: Coded =
    Coded { layout: "Aidon Sweden", maker: Some(Manufacturer::Aidon), ..REGISTERS };

/// With a list name of Aidon.
pub(super) static AIDON: Coded = Coded {
    layout: "Aidon array of registers",
    maker: Some(Manufacturer::Aidon),
    list_id: Some(b"AIDON_"),
    ..REGISTERS
};
