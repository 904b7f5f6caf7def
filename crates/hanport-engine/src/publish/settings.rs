//! What is published to a broker, and how.

/// One format.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Format {
    /// Domoticz: a message a device on `domoticz/in`.
    Domoticz,
    /// JSON, everything on one topic, all keys on one level.
    Flat,
    /// hanport's own topics.
    Hanport,
    /// Every frame in hexadecimal.
    HexDump,
    /// Home Assistant as existing readers speak to it.
    HomeAssistant,
    /// JSON, everything on one topic.
    Json,
    /// JSON, a topic a kind of message.
    MultiTopic,
    /// Every frame as it came.
    Passthrough,
    /// A topic a value, all of them.
    RawFull,
    /// A topic a value, only what changed.
    RawMinimal,
}

impl Format {
    /// All of them.
    pub const ALL: [Self; 10] = [
        Self::Domoticz,
        Self::Flat,
        Self::Hanport,
        Self::HexDump,
        Self::HomeAssistant,
        Self::Json,
        Self::MultiTopic,
        Self::Passthrough,
        Self::RawFull,
        Self::RawMinimal,
    ];

    /// The stable word.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Domoticz => "domoticz",
            Self::Flat => "json-flat",
            Self::Hanport => "hanport",
            Self::HexDump => "hex",
            Self::HomeAssistant => "home-assistant",
            Self::Json => "json",
            Self::MultiTopic => "json-topics",
            Self::Passthrough => "passthrough",
            Self::RawFull => "raw",
            Self::RawMinimal => "raw-minimal",
        }
    }

    /// The number existing readers store for it.
    pub const fn number(self) -> Option<u8> {
        match self {
            Self::Json => Some(0),
            Self::RawMinimal => Some(1),
            Self::RawFull => Some(2),
            Self::Domoticz => Some(3),
            Self::HomeAssistant => Some(4),
            Self::MultiTopic => Some(5),
            Self::Flat => Some(6),
            Self::HexDump => Some(255),
            Self::Hanport | Self::Passthrough => None,
        }
    }
}

/// When the formats of existing readers publish.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pace {
    /// With the first message after so many seconds; everything that is known.
    Interval(u32),
    /// With every message, what it carries.
    RealTime,
}

/// The devices of Domoticz by number; 0 is none.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Devices {
    /// Power and energy.
    pub electricity: u32,
    /// The three voltages.
    pub voltage: [u32; 3],
    /// The three currents, one device.
    pub current: u32,
}

/// How Home Assistant learns of hanport's own topics.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Style {
    /// A message an entity: Domoticz, openHAB and Home Assistant before 2024.11.
    Components,
    /// A message a device.
    Device,
    /// Not at all.
    Off,
}

/// How Home Assistant finds entities.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Discovery {
    /// The first word of its topics: `homeassistant`.
    pub prefix: String,
    /// How hanport's own topics are announced.
    pub style: Style,
    /// Put before the names of entities; empty for nothing.
    pub tag: String,
    /// The host name of an older reader whose entities are taken over with their history.
    pub migrate_from: Option<String>,
}

/// What is published to one broker.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// The formats.
    pub formats: Vec<Format>,
    /// The meters, in their order; all of them where this is empty. The first has the topics of
    /// existing readers to itself, the others stand below it, unless the topic has a `{meter}`.
    pub meters: Vec<String>,
    /// The topic of the formats of existing readers.
    pub topic: String,
    /// Where commands come from; `<topic>/command` where it is empty.
    pub commands: String,
    /// The first word of hanport's own topics.
    pub prefix: String,
    /// When the formats of existing readers publish.
    pub pace: Pace,
    /// What is unknown is `null` or not there in the formats of existing readers, instead of 0.
    pub unknown_as_null: bool,
    /// Domoticz.
    pub devices: Devices,
    /// Home Assistant.
    pub discovery: Discovery,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            formats: vec![Format::Hanport],
            meters: Vec::new(),
            topic: String::new(),
            commands: String::new(),
            prefix: "hanport".to_owned(),
            pace: Pace::RealTime,
            unknown_as_null: false,
            devices: Devices::default(),
            discovery: Discovery::default(),
        }
    }
}

impl Default for Discovery {
    fn default() -> Self {
        Self {
            prefix: "homeassistant".to_owned(),
            style: Style::Device,
            tag: String::new(),
            migrate_from: None,
        }
    }
}

impl Settings {
    /// Whether any format of existing readers is among them.
    pub fn has_older(&self) -> bool {
        self.formats.iter().any(|format| *format != Format::Hanport)
    }

    /// Whether hanport's own topics are among them.
    pub fn has_own(&self) -> bool {
        self.formats.contains(&Format::Hanport)
    }

    /// Whether a meter is published.
    pub fn has_meter(&self, meter: &str) -> bool {
        self.meters.is_empty() || self.meters.iter().any(|named| named == meter)
    }

    /// The topic of the formats of existing readers without the place for the meter.
    pub fn root(&self) -> String {
        let root = self.topic.replace("/{meter}", "").replace("{meter}/", "");
        root.replace("{meter}", "").trim_end_matches('/').to_owned()
    }

    /// The topic of a meter in the formats of existing readers.
    pub fn base(&self, meter: &str, is_first: bool) -> String {
        if self.topic.contains("{meter}") {
            self.topic.replace("{meter}", meter)
        } else if is_first {
            self.topic.clone()
        } else {
            format!("{}/{meter}", self.topic)
        }
    }

    /// Where commands come from.
    pub fn command_topic(&self) -> String {
        match self.commands.trim() {
            "" => format!("{}/command", self.root()),
            topic => topic.to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_meter_has_the_topic_to_itself() {
        let mut settings = Settings { topic: "ams".to_owned(), ..Settings::default() };
        assert_eq!(settings.base("main", true), "ams");
        assert_eq!(settings.base("shed", false), "ams/shed");
        assert_eq!(settings.command_topic(), "ams/command");
        settings.topic = "meters/{meter}/ams".to_owned();
        assert_eq!(settings.base("main", true), "meters/main/ams");
        assert_eq!(settings.base("shed", false), "meters/shed/ams");
        assert_eq!(settings.root(), "meters/ams");
        settings.commands = " do/it ".to_owned();
        assert_eq!(settings.command_topic(), "do/it");
    }
}
