//! What was, through the sockets: series, energy, readings, events, and events that are streamed.

mod support;

use hanport_engine::outside::{Archive, Happening};
use hanport_engine::state::Settings;
use hanport_engine::view::{Update, What};
use serde_json::{Value, json};
use std::sync::Arc;
use support::client::{get, next_event, open, send};
use support::meter::Simulated;
use support::{NOON, Running, options, start};

async fn with_meter() -> (Running, Simulated) {
    let running = start(options()).await;
    let mut meter = Simulated::new("main", "aidon-no", "2026-01-10T10:30:00", Settings::default());
    meter.run_until(NOON.plus(60_000), &running);
    (running, meter)
}

#[tokio::test]
async fn series_come_as_columns_with_a_common_time() {
    let (running, _) = with_meter().await;
    let path = "/api/v1/meters/main/history?from=2026-01-10T10:00:00Z&to=2026-01-10T11:00:00Z\
                &series=active_import_w,voltage_l1_v&resolution=1m";
    let answer = get(running.address, path).await.json();
    assert_eq!((&answer["resolution"], &answer["zone"]), (&json!("1m"), &json!("Europe/Oslo")));
    let at = answer["at"].as_array().unwrap();
    assert_eq!(at.len(), 60);
    assert_eq!(at[0], NOON.0 - 3_600_000);
    for name in ["active_import_w", "voltage_l1_v"] {
        for column in ["mean", "min", "max"] {
            assert_eq!(answer["series"][name][column].as_array().unwrap().len(), 60, "{name}");
        }
    }
    assert_eq!(answer["series"]["voltage_l1_v"]["unit"], "V");
    let raw = get(running.address, &path.replace("1m", "raw")).await.json();
    assert!(raw["at"].as_array().unwrap().len() > 1000);
    assert_eq!(raw["series"]["active_import_w"].get("min"), None);
    assert!(raw["series"]["voltage_l1_v"]["mean"].as_array().unwrap().contains(&Value::Null));
    let never = "/api/v1/meters/main/history?series=frequency_hz";
    let answer = get(running.address, never).await.json();
    assert_eq!(answer["series"]["frequency_hz"]["mean"], json!([]), "nothing of it was kept");
}

#[tokio::test]
async fn tables_come_as_csv_too() {
    let (running, _) = with_meter().await;
    let csv = [("Accept", "text/csv")];
    let range = "from=2026-01-10T10:00:00Z&to=2026-01-10T10:03:00Z";
    let path = format!("/api/v1/meters/main/history?{range}&series=active_import_w&resolution=1m");
    let reply = send(running.address, "GET", &path, &csv, "").await;
    assert_eq!(reply.header("content-type"), Some("text/csv; charset=utf-8"));
    let lines: Vec<&str> = reply.text().lines().collect();
    assert_eq!(lines[0], "time,active_import_w,active_import_w_min,active_import_w_max");
    assert!(lines[1].starts_with("2026-01-10T10:00:00Z,"));
    assert_eq!(lines.len(), 4);
    let path =
        "/api/v1/meters/main/energy?from=2026-01-10T10:00:00Z&to=2026-01-10T11:00:00Z&by=15m";
    let reply = send(running.address, "GET", path, &csv, "").await;
    let lines: Vec<&str> = reply.text().lines().collect();
    assert_eq!(
        lines[0],
        "start,end,active_import_wh,active_import_quality,active_export_wh,active_export_quality"
    );
    assert_eq!(lines.len(), 5);
    assert!(lines.iter().all(|line| line.split(',').count() == 6), "{lines:?}");
}

#[tokio::test]
async fn energy_adds_up_from_quarters_to_the_day() {
    let (running, _) = with_meter().await;
    let sum = async |by: &str| -> (i64, usize) {
        let path = format!(
            "/api/v1/meters/main/energy?from=2026-01-10&to=2026-01-11&by={by}&register=active_import"
        );
        let answer = get(running.address, &path).await.json();
        let periods = answer["periods"].as_array().unwrap().clone();
        let wh = |period: &Value| period["registers"]["active_import"]["wh"].as_i64().unwrap();
        (periods.iter().map(wh).sum(), periods.len())
    };
    let (quarters, count) = sum("15m").await;
    assert!(quarters > 100 && count >= 6, "{quarters} in {count}");
    assert_eq!(sum("hour").await.0, quarters);
    assert_eq!(sum("day").await, (quarters, 1));
    assert_eq!(sum("year").await, (quarters, 1));
    let day = "/api/v1/meters/main/energy?from=2026-01-10T12:00:00Z&to=2026-01-10T12:01:00Z&by=day";
    let answer = get(running.address, day).await.json();
    assert_eq!(answer["from"], "2026-01-09T23:00:00Z", "whole periods of the zone");
    let energy = &answer["periods"][0]["registers"]["active_import"];
    assert_eq!(energy["quality"], "missing", "most of the day is not known");
    assert_eq!(energy["quarters"], 96);
}

#[tokio::test]
async fn official_readings_are_told_with_their_digits() {
    let (running, _) = with_meter().await;
    let answer = get(running.address, "/api/v1/meters/main/readings?register=active_import").await;
    let readings = answer.json()["readings"].as_array().unwrap().clone();
    assert!(!readings.is_empty());
    assert_eq!(readings[0]["unit"], "Wh");
    // the list counts tens of watt-hours
    assert!(readings.iter().all(|reading| reading["value"].as_i64().unwrap() % 10 == 0));
}

