//! Pictures of a household as outputs see them.

use jiff::civil::{Date, date};

use super::*;
use crate::energy::correction::Shown;
use crate::energy::{Edges, Interval, Quality, QuarterHour, Register, Standing};
use crate::money::contract::{Contract, Settlement};
use crate::money::view::Level;
use crate::price::source::market_day;
use crate::price::{Direction, Formula, Kind, Modifier, PriceBook, PriceSeries, Rates, Slot};
use crate::tariff::shipped::Shipped;
use crate::tariff::{Holidays, When};

const HOUR: i64 = 3_600_000;

struct House {
    zone: TimeZone,
    book: PriceBook,
    contracts: Vec<Contract>,
    import: Vec<Shown>,
}

fn setup() -> Setup {
    Setup { currency: Currency::NOK, area: "NO1".into(), resolution_min: None, windows: vec![1, 3] }
}

impl House {
    fn new(zone: &str) -> Self {
        let contract = Contract {
            from: None,
            formula: Formula { rows: Vec::new(), holidays: Holidays::NONE },
            settlement: Settlement::Quarter,
            fees: Vec::new(),
            tariff: None,
            support: None,
        };
        Self {
            zone: TimeZone::get(zone).unwrap(),
            book: PriceBook::new(Currency::NOK),
            contracts: vec![contract],
            import: Vec::new(),
        }
    }

    /// Hours of a day of the market at 1, 2, 3 ... hundredths.
    fn prices(&mut self, day: Date, source: Source) {
        let range = market_day(day);
        let starts = (range.start.0..range.end.0).step_by(3_600_000);
        let slots = (1..).zip(starts).map(|(price, start)| Slot {
            range: UtcMillis(start)..UtcMillis(start + HOUR),
            price: PricePerKwh(price * 10_000),
        });
        let series = PriceSeries::new("NO1", Currency::NOK, source).with(slots);
        self.book.put(&series, &Rates::default());
    }

    /// So many watt-hours in every quarter.
    fn draw(&mut self, range: Range<UtcMillis>, wh: i64) {
        let first = QuarterHour::containing(range.start).0;
        let last = QuarterHour::containing(range.end).0;
        self.import.extend((first..last).map(|quarter| {
            let booked = Interval {
                register: Register::ActiveImport,
                quarter: QuarterHour(quarter),
                wh,
                quality: Quality::Measured,
                standing: Standing::Settled,
                edges: Edges::default(),
            };
            Shown { booked, wh, can_peak: true, by: None }
        }));
    }

    fn picture(&self, now: UtcMillis) -> Picture {
        let pricing = Pricing { contracts: &self.contracts, book: &self.book, zone: &self.zone };
        let account = Account {
            pricing,
            import: &self.import,
            export: &[],
            reported: &[],
            now,
            due: now.plus(-HOUR),
        };
        Picture::reckon(&account, &setup(), None)
    }
}

/// An hour of the 14th of September 2026, a Monday, in Oslo.
fn at(hour: i64, minute: i64) -> UtcMillis {
    market_day(date(2026, 9, 14)).start.plus(hour * HOUR + minute * 60_000)
}

fn flow(since: UtcMillis, import_wh: i64) -> Flow {
    Flow { since, import_wh, export_wh: 0, quality: Quality::Measured }
}

#[test]
fn cost_follows_every_message_and_meets_the_books() {
    let mut house = House::new("Europe/Oslo");
    house.prices(date(2026, 9, 14), Source::Hvakosterstrommen);
    house.draw(at(0, 0)..at(10, 30), 250);
    let picture = house.picture(at(10, 30));
    // two quarters at 0.11, and 0.1 kWh that is not booked yet
    let flows = Flows {
        hour: Some(flow(at(10, 0), 600)),
        day: Some(flow(at(0, 0), 10_600)),
        ..Flows::default()
    };
    let live = Live { now: at(10, 33), flows, ..Live::default() };
    let view = picture.view(&live);
    assert_eq!(view.hour.import_wh, Some(600));
    assert_eq!(view.hour.cost.unwrap().to_string(), "0.066");
    // 0.01 to 0.10 for a kWh each, and 0.066
    assert_eq!(view.day.cost.unwrap().to_string(), "0.616");
    assert_eq!(view.day.import_wh, Some(10_600));
    assert_eq!(view.yesterday.cost, None);
    assert_eq!(view.yesterday.missing.quarters, 96);
    assert_eq!(picture.good_until(at(10, 33)), at(11, 0));
}

#[test]
fn the_running_price_has_its_place_in_the_day() {
    let mut house = House::new("Europe/Oslo");
    house.prices(date(2026, 9, 14), Source::Hvakosterstrommen);
    house.prices(date(2026, 9, 15), Source::EnergyCharts);
    let view = house.picture(at(2, 10)).view(&Live { now: at(2, 10), ..Live::default() });
    assert_eq!(view.curve.len(), 48);
    assert_eq!(view.resolution_min, 60);
    assert_eq!(view.price.import, Some(PricePerKwh(30_000)));
    assert_eq!((view.price.rank, view.price.of), (Some(3), 24));
    assert_eq!(view.price.level, Some(Level::VeryCheap));
    assert_eq!(view.source.as_ref().unwrap().code, "MIX");
    assert!(!view.source.unwrap().publishable);
    // tomorrow from midnight on
    let windows: Vec<(u8, UtcMillis, i64)> =
        view.cheapest.iter().map(|w| (w.hours, w.start, w.mean.0)).collect();
    assert_eq!(windows, [(1, at(24, 0), 10_000), (3, at(24, 0), 20_000)]);
}

