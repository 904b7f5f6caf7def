//! Quantities over time, packed: samples of an hour in few octets, and rolled up into steps.
//!
//! Pure and exact: what is packed comes out as it went in, digit for digit, and damaged octets
//! are told and never believed. Nothing here is a float.
//!
//! ```text
//!  ticks as they come          Sheet: one column a quantity        packed
//!  at    W    V    A           W  (at, n) (at, n) (at, n)          head    times, patterns
//!  0.0  512 2301  22    ->     V  (at, n)         (at, n)    ->    column  W: pattern 0, digits
//!  2.5  498                    A  (at, n)         (at, n)          column  V: pattern 1, digits
//!  5.0  505 2302  22                                               column  A: pattern 1, digits
//! ```
//!
//! - [`bits`]: single bits to octets and back
//! - [`digits`]: a row of integers in few bits
//! - [`sheet`]: samples by quantity, and how they are packed
//! - [`steps`]: means, smallest and largest of steps, packed
//! - [`rollup`]: samples to steps, and steps to longer ones

pub mod bits;
pub mod digits;
pub mod rollup;
pub mod sheet;
pub mod steps;

use core::fmt;

use hanport_core::number::Number;
use hanport_core::quantity::{Measure, Quantity};
use hanport_core::unit::Unit;

use crate::time::UtcMillis;

/// A value at an instant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sample {
    /// When it was measured.
    pub at: UtcMillis,
    /// What.
    pub number: Number,
}

/// Octets that are not what was packed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Damaged;

impl fmt::Display for Damaged {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("packed values are damaged")
    }
}

impl core::error::Error for Damaged {}

/// How samples of a quantity are summed up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Nature {
    /// It counts up: the last sample stands for a step.
    Counter,
    /// It goes up and down: the mean of the samples stands for a step.
    Gauge,
}

impl Nature {
    /// The nature of a quantity.
    pub const fn of(quantity: Quantity) -> Self {
        match (quantity.unit(), quantity.measure) {
            (Unit::WattHour | Unit::VarHour | Unit::VoltAmpereHour, _)
            | (
                _,
                Measure::PowerFailures
                | Measure::PowerFailuresLong
                | Measure::VoltageSags
                | Measure::VoltageSwells,
            ) => Self::Counter,
            _ => Self::Gauge,
        }
    }
}

/// The check at the end of packed octets: FNV-1a, 32 bits.
fn check(octets: &[u8]) -> [u8; 4] {
    let fold = |hash: u32, &octet: &u8| (hash ^ u32::from(octet)).wrapping_mul(0x0100_0193);
    octets.iter().fold(0x811C_9DC5, fold).to_le_bytes()
}

/// Puts the check at the end.
fn seal(mut octets: Vec<u8>) -> Vec<u8> {
    octets.extend_from_slice(&check(&octets));
    octets
}

/// What is sealed, when the check says so.
fn unseal(octets: &[u8]) -> Result<&[u8], Damaged> {
    let (packed, seal) = octets.split_last_chunk::<4>().ok_or(Damaged)?;
    if check(packed) == *seal { Ok(packed) } else { Err(Damaged) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn registers_count_and_powers_swing() {
        assert_eq!(Nature::of(Quantity::total(Measure::ActiveImportEnergy)), Nature::Counter);
        assert_eq!(Nature::of(Quantity::total(Measure::VoltageSags)), Nature::Counter);
        assert_eq!(Nature::of(Quantity::total(Measure::PowerFactor)), Nature::Gauge);
        assert_eq!(Nature::of(Quantity::total(Measure::ActiveImport)), Nature::Gauge);
    }

    #[test]
    fn every_changed_octet_is_found() {
        let sealed = seal(vec![1, 2, 3]);
        assert_eq!(unseal(&sealed), Ok(&[1, 2, 3][..]));
        for place in 0..sealed.len() {
            let mut changed = sealed.clone();
            changed[place] ^= 0x10;
            assert_eq!(unseal(&changed), Err(Damaged));
        }
        assert_eq!(unseal(&sealed[..3]), Err(Damaged));
    }
}
