//! What the server is given: what it looks at, and how it is set up.

use std::net::{Ipv6Addr, SocketAddr};
use std::sync::Arc;

use hanport_engine::board::Board;
use hanport_engine::outside::administration::Administration;
use hanport_engine::outside::{Archive, Clinic, Clock, History};
use jiff::tz::TimeZone;

use crate::auth::{LoggedIn, Protection, Vault};
use crate::origin::Network;
use crate::services::Services;

/// What the server looks at and writes to.
#[derive(Clone, Debug)]
pub struct Outside {
    /// Tells the time.
    pub clock: Arc<dyn Clock>,
    /// The newest view of every meter.
    pub board: Arc<Board>,
    /// What was kept.
    pub history: Arc<dyn History>,
    /// Where corrections go.
    pub archive: Arc<dyn Archive>,
    /// What is wrong with a meter.
    pub clinic: Arc<dyn Clinic>,
    /// What an administrator sees and changes; `None` for a program without a configuration.
    pub administration: Option<Arc<dyn Administration>>,
    /// Who is logged in; the next server of the same program is given the same.
    pub logged_in: LoggedIn,
    /// Where password and tokens are kept.
    pub vault: Arc<dyn Vault>,
    /// The site's zone: its hours, days and months.
    pub zone: TimeZone,
    /// What the program talks to: brokers, price services.
    pub services: Arc<Services>,
    /// The machine, for the system information of old clients.
    pub machine: Machine,
}

/// What is known of the machine and the program on it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Machine {
    /// The program's version.
    pub version: String,
    /// From which source it was built; empty when not known.
    pub revision: String,
    /// The name of the machine in the network.
    pub hostname: String,
    /// Its hardware address in capitals with colons; empty when not known.
    pub mac: String,
}

/// How the server is set up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Options {
    /// Where it listens. Port 0 takes any free one. `[::]` takes IPv4 too.
    pub listen: Vec<SocketAddr>,
    /// The path under which everything lives behind a proxy that keeps it: `/meter`; empty for
    /// the root.
    pub base_path: String,
    /// Proxies whose word on who asks is believed.
    pub trusted_proxies: Vec<Network>,
    /// Names of this site beside the machine's own, local names and addresses: requests for other
    /// names count as sent from anywhere, so that no foreign page reads a meter by its visitor.
    pub names: Vec<String>,
    /// What needs a login.
    pub protection: Protection,
    /// The page of another site that may read the old endpoints from its visitor's browser, as
    /// the original lets one; empty for none.
    pub reading_site: String,
    /// Old endpoints tell `null` where nothing is known; `false` prints 0 as the original does.
    pub unknown_as_null: bool,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            listen: vec![SocketAddr::from((Ipv6Addr::UNSPECIFIED, 8080))],
            base_path: String::new(),
            trusted_proxies: Vec::new(),
            names: Vec::new(),
            protection: Protection::default(),
            reading_site: "https://www.amsleser.cloud".into(),
            unknown_as_null: false,
        }
    }
}
