//! How a serial line is set: as told, or searched.

use std::sync::Arc;
use std::time::Duration;

use hanport_core::session::push::Options;
use hanport_engine::detect::{Change, Detector};
use hanport_engine::line::{LineErrors, LineSettings};
use hanport_engine::time::UtcMillis;
use tokio::time::Instant;

use super::feed::{Broken, Feed};
use super::{Memory, Outside};

/// The clock of the machine may step; the search is asked at least this often.
const GLANCE: Duration = Duration::from_secs(1);

/// How a serial line is set.
#[derive(Clone, Debug)]
pub enum Setup {
    /// As told.
    Fixed(LineSettings),
    /// Searched; sessions with these options judge what is heard. Boxed because keys are large.
    Search(Box<Options>),
}

/// The settings of one line through all its openings.
#[derive(Debug)]
pub(crate) struct Tuning {
    port: String,
    settings: LineSettings,
    search: Option<Search>,
    /// When the search was shown last.
    shown: Instant,
}

#[derive(Debug)]
struct Search {
    detector: Detector,
    memory: Arc<dyn Memory>,
    found: bool,
}

impl Tuning {
    /// For the port of this name.
    pub(crate) fn new(setup: &Setup, port: &str, outside: &Outside) -> Self {
        let (settings, search) = match setup {
            Setup::Fixed(settings) => (*settings, None),
            Setup::Search(options) => {
                let now = outside.clock.now();
                let detector = Detector::new(options, outside.memory.recall(port), now);
                let memory = Arc::clone(&outside.memory);
                (detector.settings(), Some(Search { detector, memory, found: false }))
            }
        };
        Self { port: port.to_owned(), settings, search, shown: Instant::now() }
    }

    /// Whether it is for the port of this name.
    pub(crate) fn is_of(&self, port: &str) -> bool {
        self.port == port
    }

    /// How the line is to be set now.
    pub(crate) const fn settings(&self) -> LineSettings {
        self.settings
    }

    /// Whether the settings are known to be right: told by the user, or found.
    pub(crate) fn is_right(&self) -> bool {
        self.search.as_ref().is_none_or(|search| search.found)
    }

    /// Hands on what was heard, and tells the search.
    pub(crate) async fn hear(
        &mut self,
        feed: &mut Feed,
        octets: &[u8],
        errors: LineErrors,
    ) -> Result<(), Broken> {
        // First of all the octets: the search may take its time.
        feed.octets(octets).await?;
        self.judge(feed, octets, errors);
        Ok(())
    }

    /// Tells the search what was heard; the octets are handed on by the caller.
    ///
    /// What is heard after the search has made up its mind, and before the line is set anew,
    /// says nothing about the settings to come.
    pub(crate) fn judge(&mut self, feed: &mut Feed, octets: &[u8], errors: LineErrors) {
        feed.damaged(errors);
        let now = feed.now();
        self.pass(now);
        let Some(Search { detector, .. }) = &mut self.search else { return };
        if detector.settings() != self.settings {
            return;
        }
        if !octets.is_empty() {
            detector.handle_octets(now, octets);
        }
        if errors != LineErrors::default() {
            detector.handle_errors(now, errors);
        }
    }

    /// What the search wants changed; ask until `None`, and set the line as it says.
    pub(crate) async fn change(&mut self, feed: &mut Feed) -> Result<Option<LineSettings>, Broken> {
        let Some(Search { detector, memory, found }) = &mut self.search else {
            return Ok(None);
        };
        while let Some(change) = detector.poll_change() {
            match change {
                Change::Locked(settings) => {
                    *found = true;
                    memory.keep(&self.port, settings);
                    memory.searched(&self.port, detector);
                    feed.settings(settings, true).await?;
                    if core::mem::replace(&mut self.settings, settings) != settings {
                        return Ok(Some(settings));
                    }
                }
                Change::Lost(settings) => {
                    *found = false;
                    feed.settings(settings, false).await?;
                }
                Change::Try(settings) => {
                    *found = false;
                    memory.searched(&self.port, detector);
                    feed.settings(settings, false).await?;
                    self.settings = settings;
                    return Ok(Some(settings));
                }
            }
        }
        Ok(None)
    }

    /// Time passed.
    pub(crate) fn handle_timeout(&mut self, feed: &Feed) {
        self.pass(feed.now());
    }

    fn pass(&mut self, now: UtcMillis) {
        let Some(Search { detector, memory, .. }) = &mut self.search else { return };
        if !detector.is_locked() && self.shown.elapsed() >= GLANCE {
            self.shown = Instant::now();
            memory.searched(&self.port, detector);
        }
        if detector.poll_timeout().is_some_and(|due| due <= now) {
            detector.handle_timeout(now);
        }
    }

    /// How long to wait for octets at most.
    pub(crate) fn wait(&self, feed: &Feed) -> Duration {
        let due = self.search.as_ref().and_then(|search| search.detector.poll_timeout());
        due.map_or(GLANCE, |due| {
            let left = u64::try_from(due.since(feed.now())).unwrap_or(0);
            Duration::from_millis(left).min(GLANCE)
        })
    }
}
