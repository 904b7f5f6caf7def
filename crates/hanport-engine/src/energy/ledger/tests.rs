//! The ledger through its one door: samples in, entries out.

use super::IncidentKind::{MeterExchanged, MeterIdChanged, RegisterDoubted, RegisterJumped};
use super::*;
use crate::energy::Quality::{Estimated, Measured};
use crate::energy::{Edges, Quality, QuarterHour, Standing};

const QUARTER: i64 = 900;
/// 2026-01-10T11:00:00Z.
const START: i64 = 1_768_042_800;

/// A meter that imports, and everything the ledger said about it.
struct Bench {
    ledger: Ledger,
    entries: Vec<Entry>,
}

impl Bench {
    fn new() -> Self {
        Self { ledger: Ledger::new(), entries: Vec::new() }
    }

    fn sample(&mut self, s: i64, change: impl FnOnce(&mut Sample)) {
        let at = UtcMillis::from_seconds(START + s);
        let mut sample = Sample { received: at, at, registers_at: at, ..Sample::default() };
        change(&mut sample);
        self.ledger.apply(&sample, &mut self.entries);
    }

    /// Import at `watts` from `from` to `to` seconds after the start, every ten seconds.
    fn power(&mut self, from: i64, to: i64, watts: i64) {
        for s in (from..=to).step_by(10) {
            self.sample(s, |sample| sample.power_mw.active_import = Some(watts * 1000));
        }
    }

    /// An import register of `step` watt-hours that stood so at `at`, arriving at `received`.
    fn register(&mut self, at: i64, received: i64, wh: i64, step: i64) {
        self.sample(received, |sample| {
            sample.registers_at = UtcMillis::from_seconds(START + at);
            sample.registers.active_import =
                Some(RegisterValue { mwh: wh * 1000, step_mwh: step * 1000 });
        });
    }

    fn settled(&self) -> Vec<Interval> {
        self.entries
            .iter()
            .filter_map(|entry| match entry {
                Entry::Interval(interval) if interval.standing == Standing::Settled => {
                    Some(*interval)
                }
                _ => None,
            })
            .collect()
    }

    fn energies(&self) -> Vec<i64> {
        self.settled().iter().map(|interval| interval.wh).collect()
    }

    fn qualities(&self) -> Vec<Quality> {
        self.settled().iter().map(|interval| interval.quality).collect()
    }

    fn incidents(&self) -> Vec<IncidentKind> {
        self.entries
            .iter()
            .filter_map(|entry| match entry {
                Entry::Incident(incident) => Some(incident.kind),
                _ => None,
            })
            .collect()
    }
}

#[test]
fn an_hourly_register_settles_four_quarters_in_the_measured_shape() {
    let mut bench = Bench::new();
    bench.register(0, 10, 5_000_000, 10);
    bench.power(0, QUARTER, 4000);
    bench.power(QUARTER + 10, 3600, 1000);
    bench.register(3600, 3610, 5_001_750, 10);
    assert_eq!(bench.energies().iter().sum::<i64>(), 1750);
    let settled = bench.settled();
    assert!((990..=1005).contains(&settled[0].wh), "{settled:?}");
    assert_eq!(bench.qualities(), [Measured; 4]);
    assert!(settled[0].edges.start && settled[3].edges.end && !settled[0].edges.end);
    assert_eq!(settled[0].quarter, QuarterHour(START / QUARTER));
}

#[test]
fn registers_every_second_settle_each_quarter_at_its_end() {
    let mut bench = Bench::new();
    for s in 0..=2 * QUARTER {
        bench.register(s, s, 1_000_000 + s, 1);
    }
    assert_eq!(bench.energies(), [900, 900]);
    let edges = Edges { start: true, end: true };
    assert!(bench.settled().iter().all(|i| i.edges == edges && i.quality == Measured));
    let kept = bench.entries.iter().filter(|entry| matches!(entry, Entry::Register(..))).count();
    assert_eq!(kept, 3);
}

#[test]
fn late_hourly_lists_with_live_counters_leave_their_seconds_in_the_new_hour() {
    let mut bench = Bench::new();
    bench.power(0, 60, 3600);
    bench.register(55, 55, 1_000_000, 10);
    bench.power(70, 3650, 3600);
    bench.register(3655, 3655, 1_003_600, 10);
    bench.power(3660, 7250, 3600);
    bench.register(7255, 7255, 1_007_200, 10);
    let settled = bench.settled();
    assert_eq!(settled.len(), 8);
    assert_eq!(settled[4].wh, 900);
    // the first quarter is backed from its 55th second on
    assert_eq!((settled[0].wh, settled[0].quality), (845, Estimated));
    let hour: i64 = settled[4..8].iter().map(|interval| interval.wh).sum();
    assert_eq!(hour, 3600);
}

