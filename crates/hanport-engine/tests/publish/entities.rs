//! Entities of Home Assistant, as existing readers announce them and as hanport does.

use std::collections::BTreeMap;

use hanport_engine::publish::discovery::components::{Component, Source};
use hanport_engine::publish::{Format, Keeping, Outgoing, Qos};
use serde_json::Value;

use crate::{METERS, published, settings};

/// Name, topic, path, key, unit, device class, state class, expiry.
type Row = (
    &'static str,
    &'static str,
    &'static str,
    &'static str,
    &'static str,
    &'static str,
    &'static str,
    i64,
);

#[rustfmt::skip]
const OLDER: &[Row] = &[
    ("Active import", "/power", "P", "P", "W", "power", "measurement", 30),
    ("Data timestamp", "/power", "t", "t", "", "timestamp", "", 30),
    ("Reactive import", "/power", "Q", "Q", "var", "reactive_power", "measurement", 30),
    ("Reactive export", "/power", "QO", "QO", "var", "reactive_power", "measurement", 30),
    ("L1 current", "/power", "I1", "I1", "A", "current", "measurement", 30),
    ("L3 voltage", "/power", "U3", "U3", "V", "voltage", "measurement", 30),
    ("Active export", "/power", "PO", "PO", "W", "power", "measurement", 30),
    ("Accumulated active import", "/energy", "tPI", "tPI", "kWh", "energy", "total_increasing", 4000),
    ("Accumulated reactive import", "/energy", "tQI", "tQI", "kvarh", "", "total_increasing", 4000),
    ("Accumulated reactive export", "/energy", "tQO", "tQO", "kvarh", "", "total_increasing", 4000),
    ("Meter timestamp", "/energy", "rtc", "rtc", "", "timestamp", "", 4000),
    ("Accumulated active export", "/energy", "tPO", "tPO", "kWh", "energy", "total_increasing", 4000),
    ("Power factor", "/power", "PF", "PF", "%", "power_factor", "measurement", 30),
    ("L1 active import", "/power", "P1", "P1", "W", "power", "measurement", 30),
    ("L2 accumulated active import", "/power", "tPI2", "tPI2", "kWh", "energy", "total_increasing", 30),
    ("L1 active export", "/power", "PO1", "PO1", "W", "power", "measurement", 30),
    ("L3 accumulated active export", "/power", "tPO3", "tPO3", "kWh", "energy", "total_increasing", 30),
    ("Month max", "/realtime", "max", "max", "kWh", "energy", "", 120),
    ("Tariff threshold", "/realtime", "threshold", "threshold", "kWh", "energy", "", 120),
    ("Current hour used", "/realtime", "hour.use", "houruse", "kWh", "energy", "total_increasing", 120),
    ("Current hour cost", "/realtime", "hour.cost", "hourcost", "NOK", "monetary", "", 120),
    ("Current day used", "/realtime", "day.use", "dayuse", "kWh", "energy", "total_increasing", 120),
    ("Current month cost", "/realtime", "month.cost", "monthcost", "NOK", "monetary", "", 120),
    ("Current month peak 1", "/realtime", "peaks[0]", "peaks0", "kWh", "energy", "", 4000),
    ("Tariff threshold 9", "/realtime", "thresholds[8]", "thresholds8", "kWh", "energy", "", 4000),
    ("Current hour produced", "/realtime", "hour.produced", "hourproduced", "kWh", "energy", "total_increasing", 120),
    ("Current day income", "/realtime", "day.income", "dayincome", "NOK", "monetary", "", 120),
    ("Minimum price ahead", "/prices", "prices.min", "pricesmin", "NOK/kWh", "monetary", "", 4000),
    ("Cheapest 3hr period ahead", "/prices", "prices.cheapest3hr", "pricescheapest3hr", "", "timestamp", "", 4000),
    ("Current import price", "/prices", "prices.import[0]", "prices0", "NOK/kWh", "monetary", "total", 3900),
    ("Import price in 01 hour", "/prices", "prices.import[1]", "prices1", "NOK/kWh", "monetary", "", 3900),
    ("Import price in 02 hours", "/prices", "prices.import[2]", "prices2", "NOK/kWh", "monetary", "", 3900),
    ("Current export price", "/prices", "prices.export[0]", "exportprices0", "NOK/kWh", "monetary", "total", 3900),
    ("Uptime", "/state", "up", "up", "s", "duration", "measurement", 180),
];

