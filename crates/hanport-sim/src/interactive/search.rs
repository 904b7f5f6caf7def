//! The dialogue of the Siemens TD-351x on its optical port (Upper Austria).
//!
//! ```text
//! search   10 40 F0 30 16 every 60 s            until E5 comes
//! data     one long frame a second              E5 wanted after each
//! search   again after ten frames without E5
//! ```

/// The octet by which a reader acknowledges.
pub const ACKNOWLEDGE: u8 = 0xE5;
/// What the meter sends while it searches.
pub const SEARCH: [u8; 5] = [0x10, 0x40, 0xF0, 0x30, 0x16];

const SEARCH_INTERVAL_NS: u64 = 60_000_000_000;
const MOST_MISSED: u8 = 10;

/// Whether the meter has found a reader.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// Frames sent since the last answer.
    Data { missed: u8 },
    /// When it searches next.
    Search { at_ns: u64 },
}

/// The meter's side of the dialogue.
#[derive(Clone, Copy, Debug)]
pub struct Dialogue {
    state: State,
}

impl Default for Dialogue {
    fn default() -> Self {
        Self::new()
    }
}

impl Dialogue {
    /// Nobody has answered yet.
    pub const fn new() -> Self {
        Self { state: State::Search { at_ns: 0 } }
    }

    /// Octets of the reader.
    pub fn handle_bytes(&mut self, bytes: &[u8]) {
        if bytes.contains(&ACKNOWLEDGE) {
            self.state = State::Data { missed: 0 };
        }
    }

    /// What is sent at `now_ns` where `frame` would be due.
    pub fn transmit<'a>(&mut self, now_ns: u64, frame: &'a [u8]) -> Option<&'a [u8]> {
        match &mut self.state {
            State::Data { missed } if *missed < MOST_MISSED => {
                *missed += 1;
                Some(frame)
            }
            State::Data { .. } => {
                self.state = State::Search { at_ns: now_ns + SEARCH_INTERVAL_NS };
                Some(&SEARCH)
            }
            State::Search { at_ns } if now_ns >= *at_ns => {
                *at_ns = now_ns + SEARCH_INTERVAL_NS;
                Some(&SEARCH)
            }
            State::Search { .. } => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: u64 = 1_000_000_000;

    #[test]
    fn it_searches_once_a_minute_until_it_is_answered() {
        let mut dialogue = Dialogue::new();
        let sent: Vec<u64> =
            (0..121).filter(|s| dialogue.transmit(s * SECOND, b"frame").is_some()).collect();
        assert_eq!(sent, [0, 60, 120]);
        dialogue.handle_bytes(&[ACKNOWLEDGE]);
        assert_eq!(dialogue.transmit(121 * SECOND, b"frame"), Some(&b"frame"[..]));
    }

    #[test]
    fn ten_missing_answers_end_the_data_and_one_in_time_does_not() {
        let mut dialogue = Dialogue::new();
        dialogue.handle_bytes(&[ACKNOWLEDGE]);
        let mut frames = 0;
        for second in 0..9 {
            frames += u32::from(dialogue.transmit(second * SECOND, b"frame") == Some(b"frame"));
        }
        dialogue.handle_bytes(&[ACKNOWLEDGE]);
        for second in 9..40 {
            frames += u32::from(dialogue.transmit(second * SECOND, b"frame") == Some(b"frame"));
        }
        assert_eq!(frames, 19);
    }
}
