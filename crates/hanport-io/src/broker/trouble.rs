//! What an error of a connection means to the one who set it up.

use std::error::Error;
use std::fmt;
use std::io::ErrorKind;

use rumqttc::mqttbytes::Error as Packets;
use rumqttc::tokio_rustls::rustls::{AlertDescription, CertificateError, Error as Rustls};
use rumqttc::{ConnectReturnCode, ConnectionError, StateError, TlsError};

use super::BrokerOptions;

/// Why a connection failed or ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trouble {
    /// A stable word for programs: `refused`, `name`, `tls`, `login`.
    pub kind: &'static str,
    /// What is wrong and what to do, for people.
    pub text: String,
    /// The number that users of existing readers know: -3 no connection, -4 timeout, -5 read
    /// failed, -9 unexpected packet, -10 refused by the broker, -13 no sign of life.
    pub code: i8,
}

impl fmt::Display for Trouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

pub(super) fn say(kind: &'static str, code: i8, text: impl Into<String>) -> Trouble {
    Trouble { kind, text: text.into(), code }
}

/// Explains an error. `connected` tells whether the broker had already let this client in.
pub fn trouble(error: &(dyn Error + 'static), options: &BrokerOptions, connected: bool) -> Trouble {
    let address = options.address();
    let Some(error) = error.downcast_ref::<ConnectionError>() else {
        return say("other", -5, format!("{address}: {error}"));
    };
    match error {
        ConnectionError::ConnectionRefused(code) => refused(*code, options),
        ConnectionError::Io(error) => io(error, options, connected),
        ConnectionError::Tls(TlsError::Io(error)) => {
            match error.get_ref().and_then(|inner| inner.downcast_ref::<Rustls>()) {
                Some(error) => rustls(error, options),
                None if error.kind() == ErrorKind::UnexpectedEof => no_tls(&address),
                None => io(error, options, connected),
            }
        }
        ConnectionError::Tls(TlsError::TLS(error)) => rustls(error, options),
        ConnectionError::Tls(error) => say("tls", -3, format!("TLS with {address}: {error}")),
        ConnectionError::NetworkTimeout | ConnectionError::FlushTimeout => say(
            "timeout",
            -4,
            format!(
                "{address} does not answer in time (is the port right, is a firewall between?)"
            ),
        ),
        ConnectionError::MqttState(state) => of_state(state, options, connected),
        ConnectionError::NotConnAck(_) => no_broker(&address),
        error => say("other", -9, format!("{address}: {error}")),
    }
}

fn refused(code: ConnectReturnCode, options: &BrokerOptions) -> Trouble {
    let address = options.address();
    match code {
        ConnectReturnCode::BadUserNamePassword | ConnectReturnCode::NotAuthorized => {
            let text = match &options.login {
                None => format!("{address} wants a user name and a password"),
                Some(login) => format!(
                    "{address} does not let `{}` in: user name or password are wrong, or the broker's rules forbid it",
                    login.user
                ),
            };
            say("login", -10, text)
        }
        ConnectReturnCode::BadClientId => say(
            "client_id",
            -10,
            format!("{address} refuses the client id `{}`", options.client_id),
        ),
        ConnectReturnCode::ServiceUnavailable => {
            say("unavailable", -10, format!("{address} says that it cannot serve now"))
        }
        code => {
            say("refused_by_broker", -10, format!("{address} refuses the connection: {code:?}"))
        }
    }
}

fn of_state(state: &StateError, options: &BrokerOptions, connected: bool) -> Trouble {
    let address = options.address();
    match state {
        StateError::Io(error) | StateError::Deserialization(Packets::Io(error)) => {
            io(error, options, connected)
        }
        StateError::AwaitPingResp => {
            say("no_sign_of_life", -13, format!("{address} gave no sign of life in time"))
        }
        StateError::ConnectionAborted if connected => {
            say("closed", -5, format!("{address} closed the connection"))
        }
        StateError::ConnectionAborted => closed_at_once(options),
        StateError::Deserialization(_) | StateError::ProtocolViolation(_) if !connected => {
            no_broker(&address)
        }
        state => say("other", -9, format!("{address}: {state}")),
    }
}

fn io(error: &std::io::Error, options: &BrokerOptions, connected: bool) -> Trouble {
    let address = options.address();
    // over TLS 1.3 the other side looks at our certificate after the handshake
    if let Some(error) = error.get_ref().and_then(|inner| inner.downcast_ref::<Rustls>()) {
        return rustls(error, options);
    }
    match error.kind() {
        ErrorKind::ConnectionRefused => say(
            "refused",
            -3,
            format!(
                "nobody listens at {address} (does the broker run, does it listen on this address, is the port right?)"
            ),
        ),
        ErrorKind::TimedOut => {
            say("timeout", -4, format!("{address} does not answer (is it switched on?)"))
        }
        ErrorKind::HostUnreachable | ErrorKind::NetworkUnreachable => {
            say("unreachable", -3, format!("there is no way to {address}: {error}"))
        }
        ErrorKind::UnexpectedEof | ErrorKind::ConnectionReset | ErrorKind::BrokenPipe
            if !connected =>
        {
            closed_at_once(options)
        }
        ErrorKind::UnexpectedEof
        | ErrorKind::ConnectionReset
        | ErrorKind::ConnectionAborted
        | ErrorKind::BrokenPipe => say("closed", -5, format!("{address} closed the connection")),
        ErrorKind::InvalidData if !connected => no_broker(&address),
        _ if !connected && is_name(error) => say(
            "name",
            -3,
            format!("the name of the broker `{}` is not known: {error}", options.bare_host()),
        ),
        _ => say("io", -5, format!("{address}: {error}")),
    }
}

/// Resolvers have no kind of error of their own.
fn is_name(error: &std::io::Error) -> bool {
    error.raw_os_error().is_none() && error.to_string().contains("lookup")
}

fn rustls(error: &Rustls, options: &BrokerOptions) -> Trouble {
    let address = options.address();
    let tls = options.tls.as_ref();
    match error {
        Rustls::InvalidMessage(_) => no_tls(&address),
        Rustls::InvalidCertificate(
            CertificateError::UnknownIssuer | CertificateError::BadSignature,
        ) => {
            let believed = match tls.and_then(|tls| tls.ca.as_ref()) {
                Some(path) => format!("not by {}", path.display()),
                None => {
                    "by nobody this machine trusts; give the broker's CA if it is a private one"
                        .to_owned()
                }
            };
            say("tls_issuer", -3, format!("the certificate of {address} is signed {believed}"))
        }
        Rustls::InvalidCertificate(
            CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. },
        ) => {
            let wanted = tls.and_then(|tls| tls.server_name.as_deref());
            let wanted = wanted.unwrap_or_else(|| options.bare_host());
            let text = format!(
                "the certificate of {address} does not bear the name `{wanted}`; connect by the name it bears, or give that name as server name"
            );
            say("tls_name", -3, text)
        }
        Rustls::InvalidCertificate(
            CertificateError::Expired
            | CertificateError::ExpiredContext { .. }
            | CertificateError::NotValidYet
            | CertificateError::NotValidYetContext { .. },
        ) => say(
            "tls_time",
            -3,
            format!(
                "the certificate of {address} is not valid now; renew it, or set this machine's clock"
            ),
        ),
        Rustls::AlertReceived(
            AlertDescription::CertificateRequired | AlertDescription::HandshakeFailure,
        ) if tls.is_some_and(|tls| tls.client.is_none()) => {
            say("tls_client", -3, format!("{address} wants a client certificate"))
        }
        Rustls::AlertReceived(alert) => say(
            "tls_client",
            -3,
            format!("{address} does not accept the client certificate: {alert:?}"),
        ),
        error => say("tls", -3, format!("TLS with {address}: {error}")),
    }
}

fn no_tls(address: &str) -> Trouble {
    let text = format!(
        "what answers at {address} does not speak TLS; brokers speak it on another port than the plain one (usually 8883)"
    );
    say("no_tls", -3, text)
}

fn no_broker(address: &str) -> Trouble {
    say("no_broker", -9, format!("what answers at {address} is no MQTT broker; is the port right?"))
}

fn closed_at_once(options: &BrokerOptions) -> Trouble {
    let address = options.address();
    let text = if options.tls.is_some() {
        format!("{address} closes the connection at once (does it want a client certificate?)")
    } else {
        format!("{address} closes the connection at once (does this port want TLS?)")
    };
    say("closed_at_once", -5, text)
}
