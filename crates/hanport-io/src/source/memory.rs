//! What was found out about a port, kept from start to start.

use core::fmt;

use hanport_engine::detect::Detector;
use hanport_engine::line::LineSettings;

/// Keeps the line settings that were found right, by the name of the port: its link in
/// `/dev/serial/by-id` where there is one, else its path; `host:port` on the network.
///
/// Both are called from the task that reads the port and must return at once.
pub trait Memory: Send + Sync + fmt::Debug {
    /// The settings that read frames on this port.
    fn keep(&self, port: &str, settings: LineSettings);

    /// The settings that were kept.
    fn recall(&self, port: &str) -> Option<LineSettings>;

    /// How the search goes: told after each of its changes, and once a second while it runs.
    /// For whoever wants to show it.
    fn searched(&self, port: &str, search: &Detector) {
        let _ = (port, search);
    }
}

/// Keeps nothing.
#[derive(Clone, Copy, Debug)]
pub struct Forgetful;

impl Memory for Forgetful {
    fn keep(&self, _: &str, _: LineSettings) {}

    fn recall(&self, _: &str) -> Option<LineSettings> {
        None
    }
}
