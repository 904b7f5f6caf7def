//! An MQTT broker and what is published there.

use std::path::PathBuf;

use hanport_engine::publish::Settings;

use crate::config::secrets::Secret;

/// One broker.
#[derive(Clone, Debug)]
pub(crate) struct BrokerConfig {
    /// Its name here; no two are the same.
    pub(crate) id: String,
    /// Its host: a name or an address.
    pub(crate) host: String,
    /// Its port.
    pub(crate) port: u16,
    /// Whether and how the connection is encrypted.
    pub(crate) encryption: Option<Encryption>,
    /// The user; nobody in particular where it is empty.
    pub(crate) user: String,
    /// The user's password.
    pub(crate) password: Option<Secret>,
    /// The name under which the program is known there; no two clients of a broker share one.
    pub(crate) client_id: String,
    /// How often to show that somebody is there, in seconds.
    pub(crate) keep_alive_s: u16,
    /// What may be kept on disk while the broker is away, in megabytes.
    pub(crate) queue_mb: u32,
    /// The address of the page for Home Assistant; found by itself where it is left out.
    pub(crate) page: Option<String>,
    /// What is published, and how.
    pub(crate) publish: Settings,
}

/// How a connection is encrypted. The server's certificate and name are always checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Encryption {
    /// The certificates that are believed; those of this machine where it is left out.
    pub(crate) authority: Option<PathBuf>,
    /// The program's own certificate and its key.
    pub(crate) client: Option<(PathBuf, PathBuf)>,
    /// The name that stands in the server's certificate, where it is not the host.
    pub(crate) server_name: Option<String>,
}
