//! Whether the program is alive, and whether it does its work.

use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use hanport_engine::state::PortStatus;
use serde::Serialize;
use utoipa::ToSchema;

use super::meters::fresh;
use crate::site::Shared;

/// Alive
///
/// Answers as long as the program runs; for watchdogs.
#[utoipa::path(get, path = "/healthz", tag = "health",
    responses((status = 200, content_type = "text/plain", body = String)))]
pub(crate) async fn alive() -> Response {
    ([(header::CACHE_CONTROL, "no-store")], "ok\n").into_response()
}

/// Whether the work is done.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Readiness {
    /// Whether every meter sends and the history can be read.
    ready: bool,
    /// The meters whose port is not good, with its status.
    troubled: Vec<Troubled>,
    /// Why the history cannot be read.
    history: Option<String>,
}

/// A meter that does not send as it should.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Troubled {
    /// The meter.
    meter: String,
    /// The status of its port.
    status: &'static str,
}

/// Ready
///
/// 200 when every meter sends and the history can be read, else 503; for monitoring.
#[utoipa::path(get, path = "/readyz", tag = "health",
    responses((status = 200, body = Readiness), (status = 503, body = Readiness)))]
pub(crate) async fn ready(State(site): State<Shared>) -> Response {
    let views = site.outside.board.views();
    let troubled: Vec<Troubled> = views
        .iter()
        .filter(|view| !matches!(view.port.status, PortStatus::Good | PortStatus::Late))
        .map(|view| Troubled { meter: view.meter.to_string(), status: view.port.status.name() })
        .collect();
    let history = site.read(|history| Ok(history.meters().err().map(|error| error.0))).await;
    let history = history.unwrap_or_else(|_| Some("the history does not answer".into()));
    let ready = troubled.is_empty() && history.is_none() && !views.is_empty();
    let status = if ready { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    (status, fresh(&Readiness { ready, troubled, history })).into_response()
}
