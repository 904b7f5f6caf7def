//! Plain M-Bus application layer (EN 13757-3), as Siemens TD-351x send it in Upper Austria, with
//! encryption mode 5.
//!
//! ```text
//! 5B or 72 | number(4) | maker(2) | version | medium | access | status | config(2) | records
//! 7A       | access | status | config(2) | records
//! 78       | records
//!
//! config: mode in bits 8 to 12, number of encrypted blocks in bits 4 to 7
//! record: DIF, up to ten DIFE, VIF, up to ten VIFE, value (lowest octet first)
//! ```

use crate::cipher::key::Key;
use crate::cipher::mbus5::{self, BLOCK, Sender};
use crate::datetime::DateTime;
use crate::emit::{Full, Writer};
use crate::family::Context;
use crate::fault::{Broken, Cause, Layer};
use crate::manufacturer::Manufacturer;
use crate::number::Number;
use crate::obis::Obis;
use crate::quantity::Quantity;
use crate::reading::{Authenticity, Item, Readout, Span, TextRef, Value};
use crate::unit::Unit;

/// Idle filler; deciphered data begins with two of them.
const FILLER: u8 = 0x2F;

/// Reads an application layer from its CI octet on, deciphering it in place, into `out`. Spans
/// count from the CI octet. Of the keys the one is taken that fits.
///
/// Fails with [`Cause::NeedsKey`], [`Cause::WrongKey`], [`Cause::Unsupported`] (of the CI octet
/// or the encryption mode), [`Cause::Truncated`] and [`Cause::Malformed`].
pub fn read(
    layer: &mut [u8],
    keys: [Option<&Key>; 2],
    context: &Context,
    out: &mut Readout,
) -> Result<(), Broken> {
    let _ = context;
    let (sender, config, records_at) = header(layer)?;
    out.layout = "M-Bus application layer";
    if let Some(sender) = sender {
        out.manufacturer = Manufacturer::from_flag(&flag(sender.maker));
        out.meter_id = bcd(&sender.number).and_then(|n| u32::try_from(n).ok()).map(TextRef::Serial);
    }
    match config >> 8 & 0x1F {
        0 => {}
        5 => {
            let blocks = usize::from(config >> 4 & 0x0F);
            let end = records_at + blocks * BLOCK;
            let have = layer.len();
            let Some(ciphertext) = layer.get_mut(records_at..end) else {
                let cause = Cause::Truncated { have, want: end };
                return Err(Broken::new(Layer::Cipher, cause, have));
            };
            open(ciphertext, sender, keys, records_at)?;
            out.authenticity = Authenticity::Unverified;
        }
        mode => {
            let cause = Cause::Unsupported(u8::try_from(mode).unwrap_or(u8::MAX));
            return Err(Broken::new(Layer::Cipher, cause, records_at - 1));
        }
    }
    let medium = sender.map_or(0, |sender| sender.medium);
    let mut rest = layer.get(records_at..).unwrap_or(&[]);
    while let Some(record) = Record::parse(layer, rest)? {
        record.push(medium, out)?;
        rest = record.rest;
    }
    Ok(())
}

/// Sender, configuration word and where the records begin.
fn header(layer: &[u8]) -> Result<(Option<Sender>, u16, usize), Broken> {
    match layer {
        [0x5B | 0x72, n0, n1, n2, n3, m0, m1, version, medium, access, _, c0, c1, ..] => {
            let sender = Sender {
                number: [*n0, *n1, *n2, *n3],
                maker: [*m0, *m1],
                version: *version,
                medium: *medium,
                access: *access,
            };
            Ok((Some(sender), u16::from_le_bytes([*c0, *c1]), 13))
        }
        [0x7A, _, _, c0, c1, ..] => Ok((None, u16::from_le_bytes([*c0, *c1]), 5)),
        [0x78, ..] => Ok((None, 0, 1)),
        [] | [0x5B | 0x72 | 0x7A, ..] => {
            let cause = Cause::Truncated { have: layer.len(), want: 13 };
            Err(Broken::new(Layer::Apdu, cause, layer.len()))
        }
        [ci, ..] => Err(Broken::new(Layer::Apdu, Cause::Unsupported(*ci), 0)),
    }
}

