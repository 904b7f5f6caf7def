//! General block transfer: a long APDU in numbered blocks (IEC 62056-5-3, general-block-transfer).
//!
//! ```text
//! +----+---------+--------------+------------------+--------+--~~--+
//! | E0 | control | block number | number confirmed | length | data |
//! +----+---------+--------------+------------------+--------+--~~--+
//!   1       1           2                2           1 to 5
//! control: bit 7 last block, bit 6 streaming, bits 5 to 0 window
//! ```
//!
//! A meter that pushes streams its blocks and waits for no confirmation. What the blocks hold is
//! a whole APDU, often a ciphered one: it is deciphered after the blocks are joined.

use core::ops::Range;

use crate::cosem::length::{self, Cursor, LengthForm, Stop};
use crate::emit::{Full, Writer};
use crate::link::Probe;

/// The tag of a block.
pub const TAG: u8 = 0xE0;

const LAST: u8 = 0x80;

/// One block.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Block {
    /// Whether it is the last one.
    pub last: bool,
    /// Its number, from 1.
    pub number: u16,
    /// Where its data stands.
    pub data: Range<usize>,
    /// Octets of the whole block.
    pub len: usize,
    /// The control octet: last block, streaming, window.
    pub control: u8,
    /// The number of the last block of the other side that is confirmed.
    pub confirmed: u16,
}

impl Block {
    /// Takes a block at the start of `bytes` apart. Blocks count from 1; a block of number 0 is
    /// none.
    pub fn probe(bytes: &[u8]) -> Probe<Self> {
        Self::parse(bytes).into()
    }

    fn parse(bytes: &[u8]) -> Result<Self, Stop> {
        let mut cursor = Cursor::new(bytes);
        if cursor.octet()? != TAG {
            return Err(Stop::No);
        }
        let control = cursor.octet()?;
        let number = u16::from_be_bytes(cursor.array()?);
        let confirmed = u16::from_be_bytes(cursor.array()?);
        if number == 0 {
            return Err(Stop::No);
        }
        let data = cursor.octet_string()?;
        let len = cursor.at();
        Ok(Self { last: control & LAST != 0, number, data, len, control, confirmed })
    }

    /// Writes a streamed block as a pushing meter does.
    ///
    /// ```
    /// use hanport_core::cosem::gbt::Block;
    /// use hanport_core::emit::Writer;
    ///
    /// let mut buffer = [0u8; 16];
    /// let mut out = Writer::new(&mut buffer);
    /// Block::emit(2, true, &[0x09, 0x03], &mut out)?;
    /// assert_eq!(out.written(), [0xE0, 0xC0, 0, 2, 0, 0, 2, 0x09, 0x03]);
    /// # Ok::<(), hanport_core::emit::Full>(())
    /// ```
    pub fn emit(number: u16, last: bool, data: &[u8], out: &mut Writer<'_>) -> Result<(), Full> {
        const STREAMING: u8 = 0x40;
        out.put_u8(TAG)?;
        out.put_u8(if last { LAST | STREAMING } else { STREAMING })?;
        out.put_u16(number)?;
        out.put_u16(0)?;
        length::emit(data.len(), LengthForm::Shortest, out)?;
        out.put(data)
    }
}

/// What to do with a block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// Append its data.
    Append,
    /// It came before; leave it.
    Ignore,
    /// A block is missing: throw away what was collected, and this one too.
    Missing,
    /// It is the first: begin anew with its data.
    Start,
}

/// Keeps the numbers in order.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sequence {
    /// The number of the block before; 0 when there is none to follow.
    previous: u16,
    /// Whether the block before was the last of its message.
    complete: bool,
}

impl Sequence {
    /// What to do with the block of this number.
    ///
    /// A first block always begins anew: meters abort a transfer and start over without notice.
    pub fn step(&mut self, number: u16) -> Step {
        if number == 1 {
            *self = Self { previous: 1, complete: false };
            return Step::Start;
        }
        if self.previous != 0 && number == self.previous {
            return Step::Ignore;
        }
        if !self.complete && self.previous != 0 && self.previous.checked_add(1) == Some(number) {
            self.previous = number;
            return Step::Append;
        }
        *self = Self::default();
        Step::Missing
    }

