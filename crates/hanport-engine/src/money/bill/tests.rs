//! Bills: what is missing, what is split, and that parts add up.

use jiff::civil::date;
use jiff::tz::TimeZone;
use proptest::prelude::*;

use super::*;
use crate::energy::{CorrectionId, Edges, Interval, QuarterHour, Register, Standing};
use crate::money::amount::PricePerKwh;
use crate::money::contract::{Contract, Settlement};
use crate::money::invoice::{Component, Paid, check};
use crate::money::support::Scheme;
use crate::money::{Currency, Pricing};
use crate::price::{
    Direction, Formula, Kind, Modifier, PriceBook, PriceSeries, Rates, Slot, Source,
};
use crate::tariff::{Holidays, When};

fn oslo() -> TimeZone {
    TimeZone::get("Europe/Oslo").unwrap()
}

fn day(date: Date) -> Range<UtcMillis> {
    crate::energy::sums::day(date, &oslo()).unwrap()
}

fn quarters(register: Register, range: &Range<UtcMillis>, wh: impl Fn(i64) -> i64) -> Vec<Shown> {
    let first = QuarterHour::containing(range.start).0;
    let last = QuarterHour::containing(range.end).0;
    (first..last)
        .map(|quarter| {
            let wh = wh(quarter - first);
            let booked = Interval {
                register,
                quarter: QuarterHour(quarter),
                wh,
                quality: Quality::Measured,
                standing: Standing::Settled,
                edges: Edges::default(),
            };
            Shown { booked, wh, can_peak: true, by: None }
        })
        .collect()
}

fn book(range: &Range<UtcMillis>, step: i64, price: impl Fn(i64) -> i64) -> PriceBook {
    let starts = (range.start.0..range.end.0).step_by(usize::try_from(step).unwrap());
    let slots = (0..).zip(starts).map(|(at, start)| Slot {
        range: UtcMillis(start)..UtcMillis(start + step),
        price: PricePerKwh(price(at)),
    });
    let series = PriceSeries::new("NO1", Currency::NOK, Source::Entsoe).with(slots);
    let mut book = PriceBook::new(Currency::NOK);
    book.put(&series, &Rates::default());
    book
}

fn row(kind: Kind, value: i64, direction: Direction) -> Modifier {
    Modifier { name: format!("{kind:?}"), kind, value, direction, when: When::default() }
}

fn contract(settlement: Settlement, rows: Vec<Modifier>) -> Contract {
    Contract {
        from: None,
        formula: Formula { rows, holidays: Holidays::NONE },
        settlement,
        fees: Vec::new(),
        tariff: None,
        support: None,
    }
}

fn account<'a>(
    contracts: &'a [Contract],
    book: &'a PriceBook,
    zone: &'a TimeZone,
    import: &'a [Shown],
    export: &'a [Shown],
) -> Account<'a> {
    let pricing = Pricing { contracts, book, zone };
    Account {
        pricing,
        import,
        export,
        reported: &[],
        now: UtcMillis::LATEST,
        due: UtcMillis::LATEST,
    }
}

#[test]
fn a_quarter_without_energy_or_price_is_not_zero() {
    let range = day(date(2026, 1, 14));
    let zone = oslo();
    let contracts = [contract(Settlement::Quarter, Vec::new())];
    let mut import = quarters(Register::ActiveImport, &range, |_| 100);
    import.remove(7);
    import[3].booked.quality = Quality::Missing;
    // prices end at noon
    let noon = range.start.plus(12 * 3_600_000);
    let book = book(&(range.start..noon), 900_000, |_| 1_000_000);
    let bill = account(&contracts, &book, &zone, &import, &[]).bill(range.clone());
    assert_eq!(bill.missing, Missing { quarters: 2, unpriced_wh: 4800 });
    assert_eq!(bill.import_wh, Some(9400));
    assert_eq!(bill.cost().unwrap().to_string(), "4.60");
    assert_eq!((bill.export_wh, bill.income()), (None, None));
    let nothing = account(&contracts, &book, &zone, &[], &[]).bill(range.clone());
    assert_eq!((nothing.import_wh, nothing.cost(), nothing.total()), (None, None, None));
    assert_eq!(nothing.missing.quarters, 96);
    // what is not over is not missing
    let early =
        Account { due: range.start.plus(3_600_000), ..account(&contracts, &book, &zone, &[], &[]) };
    assert_eq!(early.bill(range).missing.quarters, 4);
}

