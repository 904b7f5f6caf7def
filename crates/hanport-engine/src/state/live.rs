//! The newest value of every quantity, and whether it is still worth showing.

use hanport_core::number::Number;
use hanport_core::quantity::Quantity;
use hanport_core::reading::Authenticity;
use hanport_core::unit::Unit;

use crate::time::{Cadence, UtcMillis};

/// A value stays fresh for three of its periods, at least 15 s and at most 26 h.
const PERIODS: i64 = 3;
const SHORTEST_MS: i64 = 15_000;
const LONGEST_MS: i64 = 26 * 3_600_000;
/// The same before the period is known: a minute, and for registers, which some meters send
/// hourly, two hours and a half.
const UNKNOWN_MS: i64 = 60_000;
const UNKNOWN_REGISTER_MS: i64 = 9_000_000;

/// Where a value comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Origin {
    /// It follows from measured values by arithmetic.
    Derived,
    /// It follows from measured values and an assumption.
    Estimated,
    /// The meter stated it.
    Measured,
}

impl Origin {
    /// The stable word for programs.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Derived => "derived",
            Self::Estimated => "estimated",
            Self::Measured => "measured",
        }
    }
}

/// The newest value of one quantity.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LiveValue {
    /// Of what.
    pub quantity: Quantity,
    /// The value in base units.
    pub number: Number,
    /// When it was measured, by the best clock there is.
    pub at: UtcMillis,
    /// When it arrived.
    pub received: UtcMillis,
    /// Where it comes from.
    pub origin: Origin,
    /// Whether its sender is proven.
    pub authenticity: Authenticity,
    /// When it will not be worth showing any more.
    pub stale_at: UtcMillis,
}

impl LiveValue {
    /// Its unit.
    pub const fn unit(&self) -> Unit {
        self.quantity.unit()
    }

    /// Whether it may be shown at an instant.
    pub fn is_fresh(&self, now: UtcMillis) -> bool {
        now < self.stale_at
    }
}

#[derive(Clone, Copy, Debug)]
struct Kept {
    value: LiveValue,
    cadence: Cadence,
    shown: bool,
}

/// The newest values, in the order in which their quantities first came.
#[derive(Clone, Debug, Default)]
pub struct Live {
    values: Vec<Kept>,
    /// Where the next value probably is: messages repeat their order.
    next: usize,
}

impl Live {
    /// Takes a value and returns it as it is kept, with the instant at which it will be stale.
    pub fn put(&mut self, mut value: LiveValue) -> LiveValue {
        let is_it = |kept: &Kept| kept.value.quantity == value.quantity;
        let place = if self.values.get(self.next).is_some_and(is_it) {
            Some(self.next)
        } else {
            self.values.iter().position(is_it)
        };
        self.next = place.map_or(0, |place| place + 1);
        if let Some(kept) = place.and_then(|place| self.values.get_mut(place)) {
            kept.cadence.observe(value.received.since(kept.value.received));
            value.stale_at = value.received.plus(fresh_ms(value.quantity, &kept.cadence));
            kept.value = value;
            kept.shown = true;
        } else {
            let cadence = Cadence::default();
            value.stale_at = value.received.plus(fresh_ms(value.quantity, &cadence));
            self.values.push(Kept { value, cadence, shown: true });
        }
        value
    }

    /// The value of a quantity, if it was not stale at the last tick.
    pub fn get(&self, quantity: Quantity) -> Option<&LiveValue> {
        self.iter().find(|value| value.quantity == quantity)
    }

    /// The values that were not stale at the last tick.
    pub fn iter(&self) -> impl Iterator<Item = &LiveValue> {
        self.values.iter().filter(|kept| kept.shown).map(|kept| &kept.value)
    }

    /// The period in which a quantity comes, in milliseconds, once it is learned.
    pub fn period_ms(&self, quantity: Quantity) -> Option<i64> {
        let kept = self.values.iter().find(|kept| kept.value.quantity == quantity)?;
        kept.cadence.period_ms()
    }

    /// Hides what is stale and names it.
    pub fn expire(&mut self, now: UtcMillis, mut gone: impl FnMut(Quantity)) {
        for kept in self.values.iter_mut().filter(|k| k.shown && !k.value.is_fresh(now)) {
            kept.shown = false;
            gone(kept.value.quantity);
        }
    }

    /// When the next value becomes stale.
    pub fn deadline(&self) -> Option<UtcMillis> {
        self.iter().map(|value| value.stale_at).min()
    }
}

fn fresh_ms(quantity: Quantity, cadence: &Cadence) -> i64 {
    let register = matches!(quantity.unit(), Unit::WattHour | Unit::VarHour | Unit::VoltAmpereHour);
    match cadence.period_ms() {
        Some(period) => (period * PERIODS).clamp(SHORTEST_MS, LONGEST_MS),
        None if register => UNKNOWN_REGISTER_MS,
        None => UNKNOWN_MS,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use hanport_core::quantity::Measure;

    fn value(measure: Measure, s: i64) -> LiveValue {
        let received = UtcMillis::from_seconds(s);
        LiveValue {
            quantity: Quantity::total(measure),
            number: Number::new(s, 0),
            at: received,
            received,
            origin: Origin::Measured,
            authenticity: Authenticity::Plain,
            stale_at: received,
        }
    }

    fn gone(live: &mut Live, s: i64) -> Vec<Measure> {
        let mut gone = Vec::new();
        live.expire(UtcMillis::from_seconds(s), |quantity| gone.push(quantity.measure));
        gone
    }

    #[test]
    fn a_value_goes_when_it_has_not_been_renewed_for_three_periods() {
        let mut live = Live::default();
        for s in (0..=100).step_by(10) {
            live.put(value(Measure::ActiveImport, s));
        }
        live.put(value(Measure::ActiveImportEnergy, 100));
        assert_eq!(gone(&mut live, 129), []);
        assert_eq!(live.deadline(), Some(UtcMillis::from_seconds(130)));
        assert_eq!(gone(&mut live, 130), [Measure::ActiveImport]);
        assert_eq!(gone(&mut live, 131), []);
        assert_eq!(live.iter().count(), 1);
        // it comes back, and its period was not forgotten
        let back = live.put(value(Measure::ActiveImport, 1000));
        assert_eq!(back.stale_at, UtcMillis::from_seconds(1030));
        assert_eq!(live.iter().count(), 2);
    }

    #[test]
    fn hourly_registers_live_for_hours() {
        let mut live = Live::default();
        for hour in 0..5 {
            live.put(value(Measure::ActiveImportEnergy, hour * 3600));
        }
        assert_eq!(gone(&mut live, 4 * 3600 + 3 * 3600 - 1), []);
        assert_eq!(gone(&mut live, 7 * 3600), [Measure::ActiveImportEnergy]);
    }
}
