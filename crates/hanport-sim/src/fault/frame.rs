//! Faults of frames: checks, segments, flags, line ends.
//!
//! Frames are taken as they were built, changed, and where the fault asks for it given a fitting
//! check again, so that exactly the named thing is wrong.

use super::FaultId;
use crate::rng::Rng;
use crate::wire::frame::x25;

/// Strikes the frames of one message.
pub(crate) fn strike(id: FaultId, frames: &mut Vec<Vec<u8>>, previous_flag: bool, rng: &mut Rng) {
    match id {
        FaultId::BadFcs => last_hdlc(frames, |frame, len| {
            if let Some(octet) = frame.get_mut(len - 2) {
                *octet ^= 0x55;
            }
        }),
        FaultId::BadHcsGoodFcs => last_hdlc(frames, |frame, _| {
            if let Some(octet) = header_check(frame).and_then(|at| frame.get_mut(at)) {
                *octet ^= 0x55;
            }
            close(frame);
        }),
        FaultId::ZeroChecksum => {
            for frame in frames.iter_mut().filter(|frame| is_hdlc(frame)) {
                zero_checks(frame);
            }
        }
        FaultId::TrueZeroFcs => last_hdlc(frames, |frame, _| make_zero(frame)),
        FaultId::ShortFrame if frames.first().is_some_and(|frame| is_hdlc(frame)) => {
            // Seven octets between the flags: format, addresses, control, one check.
            let mut short = vec![0x7E, 0xA0, 0x07, 0x41, 0x03, 0x13, 0, 0, 0x7E];
            close(&mut short);
            frames.insert(0, short);
        }
        FaultId::SharedFlag => {
            // The flag that ended the frame before begins this one.
            let follows = (usize::from(!previous_flag)..).take(frames.len());
            for at in follows {
                if let Some(frame) = frames.get_mut(at).filter(|frame| is_hdlc(frame)) {
                    frame.remove(0);
                }
            }
        }
        FaultId::DoubleFlag => {
            if let Some(first) = frames.first_mut().filter(|f| is_hdlc(f)) {
                first.insert(0, 0x7E);
            }
        }
        FaultId::LostSegment if frames.len() > 1 => {
            let lost = usize::try_from(rng.below(frames.len() as u64)).unwrap_or(0);
            frames.remove(lost);
        }
        FaultId::ReorderBlocks => reorder(frames, rng),
        FaultId::CrcAbsent
        | FaultId::CrcLower
        | FaultId::CrcUnpadded
        | FaultId::LfOnly
        | FaultId::LfOnlyChecked => {
            // A ciphered body has no lines.
            let plain = |frame: &&mut Vec<u8>| frame.first() == Some(&b'/') && frame.is_ascii();
            if let Some(text) = frames.first_mut().filter(plain) {
                telegram(id, text);
            }
        }
        _ => {}
    }
}

fn is_hdlc(frame: &[u8]) -> bool {
    matches!(frame, [0x7E, format, ..] if format & 0xF0 == 0xA0)
}

fn last_hdlc(frames: &mut [Vec<u8>], change: impl Fn(&mut [u8], usize)) {
    if let Some(frame) = frames.last_mut().filter(|frame| is_hdlc(frame)) {
        let len = frame.len();
        change(frame, len);
    }
}

/// Where the header check stands: behind two addresses and the control octet.
fn header_check(frame: &[u8]) -> Option<usize> {
    let mut at = 3;
    for _ in 0..2 {
        while frame.get(at)? & 1 == 0 {
            at += 1;
        }
        at += 1;
    }
    Some(at + 1)
}

/// Gives a frame the frame check that fits.
fn close(frame: &mut [u8]) {
    let len = frame.len();
    let Some(body) = frame.get(1..len.saturating_sub(3)) else { return };
    let check = x25(body).to_le_bytes();
    if let Some(place) = frame.get_mut(len - 3..len - 1) {
        place.copy_from_slice(&check);
    }
}

fn zero_checks(frame: &mut [u8]) {
    let len = frame.len();
    let header = header_check(frame).unwrap_or(0);
    for range in [header..header + 2, len - 3..len - 1] {
        if let Some(place) = frame.get_mut(range) {
            place.fill(0);
        }
    }
}

/// Changes the two low octets of the invoke id until the frame check is 0000.
///
/// Both octets stand in one place, and the check is linear, so exactly one value fits.
fn make_zero(frame: &mut [u8]) {
    let Some(start) = header_check(frame).map(|at| at + 2) else { return };
    // Only a frame with LLC octets and a plain data-notification has an invoke id to change.
    if frame.get(start..start + 4) != Some(&[0xE6, 0xE7, 0x00, 0x0F]) {
        return;
    }
    for value in 0..=u16::MAX {
        if let Some(place) = frame.get_mut(start + 6..start + 8) {
            place.copy_from_slice(&value.to_be_bytes());
        }
        let len = frame.len();
        if x25(frame.get(1..len - 3).unwrap_or_default()) == 0 {
            break;
        }
    }
    close(frame);
}

