//! Text telegrams: DSMR P1 and IEC 62056-21 mode D, and P1 ports that send ciphertext.
//!
//! Source: Dutch Smart Meter Requirements, P1 Companion Standard 5.0.2, clause 6; IEC 62056-21
//! clause 6.4.1 (mode D); for the ciphered body the HAN interface of Stoen Operator (Poland).
//!
//! ```text
//! / XXX B identification CR LF        XXX: maker, B: baud letter
//! CR LF
//! A-B:C.D.E(value*unit) CR LF         any number of lines
//! ! CRC CR LF                         CRC-16/ARC over "/" to "!", four hexadecimal digits
//!
//! / XXX B identification CR LF CR LF | 00 | 82 hh ll | 30 | counter(4) | cipher | tag(12) | ! CRC CR LF
//! ```
//!
//! The checksum is older than some of the meters: it may be absent, `0000`, without leading
//! zeros or in small letters. Between meter and reader a converter may turn every CR LF into LF;
//! then the checksum fits the text with the CRs put back.

use core::fmt;
use core::ops::Range;

use crate::emit::{Full, Writer};
use crate::fault::{Broken, Cause, Layer};
use crate::link::Probe;
use crate::link::crc::ARC;
use crate::reading::Check;

/// Longest telegram in octets: a text message of 1024 characters takes 2048 digits, everything
/// else less than 2 KiB.
pub const MAX_TELEGRAM: usize = 8192;

/// Longest identification line; the standard allows 21 octets.
const MAX_IDENTIFICATION: usize = 80;

/// What stands in the frame of a telegram.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Content {
    /// Text from `/` to `!`, both included.
    Text(Range<usize>),
    /// A plain identification line and then a ciphered APDU without its tag octet: the octets
    /// from the length of the system title on (Poland).
    Ciphered(Range<usize>),
}

/// A telegram found in a stream.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Telegram {
    /// What it carries.
    pub content: Content,
    /// What its checksum says.
    pub check: Check,
    /// Octets of the whole telegram, with its last line end where that is already there.
    pub len: usize,
}

/// Looks for a telegram that begins at the start of `bytes`.
///
/// `scanned` remembers from call to call what the search for the end has seen, so that a
/// telegram fed byte by byte is looked through once; it starts at 0 and is of no other use.
/// `ended` says that no more bytes will come.
///
/// A telegram is whole with the fourth digit of its checksum, else with the end of the line of
/// its `!`, else when the bytes have `ended`. What follows is not looked at. A line that begins
/// with `/` says that the telegram before it was cut off.
pub fn probe(bytes: &[u8], scanned: &mut usize, ended: bool) -> Probe<Telegram> {
    let mut seen = Seen::unpack(*scanned);
    if !ended && are_characters_of_a_line(bytes, seen.octets) {
        seen.octets = bytes.len();
        *scanned = seen.pack();
        return Probe::More(bytes.len() + seen.shortest_line_end() + seen.shortest_last_line());
    }
    let answer = search(bytes, &mut seen, ended);
    *scanned = seen.pack();
    answer
}

/// How many octets the search behind `scanned` has seen.
pub(crate) const fn looked_through(scanned: usize) -> usize {
    Seen::unpack(scanned).octets
}

/// How far the search has come, and how the line before ended.
#[derive(Clone, Copy)]
struct Seen {
    octets: usize,
    carriage_returns: bool,
}

impl Seen {
    const fn unpack(scanned: usize) -> Self {
        Self { octets: scanned >> 1, carriage_returns: scanned & 1 != 0 }
    }

    fn pack(self) -> usize {
        self.octets << 1 | usize::from(self.carriage_returns)
    }

    /// CR LF or LF.
    fn shortest_line_end(self) -> usize {
        1 + usize::from(self.carriage_returns)
    }

    /// `!` and a line end.
    fn shortest_last_line(self) -> usize {
        1 + self.shortest_line_end()
    }
}

/// The usual case when octets come one by one: a few more printable characters.
#[inline]
fn are_characters_of_a_line(bytes: &[u8], seen: usize) -> bool {
    match bytes.split_at_checked(seen) {
        Some(([.., before], [first, others @ ..])) => {
            others.len() < 8
                && bytes.len() <= MAX_TELEGRAM
                && matches!(first, b' '..=b'~')
                && (*before != b'\n' || !matches!(first, b'!' | b'/'))
                && others.iter().all(|octet| matches!(octet, b' '..=b'~'))
        }
        _ => false,
    }
}

