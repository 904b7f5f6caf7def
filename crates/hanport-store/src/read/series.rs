//! Quantities over time, from packed rows, the tail and what waits in memory.
//!
//! ```text
//!  wanted     from
//!  samples    packed samples + tail + memory; where they are gone: minutes; where those are: quarters
//!  minutes    packed minutes; hours in tail or memory, and hours without minutes: from samples
//!  quarters   packed quarters; hours in tail or memory: from samples
//!  longer     from quarters, by the zone's calendar
//! ```

use std::collections::{BTreeMap, HashMap};
use std::ops::Range;

use hanport_core::quantity::Quantity;
use hanport_engine::energy::{Period, QuarterHour};
use hanport_engine::outside::{Point, Resolution, Series};
use hanport_engine::series::sheet::Sheet;
use hanport_engine::series::{Nature, Sample, rollup, steps};
use hanport_engine::time::UtcMillis;
use jiff::tz::TimeZone;
use rusqlite::{Connection, params};

use super::meter_row;
use crate::key::{HOUR_MS, MINUTE_MS, MeterRow, column_of, hour_of, keys, period_and_meter};
use crate::trouble::Trouble;
use crate::waiting::Batch;
use crate::write::names::quantities;
use crate::write::pack::{Steps, packed_hour, tail_hours, tail_of};

/// Columns that only wait in memory have no row yet; they count from here down.
const LAST_COLUMN: u16 = u16::MAX;

/// One read of the series of a meter.
pub(crate) struct Reader<'a> {
    connection: &'a Connection,
    meter: Option<MeterRow>,
    columns: HashMap<Quantity, u16>,
    /// Hours that are not packed, or not only.
    live: BTreeMap<i64, Sheet>,
    span: Span,
}

/// The hours for which there can be anything.
#[derive(Clone, Copy, Debug)]
struct Span {
    first: i64,
    last: i64,
}

type Points = BTreeMap<u16, Vec<Point>>;

impl<'a> Reader<'a> {
    /// Looks at what is there of a meter in a range, and a month on both sides of it: of all
    /// quantities, or of those wanted.
    pub(crate) fn new(
        connection: &'a Connection,
        meter: &str,
        range: &Range<UtcMillis>,
        wanted: Option<&[Quantity]>,
        waiting: &[Batch],
    ) -> Result<Self, Trouble> {
        let row = meter_row(connection, meter)?;
        let columns: HashMap<Quantity, u16> =
            quantities(connection)?.into_iter().map(|(column, q)| (q, column)).collect();
        let in_file: Option<Vec<u16>> =
            wanted.map(|wanted| wanted.iter().filter_map(|q| columns.get(q).copied()).collect());
        let is_wanted = |quantity: &Quantity| wanted.is_none_or(|wanted| wanted.contains(quantity));
        let span = span(connection)?;
        let mut reader = Self { connection, meter: row, columns, live: BTreeMap::new(), span };
        // longer steps than the range reach out of it
        let near = hour_of(range.start) - 32 * 24..hour_of(range.end) + 32 * 24;
        if let Some(meter) = row {
            for hour in tail_hours(connection, meter, near.clone())? {
                let tail = tail_of(connection, hour, meter, in_file.as_deref())?;
                reader.live.insert(hour, tail);
            }
        }
        for tick in waiting.iter().flat_map(|batch| &batch.ticks) {
            let hour = hour_of(tick.at);
            if near.contains(&hour) {
                for &(quantity, number) in tick.values.iter().filter(|(q, _)| is_wanted(q)) {
                    let column = reader.column_or_new(quantity);
                    let sheet = reader.live.entry(hour).or_default();
                    sheet.put(column, Sample { at: tick.at, number });
                }
            }
        }
        if let (Some((&first, _)), Some((&last, _))) =
            (reader.live.first_key_value(), reader.live.last_key_value())
        {
            reader.span.first = reader.span.first.min(first);
            reader.span.last = reader.span.last.max(last);
        }
        Ok(reader)
    }

    fn column_or_new(&mut self, quantity: Quantity) -> u16 {
        if let Some(&column) = self.columns.get(&quantity) {
            return column;
        }
        let taken: Vec<u16> = self.columns.values().copied().collect();
        let free = (1..=LAST_COLUMN).rev().find(|column| !taken.contains(column));
        let column = free.unwrap_or(LAST_COLUMN);
        self.columns.insert(quantity, column);
        column
    }

    /// The quantities with samples in a range.
    pub(crate) fn quantities(&self, range: &Range<UtcMillis>) -> Result<Vec<Quantity>, Trouble> {
        let around =
            |point: &Point| point.at < range.end && point.at.plus(QuarterHour::MS) > range.start;
        let all: Vec<u16> = self.columns.values().copied().collect();
        let quarters = self.packed(Steps::Quarters, &all, range)?;
        let mut there: Vec<u16> = quarters
            .into_iter()
            .filter(|(_, points)| points.iter().any(around))
            .map(|(column, _)| column)
            .collect();
        for sheet in self.live.values() {
            for (column, samples) in sheet.columns() {
                if samples.iter().any(|sample| range.contains(&sample.at)) {
                    there.push(column);
                }
            }
        }
        there.sort_unstable();
        there.dedup();
        let mut names: Vec<(u16, Quantity)> = self
            .columns
            .iter()
            .filter(|(_, column)| there.binary_search(column).is_ok())
            .map(|(&quantity, &column)| (column, quantity))
            .collect();
        names.sort_by_key(|(column, _)| *column);
        Ok(names.into_iter().map(|(_, quantity)| quantity).collect())
    }

