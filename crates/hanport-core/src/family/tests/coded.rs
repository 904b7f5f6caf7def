//! Lists with codes.

use super::*;
use crate::manufacturer::Manufacturer;
use crate::reading::Oddity;
use hex_literal::hex;

const W: u8 = 27;
const VAR: u8 = 29;
const WH: u8 = 30;
const VARH: u8 = 32;
const A: u8 = 33;
const V: u8 = 35;

/// Aidon list 3 of a three-phase meter: 18 elements.
pub(super) fn aidon() -> Built {
    let mut built = Built::new(HeaderTime::Absent);
    built
        .array(18)
        .named("1-1:0.2.129", "AIDON_V0001")
        .named("0-0:96.1.0", "7359992890000000")
        .named("0-0:96.1.7", "6525")
        .register("1-0:1.7.0", 4027, 0, W)
        .register("1-0:2.7.0", 0, 0, W)
        .register("1-0:3.7.0", 0, 0, VAR)
        .register("1-0:4.7.0", 472, 0, VAR);
    for (code, value) in [("1-0:31.7.0", 5), ("1-0:51.7.0", -10), ("1-0:71.7.0", 168)] {
        built.structure(3).code(code).data(&Data::Int16(value)).scale(-1, A);
    }
    for (code, value) in [("1-0:32.7.0", 2330), ("1-0:52.7.0", 2334), ("1-0:72.7.0", 2311)] {
        built.structure(3).code(code).u16(value).scale(-1, V);
    }
    let noted = [0x07, 0xE8, 1, 15, 0, 13, 0, 0, 0xFF, 0, 0, 0];
    built
        .structure(2)
        .code("0-0:1.0.0")
        .octets(&noted)
        .register("1-0:1.8.0", 10_955_225, 1, WH)
        .register("1-0:2.8.0", 0, 1, WH)
        .register("1-0:3.8.0", 13_048, 1, VARH)
        .register("1-0:4.8.0", 1_531_972, 1, VARH);
    built
}

#[test]
fn aidon_list_3_has_names_powers_signed_currents_and_energies_in_10_wh() {
    let apdu = aidon();
    let out = read(&apdu);
    assert_eq!(
        named_values(&out),
        [
            "active_import_w=4027",
            "active_export_w=0",
            "reactive_import_var=0",
            "reactive_export_var=472",
            "current_l1_a=0.5",
            "current_l2_a=-1.0",
            "current_l3_a=16.8",
            "voltage_l1_v=233.0",
            "voltage_l2_v=233.4",
            "voltage_l3_v=231.1",
            "active_import_wh=109552250",
            "active_export_wh=0",
            "reactive_import_varh=130480",
            "reactive_export_varh=15319720",
        ]
    );
    assert_eq!(names(&apdu, &out), ["AIDON_V0001", "7359992890000000", "6525"]);
    assert_eq!(out.manufacturer, Some(Manufacturer::Aidon));
    assert_eq!(out.layout, "Aidon array of registers");
}

#[test]
fn a_norwegian_deviation_of_zero_states_no_offset() {
    let out = read(&aidon());
    assert_eq!(time_text(out.time), "2024-01-15T13:00:00");
    assert_eq!(time_text(out.energy_time), "2024-01-15T13:00:00");
}

#[test]
fn a_list_without_registers_has_no_energy_time() {
    let mut apdu = Built::new(HeaderTime::Absent);
    apdu.array(2).structure(2).code("0-0:1.0.0").octets(&clock(UNSTATED, 0xFF));
    apdu.register("1-0:1.7.0", 4027, 0, W);
    let out = read(&apdu);
    assert_eq!(time_text(out.time), "2024-01-15T13:30:10");
    assert_eq!(out.energy_time, None);
    assert_eq!(out.layout, "Aidon Sweden");
}

#[test]
fn nothing_in_a_single_power_names_its_maker() {
    let mut apdu = Built::new(HeaderTime::Absent);
    apdu.array(1).register("1-0:1.7.0", 9460, 0, W);
    let out = read(&apdu);
    assert_eq!(named_values(&out), ["active_import_w=9460"]);
    assert_eq!(out.manufacturer, None);
}

