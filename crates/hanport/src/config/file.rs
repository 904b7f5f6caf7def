//! The file of a configuration: read, shown, changed.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use hanport_engine::outside::{Applied, Failure, Problem, Severity};
use jiff::Timestamp;
use serde_json::{Value, json};
use zeroize::Zeroizing;

use super::change::{Draft, any_error, difference, leaves};
use super::edit::{Target, target};
use super::load::{Looked, keep_copy, look, look_at, secrets_beside};
use super::meant::Config;
use super::mistake::Mistake;
use super::place::Surroundings;
use super::replace;
use super::secrets::{MASK, Secrets, reference};
use super::table::{Kind, SECTIONS};
use super::template::template;
use super::text::Trouble;
use super::walk::walk;

/// The file of a configuration. It need not be there: the first change writes it.
#[derive(Clone, Debug)]
pub(crate) struct ConfigFile {
    path: PathBuf,
    surroundings: Surroundings,
}

/// A change that was made.
#[derive(Debug)]
pub(crate) struct Change {
    /// What became of it.
    pub(crate) applied: Applied,
    /// What holds now.
    pub(crate) config: Config,
}

impl ConfigFile {
    /// The file of this path.
    pub(crate) const fn new(path: PathBuf, surroundings: Surroundings) -> Self {
        Self { path, surroundings }
    }

    /// The file that is named or found, or else the one that would be made.
    pub(crate) fn find(named: Option<&Path>) -> Self {
        let surroundings = Surroundings::of_process();
        let path = surroundings.file(named).unwrap_or_else(|| surroundings.new_file(named));
        Self::new(path, surroundings)
    }

    /// Where it is, or would be.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Where its secrets are, or would be.
    pub(crate) fn secrets(&self) -> PathBuf {
        secrets_beside(Some(&self.path), &self.surroundings)
    }

    /// What stands in it; the defaults where it is not there.
    pub(crate) fn look(&self) -> Looked {
        look(self.path.exists().then_some(self.path.as_path()), &self.surroundings)
    }

    /// The settings with their defaults, secrets as `***`.
    pub(crate) fn values(&self) -> Result<Value, Failure> {
        let looked = self.look();
        let Looked { walked, .. } = &looked;
        if let Some(report) = looked.reports.iter().find(|report| report.errors() > 0) {
            return Err(Failure(format!(
                "{} has mistakes; `hanport config check` explains them",
                report.file
            )));
        }
        let mut values = walked.values.clone();
        mask(&mut values);
        Ok(Value::Object(values))
    }

    /// What would be wrong after a change. Nothing is changed.
    pub(crate) fn check(&self, patch: &Value) -> Vec<Mistake> {
        match self.draft(patch) {
            Ok((_, looked)) => looked.mistakes().cloned().collect(),
            Err(mistakes) => mistakes,
        }
    }

    /// Makes a change. The file as it was is kept beside it with the time in its name.
    pub(crate) fn change(&self, patch: &Value, now: Timestamp) -> Result<Change, Vec<Mistake>> {
        let before = self.look().walked;
        let (draft, after) = self.draft(patch)?;
        let Some(config) = after.config.clone() else {
            return Err(after.mistakes().cloned().collect());
        };
        let (changed, restart_needed) = difference(&before, &after, &draft.exchanged);
        self.write(&draft, now).map_err(|error| vec![self.unwritable(&error)])?;
        let warnings = after.mistakes().cloned().map(Problem::from).collect();
        Ok(Change { applied: Applied { changed, restart_needed, warnings }, config })
    }

    /// Sets one setting.
    #[cfg(test)]
    pub(crate) fn set(
        &self,
        path: &str,
        value: &Value,
        now: Timestamp,
    ) -> Result<Change, Vec<Mistake>> {
        self.change(&json!({ path: value }), now)
    }

    /// Adds a meter.
    #[cfg(test)]
    pub(crate) fn add_meter(
        &self,
        id: &str,
        settings: &Value,
        now: Timestamp,
    ) -> Result<Change, Vec<Mistake>> {
        let taken = leaves(&self.look().walked).contains_key(&format!("meter.{id}.id"));
        if taken {
            let trouble = Trouble {
                message: format!("there is a meter `{id}` already"),
                remedy: "take another id".to_owned(),
            };
            return Err(vec![Mistake::error(&format!("meter.{id}"), None, trouble)]);
        }
        self.change(&json!({ format!("meter.{id}"): settings }), now)
    }

    /// Takes back a setting, or takes one of several away.
    pub(crate) fn remove(&self, path: &str, now: Timestamp) -> Result<Change, Vec<Mistake>> {
        self.change(&json!({ path: null }), now)
    }

