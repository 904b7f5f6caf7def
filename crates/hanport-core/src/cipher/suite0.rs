//! Opening and closing ciphered APDUs: AES-128-GCM with a 12-octet tag, security suites 0 and 1
//! (IEC 62056-5-3, ciphering of xDLMS APDUs).
//!
//! The nonce is system title and invocation counter. What the tag covers besides the ciphertext:
//!
//! ```text
//! encrypted and authenticated     control | authentication key | header of general-ciphering
//! authenticated only              the same, and the plaintext behind it
//! ```
//!
//! Everything happens in place. A key that does not fit leaves the octets as they were.

use core::fmt;
use core::ops::Range;

use crate::cipher::gcm::{self, Gcm, Nonce};
use crate::cipher::key::Key;
pub use crate::cipher::sealed::Sealed;
use crate::cipher::sealed::{Control, TAG_LEN, Wrapping};
use crate::cipher::sense::makes_sense;
use crate::emit::{Full, Writer};
use crate::fault::{Broken, Cause, Layer};
use crate::reading::{Authenticity, SystemTitle};

/// What stands for the authentication key where only one key is handed out: all meters of
/// Luxembourg use it (Smarty, P1 specification of Luxembourg).
pub const FIXED_AUTHENTICATION_KEY: [u8; 16] = [
    0x00, 0x11, 0x22, 0x33, 0x44, 0x55, 0x66, 0x77, 0x88, 0x99, 0xAA, 0xBB, 0xCC, 0xDD, 0xEE, 0xFF,
];

/// What [`KeyRing::open`] made of a ciphered APDU.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Opened {
    /// Where the plaintext now stands.
    pub plaintext: Range<usize>,
    /// Whether the tag was checked.
    pub authenticity: Authenticity,
    /// Whether the keys are set the wrong way round.
    pub swapped: bool,
    /// A digest of tag or ciphertext, to recognise a message that comes again.
    pub fingerprint: u64,
}

/// Why a message cannot be closed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SealError {
    /// The buffer is too small.
    #[error(transparent)]
    Full(#[from] Full),
    /// The control octet asks for a cipher and there is no encryption key.
    #[error("no encryption key is set")]
    NeedsKey,
    /// The control octet asks for suite 2 or compression.
    #[error("security control {0:02X} is not supported")]
    Unsupported(u8),
}

/// A key as it was given and made ready.
#[derive(Clone)]
struct Ready {
    key: Key,
    gcm: Gcm,
}

impl Ready {
    fn new(key: &Key) -> Option<Self> {
        // an all-zero key is how many programs write "none"
        (*key != Key::new([0; 16])).then(|| Self { key: key.clone(), gcm: Gcm::new(key) })
    }
}

/// One way to use the keys.
#[derive(Clone, Copy)]
struct Attempt<'a> {
    gcm: &'a Gcm,
    authentication: Option<&'a [u8; 16]>,
    swapped: bool,
}

impl Attempt<'_> {
    fn tag(&self, message: &Message<'_>) -> [u8; TAG_LEN] {
        let control = [message.control.0];
        let authentication = self.authentication.unwrap_or(&FIXED_AUTHENTICATION_KEY);
        let (header, content) = (message.header, &*message.content);
        if message.control.is_encrypted() {
            self.gcm.tag(&message.nonce, &[&control, authentication, header], content)
        } else {
            self.gcm.tag(&message.nonce, &[&control, authentication, header, content], &[])
        }
    }
}

/// The keys of one meter, made ready for use. They are wiped when dropped and never printed.
#[derive(Clone, Default)]
pub struct KeyRing {
    encryption: Option<Ready>,
    authentication: Option<Ready>,
}

impl fmt::Debug for KeyRing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("KeyRing(..)")
    }
}

impl KeyRing {
    /// Makes the keys ready. They may be the wrong way round. A key of zeros counts as none.
    pub fn new(encryption: Option<&Key>, authentication: Option<&Key>) -> Self {
        Self {
            encryption: encryption.and_then(Ready::new),
            authentication: authentication.and_then(Ready::new),
        }
    }

    /// Whether there is no key at all.
    pub const fn is_empty(&self) -> bool {
        self.encryption.is_none() && self.authentication.is_none()
    }

