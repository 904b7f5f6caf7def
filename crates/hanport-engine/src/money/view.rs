//! What outputs see of prices, costs and peaks: a picture at one moment.
//!
//! It stands in [`View::money`](crate::view::View::money). It is made anew when a price slot
//! begins, when prices come, when a quarter-hour is booked and when settings change; energy and
//! cost of the running hour follow every message.

use core::ops::Range;
use std::sync::Arc;

use jiff::civil::Date;

use super::amount::{Currency, Money, PricePerKwh};
use crate::time::UtcMillis;

/// Prices, costs and peaks of a meter as they stand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MoneyView {
    /// The currency of everything in it.
    pub currency: Currency,
    /// The price area as configured, `NO1`; empty when prices are fixed.
    pub area: Arc<str>,
    /// Where the spot prices came from; `None` before the first came.
    pub source: Option<PriceSource>,
    /// Minutes of a slot of the curve: 15, 30 or 60.
    pub resolution_min: u16,
    /// Whether export has another price than import.
    pub export_differs: bool,
    /// The running slot.
    pub price: PriceNow,
    /// All slots in order without a hole, from midnight of the market's day (CET) or of the local
    /// day, whichever is earlier, to the last one of which a price is known. A slot without
    /// price has `None` in it.
    pub curve: Vec<PriceSlot>,
    /// The running hour.
    pub hour: CostView,
    /// Today.
    pub day: CostView,
    /// The day before.
    pub yesterday: CostView,
    /// This month.
    pub month: CostView,
    /// The month before.
    pub last_month: CostView,
    /// Peaks, where the tariff has any.
    pub peaks: Option<PeaksView>,
    /// The cheapest windows that begin in the next 24 hours: of 1, 3 and 6 hours, and of others
    /// that the settings name.
    pub cheapest: Vec<CheapWindow>,
    /// Why the last fetch failed: the HTTP status, or a negative number when none came, and in
    /// words; `None` after a success.
    pub trouble: Option<(i32, Arc<str>)>,
}

/// Who told the spot prices.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PriceSource {
    /// The stable word: `entsoe`, `energy-charts`, `hvakosterstrommen`, `fixed`.
    pub word: &'static str,
    /// The three letters that old clients know: `EOE`, `HKS`, `EDS`, `FIX`, `MIX` when slots of
    /// the curve come from several sources; others have their own.
    pub code: &'static str,
    /// The line that the source asks to be shown.
    pub attribution: Arc<str>,
    /// Where that line leads.
    pub link: Arc<str>,
    /// Whether its terms allow to publish the prices, not only to show them to the household.
    pub publishable: bool,
}

/// How the price of a moment compares with the rest of its local day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Level {
    /// At most 90 % of the day's mean.
    Cheap,
    /// At least 115 % of the day's mean.
    Expensive,
    /// Between.
    Normal,
    /// At most 60 % of the day's mean, or below zero.
    VeryCheap,
    /// At least 140 % of the day's mean.
    VeryExpensive,
}

impl Level {
    /// The stable word: `very_cheap`, `cheap`, `normal`, `expensive`, `very_expensive`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Cheap => "cheap",
            Self::Expensive => "expensive",
            Self::Normal => "normal",
            Self::VeryCheap => "very_cheap",
            Self::VeryExpensive => "very_expensive",
        }
    }
}

/// The prices of the running slot.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PriceNow {
    /// The market's price, without taxes and modifiers.
    pub spot: Option<PricePerKwh>,
    /// What a kWh from the grid costs, everything in.
    pub import: Option<PricePerKwh>,
    /// What a kWh to the grid brings.
    pub export: Option<PricePerKwh>,
    /// Its place among the slots of the local day by import price: 1 is the cheapest; equal
    /// prices share the better place.
    pub rank: Option<u16>,
    /// How many slots of the local day have a price.
    pub of: u16,
    /// How it compares with the mean of the local day.
    pub level: Option<Level>,
}

/// One slot of the curve.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PriceSlot {
    /// Its half-open instants.
    pub range: Range<UtcMillis>,
    /// The market's price.
    pub spot: Option<PricePerKwh>,
    /// What a kWh from the grid costs.
    pub import: Option<PricePerKwh>,
    /// What a kWh to the grid brings.
    pub export: Option<PricePerKwh>,
}

