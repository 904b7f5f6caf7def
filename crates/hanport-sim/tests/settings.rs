//! Readers with other settings than the meter: nothing wrong is ever read.

#![allow(clippy::unwrap_used, reason = "a test may stop where it is")]

use hanport_core::cipher::key::Key;
use hanport_core::quantity::{Measure, Phase, Quantity};
use hanport_core::session::push::{Event, Options, Session};
use hanport_sim::fault::uart::receive;
use hanport_sim::fault::{Fault, FaultId};
use hanport_sim::meter::{Parity, Personality, Uart, personalities};
use hanport_sim::record::Record;
use hanport_sim::scenario::Scenario;
use hanport_sim::simulation::Simulation;

/// Every setting that some meter uses.
fn settings() -> Vec<Uart> {
    let mut all: Vec<Uart> = Vec::new();
    for personality in personalities() {
        if !all.contains(&personality.uart) {
            all.push(personality.uart);
        }
    }
    all
}

/// What a reader with these settings makes of three messages of a meter.
fn read_with(personality: &Personality, records: &[Record], reader: Uart) -> usize {
    let security = personality.security;
    let mut session = Box::new(Session::<4096>::new(Options {
        encryption_key: security.map(|s| Key::new(s.encryption_key)),
        authentication_key: security.and_then(|s| s.authentication_key).map(Key::new),
        hint: None,
    }));
    let mut read = 0;
    for record in records {
        let heard = receive(&record.bytes, personality.uart, reader);
        let mut input = heard.bytes.as_slice();
        while let Some(event) = session.poll(&mut input) {
            read += usize::from(matches!(event, Event::Reading(_)));
        }
        while let Some(event) = session.end() {
            read += usize::from(matches!(event, Event::Reading(_)));
        }
    }
    read
}

#[test]
fn only_settings_that_keep_the_octets_give_readings() {
    for personality in personalities() {
        let scenario = Scenario::new(personality.name, 3, "2024-01-15T12:00:10").unwrap();
        let records: Vec<Record> = Simulation::new(&scenario).take(3).collect();
        let sender = personality.uart;
        for reader in settings() {
            let read = read_with(personality, &records, reader);
            let context = format!("{} at {sender} heard at {reader}", personality.name);
            let same_line = sender.baud == reader.baud && sender.inverted == reader.inverted;
            if sender == reader {
                assert_eq!(read, 3, "{context}");
            } else if !same_line || (sender.data_bits, reader.data_bits) == (8, 7) {
                // Text has seven bits and survives; its letters are all a reader needs.
                let text = records.iter().all(|record| record.bytes.is_ascii());
                assert!(read == 0 || (same_line && text), "{context}: {read}");
            } else if sender.parity == Parity::Even && sender.data_bits == 8 {
                assert_eq!(read, 3, "{context}: octets stay whole");
            }
        }
    }
}

#[test]
fn a_norwegian_meter_heard_without_its_parity_is_told_apart_by_the_debris() {
    // The list of 25 elements, sent 8N1: the octets that readers at 8E1 have reported to get.
    let scenario = Scenario::new("kamstrup-no", 3, "2024-01-15T12:00:10").unwrap();
    let record = Simulation::new(&scenario).next().unwrap();
    let heard = receive(&record.bytes, Uart::plain(2400), Uart::even(2400)).bytes;
    assert!(heard.starts_with(b"\x7E\x13\x2B\x48\xA2\xD2\xE6\x1E\x0F"), "{heard:02X?}");
    let share = heard.len() * 228 / record.bytes.len();
    assert!((140..185).contains(&share), "{share} of 228");
}

#[test]
fn volts_that_change_their_scale_never_leap() {
    // A firmware update in the middle: whole volts before, hundredths after.
    let update = Fault::within(FaultId::VoltTimes100, 60_000_000_000, u64::MAX);
    let scenario = Scenario::new("kamstrup-no", 3, "2024-01-15T12:00").unwrap();
    let scenario = scenario.with_fault(update);
    let mut session = Box::new(Session::<2048>::new(Options::default()));
    let voltage = Quantity::of_phase(Measure::Voltage, Phase::L1);
    for record in Simulation::new(&scenario).take(20) {
        let mut input = record.bytes.as_slice();
        while let Some(event) = session.poll(&mut input) {
            if let Event::Reading(reading) = event {
                let told = reading.number(voltage).unwrap();
                assert!(told.same_value(record.truth.number(32, 7, 0).unwrap()), "{told}");
            }
        }
    }
}
