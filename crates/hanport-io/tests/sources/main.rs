//! Sources read from real parts: pseudo-terminals, sockets, a broker, files.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stderr,
    reason = "a test ends at what it did not expect, and says what it leaves out"
)]

#[path = "../mosquitto/mod.rs"]
mod mosquitto;
mod mqtt;
mod parts;
mod replay;
mod rfc2217;
mod search;
mod serial;
mod tcp;
