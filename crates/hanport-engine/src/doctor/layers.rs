//! The six layers, each with its state and a sentence.

use super::report::{Finding, Layer, LayerReport, LayerState};
use super::seen::{Line, Look, Seen, late_ms};
use super::words::{counted, duration};
use crate::explain::diagnosis::Likeness;

/// All six, in order. A layer behind one that does not work says nothing.
pub(super) fn layers(seen: &Seen<'_>, look: &Look) -> Vec<LayerReport> {
    let mut layers =
        vec![port(seen), line(seen, look), frames(seen), key(seen), list(seen), values(seen)];
    let mut dark = false;
    for layer in &mut layers {
        // registers may be late while the port is closed; values say so themselves
        if dark && layer.state != LayerState::Good && layer.layer != Layer::Values {
            layer.state = LayerState::Unknown;
        }
        dark |= layer.state == LayerState::Bad;
    }
    layers
}

/// All in one sentence.
pub(super) fn summary(seen: &Seen<'_>, findings: &[Finding]) -> String {
    if let Some(first) = findings.iter().find(|finding| finding.certainty >= 40) {
        let sure = match first.certainty {
            90.. => "The trouble",
            60.. => "Likely",
            _ => "Perhaps",
        };
        return format!("{sure}: {} ({}).", first.title, first.because);
    }
    if seen.counts.messages == 0 {
        return "Nothing can be said yet.".to_owned();
    }
    let every =
        seen.period_ms.map_or_else(String::new, |ms| format!(", one every {}", duration(ms)));
    format!("All is well: {} {}{every}.", counted(seen.counts.messages, "message"), seen.span)
}

