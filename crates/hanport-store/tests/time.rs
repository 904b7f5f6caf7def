//! Series over calendars and over what is no longer kept; imports; visits; readers beside the
//! writer.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may stop where it is")]

mod bed;

use std::ops::ControlFlow;
use std::sync::atomic::{AtomicBool, Ordering};

use bed::{Bed, Household, METER, START, watts};
use hanport_core::number::Number;
use hanport_core::quantity::{Measure, Quantity};
use hanport_engine::energy::sums::day;
use hanport_engine::energy::{Edges, Interval, Quality, QuarterHour, Register, Standing};
use hanport_engine::outside::{Archive as _, History as _, Point, Record, Resolution};
use hanport_engine::state::Memory;
use hanport_engine::time::UtcMillis;
use hanport_store::{Imported, Store, Visit};
use jiff::civil::date;
use jiff::tz::TimeZone;

const POWER: Quantity = Quantity::total(Measure::ActiveImport);
const COUNTER: Quantity = Quantity::total(Measure::ActiveImportEnergy);
const HOUR: i64 = 3_600_000;
const DAY: i64 = 24 * HOUR;

fn oslo() -> TimeZone {
    TimeZone::get("Europe/Oslo").unwrap()
}

fn all() -> std::ops::Range<UtcMillis> {
    UtcMillis(0)..UtcMillis(i64::MAX)
}

/// A message a minute whose power is the number of the minute.
fn minutes(store: &Store, from: UtcMillis, to: UtcMillis) {
    let mut at = from;
    while at < to {
        let minute = at.0 / 60_000;
        let values = vec![(POWER, Number::new(minute, 0)), (COUNTER, Number::new(minute * 10, 0))];
        store.keep(METER, Record { received: at, at, values, ..Record::default() });
        at = at.plus(60_000);
        store.pace(10_000);
    }
    store.flush().unwrap();
}

fn points(
    store: &Store,
    quantity: Quantity,
    resolution: Resolution,
    zone: &TimeZone,
) -> Vec<Point> {
    store.series(METER, &[quantity], all(), resolution, zone).unwrap().remove(0).points
}

#[test]
fn days_of_23_and_25_hours_are_whole() {
    for (on, hours) in [(date(2026, 3, 29), 23), (date(2026, 10, 25), 25)] {
        let bed = Bed::new();
        let store = bed.open();
        let range = day(on, &oslo()).unwrap();
        assert_eq!(range.end.since(range.start), hours * HOUR);
        minutes(&store, range.start.plus(-DAY), range.end.plus(DAY));
        let days = points(&store, POWER, Resolution::Day, &oslo());
        let one = days.iter().find(|point| point.at == range.start).unwrap();
        assert_eq!(i64::from(one.samples), hours * 60);
        assert_eq!(one.min, Number::new(range.start.0 / 60_000, 0));
        assert_eq!(one.max, Number::new(range.end.0 / 60_000 - 1, 0));
        let series = store
            .series(METER, &[POWER, COUNTER], range.clone(), Resolution::Hour, &oslo())
            .unwrap();
        assert_eq!(i64::try_from(series[0].points.len()).unwrap(), hours);
        assert!(series[0].points.iter().all(|point| point.samples == 60));
        // the last count of an hour stands for it
        let first = series[1].points[0];
        assert_eq!(first.mean, Number::new((range.start.0 / 60_000 + 59) * 10, 0));
    }
}

#[test]
fn months_are_those_of_the_zone() {
    let bed = Bed::new();
    let store = bed.open();
    let first = date(2026, 3, 31).to_zoned(oslo()).unwrap().timestamp();
    minutes(&store, first.into(), UtcMillis::from(first).plus(2 * DAY));
    let months = points(&store, POWER, Resolution::Month, &oslo());
    let april: UtcMillis = date(2026, 4, 1).to_zoned(oslo()).unwrap().timestamp().into();
    assert_eq!(months.iter().map(|point| point.samples).collect::<Vec<_>>(), [1440, 1440]);
    assert_eq!(months[1].at, april);
    // only whole periods that begin in the range
    let range = april.plus(-1)..april.plus(1);
    let found = store.series(METER, &[POWER], range, Resolution::Month, &oslo()).unwrap();
    assert_eq!(found[0].points, months[1..]);
}

