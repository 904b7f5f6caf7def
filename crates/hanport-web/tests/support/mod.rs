//! A server on a free port before simulated meters, a history in memory and a clock that is set
//! by hand.
#![allow(
    dead_code,
    unreachable_pub,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "no test needs all of it, and what fails here fails a test"
)]

pub mod client;
pub mod kept;
pub mod meter;
pub mod office;

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use hanport_engine::board::Board;
use hanport_engine::doctor::{Layer, LayerReport, LayerState, Report};
use hanport_engine::outside::{Clinic, Clock};
use hanport_engine::time::UtcMillis;
use hanport_web::{Forgetful, Machine, Options, Outside, Server, Services};
use jiff::tz::TimeZone;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use kept::Kept;

/// 2026-01-10T11:00:00Z, a Saturday at noon in Oslo.
pub const NOON: UtcMillis = UtcMillis::from_seconds(1_768_042_800);

/// A clock that stands still until it is set.
#[derive(Debug)]
pub struct SetClock(AtomicI64);

impl SetClock {
    pub fn set(&self, now: UtcMillis) {
        self.0.store(now.0, Ordering::SeqCst);
    }
}

impl Clock for SetClock {
    fn now(&self) -> UtcMillis {
        UtcMillis(self.0.load(Ordering::SeqCst))
    }
}

/// A doctor who finds nothing.
#[derive(Debug)]
struct AllWell;

impl Clinic for AllWell {
    fn examine(&self, meter: &str) -> Option<Report> {
        (meter != "unseen").then(|| Report {
            at: NOON,
            summary: format!("{meter} is well"),
            layers: vec![LayerReport {
                layer: Layer::Port,
                state: LayerState::Good,
                seen: "open".into(),
                counts: vec![("opened", 1)],
            }],
            findings: Vec::new(),
        })
    }
}

/// A server that runs.
#[derive(Debug)]
pub struct Running {
    pub address: SocketAddr,
    pub board: Arc<Board>,
    pub kept: Arc<Kept>,
    pub clock: Arc<SetClock>,
    pub services: Arc<Services>,
    pub stop: CancellationToken,
    pub task: JoinHandle<()>,
}

/// Options that listen on this machine alone.
pub fn options() -> Options {
    Options { listen: vec![SocketAddr::from(([127, 0, 0, 1], 0))], ..Options::default() }
}

/// Starts a server.
pub async fn start(options: Options) -> Running {
    let board = Arc::new(Board::new());
    let kept = Arc::new(Kept::default());
    let clock = Arc::new(SetClock(AtomicI64::new(NOON.0)));
    let services = Arc::new(Services::default());
    let outside = outside(&board, &kept, &clock, &services);
    let server = Server::bind(options, outside).await.unwrap();
    let address = server.addresses()[0];
    let stop = CancellationToken::new();
    #[expect(clippy::disallowed_methods, reason = "a test has no supervisor")]
    let task = tokio::spawn(server.run(stop.clone()));
    Running { address, board, kept, clock, services, stop, task }
}

/// What a server looks at.
pub fn outside(
    board: &Arc<Board>,
    kept: &Arc<Kept>,
    clock: &Arc<SetClock>,
    services: &Arc<Services>,
) -> Outside {
    Outside {
        clock: Arc::clone(clock) as _,
        board: Arc::clone(board),
        history: Arc::clone(kept) as _,
        archive: Arc::clone(kept) as _,
        clinic: Arc::new(AllWell),
        administration: Some(Arc::new(office::Office::default())),
        logged_in: hanport_web::LoggedIn::default(),
        vault: Arc::new(Forgetful::default()),
        zone: TimeZone::get("Europe/Oslo").unwrap(),
        services: Arc::clone(services),
        machine: Machine {
            version: "v0.1.0".into(),
            revision: "abc1234".into(),
            hostname: "meterpi".into(),
            mac: "DC:A6:32:0B:1C:2D".into(),
        },
    }
}
