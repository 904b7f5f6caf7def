//! A meter on a board, as far as a publisher sees it.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use hanport_core::number::Number;
use hanport_core::quantity::{Measure, Quantity};
use hanport_core::reading::Authenticity;
use hanport_engine::board::Board;
use hanport_engine::energy::{
    Edges, Interval, Official, PerRegister, Quality, QuarterHour, Register, RegisterValue, Running,
    Standing,
};
use hanport_engine::identity::Identity;
use hanport_engine::list_type::ListType;
use hanport_engine::outside::Clock;
use hanport_engine::publish::{self, Format, Reader};
use hanport_engine::state::{LiveValue, Origin, PortStatus};
use hanport_engine::time::UtcMillis;
use hanport_engine::view::{Arrived, Flows, PortView, Update, View, What};
use hanport_io::broker::BrokerOptions;
use hanport_io::mqtt::{Delivery, Health, Outside, Settings, run};
use jiff::tz::TimeZone;
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

/// The machine's clock.
#[derive(Debug)]
pub(crate) struct Now;

impl Clock for Now {
    fn now(&self) -> UtcMillis {
        #[expect(clippy::disallowed_methods, reason = "this is the clock")]
        jiff::Timestamp::now().into()
    }
}

pub(crate) fn now() -> UtcMillis {
    Now.now()
}

pub(crate) fn view(meter: &str, watts: i64) -> View {
    let at = now();
    let value = LiveValue {
        quantity: Quantity::total(Measure::ActiveImport),
        number: Number::new(watts, 0),
        at,
        received: at,
        origin: Origin::Measured,
        authenticity: Authenticity::Plain,
        stale_at: at.plus(30_000),
    };
    let register = RegisterValue { mwh: 1_234_567_000, step_mwh: 1000 };
    let official = Official { at, received: at, value: register };
    let running =
        PerRegister { active_import: Some(Running::begin(official)), ..PerRegister::default() };
    let identity = Identity { number: Some(format!("nr-{meter}")), ..Identity::default() };
    View {
        meter: meter.into(),
        name: meter.into(),
        identity: identity.into(),
        now: at,
        values: vec![value],
        running,
        port: PortView {
            status: PortStatus::Good,
            source: "test".into(),
            period_ms: Some(1000),
            last_message: Some(at),
            messages: 1,
            faults: 0,
            fault: None,
        },
        list: Some(ListType::One),
        net: None,
        fuse_a: None,
        production_w: None,
        energy: Flows::default(),
        money: None,
    }
}

pub(crate) fn message(meter: &str, watts: i64) -> Update {
    let arrived = Arrived {
        list: Some(ListType::One),
        carried: vec![Quantity::total(Measure::ActiveImport)],
        octets: Arc::new([0x7E, 0xA0]),
    };
    Update { view: view(meter, watts).into(), what: What::Message(arrived) }
}

/// A booked quarter-hour of which `n` tells one from the other.
pub(crate) fn interval(meter: &str, n: i64) -> Update {
    let interval = Interval {
        register: Register::ActiveImport,
        quarter: QuarterHour(2_000_000 + n),
        wh: n,
        quality: Quality::Measured,
        standing: Standing::Settled,
        edges: Edges::default(),
    };
    Update { view: view(meter, n).into(), what: What::Interval(interval) }
}

/// A publisher at work.
pub(crate) struct Publisher {
    pub(crate) board: Arc<Board>,
    pub(crate) health: watch::Receiver<Health>,
    stop: CancellationToken,
    task: JoinSet<()>,
}

pub(crate) fn reader() -> Reader {
    Reader {
        word: "attic".to_owned(),
        id: "AA:BB:CC:DD:EE:FF".to_owned(),
        name: "publisher".to_owned(),
        version: "1.0.0".to_owned(),
        release: None,
        upgrading: None,
        upgrades: false,
        page: None,
        started: now(),
        zone: TimeZone::UTC,
    }
}

pub(crate) fn settings(broker: BrokerOptions, queue: &Path, formats: &[Format]) -> Settings {
    let publish = publish::Settings {
        formats: formats.to_vec(),
        topic: "ams".to_owned(),
        ..publish::Settings::default()
    };
    Settings {
        name: "test".to_owned(),
        broker,
        publish,
        queue: queue.to_owned(),
        queue_bytes: 64 << 20,
        delivery: Delivery::ExactlyOnce,
    }
}

pub(crate) fn to(port: u16) -> BrokerOptions {
    let mut options = BrokerOptions::new("127.0.0.1", "publisher");
    options.port = Some(port);
    options.keep_alive_s = 5;
    options
}

impl Publisher {
    pub(crate) fn start(settings: Settings) -> Self {
        Self::with(settings, |_| {})
    }

    pub(crate) fn with(settings: Settings, change: impl FnOnce(&mut Outside)) -> Self {
        let board = Arc::new(Board::new());
        let (tell, health) = watch::channel(Health::default());
        let mut outside = Outside {
            board: Arc::clone(&board),
            clock: Arc::new(Now),
            history: None,
            reader: reader(),
            upgrade: None,
            health: tell,
        };
        change(&mut outside);
        let stop = CancellationToken::new();
        let mut task = JoinSet::new();
        let running = run(settings, &outside, stop.clone());
        task.spawn(async move { running.await.unwrap() });
        Self { board, health, stop, task }
    }

    pub(crate) async fn until(&mut self, what: &str, wanted: impl Fn(&Health) -> bool) -> Health {
        let wait = self.health.wait_for(|health| !health.links.is_empty() && wanted(health));
        if let Ok(health) = tokio::time::timeout(Duration::from_secs(40), wait).await {
            return health.unwrap().clone();
        }
        panic!("never {what}: {:#?}", *self.health.borrow())
    }

    pub(crate) async fn connected(&mut self) {
        self.until("connected", Health::is_connected).await;
    }

    /// What it says is wrong.
    pub(crate) async fn trouble(&mut self) -> (String, String) {
        let health = self.until("in trouble", |health| health.trouble().is_some()).await;
        let trouble = health.trouble().unwrap();
        (trouble.kind.to_owned(), trouble.text.clone())
    }

    /// Ends in good order.
    pub(crate) async fn stop(mut self) {
        self.stop.cancel();
        let ended = tokio::time::timeout(Duration::from_secs(8), self.task.join_next()).await;
        ended.expect("it does not stop").unwrap().unwrap();
    }

    /// Is gone, as after SIGKILL.
    pub(crate) async fn vanish(mut self) {
        self.task.shutdown().await;
    }
}
