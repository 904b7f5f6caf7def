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

pub use super::compact::{CompactArray, Values};
use super::float;
use crate::datetime::DateTime;
use crate::emit::{Full, Writer};
use crate::fault::{Broken, Cause, Layer};
use crate::number::Number;
use crate::obis::Obis;

/// The type tags.
mod tag {
    pub(super) const NULL: u8 = 0x00;
    pub(super) const ARRAY: u8 = 0x01;
    pub(super) const STRUCTURE: u8 = 0x02;
    pub(super) const BOOLEAN: u8 = 0x03;
    pub(super) const BIT_STRING: u8 = 0x04;
    pub(super) const I32: u8 = 0x05;
    pub(super) const U32: u8 = 0x06;
    pub(super) const OCTETS: u8 = 0x09;
    pub(super) const VISIBLE: u8 = 0x0A;
    pub(super) const UTF8: u8 = 0x0C;
    pub(super) const BCD: u8 = 0x0D;
    pub(super) const I8: u8 = 0x0F;
    pub(super) const I16: u8 = 0x10;
    pub(super) const U8: u8 = 0x11;
    pub(super) const U16: u8 = 0x12;
    pub(super) const COMPACT: u8 = 0x13;
    pub(super) const I64: u8 = 0x14;
    pub(super) const U64: u8 = 0x15;
    pub(super) const ENUM: u8 = 0x16;
    pub(super) const F32: u8 = 0x17;
    pub(super) const F64: u8 = 0x18;
    pub(super) const DATE_TIME: u8 = 0x19;
    pub(super) const DATE: u8 = 0x1A;
    pub(super) const TIME: u8 = 0x1B;
    pub(super) const DONT_CARE: u8 = 0xFF;
}

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

