//! Ciphered APDUs taken apart and written: general-glo-ciphering, general-ded-ciphering and
//! general-ciphering (IEC 62056-5-3, DLMS Green Book 9.3.x on ciphered APDUs).
//!
//! ```text
//! glo, ded                                    counted by the length
//!                               +-----------------------------------------------+
//! +-------+----+--------------+---+---------+-------------+--~~~~~-----+--------+
//! | DB DC | 08 | system title | L | control |  invocation | ciphertext |  tag   |
//! |       | 00 |     8 or 0   |   |         |   counter   |            | 12     |
//! +-------+----+--------------+---+---------+-------------+--~~~~~-----+--------+
//!
//! general     additional data, as octets on the wire
//!      +----------------------------------------------------+
//! +----+-------------+------------+-----------+------+-------+----------+---------------~~
//! | DD | transaction | originator | recipient | time | other | key info | L control ... as above
//! +----+-------------+------------+-----------+------+-------+----------+---------------~~
//! control: bits 0 to 3 suite, 10 authenticated, 20 encrypted, 40 broadcast key, 80 compressed
//! ```
//!
//! Poland sends the same without the tag octet and with an empty system title inside a text
//! telegram; the nonce then begins with eight zeros.

use core::ops::Range;

use crate::cosem::length::{self, Cursor, LengthForm, Stop};
use crate::emit::{Full, Writer};
use crate::fault::{Broken, Cause, Layer};
use crate::link::Probe;
use crate::reading::{Ciphering, SystemTitle};

/// Octets of the authentication tag.
pub const TAG_LEN: usize = 12;

/// The security control octet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Control(pub u8);

impl Control {
    /// Authenticated only.
    pub const AUTHENTICATED: Self = Self(0x10);
    /// Encrypted and authenticated.
    pub const BOTH: Self = Self(0x30);
    /// Encrypted only.
    pub const ENCRYPTED: Self = Self(0x20);

    /// Number of the security suite. The suites 0 and 1 cipher alike; 2 has longer keys; others
    /// are not defined.
    pub const fn suite(self) -> u8 {
        self.0 & 0x0F
    }

    /// Whether a tag proves the sender.
    pub const fn is_authenticated(self) -> bool {
        self.0 & 0x10 != 0
    }

    /// Whether the content is encrypted.
    pub const fn is_encrypted(self) -> bool {
        self.0 & 0x20 != 0
    }

    /// Whether the broadcast key is used instead of the unicast key.
    pub const fn is_broadcast(self) -> bool {
        self.0 & 0x40 != 0
    }

    /// Whether the content was compressed before it was ciphered.
    pub const fn is_compressed(self) -> bool {
        self.0 & 0x80 != 0
    }
}

/// Which service carries the ciphertext.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// General-ciphering (DD).
    General,
    /// General-ded-ciphering (DC): with a key of one association.
    GeneralDed,
    /// General-glo-ciphering (DB): with the global key.
    GeneralGlo,
    /// The body of general-glo-ciphering without its tag octet.
    Untagged,
}

impl Kind {
    /// The tag octet.
    pub const fn tag(self) -> Option<u8> {
        match self {
            Self::General => Some(0xDD),
            Self::GeneralDed => Some(0xDC),
            Self::GeneralGlo => Some(0xDB),
            Self::Untagged => None,
        }
    }
}

/// What general-ciphering says about its key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyInfo {
    /// Nothing.
    Absent,
    /// Both sides know it; the control octet says which.
    Identified,
    /// It is wrapped or agreed upon in this very message, which is not supported.
    Transported,
}

/// A ciphered APDU taken apart. Ranges count from its first octet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sealed {
    /// System title, security control and invocation counter.
    pub ciphering: Ciphering,
    /// The ciphertext (the plaintext where it is only authenticated), without the tag.
    pub content: Range<usize>,
    /// The tag, where there is one.
    pub tag: Option<Range<usize>>,
    /// Octets of the whole APDU.
    pub len: usize,
    /// Which service it is.
    pub kind: Kind,
    /// The system title without its length; empty where the sender leaves it out.
    pub title: Range<usize>,
    /// The five fields of general-ciphering that its tag covers; empty for the others.
    pub header: Range<usize>,
    /// What is said about the key.
    pub key_info: KeyInfo,
    /// Where the security control stands.
    pub control_at: usize,
}

