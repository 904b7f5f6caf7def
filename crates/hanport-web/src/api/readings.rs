//! What was kept one by one: official readings and events; and what the doctor says.

use axum::extract::{Path, State};
use axum::http::HeaderMap;
use axum::response::Response;
use hanport_engine::doctor::{Finding, LayerReport, Report};
use hanport_engine::energy::Official;
use hanport_engine::outside::Happening;
use serde::Serialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;

use super::document::register_unit;
use super::meters::fresh;
use super::table::{Form, csv_field, tagged};
use crate::exactly::{self, Exact, Instant};
use crate::problem::Problem;
use crate::query::Parameters;
use crate::site::Shared;

const MONTH_MS: i64 = 31 * 86_400_000;
const TEN_YEARS_MS: i64 = 3660 * 86_400_000;

/// Official readings.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Readings<'a> {
    /// The meter.
    meter: &'a str,
    /// The readings, by register and time.
    readings: Vec<RegisterReading>,
}

/// A reading of a register by the meter itself.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct RegisterReading {
    /// The register.
    register: &'static str,
    /// When it stood so.
    at: Instant,
    /// When the message arrived.
    received: Instant,
    /// What it read, with the digits that the meter states.
    value: Exact,
    /// `Wh` or `varh`.
    unit: &'static str,
}

/// Official readings
///
/// The first and the first in every quarter-hour, as the meter stated them.
#[utoipa::path(get, path = "/api/v1/meters/{id}/readings", tag = "history",
    params(
        ("id" = String, Path, description = "Name of the meter"),
        ("from" = Option<String>, Query, description = "RFC 3339, or a local date or time; a month before `to`"),
        ("to" = Option<String>, Query, description = "Likewise; now"),
        ("register" = Option<String>, Query, description = "Names with commas; active_import,active_export"),
    ),
    responses((status = 200, body = Readings<'_>)))]
pub(crate) async fn readings(
    State(site): State<Shared>,
    Path(id): Path<String>,
    parameters: Parameters,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let parameters = parameters.only(&["from", "to", "register"])?;
    site.view(&id)?;
    let range = parameters.range(site.now(), MONTH_MS, &site.outside.zone)?;
    if range.end.since(range.start) > 13 * MONTH_MS {
        return Err(Problem::parameter("from", "readings are answered for at most 13 months")
            .remedy("ask for a shorter range; `hanport export` has no limit"));
    }
    let registers = parameters.registers()?;
    let form = Form::wanted(&headers);
    let body = site
        .read(move |history| {
            let mut readings = Vec::new();
            for register in registers {
                let official = history.readings(&id, register, range.clone())?;
                readings.extend(official.iter().map(|official: &Official| RegisterReading {
                    register: register.name(),
                    at: Instant(official.at),
                    received: Instant(official.received),
                    value: exactly::register(official.value),
                    unit: register_unit(register),
                }));
            }
            Ok(match form {
                Form::Csv => readings_csv(&readings).into_bytes(),
                Form::Json => {
                    serde_json::to_vec(&Readings { meter: &id, readings }).unwrap_or_default()
                }
            })
        })
        .await?;
    Ok(tagged(form, body, &headers))
}

fn readings_csv(readings: &[RegisterReading]) -> String {
    use core::fmt::Write as _;
    let mut text = String::from("register,at,received,value,unit\n");
    for reading in readings {
        let RegisterReading { register, at, received, value, unit } = reading;
        let _ = writeln!(text, "{register},{},{},{},{unit}", at.0, received.0, value.0);
    }
    text
}

/// Events.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Events {
    /// The newest first.
    events: Vec<EventRow>,
}

/// Something that happened.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct EventRow {
    /// When.
    at: Instant,
    /// To which meter; null when to the program.
    meter: Option<String>,
    /// A stable word: `started`, `port_silent`, `register_reset`.
    kind: String,
    /// More about it.
    #[schema(value_type = Object)]
    detail: Value,
}

impl From<Happening> for EventRow {
    fn from(happening: Happening) -> Self {
        let Happening { at, meter, kind, detail } = happening;
        Self { at: Instant(at), meter, kind: kind.into_owned(), detail }
    }
}

/// Events of all meters and the program
#[utoipa::path(get, path = "/api/v1/events", tag = "history",
    params(
        ("from" = Option<String>, Query, description = "RFC 3339, or a local date or time; ten years before `to`"),
        ("to" = Option<String>, Query, description = "Likewise; now"),
        ("limit" = Option<u32>, Query, description = "At most so many, the newest; 100, at most 5000"),
    ),
    responses((status = 200, body = Events)))]
pub(crate) async fn events(
    State(site): State<Shared>,
    parameters: Parameters,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    happenings(site, None, parameters, headers).await
}

