//! What is inside of the frames: text, SML, plain M-Bus, and all of it ciphered.

use super::*;
use crate::cipher::sealed::{Control, Kind, Wrapping};
use crate::cipher::suite0::KeyRing;
use crate::cosem::length::LengthForm;
use crate::family::sml_writer::{Clock, Entry, EntryValue, SmlWriter};
use crate::fault::Cause;
use crate::link::sml;
use crate::obis::Obis;
use crate::reading::{Authenticity, Oddity};

const KEY: &str = "000102030405060708090A0B0C0D0E0F";
const OTHER_KEY: &str = "D0D1D2D3D4D5D6D7D8D9DADBDCDDDEDF";
const TITLE: [u8; 8] = *b"KFM\x50\x00\x00\x09\x81";

fn keys(encryption: Option<&str>, authentication: Option<&str>) -> Options {
    let key = |digits: &str| digits.parse().unwrap();
    Options {
        encryption_key: encryption.map(key),
        authentication_key: authentication.map(key),
        hint: None,
    }
}

fn sealed(plaintext: &[u8], control: Control, counter: u32) -> Vec<u8> {
    let Options { encryption_key, authentication_key, .. } = keys(Some(KEY), Some(OTHER_KEY));
    let ring = KeyRing::new(encryption_key.as_ref(), authentication_key.as_ref());
    let wrapping = Wrapping {
        kind: Kind::GeneralGlo,
        control,
        system_title: Some(TITLE),
        invocation_counter: counter,
        length_form: LengthForm::Two,
    };
    let mut room = [0; 2048];
    let mut out = Writer::new(&mut room);
    ring.seal(plaintext, &wrapping, &mut out).unwrap();
    out.written().to_vec()
}

/// Class, authenticity and oddities of every event of a stream.
fn told(options: Options, stream: &[u8]) -> Vec<(&'static str, Authenticity, Vec<Oddity>)> {
    let mut session = Session::<2048>::new(options);
    let mut told = Vec::new();
    let mut input = stream;
    let mut note = |event: Event<'_>| {
        let class = Seen::of(&event).class();
        let (authenticity, oddities) = match event {
            Event::Fault(_) => (Authenticity::Plain, Vec::new()),
            Event::Reading(reading) => {
                let all = [Oddity::CounterWentBack, Oddity::KeysSwapped, Oddity::Repeated];
                let has = |oddity: &Oddity| reading.readout.oddities.has(*oddity);
                (reading.readout.authenticity, all.into_iter().filter(has).collect())
            }
        };
        told.push((class, authenticity, oddities));
    };
    while let Some(event) = session.poll(&mut input) {
        note(event);
    }
    while let Some(event) = session.end() {
        note(event);
    }
    told
}

const SMARTY: [u8; 119] = hex!(
    "DB085341475967701234 82006A 30 000001F2 61605BD6E83881637F43C7E440557CEF2F74822233FDB86C
     150D47F69D1511CF9034A1B18CED0F5C4DE59D939347AE0E9869 0B908DCBB41314A6C7D9492985DB2CC8
     6B99D63A307EBF1822F2E9A9E36653152C132217EA32BF3881D4CD7AE4192 8DC5DF5BB"
);

#[test]
fn the_published_telegrams_are_read() {
    let mini = b"/TST5\\000000000\r\n\r\n1-3:0.2.8(50)\r\n1-0:1.7.0(00.400*kW)\r\n!1726\r\n";
    let stream = [&mini[..], mini, &hdlc_message(&LIST), mini].concat();
    let seen = run(&stream);
    assert_eq!(classes(&seen), ["reading"; 4], "{seen:?}");
    let expected = Seen::Reading {
        start: mini.len() as u64,
        octets: mini.len() - 2,
        framing: Framing::Dsmr,
        check: Check::Valid,
        body: mini[..mini.len() - 6].to_vec(),
    };
    assert_eq!(seen[1], expected);
    for size in [1, 2, 3, 7] {
        assert_eq!(run_with::<2048>(Options::default(), &stream, size), seen);
    }
    let mut bad = *mini;
    bad[40] ^= 1;
    assert_eq!(classes(&run(&bad)), ["wrong-crc"]);
}

