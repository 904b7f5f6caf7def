//! Octets inside JSON: dumps of programs and message brokers.

use serde_json::Value;

use super::{Capture, Notation, digits, is_comment, is_telegram_line};

/// Fewest octets that an array or text must hold to be taken for octets, when other values
/// stand beside it.
const FEWEST: usize = 4;

/// Reads the text as one JSON value, or as one value a line; `None` when it is no JSON or holds
/// no octets.
pub(super) fn read(text: &str) -> Option<Capture> {
    if !text.trim_start().starts_with(['[', '{', '#', '/']) {
        return None;
    }
    let values: Vec<Value> = match serde_json::from_str(text) {
        Ok(value) => vec![value],
        Err(_) => text
            .lines()
            .filter(|line| !line.trim().is_empty() && !is_comment(line))
            .map(|line| serde_json::from_str(line).ok().filter(|v| !is_scalar(v)))
            .collect::<Option<_>>()?,
    };
    let mut found = Found::default();
    for value in &values {
        match value {
            Value::Array(items) => match all_octets(items) {
                Some(octets) => found.chunks.push(octets),
                None => items.iter().for_each(|item| found.walk(item)),
            },
            other => found.walk(other),
        }
    }
    let Found { chunks, passed_over } = found;
    (!chunks.is_empty()).then_some(Capture { notation: Notation::Json, chunks, passed_over })
}

const fn is_scalar(value: &Value) -> bool {
    !matches!(value, Value::Array(_) | Value::Object(_))
}

#[derive(Default)]
struct Found {
    chunks: Vec<Vec<u8>>,
    passed_over: usize,
}

impl Found {
    fn walk(&mut self, value: &Value) {
        match value {
            Value::Array(items) => match all_octets(items).filter(|o| o.len() >= FEWEST) {
                Some(octets) => self.chunks.push(octets),
                None => items.iter().for_each(|item| self.walk(item)),
            },
            Value::Object(members) => {
                for (name, member) in members {
                    self.passed_over += name.chars().count();
                    self.walk(member);
                }
            }
            Value::String(text) => match text_octets(text) {
                Some(octets) => self.chunks.push(octets),
                None => self.passed_over += text.chars().count(),
            },
            Value::Bool(_) | Value::Null | Value::Number(_) => {
                self.passed_over += value.to_string().len();
            }
        }
    }
}

/// An array of octets: whole numbers 0 to 255, or texts of one octet each.
fn all_octets(items: &[Value]) -> Option<Vec<u8>> {
    let octet = |item: &Value| match item {
        Value::Number(number) => number.as_u64().and_then(|number| u8::try_from(number).ok()),
        Value::String(text) => match digits::word(text)?.as_slice() {
            &[octet] => Some(octet),
            _ => None,
        },
        Value::Array(_) | Value::Bool(_) | Value::Null | Value::Object(_) => None,
    };
    let octets: Option<Vec<u8>> = items.iter().map(octet).collect();
    octets.filter(|octets| !octets.is_empty())
}

/// A text of octets in hexadecimal, or one that is a telegram. Digits alone are a number.
fn text_octets(text: &str) -> Option<Vec<u8>> {
    if text.lines().any(is_telegram_line) {
        return Some(text.as_bytes().to_vec());
    }
    if !text.contains(|c: char| c.is_ascii_alphabetic()) {
        return None;
    }
    digits::read_all(text)
        .filter(|(octets, left)| octets.len() >= FEWEST && *left == 0)
        .map(|(octets, _)| octets)
}
