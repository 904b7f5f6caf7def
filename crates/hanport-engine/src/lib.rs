//! What readings mean: pure rules without input, output, clock or runtime.
//!
//! So far: [`capture`] finds out what a given file or text is and hands on the octets in it, and
//! [`explain`] annotates what a meter sent.

pub mod capture;
pub mod explain;
