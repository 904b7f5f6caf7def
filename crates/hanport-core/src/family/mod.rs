//! What the elements of a meter's list mean: one file a meter family.

use crate::fault::Broken;
use crate::reading::{Readout, SystemTitle};

pub mod dialect;
mod field;
pub mod history;
pub mod oms;
pub mod sml;
pub mod sml_writer;
pub mod text;

pub use sml::read_sml;
pub use text::read_telegram;

/// What the user says about the meter when the message alone cannot decide.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hint {
    /// Energy registers without a stated scale count 10 Wh.
    Energy10Wh,
    /// Energy registers without a stated scale count 1 Wh.
    EnergyWh,
}

/// What is known about the sender before its list is read.
#[derive(Clone, Copy, Debug, Default)]
pub struct Context {
    /// The user's word.
    pub hint: Option<Hint>,
    /// The system title of the ciphering around the message.
    pub system_title: Option<SystemTitle>,
}

/// Reads a plain APDU (data-notification or event-notification) into `out`. Spans count from
/// the start of `apdu`.
pub fn read_apdu(apdu: &[u8], context: &Context, out: &mut Readout) -> Result<(), Broken> {
    let _ = (apdu, context, out);
    Ok(())
}
