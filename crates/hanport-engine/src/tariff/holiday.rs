//! Public holidays by country, computed: fixed dates, days around Easter, and a few Saturdays.
//!
//! Lists are those that tariffs go by: eves are in none of the countries' lists, and companies
//! that count them add them. The list `SE-GRID` is one that some Swedish companies use, where the
//! 1st of May, the national day and Ascension are working days.

use jiff::civil::{Date, Weekday};
use jiff::{Span, ToSpan};

/// A list of holidays.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Holidays {
    list: Option<&'static List>,
    extra: Vec<(i8, i8)>,
    minus: Vec<(i8, i8)>,
}

#[derive(Debug, PartialEq, Eq)]
struct List {
    name: &'static str,
    /// Month and day.
    fixed: &'static [(i8, i8)],
    /// Days from Easter Sunday.
    easter: &'static [i64],
    /// The first such weekday from month and day on.
    first: &'static [(Weekday, i8, i8)],
}

const NORDIC_SATURDAYS: &[(Weekday, i8, i8)] =
    &[(Weekday::Saturday, 6, 20), (Weekday::Saturday, 10, 31)];

/// Good Friday, Easter Monday, Ascension and Whit Monday.
const GERMAN: &[i64] = &[-2, 1, 39, 50];
/// The same and Corpus Christi.
const CATHOLIC: &[i64] = &[-2, 1, 39, 50, 60];

const fn list(
    name: &'static str,
    fixed: &'static [(i8, i8)],
    easter: &'static [i64],
    first: &'static [(Weekday, i8, i8)],
) -> List {
    List { name, fixed, easter, first }
}

const LISTS: &[List] = &[
    list(
        "AT",
        &[(1, 1), (1, 6), (5, 1), (8, 15), (10, 26), (11, 1), (12, 8), (12, 25), (12, 26)],
        &[1, 39, 50, 60],
        &[],
    ),
    list("BE", &[(1, 1), (5, 1), (7, 21), (8, 15), (11, 1), (11, 11), (12, 25)], &[1, 39, 50], &[]),
    list("CH", &[(1, 1), (8, 1), (12, 25)], GERMAN, &[]),
    list("DE", &[(1, 1), (5, 1), (10, 3), (12, 25), (12, 26)], GERMAN, &[]),
    list("DE-BW", &[(1, 1), (1, 6), (5, 1), (10, 3), (11, 1), (12, 25), (12, 26)], CATHOLIC, &[]),
    list(
        "DE-BY",
        &[(1, 1), (1, 6), (5, 1), (8, 15), (10, 3), (11, 1), (12, 25), (12, 26)],
        CATHOLIC,
        &[],
    ),
    list("DE-BE", &[(1, 1), (3, 8), (5, 1), (10, 3), (12, 25), (12, 26)], GERMAN, &[]),
    list(
        "DE-BB",
        &[(1, 1), (5, 1), (10, 3), (10, 31), (12, 25), (12, 26)],
        &[-2, 0, 1, 39, 49, 50],
        &[],
    ),
    list("DE-HE", &[(1, 1), (5, 1), (10, 3), (12, 25), (12, 26)], CATHOLIC, &[]),
    list("DE-NORTH", &[(1, 1), (5, 1), (10, 3), (10, 31), (12, 25), (12, 26)], GERMAN, &[]),
    list("DE-MV", &[(1, 1), (3, 8), (5, 1), (10, 3), (10, 31), (12, 25), (12, 26)], GERMAN, &[]),
    list("DE-NW", &[(1, 1), (5, 1), (10, 3), (11, 1), (12, 25), (12, 26)], CATHOLIC, &[]),
    list("DE-RP", &[(1, 1), (5, 1), (10, 3), (11, 1), (12, 25), (12, 26)], CATHOLIC, &[]),
    list("DE-SL", &[(1, 1), (5, 1), (8, 15), (10, 3), (11, 1), (12, 25), (12, 26)], CATHOLIC, &[]),
    list(
        "DE-SN",
        &[(1, 1), (5, 1), (10, 3), (10, 31), (12, 25), (12, 26)],
        GERMAN,
        // the Wednesday before the 23rd of November
        &[(Weekday::Wednesday, 11, 16)],
    ),
    list("DE-ST", &[(1, 1), (1, 6), (5, 1), (10, 3), (10, 31), (12, 25), (12, 26)], GERMAN, &[]),
    list("DE-TH", &[(1, 1), (5, 1), (9, 20), (10, 3), (10, 31), (12, 25), (12, 26)], GERMAN, &[]),
    list("DK", &[(1, 1), (12, 25), (12, 26)], &[-3, -2, 0, 1, 39, 49, 50], &[]),
    list(
        "EE",
        &[(1, 1), (2, 24), (5, 1), (6, 23), (6, 24), (8, 20), (12, 24), (12, 25), (12, 26)],
        &[-2, 0, 49],
        &[],
    ),
    list(
        "FI",
        &[(1, 1), (1, 6), (5, 1), (12, 6), (12, 25), (12, 26)],
        &[-2, 0, 1, 39, 49],
        NORDIC_SATURDAYS,
    ),
    list(
        "FR",
        &[(1, 1), (5, 1), (5, 8), (7, 14), (8, 15), (11, 1), (11, 11), (12, 25)],
        &[1, 39, 50],
        &[],
    ),
    list(
        "LU",
        &[(1, 1), (5, 1), (5, 9), (6, 23), (8, 15), (11, 1), (12, 25), (12, 26)],
        &[1, 39, 50],
        &[],
    ),
    list("NL", &[(1, 1), (12, 25), (12, 26)], &[0, 1, 39, 49, 50], &[]),
    list("NO", &[(1, 1), (5, 1), (5, 17), (12, 25), (12, 26)], &[-3, -2, 0, 1, 39, 49, 50], &[]),
    list(
        "PL",
        &[(1, 1), (1, 6), (5, 1), (5, 3), (8, 15), (11, 1), (11, 11), (12, 24), (12, 25), (12, 26)],
        &[0, 1, 49, 60],
        &[],
    ),
    list(
        "SE",
        &[(1, 1), (1, 6), (5, 1), (6, 6), (12, 25), (12, 26)],
        &[-2, 0, 1, 39, 49],
        NORDIC_SATURDAYS,
    ),
    list("SE-GRID", &[(1, 1), (1, 6), (12, 24), (12, 25), (12, 26), (12, 31)], &[-2, 1], &[]),
    list("TARGET", &[(1, 1), (5, 1), (12, 25), (12, 26)], &[-2, 1], &[]),
];

