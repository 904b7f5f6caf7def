//! Texts that mean something: what each kind of text may be, what it stands for, and what to say
//! about one that is wrong.

pub(crate) mod country;
mod network;
mod topic;

use core::fmt;

use hanport_core::cipher::key::{Key, KeyError};
use hanport_engine::line::LineSettings;
use hanport_engine::price::source::Source;
use hanport_engine::price::zone::{ZONES, Zone};
use hanport_engine::tariff::Holidays;
use hanport_engine::tariff::shipped::{SHIPPED, Shipped};
use hanport_engine::time::Row;
use hanport_sim::meter::{personalities, personality as simulated};
use jiff::tz::TimeZone;

pub(crate) use network::{
    host, host_and_port, listen, network, page_address, page_address_or_empty,
};
pub(crate) use topic::{filter, topic, topic_or_empty};

use super::meant::{Line, PriceSource};
use super::nearest::nearest;

/// What is wrong with a text, and what to do about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Trouble {
    /// What is wrong.
    pub(crate) message: String,
    /// What to do; may be empty.
    pub(crate) remedy: String,
}

impl fmt::Display for Trouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

/// An error with its remedy.
fn trouble<T>(message: impl Into<String>, remedy: impl Into<String>) -> Result<T, Trouble> {
    Err(Trouble { message: message.into(), remedy: remedy.into() })
}

/// `did you mean ...?`, or else something that always helps.
fn suggest<'w>(word: &str, words: impl IntoIterator<Item = &'w str>, otherwise: &str) -> String {
    nearest(word, words).map_or_else(|| otherwise.to_owned(), |it| format!("did you mean `{it}`?"))
}

/// Any text on one line, up to 255 characters.
pub(crate) fn text(text: &str) -> Result<(), Trouble> {
    match text.chars().position(char::is_control) {
        Some(at) => trouble(
            format!("character {} is a control character", at + 1),
            "write it on one line, without tabs",
        ),
        None if text.chars().count() > 255 => {
            trouble("it is longer than 255 characters", "shorten it")
        }
        None => Ok(()),
    }
}

/// A text with something in it, up to 64 characters.
pub(crate) fn label(label: &str) -> Result<(), Trouble> {
    text(label)?;
    match label.trim().chars().count() {
        0 => trouble("it is empty", "write a name between the quotation marks"),
        65.. => trouble("it is longer than 64 characters", "shorten it"),
        _ => Ok(()),
    }
}

/// A short text, up to 15 characters.
pub(crate) fn tag(tag: &str) -> Result<(), Trouble> {
    text(tag)?;
    if tag.chars().count() > 15 {
        return trouble("it is longer than 15 characters", "shorten it");
    }
    Ok(())
}

/// A name for programs: lower-case letters, digits, `-` and `_`, up to 31.
pub(crate) fn name(name: &str) -> Result<(), Trouble> {
    let fits = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '-' | '_');
    let remedy = || {
        let better: String =
            name.to_lowercase().chars().map(|c| if fits(c) { c } else { '-' }).take(31).collect();
        match better.trim_matches('-') {
            "" => "for example `main`".to_owned(),
            better => format!("for example `{better}`"),
        }
    };
    if name.is_empty() {
        return trouble("it is empty", remedy());
    }
    if let Some(odd) = name.chars().find(|c| !fits(*c)) {
        return trouble(
            format!("`{odd}` may not stand in it: only lower-case letters, digits, `-` and `_`"),
            remedy(),
        );
    }
    if name.len() > 31 {
        return trouble("it is longer than 31 characters", remedy());
    }
    if !name.starts_with(|c: char| c.is_ascii_alphanumeric()) {
        return trouble("it does not begin with a letter or digit", remedy());
    }
    if name.bytes().all(|c| c.is_ascii_digit()) {
        return trouble("it is a number, not a name", "put a letter in front of it");
    }
    Ok(())
}

/// A time zone; `None` for `auto`, the one of this machine.
pub(crate) fn zone(zone: &str) -> Result<Option<TimeZone>, Trouble> {
    if zone == "auto" {
        return Ok(None);
    }
    TimeZone::get(zone).map(Some).or_else(|_| {
        let known: Vec<String> =
            jiff::tz::db().available().map(|zone| zone.to_string()).collect();
        // Oslo, or the right city on the wrong continent
        let city = zone.rsplit('/').next().unwrap_or(zone);
        let same_city = known
            .iter()
            .find(|known| known.rsplit('/').next().is_some_and(|c| c.eq_ignore_ascii_case(city)));
        let remedy = match same_city {
            Some(it) => format!("did you mean `{it}`?"),
            None => suggest(
                zone,
                known.iter().map(String::as_str),
                "zones are named after a city, such as `Europe/Oslo`; `auto` is that of this machine",
            ),
        };
        trouble(format!("there is no time zone `{zone}`"), remedy)
    })
}

