//! Disks that are full, files that may not be written, octets that are not what was written.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may stop where it is")]

mod bed;

use std::fs;
use std::io::{Read as _, Seek as _, SeekFrom, Write as _};
use std::path::Path;
use std::time::{Duration, Instant};

use bed::{Bed, Household, METER, START};
use hanport_core::quantity::{Measure, Quantity};
use hanport_engine::energy::{Register, Standing};
use hanport_engine::outside::{Archive as _, History as _, Resolution};
use hanport_engine::state::Memory;
use hanport_engine::time::UtcMillis;
use hanport_store::{Condition, Options, Store};
use jiff::tz::TimeZone;
use rusqlite::Connection;

const POWER: Quantity = Quantity::total(Measure::ActiveImport);

fn all() -> std::ops::Range<UtcMillis> {
    UtcMillis(0)..UtcMillis(i64::MAX)
}

fn fill(store: &Store, house: &mut Household, messages: usize) {
    for _ in 0..messages {
        store.keep(METER, house.next());
    }
}

fn samples(store: &Store) -> usize {
    let series = store.series(METER, &[POWER], all(), Resolution::Raw, &TimeZone::UTC).unwrap();
    series[0].points.len()
}

fn kinds(store: &Store) -> Vec<String> {
    let found = store.happenings(None, all(), 100).unwrap();
    found.into_iter().map(|happening| happening.kind.into_owned()).collect()
}

/// Waits for the writer to come to something, for a while.
fn eventually(what: impl Fn() -> bool) -> bool {
    let begun = Instant::now();
    while begun.elapsed() < Duration::from_secs(20) {
        if what() {
            return true;
        }
        std::thread::yield_now();
    }
    false
}

#[test]
fn a_full_disk_is_said_and_nothing_is_lost_until_there_is_room() {
    let mut bed = Bed::new();
    bed.options.largest_file = Some(40 * 4096);
    bed.options.retry_after = Duration::from_millis(5);
    let store = bed.open();
    let mut house = Household::new(1, Memory::default());
    let full = || matches!(store.state().condition, Condition::CannotWrite { .. });
    while !full() {
        assert!(house.now_s < 200_000, "the file never becomes full");
        fill(&store, &mut house, 600);
        let _ = store.flush();
    }
    let Condition::CannotWrite { why, since } = store.state().condition else { unreachable!() };
    assert!(why.contains("history.db") && why.contains("no room"), "{why}");
    assert_eq!(since, START);
    assert!(store.flush().is_err());
    // the service goes on, and what waits can be read
    fill(&store, &mut house, 100);
    let sent = usize::try_from(house.now_s).unwrap();
    assert_eq!(samples(&store), sent);
    assert!(store.state().waiting >= 100);
    // a larger disk
    drop(store);
    bed.options.largest_file = None;
    let store = bed.open();
    let before = samples(&store);
    fill(&store, &mut house, 10);
    store.flush().unwrap();
    assert_eq!(samples(&store), before + 10);
    assert_eq!(store.state().condition, Condition::Good);
}

#[test]
fn a_disk_that_recovers_gets_everything_that_waited() {
    // a file where the folder should be: nothing can be made there, whoever asks
    let mut bed = Bed::new();
    bed.options.retry_after = Duration::from_millis(5);
    let place = bed.folder.path().join("disk");
    fs::write(&place, "not a folder").unwrap();
    let path = place.join("history.db");
    let store = Store::open(&path, bed.options, bed.clock.clone()).unwrap();
    let mut house = Household::new(10, Memory::default());
    fill(&store, &mut house, 400);
    assert!(store.flush().is_err());
    assert!(matches!(store.state().condition, Condition::CannotWrite { .. }));
    assert!(store.meters().is_err(), "nothing can be read either, and that is said");
    bed.clock.set(START.plus(60_000));
    fs::remove_file(&place).unwrap();
    assert!(eventually(|| store.state().condition == Condition::Good));
    store.flush().unwrap();
    assert_eq!(samples(&store), 400);
    assert_eq!(store.state().given_up, 0);
    let kinds = kinds(&store);
    assert_eq!(kinds, ["history_recovered", "history_not_written"]);
}

#[test]
fn memory_is_bounded_while_nothing_can_be_written() {
    let mut bed = Bed::new();
    bed.options.waiting_octets = 200_000;
    let place = bed.folder.path().join("disk");
    fs::write(&place, "not a folder").unwrap();
    let path = place.join("history.db");
    let store = Store::open(&path, bed.options, bed.clock.clone()).unwrap();
    let mut house = Household::new(10, Memory::default());
    fill(&store, &mut house, 3000);
    let state = store.state();
    assert!(state.given_up > 1000, "{state:?}");
    fs::remove_file(&place).unwrap();
    store.flush().unwrap();
    // the newest samples are there, and every quarter
    assert_eq!(u64::try_from(samples(&store)).unwrap(), 3000 - store.state().given_up);
    let quarters = store.intervals(METER, Register::ActiveImport, all()).unwrap();
    let settled = quarters.iter().filter(|i| i.standing == Standing::Settled).count();
    assert_eq!(settled, 3000 / 90);
}

