//! Time: instants, and what a meter's clock means.
//!
//! - [`instant`]: the one form of an instant inside the engine
//! - [`cadence`]: how often something comes, learned from its coming

pub mod cadence;
pub mod instant;

pub use cadence::Cadence;
pub use instant::UtcMillis;
