//! Energy by period: what the registers back, how well it is known, and what the user corrected.

use core::ops::Range;

use axum::extract::{Path, State};
use axum::http::HeaderMap;
use axum::response::Response;
use hanport_engine::energy::correction::Shown;
use hanport_engine::energy::shown::{counted, shown};
use hanport_engine::energy::{Interval, Period, Register, Standing, Sum, sums};
use hanport_engine::outside::{History, HistoryError};
use hanport_engine::time::UtcMillis;
use jiff::tz::TimeZone;
use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};
use std::collections::BTreeMap;
use utoipa::ToSchema;

use super::table::{Form, tagged};
use crate::exactly::Instant;
use crate::problem::Problem;
use crate::query::Parameters;
use crate::site::Shared;

const DAY_MS: i64 = 86_400_000;

/// Energy by period.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct EnergyTable<'a> {
    /// The meter.
    meter: &'a str,
    /// `15m`, `hour`, `day`, `month` or `year`.
    by: &'static str,
    /// The zone of the periods.
    zone: &'a str,
    /// The first instant of the range; whole periods are told.
    from: Instant,
    /// The first instant after it.
    to: Instant,
    /// The periods in order. Those of which nothing is known are left out.
    periods: Vec<EnergyPeriod>,
}

/// One period.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct EnergyPeriod {
    /// Its first instant.
    start: Instant,
    /// The first instant after it.
    end: Instant,
    /// Its energy by register.
    #[schema(value_type = BTreeMap<String, EnergySum>)]
    registers: ByRegister,
}

/// Sums by the name of the register, in its order.
#[derive(Debug, Default)]
struct ByRegister(Vec<(Register, EnergySum)>);

impl Serialize for ByRegister {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.0.len()))?;
        for (register, sum) in &self.0 {
            map.serialize_entry(register.name(), sum)?;
        }
        map.end()
    }
}

/// The energy of a period in one register.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct EnergySum {
    /// What registers back, in watt-hours or var-hours, corrections included.
    wh: i64,
    /// What only measured power says; it is not in `wh`.
    unbacked_wh: i64,
    /// The worst quality in it: `measured`, `interpolated`, `estimated` or `missing`.
    quality: &'static str,
    /// Quarter-hours the period has.
    quarters: u32,
    /// Quarter-hours that are known.
    present: u32,
    /// Whether the user corrected any of it.
    corrected: bool,
}

/// The event `interval`: a quarter-hour that was booked.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct IntervalNews<'a> {
    /// The meter.
    meter: &'a str,
    /// The register.
    register: &'static str,
    /// The first instant of the quarter-hour.
    start: Instant,
    /// Watt-hours or var-hours.
    wh: i64,
    /// How well that is known.
    quality: &'static str,
    /// Whether it is final.
    settled: bool,
}

impl<'a> IntervalNews<'a> {
    pub(crate) const fn new(meter: &'a str, interval: &Interval) -> Self {
        Self {
            meter,
            register: interval.register.name(),
            start: Instant(interval.quarter.start()),
            wh: interval.wh,
            quality: interval.quality.name(),
            settled: matches!(interval.standing, Standing::Settled),
        }
    }
}

const fn name(period: Period) -> &'static str {
    match period {
        Period::Quarter => "15m",
        Period::Hour => "hour",
        Period::Day => "day",
        Period::Month => "month",
        Period::Year => "year",
    }
}

/// The longest range that is answered in one piece, in days.
const fn longest_days(period: Period) -> i64 {
    match period {
        Period::Quarter => 92,
        Period::Hour => 400,
        Period::Day | Period::Month | Period::Year => 40 * 366,
    }
}

