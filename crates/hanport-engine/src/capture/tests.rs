//! The Kaifa list 1 that the description of the format works through, in every notation.

use proptest::prelude::*;
use rstest::rstest;

use super::*;

const FRAME: [u8; 41] = [
    0x7E, 0xA0, 0x27, 0x01, 0x02, 0x01, 0x10, 0x5A, 0x87, 0xE6, 0xE7, 0x00, 0x0F, 0x40, 0x00, 0x00,
    0x00, 0x09, 0x0C, 0x07, 0xE2, 0x01, 0x0F, 0x01, 0x0F, 0x1E, 0x0A, 0xFF, 0x80, 0x00, 0x00, 0x02,
    0x01, 0x06, 0x00, 0x00, 0x04, 0xD2, 0x72, 0xA7, 0x7E,
];

fn spaced(octets: &[u8]) -> String {
    octets.iter().map(|octet| format!("{octet:02X}")).collect::<Vec<_>>().join(" ")
}

/// One line for every 16 octets, made by `line` from the offset and the octets.
fn dump(line: impl Fn(usize, &[u8]) -> String) -> String {
    FRAME.chunks(16).enumerate().map(|(at, row)| line(at * 16, row) + "\n").collect()
}

/// One text for every `count` octets.
fn by(count: usize, line: impl Fn(&[u8]) -> String) -> String {
    FRAME.chunks(count).map(line).collect()
}

/// A text of ASCII in rows of `width` characters.
fn rows(text: &str, width: usize) -> Vec<String> {
    let row = |row: &[u8]| String::from_utf8(row.to_vec()).unwrap();
    text.as_bytes().chunks(width).map(row).collect()
}

fn text(text: impl Into<Vec<u8>>) -> Vec<u8> {
    text.into()
}

fn printable(row: &[u8]) -> String {
    let shown = |o: &u8| if o.is_ascii_graphic() || *o == b' ' { char::from(*o) } else { '.' };
    row.iter().map(shown).collect()
}

