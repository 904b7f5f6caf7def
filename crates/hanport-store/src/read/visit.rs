//! A long range piece by piece, in bounded memory.

use std::ops::Range;

use hanport_core::quantity::Quantity;
use hanport_engine::energy::Period;
use hanport_engine::outside::{Point, Resolution, Series};
use hanport_engine::time::UtcMillis;
use jiff::tz::TimeZone;

use super::series::calendar;
use crate::key::{DAY_MS, HOUR_MS};

/// All quantities at one instant, or in one step that began then.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Visited {
    /// When.
    pub at: UtcMillis,
    /// One for each quantity asked for, in that order; `None` where there is nothing.
    pub points: Vec<Option<Point>>,
}

/// What to visit.
#[derive(Clone, Debug)]
pub struct Visit<'a> {
    /// Of which meter.
    pub meter: &'a str,
    /// Which quantities.
    pub quantities: &'a [Quantity],
    /// From when to when, half open.
    pub range: Range<UtcMillis>,
    /// In which steps.
    pub resolution: Resolution,
    /// Whose hours, days and months.
    pub zone: &'a TimeZone,
}

/// Pieces of a range that hold a bounded number of steps; each begins where a step begins.
pub(crate) fn pieces(visit: &Visit<'_>) -> Vec<Range<UtcMillis>> {
    let (step_ms, period) = match visit.resolution {
        Resolution::Raw => (HOUR_MS, None),
        Resolution::Minute => (DAY_MS, None),
        Resolution::Quarter => (16 * DAY_MS, None),
        Resolution::Hour => (62 * DAY_MS, Some(Period::Hour)),
        Resolution::Day => (366 * DAY_MS, Some(Period::Day)),
        Resolution::Month => (20 * 366 * DAY_MS, Some(Period::Month)),
    };
    let mut pieces = Vec::new();
    let mut from = visit.range.start;
    while from < visit.range.end {
        let near = UtcMillis(from.0.div_euclid(step_ms).saturating_add(1).saturating_mul(step_ms));
        let edge = match period {
            Some(period) => calendar(&(near..near), period, visit.zone).start,
            None => near,
        };
        let to = edge.min(visit.range.end).max(from.plus(1));
        pieces.push(from..to);
        from = to;
    }
    pieces
}

/// Series side by side, by instant.
pub(crate) fn side_by_side(series: &[Series]) -> Vec<Visited> {
    let mut instants: Vec<UtcMillis> =
        series.iter().flat_map(|one| one.points.iter().map(|point| point.at)).collect();
    instants.sort_unstable();
    instants.dedup();
    let mut rest: Vec<_> = series.iter().map(|one| one.points.iter().copied().peekable()).collect();
    instants
        .into_iter()
        .map(|at| Visited {
            at,
            points: rest.iter_mut().map(|points| points.next_if(|point| point.at == at)).collect(),
        })
        .collect()
}
