//! The vectors of the standard, departures from it, round trips and cuts.

use super::*;
use crate::datetime::DateTime;
use crate::emit::Writer;
use crate::number::Number;
use hex_literal::hex;
use proptest::collection::vec;
use proptest::prelude::*;
use std::vec::Vec;

fn one(octets: &[u8]) -> Result<Data<'_>, Ill> {
    let mut cursor = Cursor::new(octets);
    let element = cursor.element()?;
    assert_eq!(element.end, octets.len(), "the whole element is taken");
    Ok(element.data)
}

#[test]
fn every_simple_type_is_read() {
    for (octets, data) in [
        (&hex!("00")[..], Data::Null),
        (&hex!("03 01"), Data::Boolean(true)),
        (&hex!("04 0A 80 40"), Data::BitString(10, &[0x80, 0x40])),
        (&hex!("05 FFFFFFFE"), Data::Int32(-2)),
        (&hex!("06 00000571"), Data::Unsigned32(1393)),
        (&hex!("09 02 0001"), Data::OctetString(&[0, 1])),
        (&hex!("0A 03 414243"), Data::VisibleString(b"ABC")),
        (&hex!("0C 01 41"), Data::Utf8String(b"A")),
        (&hex!("0D 42"), Data::Bcd(0x42)),
        (&hex!("0F FE"), Data::Int8(-2)),
        (&hex!("10 FFF6"), Data::Int16(-10)),
        (&hex!("11 07"), Data::Unsigned8(7)),
        (&hex!("12 094B"), Data::Unsigned16(2379)),
        (&hex!("14 FFFFFFFFFFFFFFFF"), Data::Int64(-1)),
        (&hex!("15 000000000000004D"), Data::Unsigned64(77)),
        (&hex!("16 1B"), Data::Enum(27)),
        (&hex!("17 47726800"), Data::Float32(hex!("47726800"))),
        (&hex!("18 40EE4D0000000000"), Data::Float64(hex!("40EE4D0000000000"))),
        (&hex!("1A 07E90C0303"), Data::Date(&hex!("07E90C0303"))),
        (&hex!("1B 0F351E00"), Data::Time(&hex!("0F351E00"))),
        (&hex!("FF"), Data::DontCare),
    ] {
        assert_eq!(one(octets), Ok(data));
    }
}

#[test]
fn numbers_of_all_types_are_exact() {
    for (data, number) in [
        (Data::Bcd(0x42), Number::new(42, 0)),
        (Data::Int8(-2), Number::new(-2, 0)),
        (Data::Int16(-10), Number::new(-10, 0)),
        (Data::Unsigned64(77), Number::new(77, 0)),
        (Data::Float32(hex!("47726800")), Number::new(62056, 0)),
        (Data::Float64(hex!("40EE4D0000000000")), Number::new(62056, 0)),
        (Data::Boolean(true), Number::new(1, 0)),
    ] {
        assert_eq!(data.number(), Some(number));
    }
    assert_eq!(Data::Unsigned64(u64::MAX).number(), None, "not measurable in 63 bits");
    assert_eq!(Data::Null.number(), None);
}

#[test]
fn what_is_no_number_gives_none() {
    let array = CompactArray { description: &[0x11], contents: &[1, 2] };
    for data in [
        Data::Array(1),
        Data::Structure(1),
        Data::BitString(8, &[1]),
        Data::OctetString(&[1]),
        Data::VisibleString(b"1"),
        Data::Utf8String(b"1"),
        Data::CompactArray(array),
        Data::DateTime(&[1; 12]),
        Data::Date(&[1; 5]),
        Data::Time(&[1; 4]),
        Data::DontCare,
    ] {
        assert_eq!(data.number(), None, "{data:?}");
    }
}

#[test]
fn strings_of_every_kind_are_octets() {
    for data in [
        Data::BitString(8, b"1"),
        Data::OctetString(b"1"),
        Data::VisibleString(b"1"),
        Data::Utf8String(b"1"),
    ] {
        assert_eq!(data.octets(), Some(&b"1"[..]), "{data:?}");
    }
    assert_eq!(Data::Unsigned8(b'1').octets(), None);
}

