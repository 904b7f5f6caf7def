//! Frames of wired M-Bus (EN 13757-2), and the segments of DLMS messages in them
//! (IEC 62056-7-3).
//!
//! ```text
//!   1    1   1    1   1   1   1    n     1    1
//! +----+---+---+----+---+---+----+------+----+----+
//! | 68 | L | L | 68 | C | A | CI | data | CS | 16 |    L: octets C .. data
//! +----+---+---+----+---+---+----+------+----+----+    CS: their sum, modulo 256
//!
//! +----+---+---+----+----+                 +----+
//! | 10 | C | A | CS | 16 |  short frame    | E5 |  acknowledgement
//! +----+---+---+----+----+                 +----+
//!
//! CI 000F NNNN: a segment, F = the last one, N = its number from 0; the data then begins with
//! the transport addresses of source and destination, one octet each
//! ```
//!
//! One maker sends first segments of 256 or 257 octets and writes the low octet of that into L.
//! A frame of a segment has at least five octets there, so a smaller L is tried as L + 256, and
//! checksum and end octet decide.

use core::ops::Range;

use crate::emit::{Full, Writer};
use crate::fault::{Broken, Cause, Layer};
use crate::link::Probe;

/// Begins and repeats at the head of a long frame.
pub const START: u8 = 0x68;
/// Begins a short frame.
pub const SHORT_START: u8 = 0x10;
/// Ends long and short frames.
pub const STOP: u8 = 0x16;
/// The acknowledgement, a frame of one octet.
pub const ACKNOWLEDGE: u8 = 0xE5;
/// Control: data to the reader.
pub const SEND_DATA: u8 = 0x53;
/// Control: data to the reader, frame count bit set.
pub const SEND_DATA_COUNTED: u8 = 0x73;

/// Octets of a frame around those that L counts.
const AROUND: usize = 6;
/// L of a control frame: C, A and CI.
const CONTROL: usize = 3;
/// The shortest L of a frame with a segment.
const SEGMENT: usize = 5;
/// The longest that is known to overflow is 257.
const LONGEST: usize = 256 + SEGMENT - 1;

/// Most octets of a frame on the wire.
pub const MAX_FRAME: usize = LONGEST + AROUND;

/// A long or control frame that passed its checksum. Ranges count from its first octet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Frame {
    /// The control octet.
    pub control: u8,
    /// The primary address; FF is everybody.
    pub address: u8,
    /// The control information octet: what the data is.
    pub information: u8,
    /// What follows it.
    pub data: Range<usize>,
    /// Octets of the whole frame.
    pub len: usize,
}

/// A part of a DLMS message. The range counts from the first octet of the frame.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Segment {
    /// Whether it is the last one.
    pub last: bool,
    /// Its number, from 0, modulo 16.
    pub number: u8,
    /// Transport address of the sender.
    pub source: u8,
    /// Transport address of the receiver.
    pub destination: u8,
    /// The part itself.
    pub data: Range<usize>,
}

impl Frame {
    /// Looks for a long or control frame at the start of `bytes`.
    ///
    /// Broken with [`Cause::FrameCheck`], with [`Cause::NoEnd`] where the sum fits and the end
    /// octet is missing, or with [`Cause::HeaderCheck`] where one octet of `68 L L 68` does not
    /// fit and the head of a segment follows.
    #[inline]
    pub fn probe(bytes: &[u8]) -> Probe<Self> {
        let claim = match *bytes {
            [START, first, second, START, ..] if first == second => usize::from(first),
            [START, first, second, again, ..] if first == second || again == START => {
                return damaged_head(bytes, first, second);
            }
            [START, _, _, _, ..] => return Probe::No,
            [] | [START, ..] => return Probe::More(4),
            [..] => return Probe::No,
        };
        if (CONTROL..SEGMENT).contains(&claim) {
            match complete(bytes, claim) {
                Probe::Broken(_) => {}
                other => return other,
            }
        }
        complete(bytes, if claim < SEGMENT { claim + 256 } else { claim })
    }

    /// The segment in this frame; `None` where it carries something else. `bytes` are those it
    /// was found in.
    pub fn segment(&self, bytes: &[u8]) -> Option<Segment> {
        if self.information > 0x1F {
            return None;
        }
        let &[source, destination, ..] = bytes.get(self.data.clone())? else {
            return None;
        };
        Some(Segment {
            last: self.information & 0x10 != 0,
            number: self.information & 0x0F,
            source,
            destination,
            data: self.data.start + 2..self.data.end,
        })
    }
}

