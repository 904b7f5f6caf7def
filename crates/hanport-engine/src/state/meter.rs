//! One meter: what is known of it, and what follows from what comes in.

use hanport_core::number::Number;
use hanport_core::quantity::Quantity;
use hanport_core::reading::Authenticity;
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};

use super::derive::{self, Follows, Values};
use super::effect::Effect;
use super::input::{Input, Message};
use super::live::{Live, LiveValue, Origin};
use super::net::{Net, NetFinder};
use super::port::Port;
use super::registers::Totals;
use super::settings::Settings;
use crate::energy::{Entry, Ledger, PerRegister, Register, Running, Sample};
use crate::time::{ClockNotice, MeterClock, Row, TimeSource, UtcMillis};

/// What must not be lost when the program stops. Store it with the entries of the ledger.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Memory {
    /// The books.
    pub ledger: Ledger,
    /// What was found out about the meter's clock.
    pub clock: MeterClock,
    /// How it states its registers.
    pub totals: Totals,
    /// The distribution system, found out.
    pub net: Option<Net>,
    finder: NetFinder,
    /// By which factor registers were multiplied, in thousandths.
    energy_factor: Option<u32>,
}

/// One meter. See the [module](super).
#[derive(Clone, Debug)]
pub struct Meter {
    settings: Settings,
    zone: TimeZone,
    /// Overrules the family that the messages tell.
    row: Option<&'static Row>,
    memory: Memory,
    live: Live,
    port: Port,
    values: Vec<(Quantity, Number)>,
    follows: Vec<Follows>,
    notices: Vec<ClockNotice>,
    entries: Vec<Entry>,
}

impl Meter {
    /// A meter that goes on from what is remembered of it, at a port that is opened now.
    pub fn new(settings: Settings, zone: TimeZone, memory: Memory, opened: UtcMillis) -> Self {
        let mut meter = Self {
            settings,
            zone,
            row: None,
            memory,
            live: Live::default(),
            port: Port::new(opened),
            values: Vec::new(),
            follows: Vec::new(),
            notices: Vec::new(),
            entries: Vec::new(),
        };
        meter.follow_settings();
        meter
    }

    /// Pure: the same inputs give the same effects, on any machine, at any time.
    pub fn apply(&mut self, input: &Input<'_>, out: &mut Vec<Effect>) {
        let now = match *input {
            Input::Fault(at) => {
                self.port.fault(at);
                at
            }
            Input::Message(message) => {
                self.port.reading(message.received);
                if !message.repeated {
                    self.message(message, out);
                }
                message.received
            }
            Input::Tick(at) => at,
        };
        self.live.expire(now, |quantity| out.push(Effect::Gone(quantity)));
        out.extend(self.port.change(now).map(|status| Effect::Port(now, status)));
    }

    /// When a tick is due at the latest: a value becomes stale, or the port late.
    pub fn deadline(&self, now: UtcMillis) -> Option<UtcMillis> {
        [self.live.deadline(), self.port.deadline(now)].into_iter().flatten().min()
    }

    /// The user's word changed.
    pub fn set(&mut self, settings: Settings, zone: TimeZone) {
        self.settings = settings;
        self.zone = zone;
        self.follow_settings();
    }

    /// The scale of the registers changes in the codec: their next readings are new beginnings.
    pub fn rescale(&mut self) {
        self.memory.ledger.rescale();
    }

    /// The newest values.
    pub const fn live(&self) -> &Live {
        &self.live
    }

    /// The port.
    pub const fn port(&self) -> &Port {
        &self.port
    }

    /// What must not be lost.
    pub const fn memory(&self) -> &Memory {
        &self.memory
    }

    /// What the user says.
    pub const fn settings(&self) -> &Settings {
        &self.settings
    }

    /// The distribution system: what the user says, else what was found out.
    pub fn net(&self) -> Option<Net> {
        self.settings.net.or(self.memory.net)
    }

    /// A factor that changed since the last register makes registers begin anew.
    fn follow_settings(&mut self) {
        self.row = self.settings.clock_family.as_deref().and_then(Row::named);
        let energy = Quantity::total(Register::ActiveImport.energy());
        let factor = self.settings.multipliers.of(energy);
        if self.memory.energy_factor.replace(factor).is_some_and(|before| before != factor) {
            self.memory.ledger.rescale();
        }
    }

