//! What a given file or text is: the octets of a line, however somebody wrote them down.
//!
//! The rules, in the order in which they are tried. The first that fits holds.
//!
//! 1. **Empty**: nothing but white space.
//! 2. **Binary**: anything that is no text. Text is ASCII without control characters other than
//!    tab, line feed, form feed, carriage return and terminal colours (`ESC [ .. m`); or UTF-8
//!    under the same rule; or UTF-16 with its mark; or Latin-1 when nine characters of ten are
//!    ASCII. Every binary framing has control characters within its first octets (HDLC and LLC a
//!    00, M-Bus the 01 of its service access point, SML an escape, DLMS its tags), so a frame is
//!    never taken for text. Binary input is handed on as it is.
//! 3. **Telegram**: text with a line that begins like an identification (`/`, three letters, a
//!    digit or dash) or like a data line (`1-0:1.8.0(`). It is handed on octet for octet,
//!    because its checksum covers the line ends.
//!    Text of seven bits with even parity that was received with eight is masked first.
//! 4. **JSON**: the whole text, or each of its lines, is one JSON value. Arrays of whole numbers
//!    0 to 255 are octets in decimal, texts that are nothing but octets in hexadecimal are
//!    octets; everything else is passed over.
//! 5. **Hex**: nothing but hexadecimal digits, white space, separators (`, ; : - |`), `0x`, `\x`
//!    and comments. An empty line begins a new chunk.
//! 6. **Log**: the octets of each line as `line` finds them. Lines without octets are passed
//!    over and begin a new chunk.
//! 7. **Prose**: text without octets.
//!
//! Numbers of lines that count up by one from 0 or 1 are taken out before rules 4 to 7.
//! Comments are lines that begin with `#` or `//`. Nothing is guessed silently: the result says
//! what the input was taken for and how many characters carry no octets.

mod digits;
mod json;
mod line;

use core::fmt;
use std::borrow::Cow;

/// How the octets were written down.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Notation {
    /// The octets themselves.
    Binary,
    /// Nothing.
    Empty,
    /// Hexadecimal digits, and nothing else but comments.
    Hex,
    /// JSON arrays or texts.
    Json,
    /// A log or dump with octets in its lines.
    Log,
    /// Text in which no octets were found.
    Prose,
    /// A text telegram, octet for octet.
    Telegram,
}

impl fmt::Display for Notation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Binary => "binary data",
            Self::Empty => "empty",
            Self::Hex => "hexadecimal text",
            Self::Json => "JSON",
            Self::Log => "a log with hexadecimal octets",
            Self::Prose => "text without octets",
            Self::Telegram => "a text telegram",
        })
    }
}

/// What was given, as octets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Capture {
    /// What the input was taken for.
    pub notation: Notation,
    /// The octets in the order of the input. A new chunk begins where the writer made a break;
    /// whether a message ends there is for the reader to find out.
    pub chunks: Vec<Vec<u8>>,
    /// Characters that are neither white space nor part of an octet: prefixes, comments, prose.
    pub passed_over: usize,
}

impl Capture {
    /// Finds out what `input` is. Never fails: input that holds nothing gives no chunks.
    ///
    /// ```
    /// use hanport_engine::capture::{Capture, Notation};
    ///
    /// let capture = Capture::recognise(b"12:34:56.789 RX: 7E A0 27 01\n");
    /// assert_eq!(capture.notation, Notation::Log);
    /// assert_eq!(capture.octets(), [0x7E, 0xA0, 0x27, 0x01]);
    /// assert_eq!(capture.passed_over, 15);
    /// ```
    pub fn recognise(input: &[u8]) -> Self {
        if input.iter().all(u8::is_ascii_whitespace) {
            return Self { notation: Notation::Empty, chunks: Vec::new(), passed_over: 0 };
        }
        let Some(text) = as_text(input) else {
            return match without_parity(input) {
                Some(telegram) => Self::whole(Notation::Telegram, &telegram),
                None => Self::whole(Notation::Binary, input),
            };
        };
        if text.lines().any(is_telegram_line) {
            return Self::whole(Notation::Telegram, input);
        }
        let text = without_colours(&text);
        let rows = without_numbers(&text);
        let mut capture =
            json::read(&rows).or_else(|| pure_hex(&rows)).unwrap_or_else(|| log(&rows));
        capture.passed_over += inked(&text) - inked(&rows);
        if let Some(telegram) = without_parity(&capture.octets()) {
            capture.chunks = vec![telegram];
        }
        capture
    }

