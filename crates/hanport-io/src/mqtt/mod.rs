//! Publishing to MQTT brokers.
//!
//! ```text
//!  board --> Inbox --> Publication --> Outgoing --+--> Outbox: newest of a topic --> Wire --> broker
//!            (drops    (engine: topics            |    link
//!             old live  and text)                 |
//!             news)                               +--> Keeper: on disk, in order --> Wire --> broker
//!                                                      courier  ^                     |
//!                                                               +---- acknowledged ---+
//! ```
//!
//! A link is one connection with one last will: the formats of existing readers share one,
//! hanport's own topics have the other, and beside it one for the courier, who brings what is
//! kept. What a broker is away for, these wait for alone:
//! the board hands over and goes on, live values are overtaken by newer ones, and what is kept
//! for the broker lies on disk.
//!
//! - [`inbox`]: where the board hands over; `outbox`: what waits in memory
//! - [`spool`]: what waits on disk; `keeper`: the thread that writes it
//! - `wire`: the client library and nothing of it outside
//! - `link`: a connection for live values; `courier`: one for what is kept
//! - [`looking`]: looking at what is published
//! - [`health`]: how the links do, for those who show it

mod courier;
pub mod health;
pub mod inbox;
mod keeper;
mod link;
pub mod looking;
mod outbox;
pub mod spool;
mod trouble;
mod wire;

use std::path::PathBuf;
use std::sync::Arc;

use hanport_engine::board::Board;
use hanport_engine::outside::{Clock, History};
use hanport_engine::publish::publication::Family;
use hanport_engine::publish::{self, Outgoing, Publication, Reader};
use tokio::sync::{mpsc, watch};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use self::keeper::Keeper;
use self::trouble::Troubles;
use self::wire::{Driver, Wire};
use crate::broker::{BrokerError, BrokerOptions};

pub use health::{Health, LinkHealth};
pub use inbox::Inbox;
pub use looking::{Seen, watch};
pub use wire::Delivery;

/// One broker and what is published there.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Its name here, for logs.
    pub name: String,
    /// The way to it.
    pub broker: BrokerOptions,
    /// What is published.
    pub publish: publish::Settings,
    /// The folder for what waits while the broker is away.
    pub queue: PathBuf,
    /// How many octets may wait there.
    pub queue_bytes: u64,
    /// How what is kept is delivered.
    pub delivery: Delivery,
}

/// What a publisher needs of the program.
#[derive(Clone, Debug)]
pub struct Outside {
    /// The newest view of every meter, and the news.
    pub board: Arc<Board>,
    /// Tells the time.
    pub clock: Arc<dyn Clock>,
    /// What was kept, for plots on command; without it such commands are not understood.
    pub history: Option<Arc<dyn History>>,
    /// This program.
    pub reader: Reader,
    /// Where wishes to upgrade go: the version, where one is named. Full means that one is on its
    /// way, and the wish is passed over.
    pub upgrade: Option<mpsc::Sender<Option<String>>>,
    /// How it goes.
    pub health: watch::Sender<Health>,
}

/// Publishes to a broker until `stop` is cancelled; a broker that is away is waited for. News
/// are heard from the call on, not only from when the future is first polled.
pub fn run(
    settings: Settings,
    outside: &Outside,
    stop: CancellationToken,
) -> impl Future<Output = Result<(), BrokerError>> + Send + use<> {
    for clash in publish::clashes(&settings.publish) {
        tracing::warn!(broker = settings.name, clash, "topics clash");
    }
    let parts = parts(&settings, outside);
    async move {
        let mut running = JoinSet::new();
        for part in parts? {
            match part {
                Part::Courier(courier) => {
                    let (wire, driver, post, troubles) = *courier;
                    let keeper = Keeper::start(settings.queue.clone(), settings.queue_bytes);
                    running.spawn(courier::run(wire, driver, keeper, post, troubles));
                }
                Part::Link(link) => {
                    running.spawn(link::run(*link, stop.clone()));
                }
            }
        }
        while running.join_next().await.is_some() {}
        Ok(())
    }
}

/// What runs for a broker.
enum Part {
    Courier(Box<(Wire, Driver, mpsc::Receiver<Outgoing>, Troubles)>),
    Link(Box<link::Link>),
}

fn parts(settings: &Settings, outside: &Outside) -> Result<Vec<Part>, BrokerError> {
    let publications = Publication::all(&settings.publish, &outside.reader);
    let keeps = publications.iter().any(|publication| publication.family() == Family::Own);
    let several = publications.len() > 1;
    outside.health.send_replace(Health::of(publications.len() + usize::from(keeps)));
    let mut parts = Vec::new();
    let mut place = 0;
    let mut troubles = |family: &str, broker: &BrokerOptions| {
        let name = format!("{}/{family}", settings.name);
        let troubles = Troubles::new(name, broker, place, outside.health.clone());
        place += 1;
        troubles
    };
    for publication in publications {
        let is_own = publication.family() == Family::Own;
        // two connections cannot share a client id
        let mut broker = settings.broker.clone();
        if several && is_own {
            broker.client_id.push_str("-own");
        }
        let will = Some(publication.will());
        let (wire, driver) = wire::open(&broker, will, Delivery::AtLeastOnce)?;
        let inbox = Arc::new(Inbox::default());
        inbox.listen(&outside.board);
        let link = link::Link {
            wire,
            driver,
            publication,
            inbox,
            outside: outside.clone(),
            troubles: troubles(if is_own { "own" } else { "older" }, &broker),
            post: None,
        };
        let mut link = Box::new(link);
        if is_own {
            let mut broker = settings.broker.clone();
            broker.client_id.push_str("-queue");
            let (wire, driver) = wire::open(&broker, None, settings.delivery)?;
            let (post, received) = mpsc::channel(link::POST);
            link.post = Some(post);
            let troubles = troubles("queue", &broker);
            parts.push(Part::Courier(Box::new((wire, driver, received, troubles))));
        }
        parts.push(Part::Link(link));
    }
    Ok(parts)
}
