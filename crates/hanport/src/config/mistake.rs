//! Mistakes in a file, and how they are shown:
//!
//! ```text
//! /etc/hanport/hanport.toml:12:10: error: 700000 is more than 65535
//!    |
//! 12 | fuse_a = 700000
//!    |          ^^^^^^
//!    = a whole number from 1 to 65535 A
//! ```

use core::fmt;
use core::ops::Range;

use hanport_engine::outside::{Problem, Severity};

use super::text::Trouble;

/// A mistake and where it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Mistake {
    /// How bad it is.
    pub(crate) severity: Severity,
    /// Which setting; empty for the whole.
    pub(crate) path: String,
    /// Where in the text, in octets; `None` where it is about the whole.
    pub(crate) span: Option<Range<usize>>,
    /// What is wrong.
    pub(crate) message: String,
    /// What to do; may be empty.
    pub(crate) remedy: String,
}

impl Mistake {
    /// An error.
    pub(crate) fn error(path: &str, span: Option<Range<usize>>, trouble: Trouble) -> Self {
        Self {
            severity: Severity::Error,
            path: path.to_owned(),
            span,
            message: trouble.message,
            remedy: trouble.remedy,
        }
    }

    /// A warning.
    pub(crate) fn warning(path: &str, span: Option<Range<usize>>, trouble: Trouble) -> Self {
        Self { severity: Severity::Warning, ..Self::error(path, span, trouble) }
    }
}

impl From<Mistake> for Problem {
    fn from(mistake: Mistake) -> Self {
        let Mistake { severity, path, message, remedy, .. } = mistake;
        Self { severity, path, message, remedy }
    }
}

/// The mistakes in one file.
#[derive(Clone, Debug)]
pub(crate) struct Report {
    /// Its name.
    pub(crate) file: String,
    /// What stands in it.
    pub(crate) text: String,
    /// What is wrong with it, from the top.
    pub(crate) mistakes: Vec<Mistake>,
}

impl Report {
    /// How many errors there are.
    pub(crate) fn errors(&self) -> usize {
        self.mistakes.iter().filter(|mistake| mistake.severity == Severity::Error).count()
    }

    /// Puts them into the order of the file, those about the whole first.
    pub(crate) fn sort(&mut self) {
        self.mistakes.sort_by_key(|mistake| mistake.span.as_ref().map(|span| span.start));
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, mistake) in self.mistakes.iter().enumerate() {
            if at > 0 {
                f.write_str("\n\n")?;
            }
            let severity = match mistake.severity {
                Severity::Error => "error",
                Severity::Warning => "warning",
            };
            let place = mistake.span.as_ref().map(|span| Place::of(&self.text, span));
            match &place {
                None => write!(f, "{}: {severity}: {}", self.file, mistake.message)?,
                Some(place) => {
                    let Place { line, column, .. } = place;
                    let Mistake { message, .. } = mistake;
                    write!(f, "{}:{line}:{column}: {severity}: {message}", self.file)?;
                    place.draw(f)?;
                }
            }
            if !mistake.remedy.is_empty() {
                let margin = place.map_or(0, |place| place.line.to_string().len());
                write!(f, "\n{:margin$} = {}", "", mistake.remedy)?;
            }
        }
        Ok(())
    }
}

/// A place in a text.
#[derive(Debug, PartialEq, Eq)]
struct Place {
    /// The line, from 1.
    line: usize,
    /// The character in it, from 1.
    column: usize,
    /// The line itself, without what nobody may see.
    shown: String,
    /// How many characters are meant, at least 1.
    length: usize,
}

impl Place {
    fn of(text: &str, span: &Range<usize>) -> Self {
        let start = floor(text, span.start);
        let end = floor(text, span.end).max(start);
        let before = text.get(..start).unwrap_or("");
        let begin = before.rfind('\n').map_or(0, |at| at + 1);
        let whole = text.get(begin..).unwrap_or("");
        let whole = whole.lines().next().unwrap_or("");
        let column = before.get(begin..).unwrap_or("").chars().count() + 1;
        let meant = text.get(start..end).unwrap_or("").lines().next().unwrap_or("");
        Self {
            line: before.matches('\n').count() + 1,
            column,
            shown: masked(whole),
            length: meant.chars().count().max(1),
        }
    }

    fn draw(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const WIDTH: usize = 100;
        let margin = self.line.to_string().len();
        // a line that is too long is shown around the place
        let from = (self.column + self.length.min(40)).saturating_sub(WIDTH);
        let shown: String = self.shown.replace('\t', " ").chars().skip(from).take(WIDTH).collect();
        let indent = (self.column - 1).saturating_sub(from);
        let length = self.length.min(WIDTH.saturating_sub(indent)).max(1);
        writeln!(f, "\n{:margin$} |", "")?;
        writeln!(f, "{} | {}", self.line, shown.trim_end())?;
        write!(f, "{:margin$} | {:indent$}{}", "", "", "^".repeat(length))
    }
}

