//! A simulated meter whose messages go the way of real ones: octets, session, state, view.

use std::sync::Arc;

use hanport_core::session::push::{Event, Options, Session};
use hanport_engine::identity::Identity;
use hanport_engine::list_type::ListType;
use hanport_engine::outside::{Archive, Record};
use hanport_engine::state::{Effect, Input, Memory, Message, Meter, Settings};
use hanport_engine::time::UtcMillis;
use hanport_engine::view::{Arrived, Flows, PortView, Update, View, What};
use hanport_sim::scenario::Scenario;
use hanport_sim::simulation::Simulation;
use jiff::tz::TimeZone;

use super::Running;

/// A meter and what is known of it.
#[derive(Debug)]
pub struct Simulated {
    name: Arc<str>,
    meter: Meter,
    session: Box<Session<4096>>,
    simulation: Simulation,
    start: UtcMillis,
    settings: Settings,
    identity: Identity,
    list: Option<ListType>,
    messages: u64,
    pub now: UtcMillis,
    pub flows: Flows,
}

impl Simulated {
    /// A meter of a personality of the simulator, beginning at a local time.
    pub fn new(name: &str, personality: &str, start: &str, settings: Settings) -> Self {
        let scenario = Scenario::new(personality, 7, start).unwrap();
        let zone = TimeZone::get("Europe/Oslo").unwrap();
        let start = UtcMillis(scenario.start.as_millisecond());
        Self {
            name: name.into(),
            meter: Meter::new(settings.clone(), zone, Memory::default(), start),
            session: Box::new(Session::new(Options::default())),
            simulation: Simulation::new(&scenario),
            start,
            settings,
            identity: Identity::default(),
            list: None,
            messages: 0,
            now: start,
            flows: Flows::default(),
        }
    }

    /// Sends messages to the board and the archive until a time.
    pub fn run_until(&mut self, until: UtcMillis, running: &Running) {
        while self.now < until {
            let Some(record) = self.simulation.next() else { break };
            let after = i64::try_from(record.t_first_byte_ns / 1_000_000).unwrap();
            self.now = self.start.plus(after);
            self.take(&record.bytes, running);
        }
        running.clock.set(self.now);
    }

    fn take(&mut self, octets: &[u8], running: &Running) {
        let mut message = Message::new(self.now);
        let mut input = octets;
        let mut any = false;
        while let Some(event) = self.session.poll(&mut input) {
            if let Event::Reading(reading) = event {
                message.read(&reading, self.now);
                self.identity.learn(&reading);
                any = true;
            }
        }
        if !any {
            return;
        }
        self.messages += 1;
        self.list = self.list.max(ListType::of(&message.values));
        let mut effects = Vec::new();
        self.meter.apply(&Input::Message(&message), &mut effects);
        let mut record = Record {
            received: self.now,
            at: self.now,
            values: message.values.clone(),
            ..Record::default()
        };
        let mut news = Vec::new();
        for effect in &effects {
            match effect {
                Effect::Ledger(entry) => {
                    record.entries.push(*entry);
                    if let hanport_engine::energy::Entry::Interval(interval) = entry {
                        news.push(What::Interval(*interval));
                    }
                }
                Effect::Message { at, .. } => record.at = *at,
                _ => {}
            }
        }
        running.kept.keep(&self.name, record);
        let view = Arc::new(self.view());
        let carried = message.values.iter().map(|(quantity, _)| *quantity).collect();
        let list = ListType::of(&message.values);
        news.push(What::Message(Arrived { list, carried, octets: octets.into() }));
        for what in news {
            running.board.publish(&Update { view: Arc::clone(&view), what });
        }
    }

    /// The meter as it is now.
    pub fn view(&self) -> View {
        View {
            meter: Arc::clone(&self.name),
            name: format!("Meter {}", self.name).into(),
            identity: Arc::new(self.identity.clone()),
            now: self.now,
            values: self.meter.live().iter().copied().collect(),
            running: self.meter.running(),
            port: PortView {
                status: self.meter.port().status(self.now),
                source: "/dev/ttyUSB0".into(),
                period_ms: self.meter.port().period_ms(),
                last_message: self.meter.port().last_reading(),
                messages: self.messages,
                faults: 0,
                fault: None,
            },
            list: self.list,
            net: self.meter.net(),
            fuse_a: self.settings.fuse_a,
            production_w: self.settings.production_w,
            energy: self.flows,
            money: None,
        }
    }
}
