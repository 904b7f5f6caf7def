//! How a stream is cut makes no difference, nor does it matter how small the buffer is.

use std::vec;

use proptest::prelude::*;

use super::*;

fn piece() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        4 => Just(hdlc_message(&LIST)),
        2 => Just(hdlc_message(&OTHER)[1..].to_vec()),
        2 => Just(segment(0, true, &LIST)),
        1 => Just(frame(true, &with_llc(&LIST[..10]))),
        1 => Just(frame(false, &LIST[10..])),
        1 => Just(segment(0, false, &LIST[..10])),
        1 => Just(segment(1, true, &LIST[10..])),
        1 => Just(frame(false, &with_llc(&block(1, false, &LIST[..10])))),
        1 => Just(frame(false, &block(2, true, &LIST[10..]))),
        1 => Just(with_llc(&LIST)),
        1 => Just(LIST.to_vec()),
        1 => Just(hex!("DB08534147596770123482000630000001F26160").to_vec()),
        1 => Just(hex!("68010168").to_vec()),
        1 => Just(b"/KFM5\r\n\r\n1-0:1.7.0(00.016*kW)\r\n!\r\n".to_vec()),
        1 => Just(b"/KFM5\r\n\r\n1-0:1.7.0(00.016*kW)\r\n0-0:96.13.0(\xE9\x7F)\r\n!\r\n".to_vec()),
        1 => Just(b"/ISK5a\n\n1-0:1.7.0(00.016*kW)\n\n1-0:2.7.0(00.000*kW)\n/KFM5b\n".to_vec()),
        1 => Just(hex!("1B1B1B1B01010101").to_vec()),
        1 => (0..40usize, 0..8u32).prop_map(|(at, bit)| {
            let mut bad = hdlc_message(&LIST);
            bad[at] ^= 1 << bit;
            bad
        }),
        1 => (1..40usize).prop_map(|cut| hdlc_message(&LIST)[..cut].to_vec()),
        2 => prop::collection::vec(any::<u8>(), 0..20),
        1 => prop::collection::vec(
            prop::sample::select(&[0x7E, 0xA0, 0x68, 0x0F, 0xDB, 8, 0xE6, 0xE7, 0, 0x2F][..]),
            0..30,
        ),
    ]
}

fn stream() -> impl Strategy<Value = Vec<u8>> {
    prop::collection::vec(piece(), 0..12).prop_map(|pieces| pieces.concat())
}

fn cut_at<const N: usize>(stream: &[u8], cuts: &[usize]) -> Vec<Seen> {
    let mut session = Session::<N>::new(Options::default());
    let mut seen = Vec::new();
    let mut rest = stream;
    for cut in cuts.iter().cycle() {
        let (now, later) = rest.split_at((*cut).min(rest.len()));
        drain(&mut session, now, &mut seen);
        rest = later;
        if rest.is_empty() {
            break;
        }
    }
    end(&mut session, &mut seen);
    seen
}

fn octet_by_octet<const N: usize>(stream: &[u8]) -> Vec<Seen> {
    let mut session = Session::<N>::new(Options::default());
    let mut seen = Vec::new();
    for octet in stream {
        if session.take(*octet) {
            drain(&mut session, &[], &mut seen);
        }
    }
    end(&mut session, &mut seen);
    seen
}

#[test]
fn a_message_without_frame_that_is_cut_off_is_told_the_same_in_any_chunks() {
    // After 42 octets it seems to need two more than it turns out to need at the end.
    let stream = hex!(
            "0F000000 42000203 13023636 C1979900 8900526A 0A6A6A6A 6A6A6A6A 6A6A6A6A"
            "6A6A6A6A 6A6A6A6A 6A6A6A6A 7A6A6A32 00800000 02191E1E 1E1E1E1E 1E1E1E1E"
            "1E1E1E1E 1E1E1E1E 1E1E1E1E 1E1E1E1E 1E1E1E1E 0A0E81F8 206A0000"
    );
    let whole = run(&stream);
    assert_eq!(whole.len(), 1, "{whole:?}");
    for size in 1..stream.len() {
        assert_eq!(cut_at::<2048>(&stream, &[size]), whole, "chunks of {size}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1500))]

    #[test]
    fn any_chunks_give_the_same_events(
        stream in stream(),
        cuts in prop::collection::vec(1..80usize, 1..10),
    ) {
        let whole = run(&stream);
        prop_assert_eq!(&cut_at::<2048>(&stream, &cuts), &whole);
        prop_assert_eq!(&cut_at::<2048>(&stream, &[1]), &whole);
        prop_assert_eq!(&octet_by_octet::<2048>(&stream), &whole);
        let small = run_with::<64>(Options::default(), &stream, stream.len().max(1));
        prop_assert_eq!(&cut_at::<64>(&stream, &cuts), &small);
        prop_assert_eq!(&cut_at::<64>(&stream, &[1]), &small);
        prop_assert_eq!(&octet_by_octet::<64>(&stream), &small);
    }

    #[test]
    fn what_is_never_asked_for_is_lost_and_counted(stream in stream()) {
        let mut session = Session::<16>::new(Options::default());
        let told = stream.iter().filter(|octet| session.take(**octet)).count() as u64;
        prop_assert!(session.counts().skipped <= told);
        prop_assert!(stream.len() <= 16 || session.counts().skipped > 0);
    }

    #[test]
    fn any_buffer_reads_on(stream in stream()) {
        let cuts = [7, 1, 100];
        let _ = cut_at::<16>(&stream, &cuts);
        let _ = cut_at::<17>(&stream, &cuts);
        let _ = cut_at::<31>(&stream, &cuts);
        let mut tail = stream.clone();
        tail.extend([0xFF; 2100]);
        tail.extend(hdlc_message(&LIST));
        let seen = cut_at::<48>(&tail, &cuts);
        prop_assert_eq!(bodies(&seen).pop(), Some(&LIST[..]));
    }

    #[test]
    fn events_come_in_the_order_of_the_stream(stream in stream()) {
        let mut reached = 0;
        for seen in run(&stream) {
            if let Seen::Reading { start, octets, .. } = seen {
                prop_assert!(start + octets as u64 > reached);
                reached = start + octets as u64;
                prop_assert!(reached <= stream.len() as u64);
            }
        }
    }
}

#[test]
fn a_message_too_long_for_the_buffer_is_told_and_the_next_one_read() {
    let long = frame(false, &with_llc(&[0x11; 300]));
    let stream = [&long[..], &hdlc_message(&LIST)].concat();
    let seen = run_with::<128>(Options::default(), &stream, 50);
    assert_eq!(classes(&seen), ["invalid", "reading"]);
    let parts = [
        frame(true, &with_llc(&LIST)),
        frame(true, &[0x22; 50]),
        frame(true, &[0x22; 60]),
        frame(false, &[0x22; 10]),
        hdlc_message(&LIST),
    ];
    let seen = run_with::<128>(Options::default(), &parts.concat(), 50);
    assert_eq!(classes(&seen), ["invalid", "reading"]);
    let long = segment(0, true, &[0x11; 200]);
    let seen =
        run_with::<128>(Options::default(), &[&long[..], &segment(0, true, &LIST)].concat(), 9);
    assert_eq!(classes(&seen), ["invalid", "reading"]);
}
