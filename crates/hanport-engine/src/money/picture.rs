//! Prices, costs and peaks as outputs see them.
//!
//! ```text
//!  quarters, prices, contracts --reckon--> Picture     when a quarter is booked, a slot begins,
//!                                                      prices or settings change
//!  Picture + what runs now -----view-----> MoneyView   with every message
//! ```
//!
//! Energy that is not in a booked quarter yet costs the price of the moment, so cost follows
//! every message and meets the booked value when the quarter ends.

use core::ops::Range;
use std::sync::Arc;

use jiff::tz::TimeZone;

use super::amount::{Currency, Money, PricePerKwh};
use super::bill::{Account, Bill, needed, within};
use super::contract::{Priced, Pricing};
use super::curve;
use super::view::{
    CheapWindow, CostView, ForecastView, MoneyView, MonthPeak, PeakView, PeaksView, PriceNow,
    PriceSlot, PriceSource, StepView, Which,
};
use crate::energy::Period;
use crate::price::source::{Source, market_zone};
use crate::tariff::peak::{
    Ranking, Running, Window, billed, fee, forecast, rank, window_around, windows,
};
use crate::tariff::{Holidays, PeakPrice, PeakRule};
use crate::time::UtcMillis;
use crate::view::{Flow, Flows};

/// How many months of peaks are shown.
const MONTHS: u8 = 13;

/// What the settings say beside the contracts.
#[derive(Clone, Debug)]
pub struct Setup {
    /// The currency of everything.
    pub currency: Currency,
    /// The price area as configured; empty when prices are fixed.
    pub area: Arc<str>,
    /// Minutes of a slot of the curve, 15 or 60; `None` for the finest that the source has.
    pub resolution_min: Option<u16>,
    /// The windows of hours of which the cheapest is looked for.
    pub windows: Vec<u8>,
}

/// What runs at the moment.
#[derive(Clone, Copy, Debug, Default)]
pub struct Live {
    /// Now.
    pub now: UtcMillis,
    /// The energy of the running periods.
    pub flows: Flows,
    /// Watt-hours from the grid in the running quarter-hour.
    pub quarter_wh: Option<i64>,
    /// The power from the grid in watts.
    pub power_w: Option<i64>,
}

/// All that changes with quarters, prices and settings, and not with every message.
#[derive(Clone, Debug)]
pub struct Picture {
    setup: Setup,
    zone: TimeZone,
    source: Option<PriceSource>,
    resolution_min: u16,
    export_differs: bool,
    curve: Vec<PriceSlot>,
    bills: [Bill; 5],
    peaks: Option<Peaks>,
    cheapest: Vec<CheapWindow>,
    trouble: Option<(i32, Arc<str>)>,
}

/// The peaks of the running month and what is needed to look ahead.
#[derive(Clone, Debug)]
struct Peaks {
    view: PeaksView,
    rule: PeakRule,
    holidays: Holidays,
    windows: Vec<Window>,
    before: Vec<i64>,
}

/// From when on quarters are needed for a picture: the last month, and the months of peaks.
pub fn since(pricing: &Pricing<'_>, now: UtcMillis) -> UtcMillis {
    let mut month = Period::Month.around(now, pricing.zone).start;
    let peaks = pricing.contracts.iter().filter_map(|contract| contract.tariff.as_ref());
    let has_peaks = peaks.flat_map(|t| &t.periods).any(|period| !period.peaks.is_empty());
    for _ in 1..if has_peaks { MONTHS } else { 2 } {
        month = Period::Month.around(month.plus(-1), pricing.zone).start;
    }
    month.min(needed(pricing, &(month..now)))
}

