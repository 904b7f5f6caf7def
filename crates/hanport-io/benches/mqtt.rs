//! How long a value is on its way to a subscriber, beside the broker's own hop in the same run,
//! and how many messages of how many meters go through.
//!
//! `cargo bench -p hanport-io --bench mqtt`; needs mosquitto. The way measured is that from the
//! last octet of a frame: decoded, taken by the meter, put on the board, made text, published.
//! The hop is that of a message of the same size from one plain client to another.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stdout,
    reason = "a measurement may stop where it is, and prints"
)]

#[path = "../tests/mqtt/meter.rs"]
#[allow(dead_code, reason = "shared with the tests")]
mod meter;
#[path = "../tests/mqtt/mosquitto.rs"]
#[allow(dead_code, reason = "shared with the tests")]
mod mosquitto;
#[path = "../tests/mqtt/subscriber.rs"]
#[allow(dead_code, reason = "shared with the tests")]
mod subscriber;

use std::sync::Arc;
use std::time::{Duration, Instant};

use hanport_core::session::push::{Event, Options, Session};
use hanport_engine::list_type::ListType;
use hanport_engine::publish::Format;
use hanport_engine::state::{Input, Memory, Message, Meter, Settings};
use hanport_engine::view::{Arrived, Update, What};
use hanport_sim::scenario::Scenario;
use hanport_sim::simulation::Simulation;
use jiff::tz::TimeZone;
use rumqttc::{AsyncClient, MqttOptions, PublishOptions, QoS};
use tokio::task::JoinSet;

use crate::meter::{Publisher, now, settings, to, view};
use crate::mosquitto::Mosquitto;
use crate::subscriber::Subscriber;

const ROUNDS: usize = 2000;
const METERS: usize = 1000;

fn main() {
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    runtime.block_on(async {
        latency().await;
        throughput().await;
    });
}

fn show(what: &str, mut times: Vec<Duration>) -> (Duration, Duration) {
    times.sort_unstable();
    let at = |part: usize| times[times.len() * part / 100];
    println!("{what}: p50 {:?}, p99 {:?}", at(50), at(99));
    (at(50), at(99))
}

/// The frame of a list 2 of an Aidon meter, again and again.
fn frames() -> Vec<Vec<u8>> {
    let scenario = Scenario::new("aidon-no", 1, "2026-06-15T09:00:00").unwrap();
    let scenario = scenario.lasting(Duration::from_mins(20));
    Simulation::new(&scenario)
        .map(|record| record.bytes)
        .filter(|bytes| bytes.len() > 200)
        .collect()
}

async fn latency() {
    let broker = Mosquitto::open().await;
    let mut subscriber = Subscriber::new(broker.port).await;
    let queue = tempfile::tempdir().unwrap();
    let mut publisher = Publisher::start(settings(to(broker.port), queue.path(), &[Format::Json]));
    publisher.connected().await;
    let mut session = Box::new(Session::<4096>::new(Options::default()));
    let mut meter = Meter::new(Settings::default(), TimeZone::UTC, Memory::default(), now());
    let mut message = Message::new(now());
    let frames = frames();
    let mut ways = Vec::new();
    let mut size = 0;
    for round in 0..ROUNDS {
        let frame = &frames[round % frames.len()];
        tokio::time::sleep(Duration::from_millis(2)).await;
        let began = Instant::now();
        let at = now();
        let mut input = &frame[..];
        while let Some(event) = session.poll(&mut input) {
            let Event::Reading(reading) = event else { continue };
            message.read(&reading, at);
            let mut effects = Vec::new();
            meter.apply(&Input::Message(&message), &mut effects);
            let mut shown = view("main", 0);
            shown.now = at;
            shown.values = meter.live().iter().copied().collect();
            shown.running = meter.running();
            let list = ListType::of(&message.values);
            let arrived = Arrived { list, carried: Vec::new(), octets: Arc::new([]) };
            let what = What::Message(arrived);
            publisher.board.publish(&Update { view: shown.into(), what });
        }
        let heard = subscriber.wait(|h| h.topic == "ams" && h.text.contains("\"data\"")).await;
        size = heard.text.len();
        ways.push(began.elapsed());
    }
    let mut hops = Vec::new();
    let (client, mut events) =
        AsyncClient::builder(MqttOptions::new("plain", ("127.0.0.1", broker.port))).build();
    let mut driver = JoinSet::new();
    driver.spawn(async move { while events.poll().await.is_ok() {} });
    let text = "x".repeat(size);
    for _ in 0..ROUNDS {
        tokio::time::sleep(Duration::from_millis(2)).await;
        let began = Instant::now();
        let options = PublishOptions::new(QoS::AtMostOnce);
        client.publish("plain", text.clone(), options).await.unwrap();
        subscriber.topic("plain").await;
        hops.push(began.elapsed());
    }
    println!("{ROUNDS} messages of {size} octets");
    let way = show("last octet to subscriber", ways);
    let hop = show("the broker's hop        ", hops);
    let ratio = |a: Duration, b: Duration| a.as_secs_f64() / b.as_secs_f64();
    println!("ratio: p50 {:.2}, p99 {:.2}", ratio(way.0, hop.0), ratio(way.1, hop.1));
    publisher.stop().await;
}

async fn throughput() {
    for format in [Format::Json, Format::Hanport] {
        let broker = Mosquitto::open().await;
        let mut subscriber = Subscriber::new(broker.port).await;
        let queue = tempfile::tempdir().unwrap();
        let mut publisher = Publisher::start(settings(to(broker.port), queue.path(), &[format]));
        publisher.connected().await;
        let names: Vec<String> = (0..METERS).map(|n| format!("m{n}")).collect();
        let mut counted = 0usize;
        let mut spent = Duration::ZERO;
        for round in 0..20 {
            let updates: Vec<_> = names.iter().map(|name| meter::message(name, round)).collect();
            let began = Instant::now();
            for update in &updates {
                publisher.board.publish(update);
            }
            let mut came = 0;
            while came < METERS {
                let heard = subscriber
                    .wait(|h| h.text.contains("\"data\"") || h.topic.ends_with("/state"))
                    .await;
                came += usize::from(!heard.topic.is_empty());
            }
            // the first round announces too
            if round > 0 {
                spent += began.elapsed();
                counted += METERS;
            }
        }
        let rate = f64::from(u32::try_from(counted).unwrap()) / spent.as_secs_f64();
        let dropped: u64 = publisher.health.borrow().links.iter().map(|link| link.dropped).sum();
        println!("{METERS} meters, {}: {rate:.0} messages/s, {dropped} overtaken", format.name());
        publisher.stop().await;
    }
}
