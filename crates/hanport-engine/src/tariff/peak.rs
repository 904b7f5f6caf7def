//! Peaks: which windows make the fee, how large it is, and what the running window may still do.
//!
//! ```text
//!  quarters of a month --windows--> energy of every hour or quarter of the wall clock
//!  windows + rule -------rank-----> the largest, of different days, weighted: the figure
//!  figure (+ months before) --fee-> the step or the price of a kW
//!  windows + what is running -----> where it is heading, and the room that is left
//! ```
//!
//! A window counts only when every quarter in it may form a peak, or when registers were read at
//! both of its ends: a guess or a gap never costs anything. On the night when an hour is repeated
//! there are two windows of the same name. Powers are whole 1/1000 W: a watt-hour in a window of
//! 15, 30 or 60 minutes and a weight in thousandths stay exact.

use core::cmp::Reverse;
use core::ops::Range;

use jiff::ToSpan;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use super::holiday::Holidays;
use super::rule::{Distinct, PeakPrice, PeakRule};
use super::when::Local;
use crate::energy::correction::Shown;
use crate::energy::{Period, Quality, QuarterHour};
use crate::money::Money;
use crate::money::amount::divided;
use crate::time::UtcMillis;

/// How many windows are kept beyond those that count.
const FURTHER: usize = 2;

/// The energy of one window.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Window {
    /// When it began.
    pub start: UtcMillis,
    /// The same on the wall clock.
    pub local: Local,
    /// Watt-hours from the grid.
    pub wh: i64,
}

/// A window in its place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ranked {
    /// The window.
    pub window: Window,
    /// Its mean power, in 1/1000 W.
    pub power_mw: i64,
    /// The same by its weight.
    pub weighted_mw: i64,
    /// Whether it makes the figure.
    pub counts: bool,
}

/// The peaks of a month.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ranking {
    /// The largest first: those that count, and a few more.
    pub kept: Vec<Ranked>,
    /// How many make the figure when there are enough.
    pub wanted: u8,
    /// The sum of those that count, in 1/1000 W.
    pub sum_mw: i128,
    /// How many count.
    pub count: i128,
}

/// A mean power as a fraction, so that it can be compared with a step before it is rounded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Figure {
    /// 1/1000 W.
    pub sum_mw: i128,
    /// What it is divided by; above 0.
    pub count: i128,
}

/// Where the running window is heading.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Forecast {
    /// The mean power with which it ends, in 1/1000 W.
    pub heading_mw: Option<i64>,
    /// Watts that may be drawn until its end without a new peak among those that count; `None`
    /// when it cannot count, or counts whatever it does.
    pub new_peak_w: Option<i64>,
    /// Watts that may be drawn until its end without the next step; `None` without a next step.
    pub next_step_w: Option<i64>,
    /// The figure when it ends as it is heading, in 1/1000 W.
    pub figure_mw: Option<i64>,
}

/// The window that is not over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Running {
    /// Its half-open instants.
    pub range: Range<UtcMillis>,
    /// Now, within it.
    pub now: UtcMillis,
    /// Watt-hours so far.
    pub used_wh: i64,
    /// The power now, in watts.
    pub power_w: Option<i64>,
}

/// The instants of the window that contains `at`.
pub fn window_around(at: UtcMillis, window_min: u16, zone: &TimeZone) -> Range<UtcMillis> {
    if window_min == 60 {
        return Period::Hour.around(at, zone);
    }
    let length = i64::from(window_min.max(15)) * 60_000;
    let start = at.0.div_euclid(length).saturating_mul(length);
    UtcMillis(start)..UtcMillis(start.saturating_add(length))
}

/// The windows that may count, from quarters in ascending order.
pub fn windows(shown: &[Shown], window_min: u16, zone: &TimeZone) -> Vec<Window> {
    let mut found = Vec::new();
    let mut rest = shown;
    while let Some(first) = rest.first() {
        let range = window_around(first.booked.quarter.start(), window_min, zone);
        let inside =
            rest.iter().take_while(|one| range.contains(&one.booked.quarter.start())).count();
        let (quarters, later) = rest.split_at_checked(inside.max(1)).unwrap_or((rest, &[]));
        if may_peak(quarters, &range) {
            let wh = quarters.iter().map(|one| one.wh).fold(0i64, i64::saturating_add);
            found.push(Window { start: range.start, local: Local::of(range.start, zone), wh });
        }
        rest = later;
    }
    found
}

