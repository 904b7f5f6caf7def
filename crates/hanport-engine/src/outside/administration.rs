//! The office: what an administrator can see and change.

use core::fmt;
use std::io::{Read, Write};

use serde::Serialize;
use serde_json::Value;

/// How bad a problem is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// It works, but it is not good.
    Warning,
    /// It does not work.
    Error,
}

/// What is wrong with a setting.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Problem {
    /// How bad it is.
    pub severity: Severity,
    /// Which setting: `site.zone`, `meter.main.fuse_a`; empty for the whole.
    pub path: String,
    /// What is wrong.
    pub message: String,
    /// What to do about it; empty where the message says it.
    pub remedy: String,
}

/// What became of a change.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Applied {
    /// The settings that are different now.
    pub changed: Vec<String>,
    /// Those of them that do nothing until the program is started again.
    pub restart_needed: Vec<String>,
    /// What is not good, but was done.
    pub warnings: Vec<Problem>,
}

/// Why something could not be done. The text is for people: what, where, what to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure(pub String);

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl core::error::Error for Failure {}

/// Parts of a backup.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Parts {
    /// The configuration.
    pub configuration: bool,
    /// The history.
    pub history: bool,
    /// The secrets, encrypted with this passphrase; left out where there is none.
    pub passphrase: Option<String>,
}

impl fmt::Debug for Parts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Parts")
            .field("configuration", &self.configuration)
            .field("history", &self.history)
            .field("secrets", &self.passphrase.is_some())
            .finish()
    }
}

/// Sees and changes what an administrator may. Everything in it may read and write files: not to
/// be called where others wait.
///
/// Settings are named by paths: the sections and keys of the file joined by dots, and where there
/// are several of a kind (meters, brokers) their `id` among them: `meter.main.source.port`.
pub trait Administration: Send + Sync + fmt::Debug {
    /// All settings there are: type, range, default, unit, help, choices, whether secret, whether
    /// a change needs a restart. For forms.
    fn describe(&self) -> Value;

    /// The settings as they are, defaults included, in the nesting of the file, meters and the
    /// like as arrays of objects. A secret that is set stands as `"***"`.
    fn values(&self) -> Result<Value, Failure>;

    /// What would be wrong after a change. Nothing is changed.
    fn check(&self, patch: &Value) -> Vec<Problem>;

    /// Changes settings, all or none; the file keeps its comments.
    ///
    /// A patch is an object from paths to values; `null` goes back to the default, and takes away
    /// the whole of a meter or broker where the path ends with its id. A path with a new id makes
    /// a new one. `"***"` leaves a secret as it is.
    fn change(&self, patch: &Value) -> Result<Applied, Vec<Problem>>;

    /// Writes a backup while the service goes on.
    fn backup(&self, parts: &Parts, into: &mut dyn Write) -> Result<(), Failure>;

    /// Takes a backup and checks it through; what it holds of the parts asked for takes the place
    /// of what is there at the next start. What was there is kept aside.
    fn restore(&self, parts: &Parts, from: &mut dyn Read) -> Result<(), Failure>;

    /// Puts the configuration aside, so that the next start is the first again. The history stays.
    fn reset(&self) -> Result<(), Failure>;

    /// Ends the program in good order and starts it again.
    fn restart(&self) -> Result<(), Failure>;
}
