//! Looking at what is published, as anybody at the broker sees it.

use std::time::Duration;

use tokio_util::sync::CancellationToken;

use super::Delivery;
use super::wire::{self, Happened};
use crate::broker::{BrokerError, BrokerOptions, Pauses, Trouble};

/// Something seen.
#[derive(Debug)]
pub enum Seen<'a> {
    /// The broker let us in.
    Connected,
    /// It did not, or not any more; it is tried again.
    Ended(&'a Trouble),
    /// A message.
    Message {
        /// Its topic.
        topic: &'a str,
        /// What it says.
        payload: &'a [u8],
        /// Whether the broker had kept it.
        retained: bool,
    },
}

/// Tells everything below some topics until `stop` is cancelled. `tell` is called where messages
/// arrive and should be quick.
pub async fn watch(
    options: &BrokerOptions,
    topics: &[String],
    mut tell: impl FnMut(Seen<'_>) + Send,
    stop: CancellationToken,
) -> Result<(), BrokerError> {
    let (wire, driver) = wire::open(options, None, Delivery::AtLeastOnce)?;
    let mut pauses = Pauses::default();
    let mut driving = driver.drive(Duration::ZERO);
    loop {
        // where it is stopped the connection goes with it
        let (driver, happened) = tokio::select! {
            () = stop.cancelled() => return Ok(()),
            driven = &mut driving => driven,
        };
        let mut pause = Duration::ZERO;
        match happened {
            Happened::Came { topic, payload, retained } => {
                tell(Seen::Message { topic: &topic, payload: &payload, retained });
            }
            Happened::Connected => {
                pauses.reset();
                for topic in topics {
                    let _ = wire.subscribe(topic);
                }
                tell(Seen::Connected);
            }
            Happened::Ended(trouble) => {
                tell(Seen::Ended(&trouble));
                pause = pauses.pause();
            }
            Happened::Nothing => {}
        }
        driving = driver.drive(pause);
    }
}
