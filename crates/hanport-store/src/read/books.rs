//! Quarter-hours, readings, corrections, events, memories and facts.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::ops::Range;

use hanport_engine::energy::{
    Correction, CorrectionId, Entry, Interval, Official, QuarterHour, Register, Standing,
};
use hanport_engine::outside::Happening;
use hanport_engine::time::UtcMillis;
use rusqlite::{Connection, OptionalExtension as _, Row, params};

use super::meter_row;
use crate::key::{SLOTS, day_of};
use crate::trouble::Trouble;
use crate::waiting::{Batch, Event};
use crate::words::{self, register_number};

/// The quarters that begin in a range.
fn quarters(range: &Range<UtcMillis>) -> Range<i64> {
    let first = |at: UtcMillis| {
        let quarter = QuarterHour::containing(at);
        quarter.0 + i64::from(quarter.start() < at)
    };
    first(range.start)..first(range.end)
}

pub(crate) fn intervals(
    connection: &Connection,
    meter: &str,
    register: Register,
    range: &Range<UtcMillis>,
    waiting: &[Batch],
) -> Result<Vec<Interval>, Trouble> {
    let wanted = quarters(range);
    let mut found = Vec::new();
    if let Some(meter) = meter_row(connection, meter)? {
        let mut statement = connection.prepare_cached(
            "SELECT day, slot, wh, quality, standing, edges FROM interval \
             WHERE day = ?1 AND meter = ?2 AND register = ?3 \
             AND day * 96 + slot >= ?4 AND day * 96 + slot < ?5 ORDER BY slot",
        )?;
        let (first, last) = days_of(connection, "interval")?;
        let days = wanted.start.div_euclid(SLOTS).max(first)
            ..=(wanted.end - 1).div_euclid(SLOTS).min(last);
        for day in days {
            let number = register_number(register);
            let rows = statement
                .query_map(params![day, meter.0, number, wanted.start, wanted.end], |row| {
                    words::interval(register, row)
                })?;
            for row in rows {
                found.push(row?);
            }
        }
    }
    Ok(with_waiting(found, register, &wanted, waiting))
}

/// The first and last day of which a table has anything.
fn days_of(connection: &Connection, table: &str) -> Result<(i64, i64), Trouble> {
    let edge = |which: &str| -> rusqlite::Result<Option<i64>> {
        let sql = format!("SELECT {which}(day) FROM {table}");
        connection.prepare_cached(&sql)?.query_row([], |row| row.get(0))
    };
    let (first, last) = (edge("min")?, edge("max")?);
    Ok((first.unwrap_or(1), last.unwrap_or(0)))
}

/// Lays what waits over what is in the file, by the rules of the file.
fn with_waiting(
    found: Vec<Interval>,
    register: Register,
    wanted: &Range<i64>,
    waiting: &[Batch],
) -> Vec<Interval> {
    let news = waiting.iter().flat_map(|batch| &batch.entries).filter_map(|entry| match entry {
        Entry::Interval(i) if i.register == register && wanted.contains(&i.quarter.0) => Some(*i),
        Entry::Interval(_) | Entry::Incident(_) | Entry::Register(..) => None,
    });
    let mut news = news.peekable();
    if news.peek().is_none() {
        return found;
    }
    let mut all: BTreeMap<QuarterHour, Interval> =
        found.into_iter().map(|interval| (interval.quarter, interval)).collect();
    for interval in news {
        let known = all.entry(interval.quarter).or_insert(interval);
        if known.standing == Standing::Provisional {
            *known = interval;
        }
    }
    all.into_values().collect()
}

pub(crate) fn readings(
    connection: &Connection,
    meter: &str,
    register: Register,
    range: &Range<UtcMillis>,
    waiting: &[Batch],
) -> Result<Vec<Official>, Trouble> {
    let mut all: BTreeMap<UtcMillis, Official> = BTreeMap::new();
    if let Some(meter) = meter_row(connection, meter)? {
        let (first, last) = days_of(connection, "reading")?;
        let mut statement = connection.prepare_cached(
            "SELECT at, received, mwh, step_mwh FROM reading \
             WHERE day = ?1 AND meter = ?2 AND register = ?3 AND at >= ?4 AND at < ?5",
        )?;
        for day in day_of(range.start).max(first)..=day_of(range.end).min(last) {
            let number = register_number(register);
            let rows = statement.query_map(
                params![day, meter.0, number, range.start.0, range.end.0],
                words::official,
            )?;
            for row in rows {
                let official = row?;
                all.insert(official.at, official);
            }
        }
    }
    for entry in waiting.iter().flat_map(|batch| &batch.entries) {
        if let Entry::Register(of, official) = entry
            && *of == register
            && range.contains(&official.at)
        {
            all.entry(official.at).or_insert(*official);
        }
    }
    Ok(all.into_values().collect())
}

