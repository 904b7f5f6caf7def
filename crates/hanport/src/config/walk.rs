//! Walks through a file beside the table of settings: what is in the file becomes values, what is
//! left out becomes the default, and whatever does not fit is a mistake. It never stops at the
//! first one.

mod value;

use core::ops::Range;
use std::collections::BTreeMap;

use serde_json::{Map, Value};
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::mistake::Mistake;
use super::nearest::nearest;
use super::table::{Given, Many, SECTIONS, Section, Setting, When};
use super::text::{self, Trouble};

pub(super) use value::{default_of, scaled};

/// What a file says.
#[derive(Clone, Debug, Default)]
pub(crate) struct Walked {
    /// The settings with their defaults, in the nesting of the file.
    pub(crate) values: Map<String, Value>,
    /// Where settings and sections stand in the text.
    pub(crate) spans: BTreeMap<String, Range<usize>>,
    /// The paths of the parts of sections of which there are several, as they stand in the values.
    pub(crate) parts: BTreeMap<&'static str, Vec<String>>,
    /// The ids of the parts.
    pub(crate) ids: BTreeMap<&'static str, Vec<String>>,
    /// The settings in whose places an example stands.
    pub(crate) assumed: Vec<String>,
    /// What is wrong.
    pub(crate) mistakes: Vec<Mistake>,
}

/// Walks through a text.
pub(crate) fn walk(text: &str) -> Walked {
    let (document, errors) = DeTable::parse_recoverable(text);
    let mut walked = Walked::default();
    walked.top(document.get_ref());
    if !errors.is_empty() {
        walked.tell_syntax(text, errors);
    }
    walked
}

impl Walked {
    /// What is wrong with the text itself. What seems to be wrong with its content may follow
    /// from that: nothing is said about those lines and about what is missing.
    fn tell_syntax(&mut self, text: &str, errors: Vec<toml::de::Error>) {
        let line = |offset: usize| text.get(..offset).unwrap_or(text).matches('\n').count();
        let spans = errors.iter().filter_map(toml::de::Error::span);
        let lines: Vec<usize> = spans.map(|span| line(span.start)).collect();
        self.mistakes.retain(|mistake| {
            let at = mistake.span.as_ref().map(|span| line(span.start));
            at.is_none_or(|at| !lines.contains(&at)) && !mistake.message.ends_with("is missing")
        });
        for error in errors {
            let trouble = Trouble {
                message: error.message().replace('\n', ", "),
                remedy: syntax_remedy(error.message()).to_owned(),
            };
            self.mistakes.push(Mistake::error("", error.span(), trouble));
        }
    }

    fn top(&mut self, document: &DeTable<'_>) {
        for (key, value) in document {
            let name: &str = key.get_ref();
            if !SECTIONS.iter().any(|section| first(section.path) == name) {
                self.unknown_section(name, key.span(), value.get_ref());
            }
        }
        for section in SECTIONS {
            if section.path.contains('.') {
                continue;
            }
            let found = document.iter().find(|(key, _)| key.get_ref() == section.path);
            let value = self.section(section, found.map(|(_, value)| value));
            self.values.insert(section.path.to_owned(), value);
        }
    }

    fn unknown_section(&mut self, name: &str, span: Range<usize>, value: &DeValue<'_>) {
        let sections = SECTIONS.iter().map(|section| section.path);
        let remedy = if let Some(section) = nearest(name, sections) {
            format!("did you mean `{section}`?")
        } else if let Some(section) =
            SECTIONS.iter().find(|section| section.setting(name).is_some())
        {
            format!("`{name}` belongs under `{}`", header(section))
        } else {
            let known: Vec<&str> = SECTIONS.iter().map(|section| first(section.path)).collect();
            let mut known = known;
            known.dedup();
            format!("there are {}", known.join(", "))
        };
        let what = if value.is_table() { "section" } else { "setting" };
        self.error(name, Some(span), format!("there is no {what} `{name}`"), remedy);
    }

