//! `hanport export` and `hanport import` on real histories.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test ends at what it did not expect"
)]

mod program;

use std::fs;
use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::sync::Arc;
use std::thread;

use hanport_core::number::Number;
use hanport_core::quantity::{Measure, Quantity};
use hanport_engine::energy::{Edges, Interval, Quality, QuarterHour, Register, Standing};
use hanport_engine::outside::{Archive as _, Record};
use hanport_engine::time::UtcMillis;
use hanport_io::clock::System;
use hanport_store::{Options, Store};
use program::{complained, hanport, said};
use tempfile::TempDir;

/// A site on the disk: a file of settings and a data folder.
struct Site(TempDir);

impl Site {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let text = format!(
            "[site]\nzone = \"Europe/Oslo\"\n[data]\nfolder = \"{}\"\n",
            folder.path().join("data").display()
        );
        fs::write(folder.path().join("hanport.toml"), text).unwrap();
        fs::create_dir(folder.path().join("data")).unwrap();
        Self(folder)
    }

    fn store(&self) -> Store {
        let path = self.0.path().join("data/hanport.db");
        Store::open(path, Options::default(), Arc::new(System)).unwrap()
    }

    fn run(&self, arguments: &[&str], input: &[u8]) -> (Option<i32>, String, String) {
        let config = self.0.path().join("hanport.toml").to_str().unwrap().to_owned();
        let (command, rest) = arguments.split_first().unwrap();
        let output = hanport(&[&[*command, "--config", &config], rest].concat(), input);
        (output.status.code(), said(&output), complained(&output))
    }

    fn export(&self, arguments: &[&str]) -> String {
        let (code, said, complained) = self.run(&[&["export"], arguments].concat(), b"");
        assert_eq!(code, Some(0), "{complained}");
        said
    }
}

fn at(text: &str) -> UtcMillis {
    text.parse::<jiff::Timestamp>().unwrap().into()
}

fn interval(start: UtcMillis, wh: i64, quality: Quality) -> Interval {
    Interval {
        register: Register::ActiveImport,
        quarter: QuarterHour::containing(start),
        wh,
        quality,
        standing: Standing::Settled,
        edges: Edges::default(),
    }
}

/// Two hours of samples every ten seconds, and the quarter-hours of a day of 25 hours.
fn filled() -> Site {
    let site = Site::new();
    let store = site.store();
    let start = at("2026-10-25T10:00:00Z");
    for step in 0..720i64 {
        let at = start.plus(step * 10_000);
        let watts = Number::new(10_000 + step, -1);
        let values = vec![
            (Quantity::total(Measure::ActiveImport), watts),
            (Quantity::total(Measure::ActiveImportEnergy), Number::new(100_000 + step, 0)),
        ];
        store.keep("main", Record { received: at, at, values, ..Record::default() });
    }
    let midnight = at("2026-10-24T22:00:00Z");
    let quarters = (0..100).map(|quarter| {
        let quality = if quarter == 7 { Quality::Estimated } else { Quality::Measured };
        interval(midnight.plus(quarter * 900_000), 100 + quarter, quality)
    });
    store.import_intervals("main", quarters.collect()).unwrap();
    store.close();
    site
}

#[test]
fn samples_are_written_as_they_came() {
    let site = filled();
    let csv = site.export(&[
        "--resolution",
        "raw",
        "--from",
        "2026-10-25T11:00:00",
        "--to",
        "2026-10-25T11:00:20",
    ]);
    assert_eq!(
        csv,
        "time,active_import_w,active_import_wh\n\
         2026-10-25T10:00:00Z,1000.0,100000\n2026-10-25T10:00:10Z,1000.1,100001\n"
    );
}

