//! When things are published: paces, births, commands, what goes and what is taken over.

use hanport_engine::publish::{
    Came, Command, Format, Incoming, Keeping, Outgoing, Pace, Publication, Qos, Settings, Style,
};
use hanport_engine::time::UtcMillis;
use hanport_engine::view::{Update, What};
use serde_json::Value;

use crate::household::{reader, updates};
use crate::{published, settings, text};

fn came(topic: &str, payload: &[u8], retained: bool) -> (String, Vec<u8>, bool) {
    (topic.to_owned(), payload.to_vec(), retained)
}

struct Sent {
    publication: Publication,
    updates: Vec<Update>,
    out: Vec<Outgoing>,
}

impl Sent {
    fn new(meter: &str, minutes: u64, settings: &Settings) -> Self {
        let updates = updates(meter, minutes);
        let publication = Publication::all(settings, &reader(updates[0].view.now)).remove(0);
        Self { publication, updates, out: Vec::new() }
    }

    fn connect(&mut self) {
        let now = self.updates[0].view.now;
        self.publication.connected(&[], now, &mut self.out);
    }

    fn run(&mut self) {
        for update in &self.updates {
            self.publication.update(update, &mut self.out);
        }
    }

    fn incoming(&mut self, (topic, payload, retained): &(String, Vec<u8>, bool)) -> Incoming {
        let views = self.updates.last().map(|update| update.view.clone());
        let now = self.updates.last().unwrap().view.now;
        let came = Came { topic, payload, retained: *retained };
        let views: Vec<_> = views.into_iter().collect();
        self.publication.incoming(came, now, &views, &mut self.out)
    }

    fn topics(&mut self) -> Vec<String> {
        std::mem::take(&mut self.out).into_iter().map(|message| message.topic).collect()
    }
}

#[test]
fn an_interval_merges_what_is_known_and_waits_its_time() {
    let pace = Pace::Interval(30);
    let published = published("aidon-no", &Settings { pace, ..settings(Format::Json) });
    let lists: Vec<_> = published.iter().filter(|m| m.kind.starts_with("list")).collect();
    assert!((15..=17).contains(&lists.len()), "eight minutes: {}", lists.len());
    for pair in lists.windows(2) {
        assert!(pair[1].at.since(pair[0].at) >= 30_000);
        assert!(pair[1].kind >= pair[0].kind, "the shape never shrinks");
    }
    let last: Value = serde_json::from_slice(&lists[lists.len() - 1].payload).unwrap();
    assert!(last["data"]["tPI"].to_string().parse::<f64>().unwrap() > 0.0);
}

#[test]
fn connecting_says_online_first_and_the_will_says_offline() {
    let mut sent = Sent::new("kaifa-no", 1, &settings(Format::Json));
    sent.connect();
    let first = &sent.out[0];
    assert_eq!((first.topic.as_str(), text(first).as_str()), ("ams/status", "online"));
    assert!(first.retain && first.qos == Qos::AtMostOnce);
    let will = sent.publication.will();
    assert_eq!((will.topic.as_str(), text(&will).as_str()), ("ams/status", "offline"));
    let own = Sent::new("kaifa-no", 1, &settings(Format::Hanport)).publication.will();
    assert_eq!((own.topic.as_str(), own.qos), ("hanport/attic/status", Qos::AtLeastOnce));
}

#[test]
fn the_birth_of_home_assistant_announces_everything_again() {
    for format in [Format::HomeAssistant, Format::Hanport] {
        let mut sent = Sent::new("kaifa-no", 2, &settings(format));
        sent.connect();
        sent.run();
        let before: Vec<_> =
            sent.topics().into_iter().filter(|topic| topic.ends_with("/config")).collect();
        sent.run();
        assert!(!sent.topics().iter().any(|topic| topic.ends_with("/config")));
        let birth = came("homeassistant/status", b"online", false);
        assert_eq!(sent.incoming(&birth), Incoming::Birth);
        sent.run();
        let now = sent.updates.last().unwrap().view.now;
        sent.publication.tick(now.plus(120_000), &mut sent.out);
        let mut again: Vec<_> =
            sent.topics().into_iter().filter(|topic| topic.ends_with("/config")).collect();
        again.sort_unstable();
        again.dedup();
        for topic in before {
            assert!(again.contains(&topic), "{topic}");
        }
        assert_eq!(
            sent.incoming(&came("homeassistant/status", b"offline", false)),
            Incoming::Nothing
        );
    }
}

