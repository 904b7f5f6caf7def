//! Exact decimals in JSON: the digits as they are, never through a float.

use hanport_core::number::Number;
use serde_json::Value;

/// A number with all of its digits: `23.50`, `-0.040`, `85823280`.
pub fn value(number: Number) -> Value {
    let digits = number.to_string();
    // what a number prints is what JSON calls a number
    serde_json::from_str(&digits).unwrap_or(Value::String(digits))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_stay_as_they_are() {
        for (number, text) in [
            (Number::new(2350, -2), "23.50"),
            (Number::new(-40, -3), "-0.040"),
            (Number::new(i64::MAX, 1), "92233720368547758070"),
            (Number::new(0, 0), "0"),
        ] {
            assert_eq!(value(number).to_string(), text);
        }
    }
}