/// A country, or `auto`.
pub(crate) fn country(country: &str) -> Result<(), Trouble> {
    if country == "auto" || (country.len() == 2 && country.bytes().all(|c| c.is_ascii_uppercase()))
    {
        return Ok(());
    }
    let upper = country.to_ascii_uppercase();
    let remedy = if upper.len() == 2 && upper.bytes().all(|c| c.is_ascii_uppercase()) {
        format!("write `{upper}`")
    } else {
        "two capital letters such as `NO`, or `auto`".to_owned()
    };
    trouble("this is no code of a country", remedy)
}

/// A currency, or `auto`.
pub(crate) fn currency(currency: &str) -> Result<(), Trouble> {
    if currency == "auto" || country::is_currency(currency) {
        return Ok(());
    }
    let upper = currency.to_ascii_uppercase();
    let remedy = if country::is_currency(&upper) {
        format!("write `{upper}`")
    } else {
        format!("one of {}, or `auto`", country::currencies().join(", "))
    };
    trouble(format!("`{currency}` is no currency that is known here"), remedy)
}

/// The path under which a proxy shows the page.
pub(crate) fn base_path(path: &str) -> Result<(), Trouble> {
    if path.is_empty() {
        return Ok(());
    }
    let better = format!("/{}", path.trim_matches('/'));
    let odd = |c: char| !(c.is_ascii_alphanumeric() || matches!(c, '/' | '-' | '_' | '.' | '~'));
    if let Some(odd) = path.chars().find(|c| odd(*c)) {
        return trouble(
            format!("`{odd}` may not stand in it"),
            "letters, digits, `-`, `_`, `.`, and `/` between them",
        );
    }
    if path == "/" {
        return trouble("the root is no path", "leave it empty: \"\"");
    }
    if path.split('/').any(|part| part == "." || part == "..") || path.contains("//") {
        return trouble("it is no plain path", "for example `/energy`");
    }
    if path != better {
        return trouble(
            "it must begin with a slash and not end with one",
            format!("write `{better}`"),
        );
    }
    Ok(())
}

/// A file or folder by its whole path.
pub(crate) fn path(path: &str) -> Result<(), Trouble> {
    text(path)?;
    if path.is_empty() {
        return trouble("it is empty", "write the path of a file, or take the line away");
    }
    if path.starts_with('~') {
        return trouble("`~` is not understood here", "write the whole path, beginning with `/`");
    }
    if !path.starts_with('/') {
        return trouble(
            "it is not a whole path",
            "begin with `/`: the program may be started in any folder",
        );
    }
    Ok(())
}

/// A folder, or `auto`.
pub(crate) fn path_or_auto(folder: &str) -> Result<(), Trouble> {
    if folder == "auto" { Ok(()) } else { path(folder) }
}

/// A serial port.
pub(crate) fn device(device: &str) -> Result<(), Trouble> {
    text(device)?;
    if device.starts_with('/') {
        return Ok(());
    }
    let remedy = match device {
        _ if device.to_ascii_uppercase().starts_with("COM") => {
            "ports of this system are called like `/dev/ttyUSB0`; `hanport detect` shows them"
                .to_owned()
        }
        _ if device.starts_with("tty") => format!("write `/dev/{device}`"),
        _ => "the path of a device, such as `/dev/ttyUSB0`; `hanport detect` shows them".to_owned(),
    };
    trouble("this is no path of a device", remedy)
}

/// How a line is set: `auto`, or as in `2400 8E1`.
pub(crate) fn line(line: &str) -> Result<Line, Trouble> {
    if line == "auto" {
        return Ok(Line::Auto);
    }
    line.parse::<LineSettings>()
        .map(Line::Fixed)
        .or_else(|error| trouble("these are no line settings", format!("{error}; or `auto`")))
}

/// A key of a meter. What is wrong with one is said without showing it.
pub(crate) fn key(key: &str) -> Result<Key, Trouble> {
    const REMEDY: &str = "a key has 32 hexadecimal digits, 0 to 9 and A to F, in any spacing";
    let parsed = key.parse::<Key>().or_else(|error| match error {
        KeyError::Digit { at } => trouble(
            format!("character {at} of the key is no hexadecimal digit"),
            format!("{REMEDY}; look for O in place of 0 and l in place of 1"),
        ),
        KeyError::Length(0) => trouble("the key is empty", REMEDY),
        KeyError::Length(31) => trouble("one character short: 31 of 32", "copy the key once more"),
        KeyError::Length(33) => {
            trouble("one character too many: 33 of 32", "copy the key once more")
        }
        KeyError::Length(short @ ..=30) => {
            trouble(format!("{} characters short: {short} of 32", 32 - short), REMEDY)
        }
        KeyError::Length(64) => trouble(
            "64 digits: this is the length of two keys",
            "the first half belongs into `encryption_key`, the second into `authentication_key`",
        ),
        KeyError::Length(long) => {
            trouble(format!("{} characters too many: {long} of 32", long - 32), REMEDY)
        }
    })?;
    if parsed.is_zero() {
        return trouble(
            "a key of zeros is none",
            "take the line away where the meter does not encrypt",
        );
    }
    Ok(parsed)
}

/// Any password.
pub(crate) fn password(password: &str) -> Result<(), Trouble> {
    if password.is_empty() {
        return trouble("the password is empty", "take the line away where there is none");
    }
    if password.len() > 1024 {
        return trouble("it is longer than 1024 characters", "shorten it");
    }
    Ok(())
}