#[test]
fn what_is_too_old_goes_and_something_coarser_stays() {
    let mut bed = Bed::new();
    bed.options.raw_days = 1;
    bed.options.minute_days = 2;
    let store = bed.open();
    minutes(&store, START, START.plus(4 * DAY));
    let by = |resolution| points(&store, POWER, resolution, &TimeZone::UTC);
    let quarters = by(Resolution::Quarter);
    assert_eq!(quarters.len(), 4 * 96);
    // the clock goes on day by day; a step at a time is removed
    for day in 0..=4 {
        bed.clock.set(START.plus(day * DAY));
        for _ in 0..40 {
            store.flush().unwrap();
        }
    }
    assert_eq!(by(Resolution::Quarter), quarters);
    let raw = by(Resolution::Raw);
    let step = |at: i64| {
        let place = raw.partition_point(|point| point.at < START.plus(at));
        raw[place + 1].at.since(raw[place].at)
    };
    // as samples came once a minute, minutes look like them, and tell only by their count
    assert_eq!((step(DAY), step(2 * DAY + HOUR), step(4 * DAY - HOUR)), (900_000, 60_000, 60_000));
    let file = rusqlite::Connection::open(bed.path()).unwrap();
    let count = |table: &str| -> i64 {
        let sql = format!("SELECT count(DISTINCT key >> 40) FROM {table}");
        file.query_row(&sql, [], |row| row.get(0)).unwrap()
    };
    assert_eq!((count("sample"), count("minute")), (23, 47));
}

#[test]
fn a_clock_that_leaps_does_not_clear_the_history() {
    let bed = Bed::new();
    let store = bed.open();
    minutes(&store, START, START.plus(DAY));
    bed.clock.set(START.plus(DAY));
    let run = || (0..10).for_each(|_| store.flush().unwrap());
    run();
    let before = points(&store, POWER, Resolution::Raw, &TimeZone::UTC).len();
    bed.clock.set(START.plus(20 * 366 * DAY));
    run();
    bed.clock.set(START.plus(20 * 366 * DAY + 2 * DAY));
    run();
    assert_eq!(points(&store, POWER, Resolution::Raw, &TimeZone::UTC).len(), before);
    // whoever stays there for days is believed
    bed.clock.set(START.plus(20 * 366 * DAY + 4 * DAY));
    run();
    assert_eq!(points(&store, POWER, Resolution::Raw, &TimeZone::UTC).len(), 96);
}

#[test]
fn late_messages_find_their_hour() {
    let bed = Bed::new();
    let store = bed.open();
    minutes(&store, START, START.plus(3 * HOUR));
    let late = START.plus(30_000);
    let values = vec![(POWER, Number::new(7, 0))];
    store.keep(
        METER,
        Record { received: START.plus(3 * HOUR), at: late, values, ..Record::default() },
    );
    let first = |store: &Store| {
        let points = points(store, POWER, Resolution::Minute, &TimeZone::UTC);
        (points[0].samples, points[0].min)
    };
    assert_eq!(first(&store), (2, Number::new(7, 0)));
    store.flush().unwrap();
    assert_eq!(first(&store), (2, Number::new(7, 0)));
    minutes(&store, START.plus(3 * HOUR + 60_000), START.plus(5 * HOUR));
    store.flush().unwrap();
    assert_eq!(first(&store), (2, Number::new(7, 0)));
    assert_eq!(points(&store, POWER, Resolution::Quarter, &TimeZone::UTC)[0].samples, 16);
}

#[test]
fn an_import_fills_gaps_and_changes_nothing() {
    let bed = Bed::new();
    let store = bed.open();
    let mut house = Household::new(10, Memory::default());
    for _ in 0..360 {
        store.keep(METER, house.next());
    }
    let before = store.intervals(METER, Register::ActiveImport, all()).unwrap();
    let first = QuarterHour::containing(START);
    let imported = |n: i64, wh: i64| Interval {
        register: Register::ActiveImport,
        quarter: QuarterHour(first.0 + n),
        wh,
        quality: Quality::Measured,
        standing: Standing::Settled,
        edges: Edges::default(),
    };
    let rows: Vec<Interval> = (-4..8).map(|n| imported(n, 1000 + n)).collect();
    let done = store.import_intervals(METER, rows.clone()).unwrap();
    assert_eq!(done.taken + done.left, 12);
    let after = store.intervals(METER, Register::ActiveImport, all()).unwrap();
    for interval in &before {
        assert!(after.contains(interval), "{interval:?} has changed");
    }
    assert_eq!(after.len(), 12);
    assert_eq!(after[..4], rows[..4]);
    assert_eq!(store.import_intervals(METER, rows).unwrap(), Imported { taken: 0, left: 12 });
    // what the meter says later counts
    for _ in 0..3 * 360 {
        store.keep(METER, house.next());
    }
    store.flush().unwrap();
    let later = store.intervals(METER, Register::ActiveImport, all()).unwrap();
    assert!(later[5..12].iter().all(|interval| interval.wh < 1000), "{later:?}");
    let events = store.happenings(Some(METER), all(), 10).unwrap();
    assert!(events.iter().any(|event| event.kind == "imported"));
}

