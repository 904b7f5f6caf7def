//! A small telegram of every dialect, written from the standards and meter lists.

use super::*;
use crate::emit::Writer;
use crate::family::history::{DemandHistory, PowerFailures};
use crate::link::Probe;
use crate::link::p1::{self, Content, CrcForm, LineEnd, TelegramWriter};
use crate::reading::{MAX_ITEMS, Reading};
use std::string::{String, ToString};
use std::vec::Vec;

/// A telegram with these lines, checksum and all.
fn telegram(identification: &str, lines: &[&str]) -> Vec<u8> {
    let mut buffer = std::vec![0; 9000];
    let mut out = Writer::new(&mut buffer);
    let mut telegram = TelegramWriter::new(&mut out, identification, LineEnd::CrLf).unwrap();
    for line in lines {
        telegram.line(format_args!("{line}")).unwrap();
    }
    telegram.finish(CrcForm::Normal).unwrap();
    out.written().to_vec()
}

/// What a whole telegram says, as text: times, names and values.
#[derive(Debug, Default, PartialEq)]
struct Told {
    time: Option<String>,
    id: Option<String>,
    model: Option<String>,
    maker: Option<Manufacturer>,
    layout: &'static str,
    values: Vec<String>,
    broken: bool,
}

fn print(item: &Item, body: &[u8]) -> String {
    let name = item.quantity.map_or_else(|| item.obis.to_string(), |quantity| quantity.to_string());
    let value = match item.value {
        Value::Number(number, unit) if item.quantity.is_none() => std::format!("{number} {unit}"),
        Value::Number(number, _) => number.to_string(),
        Value::Text(text) => crate::reading::Text::new(text, body).to_string(),
        Value::Time(time) => time.to_string(),
    };
    match item.at {
        Some(at) => std::format!("{name}={value} at {at}"),
        None => std::format!("{name}={value}"),
    }
}

fn read(bytes: &[u8]) -> Option<Told> {
    let Probe::Frame(frame) = p1::probe(bytes, &mut 0, true) else { return None };
    let Content::Text(range) = frame.content else { return None };
    let body = &bytes[range];
    let mut readout = Readout::new();
    read_telegram(body, &Context::default(), &mut readout).ok()?;
    let reading = Reading { readout: &readout, body };
    Some(Told {
        time: readout.time.map(|time| time.to_string()),
        id: reading.meter_id().map(|text| text.to_string()),
        model: reading.meter_model().map(|text| text.to_string()),
        maker: readout.manufacturer,
        layout: readout.layout,
        values: readout.items.iter().map(|item| print(item, body)).collect(),
        broken: readout.oddities.has(Oddity::LineBroken),
    })
}

fn told(identification: &str, lines: &[&str]) -> Told {
    read(&telegram(identification, lines)).unwrap()
}

/// The values of a telegram with this one line.
fn one(line: &str) -> Vec<String> {
    let told = told("TST5", &[line]);
    assert!(!told.broken, "{line}");
    told.values
}

