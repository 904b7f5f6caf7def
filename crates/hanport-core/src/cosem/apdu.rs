//! The APDUs that carry readings: data-notification and event-notification (IEC 62056-5-3).
//!
//! ```text
//!   0     1  2  3  4      5
//! +----+-----------------+-----------+------------------------------+
//! | 0F | long invoke id  | date-time | body: one element of data    |
//! +----+-----------------+-----------+------------------------------+
//!   date-time:  00                absent (Aidon, Kaifa Sweden)
//!               0C + 12 octets    octet string without tag, as the standard has it
//!               09 0C + 12        with tag (Kaifa Norway)
//!               19 + 12           tagged date-time
//!
//! +----+---------------------------+-----------+---------+-----------+-------+
//! | C2 | 00, or 01 and an octet    | class (2) | OBIS (6)| attribute | value |
//! |    | string with the date-time |           |         |           |       |
//! +----+---------------------------+-----------+---------+-----------+-------+
//! ```
//!
//! Long invoke id: bits 0 to 23 the number, 28 self-descriptive, 29 break on error, 30 service
//! class, 31 priority.

use super::axdr::{Cursor, Data, Departure, Ill};
use crate::datetime::DateTime;
use crate::emit::{Full, Writer};
use crate::fault::{Broken, Cause, Layer};
use crate::link::Probe;
use crate::obis::Obis;

const DATA_NOTIFICATION: u8 = 0x0F;
const EVENT_NOTIFICATION: u8 = 0xC2;

/// A plain notification longer than this is taken for noise by [`probe`].
const LONGEST: usize = 4096;

/// The date-time of a header, and how it is written. The octets are those of COSEM.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HeaderTime {
    /// Not sent.
    Absent,
    /// An octet string with its tag.
    OctetString([u8; 12]),
    /// With the tag of a date-time.
    Tagged([u8; 12]),
    /// An octet string without tag.
    Untagged([u8; 12]),
}

impl HeaderTime {
    /// The date and time, where one was sent that exists.
    pub fn date_time(self) -> Option<DateTime> {
        match self {
            Self::Absent => None,
            Self::OctetString(octets) | Self::Tagged(octets) | Self::Untagged(octets) => {
                DateTime::from_cosem(&octets)
            }
        }
    }
}

/// The part of an APDU in front of its body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Header {
    /// Values pushed by a meter.
    DataNotification {
        /// Long invoke id and priority.
        invoke_id: u32,
        /// When it was sent.
        time: HeaderTime,
    },
    /// One attribute of one object.
    EventNotification {
        /// When it happened; [`HeaderTime::Untagged`] or [`HeaderTime::Absent`].
        time: HeaderTime,
        /// Class of the object.
        class: u16,
        /// Its code.
        obis: Obis,
        /// The attribute that the body holds.
        attribute: i8,
    },
}

impl Header {
    /// Reads the header; the cursor then stands at the body.
    ///
    /// Any other message kind is [`Cause::Unsupported`], octets that end too early are
    /// [`Cause::Truncated`], a date-time of another length is [`Cause::Malformed`].
    pub fn parse(apdu: &[u8]) -> Result<(Self, Cursor<'_>), Broken> {
        let cut = |want| apdu_fault(Cause::Truncated { have: apdu.len(), want }, apdu.len());
        match apdu {
            [DATA_NOTIFICATION, a, b, c, d, rest @ ..] => {
                let (time, len) = header_time(rest, apdu.len())?;
                let invoke_id = u32::from_be_bytes([*a, *b, *c, *d]);
                Ok((Self::DataNotification { invoke_id, time }, Cursor::at(apdu, 5 + len)))
            }
            [EVENT_NOTIFICATION, rest @ ..] => {
                let (time, len) = match rest {
                    [0, ..] => (HeaderTime::Absent, 1),
                    [1, 12, rest @ ..] => match rest.first_chunk() {
                        Some(octets) => (HeaderTime::Untagged(*octets), 14),
                        None => return Err(cut(24)),
                    },
                    [] | [1] => return Err(cut(11)),
                    _ => return Err(apdu_fault(Cause::Malformed, 1)),
                };
                let rest = rest.get(len..).unwrap_or(&[]);
                let Some([high, low, obis @ .., attribute]) = rest.first_chunk::<9>() else {
                    return Err(cut(1 + len + 10));
                };
                let header = Self::EventNotification {
                    time,
                    class: u16::from_be_bytes([*high, *low]),
                    obis: Obis(*obis),
                    attribute: i8::from_be_bytes([*attribute]),
                };
                Ok((header, Cursor::at(apdu, 1 + len + 9)))
            }
            [] | [DATA_NOTIFICATION, ..] => Err(cut(7)),
            [kind, ..] => Err(apdu_fault(Cause::Unsupported(*kind), 0)),
        }
    }

