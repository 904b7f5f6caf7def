//! What waits in memory to be sent: the newest of a topic and kind, frames in their turn, and
//! what stands, to be said again over every new connection.

use std::collections::{BTreeMap, HashMap};

use hanport_engine::publish::{Keeping, Outgoing};
use hanport_engine::time::UtcMillis;

/// Frames that wait; when there are more the oldest go.
const EACH: usize = 1024;

/// What waits in memory.
#[derive(Debug, Default)]
pub(crate) struct Outbox {
    /// In the order in which they are sent.
    waiting: BTreeMap<u64, Outgoing>,
    /// Where the newest of a topic stands, by its kind. Bounded by the topics there are.
    places: HashMap<String, Vec<(&'static str, u64)>>,
    /// What stands, by topic, in the order of first mention.
    standing: Vec<Outgoing>,
    each: usize,
    next: u64,
    dropped: u64,
}

impl Outbox {
    /// Takes a message, in place of an older one that it overtakes.
    pub(crate) fn push(&mut self, message: Outgoing) {
        match message.keeping {
            Keeping::Each(_) | Keeping::Queued => {
                if message.retain && message.payload.is_empty() {
                    self.standing.retain(|standing| standing.topic != message.topic);
                }
                self.each += 1;
                if self.each > EACH {
                    self.drop_oldest_of_each();
                }
                self.append(message);
            }
            Keeping::Latest(_) => self.put(message),
            Keeping::Standing => {
                match self.standing.iter_mut().find(|standing| standing.topic == message.topic) {
                    Some(standing) => *standing = message.clone(),
                    None => self.standing.push(message.clone()),
                }
                self.put(message);
            }
        }
    }

    fn append(&mut self, message: Outgoing) -> u64 {
        let place = self.next;
        self.next += 1;
        self.waiting.insert(place, message);
        place
    }

    fn put(&mut self, message: Outgoing) {
        if let Some(kinds) = self.places.get(&message.topic)
            && let Some((_, place)) = kinds.iter().find(|(kind, _)| *kind == message.kind)
            && let Some(older) = self.waiting.get_mut(place)
        {
            *older = message;
            self.dropped += 1;
            return;
        }
        let (topic, kind) = (message.topic.clone(), message.kind);
        let place = self.append(message);
        self.places.entry(topic).or_default().push((kind, place));
    }

    fn drop_oldest_of_each(&mut self) {
        let oldest = self.waiting.iter().find(|(_, m)| matches!(m.keeping, Keeping::Each(_)));
        if let Some((&place, _)) = oldest {
            self.waiting.remove(&place);
            self.each -= 1;
            self.dropped += 1;
        }
    }

    /// The next that is still worth sending.
    pub(crate) fn pop(&mut self, now: UtcMillis) -> Option<Outgoing> {
        while let Some((place, message)) = self.waiting.pop_first() {
            if matches!(message.keeping, Keeping::Each(_) | Keeping::Queued) {
                self.each -= 1;
            } else {
                self.forget(&message, place);
            }
            if !message.is_stale(now) {
                return Some(message);
            }
            self.dropped += 1;
        }
        None
    }

    fn forget(&mut self, message: &Outgoing, place: u64) {
        if let Some(kinds) = self.places.get_mut(&message.topic) {
            kinds.retain(|(_, at)| *at != place);
            if kinds.is_empty() {
                self.places.remove(&message.topic);
            }
        }
    }

    /// The connection is new: what stands is said again, before what waits.
    pub(crate) fn again(&mut self) {
        let waiting = std::mem::take(&mut self.waiting);
        self.places.clear();
        self.each = 0;
        for message in self.standing.clone() {
            self.put(message);
        }
        for (_, message) in waiting {
            if !matches!(message.keeping, Keeping::Standing) {
                self.push(message);
            }
        }
    }

    /// Messages that were overtaken or became stale.
    pub(crate) const fn dropped(&self) -> u64 {
        self.dropped
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn live(topic: &str, payload: &str, s: i64) -> Outgoing {
        Outgoing::live(topic, "value", payload, UtcMillis::from_seconds(s))
    }

    fn drain(outbox: &mut Outbox, s: i64) -> Vec<String> {
        let now = UtcMillis::from_seconds(s);
        std::iter::from_fn(|| outbox.pop(now))
            .map(|m| format!("{} {}", m.topic, String::from_utf8(m.payload).unwrap()))
            .collect()
    }

    #[test]
    fn a_newer_value_takes_the_place_of_one_that_waits() {
        let mut outbox = Outbox::default();
        outbox.push(live("a", "1", 0));
        outbox.push(live("b", "1", 0));
        outbox.push(live("a", "2", 1));
        let other = Outgoing { kind: "other", ..live("a", "x", 1) };
        outbox.push(other);
        assert_eq!(drain(&mut outbox, 2), ["a 2", "b 1", "a x"]);
        outbox.push(live("a", "3", 3));
        assert_eq!(drain(&mut outbox, 3), ["a 3"]);
        assert_eq!(outbox.dropped(), 1);
        assert!(outbox.waiting.is_empty() && outbox.places.is_empty());
    }

    #[test]
    fn what_is_stale_is_not_sent() {
        let mut outbox = Outbox::default();
        outbox.push(live("a", "1", 0));
        outbox.push(live("b", "1", 30).kept(Keeping::Each(1000)));
        assert_eq!(drain(&mut outbox, 61), [""; 0]);
        assert_eq!(outbox.dropped(), 2);
    }

    #[test]
    fn frames_keep_their_order_and_the_oldest_go() {
        let mut outbox = Outbox::default();
        for n in 0..EACH + 3 {
            outbox.push(live("f", &n.to_string(), 0).kept(Keeping::Each(1000)));
        }
        let sent = drain(&mut outbox, 0);
        assert_eq!((sent.len(), sent[0].as_str()), (EACH, "f 3"));
    }

    #[test]
    fn what_stands_is_said_again_first_until_it_is_taken_away() {
        let mut outbox = Outbox::default();
        let standing = |topic: &str| Outgoing::standing(topic, "config", "c", UtcMillis(0));
        outbox.push(standing("x"));
        outbox.push(standing("y"));
        assert_eq!(drain(&mut outbox, 0).len(), 2);
        outbox.push(live("a", "1", 100));
        let away = Outgoing { payload: Vec::new(), ..standing("x") };
        outbox.push(away.kept(Keeping::Each(60_000)));
        outbox.again();
        assert_eq!(drain(&mut outbox, 100), ["y c", "a 1"]);
        outbox.again();
        assert_eq!(drain(&mut outbox, 100), ["y c"]);
    }
}
