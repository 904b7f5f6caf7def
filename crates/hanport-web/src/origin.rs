//! Who asks: the address behind trusted proxies, the name that was asked for, and the path under
//! which a proxy shows us.
//!
//! ```text
//!  connection from a trusted proxy?  --- yes --> its X-Forwarded-For, read from the right, up to
//!            | no                                the first address that is no trusted proxy
//!            v
//!  carries it a proxy's headers?     --- yes --> from anywhere: somebody stands between that
//!            | no                                nobody told us of
//!            v
//!  the address of the connection
//!
//!  near = that address is private or this machine's, and the name that was asked for is an
//!         address, a local name or one from the settings. A foreign name is a page that had its
//!         name pointed at us to read the meter through its visitor's browser.
//! ```

use core::str::FromStr;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use axum::http::{HeaderMap, HeaderName, header};

const FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");
const REAL_IP: HeaderName = HeaderName::from_static("x-real-ip");
const FORWARDED_PREFIX: HeaderName = HeaderName::from_static("x-forwarded-prefix");
const INGRESS_PATH: HeaderName = HeaderName::from_static("x-ingress-path");
const FORWARDED_PROTO: HeaderName = HeaderName::from_static("x-forwarded-proto");
const FORWARDED_HOST: HeaderName = HeaderName::from_static("x-forwarded-host");
/// Endings of names that no foreign page can have.
const LOCAL_NAMES: &[&str] =
    &["local", "localhost", "lan", "home", "internal", "home.arpa", "fritz.box", "localdomain"];

/// A range of addresses: `192.168.0.0/16`, `172.30.32.2`, `fd00::/8`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Network {
    address: IpAddr,
    prefix: u8,
}

/// Why a text is no network.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NoNetwork(String);

impl core::fmt::Display for NoNetwork {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "`{}` is no network; write it as 192.168.0.0/16, 172.30.32.2 or fd00::/8", self.0)
    }
}

impl core::error::Error for NoNetwork {}

impl FromStr for Network {
    type Err = NoNetwork;

    fn from_str(text: &str) -> Result<Self, NoNetwork> {
        let wrong = || NoNetwork(text.to_owned());
        let (address, prefix) = match text.split_once('/') {
            Some((address, prefix)) => (address, Some(prefix)),
            None => (text, None),
        };
        let address: IpAddr = address.parse().map_err(|_| wrong())?;
        let most = if address.is_ipv4() { 32 } else { 128 };
        let prefix = match prefix {
            Some(prefix) => prefix.parse().map_err(|_| wrong())?,
            None => most,
        };
        if prefix > most { Err(wrong()) } else { Ok(Self { address, prefix }) }
    }
}

impl Network {
    /// Whether an address lies in it.
    pub fn contains(self, address: IpAddr) -> bool {
        let same = |ours: u128, theirs: u128, width: u32| {
            let shift = width.saturating_sub(u32::from(self.prefix));
            ours.checked_shr(shift) == theirs.checked_shr(shift)
        };
        match (self.address, address.to_canonical()) {
            (IpAddr::V4(ours), IpAddr::V4(theirs)) => {
                same(ours.to_bits().into(), theirs.to_bits().into(), 32)
            }
            (IpAddr::V6(ours), IpAddr::V6(theirs)) => same(ours.to_bits(), theirs.to_bits(), 128),
            _ => false,
        }
    }
}

/// Where a request comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Origin {
    /// The address of who asks, as far as it is known.
    pub address: IpAddr,
    /// Whether it is this machine or its private network.
    pub is_near: bool,
    /// The path under which the asker sees us: empty or `/meter`.
    pub base: String,
    /// Whether the asker's connection is encrypted.
    pub is_secure: bool,
}

/// What is needed to tell.
#[derive(Clone, Debug, Default)]
pub(crate) struct Surroundings {
    /// Proxies whose word is believed.
    pub trusted: Vec<Network>,
    /// Our own names.
    pub names: Vec<String>,
    /// The path of the settings.
    pub base: String,
}

