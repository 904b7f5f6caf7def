//! What an address asks for, and what the settings ask of whom.
//!
//! ```text
//!               asked from nearby                    asked from anywhere else
//!               no password yet     password         no password yet     password
//!  Open         yes                 yes              yes                 yes
//!  Setup        yes                 no               no                  no
//!  Read         yes                 yes *)           no                  with login
//!  Admin        no                  with login       no                  with login
//!
//!  *) with login when everything is protected
//! ```

use serde::{Deserialize, Serialize};

/// What an address gives away or changes. Every one has a level; there is no default.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Level {
    /// Changes something, or gives away settings.
    Admin,
    /// Holds no data of the household: the page itself, its description, the log-in.
    Open,
    /// Gives away data of the household.
    Read,
    /// Sets the first password.
    Setup,
}

/// What needs a login, once a password is set.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Protection {
    /// Changes need one; data may be read from the private network.
    #[default]
    Changes,
    /// Everything needs one.
    Everything,
}

impl Protection {
    /// The stable word for programs.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Changes => "changes",
            Self::Everything => "everything",
        }
    }
}
