//! Bytes to frames, one file a framing; each parses and emits.
//!
//! A framing is asked what it makes of the bytes at the start of a buffer ([`Probe`]). It
//! answers from those bytes alone; whoever asks advances by one byte after a [`Probe::No`] or
//! [`Probe::Broken`], never by a length that a broken frame claims.

use crate::fault::{Broken, Cause, Layer};

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

impl<T> Probe<T> {
    /// The same about what `make` makes of the frame.
    pub fn map<U>(self, make: impl FnOnce(T) -> U) -> Probe<U> {
        match self {
            Self::Broken(why) => Probe::Broken(why),
            Self::Frame(frame) => Probe::Frame(make(frame)),
            Self::More(octets) => Probe::More(octets),
            Self::No => Probe::No,
        }
    }

    /// The frame in octets of which all that there are (`have`) came; a fault of `layer` where
    /// more would be needed.
    pub fn whole(self, layer: Layer, have: usize) -> Result<T, Broken> {
        match self {
            Self::Broken(why) => Err(why),
            Self::Frame(frame) => Ok(frame),
            Self::More(want) => Err(Broken::new(layer, Cause::Truncated { have, want }, have)),
            Self::No => Err(Broken::new(layer, Cause::Malformed, 0)),
        }
    }
}

pub mod crc;
pub mod hdlc;
pub mod mbus;
pub mod p1;
pub mod sml;
