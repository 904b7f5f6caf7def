//! Faults and oddities in plain words, and what to do about them.

use std::fmt::Write as _;

use hanport_core::fault::{Cause, Fault};
use hanport_core::reading::{Framing, Oddities, Oddity, SystemTitle};

/// What went wrong and what to do, for people.
pub(crate) struct Advice {
    /// What went wrong.
    pub(crate) what: String,
    /// What to do about it.
    pub(crate) remedy: &'static str,
}

/// The advice for a fault.
pub(crate) fn on_fault(fault: &Fault) -> Advice {
    let what = match fault.cause {
        Cause::AuthenticationFailed => "the authentication tag does not fit".to_owned(),
        Cause::FrameCheck { wire, computed } => {
            format!("the checksum is wrong (sent {wire:04X}, computed {computed:04X})")
        }
        Cause::HeaderCheck { wire, computed } => {
            format!(
                "the checksum of the header is wrong (sent {wire:04X}, computed {computed:04X})"
            )
        }
        Cause::Malformed => format!("the data contradicts itself at octet {}", fault.offset),
        Cause::NeedsKey => "the message is encrypted and no key is given".to_owned(),
        Cause::NoEnd { found } => format!("the frame ends with {found:02X} instead of its mark"),
        Cause::NoFrame { octets: 0 } => "there are no octets in the input".to_owned(),
        Cause::NoFrame { octets } => format!("nothing in {octets} octets looks like a meter"),
        Cause::PartMissing => "a part of the message is missing".to_owned(),
        Cause::TooLong { needed, .. } => format!("the message is too long ({needed} octets)"),
        Cause::TooManyValues(_) => "the message has too many values".to_owned(),
        Cause::Truncated { have, want: 0 } => format!("the message is cut off after {have} octets"),
        Cause::Truncated { have, want } => {
            format!("the message is cut off: {have} of {want} octets")
        }
        Cause::UnknownList { count, .. } => {
            format!("nobody has described this list of {count} elements")
        }
        Cause::Unsupported(kind) => format!("messages of kind {kind:02X} carry no readings"),
        Cause::WrongKey => "the key does not fit".to_owned(),
    };
    Advice { what, remedy: remedy(fault) }
}

fn remedy(fault: &Fault) -> &'static str {
    match fault.cause {
        Cause::AuthenticationFailed => {
            "The encryption key is right, so the authentication key is wrong or the message was \
             altered. Leave --auth-key out to read it unverified."
        }
        Cause::FrameCheck { .. } | Cause::HeaderCheck { .. } | Cause::NoEnd { .. }
            if fault.framing == Some(Framing::Dsmr) =>
        {
            "Octets were damaged on the way. Was the text copied? Then its line ends may have \
             changed, and the checksum covers them."
        }
        Cause::FrameCheck { .. } | Cause::HeaderCheck { .. } | Cause::NoEnd { .. } => {
            "Octets were damaged on the way: check cable, power supply of the adapter and the \
             parity setting. One such message now and then is harmless."
        }
        Cause::NeedsKey => {
            "Ask the grid company for the key of the customer interface and give it with --key \
             (and --auth-key where there are two)."
        }
        Cause::NoFrame { octets: 0 } => {
            "Give the octets as they came, in hexadecimal in any notation, or as a telegram."
        }
        Cause::NoFrame { .. } => {
            "Wrong speed or parity, an inverted line, or no meter data at all; hanport explain says \
             what it looks like."
        }
        Cause::PartMissing | Cause::Truncated { .. } => {
            "Record longer, so that at least one message is complete."
        }
        Cause::Malformed | Cause::UnknownList { .. } => {
            "The message is intact but of a kind not known here. A capture of it would help \
             to add it."
        }
        Cause::TooLong { .. } | Cause::TooManyValues(_) | Cause::Unsupported(_) => {
            "The message carries nothing that can be shown."
        }
        Cause::WrongKey => {
            "Check the digits of the key, and that it belongs to this meter: after a change of \
             meter or owner there is a new one."
        }
    }
}

/// Every oddity of a message: a stable word for programs and a sentence for people.
pub(crate) fn oddities(oddities: Oddities) -> impl Iterator<Item = (&'static str, &'static str)> {
    const ALL: [(Oddity, &str, &str); 8] = [
        (Oddity::ClockInvalid, "clock-invalid", "the meter says that its clock is wrong"),
        (Oddity::CounterWentBack, "counter-went-back", "the invocation counter went back"),
        (Oddity::LineBroken, "line-broken", "a line of the telegram could not be read"),
        (Oddity::KeysSwapped, "keys-swapped", "the two keys are given the wrong way round"),
        (Oddity::Repeated, "repeated", "the same message came before"),
        (Oddity::TagSwapped, "tag-swapped", "a type tag has its octets swapped"),
        (Oddity::TrailingOctets, "trailing-octets", "octets follow that belong to nothing"),
        (
            Oddity::ScaleAssumed,
            "scale-assumed",
            "the scale of a value is assumed because it is plausible",
        ),
    ];
    ALL.into_iter()
        .filter(move |(oddity, ..)| oddities.has(*oddity))
        .map(|(_, word, sentence)| (word, sentence))
}

/// A system title in hexadecimal.
pub(crate) fn title_text(title: SystemTitle) -> String {
    title.iter().fold(String::new(), |mut text, octet| {
        let _ = write!(text, "{octet:02X}");
        text
    })
}
