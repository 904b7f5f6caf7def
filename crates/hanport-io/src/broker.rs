//! The way to an MQTT broker: whoever publishes to one or reads from one connects by this.
//!
//! ```text
//!  BrokerOptions --+-- host, port, client id, login, keep-alive
//!                  +-- TlsOptions: roots of the system or a CA of one's own, client certificate
//!        |
//!        +--> client, link    the client; options for one attempt, with certificates read anew
//!        +--> trouble         what an error of a connection means, in words
//!        +--> Pauses          how long to wait before the next attempt
//! ```
//!
//! TLS always verifies the certificate of the broker and its name; there is no way to leave that
//! out. A renewed certificate or key is used from the next connection on, without a restart.

mod pauses;
mod probe;
mod tls;
mod trouble;

use std::fmt;
use std::path::PathBuf;

use rumqttc::{AsyncClient, Broker, EventLoop, MqttOptions, NetworkOptions, Transport};

pub use pauses::Pauses;
pub(crate) use probe::look_closer;
pub use tls::{ClientCertificate, TlsOptions};
pub use trouble::{Trouble, trouble};

/// The largest message taken or sent, in octets.
const LARGEST: usize = 256 * 1024;
/// Requests that wait inside the client; more wait with us.
const REQUESTS: usize = 64;
/// Seconds that an attempt to connect may take.
const CONNECT_S: u64 = 10;

/// A password. It does not print.
#[derive(Clone, PartialEq, Eq)]
pub struct Password(pub String);

impl fmt::Debug for Password {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

/// Who one is to the broker.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Login {
    /// The name.
    pub user: String,
    /// The password; may be empty.
    pub password: Password,
}

/// Where a broker is and how to speak to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BrokerOptions {
    /// A name or an address, IPv4 or IPv6, with or without brackets. Resolved anew at every attempt.
    pub host: String,
    /// The port; 8883 with TLS and 1883 without where it is left out.
    pub port: Option<u16>,
    /// Under which name the broker knows this client. Two clients with one name throw each other
    /// out for ever.
    pub client_id: String,
    /// The login, where the broker wants one.
    pub login: Option<Login>,
    /// Seconds of silence after which the two ask each other for a sign of life, 5 to 240.
    pub keep_alive_s: u16,
    /// TLS; plain TCP where it is left out.
    pub tls: Option<TlsOptions>,
}

/// Whether the broker keeps what concerns this client while it is away.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Remembering {
    /// It forgets: what was sent meanwhile is not wanted.
    Forget,
    /// It keeps subscriptions and messages that are to arrive at least once.
    Keep,
}

/// Why there is no way to a broker. The text says what to do.
#[derive(Debug, thiserror::Error)]
pub enum BrokerError {
    /// A certificate or key holds nothing usable.
    #[error("{what} in {}: {why}", path.display())]
    Certificate {
        /// What was looked for.
        what: &'static str,
        /// In which file.
        path: PathBuf,
        /// What was found instead.
        why: String,
    },
    /// The client id is empty.
    #[error("the client id of the broker {host} is empty; give it one that no other client uses")]
    NoClientId {
        /// The broker.
        host: String,
    },
    /// The host is empty.
    #[error("the address of the broker is empty")]
    NoHost,
    /// A file cannot be read.
    #[error("cannot read {}", path.display())]
    Read {
        /// Which.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The roots of the system cannot be used.
    #[error(
        "the certificate authorities of the system cannot be used: {0} (is the package ca-certificates installed?)"
    )]
    Roots(String),
}

impl BrokerOptions {
    /// A broker at its usual port, without login and TLS.
    pub fn new(host: impl Into<String>, client_id: impl Into<String>) -> Self {
        Self {
            host: host.into(),
            port: None,
            client_id: client_id.into(),
            login: None,
            keep_alive_s: 30,
            tls: None,
        }
    }

