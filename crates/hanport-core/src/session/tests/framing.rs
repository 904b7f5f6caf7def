//! Each framing, alone and side by side.

use super::*;

const KAIFA: [u8; 41] = hex!(
    "7EA02701020110 5A87 E6E700 0F40000000 090C07E2010F010F1E0AFF800000 0201 06000004D2 72A7 7E"
);
const AIDON: [u8; 44] = hex!(
    "7EA02A41088313 0413 E6E700 0F4000000000 0101 0203 09060100010700FF 06000004D2
     0202 0F00 161B 19F2 7E"
);

fn reading(start: u64, octets: usize, framing: Framing, body: &[u8]) -> Seen {
    let check = if framing == Framing::Dlms { Check::Absent } else { Check::Valid };
    Seen::Reading { start, octets, framing, check, body: body.to_vec() }
}

#[test]
fn published_frames_are_read() {
    assert_eq!(run(&KAIFA), [reading(0, 41, Framing::Hdlc, &LIST)]);
    assert_eq!(run(&AIDON), [reading(0, 44, Framing::Hdlc, &OTHER)]);
}

#[test]
fn one_flag_may_close_and_open() {
    let mut shared = KAIFA.to_vec();
    shared.extend(&AIDON[1..]);
    shared.extend(&KAIFA[1..]);
    let seen = run(&shared);
    assert_eq!(bodies(&seen), [&LIST[..], &OTHER, &LIST]);
    assert_eq!(seen[1], reading(40, 44, Framing::Hdlc, &OTHER));
    assert_eq!(seen.len(), 3);
}

#[test]
fn flags_may_stand_back_to_back() {
    let doubled = [&[0x7E; 3][..], &KAIFA, &[0x7E], &AIDON, &[0x7E; 2]].concat();
    assert_eq!(classes(&run(&doubled)), ["reading"; 2]);
}

#[test]
fn flags_and_escapes_inside_are_data() {
    let mut apdu = LIST;
    apdu[22..26].copy_from_slice(&[0x7E, 0x7D, 0x7E, 0xA0]);
    let stream = [hdlc_message(&apdu), hdlc_message(&LIST)].concat();
    assert_eq!(bodies(&run(&stream)), [&apdu[..], &LIST]);
}

#[test]
fn frames_without_data_are_passed_over() {
    let mut room = [0; 32];
    let mut out = Writer::new(&mut room);
    let address = hdlc::Address::short(16);
    hdlc::emit(address, address, 0x73, false, &[], &mut out).unwrap();
    hdlc::emit(address, address, 0x73, false, &[0x81, 0x80, 0x00], &mut out).unwrap();
    let quiet =
        [out.written(), &[mbus::ACKNOWLEDGE], &hex!("1040F03016"), &hex!("68030368 53FE50 A116")]
            .concat();
    let mut session = Session::<256>::new(Options::default());
    let mut seen = Vec::new();
    drain(&mut session, &quiet, &mut seen);
    end(&mut session, &mut seen);
    assert_eq!(seen, []);
    assert_eq!((session.counts().quiet_frames, session.counts().skipped), (3, 0));
}

#[test]
fn m_bus_frames_are_read() {
    let stream = [segment(0, true, &LIST), segment(0, true, &OTHER)].concat();
    let seen = run(&stream);
    assert_eq!(seen[0], reading(0, 37, Framing::Mbus, &LIST));
    assert_eq!(seen[1], reading(37, 40, Framing::Mbus, &OTHER));
}

#[test]
fn unknown_applications_are_named() {
    let mut room = [0; 32];
    let mut out = Writer::new(&mut room);
    mbus::emit(0x08, 5, 0x51, &[1, 2, 3], &mut out).unwrap();
    let seen = run(out.written());
    assert_eq!(classes(&seen), ["invalid"]);
    let apdu = hdlc_message(&[0xC4, 1, 0]);
    let unsupported = crate::fault::Cause::Unsupported(0xC4);
    assert!(matches!(&run(&apdu)[..], [Seen::Fault(fault)] if fault.cause == unsupported));
}

#[test]
fn framings_may_follow_each_other() {
    let stream = [&hdlc_message(&LIST)[..], &segment(0, true, &OTHER), &KAIFA].concat();
    assert_eq!(bodies(&run(&stream)), [&LIST[..], &OTHER, &LIST]);
}

#[test]
fn zero_checks_are_told() {
    let mut bytes = KAIFA;
    bytes[7..9].fill(0);
    bytes[38..40].fill(0);
    let seen = run(&bytes);
    assert!(matches!(&seen[..], [Seen::Reading { check: Check::Zero, .. }]), "{seen:?}");
}

#[test]
fn noise_is_one_fault_at_its_end() {
    for noise in [&[0xFF; 5000][..], &[0; 5000], &[0x68; 5000], &[0x7E; 5000]] {
        let seen = run(noise);
        assert_eq!(classes(&seen), ["not-data"], "{:02X}", noise[0]);
    }
    let mut session = Session::<64>::new(Options::default());
    let mut seen = Vec::new();
    drain(&mut session, &[0xFF; 100], &mut seen);
    drain(&mut session, &KAIFA, &mut seen);
    drain(&mut session, &[0xFF; 100], &mut seen);
    end(&mut session, &mut seen);
    assert_eq!(classes(&seen), ["reading"]);
    assert_eq!(session.counts().skipped, 200);
    end(&mut session, &mut seen);
    assert_eq!(seen.len(), 1, "silence is no noise");
}

#[test]
fn a_pause_cuts_a_frame_off() {
    let mut session = Session::<64>::new(Options::default());
    let mut seen = Vec::new();
    drain(&mut session, &KAIFA[..30], &mut seen);
    assert_eq!(seen, []);
    end(&mut session, &mut seen);
    assert_eq!(classes(&seen), ["truncated"]);
    drain(&mut session, &KAIFA, &mut seen);
    assert_eq!(seen[1], reading(30, 41, Framing::Hdlc, &LIST));
}
