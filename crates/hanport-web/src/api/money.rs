//! Prices, costs and peaks as they stand, and the event `price`.

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use hanport_core::number::Number;
use hanport_engine::money::view::{
    CheapWindow, CostView, ForecastView, MonthPeak, PeakView, PeaksView, PriceSource, StepView,
};
use hanport_engine::money::{Money, MoneyView, PricePerKwh};
use hanport_engine::view::View;
use serde::Serialize;
use utoipa::ToSchema;

use super::meters::fresh;
use crate::exactly::{self, Exact, Instant};
use crate::problem::Problem;
use crate::query::Parameters;
use crate::site::Shared;

/// A number with no more decimals than it needs.
const fn trimmed(mantissa: i64, exponent: i8) -> Exact {
    let (mut mantissa, mut exponent) = (mantissa, exponent);
    while exponent < 0 && mantissa % 10 == 0 {
        mantissa /= 10;
        exponent += 1;
    }
    Exact(Number::new(mantissa, exponent))
}

const fn price(price: PricePerKwh) -> Exact {
    trimmed(price.0, -6)
}

const fn amount(money: Money) -> Exact {
    trimmed(money.0, -9)
}

/// Prices of the running slot and all that are known, per kilowatt-hour.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Prices<'a> {
    /// The meter.
    meter: &'a str,
    /// ISO 4217.
    currency: String,
    /// The price area; empty when prices are fixed.
    area: &'a str,
    /// Who told the spot prices.
    source: Option<Source<'a>>,
    /// Minutes of a slot.
    resolution_min: u16,
    /// The running slot.
    now: PriceNow,
    /// All slots in order; null where no price is known.
    curve: Vec<Slot>,
    /// The cheapest windows of the next day.
    cheapest: Vec<Window>,
    /// Why the last fetch failed.
    trouble: Option<String>,
}

/// Who told the spot prices.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Source<'a> {
    /// A stable word.
    word: &'static str,
    /// The line that the source asks to be shown.
    attribution: &'a str,
    /// Where that line leads.
    link: &'a str,
}

/// The prices of the running slot.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PriceNow {
    /// The market's price.
    spot: Option<Exact>,
    /// What a kWh from the grid costs.
    import: Option<Exact>,
    /// What a kWh to the grid brings.
    export: Option<Exact>,
    /// Its place among the slots of the day: 1 is the cheapest.
    rank: Option<u16>,
    /// Of how many.
    of: u16,
    /// `very_cheap`, `cheap`, `normal`, `expensive` or `very_expensive`.
    level: Option<&'static str>,
}

/// One slot.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Slot {
    /// Its first instant.
    start: Instant,
    /// The first instant after it.
    end: Instant,
    /// The market's price.
    spot: Option<Exact>,
    /// What a kWh from the grid costs.
    import: Option<Exact>,
    /// What a kWh to the grid brings.
    export: Option<Exact>,
}

/// A cheap window.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Window {
    /// How many hours.
    hours: u8,
    /// When it begins.
    start: Instant,
    /// The mean price in it.
    mean: Exact,
}

impl<'a> Prices<'a> {
    fn new(meter: &'a str, money: &'a MoneyView) -> Self {
        let now = money.price;
        let slots = money.curve.iter().map(|slot| Slot {
            start: Instant(slot.range.start),
            end: Instant(slot.range.end),
            spot: slot.spot.map(price),
            import: slot.import.map(price),
            export: slot.export.map(price),
        });
        let window = |window: &CheapWindow| Window {
            hours: window.hours,
            start: Instant(window.start),
            mean: price(window.mean),
        };
        let source = |source: &'a PriceSource| Source {
            word: source.word,
            attribution: &source.attribution,
            link: &source.link,
        };
        Self {
            meter,
            currency: money.currency.code().to_owned(),
            area: &money.area,
            source: money.source.as_ref().map(source),
            resolution_min: money.resolution_min,
            now: PriceNow {
                spot: now.spot.map(price),
                import: now.import.map(price),
                export: now.export.map(price),
                rank: now.rank,
                of: now.of,
                level: now.level.map(hanport_engine::money::view::Level::name),
            },
            curve: slots.collect(),
            cheapest: money.cheapest.iter().map(window).collect(),
            trouble: money.trouble.as_ref().map(|(_, words)| words.to_string()),
        }
    }
}

/// Energy and money of the running periods.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Costs<'a> {
    /// The meter.
    meter: &'a str,
    /// ISO 4217.
    currency: String,
    /// The running hour.
    hour: PeriodCost,
    /// Today.
    day: PeriodCost,
    /// The day before.
    yesterday: PeriodCost,
    /// This month.
    month: PeriodCost,
    /// The month before.
    last_month: PeriodCost,
}

