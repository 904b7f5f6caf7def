//! Messages of an SML file to values (BSI TR-03109-1, annex on the local interface; SML 1.04).
//!
//! ```text
//! TL octet: | more TL octets follow | type (3 bits) | length with TL octets (4 bits) |
//! types: 0 octets, 4 boolean, 5 integer, 6 unsigned, 7 list (the length counts elements)
//! 01: left out   00: end of message
//!
//! message   76 transaction, group, abort, 72 { tag, body }, 63 crc crc, 00
//! body 0701 77 client, server, list name, sensor time, 7x { entries }, signature, gateway time
//! entry     77 code, status, time, unit, scaler, value, signature
//! ```
//!
//! Holley DTZ541 leaves out the choice around a time and takes the other checksum.

use crate::datetime::DateTime;
use crate::family::Context;
use crate::fault::{Broken, Cause, Layer};
use crate::link::crc::{KERMIT, X25};
use crate::manufacturer::Manufacturer;
use crate::number::Number;
use crate::obis::Obis;
use crate::quantity::Quantity;
use crate::reading::{Item, Oddity, Readout, Span, TextRef, Value};
use crate::unit::Unit;

/// The answer that carries the values.
pub(crate) const GET_LIST_RESPONSE: u16 = 0x0701;

/// Reads the messages of an SML file (without the transport around it, escapes taken out) into
/// `out`.
///
/// Fails with [`Cause::FrameCheck`] where the checksum of a message is wrong, with
/// [`Cause::Malformed`] where the data contradicts its own encoding, and with
/// [`Cause::Truncated`].
pub fn read_sml(file: &[u8], context: &Context, out: &mut Readout) -> Result<(), Broken> {
    let _ = context;
    out.layout = "SML";
    let mut reader = Reader { file, rest: file };
    while let Some(octet) = reader.rest.first() {
        if *octet == 0 {
            // Fill octets of the transport.
            reader.element()?;
        } else {
            reader.message(out)?;
        }
    }
    Ok(())
}

/// One element of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Element {
    Absent,
    Boolean(bool),
    EndOfMessage,
    Integer(i64),
    List(usize),
    Octets(Span),
    Unsigned(u64),
}

struct Reader<'a> {
    file: &'a [u8],
    rest: &'a [u8],
}

