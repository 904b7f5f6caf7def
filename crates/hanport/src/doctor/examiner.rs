//! A doctor and the session whose readings and faults it hears.

use hanport_core::session::push::{Event, Options, Session};
use hanport_engine::doctor::{Doctor, Report};
use hanport_engine::line::{Arrival, LineEvent};
use hanport_engine::state;
use hanport_engine::time::UtcMillis;

use crate::message::{LONGEST, Message, Meter};

/// Silence after which an unfinished message stays unfinished.
const SILENCE_MS: i64 = 500;

/// Hears what arrives, and what becomes of it.
pub(crate) struct Examiner {
    patient: Patient,
    session: Box<Session<LONGEST>>,
    last: Option<UtcMillis>,
}

struct Patient {
    doctor: Doctor,
    message: state::Message,
    /// What the meter said about itself.
    meter: Option<Meter>,
    /// Whether the times of arrival are real ones, by which the meter's clock can be judged.
    dated: bool,
    needs_key: bool,
}

impl Examiner {
    /// One for a line that is read from now on.
    pub(crate) fn new(options: Options, now: UtcMillis) -> Self {
        let patient = Patient {
            doctor: Doctor::new(now),
            message: state::Message::new(now),
            meter: None,
            dated: true,
            needs_key: false,
        };
        Self { patient, session: Box::new(Session::new(options)), last: None }
    }

    /// The same for octets of which nobody knows when they arrived.
    pub(crate) fn undated(mut self) -> Self {
        self.patient.dated = false;
        self
    }

    /// Something arrived.
    pub(crate) fn handle(&mut self, arrival: &Arrival) {
        let (Arrival::Event(at, _) | Arrival::Octets(at, _)) = arrival;
        self.tick(*at);
        self.patient.doctor.handle_arrival(arrival);
        match arrival {
            Arrival::Octets(at, octets) => {
                self.last = Some(*at);
                let mut rest = octets.as_slice();
                while let Some(event) = self.session.poll(&mut rest) {
                    self.patient.take(*at, &event);
                }
            }
            Arrival::Event(
                at,
                LineEvent::Closed(_) | LineEvent::Pause | LineEvent::Settings(..),
            ) => self.pause(*at),
            Arrival::Event(
                _,
                LineEvent::Dropped(_) | LineEvent::Errors(_) | LineEvent::Opened(_),
            ) => {}
        }
    }

    /// Time passed.
    pub(crate) fn tick(&mut self, now: UtcMillis) {
        if self.last.is_some_and(|last| now.since(last) >= SILENCE_MS) {
            self.pause(now);
        }
    }

    fn pause(&mut self, now: UtcMillis) {
        self.last = None;
        while let Some(event) = self.session.end() {
            self.patient.take(now, &event);
        }
    }

    /// What the doctor says.
    pub(crate) fn report(&self, now: UtcMillis) -> Report {
        self.patient.doctor.report(now)
    }

    /// What the meter said about itself, and whether it asks for a key.
    pub(crate) const fn meter(&self) -> (Option<&Meter>, bool) {
        (self.patient.meter.as_ref(), self.patient.needs_key)
    }
}

impl Patient {
    fn take(&mut self, now: UtcMillis, event: &Event<'_>) {
        match event {
            Event::Fault(fault) => {
                self.needs_key |= fault.cause == hanport_core::fault::Cause::NeedsKey;
                self.doctor.handle_fault(now, fault);
            }
            Event::Reading(reading) => {
                self.message.read(reading, now);
                if !self.dated {
                    self.message.time = None;
                }
                self.doctor.handle_message(now, &self.message);
                let said = Message::of(event).meter;
                let more = |meter: &Meter| meter.model.is_none() && said.model.is_some();
                if self.meter.as_ref().is_none_or(more) {
                    self.meter = Some(said);
                }
            }
        }
    }
}