fn complete(bytes: &[u8], claim: usize) -> Probe<Frame> {
    let len = claim + AROUND;
    let Some(&[control, address, information]) = bytes.get(4..7) else {
        return Probe::More(7);
    };
    let Some(&[wire, stop]) = bytes.get(len - 2..len) else {
        return Probe::More(len);
    };
    let counted = bytes.get(4..len - 2).unwrap_or(&[]);
    let computed = sum(counted);
    if wire != computed {
        let cause = Cause::FrameCheck { wire: wire.into(), computed: computed.into() };
        return Probe::Broken(Broken::new(Layer::Frame, cause, len - 2));
    }
    if stop != STOP {
        let cause = Cause::NoEnd { found: stop };
        return Probe::Broken(Broken::new(Layer::Frame, cause, len - 1));
    }
    Probe::Frame(Frame { control, address, information, data: 7..len - 2, len })
}

/// Three of the four octets at the head fit.
fn damaged_head(bytes: &[u8], first: u8, second: u8) -> Probe<Frame> {
    let Some(&[control, _, information]) = bytes.get(4..7) else {
        return Probe::More(7);
    };
    if !matches!(control, SEND_DATA | SEND_DATA_COUNTED) || information > 0x1F {
        return Probe::No;
    }
    let cause = Cause::HeaderCheck { wire: second.into(), computed: first.into() };
    Probe::Broken(Broken::new(Layer::Frame, cause, 2))
}

fn sum(octets: &[u8]) -> u8 {
    octets.iter().fold(0, |sum, octet| sum.wrapping_add(*octet))
}

/// Octets that the frame at the start of `bytes` claims, its checksum aside.
pub fn claim(bytes: &[u8]) -> usize {
    let &[_, first, second, ..] = bytes else {
        return AROUND;
    };
    let claim = usize::from(first.max(second));
    AROUND + if claim < SEGMENT { claim + 256 } else { claim }
}

/// Looks for a short frame at the start of `bytes`; it carries no data.
pub fn short(bytes: &[u8]) -> Probe<usize> {
    match *bytes {
        [SHORT_START, control, address, check, STOP, ..]
            if check == control.wrapping_add(address) =>
        {
            Probe::Frame(5)
        }
        [SHORT_START, control, address, check] if check == control.wrapping_add(address) => {
            Probe::More(5)
        }
        [] | [SHORT_START] | [SHORT_START, _] | [SHORT_START, _, _] => Probe::More(4),
        [..] => Probe::No,
    }
}

/// Writes a long frame, or a control frame where `data` is empty. More data than L can say is
/// written with the low octet of its length, as one maker does; `Full` where even that cannot be
/// read back (more than 257 octets of data).
pub fn emit(
    control: u8,
    address: u8,
    information: u8,
    data: &[u8],
    out: &mut Writer<'_>,
) -> Result<(), Full> {
    let claim = CONTROL + data.len();
    if claim > LONGEST {
        return Err(Full);
    }
    let low = u8::try_from(claim & 0xFF).unwrap_or(0);
    out.put(&[START, low, low, START])?;
    let start = out.len();
    out.put(&[control, address, information])?;
    out.put(data)?;
    let check = sum(out.written().get(start..).unwrap_or(&[]));
    out.put(&[check, STOP])
}

/// Writes the frame of one segment to everybody (`C` 53, `A` FF), as pushing meters do. `number`
/// counts from 0, modulo 16.
pub fn emit_segment(
    number: u8,
    last: bool,
    source: u8,
    destination: u8,
    part: &[u8],
    out: &mut Writer<'_>,
) -> Result<(), Full> {
    let mut room = [0; LONGEST];
    let mut data = Writer::new(&mut room);
    data.put(&[source, destination])?;
    data.put(part)?;
    let information = number & 0x0F | if last { 0x10 } else { 0 };
    emit(SEND_DATA, 0xFF, information, data.written(), out)
}

/// Writes a short frame.
pub fn emit_short(control: u8, address: u8, out: &mut Writer<'_>) -> Result<(), Full> {
    out.put(&[SHORT_START, control, address, control.wrapping_add(address), STOP])
}

#[cfg(test)]
mod tests {
    use hex_literal::hex;
    use proptest::prelude::*;
    use std::vec::Vec;

    use super::*;

    const SINGLE: [u8; 43] = hex!(
        "68252568 53FF10 0167 DB084B414D4500BC614E 1520 00000042
         B114E8CA232266939C042EC0D03CE70B EE16"
    );
    const FIRST: [u8; 31] =
        hex!("68191968 53FF00 0167 DB084B414D4500BC614E1520 00000042 B114E8CA 1416");
    const SECOND: [u8; 23] = hex!("68111168 53FF11 0167 232266939C042EC0D03CE70B 9516");

