//! Brokers that go away, lines that are cut, disks that are full: nothing that is to be kept is
//! lost, and live values are never late.

use std::collections::BTreeMap;
use std::os::unix::fs::symlink;
use std::time::{Duration, Instant};

use hanport_engine::publish::Format;
use hanport_io::mqtt::{Delivery, Settings};
use rstest::rstest;
use serde_json::Value;

use crate::meter::{Publisher, interval, message, now, settings, to};
use crate::mosquitto::Mosquitto;
use crate::proxy::Proxy;
use crate::subscriber::{Heard, Subscriber};

const OWN: &[Format] = &[Format::Hanport];

/// What came of the queue, counted.
#[derive(Default)]
struct Counted {
    /// By meter, in the order of arrival.
    order: BTreeMap<String, Vec<i64>>,
}

impl Counted {
    fn is_interval(heard: &Heard) -> bool {
        heard.topic.ends_with("/interval")
    }

    fn take(&mut self, heard: &Heard) {
        let value: Value = serde_json::from_str(&heard.text).unwrap();
        let meter = heard.topic.split('/').nth(2).unwrap().to_owned();
        self.order.entry(meter).or_default().push(value["wh"].as_i64().unwrap());
    }

    fn seen(&self, meter: &str, n: i64) -> bool {
        self.order.get(meter).is_some_and(|all| all.contains(&n))
    }

    /// Waits until everything came; then nothing is lost, and all in order.
    async fn all(&mut self, subscriber: &mut Subscriber, meters: &[&str], count: i64) {
        while !meters.iter().all(|meter| (0..count).all(|n| self.seen(meter, n))) {
            let heard = subscriber.wait(Self::is_interval).await;
            self.take(&heard);
        }
        for meter in meters {
            let mut first = Vec::new();
            for n in &self.order[*meter] {
                if !first.contains(n) {
                    first.push(*n);
                }
            }
            assert_eq!(first, (0..count).collect::<Vec<_>>(), "{meter} out of order");
        }
    }