#[test]
fn embriq_lists_are_landis_gyr_with_padded_numbers_and_a_swapped_tag() {
    let mut apdu = Built::new(HeaderTime::Absent);
    apdu.array(6)
        .named("1-1:0.2.129", "EMBRIQ_V1_1")
        .named("0-0:96.1.0", "13940000\0\0\0\0\0\0\0\0")
        .named("0-0:96.1.7", "ZMF1")
        .structure(3);
    apdu.0.extend(hex!("06 09 01 00 1F 07 00 FF 10 0C6C 02 02 0F FE 16 21"));
    apdu.register("0-0:1.8.0", 100, 1, WH).register("1-0:2.7.0", 7, 0, W);
    let out = read(&apdu);
    assert_eq!(
        named_values(&out),
        ["current_l1_a=31.80", "active_import_wh=1000", "active_export_w=7"]
    );
    assert_eq!(names(&apdu, &out), ["EMBRIQ_V1_1", "13940000", "ZMF1"]);
    assert_eq!(out.manufacturer, Some(Manufacturer::LandisGyr));
    assert!(out.oddities.has(Oddity::TagSwapped));
}

/// The hourly list of the Norwegian interface description, with some other type number.
fn kamstrup(type_number: &str) -> Built {
    let mut built = Built::new(HeaderTime::Untagged(clock(UNSTATED, 0)));
    built.structure(35).visible("Kamstrup_V0001");
    built.code("1-1:0.0.5").visible("5706567000000000");
    built.code("1-1:96.1.1").visible(type_number);
    for (code, value) in [
        ("1-1:1.7.0", 1247),
        ("1-1:2.7.0", 0),
        ("1-1:3.7.0", 0),
        ("1-1:4.7.0", 417),
        ("1-1:31.7.0", 189),
        ("1-1:51.7.0", 327),
        ("1-1:71.7.0", 128),
    ] {
        built.pair(code, value);
    }
    for code in ["1-1:32.7.0", "1-1:52.7.0", "1-1:72.7.0"] {
        built.code(code).u16(236);
    }
    built.code("0-1:1.0.0").octets(&clock(UNSTATED, 0));
    for (code, value) in [
        ("1-1:1.8.0", 8_582_328),
        ("1-1:2.8.0", 454_083),
        ("1-1:3.8.0", 15_327),
        ("1-1:4.8.0", 1_477_438),
    ] {
        built.pair(code, value);
    }
    built
}

#[test]
fn kamstrup_lists_count_10_ma_1_v_and_10_wh_in_norway() {
    let apdu = kamstrup("6841131BN243101040");
    let out = read(&apdu);
    let values = named_values(&out);
    assert_eq!(values.len(), 14);
    for value in [
        "active_import_w=1247",
        "reactive_export_var=417",
        "current_l1_a=1.89",
        "voltage_l3_v=236",
        "active_import_wh=85823280",
        "reactive_export_varh=14774380",
    ] {
        assert!(values.iter().any(|named| named == value), "{value} in {values:?}");
    }
    assert_eq!(names(&apdu, &out), ["Kamstrup_V0001", "5706567000000000", "6841131BN243101040"]);
    assert_eq!(time_text(out.time), "2024-01-15T13:30:10");
    assert_eq!(time_text(out.energy_time), "2024-01-15T13:30:10");
    assert!(!out.oddities.has(Oddity::ScaleAssumed));
    assert_eq!(under(&apdu, &out, "1-1:0.0.5").unwrap(), "5706567000000000");
}

#[test]
fn the_type_number_tells_swedish_registers_and_transformers() {
    let value = |apdu: &Built, hint, name: &str| {
        let out = read_with(&apdu.0, hint, None).unwrap();
        named_values(&out).into_iter().find(|value| value.starts_with(name)).unwrap()
    };
    let swedish = kamstrup("6841131BN245101092");
    assert_eq!(value(&swedish, None, "active_import_wh"), "active_import_wh=8582328");
    let hint = Some(Hint::Energy10Wh);
    assert_eq!(value(&swedish, hint, "active_import_wh"), "active_import_wh=85823280");
    let transformers = kamstrup("6851131BN242101040");
    assert_eq!(value(&transformers, None, "current_l1"), "current_l1_a=0.189");
    let hint = Some(Hint::Current10Ma);
    assert_eq!(value(&transformers, hint, "current_l1"), "current_l1_a=1.89");
    let norwegian = kamstrup("6841131BN243101040");
    let hint = Some(Hint::EnergyWh);
    assert_eq!(value(&norwegian, hint, "active_import_wh"), "active_import_wh=8582328");
    let hint = Some(Hint::CurrentMa);
    assert_eq!(value(&norwegian, hint, "current_l1"), "current_l1_a=0.189");
}

