//! Who made the meter, as far as a message tells.
//!
//! In this order: the list's own name, the logical device name (three letters of the FLAG
//! association first, IEC 62056-6-2 clause 6.2.2), the system title (the same letters), the
//! meter number, and at last the shape of the list, where only one maker uses it.

use crate::manufacturer::Manufacturer;
use crate::reading::SystemTitle;

/// The maker whose FLAG code begins a logical device name.
pub(super) fn from_device_name(name: &[u8]) -> Option<Manufacturer> {
    let flag = name.first_chunk::<3>()?;
    flag.iter().all(u8::is_ascii_alphabetic).then(|| Manufacturer::from_flag(flag)).flatten()
}

/// The maker whose FLAG code begins a system title.
pub(super) fn from_system_title(title: SystemTitle) -> Option<Manufacturer> {
    from_device_name(&title)
}

/// The maker that a meter number gives away: a FLAG code in front, also behind the digit of
/// the medium (`1KFM...`), or the company prefix of a GS1 number.
pub(super) fn from_meter_id(id: &[u8]) -> Option<Manufacturer> {
    match id {
        [b'0'..=b'9', rest @ ..] if rest.first().is_some_and(u8::is_ascii_alphabetic) => {
            from_device_name(rest)
        }
        [b'5', b'7', b'0', b'6', b'5', b'6', b'7', ..] => Some(Manufacturer::Kamstrup),
        [b'6', b'9', b'7', b'0', b'6', b'3', b'1', ..] => Some(Manufacturer::Kaifa),
        [b'7', b'3', b'5', b'9', b'9', b'9', b'2', ..] => Some(Manufacturer::Aidon),
        _ => from_device_name(id),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_numbers_give_the_maker_away() {
        for (id, maker) in [
            (&b"ISK1030000000001"[..], Some(Manufacturer::Iskraemeco)),
            (b"1KFM0200000001", Some(Manufacturer::Kaifa)),
            (b"LGZ1030700000001", Some(Manufacturer::LandisGyr)),
            (b"5706567000000000", Some(Manufacturer::Kamstrup)),
            (b"6970631400000000", Some(Manufacturer::Kaifa)),
            (b"7359992890000000", Some(Manufacturer::Aidon)),
            (b"181220000009", None),
            (b"", None),
        ] {
            assert_eq!(from_meter_id(id), maker);
        }
        let title = *b"SAGY\x05\x00\x00\x01";
        assert_eq!(from_system_title(title), Some(Manufacturer::Sagemcom));
        assert_eq!(from_system_title([0; 8]), None);
    }
}