#[test]
fn a_telegram_ciphered_without_frame_is_found_behind_junk() {
    for junk in [&[][..], &[0xFF; 20], b"83D0\r\n", &SMARTY[60..]] {
        let stream = [junk, &SMARTY, &SMARTY[..50], &SMARTY].concat();
        let seen = told(keys(Some(KEY), None), &stream);
        let readings = seen.iter().filter(|seen| seen.0 == "reading").count();
        assert_eq!(readings, 2, "{seen:?} behind {}", hex_of(junk));
        assert_eq!(seen[0], ("reading", Authenticity::Verified, Vec::new()));
    }
    let seen = run_with::<2048>(keys(Some(KEY), None), &[&[0xFF; 3][..], &SMARTY].concat(), 1);
    assert_eq!(classes(&seen), ["reading"]);
    assert!(seen[0].body().unwrap().starts_with(b"/TST5"));
    assert_eq!(classes(&run(&[&SMARTY[..], &SMARTY].concat())), ["needs-key"; 2]);
    assert_eq!(classes(&run(&SMARTY[..80])), ["truncated"]);
}

#[test]
fn an_sml_file_is_read() {
    let file = hex!(
        "1B1B1B1B 01010101
         76 05 00000001 62 00 62 00 72 63 01 01 76 01 01 04 000001 0B 0A01544553540001E240 01 01
         63 A2 92 00
         76 05 00000002 62 00 62 00 72 63 07 01 77 01 0B 0A01544553540001E240 07 0100620AFFFF
         72 62 01 65 01691CC0 74
         77 07 0100603201FF 01 01 01 01 04 545354 01
         77 07 0100010800FF 01 01 62 1E 52 FF 69 000000000012D687 01
         77 07 0100020800FF 01 01 62 1E 52 FF 69 0000000000015BB4 01
         77 07 0100100700FF 01 01 62 1B 52 00 55 FFFFFEA7 01
         01 01 63 D3 CA 00
         76 05 00000003 62 00 62 00 72 63 02 01 71 01 63 A8 E6 00
         1B1B1B1B 1A 00 FD 11"
    );
    let stream = [&file[..], &[0xFF], &file, &hdlc_message(&LIST)].concat();
    let seen = run(&stream);
    assert_eq!(classes(&seen), ["reading"; 3], "{seen:?}");
    assert!(matches!(seen[1], Seen::Reading { framing: Framing::Sml, octets, .. }
        if octets == file.len()));
    for size in [1, 5] {
        assert_eq!(run_with::<2048>(Options::default(), &stream, size), seen);
    }
}

#[test]
fn a_plain_m_bus_layer_is_read_with_its_own_cipher() {
    let frame = hex!(
        "681F1F68 53F05B 78563412 2D2C 1B02 2A00 1005
         9689820252 62C0105370E2263ECB6C36 0416"
    );
    for keys in [keys(Some(KEY), None), keys(Some(OTHER_KEY), Some(KEY))] {
        assert_eq!(told(keys, &frame), [("reading", Authenticity::Unverified, Vec::new())]);
    }
    assert_eq!(told(keys(Some(OTHER_KEY), None), &frame)[0].0, "wrong-key");
    assert_eq!(told(keys(None, None), &frame)[0].0, "needs-key");
}

#[test]
fn ciphered_messages_say_what_their_tag_is_worth() {
    let both = hdlc_message(&sealed(&LIST, Control::BOTH, 1));
    let only = segment(0, true, &sealed(&LIST, Control::ENCRYPTED, 1));
    let reading = |authenticity| ("reading", authenticity, Vec::new());
    assert_eq!(told(keys(Some(KEY), Some(OTHER_KEY)), &both), [reading(Authenticity::Verified)]);
    assert_eq!(told(keys(Some(KEY), None), &both), [reading(Authenticity::Unverified)]);
    assert_eq!(told(keys(Some(KEY), None), &only), [reading(Authenticity::Unverified)]);
    let swapped = ("reading", Authenticity::Verified, [Oddity::KeysSwapped].to_vec());
    assert_eq!(told(keys(Some(OTHER_KEY), Some(KEY)), &both), [swapped]);
    assert_eq!(told(keys(Some(OTHER_KEY), None), &only)[0].0, "wrong-key");
    assert_eq!(told(keys(Some(KEY), Some(&KEY.replace('0', "1"))), &both)[0].0, "auth-failed");
}

