//! Writing SML messages: what [`read_sml`](super::read_sml) reads.

use crate::emit::{Full, Writer};
use crate::family::sml::GET_LIST_RESPONSE;
use crate::link::sml::Checksum;
use crate::number::Number;
use crate::obis::Obis;
use crate::unit::Unit;

/// The value of an entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EntryValue<'a> {
    /// Octets or text.
    Octets(&'a [u8]),
    /// A signed number in this many octets (1 to 8), with unit.
    Signed(Number, Unit, usize),
    /// An unsigned number in this many octets (1 to 8), with unit. Negative numbers are wrong
    /// here.
    Unsigned(Number, Unit, usize),
}

/// How a time is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Clock {
    /// Left out.
    Absent,
    /// Seconds since the start of the meter.
    SecondIndex(u32),
    /// The same without the choice around it (Holley DTZ541).
    BareSecondIndex(u32),
    /// Seconds since 1970.
    Unix(u32),
}

/// One value of a list.
#[derive(Clone, Copy, Debug)]
pub struct Entry<'a> {
    /// Its code.
    pub obis: Obis,
    /// Its time.
    pub time: Clock,
    /// Its value.
    pub value: EntryValue<'a>,
}

/// Writes messages one after the other.
#[derive(Debug)]
pub struct SmlWriter<'w, 'b> {
    out: &'w mut Writer<'b>,
    checksum: Checksum,
}

impl<'w, 'b> SmlWriter<'w, 'b> {
    /// Appends to `out`.
    pub const fn new(out: &'w mut Writer<'b>, checksum: Checksum) -> Self {
        Self { out, checksum }
    }

    /// The message that opens a file.
    pub fn open(&mut self, transaction: u32, file_id: &[u8], server: &[u8]) -> Result<(), Full> {
        self.message(transaction, 0x0101, |writer| {
            writer.list(6)?;
            writer.absent()?;
            writer.absent()?;
            writer.octets(file_id)?;
            writer.octets(server)?;
            writer.absent()?;
            writer.absent()
        })
    }

    /// The message with the values.
    pub fn get_list(
        &mut self,
        transaction: u32,
        server: &[u8],
        time: Clock,
        entries: &[Entry<'_>],
    ) -> Result<(), Full> {
        self.message(transaction, GET_LIST_RESPONSE, |writer| {
            writer.list(7)?;
            writer.absent()?;
            writer.octets(server)?;
            writer.octets(&[1, 0, 98, 10, 255, 255])?;
            writer.time(time)?;
            writer.list(entries.len())?;
            entries.iter().try_for_each(|entry| writer.entry(entry))?;
            writer.absent()?;
            writer.absent()
        })
    }

    /// The message that closes a file.
    pub fn close(&mut self, transaction: u32) -> Result<(), Full> {
        self.message(transaction, 0x0201, |writer| {
            writer.list(1)?;
            writer.absent()
        })
    }

    /// A message with any tag and body.
    pub fn message(
        &mut self,
        transaction: u32,
        tag: u16,
        body: impl FnOnce(&mut Self) -> Result<(), Full>,
    ) -> Result<(), Full> {
        let start = self.out.len();
        self.list(6)?;
        self.octets(&transaction.to_be_bytes())?;
        self.unsigned(0, 1)?;
        self.unsigned(0, 1)?;
        self.list(2)?;
        self.unsigned(u64::from(tag), 2)?;
        body(self)?;
        let crc = self.checksum.of(self.out.written().get(start..).unwrap_or(&[]));
        self.unsigned(u64::from(u16::from_be_bytes(crc)), 2)?;
        self.out.put_u8(0)
    }

    fn entry(&mut self, entry: &Entry<'_>) -> Result<(), Full> {
        self.list(7)?;
        self.octets(&entry.obis.0)?;
        self.absent()?;
        self.time(entry.time)?;
        match entry.value {
            EntryValue::Octets(octets) => {
                self.absent()?;
                self.absent()?;
                self.octets(octets)?;
            }
            EntryValue::Signed(number, unit, size) => {
                self.unsigned(u64::from(unit as u8), 1)?;
                self.signed(i64::from(number.exponent), 1)?;
                self.signed(number.mantissa, size)?;
            }
            EntryValue::Unsigned(number, unit, size) => {
                self.unsigned(u64::from(unit as u8), 1)?;
                self.signed(i64::from(number.exponent), 1)?;
                self.unsigned(number.mantissa.cast_unsigned(), size)?;
            }
        }
        self.absent()
    }

    fn time(&mut self, clock: Clock) -> Result<(), Full> {
        let (choice, seconds) = match clock {
            Clock::Absent => return self.absent(),
            Clock::BareSecondIndex(seconds) => return self.unsigned(u64::from(seconds), 4),
            Clock::SecondIndex(seconds) => (1, seconds),
            Clock::Unix(seconds) => (2, seconds),
        };
        self.list(2)?;
        self.unsigned(choice, 1)?;
        self.unsigned(u64::from(seconds), 4)
    }

    /// The head of a list of `count` elements.
    pub fn list(&mut self, count: usize) -> Result<(), Full> {
        self.head(0x70, count)
    }

    /// An element left out.
    pub fn absent(&mut self) -> Result<(), Full> {
        self.out.put_u8(0x01)
    }

    /// Octets; none of them is the same as [`absent`](Self::absent).
    pub fn octets(&mut self, octets: &[u8]) -> Result<(), Full> {
        // The length counts the TL octets: one more as soon as it needs a second.
        let short = octets.len() + 1;
        let len = [short, short + 1, short + 2, short + 3]
            .into_iter()
            .zip(1..)
            .find(|(len, heads)| len >> (4 * heads) == 0)
            .map_or(short, |(len, _)| len);
        self.head(0x00, len)?;
        self.out.put(octets)
    }

    /// An unsigned number in `size` octets, 1 to 8.
    pub fn unsigned(&mut self, value: u64, size: usize) -> Result<(), Full> {
        self.head(0x60, size + 1)?;
        let octets = value.to_be_bytes();
        self.out.put(octets.get(8usize.saturating_sub(size)..).unwrap_or(&[]))
    }

    /// A signed number in `size` octets, 1 to 8.
    pub fn signed(&mut self, value: i64, size: usize) -> Result<(), Full> {
        self.head(0x50, size + 1)?;
        let octets = value.to_be_bytes();
        self.out.put(octets.get(8usize.saturating_sub(size)..).unwrap_or(&[]))
    }

    /// The TL octets, four bits of the length in each.
    fn head(&mut self, kind: u8, len: usize) -> Result<(), Full> {
        let more = (1..4).rev().filter(|place| len >> (4 * place) != 0);
        let mut kind = kind;
        for place in more {
            let bits = u8::try_from(len >> (4 * place) & 0x0F).map_err(|_| Full)?;
            self.out.put_u8(0x80 | kind | bits)?;
            kind = 0;
        }
        self.out.put_u8(kind | u8::try_from(len & 0x0F).map_err(|_| Full)?)
    }
}
