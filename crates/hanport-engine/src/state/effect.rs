//! What adapters are to store and to publish.

use hanport_core::quantity::Quantity;

use super::live::LiveValue;
use super::net::Net;
use super::port::PortStatus;
use crate::energy::{Entry, MeterId};
use crate::time::{ClockNotice, TimeSource, UtcMillis};

/// Something to carry out. The effects of one input belong together; entries of the ledger and
/// the [`Memory`](super::Memory) after them belong into one transaction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    /// Something about the meter's clock.
    Clock(UtcMillis, ClockNotice),
    /// A value has not been renewed for too long and is not shown any more.
    Gone(Quantity),
    /// The ledger writes something down.
    Ledger(Entry),
    /// The meter's number as it is now.
    MeterId(MeterId),
    /// A message has been taken; its values came before this.
    Message {
        /// When it arrived.
        received: UtcMillis,
        /// When its values were measured.
        at: UtcMillis,
        /// By which clock.
        source: TimeSource,
    },
    /// The distribution system was found out.
    Net(Net),
    /// The port changed.
    Port(UtcMillis, PortStatus),
    /// A value as it is now.
    Value(LiveValue),
}
