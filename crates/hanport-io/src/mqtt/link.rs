//! One connection to a broker, for ever: what is published over it, and what it has to do after
//! every loss.
//!
//! ```text
//!          +---- pause <---- ended <----+
//!          v                            |
//!      connecting ------> connected ----+
//!                           | says online, announces, says again what stands
//!                           | sends live values, at most 64 on their way
//! ```
//!
//! What is kept for the broker goes to the [courier](super::courier).

use std::collections::VecDeque;
use std::hash::{BuildHasher, RandomState};
use std::sync::Arc;
use std::time::Duration;

use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;
use hanport_engine::publish::text::Unknown;
use hanport_engine::publish::{Came, Command, Incoming, Keeping, Outgoing, Publication, plot};
use tokio::sync::mpsc;
use tokio::task::JoinSet;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::Outside;
use super::inbox::Inbox;
use super::outbox::Outbox;
use super::trouble::Troubles;
use super::wire::{self, Driver, Driving, Happened, Taken, Wire};

/// Live messages on their way to the broker at once.
const LIVE: usize = 64;
/// Messages on their way to the courier, who writes them to the disk. When there are more they
/// wait here.
pub(super) const POST: usize = 1024;

/// What a link is made of.
pub(super) struct Link {
    pub(super) wire: Wire,
    pub(super) driver: Driver,
    pub(super) publication: Publication,
    pub(super) inbox: Arc<Inbox>,
    pub(super) outside: Outside,
    pub(super) troubles: Troubles,
    /// Where what is kept goes; nowhere for formats that keep nothing.
    pub(super) post: Option<mpsc::Sender<Outgoing>>,
}

struct Running {
    wire: Wire,
    publication: Publication,
    inbox: Arc<Inbox>,
    outside: Outside,
    troubles: Troubles,
    post: Option<mpsc::Sender<Outgoing>>,
    /// What waits for room in the post.
    kept: VecDeque<Outgoing>,
    outbox: Outbox,
    stuck: Option<Outgoing>,
    flying: FuturesUnordered<Taken<()>>,
    connected: bool,
    later: Vec<(Instant, Vec<Outgoing>)>,
    plots: JoinSet<Option<Outgoing>>,
    out: Vec<Outgoing>,
    sent: u64,
}

/// Runs until `stop` is cancelled.
pub(super) async fn run(link: Link, stop: CancellationToken) {
    let mut driving = link.driver.drive(Duration::ZERO);
    let mut running = Running {
        wire: link.wire,
        publication: link.publication,
        inbox: link.inbox,
        outside: link.outside,
        troubles: link.troubles,
        post: link.post,
        kept: VecDeque::new(),
        outbox: Outbox::default(),
        stuck: None,
        flying: FuturesUnordered::new(),
        connected: false,
        later: Vec::new(),
        plots: JoinSet::new(),
        out: Vec::new(),
        sent: 0,
    };
    let inbox = Arc::clone(&running.inbox);
    let mut tick = tokio::time::interval(Duration::from_secs(1));
    loop {
        // none of these loses anything when another one is chosen: news stay in the inbox, and
        // the others are polled again. In no order, so that none keeps the others from their turn
        tokio::select! {
            () = stop.cancelled() => break,
            news = inbox.take() => {
                for update in &news {
                    running.publication.update(update, &mut running.out);
                }
            }
            (driver, happened) = &mut driving => {
                let pause = running.happened(happened);
                driving = driver.drive(pause);
            }
            Some(((), taken)) = running.flying.next() => running.sent += u64::from(taken),
            Some(plot) = running.plots.join_next() => {
                running.out.extend(plot.ok().flatten());
            }
            _ = tick.tick() => running.tick(),
        }
        running.sort_out();
        running.feed();
    }
    running.leave(driving).await;
}

impl Running {
    /// Puts what was made where it waits.
    fn sort_out(&mut self) {
        for message in self.out.drain(..) {
            match message.keeping {
                Keeping::Queued => self.kept.push_back(message),
                Keeping::Each(_) | Keeping::Latest(_) | Keeping::Standing => {
                    self.outbox.push(message);
                }
            }
        }
        let Some(post) = &self.post else {
            self.kept.clear();
            return;
        };
        while let Ok(permit) = post.try_reserve() {
            let Some(message) = self.kept.pop_front() else { break };
            permit.send(message);
        }
    }

    /// Sends what may be sent now.
    fn feed(&mut self) {
        if !self.connected {
            return;
        }
        let now = self.outside.clock.now();
        while self.flying.len() < LIVE {
            let Some(message) = self.stuck.take().or_else(|| self.outbox.pop(now)) else { break };
            let Ok(taken) = self.wire.send(&message, ()) else {
                self.stuck = Some(message);
                return;
            };
            self.flying.push(taken);
        }
    }

