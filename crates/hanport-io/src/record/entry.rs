//! One line of a recording.

use core::fmt::Write as _;

use hanport_engine::line::{Arrival, LineErrors, LineEvent};
use hanport_engine::time::UtcMillis;
use jiff::Timestamp;

/// Stands between the time and the octets; what reads logs knows it.
const RECEIVED: &str = "RX:";

/// Appends the line for `arrival`, with its end. Text is put on one line.
pub(crate) fn emit(arrival: &Arrival, out: &mut String) {
    let _ = match arrival {
        Arrival::Octets(at, octets) => emit_octets(*at, octets, out),
        Arrival::Event(at, event) => emit_event(*at, event, out),
    };
    out.push('\n');
}

fn emit_octets(at: UtcMillis, octets: &[u8], out: &mut String) -> core::fmt::Result {
    write!(out, "{:.3} {RECEIVED}", at.timestamp())?;
    octets.iter().try_for_each(|octet| write!(out, " {octet:02X}"))
}

fn emit_event(at: UtcMillis, event: &LineEvent, out: &mut String) -> core::fmt::Result {
    write!(out, "# {:.3} ", at.timestamp())?;
    match event {
        LineEvent::Closed(why) => write!(out, "closed {}", one_line(why)),
        LineEvent::Dropped(octets) => write!(out, "dropped {octets}"),
        LineEvent::Errors(LineErrors { breaks, framing, overrun, parity }) => write!(
            out,
            "errors {breaks} breaks, {framing} framing, {overrun} overrun, {parity} parity"
        ),
        LineEvent::Opened(what) => write!(out, "opened {}", one_line(what)),
        LineEvent::Pause => out.write_str("pause"),
        LineEvent::Settings(settings, true) => write!(out, "settings {settings} right"),
        LineEvent::Settings(settings, false) => write!(out, "settings {settings} tried"),
    }
}

fn one_line(text: &str) -> String {
    text.replace(|c: char| c.is_control(), " ")
}

/// What a line of a recording says; `None` for anything else.
pub(crate) fn parse(line: &str) -> Option<Arrival> {
    let line = line.trim_end_matches(['\r', '\n']);
    let (event, line) = match line.strip_prefix("# ") {
        Some(line) => (true, line),
        None => (false, line),
    };
    let (time, rest) = line.split_once(' ')?;
    let at = UtcMillis::from(time.parse::<Timestamp>().ok()?);
    if event {
        return parse_event(rest).map(|event| Arrival::Event(at, event));
    }
    let octets = rest.strip_prefix(RECEIVED)?.split_ascii_whitespace();
    // What is no octet was cut short with the file.
    let octets = octets
        .map_while(|word| (word.len() == 2).then(|| u8::from_str_radix(word, 16).ok()).flatten());
    Some(Arrival::Octets(at, octets.collect()))
}

fn parse_event(text: &str) -> Option<LineEvent> {
    let (word, rest) = text.split_once(' ').unwrap_or((text, ""));
    Some(match word {
        "closed" => LineEvent::Closed(rest.to_owned()),
        "dropped" => LineEvent::Dropped(rest.parse().ok()?),
        "errors" => LineEvent::Errors(parse_errors(rest)?),
        "opened" => LineEvent::Opened(rest.to_owned()),
        "pause" => LineEvent::Pause,
        "settings" => match rest.rsplit_once(' ')? {
            (settings, "right") => LineEvent::Settings(settings.parse().ok()?, true),
            (settings, "tried") => LineEvent::Settings(settings.parse().ok()?, false),
            _ => return None,
        },
        _ => return None,
    })
}

fn parse_errors(text: &str) -> Option<LineErrors> {
    let mut errors = LineErrors::default();
    for part in text.split(", ") {
        let (count, kind) = part.split_once(' ')?;
        let count = count.parse().ok()?;
        match kind {
            "breaks" => errors.breaks = count,
            "framing" => errors.framing = count,
            "overrun" => errors.overrun = count,
            "parity" => errors.parity = count,
            _ => return None,
        }
    }
    Some(errors)
}

#[cfg(test)]
mod tests {
    use hanport_engine::capture::{Capture, Notation};
    use hanport_engine::line::{LineSettings, Parity};
    use proptest::prelude::*;

    use super::*;

    fn event() -> impl Strategy<Value = LineEvent> {
        let errors = any::<[u32; 4]>().prop_map(|[breaks, framing, overrun, parity]| {
            LineEvent::Errors(LineErrors { breaks, framing, overrun, parity })
        });
        let settings = (1u32..4_000_000, 7u8..9, 1u8..3, 0u8..3, any::<bool>()).prop_map(
            |(baud, data_bits, stop_bits, parity, right)| {
                let parity = [Parity::Even, Parity::None, Parity::Odd][usize::from(parity)];
                LineEvent::Settings(LineSettings { baud, data_bits, parity, stop_bits }, right)
            },
        );
        prop_oneof![
            "[ -~]{0,40}".prop_map(LineEvent::Closed),
            "[ -~]{0,40}".prop_map(LineEvent::Opened),
            any::<u64>().prop_map(LineEvent::Dropped),
            errors,
            settings,
            Just(LineEvent::Pause),
        ]
    }

    fn arrival() -> impl Strategy<Value = Arrival> {
        let time = || (0i64..4_000_000_000_000).prop_map(UtcMillis);
        prop_oneof![
            (time(), proptest::collection::vec(any::<u8>(), 1..300))
                .prop_map(|(at, octets)| Arrival::Octets(at, octets)),
            (time(), event()).prop_map(|(at, event)| Arrival::Event(at, event)),
        ]
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_back(arrival in arrival()) {
            let mut line = String::new();
            emit(&arrival, &mut line);
            prop_assert_eq!(parse(&line), Some(arrival));
        }

        #[test]
        fn every_reader_of_logs_finds_the_same_octets(
            arrivals in proptest::collection::vec(arrival(), 1..20),
        ) {
            let mut text = format!("{}\n", super::super::HEAD);
            let mut octets: Vec<u8> = Vec::new();
            for arrival in &arrivals {
                emit(arrival, &mut text);
                if let Arrival::Octets(_, more) = arrival {
                    octets.extend(more);
                }
            }
            let capture = Capture::recognise(text.as_bytes());
            prop_assert_eq!(capture.octets(), octets, "{}", text);
        }

        #[test]
        fn no_line_panics(line in "(# )?(2026-01-15T12:00:00Z )?\\PC{0,60}") {
            let _ = parse(&line);
        }
    }

    #[test]
    fn a_line_that_is_cut_short_keeps_its_whole_octets() {
        let line = "2026-01-15T12:00:00.012Z RX: 7E A0 2";
        let Some(Arrival::Octets(at, octets)) = parse(line) else { panic!("{line}") };
        assert_eq!((at, octets), (UtcMillis(1_768_478_400_012), vec![0x7E, 0xA0]));
        assert_eq!(parse("12:00 RX: 7E"), None);
        assert_eq!(parse("# a remark"), None);
    }

    #[test]
    fn text_in_an_event_cannot_break_the_line() {
        let event = LineEvent::Closed("gone\n2026-01-15T12:00:00Z RX: 7E".to_owned());
        let mut line = String::new();
        emit(&Arrival::Event(UtcMillis(0), event), &mut line);
        assert_eq!(line.lines().count(), 1);
        assert_ne!(Capture::recognise(line.as_bytes()).notation, Notation::Log);
    }
}
