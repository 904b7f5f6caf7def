//! Setting the serial line of a server: Telnet (RFC 854, 855) with the COM port option
//! (RFC 2217).
//!
//! ```text
//!  FF FF                         the octet FF
//!  FF FB..FE option              will, won't, do, don't
//!  FF FA option data.. FF F0     about an option; an FF in the data is doubled
//!  FF other                      a command without meaning here
//! ```
//!
//! With option 2C the data is a command (1 speed, 2 data bits, 3 parity, 4 stop bits, 5 control,
//! 10 which faults to tell, 12 purge) and its value; the server answers with the command plus
//! 100 and what it really did, and tells faults of the line with command 106.

pub(crate) mod client;

use hanport_engine::line::{LineErrors, LineSettings, Parity};

use crate::source::serial::port::{Level, Lines};

const IAC: u8 = 0xFF;
const SUB: u8 = 0xFA;
const END: u8 = 0xF0;

/// All eight bits.
pub(crate) const BINARY: u8 = 0;
/// No turns are taken.
pub(crate) const NO_GO_AHEAD: u8 = 3;
/// The COM port option.
pub(crate) const COM_PORT: u8 = 44;

/// The longest data about an option that is kept; longer ones are cut.
const LONGEST: usize = 64;

/// What one side says about an option.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verb {
    Do,
    Dont,
    Will,
    Wont,
}

impl Verb {
    const fn octet(self) -> u8 {
        match self {
            Self::Will => 0xFB,
            Self::Wont => 0xFC,
            Self::Do => 0xFD,
            Self::Dont => 0xFE,
        }
    }

    const fn of(octet: u8) -> Option<Self> {
        Some(match octet {
            0xFB => Self::Will,
            0xFC => Self::Wont,
            0xFD => Self::Do,
            0xFE => Self::Dont,
            _ => return None,
        })
    }
}

/// What the other side said between the octets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Said {
    /// Something about an option.
    About(u8, Vec<u8>),
    /// Whether an option is wanted or offered.
    Option(Verb, u8),
}

/// Takes what is said between the octets out.
#[derive(Debug)]
pub(crate) struct Telnet {
    state: State,
    about: Vec<u8>,
}

#[derive(Clone, Copy, Debug)]
enum State {
    /// In the octets.
    Data,
    /// After an IAC in the octets.
    Command,
    /// After a verb.
    Verb(Verb),
    /// In data about an option.
    About,
    /// After an IAC in it.
    AboutCommand,
}

impl Telnet {
    pub(crate) const fn new() -> Self {
        Self { state: State::Data, about: Vec::new() }
    }

    /// Appends the octets in `input` to `octets` and what was said to `said`.
    pub(crate) fn read(&mut self, input: &[u8], octets: &mut Vec<u8>, said: &mut Vec<Said>) {
        for &octet in input {
            self.state = match (self.state, octet) {
                (State::Data, IAC) => State::Command,
                (State::Data, _) | (State::Command, IAC) => {
                    octets.push(octet);
                    State::Data
                }
                (State::Command, SUB) => {
                    self.about.clear();
                    State::About
                }
                (State::Verb(verb), option) => {
                    said.push(Said::Option(verb, option));
                    State::Data
                }
                (State::About, IAC) => State::AboutCommand,
                (State::About, _) | (State::AboutCommand, IAC) => {
                    if self.about.len() < LONGEST {
                        self.about.push(octet);
                    }
                    State::About
                }
                (State::AboutCommand, END) => {
                    if let [option, data @ ..] = &self.about[..] {
                        said.push(Said::About(*option, data.to_vec()));
                    }
                    State::Data
                }
                // Within data about an option: its end was lost, and a new command begins.
                (State::Command | State::AboutCommand, _) => {
                    Verb::of(octet).map_or(State::Data, State::Verb)
                }
            };
        }
    }
}

/// Says something about an option.
pub(crate) fn option(verb: Verb, option: u8) -> [u8; 3] {
    [IAC, verb.octet(), option]
}

/// Octets as they are sent.
#[cfg(test)]
pub(crate) fn escaped(octets: &[u8]) -> Vec<u8> {
    let mut sent = Vec::with_capacity(octets.len());
    escape(octets, &mut sent);
    sent
}

fn escape(octets: &[u8], sent: &mut Vec<u8>) {
    for &octet in octets {
        sent.push(octet);
        if octet == IAC {
            sent.push(IAC);
        }
    }
}

/// Data about an option as it is sent.
pub(crate) fn about(option: u8, data: &[u8]) -> Vec<u8> {
    let mut sent = vec![IAC, SUB];
    escape(&[option], &mut sent);
    escape(data, &mut sent);
    sent.extend([IAC, END]);
    sent
}

/// Commands of the COM port option, client to server.
mod command {
    pub(super) const BAUD: u8 = 1;
    pub(super) const DATA_BITS: u8 = 2;
    pub(super) const PARITY: u8 = 3;
    pub(super) const STOP_BITS: u8 = 4;
    pub(super) const CONTROL: u8 = 5;
    pub(super) const TELL_FAULTS: u8 = 10;
    pub(super) const PURGE: u8 = 12;
    pub(super) const ANSWER: u8 = 100;
    pub(super) const FAULTS: u8 = 106;
}