    /// Writes the header; the body is to be written behind it.
    pub fn emit(&self, writer: &mut Writer<'_>) -> Result<(), Full> {
        match self {
            Self::DataNotification { invoke_id, time } => {
                writer.put_u8(DATA_NOTIFICATION)?;
                writer.put_u32(*invoke_id)?;
                match time {
                    HeaderTime::Absent => writer.put_u8(0),
                    HeaderTime::OctetString(octets) => Data::OctetString(octets).emit(writer),
                    HeaderTime::Tagged(octets) => Data::DateTime(octets).emit(writer),
                    HeaderTime::Untagged(octets) => {
                        writer.put_u8(12)?;
                        writer.put(octets)
                    }
                }
            }
            Self::EventNotification { time, class, obis, attribute } => {
                writer.put_u8(EVENT_NOTIFICATION)?;
                match time {
                    HeaderTime::Absent => writer.put_u8(0)?,
                    HeaderTime::OctetString(octets)
                    | HeaderTime::Tagged(octets)
                    | HeaderTime::Untagged(octets) => {
                        writer.put(&[1, 12])?;
                        writer.put(octets)?;
                    }
                }
                writer.put_u16(*class)?;
                writer.put(&obis.0)?;
                writer.put(&attribute.to_be_bytes())
            }
        }
    }
}

const fn apdu_fault(cause: Cause, offset: usize) -> Broken {
    Broken::new(Layer::Apdu, cause, offset)
}

/// The date-time behind the invoke id, and how many octets it takes.
fn header_time(rest: &[u8], have: usize) -> Result<(HeaderTime, usize), Broken> {
    let (form, len, octets): (fn([u8; 12]) -> HeaderTime, _, _) = match rest {
        [0, ..] => return Ok((HeaderTime::Absent, 1)),
        [12, octets @ ..] => (HeaderTime::Untagged, 13, octets),
        [9, 12, octets @ ..] => (HeaderTime::OctetString, 14, octets),
        [0x19, octets @ ..] => (HeaderTime::Tagged, 13, octets),
        [] | [9] => return Err(apdu_fault(Cause::Truncated { have, want: have + 2 }, have)),
        _ => return Err(apdu_fault(Cause::Malformed, 5)),
    };
    match octets.first_chunk() {
        Some(octets) => Ok((form(*octets), len)),
        None => Err(apdu_fault(Cause::Truncated { have, want: 5 + len + 1 }, have)),
    }
}

/// Whether a whole plain APDU stands at the start of `bytes`, and how many octets it has.
///
/// There is no checksum to lean on, so everything that can be is looked at: the date-time has
/// to exist or be unspecified, the body of a data-notification has to be an array or a
/// structure that is not empty, and all its elements have to be there.
pub fn probe(bytes: &[u8]) -> Probe<usize> {
    let (header, cursor) = match Header::parse(bytes) {
        Ok(parsed) => parsed,
        Err(Broken { cause: Cause::Truncated { want, .. }, .. }) => return Probe::More(want),
        Err(_) => return Probe::No,
    };
    let likely = match header {
        Header::DataNotification { time, .. } => {
            likely_time(time) && matches!(cursor.rest(), [] | [1 | 2] | [1 | 2, 1..=255, ..])
        }
        Header::EventNotification { time, class, obis: Obis([a, .., f]), attribute } => {
            likely_time(time) && class < 256 && a < 16 && f == 0xFF && attribute > 0
        }
    };
    if !likely {
        return Probe::No;
    }
    // By the standard, if that gives sense: its end does not depend on what follows.
    let end = |departure| {
        let mut cursor = cursor.with(departure);
        cursor.skip().map(|()| cursor.position())
    };
    let skipped = match end(Departure::Refused) {
        Err(Ill::Malformed { .. }) => end(Departure::Awaited),
        other => other,
    };
    match skipped {
        Ok(end) => Probe::Frame(end),
        Err(Ill::Cut { want }) if want <= LONGEST => Probe::More(want),
        // The cut may go through one of the departures from the standard.
        Err(Ill::Malformed { at }) if at + 8 > bytes.len() => Probe::More(bytes.len() + 1),
        Err(_) => Probe::No,
    }
}

