//! One message to a broker.

use std::sync::Arc;

use crate::time::UtcMillis;

/// How sure a broker must have got a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Qos {
    /// 1: it says so; until then the message is sent again.
    AtLeastOnce,
    /// 0: it is sent, and that is all.
    AtMostOnce,
}

/// What happens to a message that cannot be sent at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Keeping {
    /// It waits in its turn, but not longer than so many milliseconds.
    Each(i64),
    /// A newer one of its topic and kind takes its place; it waits no longer than so many
    /// milliseconds.
    Latest(i64),
    /// It waits on disk until the broker has it, however long that takes.
    Queued,
    /// The newest of its topic is sent again whenever the connection is made anew.
    Standing,
}

/// One message to a broker.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outgoing {
    /// Where to.
    pub topic: String,
    /// What: text but for frames as they came. Empty and retained takes a retained one away.
    pub payload: Vec<u8>,
    /// Whether the broker keeps it for those who come later.
    pub retain: bool,
    /// How sure.
    pub qos: Qos,
    /// How long it is worth sending.
    pub keeping: Keeping,
    /// What kind of message it is: messages of several kinds may share a topic.
    pub kind: &'static str,
    /// Of which meter; `None` when of the reader.
    pub meter: Option<Arc<str>>,
    /// When what it says was so.
    pub at: UtcMillis,
}

/// A live value is worth sending for a minute.
pub const LIVE: Keeping = Keeping::Latest(60_000);

impl Outgoing {
    /// A live message: not retained, at most once, worth sending for a minute.
    pub fn live(
        topic: impl Into<String>,
        kind: &'static str,
        payload: impl Into<Vec<u8>>,
        at: UtcMillis,
    ) -> Self {
        Self {
            topic: topic.into(),
            payload: payload.into(),
            retain: false,
            qos: Qos::AtMostOnce,
            keeping: LIVE,
            kind,
            meter: None,
            at,
        }
    }

    /// A message that stands: retained, at least once, sent again after every connection.
    pub fn standing(
        topic: impl Into<String>,
        kind: &'static str,
        payload: impl Into<Vec<u8>>,
        at: UtcMillis,
    ) -> Self {
        Self {
            retain: true,
            qos: Qos::AtLeastOnce,
            keeping: Keeping::Standing,
            ..Self::live(topic, kind, payload, at)
        }
    }

    /// The same, retained.
    #[must_use]
    pub fn retained(self, retain: bool) -> Self {
        Self { retain, ..self }
    }

    /// The same, of a meter.
    #[must_use]
    pub fn of(self, meter: &Arc<str>) -> Self {
        Self { meter: Some(Arc::clone(meter)), ..self }
    }

    /// The same, kept otherwise.
    #[must_use]
    pub fn kept(self, keeping: Keeping) -> Self {
        Self { keeping, ..self }
    }

    /// Whether it is not worth sending any more.
    pub fn is_stale(&self, now: UtcMillis) -> bool {
        match self.keeping {
            Keeping::Each(ms) | Keeping::Latest(ms) => now.since(self.at) > ms,
            Keeping::Queued | Keeping::Standing => false,
        }
    }
}
