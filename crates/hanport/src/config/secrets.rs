//! Secrets: passwords and keys, in a file of their own that only its owner may read, and never
//! printed.
//!
//! ```toml
//! # secrets.toml
//! main-key = "00112233445566778899AABBCCDDEEFF"
//! ```
//!
//! The main file names them: `encryption_key = "secret:main-key"`. Where systemd gives the program
//! credentials, one called `secrets.toml` is read as well; it is believed where both have a name.

use core::fmt;
use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use toml::de::DeTable;
use zeroize::Zeroizing;

use super::mistake::{Mistake, Report};
use super::nearest::nearest;
use super::replace;
use super::text::Trouble;

/// The name of the file.
pub(crate) const FILE: &str = "secrets.toml";

/// What stands for a secret that is set and not to be shown.
pub(crate) const MASK: &str = "***";

const HEAD: &str =
    "# Passwords and keys of hanport. Only the user of the service may read this file.\n";

/// A text that is never printed, and wiped when dropped.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Secret(Zeroizing<String>);

impl Secret {
    /// Keeps a text.
    pub(crate) fn new(text: String) -> Self {
        Self(Zeroizing::new(text))
    }

    /// The text, for whoever must show it to a server.
    pub(crate) fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(..)")
    }
}

/// The name in `secret:NAME`; `None` where the text is something else.
pub(crate) fn reference(text: &str) -> Option<Result<&str, Trouble>> {
    let name = text.strip_prefix("secret:")?;
    let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
    Some(if !name.is_empty() && name.len() <= 64 && name.chars().all(fits) {
        Ok(name)
    } else {
        Err(Trouble {
            message: "this is no name of a secret".to_owned(),
            remedy: "up to 64 letters, digits, `-` and `_`, such as `secret:main-key`".to_owned(),
        })
    })
}

/// The secrets of a configuration.
#[derive(Clone, Debug, Default)]
pub(crate) struct Secrets {
    path: PathBuf,
    own: BTreeMap<String, Secret>,
    credentials: BTreeMap<String, Secret>,
}

impl Secrets {
    /// Reads the file beside a configuration, and the credentials that systemd gives. A file that
    /// is not there holds no secrets. Mistakes are told; what is right is taken all the same.
    pub(crate) fn load(path: &Path, credentials: Option<&Path>) -> (Self, Vec<Report>) {
        let (own, report) = read(path, true);
        let (given, second) = match credentials {
            Some(folder) => read(&folder.join(FILE), false),
            None => (BTreeMap::new(), None),
        };
        let secrets = Self { path: path.to_owned(), own, credentials: given };
        (secrets, [report, second].into_iter().flatten().collect())
    }

    /// Where the file is, or would be.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// The secret of a name.
    pub(crate) fn get(&self, name: &str) -> Option<&Secret> {
        self.credentials.get(name).or_else(|| self.own.get(name))
    }

    /// What a text stands for: the secret it names, or itself.
    pub(crate) fn resolve(&self, text: &str) -> Result<Secret, Trouble> {
        let Some(name) = reference(text) else {
            return Ok(Secret::new(text.to_owned()));
        };
        let name = name?;
        self.get(name).cloned().ok_or_else(|| {
            let names = self.own.keys().chain(self.credentials.keys()).map(String::as_str);
            Trouble {
                message: format!("there is no secret `{name}`"),
                remedy: match nearest(name, names) {
                    Some(it) => format!("did you mean `secret:{it}`?"),
                    None => format!("write `{name} = \"...\"` into {}", self.path.display()),
                },
            }
        })
    }

    /// Keeps a secret under a name; written with [`save`](Self::save).
    pub(crate) fn put(&mut self, name: &str, secret: Secret) {
        self.own.insert(name.to_owned(), secret);
    }

    /// Forgets a secret.
    pub(crate) fn remove(&mut self, name: &str) {
        self.own.remove(name);
    }

    /// The secrets of the file.
    pub(crate) fn own(&self) -> impl Iterator<Item = (&str, &Secret)> {
        self.own.iter().map(|(name, secret)| (name.as_str(), secret))
    }

    /// Writes the file in one go; only its owner may read it. Comments in it stay.
    pub(crate) fn save(&self) -> io::Result<()> {
        let before = match fs::read_to_string(&self.path) {
            Ok(text) => Zeroizing::new(text),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                Zeroizing::new(HEAD.to_owned())
            }
            Err(error) => return Err(error),
        };
        let mut document: toml_edit::DocumentMut =
            before.parse().map_err(|_| io::Error::other("the file of secrets is damaged"))?;
        let gone: Vec<String> = document
            .iter()
            .map(|(name, _)| name.to_owned())
            .filter(|name| !self.own.contains_key(name))
            .collect();
        for name in gone {
            document.remove(&name);
        }
        for (name, secret) in &self.own {
            let same = document.get(name).and_then(toml_edit::Item::as_str);
            if same != Some(secret.reveal()) {
                document.insert(name, toml_edit::value(secret.reveal()));
            }
        }
        let text = Zeroizing::new(document.to_string());
        replace::write(&self.path, text.as_bytes(), 0o600)
    }
}

