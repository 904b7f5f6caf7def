//! What an explanation says, octet by octet, of published examples and of what the core emits.

use hanport_core::cipher::key::Key;
use hanport_core::cipher::sealed::{Control, Kind as Service, Wrapping};
use hanport_core::cipher::suite0::KeyRing;
use hanport_core::cosem::gbt::Block;
use hanport_core::cosem::length::LengthForm;
use hanport_core::emit::Writer;
use hanport_core::link::crc::ARC;
use hanport_core::link::hdlc::{self, Address};
use hanport_core::link::mbus;
use proptest::prelude::*;

use super::*;

/// A meter's list of Norway: `active_import_w` 1234, `2018-01-15 15:30:10`.
const KAIFA: &str = "7E A0 27 01 02 01 10 5A 87 E6 E7 00 0F 40 00 00 00 09 0C 07 E2 01 0F 01 0F 1E \
                     0A FF 80 00 00 02 01 06 00 00 04 D2 72 A7 7E";
/// The same value as a coded element, without date-time.
const AIDON: &str = "7E A0 2A 41 08 83 13 04 13 E6 E7 00 0F 40 00 00 00 00 01 01 02 03 09 06 01 00 \
                     01 07 00 FF 06 00 00 04 D2 02 02 0F 00 16 1B 19 F2 7E";
const EK: Key = Key::new([1; 16]);
const AK: Key = Key::new([2; 16]);

fn octets(hex: &str) -> Vec<u8> {
    hex.split_whitespace().map(|pair| u8::from_str_radix(pair, 16).unwrap()).collect()
}

fn keys(encryption_key: Option<Key>, authentication_key: Option<Key>) -> Options {
    Options { encryption_key, authentication_key, ..Options::default() }
}

/// The lines, blanks at the ends and runs of blanks taken out.
fn lines(octets: &[u8], options: &Options) -> Vec<String> {
    let explanation = explain(octets, options);
    covers(&explanation.layer);
    let text = render::lines(&explanation.layer, &render::Plain);
    text.lines().map(|line| line.split_whitespace().collect::<Vec<_>>().join(" ")).collect()
}

/// Whether these lines occur, in this order.
fn assert_lines(lines: &[String], wanted: &[&str]) {
    let mut left = lines.iter();
    for line in wanted {
        assert!(left.any(|found| found == line), "{line:?} missing in\n{}", lines.join("\n"));
    }
}

/// Every octet belongs to exactly one node.
fn covers(layer: &Layer) {
    let mut at = 0;
    for node in &layer.nodes {
        assert_eq!(node.range.start, at, "{}", node.label);
        node_covers(node);
        at = node.range.end;
    }
    assert_eq!(at, layer.octets.len(), "the last octets of {:?}", layer.name);
}

fn node_covers(node: &Node) {
    if let Some(first) = node.children.first() {
        let mut at = first.range.start;
        assert!(at >= node.range.start, "{}", node.label);
        for child in &node.children {
            assert_eq!(child.range.start, at, "{} in {}", child.label, node.label);
            node_covers(child);
            at = child.range.end;
        }
        assert_eq!(at, node.range.end, "{}", node.label);
    }
    node.inner.iter().for_each(|layer| covers(layer));
}

fn sealed(plaintext: &[u8], control: Control) -> Vec<u8> {
    let wrapping = Wrapping {
        kind: Service::GeneralGlo,
        control,
        system_title: Some(*b"KAM00001"),
        invocation_counter: 66,
        length_form: LengthForm::Shortest,
    };
    let mut buffer = [0; 1024];
    let mut out = Writer::new(&mut buffer);
    KeyRing::new(Some(&EK), Some(&AK)).seal(plaintext, &wrapping, &mut out).unwrap();
    out.written().to_vec()
}

/// The notification of [`AIDON`].
fn notification() -> Vec<u8> {
    octets(AIDON)[12..41].to_vec()
}

fn frame(info: &[u8], segmented: bool) -> Vec<u8> {
    let mut buffer = [0; 1024];
    let mut out = Writer::new(&mut buffer);
    let (client, meter) = (Address::short(0x67), Address::pair(1, 0x11));
    hdlc::emit(client, meter, hdlc::UI, segmented, info, &mut out).unwrap();
    out.written().to_vec()
}

