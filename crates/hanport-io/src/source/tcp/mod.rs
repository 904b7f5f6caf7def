//! Octets over TCP: from a server, or from a sender that calls.
//!
//! - [`connect`]: a serial server, a bridge, another reader; [`listen`]: whoever sends by itself
//! - `rfc2217`: setting the serial line behind a server

pub mod connect;
pub mod listen;
pub(crate) mod rfc2217;

use std::convert::Infallible;
use std::io;
use std::time::Duration;

use rustix::net::sockopt;
use tokio::io::AsyncReadExt as _;
use tokio::net::TcpStream;

use super::feed::{Broken, CHUNK, Feed};
use super::flood::{Bucket, Limit, REST};
use super::retry::Patience;

/// How often a peer that says nothing is asked whether it is still there, before it is given up.
const ASK_TIMES: u32 = 3;

/// How long a peer may leave that unanswered.
pub const VANISHED: Duration = Duration::from_secs(30);

/// Silence after which a connection is made anew: no meter is silent for longer than an hour,
/// most talk every few seconds.
pub const STALL: Duration = Duration::from_mins(5);

/// Lets the system find out that the other side is gone: a connection may be dead without either
/// side knowing.
fn keep_alive(stream: &TcpStream, vanished: Duration) -> Result<(), Broken> {
    let second = Duration::from_secs(1);
    let set = || -> rustix::io::Result<()> {
        sockopt::set_socket_keepalive(stream, true)?;
        sockopt::set_tcp_keepidle(stream, (vanished / 2).max(second))?;
        sockopt::set_tcp_keepintvl(stream, (vanished / 2 / ASK_TIMES).max(second))?;
        sockopt::set_tcp_keepcnt(stream, ASK_TIMES)?;
        let vanished_ms = u32::try_from(vanished.as_millis()).unwrap_or(u32::MAX);
        sockopt::set_tcp_user_timeout(stream, vanished_ms)
    };
    set().map_err(|error| Broken::Lost(format!("the connection cannot be kept alive: {error}")))
}

/// Hands on what a plain connection sends until it ends.
async fn plain(
    stream: &mut TcpStream,
    peer: &str,
    (stall, limit): (Option<Duration>, Limit),
    feed: &mut Feed,
    patience: &mut Patience,
) -> Result<Infallible, Broken> {
    let mut buffer = vec![0; CHUNK];
    let mut bucket = Bucket::new(limit);
    loop {
        let count = receive(stream, peer, stall, &mut buffer).await?;
        patience.renew();
        pass(buffer.get(..count).unwrap_or(&[]), &mut bucket, feed).await?;
    }
}

/// Waits for octets; at least one.
async fn receive(
    stream: &mut TcpStream,
    peer: &str,
    stall: Option<Duration>,
    buffer: &mut [u8],
) -> Result<usize, Broken> {
    // A read that is dropped has taken nothing.
    let read = stream.read(buffer);
    let read = match stall {
        Some(stall) => tokio::time::timeout(stall, read).await.map_err(|_| {
            let seconds = stall.as_secs_f64();
            Broken::Lost(format!("{peer} has sent nothing for {seconds} seconds; connecting again"))
        })?,
        None => read.await,
    };
    match read {
        Ok(0) => Err(Broken::Lost(format!("{peer} closed the connection"))),
        Ok(count) => Ok(count),
        Err(error) if error.kind() == io::ErrorKind::TimedOut => {
            Err(Broken::Lost(format!("{peer} no longer answers: it is off, or the network is")))
        }
        Err(error) => Err(Broken::Lost(format!("the connection to {peer} is broken: {error}"))),
    }
}

/// Hands on as much as may pass. After a flood it waits, so that reading costs next to nothing.
pub(in crate::source) async fn pass(
    octets: &[u8],
    bucket: &mut Bucket,
    feed: &mut Feed,
) -> Result<(), Broken> {
    let passed = bucket.take(octets.len());
    let (octets, dropped) = octets.split_at_checked(passed).unwrap_or((octets, &[]));
    feed.octets(octets).await?;
    if !dropped.is_empty() {
        feed.dropped(dropped.len() as u64);
        feed.tell_counts().await?;
        tokio::time::sleep(REST).await;
    }
    Ok(())
}
