//! One value of a file beside what the table says it may be.

use core::ops::Range;

use serde_json::{Number, Value};
use toml::Spanned;
use toml::de::{DeArray, DeInteger, DeValue};

use crate::config::nearest::nearest;
use crate::config::secrets::reference;
use crate::config::table::{Choice, Kind, Setting, decimal};
use crate::config::text::Trouble;

type Refused = (Range<usize>, Trouble);

/// The default of a setting.
pub(crate) fn default_of(setting: &Setting) -> Value {
    DeValue::parse(setting.given.shown())
        .ok()
        .and_then(|value| of(setting, &value).ok())
        .unwrap_or(Value::Null)
}

/// What a value stands for, or what is wrong with it and where.
pub(super) fn of(setting: &Setting, value: &Spanned<DeValue<'_>>) -> Result<Value, Refused> {
    let span = value.span();
    let refuse = |trouble: Trouble| (span.clone(), trouble);
    let wrong = || refuse(wrong_type(setting, value.get_ref()));
    match (setting.kind, value.get_ref()) {
        (Kind::Choice(choices), DeValue::String(word)) => {
            one_of(choices, word).map_err(refuse).map(Value::from)
        }
        (Kind::Choices(choices), DeValue::Array(array)) => list(array, |item| {
            let word = item.as_str().ok_or_else(|| wrong_type(setting, item))?;
            one_of(choices, word).map(Value::from)
        }),
        (Kind::Decimal { places, min, max, .. }, DeValue::Float(_) | DeValue::Integer(_)) => {
            number_with_decimals(value.get_ref(), places, (min, max))
                .map_err(|message| refuse(Trouble { message, remedy: setting.kind.in_words() }))
        }
        (Kind::Integer { min, max, .. }, DeValue::Integer(number)) => {
            whole(setting, number, min, max).map_err(refuse)
        }
        (Kind::Integers { min, max, .. }, DeValue::Array(array)) => list(array, |item| {
            let DeValue::Integer(number) = item else { return Err(wrong_type(setting, item)) };
            whole(setting, number, min, max)
        }),
        (Kind::OneOf { numbers, .. }, DeValue::Integer(number)) => match to_i64(number) {
            Some(number) if numbers.contains(&number) => Ok(Value::from(number)),
            _ => Err(refuse(Trouble {
                message: format!("{number} is not one of the numbers that are possible"),
                remedy: setting.kind.in_words(),
            })),
        },
        (Kind::Secret(form), DeValue::String(text)) => {
            let checked = match reference(text) {
                Some(name) => name.map(drop),
                None => (form.check)(text),
            };
            checked.map_err(refuse).map(|()| Value::from(&**text))
        }
        (Kind::Switch, DeValue::Boolean(yes)) => Ok(Value::from(*yes)),
        (Kind::Text(form), DeValue::String(text)) => {
            (form.check)(text).map_err(refuse).map(|()| Value::from(&**text))
        }
        (Kind::Texts(form), DeValue::Array(array)) => list(array, |item| {
            let text = item.as_str().ok_or_else(|| wrong_type(setting, item))?;
            (form.check)(text).map(|()| Value::from(text))
        }),
        _ => Err(wrong()),
    }
}

