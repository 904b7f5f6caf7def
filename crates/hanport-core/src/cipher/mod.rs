//! Ciphers of the customer port, working in place, and keys that do not print.

pub mod key;
pub mod mbus5;
pub mod suite0;
