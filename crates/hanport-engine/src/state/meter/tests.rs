//! A meter through its one door: inputs in, effects out.

use super::*;
use crate::energy::{IncidentKind, Interval, Quality, Standing};
use crate::state::{Multipliers, PortStatus};
use crate::time::{Row, Rule};
use hanport_core::datetime::DateTime;
use hanport_core::obis::Obis;
use hanport_core::quantity::Measure;

/// 2026-01-10T11:00:00Z.
const START: UtcMillis = UtcMillis::from_seconds(1_768_042_800);

struct Site {
    meter: Meter,
    effects: Vec<Effect>,
}

impl Site {
    fn new(settings: Settings) -> Self {
        let zone = TimeZone::get("Europe/Oslo").unwrap();
        Self { meter: Meter::new(settings, zone, Memory::default(), START), effects: Vec::new() }
    }

    /// A message `s` seconds after the start with values by code.
    fn message(&mut self, s: i64, values: &[(&str, Number)]) {
        let mut message = Message::new(START.plus(s * 1000));
        for (code, number) in values {
            let obis = Obis::from_text(code.as_bytes()).unwrap();
            message.values.push((Quantity::from_obis(obis).unwrap(), *number));
        }
        self.take(&message);
    }

    fn take(&mut self, message: &Message) {
        self.meter.apply(&Input::Message(message), &mut self.effects);
    }

    fn watts(&mut self, s: i64, watts: i64) {
        self.message(s, &[("1-0:1.7.0", Number::new(watts, 0))]);
    }

    fn intervals(&self) -> Vec<Interval> {
        let interval = |effect: &Effect| match effect {
            Effect::Ledger(Entry::Interval(interval)) => Some(*interval),
            _ => None,
        };
        let settled = |i: &Interval| i.standing == Standing::Settled;
        self.effects.iter().filter_map(interval).filter(settled).collect()
    }

    fn has(&self, effect: Effect) -> bool {
        self.effects.contains(&effect)
    }
}

#[test]
fn a_value_is_told_kept_and_goes_when_it_is_stale() {
    let mut site = Site::new(Settings::default());
    for s in (0..60).step_by(10) {
        site.watts(s, 1000 + s);
    }
    let import = Quantity::total(Measure::ActiveImport);
    let value = *site.meter.live().get(import).unwrap();
    assert_eq!((value.number, value.origin), (Number::new(1050, 0), Origin::Measured));
    let net = *site.meter.live().get(Quantity::total(Measure::ActiveNet)).unwrap();
    assert_eq!(net.origin, Origin::Derived);
    assert_eq!(site.meter.deadline(START.plus(50_000)), Some(START.plus(70_000)));
    site.effects.clear();
    site.meter.apply(&Input::Tick(START.plus(70_000)), &mut site.effects);
    assert_eq!(site.effects, [Effect::Port(START.plus(70_000), PortStatus::Late)]);
    site.meter.apply(&Input::Tick(START.plus(80_000)), &mut site.effects);
    assert!(site.has(Effect::Gone(import)));
    assert_eq!(site.meter.live().get(import), None);
}

#[test]
fn the_port_is_told_when_it_changes() {
    let mut site = Site::new(Settings::default());
    site.watts(1, 5);
    for _ in 0..3 {
        site.meter.apply(&Input::Fault(START.plus(2000)), &mut site.effects);
    }
    site.watts(3, 5);
    let ports: Vec<_> = site
        .effects
        .iter()
        .filter_map(|effect| match effect {
            Effect::Port(_, status) => Some(*status),
            _ => None,
        })
        .collect();
    assert_eq!(ports, [PortStatus::Good, PortStatus::Bad, PortStatus::Good]);
}

#[test]
fn transformers_apply_to_everything_and_a_new_ratio_makes_no_peak() {
    let ratio = Multipliers { power: 60_000, current: 60_000, energy: 60_000, voltage: 1000 };
    let mut site = Site::new(Settings { multipliers: ratio, ..Settings::default() });
    for s in (0..=900).step_by(10) {
        let register = ("1-0:1.8.0", Number::new(1000 + s / 100, 0));
        site.message(s, &[("1-0:1.7.0", Number::new(36, 0)), register]);
    }
    assert_eq!(site.intervals().iter().map(|i| i.wh).collect::<Vec<_>>(), [540]);
    let import = Quantity::total(Measure::ActiveImport);
    assert!(site.meter.live().get(import).unwrap().number.same_value(Number::new(2160, 0)));
    let zone = TimeZone::UTC;
    site.meter.set(Settings::default(), zone);
    for s in (910..=1800).step_by(10) {
        let register = ("1-0:1.8.0", Number::new(1000 + s / 100, 0));
        site.message(s, &[register]);
    }
    assert_eq!(site.intervals().last().unwrap().wh, 9);
    assert!(site.effects.iter().any(|effect| matches!(
        effect,
        Effect::Ledger(Entry::Incident(i)) if i.kind == IncidentKind::RegisterRescaled
    )));
}

