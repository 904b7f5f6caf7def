//! What is said to a broker in good days.

use hanport_engine::publish::Format;
use serde_json::Value;
use tokio::sync::mpsc;

use crate::meter::{Publisher, interval, message, settings, to};
use crate::mosquitto::Mosquitto;
use crate::subscriber::Subscriber;

#[tokio::test(flavor = "multi_thread")]
async fn values_arrive_and_the_end_is_told_well_or_by_the_will() {
    let broker = Mosquitto::open().await;
    let queue = tempfile::tempdir().unwrap();
    let mut subscriber = Subscriber::new(broker.port).await;
    let formats = [Format::Json, Format::Hanport, Format::HexDump];
    for ends_well in [true, false] {
        let mut publisher = Publisher::start(settings(to(broker.port), queue.path(), &formats));
        publisher.connected().await;
        assert_eq!(subscriber.topic("ams/status").await.text, "online");
        publisher.board.publish(&message("main", 1234));
        let list =
            subscriber.wait(|heard| heard.topic == "ams" && heard.text.contains("data")).await;
        let value: Value = serde_json::from_str(&list.text).unwrap();
        assert_eq!(value["data"]["P"], 1234);
        if ends_well {
            publisher.stop().await;
        } else {
            publisher.vanish().await;
        }
        let gone = subscriber.wait(|heard| heard.text == "offline").await;
        assert!(gone.topic.ends_with("/status"));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn both_families_have_their_own_status_and_own_topics_arrive() {
    let broker = Mosquitto::open().await;
    let queue = tempfile::tempdir().unwrap();
    let mut subscriber = Subscriber::new(broker.port).await;
    let mut publisher = Publisher::start(settings(
        to(broker.port),
        queue.path(),
        &[Format::RawFull, Format::Hanport],
    ));
    publisher.connected().await;
    publisher.board.publish(&message("main", 77));
    publisher.board.publish(&interval("main", 5));
    let (mut seen, wanted) = (
        Vec::new(),
        [
            "ams/meter/import/active",
            "hanport/attic/main/state",
            "hanport/attic/main/interval",
            "hanport/attic/main/register",
            "homeassistant/device/hanport_nr-main/config",
        ],
    );
    while seen.len() < wanted.len() {
        let heard = subscriber.wait(|heard| wanted.contains(&heard.topic.as_str())).await;
        if !seen.contains(&heard.topic) {
            seen.push(heard.topic);
        }
    }
    // somebody who comes later finds what is retained
    let mut late = rumqttc::MqttOptions::new("late", ("127.0.0.1", broker.port));
    late.set_max_packet_size(1 << 20, 1 << 20);
    let mut late = Subscriber::with(late).await;
    let status = late.topic("hanport/attic/status").await;
    assert!(status.retained && status.text == "online");
    assert_eq!(late.topic("hanport/attic/main/status").await.text, "online");
    publisher.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_birth_of_home_assistant_and_commands_are_heard() {
    let broker = Mosquitto::open().await;
    let queue = tempfile::tempdir().unwrap();
    let mut subscriber = Subscriber::new(broker.port).await;
    let (upgrade, mut wishes) = mpsc::channel(1);
    let settings = settings(to(broker.port), queue.path(), &[Format::Json, Format::Hanport]);
    let mut publisher = Publisher::with(settings, |outside| outside.upgrade = Some(upgrade));
    publisher.connected().await;
    publisher.board.publish(&message("main", 1));
    let device = "homeassistant/device/hanport_nr-main/config";
    let first = subscriber.topic(device).await;
    subscriber.publish("homeassistant/status", "online", false).await;
    assert_eq!(subscriber.topic(device).await, first);
    subscriber.topic("hanport/attic/main/state").await;
    subscriber.publish("ams/command", "nonsense", false).await;
    subscriber.publish("ams/command", r#"{"action":"fwupgrade","version":"2.0"}"#, false).await;
    assert_eq!(wishes.recv().await, Some(Some("2.0".to_owned())));
    publisher.stop().await;
}
