//! What comes in: messages, faults and the passing of time.

use core::fmt::Write as _;

use hanport_core::datetime::DateTime;
use hanport_core::number::Number;
use hanport_core::quantity::Quantity;
use hanport_core::reading::{Authenticity, Oddities, Oddity, Reading, Value};

use crate::energy::MeterId;
use crate::time::{Row, UtcMillis};

/// Something that happened.
#[derive(Clone, Debug)]
pub enum Input<'a> {
    /// Octets came that did not become a reading.
    Fault(UtcMillis),
    /// A reading.
    Message(&'a Message),
    /// Time passed.
    Tick(UtcMillis),
}

/// A reading without the octets it was read from. Made to be filled again and again.
#[derive(Clone, Debug)]
pub struct Message {
    /// When it arrived.
    pub received: UtcMillis,
    /// When it was sent, by the meter's clock.
    pub time: Option<DateTime>,
    /// The clock element that belongs to the registers.
    pub energy_time: Option<DateTime>,
    /// What is known of the clocks of its family.
    pub row: &'static Row,
    /// Whether the sender is proven.
    pub authenticity: Authenticity,
    /// Whether the same message came before.
    pub repeated: bool,
    /// What was unusual.
    pub oddities: Oddities,
    /// The meter's number.
    pub meter: Option<MeterId>,
    /// The numbers, each quantity once.
    pub values: Vec<(Quantity, Number)>,
}

impl Message {
    /// An empty one.
    pub const fn new(received: UtcMillis) -> Self {
        Self {
            received,
            time: None,
            energy_time: None,
            row: Row::any(),
            authenticity: Authenticity::Plain,
            repeated: false,
            oddities: Oddities::NONE,
            meter: None,
            values: Vec::new(),
        }
    }

    /// Takes over a reading that arrived at `received`.
    pub fn read(&mut self, reading: &Reading<'_>, received: UtcMillis) {
        let readout = reading.readout;
        self.received = received;
        self.time = readout.time;
        self.energy_time = readout.energy_time;
        self.row = Row::of(reading);
        self.authenticity = readout.authenticity;
        self.repeated = readout.oddities.has(Oddity::Repeated);
        self.oddities = readout.oddities;
        self.meter = reading.meter_id().and_then(|id| {
            let mut text = String::new();
            write!(text, "{id}").ok()?;
            MeterId::new(&text)
        });
        self.values.clear();
        for item in reading.items() {
            if let (Some(quantity), Value::Number(number, _)) = (item.quantity, item.value)
                && self.number(quantity).is_none()
            {
                self.values.push((quantity, number));
            }
        }
    }

    /// The number of a quantity; `None` when the message does not carry it.
    pub fn number(&self, quantity: Quantity) -> Option<Number> {
        self.values.iter().find(|(of, _)| *of == quantity).map(|(_, number)| *number)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use hanport_core::obis::Obis;
    use hanport_core::quantity::Measure;
    use hanport_core::reading::{Framing, Readout, Span, TextRef};
    use hanport_core::unit::Unit;

    #[test]
    fn a_reading_is_taken_over_and_nothing_of_the_one_before() {
        let body = b"AIDON_V0001 7359992890941742";
        let mut readout = Readout::new();
        readout.framing = Framing::Hdlc;
        readout.meter_id = Some(TextRef::Octets(Span::new(12, 28)));
        let power = Obis::from_text(b"1-0:1.7.0").unwrap();
        for watts in [500, 600] {
            readout.push_number(power, Number::new(watts, 0), Unit::Watt, Span::new(0, 0)).unwrap();
        }
        let mut message = Message::new(UtcMillis(0));
        message.values.push((Quantity::total(Measure::Frequency), Number::new(50, 0)));
        message.read(&Reading { readout: &readout, body }, UtcMillis(7));
        let import = Quantity::total(Measure::ActiveImport);
        assert_eq!(message.values, [(import, Number::new(500, 0))]);
        assert_eq!(message.meter.unwrap().as_str(), "7359992890941742");
        assert_eq!(message.received, UtcMillis(7));
    }
}