// Kept apart so that the short way saves no registers.
#[inline(never)]
fn search(bytes: &[u8], seen: &mut Seen, ended: bool) -> Probe<Telegram> {
    if seen.octets == 0 {
        match identification(bytes, ended) {
            Ok(end) => seen.octets = end,
            Err(answer) => return answer,
        }
    }
    let mut at = seen.octets;
    let (head, mut rest) = bytes.split_at_checked(at).unwrap_or((bytes, &[]));
    let mut line_start = head.last() == Some(&b'\n');
    if line_start {
        seen.carriage_returns = head.ends_with(b"\r\n");
    }
    loop {
        match rest {
            [b'!', tail @ ..] if line_start => {
                seen.octets = at;
                return last_line(bytes, at, tail, ended);
            }
            [b'/', ..] if line_start => return cut_off(at),
            _ => {}
        }
        let run = printable_run(rest);
        let line_end = match rest.get(run..).unwrap_or(&[]) {
            [b'\r', b'\n', ..] => 2,
            tail @ ([] | [b'\r']) if at + run <= MAX_TELEGRAM => {
                seen.octets = at + run;
                let rest_of_line = match tail {
                    _ if line_start && run == 0 && tail.is_empty() => 0,
                    [] => seen.shortest_line_end(),
                    [..] => 1,
                };
                let missing = rest_of_line + seen.shortest_last_line();
                return more(bytes, at + run, missing, ended);
            }
            [] | [b'\r' | b'\n', ..] => 1,
            _ if line_start && run == 0 => {
                seen.octets = at;
                return binary(bytes, at, ended);
            }
            _ => return malformed(at + run),
        };
        at += run + line_end;
        (_, rest) = rest.split_at_checked(run + line_end).unwrap_or((rest, &[]));
        // A lone CR does not end the line.
        line_start = line_end == 2 || bytes.get(at - 1) == Some(&b'\n');
        seen.carriage_returns = line_end == 2;
        if at > MAX_TELEGRAM {
            let cause = Cause::TooLong { needed: bytes.len(), room: MAX_TELEGRAM };
            return Probe::Broken(Broken::new(Layer::Frame, cause, at));
        }
    }
}

const fn malformed<T>(at: usize) -> Probe<T> {
    Probe::Broken(Broken::new(Layer::Frame, Cause::Malformed, at))
}

const fn cut_off<T>(at: usize) -> Probe<T> {
    Probe::Broken(Broken::new(Layer::Frame, Cause::Truncated { have: at, want: 0 }, at))
}

/// Not whole yet: at least `missing` more octets must come.
fn more<T>(bytes: &[u8], at: usize, missing: usize, ended: bool) -> Probe<T> {
    if ended { cut_off(at) } else { Probe::More(bytes.len() + missing) }
}

/// The identification line `/XXXB...`: where the next line begins, or the answer.
fn identification(bytes: &[u8], ended: bool) -> Result<usize, Probe<Telegram>> {
    let (shape, rest) = bytes.split_at_checked(5).unwrap_or((bytes, &[]));
    let fits = shape.iter().enumerate().all(|(at, octet)| match at {
        0 => *octet == b'/',
        1..=3 => octet.is_ascii_alphabetic(),
        _ => matches!(octet, b' '..=b'~'),
    });
    if !fits || (ended && shape.len() < 5) {
        return Err(Probe::No);
    }
    if shape.len() < 5 {
        // The shortest telegram is "/XXXB", a line end, "!" and a line end.
        return Err(Probe::More(8));
    }
    let at = 5 + printable_run(rest);
    match bytes.get(at..).unwrap_or(&[]) {
        _ if at > MAX_IDENTIFICATION => Err(Probe::No),
        [b'\r', b'\n', ..] => Ok(at + 2),
        [b'\n', ..] => Ok(at + 1),
        // A bridge in text mode puts a CR before every LF: the checksum will tell.
        [b'\r', b'\r', b'\n', ..] => Ok(at + 3),
        [] | [b'\r'] | [b'\r', b'\r'] if !ended => Err(Probe::More(bytes.len() + 3)),
        _ => Err(Probe::No),
    }
}