    /// A section as it is in the file, or left out.
    fn section(
        &mut self,
        section: &'static Section,
        found: Option<&Spanned<DeValue<'_>>>,
    ) -> Value {
        if let Some(found) = found {
            self.spans.insert(section.path.to_owned(), found.span());
        }
        match (section.many, found.map(Spanned::get_ref)) {
            (Many::No, None) => Value::Object(self.part(section, section.path, None)),
            (Many::No, Some(DeValue::Table(table))) => {
                Value::Object(self.part(section, section.path, Some(table)))
            }
            (Many::No, Some(_)) => {
                let span = found.map(Spanned::span);
                let message = format!("`{}` is a section, not a setting", section.path);
                self.error(section.path, span, message, format!("write `[{}]`", section.path));
                Value::Object(self.part(section, section.path, None))
            }
            (Many::List | Many::Named, None) => Value::Array(Vec::new()),
            (Many::List | Many::Named, Some(DeValue::Array(array))) => {
                self.parts_of(section, &array.iter().collect::<Vec<_>>())
            }
            (Many::List | Many::Named, Some(_)) => {
                let span = found.map(Spanned::span);
                let message = format!("there may be several of `{}`", section.path);
                let remedy = format!("write it with two brackets: `{}`", header(section));
                self.error(section.path, span, message, remedy);
                self.parts_of(section, &found.into_iter().collect::<Vec<_>>())
            }
        }
    }

