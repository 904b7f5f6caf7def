//! What holds for every answer: who asked is known before anything else, errors are problems, and
//! browsers are told to be careful.

use std::any::Any;

use axum::body::Body;
use axum::extract::Request;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, Uri, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use crate::problem::Problem;
use crate::site::Site;

/// The page loads nothing from elsewhere, runs nothing written into it, and stands in no frame
/// but its own (and that of a home automation on the same machine, which shows it by proxy).
const POLICY: &str = "default-src 'self'; base-uri 'self'; connect-src 'self'; \
    form-action 'self'; frame-ancestors 'self'; img-src 'self' data:; object-src 'none'";

/// The number of a request.
pub(crate) const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// The request as the router gets it: who asks is noted, and the path of the settings is taken
/// away; a redirect in its place when the path lacks its slash.
pub(crate) fn receive(
    site: &Site,
    peer: std::net::IpAddr,
    request: &mut Request<Body>,
) -> Option<Response> {
    let origin = site.surroundings.origin(peer, request.headers());
    let redirect = rebase(&site.surroundings.base, &origin.base, request);
    request.extensions_mut().insert(origin);
    redirect
}

fn rebase(own: &str, seen: &str, request: &mut Request<Body>) -> Option<Response> {
    if own.is_empty() {
        return None;
    }
    let path = request.uri().path();
    if path == own || (path == "/" && seen == own && request.method() == Method::GET) {
        return Some(crate::page::redirect(&format!("{own}/")));
    }
    let inner = path.strip_prefix(own).filter(|inner| inner.starts_with('/'))?;
    let query = request.uri().query().map(|query| format!("?{query}")).unwrap_or_default();
    if let Ok(uri) = format!("{inner}{query}").parse::<Uri>() {
        *request.uri_mut() = uri;
    }
    None
}

/// Errors without words become problems, and every answer gets its headers.
pub(crate) async fn every_answer(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let status = response.status();
    let is_error = status.is_client_error() || status.is_server_error();
    if is_error && !has_words(response.headers()) {
        let kept = response.headers().get(header::ALLOW).cloned();
        response = Problem::of_status(status).into_response();
        if let Some(allow) = kept {
            response.headers_mut().insert(header::ALLOW, allow);
        }
    }
    let headers = response.headers_mut();
    headers.entry(header::CONTENT_SECURITY_POLICY).or_insert(HeaderValue::from_static(POLICY));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    response
}

/// Whether an error says something: a problem, or a body of its own that a handler wrote.
fn has_words(headers: &HeaderMap) -> bool {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
    kind.is_some_and(|kind| !kind.starts_with("text/plain"))
        || headers.contains_key(header::WWW_AUTHENTICATE)
}

/// Nothing has this address.
pub(crate) async fn not_found(uri: Uri) -> Problem {
    let problem = Problem::new(StatusCode::NOT_FOUND, "not-found", "Not found")
        .detail(format!("nothing has the address `{}`", uri.path()));
    if uri.path().starts_with("/api/") {
        problem.remedy("addresses stand under /api/docs")
    } else {
        problem.remedy("the page is at /, the interface for programs under /api/docs")
    }
}

/// The address is there, but not for this.
pub(crate) async fn not_allowed(method: Method, uri: Uri) -> Problem {
    Problem::new(StatusCode::METHOD_NOT_ALLOWED, "method-not-allowed", "Method not allowed")
        .detail(format!("`{}` does not take {method}", uri.path()))
        .remedy("the header Allow names what it takes")
}

/// A handler failed: that is a fault of ours, and nobody else's request suffers.
#[expect(clippy::needless_pass_by_value, reason = "the layer hands the reason over")]
pub(crate) fn panicked(reason: Box<dyn Any + Send + 'static>) -> Response {
    let reason = reason
        .downcast_ref::<String>()
        .map(String::as_str)
        .or_else(|| reason.downcast_ref::<&str>().copied())
        .unwrap_or("unknown");
    tracing::error!(reason, "a request failed by a fault of the program");
    Problem::new(StatusCode::INTERNAL_SERVER_ERROR, "fault", "A fault of the program")
        .detail("this request could not be answered; others are not affected")
        .remedy("report it with the lines of the log around this moment")
        .into_response()
}
