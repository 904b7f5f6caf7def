//! The elements of A-XDR: what they hold, as numbers and times, and written again.

use super::super::float;
use super::CompactArray;
use crate::datetime::DateTime;
use crate::emit::{Full, Writer};
use crate::number::Number;
use crate::obis::Obis;

/// The type tags.
pub(super) mod tag {
    pub(in super::super) const NULL: u8 = 0x00;
    pub(in super::super) const ARRAY: u8 = 0x01;
    pub(in super::super) const STRUCTURE: u8 = 0x02;
    pub(in super::super) const BOOLEAN: u8 = 0x03;
    pub(in super::super) const BIT_STRING: u8 = 0x04;
    pub(in super::super) const I32: u8 = 0x05;
    pub(in super::super) const U32: u8 = 0x06;
    pub(in super::super) const OCTETS: u8 = 0x09;
    pub(in super::super) const VISIBLE: u8 = 0x0A;
    pub(in super::super) const UTF8: u8 = 0x0C;
    pub(in super::super) const BCD: u8 = 0x0D;
    pub(in super::super) const I8: u8 = 0x0F;
    pub(in super::super) const I16: u8 = 0x10;
    pub(in super::super) const U8: u8 = 0x11;
    pub(in super::super) const U16: u8 = 0x12;
    pub(in super::super) const COMPACT: u8 = 0x13;
    pub(in super::super) const I64: u8 = 0x14;
    pub(in super::super) const U64: u8 = 0x15;
    pub(in super::super) const ENUM: u8 = 0x16;
    pub(in super::super) const F32: u8 = 0x17;
    pub(in super::super) const F64: u8 = 0x18;
    pub(in super::super) const DATE_TIME: u8 = 0x19;
    pub(in super::super) const DATE: u8 = 0x1A;
    pub(in super::super) const TIME: u8 = 0x1B;
    pub(in super::super) const DONT_CARE: u8 = 0xFF;
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
