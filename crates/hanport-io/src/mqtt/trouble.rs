//! What a connection says about itself: to the log, one line a change, and to those who show it.

use std::time::Duration;

use tokio::sync::watch;
use tokio::time::Instant;

use super::health::{Health, LinkHealth};
use crate::broker::{Pauses, Trouble};

/// A connection that ends before is one of those that count as thrown out.
const SHORT: Duration = Duration::from_mins(1);
/// So many short ones in a row have a cause of their own.
const SHORT_ONES: u32 = 3;

/// What a connection says about itself.
#[derive(Debug)]
pub(super) struct Troubles {
    name: String,
    address: String,
    client_id: String,
    place: usize,
    health: watch::Sender<Health>,
    since: Option<Instant>,
    short_ones: u32,
    told: Option<String>,
    pauses: Pauses,
}

impl Troubles {
    pub(super) fn new(
        name: String,
        broker: &crate::broker::BrokerOptions,
        place: usize,
        health: watch::Sender<Health>,
    ) -> Self {
        Self {
            name,
            address: broker.address(),
            client_id: broker.client_id.clone(),
            place,
            health,
            since: None,
            short_ones: 0,
            told: None,
            pauses: Pauses::default(),
        }
    }

    /// The name for logs.
    pub(super) fn name(&self) -> &str {
        &self.name
    }

    /// Changes what is shown.
    pub(super) fn tell(&self, change: impl FnOnce(&mut LinkHealth)) {
        self.health.send_if_modified(|health| {
            let Some(link) = health.links.get_mut(self.place) else { return false };
            let before = link.clone();
            change(link);
            *link != before
        });
    }

    /// The connection stands.
    pub(super) fn stands(&mut self) {
        self.since = Some(Instant::now());
        self.told = None;
        tracing::info!(link = self.name, broker = self.address, "connected");
        self.tell(|health| {
            health.connected = true;
            health.trouble = None;
        });
    }

    /// It ended, or was never made. Returns the pause before the next attempt.
    pub(super) fn ended(&mut self, mut trouble: Trouble) -> Duration {
        if let Some(since) = self.since.take() {
            if since.elapsed() < SHORT {
                self.short_ones = self.short_ones.saturating_add(1);
            } else {
                self.short_ones = 0;
                self.pauses.reset();
            }
        }
        if trouble.kind == "closed" && self.short_ones >= SHORT_ONES {
            trouble = self.thrown_out(trouble.code);
        }
        if self.told.as_ref() != Some(&trouble.text) {
            tracing::warn!(link = self.name, trouble = trouble.text, "not connected");
            self.told = Some(trouble.text.clone());
        }
        self.tell(|health| {
            health.connected = false;
            health.trouble = Some(trouble);
        });
        self.pauses.pause()
    }

    fn thrown_out(&self, code: i8) -> Trouble {
        let text = format!(
            "{} closed the connection {} times soon after it was made; most likely another client has the client id `{}` too, and the two throw each other out: give one of them another id",
            self.address, self.short_ones, self.client_id
        );
        Trouble { kind: "taken_over", text, code }
    }
}
