//! Reads the configuration as a whole.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use hanport_engine::outside::Severity;

use super::meaning::mean;
use super::meant::Config;
use super::mistake::{Mistake, Report};
use super::place::Surroundings;
use super::replace;
use super::secrets::{self, Secrets};
use super::text::Trouble;
use super::walk::{Walked, walk};

/// A configuration that was read.
#[derive(Clone, Debug)]
pub(crate) struct Loaded {
    /// What it means.
    pub(crate) config: Config,
    /// The file; `None` where there is none and the defaults hold.
    pub(crate) file: Option<PathBuf>,
    /// What is not good in it, one text a file; empty where all is well.
    pub(crate) warnings: Vec<Report>,
}

/// A configuration that cannot be used: everything that is wrong with it.
#[derive(Clone, Debug)]
pub(crate) struct Unusable(pub(crate) Vec<Report>);

impl core::fmt::Display for Unusable {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        let texts: Vec<String> = self.0.iter().map(ToString::to_string).collect();
        f.write_str(&texts.join("\n\n"))
    }
}

impl core::error::Error for Unusable {}

/// Reads the configuration that is named on the command line, or the first one that is found.
/// None at all is fine: then the defaults hold.
pub(crate) fn load(named: Option<&Path>) -> Result<Loaded, Unusable> {
    load_in(named, &Surroundings::of_process())
}

/// What holds where nothing is set.
pub(crate) fn defaults() -> Result<Config, Unusable> {
    let looked = look(None, &Surroundings::default());
    looked.config.ok_or(Unusable(looked.reports))
}

/// The same in other surroundings.
pub(crate) fn load_in(
    named: Option<&Path>,
    surroundings: &Surroundings,
) -> Result<Loaded, Unusable> {
    let file = surroundings.file(named);
    let looked = look(file.as_deref(), surroundings);
    match looked.config {
        Some(config) => Ok(Loaded { config, file, warnings: looked.reports }),
        None => Err(Unusable(looked.reports)),
    }
}

/// What was found in the files.
#[derive(Debug)]
pub(crate) struct Looked {
    /// What it means; `None` where there are errors.
    pub(crate) config: Option<Config>,
    /// What stands there.
    pub(crate) walked: Walked,
    /// What is wrong, a report a file.
    pub(crate) reports: Vec<Report>,
}

impl Looked {
    /// Everything that is wrong, of all files.
    pub(crate) fn mistakes(&self) -> impl Iterator<Item = &Mistake> {
        self.reports.iter().flat_map(|report| &report.mistakes)
    }
}

/// The file of secrets beside a configuration.
pub(crate) fn secrets_beside(file: Option<&Path>, surroundings: &Surroundings) -> PathBuf {
    let file = file.map_or_else(|| surroundings.new_file(None), Path::to_owned);
    let real = fs::canonicalize(&file).unwrap_or(file);
    real.with_file_name(secrets::FILE)
}

/// Looks at a file and the secrets beside it.
pub(crate) fn look(file: Option<&Path>, surroundings: &Surroundings) -> Looked {
    let secrets = secrets_beside(file, surroundings);
    let (secrets, mut reports) = Secrets::load(&secrets, surroundings.credentials.as_deref());
    let Some(file) = file else {
        return look_at("", "(defaults)", &secrets, reports, surroundings);
    };
    let name = file.display().to_string();
    match fs::read_to_string(file) {
        Ok(text) => look_at(&text, &name, &secrets, reports, surroundings),
        Err(error) => {
            let trouble = unreadable(file, &error);
            let mistakes = vec![Mistake::error("", None, trouble)];
            reports.insert(0, Report { file: name, text: String::new(), mistakes });
            Looked { config: None, walked: walk(""), reports }
        }
    }
}

/// Looks at a text that is, or would be, in a file.
pub(crate) fn look_at(
    text: &str,
    name: &str,
    secrets: &Secrets,
    mut reports: Vec<Report>,
    surroundings: &Surroundings,
) -> Looked {
    let mut walked = walk(text);
    let (config, more) = mean(&walked, secrets, surroundings);
    let mut mistakes = core::mem::take(&mut walked.mistakes);
    // of a setting that is wrong by itself nothing more is to be said
    let mut wrong: Vec<String> = mistakes.iter().map(|mistake| mistake.path.clone()).collect();
    wrong.extend(walked.assumed.iter().cloned());
    mistakes.extend(more.into_iter().filter(|mistake| !wrong.contains(&mistake.path)));
    if !mistakes.is_empty() {
        let mut report = Report { file: name.to_owned(), text: text.to_owned(), mistakes };
        report.sort();
        reports.insert(0, report);
    }
    let wrong = reports.iter().flat_map(|report| &report.mistakes);
    let usable = wrong.into_iter().all(|mistake| mistake.severity == Severity::Warning);
    Looked { config: config.filter(|_| usable), walked, reports }
}

fn unreadable(file: &Path, error: &io::Error) -> Trouble {
    let remedy = match error.kind() {
        io::ErrorKind::NotFound => {
            format!("`hanport config init --config {}` writes one", file.display())
        }
        io::ErrorKind::PermissionDenied => "run it as the user who owns the file".to_owned(),
        io::ErrorKind::InvalidData => {
            "it holds octets that are no text: save it as UTF-8".to_owned()
        }
        _ => String::new(),
    };
    let message = match error.kind() {
        io::ErrorKind::NotFound => "is not there".to_owned(),
        _ => format!("cannot be read: {error}"),
    };
    Trouble { message, remedy }
}

/// A copy of a file as it is now, with the time in its name: `hanport.toml.20261120-173000`. At
/// most ten are kept.
pub(crate) fn keep_copy(file: &Path, now: &str) -> io::Result<PathBuf> {
    const KEPT: usize = 10;
    let file = fs::canonicalize(file)?;
    let mut copy = replace::beside(&file, &format!(".{now}"));
    let mut again = 1;
    while copy.exists() {
        again += 1;
        copy = replace::beside(&file, &format!(".{now}-{again}"));
    }
    fs::copy(&file, &copy)?;
    let (Some(folder), Some(name)) = (file.parent(), file.file_name().and_then(|it| it.to_str()))
    else {
        return Ok(copy);
    };
    let dated = |candidate: &Path| {
        let rest = candidate.file_name().and_then(|it| it.to_str()?.strip_prefix(name));
        rest.and_then(|rest| rest.strip_prefix('.')).is_some_and(|date| {
            date.len() >= 15 && date.bytes().all(|c| c.is_ascii_digit() || c == b'-')
        })
    };
    let mut copies: Vec<PathBuf> =
        fs::read_dir(folder)?.flatten().map(|entry| entry.path()).filter(|it| dated(it)).collect();
    copies.sort();
    for old in copies.iter().rev().skip(KEPT) {
        let _ = fs::remove_file(old);
    }
    Ok(copy)
}
