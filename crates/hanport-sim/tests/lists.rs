//! Published lengths and header checks of the makers' frames, and the day counts of their
//! schedules: figures that a list must hit exactly, from outside of this project.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may stop where it is")]

use std::collections::BTreeMap;
use std::time::Duration;

use hanport_sim::meter::personalities;
use hanport_sim::record::Record;
use hanport_sim::scenario::Scenario;
use hanport_sim::simulation::Simulation;

fn run(meter: &str, seconds: u64) -> Vec<Record> {
    let scenario = Scenario::new(meter, 7, "2024-01-15T00:00").unwrap();
    Simulation::new(&scenario.lasting(Duration::from_secs(seconds))).collect()
}

/// The first message of a list.
fn first(meter: &str, list: &str) -> Record {
    run(meter, 1000).into_iter().find(|record| record.truth.list == list).unwrap()
}

#[test]
fn frames_have_the_published_lengths() {
    for (meter, list, length) in [
        ("kaifa-no", "short", 41),
        ("kaifa-no-1phase", "long", 103),
        ("kaifa-no", "long", 123),
        ("kaifa-no-1phase", "hourly", 137),
        ("kaifa-no", "hourly", 157),
        ("kaifa-no-3wire", "hourly", 157),
        ("kaifa-se", "hourly", 157),
        ("kaifa-se-1phase", "hourly", 137),
        ("kaifa-se-pairs", "hourly", 287),
        ("aidon-no", "short", 44),
        ("aidon-no-1phase", "long", 212),
        ("aidon-no-3wire", "long", 269),
        ("aidon-no", "long", 288),
        ("aidon-no-1phase", "hourly", 320),
        ("aidon-no-3wire", "hourly", 377),
        ("aidon-no", "hourly", 396),
        ("aidon-se", "long", 581),
        ("kamstrup-no", "short", 228),
        ("kamstrup-no", "hourly", 302),
        ("kamstrup-dk", "long", 491),
        ("kamstrup-dk-1phase", "long", 317),
        ("kamstrup-dk-plain", "long", 461),
        ("iskra-si", "short", 131),
        ("iskra-at", "long", 121),
        ("lg-burgenland", "long", 120),
        ("lg-burgenland-11", "long", 111),
    ] {
        assert_eq!(first(meter, list).bytes.len(), length, "{meter} {list}");
    }
}

#[test]
fn header_checks_are_the_published_ones() {
    for (meter, list, head) in [
        ("kaifa-no", "short", "7EA027010201105A87"),
        ("kaifa-no-1phase", "long", "7EA06501020110F050"),
        ("kaifa-no", "long", "7EA079010201108093"),
        ("kaifa-no", "hourly", "7EA09B01020110EEAE"),
        ("kaifa-se-1phase", "hourly", "7EA0870100011026D8"),
        ("kaifa-se", "hourly", "7EA09B01000110561B"),
        ("kaifa-se-pairs", "hourly", "7EA11D01000110B0AE"),
        ("aidon-no", "short", "7EA02A410883130413"),
        ("aidon-no-1phase", "long", "7EA0D24108831382D6"),
        ("aidon-no-3wire", "long", "7EA10B41088313FA7C"),
        ("aidon-no", "long", "7EA11E41088313EEEE"),
        ("aidon-no", "hourly", "7EA18A41088313EBFD"),
        ("aidon-se", "long", "7EA2434108831385EB"),
        ("kamstrup-no", "short", "7EA0E22B2113239A"),
        ("kamstrup-no", "hourly", "7EA12C2B2113FC04"),
        ("kamstrup-dk", "long", "7EA1E9410313C637"),
        ("kamstrup-dk-1phase", "long", "7EA13B410313C8F6"),
        ("iskra-si", "short", "7EA081CF02231385E1"),
        ("iskra-at", "long", "7EA077CF022313BB45"),
        ("iskra-hr", "long", "7EA8A4CF0223039996"),
        ("lg-ch", "short", "7EA084CEFF0313128B"),
        ("lg-burgenland", "long", "7EA076CEFF03133C02"),
    ] {
        let record = first(meter, list);
        let octets = head
            .as_bytes()
            .chunks_exact(2)
            .map(|pair| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap());
        assert!(record.bytes.iter().copied().take(head.len() / 2).eq(octets), "{meter} {list}");
    }
}

#[test]
fn ciphered_lengths_are_those_of_the_captured_meters() {
    // From the length octets behind the system title on.
    for (meter, at, octets) in [
        ("kaifa-at", 9 + 10, vec![0x82, 0x01, 0x55, 0x21]),
        ("kaifa-at-noe", 9 + 10, vec![0x81, 0xF8, 0x20]),
        ("iskra-at", 12 + 10, vec![0x5F, 0x20]),
    ] {
        let record = first(meter, "long");
        assert_eq!(record.bytes[at..at + octets.len()], octets, "{meter}");
    }
    // Segments: 250 octets behind the length, and the rest.
    for (meter, first_length, second_length) in
        [("kaifa-at", 0xFA, 0x72), ("kaifa-at-noe", 0xFA, 0x14), ("sagemcom-at-noe", 0x01, 0x0D)]
    {
        let record = first(meter, "long");
        assert_eq!(record.bytes[1], first_length, "{meter}");
        let second = if first_length == 0x01 { 257 + 6 } else { 250 + 6 };
        assert_eq!(record.bytes[second..second + 3], [0x68, second_length, second_length]);
    }
}

