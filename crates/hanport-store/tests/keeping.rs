//! What is kept comes back: before it is written, after it is written, after a restart.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may stop where it is")]

mod bed;

use bed::{Bed, Household, METER, START, watts};
use hanport_core::number::Number;
use hanport_core::quantity::{Measure, Quantity};
use hanport_engine::energy::{
    Change, Correction, CorrectionId, Entry, QuarterHour, Register, Standing,
};
use hanport_engine::outside::{Archive as _, Happening, History as _, Resolution};
use hanport_engine::state::Memory;
use hanport_engine::time::UtcMillis;
use hanport_store::Store;
use jiff::tz::TimeZone;

const POWER: Quantity = Quantity::total(Measure::ActiveImport);

fn raw(store: &Store, from_s: i64, to_s: i64) -> Vec<(i64, i64)> {
    let range = START.plus(from_s * 1000)..START.plus(to_s * 1000);
    let series = store.series(METER, &[POWER], range, Resolution::Raw, &TimeZone::UTC).unwrap();
    let points = series[0].points.iter();
    points.map(|point| (point.at.since(START) / 1000, point.mean.mantissa)).collect()
}

fn all() -> std::ops::Range<UtcMillis> {
    UtcMillis(0)..UtcMillis(i64::MAX)
}

#[test]
fn a_sample_is_there_at_once_and_after_a_restart() {
    let bed = Bed::new();
    let store = bed.open();
    let mut house = Household::new(10, Memory::default());
    for _ in 0..30 {
        store.keep(METER, house.next());
    }
    let expected: Vec<(i64, i64)> = (5..20).map(|n| (n * 10, watts(n * 10))).collect();
    assert_eq!(raw(&store, 50, 200), expected);
    assert_eq!(store.meters().unwrap(), [METER]);
    store.flush().unwrap();
    assert_eq!(raw(&store, 50, 200), expected);
    store.close();
    assert!(!bed.path().with_extension("db-wal").exists());
    let store = bed.open();
    assert_eq!(raw(&store, 50, 200), expected);
    let extent = store.extent(METER).unwrap().unwrap();
    assert_eq!(extent.start, START);
    assert!(extent.end > START.plus(290_000));
    // the memory came with the first message of the last minute
    let memory = store.memory(METER).unwrap().unwrap();
    assert_eq!(memory.totals, house.meter().memory().totals);
}

#[test]
fn packed_hours_read_like_the_tail() {
    let bed = Bed::new();
    let store = bed.open();
    let mut house = Household::new(10, Memory::default());
    for _ in 0..3 * 360 {
        store.keep(METER, house.next());
    }
    store.flush().unwrap();
    store.flush().unwrap();
    let expected: Vec<(i64, i64)> = (0..3 * 360).map(|n| (n * 10, watts(n * 10))).collect();
    assert_eq!(raw(&store, 0, 3 * 3600), expected);
    let range = START..START.plus(3 * 3_600_000);
    let minutes =
        store.series(METER, &[POWER], range.clone(), Resolution::Minute, &TimeZone::UTC).unwrap();
    assert_eq!(minutes[0].points.len(), 180);
    let mean: i64 = (0..6).map(|n| watts(600 + n * 10)).sum();
    assert_eq!(minutes[0].points[10].mean, Number::new((mean + 3) / 6, 0));
    let quarters =
        store.series(METER, &[POWER], range.clone(), Resolution::Quarter, &TimeZone::UTC).unwrap();
    assert_eq!(quarters[0].points.len(), 12);
    assert!(quarters[0].points.iter().all(|point| point.samples == 90));
    let max = (0..90).map(|n| watts(900 + n * 10)).max().unwrap();
    assert_eq!(quarters[0].points[1].max, Number::new(max, 0));
    let quantities = store.quantities(METER, range).unwrap();
    assert_eq!(quantities.len(), 15);
}

#[test]
fn quarters_and_readings_come_back_as_the_books_wrote_them() {
    let bed = Bed::new();
    let store = bed.open();
    let mut house = Household::new(10, Memory::default());
    let mut entries = Vec::new();
    for _ in 0..3 * 360 {
        let record = house.next();
        entries.extend(record.entries.clone());
        store.keep(METER, record);
    }
    for register in [Register::ActiveImport, Register::ReactiveExport] {
        let settled: Vec<_> = entries
            .iter()
            .filter_map(|entry| match entry {
                Entry::Interval(i) if i.register == register => Some(*i),
                _ => None,
            })
            .filter(|interval| interval.standing == Standing::Settled)
            .collect();
        let official: Vec<_> = entries
            .iter()
            .filter_map(|entry| match entry {
                Entry::Register(of, official) if *of == register => Some(*official),
                _ => None,
            })
            .collect();
        assert!(settled.len() > 8 && official.len() > 8);
        let found = store.intervals(METER, register, all()).unwrap();
        let found: Vec<_> = found.into_iter().filter(|i| i.standing == Standing::Settled).collect();
        assert_eq!(found, settled);
        assert_eq!(store.readings(METER, register, all()).unwrap(), official);
    }
    store.flush().unwrap();
    let second = QuarterHour::containing(START).next();
    let found = store
        .intervals(METER, Register::ActiveImport, second.start()..second.next().start())
        .unwrap();
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].quarter, second);
    assert_eq!(
        store.memory(METER).unwrap().as_ref().map(|m| &m.totals),
        Some(&house.meter().memory().totals)
    );
}

#[test]
fn corrections_events_and_facts_are_kept() {
    let bed = Bed::new();
    let store = bed.open();
    let wanted = Correction {
        id: CorrectionId(0),
        made: START,
        by: "user".into(),
        reason: "invoice".into(),
        register: Register::ActiveImport,
        change: Change::Total { quarters: QuarterHour(1)..QuarterHour(97), wh: 9600 },
    };
    let first = store.correct(METER, wanted.clone()).unwrap();
    let second = store.correct(METER, wanted.clone()).unwrap();
    assert!(first.id < second.id);
    for (n, meter) in [(1, Some(METER)), (2, None), (3, Some("other"))] {
        store.note(Happening {
            at: START.plus(n),
            meter: meter.map(str::to_owned),
            kind: "started".into(),
            detail: serde_json::json!({ "n": n }),
        });
    }
    store.remember("port", "/dev/ttyUSB0", serde_json::json!({ "baud": 2400 }));
    store.remember("port", "/dev/ttyUSB1", serde_json::json!(1));
    store.forget("port", "/dev/ttyUSB1");
    let check = |store: &Store| {
        assert_eq!(store.corrections(METER).unwrap(), [first.clone(), second.clone()]);
        let detail = |meter, limit| -> Vec<i64> {
            let found = store.happenings(meter, all(), limit).unwrap();
            found.iter().filter_map(|happening| happening.detail["n"].as_i64()).collect()
        };
        assert_eq!(detail(None, 10), [3, 2, 1]);
        assert_eq!(detail(None, 1), [3]);
        assert_eq!(detail(Some(METER), 10), [1]);
        let facts = store.facts("port").unwrap();
        assert_eq!(facts.len(), 1);
        assert_eq!(facts["/dev/ttyUSB0"]["baud"], 2400);
    };
    check(&store);
    store.flush().unwrap();
    check(&store);
    drop(store);
    check(&bed.open());
}