impl Holidays {
    /// No holidays.
    pub const NONE: Self = Self { list: None, extra: Vec::new(), minus: Vec::new() };

    /// The list of a name: a country (`NO`), a German state (`DE-BY`; `DE-NORTH` for those of
    /// Bremen, Hamburg, Lower Saxony and Schleswig-Holstein), `SE-GRID`, `TARGET`.
    pub fn of(name: &str) -> Option<Self> {
        let list = LISTS.iter().find(|list| list.name == name)?;
        Some(Self { list: Some(list), ..Self::NONE })
    }

    /// The names of all lists.
    pub fn names() -> impl Iterator<Item = &'static str> {
        LISTS.iter().map(|list| list.name)
    }

    /// The same with further days of every year, by month and day.
    #[must_use]
    pub fn with(mut self, days: impl IntoIterator<Item = (i8, i8)>) -> Self {
        self.extra.extend(days);
        self
    }

    /// The same without some days of every year; they win over those that are [added](Self::with).
    #[must_use]
    pub fn without(mut self, days: impl IntoIterator<Item = (i8, i8)>) -> Self {
        self.minus.extend(days);
        self
    }

    /// Whether a date is a holiday.
    pub fn has(&self, date: Date) -> bool {
        let day = (date.month(), date.day());
        if self.minus.contains(&day) {
            return false;
        }
        self.extra.contains(&day) || self.list.is_some_and(|list| list.has(date))
    }
}

impl List {
    fn has(&self, date: Date) -> bool {
        if self.fixed.contains(&(date.month(), date.day())) {
            return true;
        }
        // the king's birthday moves off a Sunday
        if self.name == "NL" && date.month() == 4 {
            let sunday = |day| date.day() == day && date.weekday() == Weekday::Sunday;
            let saturday = date.day() == 26 && date.weekday() == Weekday::Saturday;
            if saturday || date.day() == 27 && !sunday(27) {
                return true;
            }
        }
        let from_easter = easter(date.year()).and_then(|easter| days_between(easter, date));
        if from_easter.is_some_and(|days| self.easter.contains(&days)) {
            return true;
        }
        self.first.iter().any(|(weekday, month, day)| {
            let from = Date::new(date.year(), *month, *day).ok();
            let days = from.and_then(|from| days_between(from, date));
            date.weekday() == *weekday && days.is_some_and(|days| (0..7).contains(&days))
        })
    }
}

