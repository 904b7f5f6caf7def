//! The addresses that existing clients know: every key in its place, of its type, with its
//! decimals, for several simulated meters.

mod support;

use std::sync::Arc;

use hanport_core::number::Number;
use hanport_core::quantity::{Measure, Phase, Quantity};
use hanport_engine::energy::{Edges, Interval, Quality, QuarterHour, Register, Standing};
use hanport_engine::money::view::{CostView, Missing, PriceNow, PriceSlot};
use hanport_engine::money::{Currency, Money, MoneyView, PricePerKwh};
use hanport_engine::state::{Net, Settings};
use hanport_engine::time::UtcMillis;
use hanport_engine::view::{Flow, Flows, Update, View, What};
use hanport_web::{Options, Service, ServiceState};
use rstest::rstest;
use serde_json::Value;
use support::client::{get, send};
use support::meter::Simulated;
use support::{NOON, Running, options, start};

/// What a value must be.
#[derive(Clone, Copy, Debug)]
enum Form {
    /// A whole number.
    Int,
    /// A number with so many decimals.
    Dec(usize),
    /// A number with two decimals above 1 and four below, or null.
    Price,
    Text,
    Bool,
    /// An array of any length.
    Many(&'static Self),
    /// An object with exactly these keys in this order.
    Keys(&'static [(&'static str, Self)]),
}

use Form::{Bool, Dec, Int, Keys, Many, Price, Text};

const PHASE: &[(&str, Form)] =
    &[("u", Dec(2)), ("i", Dec(2)), ("p", Int), ("q", Int), ("f", Dec(2))];
const PHASE_2: &[(&str, Form)] =
    &[("u", Dec(2)), ("i", Dec(2)), ("p", Int), ("q", Int), ("f", Dec(2)), ("e", Bool)];
const PERIOD: &[(&str, Form)] = &[("u", Dec(2)), ("c", Dec(2)), ("p", Dec(2)), ("i", Dec(2))];
const ACCOUNTING: &[(&str, Form)] = &[
    ("x", Dec(1)),
    ("p", Many(&Dec(2))),
    ("t", Int),
    ("h", Keys(PERIOD)),
    ("d", Keys(PERIOD)),
    ("m", Keys(PERIOD)),
];
const DATA: &[(&str, Form)] = &[
    ("im", Int),
    ("om", Int),
    ("mf", Int),
    ("i", Int),
    ("e", Int),
    ("w", Int),
    ("ri", Int),
    ("re", Int),
    ("ic", Dec(3)),
    ("ict1", Dec(3)),
    ("ict2", Dec(3)),
    ("ec", Dec(3)),
    ("ect1", Dec(3)),
    ("ect2", Dec(3)),
    ("ric", Dec(3)),
    ("rec", Dec(3)),
    ("f", Dec(2)),
    ("l1", Keys(PHASE)),
    ("l2", Keys(PHASE_2)),
    ("l3", Keys(PHASE)),
    ("v", Dec(3)),
    ("r", Int),
    ("t", Dec(2)),
    ("u", Int),
    ("m", Int),
    ("em", Int),
    ("hm", Int),
    ("wm", Int),
    ("mm", Int),
    ("me", Int),
    ("sa", Int),
    ("p", Price),
    ("px", Price),
    ("mt", Int),
    ("ds", Int),
    ("ea", Keys(ACCOUNTING)),
    ("pe", Bool),
    ("pr", Text),
    ("pc", Text),
    ("he", Int),
    ("ee", Int),
    ("c", Int),
    ("a", Bool),
];
const SERVICE: &[(&str, Form)] = &[("k", Text), ("s", Int), ("e", Int), ("d", Text)];
const SYSINFO: &[(&str, Form)] = &[
    ("version", Text),
    ("chip", Text),
    ("chipId", Text),
    ("cpu", Int),
    ("mac", Text),
    ("apmac", Text),
    ("board", Int),
    ("vndcfg", Bool),
    ("usrcfg", Bool),
    ("fwconsent", Int),
    ("hostname", Text),
    ("booting", Bool),
    ("upgrading", Bool),
    (
        "net",
        Keys(&[
            ("ip", Text),
            ("mask", Text),
            ("gw", Text),
            ("dns1", Text),
            ("dns2", Text),
            ("ipv6", Text),
            ("dns1v6", Text),
            ("dns2v6", Text),
        ]),
    ),
    ("if", Keys(&[("eth", Bool)])),
    ("meter", Keys(&[("mfg", Int), ("model", Text), ("id", Text)])),
    (
        "ui",
        Keys(&[
            ("i", Int),
            ("e", Int),
            ("v", Int),
            ("a", Int),
            ("r", Int),
            ("c", Int),
            ("t", Int),
            ("p", Int),
            ("d", Int),
            ("m", Int),
            ("s", Int),
            ("l", Int),
            ("h", Int),
            ("f", Int),
            ("k", Int),
            ("lang", Text),
        ]),
    ),
    ("security", Int),
    ("context", Text),
    ("boot_reason", Int),
    ("ex_cause", Int),
    (
        "upgrade",
        Keys(&[("c", Int), ("e", Int), ("f", Text), ("t", Text), ("n", Text), ("p", Dec(1))]),
    ),
    ("last_month", Keys(PERIOD)),
    ("clock_offset", Int),
    ("features", Many(&Text)),
    ("services", Many(&Keys(SERVICE))),
];
const TARIFF: &[(&str, Form)] = &[
    ("t", Many(&Int)),
    ("p", Many(&Keys(&[("d", Int), ("h", Int), ("v", Dec(2))]))),
    ("c", Int),
    ("m", Dec(2)),
];

