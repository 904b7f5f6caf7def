//! What comes from elsewhere fills gaps; what a meter said stays.

use std::collections::BTreeSet;

use hanport_core::quantity::Quantity;
use hanport_engine::energy::{Interval, QuarterHour};
use hanport_engine::outside::{Point, Resolution};
use hanport_engine::series::{Nature, Sample, rollup};
use hanport_engine::time::UtcMillis;
use rusqlite::{Connection, params};

use super::commit::{Extent, put_meter};
use super::names::Names;
use super::pack::{Steps, lay_over, packed_hour, points_of, put_hour, tail_hours, tail_of};
use crate::imported::Imported;
use crate::key::{MeterRow, day_and_slot, day_of, hour_of, key};
use crate::trouble::Trouble;
use crate::words::{edges_number, quality_number, register_number};

/// Points of one quantity.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Points<'a> {
    pub(crate) meter: &'a str,
    pub(crate) quantity: Quantity,
    pub(crate) resolution: Resolution,
    pub(crate) values: &'a [Point],
}

/// Quarter-hours for which there is none yet.
pub(crate) fn intervals(
    names: &mut Names,
    connection: &mut Connection,
    meter: &str,
    intervals: &[Interval],
) -> Result<Imported, Trouble> {
    let transaction = connection.transaction()?;
    let meter = names.meter(&transaction, meter)?;
    let mut imported = Imported::default();
    let mut extent = Extent::default();
    for interval in intervals {
        let (start, end) = (interval.quarter.start(), interval.quarter.end());
        if interval.wh < 0 || !start.is_sane() {
            imported.left += 1;
            continue;
        }
        let (day, slot) = day_and_slot(interval.quarter);
        let added = transaction
            .prepare_cached(
                "INSERT OR IGNORE INTO interval \
                 (day, meter, register, slot, wh, quality, standing, edges, imported) \
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, 1, ?7, 1)",
            )?
            .execute(params![
                day,
                meter.0,
                register_number(interval.register),
                slot,
                interval.wh,
                quality_number(interval.quality),
                edges_number(interval.edges),
            ])?;
        imported.taken += added;
        imported.left += 1 - added.min(1);
        if added > 0 {
            extent.cover(start, end);
        }
    }
    put_meter(&transaction, meter, &extent, None)?;
    transaction.commit()?;
    Ok(imported)
}

/// Points of a quantity for steps in which it has none yet.
pub(crate) fn points(
    names: &mut Names,
    connection: &mut Connection,
    what: &Points<'_>,
) -> Result<Imported, Trouble> {
    let transaction = connection.transaction()?;
    let meter = names.meter(&transaction, what.meter)?;
    let column = names.column(&transaction, what.quantity)?;
    let mut sorted: Vec<Point> =
        what.values.iter().copied().filter(|point| point.at.is_sane()).collect();
    sorted.sort_by_key(|point| point.at);
    let nature = Nature::of(what.quantity);
    let (taken, step) = match what.resolution {
        Resolution::Raw => (samples(&transaction, meter, column, &sorted)?, 1),
        Resolution::Minute => {
            (minutes(&transaction, meter, column, nature, &sorted)?, Steps::Minutes.ms())
        }
        Resolution::Quarter => {
            (quarters(&transaction, meter, column, &sorted)?, Steps::Quarters.ms())
        }
        Resolution::Hour | Resolution::Day | Resolution::Month => {
            let name = what.resolution.name();
            return Err(Trouble::Other(format!(
                "values of {name} cannot be imported; give samples, minutes or quarter-hours"
            )));
        }
    };
    let mut extent = Extent::default();
    if let (Some(first), Some(last)) = (sorted.first(), sorted.last())
        && taken > 0
    {
        extent.cover(first.at, last.at.plus(step));
    }
    put_meter(&transaction, meter, &extent, None)?;
    transaction.commit()?;
    Ok(Imported { taken, left: what.values.len().saturating_sub(taken) })
}