#[test]
fn a_day_has_as_many_messages_as_the_schedule_says() {
    // A whole day where an hour is special, else as many hours as tell.
    for (meter, hours, counts) in [
        ("aidon-no", 24, vec![("hourly", 24), ("long", 8616), ("short", 25_920)]),
        ("kaifa-no", 24, vec![("hourly", 24), ("long", 8616), ("short", 34_560)]),
        ("kaifa-se", 24, vec![("hourly", 8640)]),
        ("kamstrup-no", 24, vec![("hourly", 24), ("short", 8640)]),
        ("kamstrup-se", 24, vec![("hourly", 24), ("short", 8640)]),
        ("lg-ch", 24, vec![("minute", 1440), ("quarter", 96), ("short", 17_280)]),
        ("iskra-si", 1, vec![("energy", 4), ("short", 3600)]),
        ("iskra-si-5s", 1, vec![("energy", 4), ("short", 720)]),
        ("kamstrup-dk", 1, vec![("long", 360)]),
        ("aidon-se", 1, vec![("long", 360)]),
        ("kaifa-at-noe", 1, vec![("long", 720)]),
        ("sagemcom-at-noe", 1, vec![("long", 720)]),
        ("iskra-at", 1, vec![("long", 3600)]),
        ("iskra-at-wien", 1, vec![("long", 3600)]),
        ("iskra-hr", 1, vec![("long", 360)]),
        ("lg-burgenland", 1, vec![("long", 720)]),
        ("lg-feistritz", 1, vec![("long", 360)]),
        ("dsmr5-nl", 1, vec![("long", 3600)]),
        ("dsmr4-nl", 1, vec![("long", 360)]),
        ("dsmr2-nl", 1, vec![("long", 360)]),
        ("fluvius-be", 1, vec![("long", 3600)]),
        ("smarty-lu", 1, vec![("long", 360)]),
        ("stoen-pl", 1, vec![("long", 360)]),
        ("lg-se-text", 1, vec![("long", 360)]),
        ("sml-de", 1, vec![("long", 900)]),
        ("sml-de-1s", 1, vec![("long", 3600)]),
    ] {
        let mut seen = BTreeMap::new();
        for record in run(meter, hours * 3600) {
            *seen.entry(record.truth.list).or_insert(0) += 1;
        }
        assert_eq!(seen, counts.into_iter().collect(), "{meter}");
    }
}

#[test]
fn the_first_seconds_of_an_hour_follow_the_makers_examples() {
    let order = |meter: &str, count| -> Vec<(u64, &'static str)> {
        let grid = |ns: u64| ns / 500_000_000 * 500;
        let records = run(meter, 60);
        records.iter().take(count).map(|r| (grid(r.t_send_ns), r.truth.list)).collect()
    };
    assert_eq!(
        order("aidon-no", 9),
        [
            (0, "long"),
            (2500, "short"),
            (5000, "short"),
            (7500, "short"),
            (10_000, "hourly"),
            (12_500, "short"),
            (15_000, "short"),
            (17_500, "short"),
            (20_000, "long"),
        ]
    );
    let kaifa = order("kaifa-no", 6);
    assert_eq!(kaifa[0], (0, "long"));
    assert_eq!(kaifa[4], (8000, "short"));
    assert_eq!(kaifa[5], (10_000, "hourly"));
    let kamstrup = order("kamstrup-no", 7);
    assert_eq!(kamstrup[5..], [(50_000, "short"), (55_000, "hourly")]);
    assert_eq!(order("iskra-si", 2), [(0, "energy"), (0, "short")]);
}

#[test]
fn octets_of_two_messages_never_mix() {
    for personality in personalities() {
        let octet_ns = personality.uart.octet_ns();
        let mut free = 0;
        for record in run(personality.name, 130) {
            assert!(record.t_first_byte_ns >= record.t_send_ns);
            assert!(record.t_first_byte_ns >= free, "{}", personality.name);
            free = record.t_first_byte_ns + octet_ns * record.bytes.len() as u64;
        }
        // What is sent fits the time between.
        let behind = free.saturating_sub(130_000_000_000);
        assert!(behind < 8_000_000_000, "{} is {behind} ns behind", personality.name);
    }
}

#[test]
fn names_are_unique_and_speak_kebab_case() {
    let mut names: Vec<_> = personalities().map(|p| p.name).collect();
    let count = names.len();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), count);
    let kebab = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    assert!(names.iter().all(|name| name.chars().all(kebab)));
}
