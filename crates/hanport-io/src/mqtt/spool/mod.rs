//! A queue on disk: files of records in order, and how far the other side has them.
//!
//! ```text
//!  <folder>/00000000000000000000.seg   messages 0 to 5214
//!           00000000000000005215.seg   messages from 5215 on; written at its end
//!           done                       the first message that is not done with; two slots, the
//!                                      newer one with a right checksum counts
//! ```
//!
//! Files all of whose messages are done with are deleted. A queue that is full, or whose disk is,
//! takes no more and says so: what waits longest lives on. After a crash the tail that was being
//! written is cut off; after a loss of power up to a minute of messages may be missing, as the
//! files are brought to the disk that often.

pub mod record;

use std::collections::VecDeque;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use crc::{CRC_32_ISO_HDLC, Crc};
use hanport_engine::publish::Outgoing;

const CRC: Crc<u32> = Crc::<u32>::new(&CRC_32_ISO_HDLC);
/// A new file after so many octets.
const SEGMENT: u64 = 4 << 20;
/// No file is larger.
const LARGEST: u64 = SEGMENT + record::LONGEST as u64 + 8;
/// Where reading goes on in steps of.
const CHUNK: usize = 256 * 1024;

#[derive(Debug)]
struct Segment {
    first: u64,
    count: u64,
    octets: u64,
}

/// Where reading stands.
#[derive(Debug)]
struct Reading {
    file: File,
    /// The file, by its first message.
    first: u64,
    /// Octets that were read and not yet parsed.
    ahead: Vec<u8>,
    next: u64,
}

/// A queue on disk.
#[derive(Debug)]
pub struct Spool {
    folder: PathBuf,
    limit: u64,
    segments: VecDeque<Segment>,
    writing: Option<File>,
    reading: Option<Reading>,
    done_file: File,
    /// The first message that is not done with.
    done: u64,
    is_dirty: bool,
    /// Octets that were found damaged when it was opened.
    damaged: u64,
}

/// Why a message was not taken.
#[derive(Debug, thiserror::Error)]
pub enum SpoolError {
    /// As many octets wait as may.
    #[error("the queue holds {0} octets, which is all it may")]
    Full(u64),
    /// The disk says no.
    #[error("cannot write to {}: {source}", path.display())]
    Io {
        /// Where.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
}

impl Spool {
    /// Opens a queue, or begins one, that holds at most `limit` octets.
    pub fn open(folder: &Path, limit: u64) -> Result<Self, SpoolError> {
        let io = |source| SpoolError::Io { path: folder.to_owned(), source };
        fs::create_dir_all(folder).map_err(io)?;
        let options =
            OpenOptions::new().read(true).write(true).create(true).truncate(false).clone();
        let mut done_file = options.open(folder.join("done")).map_err(io)?;
        let done = read_done(&mut done_file).map_err(io)?;
        let mut spool = Self {
            folder: folder.to_owned(),
            limit,
            segments: VecDeque::new(),
            writing: None,
            reading: None,
            done_file,
            done,
            is_dirty: false,
            damaged: 0,
        };
        spool.scan().map_err(io)?;
        Ok(spool)
    }

    fn path(&self, first: u64) -> PathBuf {
        self.folder.join(format!("{first:020}.seg"))
    }