#[test]
fn a_signed_power_shapes_import_and_export() {
    let mut site = Site::new(Settings::default());
    for s in (0..=3600).step_by(10) {
        let watts = if s < 1800 { 1000 } else { -3000 };
        let mut values = vec![("1-0:16.7.0", Number::new(watts, 0))];
        if s % 3600 == 0 {
            values.push(("1-0:1.8.0", Number::new(5000 + s / 3600 * 500, 0)));
            values.push(("1-0:2.8.0", Number::new(7000 + s / 3600 * 1500, 0)));
        }
        site.message(s, &values);
    }
    let of = |register| {
        let of: Vec<_> = site.intervals().into_iter().filter(|i| i.register == register).collect();
        assert!(of.iter().all(|i| i.quality == Quality::Measured));
        of.iter().map(|i| i.wh).collect::<Vec<_>>()
    };
    let (import, export) = (of(Register::ActiveImport), of(Register::ActiveExport));
    assert!((249..=251).contains(&import[0]) && import[1] >= 248 && import[3] == 0, "{import:?}");
    assert!(export[0] == 0 && export[2] >= 748 && export[3] >= 748, "{export:?}");
    assert_eq!((import.iter().sum::<i64>(), export.iter().sum::<i64>()), (500, 1500));
}

#[test]
fn a_norwegian_hour_is_booked_by_the_clock_of_the_list() {
    let mut site = Site::new(Settings::default());
    let row = Row::named("Aidon, Norway").unwrap();
    for s in (0..=7210).step_by(10) {
        let received = START.plus(s * 1000 + 1800);
        let mut message = Message::new(received);
        message.row = row;
        let watts = if s < 3600 { 2000 } else { 4000 };
        message.values.push((Quantity::total(Measure::ActiveImport), Number::new(watts, 0)));
        if s % 3600 == 10 {
            // the list of the second hour comes again instead of the third
            let hour = s / 3600;
            let stood = START.plus(hour * 3_600_000);
            let stamp = DateTime::from_unix_seconds(stood.seconds(), 60).unwrap();
            message.time = Some(DateTime { offset_minutes: None, ..stamp });
            message.energy_time = message.time;
            let counted = [0, 200, 600][usize::try_from(hour).unwrap()];
            let energy = Quantity::total(Measure::ActiveImportEnergy);
            message.values.push((energy, Number::new(100_000 + counted, 1)));
        }
        site.take(&message);
    }
    let wh: Vec<_> = site.intervals().iter().map(|i| i.wh).collect();
    assert_eq!(wh.iter().sum::<i64>(), 6000);
    assert!(wh[..4].iter().all(|wh| (495..=505).contains(wh)), "{wh:?}");
    assert_eq!(site.meter.memory().clock.rule(), Some(Rule::CentralEuropeanStandard));
    let running = site.meter.running().active_import.unwrap();
    assert_eq!(running.official().value.wh(), 1_006_000);
}

#[test]
fn the_net_is_found_and_phases_follow() {
    let mut site = Site::new(Settings::default());
    let tenths = |n| Number::new(n, -1);
    for s in 0..6 {
        site.message(
            s * 10,
            &[
                ("1-0:1.7.0", Number::new(4140, 0)),
                ("1-0:2.7.0", Number::new(0, 0)),
                ("1-0:3.7.0", Number::new(0, 0)),
                ("1-0:32.7.0", tenths(2300)),
                ("1-0:52.7.0", tenths(2300)),
                ("1-0:72.7.0", tenths(2300)),
                ("1-0:31.7.0", tenths(50)),
                ("1-0:51.7.0", tenths(60)),
                ("1-0:71.7.0", tenths(70)),
            ],
        );
    }
    assert!(site.has(Effect::Net(Net::Star400)));
    let l3 = Quantity::of_phase(Measure::ActiveImport, hanport_core::quantity::Phase::L3);
    let value = site.meter.live().get(l3).unwrap();
    assert_eq!((value.number, value.origin), (Number::new(1610, 0), Origin::Estimated));
}

#[test]
fn a_repeated_message_changes_nothing_but_the_port() {
    let mut site = Site::new(Settings::default());
    site.watts(0, 100);
    site.effects.clear();
    let mut message = Message::new(START.plus(100));
    message.repeated = true;
    message.values.push((Quantity::total(Measure::ActiveImport), Number::new(999, 0)));
    site.take(&message);
    assert_eq!(site.effects, []);
}

#[test]
fn memory_goes_through_storage() {
    let mut site = Site::new(Settings::default());
    for s in (0..1000).step_by(10) {
        let register = ("1-0:1.8.0", Number::new(1000 + s, 0));
        site.message(s, &[("1-0:1.7.0", Number::new(3600, 0)), register]);
    }
    let stored = serde_json::to_string(site.meter.memory()).unwrap();
    assert_eq!(&serde_json::from_str::<Memory>(&stored).unwrap(), site.meter.memory());
    assert!(stored.len() < 6000, "{} octets", stored.len());
}
