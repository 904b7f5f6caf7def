//! IEEE 754 numbers to exact-as-needed decimals, without floating point.
//!
//! ```text
//!  31    30..23     22..0              63    62..52     51..0
//! +------+----------+----------+      +------+----------+----------+
//! | sign | exponent | fraction |      | sign | exponent | fraction |
//! +------+----------+----------+      +------+----------+----------+
//! ```
//!
//! A binary fraction is written with as many decimals as it has significance: 7 digits for
//! float32 and 15 for float64, trailing zeros left out. Not-a-number and the infinities are no
//! value, nor is what is too large for 63 bits.

use crate::number::Number;

/// The decimal of a float32.
pub(super) fn from_f32(octets: [u8; 4]) -> Option<Number> {
    let bits = u32::from_be_bytes(octets);
    let exponent = i32::try_from(bits >> 23 & 0xFF).ok()?;
    let fraction = u64::from(bits & 0x007F_FFFF);
    if exponent == 0xFF {
        return None;
    }
    let (mantissa, power) =
        if exponent == 0 { (fraction, -149) } else { (fraction | 1 << 23, exponent - 150) };
    decimal(bits >> 31 != 0, mantissa, power, 7)
}

/// The decimal of a float64.
pub(super) fn from_f64(octets: [u8; 8]) -> Option<Number> {
    let bits = u64::from_be_bytes(octets);
    let exponent = i32::try_from(bits >> 52 & 0x7FF).ok()?;
    let fraction = bits & 0x000F_FFFF_FFFF_FFFF;
    if exponent == 0x7FF {
        return None;
    }
    let (mantissa, power) =
        if exponent == 0 { (fraction, -1074) } else { (fraction | 1 << 52, exponent - 1075) };
    decimal(bits >> 63 != 0, mantissa, power, 15)
}

/// `mantissa * 2^power` with that many significant digits.
fn decimal(negative: bool, mantissa: u64, power: i32, digits: u32) -> Option<Number> {
    if mantissa == 0 {
        return Some(Number::new(0, 0));
    }
    let limit = 10u128.pow(digits);
    let mut value = u128::from(mantissa);
    let mut exponent = 0i8;
    if power >= 0 {
        value = u128::from(
            mantissa
                .checked_shl(power.unsigned_abs())
                .filter(|shifted| power < 64 && shifted >> power == mantissa)?,
        );
    } else {
        // Below 2^-60 no meter measures anything.
        let shift = u32::try_from(-power).ok().filter(|shift| *shift <= 120)?;
        // Each step moves one decimal place out of the fraction.
        while value >> shift < limit / 10 && value < u128::MAX / 10 && exponent > -18 {
            value *= 10;
            exponent -= 1;
        }
        let half = 1u128 << (shift - 1);
        value = (value + half) >> shift;
    }
    while exponent < 0 && value.is_multiple_of(10) {
        value /= 10;
        exponent += 1;
    }
    let value = i64::try_from(value).ok()?;
    Some(Number::new(if negative { -value } else { value }, exponent))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn published_samples_are_read() {
        assert_eq!(from_f32([0x47, 0x72, 0x68, 0x00]), Some(Number::new(62056, 0)));
        let wide = [0x40, 0xEE, 0x4D, 0, 0, 0, 0, 0];
        assert_eq!(from_f64(wide), Some(Number::new(62056, 0)));
    }

    #[test]
    fn fractions_keep_their_significant_digits() {
        assert_eq!(from_f32(230.7f32.to_be_bytes()), Some(Number::new(2307, -1)));
        assert_eq!(from_f32((-0.04f32).to_be_bytes()), Some(Number::new(-4, -2)));
        assert_eq!(from_f64(49.987_654f64.to_be_bytes()), Some(Number::new(49_987_654, -6)));
        assert_eq!(from_f32(0f32.to_be_bytes()), Some(Number::new(0, 0)));
    }

    #[test]
    fn what_is_no_number_is_no_value() {
        assert_eq!(from_f32(f32::NAN.to_be_bytes()), None);
        assert_eq!(from_f64(f64::INFINITY.to_be_bytes()), None);
        assert_eq!(from_f64(1e300f64.to_be_bytes()), None);
    }

    proptest! {
        #[test]
        fn never_panics(four: [u8; 4], eight: [u8; 8]) {
            let _ = (from_f32(four), from_f64(eight));
        }

        #[test]
        fn whole_numbers_stay_whole(value in -16_000_000i32..16_000_000) {
            #[allow(clippy::cast_precision_loss, reason = "24 bits fit")]
            let octets = (value as f32).to_be_bytes();
            prop_assert_eq!(from_f32(octets).and_then(|n| n.in_units_of(0)), Some(i64::from(value)));
        }
    }
}