fn configs(meter: &str, format: Format) -> BTreeMap<String, Outgoing> {
    published(meter, &settings(format))
        .into_iter()
        .filter(|message| message.topic.ends_with("/config"))
        .map(|message| (message.topic.clone(), message))
        .collect()
}

#[test]
fn entities_of_existing_readers_keep_ids_topics_paths_units_and_classes() {
    let mut found = vec![false; OLDER.len()];
    for meter in METERS {
        let all = configs(meter, Format::HomeAssistant);
        for (place, row) in OLDER.iter().enumerate() {
            let (name, topic, path, key, unit, class, state, expire) = *row;
            let Some(message) = all.get(&format!("homeassistant/sensor/attic_{key}/config")) else {
                continue;
            };
            found[place] = true;
            assert!(message.retain);
            let config: Value = serde_json::from_slice(&message.payload).unwrap();
            let word = |key: &str| config[key].as_str().unwrap_or_default().to_owned();
            assert_eq!(word("name"), name);
            assert_eq!(word("stat_t"), format!("ams{topic}"));
            assert_eq!(word("uniq_id"), format!("attic_{key}"));
            assert_eq!(word("default_entity_id"), format!("sensor.attic_{key}"));
            assert_eq!(word("val_tpl"), format!("{{{{ value_json.{path} | is_defined }}}}"));
            assert_eq!(
                (word("unit_of_meas"), word("dev_cla")),
                (unit.to_owned(), class.to_owned())
            );
            assert_eq!(word("stat_cla"), state, "{name}");
            assert_eq!(config["expire_after"], expire, "{name}");
            assert_eq!(config["dev"]["ids"][0], "attic");
        }
        let update = &all["homeassistant/update/attic/config"];
        let update: Value = serde_json::from_slice(&update.payload).unwrap();
        assert_eq!(update["stat_t"], "ams/firmware");
        assert_eq!(update["uniq_id"], "attic_fwupgrade");
    }
    let missing: Vec<_> =
        OLDER.iter().zip(found).filter(|(_, found)| !found).map(|(row, _)| row.0).collect();
    assert_eq!(missing, [""; 0], "never announced");
}

/// What Home Assistant accepts: class, units, state classes.
const ACCEPTED: &[(&str, &[&str], &[&str])] = &[
    ("power", &["W", "kW"], &["measurement"]),
    ("energy", &["Wh", "kWh"], &["total", "total_increasing"]),
    ("reactive_power", &["var", "kvar"], &["measurement"]),
    ("reactive_energy", &["varh", "kvarh"], &["total_increasing"]),
    ("voltage", &["V"], &["measurement"]),
    ("current", &["A"], &["measurement"]),
    ("frequency", &["Hz"], &["measurement"]),
    ("power_factor", &["%"], &["measurement"]),
    ("monetary", &["NOK"], &["total"]),
    ("timestamp", &[""], &[""]),
    ("enum", &[""], &[""]),
    ("problem", &[""], &[""]),
    ("", &["NOK/kWh", "kvarh", ""], &["measurement", "total_increasing"]),
];

