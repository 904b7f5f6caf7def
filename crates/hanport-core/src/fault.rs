//! Why bytes did not become a reading: the layer, the cause, and where.

use core::fmt;

use crate::origin::{Framing, SystemTitle};

/// The layer at which understanding ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Layer {
    /// No framing recognised yet.
    Line,
    /// HDLC, M-Bus, SML transport or the frame of a text telegram.
    Frame,
    /// Segments or blocks that together make one message.
    Transfer,
    /// Ciphering.
    Cipher,
    /// The APDU around the data.
    Apdu,
    /// The data itself: A-XDR, SML or text lines.
    Data,
    /// What the values of a list mean.
    List,
}

impl Layer {
    /// The name used in messages for people and programs.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Line => "line",
            Self::Frame => "frame",
            Self::Transfer => "transfer",
            Self::Cipher => "cipher",
            Self::Apdu => "apdu",
            Self::Data => "data",
            Self::List => "list",
        }
    }
}

/// What is wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
pub enum Cause {
    /// The authentication tag does not fit: wrong authentication key, or altered data.
    #[error("the authentication tag does not match: wrong authentication key or altered data")]
    AuthenticationFailed,
    /// The frame check sequence is wrong: bytes were damaged on the way.
    #[error("frame check: wire says {wire:04X}, computed {computed:04X}")]
    FrameCheck {
        /// The check value as received.
        wire: u16,
        /// The check value over the bytes received.
        computed: u16,
    },
    /// The header check sequence is wrong.
    #[error("header check: wire says {wire:04X}, computed {computed:04X}")]
    HeaderCheck {
        /// The check value as received.
        wire: u16,
        /// The check value over the bytes received.
        computed: u16,
    },
    /// The data contradicts its own encoding.
    #[error("malformed data")]
    Malformed,
    /// The message is encrypted and no key is set.
    #[error("encrypted, and no key is set")]
    NeedsKey,
    /// The checks fit, but the octet that ends every frame is another one.
    #[error("the frame does not end where it should: octet {found:02X}")]
    NoEnd {
        /// The octet that stands there.
        found: u8,
    },
    /// Nothing that looks like any framing.
    #[error("{octets} octets without any known framing")]
    NoFrame {
        /// How many were passed over.
        octets: usize,
    },
    /// A segment or block is missing between others.
    #[error("a part of the message is missing")]
    PartMissing,
    /// More than the buffer holds.
    #[error("the message needs {needed} octets, the buffer has {room}")]
    TooLong {
        /// Octets the message would need.
        needed: usize,
        /// Octets there are.
        room: usize,
    },
    /// More values than a reading holds.
    #[error("more than {0} values in one message")]
    TooManyValues(usize),
    /// The bytes ended before the message did.
    #[error("cut off: {have} of {want} octets")]
    Truncated {
        /// Octets received.
        have: usize,
        /// Octets the message announces; 0 where it does not say.
        want: usize,
    },
    /// A list without codes whose order nobody has described: its number of elements and the
    /// tags of the first ones.
    #[error("unknown list of {count} elements, tags {tags:02X?}")]
    UnknownList {
        /// Number of elements.
        count: u16,
        /// Type tags of the first elements, 0 beyond the end.
        tags: [u8; 8],
    },
    /// A message kind that carries no readings or that is not supported.
    #[error("message kind {0:02X} is not supported")]
    Unsupported(u8),
    /// Decryption gives no sense: the encryption key is wrong.
    #[error("decryption gives no sense: wrong encryption key")]
    WrongKey,
}

impl Cause {
    /// The class of the fault, a stable word for programs.
    pub const fn class(self) -> &'static str {
        match self {
            Self::AuthenticationFailed => "auth-failed",
            Self::FrameCheck { .. } | Self::HeaderCheck { .. } | Self::NoEnd { .. } => "wrong-crc",
            Self::NeedsKey => "needs-key",
            Self::NoFrame { .. } => "not-data",
            Self::PartMissing | Self::Truncated { .. } => "truncated",
            Self::Malformed
            | Self::TooLong { .. }
            | Self::TooManyValues(_)
            | Self::UnknownList { .. }
            | Self::Unsupported(_) => "invalid",
            Self::WrongKey => "wrong-key",
        }
    }
}

/// A message that did not become a reading, or bytes that were passed over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fault {
    /// What is wrong.
    pub cause: Cause,
    /// Where understanding ended.
    pub layer: Layer,
    /// Octets from the start of the stream to the start of the message.
    pub start: u64,
    /// Octets from the start of the message (or of its body, from [`Layer::Cipher`] on) to
    /// where it goes wrong.
    pub offset: usize,
    /// The framing, where one was recognised.
    pub framing: Option<Framing>,
    /// The sender's system title, where one was on the wire.
    pub system_title: Option<SystemTitle>,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} at octet {} of the {} layer", self.cause, self.offset, self.layer.name())
    }
}

/// The cause and place of a fault inside one layer, before the session adds the rest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Broken {
    /// What is wrong.
    pub cause: Cause,
    /// Where understanding ended.
    pub layer: Layer,
    /// Octets into what the layer was given.
    pub offset: usize,
}

impl Broken {
    /// A fault of `layer` at `offset`.
    pub const fn new(layer: Layer, cause: Cause, offset: usize) -> Self {
        Self { cause, layer, offset }
    }
}

#[cfg(test)]
mod tests {
    use std::string::ToString;

    use super::*;

    #[test]
    fn a_fault_says_what_and_where_in_one_line() {
        let fault = |cause, layer, offset| {
            let (start, framing, system_title) = (0, None, None);
            Fault { cause, layer, start, offset, framing, system_title }.to_string()
        };
        let check = Cause::FrameCheck { wire: 0x12, computed: 0xABCD };
        assert_eq!(
            fault(check, Layer::Frame, 7),
            "frame check: wire says 0012, computed ABCD at octet 7 of the frame layer"
        );
        for (layer, name) in [
            (Layer::Line, "line"),
            (Layer::Transfer, "transfer"),
            (Layer::Cipher, "cipher"),
            (Layer::Apdu, "apdu"),
            (Layer::Data, "data"),
            (Layer::List, "list"),
        ] {
            let told = fault(Cause::Malformed, layer, 0);
            assert!(told.ends_with(&std::format!("of the {name} layer")), "{told}");
        }
    }
}