    /// The ways to use the keys: as they are set, then swapped. A single key is the encryption
    /// key wherever it was entered.
    fn attempts(&self) -> impl Iterator<Item = Attempt<'_>> {
        [
            (&self.encryption, &self.authentication, false),
            (&self.authentication, &self.encryption, true),
        ]
        .into_iter()
        .filter_map(|(key, other, swapped)| {
            let gcm = &key.as_ref()?.gcm;
            let authentication = other.as_ref().map(|other| other.key.octets());
            Some(Attempt { gcm, authentication, swapped })
        })
    }

    /// Deciphers `apdu` in place. `sealed` is what [`Sealed::probe`] made of it.
    ///
    /// The keys are tried as they are set and then the other way round; for the tag also with
    /// [`FIXED_AUTHENTICATION_KEY`], whatever other is set. That key is public, yet a tag needs
    /// the secret encryption key as well: a tag that fits proves the sender. If none fits and no
    /// authentication key is set, the text counts as unverified, provided that it makes sense. A
    /// message that is not encrypted can be read
    /// without any key.
    ///
    /// # Errors
    ///
    /// [`Cause::NeedsKey`], [`Cause::WrongKey`] when the plaintext makes no sense,
    /// [`Cause::AuthenticationFailed`] when it does and the tag does not fit, and
    /// [`Cause::Unsupported`] for suite 2, compression and transported keys. `apdu` is then as
    /// it was.
    pub fn open(&self, apdu: &mut [u8], sealed: &Sealed) -> Result<Opened, Broken> {
        sealed.supported()?;
        let fault = |cause| Broken::new(Layer::Cipher, cause, sealed.content.start);
        let mut message = Message::of(apdu, sealed).ok_or_else(|| fault(Cause::Malformed))?;
        let fingerprint = message.fingerprint();
        let (authenticity, swapped) = match message.open_with_proof(self) {
            Some(swapped) => (Authenticity::Verified, swapped),
            None => message.open_without_proof(self).map_err(fault)?,
        };
        Ok(Opened { plaintext: sealed.content.clone(), authenticity, swapped, fingerprint })
    }

    /// Writes `plaintext` as a ciphered APDU.
    ///
    /// The keys are taken as they are set. Without authentication key the tag is computed as
    /// Luxembourg does.
    pub fn seal(
        &self,
        plaintext: &[u8],
        wrapping: &Wrapping,
        out: &mut Writer<'_>,
    ) -> Result<(), SealError> {
        let control = wrapping.control;
        if control.suite() > 1 || control.is_compressed() {
            return Err(SealError::Unsupported(control.0));
        }
        let header = wrapping.emit_head(plaintext.len(), out)?;
        let start = out.len();
        out.put(plaintext)?;
        if !control.is_authenticated() && !control.is_encrypted() {
            return Ok(());
        }
        let ready = self.encryption.as_ref().ok_or(SealError::NeedsKey)?;
        let (head, content) = out.written_mut().split_at_mut_checked(start).ok_or(Full)?;
        let message = Message {
            control,
            nonce: nonce(wrapping.system_title.unwrap_or_default(), wrapping.invocation_counter),
            header: head.get(header).unwrap_or(&[]),
            content,
            tag: None,
        };
        if control.is_encrypted() {
            ready.gcm.apply_keystream(&message.nonce, message.content);
        }
        if control.is_authenticated() {
            let authentication = self.authentication.as_ref().map(|key| key.key.octets());
            let tag = Attempt { gcm: &ready.gcm, authentication, swapped: false }.tag(&message);
            out.put(&tag)?;
        }
        Ok(())
    }
}

fn nonce(title: SystemTitle, counter: u32) -> Nonce {
    let mut octets = title.into_iter().chain(counter.to_be_bytes());
    core::array::from_fn(|_| octets.next().unwrap_or(0))
}

/// A ciphered message, its parts at hand.
struct Message<'a> {
    control: Control,
    nonce: Nonce,
    header: &'a [u8],
    content: &'a mut [u8],
    tag: Option<[u8; TAG_LEN]>,
}