/// The superuser may write anything: such a test runs again as somebody else.
const AS_NOBODY: &str = "HANPORT_TEST_AS_NOBODY";

fn run_as_nobody(test: &str) {
    let folder = tempfile::tempdir_in("/tmp").unwrap();
    let mode = |path: &Path, mode: u32| {
        fs::set_permissions(path, std::os::unix::fs::PermissionsExt::from_mode(mode)).unwrap();
    };
    mode(folder.path(), 0o777);
    let program = folder.path().join("test");
    fs::copy(std::env::current_exe().unwrap(), &program).unwrap();
    mode(&program, 0o755);
    let mut command = std::process::Command::new(&program);
    command.args(["--exact", test]).env(AS_NOBODY, "1").env("TMPDIR", folder.path());
    std::os::unix::process::CommandExt::uid(&mut command, 65_534);
    let output = command.current_dir(folder.path()).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
}

#[test]
fn a_file_on_a_read_only_disk_is_read_as_it_lies_there() {
    let bed = Bed::new();
    let folder = bed.folder.path();
    let mode = |path: &Path, mode: u32| {
        fs::set_permissions(path, std::os::unix::fs::PermissionsExt::from_mode(mode)).unwrap();
    };
    mode(folder, 0o500);
    let superuser = fs::write(folder.join("probe"), "").is_ok();
    mode(folder, 0o700);
    if superuser {
        assert!(std::env::var_os(AS_NOBODY).is_none(), "nobody may write anything too");
        run_as_nobody("a_file_on_a_read_only_disk_is_read_as_it_lies_there");
        return;
    }
    let store = bed.open();
    let mut house = Household::new(10, Memory::default());
    fill(&store, &mut house, 100);
    store.close();
    mode(&bed.path(), 0o400);
    mode(folder, 0o500);
    let store = bed.open();
    assert_eq!(samples(&store), 100);
    fill(&store, &mut house, 1);
    assert!(store.flush().is_err());
    let Condition::CannotWrite { why, .. } = store.state().condition else { unreachable!() };
    assert!(why.contains("read-only"), "{why}");
    assert_eq!(samples(&store), 101);
    mode(folder, 0o700);
    mode(&bed.path(), 0o600);
    store.flush().unwrap();
    assert_eq!(store.state().condition, Condition::Good);
    assert_eq!(samples(&store), 101);
}

fn damage(path: &Path, from: u64, octets: usize) {
    let mut file = fs::OpenOptions::new().write(true).read(true).open(path).unwrap();
    file.seek(SeekFrom::Start(from)).unwrap();
    let mut there = vec![0; octets];
    file.read_exact(&mut there).unwrap();
    for octet in &mut there {
        *octet ^= 0xA5;
    }
    file.seek(SeekFrom::Start(from)).unwrap();
    file.write_all(&there).unwrap();
}

/// A history of some hours, closed.
fn some_hours(bed: &Bed) -> (Vec<hanport_engine::energy::Interval>, u64) {
    let store = bed.open();
    let mut house = Household::new(10, Memory::default());
    for _ in 0..6 {
        fill(&store, &mut house, 360);
        store.flush().unwrap();
    }
    let intervals = store.intervals(METER, Register::ActiveImport, all()).unwrap();
    store.close();
    (intervals, fs::metadata(bed.path()).unwrap().len())
}

fn aside(bed: &Bed) -> Vec<String> {
    let mut names: Vec<String> = fs::read_dir(bed.folder.path())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| name.contains(".damaged-"))
        .collect();
    names.sort();
    names
}

#[test]
fn a_file_without_its_first_page_is_put_aside() {
    let bed = Bed::new();
    some_hours(&bed);
    damage(&bed.path(), 0, 100);
    let store = bed.open();
    let rescue = store.state().rescue.unwrap();
    assert_eq!(rescue.at, START);
    assert_eq!(aside(&bed), ["history.db.damaged-2026-03-01T00-00-00Z"]);
    assert!(rescue.moved_to.exists());
    assert_eq!(kinds(&store), ["history_damaged"]);
    // it goes on
    let mut house = Household::new(10, Memory::default());
    fill(&store, &mut house, 5);
    store.flush().unwrap();
    assert_eq!(samples(&store), 5);
}

