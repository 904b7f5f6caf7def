//! What cannot stand side by side on a broker: formats that write different things to one topic.

use super::settings::{Format, Settings};

/// Formats that have the topic itself for their messages.
const WHOLE_TOPIC: [Format; 4] = [Format::Flat, Format::HexDump, Format::Json, Format::Passthrough];

/// Explains what clashes, for people; empty when nothing does.
pub fn clashes(settings: &Settings) -> Vec<String> {
    let mut found = Vec::new();
    let has = |format: Format| settings.formats.contains(&format);
    let whole: Vec<_> = WHOLE_TOPIC.iter().filter(|format| has(**format)).collect();
    if whole.len() > 1 {
        let names: Vec<_> = whole.iter().map(|format| format.name()).collect();
        found.push(format!(
            "the formats {} all write to the topic `{}` itself; whoever reads it cannot tell them apart: keep one, or give the others a broker entry with another topic",
            names.join(" and "),
            settings.topic
        ));
    }
    if has(Format::HomeAssistant) && has(Format::MultiTopic) {
        found.push(format!(
            "the formats home-assistant and json-topics both write to `{}/prices`: keep one, or give one a broker entry with another topic",
            settings.topic
        ));
    }
    if has(Format::RawFull) && has(Format::RawMinimal) {
        found.push("the formats raw and raw-minimal write to the same topics: keep one".to_owned());
    }
    if settings.has_older() && settings.root().is_empty() {
        found.push("the publish topic is empty: give one, for example `ams`".to_owned());
    }
    for (name, topic) in [("publish topic", &settings.topic), ("prefix", &settings.prefix)] {
        if topic.contains(['#', '+']) {
            found.push(format!("the {name} `{topic}` holds `#` or `+`, which stand for any topic"));
        }
        if topic.starts_with('$') {
            found.push(format!(
                "the {name} `{topic}` begins with `$`, which brokers keep to themselves"
            ));
        }
    }
    let root = settings.root();
    if settings.has_own() && settings.has_older() && root.starts_with(&settings.prefix) {
        let below = root.strip_prefix(&settings.prefix).unwrap_or_default();
        if below.is_empty() || below.starts_with('/') {
            found.push(format!(
                "the publish topic `{root}` lies among hanport's own topics below `{}`: choose another one",
                settings.prefix
            ));
        }
    }
    if settings.has_older() && settings.command_topic() == format!("{root}/status") {
        found.push(format!("commands cannot come from `{root}/status`, which is published"));
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(formats: &[Format], topic: &str) -> Vec<String> {
        let topic = topic.to_owned();
        clashes(&Settings { formats: formats.to_vec(), topic, ..Settings::default() })
    }

    #[test]
    fn formats_that_share_a_topic_clash_and_others_do_not() {
        assert_eq!(of(&Format::ALL[..3], "ams"), [""; 0]);
        assert_eq!(of(&[Format::Json, Format::RawFull, Format::HomeAssistant], "ams"), [""; 0]);
        assert_eq!(of(&[Format::Json, Format::HexDump], "ams").len(), 1);
        assert_eq!(of(&[Format::MultiTopic, Format::HomeAssistant], "ams").len(), 1);
        assert_eq!(of(&[Format::RawMinimal, Format::RawFull], "ams").len(), 1);
        assert_eq!(of(&[Format::Hanport], ""), [""; 0]);
        assert_eq!(of(&[Format::Json], "").len(), 1);
        assert_eq!(of(&[Format::Json, Format::Hanport], "hanport/x").len(), 1);
        assert_eq!(of(&[Format::Json, Format::Hanport], "hanportal"), [""; 0]);
        assert_eq!(of(&[Format::Json], "a/#").len(), 1);
    }
}