impl Surroundings {
    /// Of a request with these headers over a connection from `peer`.
    pub(crate) fn origin(&self, peer: IpAddr, headers: &HeaderMap) -> Origin {
        let peer = peer.to_canonical();
        let is_proxy = |address: IpAddr| self.trusted.iter().any(|known| known.contains(address));
        let mut origin =
            Origin { address: peer, is_near: false, base: self.base.clone(), is_secure: false };
        let mut host = text(headers, &header::HOST);
        let mut is_known = true;
        if is_proxy(peer) {
            let asker = forwarded(headers, is_proxy);
            is_known = asker.is_some();
            origin.address = asker.unwrap_or(peer);
            let told = text(headers, &INGRESS_PATH).or_else(|| text(headers, &FORWARDED_PREFIX));
            if let Some(base) = told.and_then(base_path) {
                origin.base = base;
            }
            origin.is_secure = text(headers, &FORWARDED_PROTO) == Some("https");
            host = text(headers, &FORWARDED_HOST).or(host);
        } else if [&FORWARDED_FOR, &REAL_IP, &header::FORWARDED]
            .iter()
            .any(|h| headers.contains_key(*h))
        {
            is_known = false;
        }
        origin.is_near =
            is_known && is_private(origin.address) && host.is_none_or(|host| self.is_ours(host));
        origin
    }

    /// Whether a name cannot be one that a foreign page had pointed at us.
    fn is_ours(&self, host: &str) -> bool {
        let name = without_port(host).trim_end_matches('.');
        if name.starts_with('[') || name.parse::<IpAddr>().is_ok() || !name.contains('.') {
            return true;
        }
        let local = LOCAL_NAMES.iter().any(|ending| {
            let before = name.len().checked_sub(ending.len() + 1);
            before.is_some_and(|at| {
                name.split_at_checked(at).is_some_and(|(_, tail)| {
                    tail.strip_prefix('.').is_some_and(|t| t.eq_ignore_ascii_case(ending))
                })
            })
        });
        local || self.names.iter().any(|known| known.eq_ignore_ascii_case(name))
    }
}

fn text<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<&'a str> {
    headers.get(name)?.to_str().ok()
}

fn without_port(host: &str) -> &str {
    match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|c| c.is_ascii_digit()) => name,
        _ => host,
    }
}

/// The rightmost address that is no trusted proxy: what stands left of it anybody can write.
fn forwarded(headers: &HeaderMap, is_proxy: impl Fn(IpAddr) -> bool) -> Option<IpAddr> {
    let lines = headers.get_all(FORWARDED_FOR).iter().filter_map(|line| line.to_str().ok());
    let addresses: Vec<&str> = lines.flat_map(|line| line.split(',')).map(str::trim).collect();
    if addresses.is_empty() {
        return text(headers, &REAL_IP)?.trim().parse().ok().map(|a: IpAddr| a.to_canonical());
    }
    let mut last = None;
    for address in addresses.iter().rev() {
        let address: IpAddr = address.parse().ok()?;
        last = Some(address.to_canonical());
        if !is_proxy(address.to_canonical()) {
            break;
        }
    }
    last
}

/// A path under which everything lives, tidied: begins with a slash, ends without one; `None`
/// for what cannot stand in an address as it is.
pub(crate) fn base_path(text: &str) -> Option<String> {
    let inner = text.trim_matches('/');
    if inner.is_empty() {
        return Some(String::new());
    }
    let plain = |c: u8| c.is_ascii_alphanumeric() || b"-_.~/".contains(&c);
    let fine = inner.len() <= 200
        && inner.bytes().all(plain)
        && inner.split('/').all(|part| !part.is_empty() && part != "." && part != "..");
    fine.then(|| format!("/{inner}"))
}

/// This machine, its private network, and what is not routed anywhere.
fn is_private(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(v4) => {
            let [a, b, ..] = v4.octets();
            // 100.64.0.0/10 is left out: providers hand it to strangers
            v4.is_loopback() || v4.is_private() || v4.is_link_local() || (a, b) == (169, 254)
        }
        IpAddr::V6(v6) => v6.is_loopback() || v6.is_unique_local() || v6.is_unicast_link_local(),
    }
}