#[test]
fn a_device_announces_only_what_home_assistant_accepts() {
    for meter in METERS {
        let all = configs(meter, Format::Hanport);
        let (topic, message) =
            all.iter().find(|(topic, _)| !topic.ends_with("hanport_attic/config")).unwrap();
        assert!(message.retain && message.qos == Qos::AtLeastOnce);
        assert_eq!(message.keeping, Keeping::Standing);
        assert!(message.payload.len() < 20_000, "{meter}: {} octets", message.payload.len());
        let config: Value = serde_json::from_slice(&message.payload).unwrap();
        let id = config["dev"]["ids"][0].as_str().unwrap();
        assert_eq!(*topic, format!("homeassistant/device/{id}/config"));
        assert_eq!(config["o"]["name"], "hanport");
        assert_eq!(config["avty"][0]["t"], "hanport/attic/status");
        assert_eq!(config["avty"][1]["t"], "hanport/attic/main/status");
        assert_eq!(config["dev"]["via_device"], "hanport_attic");
        let mut ids = std::collections::BTreeSet::new();
        for (key, component) in config["cmps"].as_object().unwrap() {
            let word = |key: &str| component[key].as_str().unwrap_or_default();
            let accepted = ACCEPTED.iter().find(|row| row.0 == word("dev_cla"));
            let (_, units, states) = accepted.unwrap_or_else(|| panic!("{key}: {component}"));
            assert!(units.contains(&word("unit_of_meas")), "{key}: {component}");
            assert!(states.contains(&word("stat_cla")), "{key}: {component}");
            assert_eq!(component["ops"].is_array(), word("dev_cla") == "enum", "{key}");
            assert!(component["lrst_val_tpl"].is_null() || word("stat_cla") == "total", "{key}");
            assert_eq!(word("uniq_id"), format!("{id}_{key}"));
            assert!(ids.insert(word("uniq_id").to_owned()));
        }
        let cmps = &config["cmps"];
        assert_eq!(cmps["active_import_kwh"]["ent_cat"], Value::Null);
        assert_eq!(cmps["active_import_official_kwh"]["ent_cat"], "diagnostic");
        assert_eq!(cmps["day_cost"]["stat_t"], "hanport/attic/main/account");
        assert!(cmps["price"]["dev_cla"].is_null());
        assert!(cmps["active_import_w"]["exp_aft"].as_i64().unwrap() >= 30);
    }
}

#[test]
fn the_reader_offers_its_version_and_no_installing() {
    let all = configs("kaifa-no", Format::Hanport);
    let message = &all["homeassistant/device/hanport_attic/config"];
    let config: Value = serde_json::from_slice(&message.payload).unwrap();
    let update = &config["cmps"]["update"];
    assert_eq!(update["p"], "update");
    assert_eq!(update["stat_t"], "hanport/attic/update");
    assert!(update["cmd_t"].is_null() && update["pl_inst"].is_null());
    assert_eq!(config["cmps"]["connected"]["dev_cla"], "connectivity");
}

#[test]
fn every_template_reads_a_key_that_is_published() {
    use hanport_core::quantity::{Measure, Phase, Quantity};
    let voltage = Quantity::of_phase(Measure::Voltage, Phase::L1);
    let component: Component =
        hanport_engine::publish::discovery::components::of_value(voltage, true).unwrap();
    assert_eq!(component.source, Source::State);
    assert!(!component.is_enabled, "what rests on an assumption is not shown unasked");
    for meter in METERS {
        let published = published(meter, &settings(Format::Hanport));
        let newest = |below: &str| {
            let topic = format!("hanport/attic/main/{below}");
            let message = published.iter().rev().find(|message| message.topic == topic);
            serde_json::from_slice::<Value>(&message.unwrap().payload).unwrap()
        };
        let state = newest("state");
        let all = configs(meter, Format::Hanport);
        let (_, config) = all.iter().find(|(topic, _)| !topic.contains("attic")).unwrap();
        let config: Value = serde_json::from_slice(&config.payload).unwrap();
        for (key, component) in config["cmps"].as_object().unwrap() {
            let from_state = component["stat_t"].is_null();
            if from_state && key != "last_message" {
                assert!(!state[key].is_null(), "{meter}: {key} is not in {state}");
            }
        }
        assert!(!newest("account")["day"]["since"].is_null());
        assert!(!newest("price")["import"].is_null());
        assert!(!newest("peaks")["figure_kw"].is_null());
    }
}