fn list(
    array: &DeArray<'_>,
    mut each: impl FnMut(&DeValue<'_>) -> Result<Value, Trouble>,
) -> Result<Value, Refused> {
    let items = array.iter().map(|item| each(item.get_ref()).map_err(|why| (item.span(), why)));
    items.collect::<Result<Vec<Value>, Refused>>().map(Value::Array)
}

fn one_of(choices: &'static [Choice], word: &str) -> Result<&'static str, Trouble> {
    if let Some(choice) = choices.iter().find(|choice| choice.name == word) {
        return Ok(choice.name);
    }
    let names = || choices.iter().map(|choice| choice.name);
    let all: Vec<&str> = names().collect();
    let remedy = match nearest(word, names()) {
        Some(it) => format!("did you mean `{it}`? there are {}", all.join(", ")),
        None => format!("one of {}", all.join(", ")),
    };
    Err(Trouble { message: format!("`{word}` is not one of the words that are possible"), remedy })
}

fn to_i64(number: &DeInteger<'_>) -> Option<i64> {
    i64::from_str_radix(number.as_str(), number.radix()).ok()
}

fn whole(setting: &Setting, number: &DeInteger<'_>, min: i64, max: i64) -> Result<Value, Trouble> {
    let message = match to_i64(number) {
        Some(fits) if (min..=max).contains(&fits) => return Ok(Value::from(fits)),
        Some(small) if small < min => format!("{small} is less than {min}"),
        _ => format!("{number} is more than {max}"),
    };
    Err(Trouble { message, remedy: setting.kind.in_words() })
}

/// A number as it was written, without any rounding.
fn number_with_decimals(
    value: &DeValue<'_>,
    places: u8,
    (min, max): (i64, i64),
) -> Result<Value, String> {
    let written = match value {
        DeValue::Float(number) => number.as_str().to_owned(),
        DeValue::Integer(number) => to_i64(number).map(|it| it.to_string()).unwrap_or_default(),
        _ => String::new(),
    };
    let scaled = scaled(&written, places)?;
    if scaled < min {
        return Err(format!("{written} is less than {}", decimal(min, places)));
    }
    if scaled > max {
        return Err(format!("{written} is more than {}", decimal(max, places)));
    }
    let number = decimal(scaled, places).parse::<Number>();
    number.map(Value::Number).map_err(|_| format!("{written} cannot be read"))
}

/// A written number in units of its last decimal; exact.
pub(crate) fn scaled(written: &str, places: u8) -> Result<i64, String> {
    let places = usize::from(places);
    let (sign, digits) = match written.strip_prefix(['-', '+']) {
        Some(digits) if written.starts_with('-') => (-1, digits),
        Some(digits) => (1, digits),
        None => (1, written),
    };
    let (whole, rest) = digits.split_once('.').unwrap_or((digits, ""));
    let rest = rest.trim_end_matches('0');
    if digits.is_empty() || !whole.bytes().chain(rest.bytes()).all(|c| c.is_ascii_digit()) {
        return Err(format!("{written} is no plain number"));
    }
    if rest.len() > places {
        return Err(format!("{written} has more than {places} decimals"));
    }
    format!("{whole}{rest:0<places$}")
        .parse::<i64>()
        .map(|number| sign * number)
        .map_err(|_| format!("{written} is too large"))
}

fn wrong_type(setting: &Setting, value: &DeValue<'_>) -> Trouble {
    let is = match value {
        DeValue::Array(_) => "a list",
        DeValue::Boolean(_) => "true or false",
        DeValue::Datetime(_) => "a date or time",
        DeValue::Float(_) => "a number with decimals",
        DeValue::Integer(_) => "a number",
        DeValue::String(_) => "a text",
        DeValue::Table(_) => "a table",
    };
    let wanted = setting.kind.in_words();
    let message = format!("this is {is}, but `{}` is {wanted}", setting.key);
    let remedy = match (setting.kind, value) {
        (Kind::Switch, DeValue::String(word)) => match word.to_ascii_lowercase().as_str() {
            "true" | "yes" | "on" | "1" => "write `true`, without quotation marks".to_owned(),
            "false" | "no" | "off" | "0" => "write `false`, without quotation marks".to_owned(),
            _ => "write `true` or `false`, without quotation marks".to_owned(),
        },
        (Kind::Switch, DeValue::Integer(number)) => {
            format!("write `{}`", number.as_str() != "0")
        }
        (
            Kind::Decimal { .. } | Kind::Integer { .. } | Kind::OneOf { .. },
            DeValue::String(text),
        ) if !text.is_empty() && text.bytes().all(|c| c.is_ascii_digit() || c == b'.') => {
            format!("take the quotation marks away: `{text}`")
        }
        (
            Kind::Choices(_) | Kind::Integers { .. } | Kind::Texts(_),
            DeValue::String(_) | DeValue::Integer(_),
        ) => {
            format!("put brackets around it: `{} = {}`", setting.key, setting.given.shown())
        }
        (Kind::Choice(_) | Kind::Secret(_) | Kind::Text(_), DeValue::Integer(number)) => {
            format!("put quotation marks around it: \"{number}\"")
        }
        _ => format!("for example `{} = {}`", setting.key, setting.given.shown()),
    };
    // a number may be a password
    let remedy =
        if setting.kind.is_secret() { "put quotation marks around it".to_owned() } else { remedy };
    Trouble { message, remedy }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_scaled_exactly() {
        assert_eq!(scaled("1.5", 3), Ok(1500));
        assert_eq!(scaled("-0.0001", 4), Ok(-1));
        assert_eq!(scaled("25", 4), Ok(250_000));
        assert_eq!(scaled("1.50000", 1), Ok(15));
        assert_eq!(scaled("+2", 0), Ok(2));
        for wrong in ["1.23", "inf", "nan", "1e3", "", "-", "99999999999999999999"] {
            assert!(scaled(wrong, 1).is_err(), "{wrong}");
        }
    }

    #[test]
    fn every_default_and_every_example_is_a_value_that_may_be_set() {
        for section in crate::config::table::SECTIONS {
            for setting in section.settings {
                let value = DeValue::parse(setting.given.shown()).expect("it is a value");
                let taken = of(setting, &value);
                assert!(taken.is_ok(), "{}.{}: {taken:?}", section.path, setting.key);
            }
        }
    }
}
