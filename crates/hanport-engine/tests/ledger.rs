//! The ledger against random households: whatever is lost, late, repeated or restarted, the
//! quarters add up to the registers.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may panic")]

use hanport_engine::energy::{
    Entry, Interval, Ledger, Official, PerRegister, Quality, QuarterHour, Register, RegisterValue,
    Sample, Standing,
};
use hanport_engine::time::UtcMillis;
use proptest::collection::vec;
use proptest::prelude::*;

/// 2026-01-10T11:00:00Z.
const START_S: i64 = 1_768_042_800;
const BOTH: [Register; 2] = [Register::ActiveImport, Register::ActiveExport];

/// When a meter sends its registers.
#[derive(Clone, Copy, Debug)]
enum Schedule {
    /// With every message.
    Always,
    /// Ten seconds after the hour, as they stood at the hour.
    Frozen,
    /// So many seconds after the hour, as they stand then.
    Late(i64),
}

/// A household that changes its power now and then, and the line to it.
#[derive(Clone, Debug)]
struct Scenario {
    /// (seconds it lasts, import in watts, export in watts)
    loads: Vec<(i64, i64, i64)>,
    period_s: i64,
    schedule: Schedule,
    step_wh: i64,
    start_wh: i64,
    /// (first second, length) in which nothing arrives
    outages: Vec<(i64, i64)>,
    /// hours whose list is a repetition of the one before
    repeats: Vec<i64>,
    /// seconds at which the program stops and starts again
    stops: Vec<i64>,
}

fn schedules() -> impl Strategy<Value = Schedule> {
    prop_oneof![
        Just(Schedule::Always),
        Just(Schedule::Frozen),
        prop_oneof![Just(5i64), Just(35), Just(55)].prop_map(Schedule::Late),
    ]
}

fn loads() -> impl Strategy<Value = Vec<(i64, i64, i64)>> {
    let load = prop_oneof![
        4 => (30i64..1500, 0i64..12_000, Just(0i64)),
        1 => (30i64..1500, Just(0i64), 0i64..9000),
    ];
    vec(load, 5..30)
}

fn scenarios() -> impl Strategy<Value = Scenario> {
    let periods = prop_oneof![Just(1i64), Just(2), Just(5), Just(10), Just(60)];
    let steps = prop_oneof![Just(1i64), Just(10), Just(1000)];
    let starts = prop_oneof![Just(0i64), 0i64..60_000_000, Just(999_998_000)];
    let outages = vec((0i64..40_000, 1i64..20_000), 0..4);
    let stops = vec(0i64..40_000, 0..4);
    (loads(), periods, schedules(), steps, starts, outages, vec(1i64..10, 0..3), stops).prop_map(
        |(loads, period_s, schedule, step_wh, start_wh, outages, repeats, stops)| Scenario {
            loads,
            period_s,
            schedule,
            step_wh,
            start_wh: start_wh - start_wh % step_wh,
            outages,
            repeats,
            stops,
        },
    )
}

impl Scenario {
    fn is_silent(&self, s: i64) -> bool {
        self.outages.iter().any(|&(from, length)| (from..from + length).contains(&s))
    }

    fn stops_at(&self, s: i64) -> bool {
        self.stops.iter().any(|&r| (r..r + self.period_s).contains(&s))
    }

    /// The instant of the registers that a message at second `s` carries.
    fn registers_at(&self, s: i64) -> Option<i64> {
        let (hour, into) = (s / 3600, s % 3600);
        let due = |second: i64| (second..second + self.period_s).contains(&into);
        match self.schedule {
            Schedule::Always => Some(s),
            Schedule::Frozen if due(10) => {
                let repeated = hour > 0 && self.repeats.contains(&hour);
                Some((hour - i64::from(repeated)) * 3600)
            }
            Schedule::Late(second) if due(second) => Some(s),
            Schedule::Frozen | Schedule::Late(_) => None,
        }
    }
}

/// The truth, second by second: watts, and watt-seconds since the start, of import and export.
struct Truth {
    power: Vec<[i64; 2]>,
    energy: Vec<[i64; 2]>,
}

impl Truth {
    fn of(scenario: &Scenario) -> Self {
        let mut power = Vec::new();
        for &(seconds, import, export) in &scenario.loads {
            power.extend((0..seconds).map(|_| [import, export]));
        }
        let mut energy = vec![[0, 0]];
        let mut sum = [0, 0];
        for &[import, export] in &power {
            sum = [sum[0] + import, sum[1] + export];
            energy.push(sum);
        }
        Self { power, energy }
    }

    fn seconds(&self) -> i64 {
        i64::try_from(self.power.len()).unwrap()
    }

    fn power(&self, s: i64) -> [i64; 2] {
        self.power[usize::try_from(s.max(0)).unwrap().min(self.power.len() - 1)]
    }

    fn energy_ws(&self, s: i64) -> [i64; 2] {
        self.energy[usize::try_from(s.max(0)).unwrap().min(self.energy.len() - 1)]
    }

