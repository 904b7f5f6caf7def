//! Edits of the text of a file: comments, order and form of everything else stay.
//!
//! A setting that stands in the file as a comment (`#zone = "auto"`) becomes a setting in its
//! place, and one that is taken back becomes a comment again.

use toml_edit::{DocumentMut, InlineTable, Item, Table, TableLike, Value};

use super::table::{Many, SECTIONS, Section, Setting};
use super::walk::walk;

/// What a path names.
#[derive(Clone, Copy, Debug)]
pub(super) enum Target<'p> {
    /// One of several: a meter, a broker.
    Part(&'static Section, &'p str),
    /// A section.
    Section(&'static Section),
    /// A setting; of one of several where a part is named.
    Setting(&'static Section, Option<&'p str>, &'static Setting),
}

/// What a path names; `None` where it names nothing, or several settings at once.
pub(super) fn target(path: &str) -> Option<Target<'_>> {
    // the longest name first: `price.modifier` before `price`
    let fits = |section: &&&'static Section| {
        path.strip_prefix(section.path).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
    };
    let section: &'static Section =
        SECTIONS.iter().filter(fits).max_by_key(|section| section.path.len())?;
    let rest = path.strip_prefix(section.path)?;
    let Some(rest) = rest.strip_prefix('.') else {
        return Some(Target::Section(section));
    };
    if section.many == Many::No {
        return section.setting(rest).map(|setting| Target::Setting(section, None, setting));
    }
    match rest.split_once('.') {
        None => Some(Target::Part(section, rest)),
        Some((part, key)) => {
            section.setting(key).map(|setting| Target::Setting(section, Some(part), setting))
        }
    }
}

/// A text that cannot be edited: it is damaged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Damaged;

/// Sets a setting. The part of which it is must be there.
pub(super) fn set(
    text: &str,
    section: &'static Section,
    part: Option<&str>,
    setting: &'static Setting,
    value: Value,
) -> Result<String, Damaged> {
    let text = prepared(text, section, part, setting)?;
    let mut document = parse(&text)?;
    let table = table_of(&mut document, section, part).ok_or(Damaged)?;
    put(table, setting.key, value)?;
    Ok(document.to_string())
}

/// Takes a setting back; the default holds again.
pub(super) fn unset(
    text: &str,
    section: &'static Section,
    part: Option<&str>,
    setting: &'static Setting,
) -> Result<String, Damaged> {
    let path = match part {
        None => format!("{}.{}", section.path, setting.key),
        Some(part) => format!("{}.{part}.{}", section.path, setting.key),
    };
    let Some(span) = walk(text).spans.get(&path).cloned() else {
        return Ok(text.to_owned());
    };
    // alone on its line, it becomes a comment
    let before = text.get(..span.start).ok_or(Damaged)?;
    let line = before.rfind('\n').map_or(0, |at| at + 1);
    let name = before.get(line..).unwrap_or("");
    let last = setting.key.rsplit('.').next().unwrap_or(setting.key);
    let alone = name.trim_end().strip_suffix('=').is_some_and(|name| {
        let name = name.trim();
        name == setting.key || name == last
    });
    let commented = alone.then(|| {
        let rest = text.get(span.end..).unwrap_or("");
        let shown = setting.given.shown();
        format!(
            "{}#{} = {shown}{rest}",
            text.get(..line).unwrap_or(""),
            name.split('=').next().unwrap_or("").trim()
        )
    });
    if let Some(commented) = commented.filter(|text| parse(text).is_ok()) {
        return Ok(commented);
    }
    let mut document = parse(text)?;
    if let Some(table) = table_of(&mut document, section, part) {
        take(table, setting.key);
    }
    Ok(document.to_string())
}

