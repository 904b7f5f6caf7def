//! What waits becomes rows, in one transaction.

use std::collections::BTreeMap;

use hanport_engine::energy::{Entry, Interval, Official, QuarterHour, Register, Standing};
use hanport_engine::series::Sample;
use hanport_engine::series::sheet::Sheet;
use hanport_engine::time::UtcMillis;
use rusqlite::{Connection, params};

use super::names::Names;
use super::pack::Tails;
use crate::key::{MINUTE_MS, MeterRow, day_and_slot, day_of, hour_of};
use crate::trouble::Trouble;
use crate::waiting::{Batch, Event, Waiting};
use crate::words::{edges_number, pack_memory, quality_number, register_number, standing_number};

/// A packed memory of more octets than this is written with entries only, not every minute. A
/// meter without registers keeps five weeks of quarters open.
const LARGE_MEMORY: usize = 4096;
/// Meters up to which every memory that comes is written; with more of them each one waits some
/// minutes longer. Entries are never without theirs.
const MANY_METERS: i64 = 64;
const LONGEST_WAIT: i64 = 15;

/// Writes everything.
pub(crate) fn write(
    connection: &Connection,
    names: &mut Names,
    tails: &mut Tails,
    waiting: &Waiting,
) -> Result<(), Trouble> {
    let meters = i64::try_from(waiting.meters.len()).unwrap_or(i64::MAX);
    for (name, batch) in &waiting.meters {
        let meter = names.meter(connection, name)?;
        let mut extent = Extent::default();
        ticks(connection, names, tails, meter, batch, &mut extent)?;
        for entry in &batch.entries {
            match entry {
                // an event by now
                Entry::Incident(_) => {}
                Entry::Interval(interval) => {
                    put_interval(connection, meter, interval)?;
                    extent.cover(interval.quarter.start(), interval.quarter.end());
                }
                Entry::Register(register, official) => {
                    put_reading(connection, meter, *register, official)?;
                    extent.cover(official.at, official.at.plus(1));
                }
            }
        }
        let wait = (meters / MANY_METERS + 1).min(LONGEST_WAIT);
        let minute = batch.received.0.div_euclid(MINUTE_MS);
        let turn = !batch.entries.is_empty() || (minute + meter.0) % wait == 0;
        let memory = batch.memory.as_deref().filter(|_| turn).and_then(pack_memory);
        let memory = memory.filter(|m| !batch.entries.is_empty() || m.len() <= LARGE_MEMORY);
        put_meter(connection, meter, &extent, memory.as_deref())?;
        tails.heard(meter, batch.received);
    }
    for event in &waiting.events {
        put_event(connection, event)?;
    }
    for ((scope, key), value) in &waiting.facts {
        put_fact(connection, scope, key, value.as_ref())?;
    }
    Ok(())
}

/// From the first instant to the last.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Extent(Option<(UtcMillis, UtcMillis)>);

impl Extent {
    pub(crate) fn cover(&mut self, from: UtcMillis, to: UtcMillis) {
        let (first, last) = self.0.unwrap_or((from, to));
        self.0 = Some((first.min(from), last.max(to)));
    }
}

/// The ticks of a batch become one row of the tail for each hour.
fn ticks(
    connection: &Connection,
    names: &mut Names,
    tails: &mut Tails,
    meter: MeterRow,
    batch: &Batch,
    extent: &mut Extent,
) -> Result<(), Trouble> {
    let mut hours: BTreeMap<i64, Sheet> = BTreeMap::new();
    for tick in &batch.ticks {
        extent.cover(tick.at, tick.at.plus(1));
        let sheet = hours.entry(hour_of(tick.at)).or_default();
        for &(quantity, number) in &*tick.values {
            sheet.put(names.column(connection, quantity)?, Sample { at: tick.at, number });
        }
    }
    for (hour, sheet) in hours {
        tails.add(connection, hour, meter, &sheet.to_octets())?;
    }
    Ok(())
}

pub(crate) fn put_meter(
    connection: &Connection,
    meter: MeterRow,
    extent: &Extent,
    memory: Option<&[u8]>,
) -> Result<(), Trouble> {
    let (first, last) =
        extent.0.map_or((None, None), |(first, last)| (Some(first.0), Some(last.0)));
    connection
        .prepare_cached(
            "UPDATE meter SET first = min(coalesce(first, ?2), coalesce(?2, first)), \
             last = max(coalesce(last, ?3), coalesce(?3, last)), \
             memory = coalesce(?4, memory) WHERE id = ?1",
        )?
        .execute(params![meter.0, first, last, memory])?;
    Ok(())
}

/// A settled quarter stays what it is; an imported one yields to the meter's.
fn put_interval(
    connection: &Connection,
    meter: MeterRow,
    interval: &Interval,
) -> Result<(), Trouble> {
    let (day, slot) = day_and_slot(interval.quarter);
    let changed = connection
        .prepare_cached(
            "INSERT INTO interval \
             (day, meter, register, slot, wh, quality, standing, edges, imported) \
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, 0) ON CONFLICT DO UPDATE SET \
             wh = excluded.wh, quality = excluded.quality, standing = excluded.standing, \
             edges = excluded.edges, imported = 0 WHERE standing = 0 OR imported = 1",
        )?
        .execute(params![
            day,
            meter.0,
            register_number(interval.register),
            slot,
            interval.wh,
            quality_number(interval.quality),
            standing_number(interval.standing),
            edges_number(interval.edges),
        ])?;
    if changed == 0 && interval.standing == Standing::Settled {
        let quarter: QuarterHour = interval.quarter;
        tracing::warn!(%quarter, register = %interval.register, "a settled quarter came twice; the first stays");
    }
    Ok(())
}

fn put_reading(
    connection: &Connection,
    meter: MeterRow,
    register: Register,
    official: &Official,
) -> Result<(), Trouble> {
    connection
        .prepare_cached(
            "INSERT OR IGNORE INTO reading \
             (day, meter, register, at, received, mwh, step_mwh) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
        )?
        .execute(params![
            day_of(official.at),
            meter.0,
            register_number(register),
            official.at.0,
            official.received.0,
            official.value.mwh,
            official.value.step_mwh,
        ])?;
    Ok(())
}

fn put_event(connection: &Connection, event: &Event) -> Result<(), Trouble> {
    let happening = &event.happening;
    connection
        .prepare_cached(
            "INSERT OR REPLACE INTO event (id, at, meter, kind, detail) VALUES (?1, ?2, ?3, ?4, ?5)",
        )?
        .execute(params![
            event.id,
            happening.at.0,
            happening.meter,
            happening.kind,
            happening.detail.to_string()
        ])?;
    Ok(())
}

fn put_fact(
    connection: &Connection,
    scope: &str,
    key: &str,
    value: Option<&serde_json::Value>,
) -> Result<(), Trouble> {
    match value {
        Some(value) => connection
            .prepare_cached(
                "INSERT INTO fact (scope, key, value) VALUES (?1, ?2, ?3) \
                 ON CONFLICT DO UPDATE SET value = excluded.value",
            )?
            .execute(params![scope, key, value.to_string()])?,
        None => connection
            .prepare_cached("DELETE FROM fact WHERE scope = ?1 AND key = ?2")?
            .execute(params![scope, key])?,
    };
    Ok(())
}