impl<'a> Message<'a> {
    /// `None` when `sealed` was made of other octets.
    fn of(apdu: &'a mut [u8], sealed: &Sealed) -> Option<Self> {
        let (head, rest) = apdu.split_at_mut_checked(sealed.content.start)?;
        let (content, after) = rest.split_at_mut_checked(sealed.content.len())?;
        let tag = match sealed.tag {
            None => None,
            Some(_) => Some(*after.first_chunk()?),
        };
        let header = head.get(sealed.header.clone())?;
        let ciphering = &sealed.ciphering;
        let nonce = nonce(ciphering.system_title, ciphering.invocation_counter);
        Some(Self { control: Control(ciphering.control), nonce, header, content, tag })
    }

    /// Opens it if a key fits the tag, and says whether that is the key set as the other one.
    fn open_with_proof(&mut self, keys: &KeyRing) -> Option<bool> {
        let tag = self.tag?;
        let fixed = (keys.attempts())
            .filter(|attempt| attempt.authentication.is_some())
            .map(|attempt| Attempt { authentication: None, ..attempt });
        let mut attempts = keys.attempts().chain(fixed);
        let attempt = attempts.find(|attempt| gcm::same(&attempt.tag(self), &tag))?;
        if self.control.is_encrypted() {
            attempt.gcm.apply_keystream(&self.nonce, self.content);
        }
        Some(attempt.swapped)
    }

    /// Opens it if a key gives sense and there is no authentication key that could prove more.
    fn open_without_proof(&mut self, keys: &KeyRing) -> Result<(Authenticity, bool), Cause> {
        let refutes = |attempt: Attempt<'_>| self.tag.is_some() && attempt.authentication.is_some();
        if !self.control.is_encrypted() {
            if keys.attempts().any(refutes) {
                return Err(Cause::AuthenticationFailed);
            }
            let authenticity =
                if self.tag.is_some() { Authenticity::Unverified } else { Authenticity::Plain };
            return Ok((authenticity, false));
        }
        if keys.is_empty() {
            return Err(Cause::NeedsKey);
        }
        for attempt in keys.attempts() {
            attempt.gcm.apply_keystream(&self.nonce, self.content);
            let sense = makes_sense(self.content);
            if sense && !refutes(attempt) {
                return Ok((Authenticity::Unverified, attempt.swapped));
            }
            attempt.gcm.apply_keystream(&self.nonce, self.content);
            if sense {
                return Err(Cause::AuthenticationFailed);
            }
        }
        Err(Cause::WrongKey)
    }

    /// The tag, or a digest of the ciphertext where there is none.
    fn fingerprint(&self) -> u64 {
        let digest = |octets: &[u8]| {
            octets.chunks(8).fold(0u64, |digest, chunk| {
                let mut word = [0; 8];
                word.iter_mut().zip(chunk).for_each(|(to, from)| *to = *from);
                // odd factor: 2^64 divided by the golden ratio
                (digest.rotate_left(5) ^ u64::from_le_bytes(word))
                    .wrapping_mul(0x9E37_79B9_7F4A_7C15)
            })
        };
        self.tag.map_or_else(|| digest(self.content), |tag| digest(&tag))
    }
}

#[cfg(test)]
mod tests {
    use std::format;
    use std::vec::Vec;

    use hex_literal::hex;
    use proptest::prelude::*;

    use super::*;
    use crate::cipher::sealed::Kind;
    use crate::cosem::length::LengthForm;
    use crate::link::Probe;

    const EK: Key = Key::new(hex!("000102030405060708090A0B0C0D0E0F"));
    const AK: Key = Key::new(hex!("D0D1D2D3D4D5D6D7D8D9DADBDCDDDEDF"));
    const OTHER: Key = Key::new(hex!("0F0102030405060708090A0B0C0D0E0F"));
    const PUSH: [u8; 16] = hex!("0F 00 00 00 42 00 02 02 06 00 00 04 D2 12 09 03");
    const PUSH_10: [u8; 44] = hex!(
        "DB 08 4B414D4500BC614E 21 10 00000042 0F000000420002020600 0004D2120903"
        "50F6B020342D8D73B06BCB5C"
    );
    const PUSH_20: [u8; 32] =
        hex!("DB 08 4B414D4500BC614E 15 20 00000042 B114E8CA232266939C042EC0D03CE70B");
    const PUSH_21: [u8; 32] =
        hex!("DB 08 4B414D4500BC614E 15 21 00000042 B114E8CA232266939C042EC0D03CE70B");
    const PUSH_30: [u8; 44] = hex!(
        "DB 08 4B414D4500BC614E 21 30 00000042 B114E8CA232266939C042EC0D03CE70B"
        "66ABF534A9B45619CB1113E1"
    );

