//! Lists that carry codes, in whatever nesting.
//!
//! ```text
//!  code, value                     Kamstrup, Kaifa Sweden, Styria
//!  code, value, scaler-unit        Netz NOE
//!  struct { code, value }          names in all arrays of registers
//!  struct { code, value, scaler-unit }             Aidon, Kaifa Austria, Iskraemeco
//!  struct { code, struct { value, scaler-unit } }
//!  struct { class, code, attribute without tags, value }         Sagemcom
//! ```
//!
//! One walk reads them all: the headers of arrays and structures are passed over, a code takes
//! the value behind it, and a value the scaler and unit behind it. Null in the place of a code
//! or a value is absence. A value without code is the list's name or its clock in front, or the
//! meter number at the end.

use super::identity;
use super::list::{Coded, List, Width};
use super::scale::Scales;
use crate::cosem::axdr::{CodedNumber, Cursor, Data, Element, Ill, ScalerUnit};
use crate::fault::Broken;
use crate::number::Number;
use crate::obis::Obis;
use crate::reading::Span;

/// Pairs of a list that has not said whose it is.
pub(super) static PAIRS: Coded = Coded {
    layout: "pairs of code and value",
    maker: None,
    list_id: None,
    scales: Scales { voltage: -1, current: -2, energy: 0, power_factor: -3 },
    certain: false,
    zero_is_no_offset: false,
    type_tells: None,
    quirk: None,
};

/// One value.
pub(super) static EVENT: Coded = Coded { layout: "event", ..PAIRS };

/// Reads `members` elements and all that is in them.
pub(super) fn read(
    cursor: &mut Cursor<'_>,
    members: u32,
    list: &mut List<'_>,
) -> Result<(), Broken> {
    let have = list.apdu.len();
    let mut pending = members;
    while let Some(left) = pending.checked_sub(1) {
        pending = left;
        // What most lists are made of, in one step.
        if left > 0
            && let Some(CodedNumber { obis, number, len }) = cursor.coded_number()
        {
            let end = cursor.position();
            let scaler = if left > 1 { cursor.scaler_unit() } else { None };
            pending = left - 1 - u32::from(scaler.is_some());
            let start = u16::try_from(end).unwrap_or(u16::MAX).saturating_sub(u16::from(len));
            let span = Span { start, len: u16::from(len) };
            list.number(obis, Number::new(number, 0), Width::Narrow, scaler, span)?;
            continue;
        }
        if let Some(obis) = cursor.code() {
            pending -= value(cursor, pending, obis, list)?;
            continue;
        }
        let element = cursor.element().map_err(|ill| ill.broken(have))?;
        match element.data {
            Data::Structure(2) => match cursor.descriptor() {
                Some(head) => {
                    value(cursor, 1, head.obis, list)?;
                }
                None => pending += 2,
            },
            Data::Array(count) | Data::Structure(count) => pending = pending.saturating_add(count),
            // A code with swapped tag octets.
            Data::OctetString(&[medium, channel, c, d, e, period]) if cursor.met_swapped_tag() => {
                pending -= value(cursor, pending, Obis([medium, channel, c, d, e, period]), list)?;
            }
            _ => alone(element, list)?,
        }
    }
    Ok(())
}

/// Reads the value behind a code, of at most `left` elements, and tells how many it took.
#[inline]
fn value(
    cursor: &mut Cursor<'_>,
    left: u32,
    obis: Obis,
    list: &mut List<'_>,
) -> Result<u32, Broken> {
    let broken = |ill: Ill, list: &List<'_>| ill.broken(list.apdu.len());
    if left == 0 || cursor.is_at_code() {
        return Ok(0);
    }
    let before = *cursor;
    if let Some(octets) = cursor.short_string() {
        list.string(obis, octets, Span::new(before.position(), cursor.position()))?;
        return Ok(1);
    }
    let mut element = cursor.element().map_err(|ill| broken(ill, list))?;
    if let Data::Structure(count) | Data::Array(count) = element.data {
        let members = super::size(count);
        let mut inside = *cursor;
        if inside.is_at_code() {
            // The code had no value, and the next one stands in a structure of its own.
            *cursor = before;
            return Ok(0);
        }
        if count == 2 {
            element = inside.element().map_err(|ill| broken(ill, list))?;
            if let Some(scaler) = inside.scaler_unit() {
                *cursor = inside;
                list.coded(obis, element, Some(scaler))?;
                return Ok(1);
            }
        }
        cursor.skip_all(members).map_err(|ill| broken(ill, list))?;
        return Ok(1);
    }
    let scaler: Option<ScalerUnit> = if left > 1 { cursor.scaler_unit() } else { None };
    list.coded(obis, element, scaler)?;
    Ok(1 + u32::from(scaler.is_some()))
}

/// A value without code.
fn alone(element: Element<'_>, list: &mut List<'_>) -> Result<(), Broken> {
    let span = Span::new(element.start, element.end);
    match element.data {
        Data::VisibleString(octets) | Data::Utf8String(octets) if list.out.items.is_empty() => {
            list.string(Obis([1, 1, 0, 2, 129, 255]), octets, span)
        }
        Data::OctetString(octets) if element.data.date_time().is_some() => {
            list.string(Obis::general(1, 0, 0), octets, span)
        }
        // A firmware puts its system title where the number should be.
        Data::OctetString(octets) | Data::VisibleString(octets) => {
            match identity::from_device_name(octets) {
                Some(maker) => list.made_by(Some(maker)),
                None => list.string(Obis::general(96, 1, 0), octets, span)?,
            }
            Ok(())
        }
        _ => Ok(()),
    }
}
