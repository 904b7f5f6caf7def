//! The octets in one line of a log or dump.
//!
//! A *run* is a row of words that are octets (see [`digits::word`]), all of the same width but
//! the last, with nothing but blanks, commas, semicolons and quotation marks between them. The
//! octets of a line are its longest run, of equal ones the last. The run counts when
//!
//! - nothing else stands in the line, or it reaches the end of the line behind a word such as
//!   `RX:` or `data:`, or it stands behind the same prefix as in the line before (digits apart);
//!   or
//! - it has at least four octets, letters among the digits, and reaches the end of the line, or
//!   eight octets wherever it ends; or
//! - it begins the line, in pairs of digits, and an explanation stands behind it: after a gap of
//!   two blanks or a tab, in brackets, or behind `#`, `//`, `;`, `-`, `=`, `<`. What follows the
//!   first octets is then explanation, even where it looks like octets.
//!
//! An offset at the start (`0010:`, or without colon when it continues the count) and a column
//! of characters at the end (`|~.'.|`, or as many characters as octets) do not belong to it.
//! Texts with escapes (`b'~\xa0\''`, `"\x7e\xa0"`) are octets, too. Lines marked `TX` were sent
//! by the reader and are passed over.

use super::{digits, inked};

/// The octets of a line.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Found {
    /// The octets.
    pub(super) octets: Vec<u8>,
    /// Characters before and behind them.
    pub(super) passed_over: usize,
    /// Whether the line goes on where the line before ended: a dump with offsets, or bare
    /// octets. A line with a prefix of its own stands for itself.
    pub(super) continues: bool,
}

/// Reads line after line and remembers what the lines look like.
#[derive(Debug, Default)]
pub(super) struct Reader {
    /// Offset that the next line of a dump has.
    offset: Option<usize>,
    /// Prefix of the last line with octets, digits made equal.
    shape: Option<String>,
    /// Whether a line before had octets with an explanation behind them.
    explained: bool,
}

struct Word<'a> {
    text: &'a str,
    start: usize,
    end: usize,
    octets: Option<Vec<u8>>,
}

struct Run {
    octets: Vec<u8>,
    start: usize,
    end: usize,
}

impl Reader {
    pub(super) fn new() -> Self {
        Self::default()
    }

    /// The octets of `line`; `None` when it carries none.
    pub(super) fn read(&mut self, line: &str) -> Option<Found> {
        if words(line).any(|word| word.text.trim_end_matches(':').eq_ignore_ascii_case("tx")) {
            return None;
        }
        if let Some((octets, text)) = escaped(line) {
            let passed_over = inked(line) - inked(text);
            return Some(Found { octets, passed_over, continues: false });
        }
        if self.is_end_of_dump(line) {
            return None;
        }
        let lone = |found: &Found| matches!(found.octets[..], [octet] if is_number(octet));
        if let Some(found) = explained(line).filter(|found| self.explained || !lone(found)) {
            self.explained = true;
            return Some(found);
        }
        let (offset, data) = self.offset(line);
        let run =
            self.rest_of_row(line).or_else(|| longest_run(line, self.behind_prefix(line, data)));
        let run = run?;
        let prefix = line.get(data..run.start)?;
        let behind = line.get(run.end..)?;
        let shape = shape_of(prefix);
        let same_shape = self.shape.as_ref() == Some(&shape);
        let bare = prefix.trim().is_empty() && column(behind, run.octets.len());
        let marked = marks_data(prefix) && ends(behind, run.octets.len());
        if !(bare || same_shape || marked || speaks_for_itself(line, &run, behind)) {
            return None;
        }
        self.offset = offset.map(|offset| offset + run.octets.len());
        self.shape = Some(shape);
        let passed_over = inked(line.get(..run.start)?) + inked(behind);
        let continues = offset.map_or(bare, |offset| offset != 0);
        Some(Found { octets: run.octets, passed_over, continues })
    }

    /// Whether a line is nothing but the offset that the next one would have.
    fn is_end_of_dump(&self, line: &str) -> bool {
        let line = line.trim();
        let offset = || usize::from_str_radix(line, 16).ok();
        line.len() >= 4 && self.offset.is_some() && self.offset == offset()
    }

    /// A few octets joined by colons at the end of a line, behind the prefix of the line before:
    /// anywhere else they would be a time of day or a date.
    fn rest_of_row(&self, line: &str) -> Option<Run> {
        let last = words(line).last()?;
        let prefix = line.get(..last.start)?;
        if self.shape.is_none() || self.shape != Some(shape_of(prefix)) {
            return None;
        }
        let octets = digits::short_row(last.text)?;
        Some(Run { octets, start: last.start, end: last.end })
    }

