//! The heap is not used: not to build a session, not to read a message of any simulated meter,
//! whole or octet by octet, not to refuse a damaged one, and not to look at what was read.
#![allow(clippy::expect_used, reason = "a test may stop where it is")]

mod reader;

use std::hint::black_box;

use allocation_counter::measure;
use hanport_core::quantity::Quantity;
use hanport_core::session::push::{Event, Session};
use hanport_sim::meter::personalities;

use reader::{Reader, feed, longest, options, pause};

/// Looks at everything that a reading holds; gives the number of readings.
fn look_at(session: &mut Reader, octets: &[u8], portion: usize) -> usize {
    let mut readings = 0;
    let mut look = |event: Event<'_>| match event {
        Event::Fault(fault) => {
            black_box(fault);
        }
        Event::Reading(reading) => {
            readings += 1;
            for item in reading.items() {
                black_box(item.quantity.and_then(|quantity: Quantity| reading.number(quantity)));
            }
            black_box((reading.meter_id(), reading.meter_model(), reading.list_id()));
        }
    };
    for octets in octets.chunks(portion) {
        feed(session, octets, &mut look);
    }
    readings
}

#[test]
fn building_a_session_does_not_allocate() {
    for personality in personalities() {
        let options = options(personality);
        let used = measure(|| {
            black_box(Session::<4096>::new(options));
        });
        assert_eq!(used.count_total, 0, "{}", personality.name);
    }
}

#[test]
fn reading_a_message_does_not_allocate() {
    for personality in personalities() {
        let (first, second) = longest(personality);
        let mut session: Reader = Session::new(options(personality));
        let mut readings = 0;
        let used = measure(|| {
            readings += look_at(&mut session, &first.bytes, usize::MAX);
            readings += look_at(&mut session, &second.bytes, 1);
            pause(&mut session, |_| readings += 100);
        });
        assert_eq!((readings, used.count_total), (2, 0), "{}", personality.name);
    }
}

#[test]
fn refusing_a_damaged_message_does_not_allocate() {
    for personality in personalities() {
        let (mut message, _) = longest(personality);
        let middle = message.bytes.len() / 2;
        *message.bytes.get_mut(middle).expect("it is that long") ^= 0x10;
        let mut session: Reader = Session::new(options(personality));
        let mut faults = 0;
        let used = measure(|| {
            look_at(&mut session, &message.bytes, 64);
            pause(&mut session, |_| ());
            faults = session.counts().faults.total();
        });
        assert_eq!(used.count_total, 0, "{}", personality.name);
        assert!(faults == 1 || !reader::guarded(personality), "{}: {faults}", personality.name);
    }
}

#[test]
fn the_counter_counts() {
    let used = measure(|| {
        black_box(vec![1u8; black_box(100)]);
    });
    assert_eq!(used.count_total, 1);
}
