//! What is told, and how it is written.
//!
//! ```text
//! id: lx2k4-17             the run of the server and a number that grows
//! event: live
//! data: {"meter":"main",...}
//!
//! ```

use std::sync::{Arc, OnceLock};

use bytes::Bytes;
use hanport_engine::energy::{Incident, Interval};
use hanport_engine::view::{Update, View, What};
use serde::Serialize;

use crate::api::document::Live;
use crate::api::energy::IntervalNews;
use crate::api::status::Status;

/// The kinds of events.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Kind {
    /// A quarter-hour was booked.
    Interval,
    /// The values of a meter as they are now.
    Live,
    /// How the port of a meter does, or something unusual.
    Status,
}

impl Kind {
    pub(crate) const ALL: [Self; 3] = [Self::Interval, Self::Live, Self::Status];

    /// The name of the event.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Interval => "interval",
            Self::Live => "live",
            Self::Status => "status",
        }
    }
}

/// What happened, as far as it is not in the view.
#[derive(Clone, Copy, Debug)]
enum Happened {
    Incident(Incident),
    Interval(Interval),
    Nothing,
}

/// One event. It is written once, by whoever needs it first.
#[derive(Debug)]
pub(crate) struct Event {
    /// Its number, growing.
    pub number: u64,
    pub kind: Kind,
    view: Arc<View>,
    happened: Happened,
    text: OnceLock<Bytes>,
}

impl Event {
    /// The events that follow from an update.
    pub(crate) fn of(update: &Update, mut number: impl FnMut() -> u64) -> [Option<Self>; 2] {
        let mut event = |kind, happened| {
            let view = Arc::clone(&update.view);
            Some(Self { number: number(), kind, view, happened, text: OnceLock::new() })
        };
        let nothing = Happened::Nothing;
        match &update.what {
            What::Fault => [event(Kind::Status, nothing), None],
            What::Gone | What::Message(_) | What::Money => [event(Kind::Live, nothing), None],
            What::Incident(incident) => [event(Kind::Status, Happened::Incident(*incident)), None],
            What::Interval(interval) => {
                [event(Kind::Interval, Happened::Interval(*interval)), None]
            }
            What::Port | What::Settings => {
                [event(Kind::Status, nothing), event(Kind::Live, nothing)]
            }
        }
    }

    /// The live event of a view, for a client that has just come.
    pub(crate) const fn first(number: u64, view: Arc<View>) -> Self {
        let text = OnceLock::new();
        Self { number, kind: Kind::Live, view, happened: Happened::Nothing, text }
    }

    /// The meter it is about.
    pub(crate) fn meter(&self) -> &Arc<str> {
        &self.view.meter
    }

    /// Whether a later event of the same kind and meter makes this one worthless.
    pub(crate) const fn is_replaceable(&self) -> bool {
        matches!(self.happened, Happened::Nothing)
    }

    /// The lines of it.
    pub(crate) fn text(&self, run: &str) -> Bytes {
        self.text.get_or_init(|| self.write(run)).clone()
    }

    fn write(&self, run: &str) -> Bytes {
        match &self.happened {
            Happened::Interval(interval) => {
                self.lines(run, &IntervalNews::new(&self.view.meter, interval))
            }
            Happened::Incident(incident) => {
                self.lines(run, &Status::new(&self.view, Some(incident)))
            }
            Happened::Nothing => match self.kind {
                Kind::Status => self.lines(run, &Status::new(&self.view, None)),
                Kind::Interval | Kind::Live => {
                    self.lines(run, &Live::new(&self.view, self.view.now))
                }
            },
        }
    }

    fn lines(&self, run: &str, data: &impl Serialize) -> Bytes {
        let head = format!("id: {run}-{}\nevent: {}\ndata: ", self.number, self.kind.name());
        let mut text = head.into_bytes();
        // JSON without line feeds in it: the writer escapes them
        if serde_json::to_writer(&mut text, data).is_err() {
            return Bytes::new();
        }
        text.extend_from_slice(b"\n\n");
        text.into()
    }
}
