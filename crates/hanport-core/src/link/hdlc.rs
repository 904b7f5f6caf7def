//! HDLC frames of type 3 (ISO/IEC 13239 as used by IEC 62056-46, clause 6).
//!
//! ```text
//!   1      2        1..4          1..4       1     2     n    2    1
//! +----+--------+-------------+----------+-------+-----+----+-----+----+
//! | 7E | format | destination |  source  |control| HCS |info| FCS | 7E |
//! +----+--------+-------------+----------+-------+-----+----+-----+----+
//! format: 1010 S LLL LLLL LLLL     S = more segments follow
//!                                  L = octets between the flags
//! address: octets up to the first with bit 0 set, seven bits each
//! HCS: X-25 over format .. control, only where there is information
//! FCS: X-25 over format .. information; both low octet first
//! ```
//!
//! There is no octet stuffing: 7E and 7D inside a frame are data, and the length decides where it
//! ends. The closing flag may open the next frame.

use core::ops::Range;

use crate::emit::{Full, Writer};
use crate::fault::{Broken, Cause, Layer};
use crate::link::Probe;
use crate::link::crc::X25;
use crate::reading::Check;

/// Opens and closes a frame.
pub const FLAG: u8 = 0x7E;
/// Control of an unnumbered information frame, final bit clear.
pub const UI: u8 = 0x03;
/// Control of an unnumbered information frame, final bit set.
pub const UI_FINAL: u8 = 0x13;

/// Most octets of a frame on the wire, flags included: the length has 11 bits.
pub const MAX_FRAME: usize = 2047 + 2;

const TYPE_3: u8 = 0xA0;
const SEGMENTED: u8 = 0x08;
/// Octets before the addresses: flag and format.
const BEFORE_ADDRESSES: usize = 3;
/// Format, two addresses of one octet, control and FCS.
const SHORTEST: usize = 7;

/// An address of one to four octets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Address {
    value: u32,
    octets: u8,
}

impl Address {
    /// The address that stands at the start of `bytes` as on the wire; `None` when none of the
    /// first four octets ends one.
    pub fn parse(bytes: &[u8]) -> Option<Self> {
        match address(bytes) {
            Probe::Frame(found) => Some(found),
            Probe::Broken(_) | Probe::More(_) | Probe::No => None,
        }
    }

    /// An address of one octet, 0 to 127.
    pub const fn short(value: u8) -> Self {
        Self { value: (value & 0x7F) as u32, octets: 1 }
    }

    /// An address of two octets: logical device (upper) and physical device (lower), 0 to 127
    /// each.
    pub const fn pair(upper: u8, lower: u8) -> Self {
        Self { value: ((upper & 0x7F) as u32) << 7 | (lower & 0x7F) as u32, octets: 2 }
    }

    /// The seven-bit groups put together, first octet highest.
    pub const fn value(self) -> u32 {
        self.value
    }

    /// Octets on the wire, 1 to 4.
    pub const fn octets(self) -> u8 {
        self.octets
    }

    fn emit(self, out: &mut Writer<'_>) -> Result<(), Full> {
        for position in (0..u32::from(self.octets)).rev() {
            let group = self.value >> (7 * position) & 0x7F;
            let end = u32::from(position == 0);
            out.put_u8(u8::try_from(group << 1 | end).unwrap_or(0))?;
        }
        Ok(())
    }
}

/// The start of a frame up to its header check.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Header {
    /// Who it is for; the client where a meter pushes.
    pub destination: Address,
    /// Who sent it.
    pub source: Address,
    /// The control octet.
    pub control: u8,
    /// Whether more segments of the same message follow.
    pub segmented: bool,
    /// What the header check says; `Absent` where there is no information, `Zero` is not decided
    /// before the frame check is there.
    pub check: Check,
    /// Offset of the information, counted from the opening flag.
    pub info: usize,
    /// Octets of the whole frame with both flags.
    pub len: usize,
}

