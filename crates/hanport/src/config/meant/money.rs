//! Prices and tariffs.

use std::path::PathBuf;

use hanport_engine::money::{Scheme, Settlement};
use hanport_engine::price::formula::Formula;
use hanport_engine::price::source::Source;
use hanport_engine::price::zone::Zone;

use crate::config::secrets::Secret;

/// Where prices come from and what becomes of them.
#[derive(Clone, Debug)]
pub(crate) struct PriceConfig {
    /// Whether prices are fetched.
    pub(crate) enabled: bool,
    /// From where.
    pub(crate) source: PriceSource,
    /// The bidding zone.
    pub(crate) area: Option<&'static Zone>,
    /// Minutes for which one price holds towards the interfaces of older readers: 15 or 60.
    pub(crate) resolution_minutes: u16,
    /// The key for the ENTSO-E transparency platform.
    pub(crate) entsoe_key: Option<Secret>,
    /// What becomes of the prices.
    pub(crate) formula: Formula,
    /// How the supplier bills energy; `None` as it is usual in the country.
    pub(crate) settlement: Option<Settlement>,
    /// What the state takes off.
    pub(crate) support: Option<Scheme>,
    /// The supplier's fee for a month, with VAT, in hundredths.
    pub(crate) monthly_fee: i64,
}

/// Where prices come from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum PriceSource {
    /// The best ones for the area.
    Auto,
    /// A file of prices.
    File(PathBuf),
    /// One of those that are known.
    Known(Source),
    /// An address that gives prices.
    Url(String),
}

/// What the network costs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct TariffConfig {
    /// The tariff: the name of one that comes with the program, or a file; none where it is
    /// left out.
    pub(crate) tariff: Option<String>,
    /// Steps in kilowatt-hours an hour, ascending; those of the tariff where this is empty.
    pub(crate) thresholds_kwh: Vec<u32>,
    /// How many of the highest days make the mean.
    pub(crate) highest: u8,
    /// The VAT of the household in thousandths, where it is another than that of the tariff.
    pub(crate) vat_permille: Option<u16>,
}
