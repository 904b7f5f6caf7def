//! Ciphers of the customer port, working in place, and keys that do not print.
//!
//! [`sealed`] takes ciphered APDUs apart and writes their heads, [`suite0`] opens and closes
//! them, [`replay`] watches their counters, [`key`] holds the keys. [`mbus5`] is the cipher of the
//! plain M-Bus application layer.

pub(crate) mod gcm;
pub mod key;
pub mod mbus5;
pub mod replay;
pub mod sealed;
pub(crate) mod sense;
pub mod suite0;