#[test]
fn a_repeated_hourly_list_is_waited_out() {
    let mut bench = Bench::new();
    bench.register(0, 10, 1_000_000, 10);
    bench.power(0, 3600, 2000);
    bench.register(0, 3610, 1_000_000, 10);
    assert_eq!(bench.incidents(), [IncidentKind::RegisterRepeated]);
    assert_eq!(bench.energies(), [0i64; 0]);
    bench.power(3610, 7200, 4000);
    bench.register(7200, 7210, 1_006_000, 10);
    let energies = bench.energies();
    assert_eq!(energies.iter().sum::<i64>(), 6000);
    assert!(energies[..4].iter().all(|wh| (495..=505).contains(wh)), "{energies:?}");
    assert_eq!(bench.qualities(), [Measured; 8]);
}

#[test]
fn a_repeated_list_with_a_new_clock_is_waited_out_too() {
    let mut bench = Bench::new();
    bench.register(0, 10, 1_000_000, 10);
    bench.power(0, 3600, 2000);
    bench.register(3600, 3610, 1_000_000, 10);
    assert_eq!(bench.incidents(), [IncidentKind::RegisterRepeated]);
    bench.power(3610, 7200, 4000);
    bench.register(7200, 7210, 1_006_000, 10);
    assert!(bench.energies()[..4].iter().all(|wh| (495..=505).contains(wh)));
}

#[test]
fn a_long_outage_is_estimated_evenly_and_forms_no_peak() {
    let mut bench = Bench::new();
    bench.register(0, 0, 1_000_000, 1);
    bench.register(3 * 86_400, 3 * 86_400, 1_100_000, 1);
    let energies = bench.energies();
    assert_eq!(energies.len(), 3 * 96);
    assert_eq!(energies.iter().sum::<i64>(), 100_000);
    assert!(energies.iter().all(|wh| (347..=348).contains(wh)));
    assert!(bench.settled().iter().all(|interval| interval.quality == Estimated));
    assert!(bench.settled()[0].edges.start);
}

#[test]
fn what_flowed_during_an_outage_is_not_booked_before_or_after_it() {
    let mut bench = Bench::new();
    bench.register(0, 0, 1_000_000, 10);
    bench.power(0, QUARTER, 400);
    bench.power(3 * QUARTER, 3600, 400);
    bench.register(3600, 3610, 1_005_700, 10);
    let energies = bench.energies();
    assert_eq!(energies.iter().sum::<i64>(), 5700);
    assert!(energies[0] < 110 && energies[3] < 110, "{energies:?}");
    assert_eq!(bench.qualities(), [Measured, Estimated, Estimated, Measured]);
}

#[test]
fn before_the_first_register_intervals_are_missing() {
    let mut bench = Bench::new();
    bench.power(0, 2000, 3600);
    bench.register(2000, 2000, 1_000_000, 10);
    let settled = bench.settled();
    assert_eq!(bench.qualities(), [Quality::Missing; 2]);
    assert_eq!(settled[0].wh, 900);
    let open: Vec<_> = bench.ledger.open(Register::ActiveImport).collect();
    assert_eq!(open, []);
}

#[test]
fn an_exchanged_meter_makes_neither_a_peak_nor_a_negative() {
    let mut bench = Bench::new();
    let id = |text| Some(MeterId::new(text).unwrap());
    bench.sample(0, |sample| sample.meter = id("old"));
    bench.register(0, 0, 52_000_000, 10);
    bench.power(0, 1000, 1000);
    bench.register(1000, 1000, 52_000_280, 10);
    bench.sample(4000, |sample| sample.meter = id("new"));
    bench.register(4000, 4000, 10, 10);
    bench.power(4000, 4600, 1000);
    bench.register(7200, 7200, 900, 10);
    assert_eq!(bench.incidents(), [MeterIdChanged, MeterExchanged]);
    let energies = bench.energies();
    assert_eq!(energies.iter().sum::<i64>(), 280 + 890);
    assert_eq!(energies.len(), 8);
    assert_eq!(bench.qualities()[2..4], [Quality::Missing; 2]);
    assert_eq!(bench.ledger.running(Register::ActiveImport).unwrap().mwh(), 900_000);
}

#[test]
fn a_meter_exchanged_for_one_with_a_higher_register_makes_no_huge_hour() {
    let mut bench = Bench::new();
    for hour in 0..3 {
        bench.register(hour * 3600, hour * 3600, 1_000_000 + hour * 500, 10);
        bench.power(hour * 3600, hour * 3600 + 3590, 500);
    }
    for hour in 3..7 {
        bench.register(hour * 3600, hour * 3600, 7_000_000 + hour * 500, 10);
        bench.power(hour * 3600, hour * 3600 + 3590, 500);
    }
    assert_eq!(bench.incidents(), [RegisterDoubted, RegisterJumped]);
    assert!(bench.energies().iter().all(|&wh| wh <= 130));
    assert_eq!(bench.settled().len(), 24);
}

