//! Published and made-up M-Bus application layers, there and back.

use super::*;
use hex_literal::hex;
use proptest::prelude::*;
use std::string::ToString;
use std::vec::Vec;

const KEY: [u8; 16] = hex!("000102030405060708090A0B0C0D0E0F");
const PUBLISHED: [u8; 29] =
    hex!("5B 78 56 34 12 2D 2C 1B 02 2A 00 10 05 96 89 82 02 52 62 C0 10 53 70 E2 26 3E CB 6C 36");
const SENDER: Sender = Sender {
    number: hex!("78 56 34 12"),
    maker: hex!("2D 2C"),
    version: 0x1B,
    medium: 2,
    access: 0x2A,
};
const RECORDS: [u8; 12] = hex!("04 03 D2 04 00 00 04 2B 39 03 00 00");

fn read_with(layer: &[u8], keys: [Option<&Key>; 2]) -> Result<Readout, Broken> {
    let mut out = Readout::new();
    read(&mut layer.to_vec(), keys, &Context::default(), &mut out).map(|()| out)
}

/// A plain layer of a meter for `medium` with these records.
fn plain(medium: u8, records: &[u8]) -> Vec<u8> {
    let mut buffer = [0; 300];
    let mut out = Writer::new(&mut buffer);
    emit(Sender { medium, ..SENDER }, 0, records, None, &mut out).unwrap();
    out.written().to_vec()
}

fn values(layer: &[u8]) -> Vec<std::string::String> {
    let readout = read_with(layer, [None, None]).unwrap();
    let print = |item: &Item| match item.value {
        Value::Number(number, unit) => std::format!("{} {number} {unit}", item.obis),
        _ => panic!("no number"),
    };
    readout.items.iter().map(print).collect()
}

#[test]
fn the_published_message_is_deciphered_and_read() {
    let (key, other) = (Key::new(KEY), Key::new([7; 16]));
    for keys in [[Some(&key), None], [Some(&other), Some(&key)]] {
        let readout = read_with(&PUBLISHED, keys).unwrap();
        let values: Vec<_> = readout
            .items
            .iter()
            .map(|item| (item.quantity.unwrap().to_string(), item.value))
            .collect();
        let number = |mantissa, unit| Value::Number(Number::new(mantissa, 0), unit);
        assert_eq!(
            values,
            [
                ("active_import_wh".to_string(), number(1234, Unit::WattHour)),
                ("active_import_w".to_string(), number(825, Unit::Watt)),
            ]
        );
        assert_eq!(readout.meter_id, Some(TextRef::Serial(12_345_678)));
        assert_eq!(readout.manufacturer, Some(Manufacturer::Kamstrup));
        assert_eq!(readout.authenticity, Authenticity::Unverified);
    }
}

#[test]
fn the_published_message_is_written() {
    let mut buffer = [0; 64];
    let mut out = Writer::new(&mut buffer);
    emit(SENDER, 0, &RECORDS, Some(&Key::new(KEY)), &mut out).unwrap();
    assert_eq!(out.written(), PUBLISHED);
}

#[test]
fn keys_are_asked_for_and_checked() {
    let cause = |keys| read_with(&PUBLISHED, keys).map_err(|broken| broken.cause).err();
    assert_eq!(cause([None, None]), Some(Cause::NeedsKey));
    assert_eq!(cause([Some(&Key::new([7; 16])), None]), Some(Cause::WrongKey));
}

#[test]
fn records_of_a_siemens_meter_get_their_codes() {
    let records = hex!(
        "06 6D 39 1E 8D EE 17 00"
        "04 03 01000000" "04 83 3C 02000000"
        "84 10 FB 82 73 03000000" "84 10 FB 82 F3 3C 04000000"
        "04 2B 05000000" "04 AB 3C 06000000" "04 FB 14 07000000" "04 FB 94 3C 08000000"
        "04 83 FF 04 09000000"
    );
    let layer = plain(2, &records);
    assert_eq!(
        values(&layer),
        [
            "1-0:1.8.0*255 1 Wh",
            "1-0:2.8.0*255 2 Wh",
            "1-0:3.8.1*255 3 varh",
            "1-0:4.8.1*255 4 varh",
            "1-0:1.7.0*255 5 W",
            "1-0:2.7.0*255 6 W",
            "1-0:3.7.0*255 7 var",
            "1-0:4.7.0*255 8 var",
            "1-0:1.128.0*255 9 Wh",
        ]
    );
    let time = read_with(&layer, [None, None]).unwrap().time.unwrap();
    assert_eq!(time.to_string(), "2015-07-14T13:30:57");
}

#[test]
fn every_coding_of_numbers_is_read() {
    let records = hex!(
        "01 03 FF" "02 03 FEFF" "03 03 FDFFFF" "06 03 FCFFFFFFFFFF" "07 03 FBFFFFFFFFFFFFFF"
        "09 03 12" "0A 03 3412" "0B 03 563412" "0C 06 78563412" "0E 03 BC9A78563412"
        "0C 2B 561234F0" "05 03 00000000" "0D 03 02 4142" "00 03" "44 03 07000000"
        "14 2B 63000000" "24 2B 63000000"
    );
    assert_eq!(
        values(&plain(2, &records)),
        [
            "1-0:1.8.0*255 -1 Wh",
            "1-0:1.8.0*255 -2 Wh",
            "1-0:1.8.0*255 -3 Wh",
            "1-0:1.8.0*255 -4 Wh",
            "1-0:1.8.0*255 -5 Wh",
            "1-0:1.8.0*255 12 Wh",
            "1-0:1.8.0*255 1234 Wh",
            "1-0:1.8.0*255 123456 Wh",
            "1-0:1.8.0*255 12345678000 Wh",
            "1-0:1.7.0*255 -341256 W",
            "1-0:1.8.0*1 7 Wh",
            "1-0:1.6.0*255 99 W",
        ]
    );
}

