//! A-XDR: the encoding of COSEM data (IEC 61334-6, tags of IEC 62056-6-2 clause 4.1.5).
//!
//! ```text
//!  tag | contents                          tag | contents
//! +----+--------------------------+       +----+--------------------------------+
//! | 00 | null                     |       | 0F | integer, 1 octet               |
//! | 01 | array: count, elements   |       | 10 | long, 2 octets                 |
//! | 02 | structure: count, elems  |       | 11 | unsigned, 1 octet              |
//! | 03 | boolean, 1 octet         |       | 12 | long unsigned, 2 octets        |
//! | 04 | bit string: bits, octets |       | 13 | compact array                  |
//! | 05 | double long, 4 octets    |       | 14 | long64, 8 octets               |
//! | 06 | double long unsigned, 4  |       | 15 | long64 unsigned, 8 octets      |
//! | 09 | octet string: len, octets|       | 16 | enum, 1 octet                  |
//! | 0A | visible string           |       | 17 | float32  | 18 | float64        |
//! | 0C | utf8 string              |       | 19 | date-time, 12 octets           |
//! | 0D | bcd, 1 octet             |       | 1A | date, 5  | 1B | time, 4 | FF don't care |
//! +----+--------------------------+       +----+--------------------------------+
//!
//!  compact array:  13 | type description | length in octets | contents without tags
//! ```
//!
//! Lengths and counts are BER: below 80h one octet, else 81h to 84h and that many octets, not
//! necessarily the fewest. Numbers are big-endian.
//!
//! Data is pulled element by element with a [`Cursor`]; the header of an array or a structure
//! is an element of its own and its members follow. So nothing here recurses, whatever the
//! nesting, and no walk can be longer than its octets.
//!
//! Two departures from the standard are read as their senders mean them: an octet string of a
//! code with its two tag octets swapped (`06 09`, Landis+Gyr), and a structure whose first
//! member stands without tags (Sagemcom, [`Cursor::descriptor`]).

mod data;

use self::data::tag;
pub use self::data::{Data, Descriptor, Element, ScalerUnit, put_length};
pub use super::compact::{CompactArray, Values};
use crate::fault::{Broken, Cause, Layer};
use crate::obis::Obis;

/// Why data could not be read on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Ill {
    /// The octets end too early.
    #[error("at least {want} octets are needed")]
    Cut {
        /// Octets needed at the least, counted from the start of the cursor's octets.
        want: usize,
    },
    /// The octets contradict the encoding.
    #[error("malformed at octet {at}")]
    Malformed {
        /// Where.
        at: usize,
    },
}

impl Ill {
    /// The same as a fault of the data layer in a body of `have` octets.
    pub const fn broken(self, have: usize) -> Broken {
        match self {
            Self::Cut { want } => Broken::new(Layer::Data, Cause::Truncated { have, want }, have),
            Self::Malformed { at } => Broken::new(Layer::Data, Cause::Malformed, at),
        }
    }
}

/// What is made of a number that may be a code with its two tag octets swapped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Departure {
    /// More octets are waited for where they decide: for octets whose end is not known.
    Awaited,
    /// It is a code where all octets of one are there: for whole messages.
    Read,
    /// It is a number.
    Refused,
}

/// Pulls elements out of octets.
#[derive(Clone, Copy, Debug)]
pub struct Cursor<'a> {
    /// What is not yet taken: always an end of the octets the cursor was made from.
    rest: &'a [u8],
    /// How many octets those are.
    total: usize,
    swapped: bool,
    departure: Departure,
}

/// A code and the plain number behind it, the two most lists are made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CodedNumber {
    /// The code.
    pub obis: Obis,
    /// The number, of 16 or 32 bits.
    pub number: i64,
    /// Octets the number takes with its tag.
    pub len: u8,
}

impl<'a> Cursor<'a> {
    /// At the start of `octets`.
    pub const fn new(octets: &'a [u8]) -> Self {
        Self { rest: octets, total: octets.len(), swapped: false, departure: Departure::Read }
    }