#[test]
fn imported_values_go_where_there_are_none() {
    let bed = Bed::new();
    let store = bed.open();
    minutes(&store, START, START.plus(HOUR));
    let point = |minute: i64| {
        let number = Number::new(500, 0);
        Point {
            at: START.plus(minute * 60_000),
            mean: number,
            min: Number::new(4, 2),
            max: Number::new(6001, -1),
            samples: 6,
        }
    };
    let import = |resolution, step: usize| {
        let points = (0..120).step_by(step).map(point).collect();
        store.import_points(METER, POWER, resolution, points).unwrap()
    };
    assert_eq!(import(Resolution::Raw, 1), Imported { taken: 60, left: 60 });
    assert_eq!(import(Resolution::Minute, 1), Imported { taken: 0, left: 120 });
    assert_eq!(import(Resolution::Quarter, 15), Imported { taken: 0, left: 8 });
    let minutes = points(&store, POWER, Resolution::Minute, &TimeZone::UTC);
    assert_eq!(minutes.len(), 120);
    assert_eq!(minutes[0].mean, Number::new(START.0 / 60_000, 0));
    assert_eq!(minutes[60].mean, Number::new(500, 0));
    // another quantity has nothing there
    let other = Quantity::total(Measure::ActiveExport);
    let quarters: Vec<Point> = (0..120).step_by(15).map(point).collect();
    let done = store.import_points(METER, other, Resolution::Quarter, quarters).unwrap();
    assert_eq!(done, Imported { taken: 8, left: 0 });
    let found = points(&store, other, Resolution::Quarter, &TimeZone::UTC);
    assert_eq!(found[0].min, Number::new(4000, -1));
    assert_eq!(found[0].max, Number::new(6001, -1));
    assert!(store.import_points(METER, other, Resolution::Day, Vec::new()).is_err());
}

#[test]
fn a_visit_sees_what_a_read_sees() {
    let bed = Bed::new();
    let store = bed.open();
    minutes(&store, START.plus(30 * 60_000), START.plus(3 * DAY));
    for resolution in Resolution::ALL {
        let read = store.series(METER, &[COUNTER, POWER], all(), resolution, &oslo()).unwrap();
        let visit = Visit {
            meter: METER,
            quantities: &[COUNTER, POWER],
            range: all(),
            resolution,
            zone: &oslo(),
        };
        let mut seen = [Vec::new(), Vec::new()];
        let ended: Option<()> = store
            .visit_series(&visit, |visited| {
                for (all, point) in seen.iter_mut().zip(&visited.points) {
                    all.extend(*point);
                }
                ControlFlow::Continue(())
            })
            .unwrap();
        assert_eq!(ended, None);
        assert_eq!(seen[0], read[0].points, "{resolution:?}");
        assert_eq!(seen[1], read[1].points, "{resolution:?}");
    }
    let visit = Visit {
        meter: METER,
        quantities: &[POWER],
        range: all(),
        resolution: Resolution::Raw,
        zone: &oslo(),
    };
    let mut count = 0;
    let broken = store.visit_series(&visit, |visited| {
        count += 1;
        if count == 5 { ControlFlow::Break(visited.at) } else { ControlFlow::Continue(()) }
    });
    assert_eq!(broken.unwrap(), Some(START.plus(34 * 60_000)));
}

#[test]
fn readers_see_every_message_while_the_writer_works() {
    let bed = Bed::new();
    let store = bed.open();
    let mut house = Household::new(10, Memory::default());
    store.keep(METER, house.next());
    let done = AtomicBool::new(false);
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                let mut seen = 0;
                while !done.load(Ordering::SeqCst) {
                    let points = points(&store, POWER, Resolution::Raw, &TimeZone::UTC);
                    let numbers: Vec<i64> = points.iter().map(|p| p.mean.mantissa).collect();
                    let count = i64::try_from(numbers.len()).unwrap();
                    let truth: Vec<i64> = (0..count).map(|n| watts(n * 10)).collect();
                    assert_eq!(numbers, truth, "a hole or a double");
                    assert!(numbers.len() >= seen);
                    seen = numbers.len();
                }
            });
        }
        for _ in 0..2000 {
            store.keep(METER, house.next());
            store.pace(30);
        }
        done.store(true, Ordering::SeqCst);
    });
    assert_eq!(points(&store, POWER, Resolution::Raw, &TimeZone::UTC).len(), 2001);
}