    /// What a meter that counts in steps shows.
    fn register_wh(&self, scenario: &Scenario, s: i64, direction: usize) -> i64 {
        let wh = scenario.start_wh + self.energy_ws(s)[direction] / 3600;
        wh - wh % scenario.step_wh
    }

    /// How far samples may be off in a stretch: a change of power is seen up to a period late.
    fn sampling_error_wh(&self, period_s: i64, from: i64, to: i64) -> i64 {
        let changes = (from.max(1)..to.min(self.seconds())).map(|s| {
            let (before, after) = (self.power(s - 1), self.power(s));
            (before[0] - after[0]).abs().max((before[1] - after[1]).abs()) * period_s
        });
        changes.sum::<i64>() / 3600
    }
}

/// How the program stops.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Stop {
    /// It does not.
    Never,
    /// In an orderly way: the ledger is stored.
    Orderly,
    /// Killed: what came out since the last full minute is lost.
    Killed,
}

/// Everything that came out, and what the meter stated.
struct Outcome {
    ledger: Ledger,
    entries: Vec<Entry>,
    /// The readings that arrived, per direction: (at, watt-hours).
    readings: [Vec<(i64, i64)>; 2],
    /// The farthest a running register ever fell.
    fell: i64,
    /// The farthest it ever was ahead of the truth, in watt-hours.
    ahead_wh: i64,
}

fn run(scenario: &Scenario, stop: Stop) -> Outcome {
    let truth = Truth::of(scenario);
    let mut ledger = Ledger::new();
    let mut entries = Vec::new();
    let mut readings = [Vec::new(), Vec::new()];
    let mut shown = [0i64; 2];
    let (mut fell, mut ahead_wh) = (0, 0);
    let mut committed = (ledger.clone(), 0, [0, 0]);
    for s in (0..truth.seconds()).step_by(usize::try_from(scenario.period_s).unwrap()) {
        if scenario.is_silent(s) {
            continue;
        }
        let received = UtcMillis::from_seconds(START_S + s).plus(300);
        let mut sample = Sample { received, at: received, ..Sample::default() };
        for (direction, register) in BOTH.into_iter().enumerate() {
            *sample.power_mw.of_mut(register) = Some(truth.power(s)[direction] * 1000);
            let Some(at) = scenario.registers_at(s) else { continue };
            let wh = truth.register_wh(scenario, at, direction);
            sample.registers_at = UtcMillis::from_seconds(START_S + at);
            let value = RegisterValue { mwh: wh * 1000, step_mwh: scenario.step_wh * 1000 };
            *sample.registers.of_mut(register) = Some(value);
            readings[direction].push((at, wh));
        }
        ledger.apply(&sample, &mut entries);
        if s % 60 == 0 {
            committed = (ledger.clone(), entries.len(), [readings[0].len(), readings[1].len()]);
        }
        if stop == Stop::Orderly && scenario.stops_at(s) {
            let stored = serde_json::to_string(&ledger).unwrap();
            ledger = serde_json::from_str(&stored).unwrap();
        } else if stop == Stop::Killed && scenario.stops_at(s) {
            ledger = committed.0.clone();
            entries.truncate(committed.1);
            readings[0].truncate(committed.2[0]);
            readings[1].truncate(committed.2[1]);
        }
        for (direction, register) in BOTH.into_iter().enumerate() {
            if let Some(running) = ledger.running(register) {
                fell = fell.min(running.mwh() - shown[direction]);
                shown[direction] = running.mwh();
                let truth_wh = scenario.start_wh + truth.energy_ws(s)[direction] / 3600;
                ahead_wh = ahead_wh.max(running.mwh() / 1000 - truth_wh);
            }
        }
    }
    Outcome { ledger, entries, readings, fell, ahead_wh }
}

fn settled(outcome: &Outcome, register: Register) -> Vec<Interval> {
    outcome
        .entries
        .iter()
        .filter_map(|entry| match entry {
            Entry::Interval(interval) if interval.register == register => Some(*interval),
            _ => None,
        })
        .filter(|interval| interval.standing == Standing::Settled)
        .collect()
}

