//! Every address with its level. What is not in this table is not there.

use core::time::Duration;
use std::sync::Arc;

use axum::Router;
use axum::http::{Method, StatusCode};
use axum::middleware::{from_fn, from_fn_with_state};
use axum::routing::{MethodRouter, delete, get, patch, post};
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::CompressionLayer;
use tower_http::csrf::CsrfLayer;
use tower_http::limit::RequestBodyLimitLayer;
use tower_http::timeout::TimeoutLayer;

use crate::api::{admin, corrections, energy, health, history, meters, money, openapi, readings};
use crate::auth::guard::guard;
use crate::auth::{Level, endpoints};
use crate::site::Shared;
use crate::{compat, frame, metrics, page, stream};

/// Bodies larger than this are refused; the largest that belongs here is a few kilobytes.
const LARGEST_BODY: usize = 64 * 1024;
/// The same for backups.
const LARGEST_BACKUP: usize = 2_000_000_000;
/// Answers that take longer are given up, but for backups.
const LONGEST: Duration = Duration::from_secs(30);

/// One address.
pub(crate) struct Route {
    #[cfg_attr(not(test), expect(dead_code, reason = "the handler knows it; tests ask"))]
    pub method: Method,
    pub path: String,
    pub level: Level,
    /// Whether its bodies are large and take their time.
    is_backup: bool,
    handler: MethodRouter<Shared>,
}

/// An address that answers to GET and changes nothing.
pub(crate) fn reads(path: &str, level: Level, handler: MethodRouter<Shared>) -> Route {
    Route { method: Method::GET, path: path.to_owned(), level, is_backup: false, handler }
}

/// An address that tells browsers whether they may read it from a page of another site.
pub(crate) fn answers_options(path: &str, handler: MethodRouter<Shared>) -> Route {
    Route {
        method: Method::OPTIONS,
        path: path.to_owned(),
        level: Level::Open,
        is_backup: false,
        handler,
    }
}

/// An address that changes something.
pub(crate) fn changes(path: &str, level: Level, handler: MethodRouter<Shared>) -> Route {
    Route { method: Method::POST, path: path.to_owned(), level, is_backup: false, handler }
}

/// An address whose bodies are backups.
fn moves(path: &str, handler: MethodRouter<Shared>) -> Route {
    Route { is_backup: true, ..changes(path, Level::Admin, handler) }
}

/// An address that takes something away.
pub(crate) fn deletes(path: &str, level: Level, handler: MethodRouter<Shared>) -> Route {
    Route { method: Method::DELETE, path: path.to_owned(), level, is_backup: false, handler }
}

/// All of them.
pub(crate) fn table() -> Vec<Route> {
    use Level::{Admin, Open, Read, Setup};
    let mut table = vec![
        reads("/api/v1/meters", Read, get(meters::list)),
        reads("/api/v1/meters/{id}", Read, get(meters::one)),
        reads("/api/v1/meters/{id}/live", Read, get(meters::live)),
        reads("/api/v1/meters/{id}/history", Read, get(history::history)),
        reads("/api/v1/meters/{id}/energy", Read, get(energy::energy)),
        reads("/api/v1/meters/{id}/readings", Read, get(readings::readings)),
        reads("/api/v1/meters/{id}/events", Read, get(readings::meter_events)),
        reads("/api/v1/meters/{id}/doctor", Read, get(readings::doctor)),
        reads("/api/v1/meters/{id}/corrections", Read, get(corrections::list)),
        reads("/api/v1/meters/{id}/prices", Read, get(money::prices)),
        reads("/api/v1/meters/{id}/cost", Read, get(money::cost)),
        reads("/api/v1/meters/{id}/peaks", Read, get(money::peaks)),
        reads("/api/v1/events", Read, get(readings::events)),
        reads("/api/v1/stream", Read, get(stream::body::open)),
        changes("/api/v1/admin/meters/{id}/corrections", Admin, post(corrections::record)),
        reads("/api/v1/session", Open, get(endpoints::state)),
        changes("/api/v1/session", Open, post(endpoints::log_in)),
        deletes("/api/v1/session", Open, delete(endpoints::log_out)),
        changes("/api/v1/setup", Setup, post(endpoints::set_up)),
        changes("/api/v1/admin/password", Admin, post(endpoints::change_password)),
        reads("/api/v1/admin/tokens", Admin, get(endpoints::tokens)),
        changes("/api/v1/admin/tokens", Admin, post(endpoints::make_token)),
        deletes("/api/v1/admin/tokens/{name}", Admin, delete(endpoints::delete_token)),
        reads("/api/v1/admin/config", Admin, get(admin::configuration)),
        Route {
            method: Method::PATCH,
            ..changes("/api/v1/admin/config", Admin, patch(admin::change))
        },
        changes("/api/v1/admin/restart", Admin, post(admin::restart)),
        changes("/api/v1/admin/reset", Admin, post(admin::reset)),
        moves("/api/v1/admin/backup", post(admin::backup)),
        moves("/api/v1/admin/restore", post(admin::restore)),
        reads("/api/v1/openapi.json", Open, get(openapi::document)),
        reads("/api/docs", Open, get(page::to_docs)),
        reads("/api/docs/", Open, get(page::docs)),
        reads("/api/docs/{file}", Open, get(page::docs_asset)),
        reads("/healthz", Open, get(health::alive)),
        reads("/readyz", Read, get(health::ready)),
        reads("/metrics", Read, get(metrics::metrics)),
        reads("/", Open, get(page::index)),
        reads("/assets/{*path}", Open, get(page::asset)),
    ];
    table.extend(compat::table());
    table.extend(page::besides().map(|path| reads(&path, Open, get(page::beside))));
    table
}

