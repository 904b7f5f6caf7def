//! Power since the last official register: one slot a quarter, and a trail to cut slots with.
//!
//! Power is joined by straight lines (trapezoid rule). A pause longer than three and a half of
//! the learned periods is a gap: it gets neither energy nor covered time.
//!
//! ```text
//!  slots    | quarter, energy, covered | quarter, energy, covered | ...
//!  trail                                     (at, sums) (at, sums) ... newest
//!                                                   ^ cut here: what came before goes,
//!                                                     what came after stays in the slot
//! ```

use std::collections::VecDeque;

use serde::{Deserialize, Serialize};

use super::interval::QuarterHour;
use crate::time::{Cadence, UtcMillis};

/// Quarters that may stay open when no register comes: 35 days. The oldest is given up then.
pub const OPEN_QUARTERS: usize = 35 * 96;
/// Points of the trail, and the least distance between two of them.
const TRAIL: usize = 24;
const TRAIL_STEP_MS: i64 = 3000;
/// The gap limit before a period is learned, and its bounds after.
const HOLD_UNKNOWN_MS: i64 = 30_000;
const HOLD_SHORTEST_MS: i64 = 12_000;
const HOLD_LONGEST_MS: i64 = 300_000;
/// Energy of one watt-hour in microjoules, the unit that milliwatts times milliseconds give.
pub const MICROJOULES_PER_WH: i64 = 3_600_000_000;

/// What power samples say of one quarter, or of a part of it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Measured {
    /// Energy in microjoules.
    pub energy_uj: i64,
    /// Time between samples that were close enough to be joined, in milliseconds.
    pub covered_ms: i64,
}

impl Measured {
    /// Whole watt-hours, rounded.
    pub const fn rounded_wh(self) -> i64 {
        self.energy_uj.saturating_add(MICROJOULES_PER_WH / 2) / MICROJOULES_PER_WH
    }

    const fn add(&mut self, other: Self) {
        self.energy_uj = self.energy_uj.saturating_add(other.energy_uj);
        self.covered_ms = self.covered_ms.saturating_add(other.covered_ms);
    }

    /// What is left of it without `other`, never less than nothing.
    fn without(self, other: Self) -> Self {
        Self {
            energy_uj: self.energy_uj.saturating_sub(other.energy_uj).max(0),
            covered_ms: self.covered_ms.saturating_sub(other.covered_ms).max(0),
        }
    }

    fn least(self, other: Self) -> Self {
        Self {
            energy_uj: self.energy_uj.min(other.energy_uj),
            covered_ms: self.covered_ms.min(other.covered_ms),
        }
    }

    /// The share `part / whole` of it.
    fn portion(self, part: i64, whole: i64) -> Self {
        let scale = |amount: i64| {
            let exact = i128::from(amount) * i128::from(part) / i128::from(whole.max(1));
            i64::try_from(exact).unwrap_or(i64::MAX)
        };
        Self { energy_uj: scale(self.energy_uj), covered_ms: scale(self.covered_ms) }
    }
}

/// One open quarter.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Slot {
    /// Which.
    pub quarter: QuarterHour,
    /// What was measured in it since the last register.
    pub measured: Measured,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Power {
    at: UtcMillis,
    mw: i64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Point {
    at: UtcMillis,
    sum: Measured,
}

/// The measured power of one register since its last official reading.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shape {
    /// Ascending, each quarter at most once, nothing before `floor`.
    slots: VecDeque<Slot>,
    /// Everything before is settled.
    floor: Option<UtcMillis>,
    last: Option<Power>,
    /// Running sum of all slots and of what was cut off; the trail's measure.
    sum: Measured,
    trail: VecDeque<Point>,
    cadence: Cadence,
    /// Highest sample since the last register, in milliwatts.
    highest_mw: i64,
}

impl Shape {
    /// Takes a power sample (milliwatts, not negative) and returns the energy it adds, in
    /// microjoules. Samples out of order change nothing but the power to go on from.
    pub fn sample(&mut self, at: UtcMillis, mw: i64) -> i64 {
        let mw = mw.max(0);
        self.highest_mw = self.highest_mw.max(mw);
        let Some(last) = self.last else {
            self.last = Some(Power { at, mw });
            return 0;
        };
        let pause = at.since(last.at);
        if pause <= 0 {
            // a clock that stepped back by more than a hiccup begins anew from where it is
            let stepped = pause < -self.hold_ms();
            if stepped {
                self.trail.clear();
            }
            self.last = Some(Power { at: if stepped { at } else { last.at }, mw });
            return 0;
        }
        let joined = pause <= self.hold_ms();
        self.cadence.observe(pause);
        self.last = Some(Power { at, mw });
        if joined { self.join(last.at, at, i64::midpoint(last.mw, mw)) } else { 0 }
    }