#[track_caller]
#[expect(clippy::expect_used, reason = "a value of another form fails the test")]
fn check(path: &str, value: &Value, form: Form) {
    let text = value.to_string();
    let decimals = text.split_once('.').map_or(0, |(_, decimals)| decimals.len());
    match form {
        Int => assert!(value.is_number() && decimals == 0, "{path}: {text}"),
        Dec(wanted) => assert!(value.is_number() && decimals == wanted, "{path}: {text}"),
        Price => assert!(value.is_null() || decimals == 2 || decimals == 4, "{path}: {text}"),
        Text => assert!(value.is_string(), "{path}: {text}"),
        Bool => assert!(value.is_boolean(), "{path}: {text}"),
        Many(form) => {
            for (place, item) in value.as_array().expect(path).iter().enumerate() {
                check(&format!("{path}[{place}]"), item, *form);
            }
        }
        Keys(keys) => {
            let object = value.as_object().expect(path);
            let wanted: Vec<&str> = keys.iter().map(|(key, _)| *key).collect();
            assert_eq!(object.keys().collect::<Vec<_>>(), wanted, "{path}");
            for (key, form) in keys {
                check(&format!("{path}.{key}"), &object[*key], *form);
            }
        }
    }
}

fn settings() -> Settings {
    let net = Some(Net::Star400);
    Settings { fuse_a: Some(63), net, production_w: Some(7400), ..Settings::default() }
}

async fn running(personality: &str, with: Options) -> (Running, Simulated) {
    let running = start(with).await;
    let mut meter = Simulated::new("main", personality, "2026-01-10T12:00:00", settings());
    meter.run_until(NOON.plus(120_000), &running);
    (running, meter)
}