    /// At offset `at` of `octets`; positions count from the start of `octets`.
    pub fn at(octets: &'a [u8], at: usize) -> Self {
        Self {
            rest: octets.get(at..).unwrap_or(&[]),
            total: octets.len(),
            swapped: false,
            departure: Departure::Read,
        }
    }

    /// The offset of the next element.
    #[inline]
    pub const fn position(&self) -> usize {
        self.total - self.rest.len()
    }

    /// The octets not yet taken.
    #[inline]
    pub const fn rest(&self) -> &'a [u8] {
        self.rest
    }

    /// The same place, with another view of swapped tag octets.
    #[must_use]
    pub(crate) const fn with(self, departure: Departure) -> Self {
        Self { departure, ..self }
    }

    /// Whether a swapped tag was met so far.
    pub const fn met_swapped_tag(&self) -> bool {
        self.swapped
    }

    /// So many octets more than are left are needed.
    const fn cut(&self, len: usize) -> Ill {
        Ill::Cut { want: self.position() + len }
    }

    #[inline]
    fn array<const N: usize>(&mut self) -> Result<&'a [u8; N], Ill> {
        match self.rest.split_first_chunk::<N>() {
            Some((chunk, rest)) => {
                self.rest = rest;
                Ok(chunk)
            }
            None => Err(self.cut(N)),
        }
    }

    #[inline]
    fn octet(&mut self) -> Result<u8, Ill> {
        match self.rest {
            [octet, rest @ ..] => {
                self.rest = rest;
                Ok(*octet)
            }
            [] => Err(self.cut(1)),
        }
    }

    #[inline]
    fn take(&mut self, len: usize) -> Result<&'a [u8], Ill> {
        match self.rest.split_at_checked(len) {
            Some((taken, rest)) => {
                self.rest = rest;
                Ok(taken)
            }
            None => Err(self.cut(len)),
        }
    }

    /// A BER length.
    #[inline]
    pub fn length(&mut self) -> Result<usize, Ill> {
        match self.octet()? {
            short @ 0..=0x7F => Ok(usize::from(short)),
            long => self.long_length(long),
        }
    }

    #[cold]
    fn long_length(&mut self, first: u8) -> Result<usize, Ill> {
        let at = self.position() - 1;
        let count = first & 0x7F;
        if count == 0 || count > 4 {
            return Err(Ill::Malformed { at });
        }
        let mut length = 0u32;
        for octet in self.take(usize::from(count))? {
            length = length << 8 | u32::from(*octet);
        }
        // Nothing that is sent here is longer; a length beyond is no length.
        u16::try_from(length).map(usize::from).map_err(|_| Ill::Malformed { at })
    }

    /// The count of an array or structure, which has at least an octet for each member.
    #[inline]
    fn count(&mut self) -> Result<u32, Ill> {
        let count = self.length()?;
        if count > self.rest.len() {
            return Err(self.cut(count));
        }
        Ok(u32::try_from(count).unwrap_or(u32::MAX))
    }

    /// The next element.
    #[inline]
    pub fn element(&mut self) -> Result<Element<'a>, Ill> {
        let start = self.position();
        let tag = self.octet()?;
        let data = self.value(tag, start)?;
        Ok(Element { data, start, end: self.position() })
    }

    /// A value of the type `tag` at the start of `octets`, and how many of them it has.
    pub(super) fn untagged(tag: u8, octets: &'a [u8]) -> Result<(Data<'a>, usize), Ill> {
        let mut cursor = Self::new(octets);
        let data = cursor.value(tag, 0)?;
        Ok((data, cursor.position()))
    }

    fn value(&mut self, tag: u8, start: usize) -> Result<Data<'a>, Ill> {
        Ok(match tag {
            tag::NULL => Data::Null,
            tag::ARRAY => Data::Array(self.count()?),
            tag::STRUCTURE => Data::Structure(self.count()?),
            tag::BOOLEAN => Data::Boolean(self.octet()? != 0),
            tag::BIT_STRING => {
                let bits = self.length()?;
                let octets = self.take(bits.div_ceil(8))?;
                Data::BitString(u32::try_from(bits).unwrap_or(u32::MAX), octets)
            }
            tag::I32 => Data::Int32(i32::from_be_bytes(*self.array()?)),
            tag::U32 => match self.rest {
                // A code with its two tag octets swapped. Groups D of 7 and 8 are no tags, so
                // that a number followed by another element cannot look like this.
                [9, 0..=1, _, _, 7..=8, _, 0xFF, ..] if self.departure != Departure::Refused => {
                    self.swapped = true;
                    self.octet()?;
                    Data::OctetString(self.take(6)?)
                }
                [9, 0..=1, _, _] | [9, 0..=1, _, _, 7..=8] | [9, 0..=1, _, _, 7..=8, _]
                    if self.departure == Departure::Awaited =>
                {
                    return Err(Ill::Cut { want: self.total + 1 });
                }
                _ => Data::Unsigned32(u32::from_be_bytes(*self.array()?)),
            },
            tag::OCTETS => {
                let length = self.length()?;
                Data::OctetString(self.take(length)?)
            }
            tag::VISIBLE => {
                let length = self.length()?;
                Data::VisibleString(self.take(length)?)
            }
            tag::UTF8 => {
                let length = self.length()?;
                Data::Utf8String(self.take(length)?)
            }
            tag::BCD => Data::Bcd(self.octet()?),
            tag::I8 => Data::Int8(i8::from_be_bytes(*self.array()?)),
            tag::I16 => Data::Int16(i16::from_be_bytes(*self.array()?)),
            tag::U8 => Data::Unsigned8(self.octet()?),
            tag::U16 => Data::Unsigned16(u16::from_be_bytes(*self.array()?)),
            tag::COMPACT => Data::CompactArray(self.compact_array()?),
            tag::I64 => Data::Int64(i64::from_be_bytes(*self.array()?)),
            tag::U64 => Data::Unsigned64(u64::from_be_bytes(*self.array()?)),
            tag::ENUM => Data::Enum(self.octet()?),
            tag::F32 => Data::Float32(*self.array()?),
            tag::F64 => Data::Float64(*self.array()?),
            tag::DATE_TIME => Data::DateTime(self.array()?),
            tag::DATE => Data::Date(self.array()?),
            tag::TIME => Data::Time(self.array()?),
            tag::DONT_CARE => Data::DontCare,
            _ => return Err(Ill::Malformed { at: start }),
        })
    }

    #[cold]
    fn compact_array(&mut self) -> Result<CompactArray<'a>, Ill> {
        let (whole, start) = (self.rest, self.position());
        let mut pending = 1usize;
        while pending > 0 {
            pending -= 1;
            match self.octet()? {
                tag::STRUCTURE => pending += self.length()?,
                tag::ARRAY => {
                    self.array::<2>()?;
                    pending += 1;
                }
                tag::COMPACT => return Err(Ill::Malformed { at: start }),
                _ => {}
            }
            if pending > self.rest.len() {
                return Err(self.cut(pending));
            }
        }
        let described = whole.len() - self.rest.len();
        let description = whole.get(..described).unwrap_or(&[]);
        let length = self.length()?;
        Ok(CompactArray { description, contents: self.take(length)? })
    }

    /// Passes over one element with everything in it.
    pub fn skip(&mut self) -> Result<(), Ill> {
        self.skip_all(1)
    }

    /// Passes over that many elements with everything in them. Short of octets, it tells how
    /// many are needed at the least, the elements not yet seen included.
    pub fn skip_all(&mut self, elements: usize) -> Result<(), Ill> {
        let mut pending = elements;
        while pending > 0 {
            pending -= 1;
            let element = match self.element() {
                Err(Ill::Cut { want }) => return Err(Ill::Cut { want: want + pending }),
                other => other?,
            };
            match element.data {
                Data::Structure(2) => {
                    pending += 2;
                    if self.descriptor().is_some() {
                        pending -= 1;
                    } else if let [0, 1..=255, after @ ..] = self.rest
                        && after.len() < 7
                    {
                        // It may be the start of an untagged head.
                        return Err(Ill::Cut { want: self.total + 1 });
                    }
                }
                Data::Array(count) | Data::Structure(count) => {
                    pending += usize::try_from(count).unwrap_or(usize::MAX);
                }
                _ => {}
            }
            if pending > self.rest.len() {
                return Err(self.cut(pending));
            }
        }
        Ok(())
    }

    /// The next element, if it is a code: an octet string of six whose first is a medium, 0 to
    /// 15 (so that a number of six digits is none).
    #[inline]
    pub fn code(&mut self) -> Option<Obis> {
        match self.rest.split_first_chunk::<8>() {
            Some(([tag::OCTETS, 6, obis @ ..], rest)) if matches!(obis, [0..=15, ..]) => {
                self.rest = rest;
                Some(Obis(*obis))
            }
            _ => None,
        }
    }

    /// The next element, if it is an octet string or visible string below 128 octets.
    #[inline]
    pub fn short_string(&mut self) -> Option<&'a [u8]> {
        match self.rest {
            [tag::OCTETS | tag::VISIBLE, len @ 0..=0x7F, rest @ ..] => {
                let (octets, rest) = rest.split_at_checked(usize::from(*len))?;
                self.rest = rest;
                Some(octets)
            }
            _ => None,
        }
    }

    /// The next element, if it is a number of 16 or 32 bits, and how many octets it takes.
    #[inline]
    pub fn plain_number(&mut self) -> Option<(i64, u8)> {
        let (tag, rest) = self.rest.split_first()?;
        let (number, len, rest) = match *tag {
            // Not what may be a code with swapped tag octets.
            tag::U32 if rest.first() != Some(&tag::OCTETS) => {
                let (octets, rest) = rest.split_first_chunk()?;
                (i64::from(u32::from_be_bytes(*octets)), 5, rest)
            }
            tag::U16 => {
                let (octets, rest) = rest.split_first_chunk()?;
                (i64::from(u16::from_be_bytes(*octets)), 3, rest)
            }
            tag::I16 => {
                let (octets, rest) = rest.split_first_chunk()?;
                (i64::from(i16::from_be_bytes(*octets)), 3, rest)
            }
            _ => return None,
        };
        self.rest = rest;
        Some((number, len))
    }

    /// The next two elements, if they are a code and a [plain number](Self::plain_number).
    #[inline]
    pub fn coded_number(&mut self) -> Option<CodedNumber> {
        let mut ahead = *self;
        let obis = ahead.code()?;
        let (number, len) = ahead.plain_number()?;
        self.rest = ahead.rest;
        Some(CodedNumber { obis, number, len })
    }

    /// Whether the next element is the code of a current value, `A-B:C.D.E*255`.
    #[inline]
    pub fn is_at_code(&self) -> bool {
        matches!(self.rest.first_chunk::<8>(), Some([tag::OCTETS, 6, 0..=15, .., 0xFF]))
    }

    /// The next element, if it is a scaler-unit structure.
    #[inline]
    pub fn scaler_unit(&mut self) -> Option<ScalerUnit> {
        match self.rest.split_first_chunk::<6>() {
            Some(([tag::STRUCTURE, 2, tag::I8, scaler, tag::ENUM, unit], rest)) => {
                self.rest = rest;
                Some(ScalerUnit { scaler: i8::from_be_bytes([*scaler]), unit: *unit })
            }
            _ => None,
        }
    }

    /// The untagged first member of a structure of two whose header was just taken: class,
    /// code and attribute, nine octets, as Sagemcom sends them.
    #[inline]
    pub fn descriptor(&mut self) -> Option<Descriptor> {
        match self.rest.split_first_chunk::<9>() {
            Some(([0, class @ 1..=0xFF, obis @ .., attribute], rest))
                if matches!(obis, [0..=9, .., 0xFF]) =>
            {
                self.rest = rest;
                Some(Descriptor {
                    class: u16::from(*class),
                    obis: Obis(*obis),
                    attribute: i8::from_be_bytes([*attribute]),
                })
            }
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests;
