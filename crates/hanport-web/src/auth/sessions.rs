//! Who is logged in. Only hashes are held: the table gives no session away.

use core::time::Duration;
use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use sha2::{Digest, Sha256};
use tokio::time::Instant;

/// A session that is not used for so long ends.
pub(crate) const IDLE: Duration = Duration::from_hours(30 * 24);
/// Sessions at one time; when there are more, the one that was not used longest ends.
const SESSIONS: usize = 64;

/// SHA-256.
pub(crate) type Hash = [u8; 32];

/// The hash of a session or token.
pub(crate) fn hash(secret: &str) -> Hash {
    Sha256::digest(secret.as_bytes()).into()
}

/// Hexadecimal digits.
pub(crate) fn hexadecimal(octets: &[u8]) -> String {
    use core::fmt::Write as _;
    octets.iter().fold(String::with_capacity(octets.len() * 2), |mut text, octet| {
        let _ = write!(text, "{octet:02x}");
        text
    })
}

/// 256 random bits as text; `None` when the operating system has none.
pub(crate) fn random() -> Option<String> {
    let mut octets = [0; 32];
    getrandom::fill(&mut octets).ok()?;
    Some(hexadecimal(&octets))
}

/// Who is logged in, to be given to the next server when one takes the place of another.
#[derive(Clone, Debug, Default)]
pub struct LoggedIn(pub(crate) Arc<Mutex<Sessions>>);

/// Who is logged in, by the hash of the session; when each was used last.
#[derive(Debug, Default)]
pub(crate) struct Sessions(HashMap<Hash, Instant>);

impl Sessions {
    /// Begins one and returns its secret.
    pub(crate) fn begin(&mut self, now: Instant) -> Option<String> {
        let secret = random()?;
        if self.0.len() >= SESSIONS
            && let Some(oldest) = self.0.iter().min_by_key(|(_, used)| **used).map(|(h, _)| *h)
        {
            self.0.remove(&oldest);
        }
        self.0.insert(hash(&secret), now);
        Some(secret)
    }

    /// Whether there is one with this secret; it is used now.
    pub(crate) fn is_open(&mut self, secret: &str, now: Instant) -> bool {
        self.0.retain(|_, used| now.duration_since(*used) < IDLE);
        self.0.get_mut(&hash(secret)).map(|used| *used = now).is_some()
    }

    /// Ends one.
    pub(crate) fn end(&mut self, secret: &str) {
        self.0.remove(&hash(secret));
    }

    /// Ends all of them.
    pub(crate) fn end_all(&mut self) {
        self.0.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sessions_end_when_told_when_idle_and_when_there_are_too_many() {
        let mut sessions = Sessions::default();
        let now = Instant::now();
        let first = sessions.begin(now).unwrap();
        assert!(sessions.is_open(&first, now));
        assert!(!sessions.is_open("guess", now));
        assert!(!sessions.is_open(&first, now + IDLE));
        let second = sessions.begin(now).unwrap();
        sessions.end(&second);
        assert!(!sessions.is_open(&second, now));
        let third = sessions.begin(now).unwrap();
        for n in 1..=64 {
            sessions.begin(now + Duration::from_secs(n));
        }
        assert!(!sessions.is_open(&third, now));
    }
}