#[rstest]
#[case::aidon("aidon-no", 1)]
#[case::kaifa_without_l2("kaifa-no-3wire", 2)]
#[case::kamstrup("kamstrup-no", 3)]
#[case::kaifa_of_one_phase("kaifa-no-1phase", 2)]
#[case::iskra("iskra-si", 8)]
#[tokio::test]
async fn data_json_has_every_key_and_the_values_of_the_meter(
    #[case] personality: &str,
    #[case] maker: i64,
) {
    let (running, meter) = running(personality, options()).await;
    let reply = get(running.address, "/data.json").await;
    let data = reply.json();
    check("data", &data, Keys(DATA));
    assert!(!reply.text().contains([' ', '\n']), "nothing that a parser by hand would trip over");
    let view = meter.view();
    let of = |quantity| view.value(quantity).map(|value| value.number);
    let watts = |measure| of(Quantity::total(measure)).and_then(|n| n.in_units_of(0)).unwrap_or(0);
    assert_eq!(data["i"], watts(Measure::ActiveImport));
    assert_eq!(data["w"], watts(Measure::ActiveImport) - watts(Measure::ActiveExport));
    for (key, phase) in [("l1", Phase::L1), ("l2", Phase::L2), ("l3", Phase::L3)] {
        for (part, measure) in [("u", Measure::Voltage), ("i", Measure::Current)] {
            let value = of(Quantity::of_phase(measure, phase)).and_then(|n| n.in_units_of(-2));
            let wanted = Number::new(value.unwrap_or(0), -2).to_string();
            assert_eq!(data[key][part].to_string(), wanted, "{key}.{part}");
        }
    }
    if let Some(register) = view.running.of(Register::ActiveImport) {
        assert_eq!(
            data["ic"].to_string().replace('.', ""),
            ((register.mwh() + 500) / 1000).to_string()
        );
    }
    assert_eq!(data["mt"], maker);
    assert_eq!((&data["ds"], &data["mf"], &data["om"]), (&2.into(), &63.into(), &7.into()));
    assert_eq!((&data["hm"], &data["he"]), (&1.into(), &0.into()));
    assert_eq!(data["c"], meter.now.seconds());
}

#[tokio::test]
async fn a_missing_middle_current_is_told_as_such() {
    let running = start(options()).await;
    let settings = Settings { net: Some(Net::Delta230), ..Settings::default() };
    let mut meter = Simulated::new("main", "aidon-no-3wire", "2026-01-10T12:00:00", settings);
    meter.run_until(NOON.plus(120_000), &running);
    let data = get(running.address, "/data.json").await.json();
    assert_eq!(data["l2"]["e"], true, "{data}");
    let (running, _) = self::running("aidon-no", options()).await;
    assert_eq!(get(running.address, "/data.json").await.json()["l2"]["e"], false);
}

#[tokio::test]
async fn the_gauge_ends_at_what_the_fuse_lets_through() {
    let (running, _) = running("aidon-no", options()).await;
    // 63 A x 400 V x the square root of three
    assert_eq!(get(running.address, "/data.json").await.json()["im"], 43_647);
    let (running, _) = self::running("kaifa-no-1phase", options()).await;
    assert_eq!(get(running.address, "/data.json").await.json()["im"], 63 * 230);
}

#[tokio::test]
async fn before_the_first_message_everything_is_there_and_zero_or_null() {
    let running = start(options()).await;
    let data = get(running.address, "/data.json").await.json();
    check("data", &data, Keys(DATA));
    for (key, text) in [
        ("im", "10000"),
        ("mf", "40"),
        ("i", "0"),
        ("ic", "0.000"),
        ("f", "0.00"),
        ("t", "-127.00"),
        ("p", "null"),
        ("mt", "255"),
        ("hm", "0"),
        ("pr", "\"\""),
    ] {
        assert_eq!(data[key].to_string(), text, "{key}");
    }
    let running = start(Options { unknown_as_null: true, ..options() }).await;
    let data = get(running.address, "/data.json").await.json();
    for key in ["i", "w", "ic", "f"] {
        assert!(data[key].is_null(), "{key}");
    }
    assert!(data["l1"]["u"].is_null() && data["ea"]["d"]["u"].is_null());
    assert_eq!(data["mf"], 40);
}

