//! What automations ask of a price curve: the cheapest window, the cheapest hours, how the price
//! of a moment compares with its day.

use core::ops::Range;

use super::amount::{PricePerKwh, divided};
use super::view::{CheapWindow, Level, PriceSlot, Which};
use crate::time::UtcMillis;

const HOUR: i64 = 3_600_000;

/// The mean price of a range, each slot by its time; `None` when a part of it has no price.
pub fn mean(slots: &[PriceSlot], range: &Range<UtcMillis>, which: Which) -> Option<PricePerKwh> {
    let mut sum = 0i128;
    let mut reached = range.start;
    for slot in slots.iter().filter(|s| s.range.start < range.end && range.start < s.range.end) {
        if slot.range.start > reached {
            return None;
        }
        let end = slot.range.end.min(range.end);
        sum += i128::from(slot.price(which)?.0) * i128::from(end.since(reached));
        reached = end;
    }
    let whole = range.end.since(range.start);
    if reached < range.end || whole <= 0 {
        return None;
    }
    i64::try_from(divided(sum, i128::from(whole))?).ok().map(PricePerKwh)
}

/// The cheapest window of so many hours in a row that begins in a range, on whole hours or, with
/// `step_ms`, on other steps from the first one on; of equals the first. `None` when no such
/// window has all its prices.
pub fn cheapest_window(
    slots: &[PriceSlot],
    hours: u8,
    begins: &Range<UtcMillis>,
    step_ms: i64,
    which: Which,
) -> Option<CheapWindow> {
    let step = step_ms.max(60_000);
    let first = begins.start.0.checked_add(step - 1)?.div_euclid(step).checked_mul(step)?;
    let mut best: Option<CheapWindow> = None;
    let mut start = UtcMillis(first);
    while hours > 0 && start < begins.end {
        let range = start..start.plus(i64::from(hours) * HOUR);
        if let Some(mean) = mean(slots, &range, which)
            && best.is_none_or(|best| mean < best.mean)
        {
            best = Some(CheapWindow { hours, start, mean });
        }
        start = start.plus(step);
    }
    best
}

/// The cheapest clock hours that begin in a range, as many as asked for, in the order of time;
/// of equals the first. Hours without all their prices are passed over.
pub fn cheapest_hours(
    slots: &[PriceSlot],
    count: usize,
    begins: &Range<UtcMillis>,
    which: Which,
) -> Vec<(UtcMillis, PricePerKwh)> {
    let mut start = UtcMillis(begins.start.0.div_euclid(HOUR).saturating_mul(HOUR));
    if start < begins.start {
        start = start.plus(HOUR);
    }
    let mut hours = Vec::new();
    while start < begins.end {
        let range = start..start.plus(HOUR);
        hours.extend(mean(slots, &range, which).map(|mean| (start, mean)));
        start = range.end;
    }
    hours.sort_by_key(|(start, mean)| (*mean, *start));
    hours.truncate(count);
    hours.sort_by_key(|(start, _)| *start);
    hours
}

/// The place of a price among those of slots, from 1 for the cheapest on, equal ones sharing the
/// better; and how many slots have a price.
pub fn rank(day: &[PriceSlot], price: PricePerKwh, which: Which) -> (u16, u16) {
    let prices = || day.iter().filter_map(|slot| slot.price(which));
    let below = prices().filter(|other| *other < price).count();
    let count = |n: usize| u16::try_from(n).unwrap_or(u16::MAX);
    (count(below + 1), count(prices().count()))
}

