//! What readings mean: pure rules without input, output, clock or runtime.
//!
//! So far: [`explain`] annotates what a meter sent.

pub mod explain;
