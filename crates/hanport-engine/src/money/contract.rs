//! What a household has agreed on: formula, grid tariff, support and fees; and the prices that
//! follow from it.

use core::ops::Range;
use std::sync::Arc;

use jiff::civil::Date;
use jiff::tz::TimeZone;

use super::amount::PricePerKwh;
use super::support::{Basis, Support};
use crate::energy::Period;
use crate::price::formula::{Direction, Formula, Part};
use crate::price::{PriceBook, Spot};
use crate::tariff::{Fee, Local, Tariff};
use crate::time::UtcMillis;

/// By which price energy is billed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Settlement {
    /// The plain mean of the clock hour.
    Hour,
    /// The price of each quarter-hour.
    Quarter,
}

/// An agreement and the day from which it holds.
#[derive(Clone, Debug)]
pub struct Contract {
    /// The first day; `None` for the one that always held.
    pub from: Option<Date>,
    /// From the market's price to the supplier's.
    pub formula: Formula,
    /// By which price energy is billed.
    pub settlement: Settlement,
    /// The supplier's fees by the month, with VAT.
    pub fees: Vec<Fee>,
    /// What the grid charges; `None` when the formula has it in.
    pub tariff: Option<Arc<Tariff>>,
    /// What the state gives.
    pub support: Option<Support>,
}

/// The prices of a moment. `None` is unknown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Priced {
    /// The market's, as it is billed: of the quarter or of the hour.
    pub spot: Option<PricePerKwh>,
    /// Of a kWh from the grid: formula, grid and support.
    pub import: Option<PricePerKwh>,
    /// Of a kWh to the grid.
    pub export: Option<PricePerKwh>,
    /// What support takes off the import price for as long as its limit is not reached; it is
    /// taken off in `import`.
    pub relief: Option<PricePerKwh>,
}

/// What a part of the price belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Origin {
    /// The market's price.
    Spot,
    /// A row of the formula, by its place.
    Row(usize),
    /// A rule of the grid tariff, by the place of its period and its own.
    Grid(usize, usize),
}

/// A part of the price of a kWh.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Share {
    /// What it belongs to.
    pub origin: Origin,
    /// How much.
    pub price: PricePerKwh,
}

/// Contracts, prices and the clock of a household.
#[derive(Clone, Copy, Debug)]
pub struct Pricing<'a> {
    /// Ascending by their first day.
    pub contracts: &'a [Contract],
    /// The market's prices.
    pub book: &'a PriceBook,
    /// The household's time zone.
    pub zone: &'a TimeZone,
}

