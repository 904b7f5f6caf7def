//! What the user says against the books. A correction is a record of its own with its trace;
//! it is laid over the intervals when they are read and never changes what the meter said.
//!
//! ```text
//!  settled intervals     100 120 140  90 ...     never changed
//!  correction 1          this day was 9 600 Wh   who, when, why
//!  correction 2          this quarter is no peak
//!  withdrawal of 1       ...                     a record too
//!                        v
//!  what is shown         the later correction counts; each quarter names the one that counts
//! ```

use core::ops::Range;

use serde::{Deserialize, Serialize};

use super::interval::{Interval, Quality, QuarterHour};
use super::register::Register;
use super::share::shares;
use crate::time::UtcMillis;

/// The number of a correction, ascending in the order they were made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct CorrectionId(pub i64);

/// What is corrected.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "what")]
pub enum Change {
    /// Quarters that may form a peak although they are estimated.
    Confirm {
        /// From the first to before the last.
        quarters: Range<QuarterHour>,
    },
    /// Quarters that form no peak although they are measured.
    Exclude {
        /// From the first to before the last.
        quarters: Range<QuarterHour>,
    },
    /// The energy of a quarter, day, month or any other stretch. It is shared out over the
    /// quarters in the shape they had, evenly when they had none.
    Total {
        /// From the first to before the last.
        quarters: Range<QuarterHour>,
        /// Watt-hours, not negative.
        wh: i64,
    },
    /// An earlier correction does not count any more.
    Withdraw {
        /// Which.
        correction: CorrectionId,
    },
}

/// One correction with its trace.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Correction {
    /// Its number.
    pub id: CorrectionId,
    /// When it was made.
    pub made: UtcMillis,
    /// Who made it.
    pub by: String,
    /// Why, in the user's words.
    pub reason: String,
    /// Of which register.
    pub register: Register,
    /// What is corrected.
    pub change: Change,
}

/// An interval as it is shown: what the books say, and what counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shown {
    /// What the books say.
    pub booked: Interval,
    /// The watt-hours that count.
    pub wh: i64,
    /// Whether it may form a peak.
    pub can_peak: bool,
    /// The correction that changed the watt-hours, and the one that decided on peaks.
    pub by: Option<CorrectionId>,
}

/// Lays corrections over intervals of one register in ascending order. The order of
/// `corrections` is that in which they were made. A total counts only when all of its quarters
/// are among the intervals, so ask for whole days or months.
pub fn overlay(intervals: &[Interval], corrections: &[Correction]) -> Vec<Shown> {
    let mut shown: Vec<Shown> = intervals
        .iter()
        .map(|&booked| Shown {
            booked,
            wh: booked.wh,
            can_peak: booked.quality.can_peak(),
            by: None,
        })
        .collect();
    let withdrawn: Vec<CorrectionId> = corrections
        .iter()
        .filter_map(|correction| match correction.change {
            Change::Withdraw { correction } => Some(correction),
            Change::Confirm { .. } | Change::Exclude { .. } | Change::Total { .. } => None,
        })
        .collect();
    for correction in corrections {
        if withdrawn.contains(&correction.id) {
            continue;
        }
        let id = correction.id;
        let of = |shown: &Shown| shown.booked.register == correction.register;
        match &correction.change {
            Change::Confirm { quarters } => peaks(&mut shown, quarters, true, id, of),
            Change::Exclude { quarters } => peaks(&mut shown, quarters, false, id, of),
            Change::Total { quarters, wh } => total(&mut shown, quarters, *wh, id, of),
            Change::Withdraw { .. } => {}
        }
    }
    shown
}

fn peaks(
    shown: &mut [Shown],
    quarters: &Range<QuarterHour>,
    can_peak: bool,
    id: CorrectionId,
    of: impl Fn(&Shown) -> bool,
) {
    for one in shown.iter_mut().filter(|s| quarters.contains(&s.booked.quarter) && of(s)) {
        // a quarter nobody knows anything of is no peak whatever the user says
        one.can_peak = can_peak && (one.booked.quality != Quality::Missing || one.by.is_some());
        one.by = Some(id);
    }
}

fn total(
    shown: &mut [Shown],
    quarters: &Range<QuarterHour>,
    wh: i64,
    id: CorrectionId,
    of: impl Fn(&Shown) -> bool,
) {
    let mut within: Vec<&mut Shown> =
        shown.iter_mut().filter(|s| quarters.contains(&s.booked.quarter) && of(s)).collect();
    let wanted = quarters.end.0.saturating_sub(quarters.start.0);
    if wh < 0 || i64::try_from(within.len()) != Ok(wanted) {
        return;
    }
    let weights: Vec<i64> = within.iter().map(|shown| shown.wh).collect();
    for (one, wh) in within.iter_mut().zip(shares(wh, &weights)) {
        one.wh = wh;
        one.by = Some(id);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::energy::{Edges, Standing};

    fn interval(quarter: i64, wh: i64, quality: Quality) -> Interval {
        Interval {
            register: Register::ActiveImport,
            quarter: QuarterHour(quarter),
            wh,
            quality,
            standing: Standing::Settled,
            edges: Edges::default(),
        }
    }

    fn correction(id: i64, change: Change) -> Correction {
        Correction {
            id: CorrectionId(id),
            made: UtcMillis(id),
            by: "user".into(),
            reason: "invoice".into(),
            register: Register::ActiveImport,
            change,
        }
    }

    fn range(from: i64, to: i64) -> Range<QuarterHour> {
        QuarterHour(from)..QuarterHour(to)
    }

    #[test]
    fn a_total_keeps_the_shape_and_the_books() {
        let books = [100, 300, 0].map(|wh| interval(0, wh, Quality::Measured));
        let books: Vec<_> = (0..)
            .zip(books)
            .map(|(quarter, i)| Interval { quarter: QuarterHour(quarter), ..i })
            .collect();
        let total = correction(1, Change::Total { quarters: range(0, 3), wh: 801 });
        let shown = overlay(&books, std::slice::from_ref(&total));
        assert_eq!(shown.iter().map(|s| s.wh).collect::<Vec<_>>(), [200, 601, 0]);
        assert!(shown.iter().zip(&books).all(|(s, b)| s.booked == *b));
        assert_eq!(shown[0].by, Some(CorrectionId(1)));
        // half a day of it cannot be corrected alone
        assert_eq!(overlay(&books[..2], std::slice::from_ref(&total))[0].wh, 100);
        let withdrawal = correction(2, Change::Withdraw { correction: CorrectionId(1) });
        assert_eq!(overlay(&books, &[total, withdrawal])[1].wh, 300);
    }

    #[test]
    fn the_later_correction_counts() {
        let books = [interval(0, 100, Quality::Estimated), interval(1, 0, Quality::Missing)];
        let confirm = correction(1, Change::Confirm { quarters: range(0, 2) });
        let shown = overlay(&books, std::slice::from_ref(&confirm));
        assert!(shown[0].can_peak && !shown[1].can_peak);
        let exclude = correction(2, Change::Exclude { quarters: range(0, 1) });
        let shown = overlay(&books, &[confirm, exclude]);
        assert!(!shown[0].can_peak);
        assert_eq!(shown[0].by, Some(CorrectionId(2)));
    }
}
