//! Whatever happens to the octets: nothing wrong is read, little is lost, and it is told once.

use proptest::prelude::*;

use super::*;

#[test]
fn every_flipped_bit_of_an_hdlc_frame_is_one_fault() {
    let good = hdlc_message(&LIST);
    let before_and_behind = hdlc_message(&OTHER);
    for bit in 0..good.len() * 8 {
        let mut bad = good.clone();
        bad[bit / 8] ^= 1 << (bit % 8);
        let classes_alone = classes(&run(&bad)).join(" ");
        // what opens a frame is gone, or says that it is none
        let unrecognised = matches!(bit / 8, 0) || (12..16).contains(&bit);
        let expected = if unrecognised { "not-data" } else { "wrong-crc" };
        let length = matches!(bit / 8, 1 | 2);
        assert!(
            classes_alone == expected || length && classes_alone == "not-data",
            "bit {bit}: {classes_alone}"
        );
        let stream = [&before_and_behind[..], &bad, &before_and_behind].concat();
        let seen = run(&stream);
        assert_eq!(bodies(&seen), [&OTHER[..]; 2], "bit {bit}");
        assert!(seen.len() <= 3, "bit {bit}: {seen:?}");
    }
}

#[test]
fn every_flipped_bit_of_an_m_bus_frame_is_one_fault() {
    let good = segment(0, true, &LIST);
    for bit in 0..good.len() * 8 {
        let mut bad = good.clone();
        bad[bit / 8] ^= 1 << (bit % 8);
        let seen = run(&bad);
        let expected = if bit < 8 { "not-data" } else { "wrong-crc" };
        assert_eq!(classes(&seen), [expected], "bit {bit}");
        let stream = [&good[..], &bad, &good].concat();
        assert_eq!(bodies(&run(&stream)), [&LIST[..]; 2], "bit {bit}");
    }
}

#[test]
fn a_removed_octet_costs_one_message() {
    for (name, one) in [("hdlc", hdlc_message(&LIST)), ("mbus", segment(0, true, &LIST))] {
        let stream = one.repeat(4);
        for removed in 0..stream.len() {
            let mut damaged = stream.clone();
            damaged.remove(removed);
            let seen = run(&damaged);
            let readings = bodies(&seen).len();
            // a flag between two frames may be missed without harm
            assert!(readings >= 3, "{name} without octet {removed}: {seen:?}");
            assert!(bodies(&seen).iter().all(|body| body == &LIST));
        }
    }
}

#[test]
fn a_removed_shared_flag_costs_two_messages() {
    let one = hdlc_message(&LIST);
    let mut stream = one.clone();
    for _ in 0..3 {
        stream.extend(&one[1..]);
    }
    for removed in 0..stream.len() {
        let mut damaged = stream.clone();
        damaged.remove(removed);
        let readings = bodies(&run(&damaged)).len();
        let shared = stream[removed] == 0x7E && removed > 0 && removed < stream.len() - 1;
        assert!(readings >= if shared { 2 } else { 3 }, "without octet {removed}: {readings}");
    }
}

#[test]
fn every_cut_is_no_reading() {
    for whole in [hdlc_message(&LIST), segment(0, true, &LIST)] {
        for cut in 1..whole.len() {
            let seen = run(&whole[..cut]);
            assert_eq!(bodies(&seen), [] as [&[u8]; 0], "{cut}");
            assert_eq!(seen.len(), 1, "{cut}: {seen:?}");
        }
    }
}

#[test]
fn a_long_claim_hides_nothing() {
    // a good header that announces more than there is, and good frames inside of it
    let long = frame(false, &with_llc(&[0; 500]));
    let stream = [&long[..20], &hdlc_message(&LIST), &hdlc_message(&OTHER)].concat();
    let seen = run(&stream);
    assert_eq!(bodies(&seen), [&LIST[..], &OTHER]);
    assert_eq!(seen.len(), 3);
    let behind = [&stream[..], &[0xFF; 600]].concat();
    let mut session = Session::<2048>::new(Options::default());
    let mut seen = Vec::new();
    drain(&mut session, &behind, &mut seen);
    assert_eq!(classes(&seen), ["wrong-crc", "reading", "reading"]);
}

