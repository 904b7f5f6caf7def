//! Slows down who guesses: after a few wrong passwords an address has to wait, longer each time.

use core::time::Duration;
use std::collections::HashMap;
use std::net::IpAddr;

use tokio::time::Instant;

/// Wrong ones that cost nothing.
const FREE: u32 = 5;
/// Waiting doubles from a second up to this.
const LONGEST: Duration = Duration::from_mins(15);
/// Without another wrong one for so long, all is forgotten.
const FORGOTTEN: Duration = Duration::from_hours(1);
/// Addresses that are remembered; when there are more, the one that was quiet longest goes.
const ADDRESSES: usize = 1024;

#[derive(Clone, Copy, Debug)]
struct Failures {
    count: u32,
    last: Instant,
}

/// Wrong passwords by address.
#[derive(Debug, Default)]
pub(crate) struct Attempts(HashMap<IpAddr, Failures>);

impl Attempts {
    /// How long an address has to wait before it may try; `None` when it may now.
    pub(crate) fn wait(&self, address: IpAddr, now: Instant) -> Option<Duration> {
        let failures = self.0.get(&household(address))?;
        let doublings = failures.count.checked_sub(FREE)?;
        let wait = Duration::from_secs(1 << doublings.min(20)).min(LONGEST);
        wait.checked_sub(now.duration_since(failures.last)).filter(|rest| !rest.is_zero())
    }

    /// An address gave a wrong password.
    pub(crate) fn failed(&mut self, address: IpAddr, now: Instant) {
        let address = household(address);
        self.0.retain(|_, failures| now.duration_since(failures.last) < FORGOTTEN);
        if self.0.len() >= ADDRESSES
            && !self.0.contains_key(&address)
            && let Some(quietest) = self.0.iter().min_by_key(|(_, f)| f.last).map(|(a, _)| *a)
        {
            self.0.remove(&quietest);
        }
        let failures = self.0.entry(address).or_insert(Failures { count: 0, last: now });
        failures.count = failures.count.saturating_add(1);
        failures.last = now;
    }

    /// An address was told now that its password was wrong: waiting begins here.
    pub(crate) fn told(&mut self, address: IpAddr, now: Instant) {
        if let Some(failures) = self.0.get_mut(&household(address)) {
            failures.last = now;
        }
    }

    /// An address gave the right one.
    pub(crate) fn succeeded(&mut self, address: IpAddr) {
        self.0.remove(&household(address));
    }
}

/// All addresses of one IPv6 subscriber count as one.
fn household(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(v6) => IpAddr::V6((v6.to_bits() >> 64 << 64).into()),
        v4 @ IpAddr::V4(_) => v4,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    #[test]
    fn waiting_doubles_and_ends() {
        let mut attempts = Attempts::default();
        let (guesser, other) = ("2001:db8::1".parse().unwrap(), "10.0.0.1".parse().unwrap());
        let now = Instant::now();
        for _ in 0..4 {
            attempts.failed(guesser, now);
        }
        assert_eq!(attempts.wait(guesser, now), None);
        attempts.failed(guesser, now);
        assert_eq!(attempts.wait(guesser, now), Some(SECOND));
        attempts.failed("2001:db8::2".parse().unwrap(), now);
        assert_eq!(attempts.wait(guesser, now), Some(2 * SECOND));
        assert_eq!(attempts.wait(guesser, now + 2 * SECOND), None);
        assert_eq!(attempts.wait(other, now), None);
        for _ in 0..40 {
            attempts.failed(guesser, now);
        }
        assert_eq!(attempts.wait(guesser, now), Some(LONGEST));
        attempts.succeeded(guesser);
        assert_eq!(attempts.wait(guesser, now), None);
    }

    #[test]
    fn memory_is_bounded() {
        let mut attempts = Attempts::default();
        let now = Instant::now();
        for n in 0..5000_u32 {
            attempts.failed(IpAddr::V4(n.into()), now + Duration::from_millis(n.into()));
        }
        assert_eq!(attempts.0.len(), ADDRESSES);
    }
}