#[test]
fn a_dutch_meter_of_version_5_is_read() {
    let told = told(
        "ISk5\\2MT382-1000",
        &[
            "1-3:0.2.8(50)",
            "0-0:1.0.0(240715133000S)",
            "0-0:96.1.1(4530303236303030303132333435363132)",
            "1-0:1.8.1(001234.567*kWh)",
            "1-0:2.8.2(000000.000*kWh)",
            "0-0:96.14.0(0002)",
            "1-0:1.7.0(01.193*kW)",
            "0-0:96.7.21(00004)",
            "1-0:99.97.0(1)(0-0:96.7.19)(231208152415W)(0000000240*s)",
            "1-0:32.32.0(00002)",
            "0-0:96.13.0()",
            "1-0:32.7.0(0229.0*V)",
            "1-0:31.7.0(001*A)",
            "0-1:24.1.0(003)",
            "0-1:96.1.0(4730303339303031323334353637383930)",
            "0-1:24.2.1(240715132500S)(01234.567*m3)",
            "0-2:24.1.0(003)",
            "0-2:96.1.0()",
            "0-2:24.2.1(700101010000W)(00000000)",
        ],
    );
    assert_eq!(
        told,
        Told {
            time: Some("2024-07-15T13:30:00+02:00".into()),
            id: Some("E0026000012345612".into()),
            model: Some("MT382-1000".into()),
            maker: Some(Manufacturer::Iskraemeco),
            layout: "DSMR 5",
            values: [
                "1-3:0.2.8*255=50",
                "0-0:1.0.0*255=2024-07-15T13:30:00+02:00",
                "0-0:96.1.1*255=E0026000012345612",
                "active_import_t1_wh=1234567",
                "active_export_t2_wh=0",
                "0-0:96.14.0*255=0002",
                "active_import_w=1193",
                "power_failures=4",
                "1-0:99.97.0*255=(1)(0-0:96.7.19)(231208152415W)(0000000240*s)",
                "voltage_sags_l1=2",
                "voltage_l1_v=229.0",
                "current_l1_a=1",
                "0-1:24.1.0*255=003",
                "0-1:96.1.0*255=G0039001234567890",
                "0-1:24.2.1*255=1234.567 m3 at 2024-07-15T13:25:00+02:00",
                "0-2:24.1.0*255=003",
            ]
            .map(Into::into)
            .into(),
            broken: false,
        }
    );
}

#[test]
fn an_older_dutch_meter_gives_its_gas_over_two_lines() {
    let told = told(
        "ISk5\\2MT382-1003",
        &[
            "0-0:96.1.1(12345678901234567890123456789012)",
            "1-0:1.7.0(001.19*kW)",
            "0-0:17.0.0(016*A)",
            "0-1:24.3.0(231208150000)(00)(60)(1)(0-1:24.2.1)(m3)",
            "(00001.001)",
            "0-1:24.4.0(1)",
        ],
    );
    assert_eq!(
        told.values,
        [
            "0-0:96.1.1*255=12345678901234567890123456789012",
            "active_import_w=1190",
            "0-0:17.0.0*255=16 A",
            "0-1:24.2.1*255=1.001 m3 at 2023-12-08T15:00:00",
            "0-1:24.4.0*255=1",
        ]
    );
    assert_eq!((told.time, told.layout, told.broken), (None, "DSMR 2 or 3", false));
    // The digits decode to nothing printable: they are the number itself.
    assert_eq!(told.id.as_deref(), Some("12345678901234567890123456789012"));
}

#[test]
fn a_gas_reading_without_its_second_line_is_no_value() {
    let list = "0-1:24.3.0*255=(231208150000)(00)(60)(1)(0-1:24.2.1)(m3)";
    assert_eq!(one("0-1:24.3.0(231208150000)(00)(60)(1)(0-1:24.2.1)(m3)"), [list]);
    let torn = ["0-1:24.3.0(231208150000)(00)(60)(1)(0-1:24.2.1)(m3)", "(0001x001)"];
    assert!(read(&telegram("TST5", &torn)).is_none());
}

#[test]
fn a_belgian_meter_tells_its_demand() {
    let lines = [
        "0-0:96.1.4(50217)",
        "0-0:96.1.1(3153414733313030303132333435)",
        "0-0:1.0.0(231102121548W)",
        "1-0:1.4.0(00.052*kW)",
        "1-0:1.6.0(231102114500W)(03.064*kW)",
        "0-0:98.1.0(1)(1-0:1.6.0)(1-0:1.6.0)(231001000000S)(230910183000S)(04.229*kW)",
        "1-0:31.7.0(002.35*A)",
        "0-0:96.3.10(1)",
        "0-0:17.0.0(999.9*kW)",
        "1-0:31.4.0(999*A)",
        "0-1:24.1.0(003)",
        "0-1:96.1.2(3534313031323334353637383930313233)",
        "0-1:24.2.3(231102121002W)(00092.287*m3)",
    ];
    let told = told("FLU5\\253769484_A", &lines);
    assert_eq!(told.id.as_deref(), Some("1SAG3100012345"));
    assert_eq!(told.maker, Some(Manufacturer::Sagemcom));
    assert_eq!(told.layout, "eMUCS-P1, Belgium");
    assert_eq!(
        told.values[3..],
        [
            "active_import_demand_w=52",
            "active_import_demand_max_w=3064 at 2023-11-02T11:45:00+01:00",
            "0-0:98.1.0*255=(1)(1-0:1.6.0)(1-0:1.6.0)(231001000000S)(230910183000S)(04.229*kW)",
            "current_l1_a=2.35",
            "0-0:96.3.10*255=1",
            "power_limiter_w=999900",
            "fuse_threshold_a=999",
            "0-1:24.1.0*255=003",
            "0-1:96.1.2*255=54101234567890123",
            "0-1:24.2.3*255=92.287 m3 at 2023-11-02T12:10:02+01:00",
        ]
    );
}