/// Deciphers with the key under which the first block begins with fillers.
fn open(
    ciphertext: &mut [u8],
    sender: Option<Sender>,
    keys: [Option<&Key>; 2],
    at: usize,
) -> Result<(), Broken> {
    let broken = |cause| Broken::new(Layer::Cipher, cause, at);
    let Some(first) = ciphertext.first_chunk::<BLOCK>() else { return Ok(()) };
    // A short header leaves the address to the link layer, which is not known here.
    let sender = sender.ok_or_else(|| broken(Cause::Unsupported(5)))?;
    if keys == [None, None] {
        return Err(broken(Cause::NeedsKey));
    }
    let fits = |key: &&Key| {
        let mut block = *first;
        mbus5::decrypt(key, sender, &mut block);
        block.starts_with(&[FILLER, FILLER])
    };
    let key = keys.into_iter().flatten().find(fits).ok_or_else(|| broken(Cause::WrongKey))?;
    mbus5::decrypt(key, sender, ciphertext);
    Ok(())
}

/// The three letters of a maker.
fn flag(maker: [u8; 2]) -> [u8; 3] {
    let packed = u16::from_le_bytes(maker);
    let letter = |shift: u16| u8::try_from(packed >> shift & 0x1F).unwrap_or(0) + b'@';
    [letter(10), letter(5), letter(0)]
}

/// Digits packed two an octet, lowest octet first; F in the highest digit is a minus.
fn bcd(octets: &[u8]) -> Option<i64> {
    let mut value = 0i64;
    let mut negative = false;
    for (place, octet) in octets.iter().rev().enumerate() {
        let (high, low) = (octet >> 4, octet & 0x0F);
        let high = match high {
            0..=9 => high,
            0x0F if place == 0 => {
                negative = true;
                0
            }
            _ => return None,
        };
        if low > 9 {
            return None;
        }
        value = value * 100 + i64::from(high * 10 + low);
    }
    Some(if negative { -value } else { value })
}

/// One record: what it measures and its value.
struct Record<'a> {
    /// 0 instantaneous, 1 maximum, 2 minimum, 3 in error.
    function: u8,
    storage: u32,
    tariff: u32,
    vif: u8,
    vife: &'a [u8],
    /// Coding of the value: the low four bits of the DIF.
    coding: u8,
    data: &'a [u8],
    span: Span,
    rest: &'a [u8],
}

impl<'a> Record<'a> {
    /// The record at the start of `rest`; `None` at the end or before data of the maker's own.
    fn parse(layer: &[u8], mut rest: &'a [u8]) -> Result<Option<Self>, Broken> {
        while let [FILLER, tail @ ..] = rest {
            rest = tail;
        }
        let offset = |rest: &[u8]| layer.len() - rest.len();
        let dif = match rest {
            [] | [0x0F | 0x1F, ..] => return Ok(None),
            [dif, tail @ ..] => {
                rest = tail;
                *dif
            }
        };
        let broken = |cause, rest: &[u8]| Broken::new(Layer::Data, cause, offset(rest));
        let (dife, after) = extensions(dif, rest).ok_or_else(|| broken(Cause::Malformed, rest))?;
        let Some((vif, after)) = after.split_first() else {
            return Err(broken(Cause::Malformed, after));
        };
        let (vife, after) =
            extensions(*vif, after).ok_or_else(|| broken(Cause::Malformed, after))?;
        let coding = dif & 0x0F;
        let len = match coding {
            0 | 8 => 0,
            1 | 9 => 1,
            2 | 0x0A => 2,
            3 | 0x0B => 3,
            4 | 5 | 0x0C => 4,
            6 | 0x0E => 6,
            7 => 8,
            // Text: its length stands in front of it.
            0x0D => match after {
                [len @ 0..=0xBF, ..] => 1 + usize::from(*len),
                _ => return Err(broken(Cause::Malformed, after)),
            },
            _ => return Err(broken(Cause::Malformed, rest)),
        };
        let Some((data, rest)) = after.split_at_checked(len) else {
            let cause = Cause::Truncated { have: layer.len(), want: offset(after) + len };
            return Err(broken(cause, after));
        };
        let (mut storage, mut tariff) = (u32::from(dif >> 6 & 1), 0);
        for (place, octet) in (0u32..).zip(dife) {
            // More than 32 bits of either are of no use here.
            storage |= u32::from(octet & 0x0F).checked_shl(1 + 4 * place).unwrap_or(0);
            tariff |= u32::from(octet >> 4 & 3).checked_shl(2 * place).unwrap_or(0);
        }
        let span = Span::new(offset(after), offset(rest));
        let function = dif >> 4 & 3;
        let vif = *vif & 0x7F;
        Ok(Some(Self { function, storage, tariff, vif, vife, coding, data, span, rest }))
    }

