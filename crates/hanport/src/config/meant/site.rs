//! The site, the page's server, what is kept, what is logged.

use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;

use jiff::tz::TimeZone;

/// Where this is.
#[derive(Clone, Debug)]
pub(crate) struct Site {
    /// Its name for people.
    pub(crate) name: String,
    /// The name of the reader in topics and on the network: letters, digits, `-`, `_`.
    pub(crate) reader: String,
    /// The zone in which days begin and end.
    pub(crate) zone: TimeZone,
    /// The country, two letters; `None` where the zone does not tell.
    pub(crate) country: Option<String>,
    /// The currency in which money is counted, three letters.
    pub(crate) currency: String,
    /// The language of the page, two letters; as the browser asks where it is left out.
    #[expect(dead_code, reason = "the page reads it from the settings by itself")]
    pub(crate) language: Option<String>,
}

/// For what somebody must sign in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Access {
    /// To change anything; everybody may look.
    Changes,
    /// For everything.
    Everything,
}

/// The page and the interfaces over HTTP.
#[derive(Clone, Debug)]
pub(crate) struct Web {
    /// Where to listen. Where this machine has no IPv6, `[::]` stands for `0.0.0.0`.
    pub(crate) listen: Vec<SocketAddr>,
    /// The path under which a proxy shows the page: empty, or with a slash before and none
    /// behind it.
    pub(crate) base_path: String,
    /// Proxies that are believed when they say for whom they ask.
    pub(crate) trusted_proxies: Vec<Network>,
    /// Names under which the page may be called besides addresses, `localhost` and those of
    /// this machine.
    pub(crate) names: Vec<String>,
    /// For what somebody must sign in.
    pub(crate) access: Access,
    /// The page of another site that may read the interfaces of older readers from its
    /// visitor's browser; empty for none.
    pub(crate) reading_site: String,
    /// The interfaces of older readers say `null` for what is not known, not 0.
    pub(crate) unknown_as_null: bool,
}

/// A range of addresses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Network {
    /// One of them.
    pub(crate) address: IpAddr,
    /// How many bits all of them share with it.
    pub(crate) bits: u8,
}

/// What is kept, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Data {
    /// The folder of the history, the queues and what is remembered.
    pub(crate) folder: PathBuf,
    /// How many days every sample is kept.
    pub(crate) raw_days: u32,
    /// How many weeks the means of minutes are kept.
    pub(crate) minute_weeks: u32,
}

/// What the program writes about itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Log {
    /// How much.
    pub(crate) level: Level,
    /// How.
    pub(crate) form: LogForm,
}

/// How much is logged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Level {
    /// What keeps something from working.
    Error,
    /// What needs somebody.
    Warn,
    /// What changes.
    Info,
    /// What leads to it.
    Debug,
    /// Every message.
    Trace,
}

/// How it is logged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum LogForm {
    /// One JSON object a line.
    Json,
    /// Lines for people.
    Text,
}
