//! The tail of a meter becomes packed hours.
//!
//! ```text
//!  tail    h|m|0  h|m|1  h|m|2 ...       a row a write, all quantities together
//!            \      |      /             once the hour is over
//!  sample  h|m|head  h|m|W  h|m|V ...    samples, a row a quantity
//!  minute  h|m|W  h|m|V ...              their minutes
//!  quarter d|m|W  d|m|V ...              their quarter-hours, in the row of the day (UTC)
//! ```
//!
//! What comes late for an hour that is packed goes to the tail again and is packed again with
//! what is there.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::time::{Duration, Instant};

use hanport_core::quantity::Quantity;
use hanport_engine::energy::QuarterHour;
use hanport_engine::outside::Point;
use hanport_engine::series::sheet::{Head, Sheet};
use hanport_engine::series::{Nature, rollup, steps};
use hanport_engine::time::UtcMillis;
use rusqlite::{Connection, OptionalExtension as _, params};

use super::names::quantities;
use crate::key::{
    DAY_MS, HOUR_MS, MINUTE_MS, MeterRow, column_of, day_of, key, keys, period_and_meter,
};
use crate::trouble::Trouble;

/// An hour is packed so long after its end at the earliest, and the meters one after the other
/// within this time.
const GRACE_MS: i64 = 5 * MINUTE_MS;
const SPREAD: i64 = 50;
/// The tail of a meter that fell silent is packed after this.
const SILENT_MS: i64 = DAY_MS;
/// The time of one transaction that packs: what settles meanwhile waits no longer.
const LONGEST: Duration = Duration::from_millis(100);

/// Which hours of which meters lie in the tail, and the number of the next row there.
#[derive(Debug, Default)]
pub(crate) struct Tails {
    open: BTreeMap<(i64, MeterRow), u16>,
    heard: HashMap<MeterRow, UtcMillis>,
}

impl Tails {
    /// From the file.
    pub(crate) fn load(&mut self, connection: &Connection) -> Result<(), Trouble> {
        self.open.clear();
        let mut statement = connection.prepare("SELECT key FROM tail ORDER BY key")?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            let key: i64 = row.get(0)?;
            self.open.insert(period_and_meter(key), column_of(key).saturating_add(1));
        }
        let mut statement = connection.prepare("SELECT id, last FROM meter WHERE last > 0")?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            self.heard(MeterRow(row.get(0)?), UtcMillis(row.get(1)?));
        }
        Ok(())
    }

    /// Adds a row.
    pub(crate) fn add(
        &mut self,
        connection: &Connection,
        hour: i64,
        meter: MeterRow,
        packed: &[u8],
    ) -> Result<(), Trouble> {
        let next = self.open.entry((hour, meter)).or_default();
        if *next == u16::MAX {
            pack_hour(connection, hour, meter)?;
            *next = 0;
        }
        let number = *next;
        *next += 1;
        connection
            .prepare_cached("INSERT INTO tail (key, packed) VALUES (?1, ?2)")?
            .execute(params![key(hour, meter, number), packed])?;
        Ok(())
    }

    /// A message of a meter arrived.
    pub(crate) fn heard(&mut self, meter: MeterRow, at: UtcMillis) {
        let newest = self.heard.entry(meter).or_insert(at);
        *newest = (*newest).max(at);
    }

    /// Packs hours that are over, for a short while; how many are left.
    pub(crate) fn pack_some(
        &mut self,
        connection: &mut Connection,
        now: UtcMillis,
    ) -> Result<usize, Trouble> {
        let is_over = |&(hour, meter): &(i64, MeterRow)| {
            let end = UtcMillis(hour.saturating_add(1).saturating_mul(HOUR_MS));
            let wait = GRACE_MS + meter.0 * 7 % SPREAD * MINUTE_MS;
            self.heard.get(&meter).is_some_and(|heard| heard.since(end) >= wait)
                || now.since(end) >= SILENT_MS
        };
        let over: Vec<(i64, MeterRow)> = self.open.keys().copied().filter(is_over).collect();
        if over.is_empty() {
            return Ok(0);
        }
        let begun = Instant::now();
        let transaction = connection.transaction()?;
        let mut packed = 0;
        for &(hour, meter) in over.iter().take_while(|_| begun.elapsed() < LONGEST) {
            pack_hour(&transaction, hour, meter)?;
            packed += 1;
        }
        transaction.commit()?;
        for done in over.iter().take(packed) {
            self.open.remove(done);
        }
        Ok(over.len().saturating_sub(packed))
    }
}