    /// The file without secrets, and the file of secrets with those that stood in the file: for a
    /// backup.
    pub(crate) fn apart(&self) -> Result<(String, Zeroizing<String>), Failure> {
        let cannot = |error: &dyn core::fmt::Display| {
            Failure(format!("{} cannot be used: {error}", self.path.display()))
        };
        let text = fs::read_to_string(&self.path).map_err(|error| cannot(&error))?;
        let (secrets, _) = Secrets::load(&self.secrets(), None);
        let literal = leaves(&walk(&text)).into_iter().filter(|(path, value)| {
            let secret = matches!(target(path), Some(Target::Setting(_, _, setting)) if setting.kind.is_secret());
            secret && value.as_str().is_some_and(|value| reference(value).is_none())
        });
        let patch: serde_json::Map<String, Value> = literal.collect();
        let mut draft = Draft::new(text, secrets);
        draft.apply(&Value::Object(patch));
        if let Some(mistake) = draft.mistakes.first() {
            return Err(cannot(&mistake.line()));
        }
        let mut document = toml_edit::DocumentMut::new();
        for (name, secret) in draft.secrets.own() {
            document.insert(name, toml_edit::value(secret.reveal()));
        }
        Ok((draft.text, Zeroizing::new(document.to_string())))
    }

    /// Puts texts in the places of the file and of the secrets. What was there is kept under
    /// another name. Which files were written, and where what was there is now.
    pub(crate) fn put_back(
        &self,
        text: Option<&str>,
        secrets: Option<&str>,
        now: Timestamp,
    ) -> Result<Vec<(PathBuf, Option<PathBuf>)>, Failure> {
        let mut written = Vec::new();
        let files = [(self.secrets(), secrets, 0o600), (self.path.clone(), text, 0o644)];
        for (path, text, mode) in files {
            let Some(text) = text else { continue };
            let work = || -> io::Result<Option<PathBuf>> {
                if let Some(folder) = path.parent() {
                    fs::create_dir_all(folder)?;
                }
                let aside = path.exists().then(|| keep_copy(&path, &stamp(now))).transpose()?;
                replace::write(&path, text.as_bytes(), mode)?;
                Ok(aside)
            };
            let aside = work().map_err(|error| {
                Failure(format!("{} cannot be written: {error}", path.display()))
            })?;
            written.push((path, aside));
        }
        Ok(written)
    }

    /// Puts the file and the secrets aside.
    pub(crate) fn put_aside(&self, now: Timestamp) -> Result<(), Failure> {
        for file in [self.path.clone(), self.secrets()] {
            if !file.exists() {
                continue;
            }
            let aside = replace::beside(&file, &format!(".{}", stamp(now)));
            fs::rename(&file, &aside).map_err(|error| {
                Failure(format!("{} cannot be put aside: {error}", file.display()))
            })?;
        }
        Ok(())
    }

    fn draft(&self, patch: &Value) -> Result<(Draft, Looked), Vec<Mistake>> {
        let text = match fs::read_to_string(&self.path) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => template(),
            Err(error) => {
                let trouble = Trouble {
                    message: format!("{} cannot be read: {error}", self.path.display()),
                    remedy: "its owner must be the user of the service".to_owned(),
                };
                return Err(vec![Mistake::error("", None, trouble)]);
            }
        };
        let credentials = self.surroundings.credentials.as_deref();
        let (secrets, reports) = Secrets::load(&self.secrets(), credentials);
        let mut draft = Draft::new(text, secrets);
        draft.apply(patch);
        let name = self.path.display().to_string();
        let secrets = draft.secrets.clone();
        let looked = look_at(&draft.text, &name, &secrets, reports, &self.surroundings);
        if any_error(&draft.mistakes) || looked.config.is_none() {
            let mut mistakes = core::mem::take(&mut draft.mistakes);
            for mistake in looked.mistakes() {
                if !mistakes
                    .iter()
                    .any(|known| known.path == mistake.path && known.message == mistake.message)
                {
                    mistakes.push(mistake.clone());
                }
            }
            return Err(mistakes);
        }
        Ok((draft, looked))
    }

    /// Secrets first, so that whatever the file names is there at any moment.
    fn write(&self, draft: &Draft, now: Timestamp) -> io::Result<()> {
        if let Some(folder) = self.path.parent() {
            fs::create_dir_all(folder)?;
        }
        let mut secrets = draft.secrets.clone();
        if !draft.exchanged.is_empty() {
            secrets.save()?;
        }
        let same = fs::read_to_string(&self.path).is_ok_and(|text| text == draft.text);
        if !same {
            if self.path.exists() {
                keep_copy(&self.path, &stamp(now))?;
            }
            replace::write(&self.path, draft.text.as_bytes(), 0o644)?;
        }
        if !draft.forgotten.is_empty() {
            for name in &draft.forgotten {
                secrets.remove(name);
            }
            secrets.save()?;
        }
        Ok(())
    }

    fn unwritable(&self, error: &io::Error) -> Mistake {
        let folder = self.path.parent().unwrap_or_else(|| Path::new("/")).display().to_string();
        let remedy = match error.kind() {
            io::ErrorKind::ReadOnlyFilesystem | io::ErrorKind::PermissionDenied => format!(
                "the user of the service must be allowed to write into {folder}; under systemd, \
                 `ReadWritePaths={folder}`"
            ),
            io::ErrorKind::StorageFull => "make room on the disk".to_owned(),
            _ => String::new(),
        };
        let message = format!("{} cannot be written: {error}", self.path.display());
        Mistake::error("", None, Trouble { message, remedy })
    }
}