#[test]
fn what_can_be_read_of_a_damaged_file_is_taken_over() {
    let bed = Bed::new();
    let (intervals, _) = some_hours(&bed);
    // a page in the middle of the packed samples
    let page = {
        let connection = Connection::open(bed.path()).unwrap();
        connection
            .query_row("SELECT rootpage FROM sqlite_schema WHERE name = 'sample'", [], |row| {
                row.get::<_, u32>(0)
            })
            .unwrap()
    };
    damage(&bed.path(), u64::from(page - 1) * 4096, 300);
    // as after a power cut: there is a journal
    {
        let connection = Connection::open(bed.path()).unwrap();
        connection.execute("INSERT INTO fact VALUES ('a', 'b', '1')", []).unwrap();
        fs::copy(bed.path().with_extension("db-wal"), bed.folder.path().join("kept")).unwrap();
        connection.close().unwrap();
    }
    fs::copy(bed.folder.path().join("kept"), bed.path().with_extension("db-wal")).unwrap();
    let store = bed.open();
    let rescue = store.state().rescue.expect("the damage is found");
    assert!(rescue.rows > 100);
    assert_eq!(store.intervals(METER, Register::ActiveImport, all()).unwrap(), intervals);
    assert!(store.memory(METER).unwrap().is_some());
    let minutes = store.series(METER, &[POWER], all(), Resolution::Minute, &TimeZone::UTC).unwrap();
    assert!(minutes[0].points.len() > 200, "minutes stand in another table");
}

#[test]
fn damage_that_is_met_while_reading_is_mended() {
    let mut bed = Bed::new();
    bed.options.retry_after = Duration::from_millis(5);
    let (intervals, _) = some_hours(&bed);
    let page = {
        let connection = Connection::open(bed.path()).unwrap();
        connection
            .query_row("SELECT rootpage FROM sqlite_schema WHERE name = 'sample'", [], |row| {
                row.get::<_, u32>(0)
            })
            .unwrap()
    };
    damage(&bed.path(), u64::from(page - 1) * 4096, 300);
    let store = bed.open();
    assert_eq!(store.state().rescue, None, "after an end in order nobody looks");
    let read = store.series(METER, &[POWER], all(), Resolution::Raw, &TimeZone::UTC);
    assert!(read.unwrap_err().0.contains("damaged"));
    assert!(eventually(|| store.state().rescue.is_some()));
    store.flush().unwrap();
    assert_eq!(store.intervals(METER, Register::ActiveImport, all()).unwrap(), intervals);
}

#[test]
fn a_damaged_row_costs_only_itself() {
    let bed = Bed::new();
    some_hours(&bed);
    {
        let connection = Connection::open(bed.path()).unwrap();
        let changed = connection
            .execute(
                "UPDATE sample SET packed = CAST(substr(packed, 1, 5) || x'00' || substr(packed, 7) AS BLOB) \
                 WHERE key = (SELECT min(key) FROM sample)",
                [],
            )
            .unwrap();
        assert_eq!(changed, 1);
    }
    let store = bed.open();
    // the first hour is left as minutes
    let found = samples(&store);
    assert_eq!(found, 60 + 5 * 360);
    assert_eq!(store.state().rescue, None);
}

#[test]
fn a_second_program_reads_and_does_not_write() {
    let mut bed = Bed::new();
    bed.options.retry_after = Duration::from_millis(5);
    let first = bed.open();
    let mut house = Household::new(10, Memory::default());
    fill(&first, &mut house, 10);
    first.flush().unwrap();
    let second = bed.open();
    assert_eq!(samples(&second), 10);
    second.remember("a", "b", serde_json::json!(1));
    assert!(second.flush().unwrap_err().0.contains("second hanport"));
    fill(&first, &mut house, 10);
    first.flush().unwrap();
    assert_eq!(samples(&second), 20);
    first.close();
    second.flush().unwrap();
    assert_eq!(second.state().condition, Condition::Good);
}

#[test]
fn the_file_of_another_program_is_not_touched() {
    let bed = Bed::new();
    Connection::open(bed.path()).unwrap().execute_batch("CREATE TABLE song (title)").unwrap();
    let error = Store::open(bed.path(), Options::default(), bed.clock.clone()).unwrap_err();
    assert!(error.0.contains("another program"), "{error}");
    assert_eq!(aside(&bed), Vec::<String>::new());
}

#[test]
fn the_file_of_a_newer_version_is_not_touched() {
    let bed = Bed::new();
    some_hours(&bed);
    {
        let connection = Connection::open(bed.path()).unwrap();
        connection.pragma_update(None, "user_version", 99).unwrap();
    }
    let before = fs::read(bed.path()).unwrap();
    let error = Store::open(bed.path(), Options::default(), bed.clock.clone()).unwrap_err();
    assert!(error.0.contains("newer hanport") && error.0.contains("99"), "{error}");
    assert_eq!(fs::read(bed.path()).unwrap(), before);
}
