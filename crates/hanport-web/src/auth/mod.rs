//! Who may do what.
//!
//! ```text
//!  cookie of a session ----+
//!  Authorization: Bearer --+--> Visitor --> the level of the address --> in, or 401, 403, 429
//!  Authorization: Basic ---+                and where the asker is
//! ```
//!
//! - [`level`]: what an address asks for, and what the settings ask of whom
//! - [`gate`]: knows a visitor and decides; [`guard`]: stands before every handler
//! - [`password`]: hashes and compares, one at a time; [`attempts`]: slows down who guesses
//! - [`sessions`]: who is logged in; [`header`](mod@header): what a request brings along
//! - [`vault`]: where password and tokens are kept; [`file`](mod@file): in a file
//! - [`endpoints`]: log in and out, first password, tokens

pub(crate) mod attempts;
pub(crate) mod endpoints;
pub(crate) mod file;
pub(crate) mod gate;
pub(crate) mod guard;
pub(crate) mod header;
pub(crate) mod level;
pub(crate) mod password;
pub(crate) mod sessions;
pub(crate) mod vault;

pub use file::VaultFile;
pub(crate) use gate::{Gate, Visitor};
pub(crate) use level::Level;
pub use level::Protection;
pub use sessions::LoggedIn;
pub use vault::{Credentials, Forgetful, Token, Vault};
