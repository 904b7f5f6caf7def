//! The whole service: a simulated meter on a real pseudo-terminal at real speed, read, kept and
//! served.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test ends at what it did not expect"
)]

mod running;

use rstest::rstest;
use running::Home;

fn meter(personality: &str) -> String {
    format!(
        "[[meter]]\nid = \"main\"\nname = \"Cellar\"\nsource.kind = \"simulator\"\nsource.meter = \"{personality}\"\n"
    )
}

#[rstest]
#[case::hdlc("kaifa-se", "Kaifa")]
#[case::octets("kamstrup-no", "Kamstrup")]
#[case::encrypted("kamstrup-dk", "Kamstrup")]
#[case::blocks("lg-ch", "Landis+Gyr")]
#[case::mbus_encrypted("kaifa-at", "Kaifa")]
#[case::telegram("dsmr5-nl", "")]
fn values_of_a_meter_reach_a_client(#[case] personality: &str, #[case] maker: &str) {
    let home = Home::new(&meter(personality));
    let service = home.start();
    let mut events = service.stream();
    let live = loop {
        let live = events.next("live");
        if live["values"]["active_import_w"].is_object() {
            break live;
        }
    };
    assert_eq!(live["meter"], "main");
    assert!(live["values"]["active_import_w"]["value"].is_number(), "{live}");
    let meters = service.get("/api/v1/meters");
    assert_eq!(meters[0]["name"], "Cellar");
    let said = meters[0]["identity"]["manufacturer"].as_str().unwrap_or_default().to_owned();
    assert!(said.contains(maker), "{meters}");
    assert_eq!(service.get("/api/v1/meters/main/doctor")["findings"], serde_json::json!([]));
    let old = service.get("/data.json");
    assert!(old["i"].is_number() && old["hm"] == 1, "{old}");
    service.end();
}

#[test]
fn a_service_goes_on_where_it_was_killed() {
    let home = Home::new(&meter("dsmr5-nl"));
    let service = home.start();
    let mut events = service.stream();
    while !events.next("live")["registers"]["active_import"]["official"].is_object() {}
    service.end();
    let service = home.start();
    // the register of before is known before the first message comes
    let live = service.get("/api/v1/meters/main/live");
    assert!(live["registers"]["active_import"]["official"].is_object(), "{live}");
    service.kill();
    let service = home.start();
    let events = service.get("/api/v1/events");
    let kinds: Vec<_> = events["events"].as_array().unwrap().iter().map(|e| &e["kind"]).collect();
    assert!(kinds.iter().any(|kind| *kind == "source_opened"), "{events}");
    service.end();
}

#[test]
fn an_unknown_meter_is_refused_with_the_names_of_those_there_are() {
    let home = Home::new(&meter("aidon-no"));
    let service = home.start();
    let (status, body) = service.fetch("/api/v1/meters/other/live");
    assert_eq!(status, 404);
    assert!(body.contains("main"), "{body}");
    service.end();
}
