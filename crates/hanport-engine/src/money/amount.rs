//! A price per kilowatt-hour, an amount of money, and the currency of both.

use core::fmt;
use core::iter::Sum;
use core::str::FromStr;

use hanport_core::number::Number;
use serde::{Deserialize, Serialize};

/// 1/1 000 000 of a currency unit for one kWh; negative prices are prices like others.
///
/// Written with `{}` it has as few decimals as say it exactly; `{:.4}` rounds for the eye.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct PricePerKwh(pub i64);

/// 1/1 000 000 000 of a currency unit: what a watt-hour at a price of 1/1 000 000 a kWh costs.
///
/// Written with `{}` it has as few decimals as say it exactly, at least two; `{:.2}` rounds for
/// the eye, half away from zero.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct Money(pub i64);

impl PricePerKwh {
    /// One currency unit for one kWh.
    pub const ONE: Self = Self(1_000_000);

    /// Nothing for a kWh. A price that is not known is never this but `None`.
    pub const ZERO: Self = Self(0);

    /// From a price per kWh as it was written; rounded half away from zero. `None` when it does
    /// not fit.
    pub fn per_kwh(price: Number) -> Option<Self> {
        price.in_units_of(-6).map(Self)
    }

    /// From a price per megawatt-hour.
    pub fn per_mwh(price: Number) -> Option<Self> {
        price.in_units_of(-3).map(Self)
    }

    /// The sum, or `None` when it does not fit.
    pub fn plus(self, other: Self) -> Option<Self> {
        self.0.checked_add(other.0).map(Self)
    }

    /// The difference, or `None` when it does not fit.
    pub fn minus(self, other: Self) -> Option<Self> {
        self.0.checked_sub(other.0).map(Self)
    }

    /// This price times `numerator / denominator`, rounded half away from zero. `None` when it
    /// does not fit or the denominator is 0.
    pub fn times(self, numerator: i64, denominator: i64) -> Option<Self> {
        let wide = i128::from(self.0) * i128::from(numerator);
        i64::try_from(divided(wide, i128::from(denominator))?).ok().map(Self)
    }

    /// What `wh` watt-hours cost at this price, exactly. `None` when it does not fit.
    pub fn cost(self, wh: i64) -> Option<Money> {
        self.0.checked_mul(wh).map(Money)
    }

    /// The plain mean, rounded half away from zero; `None` of nothing.
    pub fn mean(prices: impl IntoIterator<Item = Self>) -> Option<Self> {
        let (sum, count) =
            prices.into_iter().fold((0i128, 0i128), |(s, n), p| (s + i128::from(p.0), n + 1));
        i64::try_from(divided(sum, count)?).ok().map(Self)
    }
}

impl Money {
    /// Nothing.
    pub const ZERO: Self = Self(0);

    /// One currency unit.
    pub const ONE: Self = Self(1_000_000_000);

    /// From an amount as it was written; rounded half away from zero. `None` when it does not
    /// fit.
    pub fn of(amount: Number) -> Option<Self> {
        amount.in_units_of(-9).map(Self)
    }

    /// The sum, or `None` when it does not fit.
    pub fn plus(self, other: Self) -> Option<Self> {
        self.0.checked_add(other.0).map(Self)
    }

    /// The difference, or `None` when it does not fit.
    pub fn minus(self, other: Self) -> Option<Self> {
        self.0.checked_sub(other.0).map(Self)
    }

    /// This amount times `numerator / denominator`, rounded half away from zero. `None` when it
    /// does not fit or the denominator is 0.
    pub fn times(self, numerator: i64, denominator: i64) -> Option<Self> {
        let wide = i128::from(self.0) * i128::from(numerator);
        i64::try_from(divided(wide, i128::from(denominator))?).ok().map(Self)
    }

    /// In 1/100 of the currency unit, rounded half away from zero.
    pub fn hundredths(self) -> i64 {
        divided(i128::from(self.0), 10_000_000).and_then(|h| i64::try_from(h).ok()).unwrap_or(0)
    }

    /// All of them together; `None` when that does not fit.
    pub fn total(amounts: impl IntoIterator<Item = Self>) -> Option<Self> {
        let wide: i128 = amounts.into_iter().map(|amount| i128::from(amount.0)).sum();
        i64::try_from(wide).ok().map(Self)
    }
}

impl Sum for Money {
    /// Held at the ends of what fits.
    fn sum<I: Iterator<Item = Self>>(amounts: I) -> Self {
        let wide: i128 = amounts.map(|amount| i128::from(amount.0)).sum();
        Self(i64::try_from(wide).unwrap_or(if wide < 0 { i64::MIN } else { i64::MAX }))
    }
}

/// Half away from zero; `None` by zero.
pub(crate) fn divided(value: i128, by: i128) -> Option<i128> {
    let quotient = value.checked_div(by)?;
    let rest = value.checked_rem(by)?;
    let up = rest.unsigned_abs() >= by.unsigned_abs().div_ceil(2) && rest != 0;
    Some(if up { quotient + value.signum() * by.signum() } else { quotient })
}

/// `value / 10^scale` with at least `least` decimals, or rounded to as many as asked for.
fn decimal(value: i64, scale: u32, least: usize, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let scale_places = usize::try_from(scale).unwrap_or(0);
    let places = f.precision().map_or(scale_places, |places| places.min(scale_places));
    let dropped = u32::try_from(scale_places - places).unwrap_or(0);
    let rounded = divided(i128::from(value), 10i128.pow(dropped)).unwrap_or(0);
    let unit = 10u128.pow(scale - dropped);
    let digits = rounded.unsigned_abs();
    let mut text = if places == 0 {
        (digits / unit).to_string()
    } else {
        format!("{}.{:0places$}", digits / unit, digits % unit)
    };
    if f.precision().is_none() {
        let keep = text.len() - places + least;
        while text.len() > keep && text.ends_with('0') {
            text.pop();
        }
        if text.ends_with('.') {
            text.pop();
        }
    }
    f.pad_integral(rounded >= 0, "", &text)
}

