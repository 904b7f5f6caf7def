//! The thread that writes the queue: disks are slow at times, and nobody else is to wait.
//!
//! Orders go to it over one channel and are carried out in turn; answers come back over another.
//! What cannot be written is tried again with the next order, in order, so that a disk that is
//! full for a while costs nothing; beyond a bound the newest are lost, and that is counted.

use std::collections::VecDeque;
use std::path::PathBuf;

use hanport_engine::publish::Outgoing;
use tokio::sync::mpsc;
use tokio::task::JoinSet;

use super::spool::{Spool, SpoolError};

/// Orders and answers on their way. When there are more the link waits with its next one, and
/// holds what it wants kept.
const ORDERS: usize = 64;
/// Messages that wait in memory for a disk that says no.
const HELD: usize = 20_000;

#[derive(Debug)]
enum Order {
    Append(Vec<Outgoing>),
    Done(u64),
    Read(u64, usize),
    Sync,
}

/// What the keeper says.
#[derive(Debug)]
pub(crate) enum Kept {
    /// How it is: messages that wait, those that were lost, and the trouble with the disk.
    State {
        /// The first message that is not done with.
        done: u64,
        /// The number of the next message that is taken.
        next: u64,
        /// Messages that wait on disk.
        queued: u64,
        /// Messages that could not be kept, since the start.
        lost: u64,
        /// What the disk says, while it says no.
        trouble: Option<String>,
    },
    /// Messages that were asked for; empty when there are none.
    Read(Vec<(u64, Outgoing)>),
}

/// The other end of the keeper's channels.
#[derive(Debug)]
pub(crate) struct Keeper {
    orders: mpsc::Sender<Order>,
    answers: mpsc::Receiver<Kept>,
    /// What waits for room in the channel.
    waiting: Vec<Outgoing>,
    lost: u64,
    _thread: JoinSet<()>,
}

impl Keeper {
    /// Opens the queue in a thread of its own. A queue that cannot be opened is tried again with
    /// every order.
    pub(crate) fn start(folder: PathBuf, limit: u64) -> Self {
        let (orders, take) = mpsc::channel(ORDERS);
        // answers are as many as orders, and each is taken before many more are given
        let (answer, answers) = mpsc::channel(ORDERS * 2);
        let mut thread = JoinSet::new();
        thread.spawn_blocking(move || Work::new(folder, limit).run(take, &answer));
        Self { orders, answers, waiting: Vec::new(), lost: 0, _thread: thread }
    }

    /// Keeps a message.
    pub(crate) fn keep(&mut self, message: Outgoing) {
        self.waiting.push(message);
        if self.waiting.len() > HELD {
            // a thread that hangs on its disk for this long
            self.waiting.pop();
            self.lost += 1;
        }
        self.flush();
    }

    /// Messages that found no room in memory.
    pub(crate) const fn lost(&self) -> u64 {
        self.lost
    }

    /// Hands on what waits.
    pub(crate) fn flush(&mut self) {
        if self.waiting.is_empty() {
            return;
        }
        if let Ok(permit) = self.orders.try_reserve() {
            permit.send(Order::Append(std::mem::take(&mut self.waiting)));
        }
    }

    /// Asks for at most `count` messages from `from` on. `false` when it has to be asked again.
    pub(crate) fn read(&self, from: u64, count: usize) -> bool {
        self.orders.try_send(Order::Read(from, count)).is_ok()
    }

    /// All before this number are with the broker. `false` when it has to be said again.
    pub(crate) fn done(&self, done: u64) -> bool {
        self.orders.try_send(Order::Done(done)).is_ok()
    }

    /// Brings things to the disk.
    pub(crate) fn sync(&self) {
        // where the channel is full the next minute does it
        let _ = self.orders.try_send(Order::Sync);
    }

    /// What the keeper says next. Nothing is lost when this is dropped.
    pub(crate) async fn answer(&mut self) -> Option<Kept> {
        self.answers.recv().await
    }

    /// Carries out what was ordered, and ends.
    pub(crate) async fn close(mut self) {
        let waiting = std::mem::take(&mut self.waiting);
        for order in [Order::Append(waiting), Order::Sync] {
            loop {
                match self.orders.try_reserve() {
                    Ok(permit) => {
                        permit.send(order);
                        break;
                    }
                    // an answer taken is an order carried out
                    Err(_) => {
                        if self.answers.recv().await.is_none() {
                            return;
                        }
                    }
                }
            }
        }
        let Self { orders, mut answers, .. } = self;
        drop(orders);
        while answers.recv().await.is_some() {}
    }
}

