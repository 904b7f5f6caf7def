//! Bidding zones: the areas that have one day-ahead price.
//!
//! A zone goes by its short name (`NO1`, `DE-LU`) or by its EIC code of 16 characters. The last
//! character of a code checks the others, so a typing error is told from an unknown area.

mod table;

use core::fmt;

use jiff::tz::TimeZone;

use crate::money::Currency;

pub use table::ZONES;

/// A bidding zone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Zone {
    /// Its short name: `NO1`.
    pub name: &'static str,
    /// Its EIC code.
    pub eic: &'static str,
    /// Where it is, for people.
    pub place: &'static str,
    /// The IANA name of the time zone there.
    pub time_zone: &'static str,
    /// What households there pay in; prices may be told in another.
    pub currency: &'static str,
}

/// Why a text names no zone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NoZone {
    /// A code whose last character does not fit the others.
    Mistyped(String),
    /// An area, but without a price of its own; with what to write instead.
    NotPriced(&'static str),
    /// Nothing that is known.
    Unknown(String),
}

/// The codes that people paste and that are no bidding zones, and what to do about it.
const NOT_PRICED: &[(&str, &str)] = &[
    ("10YNO-0--------C", "Norway has five price areas, write NO1, NO2, NO3, NO4 or NO5"),
    ("10YSE-1--------K", "Sweden has four price areas, write SE1, SE2, SE3 or SE4"),
    ("10Y1001A1001A65H", "Denmark has two price areas, write DK1 or DK2"),
    ("10YIT-GRTN-----B", "Italy has seven price areas, write IT-NORD or another of them"),
    ("10Y1001A1001A63L", "Germany, Austria and Luxembourg parted in 2018, write DE-LU or AT"),
    ("10YBE----------X", "this is the code of a company, write BE"),
];

impl Zone {
    /// The zone of a name or a code; small letters will do. The code of Germany as a country
    /// stands for DE-LU.
    pub fn find(text: &str) -> Result<&'static Self, NoZone> {
        let wanted = text.trim().to_ascii_uppercase();
        let wanted = match wanted.as_str() {
            "10Y1001A1001A83F" | "DE" | "LU" => "DE-LU",
            other => other,
        };
        if let Some(zone) = ZONES.iter().find(|zone| zone.name == wanted || zone.eic == wanted) {
            return Ok(zone);
        }
        if let Some((_, hint)) = NOT_PRICED.iter().find(|(code, _)| *code == wanted) {
            return Err(NoZone::NotPriced(hint));
        }
        if ["NO1S", "NO2S", "NO3S", "NO4S", "NO5S"].contains(&wanted) {
            return Err(NoZone::NotPriced(
                "write the area without S, and set the Norwegian support scheme",
            ));
        }
        if wanted.len() == 16 && wanted.starts_with("10Y") && !is_eic(wanted) {
            return Err(NoZone::Mistyped(wanted.to_owned()));
        }
        Err(NoZone::Unknown(text.trim().to_owned()))
    }

    /// The two letters of its country.
    pub fn country(&self) -> &'static str {
        self.name.get(..2).unwrap_or(self.name)
    }

    /// What households there pay in.
    pub fn currency(&self) -> Currency {
        self.currency.parse().unwrap_or(Currency::EUR)
    }

    /// The time zone there; UTC when the machine has no time zones.
    pub fn time_zone(&self) -> TimeZone {
        TimeZone::get(self.time_zone).unwrap_or(TimeZone::UTC)
    }
}

/// Whether the last of 16 characters checks the other 15. Digits count 0 to 9, letters 10 to 35,
/// `-` 36; weights run from 16 down to 2.
pub fn is_eic(code: &str) -> bool {
    let values: Option<Vec<u32>> = code
        .bytes()
        .map(|octet| match octet {
            b'0'..=b'9' => Some(u32::from(octet - b'0')),
            b'A'..=b'Z' => Some(u32::from(octet - b'A') + 10),
            b'-' => Some(36),
            _ => None,
        })
        .collect();
    let Some([body @ .., check]) = values.as_deref() else { return false };
    if body.len() != 15 {
        return false;
    }
    let sum: u32 = (2..=16).rev().zip(body).map(|(weight, value)| weight * value).sum();
    36 - (sum + 36) % 37 == *check
}

impl fmt::Display for NoZone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Mistyped(code) => {
                write!(f, "the area code {code} has a typing error: its check character is wrong")
            }
            Self::NotPriced(hint) => write!(f, "no price area: {hint}"),
            Self::Unknown(text) => {
                write!(f, "\"{text}\" is no price area; write one such as NO1, SE3, DK2, DE-LU")
            }
        }
    }
}

impl core::error::Error for NoZone {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_checks_and_every_zone_is_found_by_both_names() {
        assert_eq!(ZONES.len(), 47);
        for zone in ZONES {
            assert!(is_eic(zone.eic), "{}", zone.name);
            assert_eq!(Zone::find(zone.eic), Ok(zone));
            assert_eq!(Zone::find(&zone.name.to_lowercase()), Ok(zone));
            assert!(TimeZone::get(zone.time_zone).is_ok(), "{}", zone.time_zone);
            assert_eq!(zone.currency().code(), zone.currency);
        }
        for (code, _) in NOT_PRICED {
            assert!(matches!(Zone::find(code), Err(NoZone::NotPriced(_))), "{code}");
        }
    }

    #[test]
    fn a_typing_error_is_told_from_an_unknown_area() {
        assert_eq!(Zone::find("10Y1001A1001A83F").map(|zone| zone.name), Ok("DE-LU"));
        let slip = Zone::find("10YSI-EELS-----O");
        assert!(matches!(slip, Err(NoZone::Mistyped(_))), "{slip:?}");
        assert!(matches!(Zone::find("NO9"), Err(NoZone::Unknown(_))));
        let support = Zone::find("no1s").unwrap_err().to_string();
        assert!(support.contains("support scheme"), "{support}");
        assert!(!is_eic("") && !is_eic("10YNO-1--------\u{e9}"));
    }
}
