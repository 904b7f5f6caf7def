//! Prices of an area over time, with everything that a number needs beside it: currency, VAT,
//! whom it came from, and how long each price holds.
//!
//! A time without price is a hole between two slots. Nothing fills it.

use core::ops::Range;

use serde::{Deserialize, Serialize};

use super::source::Source;
use crate::money::{Currency, PricePerKwh};
use crate::time::UtcMillis;

/// Whether value added tax is in a price.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Vat {
    /// It is not.
    Excluded,
    /// It is: so many thousandths of the price without, 255 for 25.5 %.
    Included(u16),
}

impl Vat {
    /// The price without it; `None` when that does not fit.
    pub fn removed(self, price: PricePerKwh) -> Option<PricePerKwh> {
        match self {
            Self::Excluded => Some(price),
            Self::Included(rate) => price.times(1000, 1000 + i64::from(rate)),
        }
    }
}

/// Whether a price can still change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Firmness {
    /// Of another auction than the one that is billed, or converted at a rate that is not fixed
    /// yet. It is asked for again.
    Preliminary,
    /// As it will be billed.
    Final,
}

/// One price and how long it holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Slot {
    /// Its half-open instants; never empty.
    pub range: Range<UtcMillis>,
    /// The price of a kWh in the currency of the series.
    pub price: PricePerKwh,
}

/// Prices of one area as one source told them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PriceSeries {
    /// The short name of the zone, or what the user calls it.
    pub area: String,
    /// What the prices are in.
    pub currency: Currency,
    /// Whether they have VAT in them.
    pub vat: Vat,
    /// Whether they can still change.
    pub firmness: Firmness,
    /// Who told them.
    pub source: Source,
    /// What the source said about its licence, where it says so in its answers.
    pub licence: Option<String>,
    /// The prices, ascending, none overlapping another.
    slots: Vec<Slot>,
}

impl PriceSeries {
    /// An empty series.
    pub fn new(area: impl Into<String>, currency: Currency, source: Source) -> Self {
        Self {
            area: area.into(),
            currency,
            vat: Vat::Excluded,
            firmness: Firmness::Final,
            source,
            licence: None,
            slots: Vec::new(),
        }
    }

    /// The same with these prices, in any order. Of two that overlap the later in `slots` counts,
    /// and the earlier keeps what is left of it before and after; empty ones are dropped.
    #[must_use]
    pub fn with(mut self, slots: impl IntoIterator<Item = Slot>) -> Self {
        let mut given: Vec<Slot> =
            slots.into_iter().filter(|slot| slot.range.start < slot.range.end).collect();
        let ordered = given.is_sorted_by(|a, b| a.range.end <= b.range.start);
        if ordered {
            self.slots = given;
            return self;
        }
        let mut placed: Vec<Slot> = Vec::with_capacity(given.len());
        for slot in given.drain(..) {
            place(&mut placed, slot);
        }
        self.slots = placed;
        self
    }

    /// The prices, ascending, none overlapping another.
    pub fn slots(&self) -> &[Slot] {
        &self.slots
    }

    /// The slot that contains an instant.
    pub fn at(&self, at: UtcMillis) -> Option<&Slot> {
        let after = self.slots.partition_point(|slot| slot.range.end <= at);
        self.slots.get(after).filter(|slot| slot.range.contains(&at))
    }

    /// Minutes of the shortest slot; `None` when there are none.
    pub fn resolution_min(&self) -> Option<u16> {
        let ms = self.slots.iter().map(|slot| slot.range.end.since(slot.range.start)).min()?;
        u16::try_from(ms / 60_000).ok()
    }

    /// Only what lies in a range; a slot across its edge is cut.
    #[must_use]
    pub fn within(mut self, range: &Range<UtcMillis>) -> Self {
        self.slots.retain_mut(|slot| {
            slot.range = slot.range.start.max(range.start)..slot.range.end.min(range.end);
            slot.range.start < slot.range.end
        });
        self
    }

    /// Whether every instant of a range has a price.
    pub fn covers(&self, range: &Range<UtcMillis>) -> bool {
        covered(self.slots.iter().map(|slot| &slot.range), range)
    }
}

