//! A message between its frames and its list: where it stands, how it came, and what ciphering
//! said about it.

use core::ops::Range;

use crate::fault::{Broken, Cause, Layer};
use crate::reading::{Authenticity, Check, Ciphering, Framing};

/// Where and how a message came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Envelope {
    /// Offset in the stream of its first octet.
    pub(super) start: u64,
    /// Offset in the stream behind its last octet.
    pub(super) end: u64,
    pub(super) framing: Framing,
    pub(super) check: Check,
}

impl Envelope {
    /// This message and the frame of its next part.
    pub(super) fn and(self, next: Self) -> Self {
        let check = if next.check == Check::Valid { self.check } else { next.check };
        Self { end: next.end, check, ..self }
    }

    pub(super) fn octets(&self) -> usize {
        usize::try_from(self.end.saturating_sub(self.start)).unwrap_or(usize::MAX)
    }
}

/// Which buffer holds it, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Place {
    Assembly(Range<usize>),
    Stream(Range<usize>),
}

impl Place {
    /// A range counted from the start of this place.
    pub(super) fn part(&self, part: &Range<usize>) -> Self {
        let within = |all: &Range<usize>| all.start + part.start..all.start + part.end;
        match self {
            Self::Assembly(all) => Self::Assembly(within(all)),
            Self::Stream(all) => Self::Stream(within(all)),
        }
    }
}

/// A message that passed the checks of its frames.
#[derive(Clone, Debug)]
pub(super) struct Message {
    pub(super) place: Place,
    pub(super) envelope: Envelope,
}

/// What ciphering said about a message.
#[derive(Clone, Copy, Debug)]
pub(super) struct Seal {
    pub(super) authenticity: Authenticity,
    pub(super) ciphering: Option<Ciphering>,
    pub(super) swapped: bool,
    pub(super) repeated: bool,
    pub(super) went_back: bool,
}

impl Seal {
    pub(super) const NONE: Self = Self {
        authenticity: Authenticity::Plain,
        ciphering: None,
        swapped: false,
        repeated: false,
        went_back: false,
    };

    /// Two parts of one message: it is worth what the weaker one is worth.
    pub(super) fn and(self, next: Self) -> Self {
        let authenticity = match (self.authenticity, next.authenticity) {
            (Authenticity::Verified, Authenticity::Verified) => Authenticity::Verified,
            (Authenticity::Plain, Authenticity::Plain) => Authenticity::Plain,
            _ => Authenticity::Unverified,
        };
        Self {
            authenticity,
            ciphering: next.ciphering.or(self.ciphering),
            swapped: self.swapped || next.swapped,
            repeated: self.repeated || next.repeated,
            went_back: self.went_back || next.went_back,
        }
    }

    /// What does not parse was deciphered with the wrong key, unless a tag says otherwise.
    pub(super) fn judge(&self, why: Broken) -> Broken {
        let senseless = match why.cause {
            Cause::Malformed
            | Cause::NoEnd { .. }
            | Cause::PartMissing
            | Cause::Truncated { .. }
            | Cause::Unsupported(_) => true,
            Cause::AuthenticationFailed
            | Cause::FrameCheck { .. }
            | Cause::HeaderCheck { .. }
            | Cause::NeedsKey
            | Cause::NoFrame { .. }
            | Cause::TooLong { .. }
            | Cause::TooManyValues(_)
            | Cause::UnknownList { .. }
            | Cause::WrongKey => false,
        };
        if senseless && self.authenticity == Authenticity::Unverified {
            return Broken::new(Layer::Cipher, Cause::WrongKey, 0);
        }
        why
    }
}
