//! Support schemes of the state: what a kilowatt-hour is relieved of, as data.
//!
//! ```text
//!  above   share x (spot - threshold) where spot is above it, with VAT; by the hour or by the
//!          mean of the month
//!  fixed   spot - level, with VAT, by the hour: where spot is below the level it is a charge
//! ```
//!
//! Both count the energy from the grid from the first of the month on and end at so many
//! kilowatt-hours; the quarter that crosses the end is split.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::amount::PricePerKwh;

/// By what the spot price of a scheme is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Basis {
    /// The mean of the clock hour.
    Hour,
    /// The mean of the calendar month.
    Month,
}

/// What a scheme gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "kind")]
pub enum Relief {
    /// A share of what the spot price is above a threshold.
    Above {
        /// Without VAT.
        threshold: PricePerKwh,
        /// In thousandths.
        share_permille: u16,
    },
    /// The difference to a level, whichever way it goes.
    Fixed {
        /// Without VAT.
        level: PricePerKwh,
    },
}

/// The terms of a scheme in a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Terms {
    /// The first day.
    pub from: Date,
    /// The first day after it; `None` while no end is known.
    pub to: Option<Date>,
    /// What it gives.
    pub relief: Relief,
    /// By what spot price.
    pub basis: Basis,
    /// Watt-hours in a month up to which it gives; `None` without end.
    pub cap_wh: Option<i64>,
}

/// A scheme for a household.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Support {
    /// Its name for people.
    pub name: String,
    /// Its terms, ascending, none overlapping another.
    pub terms: Vec<Terms>,
    /// The VAT of the household in thousandths; it is given too.
    pub vat_permille: u16,
}

/// A scheme that comes with the program.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scheme {
    /// Norgespris for homes.
    Norgespris,
    /// Norgespris for holiday homes.
    NorgesprisHoliday,
    /// The Norwegian support above a threshold.
    Stromstotte,
}

const fn above(from: Date, to: Date, threshold: i64, share: u16, basis: Basis) -> Terms {
    Terms {
        from,
        to: Some(to),
        relief: Relief::Above { threshold: PricePerKwh(threshold), share_permille: share },
        basis,
        cap_wh: Some(5_000_000),
    }
}

const fn day(year: i16, month: i8) -> Date {
    Date::constant(year, month, 1)
}

/// Norwegian law on support to households; the threshold is set anew every year.
const STROMSTOTTE: &[Terms] = &[
    above(day(2021, 12), day(2022, 1), 700_000, 550, Basis::Month),
    above(day(2022, 1), day(2022, 9), 700_000, 800, Basis::Month),
    above(day(2022, 9), day(2023, 4), 700_000, 900, Basis::Month),
    above(day(2023, 4), day(2023, 6), 700_000, 800, Basis::Month),
    above(day(2023, 6), day(2023, 9), 700_000, 900, Basis::Month),
    above(day(2023, 9), day(2024, 1), 700_000, 900, Basis::Hour),
    above(day(2024, 1), day(2025, 1), 730_000, 900, Basis::Hour),
    above(day(2025, 1), day(2026, 1), 750_000, 900, Basis::Hour),
    above(day(2026, 1), day(2027, 1), 770_000, 900, Basis::Hour),
];

impl Scheme {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Norgespris, Self::NorgesprisHoliday, Self::Stromstotte];

    /// The stable word: `norgespris`, `norgespris-holiday`, `stromstotte`.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Norgespris => "norgespris",
            Self::NorgesprisHoliday => "norgespris-holiday",
            Self::Stromstotte => "stromstotte",
        }
    }

    /// The scheme of a [word](Self::word).
    pub fn named(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|scheme| scheme.word() == word)
    }

    /// The scheme for a household with so many thousandths of VAT.
    pub fn support(self, vat_permille: u16) -> Support {
        let fixed = |cap_wh| Terms {
            from: day(2025, 10),
            to: Some(day(2027, 1)),
            relief: Relief::Fixed { level: PricePerKwh(400_000) },
            basis: Basis::Hour,
            cap_wh: Some(cap_wh),
        };
        let (name, terms) = match self {
            Self::Norgespris => ("Norgespris", vec![fixed(5_000_000)]),
            Self::NorgesprisHoliday => ("Norgespris", vec![fixed(1_000_000)]),
            Self::Stromstotte => ("Str\u{f8}mst\u{f8}tte", STROMSTOTTE.to_vec()),
        };
        Support { name: name.to_owned(), terms, vat_permille }
    }
}

impl Support {
    /// The terms of a day; `None` when there is no support.
    pub fn terms(&self, date: Date) -> Option<&Terms> {
        self.terms.iter().find(|t| t.from <= date && t.to.is_none_or(|to| date < to))
    }

    /// What a kWh is relieved of at a spot price, with VAT; negative where it is a charge.
    /// `None` when it does not fit.
    pub fn relief(&self, terms: &Terms, spot: PricePerKwh) -> Option<PricePerKwh> {
        let relief = match terms.relief {
            Relief::Above { threshold, share_permille } => {
                let above = spot.minus(threshold)?.max(PricePerKwh::ZERO);
                // share and VAT at once, so that it is rounded once
                let vat = 1000 + i64::from(self.vat_permille);
                return above.times(i64::from(share_permille) * vat, 1_000_000);
            }
            Relief::Fixed { level } => spot.minus(level)?,
        };
        relief.times(1000 + i64::from(self.vat_permille), 1000)
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    fn at(scheme: Scheme, vat: u16, spot: i64, date: Date) -> Option<i64> {
        let support = scheme.support(vat);
        let terms = *support.terms(date)?;
        support.relief(&terms, PricePerKwh(spot)).map(|price| price.0)
    }

    #[test]
    fn support_above_the_threshold_of_2026() {
        let day = date(2026, 1, 14);
        // (1.1250 - 0.77) * 0.9 * 1.25 and (1.8740 - 0.77) * 0.9 * 1.25
        assert_eq!(at(Scheme::Stromstotte, 250, 1_125_000, day), Some(399_375));
        assert_eq!(at(Scheme::Stromstotte, 250, 1_874_000, day), Some(1_242_000));
        assert_eq!(at(Scheme::Stromstotte, 250, 423_100, day), Some(0));
        assert_eq!(at(Scheme::Stromstotte, 250, -15_000, day), Some(0));
        // without VAT the threshold is the same
        assert_eq!(at(Scheme::Stromstotte, 0, 1_125_000, day), Some(319_500));
        // and nobody knows the one of 2027
        assert_eq!(at(Scheme::Stromstotte, 250, 1_125_000, date(2027, 1, 1)), None);
    }

    #[test]
    fn norgespris_goes_both_ways() {
        let day = date(2026, 1, 14);
        let price = |spot| at(Scheme::Norgespris, 250, spot, day);
        assert_eq!(price(423_100), Some(28_875));
        assert_eq!(price(1_125_000), Some(906_250));
        assert_eq!(price(1_874_000), Some(1_842_500));
        assert_eq!(price(-15_000), Some(-518_750));
        assert_eq!(at(Scheme::Norgespris, 250, 1, date(2025, 9, 30)), None);
    }

    #[test]
    fn terms_follow_each_other() {
        for scheme in Scheme::ALL {
            assert_eq!(Scheme::named(scheme.word()), Some(scheme));
            let terms = scheme.support(250).terms;
            for pair in terms.windows(2) {
                assert_eq!(pair[0].to, Some(pair[1].from));
            }
        }
    }
}
