//! Bills and prices of any time, for whoever is asked for them.

use core::fmt;
use core::ops::Range;

use super::history::HistoryError;
use crate::energy::Period;
use crate::money::{Bill, Currency, PriceSlot};
use crate::time::UtcMillis;

/// Reckons what energy cost in any range, from what was kept. It reads the disk: call it where
/// waiting is fine.
pub trait Accounts: Send + Sync + fmt::Debug {
    /// What amounts and prices are in.
    fn currency(&self) -> Currency;

    /// The bills of a meter: one of the whole range, or one for each hour, day, month or year
    /// that touches it, cut at its ends.
    fn bills(
        &self,
        meter: &str,
        range: Range<UtcMillis>,
        by: Option<Period>,
    ) -> Result<Vec<Bill>, HistoryError>;

    /// The prices of a range in slots of so many minutes (15, 30 or 60), without a hole; what is
    /// not known is `None` in its slot.
    fn prices(&self, range: Range<UtcMillis>, minutes: u16)
    -> Result<Vec<PriceSlot>, HistoryError>;
}