#[test]
fn a_missing_key_is_told_with_the_system_title() {
    for frame in [
        hdlc_message(&sealed(&LIST, Control::BOTH, 1)),
        segment(0, true, &sealed(&LIST, Control::ENCRYPTED, 1)),
        with_llc(&sealed(&LIST, Control::BOTH, 1)),
    ] {
        let seen = run(&frame);
        let [Seen::Fault(fault)] = &seen[..] else { panic!("{seen:?}") };
        assert_eq!((fault.cause, fault.system_title), (Cause::NeedsKey, Some(TITLE)));
    }
}

#[test]
fn repeated_counters_are_odd_and_no_fault() {
    let at = |counter| hdlc_message(&sealed(&LIST, Control::BOTH, counter));
    let stream = [at(100), at(101), at(101), at(50), at(51)].concat();
    let oddities: Vec<_> = told(keys(Some(KEY), Some(OTHER_KEY)), &stream)
        .into_iter()
        .map(|(class, _, oddities)| {
            assert_eq!(class, "reading");
            oddities
        })
        .collect();
    assert_eq!(oddities, [&[][..], &[], &[Oddity::Repeated], &[Oddity::CounterWentBack], &[]]);
}

#[test]
fn ciphering_and_blocks_may_be_around_each_other() {
    let whole = sealed(&LIST, Control::BOTH, 7);
    let (first, second) = whole.split_at(20);
    let inside =
        [frame(false, &with_llc(&block(1, false, first))), frame(false, &block(2, true, second))];
    let around = [
        hdlc_message(&sealed(&block(1, false, &LIST[..11]), Control::BOTH, 8)),
        hdlc_message(&sealed(&block(2, true, &LIST[11..]), Control::BOTH, 9)),
    ];
    for stream in [inside.concat(), around.concat()] {
        let seen = run_with::<2048>(keys(Some(KEY), Some(OTHER_KEY)), &stream, 9);
        assert_eq!(bodies(&seen), [&LIST[..]], "{seen:?}");
        assert_eq!(
            told(keys(Some(KEY), Some(OTHER_KEY)), &stream),
            [("reading", Authenticity::Verified, Vec::new())]
        );
    }
    let mut deep = LIST.to_vec();
    for counter in 0..6 {
        deep = sealed(&deep, Control::BOTH, counter);
    }
    assert_eq!(classes(&run_with::<2048>(keys(Some(KEY), Some(OTHER_KEY)), &deep, 9)), ["invalid"]);
}

#[test]
fn ciphered_parts_are_joined_before_they_are_opened() {
    let whole = sealed(&LIST, Control::BOTH, 7);
    let (first, second) = whole.split_at(20);
    for stream in [
        [frame(true, &with_llc(first)), frame(false, second)].concat(),
        [segment(0, false, first), segment(1, true, second)].concat(),
    ] {
        let seen = run_with::<2048>(keys(Some(KEY), Some(OTHER_KEY)), &stream, 9);
        assert_eq!(bodies(&seen), [&LIST[..]], "{seen:?}");
    }
}

#[test]
fn a_dump_that_was_deciphered_in_place_is_not_read() {
    let mut dump = sealed(&LIST, Control::ENCRYPTED, 7);
    let at = dump.len() - LIST.len();
    dump[at..].copy_from_slice(&LIST);
    for frame in [hdlc_message(&dump), dump.clone()] {
        assert_eq!(told(keys(Some(KEY), None), &frame)[0].0, "wrong-key");
        assert_eq!(told(keys(None, None), &frame)[0].0, "needs-key");
    }
}

#[test]
fn bare_messages_are_read_where_one_may_begin() {
    let bare = with_llc(&LIST);
    let stream = [&bare[..], &LIST, &hdlc_message(&OTHER), &LIST, &bare].concat();
    let seen = run(&stream);
    assert_eq!(bodies(&seen), [&LIST[..], &LIST, &OTHER, &LIST, &LIST], "{seen:?}");
    let behind_junk = [&[0xFF][..], &bare, &hdlc_message(&OTHER)].concat();
    assert_eq!(bodies(&run(&behind_junk)), [&OTHER[..]]);
    assert_eq!(classes(&run(&bare[..20])), ["truncated"]);
}

