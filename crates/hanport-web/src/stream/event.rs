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
use crate::api::money::PriceNews;
use crate::api::status::Status;

/// The kinds of events.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Kind {
    /// A quarter-hour was booked.
    Interval,
    /// The values of a meter as they are now.
    Live,
    /// Prices, costs or peaks changed.
    Price,
    /// How the port of a meter does, or something unusual.
    Status,
}

impl Kind {
    pub(crate) const ALL: [Self; 4] = [Self::Interval, Self::Live, Self::Price, Self::Status];

    /// The name of the event.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Interval => "interval",
            Self::Live => "live",
            Self::Price => "price",
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
            What::Gone | What::Message(_) => [event(Kind::Live, nothing), None],
            What::Incident(incident) => [event(Kind::Status, Happened::Incident(*incident)), None],
            What::Interval(interval) => {
                [event(Kind::Interval, Happened::Interval(*interval)), None]
            }
            What::Money => [event(Kind::Price, nothing), None],
            What::Port | What::Settings => {
                [event(Kind::Status, nothing), event(Kind::Live, nothing)]
            }
        }
    }

    /// The event of a view, for a client that has just come.
    pub(crate) const fn first(number: u64, kind: Kind, view: Arc<View>) -> Self {
        let text = OnceLock::new();
        Self { number, kind, view, happened: Happened::Nothing, text }
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
                Kind::Price => self.lines(run, &PriceNews::new(&self.view)),
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

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use hanport_engine::energy::{QuarterHour, Register};
    use hanport_engine::state::Settings;

    fn view(meter: &str) -> Arc<View> {
        let start = "2026-01-10T12:00:00";
        let mut simulated =
            crate::support::meter::Simulated::new(meter, "aidon-no", start, Settings::default());
        simulated.now = crate::support::NOON;
        Arc::new(simulated.view())
    }

    /// Values of a meter.
    pub(crate) fn live(number: u64, meter: &str) -> Arc<Event> {
        Arc::new(Event::first(number, Kind::Live, view(meter)))
    }

    /// A quarter-hour of a meter.
    pub(crate) fn interval(number: u64, meter: &str) -> Arc<Event> {
        let interval = Interval::missing(Register::ActiveImport, QuarterHour(1), 7);
        let update = Update { view: view(meter), what: What::Interval(interval) };
        let [Some(event), None] = Event::of(&update, || number) else { panic!("one event") };
        Arc::new(event)
    }

    #[test]
    fn an_event_is_three_lines_and_an_empty_one() {
        let text = interval(17, "main").text("lx2");
        let text = std::str::from_utf8(&text).unwrap();
        assert_eq!(
            text,
            "id: lx2-17\nevent: interval\ndata: {\"meter\":\"main\",\"register\":\"active_import\",\
             \"start\":\"1970-01-01T00:15:00Z\",\"wh\":7,\"quality\":\"missing\",\"settled\":true}\n\n"
        );
        let text = live(18, "main").text("lx2");
        assert_eq!(std::str::from_utf8(&text).unwrap().lines().count(), 4);
    }
}