/// Adds one of several, at the end.
pub(super) fn add_part(
    text: &str,
    section: &'static Section,
    id: Option<&str>,
) -> Result<String, Damaged> {
    let mut document = parse(text)?;
    if let Some(Item::Value(Value::Array(array))) = item_of(&mut document, section.path) {
        let mut table = InlineTable::new();
        if let Some(id) = id {
            table.insert("id", id.into());
        }
        array.push(table);
        return Ok(document.to_string());
    }
    let mut text = text.to_owned();
    if !text.is_empty() && !text.ends_with('\n') {
        text.push('\n');
    }
    let id = id.map(|id| format!("id = {}\n", Value::from(id))).unwrap_or_default();
    let text = format!("{text}\n[[{}]]\n{id}", section.path);
    parse(&text).map(|_| text)
}

/// Takes one of several away; all of them where none is named.
pub(super) fn remove_part(
    text: &str,
    section: &'static Section,
    part: Option<&str>,
) -> Result<String, Damaged> {
    if let Some(less) = part.and_then(|part| without_block(text, section, part)) {
        return Ok(less);
    }
    let mut document = parse(text)?;
    let Some(item) = item_of(&mut document, section.path) else {
        return Ok(text.to_owned());
    };
    match item {
        Item::ArrayOfTables(tables) => match part {
            None => tables.clear(),
            Some(part) => {
                let at =
                    tables.iter().enumerate().position(|(at, it)| is_part(section, it, at, part));
                if let Some(at) = at {
                    tables.remove(at);
                }
            }
        },
        Item::Value(Value::Array(array)) => match part {
            None => array.clear(),
            Some(part) => {
                let at = array.iter().enumerate().position(|(at, it)| {
                    it.as_inline_table().is_some_and(|it| is_part(section, it, at, part))
                });
                if let Some(at) = at {
                    array.remove(at);
                }
            }
        },
        Item::None | Item::Table(_) | Item::Value(_) => return Err(Damaged),
    }
    Ok(document.to_string())
}

/// The text without a block, from its header to the last of its settings: comments before and
/// behind it stay. `None` where it does not stand there as a block.
fn without_block(text: &str, section: &Section, part: &str) -> Option<String> {
    let walked = walk(text);
    let path = format!("{}.{part}", section.path);
    let below = format!("{path}.");
    let start = walked.spans.get(&path)?.start;
    let start = text.get(..start)?.rfind('\n').map_or(0, |at| at + 1);
    let header = format!("[[{}]]", section.path);
    if !text.get(start..)?.starts_with(&header) {
        return None;
    }
    let spans = walked.spans.iter().filter(|(path, _)| path.starts_with(&below));
    let end = spans.map(|(_, span)| span.end).max().unwrap_or(start + header.len());
    let end = text.get(end..)?.find('\n').map_or(text.len(), |at| end + at + 1);
    let before = text.get(..start)?;
    let before =
        before.strip_suffix("\n\n").map_or_else(|| before.to_owned(), |it| format!("{it}\n"));
    let less = format!("{before}{}", text.get(end..)?);
    // nothing else may have gone with it
    let others = |walked: &crate::config::walk::Walked| {
        walked.spans.len()
            - walked.spans.keys().filter(|it| **it == path || it.starts_with(&below)).count()
    };
    let after = walk(&less);
    let same = section.many == Many::List || others(&walked) <= others(&after) + 1;
    (same && parse(&less).is_ok()).then_some(less)
}

fn parse(text: &str) -> Result<DocumentMut, Damaged> {
    text.parse().map_err(|_| Damaged)
}

