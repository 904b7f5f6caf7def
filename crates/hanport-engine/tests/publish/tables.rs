//! The tables of keys, topics, decimals and retained flags that existing integrations rely on.

use hanport_engine::publish::{Format, Keeping, Outgoing, Qos};
use serde_json::Value;

use crate::{METERS, published, settings, text};

/// What stands behind a key: decimals of a number, or something else.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    D(usize),
    Text,
    Object,
    Array(usize),
    TimeOrNull,
}
use Kind::{Array, D, Object, Text, TimeOrNull};

/// The key and what stands behind it, in order, list by list: 1, 2, 3, 4.
const DATA: &[(&str, Kind, [bool; 4])] = &[
    ("lv", Text, [false, true, true, true]),
    ("meterId", Text, [false, true, true, true]),
    ("type", Text, [false, true, true, true]),
    ("P", D(0), [true; 4]),
    ("P1", D(0), [false, false, false, true]),
    ("P2", D(0), [false, false, false, true]),
    ("P3", D(0), [false, false, false, true]),
    ("Q", D(0), [false, true, true, true]),
    ("PO", D(0), [false, true, true, true]),
    ("PO1", D(0), [false, false, false, true]),
    ("PO2", D(0), [false, false, false, true]),
    ("PO3", D(0), [false, false, false, true]),
    ("QO", D(0), [false, true, true, true]),
    ("I1", D(2), [false, true, true, true]),
    ("I2", D(2), [false, true, true, true]),
    ("I3", D(2), [false, true, true, true]),
    ("U1", D(2), [false, true, true, true]),
    ("U2", D(2), [false, true, true, true]),
    ("U3", D(2), [false, true, true, true]),
    ("PF", D(2), [false, false, false, true]),
    ("PF1", D(2), [false, false, false, true]),
    ("PF2", D(2), [false, false, false, true]),
    ("PF3", D(2), [false, false, false, true]),
    ("tPI", D(3), [false, false, true, true]),
    ("tPIT1", D(3), [false, false, true, true]),
    ("tPIT2", D(3), [false, false, true, true]),
    ("tPO", D(3), [false, false, true, true]),
    ("tPOT1", D(3), [false, false, true, true]),
    ("tPOT2", D(3), [false, false, true, true]),
    ("tQI", D(3), [false, false, true, true]),
    ("tQO", D(3), [false, false, true, true]),
    ("tPI1", D(3), [false, false, false, true]),
    ("tPI2", D(3), [false, false, false, true]),
    ("tPI3", D(3), [false, false, false, true]),
    ("tPO1", D(3), [false, false, false, true]),
    ("tPO2", D(3), [false, false, false, true]),
    ("tPO3", D(3), [false, false, false, true]),
    ("rtc", D(0), [false, false, true, true]),
];

const HEADER: &[(&str, Kind)] = &[
    ("id", Text),
    ("name", Text),
    ("up", D(0)),
    ("t", D(0)),
    ("vcc", D(3)),
    ("rssi", D(0)),
    ("temp", D(2)),
];

const REALTIME: &[(&str, Kind)] = &[
    ("h", D(3)),
    ("d", D(2)),
    ("m", D(1)),
    ("t", D(0)),
    ("x", D(2)),
    ("he", D(3)),
    ("de", D(2)),
    ("me", D(1)),
    ("peaks", Array(2)),
];

fn data(list: usize) -> Vec<(&'static str, Kind)> {
    DATA.iter().filter(|(.., lists)| lists[list - 1]).map(|(key, kind, _)| (*key, *kind)).collect()
}

fn decimals(number: &str) -> usize {
    number.split_once('.').map_or(0, |(_, after)| after.len())
}

fn is_kind(value: &Value, kind: Kind) -> bool {
    match kind {
        D(places) => value.is_number() && decimals(&value.to_string()) == places,
        Text => value.is_string(),
        Object => value.is_object(),
        Array(places) => value
            .as_array()
            .is_some_and(|all| all.iter().all(|v| v.is_null() || is_kind(v, D(places)))),
        TimeOrNull => {
            value.is_null()
                || value.as_str().is_some_and(|time| {
                    time.len() == 20 && time.ends_with('Z') && time.as_bytes()[10] == b'T'
                })
        }
    }
}