fn may_peak(quarters: &[Shown], range: &Range<UtcMillis>) -> bool {
    let wanted = range.end.since(range.start) / QuarterHour::MS;
    if i64::try_from(quarters.len()) != Ok(wanted) {
        return false;
    }
    if quarters.iter().all(|one| one.can_peak) {
        return true;
    }
    let refused = |one: &Shown| one.booked.quality == Quality::Missing || one.by.is_some();
    let pinned = quarters.first().is_some_and(|one| one.booked.edges.start)
        && quarters.last().is_some_and(|one| one.booked.edges.end);
    pinned && !quarters.iter().any(|one| refused(one) && !one.can_peak)
}

/// Watt-hours of a window as power, in 1/1000 W.
fn power_mw(wh: i64, window_min: u16) -> i64 {
    wh.saturating_mul(60_000 / i64::from(window_min.max(1)))
}

/// The windows of a month in their places.
pub fn rank(rule: &PeakRule, windows: &[Window], holidays: &Holidays) -> Ranking {
    let mut pool: Vec<Ranked> = windows
        .iter()
        .filter_map(|window| {
            let weight = rule.weight(window.local, holidays)?;
            let power_mw = power_mw(window.wh, rule.window_min);
            let weighted_mw = times(power_mw, weight, 1000);
            Some(Ranked { window: *window, power_mw, weighted_mw, counts: false })
        })
        .collect();
    pool.sort_by_key(|ranked| (Reverse(ranked.weighted_mw), ranked.window.start));
    let top = usize::from(rule.top);
    let mut kept: Vec<Ranked> = Vec::with_capacity(top + FURTHER);
    for ranked in pool {
        if kept.len() >= top + FURTHER {
            break;
        }
        let stretch = stretch(ranked.window.local.date, rule.distinct);
        let taken = |other: &Ranked| {
            rule.distinct != Distinct::None
                && self::stretch(other.window.local.date, rule.distinct) == stretch
        };
        if !kept.iter().any(taken) {
            kept.push(ranked);
        }
    }
    let (mut sum_mw, mut count) = (0i128, 0i128);
    for ranked in kept.iter_mut().take(top) {
        ranked.counts = true;
        sum_mw += i128::from(ranked.weighted_mw);
        count += 1;
    }
    Ranking { kept, wanted: rule.top, sum_mw, count }
}

fn times(value: i64, by: i64, over: i64) -> i64 {
    let wide = divided(i128::from(value) * i128::from(by), i128::from(over)).unwrap_or(0);
    i64::try_from(wide).unwrap_or(i64::MAX)
}

/// The day or the Monday of the week.
fn stretch(date: Date, distinct: Distinct) -> Date {
    match distinct {
        Distinct::Day | Distinct::None => date,
        Distinct::Week => {
            let since_monday = i64::from(date.weekday().to_monday_zero_offset());
            date.checked_sub(since_monday.days()).unwrap_or(date)
        }
    }
}

impl Ranking {
    /// The figure of the month; `None` without any window that counts.
    pub fn figure(&self, rule: &PeakRule) -> Option<Figure> {
        if self.count == 0 {
            return None;
        }
        let floor = Figure { sum_mw: i128::from(rule.floor_w) * 1000, count: 1 };
        let mean = Figure { sum_mw: self.sum_mw, count: self.count };
        Some(if mean.sum_mw < floor.sum_mw * mean.count { floor } else { mean })
    }

    /// Whether there are fewer windows than make a figure.
    pub fn is_provisional(&self) -> bool {
        self.count < i128::from(self.wanted)
    }
}

impl Figure {
    /// A figure that is a whole number of 1/1000 W.
    pub fn of(mw: i64) -> Self {
        Self { sum_mw: i128::from(mw), count: 1 }
    }

    /// Rounded half away from zero, in 1/1000 W.
    pub fn mw(self) -> i64 {
        let mean = divided(self.sum_mw, self.count).unwrap_or(0);
        i64::try_from(mean).unwrap_or(i64::MAX)
    }

    /// The mean of figures; those before this month are whole numbers already.
    fn mean(self, before: &[i64]) -> Self {
        let months = i128::try_from(before.len()).unwrap_or(0) + 1;
        let sum: i128 = before.iter().map(|mw| i128::from(*mw)).sum();
        Self { sum_mw: self.sum_mw + sum * self.count, count: self.count * months }
    }
}

/// What the fee goes by: this month's figure, or the mean with the months before it, the newest
/// first, where the rule says so.
pub fn billed(rule: &PeakRule, figure: Figure, before: &[i64]) -> Figure {
    let months = usize::from(rule.history_months.saturating_sub(1)).min(before.len());
    figure.mean(before.get(..months).unwrap_or_default())
}