/// The line of the `!` at `at`; `tail` is what follows it.
fn last_line(bytes: &[u8], at: usize, tail: &[u8], ended: bool) -> Probe<Telegram> {
    let digits = tail.iter().take(4).take_while(|octet| octet.is_ascii_hexdigit()).count();
    let (digits, rest) = tail.split_at_checked(digits).unwrap_or((tail, &[]));
    let line_end = match rest {
        [b'\r', b'\n', ..] => 2,
        [b'\n', ..] => 1,
        _ if digits.len() == 4 => 0,
        [] | [b'\r'] if !ended => return Probe::More(bytes.len() + 1),
        [b'\r', ..] => 1,
        [] => 0,
        // A damaged "!" line, or a damaged first character of another line.
        [..] => return malformed(at + 1 + digits.len()),
    };
    let text = bytes.get(..=at).unwrap_or(&[]);
    match check(text, digits) {
        // The rest of the checksum did not arrive.
        Err(_) if digits.len() < 4 && line_end == 0 => cut_off(at + 1 + digits.len()),
        Err(cause) => Probe::Broken(Broken::new(Layer::Frame, cause, at + 1)),
        Ok(check) => Probe::Frame(Telegram {
            content: Content::Text(0..at + 1),
            check,
            len: at + 1 + digits.len() + line_end,
        }),
    }
}

/// What the checksum `digits` say about `text`.
fn check(text: &[u8], digits: &[u8]) -> Result<Check, Cause> {
    if digits.is_empty() {
        return Ok(Check::Absent);
    }
    let wire = hexadecimal(digits);
    let computed = ARC.checksum(text);
    if wire == computed || with_carriage_returns(text) == Some(wire) {
        Ok(Check::Valid)
    } else if digits == b"0000" {
        Ok(Check::Zero)
    } else {
        Err(Cause::FrameCheck { wire, computed })
    }
}

/// The number that up to four hexadecimal digits stand for.
fn hexadecimal(digits: &[u8]) -> u16 {
    digits.iter().fold(0, |value, digit| {
        let digit = char::from(*digit).to_digit(16).unwrap_or(0);
        value << 4 | u16::try_from(digit).unwrap_or(0)
    })
}

/// The checksum of a text without any CR, as if one stood before every LF.
fn with_carriage_returns(text: &[u8]) -> Option<u16> {
    if text.contains(&b'\r') {
        return None;
    }
    let mut digest = ARC.digest();
    for line in text.split_inclusive(|octet| *octet == b'\n') {
        match line {
            [line @ .., b'\n'] => {
                digest.update(line);
                digest.update(b"\r\n");
            }
            line => digest.update(line),
        }
    }
    Some(digest.finalize())
}

/// A binary octet at `at`, at the start of a line: only after the identification line and one
/// empty line may it be the ciphered body.
fn binary(bytes: &[u8], at: usize, ended: bool) -> Probe<Telegram> {
    let head = bytes.get(..at).and_then(|head| head.strip_suffix(b"\n")).unwrap_or(&[]);
    let head = head.strip_suffix(b"\r").unwrap_or(head);
    if head.iter().position(|octet| *octet == b'\n') == head.len().checked_sub(1) {
        ciphered(bytes, at, ended)
    } else {
        malformed(at)
    }
}

/// The ciphered body at `at`, delimited by its length field.
fn ciphered(bytes: &[u8], at: usize, ended: bool) -> Probe<Telegram> {
    let short = |want: usize| {
        if ended {
            let cause = Cause::Truncated { have: bytes.len(), want };
            Probe::Broken(Broken::new(Layer::Frame, cause, bytes.len()))
        } else {
            Probe::More(want.max(bytes.len() + 1))
        }
    };
    let title = match bytes.get(at) {
        Some(title @ (0 | 8)) => usize::from(*title),
        _ => return malformed(at),
    };
    let length_at = at + 1 + title;
    let (length, content) = match bytes.get(length_at..).unwrap_or(&[]) {
        [0x82, high, low, ..] => (usize::from(u16::from_be_bytes([*high, *low])), length_at + 3),
        [0x81, length, ..] => (usize::from(*length), length_at + 2),
        [length @ 0..=0x7F, ..] => (usize::from(*length), length_at + 1),
        [] | [0x81 | 0x82, ..] => return short(length_at + 3),
        _ => return malformed(length_at),
    };
    // The length is there before what it measures: so it is judged first, however little came.
    let end = content + length;
    if length <= 5 || end > MAX_TELEGRAM {
        return malformed(length_at);
    }
    // Security control of suite 0: something is ciphered or authenticated.
    if bytes.get(content).is_some_and(|control| control & 0x0F != 0 || control & 0x30 == 0) {
        return malformed(content);
    }
    let Some(rest) = bytes.get(end..) else { return short(end) };
    let digits = match rest {
        [] if !ended => return Probe::More(end + 1),
        [b'!', tail @ ..] => tail.iter().take(4).take_while(|o| o.is_ascii_hexdigit()).count(),
        _ => {
            let content = Content::Ciphered(at..end);
            return Probe::Frame(Telegram { content, check: Check::Absent, len: end });
        }
    };
    let line_end = match rest.get(1 + digits..).unwrap_or(&[]) {
        [b'\r', b'\n', ..] => 2,
        [b'\n', ..] => 1,
        [] if digits < 4 && !ended => return Probe::More(bytes.len() + 1),
        _ => 0,
    };
    // What this checksum covers is not published; the tag inside is the check.
    Probe::Frame(Telegram {
        content: Content::Ciphered(at..end),
        check: Check::Absent,
        len: end + 1 + digits + line_end,
    })
}

