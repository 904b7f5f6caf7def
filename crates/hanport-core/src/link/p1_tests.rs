//! Frames of telegrams: forms of the checksum, damage, chunks, ciphered bodies.

use super::*;
use proptest::prelude::*;
use std::string::String;
use std::vec::Vec;

const MINI: &[u8] = b"/TST5\\000000000\r\n\r\n1-3:0.2.8(50)\r\n1-0:1.7.0(00.400*kW)\r\n!1726\r\n";

fn whole(bytes: &[u8]) -> Probe<Telegram> {
    probe(bytes, &mut 0, true)
}

fn check_of(bytes: &[u8]) -> Option<Check> {
    match whole(bytes) {
        Probe::Frame(telegram) => Some(telegram.check),
        _ => None,
    }
}

fn cause_of(bytes: &[u8]) -> Option<Cause> {
    match whole(bytes) {
        Probe::Broken(broken) => Some(broken.cause),
        _ => None,
    }
}

#[test]
fn the_checksum_is_accepted_in_every_form_that_meters_print() {
    for (text, check) in [
        (MINI, Check::Valid),
        (b"/TST5\\1\r\n\r\n1-0:1.7.0(00.016*kW)\r\n!0AE9\r\n", Check::Valid),
        (b"/TST5\\1\r\n\r\n1-0:1.7.0(00.016*kW)\r\n!AE9\r\n", Check::Valid),
        (b"/TST5\\1\r\n\r\n1-0:1.7.0(00.016*kW)\r\n!ae9\r\n", Check::Valid),
        (b"/TST5\\1\r\n\r\n1-0:1.7.0(00.016*kW)\r\n!ae9", Check::Valid),
        (b"/TST5\\1\r\n\r\n1-0:1.7.0(00.400*kW)\r\n!6525\r\n", Check::Valid),
        (b"/TST5\\1\n\n1-0:1.7.0(00.400*kW)\n!A189\n", Check::Valid),
        (b"/TST5\\1\r\n\r\n1-0:1.7.0(00.400*kW)\r\n!0000\r\n", Check::Zero),
        (b"/TST5\\1\r\n\r\n1-0:1.7.0(00.400*kW)\r\n!\r\n", Check::Absent),
        (b"/TST5\\1\r\n\r\n1-0:1.7.0(00.400*kW)\r\n!", Check::Absent),
    ] {
        assert_eq!(check_of(text), Some(check), "{}", text.escape_ascii());
    }
}

#[test]
fn a_checksum_over_crlf_survives_a_converter_to_lf() {
    assert_eq!(check_of(b"/TST5\\1\n\n1-0:1.7.0(00.400*kW)\n!6525\n"), Some(Check::Valid));
    // A single lost CR is damage, not a converter.
    assert_eq!(
        cause_of(b"/TST5\\1\r\n\n1-0:1.7.0(00.400*kW)\r\n!6525\r\n").map(Cause::class),
        Some("wrong-crc")
    );
}

#[test]
fn a_wrong_checksum_is_told_with_both_sides() {
    let text = b"/TST5\\1\r\n\r\n1-0:1.7.0(00.400*kW)\r\n!ABCD\r\n";
    assert_eq!(cause_of(text), Some(Cause::FrameCheck { wire: 0xABCD, computed: 0x6525 }));
}

#[test]
fn a_doubled_cr_is_a_wrong_checksum_however_it_arrives() {
    let text = String::from_utf8(MINI.to_vec()).unwrap().replace('\n', "\r\n");
    let bytes = text.as_bytes();
    assert_eq!(cause_of(bytes).map(Cause::class), Some("wrong-crc"));
    let head = text.find('\n').unwrap();
    for have in 5..=head {
        assert!(matches!(probe(&bytes[..have], &mut 0, false), Probe::More(_)), "{have}");
    }
}

#[test]
fn a_telegram_is_whole_with_the_fourth_digit() {
    let without_line_end = MINI.len() - 2;
    for end in 1..MINI.len() {
        let answer = probe(&MINI[..end], &mut 0, false);
        if end < without_line_end {
            assert!(matches!(answer, Probe::More(n) if n > end && n <= without_line_end), "{end}");
        } else {
            let content = Content::Text(0..without_line_end - 4);
            let len = if end == MINI.len() { end } else { without_line_end };
            let telegram = Telegram { content, check: Check::Valid, len };
            assert_eq!(answer, Probe::Frame(telegram));
        }
    }
}

