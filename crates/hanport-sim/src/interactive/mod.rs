//! Meters that are asked, or that want an answer: state machines without input or output.
//!
//! Octets of the reader go in, octets of the meter come out, with the times at which they do.

pub mod kmp;
pub mod mode_c;
pub mod pulse;
pub mod search;
