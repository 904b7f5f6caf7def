//! An MQTT broker and what is published there.

use std::path::PathBuf;

use crate::config::secrets::Secret;

/// One broker.
#[derive(Clone, Debug)]
pub(crate) struct BrokerConfig {
    /// Its name here; no two are the same.
    pub(crate) id: String,
    /// Its host: a name or an address.
    pub(crate) host: String,
    /// Its port.
    pub(crate) port: u16,
    /// The version of MQTT.
    pub(crate) protocol: Protocol,
    /// Whether and how the connection is encrypted.
    pub(crate) encryption: Option<Encryption>,
    /// The user; nobody in particular where it is empty.
    pub(crate) user: String,
    /// The user's password.
    pub(crate) password: Option<Secret>,
    /// The name under which the program is known there; no two clients of a broker share one.
    pub(crate) client_id: String,
    /// What is published, and how.
    pub(crate) formats: Vec<Format>,
    /// The meters that are published, by id; all of them where this is empty.
    pub(crate) meters: Vec<String>,
    /// The topic under which the formats of older readers publish.
    pub(crate) publish_topic: String,
    /// The topic on which commands are taken.
    pub(crate) subscribe_topic: String,
    /// The first word of hanport's own topics.
    pub(crate) prefix: String,
    /// When the formats of older readers publish.
    pub(crate) mode: Mode,
    /// How long to wait for an answer, in milliseconds.
    pub(crate) timeout_ms: u32,
    /// How often to show that somebody is there, in seconds.
    pub(crate) keep_alive_s: u16,
    /// What may be kept on disk while the broker is away, in megabytes.
    pub(crate) queue_mb: u32,
    /// Where the formats of older readers differ on purpose.
    pub(crate) compatibility: Compatibility,
    /// The devices of Domoticz.
    pub(crate) domoticz: Domoticz,
    /// Home Assistant.
    pub(crate) home_assistant: HomeAssistant,
}

/// The version of MQTT.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Protocol {
    /// 3.1.1.
    V3,
    /// 5.
    V5,
}

/// How a connection is encrypted. The server's certificate and name are always checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Encryption {
    /// The certificates that are believed; those of this machine where it is left out.
    pub(crate) authority: Option<PathBuf>,
    /// The program's own certificate and its key.
    pub(crate) client: Option<(PathBuf, PathBuf)>,
    /// The name that stands in the server's certificate, where it is not the host.
    pub(crate) server_name: Option<String>,
}

/// What is published, and how.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Format {
    /// Domoticz.
    Domoticz,
    /// hanport's own topics.
    Hanport,
    /// Frames in hexadecimal.
    Hex,
    /// Home Assistant, found by itself.
    HomeAssistant,
    /// One JSON object on one topic.
    Json,
    /// JSON, flat.
    JsonFlat,
    /// JSON on several topics.
    JsonTopics,
    /// Frames as they came.
    Passthrough,
    /// One topic a value, all of them.
    Raw,
    /// One topic a value, what changed.
    RawMinimal,
}

/// When the formats of older readers publish.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mode {
    /// Every so many seconds.
    Interval(u32),
    /// With every message.
    RealTime,
}

/// Where the formats of older readers differ on purpose.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Compatibility {
    /// What is not known is `null` or left out, not 0.
    pub(crate) unknown_as_null: bool,
}

/// Numbers of devices in Domoticz.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Domoticz {
    /// Power and energy.
    pub(crate) electricity: Option<u16>,
    /// Currents.
    pub(crate) current: Option<u16>,
    /// Voltages of L1, L2, L3.
    pub(crate) voltage: [Option<u16>; 3],
}

/// Home Assistant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct HomeAssistant {
    /// The first word of its topics.
    pub(crate) prefix: String,
    /// The address of the page, shown at the device; found by itself where it is left out.
    pub(crate) address: Option<String>,
    /// A word put before the names of the entities.
    pub(crate) tag: String,
    /// Entities of an older reader with this host name are taken over with their history.
    pub(crate) migrate_from: Option<String>,
}