    /// What comes out: plaintext, authenticity, swapped. On a fault the octets must be as before.
    fn open(keys: &KeyRing, apdu: &[u8]) -> Result<(Vec<u8>, Authenticity, bool), Cause> {
        let Probe::Frame(sealed) = Sealed::probe(apdu) else { panic!("no whole APDU") };
        let mut octets = apdu.to_vec();
        match keys.open(&mut octets, &sealed) {
            Ok(opened) => {
                let plaintext = octets[opened.plaintext].to_vec();
                Ok((plaintext, opened.authenticity, opened.swapped))
            }
            Err(why) => {
                assert_eq!(octets, apdu, "restored");
                assert_eq!(why.layer, Layer::Cipher);
                Err(why.cause)
            }
        }
    }

    fn sealed(keys: &KeyRing, plaintext: &[u8], wrapping: &Wrapping) -> Vec<u8> {
        let mut buffer = [0; 1024];
        let mut out = Writer::new(&mut buffer);
        keys.seal(plaintext, wrapping, &mut out).unwrap();
        out.written().to_vec()
    }

    fn wrapping(control: u8, title: SystemTitle, invocation_counter: u32) -> Wrapping {
        Wrapping {
            kind: Kind::GeneralGlo,
            control: Control(control),
            system_title: Some(title),
            invocation_counter,
            length_form: LengthForm::Shortest,
        }
    }

    #[test]
    fn the_green_book_vector_comes_out() {
        let plaintext = hex!("C0 01 00 00 08 00 00 01 00 00 FF 02 00");
        let ciphertext = hex!("41 13 12 FF 93 5A 47 56 68 27 C4 67 BC");
        let keys = KeyRing::new(Some(&EK), Some(&AK));
        for (control, content, tag) in [
            (0x10, plaintext, &hex!("06 72 5D 91 0F 92 21 D2 63 87 75 16")[..]),
            (0x20, ciphertext, &[]),
            (0x30, ciphertext, &hex!("7D 82 5C 3B E4 A7 7C 3F CC 05 6B 6B")),
        ] {
            let wrapping = wrapping(control, hex!("4D4D4D0000BC614E"), 0x0123_4567);
            let apdu = sealed(&keys, &plaintext, &wrapping);
            assert_eq!(apdu[16..], [&content, tag].concat(), "control {control:02X}");
        }
    }

    #[test]
    fn the_push_vectors_open_and_close() {
        let keys = KeyRing::new(Some(&EK), Some(&AK));
        for (apdu, authenticity) in [
            (&PUSH_10[..], Authenticity::Verified),
            (&PUSH_20, Authenticity::Unverified),
            (&PUSH_21, Authenticity::Unverified),
            (&PUSH_30, Authenticity::Verified),
        ] {
            assert_eq!(open(&keys, apdu), Ok((PUSH.to_vec(), authenticity, false)));
            let wrapping = wrapping(apdu[11], *b"KAME\x00\xBC\x61\x4E", 0x42);
            assert_eq!(sealed(&keys, &PUSH, &wrapping), apdu);
        }
    }

