//! Prices and exchange rates that were fetched: they are kept for ever.

use core::fmt;
use core::ops::Range;

use jiff::civil::Date;

use super::history::HistoryError;
use crate::price::{PriceSeries, Rates};
use crate::time::UtcMillis;

/// Keeps prices and exchange rates.
pub trait Prices: Send + Sync + fmt::Debug {
    /// Keeps what a source told; it is on disk when this returns. A price of the same source,
    /// area, beginning and length takes the place of the one before, but a preliminary one never that
    /// of a final one.
    fn keep_prices(&self, series: &PriceSeries) -> Result<(), HistoryError>;

    /// What was told of an area in a range, one series for each source, currency, VAT, licence
    /// and firmness; each with its coarse prices below its fine ones. In no order.
    fn prices(&self, area: &str, range: Range<UtcMillis>)
    -> Result<Vec<PriceSeries>, HistoryError>;

    /// Keeps exchange rates; they are on disk when this returns.
    fn keep_rates(&self, rates: &Rates) -> Result<(), HistoryError>;

    /// The exchange rates of the days of a range, and of the week before it.
    fn rates(&self, days: Range<Date>) -> Result<Rates, HistoryError>;
}
