//! Frames: in hexadecimal capitals, or as they came. One message a message of the meter, framing
//! included; telegrams of text stay text.

use std::sync::Arc;

use super::outgoing::{Keeping, Outgoing};
use crate::time::UtcMillis;

/// Frames are worth sending for a minute, each of them.
const EACH: Keeping = Keeping::Each(60_000);

/// In hexadecimal; text as text.
pub fn hex(topic: &str, octets: &[u8], meter: &Arc<str>, at: UtcMillis) -> Option<Outgoing> {
    if octets.first() == Some(&b'/') {
        return passthrough(topic, octets, meter, at);
    }
    message(topic, capitals(octets).into_bytes(), meter, at)
}

/// Octets in hexadecimal capitals.
pub fn capitals(octets: &[u8]) -> String {
    let digit = |nibble: u8| char::from_digit(u32::from(nibble), 16).unwrap_or('0');
    let digits = octets.iter().flat_map(|octet| [digit(octet >> 4), digit(octet & 15)]);
    digits.map(|digit| digit.to_ascii_uppercase()).collect()
}

/// As they came.
pub fn passthrough(
    topic: &str,
    octets: &[u8],
    meter: &Arc<str>,
    at: UtcMillis,
) -> Option<Outgoing> {
    message(topic, octets.to_vec(), meter, at)
}

fn message(topic: &str, payload: Vec<u8>, meter: &Arc<str>, at: UtcMillis) -> Option<Outgoing> {
    if payload.is_empty() {
        return None;
    }
    Some(Outgoing::live(topic, "frame", payload, at).of(meter).kept(EACH))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_frame_is_one_message_and_a_telegram_stays_text() {
        let meter: Arc<str> = "main".into();
        let at = UtcMillis(0);
        let frame = hex("ams", &[0x7E, 0xA0, 0x0F], &meter, at).unwrap();
        assert_eq!(frame.payload, b"7EA00F");
        assert_eq!(hex("ams", b"/KFM5", &meter, at).unwrap().payload, b"/KFM5");
        assert_eq!(passthrough("ams", &[0x7E], &meter, at).unwrap().payload, [0x7E]);
        assert_eq!(hex("ams", &[], &meter, at), None);
    }
}