fn report(
    layer: Layer,
    state: LayerState,
    said: String,
    counts: &[(&'static str, u32)],
) -> LayerReport {
    let counts = counts.iter().map(|(name, count)| (*name, u64::from(*count))).collect();
    LayerReport { layer, state, seen: said, counts }
}

fn port(seen: &Seen<'_>) -> LayerReport {
    let counts = &seen.counts;
    let (state, said) = match seen.line {
        Line::Closed(since, why) => {
            let ago = duration(seen.now.since(*since));
            (LayerState::Bad, format!("Closed for {ago}: {why}."))
        }
        Line::Untold if seen.last_octets.is_none() => {
            (LayerState::Unknown, "Not opened yet.".to_owned())
        }
        Line::Open(since) if seen.hour.closed >= 3 => {
            let (ago, losses) = (duration(seen.now.since(*since)), seen.hour.closed);
            (LayerState::Troubled, format!("Open for {ago}, lost {losses} times within the hour."))
        }
        Line::Open(since) => {
            let ago = duration(seen.now.since(*since));
            (LayerState::Good, format!("Open for {ago}."))
        }
        Line::Untold => (LayerState::Good, "Open.".to_owned()),
    };
    report(Layer::Port, state, said, &[("lost", seen.hour.closed), ("dropped", counts.dropped)])
}

fn line(seen: &Seen<'_>, look: &Look) -> LayerReport {
    let counts = &seen.counts;
    let (_, stopped) = late_ms(seen.period_ms);
    let errors = counts.parity.saturating_add(counts.framing).saturating_add(counts.breaks);
    let settings = seen.settings.map_or_else(String::new, |(settings, known)| {
        format!(" at {settings}{}", if known { "" } else { " (being searched)" })
    });
    let octets = counted(counts.octets, "octet");
    let silent = seen.silent_ms();
    let damaged = u64::from(errors) * 50 > u64::from(counts.octets);
    let (state, said) = if seen.last_octets.is_none() {
        let state = match silent {
            Some(30_000..) => LayerState::Bad,
            _ => LayerState::Unknown,
        };
        (state, "No octet has come yet.".to_owned())
    } else if let Some(silent) = silent.filter(|silent| *silent >= stopped) {
        (LayerState::Bad, format!("No octet for {}.", duration(silent)))
    } else if seen.is_garbage() {
        let like = look.findings.first().map_or(Likeness::Noise, |found| found.likeness);
        let state = if like == Likeness::TooShort { LayerState::Unknown } else { LayerState::Bad };
        (state, format!("{octets}{settings} {}: {}.", seen.span, like.name()))
    } else if (damaged && counts.passed() == 0) || counts.overrun > 0 || counts.dropped > 0 {
        let errors = errors.saturating_add(counts.overrun);
        let errors = counted(errors, "damaged character");
        (LayerState::Troubled, format!("{octets}{settings} {}, {errors}.", seen.span))
    } else {
        (LayerState::Good, format!("{octets}{settings} {}.", seen.span))
    };
    let shown = [
        ("octets", counts.octets),
        ("parity", counts.parity),
        ("framing", counts.framing),
        ("breaks", counts.breaks),
        ("overrun", counts.overrun),
    ];
    report(Layer::Line, state, said, &shown)
}

fn frames(seen: &Seen<'_>) -> LayerReport {
    let counts = &seen.counts;
    let (passed, damaged) = (counts.passed(), counts.damaged());
    let all = passed.saturating_add(damaged);
    let (state, said) = if all == 0 && seen.is_garbage() {
        (LayerState::Bad, format!("No frame {}.", seen.span))
    } else if all == 0 {
        (LayerState::Unknown, format!("Nothing {}.", seen.span))
    } else if damaged == 0 {
        (
            LayerState::Good,
            format!("{} passed the checks {}.", counted(passed, "message"), seen.span),
        )
    } else {
        let share = counts.damaged_share();
        let state = if share >= 50 && damaged > 1 { LayerState::Bad } else { LayerState::Troubled };
        let said =
            format!("{damaged} of {} damaged {} ({share} %).", counted(all, "message"), seen.span);
        (state, said)
    };
    let shown = [
        ("passed", passed),
        ("damaged", damaged),
        ("checksum", counts.check),
        ("cut_off", counts.cut),
        ("parts_missing", counts.parts),
    ];
    report(Layer::Frames, state, said, &shown)
}

fn key(seen: &Seen<'_>) -> LayerReport {
    let counts = &seen.counts;
    let closed = counts.passed().saturating_sub(counts.messages).saturating_sub(counts.unknown);
    let (state, said) = if closed > 0 {
        let state = if counts.messages > closed { LayerState::Troubled } else { LayerState::Bad };
        let why = if counts.needs_key > 0 {
            "encrypted, and there is no key"
        } else if counts.wrong_key >= counts.auth_failed {
            "the key does not open them"
        } else {
            "the tag does not fit the authentication key"
        };
        (state, format!("{} stayed closed {}: {why}.", counted(closed, "message"), seen.span))
    } else if seen.keys_swapped {
        let said = "The key opens the messages, but the two keys are exchanged.".to_owned();
        (LayerState::Troubled, said)
    } else {
        match (counts.messages, seen.ciphered) {
            (0, _) => (LayerState::Unknown, "No message yet.".to_owned()),
            (_, Some(true)) => (LayerState::Good, "The key opens the messages.".to_owned()),
            _ => (LayerState::Good, "Messages are not encrypted.".to_owned()),
        }
    };
    let shown = [
        ("needs_key", counts.needs_key),
        ("wrong_key", counts.wrong_key),
        ("tag_wrong", counts.auth_failed),
    ];
    report(Layer::Key, state, said, &shown)
}

fn list(seen: &Seen<'_>) -> LayerReport {
    let counts = &seen.counts;
    let (state, said) = match (counts.messages, counts.unknown) {
        (0, 0) => (LayerState::Unknown, "No message yet.".to_owned()),
        (read, 0) => (LayerState::Good, format!("{} read.", counted(read, "message"))),
        (read, unknown) => {
            let state = if read > unknown { LayerState::Troubled } else { LayerState::Bad };
            (state, format!("{} of a kind that is not known.", counted(unknown, "message")))
        }
    };
    report(Layer::List, state, said, &[("read", counts.messages), ("unknown", counts.unknown)])
}

fn values(seen: &Seen<'_>) -> LayerReport {
    let (late, stopped) = late_ms(seen.period_ms);
    let every =
        seen.period_ms.map_or_else(String::new, |ms| format!(", one every {}", duration(ms)));
    let (state, said) = match seen.message_age_ms() {
        None => (LayerState::Unknown, "No message yet.".to_owned()),
        Some(age) if age >= stopped => {
            (LayerState::Bad, format!("The last message came {} ago.", duration(age)))
        }
        Some(age) if age >= late => {
            (LayerState::Troubled, format!("The last message came {} ago{every}.", duration(age)))
        }
        Some(age) => (LayerState::Good, format!("In time{every}, the last {} ago.", duration(age))),
    };
    report(Layer::Values, state, said, &[("messages", seen.counts.messages)])
}
