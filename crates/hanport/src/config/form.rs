//! All settings as data, for forms.
//!
//! ```json
//! {"sections":[{"path":"meter","title":"Meter","help":"...","many":"named","settings":[
//!   {"key":"fuse_a","kind":"integer","min":1,"max":65535,"unit":"A","default":null,"example":63,
//!    "needed":false,"secret":false,"restart":false,"help":"...","more":"","when":null}]}]}
//! ```

use serde_json::{Value, json};

use super::table::{Choice, Given, Kind, Many, SECTIONS, Section, Setting, decimal};
use super::walk::default_of;

/// All sections and settings.
pub(crate) fn describe() -> Value {
    json!({ "sections": SECTIONS.iter().copied().map(section).collect::<Vec<_>>() })
}

fn section(section: &Section) -> Value {
    let many = match section.many {
        Many::List => "list",
        Many::Named => "named",
        Many::No => "no",
    };
    json!({
        "path": section.path,
        "title": section.title,
        "help": section.help,
        "many": many,
        "settings": section.settings.iter().map(setting).collect::<Vec<_>>(),
    })
}

fn setting(setting: &Setting) -> Value {
    let shown = default_of(setting);
    let (default, example, needed) = match setting.given {
        Given::Default(_) => (shown, Value::Null, false),
        Given::Needed(_) => (Value::Null, shown, true),
        Given::Optional(_) => (Value::Null, shown, false),
    };
    let mut described = json!({ "key": setting.key });
    if let (Value::Object(described), Value::Object(kind)) = (&mut described, kind(setting.kind)) {
        described.extend(kind);
        let rest = [
            ("default", default),
            ("example", example),
            ("needed", Value::from(needed)),
            ("secret", Value::from(setting.kind.is_secret())),
            ("restart", Value::from(!setting.live)),
            ("help", Value::from(setting.help)),
            ("more", Value::from(setting.more)),
            (
                "when",
                setting
                    .when
                    .map_or(Value::Null, |when| json!({ "key": when.key, "values": when.values })),
            ),
        ];
        described.extend(rest.map(|(name, value)| (name.to_owned(), value)));
    }
    described
}

fn kind(kind: Kind) -> Value {
    let number = |scaled: i64, places: u8| {
        let written = decimal(scaled, places);
        written.parse::<serde_json::Number>().map_or(Value::Null, Value::Number)
    };
    match kind {
        Kind::Choice(choices) => json!({ "kind": "choice", "choices": words(choices) }),
        Kind::Choices(choices) => json!({ "kind": "choices", "choices": words(choices) }),
        Kind::Decimal { places, min, max, unit } => json!({
            "kind": "decimal", "places": places, "unit": unit,
            "min": number(min, places), "max": number(max, places),
        }),
        Kind::Integer { min, max, unit } => {
            json!({ "kind": "integer", "min": min, "max": max, "unit": unit })
        }
        Kind::Integers { min, max, unit } => {
            json!({ "kind": "integers", "min": min, "max": max, "unit": unit })
        }
        Kind::OneOf { numbers, unit } => {
            json!({ "kind": "one-of", "numbers": numbers, "unit": unit })
        }
        Kind::Secret(form) => json!({ "kind": "secret", "form": form.name }),
        Kind::Switch => json!({ "kind": "switch" }),
        Kind::Text(form) => json!({ "kind": "text", "form": form.name }),
        Kind::Texts(form) => json!({ "kind": "texts", "form": form.name }),
    }
}

fn words(choices: &[Choice]) -> Vec<Value> {
    choices.iter().map(|choice| json!({ "name": choice.name, "help": choice.help })).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_is_told_all_it_needs() {
        let described = describe();
        let sections = described["sections"].as_array().unwrap();
        let meter = sections.iter().find(|section| section["path"] == "meter").unwrap();
        let fuse = meter["settings"].as_array().unwrap().iter().find(|s| s["key"] == "fuse_a");
        assert_eq!(
            fuse.unwrap().to_string(),
            r#"{"key":"fuse_a","kind":"integer","min":1,"max":65535,"unit":"A","default":null,"example":63,"needed":false,"secret":false,"restart":false,"help":"The main fuse; gives the gauges their scale","more":"","when":null}"#
        );
        for section in sections {
            for setting in section["settings"].as_array().unwrap() {
                assert!(
                    setting.get("kind").is_some() && setting.get("help").is_some(),
                    "{setting}"
                );
            }
        }
    }
}
