//! Publishing to MQTT brokers.
//!
//! ```text
//!  board --> Inbox --> Publication --> Outgoing --+--> Outbox: newest of a topic ------+
//!            (drops    (engine: topics            |                                    v
//!             old live  and text)                 +--> Keeper: on disk, in order --> Wire --> broker
//!             news)                                          ^                         |
//!                                                            +------- acknowledged ----+
//! ```
//!
//! A [link](link) is one connection with one last will: the formats of existing readers share
//! one, hanport's own topics have the other. What a broker is away for, its links wait for alone:
//! the board hands over and goes on, live values are overtaken by newer ones, and what is kept
//! for the broker lies on disk.
//!
//! - [`inbox`]: where the board hands over; [`outbox`]: what waits in memory
//! - [`spool`]: what waits on disk; [`keeper`]: the thread that writes it
//! - [`wire`]: the client library and nothing of it outside; [`link`]: one connection
//! - [`health`]: how the links do, for those who show it

pub mod health;
pub mod inbox;
mod keeper;
mod link;
mod outbox;
pub mod spool;
mod wire;

use std::path::PathBuf;
use std::sync::Arc;

use hanport_engine::board::Board;
use hanport_engine::outside::{Clock, History};
use hanport_engine::publish::publication::Family;
use hanport_engine::publish::{self, Publication, Reader};
use tokio::sync::{mpsc, watch};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use crate::broker::{BrokerError, BrokerOptions, Remembering};

pub use health::{Health, LinkHealth};
pub use inbox::Inbox;

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
    let links = links(&settings, outside);
    async move {
        // what can never work ends here and now
        if let Err(error @ (BrokerError::NoHost | BrokerError::NoClientId { .. })) =
            settings.broker.link(Remembering::Forget)
        {
            return Err(error);
        }
        let mut running = JoinSet::new();
        for link in links {
            running.spawn(link::run(link, stop.clone()));
        }
        while running.join_next().await.is_some() {}
        Ok(())
    }
}

fn links(settings: &Settings, outside: &Outside) -> Vec<link::Link> {
    let publications = Publication::all(&settings.publish, &outside.reader);
    let several = publications.len() > 1;
    outside.health.send_replace(Health::of(publications.len()));
    let mut links = Vec::new();
    for (place, publication) in publications.into_iter().enumerate() {
        let mut broker = settings.broker.clone();
        let family = match publication.family() {
            Family::Older => "older",
            Family::Own => "own",
        };
        // two connections cannot share a client id
        if several && publication.family() == Family::Own {
            broker.client_id.push_str("-own");
        }
        let inbox = Arc::new(Inbox::default());
        inbox.listen(&outside.board);
        links.push(link::Link {
            name: format!("{}/{family}", settings.name),
            place,
            broker,
            publication,
            queue: settings.queue.join(family),
            queue_bytes: settings.queue_bytes,
            inbox,
            outside: outside.clone(),
        });
    }
    links
}
