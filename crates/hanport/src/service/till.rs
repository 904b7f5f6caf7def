//! What it costs: pictures of prices, costs and peaks for every meter, reckoned when a quarter is
//! booked, a price slot begins, prices come or something was corrected.
//!
//! ```text
//!  board: an interval was booked --+
//!  prices: a new book -------------+--> reckon (reads the history) --> Order::Money --> reader
//!  the running slot ends ----------+
//! ```

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use hanport_engine::energy::{Register, shown::shown};
use hanport_engine::money::picture::{Picture, since};
use hanport_engine::money::{Account, Pricing};
use hanport_engine::outside::{Clock, History, HistoryError};
use hanport_engine::time::UtcMillis;
use hanport_engine::view::What;
use hanport_io::prices::Told;
use tokio::sync::{Notify, mpsc, watch};
use tokio_util::sync::CancellationToken;

use super::meter::Order;
use crate::agreement::Agreement;

/// How long the books may need after a quarter is over: until then it is not missing.
const BOOKS_MS: i64 = 75 * 60_000;

/// The pause between two rounds, so that quarters that are booked together are reckoned once.
const PAUSE: Duration = Duration::from_secs(2);

/// The longest sleep: the clock of the machine may be set meanwhile.
const LONGEST: Duration = Duration::from_mins(5);

/// Which meters are to be reckoned anew. Marks are set, never queued: none is lost or repeated.
#[derive(Debug, Default)]
pub(crate) struct Stale {
    meters: Mutex<BTreeSet<Arc<str>>>,
    wake: Notify,
}

impl Stale {
    /// A meter's quarters changed.
    pub(crate) fn mark(&self, meter: &Arc<str>) {
        let mut meters = self.meters.lock().unwrap_or_else(PoisonError::into_inner);
        meters.insert(Arc::clone(meter));
        drop(meters);
        self.wake.notify_one();
    }

    /// Marks what the news are about.
    pub(crate) fn hear(&self, update: &hanport_engine::view::Update) {
        if matches!(update.what, What::Interval(_)) {
            self.mark(&update.view.meter);
        }
    }

    fn take(&self) -> BTreeSet<Arc<str>> {
        std::mem::take(&mut *self.meters.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// What the till has.
pub(crate) struct Till {
    pub(crate) agreement: Agreement,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) history: Arc<dyn History>,
    pub(crate) stale: Arc<Stale>,
    pub(crate) told: watch::Receiver<Told>,
    /// Every meter and where its reader takes orders.
    pub(crate) meters: Vec<(Arc<str>, mpsc::Sender<Order>)>,
}

impl Till {
    /// Reckons until it is told to stop.
    pub(crate) async fn run(mut self, stop: CancellationToken) {
        let mut due = UtcMillis(i64::MIN);
        loop {
            let now = self.clock.now();
            let marked = self.stale.take();
            let all = now >= due || self.told.has_changed().unwrap_or(false);
            let told = self.told.borrow_and_update().clone();
            for (meter, orders) in &self.meters {
                if !all && !marked.contains(meter) {
                    continue;
                }
                match self.reckon(meter, now, &told).await {
                    Ok(picture) => {
                        due = if all { picture.good_until(now) } else { due };
                        // full: the reader is busy, the till waits
                        let _ = orders.send(Order::Money(Arc::new(picture))).await;
                    }
                    Err(error) => {
                        tracing::warn!(%meter, %error, "costs cannot be reckoned");
                        due = now.plus(60_000);
                    }
                }
            }
            let wait = self.clock.real(due.since(self.clock.now()).max(1000)).min(LONGEST);
            // all of these may be dropped: marks stay, the newest prices stay
            tokio::select! {
                () = stop.cancelled() => return,
                () = self.stale.wake.notified() => {}
                Ok(()) = self.told.changed() => { self.told.mark_changed(); }
                () = tokio::time::sleep(wait) => {}
            }
            tokio::select! {
                () = stop.cancelled() => return,
                () = tokio::time::sleep(PAUSE) => {}
            }
        }
    }

    async fn reckon(
        &self,
        meter: &Arc<str>,
        now: UtcMillis,
        told: &Told,
    ) -> Result<Picture, HistoryError> {
        let (agreement, history) = (self.agreement.clone(), Arc::clone(&self.history));
        let (meter, told) = (Arc::clone(meter), told.clone());
        let work = move || reckon(&agreement, &*history, &meter, now, &told);
        let done = tokio::task::spawn_blocking(work).await;
        done.unwrap_or_else(|_| Err(HistoryError("it was broken off".to_owned())))
    }
}

/// The picture of a meter.
pub(crate) fn reckon(
    agreement: &Agreement,
    history: &dyn History,
    meter: &str,
    now: UtcMillis,
    told: &Told,
) -> Result<Picture, HistoryError> {
    let pricing =
        Pricing { contracts: &agreement.contracts, book: &told.book, zone: &agreement.zone };
    let range = since(&pricing, now)..now.plus(1);
    let import = shown(history, meter, Register::ActiveImport, range.clone())?;
    let export = shown(history, meter, Register::ActiveExport, range)?;
    let account = Account {
        pricing,
        import: &import,
        export: &export,
        reported: &[],
        now,
        due: now.plus(-BOOKS_MS),
    };
    Ok(Picture::reckon(&account, &agreement.setup, told.trouble.clone()))
}
