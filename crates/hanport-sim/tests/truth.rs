//! What a simulation promises: the same octets from the same seed, energy that adds up, counters
//! that never fall, clocks that keep their habits.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may stop where it is")]

use std::collections::BTreeMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::time::Duration;

use hanport_core::number::Number;
use hanport_sim::clock::{Ailment, Habit};
use hanport_sim::fault::{Cost, Fault, FaultId};
use hanport_sim::house::load::{Kind, Leg};
use hanport_sim::house::{House, Household, Switching};
use hanport_sim::meter::personalities;
use hanport_sim::milli::Milli;
use hanport_sim::record::Record;
use hanport_sim::scenario::{Scenario, ready_made, solar_house, winter_house};
use hanport_sim::simulation::Simulation;

fn scenario(meter: &str, start: &str, minutes: u64) -> Scenario {
    Scenario::new(meter, 11, start).unwrap().lasting(Duration::from_mins(minutes))
}

fn run(scenario: &Scenario) -> Vec<Record> {
    Simulation::new(scenario).collect()
}

fn fingerprint(scenario: &Scenario) -> u64 {
    let mut hasher = DefaultHasher::new();
    for record in Simulation::new(scenario) {
        record.bytes.hash(&mut hasher);
        record.t_first_byte_ns.hash(&mut hasher);
    }
    hasher.finish()
}

#[test]
fn the_same_seed_gives_the_same_octets_and_another_seed_gives_others() {
    for personality in personalities() {
        let one = scenario(personality.name, "2024-01-15T23:55", 10);
        let other = Scenario { seed: 12, ..one.clone() };
        assert_eq!(fingerprint(&one), fingerprint(&one), "{}", personality.name);
        assert_ne!(fingerprint(&one), fingerprint(&other), "{}", personality.name);
    }
}

/// FNV-1a, which no platform and no compiler version changes.
fn golden(scenario: &Scenario) -> u64 {
    let bytes = Simulation::new(scenario).flat_map(|record| record.bytes);
    bytes.fold(0xCBF2_9CE4_8422_2325, |hash, octet| {
        (hash ^ u64::from(octet)).wrapping_mul(0x0000_0100_0000_01B3)
    })
}

#[test]
fn the_octets_of_a_fixed_hour_do_not_change_by_accident() {
    for (meter, hash) in [
        ("aidon-no", 0xB765_5384_2939_17A1),
        ("kamstrup-dk", 0x9A1E_69FA_5638_DB09),
        ("dsmr4-nl", 0xB185_E540_024C_02FC),
    ] {
        let scenario = scenario(meter, "2024-06-15T11:30", 60).in_house(solar_house());
        assert_eq!(golden(&scenario), hash, "{meter}");
    }
}

#[test]
fn a_fault_does_not_shift_the_load_curve() {
    let clean = scenario("aidon-no", "2024-01-15T17:00", 60);
    let curve = |scenario: &Scenario| -> Vec<_> {
        run(scenario).into_iter().map(|r| (r.t_send_ns, r.truth)).collect()
    };
    let calm = curve(&clean);
    for id in [FaultId::BitFlip, FaultId::Burst, FaultId::DropBytes, FaultId::BadFcs] {
        let struck = clean.clone().with_fault(Fault::with_probability(id, 0.2));
        assert_eq!(curve(&struck), calm, "{id}");
    }
}

#[test]
fn hourly_registers_differ_by_the_energy_of_the_hour() {
    let scenario = ready_made("norway_winter_day", 3).unwrap();
    let mut simulation = Simulation::new(&scenario);
    let start = i64::try_from(scenario.start.as_nanosecond()).unwrap();
    // The same house, integrated hour by hour without a meter.
    let mut house = House::new(&scenario.household, simulation.personality().wiring, 3, start);
    let mut before = None;
    let mut hours = 0;
    for record in simulation.by_ref().filter(|record| record.truth.list == "hourly") {
        house.advance(start + hours * 3_600_000_000_000);
        let now = house.registers().active_import.total();
        let shown = record.truth.number(1, 8, 0).unwrap().in_units_of(0).unwrap();
        assert!((0..10).contains(&(now.truncated(0) - shown)), "{now:?} shown as {shown}");
        if let Some((energy, register)) = before.replace((now, shown)) {
            let used: Milli = now - energy;
            assert!(((shown - register) - used.rounded(0)).abs() <= 10);
            assert!(used.0 > 0);
        }
        hours += 1;
    }
    assert_eq!(hours, 24);
}

