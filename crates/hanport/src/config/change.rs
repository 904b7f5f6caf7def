//! Changes settings: a patch becomes edits of the file, the result is checked as a whole, and only
//! then anything is written.
//!
//! ```json
//! {"site.zone": "Europe/Oslo", "meter.main.fuse_a": 63, "mqtt.old": null}
//! ```

use std::collections::BTreeMap;

use hanport_engine::outside::Severity;
use serde_json::{Map, Value};

use super::edit::{self, Damaged, Target, target};
use super::load::Looked;
use super::meaning::suggested_name;
use super::mistake::Mistake;
use super::nearest::nearest;
use super::secrets::{MASK, Secret, Secrets, reference};
use super::table::{Kind, Many, SECTIONS, Section, Setting};
use super::text::Trouble;
use super::walk::{Walked, at, walk};

/// A file that is being changed.
#[derive(Debug)]
pub(super) struct Draft {
    /// Its text.
    pub(super) text: String,
    /// The secrets with the new ones.
    pub(super) secrets: Secrets,
    /// Names of secrets that nobody names any more.
    pub(super) forgotten: Vec<String>,
    /// Settings whose secret is another one, under the same name.
    pub(super) exchanged: Vec<String>,
    /// What cannot be done.
    pub(super) mistakes: Vec<Mistake>,
}

impl Draft {
    /// Nothing is changed yet.
    pub(super) fn new(text: String, secrets: Secrets) -> Self {
        Self { text, secrets, forgotten: Vec::new(), exchanged: Vec::new(), mistakes: Vec::new() }
    }

    /// Takes a patch.
    pub(super) fn apply(&mut self, patch: &Value) {
        let Value::Object(patch) = patch else {
            self.refuse("", "a patch is an object from paths to values", "");
            return;
        };
        for (path, value) in patch {
            self.change(path, value);
        }
    }

    fn change(&mut self, path: &str, value: &Value) {
        match (target(path), value) {
            (Some(Target::Setting(section, part, setting)), value) => {
                self.setting(path, section, part, setting, value);
            }
            (Some(Target::Part(section, part)), Value::Null) => self.remove(section, part),
            (Some(Target::Part(section, part)), Value::Object(settings)) => {
                if self.ensure(path, section, part) {
                    self.below(path, settings);
                }
            }
            (Some(Target::Section(section)), Value::Array(parts)) if section.many == Many::List => {
                self.exchange_list(section, parts);
            }
            (Some(Target::Section(section)), Value::Null) if section.many != Many::No => {
                let all = part_names(&walk(&self.text), section);
                for part in all.iter().rev() {
                    self.remove(section, part);
                }
            }
            (_, Value::Object(settings)) if is_above(path) => self.below(path, settings),
            (_, Value::Null) if is_above(path) => {
                for key in keys_below(path) {
                    self.change(&key, &Value::Null);
                }
            }
            (None, _) if !is_above(path) => self.unknown(path),
            _ => self.refuse(path, "this is no value for all of it", "set its settings one by one"),
        }
    }

    fn below(&mut self, path: &str, settings: &Map<String, Value>) {
        // an id comes last: everything else is found by the old one
        let (ids, others): (Vec<_>, Vec<_>) = settings.iter().partition(|(key, _)| *key == "id");
        for (key, value) in others.into_iter().chain(ids) {
            self.change(&format!("{path}.{key}"), value);
        }
    }

    fn setting(
        &mut self,
        path: &str,
        section: &'static Section,
        part: Option<&str>,
        setting: &'static Setting,
        value: &Value,
    ) {
        if let Some(part) = part
            && !value.is_null()
            && !self.ensure(path, section, part)
        {
            return;
        }
        if let Kind::Secret(form) = setting.kind {
            let before = self.named_secret(path);
            let Some(value) = value.as_str() else {
                self.forget(path, before);
                return self.unset(section, part, setting);
            };
            if value == MASK {
                return;
            }
            if reference(value).is_none() {
                if let Err(trouble) = (form.check)(value) {
                    return self.mistakes.push(Mistake::error(path, None, trouble));
                }
                let name = before.unwrap_or_else(|| self.new_name(path));
                self.secrets.put(&name, Secret::new(value.to_owned()));
                self.exchanged.push(path.to_owned());
                return self.set(path, section, part, setting, &format!("secret:{name}").into());
            }
        }
        if value.is_null() {
            self.unset(section, part, setting);
        } else {
            self.set(path, section, part, setting, value);
        }
    }

