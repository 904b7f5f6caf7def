//! Exact decimals: an integer and a power of ten, as every meter list states its values.

use core::fmt;

/// `mantissa * 10^exponent`, exactly. The exponent also tells the resolution of the sender.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Number {
    /// The digits, signed.
    pub mantissa: i64,
    /// The power of ten they are multiplied by.
    pub exponent: i8,
}

impl Number {
    /// A number from its digits and their power of ten.
    pub const fn new(mantissa: i64, exponent: i8) -> Self {
        Self { mantissa, exponent }
    }

    /// The same digits, `by` powers of ten larger.
    #[must_use]
    pub const fn shifted(self, by: i8) -> Self {
        Self { mantissa: self.mantissa, exponent: self.exponent.saturating_add(by) }
    }

    /// The value as a whole count of `10^exponent`, rounded half away from zero; `None` when it
    /// does not fit.
    ///
    /// `Number::new(2357, -1).in_units_of(-3)` is `Some(235_700)`.
    pub fn in_units_of(self, exponent: i8) -> Option<i64> {
        let shift = i32::from(self.exponent) - i32::from(exponent);
        if shift >= 0 {
            let factor = 10i64.checked_pow(shift.unsigned_abs())?;
            return self.mantissa.checked_mul(factor);
        }
        let Some(divisor) = 10i128.checked_pow(shift.unsigned_abs()) else {
            return Some(0);
        };
        let mantissa = i128::from(self.mantissa);
        let half = divisor / 2 * mantissa.signum();
        i64::try_from((mantissa + half) / divisor).ok()
    }

    /// Whether both stand for the same value, whatever their resolution.
    pub fn same_value(self, other: Self) -> bool {
        let smaller = self.exponent.min(other.exponent);
        match (self.in_units_of(smaller), other.in_units_of(smaller)) {
            (Some(a), Some(b)) => a == b,
            _ => self == other,
        }
    }
}

impl fmt::Display for Number {
    /// Plain decimal notation with all digits of the sender: `23.5`, `-0.040`, `85823280`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.mantissa < 0 {
            f.write_str("-")?;
        }
        let digits = self.mantissa.unsigned_abs();
        if self.exponent >= 0 {
            write!(f, "{digits}")?;
            if digits != 0 {
                for _ in 0..self.exponent {
                    f.write_str("0")?;
                }
            }
            return Ok(());
        }
        let places = usize::from(self.exponent.unsigned_abs());
        match 10u64.checked_pow(u32::from(self.exponent.unsigned_abs())) {
            Some(unit) => write!(f, "{}.{:0places$}", digits / unit, digits % unit),
            None => write!(f, "0.{digits:0places$}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::string::ToString;

    #[test]
    fn numbers_print_all_digits_of_the_sender() {
        for (number, text) in [
            (Number::new(2357, -1), "235.7"),
            (Number::new(-40, -3), "-0.040"),
            (Number::new(8_582_328, 1), "85823280"),
            (Number::new(0, 3), "0"),
            (Number::new(5, -25), "0.0000000000000000000000005"),
            (Number::new(i64::MIN, 0), "-9223372036854775808"),
        ] {
            assert_eq!(number.to_string(), text);
        }
    }

    #[test]
    fn rounding_is_half_away_from_zero() {
        assert_eq!(Number::new(25, -1).in_units_of(0), Some(3));
        assert_eq!(Number::new(-25, -1).in_units_of(0), Some(-3));
        assert_eq!(Number::new(2357, -1).in_units_of(-3), Some(235_700));
        assert_eq!(Number::new(i64::MAX, 3).in_units_of(0), None);
        assert_eq!(Number::new(7, -128).in_units_of(0), Some(0));
    }

    #[test]
    fn same_value_ignores_resolution() {
        assert!(Number::new(2300, -1).same_value(Number::new(230, 0)));
        assert!(!Number::new(2301, -1).same_value(Number::new(230, 0)));
        let huge = Number::new(i64::MAX, 0);
        assert!(!huge.same_value(Number::new(1, -1)), "also where the finer unit has no room");
    }
}