impl Picture {
    /// Reckons everything. `trouble` is why the last fetch failed.
    pub fn reckon(account: &Account<'_>, setup: &Setup, trouble: Option<(i32, Arc<str>)>) -> Self {
        let pricing = &account.pricing;
        let now = account.now;
        let zone = pricing.zone;
        let resolution_min = resolution(pricing, setup);
        let curve = slots(pricing, now, resolution_min);
        let source = told_by(pricing, &curve);
        let around = |period: Period, at: UtcMillis| period.around(at, zone);
        let (hour, day) = (around(Period::Hour, now), around(Period::Day, now));
        let month = around(Period::Month, now);
        let yesterday = around(Period::Day, day.start.plus(-1));
        let last = around(Period::Month, month.start.plus(-1));
        let bills = [hour, day, yesterday, month, last].map(|range| account.bill(range));
        let begins = now..now.plus(24 * 3_600_000);
        let running = begins.start.plus(-3_600_000 + 1)..begins.end;
        let cheapest =
            |hours: &u8| curve::cheapest_window(&curve, *hours, &running, 3_600_000, Which::Import);
        let cheapest = setup.windows.iter().filter_map(cheapest).collect();
        Self {
            setup: setup.clone(),
            zone: zone.clone(),
            source,
            resolution_min,
            export_differs: pricing.differs(),
            bills,
            peaks: peaks(account),
            cheapest,
            curve,
            trouble,
        }
    }

    /// When it is to be reckoned anew at the latest: at the end of the running slot.
    pub fn good_until(&self, now: UtcMillis) -> UtcMillis {
        self.curve
            .iter()
            .find(|slot| slot.range.contains(&now))
            .map_or_else(|| window_around(now, 15, &self.zone).end, |slot| slot.range.end)
    }

    /// As it stands at a moment.
    pub fn view(&self, live: &Live) -> MoneyView {
        let price = self.price(live.now);
        let [hour, day, yesterday, month, last] = &self.bills;
        let flows = &live.flows;
        let follow = |bill: &Bill, flow: Option<&Flow>| follow(bill, flow, price);
        MoneyView {
            currency: self.setup.currency,
            area: Arc::clone(&self.setup.area),
            source: self.source.clone(),
            resolution_min: self.resolution_min,
            export_differs: self.export_differs,
            price,
            curve: self.curve.clone(),
            hour: follow(hour, flows.hour.as_ref()),
            day: follow(day, flows.day.as_ref()),
            yesterday: follow(yesterday, None),
            month: follow(month, flows.month.as_ref()),
            last_month: follow(last, None),
            peaks: self.peaks.as_ref().map(|peaks| peaks.view(live, &self.zone)),
            cheapest: self.cheapest.clone(),
            trouble: self.trouble.clone(),
        }
    }

    fn price(&self, now: UtcMillis) -> PriceNow {
        let Some(slot) = self.curve.iter().find(|slot| slot.range.contains(&now)) else {
            return PriceNow::default();
        };
        let today = Period::Day.around(now, &self.zone);
        let from = self.curve.partition_point(|slot| slot.range.start < today.start);
        let to = self.curve.partition_point(|slot| slot.range.start < today.end);
        let day = self.curve.get(from..to).unwrap_or_default();
        let place = slot.import.map(|price| curve::rank(day, price, Which::Import));
        PriceNow {
            spot: slot.spot,
            import: slot.import,
            export: slot.export,
            rank: place.map(|(rank, _)| rank),
            of: place.map_or(0, |(_, of)| of),
            level: slot.import.and_then(|price| curve::level(day, price, Which::Import)),
        }
    }
}

/// A bill as it follows the energy that is not booked yet.
fn follow(bill: &Bill, flow: Option<&Flow>, price: PriceNow) -> CostView {
    let flow = flow.filter(|flow| bill.range.contains(&flow.since));
    let mut missing = bill.missing;
    let mut more = |booked: Option<i64>,
                    now: Option<i64>,
                    amount: Option<Money>,
                    price: Option<PricePerKwh>| {
        let Some(now_wh) = now else { return (booked, amount) };
        let rest = now_wh.saturating_sub(booked.unwrap_or(0)).max(0);
        let added = if rest == 0 {
            amount.or_else(|| booked.is_none().then_some(Money::ZERO))
        } else if let Some(cost) = price.and_then(|price| price.cost(rest)) {
            amount.unwrap_or_default().plus(cost)
        } else {
            missing.unpriced_wh = missing.unpriced_wh.saturating_add(rest);
            amount
        };
        (Some(booked.unwrap_or(0).max(now_wh)), added)
    };
    let (import_wh, cost) =
        more(bill.import_wh, flow.map(|flow| flow.import_wh), bill.cost(), price.import);
    let (export_wh, income) =
        more(bill.export_wh, flow.map(|flow| flow.export_wh), bill.income(), price.export);
    CostView {
        range: bill.range.clone(),
        import_wh,
        export_wh,
        cost,
        income,
        fees: bill.fees(),
        missing,
    }
}