#[test]
fn commands_come_from_their_topic_and_only_for_formats_that_take_them() {
    let mut sent = Sent::new("kaifa-no", 1, &settings(Format::Json));
    assert_eq!(sent.publication.subscriptions(), ["ams/command"]);
    let day = came("ams/command", b"dayplot", false);
    assert_eq!(sent.incoming(&day), Incoming::Command(Command::DayPlot));
    assert_eq!(sent.incoming(&came("ams/command", b"what", false)), Incoming::NotUnderstood);
    let mut raw = Sent::new("kaifa-no", 1, &settings(Format::RawFull));
    assert_eq!(raw.incoming(&day), Incoming::NotUnderstood);
}

#[test]
fn what_is_kept_for_the_broker_is_queued_with_its_own_time() {
    let published = published("kamstrup-dk", &settings(Format::Hanport));
    let of = |kind: &str| published.iter().filter(|m| m.kind == kind).collect::<Vec<_>>();
    let intervals = of("interval");
    assert!(!intervals.is_empty());
    for message in intervals.iter().chain(&of("register")).chain(&of("account")) {
        assert_eq!((message.keeping, message.qos), (Keeping::Queued, Qos::AtLeastOnce));
        assert_eq!(message.retain, message.kind == "account");
        let value: Value = serde_json::from_slice(&message.payload).unwrap();
        assert_eq!(value["v"], 1);
        assert!(value["t"].as_str().unwrap().ends_with('Z'));
    }
    let interval: Value = serde_json::from_slice(&intervals[0].payload).unwrap();
    for key in ["register", "start", "end", "quality", "standing"] {
        assert!(interval[key].is_string(), "{key}");
    }
    // two quarters of an hour were touched
    assert_eq!(of("register").len(), 2);
    assert_eq!(of("account").len(), 2);
    for state in of("state") {
        assert!(matches!(state.keeping, Keeping::Latest(_)) && !state.retain);
    }
}

#[test]
fn a_second_meter_has_its_own_topics() {
    let updates = updates("kaifa-no", 1);
    let mut publication =
        Publication::all(&settings(Format::Json), &reader(updates[0].view.now)).remove(0);
    let mut out = Vec::new();
    for update in &updates {
        publication.update(update, &mut out);
        let mut view = (*update.view).clone();
        view.meter = "shed".into();
        publication.update(&Update { view: view.into(), what: update.what.clone() }, &mut out);
    }
    let lists = out.iter().filter(|message| message.kind == "list1");
    let topics: std::collections::BTreeSet<_> = lists.map(|m| m.topic.as_str()).collect();
    assert_eq!(topics.into_iter().collect::<Vec<_>>(), ["ams", "ams/shed"]);
}

fn device_of(out: &[Outgoing]) -> (String, Value) {
    let is_device = |m: &&Outgoing| m.kind == "device" && !m.topic.contains("hanport_attic");
    let message = out.iter().rev().find(is_device).unwrap();
    (message.topic.clone(), serde_json::from_slice(&message.payload).unwrap())
}

