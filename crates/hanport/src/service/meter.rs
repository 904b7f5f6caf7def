//! The task of one meter: takes what its source sends, and minds the time.

use std::sync::Arc;
use std::time::Duration;

use hanport_engine::line::Arrival;
use hanport_engine::money::picture::Picture;
use hanport_engine::outside::Clock;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use super::reader::Reader;

/// Portions on their way from a source to its meter. When there are more the source waits, and
/// what arrives meanwhile waits in the driver or at the sender.
pub(crate) const PORTIONS: usize = 64;

/// What a meter is told by others than its source.
#[derive(Debug)]
pub(crate) enum Order {
    /// Prices, costs or peaks were reckoned anew.
    Money(Arc<Picture>),
    /// Corrections were made.
    Refill,
}

/// Runs until the source has ended or `stop` is cancelled.
pub(crate) async fn run(
    mut reader: Reader,
    mut arrivals: mpsc::Receiver<Arrival>,
    mut orders: mpsc::Receiver<Order>,
    clock: Arc<dyn Clock>,
    stop: CancellationToken,
) {
    loop {
        let now = clock.now();
        let due = reader.deadline(now).map_or(i64::MAX, |deadline| deadline.since(now).max(0));
        let wait = clock.real(due).min(LONGEST);
        // each of these may be dropped: nothing is taken before it is chosen
        tokio::select! {
            biased;
            () = stop.cancelled() => break,
            arrival = arrivals.recv() => match arrival {
                Some(arrival) => reader.handle(&arrival),
                None => break,
            },
            Some(order) = orders.recv() => match order {
                Order::Money(picture) => reader.set_money(clock.now(), Some(picture)),
                Order::Refill => {
                    if let Err(error) = reader.refill(clock.now()) {
                        tracing::warn!(%error, "sums are not up to date");
                    }
                }
            },
            () = tokio::time::sleep(wait) => reader.tick(clock.now()),
        }
    }
    reader.close(clock.now());
}

/// The longest sleep: the clock of the machine may be set meanwhile.
const LONGEST: Duration = Duration::from_mins(1);