pub(crate) fn corrections(
    connection: &Connection,
    meter: &str,
) -> Result<Vec<Correction>, Trouble> {
    let Some(meter) = meter_row(connection, meter)? else { return Ok(Vec::new()) };
    let mut statement = connection.prepare_cached(
        "SELECT id, made, author, reason, register, change FROM correction \
         WHERE meter = ?1 ORDER BY id",
    )?;
    let rows = statement.query_map([meter.0], |row| {
        Ok((
            (row.get::<_, i64>(0)?, row.get::<_, i64>(1)?),
            (row.get::<_, String>(2)?, row.get::<_, String>(3)?),
            (row.get::<_, i64>(4)?, row.get::<_, String>(5)?),
        ))
    })?;
    let mut corrections = Vec::new();
    for row in rows {
        let ((id, made), (by, reason), (register, change)) = row?;
        let (Some(register), Ok(change)) =
            (words::register(register), serde_json::from_str(&change))
        else {
            tracing::warn!(id, "a correction that makes no sense is left out");
            continue;
        };
        corrections.push(Correction {
            id: CorrectionId(id),
            made: UtcMillis(made),
            by,
            reason,
            register,
            change,
        });
    }
    Ok(corrections)
}

pub(crate) fn happenings(
    connection: &Connection,
    meter: Option<&str>,
    range: &Range<UtcMillis>,
    limit: usize,
) -> Result<Vec<Event>, Trouble> {
    let mut statement = connection.prepare_cached(
        "SELECT id, at, meter, kind, detail FROM event \
         WHERE at >= ?1 AND at < ?2 AND (?3 IS NULL OR meter = ?3) \
         ORDER BY at DESC, id DESC LIMIT ?4",
    )?;
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let rows = statement.query_map(params![range.start.0, range.end.0, meter, limit], event)?;
    Ok(rows.collect::<Result<_, _>>()?)
}

fn event(row: &Row<'_>) -> rusqlite::Result<Event> {
    let detail: String = row.get(4)?;
    Ok(Event {
        id: row.get(0)?,
        happening: Happening {
            at: UtcMillis(row.get(1)?),
            meter: row.get(2)?,
            kind: Cow::Owned(row.get(3)?),
            detail: serde_json::from_str(&detail).unwrap_or(serde_json::Value::Null),
        },
    })
}

/// Newest first, each once.
pub(crate) fn newest(mut events: Vec<Event>, limit: usize) -> Vec<Happening> {
    events.sort_by_key(|event| core::cmp::Reverse((event.happening.at, event.id)));
    events.dedup_by_key(|event| event.id);
    events.truncate(limit);
    events.into_iter().map(|event| event.happening).collect()
}

pub(crate) fn memory(connection: &Connection, meter: &str) -> Result<Option<Vec<u8>>, Trouble> {
    let memory = connection
        .prepare_cached("SELECT memory FROM meter WHERE name = ?1")?
        .query_row([meter], |row| row.get(0))
        .optional()?;
    Ok(memory.flatten())
}

pub(crate) fn meters(connection: &Connection) -> Result<Vec<String>, Trouble> {
    let mut statement = connection.prepare_cached("SELECT name FROM meter ORDER BY id")?;
    let rows = statement.query_map([], |row| row.get(0))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

pub(crate) fn extent(
    connection: &Connection,
    meter: &str,
) -> Result<Option<Range<UtcMillis>>, Trouble> {
    let found: Option<(Option<i64>, Option<i64>)> = connection
        .prepare_cached("SELECT first, last FROM meter WHERE name = ?1")?
        .query_row([meter], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    Ok(found.and_then(|(first, last)| Some(UtcMillis(first?)..UtcMillis(last?))))
}

pub(crate) fn facts(
    connection: &Connection,
    scope: &str,
) -> Result<BTreeMap<String, serde_json::Value>, Trouble> {
    let mut statement =
        connection.prepare_cached("SELECT key, value FROM fact WHERE scope = ?1")?;
    let rows = statement
        .query_map([scope], |row| Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?)))?;
    let mut facts = BTreeMap::new();
    for row in rows {
        let (key, value) = row?;
        if let Ok(value) = serde_json::from_str(&value) {
            facts.insert(key, value);
        }
    }
    Ok(facts)
}
