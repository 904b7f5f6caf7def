//! How a broker's links do.

use crate::broker::Trouble;

/// How a broker's links do.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Health {
    /// Each of its connections.
    pub links: Vec<LinkHealth>,
}

/// How one connection does.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LinkHealth {
    /// Whether it stands.
    pub connected: bool,
    /// Why it does not, in words.
    pub trouble: Option<Trouble>,
    /// Messages that the broker took, or that were handed to the network where it says nothing.
    pub sent: u64,
    /// Live messages that were overtaken or became stale before they could be sent.
    pub dropped: u64,
    /// Messages that wait on disk.
    pub queued: u64,
    /// Messages that were to be kept but could not be: the disk or the queue is full.
    pub lost: u64,
    /// What the disk of the queue says, while it says no.
    pub disk: Option<String>,
}

impl Health {
    /// Of so many connections, none of which stands yet.
    pub fn of(links: usize) -> Self {
        Self { links: vec![LinkHealth::default(); links] }
    }

    /// Whether all connections stand.
    pub fn is_connected(&self) -> bool {
        !self.links.is_empty() && self.links.iter().all(|link| link.connected)
    }

    /// Messages that wait on disk.
    pub fn queued(&self) -> u64 {
        self.links.iter().map(|link| link.queued).sum()
    }

    /// Messages that were to be kept but could not be.
    pub fn lost(&self) -> u64 {
        self.links.iter().map(|link| link.lost).sum()
    }

    /// What the disk of the queue says, while it says no.
    pub fn disk(&self) -> Option<&str> {
        self.links.iter().find_map(|link| link.disk.as_deref())
    }

    /// The first trouble.
    pub fn trouble(&self) -> Option<&Trouble> {
        self.links.iter().find_map(|link| link.trouble.as_ref())
    }
}
