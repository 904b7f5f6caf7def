//! The stream of one client, and the address that opens it.

use core::time::Duration;
use std::convert::Infallible;

use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use futures_util::{StreamExt, stream};
use tokio_util::sync::CancellationToken;

use super::event::Kind;
use super::hub::Membership;
use super::queue::{Next, Wishes};
use crate::problem::Problem;
use crate::query::Parameters;
use crate::site::Shared;

/// A comment is sent when nothing else was for so long: proxies close what is silent for a
/// minute, and a client that is gone shows only when something is sent.
const HEARTBEAT: Duration = Duration::from_secs(15);
/// What comes first: clients that are cut off come back after two seconds.
const GREETING: &[u8] = b"retry: 2000\n\n";

/// Live updates of all meters as server-sent events
///
/// `live` carries the same document as `/meters/{id}/live`, `interval` a quarter-hour that was
/// booked, `status` how a port does or something unusual, `price` prices, costs and peaks, `lost`
/// how many events were not taken in time. It begins with `live` and `price` of every meter.
#[utoipa::path(
    get,
    path = "/api/v1/stream",
    tag = "live",
    params(
        ("meter" = Option<String>, Query, description = "Only of this meter"),
        ("events" = Option<String>, Query, description = "Only these, with commas: live, interval, status, price"),
        ("Last-Event-ID" = Option<String>, Header, description = "What came after it is told again"),
    ),
    responses((status = 200, content_type = "text/event-stream", body = String)),
)]
pub(crate) async fn open(
    State(site): State<Shared>,
    parameters: Parameters,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let parameters = parameters.only(&["meter", "events"])?;
    let meter = match parameters.text("meter") {
        Some(name) => Some(site.view(name)?.meter.clone()),
        None => None,
    };
    let kinds = match parameters.list("events") {
        Some(names) => Some(names.into_iter().map(kind).collect::<Result<_, _>>()?),
        None => None,
    };
    let last = headers.get("last-event-id").and_then(|id| id.to_str().ok());
    let wishes = Wishes { meter, kinds };
    let membership = site.hub.join(&site.outside.board, wishes, last).ok_or_else(|| {
        Problem::new(StatusCode::SERVICE_UNAVAILABLE, "too-many-streams", "Too many streams")
            .detail("all streams are taken")
            .remedy("close pages that are not looked at, and try again")
    })?;
    let headers = [
        (header::CONTENT_TYPE, "text/event-stream"),
        (header::CACHE_CONTROL, "no-store"),
        // or a proxy would hold events back until its buffer is full
        (header::HeaderName::from_static("x-accel-buffering"), "no"),
    ];
    Ok((headers, Body::from_stream(events(membership, site.stop.clone()))).into_response())
}

fn kind(name: &str) -> Result<Kind, Problem> {
    Kind::ALL.into_iter().find(|kind| kind.name() == name).ok_or_else(|| {
        Problem::parameter("events", format_args!("`{name}` is no event"))
            .remedy("of: live, interval, status, price")
    })
}

/// What a client gets, until the server ends.
fn events(
    membership: Membership,
    stop: CancellationToken,
) -> impl stream::Stream<Item = Result<Bytes, Infallible>> {
    let greeting = stream::iter([Ok(Bytes::from_static(GREETING))]);
    let news = stream::unfold(membership, |membership| async move {
        Some((Ok(next(&membership).await), membership))
    });
    greeting.chain(news).take_until(stop.cancelled_owned())
}

async fn next(membership: &Membership) -> Bytes {
    loop {
        match membership.queue().take() {
            Some(Next::Event(event)) => return event.text(membership.hub().run()),
            Some(Next::Lost(count)) => {
                return format!("event: lost\ndata: {{\"count\":{count}}}\n\n").into();
            }
            None => {}
        }
        // nothing is lost when the arrival loses: what arrived waits in the queue
        if tokio::time::timeout(HEARTBEAT, membership.queue().arrival()).await.is_err() {
            return Bytes::from_static(b":\n\n");
        }
    }
}
