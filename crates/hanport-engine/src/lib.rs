//! What readings mean: pure rules without input, output, clock or runtime.
//!
//! So far: [`capture`] finds out what a given file or text is and hands on the octets in it, and
//! [`explain`] annotates what a meter sent. [`state`] is what is known now, [`energy`] books
//! quarter-hours that add up to the registers, [`time`] says what a meter's clock means.

pub mod capture;
pub mod energy;
pub mod explain;
pub mod state;
pub mod time;
