//! What holds for all lists.

use super::*;
use crate::fault::Cause;
use crate::reading::{MAX_ITEMS, Oddity};
use proptest::collection::vec;
use proptest::prelude::*;

fn samples() -> [Built; 3] {
    [coded::aidon(), coded::netz_noe(b"181220000009"), pushed::landis_gyr()]
}

#[test]
fn a_cut_list_is_no_reading() {
    for apdu in samples() {
        for cut in 0..apdu.0.len() {
            let fault = read_with(&apdu.0[..cut], None, None).unwrap_err();
            assert_eq!(fault.cause.class(), "truncated", "cut at {cut}");
        }
    }
}

#[test]
fn a_few_stale_octets_behind_a_list_do_not_matter_and_many_are_odd() {
    for apdu in samples() {
        let mut stale = apdu.clone();
        stale.0.extend([0xAA; 12]);
        let out = read(&stale);
        assert_eq!(named_values(&out), named_values(&read(&apdu)));
        assert!(!out.oddities.has(Oddity::TrailingOctets));
        stale.0.push(0xAA);
        assert!(read(&stale).oddities.has(Oddity::TrailingOctets));
    }
}

#[test]
fn values_point_to_where_they_stand() {
    for apdu in samples() {
        let out = read(&apdu);
        for item in &out.items {
            let octets = item.span.of(&apdu.0);
            assert!(!octets.is_empty(), "{item:?}");
            let element = crate::cosem::axdr::Cursor::new(octets).element().unwrap();
            assert_eq!(element.end, octets.len(), "{item:?}");
        }
    }
}

#[test]
fn more_values_than_a_reading_holds_are_refused() {
    let mut apdu = Built::new(HeaderTime::Absent);
    apdu.structure(300);
    for _ in 0..150 {
        apdu.pair("1-0:1.7.0", 1);
    }
    let fault = read_with(&apdu.0, None, None).unwrap_err();
    assert_eq!(fault.cause, Cause::TooManyValues(MAX_ITEMS));
}

#[test]
fn other_messages_are_not_read() {
    let fault = read_with(&[0xC4, 1, 0, 0], None, None).unwrap_err();
    assert_eq!(fault.cause, Cause::Unsupported(0xC4));
}

proptest! {
    #[test]
    fn never_panics(octets: Vec<u8>, hint in 0usize..12) {
        let hint = Hint::ALL.get(hint).map(|(_, hint)| *hint);
        let _ = read_with(&octets, hint, None);
    }

    #[test]
    fn never_panics_on_what_looks_like_a_list(
        body in vec(prop_oneof![0u8..0x1C, any::<u8>(), Just(0xFF)], 0..200),
        structure: bool,
    ) {
        let mut octets = vec![0x0F, 0, 0, 0, 0, 0, if structure { 2 } else { 1 }];
        octets.extend(body);
        let _ = read_with(&octets, None, None);
    }

    #[test]
    fn never_panics_on_a_damaged_list(
        which in 0usize..3, at: prop::sample::Index, value: u8,
    ) {
        let mut octets = samples()[which].0.clone();
        let at = at.index(octets.len());
        octets[at] = value;
        let _ = read_with(&octets, None, None);
    }
}

#[test]
fn a_power_of_ten_that_no_meter_counts_in_is_damage() {
    for (scaler, class) in [(12, None), (-12, None), (13, Some("invalid")), (127, Some("invalid"))]
    {
        let mut apdu = Built::new(HeaderTime::Absent);
        apdu.array(1).register("1-0:1.7.0", 400, scaler, 27);
        let read = read_with(&apdu.0, None, None);
        assert_eq!(read.err().map(|fault| fault.cause.class()), class, "{scaler}");
    }
}

#[test]
fn tagged_times_are_times_and_what_is_no_number_is_absent() {
    let mut apdu = Built::new(HeaderTime::Absent);
    let whole = clock([0xFF, 0xC4], 0);
    apdu.structure(10).code("0-0:1.0.0").data(&Data::DateTime(&whole));
    apdu.code("1-0:0.9.2").data(&Data::Date(&[0x07, 0xE8, 1, 15, 1]));
    apdu.code("1-0:0.9.1").data(&Data::Time(&[13, 30, 10, 0]));
    apdu.code("1-0:2.8.0").data(&Data::Unsigned64(u64::MAX)).pair("1-0:1.7.0", 5);
    let out = read(&apdu);
    assert_eq!(time_text(out.time), "2024-01-15T13:30:10+01:00");
    assert_eq!(named_values(&out), ["active_import_w=5"]);
}

#[test]
fn two_members_behind_a_code_that_are_no_scaled_value_are_passed_over() {
    let mut apdu = Built::new(HeaderTime::Absent);
    apdu.structure(4).code("1-0:2.7.0").structure(2).u32(7).u32(8).pair("1-0:1.7.0", 5);
    assert_eq!(named_values(&read(&apdu)), ["active_import_w=5"]);
}

#[test]
fn an_event_may_hold_a_list() {
    let (time, obis) = (HeaderTime::Absent, Obis::general(25, 9, 0));
    let header = Header::EventNotification { time, class: 40, obis, attribute: 2 };
    let mut apdu = Built(vec![]);
    apdu.put(|writer| header.emit(writer)).structure(2).pair("1-0:1.7.0", 1393);
    assert_eq!(named_values(&read(&apdu)), ["active_import_w=1393"]);
}

#[test]
fn what_is_left_out_between_clock_and_codes_says_nothing() {
    let mut apdu = Built::new(HeaderTime::Absent);
    apdu.structure(4).octets(&clock(UNSTATED, 0)).data(&Data::Null).pair("1-0:1.7.0", 5);
    assert_eq!(named_values(&read(&apdu)), ["active_import_w=5"]);
}
