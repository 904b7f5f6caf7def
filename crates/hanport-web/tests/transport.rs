//! How answers travel: paths behind proxies, compression, tags, IPv6, limits, and the page.

mod support;

use std::net::{Ipv6Addr, SocketAddr};

use hanport_engine::state::Settings;
use hanport_web::Options;
use support::client::{get, send};
use support::meter::Simulated;
use support::{NOON, Running, options, start};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

async fn with_meter(with: Options) -> Running {
    let running = start(with).await;
    let mut meter = Simulated::new("main", "aidon-no", "2026-01-10T11:30:00", Settings::default());
    meter.run_until(NOON.plus(60_000), &running);
    running
}

#[tokio::test]
async fn everything_lives_under_the_path_of_the_settings() {
    let running = with_meter(Options { base_path: "/meter/".into(), ..options() }).await;
    let to = running.address;
    for path in ["/meter/api/v1/meters", "/meter/data.json", "/meter/", "/meter/healthz"] {
        assert_eq!(get(to, path).await.status, 200, "{path}");
    }
    for path in ["/meter", "/"] {
        let reply = get(to, path).await;
        assert_eq!((reply.status, reply.header("location")), (302, Some("/meter/")), "{path}");
    }
    assert_eq!(get(to, "/meter/api/docs").await.header("location"), Some("/meter/api/docs/"));
    let description = get(to, "/meter/api/v1/openapi.json").await.json();
    assert_eq!(description["servers"][0]["url"], "/meter");
    let query = get(to, "/meter/realtime.json?size=3").await.json();
    assert_eq!(query["size"], 3);
    assert_eq!(get(to, "/meters/api/v1/meters").await.status, 404, "no path but our own");
    // a proxy may take the path away and ask for what is behind it
    assert_eq!(get(to, "/api/v1/meters").await.status, 200);
}

#[tokio::test]
async fn a_trusted_proxy_tells_path_and_asker() {
    let trusted_proxies = vec!["127.0.0.0/8".parse().unwrap()];
    let running = with_meter(Options { trusted_proxies, ..options() }).await;
    let to = running.address;
    let ingress = [
        ("X-Ingress-Path", "/api/hassio_ingress/abc"),
        ("X-Forwarded-For", "192.168.1.20"),
        ("Host", "homeassistant.local:8123"),
    ];
    let reply = send(to, "GET", "/api/docs", &ingress, "").await;
    assert_eq!(reply.header("location"), Some("/api/hassio_ingress/abc/api/docs/"));
    assert_eq!(send(to, "GET", "/api/v1/meters", &ingress, "").await.status, 200);
    let from_afar = [ingress[0], ("X-Forwarded-For", "203.0.113.7")];
    let reply = send(to, "GET", "/api/v1/meters", &from_afar, "").await;
    assert_eq!(reply.status, 403);
    assert!(reply.json()["remedy"].as_str().unwrap().contains("trusted_proxies"));
}

#[tokio::test]
async fn large_answers_are_compressed_for_who_can_take_it() {
    let running = with_meter(options()).await;
    let path = "/api/v1/meters/main/history?resolution=raw&from=2026-01-10T10:30:00Z";
    let plain = get(running.address, path).await;
    let packed = send(running.address, "GET", path, &[("Accept-Encoding", "gzip")], "").await;
    assert_eq!(packed.header("content-encoding"), Some("gzip"));
    assert!(
        packed.body.len() * 3 < plain.body.len(),
        "{} of {}",
        packed.body.len(),
        plain.body.len()
    );
    assert_eq!(plain.header("content-encoding"), None);
    let stream = [("Accept-Encoding", "gzip")];
    let (_, mut open) = support::client::open(running.address, "/api/v1/stream", &stream).await;
    let event = support::client::next_event(&mut open).await.unwrap();
    assert_eq!(event.kind, "live", "events are not held back in a compressor");
}

#[tokio::test]
async fn who_knows_an_answer_is_told_that_it_still_stands() {
    let running = with_meter(options()).await;
    for path in [
        "/api/v1/meters/main/history?from=2026-01-10T10:00:00Z&to=2026-01-10T11:00:00Z",
        "/api/v1/meters/main/energy?from=2026-01-10&to=2026-01-11&by=hour",
        "/api/v1/openapi.json",
        "/",
        "/api/docs/docs.js",
    ] {
        let first = get(running.address, path).await;
        assert_eq!(first.status, 200, "{path}");
        let tag = first.header("etag").expect(path).to_owned();
        let again = send(running.address, "GET", path, &[("If-None-Match", &tag)], "").await;
        assert_eq!((again.status, again.body.len()), (304, 0), "{path}");
        assert_eq!(again.header("etag"), Some(tag.as_str()), "{path}");
        let other = [("If-None-Match", "\"other\"")];
        assert_eq!(send(running.address, "GET", path, &other, "").await.status, 200, "{path}");
    }
}

