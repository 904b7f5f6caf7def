//! What the elements of a meter's list mean: one file a meter family, and here the registry.
//!
//! ```text
//!  body of a notification
//!    array of structures, each with its code ----------------+
//!    structure                                               v
//!      array of entries, then values ----> pushed          coded      code, value, scaler-unit
//!      codes among its first members --------------------->  |        in any nesting
//!      neither -----> positional: the row that fits          |
//!                         |                                  |
//!                         +-------------> list <-------------+
//!                                          names, numbers in base units, times
//! ```
//!
//! - [`hint`](Hint): what only the user can know
//! - `coded`, `pushed`, `positional`: the three ways to walk a list
//! - `list`, `known`, `scale`, `identity`: what becomes of a value with its code
//! - `aidon`, `austria`, `iskraemeco`, `kaifa`, `kamstrup`, `landis_gyr`, `sagemcom`: the families
//! - [`model`]: type designations in words
//! - [`text`], `field`, [`dialect`], [`history`]: lines of text telegrams
//! - [`sml`], [`sml_writer`]: SML messages, there and back
//! - [`oms`]: the plain M-Bus application layer

mod aidon;
mod austria;
mod coded;
pub mod dialect;
mod field;
mod hint;
pub mod history;
mod identity;
mod iskraemeco;
mod kaifa;
mod kamstrup;
mod known;
mod landis_gyr;
mod list;
pub mod model;
pub mod oms;
mod positional;
mod pushed;
mod sagemcom;
mod scale;
pub mod sml;
pub mod sml_writer;
pub mod text;

use self::list::{Coded, List};
use self::positional::Row;
use crate::cosem::apdu::Header;
use crate::cosem::axdr::{Cursor, Data};
use crate::datetime::DateTime;
use crate::fault::{Broken, Cause, Layer};
use crate::manufacturer::Manufacturer;
use crate::reading::{Oddity, Readout, SystemTitle};

pub use self::hint::Hint;
pub use self::sml::read_sml;
pub use self::text::read_telegram;

/// What is known about the sender before its list is read.
#[derive(Clone, Copy, Debug, Default)]
pub struct Context {
    /// The user's word.
    pub hint: Option<Hint>,
    /// The system title of the ciphering around the message.
    pub system_title: Option<SystemTitle>,
}

/// The lists by position.
static ROWS: [&[Row]; 4] = [&kaifa::ROWS, &austria::ROWS, &iskraemeco::ROWS, &landis_gyr::ROWS];

/// The lists with codes that have a name of their own.
static NAMED: [&Coded; 4] = [&kamstrup::PAIRS, &aidon::AIDON, &kaifa::PAIRS, &landis_gyr::EMBRIQ];

/// Octets that may follow the body: one firmware leaves the tag of the message before.
const STALE: usize = 12;

/// The family whose lists have this name.
fn family_of_list(name: &[u8]) -> Option<&'static Coded> {
    NAMED.into_iter().find(|family| family.list_id.is_some_and(|begin| name.starts_with(begin)))
}

/// The lists with codes of each maker, whose scales hold where the list does not say whose it is.
static BY_MAKER: [(Manufacturer, &Coded); 7] = [
    (Manufacturer::Aidon, &aidon::AIDON),
    (Manufacturer::Iskraemeco, &iskraemeco::REGISTERS),
    (Manufacturer::Kaifa, &kaifa::PAIRS),
    (Manufacturer::Kamstrup, &kamstrup::PAIRS),
    (Manufacturer::LandisGyr, &landis_gyr::PUSH),
    (Manufacturer::Sagemcom, &sagemcom::DESCRIBED),
    (Manufacturer::Siemens, &iskraemeco::REGISTERS),
];

fn family_of_maker(maker: Manufacturer) -> Option<&'static Coded> {
    BY_MAKER.into_iter().find(|(made_by, _)| *made_by == maker).map(|(_, family)| family)
}

/// Reads a plain APDU (data-notification or event-notification) into `out`. Spans count from
/// the start of `apdu`.
///
/// `out` is expected to be cleared; after an error it holds nothing of use. A list that nobody
/// has described is [`Cause::UnknownList`], and so is a body
/// without any value.
pub fn read_apdu(apdu: &[u8], context: &Context, out: &mut Readout) -> Result<(), Broken> {
    let (header, mut cursor) = Header::parse(apdu)?;
    let at = cursor.position();
    match header {
        Header::DataNotification { invoke_id, time } => {
            out.invoke_id = Some(invoke_id);
            read_body(apdu, &mut cursor, context, time.date_time(), out)?;
        }
        Header::EventNotification { time, obis, .. } => {
            let mut list = List::new(apdu, context, &coded::EVENT, out);
            let element = cursor.element().map_err(|ill| ill.broken(apdu.len()))?;
            if let Data::Array(count) | Data::Structure(count) = element.data {
                coded::read(&mut cursor, count, &mut list)?;
            } else {
                list.coded(obis, element, None)?;
            }
            list.finish(time.date_time(), context);
        }
    }
    if out.items.is_empty() {
        return Err(unknown_list(Cursor::at(apdu, at)));
    }
    if cursor.rest().len() > STALE {
        out.oddities.add(Oddity::TrailingOctets);
    }
    if cursor.met_swapped_tag() {
        out.oddities.add(Oddity::TagSwapped);
    }
    Ok(())
}

