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
    let (Some(&[control, address, information]), Some(&[wire, stop])) =
        (bytes.get(4..7), bytes.get(len - 2..len))
    else {
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
