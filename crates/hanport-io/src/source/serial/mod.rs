//! A serial port of this machine.
//!
//! ```text
//!  choose (path, or the only adapter) -> lock -> open -> set -> read ... unplugged
//!     ^                                                                     |
//!     +------------- wait until it is there (again), explain why -----------+
//! ```

mod explain;
mod holders;
mod marks;
pub mod port;
pub mod ports;

use std::convert::Infallible;
use std::path::{Path, PathBuf};
use std::time::Duration;

use hanport_engine::line::LineErrors;
use tokio::time::timeout;

use self::marks::Marks;
pub use self::port::{Level, Lines};
use self::port::{Opened, Refused};
use super::feed::{Broken, CHUNK, Feed};
use super::retry::Patience;
use super::tuning::Tuning;
use super::{Outside, Setup, SourceError};

/// Which port is read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Which {
    /// The only USB adapter of this machine.
    Auto,
    /// A device, or a link to one; best one in `/dev/serial/by-id`.
    Path(PathBuf),
}

/// A serial port and how it is read.
#[derive(Clone, Debug)]
pub struct Serial {
    /// Which one.
    pub which: Which,
    /// How it is set.
    pub setup: Setup,
    /// The lines that feed adapters and request data.
    pub lines: Lines,
}

/// Reads the port for ever.
pub(super) async fn read(
    settings: Serial,
    outside: &Outside,
    feed: &mut Feed,
) -> Result<(), SourceError> {
    let mut patience = Patience::new(outside.retry);
    let mut tuning: Option<Tuning> = None;
    loop {
        let ended = match choose(&settings.which) {
            Ok(path) => {
                let name = ports::name(&path);
                let mut tuned = tuning
                    .take()
                    .filter(|tuning| tuning.is_of(&name))
                    .unwrap_or_else(|| Tuning::new(&settings.setup, &name, outside));
                let ended = session(&path, &settings, &mut tuned, feed, &mut patience).await;
                tuning = Some(tuned);
                ended
            }
            Err(refused) => Err(refused.into()),
        };
        let Refused { why, missing } = match ended {
            Ok(never) => match never {},
            Err(Ended::Broken(Broken::Deaf)) => return Ok(()),
            Err(Ended::Broken(Broken::Lost(why))) => Refused { why, missing: false },
            Err(Ended::Refused(refused)) => refused,
        };
        if feed.closed(why).await.is_err() {
            return Ok(());
        }
        if missing {
            // Looking for it costs nothing, and whoever plugs it in is waiting.
            tokio::time::sleep(patience.glance()).await;
        } else {
            patience.wait().await;
        }
    }
}

/// Why a port is no longer read.
enum Ended {
    Broken(Broken),
    Refused(Refused),
}

impl From<Broken> for Ended {
    fn from(broken: Broken) -> Self {
        Self::Broken(broken)
    }
}

impl From<Refused> for Ended {
    fn from(refused: Refused) -> Self {
        Self::Refused(refused)
    }
}

fn choose(which: &Which) -> Result<PathBuf, Refused> {
    match which {
        Which::Auto => ports::only(&ports::ports()).map_err(|why| Refused { why, missing: true }),
        Which::Path(path) => Ok(path.clone()),
    }
}

/// One opening of the port, from its beginning to its end.
async fn session(
    path: &Path,
    settings: &Serial,
    tuning: &mut Tuning,
    feed: &mut Feed,
    patience: &mut Patience,
) -> Result<Infallible, Ended> {
    let mut port = Opened::open(path, settings.lines)?;
    let oddity = port.set(tuning.settings()).map_err(Broken::Lost)?;
    let known = tuning.is_right().then(|| tuning.settings());
    feed.opened(port.describe(known, oddity)).await?;
    feed.settings(tuning.settings(), tuning.is_right()).await?;
    Ok(listen(&mut port, tuning, feed, patience).await?)
}

/// Hands on what was received with other settings and still waited: it proves nothing about
/// those of now.
async fn leftover(port: &Opened, feed: &mut Feed, buffer: &mut [u8]) -> Result<usize, Broken> {
    let mut all = 0;
    while let Ok(Ok(count @ 1..)) = timeout(Duration::ZERO, port.read(buffer)).await {
        feed.octets(buffer.get(..count).unwrap_or(&[])).await?;
        all += count;
        // A flood has no end.
        if all > CHUNK {
            break;
        }
    }
    Ok(all)
}

async fn listen(
    port: &mut Opened,
    tuning: &mut Tuning,
    feed: &mut Feed,
    patience: &mut Patience,
) -> Result<Infallible, Broken> {
    let mut buffer = vec![0; CHUNK];
    let mut marks = Marks::new();
    let mut octets = Vec::with_capacity(CHUNK);
    loop {
        while let Some(settings) = tuning.change(feed).await? {
            if let Some(oddity) = port.set(settings).map_err(Broken::Lost)? {
                tracing::warn!(port = %port.path().display(), %settings, oddity, "line settings");
            }
            let count = leftover(port, feed, &mut buffer).await?;
            tracing::debug!(port = %port.path().display(), %settings, count, "line settings");
        }
        // A read that is dropped has taken nothing: the octets stay with the driver.
        let read = timeout(tuning.wait(feed), port.read(&mut buffer)).await;
        let count = match read {
            Ok(Ok(0)) => return Err(Broken::Lost(port.unplugged())),
            Ok(Ok(count)) => count,
            Ok(Err(error)) => return Err(Broken::Lost(port.failed(&error))),
            Err(_) => 0,
        };
        let heard = buffer.get(..count).unwrap_or(&[]);
        let errors = if port.marks() {
            marks.read(heard, tuning.settings(), &mut octets)
        } else {
            octets.extend_from_slice(heard);
            LineErrors::default()
        };
        if count > 0 {
            patience.renew();
            tuning.hear(feed, &octets, errors).await?;
            octets.clear();
        }
        tuning.handle_timeout(feed);
        feed.tell_counts().await?;
    }
}
