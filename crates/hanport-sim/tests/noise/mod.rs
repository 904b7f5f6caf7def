//! The noise soak: messages of a meter through independent bit errors into one session.

use std::collections::VecDeque;
use std::time::Duration;

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
        .lasting(Duration::MAX)
        .in_house(solar_house())
        .with_fault(Fault::with_probability(FaultId::BitFlip, BIT_ERROR));
    let mut line = Line {
        session: reader(personality),
        figures: Figures::default(),
        octets: 0,
        unread: VecDeque::new(),
    };
    for record in Simulation::new(&scenario).take(messages) {
        line.send(record);
    }
    line.finish()
}

/// Octets that a session may hold before it decides.
const HELD: u64 = 4096;

/// A session, and the messages on the line that it has not read yet.
struct Line {
    session: Box<Reader>,
    figures: Figures,
    /// Octets sent.
    octets: u64,
    /// With the place in the stream where each ends.
    unread: VecDeque<(u64, Record)>,
}

impl Line {
    fn send(&mut self, mut record: Record) {
        self.figures.sent += 1;
        self.figures.damaged += u64::from(record.faults.has(FaultId::BitFlip));
        let octets = std::mem::take(&mut record.bytes);
        self.octets += octets.len() as u64;
        self.unread.push_back((self.octets, record));
        let Self { session, figures, unread, .. } = self;
        feed(session, &octets, |event| note(&event, figures, unread));
        while self.unread.front().is_some_and(|(end, _)| end + HELD < self.octets) {
            self.lose_first();
        }
    }

    fn finish(mut self) -> Figures {
        let Self { session, figures, unread, .. } = &mut self;
        pause(session, |event| note(&event, figures, unread));
        while !self.unread.is_empty() {
            self.lose_first();
        }
        self.figures
    }

    fn lose_first(&mut self) {
        let good = self.unread.pop_front().is_some_and(|(_, record)| record.faults.is_empty());
        self.figures.lost += u64::from(good);
    }
}

/// A reading belongs to the message in which its last octet but one stands: the last may be the
/// flag that begins the next.
fn note(event: &Event<'_>, figures: &mut Figures, unread: &mut VecDeque<(u64, Record)>) {
    let Event::Reading(reading) = event else {
        figures.faults += 1;
        return;
    };
    figures.read += 1;
    let last = reading.readout.start + reading.readout.octets as u64 - 2;
    let place = unread.iter().position(|(end, _)| last < *end);
    let record = place.and_then(|place| unread.remove(place));
    let right = record.is_some_and(|(_, record)| difference(&record.truth, reading).is_none());
    figures.wrong += u64::from(!right);
}
