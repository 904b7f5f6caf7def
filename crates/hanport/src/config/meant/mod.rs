//! What is meant by a configuration: complete, checked, with all defaults in their places.

mod broker;
mod meter;
mod money;
mod page;
mod site;

pub(crate) use broker::{BrokerConfig, Encryption};
pub(crate) use meter::{Keys, Line, MeterConfig, Pace, SourceConfig};
pub(crate) use money::{PriceConfig, PriceSource, TariffConfig};
pub(crate) use page::{PageConfig, Shown, Theme, Tile};
pub(crate) use site::{Access, Data, Level, Log, LogForm, Network, Site, Web};

/// Everything that can be set.
#[derive(Clone, Debug)]
pub(crate) struct Config {
    /// Where this is.
    pub(crate) site: Site,
    /// The page and the interfaces over HTTP.
    pub(crate) web: Web,
    /// What is kept, and where.
    pub(crate) data: Data,
    /// What the program writes about itself.
    pub(crate) log: Log,
    /// The meters in the order of the file; the first one answers where no meter is named.
    pub(crate) meters: Vec<MeterConfig>,
    /// The MQTT brokers in the order of the file.
    pub(crate) brokers: Vec<BrokerConfig>,
    /// Where prices come from and what becomes of them.
    pub(crate) price: PriceConfig,
    /// What peaks cost.
    pub(crate) tariff: TariffConfig,
    /// What the page shows.
    #[cfg_attr(not(test), expect(dead_code, reason = "the page reads it from the settings"))]
    pub(crate) page: PageConfig,
}
