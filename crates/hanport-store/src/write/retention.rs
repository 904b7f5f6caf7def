//! What is too old goes, in small steps, and its pages are given back.

use hanport_engine::time::UtcMillis;
use rusqlite::{Connection, OptionalExtension as _, params};

use crate::key::{DAY_MS, HOUR_MS, first_of, hour_of};
use crate::options::Options;
use crate::trouble::Trouble;

/// Rows that one step removes, and pages that one step gives back.
const ROWS: i64 = 400;
const PAGES: i64 = 256;
/// Free pages that are kept for what comes next.
const SPARE_PAGES: i64 = 1024;
/// How often it is looked for what is too old.
const EVERY_MS: i64 = HOUR_MS;
/// A clock that is further ahead than this of where it was must stay there for some days before
/// anything is removed on its word: a wrong clock must not clear the history.
const LEAP_MS: i64 = 40 * DAY_MS;
const TRIAL_MS: i64 = 3 * DAY_MS;

/// When retention last ran.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Retention {
    next: Option<UtcMillis>,
    busy: bool,
}

impl Retention {
    /// One small step; whether there is more to do.
    pub(crate) fn step(
        &mut self,
        connection: &mut Connection,
        options: &Options,
        now: UtcMillis,
    ) -> Result<bool, Trouble> {
        let early = self.next.is_some_and(|next| now < next && next.since(now) <= EVERY_MS);
        if !now.is_sane() || (early && !self.busy) {
            return Ok(false);
        }
        self.next = Some(now.plus(EVERY_MS));
        if !self.busy && !believes(connection, now)? {
            return Ok(false);
        }
        self.busy = true;
        let removed = remove(connection, "sample", now, options.raw_days)?
            + remove(connection, "minute", now, options.minute_days)?;
        if removed == 0 {
            self.busy = give_back(connection)?;
        }
        Ok(self.busy)
    }
}

/// Whether the clock goes on from where it was. Where it stood is remembered once a day.
fn believes(connection: &Connection, now: UtcMillis) -> Result<bool, Trouble> {
    let seen = remembered(connection, "seen")?;
    let Some(seen) = seen else {
        remember(connection, "seen", now.0)?;
        return Ok(true);
    };
    if (0..DAY_MS).contains(&(now.0 - seen)) {
        return Ok(true);
    }
    if now.0 - seen <= LEAP_MS {
        remember(connection, "seen", now.0)?;
        return Ok(true);
    }
    let leapt = match remembered(connection, "leapt")? {
        Some(leapt) if leapt <= now.0 && now.0 - leapt <= LEAP_MS => leapt,
        _ => {
            remember(connection, "leapt", now.0)?;
            now.0
        }
    };
    if now.0 - leapt < TRIAL_MS {
        return Ok(false);
    }
    remember(connection, "seen", now.0)?;
    Ok(true)
}

fn remembered(connection: &Connection, key: &str) -> Result<Option<i64>, Trouble> {
    let text: Option<String> = connection
        .query_row("SELECT value FROM fact WHERE scope = 'retention' AND key = ?1", [key], |row| {
            row.get(0)
        })
        .optional()?;
    Ok(text.and_then(|text| text.parse().ok()))
}

fn remember(connection: &Connection, key: &str, ms: i64) -> Result<(), Trouble> {
    connection.execute(
        "INSERT OR REPLACE INTO fact (scope, key, value) VALUES ('retention', ?1, ?2)",
        params![key, ms.to_string()],
    )?;
    Ok(())
}

fn remove(
    connection: &Connection,
    table: &str,
    now: UtcMillis,
    days: u32,
) -> Result<usize, Trouble> {
    let before = hour_of(now.plus(-i64::from(days).saturating_mul(DAY_MS)));
    if before <= 0 {
        return Ok(0);
    }
    let removed = connection
        .prepare_cached(&format!(
            "DELETE FROM {table} WHERE key IN \
             (SELECT key FROM {table} WHERE key < ?1 ORDER BY key LIMIT ?2)"
        ))?
        .execute(params![first_of(before), ROWS])?;
    Ok(removed)
}

/// Gives pages back to the disk when there are many free ones; whether there are more.
fn give_back(connection: &Connection) -> Result<bool, Trouble> {
    let count = |pragma: &str| {
        connection.query_row(&format!("PRAGMA {pragma}"), [], |row| row.get::<_, i64>(0))
    };
    let free = count("freelist_count")?;
    if free <= SPARE_PAGES.max(count("page_count")? / 10) {
        return Ok(false);
    }
    let mut statement = connection.prepare(&format!("PRAGMA incremental_vacuum({PAGES})"))?;
    let mut rows = statement.query([])?;
    while rows.next()?.is_some() {}
    Ok(true)
}