#[tokio::test]
async fn events_are_told_newest_first_by_meter_and_at_most_so_many() {
    let (running, _) = with_meter().await;
    for (n, meter) in [(1, Some("main")), (2, None), (3, Some("main")), (4, Some("other"))] {
        running.kept.note(Happening {
            at: NOON.plus(n),
            meter: meter.map(str::to_owned),
            kind: "port_silent".into(),
            detail: json!({"n": n}),
        });
    }
    let numbers = async |path: &str| -> Vec<i64> {
        let events = get(running.address, path).await.json()["events"].as_array().unwrap().clone();
        events.iter().map(|event| event["detail"]["n"].as_i64().unwrap()).collect()
    };
    assert_eq!(numbers("/api/v1/events").await, [4, 3, 2, 1]);
    assert_eq!(numbers("/api/v1/events?limit=2").await, [4, 3]);
    assert_eq!(numbers("/api/v1/meters/main/events").await, [3, 1]);
    let doctor = get(running.address, "/api/v1/meters/main/doctor").await.json();
    assert_eq!(doctor["summary"], "main is well");
    assert_eq!(doctor["layers"][0]["counts"]["opened"], 1);
}

#[tokio::test]
async fn who_comes_back_is_told_the_intervals_it_missed() {
    let (running, mut meter) = with_meter().await;
    let (_, mut stream) = open(running.address, "/api/v1/stream", &[]).await;
    let last = next_event(&mut stream).await.unwrap();
    drop(stream);
    meter.run_until(NOON.plus(1_200_000), &running);
    let back = [("Last-Event-ID", last.id.as_str())];
    let (_, mut stream) = open(running.address, "/api/v1/stream", &back).await;
    let mut kinds = Vec::new();
    loop {
        let event = next_event(&mut stream).await.unwrap();
        kinds.push(event.kind.clone());
        if event.kind == "live" {
            break;
        }
        assert_eq!(event.json()["meter"], "main");
        assert!(event.json()["start"].as_str().unwrap().ends_with('Z'));
    }
    assert!(kinds.iter().filter(|kind| *kind == "interval").count() >= 1, "{kinds:?}");
    // of another run nothing can be told again
    let other = [("Last-Event-ID", "abc-1")];
    let (_, mut stream) = open(running.address, "/api/v1/stream", &other).await;
    assert_eq!(next_event(&mut stream).await.unwrap().kind, "live");
}

#[tokio::test]
async fn a_client_gets_what_it_wishes_for() {
    let (running, mut meter) = with_meter().await;
    let mut other =
        Simulated::new("garage", "kaifa-no", "2026-01-10T12:00:00", Settings::default());
    other.run_until(NOON.plus(30_000), &running);
    let (_, mut stream) =
        open(running.address, "/api/v1/stream?meter=garage&events=status", &[]).await;
    meter.run_until(meter.now.plus(5000), &running);
    for view in [meter.view(), other.view()] {
        let view = Arc::new(view);
        running.board.publish(&Update { view: Arc::clone(&view), what: What::Fault });
        running.board.publish(&Update { view, what: What::Message(arrived()) });
    }
    let event = next_event(&mut stream).await.unwrap();
    assert_eq!((event.kind.as_str(), event.json()["meter"].as_str()), ("status", Some("garage")));
    assert_eq!(event.json()["port"]["status"], "good");
}

fn arrived() -> hanport_engine::view::Arrived {
    hanport_engine::view::Arrived { list: None, carried: Vec::new(), octets: Arc::default() }
}

#[tokio::test]
async fn figures_for_prometheus_vanish_when_they_are_stale() {
    let (running, meter) = with_meter().await;
    let reply = get(running.address, "/metrics").await;
    assert_eq!(reply.header("content-type"), Some("text/plain; version=0.0.4; charset=utf-8"));
    let text = reply.text().to_owned();
    for line in [
        "hanport_build_info{version=\"v0.1.0\",revision=\"abc1234\"} 1",
        "# TYPE hanport_power_watts gauge",
        "# TYPE hanport_energy_import_watthours_total counter",
        "hanport_phase_voltage_volts{meter=\"main\",phase=\"l1\"} ",
        "hanport_frames_total{meter=\"main\",result=\"fault\"} 0",
    ] {
        assert!(text.contains(line), "{line} in {text}");
    }
    let figure = |name: &str| -> f64 {
        let line = text.lines().find(|line| line.starts_with(name)).unwrap();
        line.rsplit_once(' ').unwrap().1.parse().unwrap()
    };
    let joules = figure("hanport_energy_import_joules_total{");
    let watt_hours = figure("hanport_energy_import_watthours_total{");
    assert!((joules / watt_hours - 3600.0).abs() < 1e-6);
    running.clock.set(meter.now.plus(70_000));
    let later = get(running.address, "/metrics").await;
    assert!(!later.text().contains("hanport_power_watts"), "{}", later.text());
    assert!(later.text().contains("hanport_energy_import_joules_total"));
    let open = [("Accept", "application/openmetrics-text; version=1.0.0")];
    let reply = send(running.address, "GET", "/metrics", &open, "").await;
    assert!(reply.text().ends_with("# EOF\n"));
    assert!(reply.text().contains("# TYPE hanport_frames counter\nhanport_frames_total{"));
}