/// Energy and money of one period; null is unknown.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PeriodCost {
    /// Its first instant.
    start: Instant,
    /// The first instant after the whole of it.
    end: Instant,
    /// From the grid, in watt-hours.
    import_wh: Option<i64>,
    /// To the grid, in watt-hours.
    export_wh: Option<i64>,
    /// What the energy from the grid cost.
    cost: Option<Exact>,
    /// What the energy to the grid brought.
    income: Option<Exact>,
    /// What does not depend on energy; not in `cost`.
    fees: Exact,
    /// Quarter-hours without known energy.
    missing_quarters: u32,
    /// Watt-hours whose price is not known.
    unpriced_wh: i64,
}

impl PeriodCost {
    fn new(view: &CostView) -> Self {
        Self {
            start: Instant(view.range.start),
            end: Instant(view.range.end),
            import_wh: view.import_wh,
            export_wh: view.export_wh,
            cost: view.cost.map(amount),
            income: view.income.map(amount),
            fees: amount(view.fees),
            missing_quarters: view.missing.quarters,
            unpriced_wh: view.missing.unpriced_wh,
        }
    }
}

impl<'a> Costs<'a> {
    fn new(meter: &'a str, money: &MoneyView) -> Self {
        Self {
            meter,
            currency: money.currency.code().to_owned(),
            hour: PeriodCost::new(&money.hour),
            day: PeriodCost::new(&money.day),
            yesterday: PeriodCost::new(&money.yesterday),
            month: PeriodCost::new(&money.month),
            last_month: PeriodCost::new(&money.last_month),
        }
    }
}

/// Peaks by the rule of the tariff. Powers are in watts.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Peaks<'a> {
    /// The meter.
    meter: &'a str,
    /// ISO 4217.
    currency: String,
    /// The name of the tariff.
    tariff: &'a str,
    /// Minutes of a window.
    window_min: u16,
    /// How many peaks make the figure.
    wanted: u8,
    /// Whether those must be of different days.
    distinct_days: bool,
    /// The largest windows of this month, the largest first.
    kept: Vec<Peak>,
    /// What the fee goes by, so far, in watts.
    figure_w: Option<Exact>,
    /// Whether fewer peaks are there than make a figure.
    provisional: bool,
    /// All steps, ascending.
    steps: Vec<Step>,
    /// The step in force.
    step: Option<Step>,
    /// The step after it.
    next: Option<Step>,
    /// The price of one kW for a month, where there are no steps.
    per_kw: Option<Exact>,
    /// The fee for the month as it stands.
    fee: Option<Exact>,
    /// Where the running window is heading.
    forecast: Option<Forecast>,
    /// The months before, the newest first.
    months: Vec<PeakMonth>,
}

/// One window.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Peak {
    /// When it began.
    start: Instant,
    /// Its local date.
    date: String,
    /// The local hour in which it began.
    hour: i8,
    /// The minute in which it began.
    minute: i8,
    /// Its energy in watt-hours.
    wh: i64,
    /// Its mean power.
    power_w: Exact,
    /// The same with the weight of its time.
    weighted_w: Exact,
    /// Whether it is one of those that make the figure.
    counts: bool,
}

/// One step of a fee.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Step {
    /// Where it begins, in watts.
    from_w: i64,
    /// Where the next begins.
    to_w: Option<i64>,
    /// The fee for a month.
    fee: Exact,
}

/// Where the running window is heading.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Forecast {
    /// The first instant of the window.
    start: Instant,
    /// The first instant after it.
    end: Instant,
    /// Its energy so far, in watt-hours.
    used_wh: i64,
    /// The mean power it ends with when the power stays as it is.
    heading_w: Option<Exact>,
    /// What may be drawn for the rest of it without a new peak that counts.
    new_peak_w: Option<i64>,
    /// What may be drawn for the rest of it without the next step.
    next_step_w: Option<i64>,
    /// The figure when it ends as it is heading.
    figure_w: Option<Exact>,
}

/// A month that is over.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PeakMonth {
    /// Its first day.
    month: String,
    /// Its figure.
    figure_w: Exact,
    /// The fee it led to.
    fee: Option<Exact>,
}

