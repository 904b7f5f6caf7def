//! One connection to a broker, for ever: what is published over it, and what it has to do after
//! every loss.
//!
//! ```text
//!          +---- pause <---- ended <----+
//!          v                            |
//!      connecting ------> connected ----+
//!                           | says online, announces, says again what stands
//!                           | sends live values, at most 64 on their way
//!                           | sends what lies on disk, at most 32 on their way
//! ```
//!
//! What lies on disk is done with when the broker has acknowledged it and all before it. After a
//! loss it is sent again from there: the broker then gets twice what it had, but not
//! acknowledged yet.

use std::collections::{BTreeSet, VecDeque};
use std::hash::{BuildHasher, RandomState};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;
use hanport_engine::publish::text::Unknown;
use hanport_engine::publish::{Came, Command, Incoming, Keeping, Outgoing, Publication, plot};
use tokio::task::JoinSet;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::Outside;
use super::inbox::Inbox;
use super::keeper::{Keeper, Kept};
use super::outbox::Outbox;
use super::wire::{self, Driving, Happened, Taken, Wire};
use crate::broker::{BrokerOptions, Pauses, Trouble};

/// Live messages on their way to the broker at once.
const LIVE: usize = 64;
/// Messages from the disk on their way at once: these may come twice after a loss.
const KEPT: usize = 32;
/// A connection that ends before is one of those that count as thrown out.
const SHORT: Duration = Duration::from_mins(1);
/// So many short ones in a row have a cause of their own.
const SHORT_ONES: u32 = 3;

/// What a link is made of.
pub(super) struct Link {
    /// For logs.
    pub(super) name: String,
    /// Its place in the health of the broker.
    pub(super) place: usize,
    pub(super) broker: BrokerOptions,
    pub(super) publication: Publication,
    pub(super) queue: PathBuf,
    pub(super) queue_bytes: u64,
    pub(super) inbox: Arc<Inbox>,
    pub(super) outside: Outside,
}

/// What was sent.
#[derive(Clone, Copy, Debug)]
enum Token {
    Kept(u64),
    Live,
}

/// Messages from the disk.
#[derive(Debug, Default)]
struct FromDisk {
    /// Read and not sent.
    ready: VecDeque<(u64, Outgoing)>,
    /// Sent, in order, and of these the acknowledged ones that have others before them.
    sent: VecDeque<u64>,
    acknowledged: BTreeSet<u64>,
    done: u64,
    /// Whether the keeper still has to be told of `done`.
    is_news: bool,
    /// Where reading goes on, and where the queue ends.
    next: u64,
    end: u64,
    asking: Asking,
    begun: bool,
}

/// Whether an answer of the keeper is due.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Asking {
    /// It is.
    Due,
    /// It is, but what it was asked for is not wanted any more.
    DueInVain,
    /// Not, and nothing is to be asked before the next tick.
    Later,
    /// Not.
    #[default]
    Nothing,
}

struct Running {
    link: Link,
    wire: Wire,
    outbox: Outbox,
    stuck: Option<Outgoing>,
    keeper: Keeper,
    disk: FromDisk,
    flying: FuturesUnordered<Taken<Token>>,
    live: usize,
    connected: Option<Instant>,
    short_ones: u32,
    told: Option<String>,
    pauses: Pauses,
    later: Vec<(Instant, Vec<Outgoing>)>,
    plots: JoinSet<Option<Outgoing>>,
    out: Vec<Outgoing>,
    sent: u64,
}

/// Runs until `stop` is cancelled.
pub(super) async fn run(link: Link, stop: CancellationToken) {
    let will = link.publication.will();
    let (wire, driver) = match wire::open(&link.broker, &will) {
        Ok(opened) => opened,
        Err(error) => {
            tracing::error!(link = link.name, %error, "nothing can be published");
            return;
        }
    };
    let mut driving = driver.drive(Duration::ZERO);
    let keeper = Keeper::start(link.queue.clone(), link.queue_bytes);
    let inbox = Arc::clone(&link.inbox);
    let mut running = Running::new(link, wire, keeper);
    let mut tick = tokio::time::interval(Duration::from_secs(1));
    let mut ticks = 0u32;
    loop {
        // none of these loses anything when another one is chosen: news stay in the inbox,
        // answers in their channel, and the others are polled again. In no order, so that none
        // keeps the others from their turn
        tokio::select! {
            () = stop.cancelled() => break,
            news = inbox.take() => {
                for update in &news {
                    running.link.publication.update(update, &mut running.out);
                }
            }
            (driver, happened) = &mut driving => {
                let pause = running.happened(happened);
                driving = driver.drive(pause);
            }
            Some((token, taken)) = running.flying.next() => running.landed(token, taken),
            Some(answer) = running.keeper.answer() => running.answered(answer),
            Some(plot) = running.plots.join_next() => {
                running.out.extend(plot.ok().flatten());
            }
            _ = tick.tick() => {
                ticks = ticks.wrapping_add(1);
                running.tick(ticks);
            }
        }
        running.sort_out();
        running.feed();
    }
    running.leave(driving).await;
}

