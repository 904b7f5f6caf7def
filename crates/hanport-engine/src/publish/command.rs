//! What is understood of what comes back from the broker.
//!
//! Plain words as existing readers know them, exact and in small letters: `dayplot`, `monthplot`,
//! `fwupgrade`; or `{"action":"dayplot"}`. Everything else is not understood and does nothing.

use serde_json::Value;

use super::settings::Format;

/// A command.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Command {
    /// Publish the energy of the last 24 hours.
    DayPlot,
    /// Publish the energy of the days of the month.
    MonthPlot,
    /// Upgrade the program, to a version where one is named.
    Upgrade(Option<String>),
}

impl Command {
    /// Reads a command; `None` when it is none.
    pub fn parse(payload: &[u8]) -> Option<Self> {
        let text = core::str::from_utf8(payload).ok()?;
        if !text.starts_with('{') {
            return Self::named(text, None);
        }
        let value: Value = serde_json::from_str(text).ok()?;
        let version = value.get("version").and_then(Value::as_str).map(str::to_owned);
        Self::named(value.get("action")?.as_str()?, version)
    }

    fn named(word: &str, version: Option<String>) -> Option<Self> {
        match word {
            "dayplot" => Some(Self::DayPlot),
            "fwupgrade" => Some(Self::Upgrade(version)),
            "monthplot" => Some(Self::MonthPlot),
            _ => None,
        }
    }

    /// Whether a format takes it: plots are of the JSON formats, upgrades of them, of raw and of
    /// Home Assistant.
    pub const fn is_for(&self, format: Format) -> bool {
        let json = matches!(format, Format::Flat | Format::Json | Format::MultiTopic);
        match self {
            Self::DayPlot | Self::MonthPlot => json,
            Self::Upgrade(_) => {
                json || matches!(
                    format,
                    Format::HomeAssistant | Format::RawFull | Format::RawMinimal
                )
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn words_are_taken_exactly_and_objects_by_their_action() {
        let parse = |text: &str| Command::parse(text.as_bytes());
        assert_eq!(parse("dayplot"), Some(Command::DayPlot));
        assert_eq!(parse(r#"{"action":"monthplot"}"#), Some(Command::MonthPlot));
        let named = parse(r#"{"action":"fwupgrade","version":"1.2"}"#);
        assert_eq!(named, Some(Command::Upgrade(Some("1.2".to_owned()))));
        for text in ["Dayplot", "dayplot ", "", "{", "{}", r#"{"action":1}"#, "reboot"] {
            assert_eq!(parse(text), None, "{text}");
        }
    }

    #[test]
    fn domoticz_and_hexadecimal_take_no_commands() {
        assert!(Command::DayPlot.is_for(Format::Flat));
        assert!(!Command::DayPlot.is_for(Format::HomeAssistant));
        assert!(Command::Upgrade(None).is_for(Format::RawMinimal));
        assert!(!Command::Upgrade(None).is_for(Format::Domoticz));
        assert!(!Command::Upgrade(None).is_for(Format::HexDump));
    }

    proptest! {
        #[test]
        fn never_panics(payload: Vec<u8>) {
            let _ = Command::parse(&payload);
        }
    }
}
