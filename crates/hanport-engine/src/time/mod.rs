//! Time: instants, and what a meter's clock means.
//!
//! - [`instant`]: the one form of an instant inside the engine
//! - [`cadence`]: how often something comes, learned from its coming
//! - [`rule`]: how a meter's local time may be meant, and by which families
//! - [`clock`]: one meter's clock, found out against the receiver's

pub mod cadence;
pub mod clock;
pub mod instant;
pub mod rule;

pub use cadence::Cadence;
pub use clock::{ClockNotice, MeterClock, TimeSource};
pub use instant::UtcMillis;
pub use rule::{Row, Rule};