#[test]
fn cut_off_anywhere_it_is_no_telegram() {
    for end in 0..MINI.len() - 2 {
        let answer = whole(&MINI[..end]);
        // With nothing behind the "!" all values are there, unchecked.
        if MINI[..end].ends_with(b"!") {
            assert_eq!(check_of(&MINI[..end]), Some(Check::Absent));
        } else if end < b"/TST5\\000000000\r\n".len() {
            assert_eq!(answer, Probe::No);
        } else {
            assert_eq!(cause_of(&MINI[..end]).map(Cause::class), Some("truncated"), "{end}");
        }
    }
}

#[test]
fn no_flipped_bit_passes_the_checksum() {
    for at in 0..MINI.len() - 2 {
        for bit in 0..8 {
            let mut damaged = MINI.to_vec();
            damaged[at] ^= 1 << bit;
            assert!(!matches!(whole(&damaged), Probe::Frame(_)), "bit {bit} of octet {at}");
        }
    }
}

#[test]
fn a_cut_off_telegram_does_not_swallow_the_next() {
    let mut bytes = MINI[..40].to_vec();
    bytes.extend_from_slice(b"\r\n");
    bytes.extend_from_slice(MINI);
    assert_eq!(whole(&bytes), cut_off(42));
}

#[test]
fn what_is_no_telegram_is_passed_over_at_once() {
    for bytes in [
        &b"/?!\r\n"[..],
        b"/usr/bin",
        b"/ab\x005",
        b"\x7E\xA0",
        b"/ABC5\x80",
        b"/ABC5 text\r only CR",
        b"/AB",
    ] {
        assert_eq!(whole(bytes), Probe::No, "{}", bytes.escape_ascii());
    }
    assert_eq!(whole(&[b'/'; 200]), Probe::No);
    let mut long = b"/ABC5".to_vec();
    long.resize(200, b'x');
    assert_eq!(probe(&long, &mut 0, false), Probe::No);
    assert_eq!(whole(b"/ABC5\r\n\r\n1-0:1.7.0(\xFF\xFF"), malformed(19));
    assert_eq!(whole(b"/ABC5\r\n\r\n!-0:1.7.0(1)\r\n!\r\n"), malformed(10));
    let mut endless = b"/ABC5\r\n".to_vec();
    endless.resize(MAX_TELEGRAM + 100, b'x');
    assert!(matches!(cause_of(&endless), Some(Cause::TooLong { .. })));
}

#[test]
fn stray_octets_behind_the_telegram_do_not_matter() {
    let mut bytes = MINI.to_vec();
    bytes.extend_from_slice(&[0; 20]);
    assert!(matches!(whole(&bytes), Probe::Frame(t) if t.len == MINI.len()));
    assert_eq!(check_of(b"/ESY5Q3D V1\r\n\r\n!\r\n  25803103\r\n"), Some(Check::Absent));
}

/// A body with "!", "/" and LF in its ciphertext.
fn polish_body() -> Vec<u8> {
    let mut body = std::vec![0, 0x82, 0, 40, 0x30, 0, 0, 0, 9];
    body.extend_from_slice(b"\n!1234\n/TST5\r\n!");
    body.resize(4 + 40, 0xA5);
    body
}

#[test]
fn what_is_wrong_with_a_body_does_not_depend_on_how_much_of_it_came() {
    for head in [&[0u8, 0][..], &[0, 5, 0x30], &[0, 40, 0x0F], &[0, 0x82, 0xFF, 0xFF, 0x30]] {
        let mut bytes = b"/KFM5KAIFA-METER\r\n\r\n".to_vec();
        bytes.extend_from_slice(head);
        bytes.resize(80, 0);
        let mut scanned = 0;
        let told = (1..=bytes.len())
            .map(|end| probe(&bytes[..end], &mut scanned, false))
            .find(|answer| !matches!(answer, Probe::More(_)));
        assert!(matches!(told, Some(Probe::Broken(_))), "{head:02X?}: {told:?}");
        assert_eq!(told, Some(probe(&bytes, &mut 0, false)), "{head:02X?}");
    }
}