#[test]
fn other_media_and_voltages_are_read() {
    assert_eq!(values(&plain(3, &hex!("0C 13 78563412"))), ["7-0:3.0.0*255 12345.678 m3"]);
    assert_eq!(values(&plain(7, &hex!("0C 14 01000000"))), ["8-0:1.0.0*255 0.01 m3"]);
    assert_eq!(values(&plain(6, &hex!("0C 14 01000000"))), ["9-0:1.0.0*255 0.01 m3"]);
    assert_eq!(
        values(&plain(4, &hex!("0C 0E 01000000 0C 14 02000000"))),
        ["6-0:1.0.0*255 1000000 J", "6-0:2.0.0*255 0.02 m3"]
    );
    assert_eq!(
        values(&plain(2, &hex!("02 FD 48 0509 02 FD 59 7D00 04 13 01000000"))),
        ["1-0:12.7.0*255 230.9 V", "1-0:11.7.0*255 0.125 A"]
    );
}

#[test]
fn other_headers_are_read_without_an_address() {
    let records = [0x04, 0x03, 1, 0, 0, 0];
    assert_eq!(values(&[&hex!("7A 01 00 00 00")[..], &records].concat()), ["1-0:1.8.0*255 1 Wh"]);
    assert_eq!(values(&[&[0x78][..], &records].concat()), ["1-0:1.8.0*255 1 Wh"]);
    for (layer, cause) in [
        (&hex!("7A 01 00 10 05 00000000000000000000000000000000")[..], Cause::Unsupported(5)),
        (&hex!("7A 01 00 10 07 00000000000000000000000000000000"), Cause::Unsupported(7)),
        (&hex!("51"), Cause::Unsupported(0x51)),
        (&hex!("7A 01"), Cause::Truncated { have: 2, want: 13 }),
        (&PUBLISHED[..28], Cause::Truncated { have: 28, want: 29 }),
        (&hex!("78 04"), Cause::Malformed),
        (&hex!("78 84 80"), Cause::Malformed),
        (&hex!("78 04 83 80"), Cause::Malformed),
        (&hex!("78 3F 03"), Cause::Malformed),
        (&hex!("78 0D 03 C0"), Cause::Malformed),
        (&hex!("78 04 03 00"), Cause::Truncated { have: 4, want: 7 }),
    ] {
        let broken = read_with(layer, [Some(&Key::new(KEY)), None]).unwrap_err();
        assert_eq!(broken.cause, cause, "{layer:02X?}");
    }
}

#[test]
fn a_header_that_is_cut_off_says_so() {
    for layer in [&[][..], &[0x72, 1, 2, 3], &[0x7A, 1, 2]] {
        let fault = read_with(layer, [None, None]).unwrap_err();
        assert_eq!(fault.cause.class(), "truncated", "{layer:02X?}");
    }
}

#[test]
fn data_of_the_makers_own_ends_the_records() {
    assert_eq!(values(&hex!("78 01 03 05 0F 99 99 99")), ["1-0:1.8.0*255 5 Wh"]);
}

#[test]
fn an_invalid_or_impossible_time_is_none() {
    for data in ["04 6D 80 0D 0E 17", "04 6D 3C 0D 0E 17", "02 6D 00 00", "04 6D 00 18 0E 17"] {
        let octets: Vec<u8> =
            data.split(' ').map(|pair| u8::from_str_radix(pair, 16).unwrap()).collect();
        let layer = [&[0x78][..], &octets].concat();
        assert_eq!(read_with(&layer, [None, None]).unwrap().time, None, "{data}");
    }
}

proptest! {
    #[test]
    fn what_is_enciphered_is_read_back(energy: i32, power: i32, access: u8, key: [u8; 16]) {
        let mut records = Vec::from([0x04, 0x83, 0x3C]);
        records.extend_from_slice(&energy.to_le_bytes());
        records.extend_from_slice(&[0x04, 0xAB, 0x3C]);
        records.extend_from_slice(&power.to_le_bytes());
        let mut buffer = [0; 64];
        let mut out = Writer::new(&mut buffer);
        let key = Key::new(key);
        emit(Sender { access, ..SENDER }, 0, &records, Some(&key), &mut out).unwrap();
        let readout = read_with(out.written(), [Some(&key), None]).unwrap();
        let numbers: Vec<_> = readout
            .items
            .iter()
            .map(|item| match item.value {
                Value::Number(number, _) => number.mantissa,
                _ => 0,
            })
            .collect();
        prop_assert_eq!(numbers, [i64::from(energy), i64::from(power)]);
    }

    #[test]
    fn no_bytes_panic(bytes: Vec<u8>) {
        let key = Key::new(KEY);
        for ci in [0x5B, 0x72, 0x7A, 0x78] {
            let layer = [&[ci][..], &bytes].concat();
            let _ = read_with(&layer, [Some(&key), None]);
            let _ = read_with(&plain(2, bytes.get(..200).unwrap_or(&bytes)), [None, None]);
        }
    }
}
