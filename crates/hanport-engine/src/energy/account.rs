//! One register's books: believes readings, settles quarters, announces open ones.

use serde::{Deserialize, Serialize};

use super::booked::{Booked, Posting};
use super::fill::{self, Part, Stretch};
use super::interval::{Edges, Interval, Quality, QuarterHour, Standing};
use super::judge::{Cause, Circumstances, Doubt, Expected, LONGEST_GAP_MS, Verdict};
use super::ledger::{Entry, Incident, IncidentKind};
use super::register::{Official, Register};
use super::running::Running;
use super::scale::{Scale, ScaleCheck};
use super::shape::{Measured, Shape, Slot};
use super::share::shares;
use crate::time::UtcMillis;

/// Readings so close together know what lies between them: one and a half minutes.
const BRIEF_MS: i64 = 90_000;
/// A list that repeats the last one after this time is worth an event.
const REPEATED_MS: i64 = 600_000;
/// No sample above this is used: 100 MW.
const SENSELESS_MW: i64 = 100_000_000_000;

/// The books of one register.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Account {
    register: Register,
    /// Everything before is settled or stands in `booked`.
    last: Option<Official>,
    booked: Booked,
    shape: Shape,
    running: Option<Running>,
    doubt: Option<Doubt>,
    expected: Expected,
    /// The register counted far more than samples said, the last time.
    outran: bool,
    highest_mw: i64,
    scale: ScaleCheck,
    /// The last unusual thing that was told, so that it is told once.
    told: Option<IncidentKind>,
    /// Quarters before this one have been announced.
    announced: QuarterHour,
}

impl Account {
    /// Empty books.
    pub fn new(register: Register) -> Self {
        Self {
            register,
            last: None,
            booked: Booked::empty(QuarterHour(0), false),
            shape: Shape::default(),
            running: None,
            doubt: None,
            expected: Expected::Same,
            outran: false,
            highest_mw: 0,
            scale: ScaleCheck::default(),
            told: None,
            announced: QuarterHour(0),
        }
    }

    /// Takes a power sample, in milliwatts.
    pub fn power(&mut self, at: UtcMillis, mw: i64) {
        if !(0..=SENSELESS_MW).contains(&mw) {
            return;
        }
        self.highest_mw = self.highest_mw.max(mw);
        let energy_uj = self.shape.sample(at, mw);
        if let Some(running) = &mut self.running {
            running.add(energy_uj);
        }
    }

    /// Says whose reading comes next. A change of scale is not forgotten for a change of number.
    pub fn expect(&mut self, expected: Expected) {
        if self.last.is_some() && self.expected != Expected::OtherScale {
            self.expected = expected;
        }
    }

    /// Judges a reading without taking it; `None` before the first.
    pub fn judge(&self, new: &Official) -> Option<Verdict> {
        let last = self.last?;
        let circumstances = Circumstances {
            last,
            measured: self.shape.total_until(new.at),
            highest_mw: self.highest_mw,
            expected: self.expected,
            outran: self.outran,
        };
        Some(circumstances.judge(new))
    }

    /// Whether a reading has the value of the last one.
    pub fn stands_still(&self, new: &Official) -> bool {
        self.last.is_some_and(|last| last.value == new.value)
    }

    /// Takes an official reading.
    pub fn official(&mut self, new: Official, out: &mut Vec<Entry>) {
        let Some(last) = self.last else {
            self.begin(new, Cause::First, out);
            return;
        };
        match self.judge(&new) {
            Some(Verdict::Believed { wrapped, outran, clock_ms }) => {
                self.believe(last, new, wrapped, outran, clock_ms, out);
            }
            Some(Verdict::Doubted(cause)) => self.doubt(new, cause, out),
            Some(Verdict::Old { late_ms }) => {
                let same = last.value == new.value && last.at == new.at;
                if same && late_ms >= REPEATED_MS {
                    self.tell(new, IncidentKind::RegisterRepeated, out);
                } else if !same && late_ms >= BRIEF_MS {
                    self.tell(new, IncidentKind::ClockStepped, out);
                }
            }
            Some(Verdict::Repeated) => self.tell(new, IncidentKind::RegisterRepeated, out),
            None => {}
        }
    }

    /// Announces the quarters that ended before `now` and are not settled yet.
    pub fn announce(&mut self, now: UtcMillis, out: &mut Vec<Entry>) {
        let current = QuarterHour::containing(now);
        if current <= self.announced {
            return;
        }
        let announced = core::mem::replace(&mut self.announced, current);
        let ended =
            self.shape.slots().filter(|slot| slot.quarter >= announced && slot.quarter < current);
        for slot in ended {
            out.push(Entry::Interval(self.provisional(slot.quarter, slot.measured)));
        }
        self.shape.give_up();
    }