    fn parts_of(&mut self, section: &'static Section, elements: &[&Spanned<DeValue<'_>>]) -> Value {
        let mut values = Vec::new();
        let mut seen: Vec<String> = Vec::new();
        for (at, element) in elements.iter().enumerate() {
            let DeValue::Table(table) = element.get_ref() else {
                let message = format!("a part of `{}` is no table", section.path);
                let remedy = format!("write it as `{}`", header(section));
                self.error(section.path, Some(element.span()), message, remedy);
                continue;
            };
            let numbered = format!("{}.{}", section.path, at + 1);
            let id = table.get("id").and_then(|id| Some((id.get_ref().as_str()?, id.span())));
            let mut path = numbered.clone();
            if let Some((id, span)) = id.filter(|_| section.many == Many::Named) {
                if seen.iter().any(|seen| seen == id) {
                    let message = format!("there is a {} `{id}` already", section.path);
                    let remedy = "give every one an id of its own".to_owned();
                    self.error(&format!("{numbered}.id"), Some(span), message, remedy);
                } else if text::name(id).is_ok() {
                    seen.push(id.to_owned());
                    path = format!("{}.{id}", section.path);
                }
            }
            self.spans.insert(path.clone(), element.span());
            let value = self.part(section, &path, Some(table));
            values.push(Value::Object(value));
            self.parts.entry(section.path).or_default().push(path);
        }
        self.ids.insert(section.path, seen);
        Value::Array(values)
    }

    /// One table with the settings of a section.
    fn part(
        &mut self,
        section: &'static Section,
        path: &str,
        table: Option<&DeTable<'_>>,
    ) -> Map<String, Value> {
        let mut part =
            Part { section, path, values: Map::new(), refused: Vec::new(), given: Vec::new() };
        if let Some(table) = table {
            self.keys(&mut part, "", table);
        }
        self.complete(&mut part);
        let mut values = part.values;
        for below in SECTIONS {
            let Some(name) = below.path.strip_prefix(section.path) else { continue };
            if let Some(name) = name.strip_prefix('.') {
                let value = self.section(below, table.and_then(|table| table.get(name)));
                values.insert(name.to_owned(), value);
            }
        }
        values
    }

    fn keys(&mut self, part: &mut Part<'_>, prefix: &str, table: &DeTable<'_>) {
        for (key, value) in table {
            let name: &str = key.get_ref();
            let name = if prefix.is_empty() { name.to_owned() } else { format!("{prefix}.{name}") };
            let path = format!("{}.{name}", part.path);
            let deeper = format!("{name}.");
            if let Some(setting) = part.section.setting(&name) {
                self.spans.insert(path.clone(), value.span());
                match value::of(setting, value) {
                    Ok(value) => {
                        put(&mut part.values, &name, value);
                        part.given.push((setting, key.span()));
                    }
                    Err((span, trouble)) => {
                        self.mistakes.push(Mistake::error(&path, Some(span), trouble));
                        part.refused.push(setting.key);
                    }
                }
            } else if part.section.settings.iter().any(|it| it.key.starts_with(&deeper)) {
                if let DeValue::Table(table) = value.get_ref() {
                    self.keys(part, &name, table);
                } else {
                    let (message, remedy) = not_a_table(part.section, &name, value.get_ref());
                    self.error(&path, Some(value.span()), message, remedy);
                    let below = part.section.settings.iter().map(|it| it.key);
                    part.refused.extend(below.filter(|key| key.starts_with(&deeper)));
                }
            } else if SECTIONS.iter().any(|it| it.path == format!("{}.{name}", part.section.path)) {
                // a section of its own
            } else {
                let remedy = unknown_remedy(part.section, &name);
                let message = format!("there is no setting `{name}` in `{}`", header(part.section));
                self.error(&path, Some(key.span()), message, remedy);
            }
        }
    }

    /// Puts in the defaults. For what is needed and not there the example stands in, so that the
    /// rest can be looked at: with an error nothing of it is ever used.
    fn complete(&mut self, part: &mut Part<'_>) {
        for setting in part.section.settings {
            let applies = setting.when.is_none_or(|when| holds(&part.values, when));
            let there = at(&part.values, setting.key).is_some();
            if !applies {
                self.out_of_place(part, setting);
                take(&mut part.values, setting.key);
                continue;
            }
            let refused = part.refused.contains(&setting.key);
            if there {
                continue;
            }
            match setting.given {
                Given::Default(_) => put(&mut part.values, setting.key, default_of(setting)),
                Given::Needed(example) => {
                    put(&mut part.values, setting.key, default_of(setting));
                    self.assumed.push(format!("{}.{}", part.path, setting.key));
                    // nothing can be said of what depends on a word that is not there
                    let depends = setting.when.is_some_and(|when| !part.says(when.key));
                    if !refused && !depends {
                        self.missing(part, setting, example);
                    }
                }
                Given::Optional(_) => {}
            }
        }
    }

    fn missing(&mut self, part: &Part<'_>, setting: &Setting, example: &str) {
        let path = format!("{}.{}", part.path, setting.key);
        let span = self.spans.get(part.path).cloned();
        let message = format!("`{}` is missing", setting.key);
        let remedy = format!("{}: `{} = {example}`", setting.help, setting.key);
        self.error(&path, span, message, remedy);
    }

    /// A setting that means nothing beside another one.
    fn out_of_place(&mut self, part: &Part<'_>, setting: &'static Setting) {
        let Some(when) = setting.when else { return };
        let Some((_, span)) = part.given.iter().find(|(given, _)| given.key == setting.key) else {
            return;
        };
        if !part.says(when.key) {
            return;
        }
        let Some(other) = at(&part.values, when.key).and_then(Value::as_str) else { return };
        let trouble = Trouble {
            message: format!("`{}` means nothing with {} = \"{other}\"", setting.key, when.key),
            remedy: format!("it belongs to {}; take it away", when.values.join(", ")),
        };
        let path = format!("{}.{}", part.path, setting.key);
        self.mistakes.push(Mistake::warning(&path, Some(span.clone()), trouble));
    }

    fn error(&mut self, path: &str, span: Option<Range<usize>>, message: String, remedy: String) {
        self.mistakes.push(Mistake::error(path, span, Trouble { message, remedy }));
    }
}

/// A table on the way.
struct Part<'p> {
    section: &'static Section,
    path: &'p str,
    values: Map<String, Value>,
    /// Settings whose values are wrong.
    refused: Vec<&'static str>,
    /// Settings that are in the file.
    given: Vec<(&'static Setting, Range<usize>)>,
}