/// A whole frame that passed its checks. Ranges count from the opening flag.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Frame {
    /// Who it is for; the client where a meter pushes.
    pub destination: Address,
    /// Who sent it.
    pub source: Address,
    /// The control octet.
    pub control: u8,
    /// Whether more segments of the same message follow.
    pub segmented: bool,
    /// The information field; empty where there is none.
    pub info: Range<usize>,
    /// `Valid`, or `Zero` where both check sequences are 0000 and do not fit.
    pub check: Check,
    /// Octets of the whole frame with both flags.
    pub len: usize,
}

impl Frame {
    /// Whether the control octet is that of a frame with data: information or unnumbered
    /// information.
    pub const fn carries_data(&self) -> bool {
        self.control & 1 == 0 || matches!(self.control, UI | UI_FINAL)
    }

    /// Looks for a frame whose opening flag is the first of `bytes`. The header is checked as
    /// soon as it is there.
    ///
    /// Broken with [`Cause::HeaderCheck`], [`Cause::FrameCheck`], or [`Cause::NoEnd`] where both
    /// checks fit and the closing flag is missing.
    #[inline]
    pub fn probe(bytes: &[u8]) -> Probe<Self> {
        match Header::probe(bytes) {
            Probe::Frame(header) => header.complete(bytes),
            Probe::More(octets) => Probe::More(octets),
            Probe::Broken(why) => Probe::Broken(why),
            Probe::No => Probe::No,
        }
    }
}

impl Header {
    /// Looks for a header whose opening flag is the first of `bytes`; found as soon as its check
    /// fits, or is zero.
    pub fn probe(bytes: &[u8]) -> Probe<Self> {
        let header = match Self::shape(bytes) {
            Probe::Frame(header) => header,
            other => return other,
        };
        if header.info == header.len - 3 {
            return Probe::Frame(header);
        }
        let check_at = header.info - 2;
        let Some(&[low, high]) = bytes.get(check_at..header.info) else {
            return Probe::More(header.info);
        };
        let wire = u16::from_le_bytes([low, high]);
        let computed = X25.checksum(bytes.get(1..check_at).unwrap_or(&[]));
        let check = match wire {
            _ if wire == computed => Check::Valid,
            0 => Check::Zero,
            _ => {
                let cause = Cause::HeaderCheck { wire, computed };
                return Probe::Broken(Broken::new(Layer::Frame, cause, check_at));
            }
        };
        Probe::Frame(Self { check, ..header })
    }

    /// The header as it is written, before its check is looked at.
    pub fn shape(bytes: &[u8]) -> Probe<Self> {
        let (format, low) = match *bytes {
            [] | [FLAG] => return Probe::More(2),
            [FLAG, format, ..] if format & 0xF0 != TYPE_3 => return Probe::No,
            [FLAG, _] => return Probe::More(SHORTEST + 2),
            [FLAG, format, low, ..] => (format, low),
            [..] => return Probe::No,
        };
        let length = usize::from(u16::from_be_bytes([format & 0x07, low]));
        if length < SHORTEST {
            return Probe::No;
        }
        let addresses = bytes.get(BEFORE_ADDRESSES..).unwrap_or(&[]);
        // an octet more of address makes the header one longer, so nothing is asked for that
        // a frame without information would not have
        let destination = match address(addresses) {
            Probe::Frame(found) => found,
            Probe::More(octets) => return Probe::More(BEFORE_ADDRESSES + octets + 4),
            Probe::Broken(_) | Probe::No => return Probe::No,
        };
        let second = usize::from(destination.octets);
        let source = match address(addresses.get(second..).unwrap_or(&[])) {
            Probe::Frame(found) => found,
            Probe::More(octets) => return Probe::More(BEFORE_ADDRESSES + second + octets + 3),
            Probe::Broken(_) | Probe::No => return Probe::No,
        };
        let control_at = BEFORE_ADDRESSES + second + usize::from(source.octets);
        let Some(&control) = bytes.get(control_at) else {
            return Probe::More(control_at + 1);
        };
        // between the flags: format .. control, then FCS alone, or HCS, information and FCS
        let info = match length.checked_sub(control_at) {
            Some(2) => control_at + 1,
            Some(4..) => control_at + 3,
            _ => return Probe::No,
        };
        let len = length + 2;
        let segmented = format & SEGMENTED != 0;
        let check = Check::Absent;
        Probe::Frame(Self { destination, source, control, segmented, check, info, len })
    }

