//! JSON as text, key by key in a given order, and digits with a given number of decimals.

use core::fmt::Write as _;

use hanport_core::number::Number;
use serde_json::Value;

use crate::time::UtcMillis;

/// How many decimals there always are.
pub type Places = u8;

/// A number with so many decimals, rounded half away from zero; never `-0.00`. `None` when it
/// does not fit.
pub fn fixed(number: Number, places: Places) -> Option<String> {
    let exponent = i8::try_from(places).ok()?.checked_neg()?;
    Some(Number::new(number.in_units_of(exponent)?, exponent).to_string())
}

/// Zero with so many decimals.
pub fn zero(places: Places) -> String {
    fixed(Number::new(0, 0), places).unwrap_or_default()
}

/// `2026-11-20T17:00:00Z`: no fractions of seconds.
pub fn iso(at: UtcMillis) -> String {
    UtcMillis::from_seconds(at.seconds()).to_string()
}

/// What stands where nothing is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unknown {
    /// The key is not there.
    Left,
    /// `null`.
    Null,
    /// 0 with as many decimals as a known value has, as existing readers print.
    Zero,
}

/// An object that is being written.
#[derive(Clone, Debug)]
pub struct Object {
    text: String,
    unknown: Unknown,
}

impl Object {
    /// An empty one.
    pub fn new(unknown: Unknown) -> Self {
        Self { text: String::from("{"), unknown }
    }

    fn key(&mut self, key: &str) {
        if self.text.len() > 1 {
            self.text.push(',');
        }
        quote(&mut self.text, key);
        self.text.push(':');
    }

    /// Something that is JSON already.
    pub fn raw(&mut self, key: &str, json: &str) -> &mut Self {
        self.key(key);
        self.text.push_str(json);
        self
    }

    /// Text.
    pub fn text(&mut self, key: &str, text: &str) -> &mut Self {
        self.key(key);
        quote(&mut self.text, text);
        self
    }

    /// Text, or `null`.
    pub fn text_or_null(&mut self, key: &str, text: Option<&str>) -> &mut Self {
        match text {
            Some(text) => self.text(key, text),
            None => self.raw(key, "null"),
        }
    }

    /// A whole number.
    pub fn int(&mut self, key: &str, value: i64) -> &mut Self {
        self.key(key);
        let _ = write!(self.text, "{value}");
        self
    }

    /// A number with so many decimals.
    pub fn fixed(&mut self, key: &str, number: Option<Number>, places: Places) -> &mut Self {
        let text = number.and_then(|number| fixed(number, places));
        match (text, self.unknown) {
            (Some(text), _) => self.raw(key, &text),
            (None, Unknown::Left) => self,
            (None, Unknown::Null) => self.raw(key, "null"),
            (None, Unknown::Zero) => self.raw(key, &zero(places)),
        }
    }

    /// A number with all its digits; left out where there is none.
    pub fn exact(&mut self, key: &str, number: Option<Number>) -> &mut Self {
        match number {
            Some(number) => self.raw(key, &number.to_string()),
            None => self,
        }
    }

    /// An object in it.
    pub fn object(&mut self, key: &str, inner: Self) -> &mut Self {
        let text = inner.finish();
        self.raw(key, &text)
    }

    /// Whether nothing stands in it yet.
    pub fn is_empty(&self) -> bool {
        self.text.len() <= 1
    }

    /// The keys of another after its own.
    pub fn append(&mut self, other: &Self) -> &mut Self {
        if let Some(inner) = other.text.strip_prefix('{')
            && !inner.is_empty()
        {
            if !self.is_empty() {
                self.text.push(',');
            }
            self.text.push_str(inner);
        }
        self
    }

    /// The text.
    pub fn finish(mut self) -> String {
        self.text.push('}');
        self.text
    }
}

/// `[a,b,c]`.
pub fn array(items: impl IntoIterator<Item = String>) -> String {
    let mut text = String::from("[");
    for (place, item) in items.into_iter().enumerate() {
        if place > 0 {
            text.push(',');
        }
        text.push_str(&item);
    }
    text.push(']');
    text
}

/// Text in quotation marks.
pub fn quote(into: &mut String, text: &str) {
    let _ = write!(into, "{}", Value::from(text));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decimals_are_always_there_and_rounded_half_away_from_zero() {
        assert_eq!(fixed(Number::new(2305, -1), 2).unwrap(), "230.50");
        assert_eq!(fixed(Number::new(-5, -3), 2).unwrap(), "-0.01");
        assert_eq!(fixed(Number::new(-4, -3), 2).unwrap(), "0.00");
        assert_eq!(fixed(Number::new(12, 1), 0).unwrap(), "120");
        assert_eq!(fixed(Number::new(i64::MAX, 0), 2), None);
        assert_eq!(zero(3), "0.000");
    }

    #[test]
    fn an_object_is_json_whatever_the_texts_hold() {
        let mut inner = Object::new(Unknown::Left);
        inner.fixed("x", None, 1).exact("y", Some(Number::new(5, -1)));
        let mut object = Object::new(Unknown::Null);
        object.text("a\"b", "c\\d\n").object("in", inner).fixed("n", None, 2).int("i", -1);
        let mut tail = Object::new(Unknown::Zero);
        tail.fixed("z", None, 2);
        object.append(&tail).append(&Object::new(Unknown::Zero));
        let text = object.finish();
        assert_eq!(text, r#"{"a\"b":"c\\d\n","in":{"y":0.5},"n":null,"i":-1,"z":0.00}"#);
        assert!(serde_json::from_str::<Value>(&text).is_ok());
    }

    #[test]
    fn times_have_no_fractions() {
        assert_eq!(iso(UtcMillis(1_774_746_000_123)), "2026-03-29T01:00:00Z");
    }
}