/// Number of printable ASCII characters at the start, eight at a time.
fn printable_run(bytes: &[u8]) -> usize {
    const HIGH: u64 = 0x8080_8080_8080_8080;
    let (words, rest) = bytes.as_chunks::<8>();
    let mut run = 0;
    for word in words {
        let word = u64::from_le_bytes(*word);
        // The lowest high bit marks the first octet below 20, above 7E, or both.
        let other = (word.wrapping_sub(HIGH >> 2) | word.wrapping_add(HIGH >> 7) | word) & HIGH;
        if other != 0 {
            return run + other.trailing_zeros() as usize / 8;
        }
        run += 8;
    }
    run + rest.iter().take_while(|octet| matches!(octet, b' '..=b'~')).count()
}

/// How the lines of a telegram end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LineEnd {
    /// CR LF, as the standard has it.
    CrLf,
    /// LF alone.
    Lf,
}

/// How the checksum of a telegram is printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CrcForm {
    /// Only the `!`.
    Absent,
    /// Four small hexadecimal digits.
    Lower,
    /// Four capital hexadecimal digits.
    Normal,
    /// Capital digits without leading zeros.
    Unpadded,
    /// `0000`.
    Zero,
}

/// Writes a telegram line by line.
#[derive(Debug)]
pub struct TelegramWriter<'w, 'b> {
    out: &'w mut Writer<'b>,
    start: usize,
    line_end: LineEnd,
}

impl<'w, 'b> TelegramWriter<'w, 'b> {
    /// Starts with the identification (without its `/`) and the empty line.
    pub fn new(
        out: &'w mut Writer<'b>,
        identification: &str,
        line_end: LineEnd,
    ) -> Result<Self, Full> {
        let start = out.len();
        let mut telegram = Self { out, start, line_end };
        telegram.line(format_args!("/{identification}"))?;
        telegram.line(format_args!(""))?;
        Ok(telegram)
    }

    /// Appends a line.
    pub fn line(&mut self, text: fmt::Arguments<'_>) -> Result<(), Full> {
        fmt::Write::write_fmt(&mut Ascii(self.out), text).map_err(|_| Full)?;
        self.end_line()
    }

    /// Appends `!`, the checksum and the last line end.
    pub fn finish(mut self, form: CrcForm) -> Result<(), Full> {
        self.out.put_u8(b'!')?;
        let crc = ARC.checksum(self.out.written().get(self.start..).unwrap_or(&[]));
        match form {
            CrcForm::Absent => self.end_line(),
            CrcForm::Lower => self.line(format_args!("{crc:04x}")),
            CrcForm::Normal => self.line(format_args!("{crc:04X}")),
            CrcForm::Unpadded => self.line(format_args!("{crc:X}")),
            CrcForm::Zero => self.line(format_args!("0000")),
        }
    }

    fn end_line(&mut self) -> Result<(), Full> {
        self.out.put(match self.line_end {
            LineEnd::CrLf => b"\r\n",
            LineEnd::Lf => b"\n",
        })
    }
}

/// Writes an identification line and a ciphered body, given from the length of its system title
/// on (Poland). The checksum is taken over everything before it.
pub fn emit_ciphered(
    out: &mut Writer<'_>,
    identification: &str,
    body: &[u8],
    form: CrcForm,
) -> Result<(), Full> {
    let telegram = TelegramWriter::new(out, identification, LineEnd::CrLf)?;
    telegram.out.put(body)?;
    telegram.finish(form)
}

struct Ascii<'w, 'b>(&'w mut Writer<'b>);

impl fmt::Write for Ascii<'_, '_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.0.put(text.as_bytes()).map_err(|_| fmt::Error)
    }
}

#[cfg(test)]
#[path = "p1_tests.rs"]
mod tests;