#[test]
fn days_and_hours_are_those_of_the_zone_and_add_up() {
    let site = filled();
    let columns = ["--columns", "energy_active_import"];
    let day = site.export(&[&["--resolution", "1d"][..], &columns].concat());
    assert_eq!(
        day,
        "start,end,energy_active_import_wh,energy_active_import_quality\n\
         2026-10-24T22:00:00Z,2026-10-25T23:00:00Z,14950,estimated\n"
    );
    let sum = |text: &str, rows: usize| {
        let rows_there: Vec<i64> = text
            .lines()
            .skip(1)
            .map(|line| line.split(',').nth(2).unwrap().parse().unwrap())
            .collect();
        assert_eq!(rows_there.len(), rows);
        rows_there.iter().sum::<i64>()
    };
    for (steps, rows) in [("1h", 25), ("15m", 100), ("1mo", 1)] {
        let text = site.export(&[&["--resolution", steps][..], &columns].concat());
        assert_eq!(sum(&text, rows), 14950, "{steps}");
    }
}

#[test]
fn other_forms_hold_the_same() {
    let site = filled();
    let range = ["--from", "2026-10-25T12:00", "--to", "2026-10-25T12:15", "--format"];
    let json = site.export(&[&range[..], &["json"]].concat());
    let rows: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!(rows[0]["start"], "2026-10-25T11:00:00Z");
    assert_eq!(rows[0]["energy_active_import_wh"], 152);
    assert_eq!(rows[0]["active_import_w_max"].to_string(), "1044.9");
    assert_eq!(rows.as_array().unwrap().len(), 1);
    let influx = site.export(&[&range[..], &["influx"]].concat());
    assert!(influx.starts_with("hanport,meter=main,resolution=15m active_import_w="), "{influx}");
    assert!(influx.ends_with("_quality=\"measured\" 1792926000000000000\n"), "{influx}");
}

#[test]
fn what_is_exported_can_be_imported_and_is_the_same_again() {
    let site = filled();
    for (steps, other) in [("raw", Site::new()), ("15m", Site::new())] {
        let csv = site.export(&["--resolution", steps]);
        let file = other.0.path().join("table.csv");
        let path = file.to_str().unwrap();
        let (code, _, complained) =
            site.run(&["export", "--resolution", steps, "--output", path], b"");
        assert_eq!(code, Some(0), "{complained}");
        assert_eq!(fs::read_to_string(&file).unwrap(), csv);
        let (code, _, complained) = other.run(&["import", "--meter", "main", path], b"");
        assert_eq!(code, Some(0), "{complained}");
        assert_eq!(other.export(&["--resolution", steps]), csv, "{steps}");
        // once more changes nothing
        let (code, _, complained) = other.run(&["import", "--meter", "main", "-"], csv.as_bytes());
        assert_eq!(code, Some(0), "{complained}");
        assert!(complained.contains("hanport: 0 values taken"), "{complained}");
        assert_eq!(other.export(&["--resolution", steps]), csv, "{steps}");
    }
}

#[test]
fn a_day_goes_evenly_into_its_gaps() {
    let site = Site::new();
    let store = site.store();
    store
        .import_intervals(
            "main",
            vec![interval(at("2026-10-25T10:00:00Z"), 500, Quality::Measured)],
        )
        .unwrap();
    store.close();
    let day = "start,end,energy_active_import_wh,energy_active_import_quality\n\
               2026-10-24T22:00:00Z,2026-10-25T23:00:00Z,10000,measured\n";
    let (code, _, complained) = site.run(&["import", "--meter", "main", "-"], day.as_bytes());
    assert_eq!(code, Some(0), "{complained}");
    let text = site.export(&["--resolution", "15m"]);
    assert_eq!(text.lines().count(), 101);
    assert!(text.contains("2026-10-25T10:00:00Z,2026-10-25T10:15:00Z,500,measured\n"));
    assert_eq!(text.matches(",95,estimated").count() + text.matches(",96,estimated").count(), 99);
    let total = site.export(&["--resolution", "1d"]);
    assert!(total.contains(",10000,estimated\n"), "{total}");
}

#[test]
fn a_table_that_is_wrong_is_told_by_line() {
    let site = Site::new();
    for (table, why) in [
        ("a,b\n", "line 1: the column `a` is not known"),
        ("active_import_w\n1\n", "line 1: there is no column `time`"),
        ("time,active_import_w\n2026-10-25T10:00:00Z\n", "line 2: there are 1 fields"),
        ("time,active_import_w\nyesterday,1\n", "line 2: `yesterday` is no time"),
        ("time,active_import_w\n2026-10-25T10:00:00Z,1e3\n", "line 2: `1e3` is no number"),
        ("", "it is empty"),
        ("{\"unit\":\"kwh\"}", "there is neither an hour nor a day in it"),
    ] {
        let (code, _, complained) = site.run(&["import", "--meter", "m", "-"], table.as_bytes());
        assert_eq!(code, Some(1));
        assert!(complained.contains(why), "{why} is not in {complained}");
    }
}