    #[test]
    fn the_published_sample_of_an_austrian_operator_opens() {
        let apdu = hex!(
            "DB 08 4B 46 4D 67 50 00 00 09 81 F8 20 00 00 00 23 88 D5 AB 4F 97 51 5A AF C6 B8 8D"
            "2F 85 DA A7 A0 E3 C0 C4 0D 00 45 35 C3 97 C9 D0 37 AB 7D BD A3 29 10 76 15 44 48 94"
            "A1 A0 DD 7E 85 F0 2D 49 6C EC D3 FF 46 AF 5F B3 C9 22 9C FE 8F 3E E4 60 6A B2 E1 F4"
            "09 F3 6A AD 2E 50 90 0A 43 96 FC 6C 2E 08 3F 37 32 33 A6 96 16 95 07 58 BF C7 D6 3A"
            "9E 9B 6E 99 E2 1B 2C BC 2B 93 47 72 CA 51 FD 4D 69 83 07 11 CA B1 F8 CF F2 5F 0A 32"
            "93 37 CB A5 19 04 F0 CA ED 88 D6 19 68 74 3C 84 54 BA 92 2E B0 00 38 18 2C 22 FE 31"
            "6D 16 F2 A9 F5 44 D6 F7 5D 51 A4 E9 2A 1C 4E F8 AB 19 A2 B7 FE AA 32 D0 72 6C 0E D8"
            "02 29 AE 6C 0F 76 21 A4 20 92 51 AC E2 B2 BC 66 FF 03 27 A6 53 BB 68 6C 75 6B E0 33"
            "C7 A2 81 F1 D2 A7 E1 FA 31 C3 98 3E 15 F8 FD 16 CC 57 87 E6 F5 17"
            "41 9A 3C FD A4 4B E4 38 C9 6F 0E 38 BF 83 D9"
        );
        let key = "36C66639E48A8CA4D6BC8B282A793BBB".parse().unwrap();
        let keys = KeyRing::new(Some(&key), None);
        let (plaintext, authenticity, _) = open(&keys, &apdu).unwrap();
        assert_eq!(plaintext.len(), 243);
        assert_eq!(plaintext[..18], hex!("0F 80 06 87 0E 0C 07 E5 09 1B 01 09 2F 0F 00 FF 88 80"));
        assert_eq!(plaintext[18..20], hex!("02 23"));
        assert_eq!(authenticity, Authenticity::Unverified);
        let wrong = "36C66639E48A8CA4D6BC8B282A793BB0".parse().unwrap();
        assert_eq!(open(&KeyRing::new(Some(&wrong), None), &apdu), Err(Cause::WrongKey));
    }

    const TELEGRAM: &[u8] = b"/TST5\\000000000\r\n\r\n1-3:0.2.8(50)\r\n\
        0-0:1.0.0(240115120000W)\r\n1-0:1.7.0(01.234*kW)\r\n!6351\r\n";
    const SMARTY: [u8; 119] = hex!(
        "DB 08 53 41 47 59 67 70 12 34 82 00 6A 30 00 00 01 F2 61 60 5B D6 E8 38 81 63 7F 43 C7"
        "E4 40 55 7C EF 2F 74 82 22 33 FD B8 6C 15 0D 47 F6 9D 15 11 CF 90 34 A1 B1 8C ED 0F 5C"
        "4D E5 9D 93 93 47 AE 0E 98 69 0B 90 8D CB B4 13 14 A6 C7 D9 49 29 85 DB 2C C8 6B 99 D6"
        "3A 30 7E BF 18 22 F2 E9 A9 E3 66 53 15 2C 13 22 17 EA 32 BF 38 81 D4 CD 7A E4 19 28 DC"
        "5D F5 BB"
    );

    #[test]
    fn a_telegram_of_luxembourg_is_verified_with_the_encryption_key_alone() {
        let alone = KeyRing::new(Some(&EK), None);
        let opened = Ok((TELEGRAM.to_vec(), Authenticity::Verified, false));
        assert_eq!(open(&alone, &SMARTY), opened);
        let with_zeros = KeyRing::new(Some(&EK), Some(&Key::new([0; 16])));
        assert_eq!(open(&with_zeros, &SMARTY), opened);
        let with_a_wrong_one = KeyRing::new(Some(&EK), Some(&OTHER));
        assert_eq!(open(&with_a_wrong_one, &SMARTY), opened);
        let verified_swapped = Ok((TELEGRAM.to_vec(), Authenticity::Verified, true));
        assert_eq!(open(&KeyRing::new(Some(&OTHER), Some(&EK)), &SMARTY), verified_swapped);
        let wrong = KeyRing::new(Some(&OTHER), Some(&AK));
        assert_eq!(open(&wrong, &SMARTY), Err(Cause::WrongKey));
        let mut altered = SMARTY;
        altered[40] ^= 1;
        assert_eq!(open(&with_a_wrong_one, &altered), Err(Cause::AuthenticationFailed));
        let mut wrapping = wrapping(0x30, hex!("5341475967701234"), 0x1F2);
        wrapping.length_form = LengthForm::Two;
        assert_eq!(sealed(&alone, TELEGRAM, &wrapping), SMARTY);
    }