    /// The quarters that are not settled, as they stand now, in order.
    pub fn open(&self) -> impl Iterator<Item = Interval> {
        let part = self.booked;
        let alone = self.last.is_some()
            && part.backed_ms > 0
            && self.shape.slots().next().is_none_or(|slot| slot.quarter != part.quarter);
        let part = alone.then(|| self.provisional(part.quarter, Measured::default()));
        let slots = self.shape.slots().map(|slot| self.provisional(slot.quarter, slot.measured));
        part.into_iter().chain(slots)
    }

    /// Watt-hours that registers back in the quarter of the last reading, which is open.
    pub const fn booked_wh(&self) -> i64 {
        self.booked.wh
    }

    /// The register as it would read now; `None` before the first official reading.
    pub const fn running(&self) -> Option<&Running> {
        self.running.as_ref()
    }

    fn believe(
        &mut self,
        last: Official,
        new: Official,
        wrapped: Option<i64>,
        outran: bool,
        clock_ms: Option<i64>,
        out: &mut Vec<Entry>,
    ) {
        self.doubt = None;
        self.expected = Expected::Same;
        if clock_ms.is_none() {
            self.told = None;
        }
        let doubtful = clock_ms.is_some() || (outran && !self.outran);
        if clock_ms.is_some() {
            self.tell(new, IncidentKind::ClockStepped, out);
        }
        if outran && !self.outran {
            self.tell(new, IncidentKind::RegisterOutran, out);
        }
        self.outran = outran;
        let mut counted_wh = new.value.wh() - last.value.wh();
        if let Some(modulus) = wrapped {
            counted_wh += modulus / 1000;
            if let Some(running) = &mut self.running {
                running.wrap(modulus);
            }
            self.tell(new, IncidentKind::RegisterWrapped, out);
        }
        let measured = self.shape.total_until(new.at);
        match self.scale.observe(counted_wh * 1000, new.at.since(last.at), measured) {
            Some(Scale::TenTimes) => self.tell(new, IncidentKind::RegisterTenTimes, out),
            Some(Scale::Tenth) => self.tell(new, IncidentKind::RegisterTenth, out),
            Some(Scale::Fits | Scale::Unclear) | None => {}
        }
        self.settle(&last, &new, counted_wh, doubtful, out);
        self.last = Some(new);
        let since_uj = self.shape.total().energy_uj;
        if let Some(running) = &mut self.running {
            running.reconcile(new, since_uj);
        }
        if QuarterHour::containing(last.at) != QuarterHour::containing(new.at) {
            out.push(Entry::Register(self.register, new));
        }
    }

    fn doubt(&mut self, new: Official, cause: Cause, out: &mut Vec<Entry>) {
        let doubt = match &mut self.doubt {
            Some(doubt) => {
                doubt.another(new, cause);
                *doubt
            }
            none => *none.insert(Doubt::new(new, cause)),
        };
        if doubt.is_confirmed() {
            self.begin(doubt.first, doubt.cause, out);
            if doubt.newest != doubt.first {
                self.official(doubt.newest, out);
            }
        } else {
            self.tell(new, IncidentKind::RegisterDoubted, out);
        }
    }

    /// A new beginning. What lies between the last reading and this one no register backs.
    fn begin(&mut self, new: Official, cause: Cause, out: &mut Vec<Entry>) {
        // books are never opened before they were closed
        let at = self.last.map_or(new.at, |last| new.at.max(last.at));
        let new = Official { at, ..new };
        let quarter = QuarterHour::containing(new.at);
        let slots = self.shape.cut(new.at);
        let resumed = match self.last {
            Some(_) if self.booked.quarter >= quarter => true,
            Some(last) => {
                let mut missing = self.booked.quarter;
                if self.booked.backed_ms > 0 {
                    self.close(false, &last, out);
                    missing = missing.next();
                }
                if new.at.since(last.at) <= LONGEST_GAP_MS {
                    self.miss(missing, quarter, &slots, out);
                }
                false
            }
            None => {
                if let Some(first) = slots.first() {
                    self.miss(first.quarter, quarter, &slots, out);
                }
                false
            }
        };
        if !resumed {
            self.booked = Booked::empty(quarter, new.at == quarter.start());
        }
        let kind = match cause {
            Cause::Exchanged => Some(IncidentKind::MeterExchanged),
            Cause::First => None,
            Cause::Jumped => Some(IncidentKind::RegisterJumped),
            Cause::Rescaled => Some(IncidentKind::RegisterRescaled),
            Cause::Reset => Some(IncidentKind::RegisterReset),
        };
        self.told = None;
        if let Some(kind) = kind {
            self.tell(new, kind, out);
            self.told = None;
        }
        self.last = Some(new);
        self.doubt = None;
        self.expected = Expected::Same;
        let mut running = Running::begin(new);
        running.add(self.shape.total().energy_uj);
        self.running = Some(running);
        out.push(Entry::Register(self.register, new));
    }