impl Reader<'_> {
    fn offset(&self) -> usize {
        self.file.len() - self.rest.len()
    }

    fn malformed(&self) -> Broken {
        Broken::new(Layer::Data, Cause::Malformed, self.offset())
    }

    fn next_octet(&mut self) -> Result<u8, Broken> {
        let Some((octet, rest)) = self.rest.split_first() else {
            return Err(self.truncated(1));
        };
        self.rest = rest;
        Ok(*octet)
    }

    fn truncated(&self, missing: usize) -> Broken {
        let cause = Cause::Truncated { have: self.file.len(), want: self.file.len() + missing };
        Broken::new(Layer::Data, cause, self.offset())
    }

    /// The next element; of a list only its head.
    fn element(&mut self) -> Result<Element, Broken> {
        let mut octet = self.next_octet()?;
        if octet == 0 {
            return Ok(Element::EndOfMessage);
        }
        let kind = octet >> 4 & 7;
        let mut len = usize::from(octet & 0x0F);
        let mut heads = 1;
        while octet & 0x80 != 0 {
            octet = self.next_octet()?;
            heads += 1;
            if octet & 0x70 != 0 || heads > 4 {
                return Err(self.malformed());
            }
            len = len << 4 | usize::from(octet & 0x0F);
        }
        if kind == 7 {
            return Ok(Element::List(len));
        }
        let Some(len) = len.checked_sub(heads) else { return Err(self.malformed()) };
        let start = self.offset();
        let Some((data, rest)) = self.rest.split_at_checked(len) else {
            return Err(self.truncated(len - self.rest.len()));
        };
        let element = match (kind, data) {
            (0, []) => Element::Absent,
            (0, _) => Element::Octets(Span::new(start, start + len)),
            (4, [value]) => Element::Boolean(*value != 0),
            (5, _) => signed(data).map(Element::Integer).ok_or_else(|| self.malformed())?,
            (6, _) => unsigned(data).map(Element::Unsigned).ok_or_else(|| self.malformed())?,
            _ => return Err(self.malformed()),
        };
        self.rest = rest;
        Ok(element)
    }

    /// Passes over the next element with everything in it.
    fn skip(&mut self) -> Result<(), Broken> {
        let mut left = 1usize;
        while left > 0 {
            left -= 1;
            match self.element()? {
                Element::List(count) => left += count,
                Element::EndOfMessage => return Err(self.malformed()),
                _ => {}
            }
        }
        Ok(())
    }

    /// The next element must be a list of this many.
    fn list_of(&mut self, wanted: usize) -> Result<(), Broken> {
        match self.element()? {
            Element::List(count) if count == wanted => Ok(()),
            _ => Err(self.malformed()),
        }
    }

    fn message(&mut self, out: &mut Readout) -> Result<(), Broken> {
        let start = self.offset();
        self.list_of(6)?;
        self.skip()?;
        self.skip()?;
        self.skip()?;
        self.list_of(2)?;
        match self.element()? {
            Element::Unsigned(tag) if tag == u64::from(GET_LIST_RESPONSE) => self.get_list(out)?,
            Element::Unsigned(_) => self.skip()?,
            _ => return Err(self.malformed()),
        }
        let crc_at = self.offset();
        let covered = self.file.get(start..crc_at).unwrap_or(&[]);
        // A leading zero octet of the checksum may be left out.
        let wire = match self.element()? {
            Element::Unsigned(wire) => u16::try_from(wire).map_err(|_| self.malformed())?,
            _ => return Err(self.malformed()),
        };
        let computed = X25.checksum(covered).swap_bytes();
        if wire != computed && wire != KERMIT.checksum(covered) {
            let cause = Cause::FrameCheck { wire, computed };
            return Err(Broken::new(Layer::Data, cause, crc_at));
        }
        match self.element()? {
            Element::EndOfMessage => Ok(()),
            _ => Err(self.malformed()),
        }
    }

    fn get_list(&mut self, out: &mut Readout) -> Result<(), Broken> {
        self.list_of(7)?;
        self.skip()?;
        if let Element::Octets(server) = self.element()? {
            let has_number = is_device_number(server.of(self.file));
            let number = if has_number { TextRef::DeviceNumber } else { TextRef::Octets };
            out.meter_id = Some(number(server));
            out.manufacturer = maker_in_server_id(server.of(self.file)).or(out.manufacturer);
        }
        self.skip()?;
        out.time = self.time()?.or(out.time);
        let Element::List(count) = self.element()? else { return Err(self.malformed()) };
        for _ in 0..count {
            self.entry(out)?;
        }
        self.skip()?;
        self.skip()
    }

    fn entry(&mut self, out: &mut Readout) -> Result<(), Broken> {
        self.list_of(7)?;
        let code = match self.element()? {
            Element::Octets(name) => name.of(self.file).first_chunk().copied().map(Obis),
            _ => None,
        };
        self.skip()?;
        let at = self.time()?;
        let unit = match self.element()? {
            Element::Unsigned(code) => u8::try_from(code).ok().and_then(Unit::from_code),
            Element::Absent => Some(Unit::Count),
            _ => return Err(self.malformed()),
        };
        let scaler = match self.element()? {
            Element::Integer(scaler) => i8::try_from(scaler).map_err(|_| self.malformed())?,
            Element::Absent => 0,
            _ => return Err(self.malformed()),
        };
        let value_at = self.offset();
        let value = self.element()?;
        if let Element::List(count) = value {
            for _ in 0..count {
                self.skip()?;
            }
        }
        let span = Span::new(value_at, self.offset());
        self.skip()?;
        let (Some(obis), Some(unit)) = (code, unit) else {
            out.oddities.add(Oddity::LineBroken);
            return Ok(());
        };
        let number = |mantissa| Some(Value::Number(Number::new(mantissa, scaler), unit));
        let value = match value {
            Element::Boolean(on) => number(i64::from(on)),
            Element::Integer(value) => number(value),
            Element::Unsigned(value) => i64::try_from(value).ok().and_then(number),
            Element::Octets(text) => {
                if is_maker(obis) {
                    let maker = Manufacturer::from_flag(text.of(self.file));
                    out.manufacturer = maker.or(out.manufacturer);
                }
                Some(Value::Text(TextRef::Octets(text)))
            }
            Element::Absent | Element::EndOfMessage | Element::List(_) => None,
        };
        let Some(value) = value else { return Ok(()) };
        let quantity = match value {
            Value::Number(..) => Quantity::from_obis(obis).filter(|found| found.unit() == unit),
            Value::Text(_) | Value::Time(_) => None,
        };
        out.push(Item { obis, quantity, value, at, span })
    }

    /// A time: seconds since the start of the meter (no date), seconds since 1970, or these with
    /// the offsets of zone and season.
    fn time(&mut self) -> Result<Option<DateTime>, Broken> {
        match self.element()? {
            Element::List(2) => {}
            Element::Absent | Element::Unsigned(_) => return Ok(None),
            _ => return Err(self.malformed()),
        }
        let choice = self.element()?;
        match (choice, self.element()?) {
            (Element::Unsigned(2), Element::Unsigned(seconds)) => Ok(unix_time(seconds, 0)),
            (Element::Unsigned(3), Element::List(3)) => {
                let (seconds, zone, season) = (self.element()?, self.element()?, self.element()?);
                match (seconds, zone, season) {
                    (
                        Element::Unsigned(seconds),
                        Element::Integer(zone),
                        Element::Integer(season),
                    ) => Ok(unix_time(seconds, zone.saturating_add(season))),
                    _ => Err(self.malformed()),
                }
            }
            (_, Element::List(_) | Element::EndOfMessage) => Err(self.malformed()),
            _ => Ok(None),
        }
    }
}

