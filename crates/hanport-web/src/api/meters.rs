//! The meters, and one of them as it is now.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use hanport_engine::view::View;
use serde::Serialize;
use utoipa::ToSchema;

use super::document::{Identity, Live};
use super::status::Port;
use crate::exactly::Instant;
use crate::problem::Problem;
use crate::query::Parameters;
use crate::site::{Shared, Site};

/// A meter in short.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct MeterRow<'a> {
    /// Its name in addresses and topics.
    meter: &'a str,
    /// Its name for people.
    name: &'a str,
    /// The zone of its hours and days: an IANA name.
    zone: &'a str,
    /// What the meter said about itself.
    identity: Identity<'a>,
    /// How its port does.
    port: Port<'a>,
    /// From the first thing kept to the last; null when nothing was kept, or in the list.
    kept: Option<Extent>,
}

/// A range of time.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Extent {
    /// Its first instant.
    from: Instant,
    /// The first instant after it.
    to: Instant,
}

fn meter<'a>(site: &'a Site, view: &'a View, kept: Option<Extent>) -> MeterRow<'a> {
    MeterRow {
        meter: &view.meter,
        name: &view.name,
        zone: site.outside.zone.iana_name().unwrap_or("UTC"),
        identity: Identity::new(view),
        port: Port::new(view),
        kept,
    }
}

/// All meters
///
/// The first one is the one of the addresses without a meter in them.
#[utoipa::path(get, path = "/api/v1/meters", tag = "live",
    responses((status = 200, body = [MeterRow<'_>])))]
pub(crate) async fn list(
    State(site): State<Shared>,
    parameters: Parameters,
) -> Result<Response, Problem> {
    parameters.only(&[])?;
    let views = site.outside.board.views();
    let meters: Vec<MeterRow<'_>> = views.iter().map(|view| meter(&site, view, None)).collect();
    Ok(fresh(&meters))
}

/// One meter
#[utoipa::path(get, path = "/api/v1/meters/{id}", tag = "live",
    params(("id" = String, Path, description = "Name of the meter")),
    responses((status = 200, body = MeterRow<'_>)))]
pub(crate) async fn one(
    State(site): State<Shared>,
    Path(id): Path<String>,
    parameters: Parameters,
) -> Result<Response, Problem> {
    parameters.only(&[])?;
    let view = site.view(&id)?;
    let extent = site.read(move |history| history.extent(&id)).await?;
    let kept = extent.map(|range| Extent { from: Instant(range.start), to: Instant(range.end) });
    Ok(fresh(&meter(&site, &view, kept)))
}

/// A meter as it is now
///
/// Every value with its unit, times, age, origin and authenticity; registers as the meter last
/// stated them and as they would read now; the port; the energy of the running periods.
#[utoipa::path(get, path = "/api/v1/meters/{id}/live", tag = "live",
    params(("id" = String, Path, description = "Name of the meter")),
    responses((status = 200, body = Live<'_>)))]
pub(crate) async fn live(
    State(site): State<Shared>,
    Path(id): Path<String>,
    parameters: Parameters,
) -> Result<Response, Problem> {
    parameters.only(&[])?;
    let view = site.view(&id)?;
    Ok(fresh(&Live::new(&view, site.now())))
}

/// JSON that is true only now.
pub(crate) fn fresh(document: &impl Serialize) -> Response {
    ([(header::CACHE_CONTROL, "no-store")], Json(document)).into_response()
}