/// The key for a service: letters, digits and dashes.
pub(crate) fn token(token: &str) -> Result<(), Trouble> {
    if token.is_empty() {
        return trouble("the key is empty", "take the line away where there is none");
    }
    if let Some(at) = token.chars().position(|c| !c.is_ascii_graphic()) {
        return trouble(
            format!("character {} may not stand in a key", at + 1),
            "copy the key once more, without blanks",
        );
    }
    Ok(())
}

/// Whose clock habits a meter has, or `auto`.
pub(crate) fn clock(clock: &str) -> Result<(), Trouble> {
    if clock == "auto" || Row::named(clock).is_some() {
        return Ok(());
    }
    let names: Vec<&str> = Row::all().iter().map(|row| row.name).collect();
    let otherwise = format!("one of {}, or `auto`", names.join("; "));
    trouble(format!("no clock habits are known as `{clock}`"), suggest(clock, names, &otherwise))
}

/// A simulated meter.
pub(crate) fn personality(meter: &str) -> Result<(), Trouble> {
    if simulated(meter).is_some() {
        return Ok(());
    }
    let remedy =
        suggest(meter, personalities().map(|it| it.name), "`hanport simulate --list` shows them");
    trouble(format!("there is no simulated meter `{meter}`"), remedy)
}

/// A price area: a short name or an EIC code; none where it is empty.
pub(crate) fn area(area: &str) -> Result<Option<&'static Zone>, Trouble> {
    if area.is_empty() {
        return Ok(None);
    }
    Zone::find(area).map(Some).or_else(|error| {
        let otherwise = "a name such as `NO1`, `SE3`, `DK1`, `DE-LU`, or an EIC code";
        trouble(error.to_string(), suggest(area, ZONES.iter().map(|zone| zone.name), otherwise))
    })
}

/// Where prices come from.
pub(crate) fn price_source(source: &str) -> Result<PriceSource, Trouble> {
    if source == "auto" {
        return Ok(PriceSource::Auto);
    }
    if let Some(file) = source.strip_prefix("file:") {
        path(file)?;
        return Ok(PriceSource::File(file.into()));
    }
    if source.starts_with("http://") || source.starts_with("https://") {
        page_address(source)?;
        return Ok(PriceSource::Url(source.to_owned()));
    }
    // these three need more than a name
    let named = |known: &Source| !matches!(known, Source::File | Source::Fixed | Source::Topic);
    if let Some(known) = Source::named(source).filter(named) {
        return Ok(PriceSource::Known(known));
    }
    let words: Vec<&str> = Source::ALL.into_iter().filter(named).map(Source::word).collect();
    let otherwise = format!(
        "`auto`, one of {}, `file:` and a path, or an address that begins with https://",
        words.join(", ")
    );
    trouble(format!("`{source}` is no source of prices"), suggest(source, words, &otherwise))
}

/// A tariff that comes with the program, or the file of one; none where it is empty.
pub(crate) fn tariff(tariff: &str) -> Result<(), Trouble> {
    if tariff.is_empty() || Shipped::find(tariff).is_some() {
        return Ok(());
    }
    if tariff.contains('/') {
        return path(tariff);
    }
    let ids: Vec<&str> = SHIPPED.iter().map(|shipped| shipped.id).collect();
    let otherwise = format!("one of {}, or the path of a file", ids.join(", "));
    trouble(format!("there is no tariff `{tariff}`"), suggest(tariff, ids, &otherwise))
}

/// A list of public holidays, `auto` or `none`.
pub(crate) fn holidays(list: &str) -> Result<(), Trouble> {
    if matches!(list, "auto" | "none") || Holidays::of(list).is_some() {
        return Ok(());
    }
    let names: Vec<&str> = Holidays::names().collect();
    let otherwise = format!("`auto`, `none`, or one of {}", names.join(", "));
    trouble(format!("no public holidays are known as `{list}`"), suggest(list, names, &otherwise))
}

/// A day of any year, month and day: `03-31`.
pub(crate) fn year_day(day: &str) -> Result<(u8, u8), Trouble> {
    const LENGTHS: [u8; 12] = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
    let parts = day.split_once('-').and_then(|(month, day)| {
        let two = |text: &str| (text.len() == 2).then(|| text.parse::<u8>().ok()).flatten();
        Some((two(month)?, two(day)?))
    });
    let Some((month, day_of_month)) = parts else {
        return trouble(
            format!("`{day}` is no day of the year"),
            "month and day with two digits each: `03-31` is the last of March",
        );
    };
    let length = usize::from(month).checked_sub(1).and_then(|month| LENGTHS.get(month));
    match length {
        None => trouble(format!("there is no month {month}"), "the month stands first: `03-31`"),
        Some(length) if !(1..=*length).contains(&day_of_month) => trouble(
            format!("month {month} has no day {day_of_month}"),
            format!("a day from 01 to {length}"),
        ),
        Some(_) => Ok((month, day_of_month)),
    }
}

#[cfg(test)]
mod tests;
