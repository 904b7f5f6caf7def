//! The description of the interface, made from the handlers themselves.

use axum::extract::{Extension, State};
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse, Response};
use utoipa::OpenApi;
use utoipa::openapi::Server;

use super::table::{Form, tagged};
use crate::origin::Origin;
use crate::site::Shared;

#[derive(OpenApi)]
#[openapi(
    info(
        title = "hanport",
        description = "Numbers are exact decimals in base units (W, Wh, V, A), times are RFC 3339 \
                       in UTC, and null is unknown, never zero. Errors are problem details \
                       (RFC 9457).",
        license(name = "MIT OR Apache-2.0")
    ),
    paths(
        super::meters::list,
        super::meters::one,
        super::meters::live,
        super::history::history,
        super::energy::energy,
        super::readings::readings,
        super::readings::events,
        super::readings::meter_events,
        super::readings::doctor,
        super::money::prices,
        super::money::cost,
        super::money::peaks,
        super::corrections::list,
        super::corrections::record,
        super::admin::configuration,
        super::admin::change,
        super::admin::restart,
        super::admin::reset,
        super::admin::backup,
        super::admin::restore,
        crate::auth::endpoints::state,
        crate::auth::endpoints::log_in,
        crate::auth::endpoints::log_out,
        crate::auth::endpoints::set_up,
        crate::auth::endpoints::change_password,
        crate::auth::endpoints::tokens,
        crate::auth::endpoints::make_token,
        crate::auth::endpoints::delete_token,
        super::health::alive,
        super::health::ready,
        crate::stream::body::open,
        crate::metrics::metrics,
    ),
    components(schemas(super::status::Status<'_>, super::energy::IntervalNews<'_>, super::money::PriceNews<'_>)),
    tags(
        (name = "live", description = "What is now"),
        (name = "history", description = "What was"),
        (name = "money", description = "What it costs"),
        (name = "session", description = "Who may do what"),
        (name = "admin", description = "What changes something; needs a login"),
        (name = "health", description = "For watchdogs and monitoring"),
    )
)]
struct Description;

/// The description, with the path under which the asker sees us.
pub(crate) fn description(version: &str, base: &str) -> utoipa::openapi::OpenApi {
    let mut description = Description::openapi();
    version.clone_into(&mut description.info.version);
    if !base.is_empty() {
        description.servers = Some(vec![Server::new(base)]);
    }
    description
}

/// Serves it.
pub(crate) async fn document(
    State(site): State<Shared>,
    Extension(origin): Extension<Origin>,
    headers: HeaderMap,
) -> Response {
    let description = description(&site.outside.machine.version, &origin.base);
    match serde_json::to_vec(&description) {
        Ok(body) => tagged(Form::Json, body, &headers),
        Err(_) => ([(header::CONTENT_TYPE, "application/json")], "{}").into_response(),
    }
}