impl<'a> Peaks<'a> {
    fn new(meter: &'a str, money: &MoneyView, peaks: &'a PeaksView) -> Self {
        let peak = |peak: &PeakView| Peak {
            start: Instant(peak.start),
            date: peak.date.to_string(),
            hour: peak.hour,
            minute: peak.minute,
            wh: peak.wh,
            power_w: exactly::watt_hours(peak.power_mw),
            weighted_w: exactly::watt_hours(peak.weighted_mw),
            counts: peak.counts,
        };
        let step =
            |step: StepView| Step { from_w: step.from_w, to_w: step.to_w, fee: amount(step.fee) };
        let forecast = |forecast: &ForecastView| Forecast {
            start: Instant(forecast.range.start),
            end: Instant(forecast.range.end),
            used_wh: forecast.used_wh,
            heading_w: forecast.heading_mw.map(exactly::watt_hours),
            new_peak_w: forecast.new_peak_w,
            next_step_w: forecast.next_step_w,
            figure_w: forecast.figure_mw.map(exactly::watt_hours),
        };
        let month = |month: &MonthPeak| PeakMonth {
            month: month.month.to_string(),
            figure_w: exactly::watt_hours(month.figure_mw),
            fee: month.fee.map(amount),
        };
        Self {
            meter,
            currency: money.currency.code().to_owned(),
            tariff: &peaks.tariff,
            window_min: peaks.window_min,
            wanted: peaks.wanted,
            distinct_days: peaks.distinct_days,
            kept: peaks.kept.iter().map(peak).collect(),
            figure_w: peaks.figure_mw.map(exactly::watt_hours),
            provisional: peaks.provisional,
            steps: peaks.steps.iter().copied().map(step).collect(),
            step: peaks.step.map(step),
            next: peaks.next.map(step),
            per_kw: peaks.per_kw.map(amount),
            fee: peaks.fee.map(amount),
            forecast: peaks.forecast.as_ref().map(forecast),
            months: peaks.months.iter().map(month).collect(),
        }
    }
}

/// The event `price`: what changed with the running slot or a booked quarter-hour.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PriceNews<'a> {
    /// The meter.
    meter: &'a str,
    /// Prices; null where none are set up.
    prices: Option<Prices<'a>>,
    /// Costs of the running periods.
    costs: Option<Costs<'a>>,
    /// Peaks; null where the tariff has none.
    peaks: Option<Peaks<'a>>,
}

impl<'a> PriceNews<'a> {
    pub(crate) fn new(view: &'a View) -> Self {
        let money = view.money.as_deref();
        let meter = &*view.meter;
        Self {
            meter,
            prices: money.map(|money| Prices::new(meter, money)),
            costs: money.map(|money| Costs::new(meter, money)),
            peaks: money.and_then(|money| Some(Peaks::new(meter, money, money.peaks.as_ref()?))),
        }
    }
}

fn no_money(what: &'static str, remedy: &'static str) -> Problem {
    Problem::new(StatusCode::NOT_FOUND, "not-set-up", "Not set up").detail(what).remedy(remedy)
}

const SET_UP: &str = "choose a price area or fixed prices in the configuration";

/// Prices
#[utoipa::path(get, path = "/api/v1/meters/{id}/prices", tag = "money",
    params(("id" = String, Path, description = "Name of the meter")),
    responses((status = 200, body = Prices<'_>)))]
pub(crate) async fn prices(
    State(site): State<Shared>,
    Path(id): Path<String>,
    parameters: Parameters,
) -> Result<Response, Problem> {
    parameters.only(&[])?;
    let view = site.view(&id)?;
    let money = view.money.as_deref().ok_or_else(|| no_money("no prices are set up", SET_UP))?;
    Ok(fresh(&Prices::new(&id, money)))
}

/// Costs of the running periods
#[utoipa::path(get, path = "/api/v1/meters/{id}/cost", tag = "money",
    params(("id" = String, Path, description = "Name of the meter")),
    responses((status = 200, body = Costs<'_>)))]
pub(crate) async fn cost(
    State(site): State<Shared>,
    Path(id): Path<String>,
    parameters: Parameters,
) -> Result<Response, Problem> {
    parameters.only(&[])?;
    let view = site.view(&id)?;
    let money = view.money.as_deref().ok_or_else(|| no_money("no prices are set up", SET_UP))?;
    Ok(fresh(&Costs::new(&id, money)))
}

/// Peaks of this month
#[utoipa::path(get, path = "/api/v1/meters/{id}/peaks", tag = "money",
    params(("id" = String, Path, description = "Name of the meter")),
    responses((status = 200, body = Peaks<'_>)))]
pub(crate) async fn peaks(
    State(site): State<Shared>,
    Path(id): Path<String>,
    parameters: Parameters,
) -> Result<Response, Problem> {
    parameters.only(&[])?;
    let view = site.view(&id)?;
    let both = view.money.as_deref().and_then(|money| Some((money, money.peaks.as_ref()?)));
    let (money, peaks) = both.ok_or_else(|| {
        no_money("no tariff with peaks is set up", "choose a tariff in the configuration")
    })?;
    Ok(fresh(&Peaks::new(&id, money, peaks)))
}
