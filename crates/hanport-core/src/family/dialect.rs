//! Which dialect of text telegrams a meter speaks, and what its identification line says.
//!
//! Source: identification lines per country in the meter lists of the makers and operators;
//! IEC 62056-21 clause 6.3.2 (the line is `/`, maker, baud letter, then optional `\W` fields and
//! up to 16 characters of identification).

use crate::obis::Obis;
use crate::reading::Span;

/// What a line of a telegram tells about its dialect.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Feature {
    /// The Belgian version line, `0-0:96.1.4`.
    Belgian,
    /// A national code 94.x.y.
    National,
    /// Group F printed.
    PeriodPrinted,
    /// Reactive power of a phase.
    PhaseReactive,
    /// A tariff register.
    Tariffs,
    /// A gas reading over two lines.
    TwoLineGas,
    /// P1 version 4.x, `1-3:0.2.8`.
    Version4,
    /// P1 version 5.x.
    Version5,
}

/// A set of [`Feature`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Features(u8);

impl Features {
    /// Adds one.
    pub const fn add(&mut self, feature: Feature) {
        self.0 |= 1 << feature as u8;
    }

    /// Whether `feature` is in the set.
    pub const fn has(self, feature: Feature) -> bool {
        self.0 & (1 << feature as u8) != 0
    }

    /// Takes note of the code of a number.
    pub const fn note_number(&mut self, obis: Obis) {
        match obis.cde() {
            (23 | 24 | 43 | 44 | 63 | 64, 7, _) => self.add(Feature::PhaseReactive),
            (1..=4, 8, 1..=63) => self.add(Feature::Tariffs),
            _ => {}
        }
    }
}

/// A recognised dialect.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Dialect {
    /// Its name, for people.
    pub name: &'static str,
    /// Where the type designation stands in the identification line.
    pub model: Option<Span>,
    /// Whether 96.1.1 holds the type designation and not the number (Poland).
    pub equipment_is_model: bool,
}

/// Whether the identification line carries the type designation.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Designation {
    /// A customer's or a serial number stands there, or a fixed word.
    Absent,
    /// Behind the baud letter.
    Present,
}

/// A beginning of the identification line, and the dialect; empty where the lines decide.
type Row = (&'static [u8], &'static str, Designation);

/// The dialect of Polish telegrams (Stoen list of P1 objects).
const POLAND: &str = "P1 text, Poland";

/// Longer beginnings first. Identification lines that are not listed are read all the same.
const ROWS: &[Row] = &[
    (b"ISK9", "P1 text, Slovenia", Designation::Present),
    (b"ISK", "", Designation::Present),
    (b"LGF", "", Designation::Present),
    (b"LGZ", "", Designation::Present),
    (b"ADN", "", Designation::Present),
    (b"EGM", POLAND, Designation::Present),
    (b"ESY", "IEC 62056-21 mode D, Germany", Designation::Present),
    (b"EST", "P1 text, Austria", Designation::Absent),
    (b"FLU", "eMUCS-P1, Belgium", Designation::Absent),
    (b"NES", "P1 text, NES", Designation::Present),
    (b"NWA", "P1 text, heat", Designation::Absent),
    (b"SAG", "P1 text, Hungary", Designation::Absent),
];

/// The dialect of a telegram with this identification line (from its `/` on) and these lines.
pub fn recognise(identification: &[u8], features: Features) -> Dialect {
    let name = identification.get(1..).unwrap_or(&[]);
    let row = ROWS.iter().find(|(begins, ..)| {
        name.get(..begins.len()).is_some_and(|begin| begin.eq_ignore_ascii_case(begins))
    });
    let model = match row {
        Some((_, _, Designation::Present)) => designation(identification),
        _ => None,
    };
    let name = match row {
        Some((_, name, _)) if !name.is_empty() => name,
        _ => by_features(features),
    };
    Dialect { name, model, equipment_is_model: name == POLAND }
}

/// What a feature is the sign of; the first one that is there decides.
const BY_FEATURE: &[(Feature, &str)] = &[
    (Feature::Belgian, "eMUCS-P1, Belgium"),
    (Feature::National, POLAND),
    (Feature::Version5, "DSMR 5"),
    (Feature::Version4, "DSMR 4"),
    (Feature::TwoLineGas, "DSMR 2 or 3"),
    (Feature::PeriodPrinted, "IEC 62056-21 mode D"),
    (Feature::Tariffs, "P1 text"),
    (Feature::PhaseReactive, "H1 text, Sweden and Finland"),
];

fn by_features(features: Features) -> &'static str {
    let sign = BY_FEATURE.iter().find(|(feature, _)| features.has(*feature));
    sign.map_or("P1 text", |(_, name)| name)
}

/// The designation behind `/XXXB`: without `\2` or `:` in front, up to a blank.
fn designation(identification: &[u8]) -> Option<Span> {
    let rest = identification.get(5..)?.trim_ascii_start();
    let rest = match rest {
        [b'\\', b'0'..=b'9', rest @ ..] if rest.first().is_some_and(u8::is_ascii_uppercase) => rest,
        [b'\\' | b':', rest @ ..] | rest => rest,
    };
    let start = identification.len() - rest.len();
    let len = rest.iter().position(|octet| *octet == b' ').unwrap_or(rest.len());
    (len > 0).then(|| Span::new(start, start + len))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_designation_is_found_where_the_maker_puts_it() {
        for (line, model) in [
            ("/ISk5\\2MT382-1000", Some("MT382-1000")),
            ("/ISk5MIE5T-200", Some("MIE5T-200")),
            ("/LGF5E360", Some("E360")),
            ("/ADN9 6534", Some("6534")),
            ("/NES5:83335-3E", Some("83335-3E")),
            ("/EGM5G15", Some("G15")),
            ("/ESY5Q3DA1024 V3.04", Some("Q3DA1024")),
            ("/KAM5", None),
            ("/LGF5", None),
            ("/KFM5KAIFA-METER", None),
            ("/FLU5\\253769484_A", None),
        ] {
            let span = recognise(line.as_bytes(), Features::default()).model;
            assert_eq!(span.map(|span| span.of(line.as_bytes())), model.map(str::as_bytes));
        }
    }

    #[test]
    fn lines_decide_where_the_identification_does_not() {
        let name = |features: &[Feature]| {
            let mut set = Features::default();
            for feature in features {
                set.add(*feature);
            }
            recognise(b"/TST5", set).name
        };
        assert_eq!(name(&[]), "P1 text");
        for (feature, sign) in BY_FEATURE {
            assert_eq!(name(&[*feature]), *sign);
        }
        assert_eq!(name(&[Feature::Tariffs, Feature::PhaseReactive]), "P1 text");
        assert_eq!(recognise(b"/isk9\\2M551T-200", Features::default()).name, "P1 text, Slovenia");
    }
}