/// How a price compares with the mean of slots; `None` when none of them has a price.
pub fn level(day: &[PriceSlot], price: PricePerKwh, which: Which) -> Option<Level> {
    let mean = PricePerKwh::mean(day.iter().filter_map(|slot| slot.price(which)))?;
    if price < PricePerKwh::ZERO {
        return Some(Level::VeryCheap);
    }
    if mean <= PricePerKwh::ZERO {
        return Some(Level::Normal);
    }
    let (price, mean) = (i128::from(price.0) * 100, i128::from(mean.0));
    Some(if price <= mean * 60 {
        Level::VeryCheap
    } else if price <= mean * 90 {
        Level::Cheap
    } else if price < mean * 115 {
        Level::Normal
    } else if price < mean * 140 {
        Level::Expensive
    } else {
        Level::VeryExpensive
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const QUARTER: i64 = 900_000;

    fn curve(prices: &[Option<i64>]) -> Vec<PriceSlot> {
        (0i64..)
            .zip(prices)
            .map(|(at, price)| PriceSlot {
                range: UtcMillis(at * QUARTER)..UtcMillis((at + 1) * QUARTER),
                spot: None,
                import: price.map(PricePerKwh),
                export: None,
            })
            .collect()
    }

    fn hours(prices: &[i64]) -> Vec<PriceSlot> {
        let quarters: Vec<Option<i64>> =
            prices.iter().flat_map(|price| [Some(*price); 4]).collect();
        curve(&quarters)
    }

    #[test]
    fn the_cheapest_window_may_begin_at_a_quarter() {
        let mut prices = [Some(10); 16];
        prices[5..9].fill(Some(1));
        let slots = curve(&prices);
        let all = UtcMillis(0)..UtcMillis(16 * QUARTER);
        let at = |hours, step| {
            let found = cheapest_window(&slots, hours, &all, step, Which::Import)?;
            Some((found.start.0 / QUARTER, found.mean.0))
        };
        assert_eq!(at(1, QUARTER), Some((5, 1)));
        assert_eq!(at(1, HOUR), Some((4, 3)));
        assert_eq!(at(4, HOUR), Some((0, 8)));
        // there are no five hours
        assert_eq!(at(5, HOUR), None);
        assert_eq!(at(0, HOUR), None);
    }

    #[test]
    fn a_window_with_a_hole_is_none() {
        let mut prices = [Some(5); 12];
        prices[1] = None;
        let slots = curve(&prices);
        let found =
            cheapest_window(&slots, 1, &(UtcMillis(0)..UtcMillis(HOUR)), HOUR, Which::Import);
        assert_eq!(found, None);
        let begins = UtcMillis(1)..UtcMillis(3 * HOUR);
        let found = cheapest_hours(&slots, 9, &begins, Which::Import);
        assert_eq!(found.iter().map(|(at, _)| at.0 / HOUR).collect::<Vec<_>>(), [1, 2]);
    }

    #[test]
    fn the_cheapest_hours_need_not_be_in_a_row() {
        let slots = hours(&[5, 1, 9, 2, 2]);
        let begins = UtcMillis(0)..UtcMillis(5 * HOUR);
        let found = cheapest_hours(&slots, 2, &begins, Which::Import);
        assert_eq!(found.iter().map(|(at, _)| at.0 / HOUR).collect::<Vec<_>>(), [1, 3]);
    }

    #[test]
    fn rank_and_level_compare_with_the_day() {
        let slots = hours(&[50, 80, 100, 120, 150]);
        let of = |price| {
            let price = PricePerKwh(price);
            (rank(&slots, price, Which::Import).0, level(&slots, price, Which::Import).unwrap())
        };
        assert_eq!(of(50), (1, Level::VeryCheap));
        assert_eq!(of(80), (5, Level::Cheap));
        assert_eq!(of(100), (9, Level::Normal));
        assert_eq!(of(120), (13, Level::Expensive));
        assert_eq!(of(150), (17, Level::VeryExpensive));
        assert_eq!(of(-1), (1, Level::VeryCheap));
        assert_eq!(rank(&slots, PricePerKwh(1), Which::Import).1, 20);
        assert_eq!(level(&[], PricePerKwh(1), Which::Import), None);
        assert_eq!(level(&hours(&[-5, 1]), PricePerKwh(1), Which::Import), Some(Level::Normal));
    }

    proptest! {
        #[test]
        fn no_window_is_cheaper_than_the_cheapest(
            prices in prop::collection::vec(prop::option::weighted(0.95, -100i64..100), 4..200), length in 1u8..6,
        ) {
            let slots = curve(&prices);
            let all = UtcMillis(0)..UtcMillis(200 * QUARTER);
            let best = cheapest_window(&slots, length, &all, QUARTER, Which::Import);
            let count = usize::from(length) * 4;
            let sums = prices.windows(count).filter_map(|w| w.iter().copied().sum::<Option<i64>>());
            let least = sums.min().and_then(|sum| {
                divided(i128::from(sum), i128::try_from(count).ok()?)
            });
            prop_assert_eq!(best.map(|best| i128::from(best.mean.0)), least);
        }
    }
}