#[test]
fn entities_of_an_older_reader_are_taken_over_with_their_unique_ids() {
    let mut settings = settings(Format::Hanport);
    settings.discovery.migrate_from = Some("ams-1234".to_owned());
    let mut sent = Sent::new("kaifa-no", 7, &settings);
    sent.connect();
    let old = |key: &str| format!("homeassistant/sensor/ams-1234_{key}/config");
    for key in ["P", "tPI", "thresholds3"] {
        sent.incoming(&came(&old(key), br#"{"name":"x"}"#, true));
    }
    sent.incoming(&came("homeassistant/sensor/else_P/config", b"{}", true));
    sent.out.clear();
    sent.run();
    let places = |topic: &str| {
        let all = sent.out.iter().enumerate();
        all.filter(|(_, m)| m.topic == topic).map(|(at, m)| (at, text(m))).collect::<Vec<_>>()
    };
    let (device, value) = device_of(&sent.out);
    for key in ["P", "tPI"] {
        // the counters come with the full hour; until then the old entity is left alone
        let all = places(&old(key));
        assert_eq!(all.len(), 2, "{key} {all:?}");
        assert_eq!(all[0].1, r#"{"migrate_discovery":true}"#);
        assert!(all[1].1.is_empty());
        let device = places(&device);
        let between = |at: &usize| all[0].0 < *at && *at < all[1].0;
        assert_eq!(device.iter().filter(|(at, _)| between(at)).count(), 1);
    }
    // one without a counterpart is only taken away
    assert_eq!(places(&old("thresholds3")).len(), 1);
    assert!(places("homeassistant/sensor/else_P/config").is_empty());
    assert_eq!(value["cmps"]["active_import_w"]["uniq_id"], "ams-1234_P");
    let own = value["cmps"]["port"]["uniq_id"].as_str().unwrap();
    assert!(own.starts_with("hanport_"));
}

#[test]
fn prices_that_are_switched_off_take_their_entities_along_and_a_new_meter_its_device() {
    let mut sent = Sent::new("kaifa-no", 6, &settings(Format::Hanport));
    sent.connect();
    sent.run();
    let (topic, value) = device_of(&sent.out);
    assert!(value["cmps"]["price"]["uniq_id"].is_string());
    let last = sent.updates.last().unwrap().clone();
    let mut view = (*last.view).clone();
    view.money = None;
    sent.out.clear();
    let settings = Update { view: view.clone().into(), what: What::Settings };
    sent.publication.update(&settings, &mut sent.out);
    let (_, value) = device_of(&sent.out);
    assert_eq!(value["cmps"]["price"], serde_json::json!({"p": "sensor"}));
    assert_eq!(value["cmps"]["day_cost"], serde_json::json!({"p": "sensor"}));
    assert!(value["cmps"]["day_import_kwh"]["uniq_id"].is_string());
    // another meter is put in
    let mut identity = (*view.identity).clone();
    identity.number = Some("4711".to_owned());
    view.identity = identity.into();
    sent.out.clear();
    sent.publication.update(&Update { view: view.into(), what: What::Settings }, &mut sent.out);
    let away = sent.out.iter().find(|message| message.topic == topic).unwrap();
    assert!(away.retain && away.payload.is_empty());
    assert_eq!(device_of(&sent.out).0, "homeassistant/device/hanport_4711/config");
}

#[test]
fn what_an_earlier_run_announced_stays_until_it_is_found_gone() {
    let mut first = Sent::new("kaifa-no", 6, &settings(Format::Hanport));
    first.connect();
    first.run();
    let (topic, mut before) = device_of(&first.out);
    before["cmps"]["frequency_hz"] = serde_json::json!({"p": "sensor", "uniq_id": "x"});
    let mut second = Sent::new("kaifa-no", 1, &settings(Format::Hanport));
    second.connect();
    second.incoming(&came(&topic, before.to_string().as_bytes(), true));
    second.out.clear();
    second.run();
    let (same, value) = device_of(&second.out);
    assert_eq!(same, topic);
    assert_eq!(value["cmps"]["frequency_hz"]["uniq_id"], "x");
    assert!(value["cmps"]["active_import_kwh"]["uniq_id"].is_string(), "known from before");
    // a day and more later
    let mut view = (*second.updates.last().unwrap().view).clone();
    view.now = UtcMillis(view.now.0 + 27 * 3_600_000);
    second.publication.update(&Update { view: view.into(), what: What::Settings }, &mut second.out);
    let (_, value) = device_of(&second.out);
    assert_eq!(value["cmps"]["frequency_hz"], serde_json::json!({"p": "sensor"}));
}

#[test]
fn a_device_of_a_meter_that_is_not_published_any_more_is_taken_away() {
    let mut settings = settings(Format::Hanport);
    settings.meters = vec!["main".to_owned()];
    let mut sent = Sent::new("kaifa-no", 1, &settings);
    sent.connect();
    let orphan = r#"{"o":{"name":"hanport"},"avty":[{"t":"hanport/attic/status"},{"t":"hanport/attic/old/status"}],"cmps":{}}"#;
    let of_another = orphan.replace("attic", "cellar");
    sent.incoming(&came("homeassistant/device/hanport_1/config", orphan.as_bytes(), true));
    sent.incoming(&came("homeassistant/device/hanport_2/config", of_another.as_bytes(), true));
    sent.run();
    sent.out.clear();
    let now = sent.updates.last().unwrap().view.now;
    sent.publication.tick(now.plus(120_000), &mut sent.out);
    let away: Vec<_> = sent.out.iter().filter(|m| m.kind == "away").map(|m| &m.topic).collect();
    assert_eq!(away, ["homeassistant/device/hanport_1/config"]);
}

#[test]
fn old_versions_of_home_assistant_get_a_message_an_entity() {
    let mut settings = settings(Format::Hanport);
    settings.discovery.style = Style::Components;
    let published = published("kaifa-no", &settings);
    let entity = |topic: &str| -> Value {
        let message = published.iter().rev().find(|message| message.topic == topic).unwrap();
        assert!(message.retain);
        serde_json::from_slice(&message.payload).unwrap()
    };
    let configs = published.iter().filter(|m| m.topic.ends_with("/config"));
    let power = configs.clone().find(|m| m.topic.ends_with("/active_import_w/config")).unwrap();
    let power = entity(&power.topic);
    assert_eq!(power["unit_of_meas"], "W");
    assert_eq!(power["stat_t"], "hanport/attic/main/state");
    assert!(power["p"].is_null() && power["cmps"].is_null() && power["dev"]["mdl_id"].is_null());
    let update = entity("homeassistant/update/hanport_attic/update/config");
    assert_eq!(update["stat_t"], "hanport/attic/update");
    assert!(!configs.clone().any(|m| m.topic.contains("/device/")));
}
