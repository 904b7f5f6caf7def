//! The way from a source to whoever reads the meter.

use std::sync::Arc;
use std::time::Duration;

use hanport_engine::line::{Arrival, LineErrors, LineEvent, LineSettings};
use hanport_engine::outside::clock::Clock;
use hanport_engine::time::UtcMillis;
use tokio::sync::mpsc;
use tokio::time::Instant;

/// Octets read at once, and the most that one arrival holds.
pub(crate) const CHUNK: usize = 2048;

/// Events that come with every few octets are told at most this often.
const TOLD_EVERY: Duration = Duration::from_secs(1);

/// Why a source stopped reading.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Broken {
    /// Nobody takes what arrives any more.
    Deaf,
    /// The line is lost; why, for people.
    Lost(String),
}

/// Tells what arrives, with the time. When nobody takes it, it waits; what the sender sends
/// meanwhile stays in the buffers of the system and then with the sender.
#[derive(Debug)]
pub(crate) struct Feed {
    clock: Arc<dyn Clock>,
    tap: mpsc::Sender<Arrival>,
    closed: Option<String>,
    errors: LineErrors,
    dropped: u64,
    counted: Option<Instant>,
}

impl Feed {
    pub(crate) const fn new(clock: Arc<dyn Clock>, tap: mpsc::Sender<Arrival>) -> Self {
        let errors = LineErrors { breaks: 0, framing: 0, overrun: 0, parity: 0 };
        Self { clock, tap, closed: None, errors, dropped: 0, counted: None }
    }

    /// The time now.
    pub(crate) fn now(&self) -> UtcMillis {
        self.clock.now()
    }

    /// Hands an arrival on as it is.
    pub(crate) async fn hand_on(&self, arrival: Arrival) -> Result<(), Broken> {
        self.tap.send(arrival).await.map_err(|_| Broken::Deaf)
    }

    /// Octets that arrived now.
    pub(crate) async fn octets(&mut self, octets: &[u8]) -> Result<(), Broken> {
        self.tell_counts().await?;
        if octets.is_empty() {
            return Ok(());
        }
        self.hand_on(Arrival::Octets(self.now(), octets.to_vec())).await
    }

    /// The line is open.
    pub(crate) async fn opened(&mut self, what: String) -> Result<(), Broken> {
        self.closed = None;
        self.event(LineEvent::Opened(what)).await
    }

    /// The line is lost. Said once for every reason.
    pub(crate) async fn closed(&mut self, why: String) -> Result<(), Broken> {
        self.counted = None;
        self.tell_counts().await?;
        if self.closed.as_ref() == Some(&why) {
            return Ok(());
        }
        self.closed = Some(why.clone());
        self.event(LineEvent::Closed(why)).await
    }

    /// What was sent before is over.
    pub(crate) async fn pause(&mut self) -> Result<(), Broken> {
        self.event(LineEvent::Pause).await
    }

    /// The line is read with other settings.
    pub(crate) async fn settings(
        &mut self,
        settings: LineSettings,
        right: bool,
    ) -> Result<(), Broken> {
        self.counted = None;
        self.tell_counts().await?;
        self.event(LineEvent::Settings(settings, right)).await
    }

    /// Counts damaged characters; they are told soon.
    pub(crate) const fn damaged(&mut self, errors: LineErrors) {
        self.errors.breaks = self.errors.breaks.saturating_add(errors.breaks);
        self.errors.framing = self.errors.framing.saturating_add(errors.framing);
        self.errors.overrun = self.errors.overrun.saturating_add(errors.overrun);
        self.errors.parity = self.errors.parity.saturating_add(errors.parity);
    }

    /// Counts octets that are thrown away; they are told soon.
    pub(crate) const fn dropped(&mut self, octets: u64) {
        self.dropped = self.dropped.saturating_add(octets);
    }

    /// Tells what was counted, unless it was told a moment ago.
    pub(crate) async fn tell_counts(&mut self) -> Result<(), Broken> {
        let counted = self.dropped > 0 || self.errors != LineErrors::default();
        if !counted || self.counted.is_some_and(|told| told.elapsed() < TOLD_EVERY) {
            return Ok(());
        }
        self.counted = Some(Instant::now());
        let errors = core::mem::take(&mut self.errors);
        let dropped = core::mem::take(&mut self.dropped);
        if errors != LineErrors::default() {
            self.event(LineEvent::Errors(errors)).await?;
        }
        if dropped > 0 {
            self.event(LineEvent::Dropped(dropped)).await?;
        }
        Ok(())
    }

    async fn event(&self, event: LineEvent) -> Result<(), Broken> {
        self.hand_on(Arrival::Event(self.now(), event)).await
    }
}
