//! Lengths and counts in the BER style of DLMS, and a cursor over octets that may still be
//! coming.
//!
//! Below 80 one octet is the length itself; 81, 82, 83 and 84 are followed by that many octets,
//! high one first (IEC 62056-5-3, after ITU-T X.690 8.1.3). Writers need not take the shortest
//! form: `82 00 6A` is legal and common.

use core::ops::Range;

use crate::emit::{Full, Writer};
use crate::link::Probe;

/// Why a cursor cannot go on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stop {
    /// Not before this many octets are there, counted from the start.
    More(usize),
    /// What was announced is not there.
    No,
}

impl<T> From<Result<T, Stop>> for Probe<T> {
    fn from(result: Result<T, Stop>) -> Self {
        match result {
            Ok(frame) => Self::Frame(frame),
            Err(Stop::More(total)) => Self::More(total),
            Err(Stop::No) => Self::No,
        }
    }
}

/// Walks over octets of which the rest may still be coming.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Cursor<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Cursor<'a> {
    /// Begins at the first octet.
    pub(crate) const fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, at: 0 }
    }

    /// Octets passed.
    pub(crate) const fn at(&self) -> usize {
        self.at
    }

    /// Takes the next `count` octets and says where they stand.
    pub(crate) fn take(&mut self, count: usize) -> Result<Range<usize>, Stop> {
        let end = self.at.saturating_add(count);
        if end > self.bytes.len() {
            return Err(Stop::More(end));
        }
        let range = self.at..end;
        self.at = end;
        Ok(range)
    }

    /// Takes the next `N` octets.
    pub(crate) fn array<const N: usize>(&mut self) -> Result<[u8; N], Stop> {
        let range = self.take(N)?;
        let octets = self.bytes.get(range).and_then(|octets| octets.first_chunk());
        octets.copied().ok_or(Stop::No)
    }

    /// Takes one octet.
    pub(crate) fn octet(&mut self) -> Result<u8, Stop> {
        let [octet] = self.array()?;
        Ok(octet)
    }

    /// Takes a length.
    pub(crate) fn length(&mut self) -> Result<usize, Stop> {
        let octets = match self.octet()? {
            short @ 0..=0x7F => return Ok(usize::from(short)),
            0x81 => [0, 0, 0, self.octet()?],
            0x82 => {
                let [high, low] = self.array()?;
                [0, 0, high, low]
            }
            0x83 => {
                let [high, middle, low] = self.array()?;
                [0, high, middle, low]
            }
            0x84 => self.array()?,
            _ => return Err(Stop::No),
        };
        Ok(usize::try_from(u32::from_be_bytes(octets)).unwrap_or(usize::MAX))
    }

    /// Takes an octet string without tag: a length and that many octets.
    pub(crate) fn octet_string(&mut self) -> Result<Range<usize>, Stop> {
        let length = self.length()?;
        self.take(length)
    }
}

/// How a length is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum LengthForm {
    /// In as few octets as it needs.
    #[default]
    Shortest,
    /// With at least one octet behind the first (81).
    One,
    /// With at least two octets behind the first (82), as Luxembourg always does.
    Two,
}

/// Writes a length in `form`; a longer form is taken where it does not fit.
pub(crate) fn emit(length: usize, form: LengthForm, out: &mut Writer<'_>) -> Result<(), Full> {
    let length = u32::try_from(length).map_err(|_| Full)?;
    let [first, second, third, fourth] = length.to_be_bytes();
    match form {
        LengthForm::Shortest if length < 0x80 => out.put_u8(fourth),
        LengthForm::Shortest | LengthForm::One if length <= 0xFF => out.put(&[0x81, fourth]),
        _ if length <= 0xFFFF => out.put(&[0x82, third, fourth]),
        _ if length <= 0xFF_FFFF => out.put(&[0x83, second, third, fourth]),
        _ => out.put(&[0x84, first, second, third, fourth]),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn every_form_is_read_and_reserved_ones_are_refused() {
        for (bytes, length) in [
            (&[0x7F][..], Ok(0x7F)),
            (&[0x81, 0x05], Ok(5)),
            (&[0x82, 0x00, 0x6A], Ok(0x6A)),
            (&[0x83, 0x01, 0x00, 0x00], Ok(0x1_0000)),
            (&[0x84, 0xFF, 0xFF, 0xFF, 0xFF], Ok(0xFFFF_FFFF)),
            (&[0x80], Err(Stop::No)),
            (&[0x85, 0, 0, 0, 0, 1], Err(Stop::No)),
            (&[], Err(Stop::More(1))),
            (&[0x82, 0x01], Err(Stop::More(3))),
        ] {
            assert_eq!(Cursor::new(bytes).length(), length, "{bytes:02X?}");
        }
    }

    proptest! {
        #[test]
        fn what_is_emitted_parses_back(
            length in prop_oneof![0usize..0x2_0000, 0xFF_0000usize..=0xFFFF_FFFF],
            form in 0u8..3,
        ) {
            let form = match form {
                0 => LengthForm::Shortest,
                1 => LengthForm::One,
                _ => LengthForm::Two,
            };
            let mut buffer = [0u8; 5];
            let mut out = Writer::new(&mut buffer);
            emit(length, form, &mut out).unwrap();
            let mut cursor = Cursor::new(out.written());
            prop_assert_eq!(cursor.length(), Ok(length));
            prop_assert_eq!(cursor.at(), out.len());
        }
    }
}
