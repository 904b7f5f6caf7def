//! Changes on real files.

use std::os::unix::fs::PermissionsExt as _;

use super::*;

struct Folder {
    folder: tempfile::TempDir,
    file: ConfigFile,
}

const KEY: &str = "00112233445566778899AABBCCDDEEFF";

impl Folder {
    fn new(text: Option<&str>) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("hanport.toml");
        if let Some(text) = text {
            fs::write(&path, text).unwrap();
        }
        Self { file: ConfigFile::new(path, Surroundings::default()), folder }
    }

    fn text(&self) -> String {
        fs::read_to_string(self.file.path()).unwrap()
    }

    fn secrets(&self) -> String {
        fs::read_to_string(self.file.secrets()).unwrap_or_default()
    }

    fn change(&self, patch: &Value) -> Result<Change, Vec<String>> {
        let made = self.file.change(patch, "2026-11-20T17:30:00Z".parse().unwrap());
        made.map_err(|mistakes| mistakes.iter().map(Mistake::line).collect())
    }

    fn copies(&self) -> usize {
        let names = fs::read_dir(self.folder.path()).unwrap().flatten();
        names.filter(|name| name.file_name().to_string_lossy().contains(".toml.2026")).count()
    }
}

#[test]
fn the_first_change_writes_the_default_file_with_it() {
    let it = Folder::new(None);
    let done = it.change(&json!({ "site.zone": "Europe/Oslo" })).expect("it can be done");
    assert_eq!(done.applied.changed, ["site.zone"]);
    assert_eq!(done.applied.restart_needed, ["site.zone"]);
    assert_eq!(done.config.site.currency, "NOK");
    assert!(it.text() == template().replacen("#zone = \"auto\"", "zone = \"Europe/Oslo\"", 1));
    assert_eq!(it.copies(), 0);
}

#[test]
fn a_change_keeps_comments_and_the_file_as_it_was() {
    let text = "# ours\n[site]\nzone = \"Europe/Oslo\" # Norway\n\n[[meter]]\nid = \"main\"\nsource.kind = \"stdin\" # for now\n";
    let it = Folder::new(Some(text));
    let done =
        it.change(&json!({ "meter": { "main": { "fuse_a": 63 } }, "site": { "name": "Hut" } }));
    assert_eq!(done.unwrap().applied.changed, ["meter.main.fuse_a", "site.name"]);
    assert_eq!(
        it.text(),
        "# ours\n[site]\nzone = \"Europe/Oslo\" # Norway\nname = \"Hut\"\n\n[[meter]]\nid = \"main\"\nsource.kind = \"stdin\" # for now\nfuse_a = 63\n"
    );
    assert_eq!(it.copies(), 1);
    it.change(&json!({ "meter.main.fuse_a": null, "site.name": null })).unwrap();
    assert_eq!(it.file.look().config.unwrap().meters[0].settings.fuse_a, None);
    assert_eq!(it.copies(), 2);
}

#[test]
fn all_of_a_change_is_made_or_none() {
    let it = Folder::new(Some("[site]\nname = \"a\"\n"));
    let wrong =
        it.change(&json!({ "site.name": "b", "site.zone": "Europe/Olso", "web.acces": "x" }));
    let wrong = wrong.unwrap_err();
    assert_eq!(wrong.len(), 2, "{wrong:?}");
    assert_eq!(
        wrong[0],
        "error: web.acces: there is no setting `web.acces` (did you mean `web.access`?)"
    );
    assert!(wrong[1].contains("did you mean `Europe/Oslo`?"), "{wrong:?}");
    assert_eq!(it.text(), "[site]\nname = \"a\"\n");
    assert_eq!(it.copies(), 0);
}