#[test]
fn a_frame_inside_of_a_message_without_checksum_wins() {
    // claims 500 octets
    let claim = hex!("DB084B464D5000000981 8201F4 30 00000001");
    let stream = [&claim[..], &hdlc_message(&LIST), &[0x55; 500]].concat();
    for size in [1, 30, 1000] {
        let seen = run_with::<2048>(Options::default(), &stream, size);
        assert_eq!(bodies(&seen), [&LIST[..]], "{seen:?}");
    }
}

#[test]
fn what_is_cut_inside_of_a_good_frame_is_told() {
    let ciphered = sealed(&LIST, Control::BOTH, 1);
    for (apdu, class) in [
        (&ciphered[..30], "truncated"),
        (&block(1, true, &LIST)[..12], "truncated"),
        (&hex!("DB 05 4B464D50"), "invalid"),
        (&hex!("E0 C0 0000 0000 01 00"), "invalid"),
        (&hex!("7B 00"), "invalid"),
    ] {
        assert_eq!(classes(&run(&hdlc_message(apdu))), [class], "{}", hex_of(apdu));
    }
}

#[test]
fn a_ciphered_text_without_end_is_no_telegram() {
    let text = b"/KFM5\r\n\r\n1-0:1.7.0(00.016*kW)\r\n";
    let message = hdlc_message(&sealed(text, Control::BOTH, 1));
    assert_ne!(told(keys(Some(KEY), Some(OTHER_KEY)), &message)[0].0, "reading");
    let message = hdlc_message(&sealed(b"/KFM", Control::BOTH, 2));
    assert_eq!(told(keys(Some(KEY), Some(OTHER_KEY)), &message)[0].0, "invalid");
}

#[test]
fn a_message_is_worth_what_its_weakest_part_is_worth() {
    let stream = [
        hdlc_message(&sealed(&block(1, false, &LIST[..11]), Control::BOTH, 8)),
        hdlc_message(&block(2, true, &LIST[11..])),
    ];
    assert_eq!(
        told(keys(Some(KEY), Some(OTHER_KEY)), &stream.concat()),
        [("reading", Authenticity::Unverified, Vec::new())]
    );
}

fn sml_file(messages: &[u8]) -> Vec<u8> {
    let mut room = [0; 400];
    let mut out = Writer::new(&mut room);
    sml::emit(messages, sml::Checksum::X25, &mut out).unwrap();
    out.written().to_vec()
}

#[test]
fn an_escape_among_the_values_of_an_sml_file_is_taken_back() {
    let mut room = [0; 200];
    let mut out = Writer::new(&mut room);
    let value = EntryValue::Octets(&[0x1B; 4]);
    let entry = Entry { obis: Obis::general(96, 1, 0), time: Clock::Absent, value };
    SmlWriter::new(&mut out, sml::Checksum::X25)
        .get_list(1, b"server", Clock::Absent, &[entry])
        .unwrap();
    let file = sml_file(out.written());
    assert!(file.len() > out.len() + 16 + 3, "the escape is doubled");
    let seen = run(&[&file[..], &file].concat());
    assert_eq!(bodies(&seen).len(), 2);
    assert!(bodies(&seen).iter().all(|body| body.starts_with(out.written())));
}

#[test]
fn an_sml_file_that_holds_no_messages_is_told() {
    assert_eq!(classes(&run(&sml_file(&hex!("75 01 01 01 01 01")))), ["invalid"]);
}

#[test]
fn what_unfinished_blocks_leave_no_room_for_is_told() {
    let blocks = hdlc_message(&block(1, false, &[0x55; 200]));
    let more = frame(false, &block(2, false, &[0x55; 200]));
    let bare = sealed(&[0x55; 60], Control::BOTH, 1);
    let text = [b"/KFM5\r\n\r\n", &hex!("00 820050 30 00000001")[..], &[0x55; 75]].concat();
    for message in [more, bare, text] {
        let options = keys(Some(KEY), Some(OTHER_KEY));
        let seen = run_with::<256>(options, &[&blocks[..], &message].concat(), 64);
        assert!(bodies(&seen).is_empty(), "{seen:?}");
        let too_long = |seen: &Seen| match seen {
            Seen::Fault(fault) => matches!(fault.cause, Cause::TooLong { .. }),
            Seen::Reading { .. } => false,
        };
        assert!(seen.iter().any(too_long), "{seen:?}");
    }
}