#[tokio::test]
async fn sysinfo_and_tariff_have_every_key() {
    let (running, _) = running("aidon-no", options()).await;
    let mqtt = Service {
        id: "mqtt".into(),
        state: ServiceState::Connecting,
        code: -2,
        detail: "broker.local".into(),
        name: String::new(),
    };
    running.services.tell(mqtt);
    let sysinfo = get(running.address, "/sysinfo.json").await.json();
    check("sysinfo", &sysinfo, Keys(SYSINFO));
    assert_eq!(sysinfo["version"], "v0.1.0");
    assert_eq!(sysinfo["chipId"], "0b1c2d");
    assert_eq!(sysinfo["clock_offset"], 1);
    assert_eq!(sysinfo["meter"]["mfg"], 1);
    assert_eq!(sysinfo["services"][0]["s"], 2);
    let data = get(running.address, "/data.json").await.json();
    assert_eq!((&data["mm"], &data["me"], &data["sa"]), (&2.into(), &(-2).into(), &2.into()));
    let tariff = get(running.address, "/tariff.json").await.json();
    check("tariff", &tariff, Keys(TARIFF));
    assert_eq!(tariff["t"].as_array().unwrap().len(), 10);
    assert_eq!(tariff["t"][9], 65_535);
    let temperature = get(running.address, "/temperature.json").await;
    assert_eq!(temperature.text(), r#"{"c":0,"s":[]}"#);
}

fn interval(register: Register, at: UtcMillis, wh: i64) -> Interval {
    Interval {
        register,
        quarter: QuarterHour::containing(at),
        wh,
        quality: Quality::Measured,
        standing: Standing::Settled,
        edges: Edges::default(),
    }
}

#[tokio::test]
async fn the_day_is_a_ring_of_utc_hours_that_are_over() {
    let (running, _) = running("aidon-no", options()).await;
    let hour = 3_600_000;
    // it is 11:02 UTC: 10:00 is over, 11:00 runs and tells that of yesterday
    for (at, wh) in [
        (NOON.plus(-hour), 1000),
        (NOON.plus(-hour + 900_000), 234),
        (NOON.plus(-24 * hour), 700),
        (NOON.plus(-25 * hour), 55_555),
        (NOON, 9999),
    ] {
        running.kept.book("main", interval(Register::ActiveImport, at, wh));
    }
    running.kept.book("main", interval(Register::ActiveExport, NOON.plus(-hour), 5));
    let reply = get(running.address, "/dayplot.json").await;
    let day = reply.json();
    let mut wanted = vec!["unit".to_owned()];
    wanted.extend((0..24).flat_map(|hour| [format!("i{hour:02}"), format!("e{hour:02}")]));
    assert_eq!(day.as_object().unwrap().keys().cloned().collect::<Vec<_>>(), wanted);
    assert_eq!(day["unit"], "kwh");
    assert_eq!(day["i10"].to_string(), "1.234");
    assert_eq!(day["e10"].to_string(), "0.005");
    assert_eq!(day["i11"].to_string(), "0.700");
    assert_eq!(day["i12"].to_string(), "0.000");
}

#[tokio::test]
async fn the_month_is_a_ring_of_local_days_that_are_over() {
    let (running, _) = running("aidon-no", options()).await;
    let days = [
        // local midnights in Oslo, an hour before those of UTC
        ("2026-01-09T23:00:00Z", 10_000),
        ("2026-01-08T23:00:00Z", 9000),
        ("2025-12-09T23:00:00Z", 1210),
        ("2025-12-30T23:00:00Z", 1231),
        ("2025-12-31T22:45:00Z", 7),
    ];
    for (at, wh) in days {
        let at: jiff::Timestamp = at.parse().unwrap();
        running.kept.book("main", interval(Register::ActiveImport, at.into(), wh));
    }
    let month = get(running.address, "/monthplot.json").await.json();
    assert_eq!(month.as_object().unwrap().len(), 63);
    assert_eq!(month["i09"].to_string(), "9.000");
    assert_eq!(month["i10"].to_string(), "1.210", "today tells that of last month");
    assert_eq!(month["i31"].to_string(), "1.238");
    assert_eq!(month["e31"].to_string(), "0.000");
}

#[tokio::test]
async fn the_last_hour_is_told_in_whole_watts_from_what_was_kept() {
    let running = start(options()).await;
    let mut meter = Simulated::new("main", "aidon-no", "2026-01-10T11:30:00", settings());
    meter.run_until(NOON, &running);
    let view = meter.view();
    let import = view.total(Measure::ActiveImport).unwrap().number.in_units_of(0).unwrap();
    let reply = get(running.address, "/realtime.json?offset=0&size=360").await;
    let real = reply.json();
    let keys: Vec<&String> = real.as_object().unwrap().keys().collect();
    assert_eq!(keys, ["offset", "size", "total", "data"]);
    let data = real["data"].as_array().unwrap();
    assert_eq!(data.len(), 360);
    assert_eq!(data[0], import);
    assert!(data[..175].iter().all(|watts| watts.as_i64().unwrap() > 0));
    assert!(data[190..].iter().all(|watts| *watts == 0), "nothing was kept then");
    let part = get(running.address, "/realtime.json?offset=60").await.json();
    assert_eq!((&part["offset"], &part["size"]), (&60.into(), &60.into()));
    assert_eq!(part["data"].as_array().unwrap()[..], data[60..120]);
    let capped = get(running.address, "/realtime.json?offset=9999&size=9999").await.json();
    assert_eq!(
        (&capped["offset"], &capped["size"], &capped["total"]),
        (&360.into(), &360.into(), &360.into())
    );
    assert_eq!(capped["data"].as_array().unwrap().len(), 360);
}

#[tokio::test]
async fn headers_are_those_that_clients_know() {
    let (running, _) = running("aidon-no", options()).await;
    let reply = get(running.address, "/data.json").await;
    for (name, value) in [
        ("content-type", "application/json"),
        ("cache-control", "no-cache, no-store, must-revalidate"),
        ("pragma", "no-cache"),
        ("expires", "-1"),
        ("access-control-allow-origin", "https://www.amsleser.cloud"),
    ] {
        assert_eq!(reply.header(name), Some(value), "{name}");
    }
    let asking = [
        ("Access-Control-Request-Private-Network", "true"),
        ("Origin", "https://www.amsleser.cloud"),
    ];
    let reply = send(running.address, "OPTIONS", "/data.json", &asking, "").await;
    assert_eq!((reply.status, reply.body.len()), (200, 0));
    assert_eq!(reply.header("allow"), Some("GET"));
    assert_eq!(reply.header("access-control-allow-private-network"), Some("true"));
    assert_eq!(reply.header("private-network-access-name"), Some("meterpi"));
    assert_eq!(reply.header("private-network-access-id"), Some("DC:A6:32:0B:1C:2D"));
    let foreign = [asking[0], ("Origin", "https://www.amsleser.cloud.evil.example.com")];
    let reply = send(running.address, "OPTIONS", "/data.json", &foreign, "").await;
    assert_eq!(reply.header("access-control-allow-private-network"), None);
    let alive = get(running.address, "/is-alive").await;
    assert_eq!((alive.status, alive.body.len()), (200, 0));
    assert_eq!(alive.header("access-control-allow-origin"), Some("*"));
    let closed = Options { reading_site: String::new(), ..options() };
    let (running, _) = self::running("aidon-no", closed).await;
    let reply = get(running.address, "/data.json").await;
    assert_eq!(reply.header("access-control-allow-origin"), None);
}

#[tokio::test]
async fn energy_of_the_running_periods_is_told_in_kilowatt_hours() {
    let (running, meter) = running("aidon-no", options()).await;
    let flow = |import_wh, export_wh| {
        Some(Flow { since: NOON, import_wh, export_wh, quality: Quality::Measured })
    };
    let energy = Flows {
        hour: flow(1234, 0),
        day: flow(22_345, 10),
        month: flow(333_335, 1_000_000),
        last_month: flow(555_550, 0),
    };
    let view = Arc::new(View { energy, ..meter.view() });
    running.board.publish(&Update { view, what: What::Settings });
    let data = get(running.address, "/data.json").await.json();
    assert_eq!(data["ea"]["h"].to_string(), r#"{"u":1.23,"c":0.00,"p":0.00,"i":0.00}"#);
    assert_eq!(data["ea"]["m"].to_string(), r#"{"u":333.34,"c":0.00,"p":1000.00,"i":0.00}"#);
    let sysinfo = get(running.address, "/sysinfo.json").await.json();
    assert_eq!(sysinfo["last_month"]["u"].to_string(), "555.55");
}

fn cost(cost: i64) -> CostView {
    CostView {
        range: NOON..NOON.plus(3_600_000),
        import_wh: Some(1000),
        export_wh: Some(0),
        cost: Some(Money(cost * 10_000_000)),
        income: None,
        fees: Money::ZERO,
        missing: Missing::default(),
    }
}

/// Quarters from 11:00 UTC on, at 0.5000, 0.6000 ... of a crown.
fn money() -> MoneyView {
    let slot = |n: i64| PriceSlot {
        range: NOON.plus(n * 900_000)..NOON.plus((n + 1) * 900_000),
        spot: None,
        import: Some(PricePerKwh(500_000 + n * 100_000)),
        export: (n == 0).then_some(PricePerKwh(-12_345)),
    };
    MoneyView {
        currency: Currency::NOK,
        area: "NO1".into(),
        source: None,
        resolution_min: 15,
        export_differs: true,
        price: PriceNow {
            import: Some(PricePerKwh(1_234_567)),
            export: Some(PricePerKwh(-12_345)),
            ..PriceNow::default()
        },
        curve: (0..8).map(slot).collect(),
        hour: cost(123),
        day: cost(4567),
        yesterday: cost(0),
        month: cost(99_999),
        last_month: cost(1),
        peaks: None,
        cheapest: Vec::new(),
        trouble: Some((429, "too many requests".into())),
    }
}

#[tokio::test]
async fn prices_and_costs_are_told_where_they_are_known() {
    let (running, meter) = running("aidon-no", options()).await;
    assert_eq!(get(running.address, "/importprice.json").await.status, 404);
    let view = Arc::new(View { money: Some(Arc::new(money())), ..meter.view() });
    running.board.publish(&Update { view, what: What::Money });
    let data = get(running.address, "/data.json").await.json();
    check("data", &data, Keys(DATA));
    for (key, text) in
        [("p", "1.23"), ("px", "-0.0123"), ("pe", "true"), ("pr", "\"NO1\""), ("ee", "429")]
    {
        assert_eq!(data[key].to_string(), text, "{key}");
    }
    assert_eq!(data["ea"]["d"]["c"].to_string(), "45.67");
    let hours = get(running.address, "/energyprice.json").await.json();
    assert_eq!(hours.as_object().unwrap().len(), 38);
    assert_eq!(hours["00"].to_string(), "0.6500", "the mean of its quarters");
    assert!(hours["02"].is_null() && hours["35"].is_null());
    let import = get(running.address, "/importprice.json").await.json();
    let keys: Vec<&String> = import.as_object().unwrap().keys().collect();
    assert_eq!(
        keys,
        [
            "currency",
            "source",
            "resolution",
            "direction",
            "cursor",
            "importExportPriceDifferent",
            "prices"
        ]
    );
    assert_eq!(import["prices"][7].to_string(), "1.2000");
    let export = get(running.address, "/exportprice.json").await;
    assert!(export.text().contains(r#""direction":"export","cursor":0,"#), "{}", export.text());
    assert!(export.text().ends_with("[-0.0123,null,null,null,null,null,null,null]}"));
    let modern = get(running.address, "/api/v1/meters/main/prices").await.json();
    assert_eq!(modern["now"]["import"].to_string(), "1.234567");
    assert_eq!(modern["trouble"], "too many requests");
    let peaks = get(running.address, "/api/v1/meters/main/peaks").await;
    assert_eq!(peaks.status, 404);
}