impl Sealed {
    /// Takes a ciphered APDU at the start of `bytes` apart. Control octets with an undefined
    /// suite and lengths that contradict the control octet are not taken for one.
    pub fn probe(bytes: &[u8]) -> Probe<Self> {
        let mut cursor = Cursor::new(bytes);
        let parsed = cursor.octet().and_then(|tag| match tag {
            0xDB => short_header(bytes, cursor, Kind::GeneralGlo),
            0xDC => short_header(bytes, cursor, Kind::GeneralDed),
            0xDD => general_header(bytes, cursor),
            _ => Err(Stop::No),
        });
        parsed.into()
    }

    /// The same for a body without tag octet: `bytes` begin with the length of the system title.
    pub fn probe_untagged(bytes: &[u8]) -> Probe<Self> {
        short_header(bytes, Cursor::new(bytes), Kind::Untagged).into()
    }

    /// Whether this can be deciphered at all, given the keys.
    pub const fn supported(&self) -> Result<(), Broken> {
        let control = Control(self.ciphering.control);
        let transported = matches!(self.key_info, KeyInfo::Transported);
        if control.suite() > 1 || control.is_compressed() || transported {
            let cause = Cause::Unsupported(control.0);
            return Err(Broken::new(Layer::Cipher, cause, self.control_at));
        }
        Ok(())
    }
}

/// The title of eight octets in `range`; zeros where it was left out.
fn title_of(bytes: &[u8], range: Range<usize>) -> SystemTitle {
    bytes.get(range).and_then(<[u8]>::first_chunk).copied().unwrap_or_default()
}

fn short_header(bytes: &[u8], mut cursor: Cursor<'_>, kind: Kind) -> Result<Sealed, Stop> {
    let title = match cursor.octet()? {
        length @ (0 | 8) => cursor.take(usize::from(length))?,
        _ => return Err(Stop::No),
    };
    let start = cursor.at();
    body(bytes, cursor, Header { kind, title, covered: start..start, key_info: KeyInfo::Absent })
}

fn general_header(bytes: &[u8], mut cursor: Cursor<'_>) -> Result<Sealed, Stop> {
    /// No field is longer in any use of general-ciphering; a longer one is noise.
    const LONGEST: usize = 64;
    let start = cursor.at();
    let mut field = || {
        let length = cursor.length()?;
        if length > LONGEST { Err(Stop::No) } else { cursor.take(length) }
    };
    let _transaction = field()?;
    let title = field()?;
    if !matches!(title.len(), 0 | 8) {
        return Err(Stop::No);
    }
    let _recipient = field()?;
    let _time = field()?;
    let _other = field()?;
    let covered = start..cursor.at();
    let key_info = match cursor.octet()? {
        0 => KeyInfo::Absent,
        1 => match cursor.octet()? {
            0 => {
                cursor.octet()?;
                KeyInfo::Identified
            }
            1 => {
                cursor.octet()?;
                cursor.octet_string()?;
                KeyInfo::Transported
            }
            2 => {
                cursor.octet_string()?;
                cursor.octet_string()?;
                KeyInfo::Transported
            }
            _ => return Err(Stop::No),
        },
        _ => return Err(Stop::No),
    };
    body(bytes, cursor, Header { kind: Kind::General, title, covered, key_info })
}

struct Header {
    kind: Kind,
    title: Range<usize>,
    covered: Range<usize>,
    key_info: KeyInfo,
}

