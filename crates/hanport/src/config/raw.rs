//! What was typed: the settings as they stand in the file, defaults in their places.
//!
//! One field a setting of the [table](super::table). Values have been looked at one by one; how
//! they fit together is seen when they become a [`Config`](super::Config).

use serde::Deserialize;
use serde_json::{Map, Number, Value};

/// The whole file.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawConfig {
    pub(super) site: RawSite,
    pub(super) web: RawWeb,
    pub(super) data: RawData,
    pub(super) log: RawLog,
    pub(super) meter: Vec<RawMeter>,
    pub(super) mqtt: Vec<RawBroker>,
    pub(super) price: RawPrice,
    pub(super) tariff: RawTariff,
    pub(super) page: RawPage,
}

impl RawConfig {
    /// Takes over what was found in a file.
    pub(super) fn of(values: &Map<String, Value>) -> Result<Self, serde_json::Error> {
        Self::deserialize(&Value::Object(values.clone()))
    }
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawSite {
    pub(super) name: String,
    pub(super) reader: String,
    pub(super) zone: String,
    pub(super) country: String,
    pub(super) currency: String,
    pub(super) language: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawWeb {
    pub(super) listen: Vec<String>,
    pub(super) base_path: String,
    pub(super) trusted_proxies: Vec<String>,
    pub(super) names: Vec<String>,
    pub(super) access: String,
    pub(super) reading_site: String,
    pub(super) unknown_as_null: bool,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawData {
    pub(super) folder: String,
    pub(super) raw_days: u32,
    pub(super) minute_weeks: u32,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawLog {
    pub(super) level: String,
    pub(super) form: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawMeter {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) source: RawSource,
    pub(super) encryption_key: Option<String>,
    pub(super) authentication_key: Option<String>,
    pub(super) hint: String,
    pub(super) clock: String,
    pub(super) net: String,
    pub(super) fuse_a: Option<u16>,
    pub(super) production_w: Option<u32>,
    pub(super) multiplier: RawMultiplier,
    pub(super) estimate_current: bool,
    pub(super) record: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, tag = "kind", rename_all = "kebab-case")]
pub(super) enum RawSource {
    File { path: String, speed: Number, repeat: bool },
    Mqtt { broker: String, topic: String },
    Rfc2217 { connect: String, line: String },
    Serial { port: String, line: String },
    Simulator { meter: String, speed: Number, seed: u64 },
    Stdin {},
    Tcp { connect: String },
    TcpListen { listen: String },
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawMultiplier {
    pub(super) power: Number,
    pub(super) voltage: Number,
    pub(super) current: Number,
    pub(super) energy: Number,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawBroker {
    pub(super) id: String,
    pub(super) host: String,
    pub(super) port: Option<u16>,
    pub(super) tls: RawTls,
    pub(super) user: String,
    pub(super) password: Option<String>,
    pub(super) client_id: String,
    pub(super) formats: Vec<String>,
    pub(super) meters: Vec<String>,
    pub(super) prefix: String,
    pub(super) publish_topic: String,
    pub(super) subscribe_topic: String,
    #[expect(dead_code, reason = "the interval is there only in the mode that has one")]
    pub(super) mode: String,
    pub(super) interval_s: Option<u32>,
    pub(super) keep_alive_s: u16,
    pub(super) queue_mb: u32,
    pub(super) unknown_as_null: bool,
    pub(super) domoticz: RawDomoticz,
    pub(super) homeassistant: RawHomeAssistant,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawTls {
    pub(super) enabled: bool,
    pub(super) ca: Option<String>,
    pub(super) certificate: Option<String>,
    pub(super) key: Option<String>,
    pub(super) server_name: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawDomoticz {
    pub(super) electricity: u32,
    pub(super) current: u32,
    pub(super) voltage_l1: u32,
    pub(super) voltage_l2: u32,
    pub(super) voltage_l3: u32,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawHomeAssistant {
    pub(super) prefix: String,
    pub(super) style: String,
    pub(super) address: Option<String>,
    pub(super) tag: String,
    pub(super) migrate_from: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawPrice {
    pub(super) enabled: bool,
    pub(super) area: String,
    pub(super) source: String,
    pub(super) resolution_minutes: u16,
    pub(super) entsoe_key: Option<String>,
    pub(super) holidays: String,
    pub(super) settlement: String,
    pub(super) support: String,
    pub(super) monthly_fee: Number,
    pub(super) modifier: Vec<RawModifier>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawModifier {
    pub(super) name: String,
    pub(super) kind: String,
    pub(super) value: Number,
    pub(super) direction: String,
    pub(super) days: Vec<String>,
    pub(super) hours: Vec<u8>,
    pub(super) holidays: String,
    pub(super) from: Option<String>,
    pub(super) to: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawTariff {
    pub(super) name: String,
    pub(super) thresholds_kwh: Vec<u32>,
    pub(super) highest: u8,
    pub(super) vat_percent: Option<Number>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawPage {
    pub(super) theme: String,
    pub(super) order: Vec<String>,
    pub(super) tiles: Map<String, Value>,
}
