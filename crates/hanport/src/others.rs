//! Values for people that have no place among powers, energies, voltages and currents: a line
//! each with its code, its name and the value, lists with a line for each of their entries.

use std::fmt::Write as _;

use hanport_core::family::history::{DemandHistory, PowerFailures};
use hanport_core::obis::Obis;
use hanport_core::unit::Unit;

use crate::message::{Content, Entry};
use crate::table::{for_people, for_people_time, label_with_phase};
use crate::wrap::wrapped;

/// Room for a value beside its name; with less it stands below.
const ROOM: usize = 30;

/// Indentation of what stands below its line.
const BELOW: usize = 6;

/// Texts of meters with their notes behind them, by their codes.
pub(crate) fn others(entries: &[(&Entry, &str)], width: usize) -> String {
    if entries.is_empty() {
        return String::new();
    }
    let names: Vec<String> = entries.iter().map(|(entry, _)| name(entry)).collect();
    let codes: Vec<String> = entries.iter().map(|(entry, _)| entry.obis.to_string()).collect();
    let code_width = codes.iter().map(String::len).max().unwrap_or(0);
    let name_width = names.iter().map(String::len).max().unwrap_or(0);
    let gap = if name_width == 0 { 0 } else { 2 };
    let hanging = 4 + code_width + gap + name_width + 2;
    let mut text = String::from("  Others\n");
    for ((code, name), (entry, note)) in codes.iter().zip(&names).zip(entries) {
        let head = format!("    {code:<code_width$}{:gap$}{name:<name_width$}", "");
        let (value, rows) = listed(entry).unwrap_or_else(|| (content_text(entry), Vec::new()));
        let line = format!("{head}  {value}  {note}");
        let line = line.trim_end();
        if line.len() <= width || width.saturating_sub(hanging) >= ROOM {
            text.push_str(&wrapped(line, hanging, width));
        } else {
            let _ = writeln!(text, "{}", head.trim_end());
            let below = format!("{:BELOW$}{value}  {note}", "");
            text.push_str(&wrapped(below.trim_end(), BELOW, width));
        }
        for row in rows {
            text.push_str(&wrapped(&format!("{:BELOW$}{row}", ""), BELOW + 2, width));
        }
    }
    text
}

fn name(entry: &Entry) -> String {
    entry.quantity.map_or_else(|| meaning(entry.obis).to_owned(), label_with_phase)
}

/// What the commonest codes of text telegrams that are no quantities stand for (P1 Companion
/// Standard 5.0.2, clause 6.12; eMUCS-P1).
const fn meaning(obis: Obis) -> &'static str {
    match obis.0 {
        [1, 3, 0, 2, 8, _] | [0, 0, 96, 1, 4, _] => "version of the port",
        [0, 0, 96, 13, 0 | 1, _] => "message",
        [0, 0, 96, 14, 0, _] => "tariff in force",
        [0, 0, 98, 1, 0, _] => "peaks of past months",
        [1, 0, 99, 97, 0, _] => "long power failures",
        [0, 1..=4, 24, 1, 0, _] => "kind of further meter",
        [0, 1..=4, 96, 1, 0 | 1, _] => "number of further meter",
        [0, 1..=4, 24, 2, 1 | 3, _] => "further meter",
        [0, 0..=4, 96, 3, 10, _] | [0, 1..=4, 24, 4, 0, _] => "switch",
        _ => "",
    }
}

/// A list: how long it is, and a row an entry. `None` where it is none or in an unknown form.
fn listed(entry: &Entry) -> Option<(String, Vec<String>)> {
    let Content::Text { text, .. } = &entry.content else { return None };
    let counted = |rows: Vec<String>| (!rows.is_empty()).then(|| (rows.len().to_string(), rows));
    match entry.obis.0 {
        [0, 0, 98, 1, 0, _] | [1, 0, 99, 97, 0, _] if text == "(0)" => {
            Some(("none".to_owned(), Vec::new()))
        }
        [0, 0, 98, 1, 0, _] => {
            let rows = DemandHistory::new(text.as_bytes()).map(|maximum| {
                let (value, unit) = match maximum.unit {
                    Unit::Watt => (maximum.value.shifted(-3), "kW"),
                    unit => (maximum.value, unit.symbol()),
                };
                let at = maximum.at.map_or_else(|| "time unknown".to_owned(), for_people_time);
                let month = for_people_time(maximum.period_end);
                format!("{at}  {value} {unit}  (period to {month})")
            });
            counted(rows.collect())
        }
        [1, 0, 99, 97, 0, _] => {
            let rows = PowerFailures::new(text.as_bytes()).map(|failure| {
                format!("{} s until {}", failure.seconds, for_people_time(failure.ended_at))
            });
            counted(rows.collect())
        }
        _ => None,
    }
}

/// The value with its unit and, where it has one, its time.
pub(crate) fn content_text(entry: &Entry) -> String {
    let value = match &entry.content {
        Content::Number(number, unit) => {
            let (number, unit) = for_people(*number, *unit);
            format!("{number} {unit}").trim_end().to_owned()
        }
        Content::Text { text, .. } => text.clone(),
        Content::Time(time) => for_people_time(*time),
    };
    match entry.at {
        Some(at) => format!("{value} at {}", for_people_time(at)),
        None => value,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(code: &str, text: &str) -> Entry {
        Entry {
            obis: Obis::from_text(code.as_bytes()).unwrap(),
            quantity: None,
            at: None,
            content: Content::Text { text: text.to_owned(), digits: None },
        }
    }

    #[test]
    fn lists_of_telegrams_have_a_line_an_entry() {
        let peaks = entry(
            "0-0:98.1.0",
            "(2)(1-0:1.6.0)(1-0:1.6.0)(200501000000S)(200423192538S)(03.695*kW)\
             (200601000000S)(200509194500S)(05.980*kW)",
        );
        let failures = entry("1-0:99.97.0", "(1)(0-0:96.7.19)(101208152415W)(0000000240*s)");
        let none = entry("1-0:99.97.0", "(0)");
        let text = others(&[(&peaks, ""), (&failures, ""), (&none, "")], 80);
        assert_eq!(
            text,
            "  Others
    0-0:98.1.0*255   peaks of past months  2
      2020-04-23 19:25:38+02:00  3.695 kW  (period to 2020-05-01 00:00:00+02:00)
      2020-05-09 19:45:00+02:00  5.980 kW  (period to 2020-06-01 00:00:00+02:00)
    1-0:99.97.0*255  long power failures   1
      240 s until 2010-12-08 15:24:15+01:00
    1-0:99.97.0*255  long power failures   none
"
        );
    }

    #[test]
    fn long_texts_go_on_below_and_lose_nothing() {
        let long = "4B41".repeat(40);
        let message = entry("0-0:96.13.0", &long);
        for width in [40, 60, 80, 120] {
            let text = others(&[(&message, "3 s ago")], width);
            assert!(text.lines().all(|line| line.len() <= width), "{text}");
            let digits: String = text.split_whitespace().collect();
            assert!(digits.contains(&long), "{text}");
            assert!(text.ends_with("3 s ago\n"), "{text}");
        }
    }
}