#[test]
fn lists_in_one_line_are_kept_for_those_who_want_them() {
    let bytes = telegram(
        "FLU5",
        &[
            "1-0:99.97.0(1)(0-0:96.7.19)(231208152415W)(0000000240*s)",
            "0-0:98.1.0(1)(1-0:1.6.0)(1-0:1.6.0)(231001000000S)(632525252525W)(00.000*kW)",
        ],
    );
    let mut readout = Readout::new();
    read_telegram(&bytes, &Context::default(), &mut readout).unwrap();
    let list = |at: usize| match readout.items[at].value {
        Value::Text(TextRef::Octets(span)) => span.of(&bytes),
        _ => &[],
    };
    assert_eq!(PowerFailures::new(list(0)).map(|f| f.seconds).collect::<Vec<_>>(), [240]);
    assert_eq!(DemandHistory::new(list(1)).map(|m| m.at).collect::<Vec<_>>(), [None]);
}

#[test]
fn swedish_meters_spell_reactive_units_as_they_like() {
    for (identification, maker, model, unit) in [
        ("ADN9 6534", Some(Manufacturer::Aidon), Some("6534"), "kVAr"),
        ("KAM5", Some(Manufacturer::Kamstrup), None, "kvar"),
        ("LGF5E360", Some(Manufacturer::LandisGyr), Some("E360"), "kVar"),
        ("ELL5\\253833635_A", None, None, "KVAR"),
    ] {
        let told = told(
            identification,
            &[
                "0-0:1.0.0(241212201348W)",
                &std::format!("1-0:3.8.0(00000059.039*{unit}h)"),
                &std::format!("1-0:63.7.0(0000.012*{unit})"),
                "1-0:22.7.0(-0001.200*kW)",
            ],
        );
        assert_eq!((told.maker, told.model.as_deref()), (maker, model));
        assert_eq!(told.layout, "H1 text, Sweden and Finland");
        assert_eq!(told.id, None);
        assert_eq!(
            told.values[1..],
            ["reactive_import_varh=59039", "reactive_import_l3_var=12", "active_export_l1_w=-1200"]
        );
    }
}

#[test]
fn a_meter_behind_transformers_prints_base_units() {
    assert_eq!(one("1-0:1.8.0(009699947*Wh)"), ["active_import_wh=9699947"]);
    assert_eq!(one("1-0:1.7.0(000000274*W)"), ["active_import_w=274"]);
    assert_eq!(one("1-0:4.7.0(000000216*var)"), ["reactive_export_var=216"]);
    assert_eq!(one("1-0:9.7.0(0012.5*VA)"), ["apparent_import_va=12.5"]);
    assert_eq!(one("1-0:31.7.0(0125*mA)"), ["current_l1_a=0.125"]);
}

#[test]
fn a_nes_meter_writes_its_clock_in_full() {
    let told = told("NES5:83335-3E", &["0-0:1.0.0(20240111 09:35:00)", "1-0:1.7.0(0000.193*kW)"]);
    assert_eq!(told.time.as_deref(), Some("2024-01-11T09:35:00"));
    assert_eq!((told.maker, told.model.as_deref()), (Some(Manufacturer::Nes), Some("83335-3E")));
    assert_eq!(told.layout, "P1 text, NES");
}

