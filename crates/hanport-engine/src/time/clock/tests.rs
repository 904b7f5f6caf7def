//! Clocks of many habits against the receiver.

use super::*;
use jiff::Timestamp;

struct Site {
    clock: MeterClock,
    zone: TimeZone,
    row: Row,
    notices: Vec<ClockNotice>,
}

impl Site {
    fn new(order: &'static [Rule], frozen: bool) -> Self {
        let row = Row { order, frozen, ..*Row::any() };
        let zone = TimeZone::get("Europe/Oslo").unwrap();
        Self { clock: MeterClock::default(), zone, row, notices: Vec::new() }
    }

    /// A message received at `received`, whose clock runs `rule` and is `off_s` seconds wrong.
    fn message(&mut self, received: UtcMillis, rule: Rule, off_s: i64) -> (UtcMillis, TimeSource) {
        let time = local(received.plus(off_s * 1000), rule, &self.zone);
        self.clock.message(&self.row, time, received, &self.zone, &mut self.notices)
    }
}

fn at(text: &str) -> UtcMillis {
    text.parse::<Timestamp>().unwrap().into()
}

/// What a clock that follows `rule` reads at an instant.
fn local(at: UtcMillis, rule: Rule, zone: &TimeZone) -> DateTime {
    let offset = match rule {
        Rule::Civil => i64::from(zone.to_offset(at.timestamp()).seconds()),
        Rule::Utc => 0,
        _ => 3600,
    };
    let minutes = i16::try_from(offset / 60).unwrap();
    let time = DateTime::from_unix_seconds(at.seconds(), minutes).unwrap();
    DateTime { offset_minutes: None, ..time }
}

const CIVIL_FIRST: &[Rule] = &[Rule::Civil, Rule::CentralEuropeanStandard, Rule::Utc];
const STANDARD_FIRST: &[Rule] = &[Rule::CentralEuropeanStandard, Rule::Civil, Rule::Utc];

#[test]
fn what_is_alike_in_winter_is_told_apart_when_the_clocks_change() {
    for (order, true_rule) in [
        (CIVIL_FIRST, Rule::CentralEuropeanStandard),
        (CIVIL_FIRST, Rule::Civil),
        (STANDARD_FIRST, Rule::CentralEuropeanStandard),
        (STANDARD_FIRST, Rule::Civil),
    ] {
        let mut site = Site::new(order, false);
        let start = at("2026-03-28T12:00:00Z");
        for s in (0..2 * 86_400).step_by(10) {
            let received = start.plus(s * 1000);
            let (instant, source) = site.message(received, true_rule, 2);
            // to the second, and never an hour off, not even for one message
            assert_eq!(instant, received.plus(2000), "{order:?} {true_rule:?} at {received}");
            assert!(matches!(source, TimeSource::Meter(_)));
        }
        assert_eq!(site.clock.rule(), Some(true_rule));
        assert!(site.notices.len() <= 2, "{:?}", site.notices);
    }
}

#[test]
fn the_repeated_hour_goes_by_in_order() {
    let mut site = Site::new(CIVIL_FIRST, false);
    let start = at("2026-10-24T22:00:00Z");
    let mut last = UtcMillis(0);
    for s in (0..8 * 3600).step_by(10) {
        let received = start.plus(s * 1000);
        let (instant, _) = site.message(received, Rule::Civil, -3);
        assert_eq!(instant, received.plus(-3000));
        assert!(instant > last);
        last = instant;
    }
    assert_eq!(site.notices, [ClockNotice::Rule(Rule::Civil)]);
}

#[test]
fn a_clock_that_lost_its_time_is_replaced_until_it_is_set_again() {
    let mut site = Site::new(STANDARD_FIRST, false);
    let start = at("2026-06-01T12:00:00Z");
    for s in 0..100 {
        let received = start.plus(s * 1000);
        let off = if (20..60).contains(&s) { -800_000_000 } else { 0 };
        let (instant, source) = site.message(received, Rule::CentralEuropeanStandard, off);
        assert_eq!(instant, received);
        assert_eq!(source == TimeSource::Receiver, off != 0);
    }
    let rule = Rule::CentralEuropeanStandard;
    let wrong = ClockNotice::Wrong(-800_000_000_000);
    assert_eq!(site.notices, [ClockNotice::Rule(rule), wrong, ClockNotice::Right(rule)]);
}