#[tokio::test]
async fn both_families_of_addresses_are_served() {
    let listen =
        vec![SocketAddr::from((Ipv6Addr::LOCALHOST, 0)), SocketAddr::from(([127, 0, 0, 1], 0))];
    let running = with_meter(Options { listen, ..options() }).await;
    assert!(running.address.is_ipv6());
    assert_eq!(get(running.address, "/api/v1/meters").await.status, 200);
    let any = vec![SocketAddr::from((Ipv6Addr::UNSPECIFIED, 0))];
    let running = with_meter(Options { listen: any, ..options() }).await;
    let port = running.address.port();
    let v4 = SocketAddr::from(([127, 0, 0, 1], port));
    assert_eq!(get(v4, "/api/v1/meters").await.status, 200, "and from nearby, mapped as it is");
}

#[tokio::test]
async fn an_address_that_is_taken_is_told_with_what_to_do() {
    let running = start(options()).await;
    let outside = outside(&running);
    let taken = Options { listen: vec![running.address], ..options() };
    let error = hanport_web::Server::bind(taken, outside.clone()).await.unwrap_err();
    assert!(error.to_string().contains("another program listens there"), "{error}");
    let bad = Options { base_path: "/a b".into(), ..options() };
    let error = hanport_web::Server::bind(bad, outside).await.unwrap_err();
    assert!(error.to_string().contains("base path"), "{error}");
}

fn outside(running: &Running) -> hanport_web::Outside {
    support::outside(&running.board, &running.kept, &running.clock, &running.services)
}

#[tokio::test]
async fn browsers_are_told_to_be_careful() {
    let running = with_meter(options()).await;
    let mut ids = Vec::new();
    for path in ["/", "/api/v1/meters", "/nothing", "/data.json"] {
        let reply = get(running.address, path).await;
        let policy = reply.header("content-security-policy").expect(path);
        assert!(policy.contains("default-src 'self'") && !policy.contains("unsafe"), "{policy}");
        assert_eq!(reply.header("x-content-type-options"), Some("nosniff"), "{path}");
        assert_eq!(reply.header("referrer-policy"), Some("no-referrer"), "{path}");
        ids.push(reply.header("x-request-id").expect(path).to_owned());
    }
    ids.dedup();
    assert_eq!(ids.len(), 4, "every request has a number of its own");
}

#[tokio::test]
async fn the_pages_need_nothing_from_elsewhere_and_nothing_written_into_them() {
    let running = with_meter(options()).await;
    for path in ["/", "/api/docs/"] {
        let page = get(running.address, path).await;
        assert_eq!(page.header("content-type"), Some("text/html; charset=utf-8"));
        let text = page.text();
        assert!(!text.contains(" style=") && !text.contains(" onclick="), "{path}");
        let attributes = ["src=\"", "href=\""].map(|name| text.split(name).skip(1));
        for part in attributes.into_iter().flatten() {
            let named = part.split('"').next().expect(path);
            assert!(!named.contains(':') && !named.starts_with('/'), "{path}: {named}");
            if matches!(named.rsplit('.').next(), Some("js" | "css")) {
                let file = format!("{path}{}", named.trim_start_matches("./"));
                assert_eq!(get(running.address, &file).await.status, 200, "{file}");
            }
        }
    }
    assert_eq!(get(running.address, "/configuration").await.status, 200, "an old bookmark");
    assert_eq!(get(running.address, "/assets/../index.html").await.status, 404);
}

#[tokio::test]
async fn too_large_a_body_and_nonsense_are_refused() {
    let running = with_meter(options()).await;
    let large = format!("{{\"password\":\"{}\"}}", "x".repeat(100_000));
    let reply = send(running.address, "POST", "/api/v1/setup", &[], &large).await;
    assert_eq!(reply.status, 413);
    assert_eq!(reply.header("content-type"), Some("application/problem+json"));
    let mut stream = TcpStream::connect(running.address).await.unwrap();
    stream.write_all(b"\x00\x01nonsense\r\n\r\n").await.unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await.unwrap();
    assert!(answer.starts_with(b"HTTP/1.1 400"), "{answer:?}");
    assert_eq!(get(running.address, "/healthz").await.status, 200);
}

#[tokio::test]
async fn health_tells_silence_and_a_broken_history() {
    let running = start(options()).await;
    assert_eq!(get(running.address, "/healthz").await.text(), "ok\n");
    let reply = get(running.address, "/readyz").await;
    assert_eq!(reply.status, 503, "no meter has been heard");
    let mut meter = Simulated::new("main", "aidon-no", "2026-01-10T12:00:00", Settings::default());
    meter.run_until(NOON.plus(60_000), &running);
    assert_eq!(get(running.address, "/readyz").await.status, 200);
    running.kept.broken.store(true, std::sync::atomic::Ordering::SeqCst);
    let reply = get(running.address, "/readyz").await;
    assert_eq!(reply.status, 503);
    assert!(reply.text().contains("plug it in again"));
    let reply = get(running.address, "/api/v1/meters/main/history").await;
    assert_eq!(reply.json()["type"], "urn:hanport:problem:history-unavailable");
    assert_eq!(get(running.address, "/api/v1/meters/main/live").await.status, 200, "live goes on");
}