    fn message(&mut self, message: &Message, out: &mut Vec<Effect>) {
        let multipliers = self.settings.multipliers;
        self.values.clear();
        self.values.extend(message.values.iter().filter_map(|&(quantity, number)| {
            Some((quantity, multipliers.apply(quantity, number)?))
        }));
        let (at, source) = self.instant(message, out);
        self.find_net(out);
        self.follows.clear();
        let estimate_current = !self.settings.no_estimated_current;
        derive::derive(Values(&self.values), self.net(), estimate_current, &mut self.follows);
        self.book(message, at, out);
        self.put(message.received, at, message.authenticity, out);
        out.push(Effect::Message { received: message.received, at, source });
    }

    /// When the values were measured.
    fn instant(&mut self, message: &Message, out: &mut Vec<Effect>) -> (UtcMillis, TimeSource) {
        let received = message.received;
        let Some(time) = message.time.or(message.energy_time) else {
            return (received, TimeSource::Receiver);
        };
        if !received.is_sane() {
            return (received, TimeSource::Receiver);
        }
        self.notices.clear();
        let row = self.row.unwrap_or(message.row);
        let clock = &mut self.memory.clock;
        let (at, source) = clock.message(row, time, received, &self.zone, &mut self.notices);
        out.extend(self.notices.drain(..).map(|notice| Effect::Clock(received, notice)));
        // a clock that stands at the hour says nothing of the powers beside it
        if row.frozen && message.energy_time.is_some() {
            return (received, TimeSource::Receiver);
        }
        (at, source)
    }

    fn find_net(&mut self, out: &mut Vec<Effect>) {
        let values = Values(&self.values);
        if self.net().is_some() {
            return;
        }
        if let Some((voltages, currents)) = values.three_phases()
            && let (Some(active), Some(reactive)) = (values.net_mw(), values.reactive_mvar())
            && let Some(net) = self.memory.finder.observe(active, reactive, voltages, currents)
        {
            self.memory.net = Some(net);
            out.push(Effect::Net(net));
        }
    }

    /// Feeds the ledger.
    fn book(&mut self, message: &Message, at: UtcMillis, out: &mut Vec<Effect>) {
        let received = message.received;
        let values = Values(&self.values);
        let derived = |quantity: Quantity| {
            let found = self.follows.iter().find(|(of, _, _)| *of == quantity);
            found.and_then(|(_, number, _)| number.in_units_of(-3))
        };
        let mut sample = Sample { received, at, registers_at: at, ..Sample::default() };
        sample.meter = message.meter;
        let mut any = false;
        for register in Register::ALL {
            let power = Quantity::total(register.power());
            *sample.power_mw.of_mut(register) = values.milli(power).or_else(|| derived(power));
            let value = self.memory.totals.of(register, values);
            any |= value.is_some();
            *sample.registers.of_mut(register) = value;
        }
        if any && received.is_sane() {
            let time = message.energy_time.or(message.time);
            let clock = &mut self.memory.clock;
            let row = self.row.unwrap_or(message.row);
            sample.registers_at = clock.registers(row, time, received, &self.zone);
        }
        let before = self.memory.ledger.meter().copied();
        self.entries.clear();
        self.memory.ledger.apply(&sample, &mut self.entries);
        out.extend(self.entries.drain(..).map(Effect::Ledger));
        let meter = self.memory.ledger.meter().copied();
        if meter != before {
            out.extend(meter.map(Effect::MeterId));
        }
    }

    /// Keeps the values and tells them.
    fn put(
        &mut self,
        received: UtcMillis,
        at: UtcMillis,
        authenticity: Authenticity,
        out: &mut Vec<Effect>,
    ) {
        let stated = self.values.iter().map(|&(q, n)| (q, n, Origin::Measured));
        for (quantity, number, origin) in stated.chain(self.follows.iter().copied()) {
            let stale_at = received;
            let value =
                LiveValue { quantity, number, at, received, origin, authenticity, stale_at };
            out.push(Effect::Value(self.live.put(value)));
        }
    }

    /// The four running registers: the last official reading and what was measured since.
    pub fn running(&self) -> PerRegister<Option<Running>> {
        let mut running = PerRegister::default();
        for register in Register::ALL {
            *running.of_mut(register) = self.memory.ledger.running(register).copied();
        }
        running
    }
}

#[cfg(test)]
mod tests;
