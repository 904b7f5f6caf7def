//! The line to a meter: its settings, and what happens to it.

use core::fmt;
use core::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::time::UtcMillis;

/// The parity bit of a character.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Parity {
    /// It makes the number of ones even.
    Even,
    /// There is none.
    None,
    /// It makes the number of ones odd.
    Odd,
}

/// How characters are sent over a serial line. Written as `2400 8E1`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct LineSettings {
    /// Bits a second, 1 to 4 000 000.
    pub baud: u32,
    /// Data bits of a character, 7 or 8.
    pub data_bits: u8,
    /// Its parity bit.
    pub parity: Parity,
    /// Its stop bits, 1 or 2.
    pub stop_bits: u8,
}

impl LineSettings {
    /// Eight data bits, no parity, one stop bit.
    pub const fn plain(baud: u32) -> Self {
        Self { baud, data_bits: 8, parity: Parity::None, stop_bits: 1 }
    }

    /// Bits on the line for one character, start bit included.
    pub const fn bits(self) -> u32 {
        let parity = match self.parity {
            Parity::None => 0,
            Parity::Even | Parity::Odd => 1,
        };
        1 + self.data_bits as u32 + parity + self.stop_bits as u32
    }
}

impl fmt::Display for LineSettings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let parity = match self.parity {
            Parity::Even => 'E',
            Parity::None => 'N',
            Parity::Odd => 'O',
        };
        write!(f, "{} {}{parity}{}", self.baud, self.data_bits, self.stop_bits)
    }
}

/// Why a text is no line settings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NoLineSettings;

impl fmt::Display for NoLineSettings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("line settings look like `2400 8E1`: speed, data bits (7 or 8), parity (N, E or O), stop bits (1 or 2)")
    }
}

impl core::error::Error for NoLineSettings {}

impl FromStr for LineSettings {
    type Err = NoLineSettings;

    /// `2400 8E1`, `2400-8e1`, `2400`; the form of the character defaults to `8N1`.
    fn from_str(text: &str) -> Result<Self, NoLineSettings> {
        let digits = text.bytes().take_while(u8::is_ascii_digit).count();
        let (baud, form) = text.split_at_checked(digits).ok_or(NoLineSettings)?;
        let baud = baud.parse().map_err(|_| NoLineSettings)?;
        if !(1..=4_000_000).contains(&baud) {
            return Err(NoLineSettings);
        }
        let form = form.trim_start_matches([' ', '-', ',', '/', ':']).as_bytes();
        let (data_bits, parity, stop_bits) = match form {
            [] => return Ok(Self::plain(baud)),
            [data @ (b'7' | b'8'), parity, stop @ (b'1' | b'2')] => {
                (data - b'0', parity, stop - b'0')
            }
            _ => return Err(NoLineSettings),
        };
        let parity = match parity.to_ascii_uppercase() {
            b'E' => Parity::Even,
            b'N' => Parity::None,
            b'O' => Parity::Odd,
            _ => return Err(NoLineSettings),
        };
        Ok(Self { baud, data_bits, parity, stop_bits })
    }
}

impl From<LineSettings> for String {
    fn from(settings: LineSettings) -> Self {
        settings.to_string()
    }
}

impl TryFrom<String> for LineSettings {
    type Error = NoLineSettings;

    fn try_from(text: String) -> Result<Self, NoLineSettings> {
        text.parse()
    }
}

/// Characters that arrived damaged, as the driver of the line counts them. Since the last time
/// they were told.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LineErrors {
    /// The line was held down for longer than a character.
    pub breaks: u32,
    /// No stop bit where one belongs.
    pub framing: u32,
    /// Characters came faster than they were taken.
    pub overrun: u32,
    /// The parity bit is wrong.
    pub parity: u32,
}

/// Something happened to the line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LineEvent {
    /// It is gone; why, for people. The source tries again by itself.
    Closed(String),
    /// Octets were thrown away because there were too many of them.
    Dropped(u64),
    /// Characters arrived damaged.
    Errors(LineErrors),
    /// It is open; what it is, for people.
    Opened(String),
    /// What was sent before this is over: a file, a connection.
    Pause,
    /// It is read with other settings from now on. `true` once they are known to be right.
    Settings(LineSettings, bool),
}

/// What comes from a source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Arrival {
    /// Something happened to the line.
    Event(UtcMillis, LineEvent),
    /// Octets. Their time is when the last of them arrived.
    Octets(UtcMillis, Vec<u8>),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn line_settings_are_read_as_they_are_written() {
        for text in ["2400 8E1", "9600 7E1", "115200 8N1", "300 7O2"] {
            assert_eq!(text.parse::<LineSettings>().unwrap().to_string(), text);
        }
        assert_eq!("9600".parse(), Ok(LineSettings::plain(9600)));
        assert_eq!("2400-8e1".parse::<LineSettings>().unwrap().bits(), 11);
        for text in ["", "8N1", "0 8N1", "2400 9N1", "2400 8X1", "2400 8N3", "2400 8N", "5000000"] {
            assert_eq!(text.parse::<LineSettings>(), Err(NoLineSettings), "{text}");
        }
    }
}
