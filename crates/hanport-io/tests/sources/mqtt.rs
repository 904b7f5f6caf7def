//! Frames from a real broker.

use std::time::Duration;

use hanport_engine::line::LineEvent;
use hanport_io::broker::BrokerOptions;
use hanport_io::source::{Limit, Mqtt, Source};
use rumqttc::{AsyncClient, Event, MqttOptions, Packet, PublishOptions, QoS};
use tokio::time::timeout;

use super::mosquitto::Mosquitto;
use super::parts::{PATIENCE, Running};

const FRAME: &[u8] = b"\x7E\xA0\x27\x01\x02\x01\x10\x5A\x87";

fn source(port: u16, topics: &[&str]) -> Mqtt {
    let broker =
        BrokerOptions { port: Some(port), ..BrokerOptions::new("127.0.0.1", "hanport-test") };
    let topics = topics.iter().map(|topic| (*topic).to_owned()).collect();
    Mqtt { broker, topics, limit: Limit::default() }
}

/// Publishes one message and waits until the broker has it.
async fn publish(port: u16, topic: &str, payload: &[u8], retain: bool) {
    let options = MqttOptions::new("publisher", ("127.0.0.1", port));
    let (client, mut driver) = AsyncClient::builder(options).capacity(4).build();
    let how = PublishOptions::new(QoS::AtLeastOnce).retain(retain);
    client.publish(topic, payload.to_vec(), how).await.unwrap();
    let taken = async {
        while !matches!(driver.poll().await.unwrap(), Event::Incoming(Packet::PubAck(_))) {}
    };
    timeout(PATIENCE, taken).await.unwrap();
}

#[tokio::test]
async fn frames_are_read_in_every_form_each_message_for_itself() {
    let Some(broker) = Mosquitto::start("") else { return };
    let mut source = Running::start(Source::Mqtt(source(broker.port, &["ams/#", "other/data"])));
    let what = source.opened().await;
    assert!(what.contains("ams/#, other/data"), "{what}");
    publish(broker.port, "ams/status", b"online", false).await;
    for (topic, payload) in [
        ("ams/data", FRAME),
        ("other/data", b"7EA0270102011 05A87"),
        ("ams/x/data", br#"{"data":"7EA027010201105A87"}"#),
        ("ams", b"fqAnAQIBEFqHfqAnAQIBEFqH"),
    ] {
        publish(broker.port, topic, payload, false).await;
        assert_eq!(source.octets(FRAME.len()).await, FRAME, "{topic}");
        source.until(|event| *event == LineEvent::Pause).await;
    }
    source.stop().await;
}

#[tokio::test]
async fn a_broker_that_was_away_is_subscribed_to_again() {
    let Some(mut broker) = Mosquitto::start("") else { return };
    let mut source = Running::start(Source::Mqtt(source(broker.port, &["ams/data"])));
    for _ in 0..2 {
        source.opened().await;
        publish(broker.port, "ams/data", FRAME, false).await;
        assert_eq!(source.octets(FRAME.len()).await, FRAME);
        broker.stop();
        source.closed("closed the connection").await;
        source.closed("nobody listens").await;
        broker.start_again();
    }
    source.opened().await;
    source.stop().await;
}

#[tokio::test]
async fn a_message_that_the_broker_kept_is_not_taken_for_news() {
    let Some(broker) = Mosquitto::start("") else { return };
    publish(broker.port, "ams/data", FRAME, true).await;
    let mut source = Running::start(Source::Mqtt(source(broker.port, &["ams/data"])));
    source.until(|event| *event == LineEvent::Dropped(FRAME.len() as u64)).await;
    publish(broker.port, "ams/data", b"\x7E\xA1\x00", false).await;
    assert_eq!(source.octets(3).await, b"\x7E\xA1\x00");
    source.stop().await;
}

#[tokio::test]
async fn a_broker_that_wants_a_password_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let passwords = folder.path().join("passwords");
    std::fs::write(&passwords, "").unwrap();
    let configuration = format!("allow_anonymous false\npassword_file {}", passwords.display());
    let Some(broker) = Mosquitto::start(&configuration) else { return };
    let mut source = Running::start(Source::Mqtt(source(broker.port, &["ams/data"])));
    source.closed("user name and a password").await;
    source.stop().await;
}

#[tokio::test]
async fn topics_that_cannot_be_are_refused() {
    for (topics, word) in [(&[][..], "no topic"), (&["ams/#/data"], "is no topic")] {
        let (ended, _) = Running::start(Source::Mqtt(source(1, topics))).end().await;
        let why = ended.unwrap_err().to_string();
        assert!(why.contains(word), "{why}");
    }
}

#[tokio::test]
async fn a_flood_of_messages_is_cut_and_counted() {
    let Some(broker) = Mosquitto::start("") else { return };
    let limit = Limit { burst: 20, rate: 1 };
    let settings = Mqtt { limit, ..source(broker.port, &["ams/data"]) };
    let mut source = Running::start(Source::Mqtt(settings));
    source.opened().await;
    for _ in 0..4 {
        publish(broker.port, "ams/data", FRAME, false).await;
    }
    source.octets(20).await;
    let told = source.until(|event| matches!(event, LineEvent::Dropped(_)));
    timeout(Duration::from_secs(10), told).await.unwrap();
    source.stop().await;
}
