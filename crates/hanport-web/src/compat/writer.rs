//! Objects whose keys have an order and whose numbers have a fixed count of decimals.

use core::fmt::Write as _;

use hanport_core::number::Number;

/// A JSON object that is being written.
#[derive(Debug)]
pub(crate) struct Document {
    text: String,
    /// Whether the innermost object or array has something in it.
    begun: bool,
    unknown_as_null: bool,
}

impl Document {
    /// An object. Where a value is not known it writes `null`, or 0 as the original does.
    pub(crate) fn new(unknown_as_null: bool) -> Self {
        Self { text: "{".into(), begun: false, unknown_as_null }
    }

    /// The text of it.
    pub(crate) fn finish(mut self) -> String {
        self.text.push('}');
        self.text
    }

    fn separate(&mut self) {
        if core::mem::replace(&mut self.begun, true) {
            self.text.push(',');
        }
    }

    fn key(&mut self, name: &str) {
        self.separate();
        self.string(name);
        self.text.push(':');
    }

    fn string(&mut self, text: &str) {
        self.text.push_str(&serde_json::Value::from(text).to_string());
    }

    /// A whole number.
    pub(crate) fn count(&mut self, name: &str, value: i64) {
        self.key(name);
        let _ = write!(self.text, "{value}");
    }

    /// A whole number that may not be known.
    pub(crate) fn whole(&mut self, name: &str, value: Option<i64>) {
        self.decimal(name, value.map(|value| Number::new(value, 0)), 0);
    }

    /// A number with a fixed count of decimals, which may not be known.
    pub(crate) fn decimal(&mut self, name: &str, value: Option<Number>, decimals: u8) {
        self.key(name);
        self.number(value, decimals);
    }

    /// A number with a fixed count of decimals, or `null` whatever the settings say.
    pub(crate) fn decimal_or_null(&mut self, name: &str, value: Option<Number>, decimals: u8) {
        self.key(name);
        match value {
            Some(value) => self.number(Some(value), decimals),
            None => self.text.push_str("null"),
        }
    }

    fn number(&mut self, value: Option<Number>, decimals: u8) {
        let exponent = i8::try_from(decimals).map_or(0, |decimals| -decimals);
        match value.and_then(|value| value.in_units_of(exponent)) {
            Some(digits) => {
                let _ = write!(self.text, "{}", Number::new(digits, exponent));
            }
            None if self.unknown_as_null => self.text.push_str("null"),
            None => {
                let _ = write!(self.text, "{}", Number::new(0, exponent));
            }
        }
    }

    /// A text.
    pub(crate) fn text(&mut self, name: &str, text: &str) {
        self.key(name);
        self.string(text);
    }

    /// True or false.
    pub(crate) fn flag(&mut self, name: &str, flag: bool) {
        self.key(name);
        self.text.push_str(if flag { "true" } else { "false" });
    }

    /// An object.
    pub(crate) fn object(&mut self, name: &str, write: impl FnOnce(&mut Self)) {
        self.key(name);
        self.nested('{', '}', write);
    }

    /// An array; its items are written by [`item`](Self::item) and its kin.
    pub(crate) fn array(&mut self, name: &str, write: impl FnOnce(&mut Self)) {
        self.key(name);
        self.nested('[', ']', write);
    }

    /// An item of an array that is an object.
    pub(crate) fn object_item(&mut self, write: impl FnOnce(&mut Self)) {
        self.separate();
        self.nested('{', '}', write);
    }

    /// An item of an array that is a number.
    pub(crate) fn item(&mut self, value: Option<Number>, decimals: u8) {
        self.separate();
        self.number(value, decimals);
    }

    /// An item of an array that is a number, or `null` whatever the settings say.
    pub(crate) fn item_or_null(&mut self, value: Option<Number>, decimals: u8) {
        self.separate();
        match value {
            Some(value) => self.number(Some(value), decimals),
            None => self.text.push_str("null"),
        }
    }

    fn nested(&mut self, open: char, close: char, write: impl FnOnce(&mut Self)) {
        self.text.push(open);
        let begun = core::mem::replace(&mut self.begun, false);
        write(self);
        self.begun = begun;
        self.text.push(close);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample(unknown_as_null: bool) -> String {
        let mut document = Document::new(unknown_as_null);
        document.whole("i", Some(-7));
        document.decimal("u", Some(Number::new(23_045, -2)), 2);
        document.decimal("none", None, 3);
        document.decimal_or_null("p", None, 4);
        document.object("l1", |l1| {
            l1.text("name", "a\"b\\c");
            l1.array("v", |v| {
                v.item(Some(Number::new(15, -1)), 0);
                v.item(None, 0);
            });
        });
        document.flag("a", true);
        document.finish()
    }

    #[test]
    fn keys_keep_their_order_and_numbers_their_decimals() {
        assert_eq!(
            sample(false),
            r#"{"i":-7,"u":230.45,"none":0.000,"p":null,"l1":{"name":"a\"b\\c","v":[2,0]},"a":true}"#
        );
    }

    #[test]
    fn what_is_not_known_can_be_null() {
        assert_eq!(
            sample(true),
            r#"{"i":-7,"u":230.45,"none":null,"p":null,"l1":{"name":"a\"b\\c","v":[2,null]},"a":true}"#
        );
    }
}