    /// The port, or the usual one.
    pub fn port(&self) -> u16 {
        let usual = if self.tls.is_some() { 8883 } else { 1883 };
        self.port.unwrap_or(usual)
    }

    /// The host without brackets.
    pub fn bare_host(&self) -> &str {
        let host = self.host.trim();
        host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host)
    }

    /// Host and port as people write them.
    pub fn address(&self) -> String {
        let host = self.bare_host();
        let port = self.port();
        if host.contains(':') { format!("[{host}]:{port}") } else { format!("{host}:{port}") }
    }

    /// The options of the client library for one attempt. Reads the certificates.
    pub(crate) fn link(&self, remembering: Remembering) -> Result<MqttOptions, BrokerError> {
        let host = self.bare_host();
        if host.is_empty() {
            return Err(BrokerError::NoHost);
        }
        if self.client_id.is_empty() {
            return Err(BrokerError::NoClientId { host: host.to_owned() });
        }
        // the name that the certificate must bear is the one of the broker there; whither to
        // connect is said by the connector below
        let named = self.tls.as_ref().and_then(|tls| tls.server_name.as_deref());
        let broker = Broker::tcp(named.unwrap_or(host), self.port());
        let mut options = MqttOptions::new(self.client_id.clone(), broker);
        if named.is_some() || host.contains(':') {
            let address = self.address();
            options.set_socket_connector(move |_, network| {
                rumqttc::default_socket_connect(address.clone(), network)
            });
        }
        if let Some(tls) = &self.tls {
            options.set_transport(Transport::tls_with_config(tls.load()?));
        }
        if let Some(login) = &self.login {
            options.set_credentials(login.user.clone(), login.password.0.clone());
        }
        options
            .set_keep_alive(self.keep_alive_s.clamp(5, 240))
            .set_clean_session(remembering == Remembering::Forget)
            .set_max_packet_size(LARGEST, LARGEST)
            .set_request_channel_capacity(REQUESTS);
        Ok(options)
    }

    /// A client and what drives it: poll that for ever. After an error wait a [pause](Pauses), put
    /// a new [`link`](Self::link) into its options, and go on polling.
    pub(crate) fn client(
        &self,
        remembering: Remembering,
    ) -> Result<(AsyncClient, EventLoop), BrokerError> {
        let (client, mut driver) =
            AsyncClient::builder(self.link(remembering)?).capacity(REQUESTS).build();
        let mut network = NetworkOptions::new();
        network.set_tcp_nodelay(true);
        network.set_connection_timeout(CONNECT_S);
        driver.set_network_options(network);
        Ok((client, driver))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_of_version_six_keep_their_brackets_only_where_they_are_written() {
        let mut options = BrokerOptions::new("[fd00::1]", "reader");
        assert_eq!(options.address(), "[fd00::1]:1883");
        assert_eq!(options.bare_host(), "fd00::1");
        options.host = "fd00::1".to_owned();
        options.tls = Some(TlsOptions::default());
        assert_eq!(options.address(), "[fd00::1]:8883");
        options.port = Some(1);
        options.host = "broker.lan".to_owned();
        assert_eq!(options.address(), "broker.lan:1");
    }

    #[test]
    fn a_broker_without_a_name_and_a_client_without_one_are_refused() {
        let nowhere = BrokerOptions::new(" ", "reader").link(Remembering::Forget);
        assert!(matches!(nowhere, Err(BrokerError::NoHost)));
        let nobody = BrokerOptions::new("broker.lan", "").link(Remembering::Forget);
        assert!(matches!(nobody, Err(BrokerError::NoClientId { .. })));
    }

    #[test]
    fn a_password_does_not_print() {
        let mut options = BrokerOptions::new("broker.lan", "reader");
        let password = Password("secret".to_owned());
        options.login = Some(Login { user: "meter".to_owned(), password });
        assert!(!format!("{options:?}").contains("secret"));
    }
}