fn unix_time(seconds: u64, offset_minutes: i64) -> Option<DateTime> {
    let offset = i16::try_from(offset_minutes).ok().filter(|m| (-720..=840).contains(m))?;
    DateTime::from_unix_seconds(i64::try_from(seconds).ok()?, offset)
}

/// Codes whose value is the FLAG code of the maker.
const fn is_maker(obis: Obis) -> bool {
    matches!(obis.0, [1, 0, 96, 50, 1, _] | [129, 129, 199, 130, 3, _])
}

/// The maker in a server id: `0A 01` and the FLAG code (DIN 43863-5), or `06` and the code (its
/// older draft).
fn maker_in_server_id(id: &[u8]) -> Option<Manufacturer> {
    match id {
        [0x0A, 0x01, flag @ .., _, _, _, _, _] | [0x06, flag @ .., _, _, _, _, _, _]
            if flag.len() == 3 =>
        {
            Manufacturer::from_flag(flag)
        }
        _ => None,
    }
}

/// Whether a server id is a device number of DIN 43863-5, as it is printed on the meter:
///
/// ```text
/// 0A 01 45 4D 48 00 00 BC 61 4E   1 EMH 00 12345678
/// length, medium, three letters of the maker, block, number of eight decimal digits
/// ```
fn is_device_number(id: &[u8]) -> bool {
    match id.split_last_chunk() {
        Some(([0x0A, 0..=0x0F, maker @ .., _], number)) => {
            maker.len() == 3
                && maker.iter().all(u8::is_ascii_uppercase)
                && u32::from_be_bytes(*number) <= 99_999_999
        }
        _ => false,
    }
}

fn unsigned(data: &[u8]) -> Option<u64> {
    if data.is_empty() || data.len() > 8 {
        return None;
    }
    Some(data.iter().fold(0, |value, octet| value << 8 | u64::from(*octet)))
}

fn signed(data: &[u8]) -> Option<i64> {
    let unused = 64 - 8 * u32::try_from(data.len()).ok()?.min(8);
    // Shifted up and down again, the sign fills the octets that were left out.
    Some((unsigned(data)? << unused).cast_signed() >> unused)
}

#[cfg(test)]
#[path = "sml_tests.rs"]
mod tests;
