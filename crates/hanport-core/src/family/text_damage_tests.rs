//! Damaged, unknown and random telegrams.

use super::*;
use proptest::prelude::*;

#[test]
fn broken_lines_are_passed_over_and_the_rest_is_kept() {
    for line in [
        "1-0:4:24.7.0(0000.000*kVAr)",
        "1-0:1.7.0",
        "1-0:1.7.0(00.400*kW",
        "1-0:1.7.0(00.400*kW)x",
        "1-0:256.7.0(1*kW)",
        "1-0:1.7.0*x(1*kW)",
        "(0001.001)",
        "text",
    ] {
        let told = told("TST5", &[line, "1-0:2.7.0(00.100*kW)"]);
        assert_eq!(told.values, ["active_export_w=100"], "{line}");
        assert!(told.broken, "{line}");
    }
}

#[test]
fn what_is_unknown_is_kept_under_its_code() {
    for (line, kept) in [
        ("1-0:200.7.3(12.5*kW)", "1-0:200.7.3*255=12500 W"),
        ("1-0:1.7.0(12.5*furlong)", "1-0:1.7.0*255=12.5*furlong"),
        ("1-0:1.7.0(----)", "1-0:1.7.0*255=----"),
        ("1-0:1.7.0(12.5)", "1-0:1.7.0*255=12.5"),
        ("1-0:1.7.0(1*Wh)", "1-0:1.7.0*255=1 Wh"),
        ("1-0:1.7.0(1*kW)(2*kW)", "1-0:1.7.0*255=(1*kW)(2*kW)"),
        ("1-0:96.5.0(1)(2)", "1-0:96.5.0*255=(1)(2)"),
        ("1-0:1.8.0(1234567890123456789*kWh)", "1-0:1.8.0*255=1234567890123456789*kWh"),
        ("1-0:1.6.0(240115123000W)(x)", "1-0:1.6.0*255=(240115123000W)(x)"),
        ("1-0:1.6.0(240115123000W)", "1-0:1.6.0*255=240115123000W"),
        ("7-0:3.0.0(001.5*dm3)", "7-0:3.0.0*255=0.0015 m3"),
    ] {
        assert_eq!(one(line), [kept], "{line}");
    }
}

const MIXED: [&str; 9] = [
    "1-3:0.2.8(50)",
    "0-0:1.0.0(240115120000W)",
    "0-0:96.1.1(4530303236303030303132333435363132)",
    "1-0:1.8.1(001234.567*kWh)",
    "1-0:1.7.0(01.193*kW)",
    "1-0:99.97.0(1)(0-0:96.7.19)(231208152415W)(0000000240*s)",
    "1-0:32.7.0(229.4*V)",
    "0-0:96.7.21(00004)",
    "0-1:24.2.1(240115115500W)(01234.567*m3)",
];

#[test]
fn cut_off_anywhere_no_value_changes() {
    let bytes = telegram("TST5", &MIXED);
    let whole = read(&bytes).unwrap();
    let digits_end = bytes.len() - 2;
    for end in 0..digits_end {
        // With nothing behind the "!" the telegram is complete and unchecked.
        let expected = bytes[..end].ends_with(b"!").then_some(&whole);
        assert_eq!(read(&bytes[..end]).as_ref(), expected, "{end}");
    }
    assert_eq!(read(&bytes[..digits_end]), Some(whole));
}

#[test]
fn no_flipped_bit_gives_a_wrong_value() {
    let bytes = telegram("TST5", &MIXED);
    let whole = read(&bytes).unwrap();
    let text_end = bytes.len() - 6;
    for at in 0..bytes.len() - 2 {
        for bit in 0..8 {
            let mut damaged = bytes.clone();
            damaged[at] ^= 1 << bit;
            match read(&damaged) {
                None => {}
                // A capital digit of the checksum may become a small one.
                Some(told) => assert!(at >= text_end && told == whole, "bit {bit} of octet {at}"),
            }
        }
    }
}

#[test]
fn a_lost_octet_gives_no_wrong_value() {
    let bytes = telegram("TST5", &MIXED);
    let whole = read(&bytes).unwrap();
    let text_end = bytes.len() - 6;
    for at in 0..bytes.len() - 2 {
        let mut shorter = bytes.clone();
        shorter.remove(at);
        match read(&shorter) {
            None => {}
            // A leading zero of the checksum may be left out.
            Some(told) => assert!(at >= text_end && told == whole, "octet {at}"),
        }
    }
}

proptest! {
    #[test]
    fn numbers_go_there_and_back(mantissa in 0u32.., places in 0usize..8, negative: bool) {
        let digits = std::format!("{mantissa:010}");
        let (whole, part) = digits.split_at(10 - places);
        let point = if places == 0 { "" } else { "." };
        let sign = if negative { "-" } else { "" };
        let line = std::format!("1-0:1.8.0({sign}{whole}{point}{part}*kWh)");
        let bytes = telegram("TST5", &[&line]);
        let mut readout = Readout::new();
        read_telegram(&bytes, &Context::default(), &mut readout).unwrap();
        let mantissa = i64::from(mantissa) * if negative { -1 } else { 1 };
        let exponent = 3 - i8::try_from(places).unwrap();
        let item = readout.items[0];
        prop_assert_eq!(item.value, Value::Number(Number::new(mantissa, exponent), Unit::WattHour));
        let printed = item.span.of(&bytes);
        prop_assert_eq!(core::str::from_utf8(printed).unwrap(), std::format!("{sign}{whole}{point}{part}"));
    }

    #[test]
    fn no_text_panics(lines in "(/|[0-9]{1,3}[-:.*(]|[(][0-9]{6,14}[SW]?[)]|[)(*.!]|kWh|\r\n|[ -~]){0,60}") {
        let text = [b"/ABC5\r\n\r\n", lines.as_bytes()].concat();
        let _ = read_telegram(&text, &Context::default(), &mut Readout::new());
    }

    #[test]
    fn no_bytes_panic(bytes: Vec<u8>) {
        let _ = read_telegram(&bytes, &Context::default(), &mut Readout::new());
        let text = [b"/ABC5\n1-0:1.7.0(", &bytes[..]].concat();
        let _ = read_telegram(&text, &Context::default(), &mut Readout::new());
        let _ = PowerFailures::new(&bytes).count() + DemandHistory::new(&bytes).count();
    }
}
