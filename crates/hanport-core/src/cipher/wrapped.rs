//! Ciphered telegrams of P1 ports, written.
//!
//! ```text
//! Luxembourg, Austria   DB | 08 | title | 82 hh ll | 30 | counter | ciphertext | tag
//! Poland      /IDENT CR LF CR LF | 00 | 82 hh ll | 30 | counter | ciphertext | tag | !CRC CR LF
//! ```
//!
//! The first is a bare ciphered APDU around the whole telegram
//! ([`KeyRing::seal`](crate::cipher::suite0::KeyRing::seal) with a length of two octets). The
//! second, of the Warsaw operator, puts the body of one into a telegram of its own. What its
//! checksum covers is not published; here it covers the octets on the wire, as in other telegrams.

use crate::cipher::sealed::{Kind, Wrapping};
use crate::cipher::suite0::{KeyRing, SealError};
use crate::cosem::length::LengthForm;
use crate::emit::Writer;
use crate::link::crc::ARC;

/// Writes the Polish form: `identification` (from `/` on, without line end) in plain text, the
/// rest of the telegram, `plaintext`, as ciphered body. Kind, system title and length form of
/// `wrapping` are fixed by the form.
pub fn emit(
    identification: &[u8],
    plaintext: &[u8],
    keys: &KeyRing,
    wrapping: &Wrapping,
    out: &mut Writer<'_>,
) -> Result<(), SealError> {
    let start = out.len();
    out.put(identification)?;
    out.put(b"\r\n\r\n")?;
    let form = Wrapping {
        kind: Kind::Untagged,
        system_title: None,
        length_form: LengthForm::Two,
        ..*wrapping
    };
    keys.seal(plaintext, &form, out)?;
    out.put_u8(b'!')?;
    let checksum = ARC.checksum(out.written().get(start..).unwrap_or(&[]));
    for shift in [12, 8, 4, 0] {
        let digits = b"0123456789ABCDEF";
        let digit = digits.get(usize::from(checksum >> shift & 0xF)).copied();
        out.put_u8(digit.unwrap_or(b'0'))?;
    }
    out.put(b"\r\n")?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cipher::key::Key;
    use crate::cipher::sealed::{Control, Sealed};
    use crate::link::Probe;
    use crate::reading::Authenticity;

    #[test]
    fn the_body_of_a_wrapped_telegram_opens() {
        let keys = KeyRing::new(Some(&Key::new([1; 16])), Some(&Key::new([2; 16])));
        let wrapping = Wrapping {
            kind: Kind::Untagged,
            control: Control::BOTH,
            system_title: None,
            invocation_counter: 655,
            length_form: LengthForm::Shortest,
        };
        let plaintext = b"1-0:1.7.0(01.234*kW)\r\n";
        let mut buffer = [0; 128];
        let mut out = Writer::new(&mut buffer);
        emit(b"/KFM5KAIFA-METER", plaintext, &keys, &wrapping, &mut out).unwrap();
        let telegram = out.finish();
        assert_eq!(&telegram[..24], b"/KFM5KAIFA-METER\r\n\r\n\x00\x82\x00\x27");
        let end = telegram.len();
        let digits = std::str::from_utf8(&telegram[end - 6..end - 2]).unwrap();
        let checksum = ARC.checksum(&telegram[..end - 6]);
        assert_eq!(u16::from_str_radix(digits, 16), Ok(checksum));
        assert_eq!((telegram[end - 7], &telegram[end - 2..]), (b'!', &b"\r\n"[..]));
        let body = &mut telegram[20..];
        let Probe::Frame(sealed) = Sealed::probe_untagged(body) else { panic!("no body") };
        assert_eq!(20 + sealed.len, end - 7);
        let opened = keys.open(body, &sealed).unwrap();
        assert_eq!(opened.authenticity, Authenticity::Verified);
        assert_eq!(&body[opened.plaintext], plaintext);
    }
}