/// The fee for a month by what it [goes by](billed). `None` when the rule has no price for the
/// month, or when the fee does not fit.
pub fn fee(rule: &PeakRule, billed: Figure, month: i8) -> Option<Money> {
    match &rule.price {
        PeakPrice::Steps { steps, .. } => {
            let step = rule.price.step(billed.sum_mw, billed.count)?;
            steps.get(step).map(|step| step.month)
        }
        PeakPrice::PerKw(prices) => {
            let (_, per_kw) = prices.iter().find(|(months, _)| months.has(month))?;
            let free = i128::from(rule.threshold_w) * 1000 * billed.count;
            let above = (billed.sum_mw - free).max(0);
            // 1 000 000 of 1/1000 W are a kW
            let amount = divided(i128::from(per_kw.0) * above, billed.count * 1_000_000)?;
            i64::try_from(amount).ok().map(Money)
        }
    }
}

/// Where the running window is heading. `windows` are those of this month that are over,
/// `before` the figures of the months before, the newest first.
pub fn forecast(
    rule: &PeakRule,
    windows: &[Window],
    before: &[i64],
    running: &Running,
    holidays: &Holidays,
    zone: &TimeZone,
) -> Forecast {
    let local = Local::of(running.range.start, zone);
    let rest_ms = running.range.end.since(running.now);
    let whole_ms = running.range.end.since(running.range.start);
    if rest_ms <= 0 || whole_ms <= 0 {
        return Forecast::default();
    }
    // in Wh times ms of an hour, so that nothing is rounded on the way
    let used = i128::from(running.used_wh) * 3_600_000;
    let ends = running.power_w.map(|w| used + i128::from(w) * i128::from(rest_ms));
    let mean = |energy: i128| divided(energy * 1000, i128::from(whole_ms));
    let heading_mw = ends.and_then(mean).and_then(|mw| i64::try_from(mw).ok());
    let weight = rule.weight(local, holidays).filter(|weight| *weight > 0);
    let Some(weight) = weight else {
        return Forecast { heading_mw, ..Forecast::default() };
    };
    let wh = ends.and_then(|energy| divided(energy, 3_600_000));
    let figure_mw = wh.and_then(|wh| i64::try_from(wh).ok()).and_then(|wh| {
        let this = Window { start: running.range.start, local, wh };
        let all: Vec<Window> = windows.iter().copied().chain([this]).collect();
        let figure = rank(rule, &all, holidays).figure(rule)?;
        Some(billed(rule, figure, before).mw())
    });
    // the power for the rest of the window that ends it at a weighted mean of `limit`
    let room = |limit_mw: i128| -> i64 {
        let energy = limit_mw * i128::from(whole_ms) / i128::from(weight) - used;
        i64::try_from(energy.div_euclid(i128::from(rest_ms))).unwrap_or(i64::MAX).max(0)
    };
    let bars = Bars::of(rule, windows, local, holidays);
    Forecast {
        heading_mw,
        new_peak_w: bars.new_peak_mw.map(room),
        next_step_w: bars.next_step_mw.map(room),
        figure_mw,
    }
}

/// The weighted powers, in 1/1000 W, up to which a window changes nothing.
struct Bars {
    new_peak_mw: Option<i128>,
    next_step_mw: Option<i128>,
}

impl Bars {
    fn of(rule: &PeakRule, windows: &[Window], local: Local, holidays: &Holidays) -> Self {
        let now = rank(rule, windows, holidays);
        let stretch = stretch(local.date, rule.distinct);
        let mine = |window: &Window| {
            rule.distinct != Distinct::None
                && self::stretch(window.local.date, rule.distinct) == stretch
        };
        let counting = || now.kept.iter().filter(|ranked| ranked.counts);
        let own = counting().find(|ranked| mine(&ranked.window));
        let new_peak_mw = match own {
            Some(own) => Some(own.weighted_mw),
            None if now.is_provisional() => None,
            None => counting().map(|ranked| ranked.weighted_mw).min(),
        };
        let others: Vec<Window> = windows.iter().copied().filter(|w| !mine(w)).collect();
        let next_step_mw = now.figure(rule).and_then(|figure| {
            let PeakPrice::Steps { steps, upper } = &rule.price else { return None };
            let step = rule.price.step(figure.sum_mw, figure.count)?;
            let next = steps.get(step + 1)?;
            let beside: Vec<i128> = rank(rule, &others, holidays)
                .kept
                .iter()
                .take(usize::from(rule.top.saturating_sub(1)))
                .map(|ranked| i128::from(ranked.weighted_mw))
                .collect();
            let count = i128::try_from(beside.len()).unwrap_or(0) + 1;
            let bar = i128::from(next.from_w) * 1000 * count - beside.iter().sum::<i128>();
            Some(bar - i128::from(*upper))
        });
        Self { new_peak_mw: new_peak_mw.map(i128::from), next_step_mw }
    }
}

#[cfg(test)]
mod tests;