#[test]
fn a_list_without_codes_is_annotated_to_the_last_octet() {
    let lines = lines(&octets(KAIFA), &Options::default());
    let expected = [
        "0000 HDLC frame: 41 octets",
        "0000 7E flag",
        "0001 A0 27 format: type 3, length 39",
        "0003 01 destination: 0",
        "0004 02 01 source: 1 upper, 0 lower",
        "0006 10 control: information, sent 0, received 0, final",
        "0007 5A 87 header check: right",
        "0009 information",
        "0009 E6 E7 00 LLC: from the meter",
        "000C 0F data-notification",
        "000D 40 00 00 00 invoke id: 0, confirmed service",
        "0011 09 0C 07 E2 01 0F 01 0F 1E 0A FF 80 00 00 date-time, with the tag of a string: \
         2018-01-15T15:30:10, Monday, offset not stated",
        "001F 02 01 structure of 1",
        "0021 06 00 00 04 D2 u32: 1234 W, active_import_w (1-0:1.7.0*255)",
        "0026 72 A7 frame check: right",
        "0028 7E flag",
    ];
    assert_eq!(lines, expected);
}

#[test]
fn a_coded_element_has_name_value_and_unit() {
    assert_lines(
        &lines(&octets(AIDON), &Options::default()),
        &[
            "0011 00 date-time: not sent",
            "0012 01 01 array of 1",
            "0014 02 03 structure of 3",
            "0016 09 06 01 00 01 07 00 FF octet string of 6: 1-0:1.7.0*255 active_import_w",
            "001E 06 00 00 04 D2 u32: 1234 W",
            "0023 02 02 0F 00 16 1B scaler and unit: x 10^0 W",
        ],
    );
}

#[test]
fn an_entry_of_a_self_describing_list_says_what_it_stands_for() {
    let apdu = "0F 00 00 00 01 00 02 02 01 02 02 04 12 00 28 09 06 00 08 19 09 00 FF 0F 02 12 00 00 \
                02 04 12 00 03 09 06 01 00 01 07 00 FF 0F 02 12 00 00 06 00 00 04 D2";
    let info = [&[0xE6, 0xE7, 0x00][..], &octets(apdu)].concat();
    assert_lines(
        &lines(&frame(&info, false), &Options::default()),
        &[
            "0012 02 02 structure of 2",
            "0014 01 02 array of 2",
            "0016 02 04 structure of 4: attribute 2 of 0-8:25.9.0*255, class 40",
            "0028 02 04 structure of 4: attribute 2 of 1-0:1.7.0*255 active_import_w, class 3",
            "003A 06 00 00 04 D2 u32: 1234 W, active_import_w (1-0:1.7.0*255)",
        ],
    );
}

#[test]
fn a_wrong_check_is_shown_with_both_sides_and_no_value_gets_a_name() {
    let mut damaged = octets(AIDON);
    damaged[0x22] ^= 1;
    let lines = lines(&damaged, &Options::default());
    assert_lines(
        &lines,
        &[
            "0007 04 13 header check: right",
            "001E 06 00 00 04 D3 u32: 1235",
            "0029 19 F2 frame check: F219, wrong: computed 6DCC",
        ],
    );
}

#[test]
fn what_is_missing_at_the_end_is_said() {
    let lines = lines(&octets(AIDON)[..0x21], &Options::default());
    assert_lines(
        &lines,
        &["0000 HDLC frame: cut off: 33 of 44 octets", "001E 06 00 00 data that is cut off here"],
    );
}

#[test]
fn segments_are_joined_and_a_shared_flag_belongs_to_the_first_frame() {
    let apdu = [&[0xE6, 0xE7, 0x00][..], &notification()].concat();
    let mut stream = frame(&apdu[..20], true);
    stream.extend(&frame(&apdu[20..], false)[1..]);
    let lines = lines(&stream, &Options::default());
    assert_lines(
        &lines,
        &[
            "0001 A8 1E format: type 3, length 30, more segments follow",
            "001F 7E flag",
            "0020 HDLC frame: 24 octets",
            "0020 A0 16 format: type 3, length 22",
            "joined (29 octets)",
            "0000 0F data-notification",
            "0012 06 00 00 04 D2 u32: 1234 W",
            "0036 7E flag",
        ],
    );
}

#[test]
fn segments_of_m_bus_are_joined_and_deciphered() {
    let apdu = sealed(&notification(), Control::BOTH);
    let mut buffer = [0; 256];
    let mut out = Writer::new(&mut buffer);
    mbus::emit_segment(0, false, 1, 103, &apdu[..30], &mut out).unwrap();
    mbus::emit_segment(1, true, 1, 103, &apdu[30..], &mut out).unwrap();
    let lines = lines(out.written(), &keys(Some(EK), Some(AK)));
    assert_lines(
        &lines,
        &[
            "0000 M-Bus frame: 41 octets",
            "0001 23 length: 35",
            "0006 00 control information: segment 0, more follow",
            "0008 67 destination: 103",
            "002F 11 control information: segment 1, the last",
            "joined (57 octets)",
            "0000 DB general-glo-ciphering",
            "0002 4B 41 4D 30 30 30 30 31 system title: KAM (Kamstrup)",
            "000A 2E length: 46",
            "000B 30 security control: authenticated and encrypted, suite 0, unicast key",
            "000C 00 00 00 42 invocation counter: 66",
            "deciphered (29 octets)",
            "0012 06 00 00 04 D2 u32: 1234 W",
        ],
    );
    assert!(lines.iter().any(|line| line.ends_with("authentication tag: right")));
}

