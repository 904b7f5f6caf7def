//! A household and its meter: from a scenario to timed octets.
//!
//! ```text
//! Scenario (seed, start, zone, house, faults)
//!    |
//!  House        U, I, P, Q by phase; registers as exact integrals
//!    |
//!  Clock        what time the meter believes it is; its schedule follows
//!    |
//!  Personality  which list is due, what stands in it and in which scale
//!    |
//!  assemble     ciphering and framing, emitted by the core
//!    |
//!  faults       what goes wrong on the way
//!    |
//!  Record { when, octets, truth }
//! ```
//!
//! The same scenario gives the same octets, on any machine, at any time. Nothing here does input
//! or output, asks a clock or sleeps: whoever drives a [`simulation::Simulation`] decides how fast.
//!
//! Integers hold whatever is registered or sent; floats appear in the physical model alone.

mod assemble;
pub mod channel;
pub mod clock;
pub mod fault;
pub mod house;
pub mod interactive;
pub mod meter;
pub mod milli;
pub mod record;
pub mod rng;
pub mod scenario;
pub mod simulation;
mod wire;
