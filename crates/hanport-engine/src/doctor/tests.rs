//! Whatever arrives there is a report; searches, and what it takes.

use hanport_core::session::push::{Event, Options, Session};
use proptest::collection::vec;
use proptest::prelude::*;

use super::*;
use crate::line::LineErrors;

/// What may arrive: octets of several kinds, and events.
fn arrival() -> impl Strategy<Value = (i64, LineEvent, Vec<u8>)> {
    let event = prop_oneof![
        Just(LineEvent::Pause),
        Just(LineEvent::Opened("x".to_owned())),
        Just(LineEvent::Closed("y".to_owned())),
        Just(LineEvent::Errors(LineErrors { parity: u32::MAX, ..LineErrors::default() })),
        Just(LineEvent::Dropped(u64::MAX)),
        any::<bool>().prop_map(|right| LineEvent::Settings(LineSettings::plain(2400), right)),
    ];
    let octets = prop_oneof![
        vec(any::<u8>(), 0..80),
        vec(prop_oneof![Just(0x00u8), Just(0xFF)], 0..80),
        Just(b"/TST5\\1\r\n\r\n1-0:1.7.0(00.016*kW)\r\n!0AE9\r\n".to_vec()),
        Just(b"/TST5\\1\r\n\r\n1-0:1.7.0(00.017*kW)\r\n!0AE9\r\n".to_vec()),
    ];
    (-2000i64..200_000, event, octets)
}

proptest! {
    #[test]
    fn whatever_comes_there_is_a_report(all in vec(arrival(), 0..40)) {
        let mut now = UtcMillis::from_seconds(1_705_320_000);
        let mut doctor = Doctor::new(now);
        let mut session = Box::new(Session::<256>::new(Options::default()));
        let mut message = Message::new(now);
        for (ms, event, octets) in all {
            now = now.plus(ms);
            doctor.handle_arrival(&Arrival::Event(now, event));
            doctor.handle_arrival(&Arrival::Octets(now, octets.clone()));
            let mut rest = octets.as_slice();
            while let Some(event) = session.poll(&mut rest) {
                match event {
                    Event::Fault(fault) => doctor.handle_fault(now, &fault),
                    Event::Reading(reading) => {
                        message.read(&reading, now);
                        doctor.handle_message(now, &message);
                    }
                }
            }
            let report = doctor.report(now);
            let order: Vec<Layer> = report.layers.iter().map(|layer| layer.layer).collect();
            prop_assert!(order.is_sorted() && order.len() == 6);
            prop_assert!(report.findings.is_sorted_by(|a, b| a.certainty >= b.certainty));
            for finding in &report.findings {
                prop_assert!(finding.certainty <= 100 && !finding.because.is_empty());
                prop_assert!(!finding.remedies.is_empty());
            }
            prop_assert!(doctor.heard.len() <= KEPT && doctor.sample.len() <= KEPT);
        }
    }
}

#[test]
fn a_doctor_takes_a_few_kilobytes() {
    assert!(size_of::<Doctor>() + 2 * KEPT < 8192, "{}", size_of::<Doctor>());
}

#[test]
fn what_was_heard_with_other_settings_does_not_count() {
    let now = UtcMillis::from_seconds(1_705_320_000);
    let mut doctor = Doctor::new(now);
    let settings = |baud, right| LineEvent::Settings(LineSettings::plain(baud), right);
    doctor.handle_arrival(&Arrival::Event(now, LineEvent::Opened("x".to_owned())));
    doctor.handle_arrival(&Arrival::Event(now, settings(9600, false)));
    doctor.handle_arrival(&Arrival::Octets(now, [0x78, 0x80, 0xF8].repeat(70)));
    let speaking = doctor.report(now.plus(1000));
    assert_eq!(speaking.findings[0].cause, "wrong_speed");
    assert_eq!(speaking.findings[0].certainty, 50, "it is being searched");
    doctor.handle_arrival(&Arrival::Event(now.plus(1000), settings(2400, false)));
    assert_eq!(doctor.report(now.plus(1000)).findings, []);
}

#[test]
fn a_search_without_end_is_not_waited_for() {
    let mut now = UtcMillis::from_seconds(1_705_320_000);
    let mut doctor = Doctor::new(now);
    let garbage: Vec<u8> = (0..120u32)
        .map(|n| (n.wrapping_mul(n).wrapping_mul(2_654_435_761) >> 13).to_le_bytes()[0])
        .chain([0xFF; 12])
        .collect();
    doctor.handle_arrival(&Arrival::Event(now, LineEvent::Opened("x".to_owned())));
    for n in 0..14 {
        let settings = LineSettings::plain(if n % 2 == 0 { 9600 } else { 2400 });
        doctor.handle_arrival(&Arrival::Event(now, LineEvent::Settings(settings, false)));
        now = now.plus(5000);
        doctor.handle_arrival(&Arrival::Octets(now, garbage.clone()));
        now = now.plus(1000);
        let report = doctor.report(now);
        let first = &report.findings[0];
        if n < 11 {
            assert!(first.certainty <= 50, "{n}: {report:#?}");
        } else {
            assert_eq!((first.cause, first.certainty), ("weak_power", 65), "{n}: {report:#?}");
        }
    }
}