    /// Adds its value under its code; records without a code here are passed over.
    fn push(&self, medium: u8, out: &mut Readout) -> Result<(), Broken> {
        if self.vif == 0x6D && self.vife.is_empty() && self.storage == 0 {
            out.time = self.time().or(out.time);
            return Ok(());
        }
        let (Some((obis, unit, exponent)), Some(value)) = (self.meaning(medium), self.integer())
        else {
            return Ok(());
        };
        let quantity = Quantity::from_obis(obis).filter(|found| found.unit() == unit);
        let value = Value::Number(Number::new(value, exponent), unit);
        out.push(Item { obis, quantity, value, at: None, span: self.span })
    }

    /// Code, unit and power of ten; `None` for what has no code here and for values in error.
    fn meaning(&self, medium: u8) -> Option<(Obis, Unit, i8)> {
        // 3B and 3C: only what flows in, only what flows out. VIF tables FB and FD have the true
        // VIF in the first extension.
        let (table, vif, vife) = match (self.vif, self.vife) {
            (table @ (0x7B | 0x7D), [vif, vife @ ..]) => (table, vif & 0x7F, vife),
            (vif, vife) => (0, vif, vife),
        };
        let (vif, vife) = match (table, vif, vife) {
            // FB 82 7n is reactive energy: the third octet decides.
            (0x7B, 0x02, [vif, vife @ ..]) => (vif & 0x7F | 0x80, vife),
            _ => (vif, vife),
        };
        let low = |bits: u8, by: i8| i8::try_from(vif & bits).ok().map(|n| n - by);
        let is_export = match vife {
            [] | [0x3B] => false,
            [0x3C] => true,
            // The collection register of Siemens meters in Austria.
            [0xFF, 0x04] if (table, vif) == (0, 0x03) && self.function == 0 => {
                return Some((self.code(1, 128), Unit::WattHour, 0));
            }
            _ => return None,
        };
        let direction = u8::from(is_export);
        let (code, unit, exponent) = match (table, vif, self.function) {
            (0, 0x00..=0x07, 0) => (self.code(1 + direction, 8), Unit::WattHour, low(7, 3)?),
            (0, 0x08..=0x0F, 0) => (self.other_medium(medium)?, Unit::Joule, low(7, 0)?),
            (0, 0x10..=0x17, 0) => (self.other_medium(medium)?, Unit::CubicMetre, low(7, 6)?),
            (0, 0x28..=0x2F, 0) => (self.code(1 + direction, 7), Unit::Watt, low(7, 3)?),
            (0, 0x28..=0x2F, 1) => (self.code(1 + direction, 6), Unit::Watt, low(7, 3)?),
            (0x7B, 0x14..=0x17, 0) => (self.code(3 + direction, 7), Unit::Var, low(3, 0)?),
            (0x7B, 0xF0..=0xF7, 0) => (self.code(3 + direction, 8), Unit::VarHour, low(7, 3)?),
            (0x7D, 0x40..=0x4F, 0) => (self.code(12, 7), Unit::Volt, low(15, 9)?),
            (0x7D, 0x50..=0x5F, 0) => (self.code(11, 7), Unit::Ampere, low(15, 12)?),
            _ => return None,
        };
        Some((code, unit, exponent))
    }

