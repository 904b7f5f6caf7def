//! What the simulated meters send, read by the core: every value of every list comes back as the
//! list builder meant it, however the octets are cut up, and nothing wrong ever comes back.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "a test may stop")]

use std::time::Duration;

use hanport_core::cipher::key::Key;
use hanport_core::datetime::DateTime;
use hanport_core::number::Number;
use hanport_core::obis::Obis;
use hanport_core::reading::{Reading, Value};
use hanport_core::session::push::{Event, Options, Session};
use hanport_sim::fault::{Cost, Fault, FaultId};
use hanport_sim::meter::{Personality, personalities};
use hanport_sim::record::{Record, Truth};
use hanport_sim::rng::Rng;
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

/// A session and what it has said.
struct Reader {
    session: Box<Session<4096>>,
    readings: Vec<Told>,
    faults: usize,
}

impl Reader {
    fn new(personality: &Personality) -> Self {
        let session = Box::new(Session::new(options(personality)));
        Self { session, readings: Vec::new(), faults: 0 }
    }

    fn take(&mut self, bytes: &[u8]) {
        let mut input = bytes;
        while let Some(event) = self.session.poll(&mut input) {
            match event {
                Event::Reading(reading) => self.readings.push(told(&reading)),
                Event::Fault(_) => self.faults += 1,
            }
        }
    }

    /// The line is silent for longer than a message may pause.
    fn pause(&mut self) {
        while let Some(event) = self.session.end() {
            match event {
                Event::Reading(reading) => self.readings.push(told(&reading)),
                Event::Fault(_) => self.faults += 1,
            }
        }
    }
}

/// What a session has to say about a stream fed in these pieces without a pause.
fn read<'a>(
    personality: &Personality,
    pieces: impl IntoIterator<Item = &'a [u8]>,
) -> (Vec<Told>, usize) {
    let mut reader = Reader::new(personality);
    pieces.into_iter().for_each(|piece| reader.take(piece));
    reader.pause();
    (reader.readings, reader.faults)
}

/// The same for records, with the pauses that a reader sees between them.
fn read_timed(personality: &Personality, records: &[Record]) -> (Vec<Told>, usize) {
    const PAUSE_NS: u64 = 500_000_000;
    let mut reader = Reader::new(personality);
    let mut quiet_from = 0;
    for record in records {
        if record.t_first_byte_ns > quiet_from + PAUSE_NS {
            reader.pause();
        }
        reader.take(&record.bytes);
        let length = personality.uart.octet_ns() * record.bytes.len() as u64;
        quiet_from = record.t_first_byte_ns + length;
    }
    reader.pause();
    (reader.readings, reader.faults)
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
    Scenario::new(personality.name, 21, "2024-06-15T12:59:20")
        .unwrap()
        .lasting(Duration::from_mins(2))
        .in_house(solar_house())
}

/// Records of a meter across an hour.
fn records(personality: &Personality) -> Vec<Record> {
    Simulation::new(&scenario(personality)).collect()
}

fn stream(records: &[Record]) -> Vec<u8> {
    records.iter().flat_map(|record| record.bytes.iter().copied()).collect()
}

/// A few records are enough where what matters happens between two messages.
fn few(personality: &Personality) -> Vec<Record> {
    let scenario = Scenario { duration: Duration::from_secs(30), ..scenario(personality) };
    Simulation::new(&scenario).take(8).collect()
}

/// Whether everything told was sent: each reading fits one of the records, in order.
fn each_was_sent(readings: &[Told], records: &[Record]) -> Result<(), String> {
    let mut rest = records.iter();
    for told in readings {
        if !rest.any(|record| differences(&record.truth, told).is_empty()) {
            let all = records.iter().map(|record| (differences(&record.truth, told), record));
            let (nearest, record) = all.min_by_key(|(wrong, _)| wrong.len()).unwrap();
            let at = record.t_send_ns / 1_000_000;
            return Err(format!("nearest to the message of {at} ms: {nearest:?} of {told:?}"));
        }
    }
    Ok(())
}

#[test]
fn every_list_of_every_meter_reads_as_it_was_meant() {
    for personality in personalities() {
        let name = personality.name;
        let records = records(personality);
        let (readings, faults) = read_timed(personality, &records);
        assert_eq!((readings.len(), faults), (records.len(), 0), "{name}");
        for (record, told) in records.iter().zip(&readings) {
            let wrong = differences(&record.truth, told);
            assert!(wrong.is_empty(), "{name} {}: {wrong:#?}", record.truth.list);
        }
    }
}

#[test]
fn the_resolution_of_every_number_survives() {
    for personality in personalities() {
        let records = records(personality);
        let (readings, _) = read_timed(personality, &records);
        for (record, told) in records.iter().zip(&readings) {
            for fact in &record.truth.facts {
                let found = told.numbers.iter().any(|(_, number)| *number == fact.number);
                assert!(found, "{}: {fact:?} in {:?}", personality.name, told.numbers);
            }
        }
    }
}