/// Minutes of a slot.
fn resolution(pricing: &Pricing<'_>, setup: &Setup) -> u16 {
    let finest = pricing
        .book
        .spots()
        .iter()
        .rev()
        .take(200)
        .map(|spot| spot.range.end.since(spot.range.start) / 60_000)
        .min();
    let finest = match finest {
        Some(..=15) => 15,
        Some(16..=30) => 30,
        Some(_) | None => 60,
    };
    setup.resolution_min.unwrap_or(finest)
}

/// The curve of today and what is known of tomorrow.
fn slots(pricing: &Pricing<'_>, now: UtcMillis, resolution_min: u16) -> Vec<PriceSlot> {
    let market = market_zone();
    let today = Period::Day.around(now, pricing.zone);
    let start = Period::Day.around(now, &market).start.min(today.start);
    let step = i64::from(resolution_min.clamp(15, 60)) * 60_000;
    let next = Period::Day.around(Period::Day.around(now, &market).end, &market).end;
    let mut slots: Vec<PriceSlot> = Vec::with_capacity(200);
    let mut at = start;
    while at < next.max(today.end) {
        let range = at..at.plus(step);
        let Priced { spot, import, export, .. } = pricing.over(&range);
        at = range.end;
        slots.push(PriceSlot { range, spot, import, export });
    }
    // what only a fixed price or nothing is known of ends with today where the market has more
    // to tell
    let known = |slot: &PriceSlot| slot.spot.or(slot.import).or(slot.export).is_some();
    let last = slots.iter().rposition(known).map_or(0, |last| last + 1);
    let least = slots.partition_point(|slot| slot.range.start < today.end);
    slots.truncate(last.max(least));
    slots
}

/// Who told the prices of the curve.
fn told_by(pricing: &Pricing<'_>, curve: &[PriceSlot]) -> Option<PriceSource> {
    let (first, last) = (curve.first()?, curve.last()?);
    let spots = pricing.book.between(&(first.range.start..last.range.end));
    let Some(told) = spots.last() else {
        let priced = curve.iter().any(|slot| slot.import.is_some());
        return priced.then(|| Source::Fixed.view(None));
    };
    let mut source = told.source.view(told.licence.as_deref());
    if spots.iter().any(|spot| spot.source != told.source) {
        source.code = "MIX";
        source.publishable &=
            spots.iter().all(|spot| spot.source.view(spot.licence.as_deref()).publishable);
    }
    Some(source)
}

fn peaks(account: &Account<'_>) -> Option<Peaks> {
    let pricing = &account.pricing;
    let month = Period::Month.around(account.now, pricing.zone);
    let date = month.start.timestamp().to_zoned(pricing.zone.clone()).date();
    let tariff = pricing.contract(date)?.tariff.as_ref()?;
    let rule = tariff.period(date)?.peaks.first()?.clone();
    let found = windows(within(account.import, &month), rule.window_min, pricing.zone);
    let ranking = rank(&rule, &found, &tariff.holidays);
    let before = account.figures_before(0, &month, MONTHS);
    let reported = account.figure(0, &month, date).map(|(figure, _)| figure);
    let figure = reported.map(|figure| billed(&rule, figure, &before));
    let steps = steps(&rule);
    let place = figure.and_then(|figure| rule.price.step(figure.sum_mw, figure.count));
    let at = |place: Option<usize>| place.and_then(|place| steps.get(place).copied());
    let per_kw = match &rule.price {
        PeakPrice::PerKw(prices) => {
            prices.iter().find(|(months, _)| months.has(date.month())).map(|(_, price)| *price)
        }
        PeakPrice::Steps { .. } => None,
    };
    let view = PeaksView {
        tariff: tariff.name.as_str().into(),
        window_min: rule.window_min,
        wanted: rule.top,
        distinct_days: rule.distinct != crate::tariff::Distinct::None,
        kept: kept(&ranking),
        figure_mw: figure.map(crate::tariff::peak::Figure::mw),
        provisional: ranking.is_provisional(),
        step: at(place),
        next: at(place.map(|place| place + 1)),
        steps,
        per_kw,
        fee: figure.filter(|_| costs(&rule)).and_then(|figure| fee(&rule, figure, date.month())),
        forecast: None,
        months: months(account, &month, &before),
    };
    Some(Peaks { view, rule, holidays: tariff.holidays.clone(), windows: found, before })
}

