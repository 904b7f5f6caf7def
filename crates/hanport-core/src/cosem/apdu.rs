//! The APDUs that carry readings: data-notification and event-notification.

use crate::link::Probe;

/// Whether a whole plain APDU stands at the start of `bytes`, and how many octets it has.
pub fn probe(bytes: &[u8]) -> Probe<usize> {
    let _ = bytes;
    Probe::No
}