/// Packs the tail of an hour together with what is packed of it.
fn pack_hour(connection: &Connection, hour: i64, meter: MeterRow) -> Result<(), Trouble> {
    let mut sheet = packed_hour(connection, hour, meter, None)?;
    let tail = tail_of(connection, hour, meter, None)?;
    let touched: BTreeSet<u16> = tail.columns().map(|(column, _)| column).collect();
    sheet.lay_over(tail);
    put_hour(connection, hour, meter, &sheet, &touched)?;
    connection
        .prepare_cached("DELETE FROM tail WHERE key BETWEEN ?1 AND ?2")?
        .execute(params![keys(hour, meter).start(), keys(hour, meter).end()])?;
    Ok(())
}

/// Writes the samples of an hour, and the minutes and quarters of the columns that changed.
pub(crate) fn put_hour(
    connection: &Connection,
    hour: i64,
    meter: MeterRow,
    sheet: &Sheet,
    touched: &BTreeSet<u16>,
) -> Result<(), Trouble> {
    let quantities = quantities(connection)?;
    let packed = sheet.pack();
    put_packed(connection, "sample", key(hour, meter, 0), &packed.head)?;
    for (column, octets) in &packed.columns {
        put_packed(connection, "sample", key(hour, meter, *column), octets)?;
    }
    for (column, samples) in sheet.columns().filter(|(column, _)| touched.contains(column)) {
        let nature = quantities.get(&column).map_or(Nature::Gauge, |&q: &Quantity| Nature::of(q));
        let minutes = rollup::steps(samples, MINUTE_MS, nature);
        lay_over(connection, Steps::Minutes, key(hour, meter, column), &minutes)?;
        let quarters = rollup::steps(samples, QuarterHour::MS, nature);
        let day = day_of(UtcMillis(hour * HOUR_MS));
        lay_over(connection, Steps::Quarters, key(day, meter, column), &quarters)?;
    }
    Ok(())
}

/// Steps that are kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Steps {
    Minutes,
    Quarters,
}

impl Steps {
    pub(crate) const fn table(self) -> &'static str {
        match self {
            Self::Minutes => "minute",
            Self::Quarters => "quarter",
        }
    }

    pub(crate) const fn ms(self) -> i64 {
        match self {
            Self::Minutes => MINUTE_MS,
            Self::Quarters => QuarterHour::MS,
        }
    }
}

/// Lays points over those of a row.
pub(crate) fn lay_over(
    connection: &Connection,
    kind: Steps,
    key: i64,
    points: &[Point],
) -> Result<(), Trouble> {
    let known = points_of(connection, kind, key)?;
    let all = steps::lay_over(known, points);
    put_packed(connection, kind.table(), key, &steps::pack(&all, kind.ms()))
}

/// The points of a row; a damaged row is none.
pub(crate) fn points_of(
    connection: &Connection,
    kind: Steps,
    key: i64,
) -> Result<Vec<Point>, Trouble> {
    let packed: Option<Vec<u8>> = connection
        .prepare_cached(&format!("SELECT packed FROM {} WHERE key = ?1", kind.table()))?
        .query_row([key], |row| row.get(0))
        .optional()?;
    Ok(packed.map_or_else(Vec::new, |packed| {
        steps::unpack(&packed, kind.ms()).unwrap_or_else(|_| {
            tracing::warn!(table = kind.table(), key, "a damaged row is left out");
            Vec::new()
        })
    }))
}

