//! Lists without codes.

use super::*;
use crate::fault::Cause;
use crate::manufacturer::Manufacturer;
use crate::reading::Oddity;

const SUMMER: [u8; 2] = [0xFF, 0x88];

fn kaifa(count: u32, model: &[u8]) -> Built {
    let mut built = Built::new(HeaderTime::OctetString(clock(UNSTATED, 0)));
    built.structure(count).octets(b"KFM_001").octets(b"6970631400000000").octets(model);
    built.u32s(&[4097, 0, 195, 0]);
    built
}

#[test]
fn kaifa_list_1_is_the_power() {
    let mut apdu = Built::new(HeaderTime::OctetString(clock(UNSTATED, 0)));
    apdu.structure(1).u32(4117);
    let out = read(&apdu);
    assert_eq!(named_values(&out), ["active_import_w=4117"]);
    assert_eq!(out.manufacturer, Some(Manufacturer::Kaifa));
    assert_eq!(out.layout, "Kaifa list 1");
    assert_eq!(time_text(out.time), "2024-01-15T13:30:10");
    assert_eq!(out.energy_time, None);
}

#[test]
fn kaifa_one_phase_lists_have_one_current_and_one_voltage() {
    let mut apdu = kaifa(9, b"MA105H2E");
    apdu.u32s(&[4224, 2336]);
    let out = read(&apdu);
    let values = named_values(&out);
    assert_eq!(values[4..], ["current_l1_a=4.224", "voltage_l1_v=233.6"]);
    assert_eq!(names(&apdu, &out), ["KFM_001", "6970631400000000", "MA105H2E"]);
    let mut hourly = kaifa(14, b"MA105H2E");
    hourly.u32s(&[66, 2442]).octets(&clock(UNSTATED, 0)).u32s(&[204, 0, 0, 94]);
    let out = read(&hourly);
    assert_eq!(out.layout, "Kaifa list 3, one phase");
    assert!(named_values(&out).contains(&"reactive_export_varh=94".to_string()));
    assert_eq!(time_text(out.energy_time), "2024-01-15T13:30:10");
}

#[test]
fn the_second_voltage_of_a_three_wire_kaifa_is_not_measured() {
    let mut apdu = kaifa(13, b"MA304H3E");
    apdu.u32s(&[12_056, 5754, 13_412, 2392, 0, 2397]);
    let values = named_values(&read(&apdu));
    assert_eq!(
        values[4..],
        [
            "current_l1_a=12.056",
            "current_l2_a=5.754",
            "current_l3_a=13.412",
            "voltage_l1_v=239.2",
            "voltage_l3_v=239.7"
        ]
    );
    let mut four_wire = kaifa(13, b"MA304H4");
    four_wire.u32s(&[12_056, 5754, 13_412, 2392, 0, 2397]);
    assert!(named_values(&read(&four_wire)).contains(&"voltage_l2_v=0.0".to_string()));
}

#[test]
fn kaifa_transformer_meters_count_in_64_bits() {
    let mut apdu = kaifa(18, b"MA304T4");
    apdu.u32s(&[0, 0, 0, 2435, 0, 0]).octets(&clock(UNSTATED, 0));
    for value in [123_456_789_012, 77, 4_294_967_301, 0] {
        apdu.data(&Data::Unsigned64(value));
    }
    let values = named_values(&read(&apdu));
    assert!(values.contains(&"active_import_wh=123456789012".to_string()));
    assert!(values.contains(&"reactive_import_varh=4294967301".to_string()));
}

fn iskra(count: u32) -> Built {
    let mut built = Built::new(HeaderTime::Untagged(clock(SUMMER, 0x80)));
    built.structure(count).octets(b"ISK1030700000000");
    built
}

