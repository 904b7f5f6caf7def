//! Bytes to frames, one file a framing; each parses and emits.
//!
//! A framing is asked what it makes of the bytes at the start of a buffer ([`Probe`]). It
//! answers from those bytes alone; whoever asks advances by one byte after a [`Probe::No`] or
//! [`Probe::Broken`], never by a length that a broken frame claims.

use crate::fault::Broken;

/// What a framing makes of the bytes at the start of a buffer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Probe<T> {
    /// It is this framing, and it is broken.
    Broken(Broken),
    /// A whole frame that passed its checks.
    Frame(T),
    /// Asking again is of no use before this many bytes are there, counted from the start.
    More(usize),
    /// Not this framing.
    No,
}

pub mod crc;
pub mod hdlc;
pub mod mbus;
pub mod p1;
pub mod sml;