/// What of a period is not in its figures.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Missing {
    /// Quarter-hours that are over without known energy.
    pub quarters: u32,
    /// Watt-hours, import and export, whose price is not known.
    pub unpriced_wh: i64,
}

impl Missing {
    /// Whether nothing is.
    pub const fn is_none(self) -> bool {
        self.quarters == 0 && self.unpriced_wh == 0
    }
}

/// Energy and money of one period so far. `None` is unknown and not zero.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CostView {
    /// The half-open instants of the whole period, local.
    pub range: Range<UtcMillis>,
    /// From the grid, in watt-hours.
    pub import_wh: Option<i64>,
    /// To the grid, in watt-hours.
    pub export_wh: Option<i64>,
    /// What the energy from the grid cost, by the import price.
    pub cost: Option<Money>,
    /// What the energy to the grid brought, by the export price.
    pub income: Option<Money>,
    /// What does not depend on energy: monthly fees and the peak fee, in the share of the period
    /// that is over. They are not in `cost`.
    pub fees: Money,
    /// What is not in these figures: with anything here they are partial.
    pub missing: Missing,
}

/// Peaks by the rule of the tariff. Powers are in 1/1000 W, so that means and weights stay exact;
/// the power of a window is its energy by its length.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PeaksView {
    /// The name of the tariff.
    pub tariff: Arc<str>,
    /// Minutes of a window: 60 or 15.
    pub window_min: u16,
    /// How many peaks make the figure.
    pub wanted: u8,
    /// Whether those must be of different days.
    pub distinct_days: bool,
    /// The largest windows of this month, the largest first. The first `wanted` of them make the
    /// figure; a few more follow.
    pub kept: Vec<PeakView>,
    /// What the fee goes by, so far; `None` without any peak.
    pub figure_mw: Option<i64>,
    /// Whether fewer peaks are there than make a figure.
    pub provisional: bool,
    /// All steps, ascending; empty where a kW has a price.
    pub steps: Vec<StepView>,
    /// The step in force.
    pub step: Option<StepView>,
    /// The step after it.
    pub next: Option<StepView>,
    /// The price of one kW for a month, where there are no steps.
    pub per_kw: Option<Money>,
    /// The fee for the month as it stands.
    pub fee: Option<Money>,
    /// Where the running window is heading.
    pub forecast: Option<ForecastView>,
    /// The months before, the newest first.
    pub months: Vec<MonthPeak>,
}

/// One window that may count.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PeakView {
    /// When it began.
    pub start: UtcMillis,
    /// Its local date.
    pub date: Date,
    /// The local hour in which it began.
    pub hour: i8,
    /// The minute in which it began.
    pub minute: i8,
    /// Its energy in watt-hours.
    pub wh: i64,
    /// Its mean power, in 1/1000 W.
    pub power_mw: i64,
    /// The same with the weight of its time; what counts.
    pub weighted_mw: i64,
    /// Whether it is one of those that make the figure.
    pub counts: bool,
}

/// One step of a fee by steps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StepView {
    /// Where it begins, in watts.
    pub from_w: i64,
    /// Where the next begins; `None` for the last.
    pub to_w: Option<i64>,
    /// The fee for a month.
    pub fee: Money,
}

/// Where the running window is heading.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ForecastView {
    /// The window.
    pub range: Range<UtcMillis>,
    /// Its energy so far, in watt-hours.
    pub used_wh: i64,
    /// The mean power it ends with when the power stays as it is, in 1/1000 W, unweighted;
    /// `None` when the power now is not known.
    pub heading_mw: Option<i64>,
    /// The power in watts that may be drawn for the rest of the window without a new peak among
    /// those that count; 0 when it cannot be kept any more. `None` when this window cannot count.
    pub new_peak_w: Option<i64>,
    /// The power in watts that may be drawn for the rest of the window without the next step;
    /// `None` when there is no next step, or nothing this window does reaches it.
    pub next_step_w: Option<i64>,
    /// The figure when it ends as it is heading, in 1/1000 W.
    pub figure_mw: Option<i64>,
}

