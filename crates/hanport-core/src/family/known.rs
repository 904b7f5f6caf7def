//! The quantities of the usual codes, looked up instead of worked out.
//!
//! Nearly every value of a list has a code `1-B:C.7.0*255` or `1-B:C.8.0*255`. For these two
//! tables, made from [`Quantity::from_obis`] when the crate is built, give quantity and unit.

use crate::obis::Obis;
use crate::quantity::Quantity;
use crate::unit::Unit;

/// A quantity and the unit of its values.
pub(super) type Known = (Quantity, Unit);

const fn table(d: u8) -> [Option<Known>; 256] {
    let mut table = [None; 256];
    let mut c = 0u8;
    loop {
        let quantity = Quantity::from_obis(Obis::electricity(c, d, 0));
        if let Some(quantity) = quantity {
            #[allow(clippy::indexing_slicing, reason = "an octet is below 256")]
            {
                table[c as usize] = Some((quantity, quantity.unit()));
            }
        }
        if c == 255 {
            return table;
        }
        c += 1;
    }
}

static INSTANTANEOUS: [Option<Known>; 256] = table(7);
static ENERGY: [Option<Known>; 256] = table(8);

/// The quantity a code stands for, as [`Quantity::from_obis`], and its unit.
#[inline]
pub(super) fn look_up(obis: Obis) -> Option<Known> {
    match obis.0 {
        [1, _, c, 7, 0, 255] => INSTANTANEOUS.get(usize::from(c)).copied().flatten(),
        [1, _, c, 8, 0, 255] => ENERGY.get(usize::from(c)).copied().flatten(),
        _ => Quantity::from_obis(obis).map(|quantity| (quantity, quantity.unit())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_of_any_group_holds_what_the_rule_says() {
        for d in [4, 7, 8, 24, 29] {
            for (c, known) in (0..=255).zip(table(d)) {
                let quantity = Quantity::from_obis(Obis::electricity(c, d, 0));
                assert_eq!(known, quantity.map(|quantity| (quantity, quantity.unit())));
            }
        }
    }

    #[test]
    fn the_tables_agree_with_the_rule() {
        for c in 0..=255 {
            for (d, e, f) in [(7, 0, 255), (8, 0, 255), (8, 2, 255), (7, 124, 255), (8, 0, 1)] {
                for (a, b) in [(1, 0), (1, 1), (0, 0), (0, 1), (7, 0)] {
                    let obis = Obis([a, b, c, d, e, f]);
                    let quantity = look_up(obis).map(|(quantity, _)| quantity);
                    assert_eq!(quantity, Quantity::from_obis(obis), "{obis}");
                    let unit = look_up(obis).map(|(_, unit)| unit);
                    assert_eq!(unit, quantity.map(Quantity::unit), "{obis}");
                }
            }
        }
    }
}
