//! What goes wrong on the way from a meter, and what the doctor calls it.

#![allow(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stderr,
    clippy::unwrap_used,
    reason = "a test may stop where it is"
)]

mod line;
mod patient;

use std::path::PathBuf;
use std::time::Duration;

use hanport_core::session::push::Options;
use hanport_engine::doctor::{LayerState, Report};
use hanport_engine::line::{LineErrors, LineEvent};
use hanport_engine::time::UtcMillis;
use hanport_sim::channel::Channel;
use hanport_sim::clock::Ailment;
use hanport_sim::fault::{Fault, FaultId};
use hanport_sim::scenario::Scenario;
use hanport_sim::simulation::Simulation;
use patient::{Patient, keys_of, start_of};

fn scenario(meter: &str, seconds: u64) -> Scenario {
    let scenario = Scenario::new(meter, 11, "2024-01-15T11:57:00").unwrap();
    scenario.lasting(Duration::from_secs(seconds))
}

/// What the doctor says of a scenario at its end.
fn examined(scenario: &Scenario, options: Options) -> (Patient, UtcMillis) {
    let start = start_of(scenario);
    let mut patient = Patient::new(start, options);
    let mut channel = Channel::new(scenario.personality.uart, 40, 3);
    for record in Simulation::new(scenario) {
        for chunk in channel.chunks(&record) {
            patient.hear(start.plus(i64::try_from(chunk.at_ns / 1_000_000).unwrap()), &chunk.bytes);
        }
    }
    let end = start.plus(i64::try_from(scenario.duration.as_millis()).unwrap());
    (patient, end)
}

/// The word of the first finding; `well` without one.
fn word(report: &Report) -> &'static str {
    report.findings.first().map_or("well", |finding| finding.cause)
}

/// Which fault on which meter, how probable, and what the doctor calls it.
const FAULTS: &[(FaultId, &str, f64, &str)] = &[
    (FaultId::AlreadyPlain, "kamstrup-dk", 1.0, "wrong_key"),
    (FaultId::AmpMilli, "kamstrup-no", 1.0, "well"),
    (FaultId::BadFcs, "aidon-no", 1.0, "weak_power"),
    (FaultId::BadHcsGoodFcs, "aidon-no", 1.0, "weak_power"),
    (FaultId::BitFlip, "aidon-no", 0.00005, "noise"),
    (FaultId::BrokenLine, "dsmr5-nl", 1.0, "well"),
    (FaultId::BrownOut, "kamstrup-dk", 0.6, "weak_power"),
    (FaultId::Burst, "aidon-no", 0.1, "noise"),
    (FaultId::CrcAbsent, "dsmr5-nl", 1.0, "well"),
    (FaultId::CrcLower, "dsmr5-nl", 1.0, "well"),
    (FaultId::CrcUnpadded, "dsmr5-nl", 1.0, "well"),
    (FaultId::CrlfMangle, "aidon-no", 1.0, "text_mode"),
    (FaultId::DoubleFlag, "aidon-no", 1.0, "well"),
    (FaultId::DropBytes, "aidon-no", 0.5, "weak_power"),
    (FaultId::DupBytes, "aidon-no", 0.1, "noise"),
    (FaultId::Duplicate, "aidon-no", 1.0, "well"),
    (FaultId::EmbeddedBang, "stoen-pl", 1.0, "well"),
    (FaultId::EnergyOneWh, "kamstrup-no", 1.0, "well"),
    (FaultId::HourRepeated, "aidon-no", 1.0, "well"),
    (FaultId::HugeText, "dsmr5-nl", 1.0, "well"),
    (FaultId::IcJump, "kamstrup-dk", 1.0, "well"),
    (FaultId::IcRepeat, "kamstrup-dk", 1.0, "well"),
    (FaultId::IcReset, "kamstrup-dk", 1.0, "well"),
    (FaultId::IdOverwritten, "kaifa-at-noe", 1.0, "well"),
    (FaultId::IdleNoise, "aidon-no", 1.0, "well"),
    (FaultId::LfOnly, "dsmr5-nl", 1.0, "well"),
    (FaultId::LfOnlyChecked, "dsmr5-nl", 1.0, "well"),
    (FaultId::LostSegment, "lg-ch", 1.0, "parts_missing"),
    (FaultId::MissingAk, "kamstrup-dk", 1.0, "wrong_auth_key"),
    (FaultId::OverflowLength, "sagemcom-at-noe", 1.0, "well"),
    (FaultId::PayloadFlags, "aidon-no", 1.0, "well"),
    (FaultId::PowerCut, "aidon-no", 1.0, "meter_stopped"),
    (FaultId::ReorderBlocks, "lg-ch", 1.0, "well"),
    (FaultId::SharedFlag, "aidon-no", 1.0, "well"),
    (FaultId::ShortFrame, "aidon-no", 1.0, "well"),
    (FaultId::Silence, "aidon-no", 1.0, "meter_stopped"),
    (FaultId::SwappedKeys, "kamstrup-dk", 1.0, "keys_swapped"),
    (FaultId::TrueZeroFcs, "kamstrup-no", 1.0, "well"),
    (FaultId::Truncate, "aidon-no", 1.0, "weak_power"),
    (FaultId::UnknownCodes, "dsmr5-nl", 1.0, "well"),
    (FaultId::VoltInt, "kamstrup-no", 1.0, "well"),
    (FaultId::VoltTimes100, "kamstrup-no", 1.0, "well"),
    (FaultId::WrongKey, "kamstrup-dk", 1.0, "wrong_key"),
    (FaultId::ZeroChecksum, "aidon-no", 1.0, "well"),
];