/// Events of one meter
#[utoipa::path(get, path = "/api/v1/meters/{id}/events", tag = "history",
    params(
        ("id" = String, Path, description = "Name of the meter"),
        ("from" = Option<String>, Query, description = "RFC 3339, or a local date or time; ten years before `to`"),
        ("to" = Option<String>, Query, description = "Likewise; now"),
        ("limit" = Option<u32>, Query, description = "At most so many, the newest; 100, at most 5000"),
    ),
    responses((status = 200, body = Events)))]
pub(crate) async fn meter_events(
    State(site): State<Shared>,
    Path(id): Path<String>,
    parameters: Parameters,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    site.view(&id)?;
    happenings(site, Some(id), parameters, headers).await
}

async fn happenings(
    site: Shared,
    meter: Option<String>,
    parameters: Parameters,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let parameters = parameters.only(&["from", "to", "limit"])?;
    // what happens in this very moment is in it
    let mut range = parameters.range(site.now(), TEN_YEARS_MS, &site.outside.zone)?;
    if parameters.text("to").is_none() {
        range.end = range.end.plus(1);
    }
    let limit = parameters.count("limit", 100, 5000)?;
    let found =
        site.read(move |history| history.happenings(meter.as_deref(), range, limit)).await?;
    let events: Vec<EventRow> = found.into_iter().map(EventRow::from).collect();
    let form = Form::wanted(&headers);
    let body = match form {
        Form::Csv => events_csv(&events).into_bytes(),
        Form::Json => serde_json::to_vec(&Events { events }).unwrap_or_default(),
    };
    Ok(tagged(form, body, &headers))
}

fn events_csv(events: &[EventRow]) -> String {
    use core::fmt::Write as _;
    let mut text = String::from("at,meter,kind,detail\n");
    for EventRow { at, meter, kind, detail } in events {
        let meter = csv_field(meter.as_deref().unwrap_or(""));
        let detail = csv_field(&detail.to_string());
        let _ = writeln!(text, "{},{meter},{},{detail}", at.0, csv_field(kind));
    }
    text
}

/// What the doctor says about a meter.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Diagnosis {
    /// When.
    at: Instant,
    /// All in one sentence.
    summary: String,
    /// The layers in order: port, line, frames, key, list, values.
    layers: Vec<LayerRow>,
    /// Causes, the likeliest first; none when all is well.
    findings: Vec<FindingRow>,
}

/// One layer between the meter and its values.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct LayerRow {
    /// `port`, `line`, `frames`, `key`, `list` or `values`.
    #[schema(value_type = String)]
    layer: Value,
    /// `good`, `troubled`, `bad` or `unknown`.
    #[schema(value_type = String)]
    state: Value,
    /// What was seen.
    seen: String,
    /// Counts behind it, by a stable name.
    #[schema(value_type = Object)]
    counts: Map<String, Value>,
}

/// A cause that would explain what was seen.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct FindingRow {
    /// A stable word: `weak_power`, `wrong_speed`, `needs_key`.
    cause: &'static str,
    /// How sure, 0 to 100.
    certainty: u8,
    /// What is wrong.
    title: String,
    /// Why this is thought.
    because: String,
    /// What to do, in order.
    remedies: Vec<String>,
}

impl From<Report> for Diagnosis {
    fn from(report: Report) -> Self {
        let word = |value: serde_json::Result<Value>| value.unwrap_or(Value::Null);
        let layer = |layer: LayerReport| LayerRow {
            layer: word(serde_json::to_value(layer.layer)),
            state: word(serde_json::to_value(layer.state)),
            seen: layer.seen,
            counts: layer.counts.iter().map(|(n, c)| ((*n).to_owned(), (*c).into())).collect(),
        };
        let finding = |finding: Finding| {
            let Finding { cause, certainty, title, because, remedies } = finding;
            FindingRow { cause, certainty, title, because, remedies }
        };
        Self {
            at: Instant(report.at),
            summary: report.summary,
            layers: report.layers.into_iter().map(layer).collect(),
            findings: report.findings.into_iter().map(finding).collect(),
        }
    }
}

/// What the doctor says
///
/// Which layer between the meter and its values fails, and what to do about it.
#[utoipa::path(get, path = "/api/v1/meters/{id}/doctor", tag = "live",
    params(("id" = String, Path, description = "Name of the meter")),
    responses((status = 200, body = Diagnosis)))]
pub(crate) async fn doctor(
    State(site): State<Shared>,
    Path(id): Path<String>,
    parameters: Parameters,
) -> Result<Response, Problem> {
    parameters.only(&[])?;
    site.view(&id)?;
    let report = site.outside.clinic.examine(&id).ok_or_else(|| {
        Problem::new(axum::http::StatusCode::NOT_FOUND, "no-diagnosis", "No diagnosis")
            .detail(format!("the doctor has not seen `{id}` yet"))
            .remedy("ask again when its port has been open for a while")
    })?;
    Ok(fresh(&Diagnosis::from(report)))
}