#[test]
fn secrets_go_into_their_own_file_and_are_never_shown() {
    let it = Folder::new(None);
    let meter = json!({ "source": { "kind": "stdin" }, "encryption_key": KEY });
    let done = it.file.add_meter("main", &meter, Timestamp::UNIX_EPOCH).expect("it can be done");
    assert!(done.applied.changed.contains(&"meter.main.encryption_key".to_owned()));
    assert!(done.applied.restart_needed.contains(&"meter.main.id".to_owned()));
    assert!(!it.text().contains(KEY));
    assert!(it.text().contains("encryption_key = \"secret:main-encryption-key\""));
    assert!(it.secrets().contains(&format!("main-encryption-key = \"{KEY}\"")));
    let mode = fs::metadata(it.file.secrets()).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode, 0o600);
    assert_eq!(it.file.values().unwrap()["meter"][0]["encryption_key"], "***");
    // a form sends back what it was shown
    let text = it.text();
    it.change(&json!({ "meter.main.encryption_key": "***" })).unwrap();
    assert_eq!(it.text(), text);
    // another one under the same name
    let other = KEY.replace('F', "E");
    let done = it.change(&json!({ "meter.main.encryption_key": other })).unwrap();
    assert_eq!(done.applied.changed, ["meter.main.encryption_key"]);
    assert!(it.secrets().contains(&other) && !it.secrets().contains(KEY));
    // gone with the meter
    it.file.remove("meter.main", Timestamp::UNIX_EPOCH).unwrap();
    assert!(!it.secrets().contains(&other));
    assert!(it.file.look().config.unwrap().meters.is_empty());
}

#[test]
fn a_key_that_is_none_is_refused_and_not_shown() {
    let it = Folder::new(Some("[[meter]]\nid = \"a\"\nsource.kind = \"stdin\"\n"));
    let short = &KEY[..31];
    let wrong = it.change(&json!({ "meter.a.encryption_key": short })).unwrap_err();
    assert_eq!(
        wrong,
        ["error: meter.a.encryption_key: one character short: 31 of 32 (copy the key once more)"]
    );
    assert_eq!(it.secrets(), "");
}

#[test]
fn a_list_is_exchanged_as_a_whole() {
    let it = Folder::new(None);
    let modifiers = json!([
        { "name": "VAT", "kind": "percent", "value": 25 },
        { "name": "Fee", "kind": "add", "value": 0.0125, "hours": [6, 7], "from": null },
    ]);
    let done = it.change(&json!({ "price.modifier": modifiers })).expect("it can be done");
    let [vat, fee] = done.config.price.formula.rows.as_slice() else {
        panic!("{:?}", done.config.price)
    };
    assert_eq!((vat.value, fee.value), (25_000_000, 12_500));
    assert_eq!(fee.when.hours.clock_hours().count(), 2);
    it.change(&json!({ "price.modifier.2.value": -1.5 })).unwrap();
    assert_eq!(it.file.look().config.unwrap().price.formula.rows[1].value, -1_500_000);
    it.change(&json!({ "price.modifier": [] })).unwrap();
    assert!(it.file.look().config.unwrap().price.formula.rows.is_empty());
}

#[test]
fn changing_the_kind_of_a_source_takes_one_patch() {
    let it = Folder::new(Some(
        "[[meter]]\nid = \"a\"\nsource.kind = \"tcp\"\nsource.connect = \"h:1\"\n",
    ));
    let patch = json!({ "meter.a.source": { "kind": "simulator", "meter": "aidon-no" }, "meter.a.source.connect": null });
    let done = it.change(&patch).expect("it can be done");
    assert_eq!(done.applied.warnings, []);
    assert!(it.text().contains("source.kind = \"simulator\""), "{}", it.text());
}

#[test]
fn a_folder_that_cannot_be_written_says_so() {
    let it = Folder::new(Some("[site]\nname = \"a\"\n"));
    let file =
        ConfigFile::new(it.folder.path().join("hanport.toml/below.toml"), Surroundings::default());
    let wrong = file.set("site.name", &json!("b"), Timestamp::UNIX_EPOCH).unwrap_err();
    assert!(wrong[0].message.contains("below.toml cannot be"), "{wrong:?}");
}

#[test]
fn putting_aside_leaves_the_defaults() {
    let it = Folder::new(Some("[site]\nname = \"a\"\n"));
    it.file.put_aside("2026-11-20T17:30:00Z".parse().unwrap()).unwrap();
    assert!(!it.file.path().exists());
    assert_eq!(it.copies(), 1);
    assert_eq!(it.file.look().config.unwrap().site.name, "Home");
}