/// The nearest end of a character at or before an offset.
fn floor(text: &str, mut offset: usize) -> usize {
    offset = offset.min(text.len());
    while !text.is_char_boundary(offset) {
        offset -= 1;
    }
    offset
}

/// A line without what may be a secret: what stands between quotation marks after a word that
/// speaks of one, and long rows of hexadecimal digits anywhere. No character moves.
pub(super) fn masked(line: &str) -> String {
    const WORDS: [&str; 4] = ["key", "password", "secret", "token"];
    let lower = line.to_ascii_lowercase();
    let from = WORDS.iter().filter_map(|word| lower.find(word)).min();
    let mut shown = String::with_capacity(line.len());
    let mut inside: Option<char> = None;
    for (at, c) in line.char_indices() {
        let secret = from.is_some_and(|from| at > from);
        match inside {
            None if secret && matches!(c, '"' | '\'') => {
                let rest = line.get(at + 1..).unwrap_or("");
                // the name of a secret is none
                inside = Some(if rest.starts_with("secret:") { ' ' } else { c });
                shown.push(c);
            }
            Some(quote) if c == quote || (quote == ' ' && matches!(c, '"' | '\'')) => {
                inside = None;
                shown.push(c);
            }
            Some(quote) if quote != ' ' => shown.push('*'),
            _ => shown.push(c),
        }
    }
    // no quotation marks where some belong
    let unquoted = from.is_some() && !line.contains(['"', '\'']);
    let value = shown.find('=').filter(|_| unquoted).unwrap_or(shown.len());
    let (name, value) = shown.split_at_checked(value).unwrap_or((&shown, ""));
    let value = value.chars().enumerate();
    let hide = |(at, c): (usize, char)| if at == 0 || c.is_whitespace() { c } else { '*' };
    let shown: String = name.chars().chain(value.map(hide)).collect();
    digits_masked(&shown)
}

fn digits_masked(line: &str) -> String {
    let mut shown = String::with_capacity(line.len());
    let mut row = String::new();
    for c in line.chars().chain(['\n']) {
        if c.is_ascii_hexdigit() {
            row.push(c);
            continue;
        }
        let long = row.len() >= 16;
        shown.push_str(if long { "" } else { &row });
        shown.extend(row.chars().filter(|_| long).map(|_| '*'));
        row.clear();
        shown.push(c);
    }
    shown.pop();
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    fn report(text: &str, span: Range<usize>) -> String {
        let trouble = Trouble { message: "no".into(), remedy: "yes".into() };
        let mistake = Mistake::error("a", Some(span), trouble);
        Report { file: "f.toml".into(), text: text.into(), mistakes: vec![mistake] }.to_string()
    }

    #[test]
    fn the_line_is_shown_with_a_mark_under_what_is_meant() {
        let text = "a = 1\nfuse_a = 700000\n";
        assert_eq!(
            report(text, 15..21),
            "f.toml:2:10: error: no\n  |\n2 | fuse_a = 700000\n  |          ^^^^^^\n  = yes"
        );
    }

    #[test]
    fn columns_are_characters_and_the_end_of_the_text_is_a_place() {
        let text = "n = \"\u{e5}\u{f8}\" x";
        assert!(report(text, 10..11).starts_with("f.toml:1:9:"));
        assert!(report("a = ", 4..4).starts_with("f.toml:1:5:"));
        assert!(report("a\n", 2..2).starts_with("f.toml:2:1:"));
        assert!(report("", 0..10).starts_with("f.toml:1:1:"));
    }

    #[test]
    fn secrets_are_not_shown() {
        for (line, shown) in [
            ("encryption_key = \"00ff\"", "encryption_key = \"****\""),
            ("password = 'a b'  # mine", "password = '***'  # mine"),
            ("key = \"secret:main-key\"", "key = \"secret:main-key\""),
            ("password = hunter2", "password = *******"),
            ("name = \"00112233445566778899\"", "name = \"********************\""),
            ("meter = [{ id = \"a\", key = \"12\" }]", "meter = [{ id = \"a\", key = \"**\" }]"),
            ("zone = \"Europe/Oslo\"", "zone = \"Europe/Oslo\""),
        ] {
            assert_eq!(masked(line), shown);
        }
    }

    #[test]
    fn a_long_line_is_shown_around_the_place() {
        let text = format!("a = [{}\"here\"]", "\"x\", ".repeat(100));
        let at = text.find("here").unwrap();
        let shown = report(&text, at..at + 4);
        assert!(shown.lines().all(|line| line.chars().count() < 120), "{shown}");
        assert!(shown.contains("here") && shown.contains("^^^^"));
    }
}
