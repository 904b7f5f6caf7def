//! The books as they are shown: intervals that were kept, with the corrections laid over them.

use core::ops::Range;

use super::correction::{Change, Shown, overlay};
use super::interval::{Interval, Quality, QuarterHour};
use super::register::Register;
use super::{Correction, CorrectionId};
use crate::outside::{History, HistoryError};
use crate::time::UtcMillis;

/// The quarters of a register that begin in a range, ascending, as they are shown. A total that
/// was corrected counts also where only a part of its quarters is asked for.
pub fn shown(
    history: &dyn History,
    meter: &str,
    register: Register,
    range: Range<UtcMillis>,
) -> Result<Vec<Shown>, HistoryError> {
    let mut corrections = history.corrections(meter)?;
    corrections.retain(|correction| {
        correction.register == register || matches!(correction.change, Change::Withdraw { .. })
    });
    let totals = totals(&corrections);
    let wide = widened(&range, &totals);
    let mut intervals = history.intervals(meter, register, wide.clone())?;
    for quarters in totals.iter().filter(|quarters| touches(quarters, &wide)) {
        fill(&mut intervals, register, quarters);
    }
    let mut shown = overlay(&intervals, &corrections);
    shown.retain(|shown| range.contains(&shown.booked.quarter.start()));
    Ok(shown)
}

/// A quarter as it counts in sums. What no register backs counts too once the user stated it.
pub fn counted(shown: &Shown) -> Interval {
    let mut interval = shown.booked;
    if shown.wh != interval.wh || shown.by.is_some() && interval.wh == 0 {
        interval.quality = interval.quality.max(Quality::Estimated);
    }
    interval.wh = shown.wh;
    interval
}

fn totals(corrections: &[Correction]) -> Vec<Range<QuarterHour>> {
    let withdrawn = |id: CorrectionId| {
        corrections.iter().any(
            |other| matches!(other.change, Change::Withdraw { correction } if correction == id),
        )
    };
    let total = |correction: &Correction| match &correction.change {
        Change::Total { quarters, .. } if !withdrawn(correction.id) => Some(quarters.clone()),
        Change::Confirm { .. }
        | Change::Exclude { .. }
        | Change::Total { .. }
        | Change::Withdraw { .. } => None,
    };
    corrections.iter().filter_map(total).collect()
}

fn touches(quarters: &Range<QuarterHour>, range: &Range<UtcMillis>) -> bool {
    quarters.start.start() < range.end && range.start < quarters.end.start()
}

/// The range with every total that touches it, and what those touch.
fn widened(range: &Range<UtcMillis>, totals: &[Range<QuarterHour>]) -> Range<UtcMillis> {
    let mut wide = range.clone();
    // each round takes in at least one more total, or is the last
    for _ in 0..=totals.len() {
        let before = wide.clone();
        for quarters in totals.iter().filter(|quarters| touches(quarters, &before)) {
            wide.start = wide.start.min(quarters.start.start());
            wide.end = wide.end.max(quarters.end.start());
        }
        if wide == before {
            break;
        }
    }
    wide
}

/// Puts an empty interval where a quarter has none, so that a total has room for its energy.
fn fill(intervals: &mut Vec<Interval>, register: Register, quarters: &Range<QuarterHour>) {
    const LONGEST: i64 = 4 * 24 * 366 * 10;
    if quarters.end.0.saturating_sub(quarters.start.0) > LONGEST {
        return;
    }
    let known: std::collections::HashSet<i64> =
        intervals.iter().map(|interval| interval.quarter.0).collect();
    let missing = (quarters.start.0..quarters.end.0).filter(|quarter| !known.contains(quarter));
    let before = intervals.len();
    intervals.extend(missing.map(|at| Interval::missing(register, QuarterHour(at), 0)));
    if intervals.len() > before {
        intervals.sort_unstable_by_key(|interval| interval.quarter);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::energy::{Edges, Standing};

    fn quarters(from: i64, to: i64) -> Range<QuarterHour> {
        QuarterHour(from)..QuarterHour(to)
    }

    #[test]
    fn a_range_takes_in_every_total_that_touches_it() {
        let instants = |range: Range<QuarterHour>| range.start.start()..range.end.start();
        let asked = instants(quarters(10, 12));
        let totals = [quarters(30, 40), quarters(11, 20), quarters(19, 31), quarters(50, 60)];
        assert_eq!(widened(&asked, &totals), instants(quarters(10, 40)));
        assert_eq!(widened(&asked, &[]), asked);
    }

    #[test]
    fn room_is_made_where_nothing_was_kept() {
        let known =
            Interval { wh: 5, ..Interval::missing(Register::ActiveImport, QuarterHour(2), 0) };
        let mut intervals = vec![known];
        fill(&mut intervals, Register::ActiveImport, &quarters(1, 4));
        let told: Vec<_> = intervals.iter().map(|i| (i.quarter.0, i.wh)).collect();
        assert_eq!(told, [(1, 0), (2, 5), (3, 0)]);
    }

    #[test]
    fn what_the_user_stated_counts_although_no_register_backs_it() {
        let booked = Interval::missing(Register::ActiveImport, QuarterHour(1), 3);
        let shown = Shown { booked, wh: 100, can_peak: false, by: Some(CorrectionId(1)) };
        assert_eq!(counted(&shown).quality, Quality::Estimated);
        assert_eq!(counted(&shown).wh, 100);
        let untouched = Shown { wh: 3, by: None, ..shown };
        assert_eq!(counted(&untouched), booked);
        let measured = Interval {
            quality: Quality::Measured,
            standing: Standing::Settled,
            edges: Edges::default(),
            ..booked
        };
        assert_eq!(counted(&Shown { booked: measured, ..shown }).quality, Quality::Measured);
    }
}
