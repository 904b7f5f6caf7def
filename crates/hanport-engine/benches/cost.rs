//! A year's cost of one meter: 35 040 quarters, a formula of three rows, a grid tariff with energy
//! by time and a peak fee, support; as one bill and by month. Prints milliseconds.
//!
//! Run with `cargo bench -p hanport-engine --bench cost`. The bar is 50 ms.
#![allow(clippy::print_stdout, reason = "it prints the figures")]

use std::time::Instant;

use hanport_engine::energy::correction::Shown;
use hanport_engine::energy::{Edges, Interval, Period, Quality, QuarterHour, Register, Standing};
use hanport_engine::money::{
    Account, Contract, Currency, PricePerKwh, Pricing, Scheme, Settlement,
};
use hanport_engine::price::{
    Direction, Formula, Kind, Modifier, PriceBook, PriceSeries, Rates, Slot, Source,
};
use hanport_engine::tariff::shipped::Shipped;
use hanport_engine::tariff::{Holidays, When};
use hanport_engine::time::UtcMillis;
use jiff::civil::date;
use jiff::tz::TimeZone;

fn main() {
    let zone = TimeZone::get("Europe/Oslo").unwrap_or(TimeZone::UTC);
    let Some(year) = Period::Year.calendar(date(2026, 1, 1), &zone) else { return };
    let first = QuarterHour::containing(year.start).0;
    let last = QuarterHour::containing(year.end).0;
    let shown = |register| -> Vec<Shown> {
        (first..last)
            .map(QuarterHour)
            .map(|quarter| {
                let wh = quarter.0 * 7 % 900;
                let booked = Interval {
                    register,
                    quarter,
                    wh,
                    quality: Quality::Measured,
                    standing: Standing::Settled,
                    edges: Edges::default(),
                };
                Shown { booked, wh, can_peak: true, by: None }
            })
            .collect()
    };
    let (import, export) = (shown(Register::ActiveImport), shown(Register::ActiveExport));
    let slots = (first..last).map(QuarterHour).map(|quarter| Slot {
        range: quarter.start()..quarter.end(),
        price: PricePerKwh(quarter.0 * 31 % 2_000_000),
    });
    let series = PriceSeries::new("NO1", Currency::NOK, Source::Entsoe).with(slots);
    let mut book = PriceBook::new(Currency::NOK);
    let begun = Instant::now();
    book.put(&series, &Rates::default());
    println!("book of a year            {:>8.2} ms", ms(begun));
    let row = |kind, value| Modifier {
        name: "row".to_owned(),
        kind,
        value,
        direction: Direction::Import,
        when: When::default(),
    };
    let rows = vec![row(Kind::Add, 29_900), row(Kind::Add, 10_000), row(Kind::Percent, 25_000_000)];
    let tariff = Shipped::find("no-elvia").and_then(|shipped| shipped.tariff(None).ok());
    let contracts = [Contract {
        from: None,
        formula: Formula { rows, holidays: Holidays::NONE },
        settlement: Settlement::Hour,
        fees: Vec::new(),
        tariff: tariff.map(Into::into),
        support: Some(Scheme::Stromstotte.support(250)),
    }];
    let account = Account {
        pricing: Pricing { contracts: &contracts, book: &book, zone: &zone },
        import: &import,
        export: &export,
        reported: &[],
        now: UtcMillis::LATEST,
        due: UtcMillis::LATEST,
    };
    for (name, period) in [("by month", Period::Month), ("by day", Period::Day)] {
        let begun = Instant::now();
        let bills = account.by(year.clone(), period);
        println!("cost of a year, {name:<9} {:>8.2} ms, {} bills", ms(begun), bills.len());
    }
    let begun = Instant::now();
    let bill = account.bill(year);
    println!("cost of a year, one bill  {:>8.2} ms, {} lines", ms(begun), bill.lines.len());
}

fn ms(begun: Instant) -> f64 {
    begun.elapsed().as_secs_f64() * 1000.0
}
