//! Backup while the service goes on, verification, restoring.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may stop where it is")]

mod bed;

use std::fs;
use std::sync::atomic::{AtomicBool, Ordering};

use bed::{Bed, Household, METER, START};
use hanport_engine::energy::Register;
use hanport_engine::outside::{Archive as _, History as _};
use hanport_engine::state::Memory;
use hanport_engine::time::UtcMillis;
use hanport_store::{Options, Store, restore, verify};

fn all() -> std::ops::Range<UtcMillis> {
    UtcMillis(0)..UtcMillis(i64::MAX)
}

#[test]
fn a_backup_holds_one_moment_while_the_service_goes_on() {
    let bed = Bed::new();
    let store = bed.open();
    let mut house = Household::new(10, Memory::default());
    for _ in 0..2000 {
        store.keep(METER, house.next());
    }
    let to = bed.folder.path().join("backup.db");
    let done = AtomicBool::new(false);
    let mut reports = Vec::new();
    std::thread::scope(|scope| {
        scope.spawn(|| {
            while !done.load(Ordering::SeqCst) {
                store.keep(METER, house.next());
                store.pace(10);
            }
        });
        store.backup(&to, |done, of| reports.push((done, of))).unwrap();
        done.store(true, Ordering::SeqCst);
    });
    let &(pages, of) = reports.last().unwrap();
    assert_eq!(pages, of);
    assert!(!to.with_extension("db-wal").exists(), "it is one file");
    let verified = verify(&to).unwrap();
    assert_eq!(verified.meters, [METER]);
    assert!(verified.intervals >= 2000 / 90);
    assert!(verified.extent.unwrap().0 <= START);

    // and back: the history that is there is moved aside
    assert!(restore(&to, &bed.path(), START).unwrap_err().0.contains("locked"));
    let here = store.intervals(METER, Register::ActiveImport, all()).unwrap();
    store.close();
    drop(store);
    let aside = restore(&to, &bed.path(), START).unwrap().unwrap();
    assert!(aside.exists());
    let store = bed.open();
    let restored = store.intervals(METER, Register::ActiveImport, all()).unwrap();
    assert!(!restored.is_empty() && restored.len() <= here.len());
    let memory = store.memory(METER).unwrap().unwrap();
    let settled: i64 = restored.iter().filter(|i| i.edges.start || i.wh > 0).map(|i| i.wh).sum();
    assert!(settled > 0 && memory.ledger.running(Register::ActiveImport).is_some());
}

#[test]
fn what_is_no_backup_is_not_restored() {
    let bed = Bed::new();
    let store = bed.open();
    let mut house = Household::new(10, Memory::default());
    for _ in 0..500 {
        store.keep(METER, house.next());
    }
    let to = bed.folder.path().join("backup.db");
    store.backup(&to, |_, _| {}).unwrap();
    store.close();
    let good = fs::read(&to).unwrap();
    let before = fs::read(bed.path()).unwrap();
    let refused = |octets: &[u8], word: &str| {
        fs::write(&to, octets).unwrap();
        let error = restore(&to, &bed.path(), START).unwrap_err();
        assert!(error.0.contains(word), "{error}");
        assert_eq!(fs::read(bed.path()).unwrap(), before);
    };
    refused(&good[..good.len() / 2], "damaged");
    refused(b"", "another program");
    refused(
        b"a letter to the editor, which is longer than a page head of a hundred octets: \
              a letter to the editor, which is longer",
        "damaged",
    );
    fs::remove_file(&to).unwrap();
    assert!(verify(&to).unwrap_err().0.contains("no such file"));
}

#[test]
fn a_backup_that_cannot_be_written_leaves_the_history_alone() {
    let bed = Bed::new();
    let store = bed.open();
    let to = bed.folder.path().join("nowhere").join("backup.db");
    assert!(store.backup(&to, |_, _| {}).is_err());
    assert_eq!(store.state().rescue, None);
    let again =
        Store::open(bed.folder.path().join("other.db"), Options::default(), bed.clock.clone());
    assert!(again.unwrap().flush().is_ok());
}
