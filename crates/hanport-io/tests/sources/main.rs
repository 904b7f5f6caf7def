//! Sources read from real parts: pseudo-terminals, sockets, a broker, files.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stderr,
    reason = "a test ends at what it did not expect, and says what it leaves out"
)]

mod parts;
mod replay;
mod serial;
mod tcp;
