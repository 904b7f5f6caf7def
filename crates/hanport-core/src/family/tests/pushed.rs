//! Pushes that describe themselves.

use super::*;
use crate::manufacturer::Manufacturer;

/// A push of entries with their values; the entry of the array itself comes first.
fn push(own_entry: bool, entries: &[(u16, &str, i8, Data<'_>)]) -> Built {
    let mut built = Built::new(HeaderTime::Untagged(clock(UNSTATED, 0x81)));
    let count = u32::try_from(entries.len()).unwrap();
    built.structure(count + 1).array(count + u32::from(own_entry));
    let own = own_entry.then_some((40u16, "0-8:25.9.0", 2i8));
    let listed = entries.iter().map(|(class, code, attribute, _)| (*class, *code, *attribute));
    for (class, code, attribute) in own.into_iter().chain(listed) {
        built.structure(4).u16(class).code(code).data(&Data::Int8(attribute)).u16(0);
    }
    for (_, _, _, value) in entries {
        built.data(value);
    }
    built
}

const U8_SETUP: [u8; 6] = [0, 8, 25, 9, 0, 255];

pub(super) fn landis_gyr() -> Built {
    push(
        true,
        &[
            (40, "0-8:25.9.0", 1, Data::OctetString(&U8_SETUP)),
            (1, "0-0:96.1.0", 2, Data::OctetString(b"63000000")),
            (3, "1-0:1.7.0", 2, Data::Unsigned32(362)),
            (3, "1-1:1.8.0", 2, Data::Unsigned32(2_302_502)),
            (3, "1-1:8.8.0", 2, Data::Unsigned32(706_216)),
            (3, "1-0:31.7.0", 2, Data::Unsigned16(51)),
            (3, "1-0:32.7.0", 2, Data::Unsigned16(234)),
        ],
    )
}

#[test]
fn each_value_has_the_code_of_its_entry() {
    let apdu = landis_gyr();
    let out = read(&apdu);
    assert_eq!(
        named_values(&out),
        [
            "active_import_w=362",
            "active_import_wh=2302502",
            "reactive_q4_varh=706216",
            "current_l1_a=0.51",
            "voltage_l1_v=234"
        ]
    );
    assert_eq!(names(&apdu, &out), ["", "63000000", ""]);
    assert_eq!(out.manufacturer, Some(Manufacturer::LandisGyr));
    assert!(out.oddities.has(crate::reading::Oddity::ClockInvalid));
    assert_eq!(out.layout, "self-describing push");
}

#[test]
fn transformer_meters_push_primary_values_in_64_bits() {
    let out = read(&push(
        true,
        &[
            (3, "1-1:1.8.0", 2, Data::Unsigned64(98_765_432_100)),
            (3, "1-0:31.7.0", 2, Data::Int64(123)),
            (3, "1-0:32.7.0", 2, Data::Int64(231)),
        ],
    ));
    assert_eq!(
        named_values(&out),
        ["active_import_wh=98765432100", "current_l1_a=123", "voltage_l1_v=231"]
    );
}

#[test]
fn the_device_name_tells_the_scales() {
    let entries = |name| {
        push(
            false,
            &[
                (1, "0-0:42.0.0", 2, Data::OctetString(name)),
                (
                    8,
                    "0-0:1.0.0",
                    2,
                    Data::OctetString(&[0x07, 0xE8, 1, 15, 1, 13, 30, 0, 0, 0x80, 0, 0]),
                ),
                (3, "1-0:32.7.0", 2, Data::Unsigned16(2345)),
                (3, "1-0:72.7.0", 2, Data::Unsigned16(0)),
                (3, "1-0:13.7.0", 2, Data::Unsigned16(998)),
                (3, "1-0:1.8.0", 2, Data::Unsigned32(5)),
            ],
        )
    };
    let iskra = entries(b"ISK1030700000000");
    let out = read(&iskra);
    assert_eq!(out.manufacturer, Some(Manufacturer::Iskraemeco));
    assert!(!out.oddities.has(crate::reading::Oddity::ScaleAssumed));
    assert_eq!(names(&iskra, &out), ["", "ISK1030700000000", ""]);
    assert_eq!(time_text(out.energy_time), "2024-01-15T13:30:00");
    let landis_gyr = read(&entries(b"LGZ1030700000000"));
    assert!(landis_gyr.oddities.has(crate::reading::Oddity::ScaleAssumed));
    for out in [out, landis_gyr] {
        let values = named_values(&out);
        let [volts, dead, factor, _] = values.as_slice() else { panic!("{values:?}") };
        assert_eq!(
            [volts, dead, factor],
            ["voltage_l1_v=234.5", "voltage_l3_v=0.0", "power_factor=0.998"]
        );
    }
}

#[test]
fn scalers_and_capture_times_join_their_values() {
    let mut apdu = Built::new(HeaderTime::Absent);
    let entries = [
        (3u16, "1-0:1.8.0", 3i8),
        (3, "1-0:1.8.0", 2),
        (4, "0-1:24.2.1", 2),
        (4, "0-1:24.2.1", 5),
        (3, "1-0:31.7.0", 2),
        (3, "1-0:31.7.0", 3),
    ];
    apdu.structure(7).array(6);
    for (class, code, attribute) in entries {
        apdu.structure(4).u16(class).code(code).data(&Data::Int8(attribute)).u16(0);
    }
    apdu.scale(3, 30).u32(15).u32(1_234_567).octets(&clock(UNSTATED, 0));
    apdu.u16(777).scale(-1, 33);
    let out = read(&apdu);
    assert_eq!(named_values(&out), ["active_import_wh=15000", "current_l1_a=77.7"]);
    assert_eq!(under(&apdu, &out, "0-1:24.2.1").unwrap(), "1234.567 m3");
    let gas = out.items.iter().find(|item| item.obis.channel() == 1).unwrap();
    assert_eq!(time_text(gas.at), "2024-01-15T13:30:10");
}

#[test]
fn entries_may_have_two_members_more() {
    let mut apdu = Built::new(HeaderTime::Absent);
    apdu.structure(2).array(2);
    for code in ["0-1:25.9.0", "1-0:1.7.0"] {
        apdu.structure(6).u16(3).code(code).data(&Data::Int8(2)).u16(0);
        apdu.structure(2).data(&Data::Enum(0)).data(&Data::Null).array(0);
    }
    apdu.u32(777);
    let out = read(&apdu);
    assert_eq!(named_values(&out), ["active_import_w=777"]);
    assert_eq!(out.layout, "self-describing push with restrictions (Energomera)");
}

#[test]
fn entries_and_values_that_do_not_match_are_refused() {
    let mut apdu = Built::new(HeaderTime::Absent);
    apdu.structure(5).array(1).structure(4).u16(3).code("1-0:1.7.0").data(&Data::Int8(2)).u16(0);
    apdu.u32s(&[1, 2, 3, 4]);
    assert_eq!(read_with(&apdu.0, None, None).unwrap_err().cause.class(), "invalid");
}

#[test]
fn a_value_of_many_members_is_passed_over() {
    let mut apdu = push(
        true,
        &[(3, "1-0:1.7.0", 2, Data::Unsigned32(362)), (7, "1-0:99.1.0", 2, Data::Array(2))],
    );
    apdu.u32(1).u32(2);
    assert_eq!(named_values(&read(&apdu)), ["active_import_w=362"]);
}
