//! Type designations of meters in words.
//!
//! Sources: Aidon HAN Interface Description, Kamstrup type number key (HAN-NVE interface
//! description), Kaifa `KFM_001` object list, type keys on the makers' data sheets.

use crate::manufacturer::Manufacturer;
use crate::reading::{Reading, TextRef};

/// Beginnings of type designations; the first that fits counts.
type Rows = &'static [(&'static [u8], &'static str)];

const AIDON: Rows = &[
    (b"6483", "three-phase"),
    (b"6484", "three-phase"),
    (b"651", "single-phase"),
    (b"6520", "three-phase three-wire (IT)"),
    (b"6525", "three-phase four-wire"),
    (b"653", "three-phase"),
    (b"6540", "three-phase"),
    (b"655", "three-phase for current transformers"),
    (b"656", "three-phase for current transformers"),
];

const KAIFA: Rows = &[
    (b"MA105", "single-phase"),
    (b"MA110", "single-phase"),
    (b"MA304H3", "three-phase three-wire (IT)"),
    (b"MA304H4", "three-phase four-wire"),
    (b"MA304T3", "three-phase three-wire for current transformers"),
    (b"MA304T4", "three-phase four-wire for current transformers"),
    (b"MA309", "three-phase four-wire"),
];

const KAMSTRUP: Rows = &[
    (b"684112", "OMNIPOWER three-phase three-wire direct"),
    (b"684113", "OMNIPOWER three-phase direct"),
    (b"685112", "OMNIPOWER three-phase three-wire for current transformers"),
    (b"685113", "OMNIPOWER three-phase for current transformers"),
    (b"6841", "OMNIPOWER three-phase direct"),
    (b"685", "OMNIPOWER three-phase for current transformers"),
    (b"686", "OMNIPOWER single-phase"),
];

const LANDIS_GYR: Rows = &[
    (b"ZCF", "E350 single-phase"),
    (b"ZCX", "E350 single-phase"),
    (b"ZFF", "E350 three-phase three-wire"),
    (b"ZMF", "E350 three-phase four-wire"),
    (b"ZMX", "E350 three-phase four-wire"),
];

/// What the designation says in words: phases, wires, direct or for transformers.
///
/// `None` for designations nobody has described. Without a maker, all makers' are looked up.
pub fn describe(manufacturer: Option<Manufacturer>, model: &[u8]) -> Option<&'static str> {
    let all = [
        (Manufacturer::Aidon, AIDON),
        (Manufacturer::Kaifa, KAIFA),
        (Manufacturer::Kamstrup, KAMSTRUP),
        (Manufacturer::LandisGyr, LANDIS_GYR),
    ];
    all.into_iter()
        .filter(|(maker, _)| manufacturer.is_none_or(|known| known == *maker))
        .find_map(|(_, rows)| rows.iter().find(|(begin, _)| model.starts_with(begin)))
        .map(|(_, words)| *words)
}

/// The same for the meter of a reading.
pub fn of(reading: &Reading<'_>) -> Option<&'static str> {
    match reading.readout.meter_model? {
        TextRef::Octets(span) => describe(reading.readout.manufacturer, span.of(reading.body)),
        TextRef::DeviceNumber(_) | TextRef::Hex(_) | TextRef::Number(_) | TextRef::Serial(_) => {
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn designations_are_put_into_words() {
        for (maker, model, words) in [
            (Manufacturer::Kamstrup, "6841131BN243101040", "OMNIPOWER three-phase direct"),
            (Manufacturer::Kamstrup, "6861111BN242101040", "OMNIPOWER single-phase"),
            (Manufacturer::Aidon, "6525", "three-phase four-wire"),
            (Manufacturer::Aidon, "6515", "single-phase"),
            (Manufacturer::Kaifa, "MA304H3E", "three-phase three-wire (IT)"),
            (Manufacturer::LandisGyr, "ZMF1", "E350 three-phase four-wire"),
        ] {
            assert_eq!(describe(Some(maker), model.as_bytes()), Some(words), "{model}");
            assert_eq!(describe(None, model.as_bytes()), Some(words), "{model}");
        }
        assert_eq!(describe(Some(Manufacturer::Kaifa), b"6525"), None);
        assert_eq!(describe(None, b"000000000000000000"), None);
    }
}