/// Whether anything is known of what peaks cost: thresholds alone have no fees.
fn costs(rule: &PeakRule) -> bool {
    match &rule.price {
        PeakPrice::PerKw(_) => true,
        PeakPrice::Steps { steps, .. } => steps.iter().any(|step| step.month != Money::ZERO),
    }
}

fn kept(ranking: &Ranking) -> Vec<PeakView> {
    let peak = |ranked: &crate::tariff::peak::Ranked| {
        let local = ranked.window.local;
        PeakView {
            start: ranked.window.start,
            date: local.date,
            hour: i8::try_from(local.hour()).unwrap_or(0),
            minute: i8::try_from(local.minute % 60).unwrap_or(0),
            wh: ranked.window.wh,
            power_mw: ranked.power_mw,
            weighted_mw: ranked.weighted_mw,
            counts: ranked.counts,
        }
    };
    ranking.kept.iter().map(peak).collect()
}

fn steps(rule: &PeakRule) -> Vec<StepView> {
    let PeakPrice::Steps { steps, .. } = &rule.price else { return Vec::new() };
    let ends = steps.iter().skip(1).map(|next| Some(next.from_w)).chain([None]);
    steps
        .iter()
        .zip(ends)
        .map(|(step, to_w)| StepView { from_w: step.from_w, to_w, fee: step.month })
        .collect()
}

/// The months before, the newest first.
fn months(account: &Account<'_>, month: &Range<UtcMillis>, figures: &[i64]) -> Vec<MonthPeak> {
    let zone = account.pricing.zone;
    let mut start = month.start;
    let mut months = Vec::with_capacity(figures.len());
    for (at, mw) in figures.iter().enumerate() {
        let before = Period::Month.around(start.plus(-1), zone);
        start = before.start;
        let date = start.timestamp().to_zoned(zone.clone()).date();
        let tariff = account.pricing.contract(date).and_then(|contract| contract.tariff.as_ref());
        let rule = tariff.and_then(|tariff| tariff.period(date)?.peaks.first());
        let amount = rule.filter(|rule| costs(rule)).and_then(|rule| {
            let figure = crate::tariff::peak::Figure::of(*mw);
            let earlier = figures.get(at + 1..).unwrap_or_default();
            fee(rule, billed(rule, figure, earlier), date.month())
        });
        months.push(MonthPeak { month: date, figure_mw: *mw, fee: amount });
    }
    months
}

impl Peaks {
    fn view(&self, live: &Live, zone: &TimeZone) -> PeaksView {
        let mut view = self.view.clone();
        let range = window_around(live.now, self.rule.window_min, zone);
        let used = match self.rule.window_min {
            60 => live.flows.hour.filter(|flow| flow.since == range.start).map(|f| f.import_wh),
            15 => live.quarter_wh,
            _ => None,
        };
        view.forecast = used.map(|used_wh| {
            let running =
                Running { range: range.clone(), now: live.now, used_wh, power_w: live.power_w };
            let windows: Vec<Window> =
                self.windows.iter().copied().filter(|w| w.start != range.start).collect();
            let found =
                forecast(&self.rule, &windows, &self.before, &running, &self.holidays, zone);
            ForecastView {
                range,
                used_wh,
                heading_mw: found.heading_mw,
                new_peak_w: found.new_peak_w,
                next_step_w: found.next_step_w,
                figure_mw: found.figure_mw,
            }
        });
        view
    }
}

#[cfg(test)]
mod tests;
