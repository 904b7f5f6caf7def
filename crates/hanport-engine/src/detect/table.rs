//! In which order settings are tried.
//!
//! The usual ones stand in the order of how many meters use them. Behind them comes every speed
//! with every form of a character. A receiver looks at one stop bit only, so that settings with
//! one read senders with two as well.

use crate::line::{LineSettings, Parity};

const fn form(baud: u32, data_bits: u8, parity: Parity) -> LineSettings {
    LineSettings { baud, data_bits, parity, stop_bits: 1 }
}

/// What the meters of Europe use, the commonest first: M-Bus ports of the north and of Austria,
/// P1 ports, optical heads and old P1 ports, and single makers.
const USUAL: [LineSettings; 10] = [
    form(2400, 8, Parity::Even),
    LineSettings::plain(2400),
    LineSettings::plain(115_200),
    LineSettings::plain(9600),
    form(9600, 7, Parity::Even),
    form(9600, 8, Parity::Even),
    LineSettings::plain(38_400),
    form(115_200, 7, Parity::Even),
    form(115_200, 8, Parity::Even),
    form(300, 7, Parity::Even),
];

/// Every speed, the commonest first.
pub(super) const SPEEDS: [u32; 11] =
    [2400, 115_200, 9600, 38_400, 19_200, 57_600, 4800, 300, 1200, 600, 230_400];

/// Every form of a character, the commonest first.
const FORMS: [(u8, Parity); 6] = [
    (8, Parity::None),
    (8, Parity::Even),
    (7, Parity::Even),
    (8, Parity::Odd),
    (7, Parity::Odd),
    (7, Parity::None),
];

/// Cost of a place among the usual ones, and of one behind them.
const STEP: i32 = 6;
const UNUSUAL: i32 = 90;

/// All settings with what it costs to try them, `first` in front of all.
pub(super) fn order(first: Option<LineSettings>) -> Vec<(LineSettings, i32)> {
    let mut all: Vec<(LineSettings, i32)> = Vec::new();
    let rest = FORMS.iter().flat_map(|&(data_bits, parity)| {
        SPEEDS.iter().map(move |&baud| form(baud, data_bits, parity))
    });
    let usual = USUAL.iter().copied().zip((0..).map(|place: i32| place * STEP));
    let rest = rest.zip((0..).map(|place: i32| UNUSUAL + 2 * place));
    for (settings, cost) in first.map(|first| (first, -STEP)).into_iter().chain(usual).chain(rest) {
        if all.iter().all(|(known, _)| *known != settings) {
            all.push((settings, cost));
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_speed_and_form_is_there_once_and_what_is_remembered_comes_first() {
        let all = order(None);
        assert_eq!(all.len(), SPEEDS.len() * FORMS.len());
        assert_eq!(all[0].0, form(2400, 8, Parity::Even));
        assert!(all.windows(2).all(|pair| pair[0].1 < pair[1].1));
        let odd = LineSettings::plain(62_500);
        assert_eq!(order(Some(odd)).len(), all.len() + 1);
        assert_eq!(order(Some(odd))[0].0, odd);
        let known = LineSettings::plain(9600);
        assert_eq!(order(Some(known)).len(), all.len());
        assert_eq!(order(Some(known))[0].0, known);
    }
}
