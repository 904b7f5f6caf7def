//! Frames that somebody publishes to a broker.

use std::path::PathBuf;

use super::feed::Feed;
use super::{Limit, Outside, SourceError};

/// How the way to a broker is protected.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Tls {
    /// Not at all.
    Off,
    /// By certificates that this file (PEM) vouches for.
    Own(PathBuf),
    /// By certificates that the system trusts.
    System,
}

/// A broker, and what is read from it.
#[derive(Clone)]
pub struct Mqtt {
    /// Its name or address. Names are looked up anew every time.
    pub host: String,
    /// Its port, usually 1883, with TLS 8883.
    pub port: u16,
    /// How the way is protected.
    pub tls: Tls,
    /// Name and password, where the broker wants them.
    pub login: Option<(String, String)>,
    /// How this reader calls itself; empty for a name of its own making. A broker hangs up on
    /// whoever has the same name.
    pub client_id: String,
    /// Topics, with `+` and `#` where several carry frames. At least one.
    pub topics: Vec<String>,
    /// How much may come.
    pub limit: Limit,
}

impl core::fmt::Debug for Mqtt {
    /// Without the password.
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        let Self { host, port, tls, login, client_id, topics, limit } = self;
        f.debug_struct("Mqtt")
            .field("host", host)
            .field("port", port)
            .field("tls", tls)
            .field("user", &login.as_ref().map(|(user, _)| user))
            .field("client_id", client_id)
            .field("topics", topics)
            .field("limit", limit)
            .finish()
    }
}

/// Reads what is published for ever.
pub(super) async fn read(
    _settings: Mqtt,
    _outside: &Outside,
    feed: &mut Feed,
) -> Result<(), SourceError> {
    let _ = feed.closed("brokers are not read yet".to_owned()).await;
    Ok(())
}
