//! What can go wrong with a file, and in words for people.

use std::io;
use std::path::Path;

use hanport_engine::outside::HistoryError;
use rusqlite::ErrorCode;

/// Why something with the file did not work.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Trouble {
    /// The octets of the file are not what was written.
    #[error("the file is damaged: {0}")]
    Damaged(String),
    /// It belongs to another program.
    #[error("the file belongs to another program; choose another place for the history")]
    Foreign,
    /// No room on the disk, or the limit for the file is reached.
    #[error("no room is left on the disk; free some, what waits in memory is written then")]
    Full,
    /// Another process holds it.
    #[error("another program has the file locked; is a second hanport running?")]
    Locked,
    /// A newer version of this program wrote it.
    #[error(
        "it was written by a newer hanport (version {found} of the file, this program knows up to \
         {known}); install the newer one, or restore a backup"
    )]
    Newer { found: i64, known: i64 },
    /// Something else.
    #[error("{0}")]
    Other(String),
    /// May not be written.
    #[error(
        "the disk or the file is read-only, or the service may not write there; check mount and permissions"
    )]
    ReadOnly,
}

impl Trouble {
    /// With the file it is about.
    pub(crate) fn at(&self, path: &Path) -> HistoryError {
        HistoryError(format!("{}: {self}", path.display()))
    }
}

impl From<rusqlite::Error> for Trouble {
    fn from(error: rusqlite::Error) -> Self {
        match error.sqlite_error_code() {
            Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => {
                Self::Damaged(error.to_string())
            }
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => Self::Locked,
            Some(ErrorCode::DiskFull) => Self::Full,
            Some(ErrorCode::PermissionDenied | ErrorCode::ReadOnly) => Self::ReadOnly,
            _ => Self::Other(error.to_string()),
        }
    }
}

impl From<io::Error> for Trouble {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => Self::ReadOnly,
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => Self::Full,
            _ => Self::Other(error.to_string()),
        }
    }
}