/// How the elements of a list are walked.
#[derive(Clone, Copy)]
enum Way {
    Coded,
    Positional(&'static Row),
    Pushed,
}

fn read_body(
    apdu: &[u8],
    cursor: &mut Cursor<'_>,
    context: &Context,
    time: Option<DateTime>,
    out: &mut Readout,
) -> Result<(), Broken> {
    let start = *cursor;
    let body = cursor.element().map_err(|ill| ill.broken(apdu.len()))?;
    let (way, family, count) = match body.data {
        Data::Array(count) => (Way::Coded, array_family(cursor.rest()), count),
        Data::Structure(count) => {
            let Some((way, family)) = recognise(*cursor, count) else {
                // Cut off comes before unknown.
                cursor.skip_all(size(count)).map_err(|ill| ill.broken(apdu.len()))?;
                return Err(unknown_list(start));
            };
            (way, family, count)
        }
        _ => return Err(unknown_list(start)),
    };
    let mut list = List::new(apdu, context, family, out);
    match way {
        Way::Coded => coded::read(cursor, count, &mut list)?,
        Way::Positional(row) => row.read(cursor, &mut list)?,
        Way::Pushed => pushed::read(cursor, count, &mut list)?,
    }
    list.finish(time, context);
    if let Way::Positional(row) = way {
        out.layout = row.layout;
        out.manufacturer = out.manufacturer.or(row.maker);
    }
    Ok(())
}

/// The family of a list that is an array: with the clock in front it is Aidon's of Sweden.
const fn array_family(elements: &[u8]) -> &'static Coded {
    match elements {
        [0x02, 2, 0x09, 6, 0, 0, 1, 0, 0, 0xFF, ..] => &aidon::SWEDEN,
        _ => &aidon::REGISTERS,
    }
}

/// How the structure of `count` members at `cursor` is to be read; `None` when nobody has
/// described it.
fn recognise(cursor: Cursor<'_>, count: u32) -> Option<(Way, &'static Coded)> {
    let coded = |family| Some((Way::Coded, family));
    match cursor.rest() {
        [0x01, _, 0x02, 4, 0x12, _, _, 0x09, 6, ..] => Some((Way::Pushed, &landis_gyr::PUSH)),
        [0x01, _, 0x02, 6, 0x12, _, _, 0x09, 6, ..] => Some((Way::Pushed, &pushed::RESTRICTED)),
        [0x02, ..] => coded(&iskraemeco::REGISTERS),
        [0x16, _, 0x01, ..] => coded(&sagemcom::DESCRIBED),
        [0x09, 6, 0, _, 25, 9, ..] => positional(cursor, count),
        [0x09, 6, 0, _, 1, 0, 0, ..] => coded(&kaifa::AUSTRIA_WEST),
        [0x09, 6, 0..=15, _, _, _, _, 0xFF, ..] => coded(&coded::PAIRS),
        _ => match clock_then_code(cursor) {
            Some(family) => coded(family),
            None => positional(cursor, count),
        },
    }
}

/// The family of a list whose first member has no code and whose second is one.
fn clock_then_code(mut cursor: Cursor<'_>) -> Option<&'static Coded> {
    let first = cursor.element().ok()?;
    while cursor.rest().first() == Some(&0) {
        cursor.skip().ok()?;
    }
    if !cursor.is_at_code() {
        return None;
    }
    if first.data.date_time().is_none() {
        return Some(&coded::PAIRS);
    }
    cursor.skip_all(2).ok()?;
    Some(match cursor.scaler_unit() {
        Some(_) => &austria::NETZ_NOE,
        None => &landis_gyr::CLOCK_AND_PAIRS,
    })
}

/// The row that fits the structure of `count` members at `cursor`.
fn positional(cursor: Cursor<'_>, count: u32) -> Option<(Way, &'static Coded)> {
    let fits = |row: &&Row| row.slots.len() == size(count) && row.fits(cursor.rest());
    let row = ROWS.into_iter().flatten().find(fits)?;
    Some((Way::Positional(row), &coded::PAIRS))
}

/// A count of elements; the cursor has bounded it by the octets there are.
fn size(count: u32) -> usize {
    usize::try_from(count).unwrap_or(usize::MAX)
}

/// The fault of a body that nobody has described: its elements and the tags of the first ones.
fn unknown_list(mut cursor: Cursor<'_>) -> Broken {
    let at = cursor.position();
    let mut tags = [0; 8];
    let count = match cursor.element().map(|element| element.data) {
        Ok(Data::Array(count) | Data::Structure(count)) => {
            let members = size(count);
            for tag in tags.iter_mut().take(members) {
                *tag = cursor.rest().first().copied().unwrap_or(0);
                if cursor.skip().is_err() {
                    break;
                }
            }
            u16::try_from(count).unwrap_or(u16::MAX)
        }
        Ok(single) => {
            tags = [single.tag(), 0, 0, 0, 0, 0, 0, 0];
            1
        }
        Err(_) => 0,
    };
    Broken::new(Layer::List, Cause::UnknownList { count, tags }, at)
}

#[cfg(test)]
mod tests;
