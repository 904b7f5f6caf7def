//! What the outside provides: a clock, somewhere to keep things, what was kept, an office.
//!
//! The adapters do not know each other; they meet in these traits.

pub mod accounts;
pub mod administration;
pub mod archive;
pub mod clinic;
pub mod clock;
pub mod history;
pub mod prices;

pub use accounts::Accounts;
pub use administration::{Administration, Applied, Failure, Parts, Problem, Severity};
pub use archive::{Archive, Happening, Record};
pub use clinic::Clinic;
pub use clock::Clock;
pub use history::{History, HistoryError, Point, Resolution, Series};
pub use prices::Prices;