#[test]
fn no_register_of_any_meter_falls() {
    for personality in personalities() {
        let scenario = scenario(personality.name, "2024-06-15T11:50", 20).in_house(solar_house());
        let mut last: BTreeMap<_, Number> = BTreeMap::new();
        for record in run(&scenario) {
            for fact in record.truth.facts.iter().filter(|fact| fact.obis.cde().1 == 8) {
                if let Some(before) = last.insert(fact.obis, fact.number) {
                    let fell = fact.number.mantissa < before.mantissa;
                    assert!(!fell, "{}: {:?}", personality.name, fact.obis);
                }
            }
        }
    }
}

#[test]
fn registers_by_phase_differ_like_the_totals() {
    let scenario = scenario("kamstrup-dk", "2024-06-15T10:00", 120).in_house(solar_house());
    let records = run(&scenario);
    let sums = |record: &Record| {
        let value = |c| record.truth.number(c, 8, 0).unwrap().mantissa;
        let phases = [21, 41, 61].map(value).iter().sum::<i64>()
            - [22, 42, 62].map(value).iter().sum::<i64>();
        phases - (value(1) - value(2))
    };
    let first = sums(&records[0]);
    // Each of the eight registers is cut off to 10 Wh.
    assert!(records.iter().all(|record| (sums(record) - first).abs() <= 8));
    let exported = |record: &Record| record.truth.number(22, 8, 0).unwrap().mantissa;
    assert!(exported(records.last().unwrap()) > exported(&records[0]), "the sun shone on phase 1");
}

#[test]
fn a_phase_may_export_while_the_house_imports() {
    let house =
        Household::constant(-1500, 0).with(Kind::Constant { watts: 4000, vars: 0 }, Leg::Third);
    let record = run(&scenario("dsmr5-nl", "2024-06-15T12:00", 1).in_house(house)).remove(0);
    let watts = |c| record.truth.number(c, 7, 0).unwrap().in_units_of(0).unwrap();
    assert_eq!((watts(1), watts(2)), (2500, 0));
    assert_eq!((watts(22), watts(61), watts(21)), (1500, 4000, 0));
}

#[test]
fn ten_watt_hours_at_150_watts_take_four_minutes() {
    let scenario =
        scenario("kamstrup-dk-plain", "2024-01-15T00:00", 60).in_house(Household::constant(150, 0));
    let mut steps = Vec::new();
    let mut last = None;
    for record in run(&scenario) {
        let shown = record.truth.number(1, 8, 0).unwrap();
        assert_eq!(shown.exponent, 1);
        if last.replace(shown.mantissa).is_some_and(|before| before != shown.mantissa) {
            steps.push(record.t_send_ns);
        }
    }
    assert_eq!(steps.len(), 15);
    for pair in steps.windows(2) {
        let seconds = (pair[1] - pair[0]).div_ceil(1_000_000_000);
        assert!((229..=251).contains(&seconds), "{seconds} s");
    }
}

fn hours_shown(name: &str) -> Vec<(u8, u8)> {
    let scenario = ready_made(name, 1).unwrap();
    run(&scenario)
        .iter()
        .filter(|record| record.truth.list == "hourly")
        .map(|record| {
            let time = record.truth.time.unwrap();
            (time.hour, time.minute)
        })
        .collect()
}

#[test]
fn a_civil_meter_sends_23_hourly_lists_in_spring_and_25_in_autumn() {
    let spring: Vec<u8> = hours_shown("dst_spring").iter().map(|(hour, _)| *hour).collect();
    assert_eq!(spring.len(), 23);
    assert!(!spring.contains(&2));
    let autumn: Vec<u8> = hours_shown("dst_autumn").iter().map(|(hour, _)| *hour).collect();
    assert_eq!(autumn.len(), 25);
    assert_eq!(autumn[..5], [0, 1, 2, 2, 3]);
}

#[test]
fn a_meter_on_standard_time_sends_24_of_them() {
    for start in ["2024-03-31T00:00", "2024-10-27T00:00"] {
        let scenario = scenario("aidon-no", start, 24 * 60);
        let hourly = run(&scenario).into_iter().filter(|r| r.truth.list == "hourly");
        let hours: Vec<u8> = hourly.map(|r| r.truth.energy_time.unwrap().hour).collect();
        assert_eq!(hours.len(), 24);
        assert!(hours.windows(2).all(|pair| pair[1] == (pair[0] + 1) % 24), "{hours:?}");
    }
}

