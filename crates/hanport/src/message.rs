//! What a session said about one message, kept beyond the next one.

use core::convert::Infallible;

use hanport_core::datetime::DateTime;
use hanport_core::family::model;
use hanport_core::fault::{Cause, Fault, Layer};
use hanport_core::manufacturer::Manufacturer;
use hanport_core::number::Number;
use hanport_core::obis::Obis;
use hanport_core::quantity::Quantity;
use hanport_core::reading::{
    Authenticity, Framing, Oddities, Reading, SystemTitle, TextRef, Value,
};
use hanport_core::session::push::{Event, Options, Session};
use hanport_core::unit::Unit;
use hanport_engine::capture::Capture;

/// The longest message read: a P1 telegram with a long text message.
pub(crate) const LONGEST: usize = 4096;

/// One message.
#[derive(Debug)]
pub(crate) struct Message {
    /// The sender.
    pub(crate) meter: Meter,
    /// When it was sent, by the meter's clock.
    pub(crate) time: Option<DateTime>,
    /// The clock element that belongs to the registers.
    pub(crate) energy_time: Option<DateTime>,
    /// How it was framed, where that is known.
    pub(crate) framing: Option<Framing>,
    /// Whether it was ciphered, where that is known.
    pub(crate) encrypted: Option<bool>,
    /// Whether the sender is proven; only for readings.
    pub(crate) authenticity: Option<Authenticity>,
    /// What was unusual.
    pub(crate) oddities: Oddities,
    /// The values, or why there are none.
    pub(crate) outcome: Outcome,
}

/// The values, or why there are none.
#[derive(Debug)]
pub(crate) enum Outcome {
    /// Why the message did not become a reading.
    Fault(Fault),
    /// The values in the order of the message.
    Reading(Vec<Entry>),
}

/// What a message says about its sender.
#[derive(Debug, Default)]
pub(crate) struct Meter {
    /// The maker.
    pub(crate) manufacturer: Option<Manufacturer>,
    /// The maker's type designation.
    pub(crate) model: Option<String>,
    /// The type designation in words.
    pub(crate) model_name: Option<String>,
    /// The meter's number.
    pub(crate) id: Option<String>,
    /// The name of the list.
    pub(crate) list_id: Option<String>,
    /// The name under which the sender ciphers.
    pub(crate) system_title: Option<SystemTitle>,
}

/// One value.
#[derive(Debug)]
pub(crate) struct Entry {
    /// Its code.
    pub(crate) obis: Obis,
    /// What it measures, where that is known.
    pub(crate) quantity: Option<Quantity>,
    /// When it was captured, where it has a time of its own.
    pub(crate) at: Option<DateTime>,
    /// The value.
    pub(crate) content: Content,
}

/// The value of an [`Entry`].
#[derive(Debug)]
pub(crate) enum Content {
    /// A number in base units.
    Number(Number, Unit),
    /// A text, or octets in hexadecimal.
    Text {
        /// As people read it.
        text: String,
        /// The digits on the wire, where the sender wrote the text in hexadecimal.
        digits: Option<String>,
    },
    /// Date and time.
    Time(DateTime),
}

impl Message {
    /// Keeps what a session said.
    pub(crate) fn of(event: &Event<'_>) -> Self {
        match event {
            Event::Fault(fault) => Self::of_fault(*fault),
            Event::Reading(reading) => Self::of_reading(reading),
        }
    }

    fn of_fault(fault: Fault) -> Self {
        let by_cause = match fault.cause {
            Cause::AuthenticationFailed | Cause::NeedsKey | Cause::WrongKey => Some(true),
            _ => None,
        };
        let meter = Meter {
            manufacturer: fault.system_title.and_then(maker),
            system_title: fault.system_title.filter(|title| *title != LEFT_OUT),
            ..Meter::default()
        };
        Self {
            meter,
            time: None,
            energy_time: None,
            framing: fault.framing,
            encrypted: fault.system_title.map(|_| true).or(by_cause),
            authenticity: None,
            oddities: Oddities::default(),
            outcome: Outcome::Fault(fault),
        }
    }

    fn of_reading(reading: &Reading<'_>) -> Self {
        let readout = reading.readout;
        let text = |text: Option<hanport_core::reading::Text<'_>>| {
            text.filter(|text| !text.is_empty()).map(|text| text.to_string())
        };
        let entries = reading.items().iter().map(|item| Entry {
            obis: item.obis,
            quantity: item.quantity,
            at: item.at,
            content: match item.value {
                Value::Number(number, unit) => Content::Number(number, unit),
                Value::Text(text) => Content::Text {
                    text: reading.text(text).to_string(),
                    digits: match text {
                        TextRef::Hex(span) => {
                            Some(String::from_utf8_lossy(span.of(reading.body)).into_owned())
                        }
                        TextRef::DeviceNumber(_)
                        | TextRef::Number(_)
                        | TextRef::Octets(_)
                        | TextRef::Serial(_) => None,
                    },
                },
                Value::Time(time) => Content::Time(time),
            },
        });
        Self {
            meter: Meter {
                manufacturer: readout.manufacturer,
                model: text(reading.meter_model()),
                model_name: model::of(reading).map(str::to_owned),
                id: text(reading.meter_id()),
                list_id: text(reading.list_id()),
                system_title: readout
                    .ciphering
                    .map(|ciphering| ciphering.system_title)
                    .filter(|title| *title != LEFT_OUT),
            },
            time: readout.time,
            energy_time: readout.energy_time,
            framing: Some(readout.framing),
            encrypted: Some(readout.ciphering.is_some()),
            authenticity: Some(readout.authenticity),
            oddities: readout.oddities,
            outcome: Outcome::Reading(entries.collect()),
        }
    }

    /// Whether it became a reading.
    pub(crate) const fn is_reading(&self) -> bool {
        matches!(self.outcome, Outcome::Reading(_))
    }

    /// Whether its frame passed its checks, whatever became of what is in it.
    const fn is_whole(&self) -> bool {
        match self.outcome {
            Outcome::Reading(_) => true,
            Outcome::Fault(Fault { layer, .. }) => match layer {
                Layer::Line | Layer::Frame | Layer::Transfer => false,
                Layer::Apdu | Layer::Cipher | Layer::Data | Layer::List => true,
            },
        }
    }

    /// Whether it only tells of octets that belong to no message.
    pub(crate) const fn is_junk(&self) -> bool {
        self.junk().is_some()
    }

    /// Octets passed over because nothing in them looked like a message.
    const fn junk(&self) -> Option<usize> {
        match self.outcome {
            Outcome::Fault(Fault { cause: Cause::NoFrame { octets }, .. }) => Some(octets),
            _ => None,
        }
    }
}