/// Whether the header's date-time exists, or its year is not specified.
fn likely_time(time: HeaderTime) -> bool {
    match time {
        HeaderTime::Absent => true,
        HeaderTime::OctetString(octets)
        | HeaderTime::Tagged(octets)
        | HeaderTime::Untagged(octets) => {
            matches!(octets, [0xFF, 0xFF, ..]) || DateTime::from_cosem(&octets).is_some()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use hex_literal::hex;
    use proptest::collection::vec;
    use proptest::prelude::*;
    use std::vec::Vec;

    /// Struct {1234, 2307} without date-time: the plaintext of the published push vectors.
    const PLAIN: [u8; 16] = hex!("0F 00000042 00 02 02 06 000004D2 12 0903");

    #[test]
    fn the_four_forms_of_the_date_time_are_read() {
        let time = hex!("07E5091B01092F0F00FF8880");
        for (form, octets) in [
            (HeaderTime::Absent, &hex!("0F 40000000 00")[..]),
            (HeaderTime::Untagged(time), &hex!("0F 40000000 0C 07E5091B01092F0F00FF8880")),
            (HeaderTime::OctetString(time), &hex!("0F 40000000 09 0C 07E5091B01092F0F00FF8880")),
            (HeaderTime::Tagged(time), &hex!("0F 40000000 19 07E5091B01092F0F00FF8880")),
        ] {
            let (header, cursor) = Header::parse(octets).unwrap();
            assert_eq!(header, Header::DataNotification { invoke_id: 0x4000_0000, time: form });
            assert_eq!(cursor.position(), octets.len());
        }
    }

    #[test]
    fn a_whole_apdu_is_found_and_a_cut_one_asks_for_more() {
        assert_eq!(probe(&PLAIN), Probe::Frame(16));
        for cut in 0..PLAIN.len() {
            let Probe::More(want) = probe(&PLAIN[..cut]) else { panic!("cut at {cut}") };
            assert!(want > cut && want <= 16, "cut at {cut}: {want}");
        }
        let mut followed = PLAIN.to_vec();
        followed.extend([0x7E, 0xA0]);
        assert_eq!(probe(&followed), Probe::Frame(16));
    }

    #[test]
    fn other_octets_are_no_apdu() {
        for octets in [
            &hex!("7E A0 27")[..],
            &hex!("0F 40000000 05 02 01"),
            &hex!("0F 40000000 00 09 02 0001"),
            &hex!("0F 40000000 00 02 00"),
            &hex!("0F 40000000 0C 07E50D1B01092F0F00FF8880 02 00"),
            &hex!("0F 40000000 00 02 04 08 000000000000000000"),
            &hex!("DB 08 4B414D4500BC614E"),
            &hex!("C2 05"),
        ] {
            assert_eq!(probe(octets), Probe::No, "{octets:02X?}");
        }
    }

    #[test]
    fn an_event_notification_is_read() {
        let octets = hex!("C2 00 0003 0100010700FF 02 06 00000571");
        let (header, mut cursor) = Header::parse(&octets).unwrap();
        let expected = Header::EventNotification {
            time: HeaderTime::Absent,
            class: 3,
            obis: Obis::electricity(1, 7, 0),
            attribute: 2,
        };
        assert_eq!(header, expected);
        assert_eq!(cursor.element().unwrap().data, Data::Unsigned32(1393));
        assert_eq!(probe(&octets), Probe::Frame(octets.len()));
    }

    #[test]
    fn a_cut_event_notification_asks_for_its_header() {
        let without_time = hex!("C2 00 0003 0100010700FF 02");
        let with_time = hex!("C2 01 0C 07E5091B01092F0F00FF8880 0003 0100010700FF 02");
        for whole in [&without_time[..], &with_time] {
            for cut in 2..whole.len() {
                let Err(fault) = Header::parse(&whole[..cut]) else { panic!("cut at {cut}") };
                let Cause::Truncated { have, want } = fault.cause else { panic!("{fault:?}") };
                assert!(have == cut && want > cut && want <= whole.len() + 1, "{cut}: {want}");
            }
            assert!(Header::parse(whole).is_ok());
        }
    }

    #[test]
    fn other_messages_are_named() {
        let fault = Header::parse(&hex!("C4 01 00")).unwrap_err();
        assert_eq!(fault.cause, Cause::Unsupported(0xC4));
    }

    fn times() -> impl Strategy<Value = HeaderTime> {
        (0u8..4, any::<[u8; 12]>()).prop_map(|(form, octets)| match form {
            0 => HeaderTime::Absent,
            1 => HeaderTime::OctetString(octets),
            2 => HeaderTime::Tagged(octets),
            _ => HeaderTime::Untagged(octets),
        })
    }

    proptest! {
        #[test]
        fn what_is_emitted_parses_back(
            event: bool, invoke_id: u32, time in times(), class: u16, obis: [u8; 6], attribute: i8,
        ) {
            let header = if event {
                let time = match time {
                    HeaderTime::OctetString(o) | HeaderTime::Tagged(o) => HeaderTime::Untagged(o),
                    same => same,
                };
                Header::EventNotification { time, class, obis: Obis(obis), attribute }
            } else {
                Header::DataNotification { invoke_id, time }
            };
            let mut buffer = [0; 64];
            let mut writer = Writer::new(&mut buffer);
            header.emit(&mut writer).unwrap();
            let (parsed, cursor) = Header::parse(writer.written()).unwrap();
            prop_assert_eq!(parsed, header);
            prop_assert!(cursor.rest().is_empty());
        }

        #[test]
        fn never_panics(octets: Vec<u8>, body in vec(0u8..0x1C, 0..100)) {
            let _ = probe(&octets);
            let mut shaped = hex!("0F 40000000 00").to_vec();
            shaped.extend(body);
            if let Probe::More(want) = probe(&shaped) {
                prop_assert!(want > shaped.len());
            }
        }
    }
}
