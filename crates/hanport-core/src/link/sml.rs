//! The SML transport, version 1 (BSI TR-03109-1, annex on the local interface).
//!
//! ```text
//! 1B 1B 1B 1B 01 01 01 01 | messages | 00 x 0..3 | 1B 1B 1B 1B 1A nn crc crc
//! ```
//!
//! `nn` counts the fill octets in front of the end. CRC-16/X-25 over everything up to `nn`, low
//! octet first; some meters of Holley take CRC-16/KERMIT, high octet first. Four octets 1B among
//! the messages are sent twice.

use core::ops::Range;

use crate::emit::{Full, Writer};
use crate::fault::{Broken, Cause, Layer};
use crate::link::Probe;
use crate::link::crc::{KERMIT, X25};

/// Longest transport in octets; no meter is known to send more than 1 KiB.
pub const MAX_FILE: usize = 8192;

const ESCAPE: [u8; 4] = [0x1B; 4];
const START: [u8; 4] = [0x01; 4];

/// An SML file found in a stream.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct File {
    /// The messages, without the transport and without fill octets.
    pub body: Range<usize>,
    /// Whether the body holds doubled escapes, to be taken out with [`unescape`].
    pub escaped: bool,
    /// Octets of the whole transport, from the first escape on.
    pub len: usize,
}

/// Looks for a file that begins at the start of `bytes`; `scanned` as in [`super::p1::probe`].
///
/// A start in the middle says that the file before it was cut off.
pub fn probe(bytes: &[u8], scanned: &mut usize) -> Probe<File> {
    let start = [0x1B, 0x1B, 0x1B, 0x1B, 1, 1, 1, 1];
    if !bytes.iter().zip(start).all(|(octet, wanted)| *octet == wanted) {
        return Probe::No;
    }
    let mut at = (*scanned).max(8);
    loop {
        let Some(found) = next_escape(bytes, at) else {
            // The next escape may have begun with the last three octets.
            *scanned = bytes.len().saturating_sub(3).max(at);
            return more(bytes, *scanned + 8);
        };
        at = found;
        match bytes.get(at + 4..).unwrap_or(&[]) {
            [0x1A, fill @ 0..=3, high, low, ..] => return end(bytes, at, *fill, [*high, *low]),
            [0x1B, 0x1B, 0x1B, 0x1B, ..] => at += 8,
            [1, 1, 1, 1, ..] => return cut_off(at),
            // The run of 1B is longer than four: the escape is the end of it.
            [0x1B, second, ..] if *second != 0x1B => at += 1,
            [0x1B, 0x1B, third, ..] if *third != 0x1B => at += 1,
            [0x1B, 0x1B, 0x1B, _, ..] => at += 1,
            rest if rest.len() < 4 && is_possible(rest) => {
                *scanned = at;
                return more(bytes, at + 8);
            }
            _ => return Probe::Broken(Broken::new(Layer::Frame, Cause::Malformed, at + 4)),
        }
    }
}

/// Whether an escape may go on like this.
fn is_possible(rest: &[u8]) -> bool {
    match rest {
        [0x1A, fill, ..] => *fill <= 3,
        [] | [0x1A] => true,
        [first, others @ ..] => {
            matches!(first, 0x1B | 0x01) && others.iter().all(|octet| octet == first)
        }
    }
}

fn more(bytes: &[u8], wanted: usize) -> Probe<File> {
    if bytes.len() > MAX_FILE {
        let cause = Cause::TooLong { needed: bytes.len(), room: MAX_FILE };
        return Probe::Broken(Broken::new(Layer::Frame, cause, MAX_FILE));
    }
    Probe::More(wanted.max(bytes.len() + 1))
}

const fn cut_off(at: usize) -> Probe<File> {
    Probe::Broken(Broken::new(Layer::Frame, Cause::Truncated { have: at, want: 0 }, at))
}

/// Position of the next four octets 1B from `from` on.
fn next_escape(bytes: &[u8], from: usize) -> Option<usize> {
    let mut rest = bytes.get(from..)?;
    loop {
        let hit = rest.iter().position(|octet| *octet == 0x1B)?;
        rest = rest.get(hit..)?;
        if rest.starts_with(&ESCAPE) {
            return Some(bytes.len() - rest.len());
        }
        rest = rest.get(1..)?;
    }
}

/// The end of the file: its escape is at `at`.
fn end(bytes: &[u8], at: usize, fill: u8, crc: [u8; 2]) -> Probe<File> {
    let covered = bytes.get(..at + 6).unwrap_or(&[]);
    let computed = X25.checksum(covered);
    if crc != computed.to_le_bytes() && crc != KERMIT.checksum(covered).to_be_bytes() {
        let cause = Cause::FrameCheck { wire: u16::from_le_bytes(crc), computed };
        return Probe::Broken(Broken::new(Layer::Frame, cause, at + 6));
    }
    let body_end = at - usize::from(fill);
    if body_end < 8 {
        return Probe::Broken(Broken::new(Layer::Frame, Cause::Malformed, at + 5));
    }
    let body = bytes.get(8..body_end).unwrap_or(&[]);
    let escaped = next_escape(body, 0).is_some();
    Probe::Frame(File { body: 8..body_end, escaped, len: at + 8 })
}

/// Takes the doubled escapes out of a body in place; how many octets are left.
pub fn unescape(body: &mut [u8]) -> usize {
    let (mut from, mut to) = (0, 0);
    while let Some(octet) = body.get(from).copied() {
        let doubled = body.get(from..from + 8).is_some_and(|next| *next == [0x1B; 8]);
        let count = if doubled { 4 } else { 1 };
        if let Some(place) = body.get_mut(to..to + count) {
            place.fill(octet);
        }
        to += count;
        from += if doubled { 8 } else { 1 };
    }
    to
}

