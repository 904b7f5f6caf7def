//! Faults of the line: bit errors, bursts, lost and doubled octets.

use super::{Fault, FaultId};
use crate::rng::Rng;

/// Strikes the octets of one message; says whether it changed anything.
pub(crate) fn strike(fault: &Fault, octet_ns: u64, bytes: &mut Vec<u8>, rng: &mut Rng) -> bool {
    let before = bytes.len();
    match fault.id {
        FaultId::BitFlip => flip_bits(bytes, fault.probability, rng),
        FaultId::BrownOut => flip_bits(bytes, 0.002, rng),
        FaultId::Burst => {
            let burst = rng.between(5_000_000, 50_000_000).unsigned_abs();
            let count =
                usize::try_from(burst / octet_ns.max(1)).unwrap_or(1).clamp(1, before.max(1));
            let start = place(rng, before);
            for octet in bytes.iter_mut().skip(start).take(count) {
                *octet = if rng.chance(0.3) { 0xFF } else { rng.octet() };
            }
            true
        }
        FaultId::CrlfMangle => {
            let mangled: Vec<u8> = bytes
                .iter()
                .flat_map(|octet| {
                    let inserted = (*octet == b'\n').then_some(b'\r');
                    inserted.into_iter().chain([*octet])
                })
                .collect();
            *bytes = mangled;
            bytes.len() != before
        }
        FaultId::DropBytes => {
            for _ in 0..rng.between(1, 3) {
                if !bytes.is_empty() {
                    bytes.remove(place(rng, bytes.len()));
                }
            }
            true
        }
        FaultId::DupBytes => {
            for _ in 0..rng.between(1, 3) {
                let at = place(rng, bytes.len());
                if let Some(octet) = bytes.get(at).copied() {
                    bytes.insert(at, octet);
                }
            }
            true
        }
        FaultId::Duplicate => {
            let again = bytes.clone();
            bytes.extend(again);
            true
        }
        FaultId::IdleNoise => {
            let noise = rng.between(1, 40);
            let noise: Vec<u8> =
                (0..noise).map(|_| if rng.chance(0.5) { 0xFF } else { 0x00 }).collect();
            bytes.splice(0..0, noise);
            true
        }
        FaultId::Truncate => {
            // More than an end mark is cut off, without which some messages still read.
            bytes.truncate(place(rng, before.saturating_sub(8)).max(1));
            true
        }
        _ => false,
    }
}

fn place(rng: &mut Rng, len: usize) -> usize {
    usize::try_from(rng.below(len as u64)).unwrap_or(0)
}

/// Flips each bit with a small probability: the distance to the next error is drawn in steps of
/// an octet, so that clean stretches cost little.
fn flip_bits(bytes: &mut [u8], probability: f64, rng: &mut Rng) -> bool {
    let clean = (1.0 - probability).powi(8);
    let mut flipped = false;
    for octet in bytes {
        if rng.unit() < clean {
            continue;
        }
        // At least one of the eight bits is wrong.
        let certain = 1u8 << rng.below(8);
        let mut mask = certain;
        for bit in 0..8 {
            if rng.chance(probability) {
                mask |= 1 << bit;
            }
        }
        *octet ^= mask;
        flipped = true;
    }
    flipped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bit_errors_come_as_often_as_asked() {
        let mut rng = Rng::new(4, "bits");
        let mut bytes = vec![0u8; 1_000_000];
        flip_bits(&mut bytes, 1e-4, &mut rng);
        let errors: u32 = bytes.iter().map(|octet| octet.count_ones()).sum();
        assert!((650..950).contains(&errors), "{errors} of 8 000 000 bits");
    }

    #[test]
    fn every_fault_of_the_line_changes_the_message() {
        for id in [
            FaultId::Burst,
            FaultId::DropBytes,
            FaultId::DupBytes,
            FaultId::Duplicate,
            FaultId::IdleNoise,
            FaultId::Truncate,
            FaultId::CrlfMangle,
        ] {
            let original: Vec<u8> = (0..200).collect();
            let mut bytes = original.clone();
            let fault = Fault::always(id);
            assert!(strike(&fault, 4_583_333, &mut bytes, &mut Rng::new(2, "line")));
            assert_ne!(bytes, original, "{id}");
        }
    }
}