/// The first and the newest reading; repetitions are older than the newest.
fn span(readings: &[(i64, i64)]) -> Option<(i64, i64)> {
    let first = readings.first()?;
    let newest = readings.iter().max_by_key(|(at, _)| *at)?;
    Some((first.1, newest.1))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn settled_quarters_and_the_open_one_add_up_to_the_registers(
        scenario in scenarios(),
        killed: bool,
    ) {
        let outcome = run(&scenario, if killed { Stop::Killed } else { Stop::Orderly });
        for (direction, register) in BOTH.into_iter().enumerate() {
            let settled = settled(&outcome, register);
            prop_assert!(settled.iter().all(|i| i.wh >= 0));
            for pair in settled.windows(2) {
                prop_assert_eq!(pair[0].quarter.next(), pair[1].quarter);
            }
            let Some((first, last)) = span(&outcome.readings[direction]) else { continue };
            let backed = settled.iter().filter(|i| i.quality != Quality::Missing);
            let booked = backed.map(|i| i.wh).sum::<i64>() + outcome.ledger.booked_wh(register);
            prop_assert_eq!(booked, last - first, "{:?}", register);
        }
    }

    #[test]
    fn running_registers_never_fall_and_never_run_away(scenario in scenarios()) {
        let truth = Truth::of(&scenario);
        let outcome = run(&scenario, Stop::Orderly);
        prop_assert_eq!(outcome.fell, 0);
        // power is joined over pauses of up to three and a half periods, or twelve seconds
        let slack = truth.sampling_error_wh((scenario.period_s * 4).max(12), 0, truth.seconds());
        prop_assert!(outcome.ahead_wh <= slack + 1, "{} Wh ahead", outcome.ahead_wh);
    }

    #[test]
    fn no_quarter_that_can_peak_exceeds_what_was_drawn(scenario in scenarios()) {
        let truth = Truth::of(&scenario);
        let outcome = run(&scenario, Stop::Never);
        for (direction, register) in BOTH.into_iter().enumerate() {
            for interval in settled(&outcome, register) {
                if !interval.quality.can_peak() {
                    continue;
                }
                let from = interval.quarter.start().seconds() - START_S;
                let (a, b) = (truth.energy_ws(from), truth.energy_ws(from + 900));
                let drawn = (b[direction] - a[direction]) / 3600;
                let slack = truth.sampling_error_wh(scenario.period_s, from - 7200, from + 8100);
                let tolerance = 2 * scenario.step_wh + 2 + slack + drawn / 8;
                prop_assert!(interval.wh <= drawn + tolerance, "{:?} drew {} Wh", interval, drawn);
            }
        }
    }

    #[test]
    fn storing_and_restoring_changes_nothing(scenario in scenarios()) {
        let (with, without) = (run(&scenario, Stop::Orderly), run(&scenario, Stop::Never));
        prop_assert_eq!(with.entries, without.entries);
        prop_assert_eq!(with.ledger, without.ledger);
    }

    #[test]
    fn gaps_are_marked(scenario in scenarios()) {
        let outcome = run(&scenario, Stop::Never);
        for interval in settled(&outcome, Register::ActiveImport) {
            let from = interval.quarter.start().seconds() - START_S;
            let silent = (from..from + 900).filter(|&s| scenario.is_silent(s)).count();
            let exact = interval.edges.start && interval.edges.end;
            let marked = exact || interval.quality != Quality::Measured;
            prop_assert!(silent < 600 || marked, "{:?} silent for {} s", interval, silent);
        }
    }

    #[test]
    fn no_input_makes_it_negative_settle_twice_or_panic(
        wild in vec((any::<i64>(), any::<i64>(), any::<i64>(), any::<i64>(), 1i64..1_000_000), 0..60),
        tame in vec((0i64..10_000_000, -4_000_000i64..4_000_000, 0i64..5_000_000, 0i64..9_000_000), 0..60),
    ) {
        let sample = |received, at, mw, mwh, step_mwh| Sample {
            received,
            at,
            registers_at: at,
            power_mw: PerRegister { active_import: Some(mw), ..PerRegister::default() },
            registers: PerRegister {
                active_import: Some(RegisterValue { mwh, step_mwh }),
                ..PerRegister::default()
            },
            meter: None,
        };
        let tame = tame.into_iter().map(|(ms, off, mw, mwh)| {
            let received = UtcMillis::from_seconds(START_S).plus(ms);
            sample(received, received.plus(off), mw, mwh, 1000)
        });
        let wild = wild.into_iter().map(|(received, at, mw, mwh, step_mwh)| {
            sample(UtcMillis(received), UtcMillis(at), mw, mwh.saturating_abs(), step_mwh)
        });
        let mut ledger = Ledger::new();
        let mut entries = Vec::new();
        let mut last: Option<QuarterHour> = None;
        for sample in tame.chain(wild) {
            ledger.apply(&sample, &mut entries);
            for entry in entries.drain(..) {
                let Entry::Interval(interval) = entry else { continue };
                prop_assert!(interval.wh >= 0);
                if interval.standing == Standing::Settled {
                    prop_assert!(last.is_none_or(|last| last < interval.quarter));
                    last = Some(interval.quarter);
                }
            }
        }
    }
}

#[test]
fn an_official_reading_is_kept_for_every_quarter() {
    let at = |s| UtcMillis::from_seconds(START_S + s);
    let mut ledger = Ledger::new();
    let mut entries = Vec::new();
    for s in (0..3600).step_by(10) {
        let mut sample = Sample { received: at(s), registers_at: at(s), ..Sample::default() };
        let value = RegisterValue { mwh: s * 1000, step_mwh: 1000 };
        sample.registers.reactive_export = Some(value);
        ledger.apply(&sample, &mut entries);
    }
    let kept: Vec<Official> = entries
        .iter()
        .filter_map(|entry| match entry {
            Entry::Register(Register::ReactiveExport, official) => Some(*official),
            _ => None,
        })
        .collect();
    assert_eq!(kept.iter().map(|o| o.at).collect::<Vec<_>>(), [0, 900, 1800, 2700].map(at));
}
