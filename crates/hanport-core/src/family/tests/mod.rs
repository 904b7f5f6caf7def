//! Lists as the makers' documents describe them, built with the emit side and read back.

mod coded;
mod positional;
mod pushed;
mod whole;

use super::{Context, Hint, read_apdu};
use crate::cosem::apdu::{Header, HeaderTime};
use crate::cosem::axdr::{Data, ScalerUnit};
use crate::datetime::DateTime;
use crate::emit::Writer;
use crate::fault::Broken;
use crate::obis::Obis;
use crate::reading::{Reading, Readout, Value};
use std::string::{String, ToString};
use std::vec::Vec;
use std::{format, vec};

/// A notification under construction.
#[derive(Clone)]
struct Built(Vec<u8>);

impl Built {
    fn new(time: HeaderTime) -> Self {
        let mut built = Self(vec![]);
        built.put(|writer| Header::DataNotification { invoke_id: 0x4000_0000, time }.emit(writer));
        built
    }

    fn put(
        &mut self,
        emit: impl FnOnce(&mut Writer<'_>) -> Result<(), crate::emit::Full>,
    ) -> &mut Self {
        let mut buffer = [0; 256];
        let mut writer = Writer::new(&mut buffer);
        emit(&mut writer).unwrap();
        self.0.extend_from_slice(writer.written());
        self
    }

    fn data(&mut self, data: &Data<'_>) -> &mut Self {
        self.put(|writer| data.emit(writer))
    }

    fn structure(&mut self, members: u32) -> &mut Self {
        self.data(&Data::Structure(members))
    }

    fn array(&mut self, members: u32) -> &mut Self {
        self.data(&Data::Array(members))
    }

    fn code(&mut self, text: &str) -> &mut Self {
        let obis = Obis::from_text(text.as_bytes()).unwrap();
        self.data(&Data::OctetString(&obis.0))
    }

    fn octets(&mut self, octets: &[u8]) -> &mut Self {
        self.data(&Data::OctetString(octets))
    }

    fn visible(&mut self, text: &str) -> &mut Self {
        self.data(&Data::VisibleString(text.as_bytes()))
    }

    fn u32(&mut self, value: u32) -> &mut Self {
        self.data(&Data::Unsigned32(value))
    }

    fn u32s(&mut self, values: &[u32]) -> &mut Self {
        values.iter().fold(self, |built, value| built.u32(*value))
    }

    fn u16(&mut self, value: u16) -> &mut Self {
        self.data(&Data::Unsigned16(value))
    }

    fn u16s(&mut self, values: &[u16]) -> &mut Self {
        values.iter().fold(self, |built, value| built.u16(*value))
    }

    fn scale(&mut self, scaler: i8, unit: u8) -> &mut Self {
        self.put(|writer| ScalerUnit { scaler, unit }.emit(writer))
    }

    fn pair(&mut self, code: &str, value: u32) -> &mut Self {
        self.code(code).u32(value)
    }

    /// A structure of code, 32-bit value and scaler-unit.
    fn register(&mut self, code: &str, value: u32, scaler: i8, unit: u8) -> &mut Self {
        self.structure(3).pair(code, value).scale(scaler, unit)
    }

    fn named(&mut self, code: &str, text: &str) -> &mut Self {
        self.structure(2).code(code).visible(text)
    }
}

/// 2024-01-15 13:30:10, with or without a stated deviation.
fn clock(deviation: [u8; 2], status: u8) -> [u8; 12] {
    [0x07, 0xE8, 1, 15, 1, 13, 30, 10, 0xFF, deviation[0], deviation[1], status]
}

const UNSTATED: [u8; 2] = [0x80, 0];

fn read_with(apdu: &[u8], hint: Option<Hint>, title: Option<&[u8; 8]>) -> Result<Readout, Broken> {
    let mut out = Readout::new();
    let context = Context { hint, system_title: title.copied() };
    read_apdu(apdu, &context, &mut out)?;
    Ok(out)
}

fn read(apdu: &Built) -> Readout {
    read_with(&apdu.0, None, None).unwrap()
}

/// `name=value` of every number with a name, in the order of the message.
fn named_values(out: &Readout) -> Vec<String> {
    out.items
        .iter()
        .filter_map(|item| match (item.quantity, item.value) {
            (Some(quantity), Value::Number(number, unit)) => {
                assert_eq!(unit, quantity.unit(), "{quantity}");
                Some(format!("{quantity}={number}"))
            }
            _ => None,
        })
        .collect()
}

/// The value under a code as text.
fn under(apdu: &Built, out: &Readout, code: &str) -> Option<String> {
    let obis = Obis::from_text(code.as_bytes()).unwrap();
    let reading = Reading { readout: out, body: &apdu.0 };
    out.items.iter().find(|item| item.obis == obis).map(|item| match item.value {
        Value::Number(number, unit) => format!("{number} {unit}").trim_end().to_string(),
        Value::Text(text) => reading.text(text).to_string(),
        Value::Time(time) => time.to_string(),
    })
}

/// List name, meter number and type designation.
fn names(apdu: &Built, out: &Readout) -> [String; 3] {
    let reading = Reading { readout: out, body: &apdu.0 };
    [reading.list_id(), reading.meter_id(), reading.meter_model()]
        .map(|text| text.map(|text| text.to_string()).unwrap_or_default())
}

fn time_text(time: Option<DateTime>) -> String {
    time.map(|time| time.to_string()).unwrap_or_default()
}