#[test]
fn a_clock_that_never_was_right_is_said_to_be_wrong() {
    let mut site = Site::new(CIVIL_FIRST, false);
    let start = at("2026-06-01T12:00:00Z");
    for s in 0..12 {
        assert_eq!(site.message(start.plus(s * 1000), Rule::Utc, 1000).1, TimeSource::Receiver);
    }
    assert!(matches!(site.notices[..], [ClockNotice::Wrong(_)]));
    assert!(site.clock.is_wrong());
}

#[test]
fn a_clock_that_is_set_is_told() {
    let mut site = Site::new(CIVIL_FIRST, false);
    let start = at("2026-06-01T12:00:00Z");
    for s in 0..30 {
        site.message(start.plus(s * 1000), Rule::Civil, if s < 15 { -40 } else { 5 });
    }
    assert_eq!(site.notices, [ClockNotice::Rule(Rule::Civil), ClockNotice::Jumped(45_000)]);
    assert_eq!(site.clock.error_ms(), Some(5000));
}

#[test]
fn one_odd_message_changes_no_rule() {
    let mut site = Site::new(STANDARD_FIRST, false);
    let start = at("2026-06-01T12:00:00Z");
    for s in 0..30 {
        let rule = if s == 15 { Rule::Utc } else { Rule::CentralEuropeanStandard };
        let (instant, _) = site.message(start.plus(s * 1000), rule, 0);
        assert_eq!(instant, start.plus(s * 1000));
    }
    assert_eq!(site.clock.rule(), Some(Rule::CentralEuropeanStandard));
    assert_eq!(site.notices.len(), 1);
}

#[test]
fn hourly_registers_stand_for_the_hour_and_a_repeated_list_for_the_hour_before() {
    let mut site = Site::new(STANDARD_FIRST, true);
    let zone = site.zone.clone();
    for hour in 0..30 {
        let received = at("2026-06-01T12:00:11Z").plus(hour * 3_600_000);
        let repeated = hour == 20;
        let stood = received.plus(-11_000 - i64::from(repeated) * 3_600_000);
        // stamped when it was sent, as some firmware does
        let stamp = if hour % 2 == 0 { stood } else { stood.plus(10_000) };
        let time = local(stamp, Rule::CentralEuropeanStandard, &zone);
        site.clock.message(&site.row, time, received, &zone, &mut site.notices);
        let at = site.clock.registers(&site.row, Some(time), received, &zone);
        assert_eq!(at, stood, "{hour}");
    }
    assert_eq!(site.notices.len(), 1);
}

#[test]
fn registers_of_every_message_are_not_moved_to_the_hour() {
    let mut site = Site::new(CIVIL_FIRST, true);
    let zone = site.zone.clone();
    let start = at("2026-06-01T11:59:00Z");
    for s in (0..120).step_by(10) {
        let received = start.plus(s * 1000);
        site.message(received, Rule::Civil, 0);
        let time = local(received, Rule::Civil, &zone);
        let at = site.clock.registers(&site.row, Some(time), received, &zone);
        assert_eq!(at, received);
    }
}

#[test]
fn what_was_found_out_survives_storing() {
    let mut site = Site::new(CIVIL_FIRST, false);
    site.message(at("2026-06-01T12:00:00Z"), Rule::Civil, 7);
    let stored = serde_json::to_string(&site.clock).unwrap();
    assert_eq!(serde_json::from_str::<MeterClock>(&stored).unwrap(), site.clock);
}

#[test]
fn a_clock_without_seconds_does_not_jump_every_minute() {
    let mut site = Site::new(CIVIL_FIRST, false);
    let start = at("2026-06-01T12:00:20Z");
    for s in 0..300 {
        let received = start.plus(s * 1000 + 400);
        let time = DateTime { second: 0, ..local(received.plus(-400), Rule::Civil, &site.zone) };
        let (instant, _) =
            site.clock.message(&site.row, time, received, &site.zone, &mut site.notices);
        let registers = site.clock.registers(&site.row, Some(time), received, &site.zone);
        assert_eq!(registers, instant);
        if s > 0 {
            assert!(received.since(instant) <= 400, "{s}: {instant}");
        }
    }
    assert_eq!(site.notices, [ClockNotice::Rule(Rule::Civil)]);
}
