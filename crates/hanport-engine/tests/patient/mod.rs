//! A session and a doctor who hears what it hears.

use hanport_core::cipher::key::Key;
use hanport_core::session::push::{Event, Options, Session};
use hanport_engine::doctor::{Doctor, Report};
use hanport_engine::line::{Arrival, LineEvent};
use hanport_engine::state::Message;
use hanport_engine::time::UtcMillis;
use hanport_sim::meter::Personality;
use hanport_sim::scenario::Scenario;

/// Silence after which nothing more belongs to a message.
const SILENCE_MS: i64 = 500;

/// What a meter's owner would set.
pub(crate) fn keys_of(personality: &Personality) -> Options {
    let security = personality.security;
    Options {
        encryption_key: security.map(|security| Key::new(security.encryption_key)),
        authentication_key: security.and_then(|s| s.authentication_key).map(Key::new),
        hint: None,
    }
}

pub(crate) fn start_of(scenario: &Scenario) -> UtcMillis {
    UtcMillis::from(scenario.start)
}

/// A session with its doctor.
#[derive(Debug)]
pub(crate) struct Patient {
    pub(crate) doctor: Doctor,
    session: Box<Session<4096>>,
    message: Message,
    last: Option<UtcMillis>,
}

impl Patient {
    pub(crate) fn new(now: UtcMillis, options: Options) -> Self {
        let mut doctor = Doctor::new(now);
        doctor.handle_arrival(&Arrival::Event(now, LineEvent::Opened("a port".to_owned())));
        Self {
            doctor,
            session: Box::new(Session::new(options)),
            message: Message::new(now),
            last: None,
        }
    }

    pub(crate) fn tell(&mut self, now: UtcMillis, event: LineEvent) {
        self.doctor.handle_arrival(&Arrival::Event(now, event));
    }

    pub(crate) fn hear(&mut self, now: UtcMillis, octets: &[u8]) {
        self.wait(now);
        self.last = Some(now);
        self.doctor.handle_arrival(&Arrival::Octets(now, octets.to_vec()));
        let mut rest = octets;
        while let Some(event) = self.session.poll(&mut rest) {
            take(&mut self.doctor, &mut self.message, now, &event);
        }
    }

    pub(crate) fn wait(&mut self, now: UtcMillis) {
        if self.last.is_some_and(|last| now.since(last) >= SILENCE_MS) {
            self.last = None;
            while let Some(event) = self.session.end() {
                take(&mut self.doctor, &mut self.message, now, &event);
            }
        }
    }

    pub(crate) fn report(&mut self, now: UtcMillis) -> Report {
        self.wait(now);
        self.doctor.report(now)
    }
}

fn take(doctor: &mut Doctor, message: &mut Message, now: UtcMillis, event: &Event<'_>) {
    match event {
        Event::Fault(fault) => doctor.handle_fault(now, fault),
        Event::Reading(reading) => {
            message.read(reading, now);
            doctor.handle_message(now, message);
        }
    }
}