#[test]
fn a_corrected_total_counts_where_nothing_was_known() {
    let range = day(date(2026, 1, 14));
    let zone = oslo();
    let contracts = [contract(Settlement::Quarter, Vec::new())];
    let book = book(&range, 900_000, |_| 1_000_000);
    let mut import = quarters(Register::ActiveImport, &range, |_| 0);
    for shown in &mut import {
        shown.booked.quality = Quality::Missing;
    }
    let bill =
        |import: &[Shown]| account(&contracts, &book, &zone, import, &[]).bill(range.clone());
    assert_eq!(bill(&import).import_wh, None);
    for shown in &mut import {
        shown.wh = 100;
        shown.by = Some(CorrectionId(1));
    }
    assert_eq!(bill(&import).cost().unwrap().to_string(), "9.60");
    assert!(bill(&import).missing.is_none());
}

#[test]
fn by_the_hour_the_mean_of_its_quarters_counts() {
    let range = day(date(2026, 1, 14));
    let zone = oslo();
    // 1, 2, 3 and 4 a kWh; everything is drawn in the first quarter
    let book = book(&range, 900_000, |at| (at % 4 + 1) * 1_000_000);
    let import = quarters(Register::ActiveImport, &range, |at| if at % 4 == 0 { 1000 } else { 0 });
    let cost = |settlement| {
        let contracts = [contract(settlement, Vec::new())];
        account(&contracts, &book, &zone, &import, &[]).bill(range.clone()).cost().unwrap()
    };
    assert_eq!(cost(Settlement::Quarter).to_string(), "24.00");
    assert_eq!(cost(Settlement::Hour).to_string(), "60.00");
}

#[test]
fn support_ends_at_its_limit_in_the_middle_of_a_quarter() {
    let zone = oslo();
    let month = Period::Month.calendar(date(2026, 1, 1), &zone).unwrap();
    let book = book(&month, 3_600_000, |_| 1_770_000);
    let mut contracts = [contract(Settlement::Hour, Vec::new())];
    contracts[0].support = Some(Scheme::Stromstotte.support(250));
    // 3 kWh a quarter: 5000 kWh are reached within quarter 1667
    let import = quarters(Register::ActiveImport, &month, |_| 3000);
    let bill = account(&contracts, &book, &zone, &import, &[]).bill(month.clone());
    let support = bill.lines.iter().find(|line| line.kind == LineKind::Support).unwrap();
    // (1.77 - 0.77) * 0.9 * 1.25 for 5000 kWh
    assert_eq!((support.wh, support.amount.to_string()), (5_000_000, "-5625.00".into()));
    // a bill of the last day knows what was drawn before
    let last = account(&contracts, &book, &zone, &import, &[]).bill(day(date(2026, 1, 31)));
    assert!(last.lines.iter().all(|line| line.kind != LineKind::Support));
    // Norgespris turns into a charge below its level
    contracts[0].support = Some(Scheme::Norgespris.support(250));
    let cheap = self::book(&month, 3_600_000, |_| 100_000);
    let bill = account(&contracts, &cheap, &zone, &import[..4], &[]).bill(day(date(2026, 1, 1)));
    // 12 kWh at 0.10 and (0.40 - 0.10) * 1.25
    assert_eq!(bill.cost().unwrap().to_string(), "5.70");
}

#[test]
fn a_new_contract_holds_from_its_first_day_on() {
    let zone = oslo();
    let range = day(date(2026, 1, 14)).start..day(date(2026, 1, 15)).end;
    let book = book(&range, 900_000, |_| 1_000_000);
    let import = quarters(Register::ActiveImport, &range, |_| 1000);
    let old = contract(Settlement::Quarter, vec![row(Kind::Add, 100_000, Direction::Both)]);
    let new = Contract {
        from: Some(date(2026, 1, 15)),
        ..contract(Settlement::Quarter, vec![row(Kind::Subtract, 100_000, Direction::Both)])
    };
    let contracts = [old, new];
    let account = account(&contracts, &book, &zone, &import, &[]);
    let days = account.by(range.clone(), Period::Day);
    let costs: Vec<String> = days.iter().map(|day| day.cost().unwrap().to_string()).collect();
    assert_eq!(costs, ["105.60", "86.40"]);
    assert_eq!(account.bill(range).cost().unwrap().to_string(), "192.00");
}