#[test]
fn what_kamstrup_sends_null_for_is_absent() {
    let mut apdu = Built::new(HeaderTime::Untagged(clock(UNSTATED, 0)));
    apdu.structure(14).visible("Kamstrup_V0001").pair("1-1:1.7.0", 616).pair("1-1:31.7.0", 290);
    for _ in 0..4 {
        apdu.data(&Data::Null);
    }
    apdu.code("1-1:32.7.0").u16(226).data(&Data::Null);
    apdu.code("1-1:52.7.0").data(&Data::Null);
    let out = read(&apdu);
    assert_eq!(
        named_values(&out),
        ["active_import_w=616", "current_l1_a=2.90", "voltage_l1_v=226"]
    );
}

#[test]
fn voltages_in_hundredths_are_recognised_and_pull_dead_phases_along() {
    let mut apdu = Built::new(HeaderTime::Untagged(clock(UNSTATED, 0)));
    apdu.structure(7).visible("Kamstrup_V0001");
    apdu.code("1-1:32.7.0").u16(0).code("1-1:52.7.0").u16(1250).code("1-1:72.7.0").u16(23_565);
    let out = read(&apdu);
    let last = named_values(&out);
    assert_eq!(last, ["voltage_l1_v=0.00", "voltage_l2_v=12.50", "voltage_l3_v=235.65"]);
    assert!(out.oddities.has(Oddity::ScaleAssumed));
}

/// The phases of a Danish list: volts, raw current, hundredths of power factor, watts.
fn danish(phases: [(u16, u32, u16, u32); 3]) -> Built {
    let mut built = Built::new(HeaderTime::Untagged(clock(UNSTATED, 0)));
    built.structure(29).visible("Kamstrup_V0001");
    built.pair("1-1:1.8.0", 1_342_663).pair("1-1:0.0.1", 22_260_000);
    for (c, (volts, current, factor, watts)) in (1u8..).zip(phases) {
        let code = |offset: u8| format!("1-1:{}.7.0", c * 20 + offset);
        built.code(&code(12)).u16(volts).pair(&code(11), current);
        built.pair(&code(1), watts).code(&code(13)).u16(factor);
    }
    built
}

#[test]
fn danish_lists_have_numeric_meter_numbers_and_power_factors() {
    let apdu = danish([(228, 891, 99, 2016), (232, 0, 100, 0), (231, 279, 94, 576)]);
    let out = read(&apdu);
    let values = named_values(&out);
    assert!(values.contains(&"active_import_wh=13426630".to_string()));
    assert!(values.contains(&"current_l1_a=8.91".to_string()), "{values:?}");
    assert!(values.contains(&"power_factor_l3=0.94".to_string()));
    assert_eq!(names(&apdu, &out), ["Kamstrup_V0001", "22260000", ""]);
    assert!(out.oddities.has(Oddity::ScaleAssumed), "10 Wh is a guess in Denmark");
}

#[test]
fn danish_transformer_meters_are_known_by_their_powers() {
    let out =
        read(&danish([(233, 90_999, 2, 448), (233, 93_955, 5, 1133), (233, 92_645, 4, 1004)]));
    assert!(named_values(&out).contains(&"current_l1_a=90.999".to_string()));
    let small = danish([(233, 1500, 95, 332), (233, 1500, 95, 332), (233, 1500, 95, 332)]);
    let out = read(&small);
    assert!(named_values(&out).contains(&"current_l1_a=1.500".to_string()));
    let out = read_with(&small.0, Some(Hint::Current10Ma), None).unwrap();
    assert!(named_values(&out).contains(&"current_l1_a=15.00".to_string()));
}

