//! A message as JSON. The shape is stable: programs read it.
//!
//! Numbers are exact: the digits of the sender, in base units, as they are.

use std::io::{self, Write};

use hanport_core::datetime::DateTime;
use hanport_core::fault::{Fault, Layer};
use hanport_core::manufacturer::Manufacturer;
use hanport_core::reading::{Authenticity, Framing};
use hanport_engine::exact;
use serde_json::{Map, Value, json};

use crate::advice;
use crate::message::{Content, Entry, Message, Outcome};

/// One object, or an array of several, which of them being known with the second message.
#[derive(Debug, Default)]
pub(crate) enum Document {
    /// No message came yet.
    #[default]
    Empty,
    /// The only message so far, not written yet.
    One(Value),
    /// An array has begun.
    Several,
}

impl Document {
    /// Adds a message.
    pub(crate) fn add(&mut self, out: &mut impl Write, message: &Message) -> io::Result<()> {
        let object = object(message);
        *self = match std::mem::take(self) {
            Self::Empty => Self::One(object),
            Self::One(first) => {
                write!(out, "[\n{first},\n{object}")?;
                Self::Several
            }
            Self::Several => {
                write!(out, ",\n{object}")?;
                Self::Several
            }
        };
        Ok(())
    }

    /// Ends it.
    pub(crate) fn finish(self, out: &mut impl Write) -> io::Result<()> {
        match self {
            Self::Empty => writeln!(out, "[]"),
            Self::One(object) => writeln!(out, "{object}"),
            Self::Several => writeln!(out, "\n]"),
        }
    }
}

/// Writes one object on one line.
pub(crate) fn write_line(out: &mut impl Write, message: &Message) -> io::Result<()> {
    writeln!(out, "{}", object(message))
}

fn object(message: &Message) -> Value {
    let meter = &message.meter;
    let title = meter.system_title.map(advice::title_text);
    let mut object = Map::new();
    let mut set = |name: &str, value: Value| {
        object.insert(name.to_owned(), value);
    };
    set(
        "meter",
        json!({
            "manufacturer": meter.manufacturer.map(Manufacturer::name),
            "model": meter.model,
            "model_name": meter.model_name,
            "id": meter.id,
            "list_id": meter.list_id,
            "system_title": title,
        }),
    );
    set("time", time(message.time));
    set("energy_time", time(message.energy_time));
    set("framing", message.framing.map(Framing::name).into());
    set("encrypted", message.encrypted.into());
    set("authenticity", message.authenticity.map(Authenticity::name).into());
    match &message.outcome {
        Outcome::Fault(fault) => set("error", error(fault)),
        Outcome::Reading(entries) => {
            let (values, obis) = split(entries);
            set("values", Value::Object(values));
            set("obis", Value::Object(obis));
            let notes: Vec<&str> =
                advice::oddities(message.oddities).map(|(word, _)| word).collect();
            if !notes.is_empty() {
                set("notes", notes.into());
            }
            set("error", Value::Null);
        }
    }
    Value::Object(object)
}

/// A fault as programs get it.
pub(crate) fn error(fault: &Fault) -> Value {
    // Beyond the frame, places are counted in the deciphered body and not in the input.
    let inside = match fault.layer {
        Layer::Line | Layer::Frame => u64::try_from(fault.offset).unwrap_or(0),
        Layer::Apdu | Layer::Cipher | Layer::Data | Layer::List | Layer::Transfer => 0,
    };
    json!({
        "kind": fault.cause.class(),
        "layer": fault.layer.name(),
        "offset": fault.start + inside,
        "message": fault.to_string(),
    })
}

/// The everyday quantities by name, and everything else by code.
fn split(entries: &[Entry]) -> (Map<String, Value>, Map<String, Value>) {
    let mut values = Map::new();
    let mut obis = Map::new();
    for entry in entries {
        if let (Some(quantity), Content::Number(value, _)) = (entry.quantity, &entry.content)
            && quantity.is_principal()
            && entry.at.is_none()
        {
            let name = quantity.to_string();
            if !values.contains_key(&name) {
                values.insert(name, exact::value(*value));
                continue;
            }
        }
        add(&mut obis, &entry.obis.to_string(), by_code(entry));
    }
    (values, obis)
}

/// A repeated code becomes an array of all its values.
fn add(obis: &mut Map<String, Value>, code: &str, value: Value) {
    match obis.get_mut(code) {
        Some(Value::Array(values)) => values.push(value),
        Some(first) => *first = Value::Array(vec![first.take(), value]),
        None => {
            obis.insert(code.to_owned(), value);
        }
    }
}

fn by_code(entry: &Entry) -> Value {
    let plain = match &entry.content {
        Content::Number(value, unit) => {
            json!({ "value": exact::value(*value), "unit": unit.symbol() })
        }
        Content::Text { text, digits: None } => Value::from(text.as_str()),
        // Digits that stand for digits cannot be told apart afterwards: both are given.
        Content::Text { text, digits: Some(digits) } => json!({ "value": digits, "text": text }),
        Content::Time(value) => Value::from(value.to_string()),
    };
    let plain = match (plain, entry.at) {
        (plain @ Value::Object(_), _) | (plain, None) => plain,
        (plain, Some(_)) => json!({ "value": plain }),
    };
    let Value::Object(mut object) = plain else {
        return plain;
    };
    if let Some(quantity) = entry.quantity {
        object.insert("name".to_owned(), quantity.to_string().into());
    }
    if let Some(at) = entry.at {
        object.insert("at".to_owned(), time(Some(at)));
    }
    Value::Object(object)
}

fn time(time: Option<DateTime>) -> Value {
    time.map(|time| time.to_string()).into()
}