    fn set(
        &mut self,
        path: &str,
        section: &'static Section,
        part: Option<&str>,
        setting: &'static Setting,
        value: &Value,
    ) {
        let Some(value) = written(value) else {
            return self.refuse(path, "this cannot be written into the file", "");
        };
        let edited = edit::set(&self.text, section, part, setting, value);
        self.take(edited);
    }

    fn unset(&mut self, section: &'static Section, part: Option<&str>, setting: &'static Setting) {
        let edited = edit::unset(&self.text, section, part, setting);
        self.take(edited);
    }

    /// Makes sure that one of several is there; `false` where it cannot be made.
    fn ensure(&mut self, path: &str, section: &'static Section, part: &str) -> bool {
        let there = part_names(&walk(&self.text), section);
        if there.iter().any(|name| name == part) {
            return true;
        }
        if section.many == Many::List {
            let message = format!("there is no `{}` number {part}", section.path);
            self.refuse(path, &message, "set the whole list");
            return false;
        }
        let edited = edit::add_part(&self.text, section, Some(part));
        self.take(edited);
        true
    }

    fn remove(&mut self, section: &'static Section, part: &str) {
        for setting in section.settings.iter().filter(|setting| setting.kind.is_secret()) {
            let path = format!("{}.{part}.{}", section.path, setting.key);
            let before = self.named_secret(&path);
            self.forget(&path, before);
        }
        let edited = edit::remove_part(&self.text, section, Some(part));
        self.take(edited);
    }

    fn exchange_list(&mut self, section: &'static Section, parts: &[Value]) {
        let edited = edit::remove_part(&self.text, section, None);
        self.take(edited);
        for (at, settings) in parts.iter().enumerate() {
            let path = format!("{}.{}", section.path, at + 1);
            let Value::Object(settings) = settings else {
                return self.refuse(&path, "this is no object of settings", "");
            };
            let edited = edit::add_part(&self.text, section, None);
            self.take(edited);
            for (key, value) in settings {
                match section.setting(key) {
                    None => self.unknown(&format!("{path}.{key}")),
                    Some(_) if value.is_null() => {}
                    Some(setting) => {
                        let part = (at + 1).to_string();
                        self.set(&format!("{path}.{key}"), section, Some(&part), setting, value);
                    }
                }
            }
        }
    }

    /// The name of the secret that a setting names.
    fn named_secret(&self, path: &str) -> Option<String> {
        let value = value_at(&walk(&self.text), path)?;
        let name = reference(value.as_str()?)?.ok()?;
        self.secrets.get(name).map(|_| name.to_owned())
    }

    /// A name for a new secret that nothing has yet.
    fn new_name(&self, path: &str) -> String {
        let wanted = suggested_name(path);
        let numbered = (2..).map(|number| format!("{wanted}-{number}"));
        let mut names = core::iter::once(wanted.clone()).chain(numbered);
        names.find(|name| self.secrets.get(name).is_none()).unwrap_or(wanted)
    }

    fn forget(&mut self, path: &str, name: Option<String>) {
        let Some(name) = name else { return };
        let walked = walk(&self.text);
        let named = format!("secret:{name}");
        let by_others = leaves(&walked)
            .into_iter()
            .any(|(other, value)| other != path && value.as_str() == Some(&named));
        if !by_others {
            self.forgotten.push(name);
        }
    }

    fn take(&mut self, edited: Result<String, Damaged>) {
        match edited {
            Ok(text) => self.text = text,
            // what is wrong with it is told when the whole is looked at
            Err(Damaged) => {
                if self.mistakes.is_empty() {
                    self.refuse(
                        "",
                        "the file is damaged and cannot be changed",
                        "`hanport config check` tells where",
                    );
                }
            }
        }
    }

    fn unknown(&mut self, path: &str) {
        let known = SECTIONS.iter().flat_map(|section| {
            section.settings.iter().map(|setting| format!("{}.{}", section.path, setting.key))
        });
        let known: Vec<String> = known.collect();
        let remedy = nearest(path, known.iter().map(String::as_str))
            .map_or_else(String::new, |it| format!("did you mean `{it}`?"));
        self.refuse(path, &format!("there is no setting `{path}`"), &remedy);
    }