#[test]
fn kaifa_pairs_count_milliamperes_and_tenths_of_volts() {
    let mut apdu = Built::new(HeaderTime::Absent);
    apdu.structure(14);
    apdu.code("1-0:0.2.129").octets(b"KFM_001");
    apdu.code("0-0:96.1.0").octets(b"7340157000000000");
    apdu.code("0-0:96.1.7").octets(b"MA304H4");
    apdu.pair("1-0:31.7.0", 616).pair("1-0:32.7.0", 2354);
    apdu.code("0-0:1.0.0").octets(&clock([0xFF, 0xC4], 0)).pair("1-0:1.8.0", 9_732_707);
    let out = read(&apdu);
    assert_eq!(
        named_values(&out),
        ["current_l1_a=0.616", "voltage_l1_v=235.4", "active_import_wh=9732707"]
    );
    assert_eq!(time_text(out.time), "2024-01-15T13:30:10+01:00");
    assert_eq!(time_text(out.energy_time), "2024-01-15T13:30:10+01:00");
    assert_eq!(names(&apdu, &out), ["KFM_001", "7340157000000000", "MA304H4"]);
}

/// Structure of clock, triples and number as the operator prints it: 12937 Wh, 233.7 V on one
/// phase, power factor 1.000.
pub(super) fn netz_noe(number: &[u8]) -> Built {
    let time = hex!("07E5091B01092F0F00FF8880");
    let mut built = Built::new(HeaderTime::Untagged(time));
    built.structure(35).octets(&time);
    for (code, value, unit) in
        [("1-0:1.8.0", 12_937, WH), ("1-0:2.8.0", 0, WH), ("1-0:1.7.0", 0, W), ("1-0:2.7.0", 0, W)]
    {
        built.pair(code, value).scale(0, unit);
    }
    for (code, value, scaler, unit) in [
        ("1-0:32.7.0", 2337, -1, V),
        ("1-0:52.7.0", 0, -1, V),
        ("1-0:72.7.0", 0, -1, V),
        ("1-0:31.7.0", 0, -2, A),
        ("1-0:51.7.0", 0, -2, A),
        ("1-0:71.7.0", 0, -2, A),
        ("1-0:13.7.0", 1000, -3, 255),
    ] {
        built.code(code).u16(value).scale(scaler, unit);
    }
    built.octets(number);
    built
}

#[test]
fn netz_noe_triples_have_stated_scales_and_a_trailing_number() {
    let apdu = netz_noe(b"181220000009");
    let out = read(&apdu);
    let values = named_values(&out);
    assert_eq!(values.len(), 11);
    for value in
        ["active_import_wh=12937", "voltage_l1_v=233.7", "voltage_l2_v=0.0", "power_factor=1.000"]
    {
        assert!(values.iter().any(|named| named == value), "{value} in {values:?}");
    }
    assert_eq!(names(&apdu, &out), ["", "181220000009", ""]);
    assert_eq!(time_text(out.time), "2021-09-27T09:47:15+02:00");
    assert_eq!(time_text(out.energy_time), "2021-09-27T09:47:15+02:00");
    assert_eq!(out.layout, "Netz NOE: clock, then triples of code, value and scale");
    assert_eq!(out.manufacturer, None);
    let titled = read_with(&apdu.0, None, Some(b"SAGY\x05\0\0\x01")).unwrap();
    assert_eq!(titled.manufacturer, Some(Manufacturer::Sagemcom));
}

#[test]
fn a_system_title_in_the_place_of_the_number_is_no_number() {
    let out = read(&netz_noe(b"KFM\x67\x50\0\0\x09"));
    assert!(out.meter_id.is_none());
    assert_eq!(out.manufacturer, Some(Manufacturer::Kaifa));
}

#[test]
fn western_austria_has_registers_behind_a_clock_pair() {
    let mut apdu = Built::new(HeaderTime::Untagged(clock([0xFF, 0xC4], 0)));
    apdu.structure(6).code("0-0:1.0.0").octets(&clock([0xFF, 0xC4], 0));
    apdu.structure(2).code("0-0:96.1.0").octets(b"1KFM0200000000");
    apdu.structure(2).code("0-0:42.0.0").octets(b"KFM1200200000000");
    apdu.structure(3).code("1-0:32.7.0").u16(2271).scale(-1, V);
    apdu.register("1-0:1.8.0", 278_041, 0, WH);
    let out = read(&apdu);
    assert_eq!(named_values(&out), ["voltage_l1_v=227.1", "active_import_wh=278041"]);
    assert_eq!(names(&apdu, &out), ["", "1KFM0200000000", ""]);
    assert_eq!(under(&apdu, &out, "0-0:42.0.0").unwrap(), "KFM1200200000000");
    assert_eq!(out.manufacturer, Some(Manufacturer::Kaifa));
}