    fn tick(&mut self) {
        let now = self.outside.clock.now();
        if self.connected {
            self.publication.tick(now, &mut self.out);
        }
        let at = Instant::now();
        let (due, later): (Vec<_>, Vec<_>) =
            std::mem::take(&mut self.later).into_iter().partition(|(when, _)| *when <= at);
        self.later = later;
        self.out.extend(due.into_iter().flat_map(|(_, messages)| messages));
        let (sent, dropped) = (self.sent, self.outbox.dropped());
        self.troubles.tell(|health| {
            health.sent = sent;
            health.dropped = dropped;
        });
    }

    /// Returns the pause before the next attempt.
    fn happened(&mut self, happened: Happened) -> Duration {
        match happened {
            Happened::Came { topic, payload, retained } => {
                self.came(Came { topic: &topic, payload: &payload, retained });
                Duration::ZERO
            }
            Happened::Connected => {
                self.stands();
                Duration::ZERO
            }
            Happened::Ended(trouble) => {
                self.connected = false;
                // what was on its way was live, or stands and is said again
                self.flying = FuturesUnordered::new();
                self.troubles.ended(trouble)
            }
            Happened::Nothing => Duration::ZERO,
        }
    }

    fn stands(&mut self) {
        self.connected = true;
        self.troubles.stands();
        for topic in self.publication.subscriptions() {
            if !self.wire.subscribe(&topic) {
                tracing::warn!(link = self.troubles.name(), topic, "not listened to");
            }
        }
        let now = self.outside.clock.now();
        self.outbox.again();
        let views = self.outside.board.views();
        self.publication.connected(&views, now, &mut self.out);
    }

    fn came(&mut self, came: Came<'_>) {
        let now = self.outside.clock.now();
        let views = self.outside.board.views();
        let mut made = Vec::new();
        match self.publication.incoming(came, now, &views, &mut made) {
            Incoming::Birth => {
                // all that announce to it do so now: not all at once
                let ms = 1000 + RandomState::new().hash_one(now.0) % 4000;
                self.later.push((Instant::now() + Duration::from_millis(ms), made));
                return;
            }
            Incoming::Command(command) => self.command(&command),
            Incoming::NotUnderstood => {
                let payload =
                    String::from_utf8_lossy(came.payload.get(..64).unwrap_or(came.payload));
                tracing::info!(link = self.troubles.name(), topic = came.topic, %payload, "a command is not understood");
            }
            Incoming::Nothing => {}
        }
        self.out.append(&mut made);
    }

    fn command(&mut self, command: &Command) {
        tracing::info!(link = self.troubles.name(), ?command, "command");
        if let Command::Upgrade(version) = command {
            let taken = self.outside.upgrade.as_ref();
            if taken.is_none_or(|upgrade| upgrade.try_send(version.clone()).is_err()) {
                tracing::warn!(link = self.troubles.name(), "there is no upgrade by command here");
            }
            return;
        }
        let (Some(history), Some((meter, topic))) =
            (self.outside.history.clone(), self.publication.plot_topic(command))
        else {
            return;
        };
        let now = self.outside.clock.now();
        let zone = self.outside.reader.zone.clone();
        let unknown =
            if self.publication.unknown_as_null() { Unknown::Null } else { Unknown::Zero };
        let is_day = *command == Command::DayPlot;
        self.plots.spawn_blocking(move || {
            let text = if is_day {
                plot::day(&*history, &meter, now, unknown)
            } else {
                plot::month(&*history, &meter, now, &zone, unknown)
            };
            match text {
                Ok(text) => Some(Outgoing::live(topic, "plot", text, now)),
                Err(error) => {
                    tracing::warn!(meter = &*meter, %error, "no plot");
                    None
                }
            }
        });
    }

    /// Says goodbye, as far as the broker listens, within a second.
    async fn leave(mut self, driving: Driving) {
        // what was told until now is kept
        for update in &self.inbox.drain() {
            self.publication.update(update, &mut self.out);
        }
        self.sort_out();
        if let Some(post) = &self.post {
            for message in self.kept {
                let _ = post.send(message).await;
            }
        }
        if self.connected {
            let now = self.outside.clock.now();
            let said = self.wire.send(&self.publication.farewell(now), ());
            self.wire.leave();
            let both = async {
                let said = async {
                    if let Ok(said) = said {
                        said.await;
                    }
                };
                tokio::join!(wire::finish(driving), said)
            };
            let _ = tokio::time::timeout(Duration::from_millis(700), both).await;
        }
    }
}