#[test]
fn a_slovenian_meter_gives_time_and_date_apart() {
    let lines = [
        "0-0:96.1.0(96815391)",
        "0-0:97.97.0(00000000)",
        "1-0:0.9.1(222553)",
        "1-0:0.9.2(251002)",
        "1-0:32.7.0(00234.6*V)",
    ];
    let told = told("ISK9\\2M551T-200", &lines);
    assert_eq!(told.time.as_deref(), Some("2025-10-02T22:25:53"));
    assert_eq!(told.id.as_deref(), Some("96815391"));
    assert_eq!(told.layout, "P1 text, Slovenia");
    assert_eq!(told.values[1], "0-0:97.97.0*255=00000000");
    assert_eq!(self::told("TST5", &["1-0:0.9.1(222553)", "1-0:0.9.2(251302)"]).time, None);
}

#[test]
fn a_polish_meter_sends_number_and_type_and_repeats_codes() {
    let lines = [
        "0-0:96.1.0(3330303132333435)",
        "1-0:1.8.4(000000.000*kWh)",
        "0-0:17.0.0(00000)",
        "0-0:96.1.1(4D413330394D)",
        "0-0:17.0.0(16500)",
        "0-0:94.98.31(00000)",
        "0-0:96.13.0(3)",
        "0-0:96.13.0()",
    ];
    let told = told("KFM5KAIFA-METER", &lines);
    assert_eq!((told.id.as_deref(), told.model.as_deref()), (Some("30012345"), Some("MA309M")));
    assert_eq!((told.maker, told.layout), (Some(Manufacturer::Kaifa), "P1 text, Poland"));
    assert_eq!(
        told.values[2..],
        [
            "0-0:17.0.0*255=00000",
            "0-0:96.1.1*255=MA309M",
            "0-0:17.0.0*255=16500",
            "0-0:94.98.31*255=00000",
            "0-0:96.13.0*255=3",
        ]
    );
}

#[test]
fn a_hungarian_meter_tells_power_factors_and_quadrants() {
    let lines = [
        "0-0:42.0.0(53414731323334353637383930313233)",
        "0-0:96.1.0(383930303132333435363738393031)",
        "0-0:17.0.0(90.000*kW)",
        "1-0:15.8.0(000800.817*kWh)",
        "1-0:5.8.0(000005.600*kvarh)",
        "1-0:13.7.0(1.000)",
        "1-0:73.7.0(0.421)",
        "1-0:14.7.0(49.98*Hz)",
        "0-0:98.1.0(230701000000S)(000040.777*kWh)(00.000*kW)",
    ];
    let told = told("SAG5SAG-METER", &lines);
    assert_eq!(told.id.as_deref(), Some("890012345678901"));
    assert_eq!((told.maker, told.model), (Some(Manufacturer::Sagemcom), None));
    assert_eq!(told.layout, "P1 text, Hungary");
    assert_eq!(
        told.values[2..],
        [
            "power_limiter_w=90000",
            "active_abs_wh=800817",
            "reactive_q1_varh=5600",
            "power_factor=1.000",
            "power_factor_l3=0.421",
            "frequency_hz=49.98",
            "0-0:98.1.0*255=(230701000000S)(000040.777*kWh)(00.000*kW)",
        ]
    );
}

#[test]
fn a_luxembourgish_meter_tells_its_name_only() {
    let lines = ["1-3:0.2.8(42)", "0-0:42.0.0(53414731303330373030303030333332)"];
    let told = told("Lux5\\253663629_B", &lines);
    assert_eq!(told.maker, Some(Manufacturer::Sagemcom));
    assert_eq!(told.id.as_deref(), Some("SAG1030700000332"));
    assert_eq!(told.layout, "DSMR 4");
}

#[test]
fn the_system_title_names_the_maker_where_the_text_does_not() {
    let maker = |identification: &str| {
        let bytes = telegram(identification, &["1-0:1.7.0(00.400*kW)"]);
        let context = Context { system_title: Some(*b"SAGgp\x12\x34\x56"), hint: None };
        let mut readout = Readout::new();
        read_telegram(&bytes, &context, &mut readout).unwrap();
        readout.manufacturer
    };
    assert_eq!(maker("EST5\\253710000_A"), Some(Manufacturer::Sagemcom));
    assert_eq!(maker("LGF5E360"), Some(Manufacturer::LandisGyr));
}