    /// Whether input that begins with `head` is handed on octet for octet whatever follows:
    /// binary data, or a text telegram. It need not be held as a whole, then.
    ///
    /// ```
    /// use hanport_engine::capture::Capture;
    ///
    /// assert!(Capture::is_verbatim(b"\x7E\xA0\x27\x01\x00\x01\x10"));
    /// assert!(!Capture::is_verbatim(b"7E A0 27 01"));
    /// ```
    pub fn is_verbatim(head: &[u8]) -> bool {
        if let [0xFF, 0xFE, ..] | [0xFE, 0xFF, ..] = head {
            return false;
        }
        // An escape at the end may be the beginning of a colour.
        let head = head.strip_suffix(b"\x1B").unwrap_or(head);
        has_control_characters(head)
            || as_text(head).is_some_and(|text| text.lines().any(is_telegram_line))
    }

    /// All octets in one piece.
    pub fn octets(&self) -> Vec<u8> {
        self.chunks.concat()
    }

    fn whole(notation: Notation, input: &[u8]) -> Self {
        Self { notation, chunks: vec![input.to_vec()], passed_over: 0 }
    }
}

/// The input as text, or `None` when it is none.
fn as_text(input: &[u8]) -> Option<Cow<'_, str>> {
    let little = |pair: [u8; 2]| u16::from_le_bytes(pair);
    let big = |pair: [u8; 2]| u16::from_be_bytes(pair);
    match input {
        [0xFF, 0xFE, rest @ ..] => return utf16(rest, little).map(Cow::Owned),
        [0xFE, 0xFF, rest @ ..] => return utf16(rest, big).map(Cow::Owned),
        _ => {}
    }
    let rest = input.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(input);
    if has_control_characters(rest) {
        return None;
    }
    if let Ok(text) = core::str::from_utf8(rest) {
        return Some(Cow::Borrowed(text));
    }
    let ascii = rest.iter().filter(|octet| octet.is_ascii()).count();
    (ascii * 10 >= rest.len() * 9)
        .then(|| Cow::Owned(rest.iter().map(|&octet| char::from(octet)).collect()))
}

/// Whether there are characters that no text has.
fn has_control_characters(input: &[u8]) -> bool {
    input.iter().enumerate().any(|(at, &octet)| {
        let colour = octet == 0x1B && input.get(at + 1) == Some(&b'[');
        let layout = matches!(octet, b'\t' | b'\n' | 0x0C | b'\r');
        octet == 0x7F || (octet < 0x20 && !layout && !colour)
    })
}

/// A telegram of seven bits with even parity, received with eight bits and none.
fn without_parity(input: &[u8]) -> Option<Vec<u8>> {
    let (begin, rest) = input.split_at_checked(input.len().min(64))?;
    let marked = begin.iter().any(|octet| *octet >= 0x80);
    let even = |octet: &u8| octet.count_ones().is_multiple_of(2);
    if !marked || !begin.iter().chain(rest).all(even) {
        return None;
    }
    let seven: Vec<u8> = input.iter().map(|octet| octet & 0x7F).collect();
    let text = as_text(&seven)?;
    text.lines().any(is_telegram_line).then(|| seven.clone())
}

/// Takes numbers of lines out: decimal numbers that count up by one from 0 or 1, over at least
/// three lines with something behind each.
fn without_numbers(text: &str) -> Cow<'_, str> {
    let mut plain = String::with_capacity(text.len());
    let mut expected = None;
    let mut count = 0;
    for line in text.lines() {
        let row = line.trim_start();
        if row.is_empty() {
            plain.push('\n');
            continue;
        }
        let end = row.find(|c: char| !c.is_ascii_digit()).unwrap_or(row.len());
        let (number, behind) = row.split_at(end);
        let octets = behind.trim_start_matches([':', '.', ')', '|', ' ', '\t']);
        let number: Option<usize> = number.parse().ok();
        let follows = match (number, expected) {
            (Some(number), None) => number <= 1,
            (number, expected) => number == expected,
        };
        if !follows || octets.is_empty() || octets.len() == behind.len() {
            return Cow::Borrowed(text);
        }
        expected = number.map(|number| number + 1);
        count += 1;
        plain.push_str(octets);
        plain.push('\n');
    }
    if count < 3 { Cow::Borrowed(text) } else { Cow::Owned(plain) }
}

