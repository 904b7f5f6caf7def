//! Prices and exchange rates are kept for ever, with all that a number needs beside it.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may stop where it is")]

mod bed;

use std::ops::Range;

use bed::{Bed, START};
use hanport_core::number::Number;
use hanport_engine::money::{Currency, PricePerKwh};
use hanport_engine::outside::Prices as _;
use hanport_engine::price::{Firmness, PriceSeries, Rates, Slot, Source, Vat};
use hanport_engine::time::UtcMillis;
use jiff::civil::date;

const QUARTER: i64 = 900_000;

fn series(source: Source, step: i64, prices: &[(i64, i64)]) -> PriceSeries {
    PriceSeries::new("NO1", Currency::EUR, source).with(prices.iter().map(|(at, price)| Slot {
        range: START.plus(at * step)..START.plus((at + 1) * step),
        price: PricePerKwh(*price),
    }))
}

fn quarters(prices: &[(i64, i64)]) -> PriceSeries {
    series(Source::Entsoe, QUARTER, prices)
}

fn hours(from: i64, to: i64) -> Range<UtcMillis> {
    START.plus(from * 4 * QUARTER)..START.plus(to * 4 * QUARTER)
}

#[test]
fn what_was_told_comes_back_after_a_restart() {
    let bed = Bed::new();
    let store = bed.open();
    let mut told = quarters(&[(0, 80_100), (1, -1_200), (5, 0)]);
    told.licence = Some("CC BY 4.0".to_owned());
    told.vat = Vat::Included(255);
    store.keep_prices(&told).unwrap();
    store.close();
    let store = bed.open();
    assert_eq!(store.prices("NO1", hours(0, 2)).unwrap(), [told]);
    assert!(store.prices("NO2", hours(0, 2)).unwrap().is_empty());
    assert!(store.prices("NO1", hours(2, 9)).unwrap().is_empty());
    // the quarter across the beginning of a range is there
    let across = START.plus(QUARTER + 1)..START.plus(QUARTER + 2);
    assert_eq!(store.prices("NO1", across).unwrap()[0].slots().len(), 1);
}

#[test]
fn sources_stand_side_by_side() {
    let bed = Bed::new();
    let store = bed.open();
    let (first, second) = (quarters(&[(0, 1)]), series(Source::EnergyCharts, QUARTER, &[(0, 2)]));
    store.keep_prices(&first).unwrap();
    store.keep_prices(&second).unwrap();
    let mut found = store.prices("NO1", hours(0, 1)).unwrap();
    found.sort_by_key(|series| series.slots()[0].price);
    assert_eq!(found, [first, second]);
}

#[test]
fn what_is_preliminary_gives_way_and_never_takes_over() {
    let bed = Bed::new();
    let store = bed.open();
    let mut told = quarters(&[(0, 1), (1, 2)]);
    told.firmness = Firmness::Preliminary;
    store.keep_prices(&told).unwrap();
    store.keep_prices(&quarters(&[(1, 20)])).unwrap();
    store.keep_prices(&told).unwrap();
    let found = store.prices("NO1", hours(0, 1)).unwrap();
    let told: Vec<(Firmness, i64)> = found
        .iter()
        .flat_map(|series| series.slots().iter().map(|slot| (series.firmness, slot.price.0)))
        .collect();
    assert_eq!(told, [(Firmness::Preliminary, 1), (Firmness::Final, 20)]);
}

#[test]
fn quarters_lie_over_hours_of_the_same_source() {
    let bed = Bed::new();
    let store = bed.open();
    store.keep_prices(&series(Source::Entsoe, 4 * QUARTER, &[(0, 10), (1, 11)])).unwrap();
    store.keep_prices(&quarters(&[(1, 1), (4, 7)])).unwrap();
    let found = store.prices("NO1", hours(0, 2)).unwrap();
    let at = |quarter: i64| found[0].at(START.plus(quarter * QUARTER)).map(|slot| slot.price.0);
    assert_eq!([0, 1, 2, 4, 5].map(at), [10, 1, 10, 7, 11].map(Some));
}

#[test]
fn rates_are_kept_with_their_days() {
    let bed = Bed::new();
    let store = bed.open();
    let mut rates = Rates::default();
    rates.put(date(2026, 1, 9), Currency::NOK, Number::new(117_169, -4));
    rates.put(date(2026, 1, 13), Currency::NOK, Number::new(12, 0));
    store.keep_rates(&rates).unwrap();
    assert_eq!(store.rates(date(2026, 1, 14)..date(2026, 1, 15)).unwrap(), rates);
    let later = store.rates(date(2026, 1, 17)..date(2026, 1, 18)).unwrap();
    assert_eq!(later.newest(), Some(date(2026, 1, 13)));
    assert_eq!(later.iter().count(), 1);
    let before = store.rates(date(2025, 1, 1)..date(2025, 2, 1)).unwrap();
    assert_eq!(before.newest(), None);
}