impl Running {
    fn new(link: Link, wire: Wire, keeper: Keeper) -> Self {
        Self {
            link,
            wire,
            outbox: Outbox::default(),
            stuck: None,
            keeper,
            disk: FromDisk::default(),
            flying: FuturesUnordered::new(),
            live: 0,
            connected: None,
            short_ones: 0,
            told: None,
            pauses: Pauses::default(),
            later: Vec::new(),
            plots: JoinSet::new(),
            out: Vec::new(),
            sent: 0,
        }
    }

    /// Puts what was made where it waits.
    fn sort_out(&mut self) {
        for message in self.out.drain(..) {
            match message.keeping {
                Keeping::Queued => self.keeper.keep(message),
                Keeping::Each(_) | Keeping::Latest(_) | Keeping::Standing => {
                    self.outbox.push(message);
                }
            }
        }
    }

    /// Sends what may be sent now.
    fn feed(&mut self) {
        if self.disk.is_news && self.keeper.done(self.disk.done) {
            self.disk.is_news = false;
        }
        if self.connected.is_none() {
            return;
        }
        let now = self.link.outside.clock.now();
        while self.live < LIVE {
            let Some(message) = self.stuck.take().or_else(|| self.outbox.pop(now)) else { break };
            let Ok(taken) = self.wire.send(&message, Token::Live) else {
                self.stuck = Some(message);
                return;
            };
            self.flying.push(taken);
            self.live += 1;
        }
        while self.disk.sent.len() < KEPT {
            let Some((number, message)) = self.disk.ready.pop_front() else { break };
            let Ok(taken) = self.wire.send(&message, Token::Kept(number)) else {
                self.disk.ready.push_front((number, message));
                return;
            };
            self.flying.push(taken);
            self.disk.sent.push_back(number);
        }
        let hungry = self.disk.ready.len() < KEPT && self.disk.asking == Asking::Nothing;
        if hungry && self.disk.next < self.disk.end && self.keeper.read(self.disk.next, KEPT * 2) {
            self.disk.asking = Asking::Due;
        }
    }

    fn landed(&mut self, token: Token, taken: bool) {
        match token {
            Token::Live => self.live = self.live.saturating_sub(1),
            Token::Kept(number) if taken => self.disk.acknowledge(number),
            // the connection ends, and it is sent again
            Token::Kept(_) => {}
        }
        self.sent += u64::from(taken);
    }

    fn answered(&mut self, answer: Kept) {
        match answer {
            Kept::Read(found) => {
                let asking = std::mem::take(&mut self.disk.asking);
                if asking == Asking::DueInVain {
                    return;
                }
                if found.is_empty() {
                    self.disk.asking = Asking::Later;
                }
                for (number, message) in found {
                    self.disk.next = number + 1;
                    self.disk.ready.push_back((number, message));
                }
            }
            Kept::State { done, next, queued, lost, trouble } => {
                if !std::mem::replace(&mut self.disk.begun, true) {
                    (self.disk.done, self.disk.next) = (done, done);
                }
                self.disk.end = next;
                let lost = lost + self.keeper.lost();
                self.tell_health(|health| {
                    health.queued = queued;
                    health.lost = lost;
                    health.disk = trouble;
                });
            }
        }
    }

    fn tick(&mut self, ticks: u32) {
        let now = self.link.outside.clock.now();
        if self.connected.is_some() {
            self.link.publication.tick(now, &mut self.out);
        }
        let at = Instant::now();
        let (due, later) = std::mem::take(&mut self.later).into_iter().partition(|(t, _)| *t <= at);
        self.later = later;
        let due: Vec<(Instant, Vec<Outgoing>)> = due;
        self.out.extend(due.into_iter().flat_map(|(_, messages)| messages));
        self.keeper.flush();
        if self.disk.asking == Asking::Later {
            self.disk.asking = Asking::Nothing;
        }
        if ticks.is_multiple_of(60) {
            self.keeper.sync();
        }
        let (sent, dropped) = (self.sent, self.outbox.dropped());
        self.tell_health(|health| {
            health.sent = sent;
            health.dropped = dropped;
        });
    }

