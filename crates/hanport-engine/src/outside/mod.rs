//! What the outside provides: a clock, somewhere to keep things, and what was kept.
//!
//! The adapters do not know each other; they meet in these traits.

pub mod archive;
pub mod clinic;
pub mod clock;
pub mod history;

pub use archive::{Archive, Happening, Record};
pub use clinic::Clinic;
pub use clock::Clock;
pub use history::{History, HistoryError, Point, Resolution, Series};
