//! Values in words.

use hanport_core::datetime::DateTime;
use hanport_core::obis::Obis;
use hanport_core::quantity::Quantity;
use hanport_core::reading::{Item, Reading, Value};

/// A code and the name of what it stands for.
pub(crate) fn code(obis: Obis) -> String {
    Quantity::from_obis(obis).map_or_else(|| obis.to_string(), |name| format!("{obis} {name}"))
}

/// Name and code of a value.
pub(crate) fn name(item: &Item) -> String {
    item.quantity.map_or_else(|| item.obis.to_string(), |name| format!("{name} ({})", item.obis))
}

/// A value with its unit.
pub(crate) fn value(item: &Item, reading: &Reading<'_>) -> String {
    let said = match item.value {
        Value::Number(number, unit) => format!("{number} {unit}").trim_end().to_owned(),
        Value::Text(text) => reading.text(text).to_string(),
        Value::Time(time) => time.to_string(),
    };
    match item.at {
        Some(at) => format!("{said}, captured {at}"),
        None => said,
    }
}

/// What the octets say, and what that means; whatever says the same is said once.
pub(crate) fn joined(plain: &str, value: &str) -> String {
    let longer = |long: &str, short: &str| {
        long.strip_prefix(short).is_some_and(|rest| rest.is_empty() || rest.starts_with([' ', ',']))
    };
    if longer(plain, value) {
        plain.to_owned()
    } else if plain.is_empty() || longer(value, plain) {
        value.to_owned()
    } else {
        format!("{plain} = {value}")
    }
}

/// Date and time spelled out, from the twelve octets of COSEM.
pub(crate) fn date_time(octets: &[u8; 12]) -> String {
    let Some(time) = DateTime::from_cosem(octets) else {
        return "not specified".to_owned();
    };
    let mut words = format!("{time}, {}", weekday(time.weekday()));
    if time.offset_minutes.is_none() {
        words.push_str(", offset not stated");
    }
    if let Some(status) = time.status {
        for (bit, meaning) in [
            (0x01, "invalid"),
            (0x02, "doubtful"),
            (0x04, "other clock base"),
            (0x08, "clock status invalid"),
            (0x80, "daylight saving time"),
        ] {
            if status & bit != 0 {
                words.push_str(", ");
                words.push_str(meaning);
            }
        }
    }
    words
}

/// A date from the five octets of COSEM.
pub(crate) fn date(octets: [u8; 5]) -> Option<String> {
    let [high, low, month, day, _] = octets;
    let time = DateTime::new(u16::from_be_bytes([high, low]), month, day, 0, 0, 0)?;
    let DateTime { year, month, day, .. } = time;
    Some(format!("{year:04}-{month:02}-{day:02}, {}", weekday(time.weekday())))
}

/// A time of day from the four octets of COSEM.
pub(crate) fn time_of_day(octets: [u8; 4]) -> Option<String> {
    let [hour, minute, second, hundredths] = octets;
    let fits = hour < 24 && minute < 60 && second < 60 && matches!(hundredths, 0..=99 | 0xFF);
    fits.then(|| format!("{hour:02}:{minute:02}:{second:02}"))
}

const fn weekday(day: u8) -> &'static str {
    match day {
        1 => "Monday",
        2 => "Tuesday",
        3 => "Wednesday",
        4 => "Thursday",
        5 => "Friday",
        6 => "Saturday",
        _ => "Sunday",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn date_and_time_are_spelled_out_with_what_the_clock_says_of_itself() {
        let summer = [0x07, 0xE5, 9, 27, 1, 9, 47, 15, 0, 0xFF, 0x88, 0x80];
        assert_eq!(date_time(&summer), "2021-09-27T09:47:15+02:00, Monday, daylight saving time");
        let local = [0x07, 0xE2, 1, 15, 1, 15, 30, 10, 0xFF, 0x80, 0, 0x02];
        assert_eq!(date_time(&local), "2018-01-15T15:30:10, Monday, offset not stated, doubtful");
        assert_eq!(date_time(&[0xFF; 12]), "not specified");
    }

    #[test]
    fn nothing_is_said_twice() {
        for (plain, value, both) in [
            ("2337", "233.7 V", "2337 = 233.7 V"),
            ("1234", "1234 W", "1234 W"),
            ("12", "1200 W", "12 = 1200 W"),
            ("2021-09-27T09:47:15, Monday", "2021-09-27T09:47:15", "2021-09-27T09:47:15, Monday"),
            ("", "0A0B", "0A0B"),
        ] {
            assert_eq!(joined(plain, value), both);
        }
    }

    #[test]
    fn date_and_time_apart_are_read_too() {
        assert_eq!(date([0x07, 0xE9, 12, 3, 3]).as_deref(), Some("2025-12-03, Wednesday"));
        assert_eq!(time_of_day([15, 53, 30, 0]).as_deref(), Some("15:53:30"));
        assert_eq!((date([0xFF; 5]), time_of_day([0xFF; 4])), (None, None));
    }
}
