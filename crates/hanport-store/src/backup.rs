//! Backup while the service goes on, a look at whether a backup is whole, and the way back.

use std::path::{Path, PathBuf};

use hanport_engine::outside::HistoryError;
use hanport_engine::time::UtcMillis;
use rusqlite::Connection;
use rusqlite::backup::{Backup, StepResult};

use crate::file::{beside, recognise};
use crate::rescue::move_aside;
use crate::trouble::Trouble;
use crate::{file, schema};

/// Pages copied between two reports of progress.
const PAGES: i32 = 256;

/// What a backup holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verified {
    /// The version of the file; the newest this program knows, or an earlier one.
    pub version: i64,
    /// The meters in it.
    pub meters: Vec<String>,
    /// Quarter-hours in it, of all meters.
    pub intervals: u64,
    /// From the first thing kept to the last.
    pub extent: Option<(UtcMillis, UtcMillis)>,
}

/// Copies what a connection sees, in a transaction of its own, into a file.
pub(crate) fn copy(
    connection: &Connection,
    to: &Path,
    mut progress: impl FnMut(u64, u64),
) -> Result<(), Trouble> {
    // the snapshot begins with the first read
    schema::version(connection)?;
    let part = beside(to, ".part");
    remove(&part)?;
    let mut target = Connection::open(&part)?;
    {
        let backup = Backup::new(connection, &mut target)?;
        loop {
            let step = backup.step(PAGES)?;
            let done = backup.progress();
            let pages = |count: i32| u64::try_from(count).unwrap_or(0);
            let all = pages(done.pagecount);
            progress(all.saturating_sub(pages(done.remaining)), all);
            match step {
                StepResult::Done => break,
                StepResult::More => {}
                _ => return Err(Trouble::Locked),
            }
        }
    }
    // a file of its own, with nothing beside it
    target.query_row("PRAGMA journal_mode = DELETE", [], |_| Ok(()))?;
    target.close().map_err(|(_, error)| error)?;
    std::fs::File::open(&part)?.sync_all()?;
    std::fs::rename(&part, to)?;
    Ok(())
}

/// Looks through a backup: that it is a history of this program, that nothing in its structure
/// is damaged, and what is in it.
pub fn verify(path: &Path) -> Result<Verified, HistoryError> {
    let look = || -> Result<Verified, Trouble> {
        if !path.exists() {
            return Err(Trouble::Other("there is no such file".into()));
        }
        let (connection, _) = file::for_reading(path)?;
        recognise(&connection)?;
        if schema::application(&connection)? != schema::APPLICATION_ID {
            return Err(Trouble::Foreign);
        }
        let found: String =
            connection.query_row("PRAGMA integrity_check(1)", [], |row| row.get(0))?;
        if found != "ok" {
            return Err(Trouble::Damaged(found));
        }
        let (first, last): (Option<i64>, Option<i64>) =
            connection.query_row("SELECT min(first), max(last) FROM meter", [], |row| {
                Ok((row.get(0)?, row.get(1)?))
            })?;
        let intervals: i64 =
            connection.query_row("SELECT count(*) FROM interval", [], |row| row.get(0))?;
        Ok(Verified {
            version: schema::version(&connection)?,
            meters: crate::read::books::meters(&connection)?,
            intervals: u64::try_from(intervals).unwrap_or(0),
            extent: first.zip(last).map(|(first, last)| (UtcMillis(first), UtcMillis(last))),
        })
    };
    look().map_err(|trouble| trouble.at(path))
}

/// Puts a backup in the place of a history that no store has open. A history that is there is
/// moved aside; where to, is returned.
///
/// # Errors
/// When the backup is not whole, when a store has the history open, and when the disk says no.
pub fn restore(backup: &Path, to: &Path, now: UtcMillis) -> Result<Option<PathBuf>, HistoryError> {
    verify(backup)?;
    let work = || -> Result<Option<PathBuf>, Trouble> {
        let _lock = file::lock(to)?;
        let fresh = beside(to, ".new");
        std::fs::copy(backup, &fresh)?;
        std::fs::File::open(&fresh)?.sync_all()?;
        let aside = if to.exists() {
            let second = UtcMillis::from_seconds(now.seconds()).to_string().replace(':', "-");
            let aside = beside(to, &format!(".before-{second}"));
            move_aside(to, &aside)?;
            Some(aside)
        } else {
            None
        };
        std::fs::rename(&fresh, to)?;
        Ok(aside)
    };
    work().map_err(|trouble| trouble.at(to))
}

fn remove(path: &Path) -> Result<(), Trouble> {
    match std::fs::remove_file(path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(error.into()),
        _ => Ok(()),
    }
}