#[test]
fn blocks_are_joined() {
    let apdu = notification();
    let mut stream = Vec::new();
    for (number, last, part) in [(1, false, &apdu[..12]), (2, true, &apdu[12..])] {
        let mut buffer = [0; 64];
        let mut out = Writer::new(&mut buffer);
        if number == 1 {
            out.put(&[0xE6, 0xE7, 0x00]).unwrap();
        }
        Block::emit(number, last, part, &mut out).unwrap();
        stream.extend(frame(out.written(), false));
    }
    assert_lines(
        &lines(&stream, &Options::default()),
        &[
            "000C E0 general block transfer",
            "000D 40 control: more blocks follow, streaming, window 0",
            "000E 00 01 block number: 1",
            "joined (29 octets)",
            "0012 06 00 00 04 D2 u32: 1234 W",
        ],
    );
}

#[test]
fn what_the_keys_are_worth_is_said_at_the_ciphertext() {
    let apdu = sealed(&notification(), Control::BOTH);
    let other = || Some(Key::new([9; 16]));
    for (options, ciphertext, tag) in [
        (keys(None, None), "ciphertext: encrypted, and no key is set", "not checked"),
        (
            keys(other(), None),
            "ciphertext: decryption gives no sense: wrong encryption key",
            "not checked",
        ),
        (
            keys(Some(EK), other()),
            "ciphertext: the authentication tag does not match: wrong authentication key or \
             altered data",
            "wrong",
        ),
        (keys(Some(EK), None), "ciphertext", "not checked: no authentication key is set"),
        (keys(Some(EK), Some(AK)), "ciphertext", "right"),
        (keys(Some(AK), Some(EK)), "ciphertext: the two keys are set the wrong way round", "right"),
    ] {
        let lines = lines(&apdu, &options);
        let ends = |end: &str| lines.iter().any(|line| line.ends_with(end));
        assert!(ends(ciphertext), "{ciphertext} in {lines:#?}");
        assert!(ends(&format!("authentication tag: {tag}")), "{tag} in {lines:#?}");
    }
}

#[test]
fn what_is_only_authenticated_is_read_in_place() {
    let apdu = sealed(&notification(), Control::AUTHENTICATED);
    assert_lines(
        &lines(&apdu, &keys(Some(EK), Some(AK))),
        &[
            "000B 10 security control: authenticated, suite 0, unicast key",
            "0010 plaintext",
            "0010 0F data-notification",
            "0022 06 00 00 04 D2 u32: 1234 W",
        ],
    );
}

/// 1234 Wh and 825 W, enciphered under 00 01 .. 0F.
const OMS: &str = "68 1F 1F 68 53 F0 5B 78 56 34 12 2D 2C 1B 02 2A 00 10 05 96 89 82 02 52 62 C0 \
                   10 53 70 E2 26 3E CB 6C 36 04 16";

#[test]
fn the_plain_application_layer_is_taken_apart_and_deciphered() {
    let key: Key = "000102030405060708090A0B0C0D0E0F".parse().unwrap();
    assert_lines(
        &lines(&octets(OMS), &keys(Some(key), None)),
        &[
            "0000 M-Bus frame: 37 octets",
            "0006 5B control information: application layer, long header",
            "0007 78 56 34 12 number: 12345678",
            "000B 2D 2C maker: KAM (Kamstrup)",
            "000E 02 medium: 2, electricity",
            "0011 10 05 configuration: encryption mode 5, 1 blocks",
            "deciphered (16 octets)",
            "0000 2F 2F filling",
            "0002 04 03 D2 04 00 00 record: 1234 Wh, active_import_wh (1-0:1.8.0*255)",
            "0008 04 2B 39 03 00 00 record: 825 W, active_import_w (1-0:1.7.0*255)",
            "0023 04 checksum: right",
        ],
    );
    let without = lines(&octets(OMS), &Options::default());
    assert!(without.iter().any(|line| line.ends_with("ciphertext: not deciphered")));
}

