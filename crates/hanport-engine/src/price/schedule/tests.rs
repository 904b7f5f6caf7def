//! The plan of fetching, hour by hour.

use jiff::civil::date;
use proptest::prelude::*;

use super::*;
use crate::money::{Currency, PricePerKwh};
use crate::price::rates::Rates;
use crate::price::series::{Firmness, PriceSeries, Slot};

const SOURCES: [Source; 2] = [Source::Hvakosterstrommen, Source::EnergyCharts];

/// An instant of the 14th of January 2026, clocks of the market.
fn at(hour: i64, minute: i64) -> UtcMillis {
    market_day(date(2026, 1, 14)).start.plus(hour * HOUR + minute * MINUTE)
}

fn today() -> Date {
    date(2026, 1, 14)
}

fn tomorrow() -> Date {
    date(2026, 1, 15)
}

fn series(day: Date, firmness: Firmness) -> PriceSeries {
    let range = market_day(day);
    let mut series = PriceSeries::new("NO1", Currency::NOK, Source::Hvakosterstrommen);
    series.firmness = firmness;
    series.with([Slot { range, price: PricePerKwh(1) }])
}

fn book(days: &[Date]) -> PriceBook {
    let mut book = PriceBook::new(Currency::NOK);
    for day in days {
        book.put(&series(*day, Firmness::Final), &Rates::default());
    }
    book
}

#[test]
fn today_is_fetched_at_once_and_tomorrow_when_it_is_published() {
    let mut plan = Schedule::new(&SOURCES, 7 * MINUTE);
    let empty = book(&[]);
    assert_eq!(plan.next(at(8, 0), &empty), Next::Fetch(Source::Hvakosterstrommen, today()));
    plan.report(at(8, 0), Source::Hvakosterstrommen, today(), Ok(true));
    let known = book(&[today()]);
    assert_eq!(plan.next(at(8, 0), &known), Next::Wait(at(13, 2)));
    assert_eq!(plan.next(at(13, 1), &known), Next::Wait(at(13, 2)));
    assert_eq!(plan.next(at(13, 2), &known), Next::Fetch(Source::Hvakosterstrommen, tomorrow()));
    plan.report(at(13, 2), Source::Hvakosterstrommen, tomorrow(), Ok(true));
    let all = book(&[today(), tomorrow()]);
    assert_eq!(plan.next(at(13, 2), &all), Next::Wait(at(24, 0)));
    // the next morning nothing is missing
    assert_eq!(plan.next(at(32, 0), &all), Next::Wait(at(37, 2)));
}

#[test]
fn a_late_publication_is_waited_for() {
    let mut plan = Schedule::new(&SOURCES, 0);
    let known = book(&[today()]);
    let mut now = at(12, 55);
    let mut rounds = Vec::new();
    while now < at(24, 0) {
        match plan.next(now, &known) {
            Next::Fetch(source, day) => {
                assert_eq!(day, tomorrow());
                if source == SOURCES[0] {
                    rounds.push(now.since(at(0, 0)) / MINUTE);
                }
                now = now.plus(1000);
                plan.report(now, source, day, Err(&Refusal::NotPublished));
            }
            Next::Wait(until) => {
                assert!(until > now);
                now = until;
            }
        }
    }
    // every quarter of an hour until four, then every hour until after eleven
    assert_eq!(rounds[..3], [775, 790, 805]);
    let early = rounds.iter().filter(|minute| **minute < 16 * 60).count();
    assert_eq!(early, 13);
    assert_eq!(rounds.len() - early, 8, "{rounds:?}");
}

#[test]
fn a_source_that_fails_sends_the_turn_to_the_next() {
    let mut plan = Schedule::new(&SOURCES, 0);
    let empty = book(&[]);
    let now = at(8, 0);
    assert_eq!(plan.next(now, &empty), Next::Fetch(SOURCES[0], today()));
    plan.report(now, SOURCES[0], today(), Err(&Refusal::Unavailable(503)));
    assert_eq!(plan.next(now, &empty), Next::Fetch(SOURCES[1], today()));
    plan.report(now, SOURCES[1], today(), Err(&Refusal::Network("timed out".into())));
    // both failed: a quarter of an hour, whatever the short pauses of the sources
    assert_eq!(plan.next(now, &empty), Next::Wait(at(8, 15)));
    assert_eq!(plan.next(at(8, 15), &empty), Next::Fetch(SOURCES[0], today()));
}

