//! Topics of MQTT.

use super::{Trouble, trouble};

/// A topic to publish on.
pub(crate) fn topic(topic: &str) -> Result<(), Trouble> {
    if topic.is_empty() {
        return trouble("the topic is empty", "for example `hanport`");
    }
    if let Some(wild) = topic.chars().find(|c| matches!(c, '+' | '#')) {
        return trouble(
            format!("`{wild}` may not stand in a topic to publish on"),
            "such marks stand only in topics to listen to",
        );
    }
    plain(topic)?;
    let better = topic.trim_matches('/');
    if better != topic {
        return trouble(
            "the topic begins or ends with a slash",
            format!("write `{better}`: a slash there makes an empty level"),
        );
    }
    Ok(())
}

/// A topic to publish on, or nothing.
pub(crate) fn topic_or_empty(text: &str) -> Result<(), Trouble> {
    if text.is_empty() { Ok(()) } else { topic(text) }
}

/// A topic to listen to, in which `+` stands for any level and `#` at the end for all below.
pub(crate) fn filter(filter: &str) -> Result<(), Trouble> {
    if filter.is_empty() {
        return trouble("the topic is empty", "for example `reader/data`");
    }
    plain(filter)?;
    let levels: Vec<&str> = filter.split('/').collect();
    let last = levels.len().saturating_sub(1);
    for (at, level) in levels.iter().enumerate() {
        if level.contains('+') && *level != "+" {
            return trouble("`+` stands for a whole level", "write it alone between two slashes");
        }
        if level.contains('#') && (*level != "#" || at != last) {
            return trouble("`#` stands alone at the end", "for example `reader/#`");
        }
    }
    Ok(())
}

fn plain(topic: &str) -> Result<(), Trouble> {
    if topic.chars().any(char::is_control) {
        return trouble("there is a control character in the topic", "take it away");
    }
    if topic.len() > 255 {
        return trouble("the topic is longer than 255 characters", "shorten it");
    }
    Ok(())
}