/// Writes the default file where it is named or belongs, and returns where. One that is there
/// already is not overwritten unless that is forced; then it is kept under another name.
pub(crate) fn write_default(
    named: Option<&Path>,
    force: bool,
    now: Timestamp,
) -> Result<PathBuf, Failure> {
    let surroundings = Surroundings::of_process();
    let path = surroundings.new_file(named);
    let cannot =
        |error: io::Error| Failure(format!("{} cannot be written: {error}", path.display()));
    if path.exists() {
        if !force {
            return Err(Failure(format!(
                "{} is there already; --force writes a new one and keeps it under another name",
                path.display()
            )));
        }
        let kept = keep_copy(&path, &stamp(now)).map_err(cannot)?;
        tracing::info!(kept = %kept.display(), "the file that was there is kept");
    }
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).map_err(cannot)?;
    }
    replace::write(&path, template().as_bytes(), 0o644).map_err(cannot)?;
    Ok(path)
}

/// What was typed for a setting on a command line, as a value of its kind.
pub(crate) fn typed(path: &str, text: &str) -> Value {
    let kind = match target(path) {
        Some(Target::Setting(_, _, setting)) => Some(setting.kind),
        _ => None,
    };
    match kind {
        Some(Kind::Choices(_) | Kind::Integers { .. } | Kind::Texts(_))
            if !text.starts_with('[') =>
        {
            let items = text.split(',').map(str::trim).filter(|item| !item.is_empty());
            items
                .map(|item| item.parse::<i64>().map_or_else(|_| item.into(), Value::from))
                .collect()
        }
        None | Some(Kind::Choice(_) | Kind::Secret(_) | Kind::Text(_)) => text.into(),
        Some(_) => serde_json::from_str(text).unwrap_or_else(|_| text.into()),
    }
}

impl Mistake {
    /// What is wrong and what to do, on one line.
    pub(crate) fn line(&self) -> String {
        let kind = match self.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
        };
        let path = if self.path.is_empty() { String::new() } else { format!("{}: ", self.path) };
        let remedy =
            if self.remedy.is_empty() { String::new() } else { format!(" ({})", self.remedy) };
        format!("{kind}: {path}{}{remedy}", self.message)
    }
}

/// A moment in the name of a file: `20261120-173000`, in UTC.
pub(super) fn stamp(now: Timestamp) -> String {
    now.strftime("%Y%m%d-%H%M%S").to_string()
}

/// Puts marks in the places of secrets.
pub(super) fn mask(values: &mut serde_json::Map<String, Value>) {
    for section in SECTIONS {
        let keys =
            section.settings.iter().filter(|setting| matches!(setting.kind, Kind::Secret(_)));
        for setting in keys {
            let names: Vec<&str> = section.path.split('.').chain(setting.key.split('.')).collect();
            if let Some((first, rest)) = names.split_first()
                && let Some(value) = values.get_mut(*first)
            {
                mask_below(value, rest);
            }
        }
    }
}

fn mask_below(value: &mut Value, names: &[&str]) {
    match (value, names.split_first()) {
        (Value::Array(parts), _) => {
            for part in parts {
                mask_below(part, names);
            }
        }
        (Value::Object(values), Some((first, rest))) => {
            if let Some(value) = values.get_mut(*first) {
                mask_below(value, rest);
            }
        }
        (value @ Value::String(_), None) => *value = MASK.into(),
        _ => {}
    }
}

#[cfg(test)]
mod tests;
