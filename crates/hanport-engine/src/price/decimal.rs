//! Decimals as sources write them, exactly: no float comes between a price and its text.

use hanport_core::number::Number;
use serde::de::Error;
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;

/// Digits that are kept; more of them are rounded off.
const DIGITS: i32 = 18;

/// The number that a text such as `80.1`, `-1.20`, `9.4e-2` says; `None` for anything else.
pub fn decimal(text: &str) -> Option<Number> {
    let text = text.trim();
    let (negative, digits) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    let (digits, shift) = match digits.split_once(['e', 'E']) {
        Some((digits, exponent)) => (digits, exponent.parse::<i16>().ok()?),
        None => (digits, 0),
    };
    let (whole, part) = digits.split_once('.').unwrap_or((digits, ""));
    if whole.is_empty() && part.is_empty() {
        return None;
    }
    let mut mantissa = 0i64;
    let mut exponent = i32::from(shift) - i32::try_from(part.len()).ok()?;
    let mut kept = 0;
    let mut next = None;
    for octet in whole.bytes().chain(part.bytes()) {
        let digit = octet.is_ascii_digit().then(|| i64::from(octet - b'0'))?;
        if kept < DIGITS {
            mantissa = mantissa * 10 + digit;
            kept += i32::from(mantissa != 0);
        } else {
            next.get_or_insert(digit);
            exponent += 1;
        }
    }
    mantissa += i64::from(next >= Some(5));
    if mantissa == 0 {
        exponent = exponent.clamp(-18, 0);
    }
    let mantissa = if negative { -mantissa } else { mantissa };
    Some(Number::new(mantissa, i8::try_from(exponent).ok()?))
}

/// A number of a JSON document by its text; a number in quotes will do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Decimal(pub Number);

impl<'de> Deserialize<'de> for Decimal {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let raw = Box::<RawValue>::deserialize(deserializer)?;
        let text = raw.get();
        let text = text.strip_prefix('"').and_then(|t| t.strip_suffix('"')).unwrap_or(text);
        decimal(text).map(Self).ok_or_else(|| D::Error::custom(format!("{text} is no number")))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn numbers_keep_their_digits() {
        assert_eq!(decimal("80.10"), Some(Number::new(8010, -2)));
        assert_eq!(decimal(" -1.20 "), Some(Number::new(-120, -2)));
        assert_eq!(decimal("9.4E-2"), Some(Number::new(94, -3)));
        assert_eq!(decimal("1e3"), Some(Number::new(1, 3)));
        assert_eq!(decimal(".5"), Some(Number::new(5, -1)));
        assert_eq!(decimal("0.000"), Some(Number::new(0, -3)));
        // what a float makes of 0.093852
        assert_eq!(decimal("0.09385200000000000553").unwrap().in_units_of(-6), Some(93_852));
        assert_eq!(decimal("99999999999999999999"), Some(Number::new(10i64.pow(18), 2)));
    }

    #[test]
    fn what_is_no_number_is_none() {
        for wrong in ["", "-", ".", "1,5", "NaN", "inf", "1.2.3", "0x10", "1e", "1e999", "--1"] {
            assert_eq!(decimal(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn numbers_in_documents_are_read_by_their_text() {
        let parsed: Vec<Option<Decimal>> = serde_json::from_str(r#"[0.1, null, "-2.50"]"#).unwrap();
        assert_eq!(parsed[0], Some(Decimal(Number::new(1, -1))));
        assert_eq!(parsed[1], None);
        assert_eq!(parsed[2], Some(Decimal(Number::new(-250, -2))));
        assert!(serde_json::from_str::<Vec<Decimal>>("[true]").is_err());
    }

    proptest! {
        #[test]
        fn never_panics(text: String) {
            let _ = decimal(&text);
        }

        #[test]
        fn what_a_number_shows_reads_back(mantissa in -10i64.pow(18)..10i64.pow(18), places in 0i8..18) {
            let number = Number::new(mantissa, -places);
            prop_assert!(decimal(&number.to_string()).unwrap().same_value(number));
        }
    }
}
