//! What waits for one client: the newest values of each meter, and everything else in order.

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::Notify;

use super::event::{Event, Kind};

/// Events that may wait beside the newest values of each meter: a quarter-hour's worth of news of
/// a hundred meters. When there are more, the oldest goes and is counted.
const WAITING: usize = 512;

/// Which events a client wants.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Wishes {
    /// Of this meter only.
    pub meter: Option<Arc<str>>,
    /// Of these kinds only.
    pub kinds: Option<Vec<Kind>>,
}

impl Wishes {
    /// Whether an event is wanted.
    pub(crate) fn include(&self, event: &Event) -> bool {
        self.meter.as_ref().is_none_or(|meter| meter == event.meter()) && self.wants(event.kind)
    }

    /// Whether a kind of event is wanted at all.
    pub(crate) fn wants(&self, kind: Kind) -> bool {
        self.kinds.as_ref().is_none_or(|kinds| kinds.contains(&kind))
    }
}

#[derive(Debug, Default)]
struct Waiting {
    /// By number, so that they leave in the order in which they came.
    events: BTreeMap<u64, Arc<Event>>,
    /// The number of the newest replaceable event of a meter and kind.
    newest: HashMap<(Arc<str>, Kind), u64>,
    /// The numbers of all others.
    others: VecDeque<u64>,
    lost: u64,
}

/// What waits for one client.
#[derive(Debug, Default)]
pub(crate) struct Queue {
    wishes: Wishes,
    waiting: Mutex<Waiting>,
    arrived: Notify,
}

/// What a client gets next.
#[derive(Clone, Debug)]
pub(crate) enum Next {
    /// An event.
    Event(Arc<Event>),
    /// So many events were lost because they were not taken in time.
    Lost(u64),
}

impl Queue {
    pub(crate) fn new(wishes: Wishes) -> Self {
        Self { wishes, ..Self::default() }
    }

    /// Takes an event if it is wanted. Never waits.
    pub(crate) fn put(&self, event: &Arc<Event>) {
        if !self.wishes.include(event) {
            return;
        }
        {
            let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
            let waiting = &mut *waiting;
            if event.is_replaceable() {
                let key = (Arc::clone(event.meter()), event.kind);
                if let Some(before) = waiting.newest.insert(key, event.number) {
                    waiting.events.remove(&before);
                }
            } else {
                waiting.others.push_back(event.number);
                if waiting.others.len() > WAITING
                    && let Some(oldest) = waiting.others.pop_front()
                {
                    waiting.events.remove(&oldest);
                    waiting.lost += 1;
                }
            }
            waiting.events.insert(event.number, Arc::clone(event));
        }
        self.arrived.notify_one();
    }

    /// Takes a picture of a meter for a client that has just come, unless news overtook it.
    pub(crate) fn begin_with(&self, event: &Arc<Event>) {
        let overtaken = {
            let waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
            waiting.newest.contains_key(&(Arc::clone(event.meter()), event.kind))
        };
        if !overtaken {
            self.put(event);
        }
    }

    /// The next one, oldest first; `None` when nothing waits.
    pub(crate) fn take(&self) -> Option<Next> {
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        if waiting.lost > 0 {
            return Some(Next::Lost(core::mem::take(&mut waiting.lost)));
        }
        let (number, event) = waiting.events.pop_first()?;
        if event.is_replaceable() {
            waiting.newest.remove(&(Arc::clone(event.meter()), event.kind));
        } else if waiting.others.front() == Some(&number) {
            waiting.others.pop_front();
        }
        drop(waiting);
        Some(Next::Event(event))
    }

    /// Waits until something may be there.
    pub(crate) async fn arrival(&self) {
        self.arrived.notified().await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stream::event::tests::{interval, live};

    fn numbers(queue: &Queue) -> Vec<u64> {
        let next = |next| match next {
            Next::Event(event) => event.number,
            Next::Lost(count) => 1000 + count,
        };
        core::iter::from_fn(|| queue.take()).map(next).collect()
    }

    #[test]
    fn old_values_of_a_meter_give_way_and_intervals_do_not() {
        let queue = Queue::new(Wishes::default());
        for event in [live(1, "a"), interval(2, "a"), live(3, "b"), live(4, "a"), interval(5, "a")]
        {
            queue.put(&event);
        }
        assert_eq!(numbers(&queue), [2, 3, 4, 5]);
        assert!(numbers(&queue).is_empty());
        queue.put(&live(6, "a"));
        assert_eq!(numbers(&queue), [6]);
    }

    #[test]
    fn a_client_that_sleeps_loses_the_oldest_and_is_told_how_many() {
        let queue = Queue::new(Wishes::default());
        queue.put(&live(1, "a"));
        for number in 2..=514 + 9 {
            queue.put(&interval(number, "a"));
        }
        let numbers = numbers(&queue);
        assert_eq!(numbers.len(), 512 + 2);
        assert_eq!(numbers[..3], [1010, 1, 12]);
        assert_eq!(numbers.last(), Some(&523));
    }

    #[test]
    fn a_first_picture_does_not_overtake_news() {
        let queue = Queue::new(Wishes::default());
        queue.put(&live(1, "a"));
        queue.begin_with(&live(2, "a"));
        queue.begin_with(&live(3, "b"));
        assert_eq!(numbers(&queue), [1, 3]);
    }

    #[test]
    fn only_what_is_wished_for_waits() {
        let wishes = Wishes { meter: Some("a".into()), kinds: Some(vec![Kind::Interval]) };
        let queue = Queue::new(wishes);
        for event in [live(1, "a"), interval(2, "a"), interval(3, "b")] {
            queue.put(&event);
        }
        assert_eq!(numbers(&queue), [2]);
    }
}
