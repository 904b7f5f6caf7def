//! A message on disk.
//!
//! ```text
//!  0       4       8        16    17    19     21
//! +-------+-------+--------+-----+-----+------+~~~~~~~+~~~~~~~+~~~~~~~~~+
//! | len   | crc   | at ms  | how | t   | m    | topic | meter | payload |
//! +-------+-------+--------+-----+-----+------+~~~~~~~+~~~~~~~+~~~~~~~~~+
//!          '--------------- len octets, little endian ----------------->
//!          crc: CRC-32 of what follows it
//!          how: bit 0 retained
//! ```
//!
//! A record whose end is missing or whose checksum is wrong ends its file: power went while it
//! was written.

use crc::{CRC_32_ISO_HDLC, Crc};
use hanport_engine::publish::{Keeping, Outgoing, Qos};
use hanport_engine::time::UtcMillis;

const CRC: Crc<u32> = Crc::<u32>::new(&CRC_32_ISO_HDLC);
/// No message is longer.
pub const LONGEST: usize = 1 << 20;
const HEAD: usize = 8 + 1 + 2 + 2;

/// Writes a message as a record behind `into`. `false` when it is too long for one.
pub fn emit(message: &Outgoing, into: &mut Vec<u8>) -> bool {
    let meter = message.meter.as_deref().unwrap_or_default();
    let (Ok(topic_len), Ok(meter_len)) =
        (u16::try_from(message.topic.len()), u16::try_from(meter.len()))
    else {
        return false;
    };
    let length = 4 + HEAD + message.topic.len() + meter.len() + message.payload.len();
    let Ok(length_field) = u32::try_from(length) else { return false };
    if length > LONGEST {
        return false;
    }
    let mut body = Vec::with_capacity(length);
    body.extend_from_slice(&message.at.0.to_le_bytes());
    body.push(u8::from(message.retain));
    body.extend_from_slice(&topic_len.to_le_bytes());
    body.extend_from_slice(&meter_len.to_le_bytes());
    body.extend_from_slice(message.topic.as_bytes());
    body.extend_from_slice(meter.as_bytes());
    body.extend_from_slice(&message.payload);
    into.extend_from_slice(&length_field.to_le_bytes());
    into.extend_from_slice(&CRC.checksum(&body).to_le_bytes());
    into.extend_from_slice(&body);
    true
}

/// Reads the record at the beginning of some octets, and how many it takes; `None` where there
/// is none, or a damaged one.
pub fn parse(octets: &[u8]) -> Option<(Outgoing, usize)> {
    let (length, rest) = octets.split_first_chunk::<4>()?;
    let length = usize::try_from(u32::from_le_bytes(*length)).ok()?;
    if !(4 + HEAD..=LONGEST).contains(&length) {
        return None;
    }
    let (record, _) = rest.split_at_checked(length)?;
    let (crc, body) = record.split_first_chunk::<4>()?;
    if CRC.checksum(body) != u32::from_le_bytes(*crc) {
        return None;
    }
    let (at, body) = body.split_first_chunk::<8>()?;
    let (how, body) = body.split_first()?;
    let (topic_len, body) = body.split_first_chunk::<2>()?;
    let (meter_len, body) = body.split_first_chunk::<2>()?;
    let (topic, body) = body.split_at_checked(usize::from(u16::from_le_bytes(*topic_len)))?;
    let (meter, payload) = body.split_at_checked(usize::from(u16::from_le_bytes(*meter_len)))?;
    let meter = core::str::from_utf8(meter).ok()?;
    let message = Outgoing {
        topic: core::str::from_utf8(topic).ok()?.to_owned(),
        payload: payload.to_vec(),
        retain: how & 1 != 0,
        qos: Qos::AtLeastOnce,
        keeping: Keeping::Queued,
        kind: "queued",
        meter: (!meter.is_empty()).then(|| meter.into()),
        at: UtcMillis(i64::from_le_bytes(*at)),
    };
    Some((message, 4 + length))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn message(topic: String, payload: Vec<u8>, at: i64, retain: bool) -> Outgoing {
        let live = Outgoing::live(topic, "queued", payload, UtcMillis(at)).retained(retain);
        Outgoing { qos: Qos::AtLeastOnce, ..live }.of(&"main".into()).kept(Keeping::Queued)
    }

    proptest! {
        #[test]
        fn what_is_emitted_parses_back(
            topic in "[a-z/]{1,40}", payload: Vec<u8>, at: i64, retain: bool, behind: Vec<u8>,
        ) {
            let message = message(topic, payload, at, retain);
            let mut octets = Vec::new();
            prop_assert!(emit(&message, &mut octets));
            let length = octets.len();
            octets.extend(behind);
            prop_assert_eq!(parse(&octets), Some((message, length)));
        }

        #[test]
        fn a_damaged_or_cut_record_is_none(payload: Vec<u8>, at: usize, flip in 1u8..) {
            let mut octets = Vec::new();
            prop_assert!(emit(&message("a/b".to_owned(), payload, 7, true), &mut octets));
            let length = octets.len();
            let cut = &octets[..at % length];
            prop_assert_eq!(parse(cut), None);
            octets[at % length] ^= flip;
            prop_assert_eq!(parse(&octets), None);
        }

        #[test]
        fn never_panics(octets: Vec<u8>) {
            let _ = parse(&octets);
        }
    }

    #[test]
    fn what_is_too_long_is_refused() {
        let mut octets = Vec::new();
        assert!(!emit(&message("a".to_owned(), vec![0; LONGEST], 0, false), &mut octets));
        assert!(octets.is_empty());
    }
}