#[test]
fn a_ciphered_body_is_delimited_by_its_length() {
    let body = polish_body();
    let mut buffer = [0; 200];
    let mut out = Writer::new(&mut buffer);
    emit_ciphered(&mut out, "KFM5KAIFA-METER", &body, CrcForm::Normal).unwrap();
    let bytes = out.written();
    let at = b"/KFM5KAIFA-METER\r\n\r\n".len();
    let content = Content::Ciphered(at..at + body.len());
    let whole = Telegram { content: content.clone(), check: Check::Absent, len: bytes.len() };
    assert_eq!(probe(bytes, &mut 0, false), Probe::Frame(whole));
    // Without the last line, at the end of the stream.
    let bare = Telegram { content, check: Check::Absent, len: at + body.len() };
    assert_eq!(probe(&bytes[..bare.len], &mut 0, true), Probe::Frame(bare.clone()));
    for end in 1..bare.len {
        assert!(!matches!(probe(&bytes[..end], &mut 0, true), Probe::Frame(_)), "{end}");
        assert!(matches!(probe(&bytes[..end], &mut 0, false), Probe::More(n) if n > end));
    }
    assert_eq!(probe(&bytes[..bare.len], &mut 0, false), Probe::More(bare.len + 1));
    assert_eq!(probe(&bytes[..bare.len + 3], &mut 0, false), Probe::More(bare.len + 4));
}

#[test]
fn a_ciphered_body_must_look_like_one() {
    for (body, at) in [
        (&b"\x01\x82\x00\x10\x30"[..], 9),
        (b"\x00\x83\x00\x10\x30", 10),
        (b"\x00\x82\x00\x10\x3F", 13),
        (b"\x00\x05\x30\x00\x00", 10),
    ] {
        let mut bytes = b"/KFM5\r\n\r\n".to_vec();
        bytes.extend_from_slice(body);
        assert_eq!(probe(&bytes, &mut 0, false), malformed(at));
    }
}

fn forms() -> impl Strategy<Value = (CrcForm, LineEnd)> {
    let crc = prop_oneof![
        Just(CrcForm::Absent),
        Just(CrcForm::Lower),
        Just(CrcForm::Normal),
        Just(CrcForm::Unpadded),
        Just(CrcForm::Zero),
    ];
    (crc, prop_oneof![Just(LineEnd::CrLf), Just(LineEnd::Lf)])
}

proptest! {
    #[test]
    fn what_is_written_is_found_in_any_chunks(
        lines in proptest::collection::vec("[0-9A-Z(.*)]{1,70}", 0..30),
        (crc, line_end) in forms(),
        steps in proptest::collection::vec(1usize..40, 1..20),
    ) {
        let mut buffer = [0; 4096];
        let mut out = Writer::new(&mut buffer);
        let mut telegram = TelegramWriter::new(&mut out, "TST5\\2ABC", line_end).unwrap();
        for line in &lines {
            telegram.line(format_args!("{line}")).unwrap();
        }
        telegram.finish(crc).unwrap();
        let bytes = out.written();
        let (mut end, mut scanned) = (0, 0);
        for step in steps.iter().cycle() {
            end = (end + step).min(bytes.len());
            match probe(&bytes[..end], &mut scanned, end == bytes.len()) {
                Probe::More(n) => prop_assert!(n > end && n <= bytes.len()),
                Probe::Frame(telegram) => {
                    let text_len = bytes.iter().rposition(|o| *o == b'!').unwrap() + 1;
                    prop_assert_eq!(telegram.content, Content::Text(0..text_len));
                    match crc {
                        CrcForm::Absent => prop_assert_eq!(telegram.check, Check::Absent),
                        CrcForm::Zero => prop_assert!(telegram.check != Check::Absent),
                        _ => prop_assert_eq!(telegram.check, Check::Valid),
                    }
                    break;
                }
                other => prop_assert!(false, "{other:?}"),
            }
        }
    }

    #[test]
    fn no_bytes_panic(bytes: Vec<u8>, scanned in 0usize..40, ended: bool) {
        let _ = probe(&bytes, &mut scanned.clone(), ended);
        let text = [b"/ABC5\r\n\r\n", &bytes[..]].concat();
        let _ = probe(&text, &mut 0, ended);
    }

    #[test]
    fn printable_characters_are_counted(bytes: Vec<u8>) {
        let count = bytes.iter().take_while(|o| (b' '..=b'~').contains(o)).count();
        prop_assert_eq!(printable_run(&bytes), count);
    }
}
