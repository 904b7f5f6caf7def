//! Energy, cost, peaks and prices of a view, as existing readers count them.
//!
//! A "threshold" is the upper end of a step of the tariff in whole kWh of an hour; the last step
//! has none. Hours of prices are clock hours of UTC, which in Europe are those of the local clock.

use hanport_core::number::Number;

use super::figures::kilo;
use crate::money::{Money, MoneyView, PricePerKwh, PriceSlot};
use crate::time::UtcMillis;
use crate::view::{Flow, View};

/// An hour in milliseconds.
pub const HOUR_MS: i64 = 3_600_000;
/// Hours of prices that existing readers look ahead.
pub const HOURS_AHEAD: usize = 38;
/// Thresholds that existing readers have.
pub const THRESHOLDS: usize = 9;

/// Which of the running periods.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Span {
    /// Today.
    Day,
    /// The running hour.
    Hour,
    /// This month.
    Month,
}

/// Energy, peaks and money of a view.
#[derive(Clone, Copy, Debug)]
pub struct Books<'a>(pub &'a View);

impl<'a> Books<'a> {
    fn money(self) -> Option<&'a MoneyView> {
        self.0.money.as_deref()
    }

    fn flow(self, span: Span) -> Option<Flow> {
        match span {
            Span::Day => self.0.energy.day,
            Span::Hour => self.0.energy.hour,
            Span::Month => self.0.energy.month,
        }
    }

    /// Whether any energy is booked yet.
    pub const fn begun(self) -> bool {
        self.0.energy.hour.is_some() || self.0.energy.day.is_some()
    }

    /// Used, in kWh.
    pub fn used(self, span: Span) -> Option<Number> {
        self.flow(span).map(|flow| kilo(Number::new(flow.import_wh, 0)))
    }

    /// Produced and exported, in kWh.
    pub fn produced(self, span: Span) -> Option<Number> {
        self.flow(span).map(|flow| kilo(Number::new(flow.export_wh, 0)))
    }

    /// Whether anything was exported in the running periods.
    pub fn any_produced(self) -> bool {
        [Span::Hour, Span::Day, Span::Month]
            .iter()
            .any(|span| self.flow(*span).is_some_and(|flow| flow.export_wh > 0))
    }

    /// Cost of what was used.
    pub fn cost(self, span: Span) -> Option<Number> {
        self.period(span)?.cost.map(amount)
    }

    /// Income of what was exported.
    pub fn income(self, span: Span) -> Option<Number> {
        self.period(span)?.income.map(amount)
    }

    fn period(self, span: Span) -> Option<&'a crate::money::CostView> {
        let money = self.money()?;
        Some(match span {
            Span::Day => &money.day,
            Span::Hour => &money.hour,
            Span::Month => &money.month,
        })
    }

    /// The upper end of the step in force, in whole kWh; of the last step its beginning.
    pub fn threshold(self) -> Option<Number> {
        let step = self.money()?.peaks.as_ref()?.step?;
        Some(Number::new(step.to_w.unwrap_or(step.from_w) / 1000, 0))
    }

    /// The upper ends of the steps in whole kWh, nine of them, 0 where there are fewer; `None`
    /// where the tariff has no steps.
    pub fn thresholds(self) -> Option<[i64; THRESHOLDS]> {
        let peaks = self.money()?.peaks.as_ref()?;
        if peaks.steps.is_empty() {
            return None;
        }
        let mut ends = [0; THRESHOLDS];
        let known = peaks.steps.iter().filter_map(|step| step.to_w);
        for (end, to_w) in ends.iter_mut().zip(known) {
            *end = to_w / 1000;
        }
        Some(ends)
    }

    /// The figure of the month in kWh of an hour.
    pub fn month_max(self) -> Option<Number> {
        let figure_mw = self.money()?.peaks.as_ref()?.figure_mw?;
        Some(Number::new(figure_mw, -6))
    }

    /// The peaks that make the figure, in kWh of an hour.
    pub fn peaks(self) -> Vec<Number> {
        let peaks = self.money().and_then(|money| money.peaks.as_ref());
        let kept = peaks.map_or(&[][..], |peaks| &peaks.kept);
        kept.iter().filter(|p| p.counts).map(|p| Number::new(p.weighted_mw, -6)).collect()
    }
}

