//! From what was typed to what is meant: the only way to a [`Config`].
//!
//! Every value alone is right by now. Here it is seen how they fit together: two meters at one
//! port, a broker that is not there, a secret that nobody wrote down, a file that cannot be read.

mod broker;
mod meter;
mod money;
mod site;

use core::ops::Range;
use std::fs::File;
use std::path::Path;

use hanport_core::cipher::key::Key;
use serde_json::Number;

use super::meant::Config;
use super::mistake::Mistake;
use super::place::Surroundings;
use super::raw::RawConfig;
use super::secrets::{Secret, Secrets, reference};
use super::text::{self, Trouble};
use super::walk::{Walked, scaled};

/// What a file means. `None` where it has errors; there may be warnings in any case.
pub(crate) fn mean(
    walked: &Walked,
    secrets: &Secrets,
    surroundings: &Surroundings,
) -> (Option<Config>, Vec<Mistake>) {
    let mut meaning = Meaning { walked, secrets, surroundings, mistakes: Vec::new() };
    let config = match RawConfig::of(&walked.values) {
        Ok(raw) => Some(meaning.whole(&raw)),
        Err(error) => {
            // the table and the fields disagree, which a test forbids
            meaning.error("", error.to_string(), "this is a fault of hanport: please report it");
            None
        }
    };
    (config, meaning.mistakes)
}

struct Meaning<'m> {
    walked: &'m Walked,
    secrets: &'m Secrets,
    surroundings: &'m Surroundings,
    mistakes: Vec<Mistake>,
}

impl Meaning<'_> {
    fn whole(&mut self, raw: &RawConfig) -> Config {
        let site = self.site(&raw.site);
        let web = self.web(&raw.web);
        let meters = self.meters(&raw.meter);
        let brokers = self.brokers(&raw.mqtt, &site.reader);
        self.listeners(&web, &meters);
        Config {
            data: self.data(&raw.data),
            log: site::log(&raw.log),
            price: self.price(&raw.price, site.country.as_deref()),
            tariff: self.tariff(&raw.tariff),
            page: site::page(&raw.page),
            site,
            web,
            meters,
            brokers,
        }
    }

    fn error(&mut self, path: &str, message: impl Into<String>, remedy: impl Into<String>) {
        let trouble = Trouble { message: message.into(), remedy: remedy.into() };
        let span = self.span(path);
        self.mistakes.push(Mistake::error(path, span, trouble));
    }

    fn warn(&mut self, path: &str, message: impl Into<String>, remedy: impl Into<String>) {
        let trouble = Trouble { message: message.into(), remedy: remedy.into() };
        let span = self.span(path);
        self.mistakes.push(Mistake::warning(path, span, trouble));
    }

    /// Where a setting stands, or else the part of the file it would stand in.
    fn span(&self, path: &str) -> Option<Range<usize>> {
        let mut path = path;
        loop {
            if let Some(span) = self.walked.spans.get(path) {
                return Some(span.clone());
            }
            path = path.rsplit_once('.')?.0;
        }
    }

    /// What a part of a section is called, by its place among them.
    fn part(&self, section: &'static str, at: usize) -> String {
        let parts = self.walked.parts.get(section);
        let path = parts.and_then(|parts| parts.get(at)).cloned();
        path.unwrap_or_else(|| format!("{section}.{}", at + 1))
    }

    /// A secret, from the file of secrets or as it was typed.
    fn secret(&mut self, path: &str, typed: Option<&str>) -> Option<Secret> {
        let typed = typed?;
        if reference(typed).is_none() {
            let name = suggested_name(path);
            self.warn(
                path,
                "a secret stands readable in this file",
                format!(
                    "write `\"secret:{name}\"` here, and `{name} = \"...\"` into {}",
                    self.secrets.path().display()
                ),
            );
        }
        match self.secrets.resolve(typed) {
            Ok(secret) => Some(secret),
            Err(Trouble { message, remedy }) => {
                self.error(path, message, remedy);
                None
            }
        }
    }

    /// A key of a meter.
    fn key(&mut self, path: &str, typed: Option<&str>) -> Option<Key> {
        let secret = self.secret(path, typed)?;
        match text::key(secret.reveal()) {
            Ok(key) => Some(key),
            Err(Trouble { message, remedy }) => {
                self.error(path, message, remedy);
                None
            }
        }
    }

    /// Says when a file that is needed cannot be read.
    fn readable(&mut self, path: &str, file: &Path) {
        let trouble = match File::open(file).and_then(|file| file.metadata()) {
            Ok(metadata) if metadata.is_dir() => "it is a folder".to_owned(),
            Ok(_) => return,
            Err(error) => match error.kind() {
                std::io::ErrorKind::NotFound => "it is not there".to_owned(),
                std::io::ErrorKind::PermissionDenied => {
                    "this user may not read it; the service may, if it is another user".to_owned()
                }
                _ => error.to_string(),
            },
        };
        let message = format!("{} cannot be read: {trouble}", file.display());
        self.error(path, message, "name a file that can be read, or take the line away");
    }
}

/// The name under which a secret is put away: `meter.main.encryption_key` becomes
/// `main-encryption-key`.
pub(super) fn suggested_name(path: &str) -> String {
    let path = path.strip_prefix("meter.").unwrap_or(path);
    path.replace(['.', '_'], "-")
}

/// A number in units of its last decimal.
fn in_units(number: &Number, places: u8) -> i64 {
    scaled(&number.to_string(), places).unwrap_or(0)
}

#[cfg(test)]
mod tests;
