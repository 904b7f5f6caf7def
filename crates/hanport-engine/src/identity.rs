//! Who sends: what the messages of a meter have said about it so far.

use hanport_core::family::model;
use hanport_core::manufacturer::Manufacturer;
use hanport_core::reading::{Reading, SystemTitle};

/// A title of zeros stands for one that the sender leaves out.
const LEFT_OUT: SystemTitle = [0; 8];

/// What the messages say about their sender. Short messages say little; what an earlier one
/// said stays.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Identity {
    /// The maker.
    pub manufacturer: Option<Manufacturer>,
    /// The maker's type designation.
    pub model: Option<String>,
    /// The type designation in words.
    pub model_name: Option<String>,
    /// The meter's number.
    pub number: Option<String>,
    /// The name of the list.
    pub list_id: Option<String>,
    /// The name under which the sender ciphers.
    pub system_title: Option<SystemTitle>,
}

impl Identity {
    /// Takes over what a reading says; `true` when something is new.
    pub fn learn(&mut self, reading: &Reading<'_>) -> bool {
        let said = Self::said_by(reading);
        let before = self.clone();
        self.manufacturer = said.manufacturer.or(self.manufacturer);
        self.model_name = said.model_name.or_else(|| self.model_name.take());
        self.model = said.model.or_else(|| self.model.take());
        self.number = said.number.or_else(|| self.number.take());
        self.list_id = said.list_id.or_else(|| self.list_id.take());
        self.system_title = said.system_title.or(self.system_title);
        *self != before
    }

    /// What one reading says.
    pub fn said_by(reading: &Reading<'_>) -> Self {
        let text = |text: Option<hanport_core::reading::Text<'_>>| {
            text.filter(|text| !text.is_empty()).map(|text| text.to_string())
        };
        let readout = reading.readout;
        Self {
            manufacturer: readout.manufacturer,
            model: text(reading.meter_model()),
            model_name: model::of(reading).map(str::to_owned),
            number: text(reading.meter_id()),
            list_id: text(reading.list_id()),
            system_title: readout
                .ciphering
                .map(|ciphering| ciphering.system_title)
                .filter(|title| *title != LEFT_OUT),
        }
    }
}