#[test]
fn counts_are_written_in_as_few_octets_as_they_need() {
    for (count, octets) in [
        (0x7F, &hex!("01 7F")[..]),
        (0x80, &hex!("01 81 80")),
        (0x1234, &hex!("01 82 1234")),
        (0x12_3456, &hex!("01 83 123456")),
        (0x1234_5678, &hex!("01 84 12345678")),
    ] {
        let mut buffer = [0; 8];
        let mut writer = Writer::new(&mut buffer);
        Data::Array(count).emit(&mut writer).unwrap();
        assert_eq!(writer.written(), octets);
    }
}

#[test]
fn a_description_of_a_compact_array_is_bounded() {
    assert_eq!(one(&hex!("13 13 00")), Err(Ill::Malformed { at: 1 }), "none inside of another");
    assert!(matches!(one(&hex!("13 02 40 11 12")), Err(Ill::Cut { .. })));
}

#[test]
fn a_pair_that_may_begin_an_untagged_head_is_waited_for() {
    let octets = hex!("02 02 0003 0100010800FF 02 06 00000001");
    for cut in 4..11 {
        let want = cut + 1;
        assert_eq!(Cursor::new(&octets[..cut]).skip(), Err(Ill::Cut { want }), "{cut}");
    }
}

#[test]
fn no_object_has_class_0_so_nothing_is_an_untagged_head_of_it() {
    // Two nulls make the pair whole, however much follows.
    let octets = hex!("02 02 0000 0100010800FF 02 06 00000001");
    for cut in 4..octets.len() {
        let mut cursor = Cursor::new(&octets[..cut]);
        assert_eq!((cursor.skip(), cursor.position()), (Ok(()), 4), "{cut}");
    }
}

#[test]
fn lengths_need_not_be_minimal() {
    assert_eq!(one(&hex!("09 82 0002 0001")), Ok(Data::OctetString(&[0, 1])));
    assert_eq!(one(&hex!("09 84 00000002 0001")), Ok(Data::OctetString(&[0, 1])));
    assert_eq!(one(&hex!("09 80 00")), Err(Ill::Malformed { at: 1 }));
    assert_eq!(one(&hex!("09 85 0000000001 00")), Err(Ill::Malformed { at: 1 }));
    assert_eq!(one(&hex!("09 84 FFFFFFFF")), Err(Ill::Malformed { at: 1 }));
}

#[test]
fn a_header_that_promises_more_than_there_is_says_how_much_is_needed() {
    assert_eq!(Cursor::new(&hex!("02 19 06 00")).element(), Err(Ill::Cut { want: 27 }));
    let mut cursor = Cursor::new(&hex!("02 02 12 0001 12"));
    assert_eq!(cursor.skip(), Err(Ill::Cut { want: 8 }));
    let mut cursor = Cursor::new(&hex!("02 03 12 00"));
    assert_eq!(cursor.skip(), Err(Ill::Cut { want: 5 }));
}

#[test]
fn date_times_are_read_in_both_tagged_forms() {
    let octets = hex!("07E8010F010D1E00FFFFC400");
    let time = DateTime::from_cosem(&octets);
    assert!(time.is_some());
    assert_eq!(Data::DateTime(&octets).date_time(), time);
    assert_eq!(Data::OctetString(&octets).date_time(), time);
    assert_eq!(Data::OctetString(octets.get(..11).unwrap()).date_time(), None);
}

#[test]
fn a_code_with_swapped_tag_octets_is_read_as_a_code() {
    let octets = hex!("02 03 06 09 01 00 1F 07 00 FF 10 0C6C 02 02 0F FE 16 21");
    let mut cursor = Cursor::new(&octets);
    assert_eq!(cursor.skip(), Ok(()));
    assert_eq!(cursor.position(), octets.len());
    assert!(cursor.met_swapped_tag());
    let number = hex!("06 09 01 00 1F 06 00 FF 00 00");
    assert_eq!(
        Cursor::new(&number).element().unwrap().data,
        Data::Unsigned32(0x0901_001F),
        "another element may follow a number"
    );
}

