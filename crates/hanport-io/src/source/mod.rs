//! Sources: where the octets of a meter come from.
//!
//! ```text
//!  serial port --+
//!  TCP ----------+    octets with their time,
//!  MQTT ---------+--> what happens to the line --> a bounded channel --> whoever reads the meter
//!  recording ----+
//! ```
//!
//! A source is read for ever. It opens its line again when it is lost, at first after a second,
//! later once a minute, and tells every change in plain words as a
//! [`LineEvent`](hanport_engine::line::LineEvent). It ends when it is told to stop, when nobody
//! takes what arrives, or when a file is over.
//!
//! - [`serial`]: a port of this machine; [`tcp`]: a server, or a sender that calls; [`mqtt`]: raw
//!   frames from a broker; [`replay`]: a file or standard input
//! - [`memory`] keeps what was found out about a port, [`tuning`] how a line is set
//! - [`retry`] and [`flood`]: how long to wait, and how much is too much

pub(crate) mod feed;
pub mod flood;
pub mod memory;
pub mod mqtt;
pub mod replay;
pub mod retry;
pub mod serial;
pub mod tcp;
pub mod tuning;

use core::fmt;
use std::sync::Arc;

use hanport_engine::line::Arrival;
use hanport_engine::outside::clock::Clock;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use feed::Feed;
pub use flood::Limit;
pub use memory::{Forgetful, Memory};
pub use mqtt::Mqtt;
pub use replay::Replay;
pub use retry::Retry;
pub use serial::port::{Level, Lines};
pub use serial::{Serial, Which};
pub use tcp::connect::{Remote, TcpConnect};
pub use tcp::listen::TcpListen;
pub use tuning::Setup;

/// Where the octets of a meter come from.
#[derive(Clone, Debug)]
pub enum Source {
    /// Frames that somebody publishes to a broker.
    Mqtt(Mqtt),
    /// A file or standard input.
    Replay(Replay),
    /// A serial port of this machine.
    Serial(Serial),
    /// A server that hands on what its serial port hears.
    TcpConnect(TcpConnect),
    /// A sender that connects to this machine.
    TcpListen(TcpListen),
}

/// What a source needs from the program.
#[derive(Clone, Debug)]
pub struct Outside {
    /// Tells the time of arrival.
    pub clock: Arc<dyn Clock>,
    /// Keeps what was found out about a port.
    pub memory: Arc<dyn Memory>,
    /// How long to wait before a line that is lost is tried again.
    pub retry: Retry,
}

impl Outside {
    /// With the usual patience, and nothing kept.
    pub fn new(clock: Arc<dyn Clock>) -> Self {
        Self { clock, memory: Arc::new(Forgetful), retry: Retry::default() }
    }
}

/// Why a source cannot be read at all. Waiting does not help.
#[derive(Debug, PartialEq, Eq)]
pub struct SourceError(String);

impl SourceError {
    pub(crate) fn new(why: impl Into<String>) -> Self {
        Self(why.into())
    }
}

impl fmt::Display for SourceError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl core::error::Error for SourceError {}

/// Reads `source` until `stop`, until the receiver of `tap` is gone, or until a file is over.
///
/// `tap` is bounded by who makes it; when it is full the source waits. Errors are mistakes in the
/// settings, or a file that cannot be read; a line that does not answer is none, it is told and
/// tried again.
pub async fn run(
    source: Source,
    outside: Outside,
    tap: mpsc::Sender<Arrival>,
    stop: CancellationToken,
) -> Result<(), SourceError> {
    let mut feed = Feed::new(Arc::clone(&outside.clock), tap);
    let reading = async {
        match source {
            Source::Mqtt(settings) => mqtt::read(settings, &outside, &mut feed).await,
            Source::Replay(settings) => replay::read(settings, &mut feed).await,
            Source::Serial(settings) => serial::read(settings, &outside, &mut feed).await,
            Source::TcpConnect(settings) => tcp::connect::read(settings, &outside, &mut feed).await,
            Source::TcpListen(settings) => tcp::listen::read(settings, &outside, &mut feed).await,
        }
    };
    // Either may be dropped: what a source has read and not handed on when it is stopped is lost,
    // as what comes later is.
    tokio::select! {
        () = stop.cancelled() => Ok(()),
        ended = Box::pin(reading) => ended,
    }
}
