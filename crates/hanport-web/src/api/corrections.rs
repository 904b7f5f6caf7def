//! What the user says against the books: recorded with who, when and why, never written over
//! what the meter said.

use core::ops::Range;
use std::sync::Arc;

use axum::extract::{Extension, Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use hanport_engine::energy::{Change, Correction, CorrectionId, QuarterHour};
use hanport_engine::outside::HistoryError;
use hanport_engine::time::UtcMillis;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::meters::fresh;
use crate::auth::Visitor;
use crate::exactly::Instant;
use crate::problem::Problem;
use crate::query::{self, Parameters};
use crate::site::{Shared, Site};

/// A quarter-hour.
const STEP_MS: i64 = QuarterHour::MS;
/// The longest stretch that one correction covers, in quarter-hours: ten years.
const LONGEST: i64 = 10 * 366 * 96;

/// A correction that is to be made.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewCorrection {
    /// The register: `active_import`.
    register: String,
    /// Why, in your words.
    reason: String,
    /// What is corrected.
    change: NewChange,
}

/// What is corrected. Times are edges of quarter-hours.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(tag = "what", rename_all = "snake_case", deny_unknown_fields)]
pub(crate) enum NewChange {
    /// Quarters that may form a peak although they are estimated.
    Confirm {
        /// The first instant.
        from: String,
        /// The first instant after.
        to: String,
    },
    /// Quarters that form no peak although they are measured.
    Exclude {
        /// The first instant.
        from: String,
        /// The first instant after.
        to: String,
    },
    /// The energy of a stretch; it is shared out over its quarters in the shape they had.
    Total {
        /// The first instant.
        from: String,
        /// The first instant after.
        to: String,
        /// Watt-hours, not negative.
        wh: i64,
    },
    /// An earlier correction does not count any more.
    Withdraw {
        /// Its number.
        correction: i64,
    },
}

/// A correction with its trace.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct CorrectionRow {
    /// Its number.
    id: i64,
    /// When it was made.
    made: Instant,
    /// Who made it.
    by: String,
    /// Why.
    reason: String,
    /// The register.
    register: &'static str,
    /// `confirm`, `exclude`, `total` or `withdraw`.
    what: &'static str,
    /// The first instant of the stretch.
    from: Option<Instant>,
    /// The first instant after it.
    to: Option<Instant>,
    /// The energy of a total.
    wh: Option<i64>,
    /// The correction that is withdrawn.
    correction: Option<i64>,
}

impl From<Correction> for CorrectionRow {
    fn from(correction: Correction) -> Self {
        let Correction { id, made, by, reason, register, change } = correction;
        let (what, quarters, wh, withdrawn) = match change {
            Change::Confirm { quarters } => ("confirm", Some(quarters), None, None),
            Change::Exclude { quarters } => ("exclude", Some(quarters), None, None),
            Change::Total { quarters, wh } => ("total", Some(quarters), Some(wh), None),
            Change::Withdraw { correction } => ("withdraw", None, None, Some(correction.0)),
        };
        Self {
            id: id.0,
            made: Instant(made),
            by,
            reason,
            register: register.name(),
            what,
            from: quarters.as_ref().map(|quarters| Instant(quarters.start.start())),
            to: quarters.map(|quarters| Instant(quarters.end.start())),
            wh,
            correction: withdrawn,
        }
    }
}

/// Corrections of a meter, in the order they were made
#[utoipa::path(get, path = "/api/v1/meters/{id}/corrections", tag = "history",
    params(("id" = String, Path, description = "Name of the meter")),
    responses((status = 200, body = [CorrectionRow])))]
pub(crate) async fn list(
    State(site): State<Shared>,
    Path(id): Path<String>,
    parameters: Parameters,
) -> Result<Response, Problem> {
    parameters.only(&[])?;
    site.view(&id)?;
    let corrections = site.read(move |history| history.corrections(&id)).await?;
    let rows: Vec<CorrectionRow> = corrections.into_iter().map(CorrectionRow::from).collect();
    Ok(fresh(&rows))
}