fn body(bytes: &[u8], mut cursor: Cursor<'_>, header: Header) -> Result<Sealed, Stop> {
    let length = cursor.length()?;
    let control_at = cursor.at();
    let control = Control(cursor.octet()?);
    let protected = control.is_authenticated() || control.is_encrypted();
    // the counter stands there only where something is ciphered with it
    let counter_len = if protected { 4 } else { 0 };
    let tag_len = if control.is_authenticated() { TAG_LEN } else { 0 };
    if control.suite() > 2 || length <= 1 + counter_len + tag_len {
        return Err(Stop::No);
    }
    let end = control_at.saturating_add(length);
    let invocation_counter = if protected {
        u32::from_be_bytes(cursor.array().map_err(|_| Stop::More(end))?)
    } else {
        0
    };
    let start = cursor.at();
    if end > bytes.len() {
        return Err(Stop::More(end));
    }
    let system_title = title_of(bytes, header.title.clone());
    let content = start..end - tag_len;
    Ok(Sealed {
        ciphering: Ciphering { control: control.0, system_title, invocation_counter },
        tag: control.is_authenticated().then_some(content.end..end),
        content,
        len: end,
        kind: header.kind,
        title: header.title,
        header: header.covered,
        key_info: header.key_info,
        control_at,
    })
}

/// How a ciphered APDU is to be written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Wrapping {
    /// Which service. General-ciphering is written with its optional fields empty.
    pub kind: Kind,
    /// The security control octet.
    pub control: Control,
    /// The sender's system title; `None` leaves it out.
    pub system_title: Option<SystemTitle>,
    /// The invocation counter.
    pub invocation_counter: u32,
    /// How the length is written.
    pub length_form: LengthForm,
}

impl Wrapping {
    /// Writes everything before the ciphertext of `content_len` octets and says where in `out`
    /// the header stands that the tag covers.
    pub(crate) fn emit_head(
        &self,
        content_len: usize,
        out: &mut Writer<'_>,
    ) -> Result<Range<usize>, Full> {
        if let Some(tag) = self.kind.tag() {
            out.put_u8(tag)?;
        }
        let start = out.len();
        if self.kind == Kind::General {
            // transaction
            out.put_u8(0)?;
        }
        let title = self.system_title.as_ref().map_or(&[][..], |title| &title[..]);
        length::emit(title.len(), LengthForm::Shortest, out)?;
        out.put(title)?;
        let mut header = out.len()..out.len();
        if self.kind == Kind::General {
            // recipient, time, other information
            out.put(&[0; 3])?;
            header = start..out.len();
            // key info
            out.put_u8(0)?;
        }
        let control = self.control;
        let protected = control.is_authenticated() || control.is_encrypted();
        let around = 1
            + if protected { 4 } else { 0 }
            + if control.is_authenticated() { TAG_LEN } else { 0 };
        length::emit(content_len.saturating_add(around), self.length_form, out)?;
        out.put_u8(control.0)?;
        if protected {
            out.put_u32(self.invocation_counter)?;
        }
        Ok(header)
    }
}

#[cfg(test)]
mod tests {
    use std::vec::Vec;

    use hex_literal::hex;
    use proptest::prelude::*;

    use super::*;

    fn whole(probe: Probe<Sealed>) -> Sealed {
        match probe {
            Probe::Frame(sealed) => sealed,
            other => panic!("no whole APDU: {other:?}"),
        }
    }

    #[test]
    fn the_parts_of_a_general_glo_message_are_found() {
        let apdu = hex!(
            "DB 08 4B414D4500BC614E 21 30 00000042"
            "B114E8CA232266939C042EC0D03CE70B 66ABF534A9B45619CB1113E1 7E"
        );
        let sealed = whole(Sealed::probe(&apdu));
        assert_eq!(sealed.ciphering.system_title, *b"KAME\x00\xBC\x61\x4E");
        assert_eq!((sealed.ciphering.control, sealed.ciphering.invocation_counter), (0x30, 0x42));
        assert_eq!((sealed.title, sealed.control_at), (2..10, 11));
        assert_eq!((sealed.content, sealed.tag, sealed.len), (16..32, Some(32..44), 44));
    }