#[rstest]
#[case::binary(FRAME.to_vec(), Notation::Binary)]
#[case::spaced(spaced(&FRAME).into_bytes(), Notation::Hex)]
#[case::lower(spaced(&FRAME).to_lowercase().into_bytes(), Notation::Hex)]
#[case::solid(spaced(&FRAME).replace(' ', "").into_bytes(), Notation::Hex)]
#[case::broken_anywhere(
    rows(&spaced(&FRAME).replace(' ', ""), 7).join("\r\n").into_bytes(),
    Notation::Hex
)]
#[case::commas(spaced(&FRAME).replace(' ', ",").into_bytes(), Notation::Hex)]
#[case::c_array(
    format!("{{ 0x{} }};", spaced(&FRAME).replace(' ', ", 0x")).into_bytes(),
    Notation::Hex
)]
#[case::escapes(format!("\\x{}", spaced(&FRAME).replace(' ', "\\x")).into_bytes(), Notation::Hex)]
#[case::colons(spaced(&FRAME).replace(' ', ":").into_bytes(), Notation::Hex)]
#[case::dashes(spaced(&FRAME).replace(' ', "-").into_bytes(), Notation::Hex)]
#[case::commented(format!("# origin: made up\n{}\n", spaced(&FRAME)).into_bytes(), Notation::Hex)]
#[case::level(dump(|_, row| format!("(V) {}", spaced(row))).into_bytes(), Notation::Log)]
#[case::receiver(
    text(dump(|_, row| format!("12:34:56.789 RX: {}", spaced(row)))),
    Notation::Log
)]
#[case::unspaced(format!("rx:{}\n", spaced(&FRAME).replace(' ', "")).into_bytes(), Notation::Log)]
#[case::named(format!("data:{}\n", spaced(&FRAME).replace(' ', "")).into_bytes(), Notation::Log)]
#[case::clock(
    text(dump(|_, row| format!("2024-01-15 12:34:56 {}", spaced(row)))),
    Notation::Log
)]
#[case::brackets(
    text(dump(|at, row| {
        format!("[12:34:{at:02}][D][uart_debug:114]: <<< {}", spaced(row).replace(' ', ":"))
    })),
    Notation::Log
)]
#[case::offset_column(
    dump(|at, row| format!("{at:04X}: {}  |{}|", spaced(row), printable(row))).into_bytes(),
    Notation::Log
)]
#[case::xxd(
    dump(|at, row| {
        let groups: Vec<String> = row.chunks(2).map(|pair| spaced(pair).replace(' ', "")).collect();
        format!("{at:08x}: {:<39}  {}", groups.join(" "), printable(row))
    }).into_bytes(),
    Notation::Log
)]
#[case::hexdump(
    dump(|at, row| {
        let halves: Vec<String> = row.chunks(8).map(spaced).collect();
        format!("{at:08x}  {:<49} |{}|", halves.join("  "), printable(row))
    }).into_bytes(),
    Notation::Log
)]
#[case::wireshark(
    dump(|at, row| format!("{at:04x}   {}   {}", spaced(row), printable(row))).into_bytes(),
    Notation::Log
)]
#[case::single_octets(
    format!("RX {}\n", spaced(&FRAME).replace(' ', "\nRX ")).into_bytes(),
    Notation::Log
)]
#[case::between_words(
    format!("Received 41 bytes\n{}\nDone: 12 ms, no face to add\n", spaced(&FRAME)).into_bytes(),
    Notation::Log
)]
#[case::count_before(
    text(format!("Received 41 bytes: {} (41 bytes)\n", spaced(&FRAME))),
    Notation::Log
)]
#[case::suffixed(format!("{}h\n", spaced(&FRAME).replace(' ', "h ")).into_bytes(), Notation::Hex)]
#[case::explained(
    text(dump(|_, row| format!("{}   date and time, 25 items\n", spaced(row)))),
    Notation::Log
)]
#[case::remarks(
    text(by(3, |row| format!("{} - tag 0F of the list\n", spaced(row)))),
    Notation::Log
)]
#[case::remarks_in_code(
    text(by(8, |row| format!("0x{}, // part\n", spaced(row).replace(' ', ", 0x")))),
    Notation::Log
)]
#[case::numbered_prefixes(
    text(by(8, |row| format!("(D) (000012) {}\n", spaced(row)))),
    Notation::Log
)]
#[case::numbered_lines(
    text(dump(|at, row| format!(" {}  {}", at / 16 + 1, spaced(row)))),
    Notation::Hex
)]
#[case::numbered_octets(
    FRAME.iter().enumerate().flat_map(|(at, o)| format!("{at}: {o:02X}\n").into_bytes()).collect(),
    Notation::Hex
)]
#[case::json_numbers(format!("{FRAME:?}").into_bytes(), Notation::Json)]
#[case::json_texts(
    text(format!("[\"{}\"]", spaced(&FRAME).replace(' ', "\",\""))),
    Notation::Json
)]
#[case::json_lines(
    text(format!(r#"{{"id":"6970631407262986","n":[1,2],"data":"{}"}}"#, spaced(&FRAME))),
    Notation::Json
)]
#[case::utf16(
    [0xFF, 0xFE].into_iter().chain(spaced(&FRAME).bytes().flat_map(|octet| [octet, 0])).collect(),
    Notation::Hex
)]
#[case::colours(
    format!("\x1B[0;36m[D][dlms:7]: {}\x1B[0m\n", spaced(&FRAME)).into_bytes(),
    Notation::Log
)]
fn every_notation_gives_the_same_octets(#[case] input: Vec<u8>, #[case] notation: Notation) {
    let capture = Capture::recognise(&input);
    let shown = String::from_utf8_lossy(&input).into_owned();
    assert_eq!(capture.notation, notation, "{shown}");
    assert_eq!(spaced(&capture.octets()), spaced(&FRAME), "{shown}");
}