#[test]
fn styrian_pairs_follow_a_bare_clock() {
    let mut apdu = Built::new(HeaderTime::Untagged(clock(UNSTATED, 0)));
    apdu.structure(9).octets(&clock(UNSTATED, 0));
    apdu.pair("1-0:1.8.0", 4_408_736).pair("1-0:1.8.1", 3_593_919);
    apdu.pair("1-0:3.8.2", 233_034).pair("1-0:1.7.0", 2893);
    let out = read_with(&apdu.0, None, Some(b"LGZgspw\x01")).unwrap();
    assert_eq!(
        named_values(&out),
        [
            "active_import_wh=4408736",
            "active_import_t1_wh=3593919",
            "reactive_import_t2_varh=233034",
            "active_import_w=2893"
        ]
    );
    assert_eq!(out.manufacturer, Some(Manufacturer::LandisGyr));
    assert_eq!(time_text(out.energy_time), "2024-01-15T13:30:10");
}

#[test]
fn iskraemeco_structures_are_read_with_their_scales() {
    let mut apdu = Built::new(HeaderTime::Untagged(clock([0xFF, 0xC4], 0)));
    apdu.structure(5);
    apdu.structure(2).code("0-0:96.1.0").octets(b"ISK1030000000001");
    apdu.structure(2).code("0-0:96.1.1").octets(b"81000001");
    apdu.register("1-0:1.7.0", 500, 0, W);
    apdu.structure(3).code("1-0:31.7.0").u16(215).scale(-2, A);
    apdu.structure(2).code("1-0:2.7.0").structure(2).u32(40).scale(0, W);
    let out = read(&apdu);
    assert_eq!(
        named_values(&out),
        ["active_import_w=500", "current_l1_a=2.15", "active_export_w=40"]
    );
    assert_eq!(names(&apdu, &out), ["", "ISK1030000000001", ""]);
    assert_eq!(out.manufacturer, Some(Manufacturer::Iskraemeco));
}

#[test]
fn czech_lists_describe_each_value_without_tags() {
    let mut apdu = Built::new(HeaderTime::Absent);
    apdu.structure(2).data(&Data::Enum(1)).array(5);
    for (class, obis, attribute, data) in [
        (1u16, "0-0:96.1.1", 2i8, Data::OctetString(b"12345678")),
        (70, "0-1:96.3.10", 3, Data::Enum(1)),
        (3, "1-0:1.7.0", 2, Data::Unsigned32(1500)),
        (3, "1-0:1.8.1", 2, Data::Unsigned32(123_456)),
        (71, "0-0:17.0.0", 3, Data::Unsigned32(9000)),
    ] {
        let obis = Obis::from_text(obis.as_bytes()).unwrap();
        let head = crate::cosem::axdr::Descriptor { class, obis, attribute };
        apdu.structure(2).put(|writer| head.emit(writer)).data(&data);
    }
    let out = read(&apdu);
    assert_eq!(
        named_values(&out),
        ["active_import_w=1500", "active_import_t1_wh=123456", "power_limiter_w=9000"]
    );
    assert_eq!(names(&apdu, &out), ["", "12345678", ""]);
    assert_eq!(under(&apdu, &out, "0-1:96.3.10").unwrap(), "1");
    assert_eq!(out.layout, "Czech list of described values");
}

#[test]
fn a_unit_of_another_dimension_takes_the_name_away() {
    let mut apdu = Built::new(HeaderTime::Absent);
    apdu.array(2).register("1-0:1.7.0", 5, 0, A).register("1-0:3.7.0", 7, 0, 28);
    let out = read(&apdu);
    assert_eq!(named_values(&out), ["reactive_import_var=7"], "VA for var is a slip");
    assert_eq!(under(&apdu, &out, "1-0:1.7.0").unwrap(), "5 A");
}

#[test]
fn everything_else_is_kept_under_its_code() {
    let mut apdu = Built::new(HeaderTime::Absent);
    apdu.structure(12);
    apdu.pair("0-0:96.7.21", 3).pair("1-0:99.1.0", 17).pair("1-0:99.1.0", 18);
    apdu.code("0-0:96.13.0").octets(b"hello").code("0-0:96.14.0").octets(&[0, 1]);
    apdu.code("0-0:96.13.1").octets(b"");
    let out = read(&apdu);
    assert_eq!(named_values(&out), ["power_failures=3"]);
    assert_eq!(under(&apdu, &out, "0-0:96.13.0").unwrap(), "hello");
    assert_eq!(under(&apdu, &out, "0-0:96.14.0").unwrap(), "0001");
    assert_eq!(under(&apdu, &out, "0-0:96.13.1"), None, "empty is absent");
    assert_eq!(out.items.len(), 5, "repeated codes are all kept");
}

