//! Compact arrays: many elements of one type, the type written once (IEC 62056-6-2, 4.1.5).
//!
//! ```text
//!  13 | type description          | length | contents
//!       tag                                  values one after the other, without tags;
//!       02 n tag1 .. tagn                    strings keep their length octets
//!       01 nn nn tag
//! ```
//!
//! Descriptions nested deeper than one level are delimited but not opened; no customer port
//! sends them.

use super::axdr::{Cursor, Data, Ill};

/// A compact array, not yet opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CompactArray<'a> {
    /// The description of the type of one element.
    pub description: &'a [u8],
    /// The values.
    pub contents: &'a [u8],
}

impl<'a> CompactArray<'a> {
    /// The values in their order, with the headers of structures and arrays between them as
    /// they would stand in a plain array.
    pub const fn values(&self) -> Values<'a> {
        Values { description: self.description, contents: self.contents, at: 0, member: 0 }
    }
}

/// Opens a [`CompactArray`] value by value.
#[derive(Clone, Debug)]
pub struct Values<'a> {
    description: &'a [u8],
    contents: &'a [u8],
    at: usize,
    /// Members of the current structure or array given so far, its header included; 0 between.
    member: usize,
}

impl<'a> Values<'a> {
    fn untagged(&mut self, tag: u8) -> Result<Data<'a>, Ill> {
        if matches!(tag, 0x01 | 0x02 | 0x13) {
            return Err(Ill::Malformed { at: self.at });
        }
        let (data, len) = Cursor::untagged(tag, self.contents.get(self.at..).unwrap_or(&[]))?;
        self.at += len;
        Ok(data)
    }

    fn step(&mut self) -> Result<Data<'a>, Ill> {
        match *self.description {
            [0x02, count @ 1..=0x7F, ref types @ ..] if types.len() == usize::from(count) => {
                let types: &[u8] = types;
                match self.member.checked_sub(1).and_then(|index| types.get(index)) {
                    None => {
                        self.member = 1;
                        Ok(Data::Structure(u32::from(count)))
                    }
                    Some(tag) => {
                        self.member = (self.member + 1) % (types.len() + 1);
                        self.untagged(*tag)
                    }
                }
            }
            [0x01, high, low, tag] => {
                let count = u16::from_be_bytes([high, low]);
                if self.member == 0 {
                    self.member = usize::from(count > 0);
                    return Ok(Data::Array(u32::from(count)));
                }
                self.member = (self.member + 1) % (usize::from(count) + 1);
                self.untagged(tag)
            }
            [tag] => self.untagged(tag),
            _ => Err(Ill::Malformed { at: self.at }),
        }
    }
}

impl<'a> Iterator for Values<'a> {
    type Item = Result<Data<'a>, Ill>;

    /// Ends with the contents or after the first error, whose position counts from the start
    /// of the contents.
    fn next(&mut self) -> Option<Self::Item> {
        if self.at >= self.contents.len() && self.member == 0 {
            return None;
        }
        let before = (self.at, self.member);
        let step = self.step();
        // What takes no octets for ever is no data.
        let stuck = step.is_ok() && before.0 == self.at && self.member <= before.1;
        let step = if stuck { Err(Ill::Malformed { at: self.at }) } else { step };
        if step.is_err() {
            self.at = self.contents.len();
            self.member = 0;
        }
        Some(step)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use hex_literal::hex;
    use proptest::prelude::*;
    use std::vec::Vec;

    fn open(octets: &[u8]) -> Result<Vec<Data<'_>>, Ill> {
        match Cursor::new(octets).element()?.data {
            Data::CompactArray(array) => array.values().collect(),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn structures_are_opened_member_by_member() {
        let octets = hex!("13 02 02 11 12 09 01 09 00 02 09 01 03 09 02");
        let row = |a, b| [Data::Structure(2), Data::Unsigned8(a), Data::Unsigned16(b)];
        let rows = [row(1, 2304), row(2, 2305), row(3, 2306)];
        assert_eq!(open(&octets).unwrap(), rows.concat());
    }

    #[test]
    fn single_values_and_arrays_are_opened() {
        let singles = open(&hex!("13 12 04 00E7 00E8")).unwrap();
        assert_eq!(singles, [Data::Unsigned16(231), Data::Unsigned16(232)]);
        let arrays = open(&hex!("13 01 0002 09 05 01 AA 02 BB CC")).unwrap();
        let strings =
            [Data::Array(2), Data::OctetString(&[0xAA]), Data::OctetString(&[0xBB, 0xCC])];
        assert_eq!(arrays, strings);
    }

    #[test]
    fn contents_that_end_in_a_value_are_an_error() {
        assert!(open(&hex!("13 02 02 11 12 02 01 09")).is_err());
        assert!(open(&hex!("13 02 02 11 02 02 01 00")).is_err(), "structures hold simple types");
        assert!(open(&hex!("13 00 01 00")).is_err(), "null takes no octets");
    }

    proptest! {
        #[test]
        fn never_panics_and_ends(description: Vec<u8>, contents: Vec<u8>) {
            let values = CompactArray { description: &description, contents: &contents }.values();
            prop_assert!(values.count() <= 3 * contents.len() + 3);
        }
    }
}