#[test]
fn the_season_letter_tells_the_repeated_hour_apart_and_a_bare_clock_does_not() {
    let at = |habit| {
        let scenario = scenario("dsmr4-nl", "2024-10-27T02:30", 90).keeping(habit);
        let records = run(&scenario);
        let shown = |record: &Record| record.truth.time.unwrap();
        (shown(&records[0]), shown(&records[360]))
    };
    let (first, second) = at(Habit::Civil);
    assert_eq!((first.offset_minutes, second.offset_minutes), (Some(120), Some(60)));
    assert_eq!((first.hour, first.minute), (second.hour, second.minute));
    let (first, second) = at(Habit::CivilBare);
    assert_eq!(first, second);
}

#[test]
fn calendars_roll_over() {
    let last_and_first = |name: &str| {
        let records = run(&ready_made(name, 1).unwrap());
        let shown = |r: &Record| {
            let time = r.truth.energy_time.unwrap();
            (time.year, time.month, time.day, time.hour)
        };
        records.iter().filter(|r| r.truth.list == "hourly").map(shown).collect::<Vec<_>>()
    };
    let new_year = last_and_first("new_year");
    assert_eq!(new_year[1..3], [(2024, 12, 31, 23), (2025, 1, 1, 0)]);
    let leap_day = last_and_first("leap_day");
    assert!(leap_day.contains(&(2024, 2, 29, 12)));
    assert_eq!(leap_day.last(), Some(&(2024, 3, 1, 1)));
}

#[test]
fn ailing_clocks_show_what_ails_them() {
    let first = |ailment| {
        let scenario = Scenario { ailment, ..scenario("kamstrup-no", "2024-01-15T12:00", 1) };
        run(&scenario).remove(0)
    };
    assert_eq!(first(Ailment::OneHourWrong).truth.time.unwrap().hour, 13);
    let stuck = first(Ailment::Stuck(2000));
    assert_eq!(stuck.truth.time.unwrap().to_string(), "2000-01-01T00:00:00");
    // Status octet of the header: invalid and doubtful.
    assert_eq!(stuck.bytes[8 + 3 + 5 + 12], 0x03);
    assert_eq!(first(Ailment::None).bytes[8 + 3 + 5 + 12], 0x00);
}

#[test]
fn counters_of_ciphered_messages_step_by_one() {
    for personality in personalities().filter(|p| p.security.is_some()) {
        let records = run(&scenario(personality.name, "2024-01-15T00:00", 2));
        // Upper Austria has a cipher without counter.
        let counters: Vec<u32> = records.iter().filter_map(|r| r.truth.counter).collect();
        let name = personality.name;
        assert!(counters.windows(2).all(|pair| pair[1] == pair[0] + 1), "{name}");
        assert_eq!(counters.is_empty(), name == "siemens-at-ooe", "{name}");
    }
}

#[test]
fn counters_obey_their_faults() {
    let counters =
        |id| -> Vec<u32> {
            let scenario = scenario("kamstrup-dk", "2024-01-15T00:00", 3)
                .with_fault(Fault::within(id, 60_000_000_000, 70_000_000_000));
            run(&scenario).iter().map(|r| r.truth.counter.unwrap()).collect()
        };
    let struck = |id| {
        let all = counters(id);
        (all[5], all[6], all[7])
    };
    let (before, at, after) = struck(FaultId::IcReset);
    assert_eq!((at, after), (0, 1));
    assert_eq!(struck(FaultId::IcRepeat), (before, before, before + 1));
    assert_eq!(struck(FaultId::IcJump), (before, before + 1000, before + 1001));
}

#[test]
fn a_register_wraps_at_its_digits() {
    let scenario = ready_made("register_wrap", 2).unwrap();
    let shown: Vec<i64> =
        run(&scenario).iter().map(|r| r.truth.number(1, 8, 1).unwrap().mantissa).collect();
    assert!(shown.iter().all(|value| (0..1_000_000_000).contains(value)));
    // The sum of both tariffs passes the wrap where it is shown: in the total of another meter.
    let household = scenario.household.clone();
    let total = Scenario::new("smarty-lu", 2, "2024-01-15T00:00").unwrap().in_house(household);
    let totals: Vec<i64> = run(&total.lasting(Duration::from_hours(4)))
        .iter()
        .map(|r| r.truth.number(1, 8, 0).unwrap().mantissa)
        .collect();
    assert!(totals[0] > 999_990_000);
    assert!(*totals.last().unwrap() < 100_000, "{:?}", totals.last());
}