    /// Where the prefix of the line before ends in this line, if it has the same; else `data`.
    fn behind_prefix(&self, line: &str, data: usize) -> usize {
        let same = |word: &Word<'_>| {
            let prefix = line.get(data..word.start).unwrap_or("");
            !prefix.trim().is_empty() && self.shape.as_ref() == Some(&shape_of(prefix))
        };
        let mut words = words(line).filter(|word| word.start >= data && word.octets.is_some());
        words.find(same).map_or(data, |word| word.start)
    }

    /// The offset at the start of a line of a dump, and where the line goes on behind it.
    fn offset(&self, line: &str) -> (Option<usize>, usize) {
        let mut words = words(line);
        let (Some(first), Some(second)) = (words.next(), words.next()) else {
            return (None, 0);
        };
        let number = first.text.trim_end_matches(':');
        let value = usize::from_str_radix(number, 16).ok();
        let marked = number.len() < first.text.len();
        let counted = value.is_some() && value == self.offset;
        let starts = value == Some(0) && second.text.len() < number.len();
        if number.len() >= 4 && (marked || counted || starts) && value.is_some() {
            (value, first.end)
        } else {
            (None, 0)
        }
    }
}

/// The words of a line, where brackets and the like end a word.
fn words(line: &str) -> impl Iterator<Item = Word<'_>> {
    let mut at = 0;
    core::iter::from_fn(move || {
        let separates = |c: char| c.is_whitespace() || ",;\"'[]{}()<>|=".contains(c);
        let rest = line.get(at..)?;
        let start = at + rest.find(|c| !separates(c))?;
        let rest = line.get(start..)?;
        let mut len = rest.find(separates).unwrap_or(rest.len());
        let octets = digits::word(rest.get(..len)?);
        if octets.is_none()
            && let Some((name, data)) = rest.get(..len)?.rsplit_once(':')
            && digits::word(data).is_some()
            && !name.ends_with(|c: char| c.is_ascii_digit())
            && digits::short_row(rest.get(..len)?).is_none()
        {
            len = name.len() + 1;
        }
        at = start + len;
        Some(Word { text: rest.get(..len)?, start, end: at, octets })
    })
}

fn longest_run(line: &str, from: usize) -> Option<Run> {
    let mut best: Option<Run> = None;
    let mut run: Option<(Run, usize, bool)> = None;
    for word in words(line).filter(|word| word.start >= from) {
        let width = word.text.len();
        let Some(octets) = word.octets else {
            best = longer(best, run.take());
            continue;
        };
        run = match run.take() {
            Some((mut row, first, open))
                if open && width <= first && joined(line, &row, word.start) =>
            {
                row.octets.extend(octets);
                row.end = word.end;
                Some((row, first, width == first))
            }
            other => {
                best = longer(best, other);
                Some((Run { octets, start: word.start, end: word.end }, width, true))
            }
        };
        if let Some((row, ..)) = &run
            && is_column(line.get(row.end..).unwrap_or(""), row.octets.len())
        {
            break;
        }
    }
    longer(best, run)
}

fn longer(best: Option<Run>, run: Option<(Run, usize, bool)>) -> Option<Run> {
    match (best, run) {
        (Some(best), Some((run, ..))) if best.octets.len() > run.octets.len() => Some(best),
        (_, Some((run, ..))) => Some(run),
        (best, None) => best,
    }
}

/// Whether nothing but blanks and separators stands between a run and the word at `start`.
fn joined(line: &str, run: &Run, start: usize) -> bool {
    let between = line.get(run.end..start).unwrap_or("(");
    between.chars().all(|c| c.is_whitespace() || ",;\"'".contains(c))
}

/// Whether a column of `count` characters stands behind the octets, after a gap.
fn is_column(behind: &str, count: usize) -> bool {
    let gap = behind.len() - behind.trim_start().len();
    let text = behind.trim();
    gap >= 2 && count >= 4 && text.chars().count() == count
}

/// Whether what stands behind the octets is nothing, or a column of characters.
fn column(behind: &str, count: usize) -> bool {
    let rest = behind.trim();
    rest.is_empty() || rest.starts_with('|') || is_column(behind, count)
}

/// Whether both digits of an octet are decimal, so that it may be a number.
const fn is_number(octet: u8) -> bool {
    octet >> 4 < 10 && octet & 0x0F < 10
}

