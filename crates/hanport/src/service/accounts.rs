//! Bills and prices of any time, reckoned from what was kept.

use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use hanport_engine::energy::shown::shown;
use hanport_engine::energy::{Period, Register};
use hanport_engine::money::bill::needed;
use hanport_engine::money::contract::Priced;
use hanport_engine::money::{Account, Bill, Currency, PriceSlot, Pricing};
use hanport_engine::outside::{Accounts, Clock, History, HistoryError, Prices};
use hanport_engine::price::PriceBook;
use hanport_engine::price::source::market_zone;
use hanport_engine::time::UtcMillis;
use jiff::ToSpan as _;
use jiff::civil::Date;

use super::till::BOOKS_MS;
use crate::agreement::Agreement;

/// The accounts of the service.
pub(crate) struct Kept {
    agreement: Agreement,
    clock: Arc<dyn Clock>,
    history: Arc<dyn History>,
    prices: Arc<dyn Prices>,
}

impl fmt::Debug for Kept {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Kept").field("area", &self.agreement.area).finish_non_exhaustive()
    }
}

impl Kept {
    /// Over what was kept.
    pub(crate) const fn new(
        agreement: Agreement,
        clock: Arc<dyn Clock>,
        history: Arc<dyn History>,
        prices: Arc<dyn Prices>,
    ) -> Self {
        Self { agreement, clock, history, prices }
    }

    /// All prices of a range.
    fn book(&self, range: &Range<UtcMillis>) -> Result<PriceBook, HistoryError> {
        let day = |at: UtcMillis| at.timestamp().to_zoned(market_zone()).date();
        let end = day(range.end).checked_add(1.day()).unwrap_or(Date::MAX);
        let rates = self.prices.rates(day(range.start)..end)?;
        let mut series = self.prices.prices(&self.agreement.area, range.clone())?;
        self.agreement.arrange(&mut series);
        let mut book = PriceBook::new(self.agreement.setup.currency);
        for series in &series {
            book.put(series, &rates);
        }
        Ok(book)
    }
}

impl Accounts for Kept {
    fn currency(&self) -> Currency {
        self.agreement.setup.currency
    }

    fn bills(
        &self,
        meter: &str,
        range: Range<UtcMillis>,
        by: Option<Period>,
    ) -> Result<Vec<Bill>, HistoryError> {
        let (contracts, zone) = (self.agreement.contracts.as_slice(), &self.agreement.zone);
        let nothing = PriceBook::new(self.currency());
        let start = needed(&Pricing { contracts, book: &nothing, zone }, &range);
        let wide = start..range.end;
        let book = self.book(&wide)?;
        let import = shown(&*self.history, meter, Register::ActiveImport, wide.clone())?;
        let export = shown(&*self.history, meter, Register::ActiveExport, wide)?;
        let now = self.clock.now();
        let account = Account {
            pricing: Pricing { contracts, book: &book, zone },
            import: &import,
            export: &export,
            reported: &[],
            now,
            due: now.plus(-BOOKS_MS),
        };
        Ok(match by {
            Some(period) => account.by(range, period),
            None => vec![account.bill(range)],
        })
    }

    fn prices(
        &self,
        range: Range<UtcMillis>,
        minutes: u16,
    ) -> Result<Vec<PriceSlot>, HistoryError> {
        let book = self.book(&range)?;
        let contracts = self.agreement.contracts.as_slice();
        let pricing = Pricing { contracts, book: &book, zone: &self.agreement.zone };
        let step = i64::from(minutes.clamp(15, 60)) * 60_000;
        let mut slots = Vec::new();
        let mut at = range.start;
        while at < range.end {
            let slot = at..at.plus(step).min(range.end);
            at = slot.end;
            let Priced { spot, import, export, .. } = pricing.over(&slot);
            slots.push(PriceSlot { range: slot, spot, import, export });
        }
        Ok(slots)
    }
}