    /// Quantities over time, in the order asked for.
    pub(crate) fn series(
        &self,
        quantities: &[Quantity],
        range: &Range<UtcMillis>,
        resolution: Resolution,
        zone: &TimeZone,
    ) -> Result<Vec<Series>, Trouble> {
        let wanted: Vec<u16> =
            quantities.iter().filter_map(|quantity| self.columns.get(quantity).copied()).collect();
        let mut points = match resolution {
            Resolution::Raw => self.raw(&wanted, range)?,
            Resolution::Minute => self.minutes(&wanted, &whole(range, MINUTE_MS))?,
            Resolution::Quarter => self.quarters(&wanted, &whole(range, QuarterHour::MS))?,
            Resolution::Hour => self.longer(&wanted, range, Period::Hour, zone)?,
            Resolution::Day => self.longer(&wanted, range, Period::Day, zone)?,
            Resolution::Month => self.longer(&wanted, range, Period::Month, zone)?,
        };
        Ok(quantities
            .iter()
            .map(|&quantity| {
                let column = self.columns.get(&quantity);
                let points = column.and_then(|column| points.remove(column)).unwrap_or_default();
                Series { quantity, points }
            })
            .collect())
    }

    fn nature(&self, column: u16) -> Nature {
        let found = self.columns.iter().find(|(_, of)| **of == column);
        found.map_or(Nature::Gauge, |(&quantity, _)| Nature::of(quantity))
    }

    /// The hours of a range in which there can be anything.
    fn hours(&self, range: &Range<UtcMillis>) -> core::ops::RangeInclusive<i64> {
        let last = hour_of(range.end.plus(-1)).min(self.span.last);
        hour_of(range.start).max(self.span.first)..=last
    }

    /// All samples of an hour.
    fn hour(&self, hour: i64, wanted: &[u16]) -> Result<Sheet, Trouble> {
        let mut sheet = match self.meter {
            Some(meter) => packed_hour(self.connection, hour, meter, Some(wanted))?,
            None => Sheet::default(),
        };
        if let Some(live) = self.live.get(&hour) {
            sheet.lay_over(live.clone());
        }
        Ok(sheet)
    }

    fn raw(&self, wanted: &[u16], range: &Range<UtcMillis>) -> Result<Points, Trouble> {
        let mut all = Points::new();
        for hour in self.hours(range) {
            let sheet = self.hour(hour, wanted)?;
            let mut gone = Vec::new();
            for &column in wanted {
                let samples = sheet.column(column);
                if samples.is_empty() {
                    gone.push(column);
                    continue;
                }
                let within = samples.iter().filter(|sample| range.contains(&sample.at));
                all.entry(column).or_default().extend(within.map(|&sample| rollup::point(sample)));
            }
            if !gone.is_empty() {
                let coarser = self.coarser(hour, &gone)?;
                for (column, points) in coarser {
                    let within = points.into_iter().filter(|point| range.contains(&point.at));
                    all.entry(column).or_default().extend(within);
                }
            }
        }
        Ok(all)
    }

    /// What is left of an hour whose samples are gone.
    fn coarser(&self, hour: i64, wanted: &[u16]) -> Result<Points, Trouble> {
        let range = hour_range(hour);
        let mut points = self.packed(Steps::Minutes, wanted, &range)?;
        let left: Vec<u16> = wanted.iter().copied().filter(|c| !points.contains_key(c)).collect();
        if !left.is_empty() {
            points.extend(self.packed(Steps::Quarters, &left, &range)?);
        }
        Ok(points)
    }

    fn minutes(&self, wanted: &[u16], range: &Range<UtcMillis>) -> Result<Points, Trouble> {
        let mut all = Points::new();
        for hour in self.hours(range) {
            let mut packed = self.packed(Steps::Minutes, wanted, &hour_range(hour))?;
            let live = self.live.contains_key(&hour);
            let left: Vec<u16> =
                wanted.iter().copied().filter(|c| live || !packed.contains_key(c)).collect();
            if !left.is_empty() {
                let sheet = self.hour(hour, &left)?;
                for &column in &left {
                    let fresh = rollup::steps(sheet.column(column), MINUTE_MS, self.nature(column));
                    let known = packed.remove(&column).unwrap_or_default();
                    packed.insert(column, steps::lay_over(known, &fresh));
                }
                let gone: Vec<u16> = left
                    .into_iter()
                    .filter(|column| packed.get(column).is_none_or(Vec::is_empty))
                    .collect();
                packed.extend(self.packed(Steps::Quarters, &gone, &hour_range(hour))?);
            }
            for (column, points) in packed {
                let within = points.into_iter().filter(|point| range.contains(&point.at));
                all.entry(column).or_default().extend(within);
            }
        }
        Ok(all)
    }

