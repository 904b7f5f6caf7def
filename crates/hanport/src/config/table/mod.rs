//! The table of all settings. Everything that speaks of settings is made from it: the check, the
//! default file, the reference page and the form of the page.

mod meter;
mod money;
mod mqtt;
mod page;
mod site;

use super::text::Trouble;

/// Every section in the order of the file.
pub(crate) const SECTIONS: &[&Section] = &[
    &site::SITE,
    &meter::METER,
    &site::WEB,
    &mqtt::MQTT,
    &money::PRICE,
    &money::MODIFIER,
    &money::TARIFF,
    &page::PAGE,
    &site::DATA,
    &site::LOG,
];

/// A table of the file.
#[derive(Debug)]
pub(crate) struct Section {
    /// Its name in the file, dots included.
    pub(crate) path: &'static str,
    /// Its name for people.
    pub(crate) title: &'static str,
    /// What it is about; paragraphs are apart by blank lines.
    pub(crate) help: &'static str,
    /// Whether there may be several of it.
    pub(crate) many: Many,
    /// Its settings in the order of the file.
    pub(crate) settings: &'static [Setting],
}

/// Whether there may be several of a section.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Many {
    /// Several in an order, without names to refer to.
    List,
    /// Several, each with an `id` of its own.
    Named,
    /// One.
    No,
}

/// One setting.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Setting {
    /// Its name in its section, dots included.
    pub(crate) key: &'static str,
    /// What it may be.
    pub(crate) kind: Kind,
    /// What happens when it is left out.
    pub(crate) given: Given,
    /// Whether a change does something without a restart.
    pub(crate) live: bool,
    /// Under what circumstances it means something.
    pub(crate) when: Option<When>,
    /// What it is, in one line.
    pub(crate) help: &'static str,
    /// More about it; may be empty.
    pub(crate) more: &'static str,
}

/// What happens when a setting is left out. Values are written as in the file.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Given {
    /// This holds.
    Default(&'static str),
    /// That is a mistake; an example.
    Needed(&'static str),
    /// It is not set; an example.
    Optional(&'static str),
}

impl Given {
    /// The default or the example, as in the file.
    pub(crate) const fn shown(self) -> &'static str {
        match self {
            Self::Default(shown) | Self::Needed(shown) | Self::Optional(shown) => shown,
        }
    }
}

/// Another setting of the section has one of these values.
#[derive(Clone, Copy, Debug)]
pub(crate) struct When {
    /// Which.
    pub(crate) key: &'static str,
    /// Its values.
    pub(crate) values: &'static [&'static str],
}

/// A word that may be chosen.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Choice {
    /// The word.
    pub(crate) name: &'static str,
    /// What it means.
    pub(crate) help: &'static str,
}

/// What a setting may be.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Kind {
    /// One of some words.
    Choice(&'static [Choice]),
    /// Some of some words.
    Choices(&'static [Choice]),
    /// A number with decimals.
    Decimal {
        /// How many decimals it may have.
        places: u8,
        /// The smallest, in units of the last decimal.
        min: i64,
        /// The largest, in units of the last decimal.
        max: i64,
        /// Its unit.
        unit: &'static str,
    },
    /// A whole number.
    Integer {
        /// The smallest.
        min: i64,
        /// The largest.
        max: i64,
        /// Its unit.
        unit: &'static str,
    },
    /// Several whole numbers.
    Integers {
        /// The smallest.
        min: i64,
        /// The largest.
        max: i64,
        /// Their unit.
        unit: &'static str,
    },
    /// One of some whole numbers.
    OneOf {
        /// Which.
        numbers: &'static [i64],
        /// Their unit.
        unit: &'static str,
    },
    /// A text that nobody else may see.
    Secret(Form),
    /// Yes or no.
    Switch,
    /// A text.
    Text(Form),
    /// Several texts.
    Texts(Form),
}

/// A text with rules.
#[derive(Clone, Copy)]
pub(crate) struct Form {
    /// Its name for forms: `text`, `path`, `zone`.
    pub(crate) name: &'static str,
    /// What is wrong with a text.
    pub(crate) check: fn(&str) -> Result<(), Trouble>,
}

impl core::fmt::Debug for Form {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str(self.name)
    }
}

impl Kind {
    /// Whether it is a secret.
    pub(crate) const fn is_secret(self) -> bool {
        matches!(self, Self::Secret(_))
    }

