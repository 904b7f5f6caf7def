//! The SML transport, version 1 (BSI TR-03109-1, annex on the local interface).

use crate::link::Probe;

/// An SML file found in a stream.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct File {
    /// Octets of the whole transport, from the first escape on.
    pub len: usize,
}

/// Looks for a file that begins at the start of `bytes`; `scanned` as in [`super::p1::probe`].
pub fn probe(bytes: &[u8], scanned: &mut usize) -> Probe<File> {
    let _ = (bytes, scanned);
    Probe::No
}