    fn frame(bytes: &[u8]) -> Frame {
        match Frame::probe(bytes) {
            Probe::Frame(frame) => frame,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_segment_is_taken_apart() {
        for (bytes, last, number, data) in
            [(&SINGLE[..], true, 0, 9..41), (&FIRST, false, 0, 9..29), (&SECOND, true, 1, 9..21)]
        {
            let frame = frame(bytes);
            assert_eq!((frame.control, frame.address), (SEND_DATA, 0xFF));
            assert_eq!(frame.len, bytes.len());
            let (source, destination) = (0x01, 0x67);
            let segment = Segment { last, number, source, destination, data };
            assert_eq!(frame.segment(bytes), Some(segment));
        }
    }

    #[test]
    fn other_applications_are_no_segments() {
        let bytes = hex!(
            "681F1F68 53F05B 78563412 2D2C 1B02 2A00 1005
             9689820252 62C0105370E2263ECB6C36 0416"
        );
        let frame = frame(&bytes);
        assert_eq!((frame.information, frame.segment(&bytes)), (0x5B, None));
    }

    #[test]
    fn control_and_short_frames_are_frames() {
        let control = hex!("68030368 53FE50 A116");
        assert_eq!(frame(&control).data, 7..7);
        assert_eq!(short(&hex!("1040F03016")), Probe::Frame(5));
        assert_eq!(short(&hex!("1040F031")), Probe::No);
        let mut room = [0; 5];
        let mut out = Writer::new(&mut room);
        emit_short(0x40, 0xF0, &mut out).unwrap();
        assert_eq!(out.written(), hex!("1040F03016"));
    }

    #[test]
    fn every_flipped_bit_is_noticed() {
        for bit in 0..SINGLE.len() * 8 {
            let mut bytes = SINGLE;
            bytes[bit / 8] ^= 1 << (bit % 8);
            let found = Frame::probe(&bytes);
            assert!(!matches!(found, Probe::Frame(_)), "bit {bit}: {found:?}");
        }
    }

    #[test]
    fn a_missing_end_octet_and_a_damaged_head_have_their_names() {
        let cause = |bytes: &[u8]| match Frame::probe(bytes) {
            Probe::Broken(why) => why.cause,
            other => panic!("{other:?}"),
        };
        let mut bytes = SINGLE;
        bytes[42] = 0x17;
        assert_eq!(cause(&bytes), Cause::NoEnd { found: 0x17 });
        let mut bytes = SINGLE;
        bytes[2] = 0x24;
        assert_eq!(cause(&bytes), Cause::HeaderCheck { wire: 0x24, computed: 0x25 });
        let mut bytes = SINGLE;
        bytes[41] = 0xEF;
        assert_eq!(cause(&bytes), Cause::FrameCheck { wire: 0xEF, computed: 0xEE });
    }

    #[test]
    fn a_length_that_overflowed_is_understood() {
        for octets in [251, 252] {
            let part: [u8; 252] = core::array::from_fn(|at| u8::try_from(at).unwrap());
            let mut room = [0; MAX_FRAME];
            let mut out = Writer::new(&mut room);
            emit_segment(0, false, 1, 0x67, &part[..octets], &mut out).unwrap();
            let bytes = out.written();
            assert_eq!(usize::from(bytes[1]), octets + 5 - 256);
            let frame = frame(bytes);
            assert_eq!(frame.len, octets + 11);
            assert_eq!(&bytes[frame.segment(bytes).unwrap().data], &part[..octets]);
            assert_eq!(Frame::probe(&bytes[..100]), Probe::More(bytes.len()));
        }
    }

    #[test]
    fn more_than_can_be_read_back_is_not_written() {
        let mut room = [0; 300];
        assert_eq!(emit(0x53, 0xFF, 0, &[0; 258], &mut Writer::new(&mut room)), Err(Full));
        assert_eq!(emit(0x53, 0xFF, 0, &[0; 257], &mut Writer::new(&mut room)), Ok(()));
    }

    proptest! {
        #[test]
        fn what_is_emitted_parses_back(
            number in 0..16u8,
            last: bool,
            source: u8,
            destination: u8,
            part in prop::collection::vec(any::<u8>(), 0..=255),
        ) {
            let mut room = [0; MAX_FRAME];
            let mut out = Writer::new(&mut room);
            emit_segment(number, last, source, destination, &part, &mut out).unwrap();
            let bytes = out.written();
            // a control frame may by chance fit into a frame whose length overflowed
            let Probe::Frame(found) = Frame::probe(bytes) else { panic!("{bytes:02X?}") };
            if found.len == bytes.len() {
                let segment = found.segment(bytes).unwrap();
                prop_assert_eq!(&bytes[segment.data.clone()], &part[..]);
                prop_assert_eq!(
                    (segment.number, segment.last, segment.source, segment.destination),
                    (number, last, source, destination)
                );
            } else {
                prop_assert!(matches!(bytes[1], 3 | 4));
            }
            for cut in 0..bytes.len() {
                prop_assert!(matches!(
                    Frame::probe(&bytes[..cut]),
                    Probe::More(n) if n > cut && n <= bytes.len().max(10)
                ) || matches!(bytes[1], 3 | 4));
            }
        }

        #[test]
        fn never_panics(mut bytes: Vec<u8>, head: [u8; 3]) {
            let _ = (Frame::probe(&bytes), short(&bytes), claim(&bytes));
            bytes.splice(0..0, [START, head[0] & 7, head[1] & 7, START, head[2]]);
            let _ = (Frame::probe(&bytes), claim(&bytes));
        }
    }
}
