//! What a grid tariff is made of.
//!
//! ```text
//!  Tariff
//!    TariffPeriod  from .. to        prices change, so every list has its dates
//!      fees                          so much a month
//!      energy      part by part      of each part the first rule that applies sets the price;
//!                                    the parts add up
//!      peaks                         each is a fee of its own; they add up
//! ```
//!
//! All amounts contain VAT, at the rate of the household.

use jiff::civil::Date;

use super::holiday::Holidays;
use super::when::{Local, Months, When};
use crate::money::{Currency, Money, PricePerKwh};

/// A grid tariff.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tariff {
    /// Its name for people.
    pub name: String,
    /// The two letters of the country.
    pub country: String,
    /// What its amounts are in.
    pub currency: Currency,
    /// The holidays that its rules go by.
    pub holidays: Holidays,
    /// Where its numbers are from.
    pub source: String,
    /// What the user has to fill in before it is true, where it is a form without real prices.
    pub template: Option<String>,
    /// Its lists of prices, ascending, none overlapping another.
    pub periods: Vec<TariffPeriod>,
}

/// The prices of a time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TariffPeriod {
    /// The first day.
    pub from: Date,
    /// The first day after it; `None` while no end is known.
    pub to: Option<Date>,
    /// Fees by the month.
    pub fees: Vec<Fee>,
    /// Prices of energy from the grid.
    pub energy: Vec<EnergyRule>,
    /// Fees by the largest power.
    pub peaks: Vec<PeakRule>,
}

/// A fee that depends on nothing but time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fee {
    /// Its name for people.
    pub name: String,
    /// The amount for a month.
    pub month: Money,
}

/// A price of energy and when it applies.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EnergyRule {
    /// Which part of the price it sets; of each part one rule counts.
    pub part: String,
    /// Its name for people.
    pub name: String,
    /// When it applies.
    pub when: When,
    /// The price; with 24 of them that of each clock hour.
    pub prices: Vec<PricePerKwh>,
    /// So many millionths of the market's price on top.
    pub spot_millionths: i64,
}

/// Of which stretches of time the peaks that count must be different.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Distinct {
    /// Of each local day only the largest window counts.
    Day,
    /// Windows count wherever they lie.
    None,
    /// Of each week, from Monday on, only the largest window counts.
    Week,
}

/// Which windows make a fee, and what it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PeakRule {
    /// Its name for people.
    pub name: String,
    /// Minutes of a window: 15, 30 or 60.
    pub window_min: u16,
    /// The mean of so many of the largest windows of a month counts.
    pub top: u8,
    /// Of which stretches they must be different.
    pub distinct: Distinct,
    /// Which windows count at all.
    pub when: When,
    /// Thousandths by which the power of a window counts; the first that applies, else 1000.
    pub weights: Vec<(When, i64)>,
    /// A month counts as at least so many watts.
    pub floor_w: i64,
    /// Only what is above so many watts costs.
    pub threshold_w: i64,
    /// The mean of so many months counts, with this one; 1 for this month alone.
    pub history_months: u8,
    /// What it costs.
    pub price: PeakPrice,
}

/// What a peak costs for a month.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PeakPrice {
    /// So much for one kW, by months; the first that applies.
    PerKw(Vec<(Months, Money)>),
    /// A fee by steps, ascending.
    Steps {
        /// The steps.
        steps: Vec<Step>,
        /// Whether exactly the beginning of a step belongs to it and not to the one below.
        upper: bool,
    },
}

/// One step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Step {
    /// Where it begins, in watts.
    pub from_w: i64,
    /// The fee for a month.
    pub month: Money,
}

impl Tariff {
    /// The prices of a day. After the end of the last list its prices go on until others are
    /// known; [`is_expired`](Self::is_expired) tells. `None` before the first list and in gaps.
    pub fn period(&self, date: Date) -> Option<&TariffPeriod> {
        let valid =
            |period: &&TariffPeriod| period.from <= date && period.to.is_none_or(|to| date < to);
        let last = || self.periods.last().filter(|_| self.is_expired(date));
        self.periods.iter().find(valid).or_else(last)
    }

    /// Whether a day lies after the end of the last list of prices.
    pub fn is_expired(&self, date: Date) -> bool {
        self.expires().is_some_and(|end| end <= date)
    }

    /// The first day after the last list of prices, where it has an end.
    pub fn expires(&self) -> Option<Date> {
        self.periods.last().and_then(|period| period.to)
    }
}

impl TariffPeriod {
    /// The rules that set the price at a time: one of each part, with their places.
    pub fn energy_at<'a>(
        &'a self,
        local: Local,
        holidays: &'a Holidays,
    ) -> impl Iterator<Item = (usize, &'a EnergyRule)> {
        self.energy.iter().enumerate().filter(move |(at, rule)| {
            rule.when.applies(local, holidays)
                && !self
                    .energy
                    .iter()
                    .take(*at)
                    .any(|before| before.part == rule.part && before.when.applies(local, holidays))
        })
    }
}

impl EnergyRule {
    /// The price at a time; `None` when it goes by the market's price and there is none, or when
    /// it does not fit.
    pub fn price(&self, local: Local, spot: Option<PricePerKwh>) -> Option<PricePerKwh> {
        let hour = if self.prices.len() == 24 { usize::from(local.hour()) } else { 0 };
        let base = self.prices.get(hour).copied()?;
        if self.spot_millionths == 0 {
            return Some(base);
        }
        base.plus(spot?.times(self.spot_millionths, 1_000_000)?)
    }
}

impl PeakRule {
    /// The thousandths by which a window that begins at a time counts; `None` when it does not.
    pub fn weight(&self, local: Local, holidays: &Holidays) -> Option<i64> {
        if !self.when.applies(local, holidays) {
            return None;
        }
        let special = self.weights.iter().find(|(when, _)| when.applies(local, holidays));
        Some(special.map_or(1000, |(_, permille)| *permille))
    }
}

impl PeakPrice {
    /// The step in which a mean of `sum_mw / count` lies, by its place. The mean is not rounded.
    pub fn step(&self, sum_mw: i128, count: i128) -> Option<usize> {
        let Self::Steps { steps, upper } = self else { return None };
        let reached = |step: &Step| {
            let from = i128::from(step.from_w) * 1000 * count;
            sum_mw > from || *upper && sum_mw == from
        };
        // the first step has everything that is below the second
        let above = steps.iter().skip(1).take_while(|step| reached(step)).count();
        (!steps.is_empty()).then_some(above)
    }
}
