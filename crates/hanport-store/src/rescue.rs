//! A damaged file is put aside, and a fresh one goes on with what can still be read.
//!
//! ```text
//!  history.db       ->  history.db.damaged-2026-11-20T17-31-05Z     (and its journal beside it)
//!  history.db.new   <-  rows that can be read: from the first on until damage,
//!                       and from the last back until damage
//!  history.db.new   ->  history.db
//! ```

use std::path::{Path, PathBuf};

use hanport_engine::time::UtcMillis;
use rusqlite::types::Value;
use rusqlite::{Connection, params_from_iter};

use crate::condition::Rescue;
use crate::file::{beside, for_reading, for_writing};
use crate::options::Options;
use crate::trouble::Trouble;

/// The tables with their columns and their order, the most precious first.
const TABLES: &[(&str, &[&str], &[&str])] = &[
    ("meter", &["id", "name", "first", "last", "memory"], &["id"]),
    ("quantity", &["id", "name"], &["id"]),
    (
        "interval",
        &["day", "meter", "register", "slot", "wh", "quality", "standing", "edges", "imported"],
        &["day", "meter", "register", "slot"],
    ),
    (
        "reading",
        &["day", "meter", "register", "at", "received", "mwh", "step_mwh"],
        &["day", "meter", "register", "at"],
    ),
    ("correction", &["id", "meter", "made", "author", "reason", "register", "change"], &["id"]),
    ("fact", &["scope", "key", "value"], &["scope", "key"]),
    ("event", &["id", "at", "meter", "kind", "detail"], &["id"]),
    ("price_series", &["id", "area", "source", "currency", "vat", "licence"], &["id"]),
    ("price", &["series", "start", "seconds", "price", "firm"], &["series", "start", "seconds"]),
    ("rate", &["day", "currency", "rate"], &["day", "currency"]),
    ("quarter", &["key", "packed"], &["key"]),
    ("tail", &["key", "packed"], &["key"]),
    ("sample", &["key", "packed"], &["key"]),
    ("minute", &["key", "packed"], &["key"]),
];

/// Puts the file aside and begins a fresh one.
pub(crate) fn rescue(
    path: &Path,
    options: &Options,
    now: UtcMillis,
    why: &str,
) -> Result<(Connection, Rescue), Trouble> {
    let moved_to = free_name(path, now);
    move_aside(path, &moved_to)?;
    let fresh = beside(path, ".new");
    discard(&fresh)?;
    let mut connection = for_writing(&fresh, options)?;
    let rows = match for_reading(&moved_to) {
        Ok((damaged, _)) => salvage(&damaged, &mut connection)?,
        Err(trouble) => {
            tracing::warn!(%trouble, "nothing can be read from the damaged history");
            0
        }
    };
    connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))?;
    connection.close().map_err(|(_, error)| error)?;
    std::fs::rename(&fresh, path)?;
    let connection = for_writing(path, options)?;
    Ok((connection, Rescue { at: now, moved_to, rows, why: why.to_owned() }))
}

/// Moves a file and what lies beside it; not what only this process shares.
pub(crate) fn move_aside(path: &Path, to: &Path) -> Result<(), Trouble> {
    std::fs::rename(path, to)?;
    let journal = beside(path, "-wal");
    if journal.exists() {
        std::fs::rename(&journal, beside(to, "-wal"))?;
    }
    discard_one(&beside(path, "-shm"))
}

/// `history.db.damaged-2026-11-20T17-31-05Z`, with a number where that is taken.
fn free_name(path: &Path, now: UtcMillis) -> PathBuf {
    let second = UtcMillis::from_seconds(now.seconds()).to_string().replace(':', "-");
    let plain = beside(path, &format!(".damaged-{second}"));
    (1..1000)
        .map(|number| beside(&plain, &format!("-{number}")))
        .find(|name| !name.exists())
        .filter(|_| plain.exists())
        .unwrap_or(plain)
}

fn discard(path: &Path) -> Result<(), Trouble> {
    for ending in ["", "-wal", "-shm"] {
        discard_one(&beside(path, ending))?;
    }
    Ok(())
}

fn discard_one(path: &Path) -> Result<(), Trouble> {
    match std::fs::remove_file(path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(error.into()),
        _ => Ok(()),
    }
}

/// Takes over every row that can be read; how many.
fn salvage(damaged: &Connection, fresh: &mut Connection) -> Result<u64, Trouble> {
    let mut rows = 0;
    for (table, columns, order) in TABLES {
        let names = columns.join(", ");
        let places: Vec<String> = (1..=columns.len()).map(|place| format!("?{place}")).collect();
        let insert =
            format!("INSERT OR IGNORE INTO {table} ({names}) VALUES ({})", places.join(", "));
        let transaction = fresh.transaction()?;
        for direction in ["ASC", "DESC"] {
            let by: Vec<String> = order.iter().map(|name| format!("{name} {direction}")).collect();
            let select =
                format!("SELECT {names} FROM {table} NOT INDEXED ORDER BY {}", by.join(", "));
            let (taken, whole) = copy(damaged, &select, &transaction, &insert, columns.len())?;
            rows += taken;
            if whole {
                break;
            }
        }
        transaction.commit()?;
    }
    Ok(rows)
}

/// Copies rows until the end or until damage; how many, and whether it was the end.
fn copy(
    damaged: &Connection,
    select: &str,
    fresh: &Connection,
    insert: &str,
    columns: usize,
) -> Result<(u64, bool), Trouble> {
    let Ok(mut statement) = damaged.prepare(select) else { return Ok((0, false)) };
    let Ok(mut found) = statement.query([]) else { return Ok((0, false)) };
    let mut add = fresh.prepare_cached(insert)?;
    let mut taken = 0;
    loop {
        match found.next() {
            Ok(None) => return Ok((taken, true)),
            Err(_) => return Ok((taken, false)),
            Ok(Some(row)) => {
                let values: Result<Vec<Value>, _> = (0..columns).map(|c| row.get(c)).collect();
                let Ok(values) = values else { continue };
                // a row whose values cannot be true is refused by its table
                match add.execute(params_from_iter(values)) {
                    Ok(added) => taken += u64::try_from(added).unwrap_or(0),
                    Err(error) => match Trouble::from(error) {
                        Trouble::Other(why) => tracing::debug!(why, "a damaged row is left out"),
                        trouble => return Err(trouble),
                    },
                }
            }
        }
    }
}
