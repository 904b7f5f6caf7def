//! The office of the administrator: settings, backups and restarts, as the page asks for them.

use std::fmt;
use std::fs::{self, File};
use std::io::{Read, Write};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use hanport_engine::outside::{Administration, Applied, Clock, Failure, Parts, Problem};
use hanport_store::Store;
use serde_json::Value;
use zeroize::Zeroizing;

use crate::backup::{self, restore};
use crate::config::{self, Config, ConfigFile};

/// Told of every change that was made: what holds now, and what is different.
type Changed = Box<dyn Fn(&Config, &Applied) + Send + Sync>;
/// Ends the program in good order and starts it again.
type Restart = Box<dyn Fn() + Send + Sync>;

/// The office. One for the program.
pub(crate) struct Office {
    file: ConfigFile,
    folder: PathBuf,
    store: Arc<Store>,
    clock: Arc<dyn Clock>,
    changed: Changed,
    restart: Restart,
    /// One change, backup or restore at a time.
    desk: Mutex<()>,
}

impl fmt::Debug for Office {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Office").field("file", &self.file).finish_non_exhaustive()
    }
}

impl Office {
    /// The office of a configuration whose data are in `folder`. `changed` is told of every
    /// change after it is on disk, and carries out what needs no restart; `restart` ends the
    /// program so that it is started again.
    pub(crate) fn new(
        file: ConfigFile,
        folder: PathBuf,
        store: Arc<Store>,
        clock: Arc<dyn Clock>,
        changed: impl Fn(&Config, &Applied) + Send + Sync + 'static,
        restart: impl Fn() + Send + Sync + 'static,
    ) -> Self {
        let (changed, restart) = (Box::new(changed), Box::new(restart));
        Self { file, folder, store, clock, changed, restart, desk: Mutex::new(()) }
    }

    fn temporary(&self, name: &str) -> PathBuf {
        self.folder.join(format!("{name}-{}", std::process::id()))
    }
}

impl Administration for Office {
    fn describe(&self) -> Value {
        config::describe()
    }

    fn values(&self) -> Result<Value, Failure> {
        self.file.values()
    }

    fn check(&self, patch: &Value) -> Vec<Problem> {
        self.file.check(patch).into_iter().map(Problem::from).collect()
    }

    fn change(&self, patch: &Value) -> Result<Applied, Vec<Problem>> {
        let _turn = self.desk.lock().unwrap_or_else(PoisonError::into_inner);
        match self.file.change(patch, self.clock.now().timestamp()) {
            Ok(change) => {
                (self.changed)(&change.config, &change.applied);
                Ok(change.applied)
            }
            Err(mistakes) => Err(mistakes.into_iter().map(Problem::from).collect()),
        }
    }

    fn backup(&self, parts: &Parts, into: &mut dyn Write) -> Result<(), Failure> {
        let _turn = self.desk.lock().unwrap_or_else(PoisonError::into_inner);
        let mut content = backup::Content::default();
        if parts.configuration && self.file.path().exists() {
            let (text, secrets) = self.file.apart()?;
            content.configuration = Some(text);
            let passphrase = parts.passphrase.clone().map(Zeroizing::new);
            if passphrase.as_ref().is_some_and(|it| backup::passphrase::is_short(it)) {
                return Err(Failure(backup::passphrase::too_short()));
            }
            content.secrets = passphrase.map(|passphrase| (secrets, passphrase));
        }
        let copy = self.temporary("backup");
        if parts.history {
            self.store.backup(&copy, |_, _| {}).map_err(|error| Failure(error.0))?;
            content.history = Some(copy.clone());
        }
        let written = backup::write(&content, self.clock.now(), into);
        let _ = fs::remove_file(&copy);
        written.map_err(|error| Failure(format!("the backup cannot be written: {error:#}")))
    }

    fn restore(&self, parts: &Parts, from: &mut dyn Read) -> Result<(), Failure> {
        let _turn = self.desk.lock().unwrap_or_else(PoisonError::into_inner);
        let folder = self.temporary("restore");
        let mut work = || -> anyhow::Result<()> {
            let mut taken = restore::take_out(from, &folder)?;
            taken.keep_only(parts.configuration, parts.history);
            if let Some(passphrase) = &parts.passphrase {
                taken.open(passphrase)?;
            }
            taken.wait(&self.folder)
        };
        let done = work();
        let _ = fs::remove_dir_all(&folder);
        done.map_err(|error| Failure(format!("the backup cannot be used: {error:#}")))
    }

    fn reset(&self) -> Result<(), Failure> {
        let _turn = self.desk.lock().unwrap_or_else(PoisonError::into_inner);
        self.file.put_aside(self.clock.now().timestamp())
    }

