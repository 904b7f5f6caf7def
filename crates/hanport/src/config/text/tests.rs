//! What is right is taken, what is wrong is refused with what would be right.

use rstest::rstest;

use super::*;

fn remedy(of: Result<(), Trouble>) -> String {
    of.expect_err("it is wrong").remedy
}

#[rstest]
#[case::zone("Oslo", "Europe/Oslo")]
#[case::letter("Europe/Osol", "Europe/Oslo")]
#[case::continent("America/Copenhagen", "Europe/Copenhagen")]
fn a_zone_that_is_none_suggests_one(#[case] text: &str, #[case] wanted: &str) {
    assert!(remedy(zone(text).map(drop)).contains(wanted));
}

#[test]
fn zones_that_are_some_are_taken() {
    for text in ["auto", "Europe/Oslo", "UTC", "europe/oslo"] {
        assert!(zone(text).is_ok(), "{text}");
    }
}

#[rstest]
#[case(31, "one character short: 31 of 32")]
#[case(30, "2 characters short: 30 of 32")]
#[case(33, "one character too many: 33 of 32")]
#[case(64, "64 digits: this is the length of two keys")]
#[case(0, "the key is empty")]
fn a_key_of_wrong_length_says_how_wrong(#[case] digits: usize, #[case] message: &str) {
    let wrong = key(&"A".repeat(digits)).expect_err("it is wrong");
    assert_eq!(wrong.message, message);
}

#[test]
fn a_wrong_key_is_not_shown() {
    let text = "0123456789ABCDEF0123456789ABCDEO";
    let wrong = key(text).expect_err("it is wrong");
    assert_eq!(wrong.message, "character 32 of the key is no hexadecimal digit");
    assert!(!format!("{wrong:?}").contains("0123"));
    assert!(key(&"0".repeat(32)).is_err());
}

#[rstest]
#[case::plain("[::]:8080", true)]
#[case::port("8080", true)]
#[case::colon(":8080", true)]
#[case::four("0.0.0.0:80", true)]
#[case::name("localhost:8080", false)]
#[case::bare("192.168.1.1", false)]
#[case::large("[::]:70000", false)]
fn addresses_to_listen_on(#[case] text: &str, #[case] right: bool) {
    assert_eq!(listen(text).is_ok(), right);
}

#[test]
fn a_range_of_addresses_is_an_address_and_its_bits() {
    let range = network("172.16.0.0/12").expect("a range");
    assert_eq!((range.address.to_string(), range.bits), ("172.16.0.0".to_owned(), 12));
    let one = network("::1").expect("a range of one");
    assert_eq!(one.bits, 128);
    for wrong in ["172.16.0.0/33", "172.16.0.0/", "proxy", ""] {
        assert!(network(wrong).is_err(), "{wrong}");
    }
}

#[rstest]
#[case::scheme("mqtt://broker.local:1883", "write `broker.local`")]
#[case::port("broker.local:1883", "write `broker.local`, and 1883 as the port")]
fn a_host_with_too_much_says_what_is_enough(#[case] text: &str, #[case] wanted: &str) {
    assert_eq!(remedy(host(text)), wanted);
}

#[test]
fn hosts_with_ports_are_told_from_those_without() {
    for right in ["192.168.1.20:2000", "[fe80::1]:2000", "reader.local:1"] {
        assert_eq!(host_and_port(right), Ok(()), "{right}");
    }
    for wrong in ["reader", "fe80::1", "reader:0", "tcp://reader:1", "rea der:1", ":1"] {
        assert!(host_and_port(wrong).is_err(), "{wrong}");
    }
}

#[test]
fn names_that_programs_cannot_use_suggest_one_they_can() {
    assert_eq!(remedy(name("Main Meter")), "for example `main-meter`");
    assert_eq!(remedy(name("")), "for example `main`");
    assert!(name("12").is_err() && name("-a").is_err() && name(&"a".repeat(32)).is_err());
    assert_eq!(name("p1_main-2"), Ok(()));
}

#[test]
fn topics_to_publish_on_hold_no_wild_cards() {
    assert!(topic("a/+/b").is_err() && topic("/a").is_err() && topic("").is_err());
    assert_eq!(topic("home/energy"), Ok(()));
    assert_eq!(filter("reader/+/data/#"), Ok(()));
    assert!(filter("a#").is_err() && filter("#/a").is_err() && filter("a+/b").is_err());
}

#[test]
fn days_of_the_year_stand_month_first() {
    assert_eq!(year_day("02-29"), Ok((2, 29)));
    for wrong in ["31-03", "02-30", "3-1", "0301", "00-01", "12-00"] {
        assert!(year_day(wrong).is_err(), "{wrong}");
    }
}

#[test]
fn a_base_path_has_a_slash_before_and_none_behind() {
    assert_eq!(remedy(base_path("energy/")), "write `/energy`");
    assert!(base_path("/").is_err() && base_path("/a//b").is_err() && base_path("/..").is_err());
    assert!(base_path("").is_ok() && base_path("/a/b").is_ok());
}

#[test]
fn sources_of_prices_are_told_apart() {
    assert_eq!(price_source("auto"), Ok(PriceSource::Auto));
    assert_eq!(price_source("energy-charts"), Ok(PriceSource::Known(Source::EnergyCharts)));
    assert_eq!(price_source("file:/tmp/p.csv"), Ok(PriceSource::File("/tmp/p.csv".into())));
    assert!(price_source("file:p.csv").is_err() && price_source("ftp://x").is_err());
}

#[test]
fn areas_and_holidays_are_known_by_name() {
    assert_eq!(area("").unwrap(), None);
    assert_eq!(area("no1").unwrap().unwrap().name, "NO1");
    let wrong = area("DE-LUX").expect_err("it is wrong");
    assert_eq!(wrong.remedy, "did you mean `DE-LU`?");
    assert!(holidays("NO").is_ok() && holidays("auto").is_ok() && holidays("XX").is_err());
}