    /// The frame behind this header, once `bytes` hold it whole.
    ///
    /// Broken as [`Frame::probe`] says.
    #[inline]
    pub fn complete(self, bytes: &[u8]) -> Probe<Frame> {
        let Self { destination, source, control, segmented, check, info, len } = self;
        let end = len - 3;
        let Some(&[low, high, closing]) = bytes.get(end..len) else {
            return Probe::More(len);
        };
        let wire = u16::from_le_bytes([low, high]);
        let computed = X25.checksum(bytes.get(1..end).unwrap_or(&[]));
        let broken = |cause, at| Probe::Broken(Broken::new(Layer::Frame, cause, at));
        let check = match check {
            Check::Zero if wire == 0 => Check::Zero,
            Check::Zero => {
                let over = bytes.get(1..info - 2).unwrap_or(&[]);
                let computed = X25.checksum(over);
                return broken(Cause::HeaderCheck { wire: 0, computed }, info - 2);
            }
            _ if wire == computed => Check::Valid,
            Check::Absent | Check::Valid => {
                return broken(Cause::FrameCheck { wire, computed }, end);
            }
        };
        if closing != FLAG {
            return broken(Cause::NoEnd { found: closing }, len - 1);
        }
        Probe::Frame(Frame { destination, source, control, segmented, info: info..end, check, len })
    }
}

fn address(bytes: &[u8]) -> Probe<Address> {
    let mut value = 0;
    for (octet, octets) in bytes.iter().zip(1..=4u8) {
        value = value << 7 | u32::from(octet >> 1);
        if octet & 1 == 1 {
            return Probe::Frame(Address { value, octets });
        }
    }
    if bytes.len() < 4 { Probe::More(bytes.len() + 1) } else { Probe::No }
}

/// Writes a frame with both flags. Without information there is no header check.
///
/// `Full` also where the frame would be longer than [`MAX_FRAME`].
pub fn emit(
    destination: Address,
    source: Address,
    control: u8,
    segmented: bool,
    info: &[u8],
    out: &mut Writer<'_>,
) -> Result<(), Full> {
    let header = 2 + usize::from(destination.octets) + usize::from(source.octets) + 1;
    let body = if info.is_empty() { 0 } else { 2 + info.len() };
    let length = u16::try_from(header + body + 2).ok().filter(|l| *l <= 0x07FF).ok_or(Full)?;
    let segment = if segmented { SEGMENTED } else { 0 };
    out.put_u8(FLAG)?;
    let start = out.len();
    out.put_u16(length | u16::from(TYPE_3 | segment) << 8)?;
    destination.emit(out)?;
    source.emit(out)?;
    out.put_u8(control)?;
    if !info.is_empty() {
        put_check(start, out)?;
        out.put(info)?;
    }
    put_check(start, out)?;
    out.put_u8(FLAG)
}

fn put_check(start: usize, out: &mut Writer<'_>) -> Result<(), Full> {
    let check = X25.checksum(out.written().get(start..).unwrap_or(&[]));
    out.put(&check.to_le_bytes())
}

#[cfg(test)]
mod tests {
    use hex_literal::hex;
    use proptest::prelude::*;
    use std::vec::Vec;

    use super::*;

    /// Kaifa list 1, 1234 W.
    const KAIFA: [u8; 41] = hex!(
        "7EA0270102011 05A87 E6E700 0F40000000 090C07E2010F010F1E0AFF800000
         0201 06000004D2 72A7 7E"
    );

