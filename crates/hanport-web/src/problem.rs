//! Errors as problem details (RFC 9457): what, where, and what to do.
//!
//! ```json
//! {"type":"urn:hanport:problem:unknown-meter","title":"Unknown meter","status":404,
//!  "detail":"there is no meter `kitchen`","remedy":"ask for one of: main, garage"}
//! ```

use std::borrow::Cow;

use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::http::{HeaderName, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use hanport_engine::outside::HistoryError;
use serde_json::{Value, json};

/// The media type of a problem.
pub(crate) const MEDIA_TYPE: &str = "application/problem+json";

/// Why a request was not answered.
#[derive(Clone, Debug)]
pub(crate) struct Problem(Box<Details>);

#[derive(Clone, Debug)]
struct Details {
    status: StatusCode,
    /// The stable word at the end of the type.
    kind: &'static str,
    title: Cow<'static, str>,
    detail: Option<String>,
    remedy: Option<String>,
    header: Option<(HeaderName, HeaderValue)>,
    /// A member beside those of every problem.
    more: Option<(&'static str, Value)>,
}

impl Problem {
    /// A problem of a kind that has its own word.
    pub(crate) fn new(status: StatusCode, kind: &'static str, title: &'static str) -> Self {
        let title = Cow::Borrowed(title);
        let (detail, remedy, header, more) = (None, None, None, None);
        Self(Box::new(Details { status, kind, title, detail, remedy, header, more }))
    }

    /// What happened, with the names and values of this request.
    #[must_use]
    pub(crate) fn detail(mut self, detail: impl Into<String>) -> Self {
        self.0.detail = Some(detail.into());
        self
    }

    /// What to do about it.
    #[must_use]
    pub(crate) fn remedy(mut self, remedy: impl Into<String>) -> Self {
        self.0.remedy = Some(remedy.into());
        self
    }

    /// A header that belongs to the answer.
    #[must_use]
    pub(crate) fn header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.0.header = Some((name, value));
        self
    }

    /// A member beside those of every problem.
    #[must_use]
    pub(crate) fn with(mut self, name: &'static str, value: Value) -> Self {
        self.0.more = Some((name, value));
        self
    }

    /// The one that a bare status stands for.
    pub(crate) fn of_status(status: StatusCode) -> Self {
        let problem = Self::new(status, "http", status.canonical_reason().unwrap_or("Problem"));
        match status {
            StatusCode::FORBIDDEN => {
                problem.detail("the request was sent by a page of another site").remedy(
                    "send it from hanport's own page, or from a program without an Origin header",
                )
            }
            StatusCode::PAYLOAD_TOO_LARGE => {
                problem.detail("the body is larger than what is accepted here")
            }
            StatusCode::REQUEST_TIMEOUT | StatusCode::SERVICE_UNAVAILABLE => problem
                .detail("the answer took too long")
                .remedy("ask again, or for a shorter range or a coarser resolution"),
            _ => problem,
        }
    }

    /// There is no such meter; the ones there are.
    pub(crate) fn unknown_meter(name: &str, known: &[&str]) -> Self {
        let problem = Self::new(StatusCode::NOT_FOUND, "unknown-meter", "Unknown meter")
            .detail(format!("there is no meter `{name}`"));
        if known.is_empty() {
            problem.remedy("no meter is set up yet: name its port in the configuration")
        } else {
            problem.remedy(format!("ask for one of: {}", known.join(", ")))
        }
    }

    /// A parameter that means nothing here.
    pub(crate) fn parameter(name: &str, detail: impl core::fmt::Display) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "bad-parameter", "Bad parameter")
            .detail(format!("`{name}`: {detail}"))
    }

    /// A body that means nothing here.
    pub(crate) fn body(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "bad-body", "Bad request body").detail(detail)
    }

    /// The status.
    pub(crate) fn status(&self) -> StatusCode {
        self.0.status
    }
}

impl From<HistoryError> for Problem {
    fn from(error: HistoryError) -> Self {
        Self::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "history-unavailable",
            "The history cannot be read",
        )
        .detail(error.0)
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let Details { status, kind, title, detail, remedy, header, more } = *self.0;
        let mut body = json!({
            "type": format!("urn:hanport:problem:{}", kind),
            "title": title,
            "status": status.as_u16(),
        });
        if let Value::Object(object) = &mut body {
            for (name, text) in [("detail", detail), ("remedy", remedy)] {
                object.extend(text.map(|text| (name.to_owned(), text.into())));
            }
            object.extend(more.map(|(name, value)| (name.to_owned(), value)));
        }
        let headers = [(CONTENT_TYPE, MEDIA_TYPE), (CACHE_CONTROL, "no-store")];
        let mut response = (status, headers, body.to_string()).into_response();
        response.headers_mut().extend(header);
        response
    }
}