/// Record a correction
#[utoipa::path(post, path = "/api/v1/admin/meters/{id}/corrections", tag = "admin",
    params(("id" = String, Path, description = "Name of the meter")),
    request_body = NewCorrection,
    responses((status = 201, body = CorrectionRow)))]
pub(crate) async fn record(
    State(site): State<Shared>,
    Extension(visitor): Extension<Visitor>,
    Path(id): Path<String>,
    parameters: Parameters,
    body: Bytes,
) -> Result<Response, Problem> {
    parameters.only(&[])?;
    site.view(&id)?;
    let new: NewCorrection = parse_body(&body)?;
    let correction = check(&site, &id, new, visitor.name()).await?;
    let archive = Arc::clone(&site.outside.archive);
    let made = tokio::task::spawn_blocking(move || archive.correct(&id, correction))
        .await
        .map_err(|_| HistoryError("the correction was not recorded".into()))??;
    let row = fresh(&CorrectionRow::from(made));
    Ok((StatusCode::CREATED, row).into_response())
}

/// A JSON body, or what is wrong with it.
pub(crate) fn parse_body<T: for<'de> Deserialize<'de>>(body: &[u8]) -> Result<T, Problem> {
    serde_json::from_slice(body).map_err(|error| {
        Problem::body(error.to_string())
            .remedy("see the description of this address under /api/docs")
    })
}

async fn check(
    site: &Site,
    meter: &str,
    new: NewCorrection,
    by: String,
) -> Result<Correction, Problem> {
    let register = query::register(&new.register)?;
    let reason = new.reason.trim();
    if reason.is_empty() || reason.len() > 500 {
        return Err(Problem::body("`reason` must have 1 to 500 characters")
            .remedy("say why, in your words: it stays with the correction"));
    }
    let quarters = |from: &str, to: &str| quarters(site, from, to);
    let change = match new.change {
        NewChange::Confirm { from, to } => Change::Confirm { quarters: quarters(&from, &to)? },
        NewChange::Exclude { from, to } => Change::Exclude { quarters: quarters(&from, &to)? },
        NewChange::Total { from, to, wh } => {
            if !(0..=1_000_000_000_000).contains(&wh) {
                return Err(Problem::body("`wh` must be 0 to 1 000 000 000 000"));
            }
            Change::Total { quarters: quarters(&from, &to)?, wh }
        }
        NewChange::Withdraw { correction } => {
            let id = meter.to_owned();
            let known = site.read(move |history| history.corrections(&id)).await?;
            if !known.iter().any(|known| known.id.0 == correction) {
                return Err(Problem::body(format!("there is no correction {correction}")));
            }
            Change::Withdraw { correction: CorrectionId(correction) }
        }
    };
    let id = CorrectionId(0);
    Ok(Correction { id, made: site.now(), by, reason: reason.to_owned(), register, change })
}

fn quarters(site: &Site, from: &str, to: &str) -> Result<Range<QuarterHour>, Problem> {
    let edge = |name: &str, text: &str| {
        let at: UtcMillis = query::instant(name, text, &site.outside.zone)?;
        if at.0 % STEP_MS == 0 {
            Ok(QuarterHour::containing(at))
        } else {
            Err(Problem::body(format!("`{name}`: {at} is no edge of a quarter-hour")))
        }
    };
    let quarters = edge("from", from)?..edge("to", to)?;
    let count = quarters.end.0.saturating_sub(quarters.start.0);
    if !(1..=LONGEST).contains(&count) {
        return Err(Problem::body("`from` must be before `to`, by at most ten years"));
    }
    if quarters.end.start() > site.now() {
        return Err(Problem::body("what is not over cannot be corrected")
            .remedy("end the stretch with a quarter-hour that is over"));
    }
    Ok(quarters)
}