fn days_between(from: Date, to: Date) -> Option<i64> {
    Some(i64::from(from.until(to).ok()?.get_days()))
}

/// Easter Sunday of a year of the Gregorian calendar, by the anonymous algorithm (Meeus).
pub fn easter(year: i16) -> Option<Date> {
    let year_number = i32::from(year);
    let golden = year_number.rem_euclid(19);
    let (century, in_century) = (year_number.div_euclid(100), year_number.rem_euclid(100));
    let moon = century - (century + 8).div_euclid(25) + 1;
    let full_moon =
        (19 * golden + century - century.div_euclid(4) - moon.div_euclid(3) + 15).rem_euclid(30);
    let weekday = (32 + 2 * century.rem_euclid(4) + 2 * in_century.div_euclid(4)
        - full_moon
        - in_century.rem_euclid(4))
    .rem_euclid(7);
    let late = (golden + 11 * full_moon + 22 * weekday).div_euclid(451);
    let n = full_moon + weekday - 7 * late + 114;
    let (month, day) = (i8::try_from(n.div_euclid(31)).ok()?, n.rem_euclid(31));
    let days: Span = i64::from(day).days();
    Date::new(year, month, 1).ok()?.checked_add(days).ok()
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn easter_falls_where_the_calendar_has_it() {
        for wanted in [
            date(2025, 4, 20),
            date(2026, 4, 5),
            date(2027, 3, 28),
            date(2028, 4, 16),
            date(2029, 4, 1),
            date(2030, 4, 21),
            date(2031, 4, 13),
            date(2032, 3, 28),
        ] {
            assert_eq!(easter(wanted.year()), Some(wanted));
        }
        for year in 1600..2600 {
            assert_eq!(easter(year).unwrap().weekday(), Weekday::Sunday);
        }
    }

    fn days(list: &str, year: i16) -> Vec<String> {
        let holidays = Holidays::of(list).unwrap();
        let first = date(year, 1, 1);
        let all = (0..366).filter_map(|n| first.checked_add(n.days()).ok());
        all.filter(|day| day.year() == year && holidays.has(*day))
            .map(|day| day.strftime("%m-%d").to_string())
            .collect()
    }

    #[test]
    fn the_holidays_of_2026() {
        assert_eq!(
            days("NO", 2026),
            [
                "01-01", "04-02", "04-03", "04-05", "04-06", "05-01", "05-14", "05-17", "05-24",
                "05-25", "12-25", "12-26"
            ]
        );
        assert_eq!(
            days("SE", 2026),
            [
                "01-01", "01-06", "04-03", "04-05", "04-06", "05-01", "05-14", "05-24", "06-06",
                "06-20", "10-31", "12-25", "12-26"
            ]
        );
        assert_eq!(
            days("SE-GRID", 2026),
            ["01-01", "01-06", "04-03", "04-06", "12-24", "12-25", "12-26", "12-31"]
        );
        assert_eq!(days("BE", 2026).len(), 10);
        assert_eq!(days("AT", 2026).len(), 13);
        assert!(days("DE-SN", 2026).contains(&"11-18".to_owned()));
        assert!(days("NL", 2026).contains(&"04-27".to_owned()));
        // the 27th of April 2025 was a Sunday
        assert!(days("NL", 2025).contains(&"04-26".to_owned()));
        assert!(!days("NL", 2025).contains(&"04-27".to_owned()));
    }

    #[test]
    fn companies_add_and_leave_out_days() {
        let bkk = Holidays::of("NO").unwrap().with([(12, 24), (12, 31)]).without([(5, 1)]);
        assert!(bkk.has(date(2026, 12, 24)) && bkk.has(date(2026, 12, 31)));
        assert!(!bkk.has(date(2026, 5, 1)));
        assert!(!Holidays::NONE.has(date(2026, 12, 25)));
        assert_eq!(Holidays::of("XX"), None);
    }
}