fn telegram() -> Vec<u8> {
    let mut text = b"/TST5\\1\r\n\r\n1-0:1.7.0(00.400*kW)\r\n0-0:96.1.0(4B3832)\r\n!".to_vec();
    let checksum = ARC.checksum(&text);
    text.extend(format!("{checksum:04X}\r\n").bytes());
    text
}

#[test]
fn a_telegram_is_explained_line_by_line() {
    let text = telegram();
    let found = lines(&text, &Options::default());
    assert_lines(
        &found,
        &[
            "0000 /TST5\\1 identification",
            "000B 1-0:1.7.0(00.400*kW) active_import_w (1-0:1.7.0*255): 400 W",
            "0021 0-0:96.1.0(4B3832) 0-0:96.1.0*255: 4B3832; number of the meter",
        ],
    );
    let last = found.last().unwrap();
    assert!(last.starts_with("0035 !") && last.ends_with(", right"), "{last}");
    let mut damaged = text;
    damaged[0x18] = b'9';
    let found = lines(&damaged, &Options::default());
    assert!(found.last().unwrap().contains("wrong: computed"), "{found:#?}");
    assert!(!found.iter().any(|line| line.contains("active_import_w")));
}

#[test]
fn lines_of_a_telegram_that_were_ciphered_are_explained_inside() {
    let wrapping = Wrapping {
        kind: Service::Untagged,
        control: Control::BOTH,
        system_title: None,
        invocation_counter: 5,
        length_form: LengthForm::Two,
    };
    let mut buffer = [0; 256];
    let mut out = Writer::new(&mut buffer);
    out.put(b"/KFM5KAIFA-METER\r\n\r\n").unwrap();
    let ring = KeyRing::new(Some(&EK), Some(&AK));
    ring.seal(b"1-0:1.7.0(01.234*kW)\r\n!0000\r\n", &wrapping, &mut out).unwrap();
    out.put(b"!0000\r\n").unwrap();
    assert_lines(
        &lines(out.written(), &keys(Some(EK), Some(AK))),
        &[
            "0000 /KFM5KAIFA-METER identification: Kaifa",
            "0014 00 length of the system title: 0",
            "0015 82 00 2E length: 46",
            "deciphered (29 octets)",
            "0000 1-0:1.7.0(01.234*kW) active_import_w (1-0:1.7.0*255): 1234 W",
        ],
    );
}

/// The list of the published SML file: 123456.7 Wh and -345 W among others.
const SML: &str = "1B 1B 1B 1B 01 01 01 01 76 05 00 00 00 01 62 00 62 00 72 63 01 01 76 01 01 04 00 \
    00 01 0B 0A 01 54 45 53 54 00 01 E2 40 01 01 63 A2 92 00 76 05 00 00 00 02 62 00 62 00 72 63 \
    07 01 77 01 0B 0A 01 54 45 53 54 00 01 E2 40 07 01 00 62 0A FF FF 72 62 01 65 01 69 1C C0 74 \
    77 07 01 00 60 32 01 FF 01 01 01 01 04 54 53 54 01 77 07 01 00 01 08 00 FF 01 01 62 1E 52 FF \
    69 00 00 00 00 00 12 D6 87 01 77 07 01 00 02 08 00 FF 01 01 62 1E 52 FF 69 00 00 00 00 00 01 \
    5B B4 01 77 07 01 00 10 07 00 FF 01 01 62 1B 52 00 55 FF FF FE A7 01 01 01 63 D3 CA 00 76 05 \
    00 00 00 03 62 00 62 00 72 63 02 01 71 01 63 A8 E6 00 1B 1B 1B 1B 1A 00 FD 11";

#[test]
fn an_sml_file_is_taken_apart() {
    assert_lines(
        &lines(&octets(SML), &Options::default()),
        &[
            "0000 SML file: 208 octets",
            "0000 1B 1B 1B 1B 01 01 01 01 begin of the SML transport, version 1",
            "0008 76 message: list of 6",
            "0013 63 01 01 kind: 257, begin of the file",
            "002A 63 A2 92 checksum: right",
            "002D 00 end of the message",
            "0059 77 element: list of 7",
            "006B 07 01 00 01 08 00 FF code: 1-0:1.8.0*255 active_import_wh",
            "0074 62 1E unit: 30, Wh",
            "0076 52 FF scaler: -1",
            "0078 69 00 00 00 00 00 12 D6 87 value: 1234567 = 123456.7 Wh",
            "00CE FD 11 checksum: right",
        ],
    );
}

