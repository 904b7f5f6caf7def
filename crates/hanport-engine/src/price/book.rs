//! All prices that are known of one area, in the household's currency, without VAT.
//!
//! Series of several sources lie over each other: what is final over what is preliminary, and of
//! equals the one that is put in later. A price that is told in another currency is converted
//! at the reference rate of its day; without a rate there is no price.

use core::ops::Range;
use std::sync::Arc;

use jiff::civil::Date;

use super::rates::Rates;
use super::series::{Firmness, Lasting, PriceSeries, place};
use super::source::{Source, market_day, market_zone};
use crate::money::{Currency, PricePerKwh};
use crate::time::UtcMillis;

/// The price of a stretch of time and all that is known of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Spot {
    /// Its half-open instants.
    pub range: Range<UtcMillis>,
    /// In the currency of the book, without VAT.
    pub price: PricePerKwh,
    /// As it was told.
    pub told: PricePerKwh,
    /// The currency in which it was told.
    pub currency: Currency,
    /// The day of the exchange rate, where it was converted.
    pub rate_day: Option<Date>,
    /// Who told it.
    pub source: Source,
    /// Whether it can still change.
    pub firmness: Firmness,
    /// What the source said of its licence.
    pub licence: Option<Arc<str>>,
}

impl Lasting for Spot {
    fn range(&self) -> &Range<UtcMillis> {
        &self.range
    }

    fn lasting(&self, range: Range<UtcMillis>) -> Self {
        Self { range, ..self.clone() }
    }
}

/// All prices of an area.
#[derive(Clone, Debug)]
pub struct PriceBook {
    currency: Currency,
    /// Ascending, none overlapping another.
    spots: Vec<Spot>,
    /// Stretches that have a price for which there is no exchange rate.
    unconverted: u32,
}

impl PriceBook {
    /// An empty book.
    pub const fn new(currency: Currency) -> Self {
        Self { currency, spots: Vec::new(), unconverted: 0 }
    }

    /// What its prices are in.
    pub const fn currency(&self) -> Currency {
        self.currency
    }

    /// Puts a series over what is there; what is preliminary only where nothing final is.
    pub fn put(&mut self, series: &PriceSeries, rates: &Rates) {
        let zone = market_zone();
        let licence: Option<Arc<str>> = series.licence.as_deref().map(Arc::from);
        let mut day: Option<(Range<UtcMillis>, Date)> = None;
        for slot in series.slots() {
            let date = match &day {
                Some((range, date)) if range.contains(&slot.range.start) => *date,
                _ => {
                    let at = slot.range.start.timestamp().to_zoned(zone.clone()).date();
                    day = Some((market_day(at), at));
                    at
                }
            };
            let converted = series
                .vat
                .removed(slot.price)
                .and_then(|price| rates.convert(price, series.currency, self.currency, date));
            let Some((price, rate_day)) = converted else {
                self.unconverted = self.unconverted.saturating_add(1);
                continue;
            };
            let spot = Spot {
                range: slot.range.clone(),
                price,
                told: slot.price,
                currency: series.currency,
                rate_day: (series.currency != self.currency).then_some(rate_day),
                source: series.source,
                firmness: series.firmness,
                licence: licence.clone(),
            };
            self.lay(spot);
        }
    }

    fn lay(&mut self, spot: Spot) {
        if spot.firmness == Firmness::Final {
            place(&mut self.spots, spot);
            return;
        }
        // only into the holes between what is final
        let mut open = spot.range.start;
        let finals: Vec<Range<UtcMillis>> = self
            .between(&spot.range)
            .iter()
            .filter(|known| known.firmness == Firmness::Final)
            .map(|known| known.range.clone())
            .collect();
        for range in finals {
            if open < range.start {
                place(&mut self.spots, spot.lasting(open..range.start));
            }
            open = range.end;
        }
        if open < spot.range.end {
            place(&mut self.spots, spot.lasting(open..spot.range.end));
        }
    }

    /// All prices, ascending.
    pub fn spots(&self) -> &[Spot] {
        &self.spots
    }

    /// How many prices could not be converted for want of an exchange rate.
    pub const fn unconverted(&self) -> u32 {
        self.unconverted
    }

    /// The prices that touch a range.
    pub fn between(&self, range: &Range<UtcMillis>) -> &[Spot] {
        let from = self.spots.partition_point(|spot| spot.range.end <= range.start);
        let to = self.spots.partition_point(|spot| spot.range.start < range.end);
        self.spots.get(from..to).unwrap_or_default()
    }

    /// The price of an instant.
    pub fn at(&self, at: UtcMillis) -> Option<&Spot> {
        let after = self.spots.partition_point(|spot| spot.range.end <= at);
        self.spots.get(after).filter(|spot| spot.range.contains(&at))
    }

