//! Formulas: the manual's example, a worked day, and what order means.

use jiff::civil::{Date, date};
use proptest::prelude::*;
use rstest::rstest;

use super::*;
use crate::tariff::{Dates, HolidayUse, Hours, Months, Weekdays};

const UNIT: i64 = 1_000_000;

fn row(name: &str, kind: Kind, value: i64, days: Weekdays, hours: Hours) -> Modifier {
    let when = When { weekdays: days, hours, ..When::default() };
    Modifier { name: name.into(), kind, value, direction: Direction::Import, when }
}

fn always(name: &str, kind: Kind, value: i64) -> Modifier {
    row(name, kind, value, Weekdays::ALL, Hours::all())
}

fn during(first: (u8, u8), last: (u8, u8), mut row: Modifier) -> Modifier {
    row.when.dates = Some(Dates { first, last });
    row
}

fn at(date: Date, hour: u16) -> Local {
    Local { date, minute: hour * 60 }
}

fn day_night_weekend(day: i64, night: i64) -> Vec<Modifier> {
    vec![
        row("Day", Kind::Add, day, Weekdays::between(0, 4), Hours::between(360, 1320)),
        row("Night", Kind::Add, night, Weekdays::ALL, Hours::between(1320, 360)),
        row("Weekend", Kind::Add, night, Weekdays::between(5, 6), Hours::between(360, 1320)),
    ]
}

/// The list that the manual of the existing reader shows.
fn manual() -> Formula {
    let mut rows = day_night_weekend(244_700, 180_700);
    rows.extend([
        always("Enova", Kind::Add, 1_000),
        during((1, 1), (3, 31), always("January through march", Kind::Add, 95_100)),
        during((4, 1), (12, 31), always("April through december", Kind::Add, 164_400)),
        always("VAT", Kind::Percent, 25 * UNIT),
    ]);
    Formula { rows, holidays: Holidays::NONE }
}

#[rstest]
#[case::a_wednesday(1_874_000, at(date(2026, 1, 14), 17), 2_768_500)]
#[case::a_saturday(1_874_000, at(date(2026, 1, 17), 17), 2_688_500)]
#[case::a_night_in_april(423_100, at(date(2026, 4, 15), 2), 961_500)]
fn the_manuals_example(#[case] spot: i64, #[case] local: Local, #[case] wanted: i64) {
    let price = manual().price(Direction::Import, Some(PricePerKwh(spot)), local);
    assert_eq!(price, Some(PricePerKwh(wanted)));
}

/// A list of a day in Norway with everything a household pays for a kWh.
fn norwegian() -> Formula {
    let mut rows = day_night_weekend(244_700, 162_200);
    rows.extend([
        always("electricity tax", Kind::Add, 71_300),
        always("Enova", Kind::Add, 10_000),
        always("supplier", Kind::Add, 29_900),
        always("VAT", Kind::Percent, 25 * UNIT),
    ]);
    Formula { rows, holidays: Holidays::NONE }
}

//     time                        spot   before VAT     all-in    kWh         cost
// Wed 14 Jan 2026 02:00         0.4231       0.6965   0.870625   1.20     1.04475
// Wed             07:00         1.1250       1.4809   1.851125   2.50     4.6278125
// Wed             17:00         1.8740       2.2299   2.787375   3.75    10.45265625
// Wed             22:00        -0.0150       0.2584   0.323000   0.80     0.2584
// Sat 17 Jan      17:00         1.8740       2.1474   2.684250   3.75    10.0659375
#[rstest]
#[case(at(date(2026, 1, 14), 2), 423_100, 870_625, 1_200, "1.04475")]
#[case(at(date(2026, 1, 14), 7), 1_125_000, 1_851_125, 2_500, "4.6278125")]
#[case(at(date(2026, 1, 14), 17), 1_874_000, 2_787_375, 3_750, "10.45265625")]
#[case(at(date(2026, 1, 14), 22), -15_000, 323_000, 800, "0.2584")]
#[case(at(date(2026, 1, 17), 17), 1_874_000, 2_684_250, 3_750, "10.0659375")]
fn a_norwegian_day(
    #[case] local: Local,
    #[case] spot: i64,
    #[case] wanted: i64,
    #[case] wh: i64,
    #[case] cost: &str,
) {
    let price = norwegian().price(Direction::Import, Some(PricePerKwh(spot)), local).unwrap();
    assert_eq!(price, PricePerKwh(wanted));
    assert_eq!(price.cost(wh).unwrap().to_string(), cost);
}

#[test]
fn order_matters() {
    let mut formula = norwegian();
    let vat = formula.rows.pop().unwrap();
    formula.rows.insert(0, vat);
    let price =
        formula.price(Direction::Import, Some(PricePerKwh(1_874_000)), at(date(2026, 1, 14), 17));
    // 1.8740 * 1.25 + 0.3559
    assert_eq!(price, Some(PricePerKwh(2_698_400)));
}

#[test]
fn a_fixed_row_stands_in_place_of_the_market_wherever_it_stands() {
    let mut formula = norwegian();
    let local = at(date(2026, 1, 14), 17);
    assert_eq!(formula.price(Direction::Import, None, local), None);
    formula.rows.push(always("deal", Kind::Fixed, 600_000));
    for spot in [None, Some(PricePerKwh(1_874_000))] {
        // (0.6000 + 0.3559) * 1.25
        assert_eq!(formula.price(Direction::Import, spot, local), Some(PricePerKwh(1_194_875)));
    }
    formula.rows.push(always("more", Kind::Fixed, 100_000));
    assert_eq!(formula.price(Direction::Import, None, local), Some(PricePerKwh(1_319_875)));
    // it is a row for import; export still has the market's price
    assert_eq!(formula.price(Direction::Export, Some(PricePerKwh(5)), local), Some(PricePerKwh(5)));
    assert!(formula.differs());
}

