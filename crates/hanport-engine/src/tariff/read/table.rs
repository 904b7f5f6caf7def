//! A TOML table that notes what is wrong with it, line by line, and goes on.
//!
//! Decimals are read by their text, so no float comes between a price and its digits.

use core::cell::RefCell;
use core::fmt;
use core::ops::Range;

use hanport_core::number::Number;
use jiff::civil::Date;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::price::decimal::decimal;

/// A mistake in a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mistake {
    /// The line, from 1 on.
    pub line: usize,
    /// The character in it, from 1 on.
    pub column: usize,
    /// What is wrong and what to write instead.
    pub what: String,
}

impl fmt::Display for Mistake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}, character {}: {}", self.line, self.column, self.what)
    }
}

/// The text, and what was wrong with it so far.
#[derive(Debug)]
pub(super) struct Notes<'t> {
    text: &'t str,
    found: RefCell<Vec<Mistake>>,
}

impl<'t> Notes<'t> {
    pub(super) fn new(text: &'t str) -> Self {
        Self { text, found: RefCell::new(Vec::new()) }
    }

    /// Notes a mistake at a place in the text.
    pub(super) fn wrong(&self, at: usize, what: impl Into<String>) {
        let before = self.text.get(..at.min(self.text.len())).unwrap_or(self.text);
        let line = before.matches('\n').count() + 1;
        let column = before.rsplit('\n').next().unwrap_or("").chars().count() + 1;
        self.found.borrow_mut().push(Mistake { line, column, what: what.into() });
    }

    /// What was wrong, in the order of the text.
    pub(super) fn into_found(self) -> Vec<Mistake> {
        let mut found = self.found.into_inner();
        found.sort_by_key(|mistake| (mistake.line, mistake.column));
        found.dedup();
        found
    }
}

/// A table that is being read; what was not read in the end is a mistake too.
pub(super) struct Table<'n, 't> {
    notes: &'n Notes<'t>,
    cells: &'n DeTable<'t>,
    span: Range<usize>,
    known: RefCell<Vec<&'static str>>,
}

impl<'n, 't> Table<'n, 't> {
    pub(super) fn new(notes: &'n Notes<'t>, table: &'n DeTable<'t>, span: Range<usize>) -> Self {
        Self { notes, cells: table, span, known: RefCell::new(Vec::new()) }
    }

    fn value(&self, key: &'static str) -> Option<&'n Spanned<DeValue<'t>>> {
        self.known.borrow_mut().push(key);
        self.cells.get(key)
    }

    /// Notes a mistake about the table as a whole.
    pub(super) fn wrong(&self, what: impl Into<String>) {
        self.notes.wrong(self.span.start, what);
    }

    /// Notes a mistake about one of its values, or the table where it has none.
    pub(super) fn wrong_at(&self, key: &'static str, what: impl Into<String>) {
        let at = self.cells.get(key).map_or(self.span.start, |value| value.span().start);
        self.notes.wrong(at, what);
    }

    /// Whether there is such a value.
    pub(super) fn has(&self, key: &'static str) -> bool {
        self.value(key).is_some()
    }

    /// A value that must be there.
    pub(super) fn needed<T>(&self, key: &'static str, value: Option<T>) -> Option<T> {
        if value.is_none() && self.cells.get(key).is_none() {
            self.wrong(format!("\"{key}\" is missing"));
        }
        value
    }

