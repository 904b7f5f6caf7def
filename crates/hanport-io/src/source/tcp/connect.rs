//! A server that hands on what its serial port hears: ser2net, a bridge, another reader.

use std::convert::Infallible;
use std::time::Duration;

use tokio::net::{TcpStream, lookup_host};
use tokio::time::timeout;

use super::super::feed::{Broken, Feed};
use super::super::retry::Patience;
use super::super::serial::port::Lines;
use super::super::tuning::Tuning;
use super::super::{Limit, Outside, Setup, SourceError};
use super::rfc2217::client;
use super::{STALL, VANISHED, keep_alive, plain};

/// How long one address may take to answer.
const ANSWER: Duration = Duration::from_secs(10);

/// A server.
#[derive(Clone, Debug)]
pub struct TcpConnect {
    /// Its name or address (IPv6 without brackets). Names are looked up anew every time.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// Silence after which the connection is made anew; `None` never does.
    pub stall: Option<Duration>,
    /// How long it may leave unanswered whether it is still there.
    pub vanished: Duration,
    /// How much it may send.
    pub limit: Limit,
    /// Sets the line of the server by RFC 2217, where the server knows it.
    pub remote: Option<Remote>,
}

impl TcpConnect {
    /// A server that sends plain octets.
    pub fn plain(host: impl Into<String>, port: u16) -> Self {
        let host = host.into();
        let (stall, limit) = (Some(STALL), Limit::default());
        Self { host, port, stall, vanished: VANISHED, limit, remote: None }
    }
}

/// The serial line behind a server.
#[derive(Clone, Debug)]
pub struct Remote {
    /// How it is set.
    pub setup: Setup,
    /// Its output lines.
    pub lines: Lines,
}

/// Reads the server for ever.
pub(in crate::source) async fn read(
    settings: TcpConnect,
    outside: &Outside,
    feed: &mut Feed,
) -> Result<(), SourceError> {
    let mut patience = Patience::new(outside.retry);
    let name = address(&settings.host, settings.port);
    let mut tuning =
        settings.remote.as_ref().map(|remote| Tuning::new(&remote.setup, &name, outside));
    loop {
        let ended = session(&settings, &name, tuning.as_mut(), feed, &mut patience).await;
        let why = match ended {
            Ok(never) => match never {},
            Err(Broken::Deaf) => return Ok(()),
            Err(Broken::Lost(why)) => why,
        };
        if feed.closed(why).await.is_err() {
            return Ok(());
        }
        patience.wait().await;
    }
}

/// One connection, from its beginning to its end.
async fn session(
    settings: &TcpConnect,
    name: &str,
    tuning: Option<&mut Tuning>,
    feed: &mut Feed,
    patience: &mut Patience,
) -> Result<Infallible, Broken> {
    let mut stream = open(settings, name).await.map_err(Broken::Lost)?;
    keep_alive(&stream, settings.vanished)?;
    let limits = (settings.stall, settings.limit);
    if let (Some(tuning), Some(remote)) = (tuning, &settings.remote) {
        return client::run(&mut stream, name, (limits, remote.lines), tuning, feed, patience)
            .await;
    }
    feed.opened(format!("connected to {name}")).await?;
    plain(&mut stream, name, limits, feed, patience).await
}

/// Connects to the first address that answers.
async fn open(settings: &TcpConnect, name: &str) -> Result<TcpStream, String> {
    let TcpConnect { host, port, .. } = settings;
    let addresses = lookup_host((host.as_str(), *port)).await.map_err(|error| {
        format!("the name {host} is not known in the network: check its spelling, or give its address ({error})")
    })?;
    let mut why = format!("the name {host} has no address");
    for address in addresses {
        match timeout(ANSWER, TcpStream::connect(address)).await {
            Ok(Ok(stream)) => return Ok(stream),
            Ok(Err(error)) if error.kind() == std::io::ErrorKind::ConnectionRefused => {
                why = format!("{name} refuses: nothing listens on port {port} there");
            }
            Ok(Err(error)) => why = format!("{name} cannot be reached: {error}"),
            Err(_) => why = format!("{name} does not answer: is it on, and in the same network?"),
        }
    }
    Err(why)
}

/// `host:port`, IPv6 in brackets.
fn address(host: &str, port: u16) -> String {
    if host.contains(':') { format!("[{host}]:{port}") } else { format!("{host}:{port}") }
}
