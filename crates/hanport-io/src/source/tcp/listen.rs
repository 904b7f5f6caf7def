//! A sender that connects to this machine by itself.
//!
//! One is read at a time. One that comes later takes the place of the one before as soon as it
//! says something: a sender that lost its network comes back before the old connection is known
//! to be dead, and whoever only knocks disturbs nobody.

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use tokio::net::{TcpListener, TcpStream};

use super::super::feed::{Broken, Feed};
use super::super::retry::Patience;
use super::super::{Limit, Outside, SourceError};
use super::{STALL, VANISHED, keep_alive, plain};

/// How long to wait when the system has no room for one more connection.
const NO_ROOM: Duration = Duration::from_millis(100);

/// Where senders are waited for.
#[derive(Clone, Debug)]
pub struct TcpListen {
    /// The address of this machine; port 0 takes a free one, which is told.
    pub address: SocketAddr,
    /// The addresses that senders may have; anybody may send when there are none.
    pub allowed: Vec<IpAddr>,
    /// Silence after which a sender is hung up on; `None` never does.
    pub stall: Option<Duration>,
    /// How long a sender may leave unanswered whether it is still there.
    pub vanished: Duration,
    /// How much a sender may send.
    pub limit: Limit,
}

impl TcpListen {
    /// Anybody may send to `address`.
    pub fn anybody(address: SocketAddr) -> Self {
        let (stall, limit) = (Some(STALL), Limit::default());
        Self { address, allowed: Vec::new(), stall, vanished: VANISHED, limit }
    }
}

/// Waits for senders for ever.
pub(in crate::source) async fn read(
    settings: TcpListen,
    outside: &Outside,
    feed: &mut Feed,
) -> Result<(), SourceError> {
    let mut patience = Patience::new(outside.retry);
    loop {
        let why = match TcpListener::bind(settings.address).await {
            Ok(listener) => match serve(&settings, &listener, feed, &mut patience).await {
                Broken::Deaf => return Ok(()),
                Broken::Lost(why) => why,
            },
            Err(error) => refused(settings.address, &error),
        };
        if feed.closed(why).await.is_err() {
            return Ok(());
        }
        patience.wait().await;
    }
}

/// Reads one sender after the other.
async fn serve(
    settings: &TcpListen,
    listener: &TcpListener,
    feed: &mut Feed,
    patience: &mut Patience,
) -> Broken {
    let here = listener.local_addr().unwrap_or(settings.address);
    if let Err(broken) = feed.closed(format!("waiting for a sender on {here}")).await {
        return broken;
    }
    let mut callers = Callers { listener, allowed: &settings.allowed, silent: None };
    let mut next = callers.next().await;
    loop {
        let (mut stream, peer) = next;
        let name = peer.to_string();
        let session = async {
            keep_alive(&stream, settings.vanished)?;
            feed.opened(format!("{name} is connected")).await?;
            plain(&mut stream, &name, (settings.stall, settings.limit), feed, patience).await
        };
        // A session that is dropped may lose the octets it has just read: a newer sender has the
        // word, and what the older one sent last is no whole message any more. Callers that are
        // dropped keep who is waiting.
        let (why, newer) = tokio::select! {
            ended = session => match ended {
                Ok(never) => match never {},
                Err(Broken::Deaf) => return Broken::Deaf,
                Err(Broken::Lost(why)) => (why, None),
            },
            newer = callers.speaking() => {
                (format!("{} takes the place of {peer}", newer.1), Some(newer))
            }
        };
        drop(stream);
        if let Err(broken) = feed.closed(why).await {
            return broken;
        }
        next = match newer {
            Some(newer) => newer,
            None => callers.next().await,
        };
    }
}

/// Those who connect.
struct Callers<'a> {
    listener: &'a TcpListener,
    allowed: &'a [IpAddr],
    /// Who came last and has said nothing yet.
    silent: Option<(TcpStream, SocketAddr)>,
}

impl Callers<'_> {
    /// Waits for somebody.
    async fn next(&mut self) -> (TcpStream, SocketAddr) {
        match self.silent.take() {
            Some(silent) => silent,
            None => self.accept().await,
        }
    }

    /// Waits for somebody who says something.
    async fn speaking(&mut self) -> (TcpStream, SocketAddr) {
        loop {
            let mut first = [0];
            let word = async {
                match &self.silent {
                    Some((stream, _)) => stream.peek(&mut first).await,
                    None => core::future::pending().await,
                }
            };
            // Neither takes anything before it is done.
            tokio::select! {
                newer = self.accept() => self.silent = Some(newer),
                word = word => {
                    let silent = self.silent.take();
                    if let (Ok(1..), Some(speaking)) = (word, silent) {
                        return speaking;
                    }
                }
            }
        }
    }

    /// Waits for somebody who may send.
    async fn accept(&self) -> (TcpStream, SocketAddr) {
        loop {
            match self.listener.accept().await {
                Ok((stream, peer)) if self.may_send(peer.ip()) => return (stream, peer),
                Ok((_, peer)) => tracing::warn!(%peer, "a sender that is not allowed was refused"),
                Err(error) => {
                    tracing::warn!(%error, "a sender could not be accepted");
                    tokio::time::sleep(NO_ROOM).await;
                }
            }
        }
    }

    /// An IPv4 address may come over an IPv6 socket.
    fn may_send(&self, address: IpAddr) -> bool {
        self.allowed.is_empty() || self.allowed.contains(&address.to_canonical())
    }
}

fn refused(address: SocketAddr, error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::AddrInUse => {
            format!(
                "{address} is in use by another program: choose another port, or stop it (ss -tlnp shows it)"
            )
        }
        io::ErrorKind::AddrNotAvailable => {
            format!("{address} is no address of this machine: use 0.0.0.0 or [::] for all of them")
        }
        io::ErrorKind::PermissionDenied => {
            format!("{address} may not be listened on by this user: choose a port above 1023")
        }
        _ => format!("{address} cannot be listened on: {error}"),
    }
}