    #[test]
    fn keys_set_the_wrong_way_round_are_found_out() {
        let keys = KeyRing::new(Some(&AK), Some(&EK));
        for (apdu, authenticity) in [
            (&PUSH_10[..], Authenticity::Verified),
            (&PUSH_20, Authenticity::Unverified),
            (&PUSH_30, Authenticity::Verified),
        ] {
            assert_eq!(open(&keys, apdu), Ok((PUSH.to_vec(), authenticity, true)));
        }
        let alone = KeyRing::new(None, Some(&EK));
        let unverified = Ok((PUSH.to_vec(), Authenticity::Unverified, true));
        assert_eq!(open(&alone, &PUSH_30), unverified);
    }

    #[test]
    fn what_is_wrong_with_the_keys_is_told_apart() {
        let unverified = Ok((PUSH.to_vec(), Authenticity::Unverified, false));
        for (keys, apdu, outcome) in [
            (KeyRing::default(), &PUSH_30[..], Err(Cause::NeedsKey)),
            (KeyRing::default(), &PUSH_20, Err(Cause::NeedsKey)),
            (KeyRing::default(), &PUSH_10, unverified.clone()),
            (KeyRing::new(Some(&EK), None), &PUSH_10, unverified.clone()),
            (KeyRing::new(Some(&EK), None), &PUSH_30, unverified),
            (KeyRing::new(Some(&OTHER), None), &PUSH_20, Err(Cause::WrongKey)),
            (KeyRing::new(Some(&OTHER), None), &PUSH_30, Err(Cause::WrongKey)),
            (KeyRing::new(Some(&OTHER), Some(&AK)), &PUSH_30, Err(Cause::WrongKey)),
            (KeyRing::new(Some(&EK), Some(&OTHER)), &PUSH_30, Err(Cause::AuthenticationFailed)),
            (KeyRing::new(Some(&OTHER), Some(&EK)), &PUSH_30, Err(Cause::AuthenticationFailed)),
            (KeyRing::new(Some(&EK), Some(&OTHER)), &PUSH_10, Err(Cause::AuthenticationFailed)),
        ] {
            assert_eq!(open(&keys, apdu), outcome);
        }
    }

    #[test]
    fn no_bit_of_an_authenticated_message_can_be_changed() {
        let keys = KeyRing::new(Some(&EK), Some(&AK));
        for message in [&PUSH_10[..], &PUSH_30] {
            for bit in 0..message.len() * 8 {
                let mut altered = message.to_vec();
                altered[bit / 8] ^= 1 << (bit % 8);
                let Probe::Frame(sealed) = Sealed::probe(&altered) else { continue };
                let opened = keys.open(&mut altered, &sealed);
                let verified = opened.is_ok_and(|o| o.authenticity == Authenticity::Verified);
                assert!(!verified, "bit {bit} of {message:02X?}");
            }
        }
    }

    #[test]
    fn a_broadcast_key_is_a_key_like_others() {
        let keys = KeyRing::new(Some(&EK), Some(&AK));
        let apdu = sealed(&keys, &PUSH, &wrapping(0x70, *b"KAM00001", 1));
        let opened = Ok((PUSH.to_vec(), Authenticity::Verified, false));
        assert_eq!(open(&keys, &apdu), opened);
    }