#[test]
fn idle_octets_and_noise_between_messages_are_told_apart() {
    let mut stream = vec![0xFF; 5];
    stream.extend(octets(AIDON));
    stream.extend([0x55, 0x12, 0x34]);
    stream.extend(octets(AIDON));
    stream.extend([0x7E; 3]);
    let explanation = explain(&stream, &Options::default());
    assert_eq!((explanation.readings, explanation.diagnosis), (2, None));
    assert_lines(
        &lines(&stream, &Options::default()),
        &[
            "0000 FF FF FF FF FF idle line: 5 octets",
            "0005 HDLC frame: 44 octets",
            "0031 55 12 34 octets of no frame: 3 octets",
            "0034 HDLC frame: 44 octets",
            "0060 7E 7E 7E flags between frames: 3 octets",
        ],
    );
}

#[test]
fn a_frame_inside_the_claim_of_a_damaged_one_is_found() {
    let mut stream = octets(AIDON);
    stream.drain(20..30);
    stream.extend(octets(AIDON));
    let explanation = explain(&stream, &Options::default());
    assert_eq!(explanation.readings, 1);
    assert_eq!(explanation.faults.len(), 1);
    assert_lines(
        &lines(&stream, &Options::default()),
        &["0000 HDLC frame: cut off: 34 of 44 octets", "0022 HDLC frame: 44 octets"],
    );
}

#[test]
fn input_without_frame_gets_a_diagnosis() {
    let explanation = explain(&[0xFF; 40], &Options::default());
    let likeliest = explanation.diagnosis.unwrap().findings[0].likeness;
    assert_eq!(likeliest, diagnosis::Likeness::Idle);
    covers(&explanation.layer);
}

#[test]
fn the_chance_head_of_a_frame_in_noise_does_not_hide_that_it_is_noise() {
    let mut stream = vec![0x93; 400];
    stream.extend(&octets(AIDON)[..12]);
    let likeliest = explain(&stream, &Options::default()).diagnosis.unwrap().findings[0].likeness;
    assert_eq!(likeliest, diagnosis::Likeness::Noise);
}

#[test]
fn damage_on_the_way_is_recognised_by_undoing_it() {
    let likeliest = |octets: &[u8]| {
        let explanation = explain(octets, &Options::default());
        explanation.diagnosis.expect("no frame").findings[0].likeness
    };
    // a value of 2570 W is 0A 0A
    let mut apdu = notification();
    apdu[21..23].copy_from_slice(&[0x0A, 0x0A]);
    let info = [&[0xE6, 0xE7, 0x00][..], &apdu].concat();
    let text_mode: Vec<u8> = frame(&info, false)
        .into_iter()
        .flat_map(|octet| if octet == b'\n' { vec![b'\r', b'\n'] } else { vec![octet] })
        .collect();
    let explanation = explain(&text_mode, &Options::default());
    assert_eq!(explanation.readings, 0);
    assert_eq!(explanation.diagnosis.unwrap().findings[0].likeness, diagnosis::Likeness::TextMode);
    let utf8: String = octets(AIDON).into_iter().map(char::from).collect();
    assert_eq!(likeliest(utf8.as_bytes()), diagnosis::Likeness::Utf8);
    let even: Vec<u8> = telegram()
        .into_iter()
        .map(|octet| if octet.count_ones() % 2 == 1 { octet | 0x80 } else { octet })
        .collect();
    assert_eq!(likeliest(&even), diagnosis::Likeness::ParityKept);
}

fn any_message() -> impl Strategy<Value = Vec<u8>> {
    let messages = [
        octets(KAIFA),
        octets(AIDON),
        octets(SML),
        octets(OMS),
        telegram(),
        sealed(&notification(), Control::BOTH),
        frame(&sealed(&notification(), Control::ENCRYPTED), true),
    ];
    prop::sample::select(messages.to_vec())
}

proptest! {
    #[test]
    fn every_octet_of_anything_belongs_to_one_node(
        parts in prop::collection::vec(
            (any_message(), prop::collection::vec(any::<(prop::sample::Index, u8)>(), 0..3)),
            0..4,
        ),
        noise: Vec<u8>,
    ) {
        let mut stream = noise;
        for (mut message, damage) in parts {
            for (at, octet) in damage {
                let at = at.index(message.len());
                match octet % 3 {
                    0 => message[at] = octet,
                    1 => drop(message.drain(at..)),
                    _ => message.insert(at, octet),
                }
                if message.is_empty() {
                    break;
                }
            }
            stream.extend(message);
        }
        let explanation = explain(&stream, &keys(Some(EK), Some(AK)));
        covers(&explanation.layer);
        let _ = render::lines(&explanation.layer, &render::Plain);
    }
}
