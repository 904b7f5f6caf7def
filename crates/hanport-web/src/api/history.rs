//! Quantities over time, as columns that share one column of times.
//!
//! ```text
//! {"meter":"main","from":..,"to":..,"resolution":"1m","zone":"Europe/Oslo",
//!  "at":[1768042800000,1768042860000],            milliseconds since 1970, UTC
//!  "series":{"active_import_w":{"unit":"W","mean":[1200,1250.5],"min":[..],"max":[..]}}}
//!                                                 null where a series has no sample
//! ```

use core::ops::Range;
use std::collections::BTreeMap;
use std::io::{self, Write};

use axum::extract::{Path, State};
use axum::http::HeaderMap;
use axum::response::Response;
use hanport_core::quantity::Quantity;
use hanport_engine::outside::{History, HistoryError, Point, Resolution, Series};
use hanport_engine::time::UtcMillis;
use jiff::tz::TimeZone;
use serde::Serialize;
use utoipa::ToSchema;

use super::table::{Form, tagged};
use crate::exactly::{Exact, Instant};
use crate::problem::Problem;
use crate::query::Parameters;
use crate::site::Shared;

const DAY_MS: i64 = 86_400_000;

/// Quantities over time.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Columns<'a> {
    /// The meter.
    meter: &'a str,
    /// The first instant of the range.
    from: Instant,
    /// The first instant after it.
    to: Instant,
    /// `raw`, `1m`, `15m`, `1h`, `1d` or `1mo`.
    resolution: &'static str,
    /// The zone of hours, days and months.
    zone: &'a str,
    /// When each step began, for raw samples when they were measured; milliseconds since 1970.
    at: Vec<i64>,
    /// One object of columns a quantity, by name.
    #[schema(value_type = BTreeMap<String, Column>)]
    series: BTreeMap<String, Column>,
}

/// One quantity; null where it has no sample in a step.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Column {
    /// Its unit.
    unit: &'static str,
    /// The mean of the samples of a step; the last one for registers.
    mean: Vec<Option<Exact>>,
    /// The smallest; left out for raw samples.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    min: Vec<Option<Exact>>,
    /// The largest; left out for raw samples.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    max: Vec<Option<Exact>>,
}

/// The longest range of a resolution that is answered in one piece, in days.
const fn longest_days(resolution: Resolution) -> i64 {
    match resolution {
        Resolution::Raw => 2,
        Resolution::Minute => 62,
        Resolution::Quarter => 800,
        Resolution::Hour => 3700,
        Resolution::Day | Resolution::Month => 200 * 366,
    }
}

