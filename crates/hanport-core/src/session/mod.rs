//! State machines that join the layers.
//!
//! ```text
//! push      what the caller sees: bytes in, readings and faults out
//!  search   where a message may begin, and which candidate wins
//!   candidate what stands at one place, to each framing
//!   stream    the octets not yet decided upon
//!  transfer segments and blocks to whole messages
//!   assembly  where they are joined
//!  unwrap   ciphering, blocks and text around the list; the list itself
//!  counts   what happened so far
//! ```

mod assembly;
mod candidate;
pub mod counts;
pub mod push;
mod search;
mod stream;
#[cfg(test)]
mod tests;
mod transfer;
mod unwrap;
