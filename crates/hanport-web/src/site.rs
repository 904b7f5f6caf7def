//! What every handler shares.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use hanport_engine::outside::{History, HistoryError};
use hanport_engine::time::UtcMillis;
use hanport_engine::view::View;
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;

use crate::auth::Gate;
use crate::origin::Surroundings;
use crate::outside::{Options, Outside};
use crate::problem::Problem;
use crate::stream::Hub;

/// Reads of the history at one time. More wait: a reader needs memory and the disk.
const READERS: usize = 4;

/// One for the whole server.
#[derive(Debug)]
pub(crate) struct Site {
    pub outside: Outside,
    pub options: Options,
    pub surroundings: Surroundings,
    pub gate: Gate,
    pub hub: Arc<Hub>,
    /// Ends the open streams.
    pub stop: CancellationToken,
    /// When the server was made.
    pub started: UtcMillis,
    readers: Semaphore,
    requests: AtomicU64,
}

/// The site as handlers get it.
pub(crate) type Shared = Arc<Site>;

impl Site {
    pub(crate) fn new(
        outside: Outside,
        options: Options,
        surroundings: Surroundings,
        gate: Gate,
    ) -> Self {
        let started = outside.clock.now();
        let hub = Arc::new(Hub::new(started));
        hub.listen_to(&outside.board);
        Self {
            outside,
            options,
            surroundings,
            gate,
            hub,
            stop: CancellationToken::new(),
            started,
            readers: Semaphore::new(READERS),
            requests: AtomicU64::new(0),
        }
    }

    /// The time now.
    pub(crate) fn now(&self) -> UtcMillis {
        self.outside.clock.now()
    }

    /// The meter of a name.
    pub(crate) fn view(&self, meter: &str) -> Result<Arc<View>, Problem> {
        self.outside.board.view(meter).ok_or_else(|| {
            let views = self.outside.board.views();
            let names: Vec<&str> = views.iter().map(|view| &*view.meter).collect();
            Problem::unknown_meter(meter, &names)
        })
    }

    /// The number of a request, for the log and for who asks.
    pub(crate) fn next_request(&self) -> u64 {
        self.requests.fetch_add(1, Ordering::Relaxed)
    }

    /// Reads the history where waiting for the disk holds nobody up.
    pub(crate) async fn read<T: Send + 'static>(
        &self,
        read: impl FnOnce(&dyn History) -> Result<T, HistoryError> + Send + 'static,
    ) -> Result<T, Problem> {
        let broken = || Problem::from(HistoryError("the reader of the history failed".into()));
        let _permit = self.readers.acquire().await.map_err(|_| broken())?;
        let history = Arc::clone(&self.outside.history);
        tokio::task::spawn_blocking(move || read(&*history))
            .await
            .map_err(|_| broken())?
            .map_err(Problem::from)
    }
}