#[test]
fn tomorrow_is_not_there_before_it_is_published() {
    let mut house = House::new("Europe/Oslo");
    house.prices(date(2026, 9, 14), Source::Hvakosterstrommen);
    let view = house.picture(at(9, 0)).view(&Live { now: at(9, 0), ..Live::default() });
    assert_eq!(view.curve.len(), 24);
    assert_eq!(view.source.unwrap().code, "HKS");
    // without any price today is there, in slots without prices
    let none = House::new("Europe/Oslo");
    let view = none.picture(at(9, 0)).view(&Live { now: at(9, 0), ..Live::default() });
    assert_eq!(view.curve.len(), 24);
    assert!(view.curve.iter().all(|slot| slot.import.is_none()));
    assert_eq!((view.source, view.price), (None, PriceNow::default()));
}

#[test]
fn a_fixed_price_needs_no_market() {
    let mut house = House::new("Europe/Oslo");
    house.contracts[0].formula.rows.push(Modifier {
        name: "deal".into(),
        kind: Kind::Fixed,
        value: 500_000,
        direction: Direction::Import,
        when: When::default(),
    });
    let view = house.picture(at(9, 0)).view(&Live { now: at(9, 0), ..Live::default() });
    assert_eq!(view.curve.len(), 48);
    assert_eq!(view.price.import, Some(PricePerKwh(500_000)));
    assert_eq!((view.price.spot, view.price.export), (None, None));
    assert_eq!(view.source.unwrap().code, "FIX");
    assert!(view.export_differs);
}

#[test]
fn the_curve_begins_with_the_earlier_midnight() {
    let mut house = House::new("Europe/Helsinki");
    house.prices(date(2026, 9, 14), Source::SpotHinta);
    let view = house.picture(at(9, 0)).view(&Live { now: at(9, 0), ..Live::default() });
    // midnight of Helsinki is an hour before that of the market
    assert_eq!(view.curve.first().unwrap().range.start, at(-1, 0));
    assert_eq!(view.curve.first().unwrap().spot, None);
    assert_eq!(view.curve.last().unwrap().range.end, at(24, 0));
    // the first local hour is of the day before and not known here
    assert_eq!(view.price.of, 23);
}

#[test]
fn peaks_show_their_step_and_where_the_hour_is_heading() {
    let mut house = House::new("Europe/Oslo");
    let tariff = Shipped::find("no-elvia").unwrap().tariff(None).unwrap();
    house.contracts[0].tariff = Some(tariff.into());
    let days = |first: i64, last: i64| at(24 * (first - 14), 0)..at(24 * (last - 13), 0);
    house.draw(days(1, 11), 500);
    house.draw(days(12, 12), 1500);
    house.draw(days(13, 13), 500);
    house.draw(at(0, 0)..at(10, 0), 400);
    let picture = house.picture(at(10, 15));
    let flows = Flows { hour: Some(flow(at(10, 0), 1000)), ..Flows::default() };
    let live = Live { now: at(10, 15), flows, quarter_wh: None, power_w: Some(8000) };
    let view = picture.view(&live).peaks.unwrap();
    // 6, 2 and 2 kWh
    assert_eq!(view.figure_mw, Some(3_333_333));
    assert_eq!((view.wanted, view.provisional, view.kept.len()), (3, false, 5));
    let first = view.kept.first().unwrap();
    assert_eq!((first.date.day(), first.wh, first.counts), (12, 6000, true));
    assert_eq!(view.step.unwrap().from_w, 2000);
    assert_eq!(view.next.unwrap().from_w, 5000);
    assert_eq!(format!("{:.2}", view.fee.unwrap()), "250.00");
    let forecast = view.forecast.unwrap();
    // 1 kWh and 8 kW for three quarters of an hour
    assert_eq!(forecast.heading_mw, Some(7_000_000));
    // 15 - 6 - 2 = 7 kWh are the next step
    assert_eq!(forecast.next_step_w, Some(7999));
    assert_eq!(forecast.figure_mw, Some(5_000_000));
    assert!(view.months.is_empty());
}

#[test]
fn months_of_peaks_are_kept() {
    let mut house = House::new("Europe/Oslo");
    let tariff = Shipped::find("no-elvia").unwrap().tariff(None).unwrap();
    house.contracts[0].tariff = Some(tariff.into());
    let month = |month| Period::Month.calendar(date(2026, month, 1), &house.zone).unwrap();
    let (july, august) = (month(7), month(8));
    house.draw(july, 1500);
    house.draw(august, 500);
    house.draw(at(0, 0)..at(5, 0), 100);
    let view = house.picture(at(10, 15)).view(&Live { now: at(10, 15), ..Live::default() });
    let months = view.peaks.unwrap().months;
    let told: Vec<(i8, i64, String)> = months
        .iter()
        .map(|m| (m.month.month(), m.figure_mw, format!("{:.2}", m.fee.unwrap())))
        .collect();
    assert_eq!(told, [(8, 2_000_000, "250.00".to_owned()), (7, 6_000_000, "420.00".to_owned())]);
    // the fee of August counts in last month's fees
    assert_eq!(format!("{:.2}", view.last_month.fees), "250.00");
    assert_eq!(
        since(
            &Pricing { contracts: &house.contracts, book: &house.book, zone: &house.zone },
            at(0, 0)
        )
        .timestamp()
        .to_zoned(house.zone.clone())
        .date(),
        date(2025, 9, 1)
    );
}