/// The unspecified addresses of both families.
pub(crate) const fn is_any(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(v4) => v4.to_bits() == Ipv4Addr::UNSPECIFIED.to_bits(),
        IpAddr::V6(v6) => v6.to_bits() == Ipv6Addr::UNSPECIFIED.to_bits(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    fn headers(lines: &[(&'static str, &str)]) -> HeaderMap {
        let pair = |(name, value): &(&'static str, &str)| {
            (HeaderName::from_static(name), value.parse().unwrap())
        };
        lines.iter().map(pair).collect()
    }

    fn around() -> Surroundings {
        Surroundings {
            trusted: vec!["172.30.32.2".parse().unwrap(), "10.9.0.0/16".parse().unwrap()],
            names: vec!["meter.example.org".into()],
            base: String::new(),
        }
    }

    #[rstest]
    #[case::this_machine("127.0.0.1", "localhost:8080", true)]
    #[case::mapped("::ffff:192.168.1.7", "192.168.1.2", true)]
    #[case::link_local("fe80::1", "[fe80::2]:8080", true)]
    #[case::local_name("192.168.1.7", "pi.local:8080", true)]
    #[case::bare_name("192.168.1.7", "raspberrypi", true)]
    #[case::own_name("192.168.1.7", "Meter.example.org", true)]
    #[case::rebound_name("192.168.1.7", "evil.example.com", false)]
    #[case::looks_local("192.168.1.7", "evillocal.com", false)]
    #[case::from_outside("203.0.113.7", "192.168.1.2", false)]
    #[case::shared_by_a_provider("100.64.3.4", "192.168.1.2", false)]
    fn near_is_a_private_address_that_asks_for_a_local_name(
        #[case] peer: &str,
        #[case] host: &str,
        #[case] near: bool,
    ) {
        let origin = around().origin(peer.parse().unwrap(), &headers(&[("host", host)]));
        assert_eq!(origin.is_near, near);
    }

    #[test]
    fn only_trusted_proxies_are_believed() {
        let told = headers(&[
            ("x-forwarded-for", "192.168.1.9, 203.0.113.9, 10.9.1.1"),
            ("x-forwarded-prefix", "/house/meter/"),
            ("x-forwarded-proto", "https"),
        ]);
        let origin = around().origin("172.30.32.2".parse().unwrap(), &told);
        assert_eq!(origin.address, "203.0.113.9".parse::<IpAddr>().unwrap());
        assert!(!origin.is_near && origin.is_secure);
        assert_eq!(origin.base, "/house/meter");
        // a proxy nobody told us of may forward anybody
        let origin = around().origin("127.0.0.1".parse().unwrap(), &told);
        assert!(!origin.is_near && !origin.is_secure);
        assert_eq!(origin.base, "");
        // a trusted proxy that does not say for whom it asks
        let origin = around().origin("10.9.0.1".parse().unwrap(), &headers(&[]));
        assert!(!origin.is_near);
    }

    #[test]
    fn a_base_path_is_tidied_or_refused() {
        for (text, base) in [
            ("", Some("")),
            ("/", Some("")),
            ("meter", Some("/meter")),
            ("/a/b-1/", Some("/a/b-1")),
            ("/a//b", None),
            ("/../a", None),
            ("/a?b", None),
            ("/a b", None),
        ] {
            assert_eq!(base_path(text).as_deref(), base, "{text}");
        }
    }

    #[test]
    fn networks_are_read_and_compared_by_prefix() {
        let network: Network = "192.168.0.0/16".parse().unwrap();
        assert!(network.contains("::ffff:192.168.255.1".parse().unwrap()));
        assert!(!network.contains("192.169.0.1".parse().unwrap()));
        let everything: Network = "::/0".parse().unwrap();
        assert!(everything.contains("2001:db8::1".parse().unwrap()));
        for text in ["", "192.168.0.0/33", "home", "1.2.3.4/x"] {
            assert!(text.parse::<Network>().is_err(), "{text}");
        }
    }
}
