//! SML messages: the published file, deviations, damage, there and back.

use super::*;
use crate::emit::{Full, Writer};
use crate::family::sml_writer::{Clock, Entry, EntryValue, SmlWriter};
use crate::link::Probe;
use crate::link::sml::{self, Checksum};
use crate::reading::{Reading, Text};
use hex_literal::hex;
use proptest::prelude::*;
use std::string::ToString;
use std::vec::Vec;

const SERVER: [u8; 10] = hex!("0A 01 54 45 53 54 00 01 E2 40");

const FILE: &[u8] = &hex!(
    "1B1B1B1B 01010101"
    "76 05 00000001 62 00 62 00 72 63 01 01 76 01 01 04 000001 0B 0A01544553540001E240 01 01 63 A2 92 00"
    "76 05 00000002 62 00 62 00 72 63 07 01 77 01 0B 0A01544553540001E240 07 0100620AFFFF 72 62 01 65 01691CC0 74"
    "77 07 0100603201FF 01 01 01 01 04 545354 01"
    "77 07 0100010800FF 01 01 62 1E 52 FF 69 000000000012D687 01"
    "77 07 0100020800FF 01 01 62 1E 52 FF 69 0000000000015BB4 01"
    "77 07 0100100700FF 01 01 62 1B 52 00 55 FFFFFEA7 01"
    "01 01 63 D3 CA 00"
    "76 05 00000003 62 00 62 00 72 63 02 01 71 01 63 A8 E6 00"
    "1B1B1B1B 1A 00 FD 11"
);

fn read(file: &[u8]) -> Result<Readout, Broken> {
    let mut out = Readout::new();
    read_sml(file, &Context::default(), &mut out).map(|()| out)
}

fn number(readout: &Readout, code: &str) -> Option<(Number, Unit)> {
    let obis = Obis::from_text(code.as_bytes()).unwrap();
    readout.items.iter().find(|item| item.obis == obis).and_then(|item| match item.value {
        Value::Number(number, unit) => Some((number, unit)),
        _ => None,
    })
}