#[test]
fn blanks_at_the_end_of_a_line_say_nothing() {
    let lines = ["0-0:1.0.0(240115120000W) ", "1-0:1.7.0(00.400*kW) ", "0-0:96.14.0(0002)  "];
    let told = told("TST5", &lines);
    assert_eq!(
        told.values.get(1..),
        Some(&["active_import_w=400", "0-0:96.14.0*255=0002"].map(String::from)[..])
    );
    assert_eq!(told.time.as_deref(), Some("2024-01-15T12:00:00+01:00"));
}

#[test]
fn a_german_meter_prints_group_f_and_seven_decimals() {
    let lines = [
        "1-0:0.0.0*255(0272031312566)",
        "1-0:1.8.0*255(00107.7864331*kWh)",
        "1-0:61.7.0*255(000639.73*W)",
        "1-0:21.7.255*255(-000200.13*W)",
        "1-0:1.8.0*01(00100.0000000*kWh)",
        "1-0:96.5.5*255(80)",
        "0-0:96.1.255*255(1ESY1313002566)",
    ];
    let told = told("ESY5Q3DB1024 V3.04", &lines);
    assert_eq!(told.maker, Some(Manufacturer::EasyMeter));
    assert_eq!(told.model.as_deref(), Some("Q3DB1024"));
    assert_eq!(
        told.values,
        [
            "1-0:0.0.0*255=0272031312566",
            "active_import_wh=107786.4331",
            "active_import_l3_w=639.73",
            "active_import_l1_w=-200.13",
            "1-0:1.8.0*1=100000.0000 Wh",
            "1-0:96.5.5*255=80",
            "0-0:96.1.255*255=1ESY1313002566",
        ]
    );
    assert_eq!(told.id.as_deref(), Some("0272031312566"));
    let other = self::told("XYZ5", &lines);
    assert_eq!((other.layout, other.maker), ("IEC 62056-21 mode D", None));
}

#[test]
fn short_codes_and_times_behind_the_value_are_read() {
    let lines = [
        "F.F(00000000)",
        "C.1.0(12345678)",
        "1.8.0(000123.4*kWh)",
        "1.6.1(00.900*kW)(2401151230)",
        "16.7.0(-0012.5*W)",
    ];
    let told = told("LGZ5\\2ZMF100AC", &lines);
    assert_eq!(told.id.as_deref(), Some("12345678"));
    assert_eq!(told.model.as_deref(), Some("ZMF100AC"));
    assert_eq!(
        told.values,
        [
            "0-0:97.97.0*255=00000000",
            "0-0:96.1.0*255=12345678",
            "active_import_wh=123400",
            "active_import_demand_max_t1_w=900 at 2024-01-15T12:30:00",
            "active_net_w=-12.5",
        ]
    );
}

#[test]
fn heat_stays_in_gigajoules() {
    let at = "2026-02-15T20:05:23+01:00";
    assert_eq!(
        one("0-1:24.2.1(260215200523W)(240.860*GJ)"),
        [std::format!("0-1:24.2.1*255=240.860 GJ at {at}")]
    );
    assert_eq!(
        one("0-1:24.2.1(260215200523W)(0240860*MJ)"),
        [std::format!("0-1:24.2.1*255=240.860 GJ at {at}")]
    );
}

#[test]
fn empty_slots_keep_type_and_number() {
    let told = told(
        "TST5",
        &[
            "0-1:24.1.0(003)",
            "0-1:24.2.1(632525252525W)(00000.000*m3)",
            "0-2:24.1.0(000)",
            "0-2:96.1.0(5331323334353637383930)",
            "0-2:24.2.1(231102121002W)(00000.000*m3)",
            "0-3:24.2.1(231102121002w)(00000.000*m3)",
        ],
    );
    assert_eq!(
        told.values,
        [
            "0-1:24.1.0*255=003",
            "0-2:24.1.0*255=000",
            "0-2:96.1.0*255=S1234567890",
            "0-3:24.2.1*255=0.000 m3 at 2023-11-02T12:10:02+01:00",
        ]
    );
}