struct Work {
    folder: PathBuf,
    limit: u64,
    spool: Option<Spool>,
    held: VecDeque<Outgoing>,
    lost: u64,
    trouble: Option<String>,
}

impl Work {
    const fn new(folder: PathBuf, limit: u64) -> Self {
        Self { folder, limit, spool: None, held: VecDeque::new(), lost: 0, trouble: None }
    }

    fn run(mut self, mut orders: mpsc::Receiver<Order>, answers: &mpsc::Sender<Kept>) {
        self.open();
        if answers.blocking_send(self.state()).is_err() {
            return;
        }
        while let Some(order) = orders.blocking_recv() {
            let answer = self.carry_out(order);
            if answers.blocking_send(answer).is_err() {
                break;
            }
        }
        if let Some(spool) = &mut self.spool {
            let _ = spool.sync();
        }
    }

    fn open(&mut self) {
        if self.spool.is_some() {
            return;
        }
        match Spool::open(&self.folder, self.limit) {
            Ok(spool) => {
                if spool.damaged() > 0 {
                    let octets = spool.damaged();
                    tracing::warn!(folder = %self.folder.display(), octets, "a damaged tail of the queue was cut off");
                }
                self.spool = Some(spool);
            }
            Err(error) => self.tell(error.to_string()),
        }
    }

    fn carry_out(&mut self, order: Order) -> Kept {
        self.open();
        match order {
            Order::Append(messages) => {
                for message in messages {
                    if self.held.len() < HELD {
                        self.held.push_back(message);
                    } else {
                        self.lost += 1;
                    }
                }
            }
            Order::Done(done) => {
                if let Some(Err(error)) = self.spool.as_mut().map(|spool| spool.set_done(done)) {
                    self.tell(error.to_string());
                }
            }
            Order::Read(from, count) => {
                self.write();
                return Kept::Read(self.read(from, count));
            }
            Order::Sync => {
                if let Some(Err(error)) = self.spool.as_mut().map(Spool::sync) {
                    self.tell(error.to_string());
                }
            }
        }
        self.write();
        self.state()
    }

    fn read(&mut self, from: u64, count: usize) -> Vec<(u64, Outgoing)> {
        let Some(spool) = &mut self.spool else { return Vec::new() };
        match spool.read(from, count) {
            Ok(found) => found,
            Err(error) => {
                self.tell(error.to_string());
                Vec::new()
            }
        }
    }

    /// Writes what is held, in order, as far as the disk takes it.
    fn write(&mut self) {
        let Some(spool) = &mut self.spool else { return };
        let mut failed = None;
        while let Some(message) = self.held.front() {
            match spool.append(message) {
                Ok(()) => drop(self.held.pop_front()),
                Err(error @ SpoolError::Full(_)) => {
                    // what waits longest lives on; there is no room for what is held either
                    self.lost += u64::try_from(self.held.len()).unwrap_or(0);
                    self.held.clear();
                    failed = Some(error.to_string());
                }
                Err(error) => {
                    failed = Some(error.to_string());
                    break;
                }
            }
        }
        match failed {
            Some(trouble) => self.tell(trouble),
            None if self.trouble.take().is_some() => {
                tracing::info!(folder = %self.folder.display(), lost = self.lost, "the queue is written again");
            }
            None => {}
        }
    }

    /// One line a change.
    fn tell(&mut self, trouble: String) {
        if self.trouble.as_ref() != Some(&trouble) {
            let held = self.held.len();
            tracing::warn!(folder = %self.folder.display(), trouble, held, "the queue cannot be written");
            self.trouble = Some(trouble);
        }
    }

    fn state(&self) -> Kept {
        let queued = self.spool.as_ref().map_or(0, Spool::len);
        let held = u64::try_from(self.held.len()).unwrap_or(0);
        Kept::State {
            done: self.spool.as_ref().map_or(0, Spool::done),
            next: self.spool.as_ref().map_or(0, Spool::next),
            queued: queued + held,
            lost: self.lost,
            trouble: self.trouble.clone(),
        }
    }
}
