//! A meter and where its messages come from.

use std::net::SocketAddr;
use std::path::PathBuf;

use hanport_core::cipher::key::Key;
use hanport_core::family::Hint;
use hanport_core::session::push::Options;
use hanport_engine::line::LineSettings;
use hanport_engine::state::Settings;

/// One meter.
#[derive(Clone, Debug)]
pub(crate) struct MeterConfig {
    /// Its name in addresses and topics: lower-case letters, digits, `-` and `_`; no two are
    /// the same.
    pub(crate) id: String,
    /// Its name for people.
    pub(crate) name: String,
    /// Where its messages come from.
    pub(crate) source: SourceConfig,
    /// What is known of it.
    pub(crate) settings: Settings,
    /// Its keys.
    pub(crate) keys: Keys,
    /// What the messages alone cannot tell.
    pub(crate) hint: Option<Hint>,
    /// Where everything that comes from the source is written as well, with times.
    pub(crate) record: Option<PathBuf>,
}

impl MeterConfig {
    /// What its session must know.
    pub(crate) fn options(&self) -> Options {
        Options {
            encryption_key: self.keys.encryption.clone(),
            authentication_key: self.keys.authentication.clone(),
            hint: self.hint,
        }
    }
}

/// The keys of a meter.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Keys {
    /// With which it encrypts.
    pub(crate) encryption: Option<Key>,
    /// With which it proves who it is.
    pub(crate) authentication: Option<Key>,
}

/// Where messages come from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum SourceConfig {
    /// A file: a recording or raw octets.
    File {
        /// Which.
        path: PathBuf,
        /// How fast.
        pace: Pace,
        /// From the beginning again when it ends.
        again: bool,
    },
    /// A topic on which somebody publishes raw frames.
    Mqtt {
        /// The `id` of one of the brokers.
        broker: String,
        /// The topic; `+` and `#` may stand in it.
        topic: String,
    },
    /// A serial port behind a network, by RFC 2217.
    Rfc2217 {
        /// Its host and port.
        connect: String,
        /// How the line is set.
        line: Line,
    },
    /// A serial port of this machine.
    Serial {
        /// The device.
        port: PathBuf,
        /// How the line is set.
        line: Line,
    },
    /// A simulated meter behind a pseudo-terminal.
    Simulator {
        /// Which, by its name in `hanport simulate --list`.
        meter: String,
        /// How fast.
        pace: Pace,
        /// The same number gives the same household.
        seed: u64,
    },
    /// Standard input.
    Standard,
    /// A TCP connection to somebody who passes on what a meter sends.
    TcpConnect {
        /// Its host and port.
        connect: String,
    },
    /// TCP connections from somebody who passes on what a meter sends.
    TcpListen {
        /// Where they are waited for.
        listen: SocketAddr,
    },
}

/// How a serial line is set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Line {
    /// To be found out.
    Auto,
    /// Like this.
    Fixed(LineSettings),
}

/// How fast something is played.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Pace {
    /// As fast as possible.
    Free,
    /// This many thousandths of the original speed, above 0.
    Thousandths(u32),
}