    fn tell_health(&self, change: impl FnOnce(&mut super::LinkHealth)) {
        let place = self.link.place;
        self.link.outside.health.send_if_modified(|health| {
            let Some(link) = health.links.get_mut(place) else { return false };
            let before = link.clone();
            change(link);
            *link != before
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
            Happened::Ended(trouble) => self.ended(trouble),
            Happened::Nothing => Duration::ZERO,
        }
    }

    fn stands(&mut self) {
        self.connected = Some(Instant::now());
        self.told = None;
        tracing::info!(link = self.link.name, broker = self.link.broker.address(), "connected");
        self.tell_health(|health| {
            health.connected = true;
            health.trouble = None;
        });
        for topic in self.link.publication.subscriptions() {
            if !self.wire.subscribe(&topic) {
                tracing::warn!(link = self.link.name, topic, "not listened to");
            }
        }
        let now = self.link.outside.clock.now();
        self.outbox.again();
        let views = self.link.outside.board.views();
        self.link.publication.connected(&views, now, &mut self.out);
    }

    fn ended(&mut self, mut trouble: Trouble) -> Duration {
        if let Some(since) = self.connected.take() {
            if since.elapsed() < SHORT {
                self.short_ones = self.short_ones.saturating_add(1);
            } else {
                self.short_ones = 0;
                self.pauses.reset();
            }
            // what was on its way is sent again, or was live
            self.flying = FuturesUnordered::new();
            self.live = 0;
            self.disk.rewind();
        }
        if trouble.kind == "closed" && self.short_ones >= SHORT_ONES {
            trouble = self.thrown_out(trouble.code);
        }
        if self.told.as_ref() != Some(&trouble.text) {
            tracing::warn!(link = self.link.name, trouble = trouble.text, "not connected");
            self.told = Some(trouble.text.clone());
        }
        self.tell_health(|health| {
            health.connected = false;
            health.trouble = Some(trouble);
        });
        self.pauses.pause()
    }

    fn thrown_out(&self, code: i8) -> Trouble {
        let text = format!(
            "{} closed the connection {} times soon after it was made; most likely another client has the client id `{}` too, and the two throw each other out: give one of them another id",
            self.link.broker.address(),
            self.short_ones,
            self.link.broker.client_id
        );
        Trouble { kind: "taken_over", text, code }
    }

    fn came(&mut self, came: Came<'_>) {
        let now = self.link.outside.clock.now();
        let views = self.link.outside.board.views();
        let mut made = Vec::new();
        match self.link.publication.incoming(came, now, &views, &mut made) {
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
                tracing::info!(link = self.link.name, topic = came.topic, %payload, "a command is not understood");
            }
            Incoming::Nothing => {}
        }
        self.out.append(&mut made);
    }

    fn command(&mut self, command: &Command) {
        tracing::info!(link = self.link.name, ?command, "command");
        if let Command::Upgrade(version) = command {
            let taken = self.link.outside.upgrade.as_ref();
            if taken.is_none_or(|upgrade| upgrade.try_send(version.clone()).is_err()) {
                tracing::warn!(link = self.link.name, "there is no upgrade by command here");
            }
            return;
        }
        let (Some(history), Some((meter, topic))) =
            (self.link.outside.history.clone(), self.link.publication.plot_topic(command))
        else {
            return;
        };
        let now = self.link.outside.clock.now();
        let zone = self.link.outside.reader.zone.clone();
        let unknown =
            if self.link.publication.unknown_as_null() { Unknown::Null } else { Unknown::Zero };
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
    async fn leave(mut self, mut driving: Driving) {
        // what was told until now is kept
        for update in &self.link.inbox.drain() {
            self.link.publication.update(update, &mut self.out);
        }
        self.sort_out();
        if self.connected.is_some() {
            let now = self.link.outside.clock.now();
            if let Ok(said) = self.wire.send(&self.link.publication.farewell(now), Token::Live) {
                self.flying.push(said);
            }
            self.wire.leave();
            let drive = async {
                loop {
                    let (driver, happened) = driving.await;
                    if matches!(happened, Happened::Ended(_)) {
                        break;
                    }
                    driving = driver.drive(Duration::ZERO);
                }
            };
            // what is acknowledged now need not be sent again
            let acknowledge = async {
                while let Some((token, taken)) = self.flying.next().await {
                    if let Token::Kept(number) = token
                        && taken
                    {
                        self.disk.acknowledge(number);
                    }
                }
            };
            let both = async { tokio::join!(drive, acknowledge) };
            let _ = tokio::time::timeout(Duration::from_millis(700), both).await;
        }
        if self.disk.is_news {
            self.keeper.done(self.disk.done);
        }
        let _ = tokio::time::timeout(Duration::from_secs(5), self.keeper.close()).await;
    }
}

impl FromDisk {
    fn acknowledge(&mut self, number: u64) {
        self.acknowledged.insert(number);
        while let Some(first) = self.sent.front()
            && self.acknowledged.remove(first)
        {
            self.done = first + 1;
            self.is_news = true;
            self.sent.pop_front();
        }
    }

    /// Everything that is not done with is to be sent again.
    fn rewind(&mut self) {
        self.ready.clear();
        self.sent.clear();
        self.acknowledged.clear();
        self.next = self.done;
        // an answer that is on its way goes on where reading was before
        if self.asking == Asking::Due {
            self.asking = Asking::DueInVain;
        }
    }
}