/// Samples go into quarters in which the quantity has none.
fn samples(
    connection: &Connection,
    meter: MeterRow,
    column: u16,
    points: &[Point],
) -> Result<usize, Trouble> {
    let mut taken = 0;
    for hour in points.chunk_by(|a, b| hour_of(a.at) == hour_of(b.at)) {
        let Some(first) = hour.first() else { continue };
        let number = hour_of(first.at);
        let mut sheet = packed_hour(connection, number, meter, None)?;
        let mut full = full_quarters(connection, meter, column, day_of(first.at))?;
        full.extend(sheet.column(column).iter().map(|s| QuarterHour::containing(s.at)));
        let before = taken;
        for point in hour.iter().filter(|p| !full.contains(&QuarterHour::containing(p.at))) {
            sheet.put(column, Sample { at: point.at, number: point.mean });
            taken += 1;
        }
        if taken > before {
            put_hour(connection, number, meter, &sheet, &BTreeSet::from([column]))?;
        }
    }
    Ok(taken)
}

/// The quarters of a day in which a column has something, packed or in the tail.
fn full_quarters(
    connection: &Connection,
    meter: MeterRow,
    column: u16,
    day: i64,
) -> Result<BTreeSet<QuarterHour>, Trouble> {
    let packed = points_of(connection, Steps::Quarters, key(day, meter, column))?;
    let mut full: BTreeSet<QuarterHour> =
        packed.iter().map(|point| QuarterHour::containing(point.at)).collect();
    for hour in tail_hours(connection, meter, day * 24..(day + 1) * 24)? {
        let tail = tail_of(connection, hour, meter, Some(&[column]))?;
        full.extend(tail.column(column).iter().map(|s| QuarterHour::containing(s.at)));
    }
    Ok(full)
}

/// The points that lie in quarters in which a column has nothing.
fn free(
    connection: &Connection,
    meter: MeterRow,
    column: u16,
    points: &[Point],
) -> Result<Vec<Point>, Trouble> {
    let mut free = Vec::new();
    for points in points.chunk_by(|a, b| day_of(a.at) == day_of(b.at)) {
        let Some(first) = points.first() else { continue };
        let full = full_quarters(connection, meter, column, day_of(first.at))?;
        free.extend(points.iter().filter(|p| !full.contains(&QuarterHour::containing(p.at))));
    }
    Ok(free)
}

/// Minutes go into quarters in which the quantity has nothing, and make those quarters.
fn minutes(
    connection: &Connection,
    meter: MeterRow,
    column: u16,
    nature: Nature,
    points: &[Point],
) -> Result<usize, Trouble> {
    let fresh = free(connection, meter, column, points)?;
    let taken = steps(connection, Steps::Minutes, meter, column, &fresh)?;
    let quarters = rollup::longer(&fresh, nature, |at| {
        let quarter = QuarterHour::containing(at);
        quarter.start()..quarter.end()
    });
    steps(connection, Steps::Quarters, meter, column, &quarters)?;
    Ok(taken)
}

/// Quarters go where the quantity has nothing.
fn quarters(
    connection: &Connection,
    meter: MeterRow,
    column: u16,
    points: &[Point],
) -> Result<usize, Trouble> {
    let fresh = free(connection, meter, column, points)?;
    steps(connection, Steps::Quarters, meter, column, &fresh)
}

/// Points go into rows that have none for their step.
fn steps(
    connection: &Connection,
    kind: Steps,
    meter: MeterRow,
    column: u16,
    points: &[Point],
) -> Result<usize, Trouble> {
    let period = |at: UtcMillis| match kind {
        Steps::Minutes => hour_of(at),
        Steps::Quarters => day_of(at),
    };
    let step = |at: UtcMillis| UtcMillis(at.0.div_euclid(kind.ms()) * kind.ms());
    let mut taken = 0;
    for row in points.chunk_by(|a, b| period(a.at) == period(b.at)) {
        let Some(first) = row.first() else { continue };
        let key = key(period(first.at), meter, column);
        let mut full: BTreeSet<UtcMillis> =
            points_of(connection, kind, key)?.iter().map(|point| point.at).collect();
        let fresh: Vec<Point> = row
            .iter()
            .filter(|point| full.insert(step(point.at)))
            // one power of ten for all three values of a point
            .filter_map(|&p| rollup::together(step(p.at), core::iter::once(p), Nature::Gauge))
            .collect();
        if !fresh.is_empty() {
            lay_over(connection, kind, key, &fresh)?;
            taken += fresh.len();
        }
    }
    Ok(taken)
}
