//! The addresses and their headers.

use axum::extract::{Extension, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, options};
use hanport_engine::money::view::Which;

use super::{data, plots, prices, realtime, sysinfo};
use crate::auth::{Level, Protection, Visitor};
use crate::page;
use crate::problem::Problem;
use crate::query::Parameters;
use crate::routes::{Route, answers_options, reads};
use crate::site::{Shared, Site};

const PRIVATE_NETWORK: HeaderName =
    HeaderName::from_static("access-control-request-private-network");

/// All of them.
pub(crate) fn table() -> Vec<Route> {
    let mut table = vec![
        reads("/data.json", Level::Read, get(data_json)),
        reads("/sysinfo.json", Level::Read, get(sysinfo_json)),
        reads("/dayplot.json", Level::Read, get(dayplot_json)),
        reads("/monthplot.json", Level::Read, get(monthplot_json)),
        reads("/realtime.json", Level::Read, get(realtime_json)),
        reads("/tariff.json", Level::Read, get(tariff_json)),
        reads("/temperature.json", Level::Read, get(temperature_json)),
        reads("/energyprice.json", Level::Read, get(energyprice_json)),
        reads("/importprice.json", Level::Read, get(importprice_json)),
        reads("/exportprice.json", Level::Read, get(exportprice_json)),
        reads("/is-alive", Level::Open, get(is_alive)),
        reads("/robots.txt", Level::Open, get(robots)),
    ];
    let with_options = [
        "/sysinfo.json",
        "/data.json",
        "/dayplot.json",
        "/monthplot.json",
        "/energyprice.json",
        "/temperature.json",
        "/tariff.json",
        "/realtime.json",
    ];
    table.extend(with_options.map(|path| answers_options(path, options(permissions))));
    // old bookmarks
    let pages = ["/configuration", "/priceconfig", "/status", "/consent", "/vendor", "/setup"];
    table.extend(pages.map(|path| reads(path, Level::Open, get(page::index))));
    table
}

async fn data_json(
    State(site): State<Shared>,
    Extension(visitor): Extension<Visitor>,
    headers: HeaderMap,
) -> Response {
    let view = site.outside.board.first();
    let services = site.outside.services.list();
    let document = data::document(&data::Sources {
        view: view.as_deref(),
        services: &services,
        now: site.now(),
        started: site.started,
        admin: visitor.is_admin(),
        unknown_as_null: site.options.unknown_as_null,
    });
    json(&site, &headers, document)
}

async fn sysinfo_json(State(site): State<Shared>, headers: HeaderMap) -> Response {
    let view = site.outside.board.first();
    let services = site.outside.services.list();
    let security = match (site.gate.has_password(), site.options.protection) {
        (false, _) => 0,
        (true, Protection::Changes) => 1,
        (true, Protection::Everything) => 2,
    };
    let document = sysinfo::document(&sysinfo::Sources {
        view: view.as_deref(),
        machine: &site.outside.machine,
        services: &services,
        zone: &site.outside.zone,
        now: site.now(),
        security,
        context: site.surroundings.base.trim_start_matches('/'),
        unknown_as_null: site.options.unknown_as_null,
    });
    json(&site, &headers, document)
}

async fn dayplot_json(State(site): State<Shared>, headers: HeaderMap) -> Result<Response, Problem> {
    let now = site.now();
    let ring = match site.outside.board.first() {
        Some(view) => site.read(move |history| plots::hours(history, &view.meter, now)).await?,
        None => plots::Ring::new(),
    };
    let document = plots::document(&ring, 0, 23, site.options.unknown_as_null);
    Ok(json(&site, &headers, document))
}

async fn monthplot_json(
    State(site): State<Shared>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let now = site.now();
    let zone = site.outside.zone.clone();
    let ring = match site.outside.board.first() {
        Some(view) => {
            site.read(move |history| plots::days(history, &view.meter, now, &zone)).await?
        }
        None => plots::Ring::new(),
    };
    let document = plots::document(&ring, 1, 31, site.options.unknown_as_null);
    Ok(json(&site, &headers, document))
}