#[test]
fn the_plots_of_a_reader_are_fetched() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}/reader/", listener.local_addr().unwrap());
    let served = thread::spawn(move || {
        let mut asked = Vec::new();
        for body in [
            r#"{"unit":"kwh","i00":1.234,"e00":0.000,"i01":0.000,"e01":0.000}"#,
            r#"{"unit":"kwh","i01":12.345,"e01":1.000}"#,
        ] {
            let (mut stream, _) = listener.accept().unwrap();
            let mut request = Vec::new();
            let mut piece = [0u8; 1024];
            while !request.ends_with(b"\r\n\r\n") {
                let read = stream.read(&mut piece).unwrap();
                request.extend_from_slice(&piece[..read]);
            }
            let request = String::from_utf8(request).unwrap();
            asked.push(request.lines().next().unwrap().to_owned());
            let length = body.len();
            write!(
                stream,
                "HTTP/1.1 200 OK\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{body}"
            )
            .unwrap();
        }
        asked
    });
    let site = Site::new();
    let (code, _, complained) = site.run(&["import", "--meter", "main", &address], b"");
    assert_eq!(code, Some(0), "{complained}");
    let asked = served.join().unwrap();
    assert_eq!(asked, ["GET /reader/dayplot.json HTTP/1.1", "GET /reader/monthplot.json HTTP/1.1"]);
    let text = site.export(&["--resolution", "1mo"]);
    let total: i64 = text
        .lines()
        .skip(1)
        .map(|line| line.split(',').nth(2).unwrap().parse::<i64>().unwrap())
        .sum();
    // the hour may lie in the day, or not
    assert!(total == 12_345 || total == 12_345 + 1_234, "{text}");
}

#[test]
fn nothing_kept_and_a_running_service_are_told() {
    let site = Site::new();
    let (code, _, complained) = site.run(&["export"], b"");
    assert_eq!(code, Some(1));
    assert!(complained.contains("there is no history yet"), "{complained}");
    let lock = fs::File::create(site.0.path().join("data/hanport.lock")).unwrap();
    lock.lock().unwrap();
    let (code, _, complained) = site.run(&["import", "--meter", "m", "-"], b"");
    assert_eq!(code, Some(1));
    assert!(complained.contains("stop the service first"), "{complained}");
}

const KEY: &str = "00112233445566778899AABBCCDDEEFF";

