//! This machine: what the service manager is told.
//!
//! Without a service manager, and when it does not answer, nothing happens.

use sd_notify::NotifyState;

/// The service is ready.
pub fn ready() {
    tell(&[NotifyState::Ready]);
}

/// The service is about to end.
pub fn stopping() {
    tell(&[NotifyState::Stopping]);
}

/// The service is alive; how it does, in one line.
pub fn alive(status: &str) {
    tell(&[NotifyState::Watchdog, NotifyState::Status(status)]);
}

/// How often [`alive`] is expected; `None` where nobody waits for it.
pub fn watchdog() -> Option<core::time::Duration> {
    sd_notify::watchdog_enabled()
}

fn tell(states: &[NotifyState<'_>]) {
    if let Err(error) = sd_notify::notify(states) {
        tracing::debug!(%error, "the service manager does not answer");
    }
}
