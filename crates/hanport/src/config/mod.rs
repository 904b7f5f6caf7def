//! The configuration: one TOML file with comments, and a file of secrets beside it.
//!
//! ```text
//! hanport.toml --> RawConfig (what was typed) --> Config (what is meant) --> the service
//! ```
//!
//! - [`meant`] is what is meant; whoever holds a [`Config`] need not check anything again
//! - [`secrets`] are never printed

pub(crate) mod meant;
pub(crate) mod secrets;

pub(crate) use meant::Config;