    #[test]
    fn lengths_in_long_form_and_titles_left_out_are_read() {
        let apdu = hex!("DB 00 82 0006 20 00000001 55");
        let sealed = whole(Sealed::probe(&apdu));
        assert_eq!((sealed.ciphering.system_title, sealed.title), ([0; 8], 2..2));
        assert_eq!((sealed.content, sealed.tag), (10..11, None));
        let same = whole(Sealed::probe_untagged(&apdu[1..]));
        assert_eq!((same.kind, same.content, same.len), (Kind::Untagged, 9..10, 10));
    }

    #[test]
    fn a_message_without_protection_has_no_counter() {
        let apdu = hex!("DB 00 04 00 0F 01 02");
        let sealed = whole(Sealed::probe(&apdu));
        assert_eq!((sealed.content, sealed.tag), (4..7, None));
    }

    #[test]
    fn the_header_of_general_ciphering_is_kept_with_its_lengths() {
        for (key_info, said) in [
            (&hex!("00")[..], KeyInfo::Absent),
            (&hex!("01 00 01"), KeyInfo::Identified),
            (&hex!("01 01 00 02 AA BB"), KeyInfo::Transported),
            (&hex!("01 02 01 CC 02 AA BB"), KeyInfo::Transported),
        ] {
            let mut apdu = hex!("DD 02 0001 08 4D4D4D0000BC614E 00 00 01 55").to_vec();
            apdu.extend(key_info);
            let start = apdu.len();
            apdu.extend(hex!("07 20 00000009 AA BB"));
            let sealed = whole(Sealed::probe(&apdu));
            assert_eq!((sealed.header.clone(), sealed.title.clone()), (1..17, 5..13));
            assert_eq!((sealed.content.clone(), sealed.key_info), (start + 6..start + 8, said));
            assert_eq!(sealed.supported().is_ok(), said != KeyInfo::Transported);
            for end in 0..apdu.len() {
                assert!(matches!(Sealed::probe(&apdu[..end]), Probe::More(_)), "cut at {end}");
            }
        }
    }

    #[test]
    fn what_is_cut_off_is_asked_for() {
        let apdu = hex!("DB 08 4B414D4500BC614E 15 20 00000042 B114E8CA232266939C042EC0D03CE70B");
        for end in 0..apdu.len() {
            let Probe::More(total) = Sealed::probe(&apdu[..end]) else { panic!("cut at {end}") };
            assert!(end < total && total <= apdu.len(), "cut at {end}: {total}");
        }
        assert_eq!(Sealed::probe(&apdu[..12]), Probe::More(apdu.len()));
    }

    #[test]
    fn what_contradicts_itself_is_not_taken_for_ciphered() {
        for bytes in [
            &hex!("DA 08")[..],
            &hex!("DB 07"),
            &hex!("DB 08 4B414D4500BC614E 80"),
            &hex!("DB 08 4B414D4500BC614E 15 23"),
            &hex!("DB 08 4B414D4500BC614E 05 20"),
            &hex!("DB 08 4B414D4500BC614E 11 30"),
            &hex!("DD 81 F0"),
            &hex!("DD 00 07 4B414D4500BC61 00 00 00 00 07 20 00000001 AA BB"),
            &hex!("DD 00 00 00 00 00 02"),
        ] {
            assert_eq!(Sealed::probe(bytes), Probe::No, "{bytes:02X?}");
        }
    }

    #[test]
    fn longer_keys_and_compression_are_named_as_unsupported() {
        for control in [0x22u8, 0xA0] {
            let mut apdu = hex!("DB 00 07 00 00000001 AA BB");
            apdu[3] = control;
            let why = whole(Sealed::probe(&apdu)).supported().unwrap_err();
            assert_eq!((why.cause, why.offset), (Cause::Unsupported(control), 3));
        }
    }

    proptest! {
        #[test]
        fn never_panics(mut bytes: Vec<u8>, tag in 0xDBu8..=0xDD) {
            let _ = Sealed::probe_untagged(&bytes);
            bytes.insert(0, tag);
            if let Probe::Frame(sealed) = Sealed::probe(&bytes) {
                prop_assert!(sealed.len <= bytes.len() && sealed.content.end <= sealed.len);
            }
        }
    }
}
