//! The configuration: one TOML file with comments, and a file of secrets beside it.
//!
//! ```text
//!                      table of all settings
//!                     /         |           \
//! hanport.toml -> [walk] -> RawConfig -> [meaning] -> Config -> the service
//!                                 secrets.toml --^
//! ```
//!
//! - [`mod@load`] finds and reads it, [`place`] knows where it may be
//! - [`table`] describes every setting; [`text`] the texts that mean something
//! - [`walk`] goes through a file beside the table; [`mistake`] shows what is wrong
//! - [`meaning`] makes a [`Config`] of what was typed ([`raw`]); whoever holds one need not check
//!   anything again
//! - [`secrets`] are apart and never printed
//! - [`mod@file`] shows and changes a file: [`change`] makes a patch into edits, [`edit`] edits the text
//!   and keeps its comments, [`replace`] writes files whole or not at all
//! - [`mod@template`], [`mod@reference`] and [`mod@form`] are the table as the default file, as a page of the
//!   documentation and as data

mod change;
mod edit;
mod file;
mod form;
mod load;
mod meaning;
pub(crate) mod meant;
mod mistake;
mod nearest;
mod place;
mod raw;
mod reference;
mod replace;
mod secrets;
mod table;
mod template;
mod text;
mod walk;

pub(crate) use file::{Change, ConfigFile, typed, write_default};
pub(crate) use form::describe;
pub(crate) use load::{defaults, load};
pub(crate) use meant::Config;
pub(crate) use mistake::{Mistake, Report};
pub(crate) use reference::reference;
