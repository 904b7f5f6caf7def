//! Where the password and the tokens are kept, hashed.

use core::fmt;
use std::sync::{Mutex, PoisonError};

use serde::{Deserialize, Serialize};

/// Everything a login is checked against. Nothing of it can be turned back into a password or
/// token.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Credentials {
    /// The password as a PHC string; `None` before the first is set.
    pub password: Option<String>,
    /// The tokens of programs.
    pub tokens: Vec<Token>,
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let password = self.password.is_some();
        f.debug_struct("Credentials")
            .field("password", &password)
            .field("tokens", &self.tokens.len())
            .finish()
    }
}

/// The token of a program.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Token {
    /// What it is for, in the user's words; each name once.
    pub name: String,
    /// SHA-256 of the token, hexadecimal.
    pub hash: String,
    /// Whether it may change things, or only read.
    pub admin: bool,
    /// When it was made, RFC 3339.
    pub made: String,
}

/// Keeps credentials. The errors are for people: what, where, what to do.
pub trait Vault: Send + Sync + fmt::Debug {
    /// What was kept; empty when nothing was.
    fn load(&self) -> Result<Credentials, String>;

    /// Keeps them, in place of what was kept; on disk when this returns.
    fn keep(&self, credentials: &Credentials) -> Result<(), String>;
}

/// Keeps them in memory until the program ends.
#[derive(Debug, Default)]
pub struct Forgetful(Mutex<Credentials>);

impl Vault for Forgetful {
    fn load(&self) -> Result<Credentials, String> {
        Ok(self.0.lock().unwrap_or_else(PoisonError::into_inner).clone())
    }

    fn keep(&self, credentials: &Credentials) -> Result<(), String> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone_from(credentials);
        Ok(())
    }
}
