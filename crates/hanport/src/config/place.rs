//! Where the configuration and the data are.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use jiff::tz::TimeZone;

/// What the surroundings of the program say.
#[derive(Clone, Debug, Default)]
pub(crate) struct Surroundings {
    /// `$HANPORT_CONFIG`.
    pub(crate) config: Option<PathBuf>,
    /// `$XDG_CONFIG_HOME`, or `.config` in the home.
    pub(crate) config_home: Option<PathBuf>,
    /// `$CREDENTIALS_DIRECTORY`: secrets that systemd gives.
    pub(crate) credentials: Option<PathBuf>,
    /// Whether the program runs as root.
    pub(crate) root: bool,
    /// `$STATE_DIRECTORY`: the folder that systemd gives.
    pub(crate) state: Option<PathBuf>,
    /// `$XDG_STATE_HOME`, or `.local/state` in the home.
    pub(crate) state_home: Option<PathBuf>,
    /// The working folder.
    pub(crate) here: PathBuf,
    /// The time zone of this machine; UTC stands for none.
    pub(crate) zone: Option<TimeZone>,
}

impl Surroundings {
    /// Those of this process.
    pub(crate) fn of_process() -> Self {
        let root = rustix::process::geteuid().is_root();
        let here = std::env::current_dir().unwrap_or_default();
        let zone = Some(TimeZone::system());
        Self { zone, ..Self::of(|name| std::env::var_os(name), root, here) }
    }

    fn of(variable: impl Fn(&str) -> Option<OsString>, root: bool, here: PathBuf) -> Self {
        let path = |name: &str| variable(name).filter(|it| !it.is_empty()).map(PathBuf::from);
        // a path that is not whole is to be passed over, as the XDG directories have it
        let whole = |name: &str| path(name).filter(|it| it.is_absolute());
        let home = whole("HOME");
        let in_home = |below: &str| home.as_ref().map(|home| home.join(below));
        Self {
            config: path("HANPORT_CONFIG"),
            config_home: whole("XDG_CONFIG_HOME").or_else(|| in_home(".config")),
            credentials: whole("CREDENTIALS_DIRECTORY"),
            root,
            // systemd gives several, apart by colons; the first one is the one of the service
            state: path("STATE_DIRECTORY").and_then(|it| {
                let first = it.to_str()?.split(':').next()?.to_owned();
                Some(PathBuf::from(first))
            }),
            state_home: whole("XDG_STATE_HOME").or_else(|| in_home(".local/state")),
            here,
            zone: None,
        }
    }

    /// Where the file is looked for, first the one that is named.
    pub(crate) fn candidates(&self) -> Vec<PathBuf> {
        let mut candidates = vec![self.here.join("hanport.toml")];
        candidates.extend(self.config_home.as_ref().map(|home| home.join("hanport/hanport.toml")));
        candidates.push("/etc/hanport/hanport.toml".into());
        candidates
    }

    /// The file: the one that is named, also where it is not there; else the first one that is
    /// there.
    pub(crate) fn file(&self, named: Option<&Path>) -> Option<PathBuf> {
        if let Some(named) = named.or(self.config.as_deref()) {
            return Some(self.here.join(named));
        }
        self.candidates().into_iter().find(|file| file.is_file())
    }

    /// Where a new file belongs.
    pub(crate) fn new_file(&self, named: Option<&Path>) -> PathBuf {
        if let Some(named) = named.or(self.config.as_deref()) {
            return self.here.join(named);
        }
        match &self.config_home {
            Some(home) if !self.root => home.join("hanport/hanport.toml"),
            _ => "/etc/hanport/hanport.toml".into(),
        }
    }

    /// The folder of the data where none is named.
    pub(crate) fn data_folder(&self) -> PathBuf {
        match (&self.state, &self.state_home) {
            (Some(state), _) => state.clone(),
            (None, Some(home)) if !self.root => home.join("hanport"),
            (None, _) => "/var/lib/hanport".into(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn surroundings(variables: &[(&str, &str)], root: bool, here: &Path) -> Surroundings {
        let find = |name: &str| {
            variables.iter().find(|(known, _)| *known == name).map(|(_, value)| value.into())
        };
        Surroundings::of(find, root, here.to_owned())
    }

    #[test]
    fn what_is_named_is_taken_and_else_the_first_file_that_is_there() {
        let here = tempfile::tempdir().unwrap();
        let home = tempfile::tempdir().unwrap();
        let variables = [("HOME", home.path().to_str().unwrap())];
        let it = surroundings(&variables, false, here.path());
        assert_eq!(it.file(Some(Path::new("a.toml"))), Some(here.path().join("a.toml")));
        let below = home.path().join(".config/hanport");
        std::fs::create_dir_all(&below).unwrap();
        std::fs::write(below.join("hanport.toml"), "").unwrap();
        assert_eq!(it.file(None), Some(below.join("hanport.toml")));
        std::fs::write(here.path().join("hanport.toml"), "").unwrap();
        assert_eq!(it.file(None), Some(here.path().join("hanport.toml")));
        let named = surroundings(&[("HANPORT_CONFIG", "/b.toml")], false, here.path());
        assert_eq!(named.file(None), Some("/b.toml".into()));
    }

    #[test]
    fn data_goes_where_the_system_wants_it() {
        let here = Path::new("/");
        let home = ("HOME", "/users/a");
        let folder =
            |variables: &[(&str, &str)], root| surroundings(variables, root, here).data_folder();
        assert_eq!(folder(&[home, ("STATE_DIRECTORY", "/s:/t")], false), Path::new("/s"));
        assert_eq!(folder(&[home], true), Path::new("/var/lib/hanport"));
        assert_eq!(folder(&[home], false), Path::new("/users/a/.local/state/hanport"));
        let relative = [home, ("XDG_STATE_HOME", "x")];
        assert_eq!(folder(&relative, false), Path::new("/users/a/.local/state/hanport"));
        assert_eq!(folder(&[], false), Path::new("/var/lib/hanport"));
    }
}
