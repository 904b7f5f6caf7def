//! Bytes from a smart meter's customer port to exact readings, and readings to bytes.
//!
//! ```text
//!  bytes in chunks of any size
//!    |  session::push     all framings tried at once; what fits its checksum wins
//!    v
//!  link     HDLC | M-Bus | P1 text | SML | bare        frame found, checked, parts joined
//!    v
//!  cosem    general block transfer, APDU, A-XDR        or p1 lines, or SML messages
//!  cipher   AES-128-GCM, AES-128-CBC, in place
//!    v
//!  family   which list of which meter, what its elements mean
//!    v
//!  reading::Reading  or  fault::Fault
//! ```
//!
//! This crate does no input or output, asks no clock, uses no heap and never panics on input.
//! It does not decide what readings mean over time: energy, tariffs and history are elsewhere.
#![no_std]
#![cfg_attr(
    not(test),
    warn(clippy::alloc_instead_of_core, clippy::std_instead_of_alloc, clippy::std_instead_of_core)
)]

#[cfg(test)]
extern crate std;

pub mod cipher;
pub mod cosem;
pub mod datetime;
pub mod emit;
pub mod family;
pub mod fault;
pub mod link;
pub mod manufacturer;
pub mod number;
pub mod obis;
pub mod origin;
pub mod quantity;
pub mod reading;
pub mod session;
pub mod text;
pub mod unit;