/// Makes room: takes the mark of a comment away, or adds the section.
fn prepared(
    text: &str,
    section: &Section,
    part: Option<&str>,
    setting: &Setting,
) -> Result<String, Damaged> {
    if part.is_some() {
        return Ok(text.to_owned());
    }
    let mut document = parse(text)?;
    let Some(table) = table_of(&mut document, section, None) else {
        let gap = if text.is_empty() || text.ends_with('\n') { "" } else { "\n" };
        return Ok(format!("{text}{gap}\n[{}]\n", section.path));
    };
    if has(table, setting.key) {
        return Ok(text.to_owned());
    }
    let header = format!("[{}]", section.path);
    let mut inside = false;
    let mut done = false;
    let mut lines = Vec::new();
    for line in text.split_inclusive('\n') {
        let bare = line.trim();
        if bare.starts_with('[') || bare.starts_with("#[") {
            inside = bare == header;
        }
        let commented = bare.strip_prefix('#').filter(|rest| {
            let name = rest.split_once('=').map(|(name, _)| name.trim());
            inside && !done && name == Some(setting.key)
        });
        if let Some(rest) = commented {
            done = true;
            lines.push(format!("{}\n", rest.trim()));
        } else {
            lines.push(line.to_owned());
        }
    }
    let candidate = lines.concat();
    // a comment may say anything
    Ok(if done && parse(&candidate).is_ok() { candidate } else { text.to_owned() })
}

fn item_of<'d>(document: &'d mut DocumentMut, path: &str) -> Option<&'d mut Item> {
    let mut item = document.as_item_mut();
    for name in path.split('.') {
        item = item.as_table_like_mut()?.get_mut(name)?;
    }
    Some(item)
}

/// The table with the settings of a section, or of one of its parts.
fn table_of<'d>(
    document: &'d mut DocumentMut,
    section: &Section,
    part: Option<&str>,
) -> Option<&'d mut dyn TableLike> {
    let item = item_of(document, section.path)?;
    let Some(part) = part else {
        return item.as_table_like_mut();
    };
    match item {
        Item::ArrayOfTables(tables) => {
            let mut tables = tables.iter_mut().enumerate();
            let found = tables.find(|(at, table)| is_part(section, *table, *at, part));
            found.map(|(_, table)| table as &mut dyn TableLike)
        }
        Item::Value(Value::Array(array)) => {
            let tables = array.iter_mut().map(Value::as_inline_table_mut).enumerate();
            let mut tables = tables.filter_map(|(at, table)| Some((at, table?)));
            let found = tables.find(|(at, table)| is_part(section, *table, *at, part));
            found.map(|(_, table)| table as &mut dyn TableLike)
        }
        Item::None | Item::Table(_) | Item::Value(_) => None,
    }
}

/// Whether a table is the one of a name: its `id`, or its number from 1 where it has none.
fn is_part(section: &Section, table: &dyn TableLike, at: usize, part: &str) -> bool {
    match section.many {
        Many::Named => table.get("id").and_then(Item::as_str) == Some(part),
        Many::List => part.parse() == Ok(at + 1),
        Many::No => false,
    }
}

fn has(table: &dyn TableLike, key: &str) -> bool {
    match key.split_once('.') {
        None => table.contains_key(key),
        Some((name, rest)) => {
            table.get(name).and_then(Item::as_table_like).is_some_and(|below| has(below, rest))
        }
    }
}

fn put(table: &mut dyn TableLike, key: &str, mut value: Value) -> Result<(), Damaged> {
    let Some((name, rest)) = key.split_once('.') else {
        if let Some(Item::Value(there)) = table.get_mut(key) {
            // what stands around the value stays: blanks, a comment behind it
            *value.decor_mut() = there.decor().clone();
            *there = value;
        } else {
            table.insert(key, Item::Value(value));
        }
        return Ok(());
    };
    if table.get(name).is_none() {
        let mut below = Table::new();
        below.set_dotted(true);
        // between braces it becomes a value by itself
        table.insert(name, Item::Table(below));
    }
    let below = table.get_mut(name).and_then(Item::as_table_like_mut).ok_or(Damaged)?;
    put(below, rest, value)
}

fn take(table: &mut dyn TableLike, key: &str) {
    match key.split_once('.') {
        None => {
            table.remove(key);
        }
        Some((name, rest)) => {
            if let Some(below) = table.get_mut(name).and_then(Item::as_table_like_mut) {
                take(below, rest);
                if below.is_empty() {
                    table.remove(name);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests;