    #[test]
    fn what_is_not_supported_is_refused_both_ways() {
        let keys = KeyRing::new(Some(&EK), Some(&AK));
        for control in [0x32u8, 0xB0] {
            let mut apdu = PUSH_30;
            apdu[11] = control;
            assert_eq!(open(&keys, &apdu), Err(Cause::Unsupported(control)));
            let refused =
                keys.seal(&PUSH, &wrapping(control, [0; 8], 0), &mut Writer::new(&mut [0; 64]));
            assert_eq!(refused, Err(SealError::Unsupported(control)));
        }
        let no_key = KeyRing::default().seal(
            &PUSH,
            &wrapping(0x20, [0; 8], 0),
            &mut Writer::new(&mut [0; 64]),
        );
        assert_eq!(no_key, Err(SealError::NeedsKey));
        let no_room = keys.seal(&PUSH, &wrapping(0x30, [0; 8], 0), &mut Writer::new(&mut [0; 43]));
        assert_eq!(no_room, Err(SealError::Full(Full)));
    }

    #[test]
    fn keys_made_ready_are_never_printed() {
        assert_eq!(format!("{:?}", KeyRing::new(Some(&EK), Some(&AK))), "KeyRing(..)");
    }

    #[test]
    fn the_same_message_has_the_same_fingerprint_and_another_one_has_not() {
        let keys = KeyRing::new(Some(&EK), Some(&AK));
        let fingerprint = |apdu: &[u8]| {
            let Probe::Frame(sealed) = Sealed::probe(apdu) else { panic!("no whole APDU") };
            keys.open(&mut apdu.to_vec(), &sealed).unwrap().fingerprint
        };
        assert_eq!(fingerprint(&PUSH_20), fingerprint(&PUSH_20));
        assert_ne!(fingerprint(&PUSH_30), fingerprint(&PUSH_20));
        for at in 30..32 {
            let mut other = PUSH_20;
            other[at] ^= 1;
            assert_ne!(fingerprint(&PUSH_20), fingerprint(&other));
        }
    }

    prop_compose! {
        fn any_wrapping()(
            kind in 0usize..4,
            control in prop::sample::select(&[0x00u8, 0x10, 0x20, 0x21, 0x30, 0x31, 0x70]),
            title: Option<SystemTitle>,
            invocation_counter: u32,
            form in 0usize..3,
        ) -> Wrapping {
            let kinds = [Kind::General, Kind::GeneralDed, Kind::GeneralGlo, Kind::Untagged];
            let forms = [LengthForm::Shortest, LengthForm::One, LengthForm::Two];
            Wrapping {
                kind: kinds[kind],
                control: Control(control),
                system_title: title,
                invocation_counter,
                length_form: forms[form],
            }
        }
    }

    proptest! {
        #[test]
        fn what_is_closed_opens_again(
            wrapping in any_wrapping(),
            body in prop::collection::vec(any::<u8>(), 1..400),
        ) {
            let plaintext = [&hex!("0F 00 00 00 01 00 09 82")[..],
                &u16::try_from(body.len()).unwrap().to_be_bytes(), &body].concat();
            let keys = KeyRing::new(Some(&EK), Some(&AK));
            let mut apdu = sealed(&keys, &plaintext, &wrapping);
            let probe = match wrapping.kind {
                Kind::Untagged => Sealed::probe_untagged(&apdu),
                _ => Sealed::probe(&apdu),
            };
            let Probe::Frame(parts) = probe else { return Err(TestCaseError::fail("no APDU")) };
            prop_assert_eq!(parts.len, apdu.len());
            prop_assert_eq!(parts.ciphering.system_title, wrapping.system_title.unwrap_or([0; 8]));
            let opened = keys.open(&mut apdu, &parts).unwrap();
            prop_assert_eq!(&apdu[opened.plaintext], &plaintext[..]);
            let authenticity = match wrapping.control {
                control if control.is_authenticated() => Authenticity::Verified,
                control if control.is_encrypted() => Authenticity::Unverified,
                _ => Authenticity::Plain,
            };
            prop_assert_eq!((opened.authenticity, opened.swapped), (authenticity, false));
        }

        #[test]
        fn never_panics(mut bytes: Vec<u8>, tag in 0xDBu8..=0xDD) {
            bytes.insert(0, tag);
            let keys = KeyRing::new(Some(&EK), Some(&AK));
            if let Probe::Frame(sealed) = Sealed::probe(&bytes) {
                let _ = keys.open(&mut bytes, &sealed);
                bytes.truncate(bytes.len() / 2);
                let _ = keys.open(&mut bytes, &sealed);
            }
        }
    }
}
