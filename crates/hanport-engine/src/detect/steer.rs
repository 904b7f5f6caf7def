//! What a burst heard with wrong settings says about the right ones.
//!
//! - Time: a message has some tens to some thousands of octets, so that the length of a burst in
//!   seconds bounds the speed at which it was sent.
//! - Fill: a receiver that is too fast gets characters with pauses between them, about two for
//!   each that is sent. Half of the time filled means about four times too fast.
//! - Bits: a receiver three times too fast or faster gets octets of long runs of equal bits.
//! - Debris: a parity bit awaited in vain, and turned levels, leave octets that are known.
//! - A telegram that comes damaged with seven bits may have octets of eight bits in it.
//! - Text whose octets all have an even number of ones has seven bits and a parity bit.

use super::burst::Burst;
use super::judge::{Judge, SETTLED, Verdict};
use super::table::SPEEDS;
use crate::explain::diagnosis::{Diagnosis, Likeness};
use crate::line::{LineSettings, Parity};
use hanport_core::session::push::Options;

/// The fewest octets of a message, and the most, taken generously.
const FEWEST: i64 = 20;
const MOST: i64 = 3000;
/// What evidence for or against a speed weighs; ranks differ by a tenth of it.
const WEIGHT: i32 = 60;
/// What evidence for one setting weighs.
pub(super) const STRONG: i32 = 150;
/// So many parity bits do not fit by chance.
const SURE: usize = 64;
/// Fewer octets than this look like anything.
const ENOUGH: usize = 12;

/// What one burst says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Hint {
    /// For (or against) the speeds of the table.
    pub(super) speeds: [i32; SPEEDS.len()],
    /// For one setting.
    pub(super) settings: Option<LineSettings>,
    /// What the burst looks like.
    pub(super) likeness: Option<Likeness>,
    /// These settings would have read frames, and what they would have been worth.
    pub(super) masked: Option<(LineSettings, Verdict)>,
}

/// Looks at a burst in which no frame was found.
pub(super) fn look(burst: &Burst, settings: LineSettings, options: &Options) -> Hint {
    let mut hint = Hint::default();
    by_time(burst, settings, &mut hint);
    if burst.kept.len() < ENOUGH {
        return hint;
    }
    hint.masked = masked(burst, settings, options);
    if let Some((found, _)) = hint.masked {
        hint.likeness = Some(Likeness::ParityKept);
        hint.settings = Some(found);
        return hint;
    }
    if settings.data_bits < 8 && burst.verdict.damaged > 0 {
        // text that has octets of eight bits in it
        hint.settings = Some(LineSettings::plain(settings.baud));
        return hint;
    }
    let findings = Diagnosis::of(&burst.kept).findings;
    let first = findings.first().filter(|finding| finding.certainty >= 60);
    let likeness = first.map_or(Likeness::Noise, |finding| finding.likeness);
    // behind the last character an inverted line stays low for longer than a character
    let low = burst.errors.breaks > 0 && likeness == Likeness::Noise;
    let likeness = if low { Likeness::Inverted } else { likeness };
    hint.likeness = Some(likeness);
    match likeness {
        Likeness::Idle | Likeness::TooFast => {
            for (weight, &speed) in hint.speeds.iter_mut().zip(&SPEEDS) {
                *weight += if speed >= settings.baud { -WEIGHT } else { WEIGHT / 3 };
            }
        }
        Likeness::ParityAwaited if settings.parity != Parity::None => {
            hint.settings = Some(LineSettings::plain(settings.baud));
        }
        Likeness::ParityKept if settings.data_bits == 8 => {
            hint.settings = Some(LineSettings { data_bits: 7, parity: Parity::Even, ..settings });
        }
        Likeness::CutOffStart
        | Likeness::Empty
        | Likeness::Inverted
        | Likeness::Noise
        | Likeness::ParityAwaited
        | Likeness::ParityKept
        | Likeness::Text
        | Likeness::TextMode
        | Likeness::TooShort
        | Likeness::Utf8 => {}
    }
    hint
}

fn by_time(burst: &Burst, settings: LineSettings, hint: &mut Hint) {
    let duration = burst.duration_ms();
    let fill = burst.fill(settings);
    for (weight, &speed) in hint.speeds.iter_mut().zip(&SPEEDS) {
        let speed = i64::from(speed);
        // characters of ten bits that fit into the burst at this speed
        let octets = duration.saturating_mul(speed) / 10_000;
        let few = burst.pieces >= 3 || i64::from(burst.octets) < FEWEST;
        if octets > MOST || (octets < FEWEST && few) {
            *weight -= WEIGHT;
        }
        let Some(fill) = fill else { continue };
        let own = i64::from(settings.baud);
        let likely = own.saturating_mul(fill) / 200;
        if fill < 60 {
            let near = speed * 5 >= likely * 2 && speed * 2 <= likely * 5;
            *weight += if near && speed < own { WEIGHT } else { -WEIGHT };
        } else if speed * 3 <= own {
            *weight -= WEIGHT;
        }
    }
}

/// Reads octets of eight bits as octets of seven, where the eighth looks like a parity bit.
fn masked(
    burst: &Burst,
    settings: LineSettings,
    options: &Options,
) -> Option<(LineSettings, Verdict)> {
    if (settings.data_bits, settings.parity) != (8, Parity::None) {
        return None;
    }
    let octets = &burst.kept;
    let most = |of: usize| of * 10 >= octets.len() * 9;
    let even = octets.iter().filter(|octet| octet.count_ones().is_multiple_of(2)).count();
    let high = octets.iter().filter(|octet| **octet > 0x7F).count();
    let parity = match high {
        0 => return None,
        _ if most(even) => Parity::Even,
        _ if most(octets.len() - even) => Parity::Odd,
        _ if most(high) => Parity::None,
        _ => return None,
    };
    let seven: Vec<u8> = octets.iter().map(|octet| octet & 0x7F).collect();
    let found = LineSettings { data_bits: 7, parity, ..settings };
    let mut verdict = Judge::of(options, found, &seven);
    if verdict.points > 0 && even == octets.len() && even >= SURE {
        // a telegram in which every parity bit fits needs no checksum
        verdict.points = verdict.points.max(SETTLED);
    }
    (verdict.points > 0).then_some((found, verdict))
}
