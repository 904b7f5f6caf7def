//! A reading: what one message of a meter says, and nothing else.
//!
//! Values point into the message body instead of copying it, so a [`Readout`] has a fixed size
//! and is filled without a heap; [`Reading`] joins it with the body it points into.

use core::fmt;
use core::fmt::Write as _;

use heapless::Vec;

use crate::datetime::DateTime;
use crate::fault::{Broken, Cause, Layer};
use crate::manufacturer::Manufacturer;
use crate::number::Number;
use crate::obis::Obis;
use crate::quantity::Quantity;
use crate::unit::Unit;

/// Most values one message may carry. A Hungarian P1 telegram has about 60, the longest list
/// known.
pub const MAX_ITEMS: usize = 128;

/// The eight octets by which a ciphering meter names itself: maker code and serial number.
pub type SystemTitle = [u8; 8];

/// How the message was framed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Framing {
    /// A bare DLMS APDU, with or without the LLC octets.
    Dlms,
    /// A text telegram: DSMR P1 or IEC 62056-21.
    Dsmr,
    /// General block transfer over HDLC.
    Gbt,
    /// HDLC frames of type 3.
    Hdlc,
    /// Wired M-Bus long frames.
    Mbus,
    /// The SML transport.
    Sml,
}

impl Framing {
    /// The stable word for programs.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Dlms => "dlms",
            Self::Dsmr => "dsmr",
            Self::Gbt => "gbt",
            Self::Hdlc => "hdlc",
            Self::Mbus => "mbus",
            Self::Sml => "sml",
        }
    }
}

/// What a checksum says about the frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Check {
    /// The framing has no checksum, or the sender left it out.
    Absent,
    /// It was computed and fits.
    Valid,
    /// Header and frame check are zero: the sender does not compute them.
    Zero,
}

/// Whether the sender is proven.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Authenticity {
    /// Not ciphered.
    Plain,
    /// Ciphered without tag, or the key to check the tag is not set.
    Unverified,
    /// The authentication tag was checked.
    Verified,
}

impl Authenticity {
    /// The stable word for programs.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Plain => "plain",
            Self::Unverified => "unverified",
            Self::Verified => "verified",
        }
    }
}

/// How a message was ciphered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ciphering {
    /// The security control octet.
    pub control: u8,
    /// The sender's system title; zeros where the sender leaves it out.
    pub system_title: SystemTitle,
    /// The invocation counter.
    pub invocation_counter: u32,
}

/// Something unusual that does not make the values wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Oddity {
    /// The meter says that its clock is wrong.
    ClockInvalid,
    /// The invocation counter went back.
    CounterWentBack,
    /// A line of a telegram with a valid checksum could not be read.
    LineBroken,
    /// The two keys are set the wrong way round.
    KeysSwapped,
    /// The same ciphered message came again.
    Repeated,
    /// Two octets of a type tag are swapped, as one firmware does.
    TagSwapped,
    /// Octets follow the data that do not belong to it.
    TrailingOctets,
    /// The scale of a value was chosen because it is plausible, not because it was stated.
    ScaleAssumed,
}

/// A set of [`Oddity`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Oddities(u16);

impl Oddities {
    /// Adds one.
    pub const fn add(&mut self, oddity: Oddity) {
        self.0 |= 1 << oddity as u8;
    }

    /// Whether `oddity` is in the set.
    pub const fn has(self, oddity: Oddity) -> bool {
        self.0 & (1 << oddity as u8) != 0
    }
}

/// A range of octets in the message body.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Span {
    /// Offset of the first octet.
    pub start: u16,
    /// Number of octets.
    pub len: u16,
}

impl Span {
    /// From `start` to before `end`; bodies are far shorter than 64 KiB.
    pub fn new(start: usize, end: usize) -> Self {
        let start = u16::try_from(start).unwrap_or(u16::MAX);
        let end = u16::try_from(end).unwrap_or(u16::MAX);
        Self { start, len: end.saturating_sub(start) }
    }

    /// Those octets of `body`; empty where they do not exist.
    pub fn of(self, body: &[u8]) -> &[u8] {
        let start = usize::from(self.start);
        body.get(start..start + usize::from(self.len)).unwrap_or(&[])
    }
}

/// A text in the message body, or a number that serves as one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TextRef {
    /// The octets are pairs of hexadecimal digits (P1).
    Hex(Span),
    /// A meter number sent as an integer.
    Number(u64),
    /// The octets are the text, or binary data.
    Octets(Span),
}

impl TextRef {
    /// The same text as it stands in the message: hexadecimal digits stay digits.
    #[must_use]
    pub const fn printed(self) -> Self {
        match self {
            Self::Hex(span) => Self::Octets(span),
            text => text,
        }
    }
}

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
            oddities: Oddities(0),
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
        self.oddities = Oddities::default();
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

/// A text as people read it: printable characters as they are, anything else in hexadecimal.
/// Padding at the end (NUL and blanks) is left out.
#[derive(Clone, Copy, Debug)]
pub struct Text<'a>(Form<'a>);

#[derive(Clone, Copy, Debug)]
enum Form<'a> {
    Hex(&'a [u8]),
    Number(u64),
    Octets(&'a [u8]),
}

impl<'a> Text<'a> {
    /// The text that `text` points to in `body`.
    pub fn new(text: TextRef, body: &'a [u8]) -> Self {
        Self(match text {
            TextRef::Hex(span) => Form::Hex(span.of(body)),
            TextRef::Number(number) => Form::Number(number),
            TextRef::Octets(span) => Form::Octets(span.of(body)),
        })
    }

    /// Whether nothing is left after the padding.
    pub fn is_empty(&self) -> bool {
        match self.0 {
            Form::Hex(digits) => digits.is_empty(),
            Form::Number(_) => false,
            Form::Octets(octets) => octets.iter().all(|o| matches!(o, 0 | b' ')),
        }
    }
}

fn hex_pairs(digits: &[u8]) -> impl Iterator<Item = u8> + Clone + '_ {
    digits.chunks_exact(2).filter_map(|pair| {
        let digit = |o: u8| char::from(o).to_digit(16).and_then(|d| u8::try_from(d).ok());
        match pair {
            &[high, low] => Some(digit(high)? << 4 | digit(low)?),
            _ => None,
        }
    })
}

fn write_octets(
    f: &mut fmt::Formatter<'_>,
    octets: impl Iterator<Item = u8> + Clone,
) -> fmt::Result {
    let padding = |o: &u8| matches!(o, 0 | b' ');
    let end = octets.clone().enumerate().filter(|(_, o)| !padding(o)).map(|(at, _)| at + 1).last();
    let kept = octets.take(end.unwrap_or(0));
    if kept.clone().all(|o| o == b' ' || o.is_ascii_graphic()) {
        kept.into_iter().try_for_each(|o| f.write_char(char::from(o)))
    } else {
        kept.into_iter().try_for_each(|o| write!(f, "{o:02X}"))
    }
}

impl fmt::Display for Text<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Form::Hex(digits) => write_octets(f, hex_pairs(digits)),
            Form::Number(number) => write!(f, "{number}"),
            Form::Octets(octets) => write_octets(f, octets.iter().copied()),
        }
    }
}
