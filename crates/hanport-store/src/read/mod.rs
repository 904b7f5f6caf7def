//! Reading: connections of their own, which the writer never blocks.
//!
//! A read takes what waits in memory first and then a snapshot of the file, so that nothing is
//! missed between the two; what is seen twice counts once.

pub(crate) mod books;
pub(crate) mod prices;
pub(crate) mod series;
pub(crate) mod visit;

use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};

use rusqlite::{Connection, OptionalExtension as _};

use crate::file::{self, Sight};
use crate::key::MeterRow;
use crate::trouble::Trouble;

/// Connections that are kept open for the next reader.
const IDLE: usize = 2;

/// The connections of the readers.
#[derive(Debug)]
pub(crate) struct Readers {
    path: PathBuf,
    idle: Mutex<Idle>,
}

#[derive(Debug, Default)]
struct Idle {
    connections: Vec<Connection>,
    /// Which file they have open: the inode, where there is one.
    file: Option<u64>,
}

impl Readers {
    pub(crate) fn new(path: PathBuf) -> Self {
        Self { path, idle: Mutex::default() }
    }

    /// Reads from a snapshot of the file.
    pub(crate) fn read<T>(
        &self,
        work: impl FnOnce(&Connection) -> Result<T, Trouble>,
    ) -> Result<T, Trouble> {
        let file = inode(&self.path);
        let (connection, sight) = match self.take(file) {
            Some(connection) => (connection, Sight::Live),
            None => file::for_reading(&self.path)?,
        };
        let transaction = connection.unchecked_transaction()?;
        let outcome = work(&transaction);
        let ended = transaction.finish();
        if ended.is_ok() && outcome.is_ok() && sight == Sight::Live {
            self.give_back(connection, file);
        }
        outcome
    }

    /// Closes what is open: at the end, so that the journal can go.
    pub(crate) fn close(&self) {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner).connections.clear();
    }

    fn take(&self, file: Option<u64>) -> Option<Connection> {
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        if idle.file != file {
            // the file was exchanged for a fresh one
            idle.connections.clear();
            idle.file = file;
        }
        idle.connections.pop()
    }

    fn give_back(&self, connection: Connection, file: Option<u64>) {
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        if idle.file == file && idle.connections.len() < IDLE {
            idle.connections.push(connection);
        }
    }
}

#[cfg(unix)]
fn inode(path: &std::path::Path) -> Option<u64> {
    use std::os::unix::fs::MetadataExt as _;
    std::fs::metadata(path).ok().map(|metadata| metadata.ino())
}

#[cfg(not(unix))]
fn inode(path: &std::path::Path) -> Option<u64> {
    std::fs::metadata(path).ok().map(|_| 0)
}

/// The row of a meter; `None` for one of which nothing is in the file.
pub(crate) fn meter_row(connection: &Connection, name: &str) -> Result<Option<MeterRow>, Trouble> {
    let id = connection
        .prepare_cached("SELECT id FROM meter WHERE name = ?1")?
        .query_row([name], |row| row.get(0))
        .optional()?;
    Ok(id.map(MeterRow))
}