    /// The longest pause between samples that is not a gap, in milliseconds.
    pub fn hold_ms(&self) -> i64 {
        match self.cadence.period_ms() {
            Some(period) => (period * 7 / 2).clamp(HOLD_SHORTEST_MS, HOLD_LONGEST_MS),
            None => HOLD_UNKNOWN_MS,
        }
    }

    /// Highest power since the last register, in milliwatts.
    pub const fn highest_mw(&self) -> i64 {
        self.highest_mw
    }

    /// The open quarters in order.
    pub fn slots(&self) -> impl DoubleEndedIterator<Item = &Slot> {
        self.slots.iter()
    }

    /// What the slots hold together.
    pub fn total(&self) -> Measured {
        self.slots.iter().fold(Measured::default(), |mut sum, slot| {
            sum.add(slot.measured);
            sum
        })
    }

    /// What was measured before `until`, without taking it.
    pub fn total_until(&self, until: UtcMillis) -> Measured {
        let mut sum = Measured::default();
        for slot in &self.slots {
            if slot.quarter.end() <= until {
                sum.add(slot.measured);
            } else if slot.quarter.start() < until {
                sum.add(slot.measured.without(self.after(slot, until)));
            }
        }
        sum
    }

    /// Takes out everything before `until`, quarter by quarter; the rest stays.
    pub fn cut(&mut self, until: UtcMillis) -> Vec<Slot> {
        let mut taken = Vec::new();
        while let Some(&slot) = self.slots.front() {
            if slot.quarter.start() >= until {
                break;
            }
            if slot.quarter.end() <= until {
                taken.push(slot);
                self.slots.pop_front();
                continue;
            }
            let stays = self.after(&slot, until);
            taken.push(Slot { measured: slot.measured.without(stays), ..slot });
            if stays == Measured::default() {
                self.slots.pop_front();
            } else if let Some(front) = self.slots.front_mut() {
                front.measured = stays;
            }
            break;
        }
        self.forget_until(until);
        taken
    }

    /// As [`cut`](Self::cut), when all of it falls into one quarter and nobody asks how much.
    pub fn drop_until(&mut self, until: UtcMillis) {
        if self.last.is_none_or(|last| last.at <= until) {
            self.slots.clear();
            self.forget_until(until);
        } else {
            self.cut(until);
        }
    }

    /// Gives up the oldest open quarter when there are too many.
    pub fn give_up(&mut self) -> Option<Slot> {
        if self.slots.len() > OPEN_QUARTERS { self.slots.pop_front() } else { None }
    }

    fn forget_until(&mut self, until: UtcMillis) {
        self.floor = Some(until);
        self.highest_mw = self.last.map_or(0, |last| last.mw);
        if self.slots.is_empty() {
            self.trail.clear();
            self.sum = Measured::default();
        }
    }

    fn join(&mut self, from: UtcMillis, to: UtcMillis, mw: i64) -> i64 {
        let from = self.floor.map_or(from, |floor| from.max(floor));
        if from >= to {
            return 0;
        }
        if self.trail.is_empty() {
            self.trail.push_back(Point { at: from, sum: self.sum });
        }
        let mut at = from;
        while at < to {
            let quarter = QuarterHour::containing(at);
            let end = quarter.end().min(to);
            let ms = end.since(at);
            let piece = Measured { energy_uj: mw.saturating_mul(ms), covered_ms: ms };
            self.slot_mut(quarter).add(piece);
            self.sum.add(piece);
            at = end;
        }
        if self.trail.back().is_none_or(|point| to.since(point.at) >= TRAIL_STEP_MS) {
            if self.trail.len() >= TRAIL {
                self.trail.pop_front();
            }
            self.trail.push_back(Point { at: to, sum: self.sum });
        }
        mw.saturating_mul(to.since(from))
    }

    fn slot_mut(&mut self, quarter: QuarterHour) -> &mut Measured {
        // nearly always the last one; after a clock step perhaps an earlier one
        let place = self.slots.iter().rposition(|slot| slot.quarter <= quarter);
        let index = match place {
            Some(index) if self.slots.get(index).is_some_and(|slot| slot.quarter == quarter) => {
                index
            }
            before => {
                let index = before.map_or(0, |index| index + 1);
                self.slots.insert(index, Slot { quarter, measured: Measured::default() });
                index
            }
        };
        #[expect(clippy::indexing_slicing, reason = "found or inserted above")]
        &mut self.slots[index].measured
    }

