//! A reading: what one message of a meter says, and nothing else.
//!
//! Values point into the message body instead of copying it, so a [`Readout`] has a fixed size
//! and is filled without a heap; [`Reading`] joins it with the body it points into.

use heapless::Vec;

use crate::datetime::DateTime;
use crate::fault::{Broken, Cause, Layer};
use crate::manufacturer::Manufacturer;
use crate::number::Number;
use crate::obis::Obis;
use crate::quantity::Quantity;
use crate::unit::Unit;

pub use crate::origin::{Authenticity, Check, Ciphering, Framing, Oddities, Oddity, SystemTitle};
pub use crate::text::{Span, Text, TextRef};

/// Most values one message may carry. A Hungarian P1 telegram has about 60, the longest list
/// known.
pub const MAX_ITEMS: usize = 128;
/// One value of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Value {
    /// A number in base units.
    Number(Number, Unit),
    /// A text or octets.
    Text(TextRef),
    /// Date and time.
    Time(DateTime),
}

/// One value with its code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Item {
    /// The code on the wire, or the code that the element of a list without codes stands for.
    pub obis: Obis,
    /// What it measures, where that is known.
    pub quantity: Option<Quantity>,
    /// The value.
    pub value: Value,
    /// When it was captured, where the message says so for this value.
    pub at: Option<DateTime>,
    /// Where the value stands in the message body.
    pub span: Span,
}

/// Everything a message says, as spans into its body. Reused from message to message.
#[derive(Clone, Debug)]
pub struct Readout {
    /// Octets from the start of the stream to the start of the message.
    pub start: u64,
    /// Octets of the stream from there to the end of the message.
    pub octets: usize,
    /// How it was framed.
    pub framing: Framing,
    /// What the checksum says.
    pub check: Check,
    /// Whether the sender is proven.
    pub authenticity: Authenticity,
    /// How it was ciphered, if it was.
    pub ciphering: Option<Ciphering>,
    /// Invoke id and priority bits of the notification.
    pub invoke_id: Option<u32>,
    /// The maker, where the message tells.
    pub manufacturer: Option<Manufacturer>,
    /// The row of the meter table that explained the list; for people.
    pub layout: &'static str,
    /// The list's own name, such as `AIDON_V0001`.
    pub list_id: Option<TextRef>,
    /// The meter's number.
    pub meter_id: Option<TextRef>,
    /// The maker's type designation.
    pub meter_model: Option<TextRef>,
    /// When the message was sent, by the meter's clock.
    pub time: Option<DateTime>,
    /// The clock element that belongs to the registers.
    pub energy_time: Option<DateTime>,
    /// What was unusual.
    pub oddities: Oddities,
    /// The values in the order of the message.
    pub items: Vec<Item, MAX_ITEMS>,
}

impl Default for Readout {
    fn default() -> Self {
        Self::new()
    }
}

impl Readout {
    /// An empty one.
    pub const fn new() -> Self {
        Self {
            start: 0,
            octets: 0,
            framing: Framing::Dlms,
            check: Check::Absent,
            authenticity: Authenticity::Plain,
            ciphering: None,
            invoke_id: None,
            manufacturer: None,
            layout: "",
            list_id: None,
            meter_id: None,
            meter_model: None,
            time: None,
            energy_time: None,
            oddities: Oddities::NONE,
            items: Vec::new(),
        }
    }

    /// Forgets everything: a reading never keeps a value of the message before.
    pub fn clear(&mut self) {
        self.items.clear();
        self.start = 0;
        self.octets = 0;
        self.framing = Framing::Dlms;
        self.check = Check::Absent;
        self.authenticity = Authenticity::Plain;
        self.ciphering = None;
        self.invoke_id = None;
        self.manufacturer = None;
        self.layout = "";
        self.list_id = None;
        self.meter_id = None;
        self.meter_model = None;
        self.time = None;
        self.energy_time = None;
        self.oddities = Oddities::NONE;
    }

    /// Adds a value; a message with too many is refused whole.
    pub fn push(&mut self, item: Item) -> Result<(), Broken> {
        let offset = usize::from(item.span.start);
        self.items
            .push(item)
            .map_err(|_| Broken::new(Layer::List, Cause::TooManyValues(MAX_ITEMS), offset))
    }

    /// Adds a number in base units under its code.
    pub fn push_number(
        &mut self,
        obis: Obis,
        number: Number,
        unit: Unit,
        span: Span,
    ) -> Result<(), Broken> {
        let quantity = Quantity::from_obis(obis);
        self.push(Item { obis, quantity, value: Value::Number(number, unit), at: None, span })
    }

    /// Adds a text or octets under its code.
    pub fn push_text(&mut self, obis: Obis, text: TextRef, span: Span) -> Result<(), Broken> {
        self.push(Item { obis, quantity: None, value: Value::Text(text), at: None, span })
    }
}

/// A reading: the values and the message body they stand in.
#[derive(Clone, Copy, Debug)]
pub struct Reading<'a> {
    /// What was understood.
    pub readout: &'a Readout,
    /// The message body: the plain APDU, the telegram or the SML file.
    pub body: &'a [u8],
}

impl<'a> Reading<'a> {
    /// The values in the order of the message.
    pub fn items(&self) -> &'a [Item] {
        &self.readout.items
    }

    /// The first value of a quantity; `None` when the message does not carry it.
    pub fn number(&self, quantity: Quantity) -> Option<Number> {
        self.items().iter().find_map(|item| match item.value {
            Value::Number(number, _) if item.quantity == Some(quantity) => Some(number),
            _ => None,
        })
    }

    /// A text of this message.
    pub fn text(&self, text: TextRef) -> Text<'a> {
        Text::new(text, self.body)
    }

    /// The meter's number.
    pub fn meter_id(&self) -> Option<Text<'a>> {
        self.readout.meter_id.map(|text| self.text(text))
    }

    /// The maker's type designation.
    pub fn meter_model(&self) -> Option<Text<'a>> {
        self.readout.meter_model.map(|text| self.text(text))
    }

    /// The list's own name.
    pub fn list_id(&self) -> Option<Text<'a>> {
        self.readout.list_id.map(|text| self.text(text))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reading_with_too_many_values_is_refused_where_the_last_one_stands() {
        let mut readout = Readout::default();
        let power = Obis([1, 0, 1, 7, 0, 255]);
        let put = |readout: &mut Readout, at: u16| {
            let span = Span { start: at, len: 4 };
            readout.push_number(power, Number::new(1, 0), Unit::Watt, span)
        };
        for at in 0..128 {
            put(&mut readout, at).unwrap();
        }
        let full = Broken::new(Layer::List, Cause::TooManyValues(MAX_ITEMS), 128);
        assert_eq!(put(&mut readout, 128), Err(full));
        readout.clear();
        assert!(readout.items.is_empty());
    }
}