#[test]
fn a_damaged_header_is_told_with_its_check() {
    let mut continued = frame(false, &[0x55; 20]);
    continued[8] ^= 4;
    let seen = run(&continued);
    assert!(
        matches!(&seen[..], [Seen::Fault(fault)]
            if matches!(fault.cause, crate::fault::Cause::HeaderCheck { .. }) && fault.start == 0),
        "{seen:?}"
    );
}

#[test]
fn the_inside_of_a_damaged_frame_is_no_message() {
    // a telegram ciphered without frame may begin anywhere, but not here
    let wrapped = hex!("DB08534147596770123482000630000001F26160");
    for mut bad in [hdlc_message(&wrapped), segment(0, true, &wrapped)] {
        let last = bad.len() - 3;
        bad[last] ^= 1;
        assert_eq!(classes(&run(&bad)), ["wrong-crc"]);
        for removed in 0..bad.len() {
            let mut damaged = bad.clone();
            damaged.remove(removed);
            let seen = run(&damaged);
            assert!(!classes(&seen).contains(&"needs-key"), "{removed} {}", hex_of(&damaged));
        }
    }
}

/// The search inside of a message without frame gave the message up for the fault of a chance
/// frame: one of some thousand ciphered telegrams was lost on a line without any damage.
#[test]
fn what_looks_like_a_damaged_frame_inside_of_a_message_costs_nothing() {
    let mut chance = frame(false, &[0x55; 4]);
    chance[7] ^= 1;
    assert_eq!(classes(&run(&chance)), ["wrong-crc"]);
    let head = hex!(
        "0F4000000000 0102 0203 09060100010700FF 06000004D2 0202 0F00 161B
         0202 09060101600100FF 09"
    );
    let length = u8::try_from(chance.len()).unwrap();
    let message = [&head[..], &[length], &chance].concat();
    assert_eq!(classes(&run(&message)), ["reading"]);
}

/// What a lost segment head may begin with, in front of a ciphered telegram without frame, hid
/// the telegram.
#[test]
fn an_octet_in_front_hides_no_ciphered_telegram() {
    let wrapped = hex!("DB0853414759677012348200143000000001 F26160 00112233445566778899AABB");
    for octet in [0x53, 0x73] {
        for junk in [&[octet][..], &[octet, 0x20], &[octet, 0xFF, 0x1F, 0x20]] {
            let seen = run(&[junk, &wrapped].concat());
            assert_eq!(classes(&seen), ["needs-key"], "{}", hex_of(junk));
        }
    }
}

/// A telegram with a ciphered body ends where its length field says. Cut off, it took the head
/// of the next message with it.
#[test]
fn a_cut_telegram_with_a_ciphered_body_swallows_nothing() {
    let cut = [b"/KFM5\r\n\r\n", &hex!("00 820020 30 00000001 5555")[..]].concat();
    let seen = run(&[&cut[..], &hdlc_message(&LIST)].concat());
    assert_eq!(classes(&seen), ["needs-key", "reading"]);
}

proptest! {
    #[test]
    fn junk_in_front_costs_at_most_the_first_message(
        junk in prop::collection::vec(
            prop_oneof![any::<u8>(), Just(0x7E), Just(0x68), Just(0x2F), Just(0xA0), Just(0x1B)],
            0..=64,
        ),
        mbus: bool,
    ) {
        let one = if mbus { segment(0, true, &LIST) } else { hdlc_message(&LIST) };
        let stream = [&junk[..], &one.repeat(3)].concat();
        let readings = bodies(&run(&stream)).len();
        prop_assert!(readings >= 2, "{} after {}", readings, hex_of(&junk));
    }

    #[test]
    fn damage_is_never_read(
        at in 0..40usize,
        octets in prop::collection::vec(any::<u8>(), 1..4),
    ) {
        let good = hdlc_message(&LIST);
        let mut bad = good.clone();
        for (place, octet) in bad.iter_mut().skip(at).zip(&octets) {
            *place = *octet;
        }
        let seen = run(&bad);
        prop_assert!(bad == good || bodies(&seen).is_empty());
    }
}
