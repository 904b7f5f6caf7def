//! What the invocation counters of ciphered messages tell: order, repetition, restart.
//!
//! The counter grows by one with every ciphered message under one key (IEC 62056-5-3, invocation
//! counter). Good meters keep it over a power cut, or jump a little; it begins anew when the key
//! is changed. A reader that only listens gains nothing by refusing a message that went back, so
//! the caller is told, once, and decides.

use crate::reading::SystemTitle;

/// Counters up to this one are taken for the beginning after a change of key.
const BEGINNING: u32 = 16;

/// What a message is by its counter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Freshness {
    /// The same counter as the message before, but another content: a fault of the sender, or
    /// somebody else.
    Conflicting,
    /// The first one of this sender.
    First,
    /// Later than the one before.
    Later {
        /// Messages between the two that were not seen.
        missed: u32,
    },
    /// The message before once more, as repeaters send it.
    Repeated,
    /// The counter began anew, as it does with a new key.
    Restarted,
    /// Earlier than the one before.
    WentBack {
        /// By how much.
        by: u32,
    },
}

#[derive(Clone, Copy, Debug)]
struct Last {
    title: SystemTitle,
    counter: u32,
    fingerprint: u64,
    /// The higher, the more recently heard of.
    heard: u32,
}

/// Remembers the last message of the senders heard most recently.
///
/// `SENDERS` is how many are told apart; a port has one meter, two during an exchange.
#[derive(Clone, Debug)]
pub struct Replay<const SENDERS: usize = 2> {
    last: [Option<Last>; SENDERS],
    heard: u32,
}

impl<const SENDERS: usize> Default for Replay<SENDERS> {
    fn default() -> Self {
        Self::new()
    }
}

impl<const SENDERS: usize> Replay<SENDERS> {
    /// Nobody heard of yet.
    pub const fn new() -> Self {
        Self { last: [None; SENDERS], heard: 0 }
    }

    /// Judges a message by its sender, its invocation counter and the fingerprint of its
    /// content ([`Opened::fingerprint`](crate::cipher::suite0::Opened::fingerprint)), and
    /// remembers it. Whatever the judgement, the message becomes the one that later ones are
    /// compared with: a step back is told once, not for ever.
    ///
    /// Call it for messages that were opened; a damaged one must not move the counter.
    pub fn judge(&mut self, title: SystemTitle, counter: u32, fingerprint: u64) -> Freshness {
        self.heard = self.heard.wrapping_add(1);
        let now = Last { title, counter, fingerprint, heard: self.heard };
        if let Some(last) = self.last.iter_mut().flatten().find(|last| last.title == title) {
            return compare(core::mem::replace(last, now), now);
        }
        let oldest = self.last.iter_mut().min_by_key(|last| last.map_or(0, |l| l.heard));
        if let Some(place) = oldest {
            *place = Some(now);
        }
        Freshness::First
    }
}

const fn compare(before: Last, now: Last) -> Freshness {
    if now.counter == before.counter {
        return if now.fingerprint == before.fingerprint {
            Freshness::Repeated
        } else {
            Freshness::Conflicting
        };
    }
    if now.counter > before.counter {
        return Freshness::Later { missed: now.counter - before.counter - 1 };
    }
    if now.counter <= BEGINNING && before.counter > BEGINNING {
        return Freshness::Restarted;
    }
    Freshness::WentBack { by: before.counter - now.counter }
}

#[cfg(test)]
mod tests {
    use super::*;

    const METER: SystemTitle = *b"KAM00001";
    const OTHER: SystemTitle = *b"KAM00002";
    const THIRD: SystemTitle = *b"KAM00003";

    #[test]
    fn messages_are_told_apart_by_counter_and_content() {
        let mut replay = Replay::<2>::new();
        for (counter, fingerprint, freshness) in [
            (1000, 1, Freshness::First),
            (1001, 2, Freshness::Later { missed: 0 }),
            (1001, 2, Freshness::Repeated),
            (1001, 3, Freshness::Conflicting),
            (1001, 3, Freshness::Repeated),
            (1010, 4, Freshness::Later { missed: 8 }),
            (900, 5, Freshness::WentBack { by: 110 }),
            (901, 6, Freshness::Later { missed: 0 }),
            (0, 7, Freshness::Restarted),
            (2, 8, Freshness::Later { missed: 1 }),
            (1, 9, Freshness::WentBack { by: 1 }),
            (u32::MAX, 10, Freshness::Later { missed: u32::MAX - 2 }),
            (0, 11, Freshness::Restarted),
        ] {
            assert_eq!(replay.judge(METER, counter, fingerprint), freshness, "{counter}");
        }
    }

    #[test]
    fn every_sender_has_its_own_counter() {
        let mut replay = Replay::<2>::default();
        assert_eq!(replay.judge(METER, 500, 1), Freshness::First);
        assert_eq!(replay.judge(OTHER, 7, 2), Freshness::First);
        assert_eq!(replay.judge(METER, 501, 3), Freshness::Later { missed: 0 });
        assert_eq!(replay.judge(OTHER, 8, 4), Freshness::Later { missed: 0 });
    }

    #[test]
    fn the_sender_not_heard_of_for_longest_is_forgotten() {
        let mut replay = Replay::<2>::new();
        for title in [METER, OTHER, METER, THIRD] {
            replay.judge(title, 100, 1);
        }
        assert_eq!(replay.judge(METER, 100, 1), Freshness::Repeated);
        assert_eq!(replay.judge(OTHER, 100, 1), Freshness::First);
    }
}