/// Sends a block twice, or breaks off after some blocks and starts again.
fn reorder(frames: &mut Vec<Vec<u8>>, rng: &mut Rng) {
    let count = frames.len();
    if count < 2 {
        return;
    }
    let some = 1 + usize::try_from(rng.below(count as u64 - 1)).unwrap_or(0);
    if rng.chance(0.5) {
        let again = frames.get(some - 1).cloned().unwrap_or_default();
        frames.insert(some, again);
    } else {
        let begun: Vec<_> = frames.iter().take(some).cloned().collect();
        frames.splice(0..0, begun);
    }
}

fn telegram(id: FaultId, text: &mut Vec<u8>) {
    let Some(end) = text.iter().rposition(|octet| *octet == b'!') else { return };
    let digits: Vec<u8> =
        text.iter().skip(end + 1).take_while(|o| o.is_ascii_hexdigit()).copied().collect();
    let shown: Vec<u8> = match id {
        FaultId::CrcAbsent => Vec::new(),
        FaultId::CrcLower => digits.to_ascii_lowercase(),
        FaultId::CrcUnpadded => {
            let zeros = digits.iter().take_while(|o| **o == b'0').count();
            digits.get(zeros.min(digits.len().saturating_sub(1))..).unwrap_or_default().to_vec()
        }
        _ => digits,
    };
    text.truncate(end + 1);
    if matches!(id, FaultId::LfOnly | FaultId::LfOnlyChecked) {
        text.retain(|octet| *octet != b'\r');
        if id == FaultId::LfOnlyChecked && !shown.is_empty() {
            let crc = hanport_core::link::crc::ARC.checksum(text);
            text.extend(format!("{crc:04X}").as_bytes());
        } else {
            text.extend(shown);
        }
        text.push(b'\n');
    } else {
        text.extend(shown);
        text.extend(b"\r\n");
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::frame::hdlc;

    fn message() -> Vec<Vec<u8>> {
        let info = b"\xE6\xE7\x00\x0F\x40\x00\x00\x00\x00\x02\x01\x06\x00\x00\x04\xD2";
        vec![hdlc(&[0x01, 0x02, 0x01], 0x10, false, info)]
    }

    fn checks(frame: &[u8]) -> (bool, bool) {
        let at = header_check(frame).unwrap();
        let end = frame.len() - 3;
        let header = x25(&frame[1..at]).to_le_bytes() == frame[at..at + 2];
        (header, x25(&frame[1..end]).to_le_bytes() == frame[end..end + 2])
    }

    #[test]
    fn exactly_the_named_check_is_wrong() {
        for (id, want) in [
            (FaultId::BadFcs, (true, false)),
            (FaultId::BadHcsGoodFcs, (false, true)),
            (FaultId::TrueZeroFcs, (true, true)),
        ] {
            let mut frames = message();
            strike(id, &mut frames, false, &mut Rng::new(1, "f"));
            assert_eq!(checks(&frames[0]), want, "{id}");
        }
    }

    #[test]
    fn a_true_zero_check_is_computed_and_zero() {
        let mut frames = message();
        strike(FaultId::TrueZeroFcs, &mut frames, false, &mut Rng::new(1, "f"));
        let end = frames[0].len() - 3;
        assert_eq!(frames[0][end..end + 2], [0, 0]);
    }

    #[test]
    fn a_shared_flag_needs_a_flag_before() {
        for (previous, shorter) in [(false, 0), (true, 1)] {
            let mut frames = message();
            let len = frames[0].len();
            strike(FaultId::SharedFlag, &mut frames, previous, &mut Rng::new(1, "f"));
            assert_eq!(frames[0].len(), len - shorter);
        }
    }

    #[test]
    fn checksum_lines_take_every_form() {
        // The telegram whose published checksum begins with a zero.
        let text = b"/TST5\\1\r\n\r\n1-0:1.7.0(00.016*kW)\r\n!0AE9\r\n";
        for (id, end) in [
            (FaultId::CrcAbsent, "!\r\n"),
            (FaultId::CrcLower, "!0ae9\r\n"),
            (FaultId::CrcUnpadded, "!AE9\r\n"),
            (FaultId::LfOnly, "\n!0AE9\n"),
        ] {
            let mut frames = vec![text.to_vec()];
            strike(id, &mut frames, false, &mut Rng::new(1, "f"));
            assert!(frames[0].ends_with(end.as_bytes()), "{id}");
        }
    }
}