    fn restart(&self) -> Result<(), Failure> {
        // what waits is on disk before anything else happens
        self.store.flush().map_err(|error| Failure(error.0))?;
        File::open(&self.folder)
            .and_then(|folder| folder.sync_all())
            .map_err(|error| Failure(format!("{}: {error}", self.folder.display())))?;
        (self.restart)();
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use hanport_io::clock::System;
    use hanport_store::Options;
    use serde_json::json;

    use super::*;
    use crate::lock::Lock;

    struct Bed {
        folder: tempfile::TempDir,
        office: Office,
        told: Arc<AtomicUsize>,
    }

    impl Bed {
        fn new() -> Self {
            let folder = tempfile::tempdir().unwrap();
            let data = folder.path().join("data");
            fs::create_dir(&data).unwrap();
            let clock: Arc<dyn Clock> = Arc::new(System);
            let path = data.join(crate::place::HISTORY);
            let store = Store::open(path, Options::default(), Arc::clone(&clock)).unwrap();
            let file = ConfigFile::find(Some(&folder.path().join("hanport.toml")));
            let told = Arc::new(AtomicUsize::new(0));
            let (changed, restarted) = (Arc::clone(&told), Arc::clone(&told));
            let office = Office::new(
                file,
                data,
                Arc::new(store),
                clock,
                move |_, _| {
                    changed.fetch_add(1, Ordering::SeqCst);
                },
                move || {
                    restarted.fetch_add(100, Ordering::SeqCst);
                },
            );
            Self { folder, office, told }
        }

        fn finish(&self) -> bool {
            let data = self.folder.path().join("data");
            let _lock = Lock::take(&data).unwrap();
            restore::finish(&self.office.file, &data).unwrap()
        }
    }

    #[test]
    fn a_change_is_told_once_it_is_made_and_a_wrong_one_is_not() {
        let bed = Bed::new();
        let applied = bed.office.change(&json!({ "site.name": "Hut" })).unwrap();
        assert_eq!(applied.changed, ["site.name"]);
        assert_eq!(bed.office.values().unwrap()["site"]["name"], "Hut");
        let problems = bed.office.change(&json!({ "site.zone": "Oslo" })).unwrap_err();
        assert_eq!(problems[0].path, "site.zone");
        assert_eq!(bed.office.check(&json!({ "site.zone": "Oslo" })), problems);
        assert_eq!(bed.told.load(Ordering::SeqCst), 1);
        bed.office.restart().unwrap();
        assert_eq!(bed.told.load(Ordering::SeqCst), 101);
    }

    #[test]
    fn a_backup_waits_for_the_next_start() {
        let bed = Bed::new();
        let key = "00112233445566778899AABBCCDDEEFF";
        let meter = json!({ "source": { "kind": "stdin" }, "encryption_key": key });
        bed.office.change(&json!({ "meter.main": meter })).unwrap();
        let passphrase = Some("correct horse".to_owned());
        let parts = Parts { configuration: true, history: true, passphrase };
        let mut archive = Vec::new();
        bed.office.backup(&parts, &mut archive).unwrap();
        bed.office.change(&json!({ "meter.main": null })).unwrap();
        assert!(!bed.finish());
        bed.office.restore(&parts, &mut archive.as_slice()).unwrap();
        assert_eq!(bed.office.values().unwrap()["meter"], json!([]));
        bed.office.store.close();
        assert!(bed.finish());
        assert_eq!(bed.office.values().unwrap()["meter"][0]["encryption_key"], "***");
        let secrets = fs::read_to_string(bed.office.file.secrets()).unwrap();
        assert!(secrets.contains(key));
        assert!(!bed.finish());
    }

    #[test]
    fn what_is_no_backup_changes_nothing() {
        let bed = Bed::new();
        let parts = Parts { configuration: true, history: true, passphrase: None };
        let refused = bed.office.restore(&parts, &mut &b"nothing"[..]).unwrap_err();
        assert!(refused.0.contains("the backup cannot be used"), "{refused}");
        assert!(!bed.finish());
        let short = Parts { passphrase: Some("short".to_owned()), ..parts };
        bed.office.change(&json!({ "site.name": "a" })).unwrap();
        assert!(bed.office.backup(&short, &mut Vec::new()).is_err());
    }

    #[test]
    fn a_reset_keeps_what_was_set_under_another_name() {
        let bed = Bed::new();
        bed.office.change(&json!({ "site.name": "Hut" })).unwrap();
        bed.office.reset().unwrap();
        assert_eq!(bed.office.values().unwrap()["site"]["name"], "Home");
        let names = fs::read_dir(bed.folder.path()).unwrap().flatten();
        assert!(
            names
                .into_iter()
                .any(|it| it.file_name().to_string_lossy().starts_with("hanport.toml."))
        );
    }
}