impl fmt::Display for PricePerKwh {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        decimal(self.0, 6, 0, f)
    }
}

impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        decimal(self.0, 9, 2, f)
    }
}

/// A currency by its ISO 4217 code: three capital letters.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Currency([u8; 3]);

/// A text that is no currency code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NoCurrency(pub String);

impl Currency {
    /// Danish krone.
    pub const DKK: Self = Self(*b"DKK");
    /// Euro.
    pub const EUR: Self = Self(*b"EUR");
    /// Norwegian krone.
    pub const NOK: Self = Self(*b"NOK");
    /// Swedish krona.
    pub const SEK: Self = Self(*b"SEK");

    /// The code.
    pub fn code(&self) -> &str {
        core::str::from_utf8(&self.0).unwrap_or("")
    }

    /// What 1/100 of it is called where prices are told in it: in Norwegian, Danish, Swedish and other words.
    pub fn minor(&self) -> Option<&'static str> {
        match &self.0 {
            b"NOK" | b"DKK" => Some("\u{f8}re"),
            b"SEK" => Some("\u{f6}re"),
            b"EUR" => Some("cent"),
            b"CHF" => Some("rp."),
            _ => None,
        }
    }
}

impl FromStr for Currency {
    type Err = NoCurrency;

    /// Takes small letters too.
    fn from_str(text: &str) -> Result<Self, NoCurrency> {
        match text.trim().as_bytes() {
            &[a, b, c] if [a, b, c].iter().all(u8::is_ascii_alphabetic) => {
                Ok(Self([a, b, c].map(|letter| letter.to_ascii_uppercase())))
            }
            _ => Err(NoCurrency(text.to_owned())),
        }
    }
}

impl TryFrom<String> for Currency {
    type Error = NoCurrency;

    fn try_from(text: String) -> Result<Self, NoCurrency> {
        text.parse()
    }
}

impl From<Currency> for String {
    fn from(currency: Currency) -> Self {
        currency.code().to_owned()
    }
}

impl fmt::Display for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.code())
    }
}

impl fmt::Debug for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

impl fmt::Display for NoCurrency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "\"{}\" is no currency, write a code of three letters such as EUR", self.0)
    }
}

impl core::error::Error for NoCurrency {}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_price_times_energy_is_exact() {
        let price = PricePerKwh::per_kwh(Number::new(2_787_375, -6)).unwrap();
        let cost = price.cost(3750).unwrap();
        assert_eq!(cost.to_string(), "10.45265625");
        assert_eq!(format!("{cost:.2}"), "10.45");
        assert_eq!(PricePerKwh(-15_000).cost(800).unwrap().to_string(), "-0.012");
    }

    #[test]
    fn amounts_are_shown_as_people_write_them() {
        assert_eq!(PricePerKwh(870_625).to_string(), "0.870625");
        assert_eq!(PricePerKwh(-7_030).to_string(), "-0.00703");
        assert_eq!(PricePerKwh(2_000_000).to_string(), "2");
        assert_eq!(format!("{:.4}", PricePerKwh(-50)), "-0.0001");
        assert_eq!(format!("{:.4}", PricePerKwh(-49)), "0.0000");
        assert_eq!(format!("{:.0}", PricePerKwh(1_500_000)), "2");
        assert_eq!(format!("{:>8.2}", PricePerKwh(1_500_000)), "    1.50");
        assert_eq!(Money(5_000_000_000).to_string(), "5.00");
        assert_eq!(Money(5_000_000).hundredths(), 1);
        assert_eq!(Money(-5_000_000).hundredths(), -1);
    }

    #[test]
    fn the_mean_of_nothing_is_nothing() {
        assert_eq!(PricePerKwh::mean([]), None);
        assert_eq!(PricePerKwh::mean([PricePerKwh(1), PricePerKwh(2)]), Some(PricePerKwh(2)));
        assert_eq!(PricePerKwh::mean([PricePerKwh(-1), PricePerKwh(-2)]), Some(PricePerKwh(-2)));
        assert_eq!(PricePerKwh(5).times(1, 0), None);
    }

    #[test]
    fn a_currency_is_three_letters() {
        assert_eq!("nok".parse::<Currency>(), Ok(Currency::NOK));
        assert_eq!(Currency::SEK.to_string(), "SEK");
        for wrong in ["", "NO", "NOKK", "N0K", "\u{e9}\u{e9}"] {
            assert!(wrong.parse::<Currency>().is_err(), "{wrong}");
        }
    }

    proptest! {
        #[test]
        fn what_is_shown_reads_back(value: i64) {
            let shown = Money(value).to_string();
            let (whole, part) = shown.split_once('.').unwrap();
            let digits: i128 = format!("{whole}{part:0<9}").parse().unwrap();
            prop_assert_eq!(digits, i128::from(value));
        }

        #[test]
        fn rounding_is_never_further_than_half(value: i64, by in 1i64..1_000_000) {
            let rounded = divided(i128::from(value), i128::from(by)).unwrap();
            let off = (rounded * i128::from(by) - i128::from(value)).abs();
            prop_assert!(off * 2 <= i128::from(by));
        }
    }
}