    /// Quarters that no register backs, with what power alone says of them.
    fn miss(&self, from: QuarterHour, to: QuarterHour, slots: &[Slot], out: &mut Vec<Entry>) {
        let mut slots = slots.iter().peekable();
        let mut quarter = from;
        while quarter < to {
            let slot = slots.next_if(|slot| slot.quarter == quarter);
            let wh = slot.map_or(0, |slot| slot.measured.rounded_wh());
            out.push(Entry::Interval(Interval::missing(self.register, quarter, wh)));
            quarter = quarter.next();
        }
    }

    /// Shares `total_wh` out over the time between two readings.
    fn settle(
        &mut self,
        last: &Official,
        new: &Official,
        total_wh: i64,
        doubtful: bool,
        out: &mut Vec<Entry>,
    ) {
        let (from, to) = (last.at, new.at);
        let whole_ms = to.since(from);
        let brief = whole_ms <= BRIEF_MS;
        self.booked.doubtful |= doubtful;
        if to <= self.booked.quarter.end() {
            // all of it in one quarter: no shape is needed
            self.shape.drop_until(to);
            self.booked.post(Posting { wh: total_wh, ms: whole_ms, ..Posting::default() });
            if to == self.booked.quarter.end() {
                self.close(true, new, out);
            }
            return;
        }
        let highest_mw = self.shape.highest_mw();
        let parts = self.parts(from, to);
        let step_mwh = new.value.step_mwh.max(last.value.step_mwh);
        let stretch = Stretch { total_wh, step_mwh, highest_mw, outran: self.outran };
        let filled = fill::fill(&parts, &stretch);
        for ((part, filled), wh) in parts.iter().zip(&filled).zip(shares(total_wh, &filled)) {
            let nearly_all = part.ms.saturating_mul(20) >= whole_ms.saturating_mul(19);
            self.booked.doubtful |= doubtful;
            let posting = Posting { wh, ms: part.ms, ..Posting::default() };
            self.booked.post(if brief || nearly_all {
                posting
            } else {
                Posting {
                    guessed_ms: filled.guessed_ms,
                    inferred_ms: filled.inferred_ms,
                    guessed_wh: filled.guessed_of(wh),
                    ..posting
                }
            });
            if self.booked.quarter.end() <= to {
                self.close(brief || self.booked.quarter.end() == to, new, out);
            }
        }
    }

    /// The time between two instants cut at the quarters, and what was measured in each part.
    fn parts(&mut self, from: UtcMillis, to: UtcMillis) -> Vec<Part> {
        let mut slots = self.shape.cut(to).into_iter().peekable();
        let mut parts = Vec::new();
        let mut at = from;
        while at < to {
            let quarter = QuarterHour::containing(at);
            let end = quarter.end().min(to);
            while slots.next_if(|slot| slot.quarter < quarter).is_some() {}
            let slot = slots.next_if(|slot| slot.quarter == quarter);
            let measured = slot.map_or_else(Measured::default, |slot| slot.measured);
            parts.push(Part { ms: end.since(at), measured });
            at = end;
        }
        parts
    }

    /// Settles the quarter that is booked and opens the next.
    fn close(&mut self, end: bool, by: &Official, out: &mut Vec<Entry>) {
        let slack_wh = 2 * by.value.step_mwh / 1000;
        let next = self.booked.quarter.next();
        out.push(Entry::Interval(self.booked.settled(self.register, slack_wh, end)));
        self.booked = Booked::empty(next, end);
        self.announced = self.announced.max(next);
    }

    fn provisional(&self, quarter: QuarterHour, measured: Measured) -> Interval {
        let mut known_ms = measured.covered_ms;
        let mut wh = measured.rounded_wh();
        let mut start = false;
        if self.last.is_some() && self.booked.quarter == quarter {
            known_ms += self.booked.known_ms;
            wh += self.booked.wh;
            start = self.booked.start;
        }
        Interval {
            register: self.register,
            quarter,
            wh,
            quality: Quality::of_known(known_ms),
            standing: Standing::Provisional,
            edges: Edges { start, end: false },
        }
    }

    fn tell(&mut self, official: Official, kind: IncidentKind, out: &mut Vec<Entry>) {
        if self.told != Some(kind) {
            self.told = Some(kind);
            out.push(Entry::Incident(Incident {
                at: official.at,
                received: official.received,
                register: Some(self.register),
                kind,
            }));
        }
    }
}