/// A site with a meter, one key in the file of settings and one in the file of secrets.
fn with_secrets() -> Site {
    let site = filled();
    let file = site.0.path().join("hanport.toml");
    let mut text = fs::read_to_string(&file).unwrap();
    text.push_str(
        "# ours\n[[meter]]\nid = \"main\"\nsource.kind = \"stdin\"\nencryption_key = \"secret:k\"\n",
    );
    let other = KEY.replace('0', "1");
    fs::write(file, format!("{text}authentication_key = \"{other}\"\n")).unwrap();
    let secrets = site.0.path().join("secrets.toml");
    fs::write(&secrets, format!("k = \"{KEY}\"\n")).unwrap();
    fs::set_permissions(&secrets, std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
    site
}

fn path(site: &Site, name: &str) -> String {
    site.0.path().join(name).to_str().unwrap().to_owned()
}

#[test]
fn a_backup_brings_everything_back_and_keeps_what_was_there() {
    let site = with_secrets();
    let before = site.export(&[]);
    let file = path(&site, "b.tar");
    let phrase = path(&site, "phrase");
    fs::write(&phrase, "correct horse\n").unwrap();
    let sealed = ["backup", &file, "--with-secrets", "--passphrase-file", &phrase];
    let (code, _, complained) = site.run(&sealed, b"");
    assert_eq!(code, Some(0), "{complained}");
    assert!(complained.contains("configuration, secrets (sealed), history in"), "{complained}");
    let octets = fs::read(&file).unwrap();
    let text = String::from_utf8_lossy(&octets);
    assert!(!text.contains("00112233") && !text.contains("11112233"));
    let (code, _, complained) = site.run(&sealed, b"");
    assert_eq!(code, Some(1));
    assert!(complained.contains("is there already"), "{complained}");

    // where there is something, nothing is done
    let (code, _, complained) = site.run(&["restore", &file, "--passphrase-file", &phrase], b"");
    assert_eq!(code, Some(1));
    assert!(complained.contains("--force keeps it under another name"), "{complained}");
    // a day is lost, and comes back
    let store = site.store();
    store
        .import_intervals("other", vec![interval(at("2026-11-01T10:00:00Z"), 1, Quality::Measured)])
        .unwrap();
    store.close();
    let (code, _, complained) =
        site.run(&["restore", &file, "--force", "--passphrase-file", &phrase], b"");
    assert_eq!(code, Some(0), "{complained}");
    assert_eq!(site.export(&[]), before);
    let (code, said, _) = site.run(&["config", "show"], b"");
    assert_eq!(code, Some(0));
    assert!(said.contains("meter.main.authentication_key = \"***\""), "{said}");
    let secrets = fs::read_to_string(site.0.path().join("secrets.toml")).unwrap();
    assert!(secrets.contains(KEY) && secrets.contains("main-authentication-key"), "{secrets}");
    let text = fs::read_to_string(site.0.path().join("hanport.toml")).unwrap();
    assert!(text.contains("# ours") && text.contains("secret:main-authentication-key"), "{text}");
    let names: Vec<String> = fs::read_dir(site.0.path().join("data"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    assert!(names.iter().any(|name| name.starts_with("hanport.db.before-")), "{names:?}");
    assert!(!names.iter().any(|name| name.starts_with("restore-")), "{names:?}");
}

#[test]
fn without_a_passphrase_no_secret_leaves_the_machine() {
    let site = with_secrets();
    let file = path(&site, "b.tar");
    let (code, _, complained) = site.run(&["backup", &file], b"");
    assert_eq!(code, Some(0), "{complained}");
    let octets = fs::read(&file).unwrap();
    let text = String::from_utf8_lossy(&octets);
    assert!(!text.contains("00112233") && !text.contains("11112233") && !text.contains("sealed"));
    let mode = std::os::unix::fs::PermissionsExt::mode(&fs::metadata(&file).unwrap().permissions());
    assert_eq!(mode & 0o777, 0o600);
    let other = Site::new();
    let (code, _, complained) = other.run(&["restore", &file, "--check"], b"");
    assert_eq!(code, Some(0), "{complained}");
    assert!(complained.contains("no secrets, the history of main"), "{complained}");
    let phrase = path(&site, "phrase");
    fs::write(&phrase, "short\n").unwrap();
    let sealed = ["backup", &file, "--force", "--with-secrets", "--passphrase-file", &phrase];
    let (code, _, complained) = site.run(&sealed, b"");
    assert_eq!(code, Some(1));
    assert!(complained.contains("at least 10 characters"), "{complained}");
}

#[test]
fn a_damaged_backup_touches_nothing() {
    let site = with_secrets();
    let file = path(&site, "b.tar");
    assert_eq!(site.run(&["backup", &file], b"").0, Some(0));
    let before = site.export(&[]);
    let whole = fs::read(&file).unwrap();
    let middle = whole.len() / 2;
    let mut flipped = whole.clone();
    flipped[middle] ^= 1;
    for (octets, why) in [
        (flipped, "hanport.db in it is damaged"),
        (whole[..middle].to_vec(), "it ends too early"),
        (b"no archive".repeat(100), "it is no archive"),
    ] {
        fs::write(&file, octets).unwrap();
        let (code, _, complained) = site.run(&["restore", &file, "--force"], b"");
        assert_eq!(code, Some(1));
        assert!(complained.contains(why), "{why} is not in {complained}");
        assert_eq!(site.export(&[]), before);
    }
}