#[test]
fn any_chunks_give_the_same_readings() {
    for personality in personalities() {
        let name = personality.name;
        let stream = stream(&few(personality));
        let whole = read(personality, [stream.as_slice()]);
        assert!(!whole.0.is_empty(), "{name}");
        for longest in [1, 7, 64, 700] {
            let mut rng = Rng::new(longest, name);
            let mut rest = stream.as_slice();
            let mut pieces = Vec::new();
            while !rest.is_empty() {
                let len = usize::try_from(rng.below(longest)).unwrap() + 1;
                let (piece, after) = rest.split_at(len.min(rest.len()));
                pieces.push(piece);
                rest = after;
            }
            assert_eq!(read(personality, pieces), whole, "{name} by {longest}");
        }
    }
}

#[test]
fn junk_in_front_costs_at_most_the_first_message() {
    for personality in personalities() {
        let name = personality.name;
        let records = few(personality);
        let stream = stream(&records);
        for count in [1, 2, 5, 17, 64] {
            let mut rng = Rng::new(count, name);
            let marks = [0x7E, 0x68, b'/', 0x0F, 0xDB, 0x1B];
            let junk: Vec<u8> = (0..count)
                .map(|_| {
                    let mark = usize::try_from(rng.below(12)).unwrap();
                    marks.get(mark).copied().unwrap_or_else(|| rng.octet())
                })
                .collect();
            let (readings, _) = read(personality, [junk.as_slice(), &stream]);
            let context = format!("{name} behind {junk:02X?}");
            each_was_sent(&readings, &records).unwrap_or_else(|why| panic!("{context}: {why}"));
            assert!(readings.len() + 1 >= records.len(), "{context}: {}", readings.len());
        }
    }
}

#[test]
fn a_missing_octet_costs_one_message() {
    for personality in personalities() {
        let name = personality.name;
        let records = few(personality);
        let stream = stream(&records);
        let checked = has_checks(personality);
        let mut rng = Rng::new(5, name);
        for _ in 0..60 {
            let lost = usize::try_from(rng.below(stream.len() as u64)).unwrap();
            let (before, after) = stream.split_at(lost);
            let (readings, _) = read(personality, [before, &after[1..]]);
            let context = format!("{name} without octet {lost} ({:02X})", stream[lost]);
            if checked {
                each_was_sent(&readings, &records).unwrap_or_else(|why| panic!("{context}: {why}"));
            }
            assert!(readings.len() + 1 >= records.len(), "{context}: {}", readings.len());
        }
    }
}

/// Telegrams without checksum cannot tell a damaged digit from a right one.
fn has_checks(personality: &Personality) -> bool {
    !matches!(personality.name, "dsmr2-nl" | "iskra-si-text")
}

/// What a reader tells of a meter with this fault, and what was sent.
fn struck(personality: &Personality, fault: Fault) -> (Vec<Record>, Vec<Told>) {
    let scenario = scenario(personality).with_fault(fault);
    let scenario = scenario.lasting(Duration::from_secs(80));
    let records: Vec<Record> = Simulation::new(&scenario).collect();
    let (readings, _) = read_timed(personality, &records);
    (records, readings)
}

#[test]
fn faults_never_make_a_wrong_value() {
    for personality in personalities().filter(|personality| has_checks(personality)) {
        for id in FaultId::ALL {
            let probability = match id {
                FaultId::BitFlip => 2e-4,
                _ => 0.5,
            };
            if SCALES.contains(id) {
                continue;
            }
            let (records, readings) =
                struck(personality, Fault::with_probability(*id, probability));
            let sent = each_was_sent(&readings, &expanded(&records));
            sent.unwrap_or_else(|why| panic!("{} under {id}: {why}", personality.name));
        }
    }
}

/// Faults that change a scale in the middle of the stream, where the wire does not tell.
const SCALES: &[FaultId] =
    &[FaultId::AmpMilli, FaultId::EnergyOneWh, FaultId::VoltInt, FaultId::VoltTimes100];

/// A message sent twice may be told twice.
fn expanded(records: &[Record]) -> Vec<Record> {
    let twice = |record: &Record| {
        let again = record.faults.has(FaultId::Duplicate).then(|| record.clone());
        [Some(record.clone()), again].into_iter().flatten()
    };
    records.iter().flat_map(twice).collect()
}

#[test]
fn harmless_faults_cost_nothing() {
    let harmless = |id: &&FaultId| id.cost() == Cost::Nothing && !SCALES.contains(id);
    for personality in personalities() {
        for id in FaultId::ALL.iter().filter(harmless) {
            let (records, readings) = struck(personality, Fault::with_probability(*id, 0.5));
            let (name, sent) = (personality.name, records.len());
            let told = readings.len();
            assert!(told >= sent, "{name} under {id}: {told} of {sent}");
        }
    }
}

#[test]
fn what_is_broken_by_intent_is_never_read() {
    let deadly = |id: &&FaultId| id.cost() == Cost::Message;
    for personality in personalities().filter(|personality| has_checks(personality)) {
        for id in FaultId::ALL.iter().filter(deadly) {
            let (records, readings) = struck(personality, Fault::with_probability(*id, 0.5));
            let whole: Vec<Record> =
                records.iter().filter(|record| !record.faults.has(*id)).cloned().collect();
            let sent = each_was_sent(&readings, &whole);
            sent.unwrap_or_else(|why| panic!("{} under {id}: {why}", personality.name));
            let (name, told) = (personality.name, readings.len());
            assert!(told >= whole.len(), "{name} under {id}: {told} of {}", whole.len());
        }
    }
}
