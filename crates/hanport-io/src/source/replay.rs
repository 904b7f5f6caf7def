//! A file or standard input as a source.
//!
//! A recording is played at its own times, any other capture at once: binary data and telegrams
//! piece by piece as they come, so that a pipe is read as it speaks; text with octets in it as a
//! whole, as [`Capture`] finds them, or up to where a pipe falls silent: the log of a program that
//! goes on.

use std::fs::File;
use std::io::{self, Read};
use std::path::PathBuf;
use std::thread;
use std::time::Duration;

use hanport_engine::capture::Capture;
use hanport_engine::line::{Arrival, LineEvent};
use hanport_engine::time::UtcMillis;
use rustix::io::Errno;
use tokio::sync::mpsc;
use tokio::time::{Instant, timeout};

use super::SourceError;
use super::feed::{Broken, CHUNK, Feed};
use crate::record::entry;

/// The longest text that is looked through as a whole, in octets.
const LONGEST_TEXT: usize = 64 << 20;

/// What an input is shows within so many octets, or it is text that has to be seen as a whole.
const LONGEST_HEAD: usize = 64 << 10;

/// A text whose writer is silent for so long is played as far as it goes.
const SILENCE: Duration = Duration::from_secs(1);

/// Silence in a recording is played as long as this at most, before the speed.
const LONGEST_SILENCE_MS: i64 = 3_600_000;

/// Where a capture is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Input {
    /// In a file.
    File(PathBuf),
    /// It is piped in.
    Standard,
}

/// How fast a recording is played.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Speed {
    /// As fast as it is taken.
    AtOnce,
    /// This many recorded seconds a second; more than 0.
    Times(f64),
}

/// Which time the arrivals carry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stamp {
    /// When they are played.
    Now,
    /// When they were recorded, where that is known.
    Recorded,
}

/// A capture that is played.
#[derive(Clone, Debug)]
pub struct Replay {
    /// Where it is.
    pub input: Input,
    /// Begins again at the end, for ever. Only files can.
    pub repeat: bool,
    /// How fast.
    pub speed: Speed,
    /// With which time.
    pub stamp: Stamp,
}

impl Input {
    fn open(&self) -> Result<Box<dyn Read + Send>, SourceError> {
        match self {
            Self::File(path) => match File::open(path) {
                Ok(file) if file.metadata().is_ok_and(|about| about.is_dir()) => {
                    Err(SourceError::new(format!("{self} is a folder; name a file in it")))
                }
                Ok(file) => Ok(Box::new(file)),
                Err(error) => Err(SourceError::new(match error.kind() {
                    io::ErrorKind::NotFound => format!("there is no file {self}; check its name"),
                    io::ErrorKind::PermissionDenied => {
                        format!("{self} may not be read by this user (see ls -l {self})")
                    }
                    _ => format!("{self} cannot be read: {error}"),
                })),
            },
            Self::Standard => Ok(Box::new(io::stdin())),
        }
    }
}

impl core::fmt::Display for Input {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        match self {
            Self::File(path) => path.display().fmt(f),
            Self::Standard => f.write_str("standard input"),
        }
    }
}

/// Plays the capture once, or for ever.
pub(super) async fn read(settings: Replay, feed: &mut Feed) -> Result<(), SourceError> {
    if settings.repeat && settings.input == Input::Standard {
        return Err(SourceError::new("standard input cannot be read again and again; name a file"));
    }
    loop {
        let pieces = pieces(settings.input.clone());
        let mut player = Player::new(&settings, feed);
        match player.play(pieces).await {
            Ok(true) if settings.repeat => {}
            Ok(true) | Err(Stopped::Deaf) => return Ok(()),
            Ok(false) => {
                return Err(SourceError::new(format!("{} holds no octets", settings.input)));
            }
            Err(Stopped::Error(error)) => return Err(error),
        }
    }
}

/// Opens and reads on a thread of its own, because files and pipes cannot be waited for. The
/// thread ends with the file, or when it has something that nobody takes.
fn pieces(input: Input) -> mpsc::Receiver<Result<Vec<u8>, SourceError>> {
    // Bounded: when the pieces are not taken the file waits.
    let (sender, receiver) = mpsc::channel(4);
    thread::spawn(move || {
        let mut open = match input.open() {
            Ok(open) => open,
            Err(error) => return drop(sender.blocking_send(Err(error))),
        };
        loop {
            let mut piece = vec![0; CHUNK];
            let read = match open.read(&mut piece) {
                Ok(0) => return,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Ok(count) => {
                    piece.truncate(count);
                    Ok(piece)
                }
                // A terminal that is hung up ends in this way.
                Err(error) if error.raw_os_error() == Some(Errno::IO.raw_os_error()) => return,
                Err(error) => Err(SourceError::new(format!("{input} cannot be read: {error}"))),
            };
            let last = read.is_err();
            if sender.blocking_send(read).is_err() || last {
                return;
            }
        }
    });
    receiver
}

enum Stopped {
    /// Nobody takes what is played.
    Deaf,
    /// It cannot be read.
    Error(SourceError),
}

impl From<Broken> for Stopped {
    fn from(_: Broken) -> Self {
        Self::Deaf
    }
}

/// What the input turned out to be.
enum Kind {
    /// A recording: line by line.
    Recording,
    /// Octets as they are.
    Verbatim,
}

/// One pass through the capture.
struct Player<'a> {
    settings: &'a Replay,
    feed: &'a mut Feed,
    /// The recorded time of the last arrival, and when it was due.
    last: Option<(UtcMillis, Instant)>,
    any: bool,
}

