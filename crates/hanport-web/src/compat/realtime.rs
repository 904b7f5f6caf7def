//! `/realtime.json`: the power of the last hour in slots of ten seconds, from what was kept, in
//! whole watts.

use core::ops::Range;

use hanport_core::number::Number;
use hanport_core::quantity::{Measure, Quantity};
use hanport_engine::outside::{History, HistoryError, Resolution, Series};
use hanport_engine::time::UtcMillis;
use jiff::tz::TimeZone;

use super::writer::Document;

/// Slots of the ring.
pub(crate) const SLOTS: usize = 360;
/// The length of one.
pub(crate) const SLOT_MS: i64 = 10_000;
/// A sample stands for the slots after it for so long, when the period is not known.
const HELD_MS: i64 = 30_000;

/// Net power by slot, the newest first; `None` where nothing is known.
pub(crate) fn ring(
    history: &dyn History,
    meter: &str,
    now: UtcMillis,
    period_ms: Option<i64>,
    zone: &TimeZone,
) -> Result<Vec<Option<i64>>, HistoryError> {
    let length = SLOT_MS.saturating_mul(i64::try_from(SLOTS).unwrap_or(0));
    let held = period_ms.map_or(HELD_MS, |ms| ms.saturating_mul(3).clamp(HELD_MS, 300_000));
    let range = now.plus(-length - held)..now.plus(1);
    let wanted =
        [Measure::ActiveImport, Measure::ActiveExport, Measure::ActiveNet].map(Quantity::total);
    let kept = history.quantities(meter, range.clone())?;
    let wanted: Vec<Quantity> = wanted.into_iter().filter(|q| kept.contains(q)).collect();
    if wanted.is_empty() {
        return Ok(vec![None; SLOTS]);
    }
    let series = history.series(meter, &wanted, range, Resolution::Raw, zone)?;
    let of = |measure| series.iter().find(|series| series.quantity == Quantity::total(measure));
    let [import, export, net] =
        [Measure::ActiveImport, Measure::ActiveExport, Measure::ActiveNet].map(of);
    let slot = |slot: usize| {
        let end = now.plus(-SLOT_MS * i64::try_from(slot).unwrap_or(0));
        let span = end.plus(-held)..end.plus(1);
        match (newest(import, &span), newest(export, &span)) {
            (None, None) => newest(net, &span),
            (import, export) => Some(import.unwrap_or(0).saturating_sub(export.unwrap_or(0))),
        }
    };
    Ok((0..SLOTS).map(slot).collect())
}

/// The newest sample in a span, in watts.
fn newest(series: Option<&Series>, span: &Range<UtcMillis>) -> Option<i64> {
    let points = &series?.points;
    let after = points.partition_point(|point| point.at < span.end);
    let point = points.get(after.checked_sub(1)?)?;
    (point.at >= span.start).then(|| point.mean.in_units_of(0))?
}

/// The document of a part of the ring.
pub(crate) fn document(
    ring: &[Option<i64>],
    offset: usize,
    size: usize,
    unknown_as_null: bool,
) -> String {
    let (offset, size) = (offset.min(SLOTS), size.min(SLOTS));
    let mut out = Document::new(unknown_as_null);
    let count = |count: usize| i64::try_from(count).unwrap_or(0);
    out.count("offset", count(offset));
    out.count("size", count(size));
    out.count("total", count(SLOTS));
    out.array("data", |out| {
        for slot in offset..offset + size {
            let watts = ring.get(slot).copied().flatten();
            out.item(watts.map(|watts| Number::new(watts, 0)), 0);
        }
    });
    out.finish()
}
