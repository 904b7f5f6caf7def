//! What the doctor says.

use serde::Serialize;

use crate::time::UtcMillis;

/// What lies between a meter and its values, in order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Layer {
    /// The device, connection or file can be opened.
    Port,
    /// Octets come, and characters arrive whole.
    Line,
    /// Frames pass their checks.
    Frames,
    /// Messages are plain, or a key opens them.
    Key,
    /// The list is one that is known.
    List,
    /// Power and registers come in time.
    Values,
}

/// How a layer does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum LayerState {
    /// All well.
    Good,
    /// It works, but not always.
    Troubled,
    /// It does not work.
    Bad,
    /// A layer before it does not work, or nothing has come yet.
    Unknown,
}

/// One layer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct LayerReport {
    /// Which.
    pub layer: Layer,
    /// How it does.
    pub state: LayerState,
    /// What was seen, in one sentence with its figures.
    pub seen: String,
    /// Counts behind it: a stable name and a number.
    pub counts: Vec<(&'static str, u64)>,
}

/// A cause that would explain what was seen.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// A stable word for programs: `weak_power`, `wrong_speed`, `needs_key`.
    pub cause: &'static str,
    /// How sure, 0 to 100.
    pub certainty: u8,
    /// What is wrong, as a noun phrase.
    pub title: String,
    /// Why this is thought: what was seen.
    pub because: String,
    /// What to do, in order.
    pub remedies: Vec<String>,
}

/// Everything the doctor says about one meter.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Report {
    /// When.
    pub at: UtcMillis,
    /// All in one sentence.
    pub summary: String,
    /// The layers in order.
    pub layers: Vec<LayerReport>,
    /// Causes, the likeliest first; none when all is well.
    pub findings: Vec<Finding>,
}