/// Whether ascending ranges leave no hole in another.
pub(crate) fn covered<'a>(
    ranges: impl IntoIterator<Item = &'a Range<UtcMillis>>,
    whole: &Range<UtcMillis>,
) -> bool {
    let mut reached = whole.start;
    for range in ranges {
        if range.start > reached {
            break;
        }
        reached = reached.max(range.end);
    }
    reached >= whole.end
}

/// Something that holds for a stretch of time.
pub(crate) trait Lasting: Clone {
    /// For which.
    fn range(&self) -> &Range<UtcMillis>;

    /// The same for another.
    fn lasting(&self, range: Range<UtcMillis>) -> Self;
}

impl Lasting for Slot {
    fn range(&self) -> &Range<UtcMillis> {
        &self.range
    }

    fn lasting(&self, range: Range<UtcMillis>) -> Self {
        Self { range, price: self.price }
    }
}

/// Puts something over what is there, which stays ascending without overlaps. What is partly
/// covered keeps what is left of it.
pub(crate) fn place<T: Lasting>(placed: &mut Vec<T>, new: T) {
    let range = new.range().clone();
    let from = placed.partition_point(|other| other.range().end <= range.start);
    let to = placed.partition_point(|other| other.range().start < range.end);
    let covered = placed.get(from..to).unwrap_or_default();
    let head = covered
        .first()
        .filter(|first| first.range().start < range.start)
        .map(|first| first.lasting(first.range().start..range.start));
    let tail = covered
        .last()
        .filter(|last| range.end < last.range().end)
        .map(|last| last.lasting(range.end..last.range().end));
    placed.splice(from..to.max(from), head.into_iter().chain([new]).chain(tail));
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn slot(from: i64, to: i64, price: i64) -> Slot {
        Slot { range: UtcMillis(from)..UtcMillis(to), price: PricePerKwh(price) }
    }

    fn series(slots: &[Slot]) -> PriceSeries {
        PriceSeries::new("NO1", Currency::EUR, Source::Entsoe).with(slots.iter().cloned())
    }

    #[test]
    fn a_later_price_lies_on_top() {
        let series = series(&[slot(0, 10, 1), slot(20, 30, 2), slot(5, 25, 3), slot(7, 7, 9)]);
        assert_eq!(series.slots(), [slot(0, 5, 1), slot(5, 25, 3), slot(25, 30, 2)]);
        let inside = self::series(&[slot(0, 10, 1), slot(4, 6, 2)]);
        assert_eq!(inside.slots(), [slot(0, 4, 1), slot(4, 6, 2), slot(6, 10, 1)]);
    }

    #[test]
    fn a_hole_is_no_price() {
        let series = series(&[slot(0, 10, 1), slot(20, 30, 2)]);
        assert_eq!(series.at(UtcMillis(9)).unwrap().price, PricePerKwh(1));
        assert!(series.at(UtcMillis(10)).is_none());
        assert!(series.at(UtcMillis(30)).is_none());
        assert!(series.covers(&(UtcMillis(0)..UtcMillis(10))));
        assert!(!series.covers(&(UtcMillis(0)..UtcMillis(30))));
        assert_eq!(
            series.within(&(UtcMillis(5)..UtcMillis(25))).slots(),
            [slot(5, 10, 1), slot(20, 25, 2)]
        );
    }

    #[test]
    fn vat_is_taken_out_of_what_contains_it() {
        assert_eq!(Vat::Included(255).removed(PricePerKwh(1_255_000)), Some(PricePerKwh::ONE));
        assert_eq!(
            Vat::Included(250).removed(PricePerKwh(-1_250_000)),
            Some(PricePerKwh(-1_000_000))
        );
        assert_eq!(Vat::Excluded.removed(PricePerKwh(7)), Some(PricePerKwh(7)));
    }

    proptest! {
        #[test]
        fn of_any_slots_the_last_one_given_counts(
            given in prop::collection::vec((0i64..60, 0i64..20, 0i64..1000), 0..20)
        ) {
            let slots: Vec<Slot> =
                given.iter().map(|(from, length, price)| slot(*from, from + length, *price)).collect();
            let series = series(&slots);
            prop_assert!(series.slots().is_sorted_by(|a, b| a.range.end <= b.range.start));
            for at in (0..80).map(UtcMillis) {
                let wanted = slots.iter().rev().find(|slot| slot.range.contains(&at));
                prop_assert_eq!(series.at(at).map(|s| s.price), wanted.map(|s| s.price));
            }
        }
    }
}
