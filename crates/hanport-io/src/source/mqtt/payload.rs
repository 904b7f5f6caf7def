//! The octets in a message of a broker, in whatever form.
//!
//! Octets as they are, text telegrams, hexadecimal digits with or without blanks, JSON with
//! either, and logs are what [`Capture`] finds. Base64 is looked for where that finds nothing, as
//! the whole text or between quotation marks; any word is base64, so it counts only when what
//! comes out begins as messages of meters do.

use hanport_engine::capture::{Capture, Notation};

/// The fewest characters of base64 that are taken for octets.
const FEWEST: usize = 16;

/// The octets that a message carries; none when it is something else.
pub(super) fn octets(payload: &[u8]) -> Vec<u8> {
    let capture = Capture::recognise(payload);
    match capture.notation {
        Notation::Binary | Notation::Hex | Notation::Json | Notation::Log | Notation::Telegram => {
            capture.octets()
        }
        Notation::Empty => Vec::new(),
        Notation::Prose => {
            let words = || payload.split(|octet| *octet == b'"').map(<[u8]>::trim_ascii);
            words().find_map(base64).unwrap_or_default()
        }
    }
}

/// How messages of meters begin: HDLC, M-Bus, SML, a text telegram, DLMS bare, in LLC, ciphered.
const BEGINNINGS: [u8; 7] = [0x7E, 0x68, 0x1B, b'/', 0x0F, 0xE6, 0xDB];

/// Base64 (RFC 4648) with either alphabet, with or without padding.
fn base64(text: &[u8]) -> Option<Vec<u8>> {
    let text = text.strip_suffix(b"=").unwrap_or(text);
    let text = text.strip_suffix(b"=").unwrap_or(text);
    if text.len() < FEWEST {
        return None;
    }
    let mut octets = Vec::with_capacity(text.len() * 3 / 4);
    for group in text.chunks(4) {
        let mut bits = 0u32;
        for character in group {
            bits = bits << 6 | u32::from(value(*character)?);
        }
        let [_, a, b, c] = (bits << (6 * (4 - group.len()))).to_be_bytes();
        match group.len() {
            2 => octets.push(a),
            3 => octets.extend([a, b]),
            4 => octets.extend([a, b, c]),
            _ => return None,
        }
    }
    octets.first().is_some_and(|first| BEGINNINGS.contains(first)).then_some(octets)
}

const fn value(character: u8) -> Option<u8> {
    Some(match character {
        b'A'..=b'Z' => character - b'A',
        b'a'..=b'z' => character - b'a' + 26,
        b'0'..=b'9' => character - b'0' + 52,
        b'+' | b'-' => 62,
        b'/' | b'_' => 63,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rstest::rstest;

    use super::*;

    /// A list of a Kaifa meter that the description of its format works through.
    const FRAME: [u8; 41] = [
        0x7E, 0xA0, 0x27, 0x01, 0x02, 0x01, 0x10, 0x5A, 0x87, 0xE6, 0xE7, 0x00, 0x0F, 0x40, 0x00,
        0x00, 0x00, 0x09, 0x0C, 0x07, 0xE2, 0x01, 0x0F, 0x01, 0x0F, 0x1E, 0x0A, 0xFF, 0x80, 0x00,
        0x00, 0x02, 0x01, 0x06, 0x00, 0x00, 0x04, 0xD2, 0x72, 0xA7, 0x7E,
    ];
    const BASE64: &str = "fqAnAQIBEFqH5ucAD0AAAAAJDAfiAQ8BDx4K/4AAAAIBBgAABNJyp34=";

    fn hex(between: &str) -> String {
        FRAME.iter().map(|octet| format!("{octet:02X}")).collect::<Vec<_>>().join(between)
    }

    #[rstest]
    #[case::binary(FRAME.to_vec())]
    #[case::digits(hex("").into_bytes())]
    #[case::small_digits(hex("").to_lowercase().into_bytes())]
    #[case::pairs(hex(" ").into_bytes())]
    #[case::json(format!("{{\"data\":\"{}\"}}", hex("")).into_bytes())]
    #[case::named_json(format!("{{\"id\":\"ams\",\"up\":12,\"data\":\"{}\"}}", hex(" ")).into_bytes())]
    #[case::dump(format!("(V) HDLC frame:\n(V) {}\n", hex(" ")).into_bytes())]
    #[case::base64(BASE64.into())]
    #[case::base64_for_names(BASE64.replace('/', "_").trim_end_matches('=').into())]
    #[case::base64_in_json(format!("{{\"frame\": \"{BASE64}\", \"n\": 1}}").into_bytes())]
    fn every_form_gives_the_frame(#[case] payload: Vec<u8>) {
        assert_eq!(octets(&payload), FRAME);
    }

    #[test]
    fn a_telegram_keeps_its_line_ends() {
        let telegram = b"/ISK5\\2M550T-1012\r\n\r\n1-0:1.8.1(000001.000*kWh)\r\n!ABCD\r\n";
        assert_eq!(octets(telegram), telegram);
    }

    #[rstest]
    #[case(b"")]
    #[case(b"online")]
    #[case(b"{\"P\":1234,\"rssi\":-60,\"name\":\"reader\"}")]
    #[case(b"https://example.com/some/longer/path")]
    #[case(b"ThisIsALongWordWithoutBlanks")]
    fn what_is_no_frame_gives_nothing(#[case] payload: &[u8]) {
        assert!(octets(payload).is_empty(), "{payload:?}");
    }

    proptest! {
        #[test]
        fn no_payload_panics(payload: Vec<u8>) {
            let _ = octets(&payload);
            let _ = base64(&payload);
        }
    }
}
