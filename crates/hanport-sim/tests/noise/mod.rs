//! The noise soak: messages of a meter through independent bit errors into one session.

use hanport_core::session::push::Event;
use hanport_sim::fault::{Fault, FaultId};
use hanport_sim::meter::Personality;
use hanport_sim::record::Record;
use hanport_sim::scenario::{Scenario, solar_house};
use hanport_sim::simulation::Simulation;

use crate::reader::{Reader, difference, feed, pause, reader};

/// Probability of an error of one bit on the line.
pub(crate) const BIT_ERROR: f64 = 1e-5;

/// What became of the messages of a meter.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Figures {
    /// Messages sent, and how many of them had at least one wrong bit.
    pub sent: u64,
    pub damaged: u64,
    /// Messages read.
    pub read: u64,
    /// Readings that say anything else than what was sent.
    pub wrong: u64,
    /// Messages without a wrong bit that were not read.
    pub lost: u64,
    /// Faults told.
    pub faults: u64,
}

impl Figures {
    /// The sum with another meter.
    pub(crate) const fn and(self, other: Self) -> Self {
        Self {
            sent: self.sent + other.sent,
            damaged: self.damaged + other.damaged,
            read: self.read + other.read,
            wrong: self.wrong + other.wrong,
            lost: self.lost + other.lost,
            faults: self.faults + other.faults,
        }
    }
}

/// Sends `messages` of a meter through the noise into one session, without a pause.
pub(crate) fn soak(personality: &Personality, messages: usize) -> Figures {
    let scenario = Scenario::new(personality.name, 5, "2024-01-15T00:00")
        .expect("the meter exists")
        .lasting(std::time::Duration::MAX)
        .in_house(solar_house())
        .with_fault(Fault::with_probability(FaultId::BitFlip, BIT_ERROR));
    let mut line = Line { session: reader(personality), figures: Figures::default(), unread: None };
    for record in Simulation::new(&scenario).take(messages) {
        line.send(record);
    }
    line.finish()
}

/// A session and the message before the last: damage at its end may be told with the next one.
struct Line {
    session: Box<Reader>,
    figures: Figures,
    unread: Option<Record>,
}

impl Line {
    fn send(&mut self, record: Record) {
        let figures = &mut self.figures;
        figures.sent += 1;
        figures.damaged += u64::from(record.faults.has(FaultId::BitFlip));
        let mut before = self.unread.take();
        let mut now = Some(record);
        let octets = now.as_ref().map_or_else(Vec::new, |record| record.bytes.clone());
        feed(&mut self.session, &octets, |event| {
            note(event, figures, &mut before, &mut now);
        });
        figures.lose(before);
        self.unread = now;
    }

    fn finish(mut self) -> Figures {
        let (figures, mut last) = (&mut self.figures, self.unread.take());
        pause(&mut self.session, |event| note(event, figures, &mut None, &mut last));
        figures.lose(last);
        self.figures
    }
}

/// A reading belongs to the message that it agrees with, or to none.
fn note(
    event: Event<'_>,
    figures: &mut Figures,
    before: &mut Option<Record>,
    now: &mut Option<Record>,
) {
    let Event::Reading(reading) = event else {
        figures.faults += 1;
        return;
    };
    figures.read += 1;
    for place in [now, before] {
        if place.take_if(|record| difference(&record.truth, &reading).is_none()).is_some() {
            return;
        }
    }
    figures.wrong += 1;
}

impl Figures {
    fn lose(&mut self, record: Option<Record>) {
        self.lost += u64::from(record.is_some_and(|record| record.faults.is_empty()));
    }
}
