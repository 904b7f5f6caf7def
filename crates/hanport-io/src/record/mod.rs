//! Recordings: what a source sent, with the times of arrival, as text.
//!
//! ```text
//! # hanport recording 1: times of arrival (UTC) and octets; see hanport decode
//! # 2026-01-15T11:59:58.000Z opened /dev/ttyUSB0 at 2400 8E1
//! 2026-01-15T12:00:00.012Z RX: 7E A0 27 01 02 01 10 5A 87 E6 E7 00 0F 40
//! # 2026-01-15T12:00:01.200Z errors 0 breaks, 0 framing, 0 overrun, 1 parity
//! ```
//!
//! A line holds what arrived at once. Whatever reads logs with hexadecimal octets reads a
//! recording; a [`Replay`](crate::source::Replay) plays it at its own times. A recording can be
//! cut and joined with any editor, and one that ends in the middle of a line loses that line's
//! last octet at most.

pub(crate) mod entry;

use std::fs::{File, OpenOptions};
use std::io::{self, BufWriter, Read as _, Seek as _, SeekFrom, Write as _};
use std::path::Path;
use std::time::Duration;

use hanport_engine::line::Arrival;
use tokio::sync::mpsc;
use tokio::task::JoinSet;
use tokio::time::MissedTickBehavior;

/// How a recording begins.
pub(crate) const HEAD: &str = "# hanport recording";

/// How long what was recorded may stay in memory.
const FLUSHED_EVERY: Duration = Duration::from_mins(1);

/// Writes a recording.
#[derive(Debug)]
pub struct Recorder {
    file: BufWriter<File>,
    line: String,
}

impl Recorder {
    /// Makes the file at `path`, or appends to the recording in it. Anything else there is left
    /// alone and is an error.
    pub fn append(path: &Path) -> io::Result<Self> {
        let mut file = OpenOptions::new().read(true).append(true).create(true).open(path)?;
        let length = file.seek(SeekFrom::End(0))?;
        let mut start = String::new();
        if length == 0 {
            start = format!("{HEAD} 1: times of arrival (UTC) and octets; see hanport decode\n");
        } else {
            let mut head = [0; HEAD.len()];
            file.rewind()?;
            let read = file.read(&mut head)?;
            if head.get(..read) != Some(HEAD.as_bytes()) {
                return Err(io::Error::other(format!(
                    "{} is there already and is no recording: name another file",
                    path.display()
                )));
            }
            // A line that was cut short must not run into the next.
            file.seek(SeekFrom::End(-1))?;
            let mut last = [0];
            file.read_exact(&mut last)?;
            if last != *b"\n" {
                start.push('\n');
            }
        }
        let mut file = BufWriter::new(file);
        file.write_all(start.as_bytes())?;
        Ok(Self { file, line: String::new() })
    }

    /// Records one arrival.
    pub fn write(&mut self, arrival: &Arrival) -> io::Result<()> {
        self.line.clear();
        entry::emit(arrival, &mut self.line);
        self.file.write_all(self.line.as_bytes())
    }

    /// Hands what was recorded to the disk.
    pub fn flush(&mut self) -> io::Result<()> {
        self.file.flush()?;
        self.file.get_ref().sync_data()
    }
}

/// Hands arrivals on from `from` to `to` and records them, until either end is gone; what was
/// recorded reaches the disk once a minute and at the end. When nothing can be recorded any more,
/// as on a full disk, that is logged and the arrivals are handed on all the same.
pub async fn tee(recorder: Recorder, mut from: mpsc::Receiver<Arrival>, to: mpsc::Sender<Arrival>) {
    // Bounded: when the disk is slower than the source, the source waits.
    let (pen, paper) = mpsc::channel(256);
    let mut writer = JoinSet::new();
    writer.spawn_blocking(move || write_all(recorder, paper));
    let mut flush = tokio::time::interval(FLUSHED_EVERY);
    flush.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut recording = true;
    loop {
        // Neither loses anything when it is dropped: an arrival stays in the channel.
        let arrival = tokio::select! {
            arrival = from.recv() => arrival,
            _ = flush.tick() => {
                recording = recording && pen.send(None).await.is_ok();
                continue;
            }
        };
        let Some(arrival) = arrival else {
            break;
        };
        recording = recording && pen.send(Some(arrival.clone())).await.is_ok();
        if to.send(arrival).await.is_err() {
            break;
        }
    }
    drop(pen);
    writer.join_all().await;
}

/// Writes what comes; nothing (`None`) means to flush.
fn write_all(mut recorder: Recorder, mut paper: mpsc::Receiver<Option<Arrival>>) {
    let write = |recorder: &mut Recorder, arrival| match arrival {
        Some(arrival) => recorder.write(&arrival),
        None => recorder.flush(),
    };
    while let Some(arrival) = paper.blocking_recv() {
        if let Err(error) = write(&mut recorder, arrival) {
            tracing::error!(%error, "nothing is recorded any more");
            return;
        }
    }
    if let Err(error) = recorder.flush() {
        tracing::error!(%error, "the end of the recording is lost");
    }
}