#[test]
fn fees_count_in_the_share_of_the_month_that_is_over() {
    let zone = oslo();
    let month = Period::Month.calendar(date(2026, 9, 1), &zone).unwrap();
    let book = PriceBook::new(Currency::NOK);
    let mut contracts = [contract(Settlement::Quarter, Vec::new())];
    contracts[0].fees.push(crate::tariff::Fee { name: "fee".into(), month: Money(60_000_000_000) });
    let mut account = account(&contracts, &book, &zone, &[], &[]);
    assert_eq!(account.bill(month.clone()).fees().to_string(), "60.00");
    assert_eq!(account.bill(day(date(2026, 9, 3))).fees().to_string(), "2.00");
    account.now = day(date(2026, 9, 4)).start;
    assert_eq!(account.bill(month).fees().to_string(), "6.00");
    assert_eq!(account.bill(day(date(2026, 9, 4))).fees(), Money::ZERO);
}

#[test]
fn a_tariff_beyond_its_list_is_told() {
    let zone = oslo();
    let tariff = crate::tariff::shipped::Shipped::find("no-lede").unwrap().tariff(None).unwrap();
    let mut contracts = [contract(Settlement::Hour, Vec::new())];
    contracts[0].tariff = Some(tariff.into());
    let bill = |date| {
        let range = day(date);
        let book = book(&range, 3_600_000, |_| 1_000_000);
        let import = quarters(Register::ActiveImport, &range, |_| 250);
        account(&contracts, &book, &zone, &import, &[]).bill(range)
    };
    assert!(!bill(date(2026, 12, 31)).expired);
    assert!(bill(date(2027, 1, 1)).expired);
    // before its first list it says nothing
    let before = bill(date(2026, 4, 30));
    assert_eq!((before.cost(), before.missing.unpriced_wh), (None, 24_000));
}

#[test]
fn the_meters_own_peaks_stand_in_place_of_the_quarters() {
    let zone = TimeZone::get("Europe/Brussels").unwrap();
    let tariff =
        crate::tariff::shipped::Shipped::find("be-flanders").unwrap().tariff(Some(0)).unwrap();
    let mut contracts = [contract(Settlement::Quarter, Vec::new())];
    contracts[0].tariff = Some(tariff.into());
    let book = PriceBook::new(Currency::EUR);
    let month = Period::Month.calendar(date(2026, 3, 1), &zone).unwrap();
    let import = quarters(Register::ActiveImport, &month, |_| 1000);
    let reported = [(date(2026, 3, 1), 5_000_000)];
    let mut account = account(&contracts, &book, &zone, &import, &[]);
    let fee = |account: &Account<'_>| {
        let bill = account.bill(month.clone());
        bill.lines.iter().find(|line| line.kind == LineKind::Peak).unwrap().amount
    };
    // 4 kW and 5 kW at 40.40 a year
    assert_eq!(format!("{:.2}", fee(&account)), "13.47");
    account.reported = &reported;
    assert_eq!(format!("{:.2}", fee(&account)), "16.83");
}

#[test]
fn an_invoice_is_compared_component_by_component() {
    let zone = oslo();
    let range = day(date(2026, 9, 15));
    let book = book(&range, 900_000, |_| 1_000_000);
    let import = quarters(Register::ActiveImport, &range, |_| 1000);
    let export = quarters(Register::ActiveExport, &range, |_| 100);
    let tariff = crate::tariff::shipped::Shipped::find("no-lede").unwrap().tariff(None).unwrap();
    let mut contracts =
        [contract(Settlement::Quarter, vec![row(Kind::Percent, 25_000_000, Direction::Import)])];
    contracts[0].tariff = Some(tariff.into());
    let bill = account(&contracts, &book, &zone, &import, &export).bill(range);
    let paid = Paid {
        amounts: vec![
            (Component::Energy, Money(100_000_000_000)),
            (Component::Energy, Money(21_000_000_000)),
            (Component::Income, Money(9_600_000_000)),
            (Component::Total, Money(140_000_000_000)),
        ],
        import_wh: Some(96_100),
    };
    let check = check(&bill, &paid);
    let told: Vec<(&str, String)> =
        check.differences.iter().map(|d| (d.component.name(), format!("{:.2}", d.more))).collect();
    // 96 kWh at 1.25 are 120.00; all in all 120 + 96 * 0.24425 + a thirtieth of 1027.50 * 4 kW - 9.60
    let total = bill.total().unwrap();
    let more = Money(140_000_000_000).minus(total).unwrap();
    assert_eq!(
        told,
        [
            ("energy", "1.00".to_owned()),
            ("income", "0.00".to_owned()),
            ("total", format!("{more:.2}"))
        ]
    );
    assert_eq!(check.more_wh, Some(100));
    assert!(check.missing.is_none());
    for component in Component::ALL {
        assert_eq!(Component::named(component.name()), Some(component));
    }
}