#[test]
fn a_structure_with_an_untagged_head_is_passed_over() {
    let octets = hex!("01 01 02 02 0003 0100010800FF 02 06 00000001 00");
    let mut cursor = Cursor::new(&octets);
    assert_eq!(cursor.skip(), Ok(()));
    assert_eq!(cursor.rest(), [0]);
}

#[test]
fn unknown_tags_are_refused() {
    for tag in [0x07u8, 0x08, 0x0B, 0x0E, 0x1C, 0x7E, 0xFE] {
        let octets = [tag, 0, 0, 0, 0];
        assert_eq!(Cursor::new(&octets).element(), Err(Ill::Malformed { at: 0 }));
    }
}

#[test]
fn nesting_costs_no_stack() {
    let octets = std::vec![1u8; 60_000];
    assert!(Cursor::new(&octets).skip().is_err());
}

fn strings() -> impl Strategy<Value = Vec<u8>> {
    vec(any::<u8>(), 0..300)
}

/// Writes a random element, and one of each kind of nesting around it.
fn written(kind: u8, number: u64, octets: &[u8]) -> Vec<u8> {
    let [.., a, b, c, d] = number.to_be_bytes();
    let low = u32::from_be_bytes([a, b, c, d]);
    let short = u16::from_be_bytes([c, d]);
    let mut twelve = [0; 12];
    let mut eight = number.to_be_bytes();
    eight.reverse();
    twelve[..8].copy_from_slice(&eight);
    let data = match kind {
        0 => Data::Null,
        1 => Data::Boolean(d & 1 != 0),
        2 => Data::BitString(u32::try_from(octets.len() * 8).unwrap(), octets),
        3 => Data::Int32(i32::from_be_bytes([a, b, c, d])),
        4 => Data::Unsigned32(low & 0xF0FF_FFFF),
        5 => Data::OctetString(octets),
        6 => Data::VisibleString(octets),
        7 => Data::Utf8String(octets),
        8 => Data::Bcd(d),
        9 => Data::Int8(i8::from_be_bytes([d])),
        10 => Data::Int16(i16::from_be_bytes([c, d])),
        11 => Data::Unsigned8(d),
        12 => Data::Unsigned16(short),
        13 => Data::Int64(i64::from_be_bytes(number.to_be_bytes())),
        14 => Data::Unsigned64(number),
        15 => Data::Enum(d),
        16 => Data::Float32([a, b, c, d]),
        17 => Data::Float64(number.to_be_bytes()),
        18 => Data::DateTime(&twelve),
        19 => Data::Date(twelve.first_chunk().unwrap()),
        20 => Data::Time(twelve.first_chunk().unwrap()),
        21 => Data::CompactArray(CompactArray { description: &[0x11], contents: octets }),
        _ => Data::DontCare,
    };
    let mut buffer = [0; 512];
    let mut writer = Writer::new(&mut buffer);
    data.emit(&mut writer).unwrap();
    let written = writer.finish().to_vec();
    assert_eq!(one(&written), Ok(data));
    written
}

proptest! {
    #[test]
    fn what_is_emitted_parses_back(kind in 0u8..23, number: u64, octets in strings()) {
        let octets = written(kind, number, &octets);
        let mut cursor = Cursor::new(&octets);
        prop_assert_eq!(cursor.skip(), Ok(()));
        prop_assert_eq!(cursor.position(), octets.len());
    }

    #[test]
    fn a_cut_element_asks_for_more_and_never_for_too_much(
        kind in 0u8..23, number: u64, octets in strings(), cut: prop::sample::Index,
    ) {
        let octets = written(kind, number, &octets);
        let cut = cut.index(octets.len());
        match Cursor::new(&octets[..cut]).skip() {
            Err(Ill::Cut { want }) => prop_assert!(want > cut && want <= octets.len()),
            other => prop_assert!(false, "{other:?}"),
        }
    }

    #[test]
    fn never_panics(octets in vec(prop_oneof![any::<u8>(), 0u8..0x1C], 0..400)) {
        let mut cursor = Cursor::new(&octets);
        let _ = cursor.skip();
        prop_assert!(cursor.position() <= octets.len());
    }
}
