//! What is known of this program and its machine, for messages about the reader itself.

use jiff::tz::TimeZone;

use crate::time::UtcMillis;

/// What is known of this program.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reader {
    /// Its word in hanport's own topics: lower-case letters, digits, `-` and `_`.
    pub word: String,
    /// The hardware address of the machine in capitals with colons, or another number that stays.
    pub id: String,
    /// The name by which the broker knows it.
    pub name: String,
    /// The version that runs.
    pub version: String,
    /// The newest release, where another than the running one is known.
    pub release: Option<Release>,
    /// How far an upgrade is, in percent, while there is one.
    pub upgrading: Option<u8>,
    /// Whether a command may start an upgrade: not where apt or a container does that.
    pub upgrades: bool,
    /// The address of the page, for links.
    pub page: Option<String>,
    /// When it started.
    pub started: UtcMillis,
    /// The zone of the site.
    pub zone: TimeZone,
}

/// A release.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Release {
    /// Its version.
    pub version: String,
    /// What is new, in short.
    pub summary: String,
    /// Where that is told; empty where it is nowhere.
    pub url: String,
}

impl Reader {
    /// Seconds since it started.
    pub const fn up_s(&self, now: UtcMillis) -> i64 {
        let seconds = now.since(self.started) / 1000;
        if seconds < 0 { 0 } else { seconds }
    }
}