/// The keys, exactly these, in this order, with these kinds of values.
fn check(value: &Value, wanted: &[(&str, Kind)], what: &str) {
    let object = value.as_object().unwrap();
    let keys: Vec<_> = object.keys().map(String::as_str).collect();
    let names: Vec<_> = wanted.iter().map(|(key, _)| *key).collect();
    assert_eq!(keys, names, "{what}");
    for (key, kind) in wanted {
        assert!(
            is_kind(&object[*key], *kind),
            "{what}: {key} is {}, wanted {kind:?}",
            object[*key]
        );
    }
}

fn json(message: &Outgoing) -> Value {
    serde_json::from_slice(&message.payload)
        .unwrap_or_else(|error| panic!("{}: {error}: {}", message.topic, text(message)))
}

fn list_of(message: &Outgoing) -> Option<usize> {
    message.kind.strip_prefix("list").and_then(|n| n.parse().ok())
}

#[test]
fn classic_and_multi_topic_have_their_keys_list_by_list() {
    let with = |rest: &[(&'static str, Kind)]| [HEADER, rest].concat();
    let mut lists = [0; 5];
    for meter in METERS {
        for format in [Format::Json, Format::MultiTopic] {
            for message in published(meter, &settings(format)) {
                let is_status = message.kind == "status";
                assert_eq!((message.retain, message.qos), (is_status, Qos::AtMostOnce));
                let Some(list) = list_of(&message) else { continue };
                lists[list] += 1;
                let below =
                    if format == Format::Json { String::new() } else { format!("/list{list}") };
                assert_eq!(message.topic, format!("ams{below}"));
                let value = json(&message);
                check(&value, &with(&[("data", Object), ("realtime", Object)]), meter);
                check(&value["data"], &data(list), meter);
                check(&value["realtime"], REALTIME, meter);
            }
        }
    }
    assert!(lists[1..].iter().all(|count| *count > 0), "{lists:?}");
}

#[test]
fn flat_has_all_keys_on_one_level() {
    for meter in METERS {
        for message in published(meter, &settings(Format::Flat)) {
            let Some(list) = list_of(&message) else { continue };
            assert_eq!(message.topic, "ams");
            let realtime: Vec<(String, Kind)> = REALTIME
                .iter()
                .map(|(key, kind)| match *key {
                    "peaks" => ("peaks".to_owned(), *kind),
                    key => (format!("rt_{key}"), *kind),
                })
                .collect();
            let mut wanted = [HEADER, &data(list)].concat();
            wanted.extend(realtime.iter().map(|(key, kind)| (key.as_str(), *kind)));
            check(&json(&message), &wanted, meter);
        }
    }
}

#[test]
fn prices_are_valid_json_even_where_too_few_are_known() {
    let tail = |prefix: &str| {
        ["min", "max"]
            .map(|key| (format!("{prefix}{key}"), D(4)))
            .into_iter()
            .chain(["1hr", "3hr", "6hr"].map(|h| (format!("{prefix}cheapest{h}"), TimeOrNull)))
            .collect::<Vec<_>>()
    };
    for format in [Format::Json, Format::MultiTopic, Format::Flat, Format::HomeAssistant] {
        let published = published("aidon-no", &settings(format));
        let prices: Vec<_> = published.iter().filter(|m| m.kind == "prices").collect();
        // when the connection stands, and at the full hour; exported power adds prices of export
        assert!((2..=3).contains(&prices.len()), "{format:?} {}", prices.len());
        let value = json(prices[prices.len() - 1]);
        if format == Format::Flat {
            assert_eq!(value.as_object().unwrap().len(), 1 + 38 + 5);
            assert!(is_kind(&value["pr_0"], D(4)) && value["pr_37"].is_null());
            for (key, kind) in tail("pr_") {
                assert!(is_kind(&value[&key], kind), "{key}");
            }
            continue;
        }
        let all = &value["prices"];
        let ahead = all["import"].as_array().unwrap();
        assert!(ahead.len() >= 10 && ahead.iter().all(|price| is_kind(price, D(4))));
        for (key, kind) in tail("") {
            assert!(is_kind(&all[&key], kind), "{key}");
        }
        assert_eq!(all["cheapest1hr"], "2026-06-15T12:00:00Z");
        let is_assistant = format == Format::HomeAssistant;
        assert_eq!(value["t"].is_string(), is_assistant);
        assert_eq!(prices[0].retain, is_assistant);
    }
}

#[test]
fn messages_about_the_reader_have_their_keys() {
    const SYSTEM: &[(&str, Kind)] = &[
        ("id", Text),
        ("name", Text),
        ("up", D(0)),
        ("vcc", D(3)),
        ("rssi", D(0)),
        ("temp", D(2)),
        ("version", Text),
    ];
    for (format, topic) in
        [(Format::Json, "ams"), (Format::MultiTopic, "ams/system"), (Format::Flat, "ams")]
    {
        let published = published("kaifa-no", &settings(format));
        let system: Vec<_> = published.iter().filter(|m| m.kind == "system").collect();
        assert!((8..=9).contains(&system.len()), "once a minute: {}", system.len());
        assert_eq!(system[0].topic, topic);
        check(&json(system[0]), SYSTEM, topic);
        let firmware = published.iter().find(|m| m.kind == "firmware").unwrap();
        assert_eq!(firmware.topic, "ams/firmware");
        let value = json(firmware);
        let keys: Vec<_> = value.as_object().unwrap().keys().map(String::as_str).collect();
        assert_eq!(
            keys,
            [
                "installed_version",
                "latest_version",
                "title",
                "release_summary",
                "update_percentage"
            ]
        );
    }
}

/// Topic, decimals, retained, in minimal only on change. `None` decimals: text.
const RAW: &[(&str, Option<usize>, bool, bool)] = &[
    ("meter/dlms/timestamp", Some(0), false, false),
    ("meter/import/active", Some(0), false, true),
    ("meter/l1/current", Some(2), false, true),
    ("meter/l2/current", Some(2), false, true),
    ("meter/l3/current", Some(2), false, true),
    ("meter/l1/voltage", Some(2), false, true),
    ("meter/l2/voltage", Some(2), false, true),
    ("meter/l3/voltage", Some(2), false, true),
    ("meter/export/reactive", Some(0), false, true),
    ("meter/export/active", Some(0), false, true),
    ("meter/import/reactive", Some(0), false, true),
    ("meter/clock", Some(0), false, false),
    ("meter/import/reactive/accumulated", Some(3), true, false),
    ("meter/import/active/accumulated", Some(3), true, false),
    ("meter/import/active/accumulated/tariff1", Some(3), true, false),
    ("meter/import/active/accumulated/tariff2", Some(3), true, false),
    ("meter/export/reactive/accumulated", Some(3), true, false),
    ("meter/export/active/accumulated", Some(3), true, false),
    ("meter/export/active/accumulated/tariff1", Some(3), true, false),
    ("meter/export/active/accumulated/tariff2", Some(3), true, false),
    ("meter/import/l1", Some(0), false, true),
    ("meter/export/l3", Some(0), false, true),
    ("meter/import/l2/accumulated", Some(2), false, true),
    ("meter/export/l3/accumulated", Some(2), false, true),
    ("meter/powerfactor", Some(2), false, true),
    ("meter/l1/powerfactor", Some(2), false, true),
    ("realtime/import/hour", Some(3), false, false),
    ("realtime/import/day", Some(2), false, false),
    ("realtime/import/month", Some(1), false, false),
    ("realtime/import/peak/1", Some(10), true, false),
    ("realtime/import/threshold", Some(0), true, false),
    ("realtime/import/monthmax", Some(3), true, false),
    ("realtime/export/hour", Some(3), false, false),
    ("realtime/export/day", Some(2), false, false),
    ("realtime/export/month", Some(1), false, false),
    ("realtime/import/thresholds/1", Some(0), true, false),
    ("realtime/import/thresholds/9", Some(0), true, false),
    ("price/resolution", Some(0), true, false),
    ("price/import/0", Some(4), true, false),
    ("price/export/0", Some(4), true, false),
    ("price/min", Some(4), true, false),
    ("price/max", Some(4), true, false),
    ("price/cheapest/6hr", None, true, false),
    ("id", None, true, false),
    ("uptime", Some(0), false, false),
];

#[test]
fn raw_topics_have_their_decimals_and_flags() {
    let mut seen = vec![false; RAW.len()];
    for meter in METERS {
        for format in [Format::RawFull, Format::RawMinimal] {
            for message in published(meter, &settings(format)) {
                let place =
                    RAW.iter().position(|(topic, ..)| message.topic == format!("ams/{topic}"));
                let Some(place) = place else { continue };
                let (topic, places, retain, _) = RAW[place];
                seen[place] = true;
                assert_eq!(message.retain, retain, "{topic}");
                if let Some(places) = places {
                    assert_eq!(decimals(&text(&message)), places, "{topic} {}", text(&message));
                }
            }
        }
    }
    let missing: Vec<_> =
        RAW.iter().zip(seen).filter(|(_, seen)| !seen).map(|(row, _)| row.0).collect();
    assert_eq!(missing, [""; 0], "never published");
}

#[test]
fn raw_minimal_repeats_nothing_that_did_not_change() {
    for meter in METERS {
        let full = published(meter, &settings(Format::RawFull));
        let minimal = published(meter, &settings(Format::RawMinimal));
        assert!(minimal.len() < full.len(), "{meter}");
        for (topic, _, _, only_on_change) in RAW.iter().filter(|row| row.3) {
            assert!(only_on_change);
            let texts: Vec<_> = minimal
                .iter()
                .filter(|message| message.topic == format!("ams/{topic}"))
                .map(text)
                .collect();
            assert!(texts.windows(2).all(|pair| pair[0] != pair[1]), "{meter} {topic}");
        }
    }
}

#[test]
fn domoticz_gets_a_message_a_device_and_loses_no_digits() {
    for meter in METERS {
        let published = published(meter, &settings(Format::Domoticz));
        let mut devices = std::collections::BTreeSet::new();
        for message in published.iter().filter(|m| m.topic != "ams/status") {
            assert_eq!((message.topic.as_str(), message.retain), ("domoticz/in", false));
            let value = json(message);
            check(
                &value,
                &[("command", Text), ("idx", D(0)), ("nvalue", D(0)), ("svalue", Text)],
                meter,
            );
            let device = value["idx"].as_i64().unwrap();
            devices.insert(device);
            let parts: Vec<_> = value["svalue"].as_str().unwrap().split(';').collect();
            let wanted = match device {
                7 => vec![1, 1],
                9 => vec![1, 1, 1],
                _ => vec![2],
            };
            assert_eq!(parts.iter().map(|part| decimals(part)).collect::<Vec<_>>(), wanted);
        }
        assert!(devices.contains(&7), "{meter}");
    }
}

#[test]
fn every_frame_is_one_message_in_hexadecimal_or_as_it_came() {
    for meter in METERS {
        let hex = published(meter, &settings(Format::HexDump));
        let plain = published(meter, &settings(Format::Passthrough));
        let frames = |all: &[Outgoing]| {
            all.iter().filter(|m| m.kind == "frame").cloned().collect::<Vec<_>>()
        };
        let (hex, plain) = (frames(&hex), frames(&plain));
        assert_eq!(hex.len(), plain.len());
        assert!(hex.len() > 8, "{meter}");
        for (hex, plain) in hex.iter().zip(&plain) {
            assert_eq!((hex.topic.as_str(), hex.retain), ("ams", false));
            assert!(matches!(hex.keeping, Keeping::Each(_)));
            if plain.payload[0] == b'/' {
                assert_eq!(hex.payload, plain.payload);
            } else {
                let octets: Vec<u8> = hex
                    .payload
                    .chunks(2)
                    .map(|pair| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap())
                    .collect();
                assert_eq!(octets, plain.payload);
                assert!(!hex.payload.iter().any(u8::is_ascii_lowercase));
            }
        }
    }
}

#[test]
fn unknown_values_are_null_when_that_is_wanted_and_zero_otherwise() {
    let mut settings = settings(Format::Json);
    let of = |settings: &_| {
        let published = published("kamstrup-no-3wire", settings);
        json(published.iter().find(|message| message.kind == "list2").unwrap())
    };
    let zero = of(&settings);
    assert_eq!(zero["vcc"].to_string(), "0.000");
    assert_eq!(zero["temp"].to_string(), "-127.00");
    settings.unknown_as_null = true;
    let null = of(&settings);
    assert!(null["vcc"].is_null() && null["temp"].is_null());
    assert_eq!(null["data"]["P"], zero["data"]["P"]);
}