/// A title of zeros stands for one that the sender leaves out.
const LEFT_OUT: SystemTitle = [0; 8];

/// The maker, by the first three letters of the system title.
fn maker(title: SystemTitle) -> Option<Manufacturer> {
    title.get(..3).and_then(Manufacturer::from_flag)
}

/// Shows `see` all messages of a capture, one after the other. Octets that belong to no message
/// are a message of their own only where there is no other.
///
/// Whether messages end where the writer of the capture made a break is not known: frames may go
/// on in the next line of a log, but messages without frame end with theirs. Both are tried; they
/// end only where more readings, or else more whole messages, come of it.
pub(crate) fn visit<E>(
    capture: &Capture,
    options: &Options,
    mut see: impl FnMut(Message) -> Result<(), E>,
) -> Result<(), E> {
    let chunks: Vec<&[u8]> = capture.chunks.iter().map(Vec::as_slice).collect();
    if let [] | [_] = chunks[..] {
        return poll_all(&chunks, options, &mut see);
    }
    let joined = capture.octets();
    let joined = kept(&[&joined], options);
    let apart = kept(&chunks, options);
    let merit = |messages: &[Message]| {
        let readings = messages.iter().filter(|message| message.is_reading()).count();
        let whole = messages.iter().filter(|message| message.is_whole()).count();
        (readings, whole)
    };
    let better = if merit(&apart) > merit(&joined) { apart } else { joined };
    better.into_iter().try_for_each(see)
}

fn kept(chunks: &[&[u8]], options: &Options) -> Vec<Message> {
    let mut messages = Vec::new();
    let Ok(()) = poll_all(chunks, options, &mut |message| -> Result<(), Infallible> {
        messages.push(message);
        Ok(())
    });
    messages
}

/// Each chunk ends what was begun in it.
fn poll_all<E>(
    chunks: &[&[u8]],
    options: &Options,
    see: &mut dyn FnMut(Message) -> Result<(), E>,
) -> Result<(), E> {
    let mut stream = Stream::new(options);
    for chunk in chunks {
        stream.feed(chunk, see)?;
        stream.end_message(see)?;
    }
    stream.finish(see)
}

/// A stream of octets that is shown piece by piece, as [`visit`] shows a capture.
pub(crate) struct Stream {
    session: Session<LONGEST>,
    junk: usize,
    any: bool,
}

impl Stream {
    /// Nothing is read yet.
    pub(crate) fn new(options: &Options) -> Self {
        Self { session: Session::new(options.clone()), junk: 0, any: false }
    }

    /// Shows `see` the messages that end in `octets`.
    pub(crate) fn feed<E>(
        &mut self,
        octets: &[u8],
        see: &mut dyn FnMut(Message) -> Result<(), E>,
    ) -> Result<(), E> {
        let mut rest = octets;
        while let Some(event) = self.session.poll(&mut rest) {
            let message = Message::of(&event);
            take(message, &mut self.junk, &mut self.any, see)?;
        }
        Ok(())
    }

    fn end_message<E>(&mut self, see: &mut dyn FnMut(Message) -> Result<(), E>) -> Result<(), E> {
        while let Some(event) = self.session.end() {
            let message = Message::of(&event);
            take(message, &mut self.junk, &mut self.any, see)?;
        }
        Ok(())
    }

    /// Nothing more comes.
    pub(crate) fn finish<E>(
        mut self,
        see: &mut dyn FnMut(Message) -> Result<(), E>,
    ) -> Result<(), E> {
        self.end_message(see)?;
        if self.any {
            return Ok(());
        }
        see(Message::of_fault(Fault {
            cause: Cause::NoFrame { octets: self.junk },
            layer: Layer::Line,
            start: 0,
            offset: 0,
            framing: None,
            system_title: None,
        }))
    }
}

/// Counts what is no message and shows what is one.
fn take<E>(
    message: Message,
    junk: &mut usize,
    any: &mut bool,
    see: &mut dyn FnMut(Message) -> Result<(), E>,
) -> Result<(), E> {
    if let Some(octets) = message.junk() {
        *junk += octets;
        return Ok(());
    }
    *any = true;
    see(message)
}