    fn refuse(&mut self, path: &str, message: &str, remedy: &str) {
        let trouble = Trouble { message: message.to_owned(), remedy: remedy.to_owned() };
        self.mistakes.push(Mistake::error(path, None, trouble));
    }
}

/// A value as it stands in a file.
fn written(value: &Value) -> Option<toml_edit::Value> {
    Some(match value {
        Value::Bool(yes) => (*yes).into(),
        Value::Number(number) => number.to_string().parse().ok()?,
        Value::String(text) => text.into(),
        Value::Array(items) => {
            let items: Option<Vec<toml_edit::Value>> = items.iter().map(written).collect();
            toml_edit::Value::Array(items?.into_iter().collect())
        }
        Value::Null | Value::Object(_) => return None,
    })
}

/// Whether a path is that of several settings.
fn is_above(path: &str) -> bool {
    !keys_below(path).is_empty() || SECTIONS.iter().any(|section| section.path == path)
}

/// The settings below a path, of one section or one part.
fn keys_below(path: &str) -> Vec<String> {
    let mut keys = Vec::new();
    for section in SECTIONS {
        for setting in section.settings {
            let key = match section.many {
                Many::No => format!("{}.{}", section.path, setting.key),
                Many::List | Many::Named => {
                    let Some(rest) = path.strip_prefix(section.path) else { continue };
                    let Some(part) = rest.strip_prefix('.').and_then(|rest| rest.split('.').next())
                    else {
                        continue;
                    };
                    format!("{}.{part}.{}", section.path, setting.key)
                }
            };
            if key.strip_prefix(path).is_some_and(|rest| rest.starts_with('.')) {
                keys.push(key);
            }
        }
    }
    keys
}

/// What the parts of a section are called.
fn part_names(walked: &Walked, section: &Section) -> Vec<String> {
    let prefix = format!("{}.", section.path);
    let names = walked.spans.keys().filter_map(|path| {
        path.strip_prefix(&prefix).filter(|name| !name.is_empty() && !name.contains('.'))
    });
    names.map(str::to_owned).collect()
}

/// The value at a path.
fn value_at(walked: &Walked, path: &str) -> Option<Value> {
    leaves(walked).remove(path)
}

/// All settings by path.
pub(super) fn leaves(walked: &Walked) -> BTreeMap<String, Value> {
    let mut leaves = BTreeMap::new();
    for section in SECTIONS {
        let mut below = Some(&walked.values);
        let (above, last) = section.path.rsplit_once('.').unwrap_or(("", section.path));
        for name in above.split('.').filter(|name| !name.is_empty()) {
            below = below.and_then(|values| values.get(name)).and_then(Value::as_object);
        }
        let found = below.and_then(|values| values.get(last));
        let mut one = |path: &str, values: &Map<String, Value>| {
            for setting in section.settings {
                if let Some(value) = at(values, setting.key) {
                    leaves.insert(format!("{path}.{}", setting.key), value.clone());
                }
            }
        };
        match found {
            Some(Value::Object(values)) => one(section.path, values),
            Some(Value::Array(parts)) => {
                let names = walked.parts.get(section.path).map(Vec::as_slice).unwrap_or_default();
                for (name, part) in names.iter().zip(parts) {
                    if let Value::Object(values) = part {
                        one(name, values);
                    }
                }
            }
            _ => {}
        }
    }
    leaves
}

/// What is different, and what of it needs a restart.
pub(super) fn difference(
    before: &Walked,
    after: &Looked,
    exchanged: &[String],
) -> (Vec<String>, Vec<String>) {
    let (old, new) = (leaves(before), leaves(&after.walked));
    let mut changed: Vec<String> = old
        .keys()
        .chain(new.keys().filter(|path| !old.contains_key(*path)))
        .filter(|path| old.get(*path) != new.get(*path) || exchanged.contains(path))
        .cloned()
        .collect();
    changed.sort();
    let restarts = |path: &String| matches!(target(path), Some(Target::Setting(_, _, setting)) if !setting.live);
    let restart = changed.iter().filter(|path| restarts(path)).cloned().collect();
    (changed, restart)
}

/// Whether any of them keeps a file from being used.
pub(super) fn any_error<'m>(mistakes: impl IntoIterator<Item = &'m Mistake>) -> bool {
    mistakes.into_iter().any(|mistake| mistake.severity == Severity::Error)
}