#[test]
fn a_python_literal_gives_its_octets() {
    let mut literal = String::from("b'");
    for octet in FRAME {
        match octet {
            b'\'' | b'\\' => literal.extend(['\\', char::from(octet)]),
            b'\r' => literal.push_str("\\r"),
            b'\n' => literal.push_str("\\n"),
            b'\t' => literal.push_str("\\t"),
            o if o.is_ascii_graphic() => literal.push(char::from(o)),
            o => literal = format!("{literal}\\x{o:02x}"),
        }
    }
    let capture = Capture::recognise(format!("DEBUG got {literal}'\n").as_bytes());
    assert_eq!((capture.notation, capture.octets()), (Notation::Log, FRAME.to_vec()));
    assert_eq!(capture.passed_over, "DEBUGgotb".len());
}

#[test]
fn a_telegram_keeps_every_octet() {
    for text in [
        "/ISK5\\2M550T-1012\r\n\r\n1-0:1.8.1(000001.000*kWh)\r\n!ABCD\r\n",
        "log of today\r\n1-0:1.8.1(000001.000*kWh)\r\n!\r\n",
        "/NWA-LINK\n\n!",
    ] {
        let capture = Capture::recognise(text.as_bytes());
        assert_eq!(capture.notation, Notation::Telegram);
        assert_eq!(capture.chunks, [text.as_bytes()]);
    }
}

#[test]
fn a_telegram_with_parity_bits_is_masked() {
    let text = "/ISK5\\2M550T-1012\r\n\r\n1-0:1.8.1(000001.000*kWh)\r\n!\r\n";
    let even = |octet: u8| octet | u8::from(octet.count_ones() % 2 == 1) << 7;
    let mut received: Vec<u8> = text.bytes().map(even).collect();
    let capture = Capture::recognise(&received);
    assert_eq!(capture.notation, Notation::Telegram);
    assert_eq!(capture.octets(), text.as_bytes());
    let digits = Capture::recognise(spaced(&received).as_bytes());
    assert_eq!((digits.notation, digits.octets()), (Notation::Hex, text.as_bytes().to_vec()));
    received[9] ^= 1;
    assert_eq!(Capture::recognise(&received).notation, Notation::Binary);
}

#[test]
fn prose_that_begins_with_a_number_has_no_octets() {
    let capture = Capture::recognise(b"10 - first try\n25  minutes later\n7E A0 27 01  - flag\n");
    assert_eq!(capture.octets(), FRAME[..4]);
}

#[test]
fn a_short_last_row_belongs_to_the_dump() {
    let colons = "[1] <<< 7E:A0:27:01:02\n[2] <<< 01:10\n[3] <<< 5A:87:E6\n";
    assert_eq!(Capture::recognise(colons.as_bytes()).octets(), FRAME[..10]);
    let counted = "00000000  7e a0 27 01\n00000004  02 01 10\n00000007\n";
    let capture = Capture::recognise(counted.as_bytes());
    assert_eq!(capture.octets(), FRAME[..7]);
    assert_eq!(capture.passed_over, 24);
}

#[test]
fn breaks_of_the_writer_begin_chunks() {
    let blocks = Capture::recognise(b"7E A0\n27 01\n\n7E A1\n");
    assert_eq!(blocks.chunks, [vec![0x7E, 0xA0, 0x27, 0x01], vec![0x7E, 0xA1]]);
    let log = Capture::recognise(b"RX: 7E A0 27 01\nRX: 7E A1 27 01\n");
    assert_eq!(log.chunks, [[0x7E, 0xA0, 0x27, 0x01], [0x7E, 0xA1, 0x27, 0x01]]);
    let dumps = Capture::recognise(b"0000: 7E A0\n0002: 27 01\n0000: 7E A1\n");
    assert_eq!(dumps.chunks, [vec![0x7E, 0xA0, 0x27, 0x01], vec![0x7E, 0xA1]]);
}