/// Everything that answers.
pub(crate) fn router(site: &Shared) -> Router {
    let mut router = Router::new();
    for Route { path, level, is_backup, handler, .. } in table() {
        let guarded = handler.route_layer(from_fn_with_state((Arc::clone(site), level), guard));
        let limited = if is_backup {
            guarded.layer(RequestBodyLimitLayer::new(LARGEST_BACKUP))
        } else {
            let brief = TimeoutLayer::with_status_code(StatusCode::SERVICE_UNAVAILABLE, LONGEST);
            let limited: MethodRouter<Shared> =
                guarded.layer(RequestBodyLimitLayer::new(LARGEST_BODY));
            limited.layer(brief)
        };
        router = router.route(&path, limited);
    }
    // the last layer is the outermost
    router
        .fallback(frame::not_found)
        .method_not_allowed_fallback(frame::not_allowed)
        .layer(CsrfLayer::new())
        .layer(CompressionLayer::new().gzip(true))
        .layer(CatchPanicLayer::custom(frame::panicked))
        .layer(from_fn(frame::every_answer))
        .with_state(Arc::clone(site))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Protection;
    use crate::support::client::{send, status};
    use crate::support::{Running, options, start};
    use std::collections::BTreeSet;

    /// A proxy nobody told us of: whoever asks is from anywhere.
    const FROM_AFAR: (&str, &str) = ("X-Forwarded-For", "203.0.113.9");

    fn address(route: &Route) -> String {
        route
            .path
            .replace("{id}", "main")
            .replace("{name}", "none")
            .replace("{file}", "docs.js")
            .replace("{*path}", "none.js")
    }

    /// Whether each level is refused, for all addresses there are.
    async fn refuses(running: &Running, headers: &[(&str, &str)], levels: &[Level]) {
        for route in table() {
            let path = address(&route);
            let status = status(running.address, route.method.as_str(), &path, headers).await;
            let refused =
                matches!(status, 401 | 403) || route.level == Level::Setup && status == 409;
            let what = format!("{} {path} as {:?}: {status}", route.method, route.level);
            assert_eq!(refused, levels.contains(&route.level), "{what}");
        }
    }

    async fn with_password(protection: Protection) -> Running {
        let running = start(crate::Options { protection, ..options() }).await;
        let body = r#"{"password":"korrekt hest"}"#;
        let reply = send(running.address, "POST", "/api/v1/setup", &[], body).await;
        assert_eq!(reply.status, 204, "{}", reply.text());
        running
    }

    #[tokio::test]
    async fn without_a_password_the_private_network_reads_and_nobody_changes() {
        let running = start(options()).await;
        refuses(&running, &[], &[Level::Admin]).await;
        let all = [Level::Admin, Level::Read, Level::Setup];
        refuses(&running, &[FROM_AFAR], &all).await;
        refuses(&running, &[("Host", "evil.example.com")], &all).await;
    }

    #[tokio::test]
    async fn with_a_password_changes_need_a_login() {
        let running = with_password(Protection::Changes).await;
        refuses(&running, &[], &[Level::Admin, Level::Setup]).await;
        let all = [Level::Admin, Level::Read, Level::Setup];
        refuses(&running, &[FROM_AFAR], &all).await;
        let cookie = running_session(&running).await;
        let headers = [FROM_AFAR, ("Cookie", cookie.as_str())];
        for route in table().iter().filter(|route| route.level == Level::Admin) {
            let path = address(route);
            let status = status(running.address, route.method.as_str(), &path, &headers).await;
            assert!(!matches!(status, 401 | 403), "{path}: {status}");
        }
    }

    #[tokio::test]
    async fn everything_can_need_a_login() {
        let running = with_password(Protection::Everything).await;
        refuses(&running, &[], &[Level::Admin, Level::Read, Level::Setup]).await;
    }

    async fn running_session(running: &Running) -> String {
        let body = r#"{"password":"korrekt hest"}"#;
        let reply = send(running.address, "POST", "/api/v1/session", &[FROM_AFAR], body).await;
        assert_eq!(reply.status, 204, "{}", reply.text());
        let cookie = reply.header("set-cookie").unwrap();
        cookie.split(';').next().unwrap().to_owned()
    }

    #[tokio::test]
    async fn the_description_names_every_address_for_programs_and_no_other() {
        let running = start(options()).await;
        let reply = send(running.address, "GET", "/api/v1/openapi.json", &[], "").await;
        let description = reply.json();
        let described: BTreeSet<String> = description["paths"]
            .as_object()
            .unwrap()
            .iter()
            .flat_map(|(path, methods)| {
                methods.as_object().unwrap().keys().map(move |m| format!("{m} {path}"))
            })
            .collect();
        let for_programs = |route: &&Route| {
            let path = &route.path;
            path.starts_with("/api/v1/") && path != "/api/v1/openapi.json"
                || ["/healthz", "/readyz", "/metrics"].contains(&path.as_str())
        };
        let served: BTreeSet<String> = table()
            .iter()
            .filter(for_programs)
            .map(|route| format!("{} {}", route.method.as_str().to_lowercase(), route.path))
            .collect();
        assert_eq!(described, served);
        for name in ["Live", "LiveNumber", "RegisterNow", "IntervalNews", "PriceNews"] {
            assert!(description["components"]["schemas"][name].is_object(), "{name}");
        }
    }
}
