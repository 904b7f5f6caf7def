//! `hanport config` on real files.
#![allow(clippy::unwrap_used, reason = "a test ends at what it did not expect")]

mod program;

use std::fs;

use program::{complained, hanport, said};
use tempfile::TempDir;

/// A folder with a file of settings in it.
struct Folder(TempDir);

impl Folder {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn file(&self) -> String {
        self.0.path().join("hanport.toml").to_str().unwrap().to_owned()
    }

    fn run(&self, arguments: &[&str]) -> (Option<i32>, String) {
        let file = self.file();
        let all = [&["config", "--config", &file], arguments].concat();
        let output = hanport(&all, b"00112233445566778899AABBCCDDEEFF\n");
        (output.status.code(), said(&output) + &complained(&output))
    }
}

#[test]
fn a_new_file_is_right_and_is_not_overwritten() {
    let folder = Folder::new();
    assert_eq!(folder.run(&["init"]), (Some(0), format!("{}\n", folder.file())));
    let (code, said) = folder.run(&["check"]);
    assert_eq!(code, Some(0), "{said}");
    let (code, said) = folder.run(&["init"]);
    assert_eq!(code, Some(1));
    assert!(said.contains("is there already"), "{said}");
    assert_eq!(folder.run(&["init", "--force"]).0, Some(0));
    assert_eq!(fs::read_dir(folder.0.path()).unwrap().count(), 2);
}

#[test]
fn mistakes_are_explained_and_counted() {
    let folder = Folder::new();
    fs::write(folder.file(), "[site]\nzone = \"Europe/Olso\"\n[web]\nlistn = 5\n").unwrap();
    let (code, said) = folder.run(&["check"]);
    assert_eq!(code, Some(1));
    assert!(said.contains("hanport.toml:2:8: error: there is no time zone"), "{said}");
    assert!(said.contains("hanport.toml:4:1: error: there is no setting `listn`"), "{said}");
    assert!(said.contains("= did you mean `listen`?") && said.contains("2 mistakes"), "{said}");
}

#[test]
fn a_file_that_is_not_there_is_a_mistake_where_it_was_named() {
    let folder = Folder::new();
    let (code, said) = folder.run(&["check"]);
    assert_eq!(code, Some(1));
    assert!(said.contains("is not there") && said.contains("config init"), "{said}");
}

#[test]
fn settings_are_changed_and_shown_and_secrets_are_not() {
    let folder = Folder::new();
    let (code, said) = folder.run(&[
        "set",
        "site.zone=Europe/Oslo",
        "meter.main.source.kind=tcp",
        "meter.main.source.connect=192.0.2.1:2000",
    ]);
    assert_eq!(code, Some(0), "{said}");
    let (code, said) = folder.run(&["set", "meter.main.encryption_key=-"]);
    assert_eq!(code, Some(0), "{said}");
    let (code, said) = folder.run(&["show"]);
    assert_eq!(code, Some(0), "{said}");
    for line in [
        "site.zone = \"Europe/Oslo\"\n",
        "meter.main.source.connect = \"192.0.2.1:2000\"\n",
        "meter.main.encryption_key = \"***\"\n",
        "web.listen = [\"[::]:8080\"]\n",
    ] {
        assert!(said.contains(line), "{line} is not in {said}");
    }
    assert!(!fs::read_to_string(folder.file()).unwrap().contains("00112233"));
    let (code, said) = folder.run(&["unset", "meter.main"]);
    assert_eq!(code, Some(0), "{said}");
    assert!(folder.run(&["show"]).1.contains("meter = []"));
    let (code, said) = folder.run(&["set", "site.zone=Oslo"]);
    assert_eq!(code, Some(1));
    assert!(said.contains("did you mean `Europe/Oslo`?"), "{said}");
}

#[test]
fn the_files_in_use_are_told() {
    let folder = Folder::new();
    let (code, said) = folder.run(&["path"]);
    assert_eq!(code, Some(0));
    assert!(said.contains(&format!("{} (not there)", folder.file())), "{said}");
    assert!(said.contains("secrets.toml (not there)"), "{said}");
}