    /// Finds out what is there, cuts off what is damaged.
    fn scan(&mut self) -> io::Result<()> {
        let mut firsts = Vec::new();
        for entry in fs::read_dir(&self.folder)? {
            let name = entry?.file_name();
            let number = name.to_str().and_then(|name| name.strip_suffix(".seg"));
            firsts.extend(number.and_then(|number| number.parse::<u64>().ok()));
        }
        firsts.sort_unstable();
        for first in firsts {
            let path = self.path(first);
            let mut content = Vec::new();
            File::open(&path)?.take(LARGEST).read_to_end(&mut content)?;
            let (mut octets, mut count) = (0usize, 0u64);
            while let Some((_, length)) = content.get(octets..).and_then(record::parse) {
                octets += length;
                count += 1;
            }
            let kept = u64::try_from(octets).unwrap_or(0);
            let all = u64::try_from(content.len()).unwrap_or(0);
            if kept < all {
                self.damaged += all - kept;
                OpenOptions::new().write(true).open(&path)?.set_len(kept)?;
            }
            let follows = self.segments.back().is_none_or(|last| last.first + last.count <= first);
            if count == 0 || !follows {
                fs::remove_file(&path)?;
                continue;
            }
            self.segments.push_back(Segment { first, count, octets: kept });
        }
        if self.next() < self.done {
            // the mark reached the disk and the messages before it did not: they are done with
            while let Some(segment) = self.segments.pop_front() {
                fs::remove_file(self.path(segment.first))?;
            }
        }
        if let Some(oldest) = self.segments.front() {
            self.done = self.done.max(oldest.first);
        }
        self.sweep();
        Ok(())
    }

    /// The message of a number, or the first after it that is there.
    fn at_or_after(&self, number: u64) -> Option<u64> {
        let segment = self.segments.iter().find(|s| number < s.first + s.count)?;
        Some(number.max(segment.first))
    }

    /// The number of the next message that is taken.
    pub fn next(&self) -> u64 {
        self.segments.back().map_or(self.done, |last| last.first + last.count)
    }

    /// Messages that wait.
    pub fn len(&self) -> u64 {
        self.next().saturating_sub(self.done)
    }

    /// Whether none waits.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The first message that is not done with.
    pub const fn done(&self) -> u64 {
        self.done
    }

    /// Octets that were found damaged when it was opened.
    pub const fn damaged(&self) -> u64 {
        self.damaged
    }

    /// Octets on disk.
    pub fn octets(&self) -> u64 {
        self.segments.iter().map(|segment| segment.octets).sum()
    }

    /// Takes a message. On an error nothing of it stays.
    pub fn append(&mut self, message: &Outgoing) -> Result<(), SpoolError> {
        let mut octets = Vec::new();
        let length = if record::emit(message, &mut octets) { octets.len() } else { usize::MAX };
        let length = u64::try_from(length).unwrap_or(u64::MAX);
        let all = self.octets();
        if all.saturating_add(length) > self.limit {
            return Err(SpoolError::Full(all));
        }
        let next = self.next();
        let is_new = self.writing.is_none()
            || self.segments.back().is_none_or(|last| last.octets >= SEGMENT.min(self.limit / 8));
        if is_new {
            let path = self.path(next);
            let file = OpenOptions::new().append(true).create(true).open(&path);
            self.writing = Some(file.map_err(|source| SpoolError::Io { path, source })?);
            self.segments.push_back(Segment { first: next, count: 0, octets: 0 });
        }
        let (Some(file), Some(last)) = (&mut self.writing, self.segments.back_mut()) else {
            return Ok(());
        };
        if let Err(source) = file.write_all(&octets) {
            // half a record would hide all that come after it
            let cut = file.set_len(last.octets);
            let first = last.first;
            if last.count == 0 || cut.is_err() {
                self.writing = None;
                if last.count == 0 {
                    self.segments.pop_back();
                }
            }
            return Err(SpoolError::Io { path: self.path(first), source });
        }
        last.count += 1;
        last.octets += length;
        self.is_dirty = true;
        Ok(())
    }

    /// Reads at most `count` messages from number `from` on, in order.
    pub fn read(&mut self, from: u64, count: usize) -> Result<Vec<(u64, Outgoing)>, SpoolError> {
        let mut found = Vec::new();
        let mut from = from.max(self.done);
        while found.len() < count
            && let Some(at) = self.at_or_after(from)
            && let Some(message) = self.read_one(at)?
        {
            found.push((at, message));
            from = at + 1;
        }
        Ok(found)
    }

