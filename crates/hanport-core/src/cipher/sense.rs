//! Whether a deciphered text makes sense, where no tag proves it.
//!
//! A wrong key gives noise. The first octet alone would let one text in sixty-four pass; what is
//! asked here lets about one in fifty million pass, and the parsers behind it see the rest.

use crate::cosem::length::{Cursor, Stop};

/// Whether `text` begins like a data-notification, an event-notification, a block of a transfer
/// or a text telegram.
pub(crate) fn makes_sense(text: &[u8]) -> bool {
    let begins = match text.first() {
        Some(0x0F) => data_notification(text),
        Some(0xC2) => event_notification(text),
        Some(0xE0) => block(text),
        _ => Ok(telegram(text)),
    };
    begins == Ok(true)
}

fn data_notification(text: &[u8]) -> Result<bool, Stop> {
    let mut cursor = Cursor::new(text);
    // tag and invoke id
    cursor.take(5)?;
    match cursor.octet()? {
        0x00 => {}
        0x0C | 0x19 => {
            if !date_time(cursor.array()?) {
                return Ok(false);
            }
        }
        0x09 => {
            if cursor.octet()? != 0x0C || !date_time(cursor.array()?) {
                return Ok(false);
            }
        }
        _ => return Ok(false),
    }
    value(text, cursor)
}

fn event_notification(text: &[u8]) -> Result<bool, Stop> {
    let mut cursor = Cursor::new(text);
    cursor.octet()?;
    match cursor.octet()? {
        0x00 => {}
        0x01 => {
            if cursor.octet()? != 0x0C || !date_time(cursor.array()?) {
                return Ok(false);
            }
        }
        _ => return Ok(false),
    }
    // class, object, attribute: classes and attributes have small numbers
    let [high, _, _, _, _, _, _, _, attribute] = cursor.array()?;
    Ok(high == 0 && (1..=32).contains(&attribute) && value(text, cursor)?)
}

fn block(text: &[u8]) -> Result<bool, Stop> {
    let mut cursor = Cursor::new(text);
    let [_, _, number_high, number_low, confirmed_high, _] = cursor.array()?;
    let numbered = number_high == 0 && number_low != 0 && confirmed_high == 0;
    let length = cursor.length()?;
    Ok(numbered && length > 0 && cursor.at() + length == text.len())
}

/// A whole telegram or, where the identification stands outside, its lines.
fn telegram(text: &[u8]) -> bool {
    const ENOUGH: usize = 24;
    let head = text.get(..ENOUGH).unwrap_or(text);
    head.len() >= 16 && head.iter().all(|o| matches!(o, b'\r' | b'\n' | b' '..=b'~'))
}

/// Whether the octets can be a date and time; FF leaves a field open.
const fn date_time(octets: [u8; 12]) -> bool {
    let [year_high, _, month, day, weekday, hour, minute, second, _, _, _, _] = octets;
    matches!(year_high, 0x07 | 0xFF)
        && matches!(month, 1..=12 | 0xFD..=0xFF)
        && matches!(day, 1..=31 | 0xFD..=0xFF)
        && matches!(weekday, 0..=7 | 0xFF)
        && matches!(hour, 0..=23 | 0xFF)
        && matches!(minute, 0..=59 | 0xFF)
        && matches!(second, 0..=60 | 0xFF)
}

/// Whether the body of a notification begins here: a list whose count and first element fit, or
/// a string or number that fills the rest.
fn value(text: &[u8], mut cursor: Cursor<'_>) -> Result<bool, Stop> {
    match cursor.octet()? {
        0x01 | 0x02 => {
            let count = cursor.length()?;
            if count == 0 || count > text.len() - cursor.at() {
                return Ok(false);
            }
            Ok(matches!(cursor.octet()?, 0x00..=0x06 | 0x09..=0x0D | 0x0F..=0x1B))
        }
        0x09 | 0x0A | 0x0C => {
            let length = cursor.length()?;
            Ok(cursor.at() + length == text.len())
        }
        0x13 => Ok(matches!(cursor.octet()?, 0x01 | 0x02)),
        tag => {
            let size = match tag {
                0x03 | 0x0F | 0x11 | 0x16 => 1,
                0x10 | 0x12 => 2,
                0x05 | 0x06 | 0x17 => 4,
                0x14 | 0x15 | 0x18 => 8,
                0x19 => 12,
                _ => return Ok(false),
            };
            Ok(cursor.at() + size == text.len())
        }
    }
}

#[cfg(test)]
mod tests {
    use hex_literal::hex;

    use super::*;

    #[test]
    fn every_kind_of_plaintext_is_recognised() {
        for text in [
            &hex!("0F 00 00 00 42 00 02 02 06 00 00 04 D2 12 09 03")[..],
            &hex!("0F 80 06 87 0E 0C 07E5 09 1B 01 09 2F 0F 00 FF88 80 02 02 09 0C 07E5"),
            &hex!("0F 40 00 00 00 09 0C 07E4 01 01 03 00 00 0A FF 8000 00 02 01 06 00000001"),
            &hex!("0F 00 00 00 01 00 09 03 01 02 03"),
            &hex!("0F 00 00 00 01 00 13 02 01 06 04 00000001"),
            &hex!("C2 00 0003 0100010800FF 02 06 00000001"),
            &hex!("C2 01 0C 07E5091B01092F0F00FF8880 0003 0100010800FF 02 06 00000001"),
            &hex!("0F 00 00 00 01 00 14 0000000000000001"),
            &hex!("0F 00 00 00 01 00 19 07E5091B01092F0F00FF8880"),
            &hex!("E0 C0 0001 0000 03 0F 00 00"),
            b"/EST5\\253833635_A\r\n\r\n",
            b"\r\n1-0:1.8.0(00012.345*kWh)\r\n",
        ] {
            assert!(makes_sense(text), "{text:02X?}");
        }
    }

    #[test]
    fn noise_is_not() {
        for text in [
            &[][..],
            &hex!("0F 11 22 33 44 55 66 77"),
            &hex!("0F 11 22 33 44 0C 12 34 56 78 9A BC DE F0 11 22 33 44 02 01"),
            &hex!("0F 11 22 33 44 00 02 F0 02 01"),
            &hex!("0F 11 22 33 44 00 02"),
            &hex!("C2 55 0003 0100010800FF 02 06 00000001"),
            &hex!("C2 01 0C 12345678 9ABCDEF0 11223344 0003 0100010800FF 02 06 00000001"),
            &hex!("E0 C0 1234 0000 03 0F 00 00"),
            b"/\x8A\x91\x03\xFF\x00\x12",
            b"/EST5\\2538",
        ] {
            assert!(!makes_sense(text), "{text:02X?}");
        }
    }

    #[test]
    fn random_text_practically_never_makes_sense() {
        // a fixed generator, so that the figure is the same every time
        let mut state = 0x2545_F491_4F6C_DD1Du64;
        let mut passed = 0;
        for _ in 0..1_000_000 {
            let mut text = [0u8; 64];
            for word in text.chunks_exact_mut(8) {
                state ^= state << 13;
                state ^= state >> 7;
                state ^= state << 17;
                word.copy_from_slice(&state.to_le_bytes());
            }
            passed += u32::from(makes_sense(&text));
        }
        assert_eq!(passed, 0);
    }
}