#[test]
fn a_new_meter_has_a_new_number_and_low_registers() {
    let records = run(&ready_made("meter_exchange", 5).unwrap());
    let hourly: Vec<&Record> = records.iter().filter(|r| r.truth.list == "hourly").collect();
    let ids: Vec<_> = hourly.iter().map(|r| r.truth.meter_id.clone().unwrap()).collect();
    assert_eq!(ids[1], "7359992890000001");
    assert_eq!(ids[2], "7359992890009999");
    assert!(hourly[2].truth.number(1, 8, 0).unwrap().in_units_of(0).unwrap() < 100);
}

#[test]
fn a_repeated_hour_is_followed_by_a_double_step() {
    let records = run(&ready_made("hour_repeated", 5).unwrap());
    let hourly: Vec<_> = records
        .iter()
        .filter(|r| r.truth.list == "hourly")
        .map(|r| (r.truth.energy_time.unwrap().hour, r.truth.number(1, 8, 0).unwrap()))
        .collect();
    assert_eq!(hourly[3], hourly[2]);
    assert_eq!(hourly[4].0, 4);
    assert!(hourly[4].1.mantissa > hourly[2].1.mantissa);
}

#[test]
fn a_power_cut_breaks_off_mid_frame_and_counts_as_a_failure() {
    let records = run(&ready_made("power_cut", 5).unwrap());
    let hour = 3_600_000_000_000;
    let broken: Vec<&Record> = records.iter().filter(|r| r.faults.has(FaultId::PowerCut)).collect();
    assert_eq!(broken.len(), 1);
    assert!(broken[0].bytes.len() < 228);
    let silence = hour + 1_000_000_000..2 * hour + 5_000_000_000;
    assert!(!records.iter().any(|r| silence.contains(&r.t_send_ns)));
    let after = records.iter().find(|r| r.t_send_ns > 2 * hour).unwrap();
    let before = records.iter().rfind(|r| r.t_send_ns < hour).unwrap();
    let used = after.truth.registers.active_import.total().0
        - before.truth.registers.active_import.total().0;
    // Nothing was used in the dark, little in the half minute before the first message.
    assert!(used < 200_000, "{used} mWh");
}

#[test]
fn dutch_failures_are_logged_with_their_end() {
    let records = run(&ready_made("nl_dsmr5", 5).unwrap());
    let text = String::from_utf8(records.last().unwrap().bytes.clone()).unwrap();
    assert!(text.contains("1-0:99.97.0(1)(0-0:96.7.19)(240610111500S)(0000000899*s)"), "{text}");
    assert!(text.contains("0-0:96.7.9(00003)"), "{text}");
    assert!(records.iter().any(|r| r.bytes.len() > 2048), "the long message");
}

#[test]
fn belgian_peaks_start_anew_with_the_month() {
    let records = run(&ready_made("be_fluvius", 5).unwrap());
    let line = |record: &Record, code: &str| {
        let text = String::from_utf8(record.bytes.clone()).unwrap();
        text.lines().find(|line| line.starts_with(code)).unwrap().to_owned()
    };
    let at = |hours: u64| &records[usize::try_from(hours * 3600).unwrap()];
    assert_eq!(line(at(1), "0-0:98.1.0"), "0-0:98.1.0(0)");
    assert!(
        line(at(5), "0-0:98.1.0")
            .starts_with("0-0:98.1.0(1)(1-0:1.6.0)(1-0:1.6.0)(240201000000W)(24013")
    );
    let peak = |record: &Record| record.truth.number(1, 6, 0).unwrap().mantissa;
    assert!(peak(at(3)) > 0);
    let stamp = |record: &Record| {
        record.truth.facts.iter().find(|f| f.obis.cde() == (1, 6, 0)).and_then(|f| f.at)
    };
    assert_eq!(stamp(at(5)).unwrap().month, 2);
}