#[test]
fn an_event_is_one_value() {
    let header = Header::EventNotification {
        time: HeaderTime::Untagged(clock([0xFF, 0xC4], 0)),
        class: 3,
        obis: Obis::electricity(1, 7, 0),
        attribute: 2,
    };
    let mut apdu = Built(vec![]);
    apdu.put(|writer| header.emit(writer)).u32(1393);
    let out = read(&apdu);
    assert_eq!(named_values(&out), ["active_import_w=1393"]);
    assert_eq!(time_text(out.time), "2024-01-15T13:30:10+01:00");
}

#[test]
fn a_code_without_value_does_not_take_the_next_one() {
    let mut flat = Built::new(HeaderTime::Absent);
    flat.structure(4).code("1-0:2.7.0").pair("1-0:1.7.0", 5).code("1-0:3.7.0");
    assert_eq!(named_values(&read(&flat)), ["active_import_w=5"]);
    let mut nested = Built::new(HeaderTime::Absent);
    nested.array(2).structure(1).code("1-0:2.7.0").register("1-0:1.7.0", 5, 0, W);
    assert_eq!(named_values(&read(&nested)), ["active_import_w=5"]);
}

#[test]
fn what_is_more_than_one_value_is_passed_over() {
    let mut apdu = Built::new(HeaderTime::Absent);
    apdu.structure(8).code("1-0:99.97.0").array(2).structure(2).u32(1).u32(2).u32(3);
    apdu.code("0-0:98.1.0").structure(2).u32(1).u32(2).pair("1-0:1.7.0", 5);
    apdu.code("1-0:2.7.0").data(&Data::CompactArray(crate::cosem::axdr::CompactArray {
        description: &[0x11],
        contents: &[1, 2],
    }));
    assert_eq!(named_values(&read(&apdu)), ["active_import_w=5"]);
}

#[test]
fn frequencies_and_bit_strings_are_read() {
    let mut apdu = Built::new(HeaderTime::Absent);
    apdu.structure(6).code("1-0:14.7.0").u16(4998);
    apdu.code("0-0:97.97.0").data(&Data::BitString(8, &[0]));
    apdu.code("1-0:1.8.0").data(&Data::Int32(77));
    let out = read(&apdu);
    assert_eq!(named_values(&out), ["frequency_hz=49.98", "active_import_wh=77"]);
    assert_eq!(under(&apdu, &out, "0-0:97.97.0").unwrap(), "");
    assert!(out.oddities.has(Oddity::ScaleAssumed));
}

#[test]
fn the_user_may_name_the_maker_of_a_list_that_does_not() {
    let mut apdu = Built::new(HeaderTime::Absent);
    apdu.structure(4).pair("1-0:31.7.0", 1616).pair("1-0:1.8.0", 9);
    let with = |hint| named_values(&read_with(&apdu.0, hint, None).unwrap());
    assert_eq!(with(None), ["current_l1_a=16.16", "active_import_wh=9"]);
    let kaifa = Some(Hint::Family(Manufacturer::Kaifa));
    assert_eq!(with(kaifa), ["current_l1_a=1.616", "active_import_wh=9"]);
    let kamstrup = Some(Hint::Family(Manufacturer::Kamstrup));
    assert_eq!(with(kamstrup), ["current_l1_a=16.16", "active_import_wh=90"]);
    let titled = read_with(&apdu.0, None, Some(b"KFMgspw\x01")).unwrap();
    assert_eq!(named_values(&titled), ["current_l1_a=1.616", "active_import_wh=9"]);
}

#[test]
fn a_number_of_six_digits_is_no_code() {
    let mut apdu = Built::new(HeaderTime::Absent);
    apdu.structure(4).octets(&clock(UNSTATED, 0)).pair("1-0:1.7.0", 5).octets(b"123456");
    let out = read(&apdu);
    assert_eq!(named_values(&out), ["active_import_w=5"]);
    assert_eq!(names(&apdu, &out), ["", "123456", ""]);
}
