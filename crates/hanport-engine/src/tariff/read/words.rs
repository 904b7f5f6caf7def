//! How months, weekdays, hours and dates are written in a tariff.
//!
//! ```text
//! months     "11-3"   "nov-mar"   "1,2,12"
//! weekdays   "mon-fri"   "sat,sun"
//! hours      "6-22"   "22-6"   "02:10-07:10, 11-17"      the end is left out
//! dates      "04-01..09-30"   "11-01..03-31"             both ends count
//! days       "12-24"                                      a day of every year
//! ```

use crate::tariff::when::{Dates, Hours, Months, Weekdays};

const MONTHS: [&str; 12] =
    ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
const WEEKDAYS: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];

/// The number of a name, from 0 on.
fn named(name: &str, names: &[&str]) -> Option<u8> {
    let name = name.trim().to_ascii_lowercase();
    u8::try_from(names.iter().position(|known| *known == name)?).ok()
}

/// Parts between commas, each one thing or a range of two.
fn ranges<T: Copy>(
    text: &str,
    one: impl Fn(&str) -> Option<T>,
    wrong: impl Fn(&str) -> String,
) -> Result<Vec<(T, T)>, String> {
    text.split(',')
        .map(|part| {
            let (first, last) = part.split_once('-').unwrap_or((part, part));
            one(first).zip(one(last)).ok_or_else(|| wrong(part.trim()))
        })
        .collect()
}

/// `nov-mar`, `11-3`, `1,2,12`.
pub fn months(text: &str) -> Result<Months, String> {
    let one = |month: &str| {
        let numbered = month.trim().parse().ok().filter(|month| (1..=12).contains(month));
        numbered.or_else(|| named(month, &MONTHS).map(|month| month + 1))
    };
    let wrong =
        |part: &str| format!("\"{part}\" is no month; write months like \"nov-mar\" or \"1,2\"");
    let ranges = ranges(text, one, wrong)?;
    let sets = ranges.into_iter().map(|(first, last)| Months::between(first, last));
    sets.reduce(Months::and).ok_or_else(|| wrong(text))
}

/// `mon-fri`, `sat,sun`.
pub fn weekdays(text: &str) -> Result<Weekdays, String> {
    let wrong = |part: &str| {
        format!("\"{part}\" is no weekday; write weekdays like \"mon-fri\" or \"sat,sun\"")
    };
    let ranges = ranges(text, |day| named(day, &WEEKDAYS), wrong)?;
    let sets = ranges.into_iter().map(|(first, last)| Weekdays::between(first, last));
    sets.reduce(Weekdays::and).ok_or_else(|| wrong(text))
}

/// `6-22`, `22-6`, `02:10-07:10, 11-17`.
pub fn hours(text: &str) -> Result<Hours, String> {
    let one = |time: &str| {
        let (hour, minute) = time.trim().split_once(':').unwrap_or_else(|| (time.trim(), "0"));
        let hour: u16 = hour.parse().ok().filter(|hour| *hour <= 24)?;
        let minute: u16 = minute.parse().ok().filter(|minute| *minute < 60)?;
        Some(hour * 60 + minute).filter(|minutes| *minutes <= 1440)
    };
    let wrong =
        |part: &str| format!("\"{part}\" is no time; write hours like \"6-22\" or \"02:10-07:10\"");
    if text.split(',').any(|part| !part.contains('-')) {
        return Err(wrong(text.trim()));
    }
    let ranges = ranges(text, one, wrong)?;
    let sets = ranges.into_iter().map(|(from, to)| Hours::between(from, to));
    sets.reduce(|all, more| all.and(&more)).ok_or_else(|| wrong(text))
}

/// `12-24`: month and day.
pub fn day(text: &str) -> Option<(u8, u8)> {
    let (month, day) = text.trim().split_once('-')?;
    let month = month.parse().ok().filter(|month| (1..=12).contains(month))?;
    let day = day.parse().ok().filter(|day| (1..=31).contains(day))?;
    Some((month, day))
}

/// `04-01..09-30`.
pub fn dates(text: &str) -> Result<Dates, String> {
    let ends = text.split_once("..").and_then(|(first, last)| day(first).zip(day(last)));
    let (first, last) = ends.ok_or_else(|| {
        format!("\"{text}\" is no range of dates; write months and days like \"04-01..09-30\"")
    })?;
    Ok(Dates { first, last })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn words_mean_what_they_say() {
        assert_eq!(months("Nov-Mar"), Ok(Months::between(11, 3)));
        assert_eq!(months("1, 2,12"), Ok(Months::between(12, 2)));
        assert_eq!(weekdays("mon-thu, fri"), Ok(Weekdays::between(0, 4)));
        assert_eq!(hours("22-6"), Ok(Hours::between(1320, 360)));
        assert_eq!(
            hours("02:10-07:10, 11-17"),
            Ok(Hours::between(130, 430).and(&Hours::between(660, 1020)))
        );
        assert_eq!(hours("0-24"), Ok(Hours::all()));
        assert_eq!(dates("11-01..03-31"), Ok(Dates { first: (11, 1), last: (3, 31) }));
    }

    #[test]
    fn what_they_do_not_say_is_explained() {
        for wrong in ["13", "0", "", "nov-", "november-march"] {
            assert!(months(wrong).unwrap_err().contains("nov-mar"), "{wrong}");
        }
        assert!(weekdays("monday").unwrap_err().contains("\"monday\" is no weekday"));
        for wrong in ["6", "6-25", "6-24:30", "6:60-7", "a-b", ""] {
            assert!(hours(wrong).unwrap_err().contains("6-22"), "{wrong}");
        }
        assert!(dates("04-01-09-30").is_err() && dates("4-1..9-32").is_err());
    }

    proptest! {
        #[test]
        fn never_panics(text: String) {
            let _ = (months(&text), weekdays(&text), hours(&text), dates(&text));
        }
    }
}
