//! Domoticz: devices by number, all on the topic `domoticz/in`.
//!
//! The energy of the electricity device is the counter as it would read now; the original moves
//! it once an hour, and cuts the text at 15 characters, which loses digits above 10 `MWh`.

use std::sync::Arc;

use hanport_core::number::Number;
use hanport_core::quantity::Measure;

use super::figures::{Figures, PHASES};
use super::outgoing::Outgoing;
use super::settings::Devices;
use super::text::{Object, Unknown, fixed, zero};
use crate::energy::Register;
use crate::list_type::ListType;

/// Where Domoticz listens.
const TOPIC: &str = "domoticz/in";
/// A counter that has not got this far is not believed to be one: 1 kWh.
const LEAST: Number = Number::new(1, 3);

/// Domoticz for one meter.
#[derive(Clone, Debug)]
pub struct Domoticz {
    devices: Devices,
    unknown: Unknown,
}

impl Domoticz {
    /// For these devices.
    pub const fn new(devices: Devices, unknown: Unknown) -> Self {
        Self { devices, unknown }
    }

    /// A message of the meter.
    pub fn list(&self, figures: &Figures<'_>, meter: &Arc<str>, out: &mut Vec<Outgoing>) {
        let at = figures.view().now;
        let mut put = |device: u32, kind: &'static str, value: Option<String>| {
            if let Some(value) = value.filter(|_| device > 0) {
                out.push(Outgoing::live(TOPIC, kind, update(device, &value), at).of(meter));
            }
        };
        put(self.devices.electricity, "electricity", self.electricity(figures));
        if figures.list < ListType::Two {
            return;
        }
        let kinds = ["voltage1", "voltage2", "voltage3"];
        for ((device, kind), phase) in self.devices.voltage.iter().zip(kinds).zip(PHASES) {
            let voltage = self.number(figures.of_phase(Measure::Voltage, phase), 2);
            put(*device, kind, voltage);
        }
        let currents: Option<Vec<_>> = PHASES
            .iter()
            .map(|phase| self.number(figures.of_phase(Measure::Current, *phase), 1))
            .collect();
        put(self.devices.current, "current", currents.map(|currents| currents.join(";")));
    }

    fn electricity(&self, figures: &Figures<'_>) -> Option<String> {
        let power = self.number(figures.total(Measure::ActiveImport), 1)?;
        let running = figures.view().running.of(Register::ActiveImport).as_ref()?;
        let counter = Number::new(running.mwh(), -3);
        let believed = counter.in_units_of(0)? > LEAST.in_units_of(0)?;
        believed.then_some(())?;
        Some(format!("{power};{}", fixed(counter, 1)?))
    }

    fn number(&self, number: Option<Number>, places: u8) -> Option<String> {
        number
            .and_then(|number| fixed(number, places))
            .or_else(|| (self.unknown == Unknown::Zero).then(|| zero(places)))
    }
}

fn update(device: u32, value: &str) -> String {
    let mut message = Object::new(Unknown::Null);
    message.text("command", "udevice").int("idx", i64::from(device)).int("nvalue", 0);
    message.text("svalue", value);
    message.finish()
}