/// Which checksum a sender takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Checksum {
    /// CRC-16/KERMIT, high octet first (Holley DTZ541).
    Kermit,
    /// CRC-16/X-25, low octet first, as the standard has it.
    X25,
}

impl Checksum {
    /// The two octets for `bytes`, in the order of the wire.
    pub fn of(self, bytes: &[u8]) -> [u8; 2] {
        match self {
            Self::Kermit => KERMIT.checksum(bytes).to_be_bytes(),
            Self::X25 => X25.checksum(bytes).to_le_bytes(),
        }
    }
}

/// Writes the transport around `messages`.
pub fn emit(messages: &[u8], checksum: Checksum, out: &mut Writer<'_>) -> Result<(), Full> {
    let start = out.len();
    out.put(&ESCAPE)?;
    out.put(&START)?;
    let mut rest = messages;
    while let [octet, tail @ ..] = rest {
        rest = if let Some(tail) = rest.strip_prefix(&ESCAPE) {
            out.put(&ESCAPE)?;
            out.put(&ESCAPE)?;
            tail
        } else {
            out.put_u8(*octet)?;
            tail
        };
    }
    let mut fill = 0;
    while !(out.len() - start).is_multiple_of(4) {
        out.put_u8(0)?;
        fill += 1;
    }
    out.put(&ESCAPE)?;
    out.put(&[0x1A, fill])?;
    let crc = checksum.of(out.written().get(start..).unwrap_or(&[]));
    out.put(&crc)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::vec::Vec;

    fn file_of(messages: &[u8], checksum: Checksum) -> Vec<u8> {
        let mut buffer = std::vec![0; messages.len() * 2 + 32];
        let mut out = Writer::new(&mut buffer);
        emit(messages, checksum, &mut out).unwrap();
        out.written().to_vec()
    }

    #[test]
    fn a_start_in_the_middle_cuts_off_what_came_before() {
        let file = file_of(&[0x76, 5, 0, 0, 0, 1], Checksum::X25);
        let twice = [&file[..12], &file[..]].concat();
        assert_eq!(probe(&twice, &mut 0), cut_off(12));
        assert!(matches!(probe(&twice[12..], &mut 0), Probe::Frame(f) if f.len == file.len()));
    }

    #[test]
    fn other_escapes_and_other_starts_are_refused() {
        assert_eq!(probe(&[0x1B, 0x1B, 0x1B, 0x1B, 2], &mut 0), Probe::No);
        let start = [&ESCAPE[..], &START[..], &[0x76, 0, 0, 0], &ESCAPE[..]].concat();
        let malformed = |at| Probe::Broken(Broken::new(Layer::Frame, Cause::Malformed, at));
        assert_eq!(probe(&[&start[..], &[0x1A, 4]].concat(), &mut 0), malformed(16));
        assert_eq!(probe(&[&start[..], &[2, 0, 0, 0]].concat(), &mut 0), malformed(16));
        assert_eq!(probe(&start, &mut 0), Probe::More(20));
        let mut endless = [&ESCAPE[..], &START[..]].concat();
        endless.resize(MAX_FILE + 1, 0);
        let too_long = matches!(probe(&endless, &mut 0), Probe::Broken(b) if matches!(b.cause, Cause::TooLong { .. }));
        assert!(too_long);
    }

    #[test]
    fn no_flipped_bit_passes_the_checksum() {
        for checksum in [Checksum::X25, Checksum::Kermit] {
            let file = file_of(&[0x76, 5, 0x1B, 0x1B, 0x1B, 0x1B, 7, 0x1B], checksum);
            for at in 0..file.len() {
                for bit in 0..8 {
                    let mut damaged = file.clone();
                    damaged[at] ^= 1 << bit;
                    assert!(!matches!(probe(&damaged, &mut 0), Probe::Frame(_)), "{at} {bit}");
                }
                assert!(!matches!(probe(&file[..at], &mut 0), Probe::Frame(_)));
            }
        }
    }

    fn messages() -> impl Strategy<Value = Vec<u8>> {
        let octet = prop_oneof![Just(0x1Bu8), any::<u8>(), Just(0x1Au8)];
        // A message ends with 00.
        proptest::collection::vec(octet, 0..60).prop_map(|mut octets| {
            octets.push(0);
            octets
        })
    }

    proptest! {
        #[test]
        fn what_is_emitted_is_found_in_any_chunks(
            messages in messages(),
            kermit: bool,
            steps in proptest::collection::vec(1usize..20, 1..20),
        ) {
            let checksum = if kermit { Checksum::Kermit } else { Checksum::X25 };
            let mut file = file_of(&messages, checksum);
            let (mut end, mut scanned) = (0, 0);
            for step in steps.iter().cycle() {
                end = (end + step).min(file.len());
                match probe(&file[..end], &mut scanned) {
                    Probe::More(wanted) => prop_assert!(wanted > end && wanted <= file.len()),
                    Probe::Frame(found) => {
                        prop_assert_eq!(found.len, file.len());
                        let body = &mut file[found.body];
                        prop_assert_eq!(found.escaped, next_escape(body, 0).is_some());
                        let len = unescape(body);
                        prop_assert_eq!(&body[..len], &messages[..]);
                        break;
                    }
                    other => prop_assert!(false, "{other:?}"),
                }
            }
        }

        #[test]
        fn no_bytes_panic(mut bytes: Vec<u8>, scanned in 0usize..40) {
            let file = [&ESCAPE[..], &START[..], &bytes[..]].concat();
            let _ = probe(&file, &mut scanned.clone());
            let _ = probe(&bytes, &mut 0);
            unescape(&mut bytes);
        }
    }
}
