//! A year of quarters at random prices, against an independent reckoning: `year_of_cost.py` beside
//! this file does the same with exact fractions and the clocks of another language; the amounts
//! here are those that it prints.

#![allow(clippy::unwrap_used, reason = "a test may stop where it is")]

use hanport_engine::energy::correction::Shown;
use hanport_engine::energy::{Edges, Interval, Period, Quality, QuarterHour, Register, Standing};
use hanport_engine::money::support::{Basis, Relief, Support, Terms};
use hanport_engine::money::{
    Account, Contract, Currency, LineKind, Money, PricePerKwh, Pricing, Settlement,
};
use hanport_engine::price::{
    Direction, Formula, Kind, Modifier, PriceBook, PriceSeries, Rates, Slot, Source,
};
use hanport_engine::tariff::shipped::Shipped;
use hanport_engine::tariff::{Holidays, When};
use hanport_engine::time::UtcMillis;
use jiff::civil::date;
use jiff::tz::TimeZone;

/// The same numbers as in the script.
fn numbers() -> impl Iterator<Item = i64> {
    let mut state = 2026u64;
    std::iter::repeat_with(move || {
        state =
            state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        i64::try_from(state >> 33).unwrap()
    })
}

fn household() -> Contract {
    let supplier = Modifier {
        name: "supplier".into(),
        kind: Kind::Add,
        value: 29_900,
        direction: Direction::Import,
        when: When::default(),
    };
    let terms = Terms {
        from: date(2026, 1, 1),
        to: None,
        relief: Relief::Above { threshold: PricePerKwh(770_000), share_permille: 900 },
        basis: Basis::Hour,
        cap_wh: Some(600_000),
    };
    Contract {
        from: None,
        formula: Formula { rows: vec![supplier], holidays: Holidays::NONE },
        settlement: Settlement::Hour,
        fees: Vec::new(),
        tariff: Some(Shipped::find("no-elvia").unwrap().tariff(None).unwrap().into()),
        support: Some(Support { name: "support".into(), terms: vec![terms], vat_permille: 250 }),
    }
}

#[test]
fn a_year_costs_what_an_independent_reckoning_says() {
    let zone = TimeZone::get("Europe/Oslo").unwrap();
    let year = Period::Year.calendar(date(2026, 1, 1), &zone).unwrap();
    let first = QuarterHour::containing(year.start).0;
    let last = QuarterHour::containing(year.end).0;
    let mut chance = numbers();
    let (mut import, mut slots) = (Vec::new(), Vec::new());
    for quarter in (first..last).map(QuarterHour) {
        let wh = chance.next().unwrap() % 1500;
        let price = PricePerKwh(chance.next().unwrap() % 3_000_000 - 300_000);
        slots.push(Slot { range: quarter.start()..quarter.end(), price });
        let booked = Interval {
            register: Register::ActiveImport,
            quarter,
            wh,
            quality: Quality::Measured,
            standing: Standing::Settled,
            edges: Edges::default(),
        };
        import.push(Shown { booked, wh, can_peak: true, by: None });
    }
    assert_eq!(import.len(), 35_040);
    let mut book = PriceBook::new(Currency::NOK);
    let series = PriceSeries::new("NO1", Currency::NOK, Source::Entsoe).with(slots);
    book.put(&series, &Rates::default());
    let contracts = [household()];
    let account = Account {
        pricing: Pricing { contracts: &contracts, book: &book, zone: &zone },
        import: &import,
        export: &[],
        reported: &[],
        now: UtcMillis::LATEST,
        due: UtcMillis::LATEST,
    };
    let bill = account.bill(year.clone());
    let sum = |kind: LineKind| -> Money {
        bill.lines.iter().filter(|line| line.kind == kind).map(|line| line.amount).sum()
    };
    let told = [LineKind::Spot, LineKind::Row, LineKind::Grid, LineKind::Support, LineKind::Peak]
        .map(|kind| format!("{:.2}", sum(kind)));
    assert_eq!(told, ["31519.27", "787.24", "9147.89", "-3824.47", "4320.00"]);
    assert_eq!(format!("{:.2}", bill.total().unwrap()), "41949.93");
    assert!(bill.missing.is_none());
    // and in parts it is the same
    for period in [Period::Month, Period::Day] {
        let parts = account.by(year.clone(), period);
        let costs: Money = parts.iter().map(|part| part.cost().unwrap()).sum();
        assert_eq!(Some(costs), bill.cost());
    }
}
