//! What energy cost: from quarter-hours and the prices of their time to the lines of an invoice.
//!
//! ```text
//!  quarters (as shown, corrections laid over)    spot, formula, grid, support of each quarter
//!            \                                     /
//!             watt-hours x parts of the price, each part by itself, exactly
//!                              v
//!  Bill of an hour, day, month, year or any range: lines, fees in the share of the time that is
//!  over, the peak fee, and what is missing
//! ```
//!
//! Nothing is kept: a bill is reckoned anew whenever it is asked for, so prices that come late,
//! corrected quarters and changed formulas need nothing. A quarter without known energy or
//! without a price is not zero: it is counted as missing and the bill is partial.

mod tally;

use core::ops::Range;
use std::sync::Arc;

use jiff::civil::Date;

use super::amount::Money;
use super::contract::Pricing;
use super::view::Missing;
use crate::energy::correction::Shown;
use crate::energy::{Period, Quality};
use crate::tariff::When;
use crate::tariff::peak::{billed, fee, rank, windows};
use crate::time::UtcMillis;

use tally::Tally;

/// What a line of a bill is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum LineKind {
    /// The market's price of energy from the grid.
    Spot,
    /// A row of the formula for energy from the grid.
    Row,
    /// Energy by the grid tariff.
    Grid,
    /// Support by the state; negative where it relieves.
    Support,
    /// A fee by the month.
    Fee,
    /// A fee by the largest power.
    Peak,
    /// The market's price of energy to the grid; income.
    ExportSpot,
    /// A row of the formula for energy to the grid; income.
    ExportRow,
}

impl LineKind {
    /// The stable word for programs.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Spot => "spot",
            Self::Row => "row",
            Self::Grid => "grid",
            Self::Support => "support",
            Self::Fee => "fee",
            Self::Peak => "peak",
            Self::ExportSpot => "export_spot",
            Self::ExportRow => "export_row",
        }
    }

    /// Whether it is income.
    pub const fn is_income(self) -> bool {
        matches!(self, Self::ExportSpot | Self::ExportRow)
    }

    /// Whether it depends on time or power and not on energy.
    pub const fn is_fee(self) -> bool {
        matches!(self, Self::Fee | Self::Peak)
    }
}

/// A line of a bill.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// What it is for.
    pub kind: LineKind,
    /// Its name: of the row, of the part of the tariff, of the fee.
    pub name: Arc<str>,
    /// The watt-hours it is for; 0 for fees.
    pub wh: i64,
    /// How much.
    pub amount: Money,
}

/// What a stretch of time cost.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bill {
    /// Its half-open instants.
    pub range: Range<UtcMillis>,
    /// From the grid, in watt-hours; `None` when nothing is known.
    pub import_wh: Option<i64>,
    /// To the grid, in watt-hours; `None` when nothing is known.
    pub export_wh: Option<i64>,
    /// The lines, in a fixed order.
    pub lines: Vec<Line>,
    /// What is not in them.
    pub missing: Missing,
    /// Whether prices of a grid tariff were used beyond the end of its list.
    pub expired: bool,
    /// Whether the peak fee goes by fewer peaks than it needs, or by a month that is not over.
    pub provisional: bool,
}

impl Bill {
    fn sum(&self, wanted: impl Fn(LineKind) -> bool) -> Money {
        self.lines.iter().filter(|line| wanted(line.kind)).map(|line| line.amount).sum()
    }

    /// What the energy from the grid cost, fees apart. `None` when no energy is known, or when
    /// none of it has a price.
    pub fn cost(&self) -> Option<Money> {
        let wh = self.import_wh?;
        let priced = wh == 0 || self.lines.iter().any(|l| !l.kind.is_fee() && !l.kind.is_income());
        priced.then(|| self.sum(|kind| !kind.is_fee() && !kind.is_income()))
    }

    /// What the energy to the grid brought.
    pub fn income(&self) -> Option<Money> {
        let wh = self.export_wh?;
        let priced = wh == 0 || self.lines.iter().any(|line| line.kind.is_income());
        priced.then(|| self.sum(LineKind::is_income))
    }

    /// Fees by time and power.
    pub fn fees(&self) -> Money {
        self.sum(LineKind::is_fee)
    }

    /// Everything together: cost and fees without income.
    pub fn total(&self) -> Option<Money> {
        let cost = self.cost()?.plus(self.fees())?;
        cost.minus(self.income().unwrap_or_default())
    }
}

/// What an account is made of.
#[derive(Clone, Copy, Debug)]
pub struct Account<'a> {
    /// Contracts, prices and the clock.
    pub pricing: Pricing<'a>,
    /// Quarters of energy from the grid, ascending, from [`needed`] on.
    pub import: &'a [Shown],
    /// Quarters of energy to the grid, ascending.
    pub export: &'a [Shown],
    /// The largest quarter-hours of months that the meter itself reports (1.6.0), by the first of
    /// the month, in 1/1000 W; for a rule that goes by them they stand in place of what the
    /// quarters say.
    pub reported: &'a [(Date, i64)],
    /// Now: fees count up to it.
    pub now: UtcMillis,
    /// Up to when quarters should be there; nothing later is missing. The books need a while
    /// after a quarter is over.
    pub due: UtcMillis,
}