    pub(super) fn text(&self, key: &'static str) -> Option<&'n str> {
        let value = self.value(key)?;
        let text = value.get_ref().as_str();
        if text.is_none() {
            self.notes.wrong(value.span().start, format!("\"{key}\" must be a text in quotes"));
        }
        text
    }

    pub(super) fn number(&self, key: &'static str) -> Option<Number> {
        self.as_number(key, self.value(key)?)
    }

    fn as_number(&self, key: &str, value: &Spanned<DeValue<'t>>) -> Option<Number> {
        let number = match value.get_ref() {
            DeValue::Integer(integer) if integer.radix() == 10 => decimal(&plain(integer.as_str())),
            DeValue::Float(float) => decimal(&plain(float.as_str())),
            DeValue::String(text) => decimal(text),
            _ => None,
        };
        if number.is_none() {
            let what = format!("\"{key}\" must be a number such as 12.5");
            self.notes.wrong(value.span().start, what);
        }
        number
    }

    /// A whole number within bounds.
    pub(super) fn whole(&self, key: &'static str, bounds: Range<i64>) -> Option<i64> {
        let number = self.number(key)?;
        let whole = number.in_units_of(0).filter(|whole| number.same_value(Number::new(*whole, 0)));
        let within = whole.filter(|whole| bounds.contains(whole));
        if within.is_none() {
            let (least, most) = (bounds.start, bounds.end - 1);
            self.wrong_at(key, format!("\"{key}\" must be a whole number from {least} to {most}"));
        }
        within
    }

    /// A number in units of a power of ten, within bounds.
    pub(super) fn scaled(
        &self,
        key: &'static str,
        exponent: i8,
        bounds: Range<i64>,
    ) -> Option<i64> {
        let number = self.number(key)?;
        let scaled = number.in_units_of(exponent).filter(|scaled| bounds.contains(scaled));
        if scaled.is_none() {
            let least = Number::new(bounds.start, exponent);
            let most = Number::new(bounds.end.saturating_sub(1), exponent);
            self.wrong_at(key, format!("\"{key}\" must lie between {least} and {most}"));
        }
        scaled
    }

    /// Several numbers.
    pub(super) fn numbers(&self, key: &'static str) -> Option<Vec<Number>> {
        let value = self.value(key)?;
        let Some(array) = value.get_ref().as_array() else {
            self.notes.wrong(value.span().start, format!("\"{key}\" must be a list of numbers"));
            return None;
        };
        array.iter().map(|value| self.as_number(key, value)).collect()
    }

    /// Several texts.
    pub(super) fn texts(&self, key: &'static str) -> Option<Vec<&'n str>> {
        let value = self.value(key)?;
        let texts = value
            .get_ref()
            .as_array()
            .and_then(|array| array.iter().map(|value| value.get_ref().as_str()).collect());
        if texts.is_none() {
            self.notes.wrong(value.span().start, format!("\"{key}\" must be a list of texts"));
        }
        texts
    }

    pub(super) fn date(&self, key: &'static str) -> Option<Date> {
        let value = self.value(key)?;
        let text = match value.get_ref() {
            DeValue::Datetime(datetime) => datetime.to_string(),
            DeValue::String(text) => text.to_string(),
            _ => String::new(),
        };
        let date = text.parse().ok().filter(|_| text.len() == 10);
        if date.is_none() {
            let what = format!("\"{key}\" must be a day such as 2026-07-01");
            self.notes.wrong(value.span().start, what);
        }
        date
    }

    /// One of several words.
    pub(super) fn word<T: Copy>(&self, key: &'static str, words: &[(&str, T)]) -> Option<T> {
        let text = self.text(key)?;
        let found = words.iter().find(|(word, _)| *word == text).map(|(_, meant)| *meant);
        if found.is_none() {
            let known: Vec<&str> = words.iter().map(|(word, _)| *word).collect();
            self.wrong_at(key, format!("\"{key}\" must be one of {}", known.join(", ")));
        }
        found
    }

    /// A text read by a grammar of its own, which says what is wrong.
    pub(super) fn grammar<T>(
        &self,
        key: &'static str,
        parse: impl FnOnce(&str) -> Result<T, String>,
    ) -> Option<T> {
        match parse(self.text(key)?) {
            Ok(value) => Some(value),
            Err(what) => {
                self.wrong_at(key, what);
                None
            }
        }
    }

    /// The tables of a list; none where there is no such list.
    pub(super) fn tables(&self, key: &'static str) -> Vec<Self> {
        let Some(value) = self.value(key) else { return Vec::new() };
        let tables: Option<Vec<Self>> = value.get_ref().as_array().and_then(|array| {
            array
                .iter()
                .map(|value| {
                    let table = value.get_ref().as_table()?;
                    Some(Self::new(self.notes, table, value.span()))
                })
                .collect()
        });
        tables.unwrap_or_else(|| {
            self.notes.wrong(value.span().start, format!("\"{key}\" must be a list of tables"));
            Vec::new()
        })
    }

    /// Notes every key that nobody asked for.
    pub(super) fn end(self) {
        let known = self.known.into_inner();
        for (key, _) in self.cells {
            let name: &str = key.get_ref();
            if known.contains(&name) {
                continue;
            }
            let near = known.iter().min_by_key(|known| distance(known, name));
            let hint = near
                .filter(|near| distance(near, name) <= 3)
                .map_or_else(String::new, |near| format!(", did you mean \"{near}\"?"));
            self.notes.wrong(key.span().start, format!("\"{name}\" means nothing here{hint}"));
        }
    }
}

fn plain(digits: &str) -> String {
    digits.replace('_', "")
}

/// How many letters must change, come or go to make one word of another.
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().take(40).collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (at, letter) in a.chars().take(40).enumerate() {
        let mut next = vec![at + 1];
        for ((other, above), corner) in b.iter().zip(row.iter().skip(1)).zip(&row) {
            let left = next.last().copied().unwrap_or(0);
            let change = corner + usize::from(letter != *other);
            next.push(change.min(above + 1).min(left + 1));
        }
        row = next;
    }
    row.last().copied().unwrap_or(0)
}