/// Quantities over time
///
/// JSON columns, or CSV with `Accept: text/csv`. Without a resolution the finest that keeps the
/// answer below some 1500 steps.
#[utoipa::path(get, path = "/api/v1/meters/{id}/history", tag = "history",
    params(
        ("id" = String, Path, description = "Name of the meter"),
        ("from" = Option<String>, Query, description = "RFC 3339, or a local date or time; a day before `to`"),
        ("to" = Option<String>, Query, description = "Likewise; now"),
        ("resolution" = Option<String>, Query, description = "raw, 1m, 15m, 1h, 1d or 1mo"),
        ("series" = Option<String>, Query, description = "Names of quantities with commas; all"),
    ),
    responses((status = 200, body = Columns<'_>)))]
pub(crate) async fn history(
    State(site): State<Shared>,
    Path(id): Path<String>,
    parameters: Parameters,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let parameters = parameters.only(&["from", "to", "resolution", "series"])?;
    site.view(&id)?;
    let zone = site.outside.zone.clone();
    let range = parameters.range(site.now(), DAY_MS, &zone)?;
    let length = range.end.since(range.start);
    let resolution = parameters.resolution()?.unwrap_or_else(|| Resolution::natural(length));
    let most = longest_days(resolution);
    if length > most * DAY_MS {
        return Err(Problem::parameter(
            "resolution",
            format_args!("`{}` is answered for at most {most} days at once", resolution.name()),
        )
        .remedy("ask for a shorter range or a coarser resolution; `hanport export` has no limit"));
    }
    let names: Option<Vec<String>> =
        parameters.list("series").map(|names| names.into_iter().map(str::to_owned).collect());
    let form = Form::wanted(&headers);
    let question = Question { meter: id, range, resolution, zone, names };
    let answer = site.read(move |history| question.answer(history, form)).await?;
    answer.map(|body| tagged(form, body, &headers))
}

struct Question {
    meter: String,
    range: Range<UtcMillis>,
    resolution: Resolution,
    zone: TimeZone,
    names: Option<Vec<String>>,
}

impl Question {
    fn answer(
        &self,
        history: &dyn History,
        form: Form,
    ) -> Result<Result<Vec<u8>, Problem>, HistoryError> {
        let quantities = match self.quantities(history)? {
            Ok(quantities) => quantities,
            Err(problem) => return Ok(Err(problem)),
        };
        let (range, zone) = (self.range.clone(), &self.zone);
        let series = if quantities.is_empty() {
            Vec::new()
        } else {
            history.series(&self.meter, &quantities, range, self.resolution, zone)?
        };
        let at = times(&series);
        let written = match form {
            Form::Csv => self.csv(&at, &series),
            Form::Json => serde_json::to_vec(&self.columns(at, &series)).map_err(Into::into),
        };
        written.map(Ok).map_err(|error: io::Error| HistoryError(error.to_string()))
    }

    /// What is asked for. A quantity of which nothing was kept has empty columns; a name that
    /// stands for none is a slip of the pen.
    fn quantities(
        &self,
        history: &dyn History,
    ) -> Result<Result<Vec<Quantity>, Problem>, HistoryError> {
        let kept = || history.quantities(&self.meter, self.range.clone());
        let Some(names) = &self.names else { return kept().map(Ok) };
        let mut wanted = Vec::new();
        for name in names {
            let Some(quantity) = Quantity::from_name(name) else {
                let known: Vec<String> = kept()?.iter().map(ToString::to_string).collect();
                let problem = Problem::parameter("series", format_args!("`{name}` is no quantity"));
                return Ok(Err(if known.is_empty() {
                    problem.remedy("names look like `active_import_w` or `voltage_l1_v`")
                } else {
                    problem.remedy(format!("there are: {}", known.join(", ")))
                }));
            };
            if !wanted.contains(&quantity) {
                wanted.push(quantity);
            }
        }
        Ok(Ok(wanted))
    }

    fn columns(&self, at: Vec<i64>, series: &[Series]) -> Columns<'_> {
        let raw = self.resolution == Resolution::Raw;
        let column = |series: &Series| {
            let pick = |value: fn(&Point) -> Exact| aligned(&at, series, value);
            Column {
                unit: series.quantity.unit().symbol(),
                mean: pick(|point| Exact(point.mean)),
                min: if raw { Vec::new() } else { pick(|point| Exact(point.min)) },
                max: if raw { Vec::new() } else { pick(|point| Exact(point.max)) },
            }
        };
        let series =
            series.iter().map(|series| (series.quantity.to_string(), column(series))).collect();
        Columns {
            meter: &self.meter,
            from: Instant(self.range.start),
            to: Instant(self.range.end),
            resolution: self.resolution.name(),
            zone: self.zone.iana_name().unwrap_or("UTC"),
            at,
            series,
        }
    }

    fn csv(&self, at: &[i64], series: &[Series]) -> io::Result<Vec<u8>> {
        let raw = self.resolution == Resolution::Raw;
        let mut out = Vec::new();
        out.write_all(b"time")?;
        for one in series {
            write!(out, ",{}", one.quantity)?;
            if !raw {
                write!(out, ",{0}_min,{0}_max", one.quantity)?;
            }
        }
        out.write_all(b"\n")?;
        let columns: Vec<Vec<Option<Point>>> =
            series.iter().map(|series| aligned(at, series, |point| *point)).collect();
        for (row, at) in at.iter().enumerate() {
            write!(out, "{}", UtcMillis(*at))?;
            for column in &columns {
                match column.get(row).copied().flatten() {
                    Some(point) if raw => write!(out, ",{}", point.mean)?,
                    Some(point) => write!(out, ",{},{},{}", point.mean, point.min, point.max)?,
                    None => out.write_all(if raw { b"," } else { b",,," })?,
                }
            }
            out.write_all(b"\n")?;
        }
        Ok(out)
    }
}

/// All times of all series, ascending.
fn times(series: &[Series]) -> Vec<i64> {
    let mut at: Vec<i64> = Vec::new();
    for one in series {
        at.extend(one.points.iter().map(|point| point.at.0));
    }
    at.sort_unstable();
    at.dedup();
    at
}

/// A series beside a column of times that contains all of its own.
fn aligned<T>(at: &[i64], series: &Series, value: impl Fn(&Point) -> T) -> Vec<Option<T>> {
    let mut points = series.points.iter().peekable();
    at.iter()
        .map(|at| {
            let mut found = None;
            // of two samples of one instant the later counts
            while let Some(point) = points.next_if(|point| point.at.0 == *at) {
                found = Some(value(point));
            }
            found
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use hanport_core::number::Number;
    use hanport_core::quantity::Measure;

    fn series(measure: Measure, points: &[(i64, i64)]) -> Series {
        let point = |&(at, value): &(i64, i64)| {
            let number = Number::new(value, 0);
            Point { at: UtcMillis(at), mean: number, min: number, max: number, samples: 1 }
        };
        Series { quantity: Quantity::total(measure), points: points.iter().map(point).collect() }
    }

    #[test]
    fn series_share_one_column_of_times() {
        let import = series(Measure::ActiveImport, &[(10, 1), (20, 2), (30, 3)]);
        let export = series(Measure::ActiveExport, &[(20, 7), (40, 8)]);
        let both = [import, export];
        let at = times(&both);
        assert_eq!(at, [10, 20, 30, 40]);
        let column = |series| aligned(&at, series, |point| point.mean.mantissa);
        assert_eq!(column(&both[0]), [Some(1), Some(2), Some(3), None]);
        assert_eq!(column(&both[1]), [None, Some(7), None, Some(8)]);
    }
}