#[test]
fn too_often_is_heeded() {
    let mut plan = Schedule::new(&SOURCES[..1], 0);
    let empty = book(&[]);
    let ask = Next::Fetch(SOURCES[0], today());
    assert_eq!(plan.next(at(8, 0), &empty), ask);
    plan.report(at(8, 0), SOURCES[0], today(), Err(&Refusal::TooMany(Some(3600))));
    let Next::Wait(mut until) = plan.next(at(8, 0), &empty) else { panic!("asked again") };
    while let Next::Wait(later) = plan.next(until, &empty) {
        assert!(later > until);
        until = later;
    }
    assert!(until >= at(9, 0), "{until}");
    plan.report(until, SOURCES[0], today(), Err(&Refusal::TooMany(None)));
    assert!(matches!(plan.next(until.plus(9 * MINUTE), &empty), Next::Wait(_)));
}

#[test]
fn a_wrong_key_waits_for_the_settings() {
    let mut plan = Schedule::new(&[Source::Entsoe, SOURCES[0]], 0);
    let empty = book(&[]);
    assert_eq!(plan.next(at(8, 0), &empty), Next::Fetch(Source::Entsoe, today()));
    plan.report(at(8, 0), Source::Entsoe, today(), Err(&Refusal::Key));
    assert_eq!(plan.next(at(8, 0), &empty), Next::Fetch(SOURCES[0], today()));
    plan.report(at(8, 0), SOURCES[0], today(), Ok(true));
    let known = book(&[today()]);
    assert_eq!(plan.next(at(13, 0), &known), Next::Fetch(SOURCES[0], tomorrow()));
    plan.settings_changed();
    assert_eq!(plan.next(at(13, 0), &known), Next::Fetch(Source::Entsoe, tomorrow()));
}

#[test]
fn preliminary_prices_are_asked_for_again() {
    let mut plan = Schedule::new(&SOURCES[..1], 0);
    let mut book = PriceBook::new(Currency::NOK);
    book.put(&series(today(), Firmness::Preliminary), &Rates::default());
    assert_eq!(plan.next(at(8, 0), &book), Next::Fetch(SOURCES[0], today()));
    plan.report(at(8, 0), SOURCES[0], today(), Ok(false));
    assert_eq!(plan.next(at(8, 0), &book), Next::Wait(at(9, 0)));
}

#[test]
fn without_sources_nothing_is_asked() {
    let mut plan = Schedule::new(&[], 0);
    assert!(matches!(plan.next(at(8, 0), &book(&[])), Next::Wait(until) if until > at(8, 0)));
}

fn refusal(number: u8) -> Option<Refusal> {
    match number {
        0 => Some(Refusal::NotPublished),
        1 => Some(Refusal::Network("gone".into())),
        2 => Some(Refusal::TooMany(Some(30))),
        3 => Some(Refusal::Unavailable(503)),
        4 => Some(Refusal::Odd("?".into())),
        5 => Some(Refusal::Refused("no".into())),
        _ => None,
    }
}

proptest! {
    /// Whatever sources answer: no source is asked more often than it allows, the plan always
    /// goes on, and a week of trouble is not a flood of requests.
    #[test]
    fn no_source_is_asked_more_often_than_it_allows(
        answers in prop::collection::vec(0u8..7, 1..40), spread in 0i64..SPREAD_MS,
    ) {
        let sources = [Source::Hvakosterstrommen, Source::SpotHinta, Source::Awattar];
        let mut plan = Schedule::new(&sources, spread);
        let empty = book(&[]);
        let mut last: Vec<(Source, UtcMillis)> = Vec::new();
        let (mut now, mut asked, mut steps) = (at(6, 0), 0usize, 0usize);
        let end = at(6 + 7 * 24, 0);
        let mut answers = answers.iter().cycle();
        while now < end {
            steps += 1;
            prop_assert!(steps < 20_000, "it does not go on");
            match plan.next(now, &empty) {
                Next::Fetch(source, day) => {
                    if let Some((_, before)) = last.iter().rev().find(|(known, _)| *known == source) {
                        prop_assert!(now.since(*before) >= source.least_pause_ms());
                    }
                    last.push((source, now));
                    asked += 1;
                    let answer = refusal(*answers.next().unwrap());
                    plan.report(now, source, day, answer.as_ref().map_or(Ok(false), Err));
                }
                Next::Wait(until) => {
                    prop_assert!(until > now);
                    now = until;
                }
            }
        }
        prop_assert!(asked < 7 * 24 * 3 * 8, "{asked} requests in a week");
    }
}
