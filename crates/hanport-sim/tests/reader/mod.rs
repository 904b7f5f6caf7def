//! A reader at the end of the line of a simulated meter: what it tells, against what was sent.
#![allow(dead_code, reason = "each test uses a part")]

use std::time::Duration;

use hanport_core::cipher::key::Key;
use hanport_core::datetime::DateTime;
use hanport_core::obis::Obis;
use hanport_core::reading::{Item, Reading, Value};
use hanport_core::session::push::{Event, Options, Session};
use hanport_sim::meter::Personality;
use hanport_sim::record::{Fact, Record, Truth};
use hanport_sim::scenario::{Scenario, solar_house};
use hanport_sim::simulation::Simulation;

/// The buffer of sessions here: telegrams with long texts fit.
pub(crate) type Reader = Session<4096>;

/// What a session needs to know to read a meter.
pub(crate) fn options(personality: &Personality) -> Options {
    let security = personality.security;
    Options {
        encryption_key: security.map(|s| Key::new(s.encryption_key)),
        authentication_key: security.and_then(|s| s.authentication_key).map(Key::new),
        hint: None,
    }
}

/// A session that can read a meter.
pub(crate) fn reader(personality: &Personality) -> Box<Reader> {
    Box::new(Session::new(options(personality)))
}

/// Whether a checksum or a tag guards the messages. Text telegrams of old meters have neither.
pub(crate) fn guarded(personality: &Personality) -> bool {
    !matches!(personality.name, "dsmr2-nl" | "iskra-si-text")
}

/// Hands octets to a session; everything it says goes to `tell`.
pub(crate) fn feed(session: &mut Reader, octets: &[u8], mut tell: impl FnMut(Event<'_>)) {
    let mut input = octets;
    while let Some(event) = session.poll(&mut input) {
        tell(event);
    }
}

/// The line pauses.
pub(crate) fn pause(session: &mut Reader, mut tell: impl FnMut(Event<'_>)) {
    while let Some(event) = session.end() {
        tell(event);
    }
}

/// The messages of a meter over the turn of an hour, with sun.
pub(crate) fn messages(personality: &Personality) -> Vec<Record> {
    let scenario = Scenario::new(personality.name, 21, "2024-06-15T12:59:20")
        .expect("the meter exists")
        .lasting(Duration::from_mins(2))
        .in_house(solar_house());
    Simulation::new(&scenario).collect()
}

/// The longest message of a meter and the one that follows it.
pub(crate) fn longest(personality: &Personality) -> (Record, Record) {
    let all = messages(personality);
    let (_, followed) = all.split_last().expect("the meter sends");
    let length = |at: &usize| followed.get(*at).map(|record| record.bytes.len());
    let at = (0..followed.len()).max_by_key(length).expect("the meter sends twice");
    let mut pair = all.into_iter().skip(at);
    let mut next = || pair.next().expect("it has a successor");
    (next(), next())
}

/// The first thing that a reading says differently from what was sent, a value that is missing
/// or one that was never sent included.
pub(crate) fn difference(truth: &Truth, reading: &Reading<'_>) -> Option<String> {
    let mut used = 0u128;
    for fact in &truth.facts {
        let Some(place) = reading.items().iter().enumerate().position(|(place, item)| {
            used & 1 << place == 0 && same_code(item.obis, fact.obis) && is_number(item)
        }) else {
            return Some(format!("{} {} is missing", fact.obis, fact.number));
        };
        used |= 1 << place;
        let item = reading.items().get(place)?;
        if !says(item, fact) {
            return Some(format!("{:?} was {}", item, fact.number));
        }
    }
    let extra = |(place, item): &(usize, &Item)| used & 1 << place == 0 && is_number(item);
    if let Some((_, item)) = reading.items().iter().enumerate().find(extra) {
        return Some(format!("{item:?} was never sent"));
    }
    let bare = |time: Option<DateTime>| time.map(|time| DateTime { status: None, ..time });
    let readout = reading.readout;
    if bare(readout.time) != truth.time || bare(readout.energy_time) != truth.energy_time {
        let (time, energy) = (readout.time, readout.energy_time);
        return Some(format!("{time:?} {energy:?} was {:?} {:?}", truth.time, truth.energy_time));
    }
    let names = [
        (reading.meter_id(), &truth.meter_id),
        (reading.list_id(), &truth.list_id),
        (reading.meter_model(), &truth.meter_model),
    ];
    for (told, sent) in names {
        let told = told.map(|text| text.to_string());
        if told != *sent {
            return Some(format!("{told:?} was {sent:?}"));
        }
    }
    let counter = readout.ciphering.map(|ciphering| ciphering.invocation_counter);
    (counter != truth.counter).then(|| format!("counter {counter:?} was {:?}", truth.counter))
}

const fn is_number(item: &Item) -> bool {
    matches!(item.value, Value::Number(..))
}

/// Devices behind the meter are told apart by their channel.
fn same_code(told: Obis, sent: Obis) -> bool {
    let device = sent.cde().0 == 24;
    told.cde() == sent.cde() && (!device || told.channel() == sent.channel())
}

fn says(item: &Item, fact: &Fact) -> bool {
    matches!(item.value, Value::Number(number, _) if number.same_value(fact.number))
}
