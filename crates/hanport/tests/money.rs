//! Prices and costs through the whole service: a file of prices, a formula, a tariff, a simulated
//! meter; what the interfaces say, and what the commands say of what was kept.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test ends at what it did not expect"
)]

mod running;

use std::path::Path;
use std::process::{Command, Output};

use running::Home;
use serde_json::Value;

const METER: &str = "[[meter]]\nid = \"main\"\nname = \"Cellar\"\nsource.kind = \"simulator\"\nsource.meter = \"dsmr5-nl\"\n";

/// A price of 0.50 for many years, without VAT.
fn price_file(folder: &Path) -> std::path::PathBuf {
    let years = (2026..2036).map(|year| {
        format!(
            r#"{{"start":"{year}-01-01T00:00:00Z","end":"{}-01-01T00:00:00Z","price":0.5}}"#,
            year + 1
        )
    });
    let text = format!(
        r#"{{"currency":"NOK","per":"kWh","prices":[{}]}}"#,
        years.collect::<Vec<_>>().join(",")
    );
    let path = folder.join("prices.json");
    std::fs::write(&path, text).unwrap();
    path
}

fn hanport(words: &[&str], config: &Path) -> Output {
    Command::new(env!("CARGO_BIN_EXE_hanport"))
        .args(words)
        .arg("--config")
        .arg(config)
        .output()
        .unwrap()
}

#[test]
fn prices_of_a_file_reach_interfaces_and_commands() {
    let files = tempfile::tempdir().unwrap();
    let prices = price_file(files.path());
    let settings = format!(
        "{METER}[price]\narea = \"NO1\"\nsource = \"file:{}\"\n\
         [[price.modifier]]\nname = \"VAT\"\nkind = \"percent\"\nvalue = 25\ndirection = \"import\"\n\
         [tariff]\nname = \"generic-peak\"\n",
        prices.display()
    );
    let home = Home::new(&settings);
    let config = home.folder.path().join("hanport.toml");
    let service = home.start();
    let mut events = service.stream();
    // the first one may come before the file is read
    let told = loop {
        let told = events.next("price");
        if told["prices"]["now"]["import"].is_number() {
            break told;
        }
    };
    assert_eq!(told["meter"], "main", "{told}");
    while !events.next("live")["registers"]["active_import"]["official"].is_object() {}
    let now = service.get("/api/v1/meters/main/prices");
    assert_eq!((&now["currency"], &now["area"]), (&"NOK".into(), &"NO1".into()), "{now}");
    let old = service.get("/importprice.json");
    assert_eq!((&old["source"], &old["currency"]), (&"FIL".into(), &"NOK".into()), "{old}");
    let curve = old["prices"].as_array().unwrap();
    let cursor = usize::try_from(old["cursor"].as_u64().unwrap()).unwrap();
    assert_eq!(curve[cursor].as_f64(), Some(0.625), "{old}");
    let export = service.get("/exportprice.json");
    assert_eq!(export["prices"].as_array().unwrap()[cursor].as_f64(), Some(0.5), "{export}");
    assert_eq!(service.get("/energyprice.json")["00"].as_f64(), Some(0.625));
    let cost = service.get("/api/v1/meters/main/cost");
    assert!(cost["day"]["cost"].is_number(), "{cost}");
    assert_eq!(service.get("/data.json")["p"].as_f64(), Some(0.625));
    service.end();

    let told = hanport(&["price", "--offline", "--json"], &config);
    assert!(told.status.success(), "{told:?}");
    let told: Value = serde_json::from_slice(&told.stdout).unwrap();
    assert_eq!(told["area"], "NO1");
    let slots = told["prices"].as_array().unwrap();
    assert!(slots.iter().all(|slot| slot["spot"] == "0.5" && slot["import"] == "0.625"), "{told}");
    let cost = hanport(&["cost", "--json"], &config);
    // the quarters before the meter was there are missing
    assert_eq!(cost.status.code(), Some(2), "{cost:?}");
    let cost: Value = serde_json::from_slice(&cost.stdout).unwrap();
    assert_eq!(cost["meter"], "main");
    assert!(cost["bills"][0]["missing"]["quarters"].as_u64().is_some_and(|n| n > 0), "{cost}");
}

#[test]
fn a_tariff_with_mistakes_is_told_line_by_line() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("mine.toml");
    let run =
        |words: &[&str]| Command::new(env!("CARGO_BIN_EXE_hanport")).args(words).output().unwrap();
    let text = String::from_utf8(run(&["tariff", "show", "no-elvia"]).stdout).unwrap();
    std::fs::write(&path, &text).unwrap();
    let good = run(&["tariff", "check", path.to_str().unwrap()]);
    assert!(good.status.success(), "{good:?}");
    assert!(String::from_utf8_lossy(&good.stdout).contains("Elvia, households"));
    std::fs::write(&path, text.replacen("window = 60", "windows = 60", 1)).unwrap();
    let bad = run(&["tariff", "check", path.to_str().unwrap()]);
    assert_eq!(bad.status.code(), Some(1));
    let said = String::from_utf8_lossy(&bad.stderr).into_owned();
    assert!(said.contains("did you mean \"window\"?") && said.contains("line 3"), "{said}");
    let json = run(&["tariff", "check", "--json", path.to_str().unwrap()]);
    let json: Value = serde_json::from_slice(&json.stdout).unwrap();
    assert_eq!(json["valid"], false);
    assert!(json["mistakes"][0]["line"].is_u64(), "{json}");
    let unknown = run(&["tariff", "show", "no-such"]);
    assert!(String::from_utf8_lossy(&unknown.stderr).contains("hanport tariff list"));
}