/// UTF-16 that holds nothing but ASCII, as some shells write when output is redirected.
fn utf16(input: &[u8], unit: fn([u8; 2]) -> u16) -> Option<String> {
    let (pairs, rest) = input.as_chunks::<2>();
    if !rest.is_empty() {
        return None;
    }
    pairs
        .iter()
        .map(|&pair| u8::try_from(unit(pair)).ok().filter(|o| is_ascii_text(*o)).map(char::from))
        .collect()
}

const fn is_ascii_text(octet: u8) -> bool {
    matches!(octet, b'\t' | b'\n' | b'\r' | b' '..=b'~')
}

/// Whether a line can only come from a text telegram: its identification or a data line.
fn is_telegram_line(line: &str) -> bool {
    match line.as_bytes() {
        [b'/', a, b, c, mode, ..] => {
            [a, b, c].iter().all(|letter| letter.is_ascii_alphabetic())
                && (mode.is_ascii_digit() || *mode == b'-')
        }
        [medium, b'-', rest @ ..] if medium.is_ascii_digit() => {
            let end = rest.iter().position(|&octet| octet == b'(');
            end.and_then(|end| rest.get(..end)).is_some_and(|code| {
                code.contains(&b':')
                    && code.contains(&b'.')
                    && code.iter().all(|o| o.is_ascii_digit() || b":.*".contains(o))
            })
        }
        _ => false,
    }
}

/// Takes the colour sequences of terminals out.
fn without_colours(text: &str) -> Cow<'_, str> {
    if !text.contains('\x1B') {
        return Cow::Borrowed(text);
    }
    let mut plain = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, sequence)) = rest.split_once("\x1B[") {
        plain.push_str(before);
        let end = sequence.find(|c: char| c.is_ascii_alphabetic()).map_or(0, |end| end + 1);
        rest = sequence.get(end..).unwrap_or("");
    }
    plain.push_str(rest);
    Cow::Owned(plain)
}

fn is_comment(line: &str) -> bool {
    let line = line.trim_start();
    line.starts_with('#') || line.starts_with("//")
}

/// Characters that count as passed over when a line as a whole carries no octets.
fn inked(text: &str) -> usize {
    text.chars().filter(|c| !c.is_whitespace()).count()
}

/// Rule 5: nothing but digits and what stands between them.
fn pure_hex(text: &str) -> Option<Capture> {
    let mut passed_over = 0;
    let mut chunks = Vec::new();
    let mut block = String::new();
    for line in text.lines().chain([""]) {
        if is_comment(line) {
            passed_over += inked(line);
        } else if !line.trim().is_empty() {
            block.push_str(line);
            block.push('\n');
        } else if !block.is_empty() {
            let (octets, left) = digits::read_all(&block)?;
            passed_over += left;
            chunks.push(octets);
            block.clear();
        }
    }
    let found = chunks.iter().any(|chunk| !chunk.is_empty());
    found.then_some(Capture { notation: Notation::Hex, chunks, passed_over })
}

/// Rules 6 and 7: line by line.
fn log(text: &str) -> Capture {
    let mut capture = Capture { notation: Notation::Prose, chunks: Vec::new(), passed_over: 0 };
    let mut reader = line::Reader::new();
    let mut broken = true;
    for line in text.lines() {
        if is_comment(line) {
            capture.passed_over += inked(line);
            continue;
        }
        let Some(found) = reader.read(line) else {
            capture.passed_over += inked(line);
            broken = true;
            continue;
        };
        capture.notation = Notation::Log;
        capture.passed_over += found.passed_over;
        match capture.chunks.last_mut() {
            Some(chunk) if found.continues && !broken => chunk.extend(found.octets),
            _ => capture.chunks.push(found.octets),
        }
        broken = false;
    }
    capture
}

#[cfg(test)]
mod tests;
