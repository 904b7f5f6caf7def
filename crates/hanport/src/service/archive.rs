//! The archive as the outside sees it: a correction reaches the sums of its meter as well.

use std::sync::{Arc, PoisonError, RwLock};

use hanport_engine::energy::Correction;
use hanport_engine::outside::{Archive, Happening, HistoryError, Record};
use hanport_engine::state::Memory;
use tokio::sync::mpsc;

use super::meter::Order;
use super::till::Stale;

/// An archive that tells readers of corrections.
#[derive(Debug)]
pub(super) struct Corrected {
    archive: Arc<dyn Archive>,
    stale: Arc<Stale>,
    readers: RwLock<Vec<(String, mpsc::Sender<Order>)>>,
}

impl Corrected {
    /// Around another archive; `stale` are the meters whose costs are reckoned anew.
    pub(super) fn new(archive: Arc<dyn Archive>, stale: Arc<Stale>) -> Self {
        Self { archive, stale, readers: RwLock::default() }
    }

    /// Where a reader takes orders.
    pub(super) fn introduce(&self, meter: &str, orders: mpsc::Sender<Order>) {
        let mut readers = self.readers.write().unwrap_or_else(PoisonError::into_inner);
        readers.push((meter.to_owned(), orders));
    }
}

impl Archive for Corrected {
    fn memory(&self, meter: &str) -> Result<Option<Memory>, HistoryError> {
        self.archive.memory(meter)
    }

    fn keep(&self, meter: &str, record: Record) {
        self.archive.keep(meter, record);
    }

    fn note(&self, happening: Happening) {
        self.archive.note(happening);
    }

    fn correct(&self, meter: &str, correction: Correction) -> Result<Correction, HistoryError> {
        let recorded = self.archive.correct(meter, correction)?;
        let readers = self.readers.read().unwrap_or_else(PoisonError::into_inner);
        for (_, orders) in readers.iter().filter(|(known, _)| known == meter) {
            // full: the reader has orders enough before it, and one of them is of this kind
            let _ = orders.try_send(Order::Refill);
        }
        self.stale.mark(&meter.into());
        Ok(recorded)
    }
}
