//! Every capture of a corpus against its truth table.
//!
//! The corpus is a folder with an `expected.json` and is not part of the repository; where it
//! lies is told by `HANPORT_CORPUS`, else it is looked for beside the workspace. Without it this
//! test says so and passes.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::print_stderr,
    reason = "a test ends at what it did not expect"
)]

mod program;

use std::fs;
use std::path::{Path, PathBuf};

use program::{hanport, said};
use serde_json::{Map, Value};

/// Fields that do not stand under `values`.
const PLACES: [(&str, &[&str]); 5] = [
    ("meter_time", &["time"]),
    ("energy_time", &["energy_time"]),
    ("list_id", &["meter", "list_id"]),
    ("meter_id", &["meter", "id"]),
    ("meter_model", &["meter", "model"]),
];

fn corpus() -> Option<PathBuf> {
    let beside = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/corpus");
    let folder = std::env::var_os("HANPORT_CORPUS").map_or_else(|| beside.into(), PathBuf::from);
    folder.join("expected.json").is_file().then_some(folder)
}

#[test]
fn every_capture_is_read_right() {
    let Some(folder) = corpus() else {
        eprintln!("no corpus found: nothing was compared; HANPORT_CORPUS names its folder");
        return;
    };
    let text = fs::read_to_string(folder.join("expected.json")).unwrap();
    let entries: Vec<Value> = serde_json::from_str(&text).unwrap();
    assert!(!entries.is_empty());
    let mut wrong = Vec::new();
    for entry in entries.iter().filter(|entry| entry["optional_entry"] != true) {
        let complaints = check(&folder, entry);
        if !complaints.is_empty() {
            wrong.push(format!("{}\n    {}", entry["file"], complaints.join("\n    ")));
        }
    }
    assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), entries.len(), wrong.join("\n"));
}

fn check(folder: &Path, entry: &Value) -> Vec<String> {
    let file = folder.join(entry["file"].as_str().unwrap());
    let mut arguments = vec!["decode", "--format", "json"];
    for (option, name) in [("--key", "ek"), ("--auth-key", "ak")] {
        if let Some(key) = entry["keys"][name].as_str() {
            arguments.extend([option, key]);
        }
    }
    arguments.push(file.to_str().unwrap());
    let output = hanport(&arguments, b"");
    let messages = match serde_json::from_str(&said(&output)) {
        Ok(Value::Array(messages)) => messages,
        Ok(message) => vec![message],
        Err(_) => return vec![format!("no JSON, status {:?}", output.status.code())],
    };
    if entry["result"] == "stream" {
        return check_stream(entry, &messages);
    }
    let readings: Vec<&Value> = messages.iter().filter(|message| is_reading(message)).collect();
    if entry["result"] == "ok" {
        return match readings[..] {
            [reading] => compare(entry, reading, entry),
            _ => vec![format!("{} readings: {messages:?}", readings.len())],
        };
    }
    if let Some(reading) = readings.first() {
        return vec![format!("a reading of a bad capture: {reading}")];
    }
    let kind = &messages[0]["error"]["kind"];
    let accepted = entry["accept_results"].as_array();
    let right = accepted.map_or(*kind == entry["result"], |kinds| kinds.contains(kind));
    let mut complaints = Vec::new();
    if !right {
        complaints.push(format!("{} wanted, {kind} got", entry["result"]));
    }
    let title = entry["system_title"].as_str().unwrap_or("");
    if kind == "needs-key" && !title.is_empty() && messages[0]["meter"]["system_title"] != title {
        complaints.push(format!("system title {}", messages[0]["meter"]["system_title"]));
    }
    complaints
}

fn is_reading(message: &Value) -> bool {
    message["error"].is_null()
}

/// The expected messages must be there in their order; other readings must not.
fn check_stream(entry: &Value, messages: &[Value]) -> Vec<String> {
    let mut rest = messages.iter();
    let mut complaints = Vec::new();
    let wanted = entry["expect"].as_array().unwrap();
    for (at, expected) in wanted.iter().enumerate() {
        let found = match expected["result"].as_str() {
            Some("ok") => rest.find(|message| is_reading(message)),
            Some("needs-key") => rest.find(|message| {
                message["error"]["kind"] == "needs-key"
                    && message["meter"]["system_title"] == expected["system_title"]
            }),
            _ => continue,
        };
        match found {
            Some(message) if expected["result"] == "ok" => {
                let found = compare(expected, message, entry);
                complaints.extend(found.into_iter().map(|complaint| format!("[{at}] {complaint}")));
            }
            Some(_) => {}
            None => complaints.push(format!("[{at}] is missing")),
        }
    }
    if let Some(more) = rest.find(|message| is_reading(message)) {
        complaints.push(format!("a reading that is not in the stream: {more}"));
    }
    complaints
}

