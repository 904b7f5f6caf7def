//! A source that runs, and what it tells.

use std::sync::Arc;
use std::time::Duration;

use hanport_engine::line::{Arrival, LineEvent};
use hanport_io::clock::System;
use hanport_io::source::{self, Outside, Retry, Source, SourceError};
use tokio::sync::mpsc;
use tokio::task::JoinSet;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

/// Nothing takes as long.
pub(crate) const PATIENCE: Duration = Duration::from_secs(30);

/// Tries again quickly.
pub(crate) fn quick() -> Outside {
    let retry = Retry { first: Duration::from_millis(20), longest: Duration::from_millis(100) };
    Outside { retry, ..Outside::new(Arc::new(System)) }
}

/// A running source.
pub(crate) struct Running {
    arrivals: mpsc::Receiver<Arrival>,
    stop: CancellationToken,
    task: JoinSet<Result<(), SourceError>>,
    /// Everything told so far.
    pub(crate) seen: Vec<Arrival>,
    /// Octets that arrived and were not asked for yet.
    octets: Vec<u8>,
}

impl Running {
    pub(crate) fn start(source: Source) -> Self {
        Self::start_with(source, quick(), 64)
    }

    pub(crate) fn start_with(source: Source, outside: Outside, room: usize) -> Self {
        let (tap, arrivals) = mpsc::channel(room);
        let stop = CancellationToken::new();
        let mut task = JoinSet::new();
        task.spawn(source::run(source, outside, tap, stop.clone()));
        Self { arrivals, stop, task, seen: Vec::new(), octets: Vec::new() }
    }

    /// The next arrival; `None` at the end.
    pub(crate) async fn next(&mut self) -> Option<Arrival> {
        let next = timeout(PATIENCE, self.arrivals.recv()).await;
        let arrival =
            next.unwrap_or_else(|_| panic!("nothing more arrives after {:#?}", self.seen));
        self.seen.extend(arrival.clone());
        if let Some(Arrival::Octets(_, octets)) = &arrival {
            assert!(!octets.is_empty());
            self.octets.extend(octets);
        }
        arrival
    }

    /// Waits for an event.
    pub(crate) async fn until(&mut self, wanted: impl Fn(&LineEvent) -> bool) -> LineEvent {
        loop {
            match self.next().await {
                Some(Arrival::Event(_, event)) if wanted(&event) => return event,
                Some(_) => {}
                None => panic!("the source ended after {:#?}", self.seen),
            }
        }
    }

    /// Waits until it is open; what it says it is.
    pub(crate) async fn opened(&mut self) -> String {
        match self.until(|event| matches!(event, LineEvent::Opened(_))).await {
            LineEvent::Opened(what) => what,
            other => panic!("{other:?}"),
        }
    }

    /// Waits until it is closed for a reason with `word` in it.
    pub(crate) async fn closed(&mut self, word: &str) -> String {
        let wanted =
            |event: &LineEvent| matches!(event, LineEvent::Closed(why) if why.contains(word));
        match self.until(wanted).await {
            LineEvent::Closed(why) => why,
            other => panic!("{other:?}"),
        }
    }

    /// Waits for `count` octets.
    pub(crate) async fn octets(&mut self, count: usize) -> Vec<u8> {
        while self.octets.len() < count {
            assert!(self.next().await.is_some(), "the source ended after {:#?}", self.seen);
        }
        self.octets.drain(..count).collect()
    }

    /// Waits until it ends by itself; all octets that were not asked for.
    pub(crate) async fn end(mut self) -> (Result<(), SourceError>, Vec<u8>) {
        while self.next().await.is_some() {}
        let ended = self.task.join_next().await.unwrap().unwrap();
        (ended, self.octets)
    }

    /// The same without a limit of time, for clocks that are stopped.
    pub(crate) async fn end_whenever(mut self) -> (Result<(), SourceError>, Vec<u8>) {
        while let Some(arrival) = self.arrivals.recv().await {
            if let Arrival::Octets(_, octets) = arrival {
                self.octets.extend(octets);
            }
        }
        (self.task.join_next().await.unwrap().unwrap(), self.octets)
    }

    /// Tells it to stop, which it must do at once.
    pub(crate) async fn stop(mut self) {
        self.stop.cancel();
        let ended = timeout(Duration::from_secs(1), self.task.join_next()).await;
        assert!(matches!(ended, Ok(Some(Ok(Ok(()))))), "{ended:?}");
    }

    /// Nobody takes what arrives any more.
    pub(crate) async fn forsake(mut self) {
        drop(self.arrivals);
        let ended = timeout(PATIENCE, self.task.join_next()).await;
        assert!(matches!(ended, Ok(Some(Ok(Ok(()))))), "{ended:?}");
    }
}
