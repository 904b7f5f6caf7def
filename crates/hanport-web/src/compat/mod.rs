//! The addresses that programs for existing readers know, with every key, type, order and
//! precision they expect. They serve the first meter.
//!
//! - [`data`], [`sysinfo`], [`plots`], [`realtime`], [`prices`]: the documents
//! - [`codes`]: the numbers in them; [`writer`]: how they are written
//! - [`answers`]: the addresses and their headers

pub(crate) mod answers;
pub(crate) mod codes;
pub(crate) mod data;
pub(crate) mod plots;
pub(crate) mod prices;
pub(crate) mod realtime;
pub(crate) mod sysinfo;
pub(crate) mod writer;

pub(crate) use answers::table;