#[rstest]
#[case::empty(b"", Notation::Empty)]
#[case::blank(b" \r\n\t\n", Notation::Empty)]
#[case::prose(b"Hello, this is no meter at all.\n", Notation::Prose)]
#[case::numbers(b"Meter id: 6970631407262986\nat 20240115 123456 done\n", Notation::Prose)]
#[case::path(b"/dev/ttyUSB0 opened\n/usr/bin/env\n", Notation::Prose)]
#[case::words(b"add a face to the dead beef\n", Notation::Prose)]
#[case::json_without(b"{\"power\": 12, \"name\": \"x\"}", Notation::Prose)]
fn text_without_octets_gives_none(#[case] input: &[u8], #[case] notation: Notation) {
    let capture = Capture::recognise(input);
    assert_eq!((capture.notation, capture.octets()), (notation, Vec::new()));
}

#[test]
fn what_was_sent_to_the_meter_is_passed_over() {
    let capture = Capture::recognise(b"TX: 10 40 F0 30 16\nRX: E5 7E A0 27\n");
    assert_eq!(capture.octets(), [0xE5, 0x7E, 0xA0, 0x27]);
    assert_eq!(capture.passed_over, 3 + 10 + 3);
}

proptest! {
    #[test]
    fn octets_in_hexadecimal_come_back(
        octets in proptest::collection::vec(any::<u8>(), 1..300),
        width in 1usize..40,
    ) {
        let digits = spaced(&octets).replace(' ', "");
        let capture = Capture::recognise(rows(&digits, width * 2).join("\n").as_bytes());
        prop_assert_eq!(capture.notation, Notation::Hex);
        prop_assert_eq!(capture.octets(), octets);
    }

    #[test]
    fn a_frame_is_never_text(
        rest in proptest::collection::vec(any::<u8>(), 0..300),
        start in 0usize..4,
    ) {
        let starts: [&[u8]; 4] = [
            &[0x7E, 0xA0, 0x27, 0x01],
            &[0x68, 0xFA, 0xFA, 0x68, 0x53, 0xFF, 0x00, 0x01, 0x67],
            &[0xDB, 0x08],
            &[0x1B, 0x1B, 0x1B, 0x1B, 0x01],
        ];
        let input = [starts[start], &rest].concat();
        let capture = Capture::recognise(&input);
        prop_assert_eq!(capture.notation, Notation::Binary);
        prop_assert_eq!(capture.octets(), input);
    }

    #[test]
    fn no_input_panics(input: Vec<u8>) {
        let _ = Capture::recognise(&input);
    }

    #[test]
    fn no_text_panics(input in "[ -~\\n\\xE9'\"x]{0,200}") {
        let _ = Capture::recognise(input.as_bytes());
    }
}

#[test]
fn what_is_handed_on_as_it_is_is_told_by_its_beginning() {
    let telegram = b"/TST5\\1\r\n\r\n1-0:1.7.0(00.016*kW)\r\n!FFFF\r\n";
    let frame = [0x7E, 0xA0, 0x27, 0x01, 0x00, 0x01, 0x10, 0x56, 0x1B];
    for (input, verbatim) in [
        (&telegram[..], true),
        (&frame, true),
        (b"7E A0 27 01 00 01 10 56 1B", false),
        (b"2024-01-15 12:00:00 RX: 7E A0 27 01\n", false),
        (b"\x1B[32mI (1)\x1B[0m 7E A0 27 01\n", false),
        (b"\xFF\xFE7\0E\0", false),
        (b"", false),
    ] {
        for cut in 0..=input.len() {
            let (head, _) = input.split_at(cut);
            assert!(!Capture::is_verbatim(head) || verbatim, "{head:02X?}");
        }
        assert_eq!(Capture::is_verbatim(input), verbatim, "{input:02X?}");
        let kept = Capture::recognise(input);
        assert!(!verbatim || kept.octets() == input, "{kept:?}");
    }
}