fn read(path: &Path, strict: bool) -> (BTreeMap<String, Secret>, Option<Report>) {
    let report = |text: &str, mistakes: Vec<Mistake>| {
        let file = path.display().to_string();
        (!mistakes.is_empty()).then(|| Report { file, text: text.to_owned(), mistakes })
    };
    let text = match fs::read_to_string(path) {
        Ok(text) => Zeroizing::new(text),
        Err(error) if error.kind() == io::ErrorKind::NotFound => return (BTreeMap::new(), None),
        Err(error) => {
            let trouble = Trouble {
                message: format!("cannot be read: {error}"),
                remedy: "the user of the service must own it: `chown` gives it over".to_owned(),
            };
            return (BTreeMap::new(), report("", vec![Mistake::error("", None, trouble)]));
        }
    };
    let mut mistakes = Vec::new();
    let mode = fs::metadata(path).map_or(0, |metadata| metadata.permissions().mode() & 0o777);
    if strict && mode & 0o077 != 0 {
        let trouble = Trouble {
            message: format!("others may read it: its mode is {mode:03o}"),
            remedy: format!("`chmod 600 {}`", path.display()),
        };
        mistakes.push(Mistake::error("", None, trouble));
    }
    let (document, errors) = DeTable::parse_recoverable(&text);
    for error in errors {
        let trouble = Trouble {
            message: error.message().to_owned(),
            remedy: "one secret a line: name = \"...\"".to_owned(),
        };
        mistakes.push(Mistake::error("", error.span(), trouble));
    }
    let mut secrets = BTreeMap::new();
    for (name, value) in document.get_ref() {
        let key: &str = name.get_ref();
        match (value.get_ref().as_str(), reference(&format!("secret:{key}"))) {
            (_, Some(Err(trouble))) => {
                mistakes.push(Mistake::error(key, Some(name.span()), trouble));
            }
            (Some(text), _) => {
                secrets.insert(key.to_owned(), Secret::new(text.to_owned()));
            }
            (None, _) => {
                let trouble = Trouble {
                    message: format!("the secret `{key}` is no text"),
                    remedy: "put quotation marks around it".to_owned(),
                };
                mistakes.push(Mistake::error(key, Some(name.span()), trouble));
            }
        }
    }
    // nothing of the text itself is kept: what is wrong is said without showing the line
    let lines: String = text.chars().map(|c| if c == '\n' || c == '=' { c } else { '*' }).collect();
    (secrets, report(&blank_values(&text, &lines), mistakes))
}

/// The text with only the names left of it.
fn blank_values(text: &str, hidden: &str) -> String {
    let lines = text.lines().zip(hidden.lines()).map(|(line, hidden)| match line.split_once('=') {
        Some((name, _)) => {
            let value: String = hidden.chars().skip(name.chars().count()).collect();
            format!("{name}{value}")
        }
        None => hidden.to_owned(),
    });
    lines.collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(text: &str, mode: u32) -> (tempfile::TempDir, PathBuf) {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join(FILE);
        fs::write(&path, text).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
        (folder, path)
    }

    #[test]
    fn secrets_are_found_by_name_and_never_printed() {
        let (_folder, path) = file("main-key = \"abc\"\n", 0o600);
        let (secrets, reports) = Secrets::load(&path, None);
        assert!(reports.is_empty());
        assert_eq!(secrets.resolve("secret:main-key").unwrap().reveal(), "abc");
        assert_eq!(secrets.resolve("literal").unwrap().reveal(), "literal");
        assert!(!format!("{secrets:?}").contains("abc"));
        let missing = secrets.resolve("secret:man-key").unwrap_err();
        assert_eq!(missing.remedy, "did you mean `secret:main-key`?");
        assert!(secrets.resolve("secret:a b").is_err());
    }

    #[test]
    fn a_file_that_others_may_read_is_a_mistake() {
        let (_folder, path) = file("a = \"b\"\n", 0o640);
        let (_, reports) = Secrets::load(&path, None);
        let shown = reports.first().expect("a report").to_string();
        assert!(shown.contains("its mode is 640") && shown.contains("chmod 600"), "{shown}");
    }

    #[test]
    fn a_damaged_file_is_explained_without_showing_what_is_in_it() {
        let (_folder, path) = file("a = \"hunter2\nb = geheim\nc = 5\n", 0o600);
        let (_, reports) = Secrets::load(&path, None);
        let shown = reports.first().expect("a report").to_string();
        assert!(!shown.contains("hunter2") && !shown.contains("geheim"), "{shown}");
        assert!(shown.contains("secrets.toml:1:"), "{shown}");
    }

    #[test]
    fn saving_keeps_comments_and_closes_the_file_to_others() {
        let (_folder, path) = file("# mine\na = \"1\"\nold = \"2\"\n", 0o600);
        let (mut secrets, _) = Secrets::load(&path, None);
        secrets.put("b", Secret::new("3".into()));
        secrets.remove("old");
        secrets.save().unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "# mine\na = \"1\"\nb = \"3\"\n");
        let mode = fs::metadata(&path).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode, 0o600);
    }

    #[test]
    fn what_systemd_gives_is_believed_first() {
        let (_folder, path) = file("a = \"1\"\n", 0o600);
        let (given, _) = file("a = \"2\"\nb = \"3\"\n", 0o440);
        let (secrets, reports) = Secrets::load(&path, Some(given.path()));
        assert!(reports.is_empty());
        assert_eq!(secrets.resolve("secret:a").unwrap().reveal(), "2");
        assert_eq!(secrets.resolve("secret:b").unwrap().reveal(), "3");
    }
}