/// The figure of a month that is over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MonthPeak {
    /// The first day of the month.
    pub month: Date,
    /// The figure, in 1/1000 W.
    pub figure_mw: i64,
    /// The fee it led to, where a price is known.
    pub fee: Option<Money>,
}

/// The cheapest window of so many hours by import price.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CheapWindow {
    /// How many hours.
    pub hours: u8,
    /// When it begins.
    pub start: UtcMillis,
    /// The mean price in it.
    pub mean: PricePerKwh,
}

/// Which price of a slot.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Which {
    /// What a kWh to the grid brings.
    Export,
    /// What a kWh from the grid costs.
    Import,
    /// The market's.
    Spot,
}

impl PriceSlot {
    /// One of its prices.
    pub const fn price(&self, which: Which) -> Option<PricePerKwh> {
        match which {
            Which::Export => self.export,
            Which::Import => self.import,
            Which::Spot => self.spot,
        }
    }
}

impl MoneyView {
    /// The slot that contains an instant.
    pub fn slot(&self, at: UtcMillis) -> Option<&PriceSlot> {
        self.curve.iter().find(|slot| slot.range.contains(&at))
    }

    /// The slots from the one that contains an instant on.
    pub fn from(&self, at: UtcMillis) -> &[PriceSlot] {
        let before = self.curve.iter().take_while(|slot| slot.range.end <= at).count();
        self.curve.get(before..).unwrap_or_default()
    }

    /// The mean price of the clock hour `ahead` hours after the one that contains `now`; `None`
    /// where no slot of that hour has a price.
    pub fn hour_ahead(&self, now: UtcMillis, ahead: u8, which: Which) -> Option<PricePerKwh> {
        const HOUR: i64 = 3_600_000;
        let start = UtcMillis(now.0.div_euclid(HOUR).saturating_mul(HOUR));
        let start = start.plus(i64::from(ahead) * HOUR);
        let end = start.plus(HOUR);
        PricePerKwh::mean(
            self.curve
                .iter()
                .filter(|slot| slot.range.start < end && start < slot.range.end)
                .filter_map(|slot| slot.price(which)),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn slots(prices: &[Option<i64>]) -> Vec<PriceSlot> {
        (0i64..)
            .zip(prices)
            .map(|(at, price)| PriceSlot {
                range: UtcMillis(at * 900_000)..UtcMillis((at + 1) * 900_000),
                spot: price.map(PricePerKwh),
                import: None,
                export: None,
            })
            .collect()
    }

    fn cost() -> CostView {
        CostView {
            range: UtcMillis(0)..UtcMillis(0),
            import_wh: None,
            export_wh: None,
            cost: None,
            income: None,
            fees: Money::ZERO,
            missing: Missing::default(),
        }
    }

    fn view(curve: Vec<PriceSlot>) -> MoneyView {
        MoneyView {
            currency: Currency::NOK,
            area: "NO1".into(),
            source: None,
            resolution_min: 15,
            export_differs: false,
            price: PriceNow::default(),
            curve,
            hour: cost(),
            day: cost(),
            yesterday: cost(),
            month: cost(),
            last_month: cost(),
            peaks: None,
            cheapest: Vec::new(),
            trouble: None,
        }
    }

    #[test]
    fn an_hour_is_the_mean_of_the_quarters_that_have_a_price() {
        let prices = [Some(80), Some(75), Some(75), Some(75), None, Some(-1), None, Some(-2)];
        let view = view(slots(&prices));
        let hour = |ahead| view.hour_ahead(UtcMillis(3_599_999), ahead, Which::Spot);
        assert_eq!(hour(0), Some(PricePerKwh(76)));
        assert_eq!(hour(1), Some(PricePerKwh(-2)));
        assert_eq!(hour(2), None);
        assert_eq!(view.hour_ahead(UtcMillis(0), 0, Which::Import), None);
    }

    #[test]
    fn the_rest_of_the_curve_begins_with_the_running_slot() {
        let view = view(slots(&[Some(1), Some(2), None]));
        assert_eq!(view.from(UtcMillis(900_000)).len(), 2);
        assert_eq!(view.slot(UtcMillis(899_999)).unwrap().spot, Some(PricePerKwh(1)));
        assert!(view.from(UtcMillis(2_700_000)).is_empty());
        assert!(view.slot(UtcMillis(-1)).is_none());
    }
}
