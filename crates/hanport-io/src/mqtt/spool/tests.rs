//! What is kept in segment files comes out again, torn tails and full disks included.

use std::os::unix::fs::symlink;

use hanport_engine::publish::{Keeping, Qos};
use hanport_engine::time::UtcMillis;
use proptest::prelude::*;

use super::*;

fn message(number: u64) -> Outgoing {
    let payload = format!("{{\"n\":{number}}}");
    let at = UtcMillis(i64::try_from(number).unwrap());
    let live = Outgoing::live("hanport/x/main/interval", "queued", payload, at);
    Outgoing { qos: Qos::AtLeastOnce, ..live }.of(&"main".into()).kept(Keeping::Queued)
}

fn numbers(found: &[(u64, Outgoing)]) -> Vec<u64> {
    for (number, read) in found {
        assert_eq!(*read, message(*number));
    }
    found.iter().map(|(number, _)| *number).collect()
}

const ROOM: u64 = 1 << 20;

#[test]
fn what_was_taken_is_there_after_a_restart_in_order() {
    let folder = tempfile::tempdir().unwrap();
    let mut spool = Spool::open(folder.path(), ROOM).unwrap();
    for number in 0..100 {
        spool.append(&message(number)).unwrap();
    }
    spool.set_done(40).unwrap();
    drop(spool);
    let mut spool = Spool::open(folder.path(), ROOM).unwrap();
    assert_eq!((spool.done(), spool.next(), spool.len()), (40, 100, 60));
    assert_eq!(numbers(&spool.read(0, 1000).unwrap()), (40..100).collect::<Vec<_>>());
    // reading again from the middle, and on while it grows
    assert_eq!(numbers(&spool.read(70, 2).unwrap()), [70, 71]);
    spool.append(&message(100)).unwrap();
    assert_eq!(numbers(&spool.read(99, 5).unwrap()), [99, 100]);
}

#[test]
fn files_go_when_they_are_done_with_and_numbers_go_on() {
    let folder = tempfile::tempdir().unwrap();
    let mut spool = Spool::open(folder.path(), 16_000).unwrap();
    let mut number = 0;
    for _ in 0..40 {
        for _ in 0..10 {
            spool.append(&message(number)).unwrap();
            number += 1;
        }
        let from = spool.done();
        assert_eq!(numbers(&spool.read(from, 100).unwrap()).len(), 10);
        spool.set_done(number).unwrap();
    }
    let files = fs::read_dir(folder.path()).unwrap().count();
    assert!(files <= 3, "{files} files");
    drop(spool);
    let mut spool = Spool::open(folder.path(), 16_000).unwrap();
    assert!(spool.is_empty());
    spool.append(&message(number)).unwrap();
    assert_eq!(numbers(&spool.read(0, 9).unwrap()), [number]);
}

#[test]
fn a_full_queue_takes_no_more_and_what_waits_lives_on() {
    let folder = tempfile::tempdir().unwrap();
    let mut spool = Spool::open(folder.path(), 4000).unwrap();
    let mut taken = 0;
    let error = loop {
        match spool.append(&message(taken)) {
            Ok(()) => taken += 1,
            Err(error) => break error,
        }
    };
    assert!(matches!(error, SpoolError::Full(_)));
    assert!(taken > 30);
    assert_eq!(numbers(&spool.read(0, 1000).unwrap()).len(), usize::try_from(taken).unwrap());
    spool.set_done(taken).unwrap();
    spool.append(&message(taken)).unwrap();
}

#[test]
fn a_full_disk_takes_no_more_and_goes_on_when_there_is_room_again() {
    let folder = tempfile::tempdir().unwrap();
    let mut spool = Spool::open(folder.path(), ROOM).unwrap();
    for number in 0..5 {
        spool.append(&message(number)).unwrap();
    }
    drop(spool);
    // the file that comes next is on a disk without room
    let next = folder.path().join(format!("{:020}.seg", 5));
    let mut spool = Spool::open(folder.path(), ROOM).unwrap();
    symlink("/dev/full", &next).unwrap();
    for _ in 0..3 {
        let error = spool.append(&message(5)).unwrap_err();
        assert!(error.to_string().contains("No space left"), "{error}");
    }
    assert_eq!(numbers(&spool.read(0, 9).unwrap()), [0, 1, 2, 3, 4]);
    fs::remove_file(&next).unwrap();
    spool.append(&message(5)).unwrap();
    assert_eq!(numbers(&spool.read(4, 9).unwrap()), [4, 5]);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn a_torn_tail_costs_only_itself(count in 1u64..40, cut in 0usize..200, noise: Vec<u8>) {
        let folder = tempfile::tempdir().unwrap();
        let mut spool = Spool::open(folder.path(), ROOM).unwrap();
        let mut lengths = vec![0];
        for number in 0..count {
            spool.append(&message(number)).unwrap();
            lengths.push(spool.octets());
        }
        drop(spool);
        let path = folder.path().join(format!("{:020}.seg", 0));
        let mut content = fs::read(&path).unwrap();
        content.truncate(content.len().saturating_sub(cut));
        let whole = lengths.iter().filter(|l| **l <= u64::try_from(content.len()).unwrap()).count() - 1;
        content.extend(noise);
        fs::write(&path, &content).unwrap();
        let mut spool = Spool::open(folder.path(), ROOM).unwrap();
        let whole = u64::try_from(whole).unwrap();
        prop_assert!(spool.next() >= whole);
        let next = spool.next();
        prop_assert_eq!(numbers(&spool.read(0, 1000).unwrap()), (0..next).collect::<Vec<_>>());
        spool.append(&message(next)).unwrap();
        prop_assert_eq!(numbers(&spool.read(next, 1).unwrap()), vec![next]);
    }

    #[test]
    fn a_torn_mark_is_at_most_one_step_behind(first in 1u64..1000, step in 1u64..1000, tear in 0usize..12) {
        let folder = tempfile::tempdir().unwrap();
        let mut file = OpenOptions::new().read(true).write(true).create(true).truncate(true)
            .open(folder.path().join("done")).unwrap();
        write_done(&mut file, first).unwrap();
        let before = fs::read(folder.path().join("done")).unwrap();
        write_done(&mut file, first + step).unwrap();
        prop_assert_eq!(read_done(&mut file).unwrap(), first + step);
        // the second write reached the disk only in part
        let after = fs::read(folder.path().join("done")).unwrap();
        let mut torn = after.clone();
        let changed = (0..2).find(|slot| before.get(slot * 12..slot * 12 + 12) != after.get(slot * 12..slot * 12 + 12)).unwrap();
        for at in tear..12 {
            torn[changed * 12 + at] = before.get(changed * 12 + at).copied().unwrap_or(0);
        }
        fs::write(folder.path().join("done"), &torn).unwrap();
        let mut file = OpenOptions::new().read(true).write(true).open(folder.path().join("done")).unwrap();
        let read = read_done(&mut file).unwrap();
        prop_assert!(read == first || read == first + step);
    }
}