    /// The block just taken was the last one: only its repetition or a first block may follow.
    pub const fn complete(&mut self) {
        self.complete = true;
    }
}

#[cfg(test)]
mod tests {
    use std::vec::Vec;

    use hex_literal::hex;
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_two_blocks_of_a_push_are_taken_apart() {
        let first = hex!("E0 40 00 01 00 00 09 0F 00 00 00 42 00 02 02 06");
        let second = hex!("E0 C0 00 02 00 00 07 00 00 04 D2 12 09 03 FF FF");
        let Probe::Frame(first) = Block::probe(&first) else { panic!("a whole block") };
        assert_eq!((first.last, first.number, first.data, first.len), (false, 1, 7..16, 16));
        let Probe::Frame(second) = Block::probe(&second) else { panic!("a whole block") };
        assert_eq!((second.last, second.number, second.data, second.len), (true, 2, 7..14, 14));
        assert_eq!((second.control, second.confirmed), (0xC0, 0));
    }

    #[test]
    fn what_is_cut_off_is_asked_for_and_what_is_no_block_is_not() {
        let block = hex!("E0 C0 00 01 00 00 82 00 04 01 02 03 04");
        for end in 0..block.len() {
            let Probe::More(total) = Block::probe(&block[..end]) else { panic!("cut at {end}") };
            assert!(end < total && total <= block.len());
        }
        assert_eq!(Block::probe(&block[..9]), Probe::More(13));
        assert_eq!(Block::probe(&hex!("E1 C0 00 01 00 00 00")), Probe::No);
        assert_eq!(Block::probe(&hex!("E0 C0 00 00 00 00 00")), Probe::No);
    }

    #[test]
    fn blocks_follow_one_another_and_a_restart_begins_anew() {
        use Step::{Append, Ignore, Missing, Start};
        for (numbers, steps) in [
            (&[1u16, 2, 3][..], &[Start, Append, Append][..]),
            (&[1, 2, 1, 2, 3, 4], &[Start, Append, Start, Append, Append, Append]),
            (&[1, 2, 2, 3], &[Start, Append, Ignore, Append]),
            (&[1, 3, 4, 1], &[Start, Missing, Missing, Start]),
            (&[2, 3], &[Missing, Missing]),
            (&[1, 2, 3, 2], &[Start, Append, Append, Missing]),
            (&[0, 1], &[Missing, Start]),
        ] {
            let mut sequence = Sequence::default();
            let taken: Vec<Step> = numbers.iter().map(|n| sequence.step(*n)).collect();
            assert_eq!(taken, steps, "{numbers:?}");
        }
    }

    #[test]
    fn nothing_is_appended_to_a_complete_message() {
        let mut sequence = Sequence::default();
        assert_eq!(sequence.step(1), Step::Start);
        assert_eq!(sequence.step(2), Step::Append);
        sequence.complete();
        assert_eq!(sequence.step(2), Step::Ignore);
        assert_eq!(sequence.step(3), Step::Missing);
        assert_eq!(sequence.step(1), Step::Start);
    }

    #[test]
    fn the_highest_number_is_not_followed_by_the_lowest() {
        let mut sequence = Sequence { previous: u16::MAX, complete: false };
        assert_eq!(sequence.step(0), Step::Missing);
    }

    proptest! {
        #[test]
        fn what_is_emitted_parses_back(
            number in 1u16..,
            last: bool,
            data in prop::collection::vec(any::<u8>(), 0..300),
        ) {
            let mut buffer = [0u8; 320];
            let mut out = Writer::new(&mut buffer);
            Block::emit(number, last, &data, &mut out).unwrap();
            let Probe::Frame(block) = Block::probe(out.written()) else {
                return Err(TestCaseError::fail("no block"));
            };
            prop_assert_eq!((block.number, block.last, block.len), (number, last, out.len()));
            prop_assert_eq!(&out.written()[block.data], &data[..]);
        }

        #[test]
        fn never_panics(bytes: Vec<u8>) {
            let _ = Block::probe(&bytes);
            let mut tagged = std::vec![TAG];
            tagged.extend(&bytes);
            if let Probe::Frame(block) = Block::probe(&tagged) {
                prop_assert!(block.data.end == block.len && block.len <= tagged.len());
            }
        }
    }
}