/// Octets at the start of a line with an explanation behind them.
fn explained(line: &str) -> Option<Found> {
    let row = line.trim_start();
    let mut octets = Vec::new();
    let mut rest = row;
    loop {
        let end = rest.find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or(rest.len());
        let (word, behind) = rest.split_at_checked(end)?;
        let pair = word.strip_prefix("0x").unwrap_or(word);
        octets.extend(digits::word(pair).filter(|_| pair.len() == 2)?);
        let behind = behind.strip_prefix(',').unwrap_or(behind);
        let next = behind.trim_start();
        let gap = behind.get(..behind.len() - next.len())?;
        let apart = gap.len() >= 2 || gap.contains('\t');
        let marked =
            ["#", "//", ";", "- ", "=", "<", "("].iter().any(|mark| next.starts_with(mark));
        if apart || marked {
            let words = || next.split_whitespace().any(|word| digits::word(word).is_none());
            let told = next.contains(|c: char| c.is_ascii_alphabetic()) && words();
            let dump = next.starts_with('|') || is_column(behind, octets.len());
            let more = next.get(..2).is_some_and(|pair| digits::word(pair).is_some())
                && next.as_bytes().get(2).is_none_or(|octet| *octet == b' ')
                && !marked;
            return (told && !dump && !more).then(|| Found {
                octets,
                passed_over: inked(next),
                continues: true,
            });
        }
        if gap != " " {
            return None;
        }
        rest = next;
    }
}

/// A prefix that announces data: its last word says so.
fn marks_data(prefix: &str) -> bool {
    let last = prefix
        .split(|c: char| !c.is_ascii_alphanumeric() && c != '<')
        .rfind(|word| !word.is_empty())
        .unwrap_or("");
    ["rx", "recv", "received", "read", "data", "raw", "hex", "frame", "payload", "<<", "<<<"]
        .iter()
        .any(|mark| last.eq_ignore_ascii_case(mark))
}

/// A run that cannot be a number or words: long enough, digits and letters, to the end.
fn speaks_for_itself(line: &str, run: &Run, behind: &str) -> bool {
    let text = line.get(run.start..run.end).unwrap_or("");
    let letters = text.contains(|c: char| c.is_ascii_alphabetic() && c != 'x');
    let numbers = text.contains(|c: char| c.is_ascii_digit());
    let count = run.octets.len();
    letters && numbers && (count >= 8 || (count >= 4 && ends(behind, count)))
}

/// Whether nothing but closing brackets, a remark in brackets or a column of characters stands
/// behind the octets.
fn ends(behind: &str, count: usize) -> bool {
    let rest = behind.trim_start_matches(|c: char| c.is_whitespace() || "\"')]}>;,.".contains(c));
    column(rest, 0) || column(behind, count) || rest.starts_with('(')
}

/// The prefix with every row of digits made the same.
fn shape_of(prefix: &str) -> String {
    let mut shape = String::with_capacity(prefix.len());
    for c in prefix.trim().chars() {
        if !c.is_ascii_digit() {
            shape.push(c);
        } else if !shape.ends_with('9') {
            shape.push('9');
        }
    }
    shape
}

/// A text with escapes, as programming languages print octets, and where it stands.
fn escaped(line: &str) -> Option<(Vec<u8>, &str)> {
    line.match_indices(['\'', '"']).find_map(|(start, mark)| {
        let mut octets = Vec::new();
        let mut any = false;
        let mut rest = line.get(start + 1..)?;
        loop {
            let c = rest.chars().next()?;
            rest = rest.get(c.len_utf8()..)?;
            match c {
                '\\' => {
                    let (octet, len) = escape(rest)?;
                    octets.push(octet);
                    rest = rest.get(len..)?;
                    any = true;
                }
                c if mark.starts_with(c) => break,
                c => octets.push(u8::try_from(c).ok().filter(u8::is_ascii)?),
            }
        }
        let end = line.len() - rest.len();
        any.then_some((octets, line.get(start..end)?))
    })
}

/// The octet behind a backslash and how many characters name it.
fn escape(rest: &str) -> Option<(u8, usize)> {
    Some(match rest.as_bytes() {
        &[b'x', high, low, ..] => (digits::digit(high)? << 4 | digits::digit(low)?, 3),
        [b'n', ..] => (b'\n', 1),
        [b'r', ..] => (b'\r', 1),
        [b't', ..] => (b'\t', 1),
        [b'0', ..] => (0, 1),
        [other @ (b'\\' | b'\'' | b'"'), ..] => (*other, 1),
        _ => return None,
    })
}
