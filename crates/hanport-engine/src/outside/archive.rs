//! What is to be kept.

use core::fmt;
use std::borrow::Cow;
use std::sync::Arc;

use hanport_core::number::Number;
use hanport_core::quantity::Quantity;

use crate::energy::{Correction, Entry};
use crate::outside::history::HistoryError;
use crate::state::Memory;
use crate::time::UtcMillis;

/// What one input of a meter leaves to be kept.
#[derive(Clone, Debug, Default)]
pub struct Record {
    /// When it arrived.
    pub received: UtcMillis,
    /// When its values were measured.
    pub at: UtcMillis,
    /// The values that the message carried; measured ones only.
    pub values: Vec<(Quantity, Number)>,
    /// What the books wrote down.
    pub entries: Vec<Entry>,
    /// The memory of the meter after this input. It is there whenever there are entries, and
    /// belongs into one transaction with them; and with the first input of every minute.
    pub memory: Option<Arc<Memory>>,
}

/// Something that happened, for the list of events.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Happening {
    /// When.
    pub at: UtcMillis,
    /// To which meter; `None` when to the program.
    pub meter: Option<String>,
    /// What, a stable word for programs: `started`, `port_silent`, `register_reset`.
    pub kind: Cow<'static, str>,
    /// More about it: an object.
    pub detail: serde_json::Value,
}

/// Keeps things. Nothing of this waits for the disk: what is kept is written in batches, settled
/// quarters at once. When the disk cannot keep up or fails, the archive says so in its state and
/// keeps what fits into memory; the live service goes on.
pub trait Archive: Send + Sync + fmt::Debug {
    /// What was remembered of a meter when it was last written.
    fn memory(&self, meter: &str) -> Result<Option<Memory>, HistoryError>;

    /// Keeps what an input left. Records of one meter come in order.
    fn keep(&self, meter: &str, record: Record);

    /// Keeps an event.
    fn note(&self, happening: Happening);

    /// Records a correction and returns it with its number; it is on disk when this returns.
    fn correct(&self, meter: &str, correction: Correction) -> Result<Correction, HistoryError>;
}