/// Sets the line.
pub(crate) fn set(settings: LineSettings) -> Vec<u8> {
    let parity = match settings.parity {
        Parity::Even => 3,
        Parity::None => 1,
        Parity::Odd => 2,
    };
    let mut speed = vec![command::BAUD];
    speed.extend(settings.baud.to_be_bytes());
    [
        about(COM_PORT, &speed),
        about(COM_PORT, &[command::DATA_BITS, settings.data_bits]),
        about(COM_PORT, &[command::PARITY, parity]),
        about(COM_PORT, &[command::STOP_BITS, settings.stop_bits]),
    ]
    .concat()
}

/// Prepares the port: no flow control, its output lines, faults to be told, nothing old.
pub(crate) fn prepare(lines: Lines) -> Vec<u8> {
    let control = |value| about(COM_PORT, &[command::CONTROL, value]);
    let level = |level, high, low| control(if level == Level::High { high } else { low });
    [
        control(1),
        level(lines.dtr, 8, 9),
        level(lines.rts, 11, 12),
        about(COM_PORT, &[command::TELL_FAULTS, faults::ALL]),
        about(COM_PORT, &[command::PURGE, 1]),
    ]
    .concat()
}

/// Bits of a line state (those of a 16450).
mod faults {
    pub(super) const OVERRUN: u8 = 0x02;
    pub(super) const PARITY: u8 = 0x04;
    pub(super) const FRAMING: u8 = 0x08;
    pub(super) const BREAK: u8 = 0x10;
    pub(super) const ALL: u8 = OVERRUN | PARITY | FRAMING | BREAK;
}

/// What a server says about its port.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ComPort {
    /// The speed it is at now.
    Baud(u32),
    /// Characters arrived damaged.
    Faults(LineErrors),
    /// Anything else.
    Other,
}

impl ComPort {
    /// From the data about the option.
    pub(crate) fn parse(data: &[u8]) -> Self {
        const BAUD: u8 = command::BAUD + command::ANSWER;
        match *data {
            [BAUD, a, b, c, d] => Self::Baud(u32::from_be_bytes([a, b, c, d])),
            [command::FAULTS, state] => {
                let count = |bit| u32::from(state & bit != 0);
                Self::Faults(LineErrors {
                    breaks: count(faults::BREAK),
                    framing: count(faults::FRAMING),
                    overrun: count(faults::OVERRUN),
                    parity: count(faults::PARITY),
                })
            }
            _ => Self::Other,
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn read(input: &[u8], cut: usize) -> (Vec<u8>, Vec<Said>) {
        let (mut telnet, mut octets, mut said) = (Telnet::new(), Vec::new(), Vec::new());
        for piece in input.chunks(cut) {
            telnet.read(piece, &mut octets, &mut said);
        }
        (octets, said)
    }

    #[test]
    fn settings_are_sent_as_the_document_says() {
        let settings = "2400 8E1".parse().unwrap();
        let sent = [
            &[0xFF, 0xFA, 44, 1, 0, 0, 0x09, 0x60, 0xFF, 0xF0][..],
            &[0xFF, 0xFA, 44, 2, 8, 0xFF, 0xF0],
            &[0xFF, 0xFA, 44, 3, 3, 0xFF, 0xF0],
            &[0xFF, 0xFA, 44, 4, 1, 0xFF, 0xF0],
        ];
        assert_eq!(set(settings), sent.concat());
    }

    #[test]
    fn answers_and_faults_are_understood() {
        assert_eq!(ComPort::parse(&[101, 0, 1, 0xC2, 0]), ComPort::Baud(115_200));
        let errors = LineErrors { parity: 1, framing: 1, ..LineErrors::default() };
        assert_eq!(ComPort::parse(&[106, 0x0D]), ComPort::Faults(errors));
        assert_eq!(ComPort::parse(&[101, 0, 1]), ComPort::Other);
        assert_eq!(ComPort::parse(&[]), ComPort::Other);
    }

    #[test]
    fn an_end_that_is_lost_does_not_swallow_the_line() {
        let (octets, said) = read(&[0xFF, 0xFA, 44, 1, 0xFF, 0xFB, 44, 0x7E, 0xA0], 1);
        assert_eq!(octets, [0x7E, 0xA0]);
        assert_eq!(said, [Said::Option(Verb::Will, 44)]);
    }

    proptest! {
        #[test]
        fn octets_and_options_come_back_however_they_are_cut(
            parts in proptest::collection::vec((any::<Vec<u8>>(), any::<u8>(), proptest::collection::vec(any::<u8>(), 0..40)), 0..8),
            cut in 1usize..9,
        ) {
            let (mut input, mut wanted) = (Vec::new(), Vec::new());
            for (octets, number, data) in &parts {
                input.extend(escaped(octets));
                input.extend(option(Verb::Do, *number));
                input.extend(about(*number, data));
                wanted.push(Said::Option(Verb::Do, *number));
                wanted.push(Said::About(*number, data.clone()));
            }
            let (octets, said) = read(&input, cut);
            prop_assert_eq!(octets, parts.iter().flat_map(|(octets, ..)| octets.clone()).collect::<Vec<_>>());
            prop_assert_eq!(said, wanted);
        }

        #[test]
        fn no_input_panics(input: Vec<u8>, cut in 1usize..9) {
            let (octets, said) = read(&input, cut);
            prop_assert!(octets.len() + said.len() <= input.len());
            for said in said {
                if let Said::About(_, data) = said {
                    let _ = ComPort::parse(&data);
                }
            }
        }
    }
}