async fn realtime_json(
    State(site): State<Shared>,
    parameters: Parameters,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    // as lenient as the original: what is no number is the default
    let number = |name, default: usize| {
        parameters.text(name).and_then(|text| text.parse().ok()).unwrap_or(default)
    };
    let (offset, size) = (number("offset", 0), number("size", 60));
    let now = site.now();
    let zone = site.outside.zone.clone();
    let ring = match site.outside.board.first() {
        Some(view) => {
            let period = view.port.period_ms;
            site.read(move |history| realtime::ring(history, &view.meter, now, period, &zone))
                .await?
        }
        None => Vec::new(),
    };
    let document = realtime::document(&ring, offset, size, site.options.unknown_as_null);
    Ok(json(&site, &headers, document))
}

async fn tariff_json(State(site): State<Shared>, headers: HeaderMap) -> Response {
    let view = site.outside.board.first();
    let money = view.as_ref().and_then(|view| view.money.as_deref());
    let document = prices::tariff(money, site.options.unknown_as_null);
    json(&site, &headers, document)
}

async fn temperature_json(State(site): State<Shared>, headers: HeaderMap) -> Response {
    json(&site, &headers, r#"{"c":0,"s":[]}"#.to_owned())
}

async fn energyprice_json(
    State(site): State<Shared>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let view = site.outside.board.first();
    let money = view.as_ref().and_then(|view| view.money.as_deref());
    let document = prices::by_hour(money, site.now()).ok_or_else(no_price)?;
    Ok(json(&site, &headers, document))
}

async fn importprice_json(
    State(site): State<Shared>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    curve(&site, &headers, Which::Import)
}

async fn exportprice_json(
    State(site): State<Shared>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    curve(&site, &headers, Which::Export)
}

fn curve(site: &Site, headers: &HeaderMap, which: Which) -> Result<Response, Problem> {
    let view = site.outside.board.first();
    let money = view.as_ref().and_then(|view| view.money.as_deref());
    let document = prices::curve(money, site.now(), which).ok_or_else(no_price)?;
    Ok(json(site, headers, document))
}

fn no_price() -> Problem {
    Problem::new(StatusCode::NOT_FOUND, "no-price", "No price")
        .detail("no import price is known now")
        .remedy("set up a price area or fixed prices in the configuration")
}

async fn is_alive() -> Response {
    ([(header::ACCESS_CONTROL_ALLOW_ORIGIN, "*")], ()).into_response()
}

async fn robots() -> Response {
    ([(header::CONTENT_TYPE, "text/plain")], "User-agent: *\nDisallow: /\n").into_response()
}

async fn permissions(State(site): State<Shared>, headers: HeaderMap) -> Response {
    let mut response = StatusCode::OK.into_response();
    response.headers_mut().insert(header::ALLOW, HeaderValue::from_static("GET"));
    permit(&site, &headers, response.headers_mut());
    response
}

/// A document with the headers that all of them have.
fn json(site: &Site, asked: &HeaderMap, document: String) -> Response {
    let headers = [
        (header::CONTENT_TYPE, "application/json"),
        (header::CACHE_CONTROL, "no-cache, no-store, must-revalidate"),
        (header::PRAGMA, "no-cache"),
        (header::EXPIRES, "-1"),
    ];
    let mut response = (headers, document).into_response();
    permit(site, asked, response.headers_mut());
    response
}

/// One other site may read them from its visitor's browser, as the original lets it; in a browser
/// that asks before it reaches into a private network, too.
fn permit(site: &Site, asked: &HeaderMap, headers: &mut HeaderMap) {
    let allowed = &site.options.reading_site;
    let Ok(value) = HeaderValue::from_str(allowed) else { return };
    if allowed.is_empty() {
        return;
    }
    headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, value);
    let says = |name| asked.get(name).and_then(|value: &HeaderValue| value.to_str().ok());
    let from = says(header::ORIGIN).or_else(|| says(header::REFERER)).unwrap_or("");
    let rest = from.strip_prefix(allowed.as_str());
    let is_allowed = rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
    if says(PRIVATE_NETWORK) != Some("true") || !is_allowed {
        return;
    }
    let machine = &site.outside.machine;
    let told = [
        ("access-control-allow-private-network", "true"),
        ("private-network-access-name", &machine.hostname),
        ("private-network-access-id", &machine.mac),
    ];
    for (name, value) in told {
        if let Ok(value) = HeaderValue::from_str(value) {
            headers.insert(HeaderName::from_static(name), value);
        }
    }
}