#[test]
fn iskraemeco_lists_of_slovenia_are_told_apart_by_their_types() {
    let mut power = iskra(18);
    power.octets(b"16820005").u32s(&[1393, 0, 0, 738]).u16s(&[2379, 2378, 2296, 103, 125, 597]);
    power.u32s(&[16, 51, 1325, 0, 0, 0]);
    let mut without_current = iskra(9);
    without_current.octets(b"ISK80000000").u32s(&[373, 0, 0, 112]).u16(2301).u32s(&[0, 0]);
    let mut energies = iskra(9);
    energies.u32s(&[625, 0, 12_789_950, 5_732_902, 7_057_048, 250, 112, 138]);
    let mut one_phase = iskra(10);
    one_phase.octets(b"ISK80000000").u32s(&[540, 0, 0, 282]).u16s(&[2336, 278]).u32s(&[540, 0]);
    let mut tariffs = iskra(10);
    tariffs.octets(b"16820006").u32s(&[11, 12, 21, 22, 31, 32, 41, 42]);
    let mut celje = iskra(12);
    celje.octets(b"UP_3f").u16s(&[2314, 2303, 2348, 451, 525, 88]).u32s(&[2399, 0, 4, 264]);
    let mut registers = iskra(12);
    registers.octets(b"16820006").data(&Data::Enum(1)).octets(&[0, 1]);
    registers.u32s(&[52_837, 13_593, 39_244, 177_927, 78_615, 99_312, 107_882, 43_253]);
    let mut voltage_first = iskra(8);
    voltage_first.octets(b"ISK80000000").u16s(&[2336, 278]).u32s(&[540, 0, 0, 282]);
    for (apdu, layout, values) in [
        (
            power,
            "Slovenia, Ljubljana",
            &[
                "active_import_w=1393",
                "voltage_l3_v=229.6",
                "current_l3_a=5.97",
                "active_import_l3_w=1325",
            ][..],
        ),
        (
            without_current,
            "Slovenia, one phase without current",
            &["reactive_export_var=112", "voltage_l1_v=230.1"],
        ),
        (
            energies,
            "Slovenia, one phase, powers and registers",
            &["active_import_wh=12789950", "active_export_t2_wh=138"],
        ),
        (one_phase, "Slovenia, one phase", &["current_l1_a=2.78", "active_import_l1_w=540"]),
        (
            tariffs,
            "Slovenia, registers by tariff",
            &["active_export_t1_wh=21", "reactive_export_t2_varh=42"],
        ),
        (celje, "Slovenia, Celje", &["voltage_l1_v=231.4", "active_import_w=2399"]),
        (
            registers,
            "Slovenia, Ljubljana, registers",
            &["active_import_t1_wh=13593", "reactive_export_varh=43253"],
        ),
        (
            voltage_first,
            "Slovenia, one phase, voltage first",
            &["voltage_l1_v=233.6", "reactive_export_var=282"],
        ),
    ] {
        let out = read(&apdu);
        assert_eq!(out.layout, layout);
        assert_eq!(out.manufacturer, Some(Manufacturer::Iskraemeco), "{layout}");
        let [_, id, _] = names(&apdu, &out);
        assert_eq!(id, "ISK1030700000000", "{layout}");
        assert_eq!(time_text(out.time), "2024-01-15T13:30:10+02:00");
        let named = named_values(&out);
        for value in values {
            assert!(named.iter().any(|named| named == value), "{layout}: {value} in {named:?}");
        }
    }
}

#[test]
fn registers_of_a_quarter_hour_belong_to_a_number_alone() {
    let mut apdu = Built::new(HeaderTime::Untagged(clock(SUMMER, 0x80)));
    apdu.structure(4).octets(b"80000000").data(&Data::Unsigned8(0)).u32s(&[7_924_641, 0]);
    let out = read(&apdu);
    assert_eq!(named_values(&out), ["active_import_wh=7924641", "active_export_wh=0"]);
    assert_eq!(names(&apdu, &out), ["", "80000000", ""]);
}

#[test]
fn switzerland_has_tariffs_first_and_two_voltages() {
    let mut apdu = Built::new(HeaderTime::Absent);
    apdu.structure(15).u32s(&[30, 10, 20, 7, 3, 4]).octets(b"").octets(&clock(SUMMER, 0x80));
    apdu.u32s(&[0, 499]).u16s(&[29, 172, 109, 2336, 2355]);
    let out = read(&apdu);
    let named = named_values(&out);
    for value in ["active_import_t2_wh=20", "active_import_w=499", "voltage_l3_v=235.5"] {
        assert!(named.iter().any(|named| named == value), "{value} in {named:?}");
    }
    assert!(!named.iter().any(|value| value.starts_with("voltage_l2")));
}

#[test]
fn kaernten_has_date_and_time_apart_and_empty_messages() {
    let mut apdu = Built::new(HeaderTime::Untagged(clock(SUMMER, 0x80)));
    apdu.structure(12).octets(&[0, 6, 25, 9, 0, 255]).octets(b"1121300000000");
    apdu.octets(&[13, 30, 0, 0]).octets(&[0x07, 0xE8, 1, 15, 1]);
    apdu.u32s(&[14_370_048, 420_837, 1_455_864, 2_293_936, 9, 0]).octets(b"").octets(b"");
    let out = read(&apdu);
    assert_eq!(
        named_values(&out),
        [
            "active_import_wh=14370048",
            "active_export_wh=420837",
            "reactive_import_varh=1455864",
            "reactive_export_varh=2293936",
            "active_import_w=9",
            "active_export_w=0"
        ]
    );
    assert_eq!(names(&apdu, &out), ["", "1121300000000", ""]);
    assert_eq!(time_text(out.energy_time), "2024-01-15T13:30:00");
    assert_eq!(under(&apdu, &out, "0-0:96.13.0"), None);
}

