//! Opening the file: for the writer, for readers, for a look.

use std::fmt::Write as _;
use std::fs::{File, OpenOptions, TryLockError};
use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::{Connection, OpenFlags};

use crate::options::Options;
use crate::schema;
use crate::trouble::Trouble;

/// How long to wait for a lock that another connection holds.
const PATIENCE: Duration = Duration::from_secs(5);

/// Opens the file for writing, makes it where it is not there, and takes it to the newest
/// version.
pub(crate) fn for_writing(path: &Path, options: &Options) -> Result<Connection, Trouble> {
    make_folder(path)?;
    if !path.exists() {
        let mut options = OpenOptions::new();
        private(options.write(true).create(true).truncate(false)).open(path)?;
    }
    let mut connection = Connection::open_with_flags(
        path,
        OpenFlags::SQLITE_OPEN_READ_WRITE
            | OpenFlags::SQLITE_OPEN_CREATE
            | OpenFlags::SQLITE_OPEN_NO_MUTEX,
    )?;
    connection.busy_timeout(PATIENCE)?;
    recognise(&connection)?;
    if connection.is_readonly("main")? {
        return Err(Trouble::ReadOnly);
    }
    // only an empty file takes these two
    connection.pragma_update(None, "auto_vacuum", "INCREMENTAL")?;
    connection.pragma_update(None, "journal_mode", "WAL")?;
    // every commit is on the disk when it returns: a settled quarter survives a power cut
    connection.pragma_update(None, "synchronous", "FULL")?;
    connection.pragma_update(None, "cache_size", -1024)?;
    connection.pragma_update(None, "journal_size_limit", 4 << 20)?;
    connection.pragma_update(None, "cell_size_check", true)?;
    connection.pragma_update(None, "trusted_schema", false)?;
    if let Some(octets) = options.largest_file {
        let page: i64 = connection.query_row("PRAGMA page_size", [], |row| row.get(0))?;
        let pages = i64::try_from(octets).unwrap_or(i64::MAX) / page.max(1);
        connection.query_row(&format!("PRAGMA max_page_count = {pages}"), [], |_| Ok(()))?;
    }
    connection.set_prepared_statement_cache_capacity(48);
    schema::migrate(&mut connection)?;
    Ok(connection)
}

/// Takes the lock that one program at a time holds: on a file beside, because closing any
/// descriptor of the file itself would let go of what `SQLite` has locked in it.
pub(crate) fn lock(path: &Path) -> Result<File, Trouble> {
    make_folder(path)?;
    let mut options = OpenOptions::new();
    let file =
        private(options.write(true).create(true).truncate(false)).open(beside(path, "-lock"))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(Trouble::Locked),
        Err(TryLockError::Error(error)) => Err(error.into()),
    }
}

fn make_folder(path: &Path) -> Result<(), Trouble> {
    match path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        Some(folder) => Ok(std::fs::create_dir_all(folder)?),
        None => Ok(()),
    }
}

/// The history tells when somebody is at home: not everybody may read it.
#[cfg(unix)]
fn private(options: &mut OpenOptions) -> &mut OpenOptions {
    std::os::unix::fs::OpenOptionsExt::mode(options, 0o640)
}

#[cfg(not(unix))]
fn private(options: &mut OpenOptions) -> &mut OpenOptions {
    options
}

/// How a file was opened for reading.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Sight {
    /// It sees what the writer writes.
    Live,
    /// It sees the file as it lay there when it was opened.
    Still,
}

/// Opens the file for reading. A file on a disk that cannot be written is read as it lies there.
pub(crate) fn for_reading(path: &Path) -> Result<(Connection, Sight), Trouble> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let opened = Connection::open_with_flags(path, flags).map_err(Trouble::from);
    let (connection, sight) = match opened.and_then(ready) {
        Ok(connection) => (connection, Sight::Live),
        Err(trouble @ (Trouble::Damaged(_) | Trouble::Foreign | Trouble::Newer { .. })) => {
            return Err(trouble);
        }
        Err(trouble) => {
            let address = immutable(path).ok_or(trouble)?;
            let flags = flags | OpenFlags::SQLITE_OPEN_URI;
            (ready(Connection::open_with_flags(address, flags)?)?, Sight::Still)
        }
    };
    connection.pragma_update(None, "cache_size", -1024)?;
    connection.set_prepared_statement_cache_capacity(32);
    Ok((connection, sight))
}

fn ready(connection: Connection) -> Result<Connection, Trouble> {
    connection.busy_timeout(PATIENCE)?;
    connection.pragma_update(None, "query_only", true)?;
    connection.pragma_update(None, "trusted_schema", false)?;
    recognise(&connection)?;
    Ok(connection)
}

/// The address of a file nobody can write, so that nothing beside it is needed to read it;
/// `None` when there is a journal that would be overlooked.
fn immutable(path: &Path) -> Option<String> {
    if has_journal(path) || !path.exists() {
        return None;
    }
    let mut address = String::from("file:");
    for octet in path.to_str()?.bytes() {
        match octet {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'/' | b'.' | b'-' | b'_' => {
                address.push(char::from(octet));
            }
            other => write!(address, "%{other:02X}").ok()?,
        }
    }
    address.push_str("?immutable=1");
    Some(address)
}

/// Whether the file is one of ours, of a version this program knows; an empty one is.
pub(crate) fn recognise(connection: &Connection) -> Result<(), Trouble> {
    let version = schema::version(connection)?;
    let application = schema::application(connection)?;
    let tables: i64 =
        connection.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))?;
    if application != schema::APPLICATION_ID && (application != 0 || tables > 0) {
        return Err(Trouble::Foreign);
    }
    if version > schema::newest() {
        return Err(Trouble::Newer { found: version, known: schema::newest() });
    }
    Ok(())
}

/// Whether writes lie beside the file that are not in it yet: the program did not end in order.
pub(crate) fn has_journal(path: &Path) -> bool {
    std::fs::metadata(beside(path, "-wal")).is_ok_and(|journal| journal.len() > 0)
}

/// The size of a file; 0 where there is none.
pub(crate) fn octets(path: &Path) -> u64 {
    std::fs::metadata(path).map_or(0, |metadata| metadata.len())
}

/// A file beside the file: `history.db-wal`.
pub(crate) fn beside(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(ending);
    PathBuf::from(name)
}

/// Looks through the structure of the whole file. What is wrong, if something is.
pub(crate) fn quick_check(connection: &Connection) -> Result<(), Trouble> {
    let found: String = connection.query_row("PRAGMA quick_check(1)", [], |row| row.get(0))?;
    if found == "ok" { Ok(()) } else { Err(Trouble::Damaged(found)) }
}
