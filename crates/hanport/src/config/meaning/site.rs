//! The site, the page's server, what is kept, what is logged, what the page shows.

use std::collections::BTreeMap;
use std::net::{IpAddr, SocketAddr};

use jiff::tz::TimeZone;

use crate::config::meant::{
    Access, Data, Level, Log, LogForm, MeterConfig, PageConfig, Shown, Site, SourceConfig, Theme,
    Tile, Web,
};
use crate::config::raw::{RawData, RawLog, RawPage, RawSite, RawWeb};
use crate::config::text::{self, country};

use super::Meaning;

/// The parts of the dashboard in the order they have where nobody says another one.
const TILES: [&str; 14] = [
    "import",
    "export",
    "voltage",
    "current",
    "phases",
    "factor",
    "reactive",
    "account",
    "peaks",
    "live",
    "price",
    "day",
    "month",
    "temperature",
];

impl Meaning<'_> {
    pub(super) fn site(&mut self, raw: &RawSite) -> Site {
        let machine = self.surroundings.zone.clone();
        let machine_is_utc = machine
            .as_ref()
            .is_some_and(|zone| matches!(zone.iana_name(), Some("UTC" | "Etc/UTC") | None));
        if raw.zone == "auto" && machine_is_utc {
            self.warn(
                "site.zone",
                "this machine keeps UTC: days would begin at the wrong hour",
                "write the zone of the meter under `[site]`, for example `zone = \"Europe/Oslo\"`",
            );
        }
        let named = text::zone(&raw.zone).ok().flatten();
        let zone = named.or(machine).unwrap_or(TimeZone::UTC);
        let name = zone.iana_name().unwrap_or("UTC");
        let country = match raw.country.as_str() {
            "auto" => country::of_zone(name).map(str::to_owned),
            country => Some(country.to_owned()),
        };
        let currency = match raw.currency.as_str() {
            "auto" => country.as_deref().and_then(country::currency_of).unwrap_or("EUR"),
            currency => currency,
        };
        Site {
            name: raw.name.clone(),
            reader: raw.reader.clone(),
            currency: currency.to_owned(),
            language: (raw.language != "auto").then(|| raw.language.clone()),
            country,
            zone,
        }
    }

    pub(super) fn web(&mut self, raw: &RawWeb) -> Web {
        let access = match raw.access.as_str() {
            "everything" => Access::Everything,
            _ => Access::Changes,
        };
        let listen = raw.listen.iter().filter_map(|it| text::listen(it).ok()).collect();
        let proxies = raw.trusted_proxies.iter().filter_map(|it| text::network(it).ok());
        if raw.listen.is_empty() {
            self.warn(
                "web.listen",
                "nothing is listened on: there is no page",
                "write an address and a port, such as `[\"[::]:8080\"]`",
            );
        }
        Web {
            listen,
            base_path: raw.base_path.clone(),
            trusted_proxies: proxies.collect(),
            names: raw.names.clone(),
            access,
            reading_site: raw.reading_site.clone(),
            unknown_as_null: raw.unknown_as_null,
        }
    }

    pub(super) fn data(&mut self, raw: &RawData) -> Data {
        let folder = match raw.folder.as_str() {
            "auto" => self.surroundings.data_folder(),
            folder => folder.into(),
        };
        if folder.exists() && !folder.is_dir() {
            let message = format!("{} is no folder", folder.display());
            self.error("data.folder", message, "name a folder; it is made where it is not there");
        }
        Data { folder, raw_days: raw.raw_days, minute_weeks: raw.minute_weeks }
    }

    /// Says when one address is listened on for two purposes.
    pub(super) fn listeners(&mut self, web: &Web, meters: &[MeterConfig]) {
        let mut taken: BTreeMap<u16, (String, IpAddr)> = BTreeMap::new();
        let pages = web.listen.iter().map(|address| ("web.listen".to_owned(), *address));
        let sources = meters.iter().enumerate().filter_map(|(at, meter)| match meter.source {
            SourceConfig::TcpListen { listen } => {
                Some((format!("{}.source.listen", self.part("meter", at)), listen))
            }
            _ => None,
        });
        let listeners: Vec<(String, SocketAddr)> = pages.chain(sources).collect();
        for (path, address) in listeners {
            let ip = address.ip();
            match taken.get(&address.port()) {
                Some((first, other))
                    if *other == ip || other.is_unspecified() || ip.is_unspecified() =>
                {
                    let message = format!("{address} is listened on already, by `{first}`");
                    self.error(&path, message, "take another port");
                }
                _ => {
                    taken.insert(address.port(), (path, ip));
                }
            }
        }
    }
}

pub(super) fn log(raw: &RawLog) -> Log {
    let level = match raw.level.as_str() {
        "error" => Level::Error,
        "warn" => Level::Warn,
        "debug" => Level::Debug,
        "trace" => Level::Trace,
        _ => Level::Info,
    };
    let form = if raw.form == "json" { LogForm::Json } else { LogForm::Text };
    Log { level, form }
}

pub(super) fn page(raw: &RawPage) -> PageConfig {
    let theme = match raw.theme.as_str() {
        "dark" => Theme::Dark,
        "light" => Theme::Light,
        _ => Theme::Auto,
    };
    let named = raw.order.iter().filter_map(|name| TILES.into_iter().find(|tile| tile == name));
    let mut order: Vec<&str> = Vec::new();
    for tile in named.chain(TILES) {
        if !order.contains(&tile) {
            order.push(tile);
        }
    }
    let tiles = order.into_iter().map(|name| Tile {
        name,
        shown: match raw.tiles.get(name).and_then(serde_json::Value::as_str) {
            Some("show") => Shown::Show,
            Some("hide") => Shown::Hide,
            _ => Shown::Auto,
        },
    });
    PageConfig { theme, tiles: tiles.collect() }
}