#[test]
fn one_damaged_register_is_not_believed() {
    let mut bench = Bench::new();
    for s in (0..=1800).step_by(10) {
        let wh = if s == 300 {
            4_000_000_000
        } else if s == 500 {
            17
        } else {
            1_000_000 + s
        };
        bench.register(s, s, wh, 1);
    }
    assert_eq!(bench.energies(), [900, 900]);
    assert_eq!(bench.incidents(), [RegisterDoubted; 2]);
}

#[test]
fn a_reset_register_goes_on_from_where_it_begins() {
    let mut bench = Bench::new();
    for s in (0..=1800).step_by(10) {
        bench.register(s, s, if s < 600 { 1_000_000 + s } else { s - 600 }, 1);
    }
    let energies = bench.energies();
    assert_eq!(energies, [590 + 300, 900]);
    assert_eq!(bench.incidents(), [RegisterDoubted, IncidentKind::RegisterReset]);
}

#[test]
fn a_wrapped_register_goes_on_counting() {
    let mut bench = Bench::new();
    for s in (0..=1800).step_by(10) {
        bench.register(s, s, (999_999_500 + s) % 1_000_000_000, 1);
    }
    assert_eq!(bench.energies(), [900, 900]);
    assert_eq!(bench.incidents(), [IncidentKind::RegisterWrapped]);
}

#[test]
fn a_clock_that_steps_costs_no_energy() {
    for step in [-30, -2, 2, 30, 240] {
        let mut bench = Bench::new();
        for s in (0..=3600).step_by(10) {
            let at = if s < 1200 { s } else { s + step };
            bench.register(at, s, 1_000_000 + s, 1);
        }
        let open: i64 = bench.ledger.open(Register::ActiveImport).map(|i| i.wh).sum();
        let sum = bench.energies().iter().sum::<i64>() + open;
        assert_eq!(sum, 3600, "{step}");
        assert!(bench.energies().iter().all(|wh| (640..=1160).contains(wh)));
    }
}

#[test]
fn an_hour_of_a_wrong_clock_is_only_estimated() {
    let mut bench = Bench::new();
    for s in (0..=7200).step_by(10) {
        let at = if s < 3600 { s } else { s - 600 };
        bench.register(at, s, 1_000_000 + s, 1);
    }
    let settled = bench.settled();
    assert_eq!(settled.iter().map(|i| i.wh).sum::<i64>(), 6300 + 600);
    for interval in settled {
        assert!(interval.wh <= 900 || !interval.quality.can_peak(), "{interval:?}");
    }
    assert_eq!(bench.incidents(), [IncidentKind::ClockStepped]);
}

#[test]
fn an_unset_clock_books_nothing() {
    let mut bench = Bench::new();
    let sample = Sample {
        received: UtcMillis(5000),
        registers: PerRegister {
            active_import: Some(RegisterValue { mwh: 1000, step_mwh: 1000 }),
            ..PerRegister::default()
        },
        ..Sample::default()
    };
    bench.ledger.apply(&sample, &mut bench.entries);
    assert_eq!(bench.entries, []);
    assert_eq!(bench.ledger, Ledger::new());
}

#[test]
fn a_new_scale_is_a_new_beginning() {
    let mut bench = Bench::new();
    bench.register(0, 0, 1_000_000, 1);
    bench.register(10, 10, 1_000_001, 1);
    bench.ledger.rescale();
    bench.register(20, 20, 1_000_100, 1);
    bench.register(900, 900, 1_000_200, 1);
    assert_eq!(bench.energies(), [101]);
    assert_eq!(bench.incidents(), [IncidentKind::RegisterRescaled]);
}

#[test]
fn open_quarters_are_announced_and_then_settled() {
    let mut bench = Bench::new();
    bench.register(0, 10, 1_000_000, 10);
    bench.power(0, 2000, 3600);
    let announced: Vec<_> = bench
        .entries
        .iter()
        .filter_map(|entry| match entry {
            Entry::Interval(interval) => Some((interval.standing, interval.wh)),
            _ => None,
        })
        .collect();
    assert_eq!(announced, [(Standing::Provisional, 900); 2]);
    let open: Vec<_> = bench.ledger.open(Register::ActiveImport).map(|i| i.wh).collect();
    assert_eq!(open, [900, 900, 200]);
}

#[test]
fn a_wrong_scale_is_told_and_forms_no_peak_at_first() {
    let mut bench = Bench::new();
    for hour in 0..4 {
        bench.register(hour * 3600, hour * 3600 + 10, 1_000_000 + hour * 10_000, 10);
        bench.power(hour * 3600 + 20, hour * 3600 + 3600, 1000);
    }
    let incidents = bench.incidents();
    assert_eq!(incidents, [IncidentKind::RegisterOutran, IncidentKind::RegisterTenTimes]);
    assert_eq!(bench.qualities()[..4], [Estimated; 4]);
    assert_eq!(bench.energies().iter().sum::<i64>(), 30_000);
}