    /// What it is, for people: `a whole number from 1 to 65535 A`.
    pub(crate) fn in_words(self) -> String {
        let unit = |unit: &str| if unit.is_empty() { String::new() } else { format!(" {unit}") };
        match self {
            Self::Choice(choices) => format!("one of {}", words(choices)),
            Self::Choices(choices) => format!("a list of {}", words(choices)),
            Self::Decimal { places, min, max, unit: of } => format!(
                "a number from {} to {}{}, with up to {places} decimals",
                decimal(min, places),
                decimal(max, places),
                unit(of)
            ),
            Self::Integer { min, max, unit: of } => {
                format!("a whole number from {min} to {max}{}", unit(of))
            }
            Self::Integers { min, max, unit: of } => {
                format!("a list of whole numbers from {min} to {max}{}", unit(of))
            }
            Self::OneOf { numbers, unit: of } => {
                let numbers: Vec<String> = numbers.iter().map(ToString::to_string).collect();
                format!("{}{}", numbers.join(" or "), unit(of))
            }
            Self::Secret(form) => format!("a secret ({})", form.name),
            Self::Switch => "`true` or `false`".to_owned(),
            Self::Text(form) => format!("a text ({})", form.name),
            Self::Texts(form) => format!("a list of texts ({})", form.name),
        }
    }
}

fn words(choices: &[Choice]) -> String {
    let words: Vec<String> = choices.iter().map(|choice| format!("`{}`", choice.name)).collect();
    words.join(", ")
}

/// A number in units of its last decimal, without zeros at the end.
pub(crate) fn decimal(scaled: i64, places: u8) -> String {
    let one = 10u64.saturating_pow(u32::from(places));
    let (whole, rest) = (scaled.unsigned_abs() / one, scaled.unsigned_abs() % one);
    let sign = if scaled < 0 { "-" } else { "" };
    let rest = format!("{rest:0width$}", width = usize::from(places));
    match rest.trim_end_matches('0') {
        "" => format!("{sign}{whole}"),
        rest => format!("{sign}{whole}.{rest}"),
    }
}

/// A setting that is applied at once and means something in all circumstances.
const fn setting(key: &'static str, kind: Kind, given: Given, help: &'static str) -> Setting {
    Setting { key, kind, given, live: true, when: None, help, more: "" }
}

const fn choice(name: &'static str, help: &'static str) -> Choice {
    Choice { name, help }
}

impl Setting {
    const fn more(mut self, more: &'static str) -> Self {
        self.more = more;
        self
    }

    const fn restarts(mut self) -> Self {
        self.live = false;
        self
    }

    const fn when(mut self, key: &'static str, values: &'static [&'static str]) -> Self {
        self.when = Some(When { key, values });
        self
    }
}

impl Section {
    /// The setting of a key.
    pub(crate) fn setting(&self, key: &str) -> Option<&'static Setting> {
        self.settings.iter().find(|setting| setting.key == key)
    }
}

/// The section of a path.
#[cfg(test)]
pub(crate) fn section(path: &str) -> Option<&'static Section> {
    SECTIONS.iter().copied().find(|section| section.path == path)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_setting_stands_in_the_table_once_and_says_what_it_is() {
        for section in SECTIONS {
            assert!(!section.help.is_empty() && !section.title.is_empty(), "{}", section.path);
            let mut keys = BTreeSet::new();
            for setting in section.settings {
                assert!(keys.insert(setting.key), "{}.{} twice", section.path, setting.key);
                assert!(!setting.help.is_empty(), "{}.{}", section.path, setting.key);
                assert!(!setting.help.ends_with('.'), "{}: {}", setting.key, setting.help);
                if let Some(when) = setting.when {
                    let other = section.setting(when.key).expect("the other setting is there");
                    let Kind::Choice(choices) = other.kind else {
                        panic!("{} is no choice", when.key)
                    };
                    for value in when.values {
                        assert!(choices.iter().any(|c| c.name == *value), "{value}");
                    }
                }
            }
            assert_eq!(section.many == Many::Named, keys.contains("id"), "{}", section.path);
        }
    }

    #[test]
    fn decimals_are_written_as_people_write_them() {
        assert_eq!(decimal(1000, 3), "1");
        assert_eq!(decimal(-1250, 4), "-0.125");
        assert_eq!(decimal(7, 0), "7");
        assert_eq!(decimal(i64::MIN, 1), "-922337203685477580.8");
    }
}