fn entry(obis: Obis, value: EntryValue<'_>) -> Entry<'_> {
    Entry { obis, time: Clock::Absent, value }
}

/// The messages of a file with these entries.
fn messages(time: Clock, checksum: Checksum, entries: &[Entry<'_>]) -> Vec<u8> {
    let mut buffer = [0; 4096];
    let mut out = Writer::new(&mut buffer);
    let mut writer = SmlWriter::new(&mut out, checksum);
    writer.open(1, &[0, 0, 1], &SERVER).unwrap();
    writer.get_list(2, &SERVER, time, entries).unwrap();
    writer.close(3).unwrap();
    out.written().to_vec()
}

fn printed_entries() -> [Entry<'static>; 4] {
    let unsigned = |mantissa| EntryValue::Unsigned(Number::new(mantissa, -1), Unit::WattHour, 8);
    [
        entry(Obis([1, 0, 96, 50, 1, 255]), EntryValue::Octets(b"TST")),
        entry(Obis::electricity(1, 8, 0), unsigned(1_234_567)),
        entry(Obis::electricity(2, 8, 0), unsigned(89_012)),
        entry(Obis::electricity(16, 7, 0), EntryValue::Signed(Number::new(-345, 0), Unit::Watt, 4)),
    ]
}

#[test]
fn the_published_file_is_read() {
    let Probe::Frame(found) = sml::probe(FILE, &mut 0) else { panic!("no file") };
    assert_eq!((found.len, found.escaped), (FILE.len(), false));
    let body = &FILE[found.body];
    let readout = read(body).unwrap();
    let reading = Reading { readout: &readout, body };
    for (name, value) in [
        ("1-0:1.8.0", (Number::new(1_234_567, -1), Unit::WattHour)),
        ("1-0:2.8.0", (Number::new(89_012, -1), Unit::WattHour)),
        ("1-0:16.7.0", (Number::new(-345, 0), Unit::Watt)),
    ] {
        assert_eq!(number(&readout, name), Some(value), "{name}");
    }
    let names: Vec<_> =
        readout.items.iter().filter_map(|i| Some(i.quantity?.to_string())).collect();
    assert_eq!(names, ["active_import_wh", "active_export_wh", "active_net_w"]);
    assert_eq!(reading.meter_id().unwrap().to_string(), "1TES5400123456");
    assert_eq!((readout.time, readout.manufacturer), (None, None));
}

#[test]
fn the_published_file_is_written() {
    let messages = messages(Clock::SecondIndex(0x0169_1CC0), Checksum::X25, &printed_entries());
    let mut buffer = [0; 400];
    let mut out = Writer::new(&mut buffer);
    sml::emit(&messages, Checksum::X25, &mut out).unwrap();
    assert_eq!(out.written(), FILE);
}

#[test]
fn holley_deviates_in_checksum_and_time() {
    let time = Clock::BareSecondIndex(77);
    let body = messages(time, Checksum::Kermit, &printed_entries());
    assert_eq!(
        number(&read(&body).unwrap(), "1-0:16.7.0"),
        Some((Number::new(-345, 0), Unit::Watt))
    );
}

#[test]
fn a_clock_with_a_date_is_the_time() {
    let body = messages(Clock::Unix(1_705_321_800), Checksum::X25, &[]);
    assert_eq!(read(&body).unwrap().time.unwrap().to_string(), "2024-01-15T12:30:00+00:00");
    let unix = messages(
        Clock::Absent,
        Checksum::X25,
        &[Entry { time: Clock::Unix(1_705_321_800), ..printed_entries()[1] }],
    );
    let readout = read(&unix).unwrap();
    assert_eq!(readout.items[0].at.unwrap().to_string(), "2024-01-15T12:30:00+00:00");
}

#[test]
fn a_local_time_carries_its_offset() {
    let mut buffer = [0; 200];
    let mut out = Writer::new(&mut buffer);
    SmlWriter::new(&mut out, Checksum::X25)
        .message(1, GET_LIST_RESPONSE, |writer| {
            writer.list(7)?;
            writer.absent()?;
            writer.octets(&SERVER)?;
            writer.absent()?;
            writer.list(2)?;
            writer.unsigned(3, 1)?;
            writer.list(3)?;
            writer.unsigned(1_721_043_000, 4)?;
            writer.signed(60, 2)?;
            writer.signed(60, 2)?;
            writer.list(0)?;
            writer.absent()?;
            writer.absent()
        })
        .unwrap();
    assert_eq!(read(out.written()).unwrap().time.unwrap().to_string(), "2024-07-15T13:30:00+02:00");
}

#[test]
fn the_number_of_the_meter_is_printed_as_on_its_case() {
    let printed = |id: &[u8]| {
        let text = if is_device_number(id) { TextRef::DeviceNumber } else { TextRef::Octets };
        Text::new(text(Span::new(0, id.len())), id).to_string()
    };
    assert_eq!(printed(b"\x0A\x01EMH\x00\x00\xBC\x61\x4E"), "1EMH0012345678");
    assert_eq!(printed(b"\x0A\x01ISK\xAB\x00\x00\x00\x07"), "1ISKAB00000007");
    assert_eq!(printed(b"\x0A\x01EMH\x00\x05\xF5\xE1\x00"), "0A01454D480005F5E100");
    assert_eq!(printed(b"\x0A\x01E.H\x00\x00\xBC\x61\x4E"), "0A01452E480000BC614E");
    assert_eq!(printed(b"\x09\x01EMH\x00\x00\xBC\x61"), "0901454D480000BC61");
    assert_eq!(printed(b"\x06EMH\x01\x00\x1D\x46\x31\x95"), "06454D4801001D463195");
}

#[test]
fn the_maker_is_told_by_the_server_id_or_an_entry() {
    for (id, maker) in [
        (&hex!("0A 01 45 4D 48 00 00 4F 2E 91")[..], Some(Manufacturer::Emh)),
        (&hex!("06 45 4D 48 01 04 C5 68 74 F3"), Some(Manufacturer::Emh)),
        (&hex!("0A 07 45 4D 48 00 00 4F 2E 91"), None),
        (&hex!("45 4D 48"), None),
    ] {
        assert_eq!(maker_in_server_id(id), maker);
    }
    for code in [[1, 0, 96, 50, 1, 1], [129, 129, 199, 130, 3, 255]] {
        let body = messages(
            Clock::Absent,
            Checksum::X25,
            &[entry(Obis(code), EntryValue::Octets(b"ISK"))],
        );
        assert_eq!(read(&body).unwrap().manufacturer, Some(Manufacturer::Iskraemeco));
    }
}

/// A list whose only entry is written by `entry`, behind its name.
fn list_with(entry: impl Fn(&mut SmlWriter<'_, '_>) -> Result<(), Full>) -> Vec<u8> {
    let mut buffer = [0; 200];
    let mut out = Writer::new(&mut buffer);
    SmlWriter::new(&mut out, Checksum::X25)
        .message(1, GET_LIST_RESPONSE, |writer| {
            writer.list(7)?;
            writer.absent()?;
            writer.octets(&SERVER)?;
            writer.absent()?;
            writer.absent()?;
            writer.list(1)?;
            writer.list(7)?;
            writer.octets(&Obis::electricity(16, 7, 0).0)?;
            entry(writer)?;
            writer.absent()?;
            writer.absent()?;
            writer.absent()
        })
        .unwrap();
    out.written().to_vec()
}

#[test]
fn an_entry_with_several_values_has_none() {
    let body = list_with(|writer| {
        (0..4).try_for_each(|_| writer.absent())?;
        writer.list(2)?;
        writer.unsigned(1, 1)?;
        writer.unsigned(2, 1)
    });
    assert!(read(&body).unwrap().items.is_empty());
}

#[test]
fn an_entry_of_another_form_is_refused() {
    let unit = list_with(|writer| {
        (0..2).try_for_each(|_| writer.absent())?;
        writer.octets(b"W")?;
        (0..2).try_for_each(|_| writer.absent())
    });
    let scaler = list_with(|writer| {
        (0..2).try_for_each(|_| writer.absent())?;
        writer.unsigned(27, 1)?;
        writer.octets(b"0")?;
        writer.absent()
    });
    let zone = list_with(|writer| {
        writer.absent()?;
        writer.list(2)?;
        writer.unsigned(3, 1)?;
        writer.list(3)?;
        (0..3).try_for_each(|_| writer.octets(b"0"))?;
        (0..3).try_for_each(|_| writer.absent())
    });
    let choice = list_with(|writer| {
        writer.absent()?;
        writer.list(2)?;
        writer.unsigned(2, 1)?;
        writer.list(0)?;
        (0..3).try_for_each(|_| writer.absent())
    });
    for body in [unit, scaler, zone, choice] {
        assert_eq!(read(&body).unwrap_err().cause, Cause::Malformed);
    }
}

#[test]
fn long_texts_take_two_type_octets() {
    let text = [b'x'; 300];
    for len in [13, 14, 15, 16, 253, 254, 300] {
        let value = EntryValue::Octets(&text[..len]);
        let body = messages(Clock::Absent, Checksum::X25, &[entry(Obis::general(96, 1, 0), value)]);
        let readout = read(&body).unwrap();
        let Value::Text(TextRef::Octets(span)) = readout.items[0].value else { panic!() };
        assert_eq!(span.of(&body), &text[..len]);
    }
    // 16 octets: 81 02 and the octets.
    let value = EntryValue::Octets(&text[..16]);
    let body = messages(Clock::Absent, Checksum::X25, &[entry(Obis::general(96, 1, 0), value)]);
    assert!(body.windows(3).any(|w| w == [0x81, 0x02, b'x']));
}

#[test]
fn a_wrong_message_checksum_is_refused() {
    let mut body = messages(Clock::Absent, Checksum::X25, &printed_entries());
    let at = body.windows(2).position(|w| w == [0xD6, 0x87]).unwrap();
    body[at] ^= 1;
    assert!(matches!(read(&body), Err(Broken { cause: Cause::FrameCheck { .. }, .. })));
}

#[test]
fn cut_off_anywhere_it_gives_no_more_than_whole_messages() {
    let body = messages(Clock::Absent, Checksum::X25, &printed_entries());
    let all = read(&body).unwrap().items.len();
    let ends = [0, 35, body.len() - 20, body.len() - 19];
    let whole_messages = (0..body.len())
        .filter(|end| match read(&body[..*end]) {
            Ok(readout) => {
                assert!(readout.items.is_empty() || readout.items.len() == all);
                true
            }
            Err(broken) => {
                assert!(matches!(broken.cause, Cause::Truncated { .. }), "{end}");
                false
            }
        })
        .count();
    assert!(whole_messages < ends.len(), "{whole_messages}");
}

#[test]
fn entries_without_sense_are_passed_over() {
    let body = messages(
        Clock::Absent,
        Checksum::X25,
        &[
            entry(Obis::electricity(1, 8, 0), EntryValue::Octets(&[])),
            entry(
                Obis::electricity(2, 8, 0),
                EntryValue::Unsigned(Number::new(-1, 0), Unit::WattHour, 8),
            ),
            entry(
                Obis::electricity(1, 7, 0),
                EntryValue::Unsigned(Number::new(5, 0), Unit::Gigajoule, 1),
            ),
            // Watt-hours under the code of a power.
            entry(
                Obis::electricity(1, 7, 0),
                EntryValue::Unsigned(Number::new(5, 0), Unit::WattHour, 1),
            ),
        ],
    );
    let readout = read(&body).unwrap();
    assert_eq!(readout.items.len(), 1);
    assert_eq!(readout.items[0].quantity, None);
    assert!(readout.oddities.has(Oddity::LineBroken));
}

#[test]
fn what_contradicts_itself_is_refused() {
    for bytes in [
        &hex!("75 01 01 01 01 01")[..],
        &hex!("76 01 01 01 71 01"),
        &hex!("76 01 01 01 72 01"),
        &hex!("76 E1"),
        &hex!("76 82 71"),
        &hex!("76 59 00 00 00 00 00 00 00 00"),
        &hex!("76 5A 00 00 00 00 00 00 00 00 00 00 00"),
        &hex!("76 51"),
        &hex!("76 21"),
        &hex!("76 72 00"),
    ] {
        assert!(read(bytes).is_err(), "{bytes:02X?}");
    }
}

proptest! {
    #[test]
    fn numbers_of_all_sizes_go_there_and_back(mantissa: i64, size in 1usize..=8, exponent: i8) {
        let unused = 64 - 8 * size;
        let mantissa = mantissa << unused >> unused;
        let value = EntryValue::Signed(Number::new(mantissa, exponent), Unit::Watt, size);
        let body = messages(Clock::Absent, Checksum::X25, &[entry(Obis::electricity(16, 7, 0), value)]);
        let readout = read(&body).unwrap();
        prop_assert_eq!(
            number(&readout, "1-0:16.7.0"),
            Some((Number::new(mantissa, exponent), Unit::Watt))
        );
    }

    #[test]
    fn no_bytes_panic(bytes: Vec<u8>, at in 0usize..150, octet: u8) {
        let _ = read(&bytes);
        let mut body = messages(Clock::Absent, Checksum::X25, &printed_entries());
        body[at] = octet;
        let _ = read(&body);
    }
}