    fn read_one(&mut self, at: u64) -> Result<Option<Outgoing>, SpoolError> {
        let segment = self.segments.iter().find(|s| s.first <= at && at < s.first + s.count);
        let Some(first) = segment.map(|segment| segment.first) else { return Ok(None) };
        let path = self.path(first);
        let io = |source| SpoolError::Io { path: path.clone(), source };
        let is_there = self.reading.as_ref().is_some_and(|r| r.first == first && r.next <= at);
        if !is_there {
            let file = File::open(&path).map_err(io)?;
            self.reading = Some(Reading { file, first, ahead: Vec::new(), next: first });
        }
        let Some(reading) = &mut self.reading else { return Ok(None) };
        loop {
            let Some((message, length)) = record::parse(&reading.ahead) else {
                let before = reading.ahead.len();
                let room = u64::try_from(CHUNK).unwrap_or(u64::MAX);
                (&mut reading.file).take(room).read_to_end(&mut reading.ahead).map_err(io)?;
                if reading.ahead.len() == before {
                    return Ok(None);
                }
                continue;
            };
            reading.ahead.drain(..length);
            reading.next += 1;
            if reading.next > at {
                return Ok(Some(message));
            }
        }
    }

    /// All messages before this number are done with.
    pub fn set_done(&mut self, done: u64) -> Result<(), SpoolError> {
        let done = done.min(self.next());
        if done <= self.done {
            return Ok(());
        }
        self.done = done;
        self.sweep();
        let io = |source| SpoolError::Io { path: self.folder.join("done"), source };
        write_done(&mut self.done_file, done).map_err(io)
    }

    /// Deletes files all of whose messages are done with. The last one stays while it is written.
    fn sweep(&mut self) {
        while let Some(oldest) = self.segments.front() {
            let is_done = oldest.first + oldest.count <= self.done;
            let is_last = self.segments.len() == 1;
            if !is_done
                || is_last
                    && (self.writing.is_some() || oldest.count == 0)
                    && oldest.octets < SEGMENT
            {
                return;
            }
            let path = self.path(oldest.first);
            let _ = fs::remove_file(path);
            if is_last {
                self.writing = None;
            }
            self.segments.pop_front();
        }
    }

    /// Brings to the disk what the system still holds back.
    pub fn sync(&mut self) -> Result<(), SpoolError> {
        if !std::mem::take(&mut self.is_dirty) {
            return Ok(());
        }
        let io = |source| SpoolError::Io { path: self.folder.clone(), source };
        if let Some(file) = &self.writing {
            file.sync_data().map_err(io)?;
        }
        self.done_file.sync_data().map_err(io)
    }
}

/// Two slots of number and checksum: `n` goes to slot `n mod 2`... of every other write, so that
/// one of them is always whole.
fn write_done(file: &mut File, done: u64) -> io::Result<()> {
    let mut slots = [0u8; 24];
    file.seek(SeekFrom::Start(0))?;
    let _ = read_up_to(file, &mut slots)?;
    let (first, second) = slots.split_at(12);
    let at = if slot(first) >= slot(second) { 12 } else { 0 };
    let number = done.to_le_bytes();
    file.seek(SeekFrom::Start(at))?;
    let mut octets = [0u8; 12];
    let (value, crc) = octets.split_at_mut(8);
    value.copy_from_slice(&number);
    crc.copy_from_slice(&CRC.checksum(&number).to_le_bytes());
    file.write_all(&octets)
}

fn read_done(file: &mut File) -> io::Result<u64> {
    let mut slots = [0u8; 24];
    file.seek(SeekFrom::Start(0))?;
    let _ = read_up_to(file, &mut slots)?;
    let (first, second) = slots.split_at(12);
    Ok(slot(first).max(slot(second)).unwrap_or(0))
}

fn slot(octets: &[u8]) -> Option<u64> {
    let (number, crc) = octets.split_first_chunk::<8>()?;
    let crc = crc.first_chunk::<4>()?;
    (CRC.checksum(number) == u32::from_le_bytes(*crc)).then(|| u64::from_le_bytes(*number))
}

fn read_up_to(file: &mut File, into: &mut [u8]) -> io::Result<usize> {
    let mut read = 0;
    while let Some(room) = into.get_mut(read..).filter(|room| !room.is_empty()) {
        match file.read(room)? {
            0 => break,
            more => read += more,
        }
    }
    Ok(read)
}

#[cfg(test)]
mod tests;