/// Energy by period
///
/// Whole periods: the first is the one that `from` lies in. JSON, or CSV with `Accept: text/csv`.
#[utoipa::path(get, path = "/api/v1/meters/{id}/energy", tag = "history",
    params(
        ("id" = String, Path, description = "Name of the meter"),
        ("from" = Option<String>, Query, description = "RFC 3339, or a local date or time; a day before `to`"),
        ("to" = Option<String>, Query, description = "Likewise; now"),
        ("by" = Option<String>, Query, description = "15m, hour, day, month or year; hour"),
        ("register" = Option<String>, Query, description = "Names with commas; active_import,active_export"),
    ),
    responses((status = 200, body = EnergyTable<'_>)))]
pub(crate) async fn energy(
    State(site): State<Shared>,
    Path(id): Path<String>,
    parameters: Parameters,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let parameters = parameters.only(&["from", "to", "by", "register"])?;
    site.view(&id)?;
    let zone = site.outside.zone.clone();
    let period = parameters.period()?;
    let range = parameters.range(site.now(), DAY_MS, &zone)?;
    let most = longest_days(period);
    if range.end.since(range.start) > most * DAY_MS {
        let text = format!("`{}` is answered for at most {most} days at once", name(period));
        return Err(Problem::parameter("by", text)
            .remedy("ask for a shorter range or longer periods; `hanport export` has no limit"));
    }
    let whole =
        period.around(range.start, &zone).start..period.around(range.end.plus(-1), &zone).end;
    let registers = parameters.registers()?;
    let form = Form::wanted(&headers);
    let body = site
        .read(move |history| {
            let periods = periods(history, &id, &registers, whole.clone(), period, &zone)?;
            let table = EnergyTable {
                meter: &id,
                by: name(period),
                zone: zone.iana_name().unwrap_or("UTC"),
                from: Instant(whole.start),
                to: Instant(whole.end),
                periods,
            };
            Ok(match form {
                Form::Csv => csv(&table, &registers).into_bytes(),
                Form::Json => {
                    serde_json::to_vec(&table).map_err(|e| HistoryError(e.to_string()))?
                }
            })
        })
        .await?;
    Ok(tagged(form, body, &headers))
}

fn periods(
    history: &dyn History,
    meter: &str,
    registers: &[Register],
    range: Range<UtcMillis>,
    period: Period,
    zone: &TimeZone,
) -> Result<Vec<EnergyPeriod>, HistoryError> {
    let mut periods: BTreeMap<UtcMillis, EnergyPeriod> = BTreeMap::new();
    for &register in registers {
        let shown = shown(history, meter, register, range.clone())?;
        let intervals: Vec<Interval> = shown.iter().map(counted).collect();
        for sum in sums(&intervals, period, zone) {
            let corrected = within(&shown, &sum.range).iter().any(|shown| shown.by.is_some());
            let entry = periods.entry(sum.range.start).or_insert_with(|| EnergyPeriod {
                start: Instant(sum.range.start),
                end: Instant(sum.range.end),
                registers: ByRegister::default(),
            });
            entry.registers.0.push((register, energy_sum(&sum, corrected)));
        }
    }
    Ok(periods.into_values().collect())
}

/// The quarters that begin in a range.
fn within<'a>(shown: &'a [Shown], range: &Range<UtcMillis>) -> &'a [Shown] {
    let before = |at: UtcMillis| shown.partition_point(|s| s.booked.quarter.start() < at);
    shown.get(before(range.start)..before(range.end)).unwrap_or_default()
}

fn energy_sum(sum: &Sum, corrected: bool) -> EnergySum {
    EnergySum {
        wh: sum.wh,
        unbacked_wh: sum.unbacked_wh,
        quality: sum.quality.name(),
        quarters: sum.quarters,
        present: sum.present,
        corrected,
    }
}

fn csv(table: &EnergyTable<'_>, registers: &[Register]) -> String {
    use core::fmt::Write as _;
    let mut text = String::from("start,end");
    for register in registers {
        let _ = write!(text, ",{0}_wh,{0}_quality", register.name());
    }
    text.push('\n');
    for period in &table.periods {
        let _ = write!(text, "{},{}", period.start.0, period.end.0);
        for register in registers {
            match period.registers.0.iter().find(|(of, _)| of == register) {
                Some((_, sum)) => {
                    let _ = write!(text, ",{},{}", sum.wh, sum.quality);
                }
                None => text.push_str(",,"),
            }
        }
        text.push('\n');
    }
    text
}