/// An amount in units of its currency.
pub const fn amount(money: Money) -> Number {
    Number::new(money.0, -9)
}

/// A price in units of its currency.
pub const fn price(price: PricePerKwh) -> Number {
    Number::new(price.0, -6)
}

/// Prices from now on, as existing readers tell them.
#[derive(Clone, Debug)]
pub struct Prices<'a> {
    money: &'a MoneyView,
    now: UtcMillis,
    hours: Vec<Option<PricePerKwh>>,
}

impl<'a> Prices<'a> {
    /// The prices of a view; `None` where no price of now or later is known.
    pub fn of(view: &'a View) -> Option<Self> {
        let money = view.money.as_deref()?;
        let now = view.now;
        let hours: Vec<_> = (0u8..)
            .take(HOURS_AHEAD)
            .map(|ahead| money.hour_ahead(now, ahead, crate::money::view::Which::Import))
            .collect();
        let any = money.from(now).iter().any(|slot| slot.import.is_some());
        any.then_some(Self { money, now, hours })
    }

    /// The moment.
    pub const fn now(&self) -> UtcMillis {
        self.now
    }

    /// Minutes of a point.
    pub const fn resolution_min(&self) -> u16 {
        self.money.resolution_min
    }

    /// The currency.
    pub fn currency(&self) -> &str {
        self.money.currency.code()
    }

    /// The points from the running one on.
    pub fn points(&self) -> &'a [PriceSlot] {
        self.money.from(self.now)
    }

    /// Whether export has prices of its own.
    pub const fn export_differs(&self) -> bool {
        self.money.export_differs
    }

    /// The means of clock hours, the running one first.
    pub fn hours(&self) -> &[Option<PricePerKwh>] {
        &self.hours
    }

    /// The lowest and the highest mean of the next so many hours.
    pub fn range(&self, hours: usize) -> (Option<Number>, Option<Number>) {
        let known = || self.hours.iter().take(hours).flatten().copied();
        (known().min().map(price), known().max().map(price))
    }

    /// The start of the cheapest row of so many hours that lies in the next `within` hours; the
    /// first of several. `None` where there is no such row with all its prices.
    pub fn cheapest(&self, length: usize, within: usize) -> Option<UtcMillis> {
        let hours = self.hours.get(..within.min(self.hours.len()))?;
        let rows = hours.windows(length).enumerate();
        let sums = rows.filter_map(|(at, row)| {
            let sum = row.iter().try_fold(0i128, |sum, price| Some(sum + i128::from((*price)?.0)));
            Some((sum?, at))
        });
        let (_, at) = sums.min()?;
        let start = self.now.0.div_euclid(HOUR_MS).saturating_mul(HOUR_MS);
        Some(UtcMillis(start).plus(i64::try_from(at).ok()?.saturating_mul(HOUR_MS)))
    }
}

/// What tells one set of prices from another: the running point, the day, and the curve.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Told {
    slot: Option<UtcMillis>,
    day: jiff::civil::Date,
    curve: Vec<PriceSlot>,
    export: bool,
}

impl Told {
    /// Of a view at its moment. `day` is the local date.
    pub fn of(view: &View, day: jiff::civil::Date, export: bool) -> Self {
        let money = view.money.as_deref();
        Self {
            slot: money.and_then(|money| money.slot(view.now)).map(|slot| slot.range.start),
            day,
            curve: money.map(|money| money.curve.clone()).unwrap_or_default(),
            export,
        }
    }

    /// Whether a view still says the same.
    pub fn holds(&self, view: &View, day: jiff::civil::Date, export: bool) -> bool {
        let money = view.money.as_deref();
        let slot = money.and_then(|money| money.slot(view.now)).map(|slot| slot.range.start);
        slot == self.slot
            && day == self.day
            && export == self.export
            && money.is_none_or(|money| money.curve == self.curve)
    }
}
