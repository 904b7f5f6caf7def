//! Messages in several frames.

use super::*;

fn hdlc_parts() -> [Vec<u8>; 3] {
    [frame(true, &with_llc(&LIST[..9])), frame(true, &LIST[9..20]), frame(false, &LIST[20..])]
}

fn mbus_parts() -> [Vec<u8>; 3] {
    [segment(0, false, &LIST[..9]), segment(1, false, &LIST[9..20]), segment(2, true, &LIST[20..])]
}

fn block_parts() -> [Vec<u8>; 3] {
    [
        frame(false, &with_llc(&block(1, false, &LIST[..9]))),
        frame(false, &block(2, false, &LIST[9..20])),
        frame(false, &block(3, true, &LIST[20..])),
    ]
}

#[test]
fn parts_make_one_message() {
    for (parts, framing) in [
        (hdlc_parts(), Framing::Hdlc),
        (mbus_parts(), Framing::Mbus),
        (block_parts(), Framing::Gbt),
    ] {
        let stream = parts.concat();
        let seen = run(&[&[0xFF][..], &stream, &stream].concat());
        let octets = stream.len();
        for (at, seen) in seen.iter().enumerate() {
            let (start, check) = ((1 + at * octets) as u64, Check::Valid);
            let body = LIST.to_vec();
            assert_eq!(seen, &Seen::Reading { start, octets, framing, check, body });
        }
        assert_eq!(seen.len(), 2);
    }
}

#[test]
fn parts_with_something_between_them_are_not_joined() {
    // Numbers go on although the first part is of one message and the others are of the next:
    // what was lost in between left its traces.
    let noise = [0x55; 12];
    for parts in [hdlc_parts(), mbus_parts(), block_parts()] {
        let [first, middle, last] = &parts;
        let seen = run(&[first, &noise[..], middle, last].concat());
        assert!(bodies(&seen).is_empty(), "{seen:?}");
        let flags = [0x7E; 2];
        let seen = run(&[first, &flags[..], middle, last].concat());
        assert_eq!(bodies(&seen), [&LIST[..]], "flags are no gap: {seen:?}");
    }
}

#[test]
fn a_lost_part_is_told_once_and_nothing_is_read() {
    for (parts, told) in [(mbus_parts(), 1), (block_parts(), 1)] {
        for lost in 0..3 {
            let mut stream = Vec::new();
            for (at, part) in parts.iter().enumerate() {
                if at != lost {
                    stream.extend(part);
                }
            }
            let whole = parts.concat();
            let seen = run(&[&stream[..], &whole].concat());
            assert_eq!(bodies(&seen), [&LIST[..]], "{lost}");
            assert_eq!(seen.len(), told + 1, "{lost}: {seen:?}");
            assert_eq!(seen[0].class(), "truncated", "{lost}: {seen:?}");
            let seen = run(&stream);
            assert_eq!(classes(&seen), ["truncated"], "{lost}: {seen:?}");
        }
    }
    let [first, middle, last] = hdlc_parts();
    let seen = run(&[&first[..], &middle, &first, &middle, &last].concat());
    assert_eq!(classes(&seen), ["truncated", "reading"]);
    let seen = run(&[&middle[..], &last, &first, &middle, &last].concat());
    assert_eq!(classes(&seen), ["truncated", "reading"]);
}

#[test]
fn a_repeated_part_does_no_harm() {
    for [first, middle, last] in [mbus_parts(), block_parts()] {
        let seen = run(&[&first[..], &middle, &middle, &last].concat());
        assert_eq!(bodies(&seen), [&LIST[..]]);
        assert_eq!(seen.len(), 1);
    }
}

#[test]
fn an_aborted_transfer_may_begin_anew() {
    for [first, middle, last] in [hdlc_parts(), mbus_parts(), block_parts()] {
        let seen = run(&[&first[..], &middle, &first, &middle, &last].concat());
        assert_eq!(classes(&seen), ["truncated", "reading"]);
        assert_eq!(bodies(&seen), [&LIST[..]]);
    }
}

#[test]
fn a_whole_message_between_parts_is_read() {
    let other = [hdlc_message(&OTHER), segment(0, true, &OTHER)];
    for ([first, middle, last], whole) in [hdlc_parts(), mbus_parts()].iter().zip(other) {
        let seen = run(&[&first[..], &whole, middle, last].concat());
        assert_eq!(classes(&seen), ["truncated", "reading"], "{seen:?}");
        assert_eq!(bodies(&seen), [&OTHER[..]]);
    }
}

#[test]
fn damage_in_a_part_is_the_only_fault() {
    for parts in [hdlc_parts(), mbus_parts(), block_parts()] {
        for damaged in 0..3 {
            let mut stream = parts.clone();
            let last = stream[damaged].len() - 4;
            stream[damaged][last] ^= 0x10;
            let seen = run(&stream.concat());
            assert_eq!(classes(&seen), ["wrong-crc"], "{damaged}: {seen:?}");
            stream[damaged][last] ^= 0x10;
            let seen = run(&[&stream.concat()[..], &parts.concat()].concat());
            assert_eq!(bodies(&seen), [&LIST[..]; 2], "{damaged}");
        }
    }
}

#[test]
fn a_pause_ends_what_is_open() {
    for [first, middle, last] in [hdlc_parts(), mbus_parts(), block_parts()] {
        let mut session = Session::<256>::new(Options::default());
        let mut seen = Vec::new();
        drain(&mut session, &first, &mut seen);
        drain(&mut session, &middle, &mut seen);
        end(&mut session, &mut seen);
        assert_eq!(classes(&seen), ["truncated"]);
        drain(&mut session, &last, &mut seen);
        end(&mut session, &mut seen);
        assert_eq!(bodies(&seen), [] as [&[u8]; 0]);
    }
}

#[test]
fn the_published_parts_are_joined() {
    // the list inside is nobody's, but it is whole
    let segments = hex!(
        "7EA818CF022303 2DBF E6E7000F00000001000203060000 DFAF 7E
         7EA012CF022313 5CC2 04D2120903120904 9129 7E"
    );
    let seen = run(&segments);
    assert!(!classes(&seen).contains(&"wrong-crc") && seen.len() == 1, "{seen:?}");
    let blocks = hex!(
        "7EA01DCEFF0313 63E4 E6E700 E0400001000009 0F0000004200020206 E93E 7E
         7EA018CEFF0313 37C2 E0C00002000007 000004D2120903 C864 7E"
    );
    let seen = run(&blocks);
    assert!(!classes(&seen).contains(&"wrong-crc") && seen.len() == 1, "{seen:?}");
}