    /// The mean of a range, each price by its time, rounded half away from zero; `None` when a
    /// part of the range has none.
    pub fn mean(&self, range: &Range<UtcMillis>) -> Option<PricePerKwh> {
        let mut sum = 0i128;
        let mut reached = range.start;
        for spot in self.between(range) {
            if spot.range.start > reached {
                return None;
            }
            let end = spot.range.end.min(range.end);
            sum += i128::from(spot.price.0) * i128::from(end.since(reached));
            reached = end;
        }
        let whole = i128::from(range.end.since(range.start));
        if reached < range.end || whole <= 0 {
            return None;
        }
        let mean = crate::money::amount::divided(sum, whole)?;
        i64::try_from(mean).ok().map(PricePerKwh)
    }

    /// Whether every instant of a range has a price that cannot change any more.
    pub fn settled(&self, range: &Range<UtcMillis>) -> bool {
        let finals = self.between(range).iter().filter(|spot| spot.firmness == Firmness::Final);
        super::series::covered(finals.map(|spot| &spot.range), range)
    }

    /// Whether every instant of a range has a price.
    pub fn covers(&self, range: &Range<UtcMillis>) -> bool {
        super::series::covered(self.between(range).iter().map(|spot| &spot.range), range)
    }
}

#[cfg(test)]
mod tests {
    use hanport_core::number::Number;
    use jiff::civil::date;

    use super::*;
    use crate::price::series::Slot;

    const QUARTER: i64 = 900_000;

    /// Prices of quarters from 23:00 UTC on, the 14th of January of the market.
    fn series(source: Source, firmness: Firmness, prices: &[(i64, i64)]) -> PriceSeries {
        let start = market_day(date(2026, 1, 14)).start;
        let mut series = PriceSeries::new("NO1", Currency::EUR, source);
        series.firmness = firmness;
        series.with(prices.iter().map(|(quarter, price)| Slot {
            range: start.plus(quarter * QUARTER)..start.plus((quarter + 1) * QUARTER),
            price: PricePerKwh(*price),
        }))
    }

    fn rates() -> Rates {
        let mut rates = Rates::default();
        rates.put(date(2026, 1, 13), Currency::NOK, Number::new(117_169, -4));
        rates
    }

    #[test]
    fn prices_are_converted_at_the_rate_of_their_day() {
        let mut book = PriceBook::new(Currency::NOK);
        let series = series(Source::Entsoe, Firmness::Final, &[(0, 76_275), (1, -600)]);
        book.put(&series, &rates());
        let prices: Vec<i64> = book.spots().iter().map(|spot| spot.price.0).collect();
        assert_eq!(prices, [893_707, -7_030]);
        let first = book.spots().first().unwrap();
        assert_eq!((first.told.0, first.rate_day), (76_275, Some(date(2026, 1, 13))));
        let mut without = PriceBook::new(Currency::NOK);
        without.put(&series, &Rates::default());
        assert!(without.spots().is_empty());
        assert_eq!(without.unconverted(), 2);
    }

    #[test]
    fn what_is_final_lies_over_what_is_preliminary() {
        let mut book = PriceBook::new(Currency::EUR);
        let rates = Rates::default();
        book.put(&series(Source::Entsoe, Firmness::Final, &[(1, 10)]), &rates);
        book.put(
            &series(Source::EnergyCharts, Firmness::Preliminary, &[(0, 1), (1, 2), (2, 3)]),
            &rates,
        );
        let prices: Vec<i64> = book.spots().iter().map(|spot| spot.price.0).collect();
        assert_eq!(prices, [1, 10, 3]);
        let start = market_day(date(2026, 1, 14)).start;
        let range = start..start.plus(3 * QUARTER);
        assert!(book.covers(&range) && !book.settled(&range));
        book.put(&series(Source::EnergyCharts, Firmness::Final, &[(0, 4), (1, 5), (2, 6)]), &rates);
        assert!(book.settled(&range));
        assert_eq!(book.at(start.plus(QUARTER)).unwrap().price, PricePerKwh(5));
    }

    #[test]
    fn a_mean_needs_all_of_its_range() {
        let mut book = PriceBook::new(Currency::EUR);
        book.put(
            &series(
                Source::Entsoe,
                Firmness::Final,
                &[(0, 80_100), (1, 75_000), (2, 75_000), (3, 75_000), (5, 1)],
            ),
            &Rates::default(),
        );
        let start = market_day(date(2026, 1, 14)).start;
        let hour = start..start.plus(4 * QUARTER);
        assert_eq!(book.mean(&hour), Some(PricePerKwh(76_275)));
        assert_eq!(book.mean(&(hour.end..hour.end.plus(4 * QUARTER))), None);
        assert_eq!(book.mean(&(start..start)), None);
    }
}
