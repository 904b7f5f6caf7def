//! The page that is built into the program, and the page that describes the interface.
//!
//! Files whose names carry a hash of what is in them may be kept for ever; all others are asked
//! for again, with their tag. Every address in them is relative, so that they work under any path.

use axum::extract::{Extension, Path};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use rust_embed::{EmbeddedFile, RustEmbed};

use crate::api::table::matches;
use crate::origin::Origin;
use crate::problem::Problem;

/// What the build of the page left, or the plain page in its place.
#[derive(RustEmbed)]
#[folder = "$OUT_DIR/page"]
struct Files;

/// The description of the interface.
#[derive(RustEmbed)]
#[folder = "page/docs"]
struct Docs;

/// The page itself.
pub(crate) async fn index(headers: HeaderMap) -> Response {
    file(Files::get("index.html"), "index.html", &headers)
}

/// A file of the page.
pub(crate) async fn asset(Path(path): Path<String>, headers: HeaderMap) -> Response {
    file(Files::get(&format!("assets/{path}")), &path, &headers)
}

/// A file beside the page: its icon, the manifest.
pub(crate) async fn beside(headers: HeaderMap, uri: axum::http::Uri) -> Response {
    let path = uri.path().trim_start_matches('/');
    file(Files::get(path), path, &headers)
}

/// The files beside the page, each of which has an address of its own.
pub(crate) fn besides() -> impl Iterator<Item = String> {
    Files::iter()
        .filter(|path| !path.starts_with("assets/") && path != "index.html")
        .map(|path| format!("/{path}"))
}

/// The page that describes the interface.
pub(crate) async fn docs(headers: HeaderMap) -> Response {
    file(Docs::get("index.html"), "index.html", &headers)
}

/// A file of that page.
pub(crate) async fn docs_asset(Path(path): Path<String>, headers: HeaderMap) -> Response {
    file(Docs::get(&path), &path, &headers)
}

/// To the page that describes the interface, with the slash that its relative addresses need.
pub(crate) async fn to_docs(Extension(origin): Extension<Origin>) -> Response {
    redirect(&format!("{}/api/docs/", origin.base))
}

/// To another address of ours.
pub(crate) fn redirect(to: &str) -> Response {
    match HeaderValue::from_str(to) {
        Ok(to) => (StatusCode::FOUND, [(header::LOCATION, to)]).into_response(),
        Err(_) => Problem::of_status(StatusCode::NOT_FOUND).into_response(),
    }
}

fn file(file: Option<EmbeddedFile>, path: &str, asked: &HeaderMap) -> Response {
    let Some(file) = file else {
        return Problem::new(StatusCode::NOT_FOUND, "not-found", "Not found")
            .detail(format!("there is no file `{path}` in the page"))
            .into_response();
    };
    let mut tag = String::from("W/\"");
    for octet in file.metadata.sha256_hash().iter().take(12) {
        use core::fmt::Write as _;
        let _ = write!(tag, "{octet:02x}");
    }
    tag.push('"');
    let lasting = if is_hashed(path) { "public, max-age=31536000, immutable" } else { "no-cache" };
    let known = matches(asked, &tag);
    let headers = [
        (header::CACHE_CONTROL, lasting.to_owned()),
        (header::CONTENT_TYPE, media_type(path).to_owned()),
        (header::ETAG, tag),
    ];
    if known {
        return (StatusCode::NOT_MODIFIED, headers).into_response();
    }
    (headers, file.data).into_response()
}

/// `index-B1xYz09q.js`: a dash, eight characters, the ending.
fn is_hashed(path: &str) -> bool {
    let stem = path.rsplit_once('.').map_or(path, |(stem, _)| stem);
    let dash = stem.len().checked_sub(9);
    dash.and_then(|dash| stem.split_at_checked(dash)).is_some_and(|(_, tail)| {
        tail.strip_prefix('-').is_some_and(|hash| {
            hash.bytes().all(|c| c.is_ascii_alphanumeric() || c == b'_' || c == b'-')
        })
    })
}

fn media_type(path: &str) -> &'static str {
    match path.rsplit_once('.').map_or("", |(_, ending)| ending) {
        "css" => "text/css; charset=utf-8",
        "html" => "text/html; charset=utf-8",
        "ico" => "image/x-icon",
        "js" | "mjs" => "text/javascript; charset=utf-8",
        "json" | "map" => "application/json",
        "png" => "image/png",
        "svg" => "image/svg+xml",
        "txt" => "text/plain; charset=utf-8",
        "webmanifest" => "application/manifest+json",
        "woff2" => "font/woff2",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_names_with_a_hash_are_kept_for_ever() {
        assert!(is_hashed("index-B1xYz09q.js") && is_hashed("index-B-xY_09q.css"));
        assert!(!is_hashed("index.html") && !is_hashed("favicon.svg") && !is_hashed("a-b.js"));
    }

    #[test]
    fn there_is_a_page() {
        assert!(Files::get("index.html").is_some());
        assert!(Docs::get("index.html").is_some());
    }
}