impl Part<'_> {
    /// Whether a setting is there and right, or has a default.
    fn says(&self, key: &str) -> bool {
        let given = self.given.iter().any(|(setting, _)| setting.key == key);
        let default = self.section.setting(key).map(|setting| setting.given);
        given || (matches!(default, Some(Given::Default(_))) && !self.refused.contains(&key))
    }
}

/// A section as it stands in the file.
fn header(section: &Section) -> String {
    if section.many == Many::No {
        format!("[{}]", section.path)
    } else {
        format!("[[{}]]", section.path)
    }
}

fn first(path: &str) -> &str {
    path.split('.').next().unwrap_or(path)
}

/// The value of a key with dots.
pub(super) fn at<'v>(values: &'v Map<String, Value>, key: &str) -> Option<&'v Value> {
    let mut parts = key.split('.');
    let first = values.get(parts.next()?)?;
    parts.try_fold(first, |value, part| value.get(part))
}

fn put(values: &mut Map<String, Value>, key: &str, value: Value) {
    match key.split_once('.') {
        None => {
            values.insert(key.to_owned(), value);
        }
        Some((table, rest)) => {
            let below = values.entry(table).or_insert_with(|| Value::Object(Map::new()));
            if let Value::Object(below) = below {
                put(below, rest, value);
            }
        }
    }
}

fn take(values: &mut Map<String, Value>, key: &str) {
    match key.split_once('.') {
        None => {
            values.remove(key);
        }
        Some((table, rest)) => {
            if let Some(Value::Object(below)) = values.get_mut(table) {
                take(below, rest);
            }
        }
    }
}

fn holds(values: &Map<String, Value>, when: When) -> bool {
    at(values, when.key).and_then(Value::as_str).is_some_and(|value| when.values.contains(&value))
}

/// What somebody meant who named a setting that is not there.
fn unknown_remedy(section: &Section, name: &str) -> String {
    let keys = || section.settings.iter().map(|setting| setting.key);
    if let Some(key) = nearest(name, keys()) {
        return format!("did you mean `{key}`?");
    }
    // the last word alone: `port` for `source.port`
    let last = |key: &'static str| key.rsplit('.').next().unwrap_or(key);
    if let Some(key) = keys().find(|key| last(key) == name) {
        return format!("did you mean `{key}`?");
    }
    if let Some(other) = SECTIONS.iter().find(|other| other.setting(name).is_some()) {
        return format!("`{name}` belongs under `{}`", header(other));
    }
    if let Some(part) = nearest(name, keys().filter_map(|key| key.split('.').next())) {
        return format!("did you mean `{part}`?");
    }
    "take it away; `hanport config init` shows all settings there are".to_owned()
}

/// A single value where several settings are meant.
fn not_a_table(section: &Section, name: &str, value: &DeValue<'_>) -> (String, String) {
    let deeper = format!("{name}.");
    let keys = section.settings.iter().map(|setting| setting.key);
    let keys: Vec<&str> = keys.filter(|key| key.starts_with(&deeper)).collect();
    let message = format!("`{name}` has parts of its own");
    let remedy = match value.as_str() {
        Some(text) if name == "source" && text.contains('/') => {
            format!(
                "write `source.kind = \"serial\"` and `source.port = \"{}\"`",
                text.replace("serial:", "")
            )
        }
        _ => format!("set {}", keys.join(", ")),
    };
    (message, remedy)
}

/// What helps with what most people get wrong in the form of the file.
fn syntax_remedy(message: &str) -> &'static str {
    if message.contains("duplicate key") {
        "keep one of them"
    } else if message.contains("quoted") || message.contains("string values must be quoted") {
        "texts stand between quotation marks: name = \"Home\""
    } else if message.contains("unclosed") || message.contains("invalid basic string") {
        "there is a quotation mark or a bracket without its other half"
    } else if message.contains("extra `=`") || message.contains("assignment") {
        "one setting a line: name = value"
    } else {
        ""
    }
}

#[cfg(test)]
mod tests;
