//! Who may do what.
//!
//! - [`level`]: what an address asks for, and what the settings ask of whom
//! - [`gate`]: lets in or refuses

pub(crate) mod gate;
pub(crate) mod level;
pub(crate) mod vault;

pub(crate) use gate::{Gate, Visitor};
pub(crate) use level::Level;
pub use level::Protection;
pub use vault::{Credentials, Forgetful, Token, Vault};