/// From when on quarters are needed for a bill of a range: support counts from the first of the
/// month, and a peak fee may go by months before.
pub fn needed(pricing: &Pricing<'_>, range: &Range<UtcMillis>) -> UtcMillis {
    let month = |at: UtcMillis| Period::Month.around(at, pricing.zone).start;
    let history = pricing
        .contracts
        .iter()
        .filter_map(|contract| contract.tariff.as_ref())
        .flat_map(|tariff| &tariff.periods)
        .flat_map(|period| &period.peaks)
        .map(|rule| rule.history_months)
        .max();
    let mut start = month(range.start);
    for _ in 1..history.unwrap_or(1) {
        start = month(start.plus(-1));
    }
    start
}

impl Account<'_> {
    /// One bill of a range.
    pub fn bill(&self, range: Range<UtcMillis>) -> Bill {
        self.bills(range.clone(), |_| range.clone())
            .pop()
            .unwrap_or_else(|| Tally::new(UtcMillis(0)..UtcMillis(0)).bill(self, &[]))
    }

    /// Bills of the hours, days, months or years that touch a range, each cut at its ends.
    pub fn by(&self, range: Range<UtcMillis>, period: Period) -> Vec<Bill> {
        self.bills(range.clone(), |at| {
            let around = period.around(at, self.pricing.zone);
            around.start.max(range.start)..around.end.min(range.end)
        })
    }

    fn bills(
        &self,
        range: Range<UtcMillis>,
        part: impl Fn(UtcMillis) -> Range<UtcMillis>,
    ) -> Vec<Bill> {
        let mut tallies = Vec::new();
        let mut at = range.start;
        while at < range.end {
            let part = part(at);
            at = part.end.max(at.plus(1));
            tallies.push(Tally::new(part));
        }
        tally::fill(self, &mut tallies);
        let peaks = self.peak_fees(&range);
        tallies.into_iter().map(|tally| tally.bill(self, &peaks)).collect()
    }

    /// The peak fees of the months that touch a range.
    fn peak_fees(&self, range: &Range<UtcMillis>) -> Vec<PeakFee> {
        let zone = self.pricing.zone;
        let mut fees = Vec::new();
        let mut month = Period::Month.around(range.start, zone);
        while month.start < range.end.min(self.now) {
            let date = month.start.timestamp().to_zoned(zone.clone()).date();
            let tariff = self.pricing.contract(date).and_then(|contract| contract.tariff.as_ref());
            let rules = tariff.and_then(|tariff| tariff.period(date)).map(|period| &period.peaks);
            for (place, rule) in rules.into_iter().flatten().enumerate() {
                let Some((own, fewer)) = self.figure(place, &month, date) else { continue };
                let before = self.figures_before(place, &month, rule.history_months);
                let billed = billed(rule, own, &before);
                fees.extend(fee(rule, billed, date.month()).map(|amount| PeakFee {
                    month: month.clone(),
                    name: rule.name.as_str().into(),
                    amount,
                    provisional: fewer || self.now < month.end,
                }));
            }
            let next = Period::Month.around(month.end, zone);
            if next.start <= month.start {
                break;
            }
            month = next;
        }
        fees
    }

    /// The figure of a month by one of the rules that hold then, and whether there are fewer
    /// peaks than it needs.
    pub fn figure(
        &self,
        place: usize,
        month: &Range<UtcMillis>,
        date: Date,
    ) -> Option<(crate::tariff::peak::Figure, bool)> {
        let tariff = self.pricing.contract(date)?.tariff.as_ref()?;
        let rule = tariff.period(date)?.peaks.get(place)?;
        // meters report the largest quarter-hour, whenever it was
        let same = rule.window_min == 15 && rule.top == 1 && rule.when == When::default();
        let reported = self.reported.iter().find(|(known, _)| same && *known == date);
        if let Some((_, mw)) = reported {
            let floor = rule.floor_w.saturating_mul(1000);
            return Some((crate::tariff::peak::Figure::of((*mw).max(floor)), false));
        }
        let found = windows(within(self.import, month), rule.window_min, self.pricing.zone);
        let ranking = rank(rule, &found, &tariff.holidays);
        Some((ranking.figure(rule)?, ranking.is_provisional()))
    }

    /// The figures of the months before a month, the newest first; they end where one is not
    /// known.
    pub fn figures_before(&self, place: usize, month: &Range<UtcMillis>, months: u8) -> Vec<i64> {
        let zone = self.pricing.zone;
        let mut figures = Vec::new();
        let mut start = month.start;
        for _ in 1..months {
            let before = Period::Month.around(start.plus(-1), zone);
            let date = before.start.timestamp().to_zoned(zone.clone()).date();
            let Some((figure, _)) = self.figure(place, &before, date) else { break };
            figures.push(figure.mw());
            start = before.start;
        }
        figures
    }
}

/// A peak fee of one month.
#[derive(Clone, Debug)]
struct PeakFee {
    month: Range<UtcMillis>,
    name: Arc<str>,
    amount: Money,
    provisional: bool,
}

/// The quarters that begin in a range.
pub(crate) fn within<'a>(shown: &'a [Shown], range: &Range<UtcMillis>) -> &'a [Shown] {
    let from = shown.partition_point(|one| one.booked.quarter.start() < range.start);
    let to = shown.partition_point(|one| one.booked.quarter.start() < range.end);
    shown.get(from..to).unwrap_or_default()
}

/// The watt-hours of a quarter that count; `None` when nothing is known of it.
pub(crate) fn counted(shown: &Shown) -> Option<i64> {
    let interval = crate::energy::shown::counted(shown);
    (interval.quality != Quality::Missing).then_some(interval.wh)
}

#[cfg(test)]
mod tests;