#[test]
fn a_negative_price_stays_negative_unless_a_row_holds_it() {
    let mut formula =
        Formula { rows: vec![always("VAT", Kind::Percent, 25 * UNIT)], holidays: Holidays::NONE };
    let local = at(date(2026, 7, 1), 13);
    let price = |formula: &Formula, spot| {
        formula.price(Direction::Import, Some(PricePerKwh(spot)), local).unwrap().0
    };
    assert_eq!(price(&formula, -100_000), -125_000);
    formula.rows.insert(0, always("never below nothing", Kind::Minimum, 0));
    assert_eq!(price(&formula, -100_000), 0);
    assert_eq!(price(&formula, 100_000), 125_000);
    formula.rows.push(always("cap", Kind::Maximum, 500_000));
    assert_eq!(price(&formula, 900_000), 500_000);
    formula.rows.push(always("rebate", Kind::Subtract, 20_000));
    assert_eq!(price(&formula, 900_000), 480_000);
}

#[test]
fn rows_may_go_by_months_and_holidays() {
    let mut winter = always("winter", Kind::Add, 10);
    winter.when.months = Months::between(11, 3);
    winter.when.holidays = HolidayUse::Exclude;
    let formula = Formula { rows: vec![winter], holidays: Holidays::of("NO").unwrap() };
    let price =
        |date| formula.price(Direction::Import, Some(PricePerKwh(0)), at(date, 12)).unwrap().0;
    assert_eq!(price(date(2026, 1, 14)), 10);
    assert_eq!(price(date(2026, 1, 1)), 0);
    assert_eq!(price(date(2026, 7, 14)), 0);
}

#[test]
fn old_numbers_lead_back() {
    for number in 0..=4 {
        if let Some(kind) = Kind::numbered(number) {
            assert_eq!(kind.number(), Some(number));
        }
        if let Some(direction) = Direction::numbered(number) {
            assert_eq!(direction.number(), number);
        }
    }
    assert_eq!((Kind::numbered(4), Direction::numbered(0)), (None, None));
}

fn any_row() -> impl Strategy<Value = Modifier> {
    let kinds =
        vec![Kind::Add, Kind::Fixed, Kind::Maximum, Kind::Minimum, Kind::Percent, Kind::Subtract];
    let directions = vec![Direction::Both, Direction::Export, Direction::Import];
    let days = prop::collection::vec(0u8..7, 0..7);
    let hours = prop::collection::vec(0u8..24, 0..24);
    (
        prop::sample::select(kinds),
        prop::sample::select(directions),
        -5 * UNIT..5 * UNIT,
        days,
        hours,
    )
        .prop_map(|(kind, direction, value, days, hours)| Modifier {
            name: String::new(),
            kind,
            value,
            direction,
            when: When { weekdays: Weekdays::of(days), hours: Hours::of(hours), ..When::default() },
        })
}

proptest! {
    #[test]
    fn parts_add_up_to_the_price(
        rows in prop::collection::vec(any_row(), 0..8),
        spot in prop::option::of(-2 * UNIT..4 * UNIT),
        hour in 0u16..24,
        day in 1i8..=28,
    ) {
        let formula = Formula { rows, holidays: Holidays::NONE };
        let mut parts = Vec::new();
        for direction in [Direction::Import, Direction::Export] {
            let spot = spot.map(PricePerKwh);
            let price = formula.form(direction, spot, at(date(2026, 2, day), hour), &mut parts);
            if let Some(price) = price {
                prop_assert_eq!(parts.iter().map(|part| part.price.0).sum::<i64>(), price.0);
            }
        }
    }

    #[test]
    fn rows_that_add_may_change_places_and_others_may_not(
        add in -UNIT..UNIT, other in -UNIT..UNIT, percent in 1i64..50, spot in -UNIT..UNIT,
    ) {
        let price = |rows: Vec<Modifier>| {
            let formula = Formula { rows, holidays: Holidays::NONE };
            formula.price(Direction::Import, Some(PricePerKwh(spot)), at(date(2026, 1, 14), 0)).unwrap().0
        };
        let (a, b) = (always("a", Kind::Add, add), always("b", Kind::Subtract, other));
        let vat = always("c", Kind::Percent, percent * UNIT);
        prop_assert_eq!(price(vec![a.clone(), b.clone()]), price(vec![b, a.clone()]));
        // with the percentage first the part that is added has none on top
        let (before, after) = (price(vec![a.clone(), vat.clone()]), price(vec![vat, a]));
        let gap = before - after;
        prop_assert!((gap * 100 - add * percent).abs() <= 100, "{} {}", before, after);
    }

    #[test]
    fn never_panics(value: i64, spot: i64, kind in 0usize..6) {
        let kinds = [Kind::Add, Kind::Fixed, Kind::Maximum, Kind::Minimum, Kind::Percent, Kind::Subtract];
        let formula = Formula {
            rows: vec![always("a", kinds[kind], value), always("b", Kind::Percent, value)],
            holidays: Holidays::NONE,
        };
        let _ = formula.price(Direction::Import, Some(PricePerKwh(spot)), at(date(2026, 1, 14), 0));
    }
}
