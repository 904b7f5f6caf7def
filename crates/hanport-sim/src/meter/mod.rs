//! Simulated meters, one file a maker: their lists, schedules, scales and clock habits.
//!
//! The lists are written from the makers' list descriptions, not from the decoder's tables, so
//! that a misunderstanding shared by both sides cannot hide.

pub(crate) mod sheet;
pub(crate) mod view;

mod aidon;
mod iskra;
mod kaifa;
mod kamstrup;
mod landis_gyr;
mod nordic;
mod p1;
mod poland;
mod sagemcom;
mod siemens;
mod slovenia;
mod sml;
mod telegram;

use std::fmt;

use hanport_core::link::p1::CrcForm;

use crate::clock::Habit;
use crate::house::Wiring;
use sheet::Sheet;
use view::View;
pub use view::{Push, Quirks};

/// Parity of a serial line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Parity {
    /// An even number of ones.
    Even,
    /// No parity bit.
    None,
}

/// Settings of a serial line; always one stop bit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Uart {
    /// Bits per second.
    pub baud: u32,
    /// 7 or 8.
    pub data_bits: u8,
    /// Parity.
    pub parity: Parity,
    /// Whether the port inverts the line.
    pub inverted: bool,
}

impl Uart {
    /// Eight data bits, no parity.
    pub const fn plain(baud: u32) -> Self {
        Self { baud, data_bits: 8, parity: Parity::None, inverted: false }
    }

    /// Eight data bits, even parity.
    pub const fn even(baud: u32) -> Self {
        Self { baud, data_bits: 8, parity: Parity::Even, inverted: false }
    }

    /// Seven data bits, even parity.
    pub const fn seven(baud: u32) -> Self {
        Self { baud, data_bits: 7, parity: Parity::Even, inverted: false }
    }

    /// The same behind an inverter.
    #[must_use]
    pub const fn inverted(mut self) -> Self {
        self.inverted = true;
        self
    }

    /// Bits on the line for one octet, start and stop included.
    pub fn bits_per_octet(self) -> u32 {
        2 + u32::from(self.data_bits) + u32::from(self.parity == Parity::Even)
    }

    /// Time of one octet on the line.
    pub fn octet_ns(self) -> u64 {
        u64::from(self.bits_per_octet()) * 1_000_000_000 / u64::from(self.baud.max(1))
    }
}

impl fmt::Display for Uart {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let parity = match self.parity {
            Parity::Even => 'E',
            Parity::None => 'N',
        };
        write!(f, "{} {}{parity}1", self.baud, self.data_bits)?;
        f.write_str(if self.inverted { " inverted" } else { "" })
    }
}

/// Ciphering of a simulated meter. The keys are made up and serve tests only.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Security {
    /// Security control octet.
    pub control: u8,
    /// System title.
    pub title: [u8; 8],
    /// Encryption key.
    pub encryption_key: [u8; 16],
    /// Authentication key, where the market has one.
    pub authentication_key: Option<[u8; 16]>,
}

/// The made-up encryption key of all simulated meters.
pub const TEST_ENCRYPTION_KEY: [u8; 16] =
    *b"\x00\x01\x02\x03\x04\x05\x06\x07\x08\x09\x0A\x0B\x0C\x0D\x0E\x0F";
/// The made-up authentication key of all simulated meters.
pub const TEST_AUTHENTICATION_KEY: [u8; 16] =
    *b"\xD0\xD1\xD2\xD3\xD4\xD5\xD6\xD7\xD8\xD9\xDA\xDB\xDC\xDD\xDE\xDF";

impl Security {
    pub(crate) const fn encrypted(control: u8, title: [u8; 8]) -> Self {
        Self { control, title, encryption_key: TEST_ENCRYPTION_KEY, authentication_key: None }
    }

    pub(crate) const fn authenticated(control: u8, title: [u8; 8]) -> Self {
        let authentication_key = Some(TEST_AUTHENTICATION_KEY);
        Self { control, title, encryption_key: TEST_ENCRYPTION_KEY, authentication_key }
    }
}

/// How a meter puts its messages on the line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Transport {
    /// One HDLC frame.
    Hdlc { address: &'static [u8], control: u8 },
    /// General block transfer, each block of `size` octets in its own HDLC frame.
    HdlcBlocks { address: &'static [u8], size: usize },
    /// HDLC frames with the segmentation bit, `first` octets of information in each but the last.
    HdlcSegments { address: &'static [u8], first: usize },
    /// The plain M-Bus application layer with encryption mode 5.
    MbusApplication { address: u8 },
    /// M-Bus long frames, `first` octets of data in each but the last.
    Mbus { first: usize },
    /// The SML transport.
    Sml,
    /// A text telegram.
    Text(CrcForm),
    /// Plain identification line and ciphered lines (Poland).
    TextBodySealed,
    /// A text telegram ciphered whole.
    TextSealed,
}

/// One kind of meter that can be simulated.
#[derive(Clone, Copy, Debug)]
pub struct Personality {
    /// Stable name, such as `aidon-no`.
    pub name: &'static str,
    /// Maker, type and what is special.
    pub description: &'static str,
    /// Country code.
    pub country: &'static str,
    /// Settings of its port.
    pub uart: Uart,
    /// How it is connected.
    pub wiring: Wiring,
    /// Time between two messages.
    pub interval_ms: u32,
    /// The times at which a list can be due are multiples of this.
    pub(crate) grid_ms: i64,
    /// What time it keeps.
    pub habit: Habit,
    /// Name of its time zone.
    pub zone: &'static str,
    /// Number of the meter.
    pub meter_id: &'static str,
    /// Ciphering, where it ciphers.
    pub security: Option<Security>,
    pub(crate) transport: Transport,
    /// Which lists are due at a multiple of the grid (ms since 1970).
    pub(crate) due: fn(i64) -> &'static [Push],
    pub(crate) compose: fn(&View<'_>, &mut Sheet),
}

/// All of them, by maker.
pub fn personalities() -> impl Iterator<Item = &'static Personality> {
    [
        aidon::ROWS,
        kaifa::ROWS,
        kamstrup::ROWS,
        landis_gyr::ROWS,
        iskra::ROWS,
        sagemcom::ROWS,
        siemens::ROWS,
        p1::ROWS,
        nordic::ROWS,
        poland::ROWS,
        slovenia::ROWS,
        sml::ROWS,
    ]
    .into_iter()
    .flatten()
}

/// The one of this name.
pub fn personality(name: &str) -> Option<&'static Personality> {
    personalities().find(|personality| personality.name == name)
}

/// Always the long list.
pub(crate) fn always_long(_: i64) -> &'static [Push] {
    &[Push::Long]
}

/// Milliseconds into the hour.
pub(crate) const fn of_hour(ms: i64) -> i64 {
    ms.rem_euclid(3_600_000)
}