impl<'a> Player<'a> {
    const fn new(settings: &'a Replay, feed: &'a mut Feed) -> Self {
        Self { settings, feed, last: None, any: false }
    }

    /// Plays it; `false` when nothing was in it.
    async fn play(
        &mut self,
        mut pieces: mpsc::Receiver<Result<Vec<u8>, SourceError>>,
    ) -> Result<bool, Stopped> {
        let input = &self.settings.input;
        let mut held = Vec::new();
        let mut kind = None;
        loop {
            let text = kind.is_none() && held.ends_with(b"\n");
            let patience = if text { SILENCE } else { Duration::MAX };
            // Waiting that is given up has taken nothing.
            let piece = match timeout(patience, pieces.recv()).await {
                Ok(Some(piece)) => piece,
                Ok(None) => break,
                Err(_) => {
                    self.whole(&core::mem::take(&mut held)).await?;
                    continue;
                }
            };
            held.extend(piece.map_err(Stopped::Error)?);
            if kind.is_none() && held.len() <= LONGEST_HEAD {
                kind = recognise(&held);
                if let Some(kind) = &kind {
                    let what = match kind {
                        Kind::Recording => "a recording",
                        Kind::Verbatim => "octets as they are",
                    };
                    self.feed.opened(format!("{input}: {what}")).await?;
                }
            }
            match kind {
                Some(Kind::Recording) => self.lines(&mut held, false).await?,
                Some(Kind::Verbatim) => self.octets(&core::mem::take(&mut held)).await?,
                None if held.len() > LONGEST_TEXT => {
                    return Err(Stopped::Error(SourceError::new(format!(
                        "{input} is a text of more than {} MiB; cut it into pieces",
                        LONGEST_TEXT >> 20
                    ))));
                }
                None => {}
            }
        }
        match kind {
            Some(Kind::Recording) => self.lines(&mut held, true).await?,
            Some(Kind::Verbatim) => {}
            None if held.is_empty() => {}
            None => self.whole(&held).await?,
        }
        self.feed.pause().await?;
        self.feed.closed(format!("{input} is over")).await?;
        Ok(self.any)
    }

    /// Text that had to be seen as a whole.
    async fn whole(&mut self, text: &[u8]) -> Result<(), Stopped> {
        let capture = Capture::recognise(text);
        if !self.any {
            let opened = format!("{}: {}", self.settings.input, capture.notation);
            self.feed.opened(opened).await?;
        }
        for chunk in capture.chunks {
            self.octets(&chunk).await?;
        }
        Ok(())
    }

    async fn octets(&mut self, octets: &[u8]) -> Result<(), Broken> {
        self.any |= !octets.is_empty();
        for piece in octets.chunks(CHUNK) {
            self.feed.octets(piece).await?;
        }
        Ok(())
    }

    /// Plays the whole lines in `held` and takes them out; at the end the rest as well.
    async fn lines(&mut self, held: &mut Vec<u8>, end: bool) -> Result<(), Broken> {
        let whole = held.iter().rposition(|octet| *octet == b'\n').map_or(0, |at| at + 1);
        let rest = if end { Vec::new() } else { held.split_off(whole) };
        let lines = core::mem::replace(held, rest);
        for line in String::from_utf8_lossy(&lines).lines() {
            if let Some(arrival) = entry::parse(line) {
                self.arrival(arrival).await?;
            }
        }
        Ok(())
    }

    async fn arrival(&mut self, arrival: Arrival) -> Result<(), Broken> {
        let (at, event) = match &arrival {
            Arrival::Octets(at, octets) => {
                self.any |= !octets.is_empty();
                (*at, None)
            }
            Arrival::Event(at, event) => (*at, Some(event)),
        };
        self.wait(at).await;
        // The lines of then are not those of now.
        if let Some(LineEvent::Closed(_) | LineEvent::Opened(_)) = event {
            return self.feed.pause().await;
        }
        let now = match self.settings.stamp {
            Stamp::Now => self.feed.now(),
            Stamp::Recorded => at,
        };
        self.feed
            .hand_on(match arrival {
                Arrival::Octets(_, octets) => Arrival::Octets(now, octets),
                Arrival::Event(_, event) => Arrival::Event(now, event),
            })
            .await
    }

    /// Waits until what was recorded at `at` is due.
    async fn wait(&mut self, at: UtcMillis) {
        let Speed::Times(speed) = self.settings.speed else {
            return;
        };
        let due = self.last.map_or_else(Instant::now, |(last, due)| {
            let silence_ms = at.since(last).clamp(0, LONGEST_SILENCE_MS);
            let silence = Duration::from_millis(u64::try_from(silence_ms).unwrap_or(0));
            due + Duration::try_from_secs_f64(silence.as_secs_f64() / speed).unwrap_or_default()
        });
        self.last = Some((at, due));
        tokio::time::sleep_until(due).await;
    }
}

/// What an input that begins with `head` is, once that is certain.
fn recognise(head: &[u8]) -> Option<Kind> {
    if Capture::is_verbatim(head) {
        return Some(Kind::Verbatim);
    }
    let whole = head.iter().rposition(|octet| *octet == b'\n')?;
    let text = core::str::from_utf8(head.get(..whole)?).ok()?;
    let mut lines = text.lines().filter(|line| !line.trim().is_empty());
    lines.find_map(entry::parse).is_some().then_some(Kind::Recording)
}
