//! Ranges of a message body, and the texts that stand in them.

use core::fmt;
use core::fmt::Write as _;

/// A range of octets in the message body.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Span {
    /// Offset of the first octet.
    pub start: u16,
    /// Number of octets.
    pub len: u16,
}

impl Span {
    /// From `start` to before `end`; bodies are far shorter than 64 KiB.
    pub fn new(start: usize, end: usize) -> Self {
        let start = u16::try_from(start).unwrap_or(u16::MAX);
        let end = u16::try_from(end).unwrap_or(u16::MAX);
        Self { start, len: end.saturating_sub(start) }
    }

    /// Those octets of `body`; empty where they do not exist.
    pub fn of(self, body: &[u8]) -> &[u8] {
        let start = usize::from(self.start);
        body.get(start..start + usize::from(self.len)).unwrap_or(&[])
    }
}

/// A text in the message body, or a number that serves as one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TextRef {
    /// The ten octets of a device number (DIN 43863-5), printed as on the meter: medium, three
    /// letters of the maker, block in hexadecimal, eight decimal digits.
    DeviceNumber(Span),
    /// The octets are pairs of hexadecimal digits (P1).
    Hex(Span),
    /// A meter number sent as an integer.
    Number(u64),
    /// The octets are the text, or binary data.
    Octets(Span),
    /// A meter number of eight decimal digits, zeros in front of it included (EN 13757-3).
    Serial(u32),
}

impl TextRef {
    /// The same text as it stands in the message: hexadecimal digits stay digits.
    #[must_use]
    pub const fn printed(self) -> Self {
        match self {
            Self::Hex(span) => Self::Octets(span),
            text => text,
        }
    }
}

/// A text as people read it: printable characters as they are, without padding at the end (NUL
/// and blanks); anything else in hexadecimal, whole.
#[derive(Clone, Copy, Debug)]
pub struct Text<'a>(Form<'a>);

#[derive(Clone, Copy, Debug)]
enum Form<'a> {
    Device(&'a [u8]),
    Hex(&'a [u8]),
    Number(u64),
    Octets(&'a [u8]),
    Serial(u32),
}

impl<'a> Text<'a> {
    /// The text that `text` points to in `body`.
    pub fn new(text: TextRef, body: &'a [u8]) -> Self {
        Self(match text {
            TextRef::DeviceNumber(span) => Form::Device(span.of(body)),
            TextRef::Hex(span) => Form::Hex(span.of(body)),
            TextRef::Number(number) => Form::Number(number),
            TextRef::Octets(span) => Form::Octets(span.of(body)),
            TextRef::Serial(number) => Form::Serial(number),
        })
    }

    /// Whether nothing is left after the padding.
    pub fn is_empty(&self) -> bool {
        match self.0 {
            Form::Device(octets) => octets.is_empty(),
            Form::Hex(digits) => digits.is_empty(),
            Form::Number(_) | Form::Serial(_) => false,
            Form::Octets(octets) => octets.iter().all(|o| matches!(o, 0 | b' ')),
        }
    }
}

fn hex_pairs(digits: &[u8]) -> impl Iterator<Item = u8> + Clone + '_ {
    digits.as_chunks().0.iter().filter_map(|&[high, low]| {
        let digit = |o: u8| char::from(o).to_digit(16).and_then(|d| u8::try_from(d).ok());
        Some(digit(high)? << 4 | digit(low)?)
    })
}

fn write_octets(
    f: &mut fmt::Formatter<'_>,
    octets: impl Iterator<Item = u8> + Clone,
) -> fmt::Result {
    let padding = |o: &u8| matches!(o, 0 | b' ');
    let end = octets.clone().enumerate().filter(|(_, o)| !padding(o)).map(|(at, _)| at + 1).last();
    let kept = octets.clone().take(end.unwrap_or(0));
    if kept.clone().all(|o| o == b' ' || o.is_ascii_graphic()) {
        kept.into_iter().try_for_each(|o| f.write_char(char::from(o)))
    } else {
        // Of binary data every octet counts, zeros at its end too.
        octets.into_iter().try_for_each(|o| write!(f, "{o:02X}"))
    }
}

/// `1EMH0012345678`; octets of another form in hexadecimal.
fn write_device(f: &mut fmt::Formatter<'_>, octets: &[u8]) -> fmt::Result {
    let Some(([_, medium, maker @ .., block], number)) = octets.split_last_chunk() else {
        return write_octets(f, octets.iter().copied());
    };
    write!(f, "{medium:X}")?;
    maker.iter().try_for_each(|letter| f.write_char(char::from(*letter)))?;
    write!(f, "{block:02X}{:08}", u32::from_be_bytes(*number))
}

impl fmt::Display for Text<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Form::Device(octets) => write_device(f, octets),
            Form::Hex(digits) => write_octets(f, hex_pairs(digits)),
            Form::Number(number) => write!(f, "{number}"),
            Form::Octets(octets) => write_octets(f, octets.iter().copied()),
            Form::Serial(number) => write!(f, "{number:08}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::string::ToString;

    use super::*;

    #[test]
    fn digits_of_a_text_are_read_unless_they_are_wanted_as_printed() {
        let body = b"4B414D2020 ";
        let text = TextRef::Hex(Span { start: 0, len: 10 });
        assert_eq!(Text::new(text, body).to_string(), "KAM");
        assert_eq!(Text::new(text.printed(), body).to_string(), "4B414D2020");
        assert_eq!(TextRef::Number(7).printed(), TextRef::Number(7));
    }

    #[test]
    fn a_device_number_of_another_form_is_printed_octet_by_octet() {
        let number = TextRef::DeviceNumber(Span { start: 0, len: 5 });
        assert_eq!(Text::new(number, b"\x0A\x01EMH").to_string(), "0A01454D48");
    }

    #[test]
    fn padding_alone_is_an_empty_text() {
        let empty = |text, body| Text::new(text, body).is_empty();
        assert!(empty(TextRef::Octets(Span { start: 0, len: 3 }), b"\0  "));
        assert!(!empty(TextRef::Octets(Span { start: 0, len: 3 }), b"0  "));
        assert!(empty(TextRef::Hex(Span { start: 0, len: 0 }), b""));
        assert!(!empty(TextRef::Number(0), b""));
    }
}