    fn quarters(&self, wanted: &[u16], range: &Range<UtcMillis>) -> Result<Points, Trouble> {
        let mut all = self.packed(Steps::Quarters, wanted, range)?;
        let live = self.live.keys().copied().filter(|hour| self.hours(range).contains(hour));
        for hour in live {
            let sheet = self.hour(hour, wanted)?;
            for &column in wanted {
                let fresh =
                    rollup::steps(sheet.column(column), QuarterHour::MS, self.nature(column));
                let fresh: Vec<Point> =
                    fresh.into_iter().filter(|point| range.contains(&point.at)).collect();
                if !fresh.is_empty() {
                    let known = all.remove(&column).unwrap_or_default();
                    all.insert(column, steps::lay_over(known, &fresh));
                }
            }
        }
        Ok(all)
    }

    /// Steps of the calendar that begin in the range, whole ones.
    fn longer(
        &self,
        wanted: &[u16],
        range: &Range<UtcMillis>,
        period: Period,
        zone: &TimeZone,
    ) -> Result<Points, Trouble> {
        let whole = calendar(range, period, zone);
        let around = |at: UtcMillis| period.around(at, zone);
        let mut all = Points::new();
        for (column, points) in self.quarters(wanted, &whole)? {
            all.insert(column, rollup::longer(&points, self.nature(column), around));
        }
        Ok(all)
    }

    /// Packed points in a range.
    fn packed(
        &self,
        kind: Steps,
        wanted: &[u16],
        range: &Range<UtcMillis>,
    ) -> Result<Points, Trouble> {
        let mut all = Points::new();
        let Some(meter) = self.meter else { return Ok(all) };
        if wanted.is_empty() || range.is_empty() {
            return Ok(all);
        }
        let hours = self.hours(range);
        let periods = match kind {
            Steps::Minutes => hours,
            Steps::Quarters => hours.start().div_euclid(24)..=hours.end().div_euclid(24),
        };
        let mut statement = self.connection.prepare_cached(&format!(
            "SELECT key, packed FROM {} WHERE key BETWEEN ?1 AND ?2 ORDER BY key",
            kind.table()
        ))?;
        for period in periods {
            let keys = keys(period, meter);
            let mut rows = statement.query(params![keys.start(), keys.end()])?;
            while let Some(row) = rows.next()? {
                let column = column_of(row.get(0)?);
                if !wanted.contains(&column) {
                    continue;
                }
                let packed =
                    row.get_ref(1)?.as_blob().map_err(|error| Trouble::Other(error.to_string()))?;
                let Ok(points) = steps::unpack(packed, kind.ms()) else {
                    tracing::warn!(
                        table = kind.table(),
                        period,
                        column,
                        "a damaged row is left out"
                    );
                    continue;
                };
                let within = points.into_iter().filter(|point| range.contains(&point.at));
                all.entry(column).or_default().extend(within);
            }
        }
        all.retain(|_, points| !points.is_empty());
        Ok(all)
    }
}

fn hour_range(hour: i64) -> Range<UtcMillis> {
    UtcMillis(hour * HOUR_MS)..UtcMillis((hour + 1) * HOUR_MS)
}

/// The steps that begin in a range, whole ones.
fn whole(range: &Range<UtcMillis>, step_ms: i64) -> Range<UtcMillis> {
    let up = |at: UtcMillis| {
        let below = at.0.div_euclid(step_ms).saturating_mul(step_ms);
        UtcMillis(if below < at.0 { below.saturating_add(step_ms) } else { below })
    };
    up(range.start)..up(range.end)
}

/// The periods that begin in a range, whole ones.
pub(crate) fn calendar(
    range: &Range<UtcMillis>,
    period: Period,
    zone: &TimeZone,
) -> Range<UtcMillis> {
    let up = |at: UtcMillis| {
        let around = period.around(at, zone);
        if around.start < at { around.end } else { at }
    };
    up(range.start)..up(range.end)
}

/// The first and last hour of any meter in the file.
fn span(connection: &Connection) -> Result<Span, Trouble> {
    let edge = |sql: &str| -> rusqlite::Result<Option<i64>> {
        connection.prepare_cached(sql)?.query_row([], |row| row.get(0))
    };
    let mut span = Span { first: i64::MAX >> 1, last: -1 };
    for table in ["sample", "minute", "tail", "quarter"] {
        let first = edge(&format!("SELECT min(key) FROM {table}"))?;
        let last = edge(&format!("SELECT max(key) FROM {table}"))?;
        let (Some(first), Some(last)) = (first, last) else { continue };
        let (first, last) = (period_and_meter(first).0, period_and_meter(last).0);
        let hours = if table == "quarter" { 24 } else { 1 };
        span.first = span.first.min(first * hours);
        span.last = span.last.max(last * hours + hours - 1);
    }
    Ok(span)
}
