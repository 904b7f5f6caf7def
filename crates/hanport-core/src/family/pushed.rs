//! Pushes that describe themselves (Landis+Gyr, Iskraemeco in Switzerland, Energomera).
//!
//! ```text
//!  struct {
//!    array { struct { class, code, attribute, index } ... }     first entry: this array itself
//!    value of the second entry,
//!    value of the third entry ...
//!  }
//! ```
//!
//! Energomera's entries have two members more, a restriction and columns. Some senders leave
//! out the entry of the array itself. Two cursors walk side by side: one over the entries, one
//! over the values.

use super::landis_gyr;
use super::list::{Coded, List};
use crate::cosem::axdr::{Cursor, Data, Descriptor, Ill, ScalerUnit};
use crate::fault::Broken;
use crate::obis::Obis;

const DEMAND_REGISTER: u16 = 5;
const EXTENDED_REGISTER: u16 = 4;
const PUSH_SETUP: u16 = 40;
const REGISTER: u16 = 3;

/// With entries of six members.
pub(super) static RESTRICTED: Coded = Coded {
    layout: "self-describing push with restrictions (Energomera)",
    maker: None,
    ..landis_gyr::PUSH
};

/// Reads a push of `members` elements; the cursor stands at the array of entries.
pub(super) fn read(
    values: &mut Cursor<'_>,
    members: u32,
    list: &mut List<'_>,
) -> Result<(), Broken> {
    let have = list.apdu.len();
    let broken = |ill: Ill| ill.broken(have);
    let start = values.position();
    let Data::Array(count) = values.element().map_err(broken)?.data else {
        return Err(Ill::Malformed { at: start }.broken(have));
    };
    let mut entries = *values;
    values.skip_all(super::size(count)).map_err(broken)?;
    if count == members {
        entries.skip().map_err(broken)?;
    } else if count + 1 != members {
        return Err(Ill::Malformed { at: start }.broken(have));
    }
    let mut ahead: Option<(Obis, ScalerUnit)> = None;
    for _ in 1..members {
        let entry = entry(&mut entries).map_err(broken)?;
        if is_scaler(&entry)
            && let Some(scaler) = values.scaler_unit()
        {
            ahead = Some((entry.obis, scaler)).filter(|_| !list.rescale(entry.obis, scaler));
            continue;
        }
        let element = values.element().map_err(broken)?;
        match element.data {
            Data::Array(count) | Data::Structure(count) => {
                let members = super::size(count);
                values.skip_all(members).map_err(broken)?;
            }
            // The name of an object, which the entry has told.
            _ if entry.attribute == 1 || entry.class == PUSH_SETUP => {}
            data if is_capture_time(&entry) => {
                if let Some(item) = list.last_of(entry.obis) {
                    item.at = data.date_time();
                }
            }
            _ => {
                let scaler = ahead.take().filter(|(obis, _)| *obis == entry.obis);
                list.coded(entry.obis, element, scaler.map(|(_, scaler)| scaler))?;
            }
        }
    }
    Ok(())
}

/// The next entry.
fn entry(entries: &mut Cursor<'_>) -> Result<Descriptor, Ill> {
    let at = entries.position();
    let malformed = Ill::Malformed { at };
    let Data::Structure(count @ 4..) = entries.element()?.data else { return Err(malformed) };
    let Data::Unsigned16(class) = entries.element()?.data else { return Err(malformed) };
    let obis: Obis = entries.code().ok_or(malformed)?;
    let Data::Int8(attribute) = entries.element()?.data else { return Err(malformed) };
    entries.skip_all(super::size(count) - 3)?;
    Ok(Descriptor { class, obis, attribute })
}

const fn is_scaler(entry: &Descriptor) -> bool {
    matches!(
        (entry.class, entry.attribute),
        (REGISTER | EXTENDED_REGISTER, 3) | (DEMAND_REGISTER, 4)
    )
}

const fn is_capture_time(entry: &Descriptor) -> bool {
    matches!((entry.class, entry.attribute), (EXTENDED_REGISTER, 5) | (DEMAND_REGISTER, 6))
}
