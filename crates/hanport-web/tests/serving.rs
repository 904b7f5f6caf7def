//! The server through its sockets: what is now, what was, and how it refuses.

mod support;

use hanport_engine::state::{Net, Settings};
use hanport_engine::time::UtcMillis;
use support::client::{get, next_event, open, send};
use support::meter::Simulated;
use support::{Running, options, start};

/// 2026-01-10T11:05:00Z.
const LATER: UtcMillis = UtcMillis::from_seconds(1_768_043_100);

async fn with_meter(personality: &str) -> (Running, Simulated) {
    let running = start(options()).await;
    let settings = Settings { fuse_a: Some(63), net: Some(Net::Star400), ..Settings::default() };
    let mut meter = Simulated::new("main", personality, "2026-01-10T11:58:00", settings);
    meter.run_until(LATER, &running);
    (running, meter)
}

#[tokio::test]
async fn a_meter_is_told_as_it_is_now() {
    let (running, meter) = with_meter("aidon-no").await;
    let reply = get(running.address, "/api/v1/meters/main/live").await;
    assert_eq!(reply.status, 200, "{}", reply.text());
    assert_eq!(reply.header("content-type"), Some("application/json"));
    assert_eq!(reply.header("cache-control"), Some("no-store"));
    let live = reply.json();
    assert_eq!(live["meter"], "main");
    assert_eq!(live["port"]["status"], "good");
    assert_eq!(live["identity"]["manufacturer"], "Aidon");
    let import = &live["values"]["active_import_w"];
    assert_eq!(import["unit"], "W");
    assert_eq!(import["origin"], "measured");
    assert_eq!(import["authenticity"], "plain");
    let view = meter.view();
    for value in &view.values {
        let told = &live["values"][value.quantity.to_string()];
        assert_eq!(told["value"].to_string(), value.number.to_string(), "{}", value.quantity);
    }
    assert_eq!(live["values"].as_object().unwrap().len(), view.values.len());
    let register = &live["registers"]["active_import"];
    assert!(register["official"]["at"].as_str().unwrap().ends_with('Z'));
    let read = |what: &str| register[what]["value"].to_string().parse::<f64>().unwrap();
    assert!(read("running") >= read("official"));
}

#[tokio::test]
async fn what_is_stale_is_not_told() {
    let (running, meter) = with_meter("aidon-no").await;
    running.clock.set(meter.now.plus(70_000));
    let live = get(running.address, "/api/v1/meters/main/live").await.json();
    assert_eq!(live["values"]["active_import_w"], serde_json::Value::Null);
    assert!(live["values"]["active_import_wh"].is_object(), "registers come hourly");
}

#[tokio::test]
async fn errors_say_what_where_and_what_to_do() {
    let (running, _) = with_meter("aidon-no").await;
    for (method, path, status, kind, words) in [
        ("GET", "/api/v1/meters/garage/live", 404, "unknown-meter", "main"),
        ("GET", "/api/v1/nothing", 404, "not-found", "/api/v1/nothing"),
        ("GET", "/nothing", 404, "not-found", "/nothing"),
        ("DELETE", "/api/v1/meters", 405, "method-not-allowed", "DELETE"),
        ("GET", "/api/v1/meters/main/history?from=yesterday", 400, "bad-parameter", "2026-01-31"),
        ("GET", "/api/v1/meters/main/history?form=2026", 400, "bad-parameter", "series"),
        ("GET", "/api/v1/meters/main/history?series=volt", 400, "bad-parameter", "active_import_w"),
        (
            "GET",
            "/api/v1/meters/main/history?resolution=raw&from=2020-01-01",
            400,
            "bad-parameter",
            "export",
        ),
        ("GET", "/api/v1/meters/main/energy?by=week", 400, "bad-parameter", "15m"),
        ("GET", "/api/v1/meters/main/energy?register=gas", 400, "bad-parameter", "reactive_export"),
        ("GET", "/api/v1/stream?events=all", 400, "bad-parameter", "interval"),
        ("GET", "/energyprice.json", 404, "no-price", "price"),
    ] {
        let reply = send(running.address, method, path, &[], "").await;
        assert_eq!(reply.status, status, "{path}");
        assert_eq!(reply.header("content-type"), Some("application/problem+json"), "{path}");
        let problem = reply.json();
        assert_eq!(problem["type"], format!("urn:hanport:problem:{kind}"), "{path}");
        assert_eq!(problem["status"], status, "{path}");
        assert!(reply.text().contains(words), "{path}: {}", reply.text());
    }
    let not_allowed = send(running.address, "DELETE", "/api/v1/meters", &[], "").await;
    assert!(not_allowed.header("allow").unwrap().contains("GET"));
}

#[tokio::test]
async fn a_client_hears_of_a_message_and_begins_with_what_is() {
    let (running, mut meter) = with_meter("aidon-no").await;
    let (status, mut stream) = open(running.address, "/api/v1/stream?events=live", &[]).await;
    assert_eq!(status, 200);
    let first = next_event(&mut stream).await.unwrap();
    assert_eq!((first.kind.as_str(), first.json()["meter"].as_str()), ("live", Some("main")));
    meter.run_until(meter.now.plus(2000), &running);
    let second = next_event(&mut stream).await.unwrap();
    assert_eq!(second.json()["now"], meter.now.to_string());
    let fetched = get(running.address, "/api/v1/meters/main/live").await;
    assert_eq!(second.json(), fetched.json(), "one document for both");
}

#[tokio::test]
async fn everything_ends_within_a_second_with_streams_open() {
    let (running, _) = with_meter("aidon-no").await;
    let (_, mut stream) = open(running.address, "/api/v1/stream", &[]).await;
    next_event(&mut stream).await.unwrap();
    let stopped = std::time::Instant::now();
    running.stop.cancel();
    running.task.await.unwrap();
    assert!(stopped.elapsed() < std::time::Duration::from_secs(1));
    assert_eq!(next_event(&mut stream).await, None, "the stream has ended in order");
}