/// One element. Arrays and structures are their headers alone; so many elements follow.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "the types of the standard, named as there")]
pub enum Data<'a> {
    Null,
    Array(u32),
    Structure(u32),
    Boolean(bool),
    /// The number of bits and the octets that hold them, first bit highest.
    BitString(u32, &'a [u8]),
    Int32(i32),
    Unsigned32(u32),
    OctetString(&'a [u8]),
    VisibleString(&'a [u8]),
    Utf8String(&'a [u8]),
    Bcd(u8),
    Int8(i8),
    Int16(i16),
    Unsigned8(u8),
    Unsigned16(u16),
    CompactArray(CompactArray<'a>),
    Int64(i64),
    Unsigned64(u64),
    Enum(u8),
    /// The octets of an IEEE 754 number; [`Data::number`] reads it.
    Float32([u8; 4]),
    /// The octets of an IEEE 754 number; [`Data::number`] reads it.
    Float64([u8; 8]),
    DateTime(&'a [u8; 12]),
    /// Year, month, day and day of the week.
    Date(&'a [u8; 5]),
    /// Hour, minute, second and hundredths.
    Time(&'a [u8; 4]),
    DontCare,
}

/// An element and where it stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Element<'a> {
    /// What it holds.
    pub data: Data<'a>,
    /// Offset of its tag.
    pub start: usize,
    /// Offset behind its last octet; behind the count for arrays and structures.
    pub end: usize,
}

/// Scaler and unit of a register (IEC 62056-6-2, class 3 attribute 3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ScalerUnit {
    /// The power of ten.
    pub scaler: i8,
    /// The code of the unit, see [`Unit::from_code`](crate::unit::Unit::from_code).
    pub unit: u8,
}

/// The untagged head of a structure: which attribute of which object the value beside it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Descriptor {
    /// Class of the object.
    pub class: u16,
    /// Its code.
    pub obis: Obis,
    /// Its attribute.
    pub attribute: i8,
}

/// Pulls elements out of octets.
#[derive(Clone, Copy, Debug)]
pub struct Cursor<'a> {
    octets: &'a [u8],
    /// Never beyond the end of `octets`.
    at: usize,
    swapped: bool,
}

impl<'a> Cursor<'a> {
    /// At the start of `octets`.
    pub const fn new(octets: &'a [u8]) -> Self {
        Self { octets, at: 0, swapped: false }
    }

    /// At offset `at` of `octets`; positions count from the start of `octets`.
    pub fn at(octets: &'a [u8], at: usize) -> Self {
        Self { octets, at: at.min(octets.len()), swapped: false }
    }

    /// The offset of the next element.
    pub const fn position(&self) -> usize {
        self.at
    }

    /// The octets not yet taken.
    #[inline]
    pub fn rest(&self) -> &'a [u8] {
        self.octets.get(self.at..).unwrap_or(&[])
    }

    /// Whether a swapped tag was met so far.
    pub const fn met_swapped_tag(&self) -> bool {
        self.swapped
    }

    #[inline]
    fn array<const N: usize>(&mut self) -> Result<&'a [u8; N], Ill> {
        match self.rest().first_chunk::<N>() {
            Some(chunk) => {
                self.at += N;
                Ok(chunk)
            }
            None => Err(Ill::Cut { want: self.at + N }),
        }
    }

    #[inline]
    fn octet(&mut self) -> Result<u8, Ill> {
        let [octet] = *self.array::<1>()?;
        Ok(octet)
    }

    #[inline]
    fn take(&mut self, len: usize) -> Result<&'a [u8], Ill> {
        let end = self.at + len;
        match self.octets.get(self.at..end) {
            Some(taken) => {
                self.at = end;
                Ok(taken)
            }
            None => Err(Ill::Cut { want: end }),
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
        let at = self.at - 1;
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
        if count > self.octets.len() - self.at {
            return Err(Ill::Cut { want: self.at + count });
        }
        Ok(u32::try_from(count).unwrap_or(u32::MAX))
    }

    /// The next element.
    #[inline]
    pub fn element(&mut self) -> Result<Element<'a>, Ill> {
        let start = self.at;
        let tag = self.octet()?;
        let data = self.value(tag, start)?;
        Ok(Element { data, start, end: self.at })
    }

    /// A value of the type `tag` at the start of `octets`, and how many of them it has.
    pub(super) fn untagged(tag: u8, octets: &'a [u8]) -> Result<(Data<'a>, usize), Ill> {
        let mut cursor = Self::new(octets);
        let data = cursor.value(tag, 0)?;
        Ok((data, cursor.at))
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
            tag::U32 => match self.rest() {
                // A code with its two tag octets swapped. Groups D of 7 and 8 are no tags, so
                // that a number followed by another element cannot look like this.
                [9, 0..=1, _, _, 7..=8, _, 0xFF, ..] => {
                    self.swapped = true;
                    self.at += 1;
                    Data::OctetString(self.take(6)?)
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
        let start = self.at;
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
            if pending > self.octets.len() - self.at {
                return Err(Ill::Cut { want: self.at + pending });
            }
        }
        let description = self.octets.get(start..self.at).unwrap_or(&[]);
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
                    } else if let [0, 1..=255, after @ ..] = self.rest()
                        && after.len() < 7
                    {
                        // It may be the start of an untagged head.
                        return Err(Ill::Cut { want: self.octets.len() + 1 });
                    }
                }
                Data::Array(count) | Data::Structure(count) => {
                    pending += usize::try_from(count).unwrap_or(usize::MAX);
                }
                _ => {}
            }
            if pending > self.octets.len() - self.at {
                return Err(Ill::Cut { want: self.at + pending });
            }
        }
        Ok(())
    }

    /// The next element, if it is an octet string of six octets: a code.
    #[inline]
    pub fn code(&mut self) -> Option<Obis> {
        match self.rest().first_chunk::<8>() {
            Some([tag::OCTETS, 6, obis @ ..]) => {
                self.at += 8;
                Some(Obis(*obis))
            }
            _ => None,
        }
    }

    /// Whether the next element is the code of a current value, `A-B:C.D.E*255`.
    #[inline]
    pub fn is_at_code(&self) -> bool {
        matches!(self.rest().first_chunk::<8>(), Some([tag::OCTETS, 6, .., 0xFF]))
    }

    /// The next element, if it is a scaler-unit structure.
    #[inline]
    pub fn scaler_unit(&mut self) -> Option<ScalerUnit> {
        match self.rest().first_chunk::<6>() {
            Some([tag::STRUCTURE, 2, tag::I8, scaler, tag::ENUM, unit]) => {
                self.at += 6;
                Some(ScalerUnit { scaler: i8::from_be_bytes([*scaler]), unit: *unit })
            }
            _ => None,
        }
    }

    /// The untagged first member of a structure of two whose header was just taken: class,
    /// code and attribute, nine octets, as Sagemcom sends them.
    #[inline]
    pub fn descriptor(&mut self) -> Option<Descriptor> {
        match self.rest().first_chunk::<9>() {
            Some([0, class, obis @ .., attribute]) if matches!(obis, [0..=9, .., 0xFF]) => {
                self.at += 9;
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

impl Data<'_> {
    /// The number, for all types that are one; `None` also for a counter beyond 63 bits.
    #[inline]
    pub fn number(&self) -> Option<Number> {
        let mantissa = match *self {
            Self::Unsigned32(value) => i64::from(value),
            Self::Unsigned16(value) => i64::from(value),
            Self::Int16(value) => i64::from(value),
            Self::Int32(value) => i64::from(value),
            Self::Int64(value) => value,
            Self::Unsigned64(value) => i64::try_from(value).ok()?,
            Self::Int8(value) => i64::from(value),
            Self::Unsigned8(value) | Self::Enum(value) => i64::from(value),
            Self::Boolean(value) => i64::from(value),
            Self::Bcd(value) => i64::from(value >> 4) * 10 + i64::from(value & 0x0F),
            Self::Float32(octets) => return float::from_f32(octets),
            Self::Float64(octets) => return float::from_f64(octets),
            Self::Null
            | Self::Array(_)
            | Self::Structure(_)
            | Self::BitString(..)
            | Self::OctetString(_)
            | Self::VisibleString(_)
            | Self::Utf8String(_)
            | Self::CompactArray(_)
            | Self::DateTime(_)
            | Self::Date(_)
            | Self::Time(_)
            | Self::DontCare => return None,
        };
        Some(Number::new(mantissa, 0))
    }

    /// The date and time, tagged as such or as an octet string of twelve.
    pub fn date_time(&self) -> Option<DateTime> {
        match self {
            Self::DateTime(octets) => DateTime::from_cosem(octets),
            Self::OctetString(octets) => {
                DateTime::from_cosem(octets.first_chunk::<12>()?).filter(|_| octets.len() == 12)
            }
            _ => None,
        }
    }

    /// The octets of a string of any kind.
    pub const fn octets(&self) -> Option<&[u8]> {
        match self {
            Self::OctetString(octets)
            | Self::VisibleString(octets)
            | Self::Utf8String(octets)
            | Self::BitString(_, octets) => Some(octets),
            _ => None,
        }
    }

    /// The type tag.
    pub const fn tag(&self) -> u8 {
        match self {
            Self::Null => tag::NULL,
            Self::Array(_) => tag::ARRAY,
            Self::Structure(_) => tag::STRUCTURE,
            Self::Boolean(_) => tag::BOOLEAN,
            Self::BitString(..) => tag::BIT_STRING,
            Self::Int32(_) => tag::I32,
            Self::Unsigned32(_) => tag::U32,
            Self::OctetString(_) => tag::OCTETS,
            Self::VisibleString(_) => tag::VISIBLE,
            Self::Utf8String(_) => tag::UTF8,
            Self::Bcd(_) => tag::BCD,
            Self::Int8(_) => tag::I8,
            Self::Int16(_) => tag::I16,
            Self::Unsigned8(_) => tag::U8,
            Self::Unsigned16(_) => tag::U16,
            Self::CompactArray(_) => tag::COMPACT,
            Self::Int64(_) => tag::I64,
            Self::Unsigned64(_) => tag::U64,
            Self::Enum(_) => tag::ENUM,
            Self::Float32(_) => tag::F32,
            Self::Float64(_) => tag::F64,
            Self::DateTime(_) => tag::DATE_TIME,
            Self::Date(_) => tag::DATE,
            Self::Time(_) => tag::TIME,
            Self::DontCare => tag::DONT_CARE,
        }
    }

    /// Writes the element with its tag.
    pub fn emit(&self, writer: &mut Writer<'_>) -> Result<(), Full> {
        writer.put_u8(self.tag())?;
        match *self {
            Self::Null | Self::DontCare => Ok(()),
            Self::Array(count) | Self::Structure(count) => put_length(writer, count),
            Self::Boolean(value) => writer.put_u8(u8::from(value)),
            Self::BitString(bits, octets) => {
                put_length(writer, bits)?;
                writer.put(octets)
            }
            Self::Int32(value) => writer.put(&value.to_be_bytes()),
            Self::Unsigned32(value) => writer.put_u32(value),
            Self::OctetString(octets) | Self::VisibleString(octets) | Self::Utf8String(octets) => {
                put_string(writer, octets)
            }
            Self::Bcd(value) | Self::Unsigned8(value) | Self::Enum(value) => writer.put_u8(value),
            Self::Int8(value) => writer.put(&value.to_be_bytes()),
            Self::Int16(value) => writer.put(&value.to_be_bytes()),
            Self::Unsigned16(value) => writer.put_u16(value),
            Self::CompactArray(array) => {
                writer.put(array.description)?;
                put_string(writer, array.contents)
            }
            Self::Int64(value) => writer.put(&value.to_be_bytes()),
            Self::Unsigned64(value) => writer.put(&value.to_be_bytes()),
            Self::Float32(octets) => writer.put(&octets),
            Self::Float64(octets) => writer.put(&octets),
            Self::DateTime(octets) => writer.put(octets),
            Self::Date(octets) => writer.put(octets),
            Self::Time(octets) => writer.put(octets),
        }
    }
}

impl ScalerUnit {
    /// Writes the structure of an integer and an enum.
    pub fn emit(self, writer: &mut Writer<'_>) -> Result<(), Full> {
        Data::Structure(2).emit(writer)?;
        Data::Int8(self.scaler).emit(writer)?;
        Data::Enum(self.unit).emit(writer)
    }
}

impl Descriptor {
    /// Writes the nine octets, without tags.
    pub fn emit(self, writer: &mut Writer<'_>) -> Result<(), Full> {
        writer.put_u16(self.class)?;
        writer.put(&self.obis.0)?;
        writer.put(&self.attribute.to_be_bytes())
    }
}

/// Writes a BER length in the fewest octets.
pub fn put_length(writer: &mut Writer<'_>, length: u32) -> Result<(), Full> {
    match length.to_be_bytes() {
        [0, 0, 0, short @ 0..=0x7F] => writer.put_u8(short),
        [0, 0, 0, one] => writer.put(&[0x81, one]),
        [0, 0, high, low] => writer.put(&[0x82, high, low]),
        [0, high, mid, low] => writer.put(&[0x83, high, mid, low]),
        [first, high, mid, low] => writer.put(&[0x84, first, high, mid, low]),
    }
}

fn put_string(writer: &mut Writer<'_>, octets: &[u8]) -> Result<(), Full> {
    put_length(writer, u32::try_from(octets.len()).map_err(|_| Full)?)?;
    writer.put(octets)
}

#[cfg(test)]
mod tests;