    /// The part of `slot` that was measured after `at`, an instant inside its quarter.
    fn after(&self, slot: &Slot, at: UtcMillis) -> Measured {
        let newest = self.last.map_or(at, |last| last.at);
        if at >= newest {
            return Measured::default();
        }
        let end = slot.quarter.end().min(newest);
        if let (Some(here), Some(there)) = (self.sum_at(at), self.sum_at(end)) {
            return there.without(here).least(slot.measured);
        }
        // older than the trail: by time
        let start = self.floor.unwrap_or(UtcMillis(i64::MIN)).max(slot.quarter.start());
        slot.measured.portion(end.since(at).max(0), end.since(start))
    }

    /// The running sum at an instant, between the two points of the trail around it.
    fn sum_at(&self, at: UtcMillis) -> Option<Measured> {
        let after = self.trail.iter().position(|point| point.at >= at);
        let Some(after) = after else {
            // newer than the last point: between it and the newest sample
            let before = self.trail.back()?;
            let newest = self.last?.at;
            return Some(between(before, &Point { at: newest, sum: self.sum }, at));
        };
        let point = self.trail.get(after)?;
        if point.at == at {
            return Some(point.sum);
        }
        let before = self.trail.get(after.checked_sub(1)?)?;
        Some(between(before, point, at))
    }
}

fn between(before: &Point, after: &Point, at: UtcMillis) -> Measured {
    let whole = after.at.since(before.at).max(1);
    let part = at.since(before.at).clamp(0, whole);
    let mut sum = before.sum;
    sum.add(after.sum.without(before.sum).portion(part, whole));
    sum
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seconds(s: i64) -> UtcMillis {
        UtcMillis(s * 1000)
    }

    fn steady(from: i64, to: i64, step: usize, watts: i64) -> Shape {
        let mut shape = Shape::default();
        for s in (from..=to).step_by(step) {
            shape.sample(seconds(s), watts * 1000);
        }
        shape
    }

    #[test]
    fn a_steady_kilowatt_is_a_quarter_kilowatt_hour_a_quarter() {
        let shape = steady(0, 1800, 10, 1000);
        let slots: Vec<_> = shape.slots().map(|slot| slot.measured).collect();
        let full = Measured { energy_uj: 250 * MICROJOULES_PER_WH, covered_ms: 900_000 };
        assert_eq!(slots, [full, full]);
    }

    #[test]
    fn a_gap_adds_nothing() {
        let mut shape = steady(0, 100, 10, 1000);
        assert_eq!(shape.hold_ms(), 35_000);
        assert_eq!(shape.sample(seconds(200), 9_000_000), 0);
        assert_eq!(shape.total().covered_ms, 100_000);
        assert_eq!(shape.sample(seconds(210), 9_000_000), 90_000_000_000);
    }

    #[test]
    fn a_late_register_cuts_the_slot_where_it_belongs() {
        let mut shape = steady(0, 600, 10, 1000);
        let taken = shape.cut(seconds(575));
        assert_eq!(taken.len(), 1);
        assert_eq!(taken[0].measured.covered_ms, 575_000);
        assert_eq!(shape.total().covered_ms, 25_000);
        // far older than the trail: by time
        let mut shape = steady(0, 600, 10, 1000);
        assert_eq!(shape.cut(seconds(60))[0].measured.covered_ms, 60_000);
        assert_eq!(shape.total().covered_ms, 540_000);
    }

    #[test]
    fn what_lies_before_the_last_register_is_not_counted_again() {
        let mut shape = steady(0, 600, 10, 1000);
        shape.drop_until(seconds(610));
        assert_eq!(shape.sample(seconds(605), 1_000_000), 0);
        assert_eq!(shape.sample(seconds(615), 1_000_000), 5_000_000_000);
        assert_eq!(shape.total().covered_ms, 5000);
    }

    #[test]
    fn samples_out_of_order_add_nothing_and_a_stepped_clock_goes_on() {
        let mut shape = steady(3000, 3600, 10, 1000);
        assert_eq!(shape.sample(seconds(3599), 0), 0);
        assert_eq!(shape.sample(seconds(10), 1_000_000), 0);
        assert_eq!(shape.sample(seconds(20), 1_000_000), 10_000_000_000);
        let quarters: Vec<_> = shape.slots().map(|slot| slot.quarter.0).collect();
        assert_eq!(quarters, [0, 3]);
    }

    #[test]
    fn open_quarters_are_bounded() {
        let mut shape = Shape::default();
        let mut given_up = 0;
        for s in (0..=40 * 86_400).step_by(300) {
            shape.sample(seconds(s), 1000);
            given_up += usize::from(shape.give_up().is_some());
        }
        assert_eq!(shape.slots.len(), OPEN_QUARTERS);
        // in the first quarter the period was not known yet
        assert_eq!(given_up, 5 * 96 - 1);
    }
}