#[test]
fn kamstrup_registers_at_55_seconds_are_live_and_aidons_are_frozen() {
    let house = Household::constant(36_000, 0);
    let hourly = |meter: &str| {
        let scenario = scenario(meter, "2024-01-15T00:59", 3).in_house(house.clone());
        let scenario = Scenario { jitter_ms: 0, ..scenario };
        run(&scenario).into_iter().find(|r| r.truth.list == "hourly").unwrap()
    };
    // 36 kW: 10 Wh each second.
    let begin = house.registers.active_import.total().truncated(1) + 60;
    let kamstrup = hourly("kamstrup-no").truth.number(1, 8, 0).unwrap().mantissa;
    assert_eq!(kamstrup, begin + 55);
    let aidon = hourly("aidon-no").truth.number(1, 8, 0).unwrap().mantissa;
    assert_eq!(aidon, begin);
}

#[test]
fn a_three_wire_kaifa_shows_no_second_voltage() {
    let records = run(&ready_made("norway_it_kaifa", 4).unwrap().lasting(Duration::from_mins(2)));
    let long = records.iter().find(|r| r.truth.list == "long").unwrap();
    let volts = |c| long.truth.number(c, 7, 0).unwrap().mantissa;
    assert_eq!(long.truth.number(52, 7, 0), None, "its place holds a zero");
    assert_eq!(long.bytes.len(), 123);
    assert!(volts(32) > 2000 && volts(72) > 2000);
    // The formula for the missing one, against what the model measured.
    let [u1, u2, u3] = long.truth.sample.volts.map(Milli::float);
    let formula = ((u1 - u3 * 0.5).powi(2) + (u3 * 0.75_f64.sqrt()).powi(2)).sqrt();
    assert!((formula - u2).abs() < 0.01);
}

#[test]
fn one_phase_lost_shows_zero_volts() {
    let start = scenario("kamstrup-dk", "2024-01-15T12:00", 10);
    let lost = i64::try_from(start.start.as_nanosecond()).unwrap() + 300_000_000_000;
    let switchings = vec![Switching { at: lost, leg: Leg::Third, live: false }];
    let records = run(&start.in_house(Household { switchings, ..winter_house() }));
    let shown = |r: &Record| {
        let value = |c| r.truth.number(c, 7, 0).unwrap().mantissa;
        (value(72), value(73))
    };
    assert!(shown(&records[0]).0 > 200);
    assert_eq!(shown(records.last().unwrap()), (0, 100));
}

#[test]
fn every_fault_strikes_some_meter_and_is_written_down() {
    for id in FaultId::ALL {
        let window = Fault::within(*id, 20_000_000_000, 70_000_000_000);
        let fault =
            Fault { probability: if *id == FaultId::BitFlip { 1e-3 } else { 1.0 }, ..window };
        let mut seen = false;
        for meter in ["aidon-no", "lg-ch", "kamstrup-dk", "kaifa-at-noe", "dsmr4-nl", "stoen-pl"] {
            let clean = scenario(meter, "2024-01-15T00:59", 3);
            let calm = run(&clean);
            let struck = run(&clean.clone().with_fault(fault));
            let bytes =
                |records: &[Record]| records.iter().map(|r| r.bytes.clone()).collect::<Vec<_>>();
            let quiet = matches!(id, FaultId::Silence | FaultId::PowerCut | FaultId::HourRepeated);
            let marked = struck.iter().any(|r| r.faults.has(*id));
            seen |= bytes(&struck) != bytes(&calm) && (marked || quiet);
        }
        assert!(seen || id.cost() == Cost::Nothing, "{id} changes nothing anywhere");
    }
}

#[test]
fn ready_made_scenarios_begin() {
    for name in [
        "norway_winter_day",
        "norway_it_kaifa",
        "norway_it_kaifa_t3",
        "kamstrup_55",
        "dk_encrypted",
        "at_noe",
        "at_noe_overflow",
        "ch_gbt",
        "si_quarter",
        "hr_segmented",
        "nl_dsmr5",
        "be_fluvius",
        "lu_smarty",
        "pl_stoen",
        "se_text_summer",
        "se_text_winter",
        "dst_spring",
        "dst_autumn",
        "new_year",
        "leap_day",
        "noise_soak",
        "register_wrap",
        "meter_exchange",
        "hour_repeated",
        "power_cut",
    ] {
        let scenario = ready_made(name, 1).unwrap();
        assert!(Simulation::new(&scenario).take(20).count() == 20, "{name}");
    }
    assert!(ready_made("nothing", 1).is_err());
}