fn put_packed(
    connection: &Connection,
    table: &str,
    key: i64,
    packed: &[u8],
) -> Result<(), Trouble> {
    connection
        .prepare_cached(&format!("INSERT OR REPLACE INTO {table} (key, packed) VALUES (?1, ?2)"))?
        .execute(params![key, packed])?;
    Ok(())
}

/// The packed samples of an hour: all columns, or those wanted. Damaged ones are left out.
pub(crate) fn packed_hour(
    connection: &Connection,
    hour: i64,
    meter: MeterRow,
    wanted: Option<&[u16]>,
) -> Result<Sheet, Trouble> {
    let keys = keys(hour, meter);
    let mut statement = connection.prepare_cached(
        "SELECT key, packed FROM sample WHERE key BETWEEN ?1 AND ?2 ORDER BY key",
    )?;
    let mut rows = statement.query(params![keys.start(), keys.end()])?;
    let mut sheet = Sheet::default();
    let mut head = None;
    while let Some(row) = rows.next()? {
        let column = column_of(row.get(0)?);
        if column != 0 && wanted.is_some_and(|wanted| !wanted.contains(&column)) {
            continue;
        }
        let packed =
            row.get_ref(1)?.as_blob().map_err(|error| Trouble::Other(error.to_string()))?;
        if column == 0 {
            head = Head::unpack(packed).ok();
        } else if let Some(samples) = head.as_ref().and_then(|head| head.column(packed).ok()) {
            sheet.put_column(column, samples);
        } else {
            tracing::warn!(hour, column, "damaged samples are left out");
        }
    }
    Ok(sheet)
}

/// What lies in the tail of an hour: all columns, or those wanted. Damaged rows are left out.
pub(crate) fn tail_of(
    connection: &Connection,
    hour: i64,
    meter: MeterRow,
    wanted: Option<&[u16]>,
) -> Result<Sheet, Trouble> {
    let keys = keys(hour, meter);
    let mut statement = connection
        .prepare_cached("SELECT packed FROM tail WHERE key BETWEEN ?1 AND ?2 ORDER BY key")?;
    let mut rows = statement.query(params![keys.start(), keys.end()])?;
    let mut sheet = Sheet::default();
    while let Some(row) = rows.next()? {
        let packed =
            row.get_ref(0)?.as_blob().map_err(|error| Trouble::Other(error.to_string()))?;
        let is_wanted = |column| wanted.is_none_or(|wanted| wanted.contains(&column));
        if let Ok(newer) = Sheet::some_from_octets(packed, is_wanted) {
            sheet.lay_over(newer);
        } else {
            tracing::warn!(hour, "a damaged row of the tail is left out");
        }
    }
    Ok(sheet)
}

/// The hours of a meter that lie in the tail between two hours.
pub(crate) fn tail_hours(
    connection: &Connection,
    meter: MeterRow,
    hours: core::ops::Range<i64>,
) -> Result<BTreeSet<i64>, Trouble> {
    let edge = |which: &str| -> rusqlite::Result<Option<i64>> {
        let sql = format!("SELECT {which}(key) FROM tail");
        connection.prepare_cached(&sql)?.query_row([], |row| row.get(0))
    };
    let (Some(first), Some(last)) = (edge("min")?, edge("max")?) else {
        return Ok(BTreeSet::new());
    };
    // the tail is short: some hours, of all meters
    let first = period_and_meter(first).0.max(hours.start);
    let last = period_and_meter(last).0.min(hours.end.saturating_sub(1));
    let mut statement = connection
        .prepare_cached("SELECT EXISTS (SELECT 1 FROM tail WHERE key BETWEEN ?1 AND ?2)")?;
    let mut found = BTreeSet::new();
    for hour in first..=last {
        let keys = keys(hour, meter);
        if statement.query_row(params![keys.start(), keys.end()], |row| row.get(0))? {
            found.insert(hour);
        }
    }
    Ok(found)
}