#[test]
fn every_fault_is_called_by_its_name() {
    let mut wrong = Vec::new();
    for id in FaultId::ALL {
        let row = FAULTS.iter().find(|row| row.0 == *id).unwrap_or_else(|| panic!("{id}"));
        let (_, meter, probability, want) = *row;
        let fault = match id {
            FaultId::Silence | FaultId::PowerCut => Fault::within(*id, 90_000_000_000, u64::MAX),
            _ => Fault::with_probability(*id, probability),
        };
        let scenario = scenario(meter, 180).with_fault(fault);
        let (mut patient, end) = examined(&scenario, keys_of(scenario.personality));
        let report = patient.report(end);
        if word(&report) != want {
            wrong.push(format!(
                "{id}: {want} wanted: {:#?}",
                (&report.summary, &report.findings, &patient.doctor)
            ));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Two minutes of a meter, read with some settings over a line simulated bit by bit.
fn read_with(meter: &str, settings: &str, cured: bool, options: Options) -> Report {
    let scenario = scenario(meter, 120);
    let start = start_of(&scenario);
    let settings = settings.parse().unwrap();
    let mut patient = Patient::new(start, options);
    patient.tell(start, LineEvent::Settings(settings, true));
    for record in Simulation::new(&scenario) {
        let sent = line::Sent::of(&record, scenario.personality.uart);
        let heard = line::heard(&sent.bytes, sent.uart, settings, cured);
        let end = sent.at_ms + sent.duration_ms();
        for (n, octets) in heard.bytes.chunks(heard.bytes.len().div_ceil(8).max(1)).enumerate() {
            let at = sent.at_ms + sent.duration_ms() * i64::try_from(n + 1).unwrap() / 8;
            patient.hear(start.plus(at.min(end)), octets);
        }
    }
    patient.report(start.plus(120_000))
}

#[test]
fn wrong_settings_are_called_wrong_settings() {
    for (meter, settings, want) in [
        ("kamstrup-no", "2400 8E1", "wrong_parity"),
        ("dsmr2-nl", "9600 8N1", "wrong_parity"),
        ("iskra-si-text", "115200 8N1", "wrong_parity"),
        ("aidon-no", "9600 8N1", "wrong_speed"),
        ("aidon-no", "115200 8N1", "wrong_speed"),
        ("kaifa-at", "9600 8N1", "wrong_speed"),
        ("dsmr5-nl", "2400 8E1", "wrong_speed"),
        ("dsmr5-nl", "9600 8N1", "wrong_speed"),
        ("kamstrup-dk", "2400 8E1", "wrong_speed"),
        ("aidon-no", "2400 8N1", "well"),
    ] {
        let report = read_with(meter, settings, true, Options::default());
        assert_eq!(word(&report), want, "{meter} at {settings}: {report:#?}");
    }
    for meter in ["dsmr5-nl", "aidon-se-text"] {
        let report = read_with(meter, "115200 8N1", false, Options::default());
        assert_eq!(word(&report), "inverted", "{meter}: {report:#?}");
    }
}

#[test]
fn a_meter_that_ciphers_asks_for_its_key() {
    for meter in ["kamstrup-dk", "kaifa-at", "smarty-lu", "lg-burgenland", "stoen-pl"] {
        let scenario = scenario(meter, 120);
        let (mut patient, end) = examined(&scenario, Options::default());
        let report = patient.report(end);
        assert_eq!(word(&report), "needs_key", "{meter}: {report:#?}");
        assert_eq!(report.layers[2].state, LayerState::Good);
        assert_eq!(report.layers[3].state, LayerState::Bad);
        assert_eq!(report.layers[4].state, LayerState::Unknown);
    }
}

#[test]
fn every_meter_is_well_when_nothing_is_wrong() {
    for personality in hanport_sim::meter::personalities() {
        let scenario = scenario(personality.name, 100);
        let (mut patient, end) = examined(&scenario, keys_of(personality));
        let report = patient.report(end);
        assert_eq!(report.findings, [], "{}", personality.name);
        let lit = report.layers.iter().all(|layer| layer.state == LayerState::Good);
        assert!(lit, "{}: {report:#?}", personality.name);
        assert!(report.summary.starts_with("All is well"), "{}", report.summary);
    }
}

fn corpus(file: &str) -> Option<Vec<u8>> {
    let beside = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/corpus");
    let folder = std::env::var_os("HANPORT_CORPUS").map_or_else(|| beside.into(), PathBuf::from);
    let text = std::fs::read_to_string(folder.join(file)).ok()?;
    let digits: Vec<u8> = text.bytes().filter(u8::is_ascii_hexdigit).collect();
    let octet = |pair: &[u8]| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap();
    Some(digits.chunks_exact(2).map(octet).collect())
}

/// Payloads of a size, one every ten seconds.
fn payloads(octets: &[u8], size: usize) -> Report {
    let start = UtcMillis::from_seconds(1_705_320_000);
    let mut patient = Patient::new(start, Options::default());
    let mut at = start;
    for payload in octets.chunks(size) {
        at = at.plus(10_000);
        patient.hear(at, payload);
    }
    patient.report(at.plus(3000))
}

#[test]
fn garbage_of_a_board_with_a_weak_supply_is_called_power() {
    let Some(octets) = corpus("frames/kamstrup/seed-noise.hex") else {
        eprintln!("no corpus found: HANPORT_CORPUS names its folder");
        return;
    };
    let report = payloads(&octets, 212);
    assert_eq!(word(&report), "weak_power", "{report:#?}");
    assert!(report.findings.iter().all(|finding| !finding.cause.contains("key")), "{report:#?}");
    // the same, and a frame that passes before
    let octets = corpus("streams/seed-noise-then-frame.hex").unwrap();
    let (garbage, frame) = octets.split_at(423);
    let report = payloads(&[frame, garbage].concat(), 215);
    assert_eq!(word(&report), "weak_power", "{report:#?}");
    for (file, want) in [
        ("frames/kamstrup/gh355-1.hex", "wrong_parity"),
        ("frames/kamstrup/gh362-1.hex", "wrong_parity"),
    ] {
        let report = payloads(&corpus(file).unwrap(), 4096);
        assert_eq!(word(&report), want, "{file}: {report:#?}");
    }
}

/// A supply that collapses while a message lasts: a good start, then garbage and rows of FF.
fn collapsing(bytes: &mut [u8], holds: usize, seed: &mut u64) {
    for (n, octet) in bytes.iter_mut().enumerate().skip(holds) {
        *seed =
            seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let random = (*seed >> 33).to_le_bytes()[0];
        *octet = if n / 20 % 4 == 3 { 0xFF } else { random };
    }
}

/// Two minutes of a meter whose messages are good for the first `holds` octets, all of them or
/// every other one.
fn sagging(meter: &str, holds: usize, every: usize) -> Report {
    let options = Options::default();
    let scenario = scenario(meter, 120);
    let start = start_of(&scenario);
    let mut patient = Patient::new(start, options);
    let mut channel = Channel::new(scenario.personality.uart, 30, 3);
    let mut seed = 4;
    for (n, mut record) in Simulation::new(&scenario).enumerate() {
        if n % every == 0 {
            collapsing(&mut record.bytes, holds, &mut seed);
        }
        for chunk in channel.chunks(&record) {
            patient.hear(start.plus(i64::try_from(chunk.at_ns / 1_000_000).unwrap()), &chunk.bytes);
        }
    }
    patient.report(start.plus(120_000))
}

#[test]
fn a_supply_that_collapses_under_load_is_named_before_any_key() {
    // from the first octet on, after a good start, and hardly ever to the end
    for meter in ["kamstrup-dk", "kaifa-at", "aidon-no", "lg-ch", "smarty-lu"] {
        for holds in [0, 3, 30, 120] {
            let report = sagging(meter, holds, 1);
            let short = meter == "aidon-no" && holds >= 44;
            assert_eq!(word(&report), "weak_power", "{meter} {holds}: {report:#?}");
            assert_eq!(report.findings[0].because.contains("short ones"), short, "{report:#?}");
        }
        // some come through whole, others leave nothing at all
        let report = sagging(meter, 0, 2);
        assert_eq!(word(&report), "weak_power", "{meter}: {report:#?}");
    }
}

#[test]
fn a_port_that_does_not_open_is_said_first() {
    let start = UtcMillis::from_seconds(1_705_320_000);
    for (why, want) in [
        (
            "/dev/ttyUSB0 may not be read by the user ada; it belongs to the group dialout",
            "permission",
        ),
        ("/dev/ttyUSB0 is in use by another program (ser2net)", "port_in_use"),
        ("there is no /dev/ttyUSB0 now; waiting for it", "port_absent"),
        ("/dev/ttyUSB0 was unplugged", "port_absent"),
        ("waiting for a sender on port 9000", "nobody_connects"),
        ("bridge:23 refuses: nothing listens on port 23 there", "cannot_open"),
    ] {
        let mut patient = Patient::new(start, Options::default());
        patient.tell(start.plus(1000), LineEvent::Closed(why.to_owned()));
        let report = patient.report(start.plus(60_000));
        assert_eq!(word(&report), want, "{report:#?}");
        assert_eq!(report.findings[0].because, why);
        assert_eq!(report.layers[0].state, LayerState::Bad);
        assert!(report.layers[1..].iter().all(|layer| layer.state == LayerState::Unknown));
    }
}

#[test]
fn silence_is_told_from_a_meter_that_stopped() {
    let start = UtcMillis::from_seconds(1_705_320_000);
    let mut patient = Patient::new(start, Options::default());
    assert_eq!(word(&patient.report(start.plus(20_000))), "well");
    assert_eq!(word(&patient.report(start.plus(40_000))), "nothing_arrives");
    let report = patient.report(start.plus(200_000));
    assert_eq!((word(&report), report.findings[0].certainty), ("nothing_arrives", 90));

    let scenario = scenario("aidon-se-text", 120);
    let (mut patient, end) = examined(&scenario, Options::default());
    assert_eq!(word(&patient.report(end.plus(12_000))), "late");
    assert_eq!(word(&patient.report(end.plus(40_000))), "meter_stopped");
}

#[test]
fn losses_floods_and_overruns_are_named() {
    let scenario = scenario("aidon-no", 120);
    let end = start_of(&scenario).plus(120_000);
    let after = |tell: &dyn Fn(&mut Patient)| {
        let (mut patient, _) = examined(&scenario, Options::default());
        tell(&mut patient);
        word(&patient.report(end.plus(2000)))
    };
    let drops = |patient: &mut Patient| {
        for n in 0..4 {
            patient.tell(end.plus(n * 100), LineEvent::Closed("gone".to_owned()));
            patient.tell(end.plus(n * 100 + 50), LineEvent::Opened("there".to_owned()));
        }
    };
    assert_eq!(after(&drops), "connection_drops");
    assert_eq!(after(&|patient| patient.tell(end, LineEvent::Dropped(70_000))), "flood");
    let overrun = LineErrors { overrun: 3, ..LineErrors::default() };
    let lost = |patient: &mut Patient| {
        patient.tell(end, LineEvent::Errors(overrun));
        let mut frame = Simulation::new(&scenario).next().unwrap().bytes;
        frame.remove(100);
        patient.hear(end, &frame);
    };
    assert_eq!(after(&lost), "overrun");
}

#[test]
fn a_clock_that_is_wrong_is_said_and_zones_are_not() {
    for (ailment, want) in [(Ailment::None, "well"), (Ailment::Stuck(2010), "meter_clock")] {
        let mut scenario = scenario("kamstrup-no", 120);
        scenario.ailment = ailment;
        let (mut patient, end) = examined(&scenario, Options::default());
        let report = patient.report(end);
        assert_eq!(word(&report), want, "{report:#?}");
    }
}