proptest! {
    /// The bill of a range is the sum of the bills of its hours, line by line, and of its quarters
    /// times their prices; on days with a change of the clocks too.
    #[test]
    fn the_whole_is_the_sum_of_its_parts(
        which in 0usize..3,
        energy in prop::collection::vec(0i64..5000, 100),
        prices in prop::collection::vec(-500_000i64..4_000_000, 100),
        add in -200_000i64..500_000,
        percent in 0i64..30_000_000,
        by_hour: bool,
    ) {
        let date = [date(2026, 3, 29), date(2026, 10, 25), date(2026, 1, 14)][which];
        let range = day(date);
        let zone = oslo();
        let at = |list: &[i64], n: i64| list[usize::try_from(n).unwrap()];
        let book = book(&range, 900_000, |n| at(&prices, n));
        let import = quarters(Register::ActiveImport, &range, |n| at(&energy, n));
        let export = quarters(Register::ActiveExport, &range, |n| at(&energy, 99 - n));
        let settlement = if by_hour { Settlement::Hour } else { Settlement::Quarter };
        let rows = vec![row(Kind::Add, add, Direction::Both), row(Kind::Percent, percent, Direction::Import)];
        let mut contracts = [contract(settlement, rows)];
        contracts[0].support = Some(Scheme::Norgespris.support(250));
        let account = account(&contracts, &book, &zone, &import, &export);
        let whole = account.bill(range.clone());
        let hours = account.by(range.clone(), Period::Hour);
        prop_assert_eq!(i64::try_from(hours.len()).unwrap(), range.end.since(range.start) / 3_600_000);
        for line in &whole.lines {
            let parts = hours.iter().flat_map(|hour| &hour.lines);
            let parts = parts.filter(|part| part.kind == line.kind && part.name == line.name);
            prop_assert_eq!(parts.map(|part| part.amount).sum::<Money>(), line.amount);
        }
        let sum: i64 = import
            .iter()
            .map(|one| account.pricing.at(one.booked.quarter.start()).import.unwrap().cost(one.wh).unwrap().0)
            .sum();
        prop_assert_eq!(whole.cost().unwrap().0, sum);
        let income: i64 = export
            .iter()
            .map(|one| account.pricing.at(one.booked.quarter.start()).export.unwrap().cost(one.wh).unwrap().0)
            .sum();
        prop_assert_eq!(whole.income().unwrap().0, income);
    }

    /// The same prices in slots of hours or of quarters, and the same days in another zone, cost
    /// the same.
    #[test]
    fn resolution_and_zone_change_no_total(
        prices in prop::collection::vec(-500_000i64..4_000_000, 24),
        energy in prop::collection::vec(0i64..5000, 96),
        other in prop::sample::select(vec!["Europe/Helsinki", "Europe/Lisbon", "UTC"]),
    ) {
        let range = day(date(2026, 1, 14));
        let at = |list: &[i64], n: i64| list[usize::try_from(n).unwrap()];
        let hours = book(&range, 3_600_000, |n| at(&prices, n));
        let finer = book(&range, 900_000, |n| at(&prices, n / 4));
        let import = quarters(Register::ActiveImport, &range, |n| at(&energy, n));
        let zones = [oslo(), TimeZone::get(other).unwrap()];
        let mut costs = Vec::new();
        for settlement in [Settlement::Hour, Settlement::Quarter] {
            let contracts = [contract(settlement, vec![row(Kind::Percent, 25_000_000, Direction::Both)])];
            for zone in &zones {
                for book in [&hours, &finer] {
                    let bill = account(&contracts, book, zone, &import, &[]).bill(range.clone());
                    costs.push(bill.cost().unwrap());
                }
            }
        }
        prop_assert!(costs.iter().all(|cost| *cost == costs[0]), "{:?}", costs);
    }
}