    /// How many came more than once.
    fn doubled(&self) -> usize {
        self.order
            .values()
            .map(|all| {
                let mut once = all.clone();
                once.sort_unstable();
                once.dedup();
                all.len() - once.len()
            })
            .sum()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_broker_that_stops_and_starts_costs_nothing_and_doubles_nothing() {
    let mut broker = Mosquitto::open().await;
    let queue = tempfile::tempdir().unwrap();
    let mut subscriber = Subscriber::new(broker.port).await;
    let mut publisher = Publisher::start(settings(to(broker.port), queue.path(), OWN));
    publisher.connected().await;
    let mut counted = Counted::default();
    for round in 0..2 {
        let first = round * 100;
        for n in first..first + 50 {
            publisher.board.publish(&interval("main", n));
        }
        counted.all(&mut subscriber, &["main"], first + 50).await;
        publisher.until("empty", |health| health.queued() == 0).await;
        broker.stop().await;
        publisher.until("alone", |health| !health.is_connected()).await;
        for n in first + 50..first + 100 {
            publisher.board.publish(&interval("main", n));
        }
        broker.again().await;
        subscriber.subscribed().await;
        counted.all(&mut subscriber, &["main"], first + 100).await;
    }
    assert_eq!(counted.doubled(), 0);
    publisher.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_broker_that_is_killed_costs_nothing() {
    let mut broker = Mosquitto::open().await;
    let queue = tempfile::tempdir().unwrap();
    let mut subscriber = Subscriber::new(broker.port).await;
    let mut publisher = Publisher::start(settings(to(broker.port), queue.path(), OWN));
    publisher.connected().await;
    let mut counted = Counted::default();
    let mut n = 0;
    for _ in 0..3 {
        for _ in 0..40 {
            publisher.board.publish(&interval("main", n));
            n += 1;
        }
        // what it holds when it dies is with nobody; what is unacknowledged comes again
        counted.all(&mut subscriber, &["main"], n).await;
        publisher.until("empty", |health| health.queued() == 0).await;
        broker.kill().await;
        for _ in 0..20 {
            publisher.board.publish(&interval("main", n));
            n += 1;
        }
        broker.again().await;
        subscriber.subscribed().await;
    }
    counted.all(&mut subscriber, &["main"], n).await;
    assert_eq!(counted.doubled(), 0);
    publisher.stop().await;
}

/// At least once, what was on its way comes again; exactly once, nothing does.
#[rstest]
#[case::at_least_once(Delivery::AtLeastOnce, 32)]
#[case::exactly_once(Delivery::ExactlyOnce, 0)]
#[tokio::test(flavor = "multi_thread")]
async fn a_line_that_is_cut_without_a_word_costs_nothing(
    #[case] delivery: Delivery,
    #[case] doubled: usize,
) {
    let broker = Mosquitto::open().await;
    let proxy = Proxy::to(broker.port).await;
    let queue = tempfile::tempdir().unwrap();
    let mut subscriber = Subscriber::new(broker.port).await;
    let settings = Settings { delivery, ..settings(to(proxy.port), queue.path(), OWN) };
    let mut publisher = Publisher::start(settings);
    publisher.connected().await;
    let mut counted = Counted::default();
    for n in 0..50 {
        publisher.board.publish(&interval("main", n));
    }
    counted.all(&mut subscriber, &["main"], 50).await;
    // in the middle of a message
    proxy.hold_after(3333);
    for n in 50..150 {
        publisher.board.publish(&interval("main", n));
    }
    publisher.until("alone", |health| !health.is_connected()).await;
    proxy.open();
    counted.all(&mut subscriber, &["main"], 150).await;
    assert!(counted.doubled() <= doubled, "{} came twice", counted.doubled());
    publisher.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_broker_that_takes_nothing_holds_up_nobody_and_gets_the_newest_later() {
    let broker = Mosquitto::open().await;
    let proxy = Proxy::to(broker.port).await;
    let queue = tempfile::tempdir().unwrap();
    let mut subscriber = Subscriber::new(broker.port).await;
    let formats = [Format::Json];
    let mut publisher = Publisher::start(settings(to(proxy.port), queue.path(), &formats));
    publisher.connected().await;
    proxy.hold();
    let began = Instant::now();
    for watts in 0..20_000 {
        publisher.board.publish(&message("main", watts));
    }
    let each = began.elapsed() / 20_000;
    assert!(each < Duration::from_millis(1), "handing over takes {each:?}");
    publisher.until("alone", |health| !health.is_connected()).await;
    proxy.open();
    publisher.connected().await;
    publisher.board.publish(&message("main", 777_777));
    let mut passed = 0;
    loop {
        let list = subscriber.wait(|h| h.topic == "ams" && h.text.contains("\"P\"")).await;
        if list.text.contains("777777") {
            break;
        }
        passed += 1;
    }
    assert!(passed < 1000, "{passed} old values came after a stop");
    publisher.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_disk_is_told_and_what_waits_lives_on() {
    let broker = Mosquitto::open().await;
    let queue = tempfile::tempdir().unwrap();
    // nobody at the broker's place yet
    let nowhere = to(crate::mosquitto::free_port().await);
    let publisher = Publisher::start(settings(nowhere.clone(), queue.path(), OWN));
    for n in 0..5 {
        publisher.board.publish(&interval("main", n));
    }
    publisher.stop().await;
    let mut publisher = Publisher::start(settings(nowhere, queue.path(), OWN));
    publisher.until("open", |health| health.queued() == 5).await;
    // the next file is on a disk without room
    let file = queue.path().join(format!("{:020}.seg", 5));
    symlink("/dev/full", &file).unwrap();
    for n in 5..30 {
        publisher.board.publish(&interval("main", n));
    }
    let health = publisher.until("told", |health| health.disk().is_some()).await;
    let told = health.disk().unwrap().to_owned();
    assert!(told.contains("No space left"), "{told}");
    assert_eq!(health.lost(), 0, "they wait in memory");
    // there is room again
    std::fs::remove_file(&file).unwrap();
    publisher.board.publish(&interval("main", 30));
    publisher.until("written", |health| health.disk().is_none() && health.queued() == 31).await;
    publisher.stop().await;
    let mut subscriber = Subscriber::new(broker.port).await;
    let publisher = Publisher::start(settings(to(broker.port), queue.path(), OWN));
    let mut counted = Counted::default();
    counted.all(&mut subscriber, &["main"], 31).await;
    assert_eq!(counted.doubled(), 0);
    publisher.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_day_without_the_broker_arrives_within_a_minute_in_order_with_its_own_times() {
    const METERS: [&str; 3] = ["main", "shed", "flat"];
    /// Four registers, provisional and settled, 96 quarters.
    const DAY: i64 = 768;
    let mut broker = Mosquitto::open().await;
    let queue = tempfile::tempdir().unwrap();
    let mut subscriber = Subscriber::new(broker.port).await;
    broker.stop().await;
    let mut publisher = Publisher::start(settings(to(broker.port), queue.path(), OWN));
    for n in 0..DAY {
        for meter in METERS {
            publisher.board.publish(&interval(meter, n));
            // live values of then are worth nothing later
            publisher.board.publish(&message(meter, n));
        }
    }
    let all = u64::try_from(DAY).unwrap() * 3;
    // registers of the quarter come along
    publisher.until("kept", |health| health.queued() >= all).await;
    // the program itself ends and starts again meanwhile
    publisher.stop().await;
    let began = Instant::now();
    broker.again().await;
    subscriber.subscribed().await;
    let mut publisher = Publisher::start(settings(to(broker.port), queue.path(), OWN));
    let mut counted = Counted::default();
    counted.all(&mut subscriber, &METERS, DAY).await;
    assert!(began.elapsed() < Duration::from_mins(1), "{:?}", began.elapsed());
    assert_eq!(counted.doubled(), 0);
    publisher.until("empty", |health| health.queued() == 0).await;
    assert_eq!(publisher.health.borrow().lost(), 0);
    publisher.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_program_that_is_killed_goes_on_where_it_was() {
    let mut broker = Mosquitto::open().await;
    let queue = tempfile::tempdir().unwrap();
    let mut subscriber = Subscriber::new(broker.port).await;
    let mut counted = Counted::default();
    let mut n = 0;
    for _ in 0..3 {
        let mut publisher = Publisher::start(settings(to(broker.port), queue.path(), OWN));
        publisher.connected().await;
        for _ in 0..25 {
            publisher.board.publish(&interval("main", n));
            n += 1;
        }
        counted.all(&mut subscriber, &["main"], n).await;
        publisher.until("empty", |health| health.queued() == 0).await;
        broker.stop().await;
        publisher.until("alone", |health| !health.is_connected()).await;
        for _ in 0..25 {
            publisher.board.publish(&interval("main", n));
            n += 1;
        }
        publisher.until("kept", |health| health.queued() == 25).await;
        publisher.vanish().await;
        broker.again().await;
        subscriber.subscribed().await;
    }
    let publisher = Publisher::start(settings(to(broker.port), queue.path(), OWN));
    counted.all(&mut subscriber, &["main"], n).await;
    assert_eq!(counted.doubled(), 0);
    publisher.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_interval_tells_its_own_time_however_late_it_comes() {
    let broker = Mosquitto::open().await;
    let queue = tempfile::tempdir().unwrap();
    let mut subscriber = Subscriber::new(broker.port).await;
    let mut publisher = Publisher::start(settings(to(broker.port), queue.path(), OWN));
    publisher.connected().await;
    publisher.board.publish(&interval("main", 7));
    let heard = subscriber.wait(Counted::is_interval).await;
    let value: Value = serde_json::from_str(&heard.text).unwrap();
    let start = value["start"].as_str().unwrap();
    assert_eq!(start, "2027-01-15T09:45:00Z");
    assert_ne!(value["t"], Value::from(now().to_string()));
    assert!(!heard.retained);
    publisher.stop().await;
}
