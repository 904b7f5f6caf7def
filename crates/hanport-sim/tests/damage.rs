//! Damage to the longest message of every simulated meter: cut off at every octet, flipped at
//! every bit, alone and with a good message right behind it.
//!
//! Promised where a checksum or a tag guards the message:
//! - whatever is read is what was sent, to the last digit;
//! - what is cut off before its check is whole is no reading;
//! - the good message behind is read. One message is lost, never two.
//!
//! A flipped bit in octets that nothing depends on (a flag, the case of a checksum digit) may
//! leave the message readable.
//!
//! Promised for telegrams without checksum: nothing panics; they are never said to be checked;
//! cut off at the end of the stream they are no reading; a flipped bit costs no other message.
//! A flipped bit may turn a digit into another one, and a telegram that is cut inside of a line
//! and followed without a pause becomes one telegram with the next: nobody can tell.
#![allow(clippy::expect_used, reason = "a test may stop where it is")]

mod reader;

use hanport_core::reading::Check;
use hanport_core::session::push::Event;
use hanport_sim::meter::{Personality, personalities};
use hanport_sim::record::Record;

use reader::{difference, feed, guarded, longest, pause, reader};

/// What a session made of a damaged message and of the good one behind it.
#[derive(Debug, Default)]
struct Outcome {
    /// Readings that end in the damaged message, and those that end behind it.
    damaged: usize,
    good: usize,
    /// The first thing read that was not sent.
    wrong: Option<String>,
    /// Whether any of them is said to have passed a checksum.
    checked: bool,
    faults: usize,
}

/// Reads `damaged`, which was `sent`, and the `good` message behind it where there is one.
fn read(
    personality: &Personality,
    damaged: &[u8],
    sent: &Record,
    good: Option<&Record>,
) -> Outcome {
    let mut session = reader(personality);
    let mut outcome = Outcome::default();
    let mut note = |event: Event<'_>| match event {
        Event::Fault(_) => outcome.faults += 1,
        Event::Reading(reading) => {
            let start = usize::try_from(reading.readout.start).expect("the stream is short");
            // the flag that ends a frame may be the one that begins the next
            let end = start.max(start + reading.readout.octets - 1);
            let sent = match good {
                Some(good) if end > damaged.len() => {
                    outcome.good += 1;
                    good
                }
                _ => {
                    outcome.damaged += 1;
                    sent
                }
            };
            outcome.checked |= reading.readout.check == Check::Valid;
            outcome.wrong = outcome.wrong.take().or_else(|| difference(&sent.truth, &reading));
        }
    };
    feed(&mut session, damaged, &mut note);
    if let Some(record) = good {
        feed(&mut session, &record.bytes, &mut note);
    }
    pause(&mut session, &mut note);
    outcome
}

/// Octets at the end that a message can be without: the closing flag; in a telegram without
/// checksum what follows the `!`; behind a tag everything.
fn spare(personality: &Personality, octets: &[u8]) -> usize {
    let behind_bang = octets.iter().rposition(|octet| *octet == b'!').map(|at| octets.len() - at);
    match behind_bang {
        Some(octets) if personality.security.is_some() => octets,
        Some(octets) if octets <= 7 => octets - 1,
        _ => 1,
    }
}

#[test]
fn a_cut_message_is_no_reading_and_the_next_one_is_read() {
    for personality in personalities() {
        let (record, next) = longest(personality);
        for cut in 0..record.bytes.len() {
            let (kept, missing) = record.bytes.split_at(cut);
            let alone = read(personality, kept, &record, None);
            let followed = read(personality, kept, &record, Some(&next));
            let context = format!("{} cut at {cut}: {alone:?} {followed:?}", personality.name);
            assert_eq!(alone.wrong, None, "{context}");
            let whole = missing.len() <= spare(personality, &record.bytes);
            assert!(alone.damaged == 0 || whole, "{context}");
            if guarded(personality) {
                assert_eq!((followed.good, followed.wrong), (1, None), "{context}");
                assert!(followed.damaged == 0 || whole, "{context}");
            } else {
                assert!(!alone.checked && !followed.checked, "{context}");
            }
        }
    }
}

#[test]
fn a_flipped_bit_is_never_read_as_another_value_and_costs_one_message() {
    for personality in personalities() {
        let (record, next) = longest(personality);
        let mut octets = record.bytes.clone();
        for bit in 0..octets.len() * 8 {
            flip(&mut octets, bit);
            for good in [None, Some(&next)] {
                let outcome = read(personality, &octets, &record, good);
                let context = format!("{} bit {bit}: {outcome:?}", personality.name);
                assert_eq!(outcome.good, usize::from(good.is_some()), "{context}");
                assert!(outcome.damaged <= 1, "{context}");
                if guarded(personality) {
                    assert_eq!(outcome.wrong, None, "{context}");
                } else {
                    assert!(!outcome.checked, "{context}");
                }
            }
            flip(&mut octets, bit);
        }
    }
}

fn flip(octets: &mut [u8], bit: usize) {
    if let Some(octet) = octets.get_mut(bit / 8) {
        *octet ^= 1 << (bit % 8);
    }
}
