//! IEC 62056-21 mode C: the optical readout that a reader asks for.
//!
//! ```text
//! reader  /?! CR LF                   300 baud, 7E1
//! meter   /XXX5ident CR LF            5 proposes 9600 baud
//! reader  06 30 35 30 0D 0A           accepts it; 30 30 30 would keep 300
//! meter   02 lines ! CR LF 03 BCC     at the new baud rate
//! reader  01 42 30 03 71              breaks off
//! ```

use crate::meter::Uart;

const BREAK: [u8; 5] = [0x01, b'B', b'0', 0x03, 0x71];
const PROPOSED: u8 = b'5';

/// What the meter sends, and at which settings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// The octets.
    pub bytes: Vec<u8>,
    /// Settings of the line for them.
    pub uart: Uart,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// Waits for a request.
    Idle,
    /// Has proposed a baud rate.
    Proposed,
}

/// The meter's side of the readout.
#[derive(Clone, Debug)]
pub struct Readout {
    ident: String,
    lines: Vec<String>,
    state: State,
    heard: Vec<u8>,
}

impl Readout {
    /// A meter of the maker `flag` (three letters) and this identification, whose registers read
    /// as these lines, such as `1.8.0(000123.4*kWh)`.
    pub const fn new(ident: String, lines: Vec<String>) -> Self {
        Self { ident, lines, state: State::Idle, heard: Vec::new() }
    }

    /// Octets of the reader; what the meter answers, if it does.
    pub fn handle_bytes(&mut self, bytes: &[u8]) -> Option<Answer> {
        self.heard.extend(bytes);
        if self.heard.ends_with(&BREAK) {
            self.heard.clear();
            self.state = State::Idle;
            return None;
        }
        if !self.heard.ends_with(b"\r\n") {
            return None;
        }
        let line = std::mem::take(&mut self.heard);
        match (self.state, line.as_slice()) {
            (_, [.., b'/', b'?', b'!', b'\r', b'\n']) => {
                self.state = State::Proposed;
                let proposed = char::from(PROPOSED);
                let (flag, rest) = self.ident.split_at_checked(3).unwrap_or((&self.ident, ""));
                let text = format!("/{flag}{proposed}{rest}\r\n");
                Some(Answer { bytes: text.into_bytes(), uart: Uart::seven(300) })
            }
            (State::Proposed, [0x06, b'0', baud, b'0', b'\r', b'\n']) => {
                self.state = State::Idle;
                let baud = if *baud == PROPOSED { 9600 } else { 300 };
                Some(Answer { bytes: self.block(), uart: Uart::seven(baud) })
            }
            _ => {
                self.state = State::Idle;
                None
            }
        }
    }

    /// The data block: everything behind its first octet is under the check.
    fn block(&self) -> Vec<u8> {
        let mut block = vec![0x02];
        for line in &self.lines {
            block.extend(line.as_bytes());
            block.extend(b"\r\n");
        }
        block.extend(b"!\r\n\x03");
        let check = block.iter().skip(1).fold(0, |check, octet| check ^ octet);
        block.push(check);
        block
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn meter() -> Readout {
        Readout::new("TSTmeter".to_owned(), vec!["1.8.0(000123.4*kWh)".to_owned()])
    }

    #[test]
    fn a_reader_gets_the_block_with_the_published_check() {
        let mut meter = meter();
        let ident = meter.handle_bytes(b"/?!\r\n").unwrap();
        assert_eq!(ident, Answer { bytes: b"/TST5meter\r\n".to_vec(), uart: Uart::seven(300) });
        let data = meter.handle_bytes(b"\x06050\r\n").unwrap();
        assert_eq!(data.uart.baud, 9600);
        assert_eq!(data.bytes, b"\x021.8.0(000123.4*kWh)\r\n!\r\n\x03\x7E");
    }

    #[test]
    fn a_reader_may_stay_slow_break_off_or_talk_nonsense() {
        let mut meter = meter();
        meter.handle_bytes(b"/?!\r\n");
        assert_eq!(meter.handle_bytes(b"\x06000\r\n").unwrap().uart.baud, 300);
        meter.handle_bytes(b"/?!\r\n");
        assert_eq!(meter.handle_bytes(&BREAK), None);
        assert_eq!(meter.handle_bytes(b"\x06050\r\n"), None);
        assert_eq!(meter.handle_bytes(b"hello\r\n"), None);
        assert!(meter.handle_bytes(b"/?!").is_none());
        assert!(meter.handle_bytes(b"\r\n").is_some(), "in pieces");
    }
}