#[test]
fn croatia_has_quadrants_limits_and_a_breaker() {
    let mut apdu = Built::new(HeaderTime::Untagged(clock(SUMMER, 0x80)));
    apdu.structure(33).octets(b"92000000").octets(&[13, 30, 0, 0]);
    apdu.octets(&[0x07, 0xE8, 1, 15, 1]).u32s(&[30, 10, 20, 7, 3, 4, 51, 61, 71, 81, 499, 0]);
    apdu.u16(746).u32s(&[27, 295, 176, 0, 0, 0]).u16s(&[2336, 2354, 2355, 29, 172, 109]);
    apdu.u32(17_250);
    for _ in 0..3 {
        apdu.array(1).u16(9400);
    }
    apdu.data(&Data::Boolean(true));
    let out = read(&apdu);
    let named = named_values(&out);
    for value in [
        "active_export_t2_wh=4",
        "reactive_q4_varh=81",
        "active_import_w=499",
        "power_factor=0.746",
        "active_import_l2_w=295",
        "voltage_l3_v=235.5",
        "current_l1_a=0.29",
        "power_limiter_w=17250",
        "fuse_threshold_l2_a=94.00",
    ] {
        assert!(named.iter().any(|named| named == value), "{value} in {named:?}");
    }
    assert_eq!(under(&apdu, &out, "0-0:96.3.10").unwrap(), "1");
    assert_eq!(names(&apdu, &out), ["", "92000000", ""]);
}

#[test]
fn burgenland_begins_with_whole_volts() {
    let mut apdu = Built::new(HeaderTime::Untagged(clock(UNSTATED, 0)));
    apdu.structure(14).u16s(&[228, 226, 230, 781, 1482, 643]);
    apdu.u32s(&[5432, 0, 31_358_606, 7619]).u16s(&[400, 53, 295]).octets(b"30000000");
    let out = read(&apdu);
    let named = named_values(&out);
    for value in [
        "voltage_l2_v=226",
        "current_l2_a=14.82",
        "active_import_w=5432",
        "active_import_wh=31358606",
        "angle_ui_l2_deg=53",
    ] {
        assert!(named.iter().any(|named| named == value), "{value} in {named:?}");
    }
    assert!(!named.iter().any(|value| value.starts_with("angle_ui_l1")), "400 is no angle");
    assert_eq!(names(&apdu, &out), ["", "30000000", ""]);
    let mut short = Built::new(HeaderTime::Untagged(clock(UNSTATED, 0)));
    short.structure(11).u16s(&[2281, 2262, 2300, 781, 1482, 643]);
    short.u32s(&[5432, 0, 31_358_606, 7619]).octets(b"30000000");
    let out = read(&short);
    assert_eq!(out.layout, "Netz Burgenland");
    assert!(named_values(&out).contains(&"voltage_l1_v=228.1".to_string()));
    assert!(out.oddities.has(Oddity::ScaleAssumed));
}

#[test]
fn vienna_is_a_clock_and_eight_numbers_of_any_maker() {
    let mut apdu = Built::new(HeaderTime::Absent);
    apdu.structure(9).octets(&clock(SUMMER, 0x80)).u32s(&[18, 28, 38, 48, 17, 27, 37, 47]);
    let out = read_with(&apdu.0, None, Some(b"SMSgspw\x01")).unwrap();
    assert_eq!(out.layout, "Wiener Netze");
    assert_eq!(
        named_values(&out),
        [
            "active_import_wh=18",
            "active_export_wh=28",
            "reactive_import_varh=38",
            "reactive_export_varh=48",
            "active_import_w=17",
            "active_export_w=27",
            "reactive_import_var=37",
            "reactive_export_var=47"
        ]
    );
    assert_eq!(time_text(out.time), "2024-01-15T13:30:10+02:00");
    assert_eq!(time_text(out.energy_time), "2024-01-15T13:30:10+02:00");
}

#[test]
fn a_list_that_nobody_has_described_is_told_with_its_shape() {
    let mut apdu = Built::new(HeaderTime::Absent);
    apdu.structure(3).u32(1).u16(2).octets(b"x");
    let fault = read_with(&apdu.0, None, None).unwrap_err();
    let tags = [6, 0x12, 9, 0, 0, 0, 0, 0];
    assert_eq!(fault.cause, Cause::UnknownList { count: 3, tags });
    let mut opaque = Built::new(HeaderTime::Absent);
    opaque.octets(&[7; 30]);
    let fault = read_with(&opaque.0, None, None).unwrap_err();
    assert_eq!(fault.cause.class(), "invalid");
    let mut empty = Built::new(HeaderTime::Absent);
    empty.array(0);
    assert!(read_with(&empty.0, None, None).is_err(), "no values are no reading");
}
