//! Who listens, and what was told last.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use hanport_engine::board::Board;
use hanport_engine::time::UtcMillis;
use hanport_engine::view::Update;

use super::event::{Event, Kind};
use super::queue::{Queue, Wishes};

/// Events that are told again to a client that comes back: intervals and incidents, of which
/// each counts. When there are more, the oldest goes.
const RECENT: usize = 256;
/// Open streams at one time.
const STREAMS: usize = 256;

/// Hands updates to everybody who listens.
#[derive(Debug)]
pub(crate) struct Hub {
    /// Names this run in the ids of events.
    run: String,
    number: AtomicU64,
    queues: RwLock<Vec<Arc<Queue>>>,
    recent: Mutex<VecDeque<Arc<Event>>>,
}

impl Hub {
    /// One that nobody listens to.
    pub(crate) fn new(started: UtcMillis) -> Self {
        Self {
            run: format!("{:x}", started.0),
            number: AtomicU64::new(1),
            queues: RwLock::default(),
            recent: Mutex::default(),
        }
    }

    /// Names this run.
    pub(crate) fn run(&self) -> &str {
        &self.run
    }

    /// Hears everything from a board.
    pub(crate) fn listen_to(self: &Arc<Self>, board: &Board) {
        let hub = Arc::clone(self);
        board.listen(move |update| hub.take(update));
    }

    /// Open streams now.
    pub(crate) fn listeners(&self) -> usize {
        self.queues.read().map_or(0, |queues| queues.len())
    }

    fn take(&self, update: &Update) {
        let events = Event::of(update, || self.number.fetch_add(1, Ordering::Relaxed));
        for event in events.into_iter().flatten().map(Arc::new) {
            if !event.is_replaceable() {
                let mut recent = self.recent.lock().unwrap_or_else(PoisonError::into_inner);
                if recent.len() == RECENT {
                    recent.pop_front();
                }
                recent.push_back(Arc::clone(&event));
            }
            let queues = self.queues.read().unwrap_or_else(PoisonError::into_inner);
            for queue in queues.iter() {
                queue.put(&event);
            }
        }
    }

    /// Begins to listen: what was missed since `last`, the id of the last event that the client
    /// knows, then the values of all meters as they are, then whatever comes. `None` when too
    /// many listen already.
    pub(crate) fn join(
        self: &Arc<Self>,
        board: &Board,
        wishes: Wishes,
        last: Option<&str>,
    ) -> Option<Membership> {
        let queue = Arc::new(Queue::new(wishes));
        {
            let mut queues = self.queues.write().unwrap_or_else(PoisonError::into_inner);
            if queues.len() >= STREAMS {
                return None;
            }
            queues.push(Arc::clone(&queue));
        }
        let known = last.and_then(|id| {
            let (run, number) = id.rsplit_once('-')?;
            (run == self.run).then(|| number.parse::<u64>().ok())?
        });
        if let Some(known) = known {
            let recent = self.recent.lock().unwrap_or_else(PoisonError::into_inner);
            for event in recent.iter().filter(|event| event.number > known) {
                queue.put(event);
            }
        }
        for view in board.views() {
            let with_money = view.money.is_some().then_some(Kind::Price);
            for kind in [Some(Kind::Live), with_money].into_iter().flatten() {
                let number = self.number.fetch_add(1, Ordering::Relaxed);
                queue.begin_with(&Arc::new(Event::first(number, kind, Arc::clone(&view))));
            }
        }
        Some(Membership { hub: Arc::clone(self), queue })
    }
}

/// Somebody listens as long as this is there.
#[derive(Debug)]
pub(crate) struct Membership {
    hub: Arc<Hub>,
    queue: Arc<Queue>,
}

impl Membership {
    pub(crate) fn queue(&self) -> &Queue {
        &self.queue
    }

    pub(crate) fn hub(&self) -> &Hub {
        &self.hub
    }
}

impl Drop for Membership {
    fn drop(&mut self) {
        let mut queues = self.hub.queues.write().unwrap_or_else(PoisonError::into_inner);
        queues.retain(|queue| !Arc::ptr_eq(queue, &self.queue));
    }
}