    /// An electricity code with the tariff and the past period of the record.
    fn code(&self, c: u8, d: u8) -> Obis {
        let tariff = u8::try_from(self.tariff).unwrap_or(u8::MAX);
        Obis([1, 0, c, d, tariff, self.period()])
    }

    fn period(&self) -> u8 {
        // Storage 0 is now.
        if self.storage == 0 { 255 } else { u8::try_from(self.storage).unwrap_or(254) }
    }

    /// The main register of a meter for another medium (OMS volume 2, annex A).
    fn other_medium(&self, medium: u8) -> Option<Obis> {
        let (a, c) = match (medium, self.vif) {
            (0x03, 0x10..=0x17) => (7, 3),
            (0x06, 0x10..=0x17) => (9, 1),
            (0x07 | 0x16, 0x10..=0x17) => (8, 1),
            (0x04 | 0x0C, 0x08..=0x0F) => (6, 1),
            (0x04 | 0x0C, 0x10..=0x17) => (6, 2),
            _ => return None,
        };
        let tariff = u8::try_from(self.tariff).unwrap_or(u8::MAX);
        Some(Obis([a, 0, c, 0, tariff, self.period()]))
    }

    fn integer(&self) -> Option<i64> {
        match self.coding {
            1..=4 | 6 | 7 => {
                let unused = 64 - 8 * u32::try_from(self.data.len()).ok()?;
                let low_first = |value: u64, octet: &u8| value << 8 | u64::from(*octet);
                let value = self.data.iter().rev().fold(0, low_first);
                Some((value << unused).cast_signed() >> unused)
            }
            9..=0x0C | 0x0E => bcd(self.data),
            _ => None,
        }
    }

    /// Date and time of type F (four octets) or I (six octets, with seconds).
    fn time(&self) -> Option<DateTime> {
        let (second, minute, hour, day, month) = match self.data {
            [minute, hour, day, month] => (0, minute, hour, day, month),
            [second, minute, hour, day, month, _] => (second & 0x3F, minute, hour, day, month),
            _ => return None,
        };
        if minute & 0x80 != 0 {
            // The meter calls it invalid.
            return None;
        }
        let year = 2000 + u16::from(day >> 5 | month >> 4 << 3);
        DateTime::new(year, month & 0x0F, day & 0x1F, hour & 0x1F, minute & 0x3F, second)
    }
}

/// The extensions behind a DIF or VIF, up to and with the one whose high bit is clear.
fn extensions(first: u8, rest: &[u8]) -> Option<(&[u8], &[u8])> {
    if first & 0x80 == 0 {
        return Some((&[], rest));
    }
    let last = rest.iter().take(10).position(|octet| octet & 0x80 == 0)?;
    rest.split_at_checked(last + 1)
}

/// Writes an application layer with CI 5B: header and records, enciphered where a key is given.
/// Fillers go around the records so that they fill whole blocks.
pub fn emit(
    sender: Sender,
    status: u8,
    records: &[u8],
    key: Option<&Key>,
    out: &mut Writer<'_>,
) -> Result<(), Full> {
    let plain = records.len() + 2;
    let blocks = plain.div_ceil(BLOCK);
    out.put_u8(0x5B)?;
    out.put(&sender.number)?;
    out.put(&sender.maker)?;
    out.put(&[sender.version, sender.medium, sender.access, status])?;
    let config = match key {
        // Four bits count the blocks.
        Some(_) => 0x0500 | u16::try_from(blocks).ok().filter(|n| *n < 16).ok_or(Full)? << 4,
        None => 0,
    };
    out.put(&config.to_le_bytes())?;
    let start = out.len();
    out.put(&[FILLER, FILLER])?;
    out.put(records)?;
    for _ in plain..blocks * BLOCK {
        out.put_u8(FILLER)?;
    }
    if let (Some(key), Some(data)) = (key, out.written_mut().get_mut(start..)) {
        mbus5::encrypt(key, sender, data);
    }
    Ok(())
}

#[cfg(test)]
#[path = "oms_tests.rs"]
mod tests;