#[test]
fn an_impossible_clock_is_said_and_not_taken() {
    for clock in ["241302000000W", "000000000000W", "20241402 00:00:00", "24:00", "2024011109350x"]
    {
        let bytes = telegram("TST5", &[&std::format!("0-0:1.0.0({clock})")]);
        let mut readout = Readout::new();
        read_telegram(&bytes, &Context::default(), &mut readout).unwrap();
        assert_eq!(readout.time, None, "{clock}");
        assert!(readout.oddities.has(Oddity::ClockInvalid), "{clock}");
    }
    let told = told("TST5", &["0-0:1.0.0(2024-01-11T09:35:00S)"]);
    assert_eq!(told.time.as_deref(), Some("2024-01-11T09:35:00+02:00"));
}

#[test]
fn only_digits_that_decode_to_a_number_are_taken_as_hexadecimal() {
    for (value, id) in [
        ("4B384547303034303436333935353037", "K8EG004046395507"),
        ("621848012D2C0B0C", "621848012D2C0B0C"),
        ("33445566", "33445566"),
        ("735999000000123456", "735999000000123456"),
        ("xxxxxxxxxxxx", "xxxxxxxxxxxx"),
        ("ADC3100000158492", "ADC3100000158492"),
        ("204B413655303031353131323039393131", " KA6U001511209911"),
        ("00000000000000", "00000000000000"),
    ] {
        let line = std::format!("0-0:96.1.1({value})");
        assert_eq!(told("TST5", &[&line]).id.as_deref(), Some(id));
    }
    assert_eq!(one("0-0:96.13.0(48656C6C6F2C20796F7521)"), ["0-0:96.13.0*255=Hello, you!"]);
    assert_eq!(one("0-0:96.1.4(502171)"), ["0-0:96.1.4*255=502171"]);
}

#[test]
fn a_long_message_fits() {
    let message = "41".repeat(1024);
    let line = std::format!("0-0:96.13.0({message})");
    assert_eq!(one(&line), [std::format!("0-0:96.13.0*255={}", "A".repeat(1024))]);
}

#[test]
fn too_many_values_refuse_the_telegram() {
    let lines = std::vec!["1-0:1.7.0(00.400*kW)"; MAX_ITEMS + 1];
    let read = |lines: &[&str]| {
        let bytes = telegram("TST5", lines);
        read_telegram(&bytes, &Context::default(), &mut Readout::new())
    };
    assert!(read(&lines[1..]).is_ok());
    let cause = Cause::TooManyValues(MAX_ITEMS);
    assert!(matches!(read(&lines), Err(broken) if broken.cause == cause));
}

#[test]
fn what_does_not_begin_like_a_telegram_is_refused() {
    for (text, at) in
        [(&b""[..], 0), (b"/TST5", 0), (b"1-0:1.7.0(1*kW)\r\n!", 0), (b"/TST5\r\n\r\nx\r\n!", 5)]
    {
        let read = read_telegram(text, &Context::default(), &mut Readout::new());
        assert_eq!(read, Err(Broken::new(Layer::Data, Cause::Malformed, at)));
    }
}

#[path = "text_damage_tests.rs"]
mod damage;

#[test]
fn a_long_time_may_end_in_the_letter_of_its_season() {
    for (stamp, time) in [
        ("20240115 12:00:00W", "2024-01-15T12:00:00+01:00"),
        ("20240715 12:00:00S", "2024-07-15T12:00:00+02:00"),
        ("20240115 12:00:00", "2024-01-15T12:00:00"),
    ] {
        let line = std::format!("0-0:1.0.0({stamp})");
        let told = told("TST5", &[&line, "1-0:1.7.0(00.400*kW)"]);
        assert_eq!(told.time.as_deref(), Some(time));
    }
}
