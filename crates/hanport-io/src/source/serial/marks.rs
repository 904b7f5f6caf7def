//! Damaged characters, as the terminal layer marks them within the octets (`PARMRK` of POSIX,
//! chapter 11.2.2).
//!
//! ```text
//!  FF FF      the octet FF
//!  FF 00 00   the line was held down (a break)
//!  FF 00 x    the character x came with a wrong parity bit, or without its stop bit
//! ```
//!
//! Which of the two it was is not said: it counts as parity where the line has a parity bit, and
//! as framing where it has none. A damaged character is handed on all the same: checksums judge.

use hanport_engine::line::{LineErrors, LineSettings, Parity};

const MARK: u8 = 0xFF;

/// Takes the marks out.
#[derive(Debug)]
pub(super) struct Marks {
    state: State,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// After a whole character.
    Between,
    /// After the first octet of a mark.
    Mark,
    /// After its second.
    Damaged,
}

impl Marks {
    pub(super) const fn new() -> Self {
        Self { state: State::Between }
    }

    /// Appends the characters in `marked` to `octets` and counts the damaged ones.
    pub(super) fn read(
        &mut self,
        marked: &[u8],
        settings: LineSettings,
        octets: &mut Vec<u8>,
    ) -> LineErrors {
        let mut errors = LineErrors::default();
        for &octet in marked {
            match (self.state, octet) {
                (State::Between, MARK) => {
                    self.state = State::Mark;
                    continue;
                }
                (State::Mark, 0) => {
                    self.state = State::Damaged;
                    continue;
                }
                (State::Between, _) | (State::Mark, MARK) => octets.push(octet),
                // No driver sends this; nothing is lost.
                (State::Mark, _) => octets.extend([MARK, octet]),
                (State::Damaged, _) => {
                    octets.push(octet);
                    let count = match (octet, settings.parity) {
                        (0, _) => &mut errors.breaks,
                        (_, Parity::None) => &mut errors.framing,
                        (_, Parity::Even | Parity::Odd) => &mut errors.parity,
                    };
                    *count += 1;
                }
            }
            self.state = State::Between;
        }
        errors
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const EVEN: LineSettings =
        LineSettings { baud: 2400, data_bits: 8, parity: Parity::Even, stop_bits: 1 };

    #[test]
    fn marks_are_counted_and_characters_kept() {
        let marked = [1, 0xFF, 0xFF, 0xFF, 0, 7, 0xFF, 0, 0, 9];
        let mut octets = Vec::new();
        let errors = Marks::new().read(&marked, EVEN, &mut octets);
        assert_eq!(octets, [1, 0xFF, 7, 0, 9]);
        assert_eq!(errors, LineErrors { breaks: 1, parity: 1, ..LineErrors::default() });
        let errors = Marks::new().read(&marked, LineSettings::plain(2400), &mut octets);
        assert_eq!(errors, LineErrors { breaks: 1, framing: 1, ..LineErrors::default() });
    }

    proptest! {
        #[test]
        fn marked_characters_come_back_however_they_are_cut(
            characters: Vec<(u8, bool)>,
            cut in 1usize..9,
        ) {
            let mut marked = Vec::new();
            for &(octet, damaged) in &characters {
                match (octet, damaged) {
                    (octet, true) => marked.extend([MARK, 0, octet]),
                    (MARK, false) => marked.extend([MARK, MARK]),
                    (octet, false) => marked.push(octet),
                }
            }
            let (mut marks, mut octets, mut count) = (Marks::new(), Vec::new(), 0);
            for piece in marked.chunks(cut) {
                let errors = marks.read(piece, EVEN, &mut octets);
                count += errors.breaks + errors.parity;
            }
            prop_assert!(octets.iter().eq(characters.iter().map(|(octet, _)| octet)));
            prop_assert_eq!(count as usize, characters.iter().filter(|(_, bad)| *bad).count());
        }

        #[test]
        fn nothing_panics_and_nothing_else_is_lost(marked: Vec<u8>) {
            let mut octets = Vec::new();
            let _ = Marks::new().read(&marked, EVEN, &mut octets);
            prop_assert!(octets.len() <= marked.len());
        }
    }
}
