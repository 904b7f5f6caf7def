//! What was kept does not change from one question to the next: such answers carry a tag, and
//! who asks again with it gets nothing but the word that it still stands.

use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use sha2::{Digest, Sha256};

/// In which form a table is wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    /// Columns as CSV: header row, UTF-8, decimal points, times in UTC.
    Csv,
    /// JSON.
    Json,
}

impl Form {
    /// What `Accept` asks for; JSON where it does not care.
    pub(crate) fn wanted(headers: &HeaderMap) -> Self {
        let accept = headers.get(header::ACCEPT).and_then(|value| value.to_str().ok());
        let first = accept.unwrap_or("").split(',').find_map(|range| {
            match range.split(';').next().unwrap_or("").trim() {
                "text/csv" => Some(Self::Csv),
                "application/json" | "*/*" => Some(Self::Json),
                _ => None,
            }
        });
        first.unwrap_or(Self::Json)
    }

    const fn media_type(self) -> &'static str {
        match self {
            Self::Csv => "text/csv; charset=utf-8",
            Self::Json => "application/json",
        }
    }
}

/// Answers with a body and its tag, or with "not modified" to who knows it.
pub(crate) fn tagged(form: Form, body: Vec<u8>, asked: &HeaderMap) -> Response {
    let tag = tag(&body);
    let known = matches(asked, &tag);
    let headers = [
        (header::ETAG, tag),
        (header::CACHE_CONTROL, "private, no-cache".to_owned()),
        (header::VARY, "accept, accept-encoding".to_owned()),
    ];
    if known {
        return (StatusCode::NOT_MODIFIED, headers).into_response();
    }
    (headers, [(header::CONTENT_TYPE, form.media_type())], body).into_response()
}

/// Whether `If-None-Match` names a tag. Weak comparison: compression changes the octets.
pub(crate) fn matches(asked: &HeaderMap, tag: &str) -> bool {
    let bare = tag.trim_start_matches("W/");
    let lines = asked.get_all(header::IF_NONE_MATCH).iter().filter_map(|v| v.to_str().ok());
    lines
        .flat_map(|line| line.split(','))
        .map(str::trim)
        .any(|known| known == "*" || known.trim_start_matches("W/") == bare)
}

/// The tag of a body: weak, because the same body may travel compressed.
pub(crate) fn tag(body: &[u8]) -> String {
    let digest = Sha256::digest(body);
    let mut tag = String::from("W/\"");
    for octet in digest.iter().take(12) {
        use core::fmt::Write as _;
        let _ = write!(tag, "{octet:02x}");
    }
    tag.push('"');
    tag
}

/// Why nothing is wrong with a field in CSV: quotes where it needs them.
pub(crate) fn csv_field(text: &str) -> String {
    if text.contains([',', '"', '\n', '\r']) {
        format!("\"{}\"", text.replace('"', "\"\""))
    } else {
        text.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_form_that_is_named_counts() {
        let form = |accept: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(header::ACCEPT, accept.parse().unwrap());
            Form::wanted(&headers)
        };
        assert_eq!(form("text/csv, application/json"), Form::Csv);
        assert_eq!(form("text/html, */*;q=0.8"), Form::Json);
        assert_eq!(form("application/json"), Form::Json);
        assert_eq!(Form::wanted(&HeaderMap::new()), Form::Json);
    }

    #[test]
    fn who_knows_a_body_gets_it_not_again() {
        let first = tagged(Form::Json, b"[]".to_vec(), &HeaderMap::new());
        let tag = first.headers().get(header::ETAG).unwrap().clone();
        let mut asked = HeaderMap::new();
        asked.insert(header::IF_NONE_MATCH, tag);
        assert_eq!(tagged(Form::Json, b"[]".to_vec(), &asked).status(), StatusCode::NOT_MODIFIED);
        assert_eq!(tagged(Form::Json, b"[1]".to_vec(), &asked).status(), StatusCode::OK);
    }

    #[test]
    fn fields_are_quoted_where_they_must() {
        assert_eq!(csv_field("plain"), "plain");
        assert_eq!(csv_field("a,\"b\""), "\"a,\"\"b\"\"\"");
    }
}
