//! What is kept for the broker, over a connection of its own.
//!
//! ```text
//!  link --> post --> Keeper: disk --> at most 32 on their way --> broker
//!                      ^                                            |
//!                      +---- all before this number are with it ----+
//! ```
//!
//! Exactly once: the broker remembers what it has of the last few messages, and the client what
//! it sent, over every loss of the connection. It is a connection of its own, so that live values
//! of before a loss are not remembered with it. When the program starts, what the broker
//! remembers of an earlier run is wiped: its numbers mean other messages now. So a message can
//! come twice only when the program or the broker dies in the moment between the message and
//! its acknowledgement.

use std::collections::{BTreeSet, VecDeque};
use std::time::Duration;

use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;
use hanport_engine::publish::Outgoing;
use tokio::sync::mpsc;
use tokio::time::Instant;

use super::keeper::{Keeper, Kept};
use super::trouble::Troubles;
use super::wire::{self, Driver, Driving, Happened, Taken, Wire};

/// Messages on their way at once.
const FLYING: usize = 32;

/// Brings what is kept to the broker, until nobody posts any more.
pub(super) async fn run(
    wire: Wire,
    driver: Driver,
    keeper: Keeper,
    mut post: mpsc::Receiver<Outgoing>,
    troubles: Troubles,
) {
    let mut driving = driver.drive(Duration::ZERO);
    let mut courier = Courier {
        wire,
        keeper,
        troubles,
        disk: FromDisk::default(),
        flying: FuturesUnordered::new(),
        connected: false,
        sent: 0,
    };
    let mut tick = tokio::time::interval(Duration::from_secs(1));
    let mut ticks = 0u32;
    loop {
        // none of these loses anything when another one is chosen
        tokio::select! {
            message = post.recv() => match message {
                Some(message) => courier.keeper.keep(message),
                None => break,
            },
            (driver, happened) = &mut driving => {
                driving = driver.drive(courier.happened(happened));
            }
            Some((number, taken)) = courier.flying.next() => courier.landed(number, taken),
            Some(answer) = courier.keeper.answer() => courier.answered(answer),
            _ = tick.tick() => {
                ticks = ticks.wrapping_add(1);
                courier.tick(ticks);
            }
        }
        courier.feed();
    }
    // what is acknowledged within this time need not be sent again
    let until = Instant::now() + Duration::from_millis(700);
    while courier.connected && !courier.flying.is_empty() {
        tokio::select! {
            () = tokio::time::sleep_until(until) => break,
            (driver, happened) = &mut driving => {
                driving = driver.drive(courier.happened(happened));
            }
            Some((number, taken)) = courier.flying.next() => courier.landed(number, taken),
        }
    }
    courier.close(driving).await;
}

struct Courier {
    wire: Wire,
    keeper: Keeper,
    troubles: Troubles,
    disk: FromDisk,
    flying: FuturesUnordered<Taken<u64>>,
    connected: bool,
    sent: u64,
}

/// Where things are between the disk and the broker.
#[derive(Debug, Default)]
struct FromDisk {
    /// Read and not sent.
    ready: VecDeque<(u64, Outgoing)>,
    /// Sent, in order; of these, the acknowledged ones that have others before them.
    sent: VecDeque<u64>,
    acknowledged: BTreeSet<u64>,
    /// All before this are with the broker; whether the keeper has still to be told.
    done: u64,
    is_news: bool,
    /// Where reading goes on, and where the queue ends.
    next: u64,
    end: u64,
    asking: Asking,
    begun: bool,
    /// The connection forgot what was on its way: all of it is sent again.
    forgotten: bool,
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

impl Courier {
    fn feed(&mut self) {
        if self.disk.is_news && self.keeper.done(self.disk.done) {
            self.disk.is_news = false;
        }
        if self.disk.forgotten && self.flying.is_empty() {
            self.disk.rewind();
        }
        if !self.connected || self.disk.forgotten {
            return;
        }
        while self.flying.len() < FLYING {
            let Some((number, message)) = self.disk.ready.pop_front() else { break };
            if self.disk.acknowledged.contains(&number) {
                self.disk.sent.push_back(number);
                self.disk.advance();
                continue;
            }
            let Ok(taken) = self.wire.deliver(&message, number) else {
                self.disk.ready.push_front((number, message));
                return;
            };
            self.flying.push(taken);
            self.disk.sent.push_back(number);
        }
        let hungry = self.disk.ready.len() < FLYING && self.disk.asking == Asking::Nothing;
        if hungry && self.disk.next < self.disk.end && self.keeper.read(self.disk.next, FLYING * 2)
        {
            self.disk.asking = Asking::Due;
        }
    }

    fn landed(&mut self, number: u64, taken: bool) {
        if taken {
            self.disk.acknowledged.insert(number);
            self.disk.advance();
            self.sent += 1;
        } else {
            self.disk.forgotten = true;
        }
    }

    fn answered(&mut self, answer: Kept) {
        match answer {
            Kept::Read(found) => {
                if std::mem::take(&mut self.disk.asking) == Asking::DueInVain {
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
                self.troubles.tell(|health| {
                    health.queued = queued;
                    health.lost = lost;
                    health.disk = trouble;
                });
            }
        }
    }

    fn tick(&mut self, ticks: u32) {
        self.keeper.flush();
        if self.disk.asking == Asking::Later {
            self.disk.asking = Asking::Nothing;
        }
        if ticks.is_multiple_of(60) {
            self.keeper.sync();
        }
        let sent = self.sent;
        self.troubles.tell(|health| health.sent = sent);
    }

    /// Returns the pause before the next attempt.
    fn happened(&mut self, happened: Happened) -> Duration {
        match happened {
            Happened::Connected => {
                self.connected = true;
                self.troubles.stands();
            }
            Happened::Ended(trouble) => {
                self.connected = false;
                return self.troubles.ended(trouble);
            }
            Happened::Came { .. } | Happened::Nothing => {}
        }
        Duration::ZERO
    }

    async fn close(self, driving: Driving) {
        if self.disk.is_news {
            self.keeper.done(self.disk.done);
        }
        if self.connected {
            self.wire.leave();
            let _ = tokio::time::timeout(Duration::from_millis(300), wire::finish(driving)).await;
        }
        let _ = tokio::time::timeout(Duration::from_secs(5), self.keeper.close()).await;
    }
}

impl FromDisk {
    fn advance(&mut self) {
        while let Some(first) = self.sent.front()
            && self.acknowledged.remove(first)
        {
            self.done = first + 1;
            self.is_news = true;
            self.sent.pop_front();
        }
    }

    /// Everything that is not with the broker is to be sent again.
    fn rewind(&mut self) {
        self.forgotten = false;
        self.ready.clear();
        self.sent.clear();
        self.next = self.done;
        // an answer that is on its way goes on where reading was before
        if self.asking == Asking::Due {
            self.asking = Asking::DueInVain;
        }
    }
}