impl<'a> Pricing<'a> {
    /// The contract of a day.
    pub fn contract(&self, date: Date) -> Option<&'a Contract> {
        self.contracts.iter().rev().find(|contract| contract.from.is_none_or(|from| from <= date))
    }

    /// The market's price by which a contract bills an instant.
    pub fn spot(&self, contract: &Contract, at: UtcMillis, local: Local) -> Option<PricePerKwh> {
        match contract.settlement {
            Settlement::Quarter => self.book.at(at).map(|spot| spot.price),
            Settlement::Hour => self.hour_mean(at, local),
        }
    }

    /// The mean of the clock hour of an instant, when all of it has a price.
    pub fn hour_mean(&self, at: UtcMillis, local: Local) -> Option<PricePerKwh> {
        let one: &Spot = self.book.at(at)?;
        let range = clock_hour(at, local);
        if one.range.start <= range.start && range.end <= one.range.end {
            return Some(one.price);
        }
        self.book.mean(&range)
    }

    /// The prices of an instant, as they are billed.
    pub fn at(&self, at: UtcMillis) -> Priced {
        let local = Local::of(at, self.zone);
        match self.contract(local.date) {
            Some(contract) => self.priced(contract, self.spot(contract, at, local), at, local),
            None => Priced { spot: self.book.at(at).map(|spot| spot.price), ..Priced::default() },
        }
    }

    /// The prices of a range: the mean of the market's over all of it, and what the contract of
    /// its first instant makes of that.
    pub fn over(&self, range: &Range<UtcMillis>) -> Priced {
        let local = Local::of(range.start, self.zone);
        let mean = self.book.mean(range);
        match self.contract(local.date) {
            Some(contract) => {
                let billed = match contract.settlement {
                    Settlement::Hour => self.hour_mean(range.start, local),
                    Settlement::Quarter => mean,
                };
                Priced { spot: mean, ..self.priced(contract, billed, range.start, local) }
            }
            None => Priced { spot: mean, ..Priced::default() },
        }
    }

    fn priced(
        &self,
        contract: &Contract,
        spot: Option<PricePerKwh>,
        at: UtcMillis,
        local: Local,
    ) -> Priced {
        let mut shares = Vec::with_capacity(12);
        let before = self.import(contract, spot, local, &mut shares);
        let relief = self.relief(contract, at, local);
        let import = before.and_then(|price| price.minus(relief.unwrap_or_default()));
        let export = contract.formula.price(Direction::Export, spot, local);
        Priced { spot, import, export, relief }
    }

    /// The price of a kWh from the grid without support, and in `shares` its parts, which add up
    /// to it.
    pub fn import(
        &self,
        contract: &Contract,
        spot: Option<PricePerKwh>,
        local: Local,
        shares: &mut Vec<Share>,
    ) -> Option<PricePerKwh> {
        shares.clear();
        let mut parts = Vec::with_capacity(8);
        let mut price = contract.formula.form(Direction::Import, spot, local, &mut parts)?;
        shares.extend(parts.iter().map(share));
        if let Some(tariff) = &contract.tariff {
            let period = tariff.period(local.date)?;
            let place = tariff.periods.iter().position(|known| core::ptr::eq(known, period))?;
            for (at, rule) in period.energy_at(local, &tariff.holidays) {
                let more = rule.price(local, spot)?;
                price = price.plus(more)?;
                shares.push(Share { origin: Origin::Grid(place, at), price: more });
            }
        }
        Some(price)
    }

    /// The price of a kWh to the grid, and in `shares` its parts.
    pub fn export(
        &self,
        contract: &Contract,
        spot: Option<PricePerKwh>,
        local: Local,
        shares: &mut Vec<Share>,
    ) -> Option<PricePerKwh> {
        shares.clear();
        let mut parts = Vec::with_capacity(8);
        let price = contract.formula.form(Direction::Export, spot, local, &mut parts)?;
        shares.extend(parts.iter().map(share));
        Some(price)
    }

    /// What support takes off a kWh at an instant, limits aside; `None` where there is none or
    /// the price it goes by is not known.
    pub fn relief(&self, contract: &Contract, at: UtcMillis, local: Local) -> Option<PricePerKwh> {
        self.relief_at(contract, None, at, local)
    }

    /// The same where the mean of the hour may be known already.
    pub(crate) fn relief_at(
        &self,
        contract: &Contract,
        hour: Option<PricePerKwh>,
        at: UtcMillis,
        local: Local,
    ) -> Option<PricePerKwh> {
        let support = contract.support.as_ref()?;
        let terms = support.terms(local.date)?;
        let spot = match terms.basis {
            Basis::Hour => hour.or_else(|| self.hour_mean(at, local))?,
            Basis::Month => self.month_mean(local.date)?,
        };
        support.relief(terms, spot)
    }

    /// The mean of what is known of the month of a date.
    fn month_mean(&self, date: Date) -> Option<PricePerKwh> {
        let month = Period::Month.calendar(date, self.zone)?;
        let (mut sum, mut time) = (0i128, 0i128);
        for spot in self.book.between(&month) {
            let range = spot.range.start.max(month.start)..spot.range.end.min(month.end);
            let length = i128::from(range.end.since(range.start));
            sum += i128::from(spot.price.0) * length;
            time += length;
        }
        let mean = super::amount::divided(sum, time)?;
        i64::try_from(mean).ok().map(PricePerKwh)
    }

    /// Whether export can have another price than import.
    pub fn differs(&self) -> bool {
        self.contracts.iter().any(|contract| {
            contract.formula.differs() || contract.tariff.is_some() || contract.support.is_some()
        })
    }
}

fn share(part: &Part) -> Share {
    Share { origin: part.row.map_or(Origin::Spot, Origin::Row), price: part.price }
}

/// The clock hour of an instant.
fn clock_hour(at: UtcMillis, local: Local) -> Range<UtcMillis> {
    let into = i64::from(local.minute % 60) * 60_000 + at.0.rem_euclid(60_000);
    let start = at.plus(-into);
    start..start.plus(3_600_000)
}