fn compare(expected: &Value, message: &Value, entry: &Value) -> Vec<String> {
    let empty = Map::new();
    let object = |value: &'static str| expected[value].as_object().unwrap_or(&empty);
    let wanted = object("values");
    let optional = expected["optional"].as_array().cloned().unwrap_or_default();
    let may_miss = |name: &str| optional.iter().any(|field| field == name);
    let mut complaints = Vec::new();
    for (name, want) in wanted {
        let got = place(message, name);
        let right = match name.as_str() {
            "obis" => {
                complaints.extend(compare_codes(want, &message["obis"]));
                continue;
            }
            "meter_time" | "energy_time" => same_time(&got, want, wanted.get("meter_time_offset")),
            "meter_time_offset" => {
                let time = message["time"].as_str().unwrap_or("");
                want.as_str().is_some_and(|offset| time.ends_with(offset))
            }
            _ if want.is_number() => {
                let step = object("resolution").get(name).and_then(decimal).unwrap_or(1.0);
                near(&got, want, 0.51 * step)
            }
            _ => {
                text(&got) == text(want)
                    || object("accept")
                        .get(name)
                        .and_then(Value::as_array)
                        .is_some_and(|others| others.iter().any(|other| text(other) == text(&got)))
            }
        };
        let allowed = right || (got.is_null() && may_miss(name));
        if !allowed {
            complaints.push(format!("{name}: {want} wanted, {got} got"));
        }
    }
    if entry["manufacturer_in_frame"] == true
        && message["meter"]["manufacturer"] != entry["manufacturer"]
    {
        complaints.push(format!("manufacturer {}", message["meter"]["manufacturer"]));
    }
    for (name, got) in message["values"].as_object().unwrap_or(&empty) {
        let known = wanted.contains_key(name) || object("uncertain").contains_key(name);
        if !known && !may_miss(name) {
            complaints.push(format!("{name} = {got} is not in the message"));
        }
    }
    complaints
}

fn place(message: &Value, name: &str) -> Value {
    let path = PLACES.iter().find(|place| place.0 == name).map(|place| place.1);
    path.map_or_else(
        || message["values"][name].clone(),
        |path| path.iter().fold(message.clone(), |value, step| value[step].clone()),
    )
}

fn compare_codes(wanted: &Value, got: &Value) -> Vec<String> {
    let complain = |want: &Value| {
        let code = want["obis"].as_str().unwrap();
        let code = if code.contains('*') { code.to_owned() } else { format!("{code}*255") };
        let mut value = &got[&code];
        if let Some(first) = value.as_array() {
            value = &first[0];
        }
        if value.is_object() {
            value = &value["value"];
        }
        let step = text(&want["value"])
            .split_once('.')
            .map_or(1.0, |(_, places)| 10f64.powi(-i32::try_from(places.len()).unwrap()));
        let accepted = want["accept"].as_array().cloned().unwrap_or_default();
        let right = near(value, &want["value"], 0.51 * step)
            || accepted
                .iter()
                .chain([&want["value"]])
                .any(|text_wanted| text(text_wanted).eq_ignore_ascii_case(&text(value)));
        (!right).then(|| format!("{code}: {} wanted, {value} got", want["value"]))
    };
    wanted.as_array().unwrap().iter().filter_map(complain).collect()
}

fn decimal(value: &Value) -> Option<f64> {
    text(value).parse().ok()
}

fn near(got: &Value, want: &Value, tolerance: f64) -> bool {
    match (decimal(got), decimal(want)) {
        (Some(got), Some(want)) => (got - want).abs() <= tolerance + want.abs() * 1e-15,
        _ => false,
    }
}

fn text(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), |text| text.trim_end().to_owned())
}

/// The same local time, and the same offset where both state one.
fn same_time(got: &Value, want: &Value, offset: Option<&Value>) -> bool {
    let (got, want) = (text(got), text(want));
    let (time, stated) = got.split_at_checked(19).unwrap_or((&got, ""));
    let wanted = offset.map(text).unwrap_or_default();
    time == want && (stated.is_empty() || wanted.is_empty() || stated == wanted)
}