    fn frame(bytes: &[u8]) -> Frame {
        match Frame::probe(bytes) {
            Probe::Frame(frame) => frame,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_frame_is_taken_apart() {
        let frame = frame(&KAIFA);
        assert_eq!((frame.destination, frame.source), (Address::short(0), Address::pair(1, 0)));
        assert_eq!((frame.control, frame.segmented), (0x10, false));
        assert_eq!((frame.info, frame.check, frame.len), (9..38, Check::Valid, 41));
    }

    #[test]
    fn the_smallest_check_vector_fits() {
        assert_eq!(X25.checksum(&[0x03, 0x3F]).to_le_bytes(), [0x5B, 0xEC]);
        assert_eq!(X25.checksum(b"123456789"), 0x906E);
    }

    #[test]
    fn headers_from_the_field_pass_their_check_before_anything_else_has_come() {
        for (header, len, info) in [
            (&hex!("7EA0270102011 05A87")[..], 41, 9),
            (&hex!("7EA065010201 10F050"), 103, 9),
            (&hex!("7EA079010201 108093"), 123, 9),
            (&hex!("7EA09B010201 10EEAE"), 157, 9),
            (&hex!("7EA087010001 1026D8"), 137, 9),
            (&hex!("7EA09B010001 10561B"), 157, 9),
            (&hex!("7EA11D010001 10B0AE"), 287, 9),
            (&hex!("7EA02A410883 130413"), 44, 9),
            (&hex!("7EA0D2410883 1382D6"), 212, 9),
            (&hex!("7EA10B410883 13FA7C"), 269, 9),
            (&hex!("7EA11E410883 13EEEE"), 288, 9),
            (&hex!("7EA18A410883 13EBFD"), 396, 9),
            (&hex!("7EA243410883 1385EB"), 581, 9),
            (&hex!("7EA0E22B2113239A"), 228, 8),
            (&hex!("7EA12C2B2113FC04"), 302, 8),
            (&hex!("7EA1E9410313C637"), 491, 8),
            (&hex!("7EA13B410313C8F6"), 317, 8),
            (&hex!("7EA081CF022313 85E1"), 131, 9),
            (&hex!("7EA077CF022313 BB45"), 121, 9),
            (&hex!("7EA8A4CF022303 9996"), 166, 9),
            (&hex!("7EA084CEFF0313 128B"), 134, 9),
            (&hex!("7EA076CEFF0313 3C02"), 120, 9),
        ] {
            let Probe::Frame(found) = Header::probe(header) else { panic!("{header:02X?}") };
            assert_eq!((found.len, found.info, found.check), (len, info, Check::Valid));
            assert_eq!(Frame::probe(header), Probe::More(len));
            for cut in 0..header.len() {
                assert!(matches!(Frame::probe(&header[..cut]), Probe::More(n) if n > cut));
            }
        }
    }

    #[test]
    fn a_wrong_header_check_is_known_with_the_header() {
        let mut bytes = KAIFA;
        bytes[7] ^= 1;
        assert!(matches!(
            Frame::probe(&bytes[..9]),
            Probe::Broken(Broken { cause: Cause::HeaderCheck { wire: 0x875B, .. }, offset: 7, .. })
        ));
    }

    #[test]
    fn every_flipped_bit_is_noticed() {
        for bit in 0..KAIFA.len() * 8 {
            let mut bytes = KAIFA;
            bytes[bit / 8] ^= 1 << (bit % 8);
            let found = Frame::probe(&bytes);
            assert!(!matches!(found, Probe::Frame(_)), "bit {bit}: {found:?}");
        }
    }

    #[test]
    fn a_frame_without_its_closing_flag_is_broken() {
        let mut bytes = KAIFA;
        bytes[40] = 0x7C;
        let cause = Cause::NoEnd { found: 0x7C };
        assert_eq!(Frame::probe(&bytes), Probe::Broken(Broken::new(Layer::Frame, cause, 40)));
    }

    #[test]
    fn zero_checks_are_accepted_together_only() {
        let mut bytes = KAIFA;
        bytes[7..9].fill(0);
        assert_eq!(Frame::probe(&bytes[..9]), Probe::More(41));
        assert!(matches!(
            Frame::probe(&bytes),
            Probe::Broken(Broken { cause: Cause::HeaderCheck { wire: 0, .. }, .. })
        ));
        bytes[38..40].fill(0);
        assert_eq!(frame(&bytes).check, Check::Zero);
        bytes[7..9].copy_from_slice(&KAIFA[7..9]);
        assert!(matches!(
            Frame::probe(&bytes),
            Probe::Broken(Broken { cause: Cause::FrameCheck { wire: 0, .. }, .. })
        ));
    }

    #[test]
    fn a_frame_check_that_really_is_zero_is_valid() {
        let mut room = [0; 64];
        let found = (0..=u16::MAX).any(|value| {
            let mut out = Writer::new(&mut room);
            let [high, low] = value.to_be_bytes();
            let info = [0xE6, 0xE7, 0, 0x0F, 0, 0, 0, 0, 0, 0x12, high, low];
            emit(Address::short(32), Address::short(16), UI_FINAL, false, &info, &mut out).unwrap();
            let bytes = out.finish();
            let end = bytes.len();
            bytes[end - 3..end - 1] == [0, 0] && frame(bytes).check == Check::Valid
        });
        assert!(found, "some value gives the check 0000");
    }

    #[test]
    fn a_frame_without_information_has_no_header_check() {
        let mut room = [0; 16];
        let mut out = Writer::new(&mut room);
        emit(Address::short(1), Address::short(16), 0x73, false, &[], &mut out).unwrap();
        assert_eq!(out.len(), 9);
        let frame = frame(out.written());
        assert!(frame.info.is_empty() && !frame.carries_data());
    }

    #[test]
    fn a_frame_longer_than_its_length_can_say_is_refused() {
        let mut room = [0; 2100];
        let to = Address::short(1);
        let longest = [0x7E; 2047 - 9];
        let mut out = Writer::new(&mut room);
        assert_eq!(emit(to, to, UI, false, &longest, &mut out), Ok(()));
        assert_eq!(out.len(), MAX_FRAME);
        assert_eq!(frame(out.written()).len, MAX_FRAME);
        let mut out = Writer::new(&mut room);
        assert_eq!(emit(to, to, UI, false, &[0x7E; 2047 - 8], &mut out), Err(Full));
    }

    #[test]
    fn addresses_are_read_as_seven_bit_groups() {
        assert_eq!(Address::parse(&hex!("0883")), Some(Address::pair(4, 65)));
        assert_eq!(Address::parse(&hex!("CF")), Some(Address::short(103)));
        let four = Address::parse(&hex!("02040609 FF")).unwrap();
        assert_eq!((four.value(), four.octets()), (1 << 21 | 2 << 14 | 3 << 7 | 4, 4));
        assert_eq!(Address::parse(&hex!("0204060801")), None);
    }

    fn an_address() -> impl Strategy<Value = Address> {
        (prop::collection::vec(any::<u8>(), 0..4), any::<u8>()).prop_map(|(mut octets, last)| {
            for octet in &mut octets {
                *octet &= 0xFE;
            }
            octets.push(last | 1);
            Address::parse(&octets).unwrap()
        })
    }

    proptest! {
        #[test]
        fn what_is_emitted_parses_back(
            destination in an_address(),
            source in an_address(),
            control: u8,
            segmented: bool,
            info in prop::collection::vec(any::<u8>(), 0..600),
            behind: [u8; 3],
        ) {
            let mut room = [0; 700];
            let mut out = Writer::new(&mut room);
            emit(destination, source, control, segmented, &info, &mut out).unwrap();
            let len = out.len();
            out.put(&behind).unwrap();
            let bytes = out.written();
            let found = frame(bytes);
            prop_assert_eq!(found.check, Check::Valid);
            prop_assert_eq!(&bytes[found.info.clone()], &info[..]);
            prop_assert_eq!(
                (found.destination, found.source, found.control, found.segmented, found.len),
                (destination, source, control, segmented, len)
            );
            for cut in 0..len {
                prop_assert!(matches!(Frame::probe(&bytes[..cut]), Probe::More(n) if n > cut && n <= len));
            }
        }

        #[test]
        fn never_panics(mut bytes: Vec<u8>, format: [u8; 2]) {
            let _ = Frame::probe(&bytes);
            bytes.splice(0..0, [FLAG, TYPE_3 | format[0] & 0x0F, format[1]]);
            let _ = Frame::probe(&bytes);
        }
    }
}
