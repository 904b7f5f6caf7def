//! Months worked out by hand: the table above each test can be followed with a pocket calculator,
//! and the program must come to the same amounts.

#![allow(clippy::unwrap_used, reason = "a test may stop where it is")]

use hanport_engine::energy::correction::Shown;
use hanport_engine::energy::{Edges, Interval, Period, Quality, QuarterHour, Register, Standing};
use hanport_engine::money::{
    Account, Bill, Contract, Currency, PricePerKwh, Pricing, Scheme, Settlement,
};
use hanport_engine::price::{
    Direction, Formula, Kind, Modifier, PriceBook, PriceSeries, Rates, Slot, Source,
};
use hanport_engine::tariff::shipped::Shipped;
use hanport_engine::tariff::{Fee, Holidays, Local, When};
use hanport_engine::time::UtcMillis;
use jiff::civil::{Date, date};
use jiff::tz::TimeZone;

/// A month of a household: what is drawn and fed in each quarter, and the market's price.
struct Month {
    zone: &'static str,
    first: Date,
    currency: Currency,
    contract: Contract,
    import_wh: fn(Local) -> i64,
    export_wh: fn(Local) -> i64,
    /// In 1/1 000 000.
    spot: fn(Local) -> i64,
    reported: Vec<(Date, i64)>,
}

fn nothing(_: Local) -> i64 {
    0
}

fn row(name: &str, kind: Kind, value: i64, direction: Direction) -> Modifier {
    Modifier { name: name.into(), kind, value, direction, when: When::default() }
}

fn contract(id: &str, settlement: Settlement, rows: Vec<Modifier>) -> Contract {
    let tariff = Shipped::find(id).unwrap().tariff(None).unwrap();
    Contract {
        from: None,
        formula: Formula { rows, holidays: Holidays::NONE },
        settlement,
        fees: Vec::new(),
        tariff: Some(tariff.into()),
        support: None,
    }
}

impl Month {
    fn bill(self) -> Bill {
        let zone = TimeZone::get(self.zone).unwrap();
        let month = Period::Month.calendar(self.first, &zone).unwrap();
        let quarters = (QuarterHour::containing(month.start).0..)
            .map(QuarterHour)
            .take_while(|quarter| quarter.start() < month.end);
        let local = |quarter: QuarterHour| Local::of(quarter.start(), &zone);
        let shown = |register, wh: fn(Local) -> i64| -> Vec<Shown> {
            quarters
                .clone()
                .map(|quarter| {
                    let wh = wh(local(quarter));
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
        let (import, export) = (
            shown(Register::ActiveImport, self.import_wh),
            shown(Register::ActiveExport, self.export_wh),
        );
        let slots = quarters.clone().map(|quarter| Slot {
            range: quarter.start()..quarter.end(),
            price: PricePerKwh((self.spot)(local(quarter))),
        });
        let series = PriceSeries::new("test", self.currency, Source::Entsoe).with(slots);
        let mut book = PriceBook::new(self.currency);
        book.put(&series, &Rates::default());
        let contracts = [self.contract];
        let account = Account {
            pricing: Pricing { contracts: &contracts, book: &book, zone: &zone },
            import: &import,
            export: &export,
            reported: &self.reported,
            now: UtcMillis::LATEST,
            due: UtcMillis::LATEST,
        };
        account.bill(month)
    }
}

/// The bill as a table: kind, name, kWh, amount.
fn table(bill: &Bill) -> Vec<String> {
    let mut lines: Vec<String> = bill
        .lines
        .iter()
        .map(|line| {
            let kwh = line.wh;
            format!("{} | {} | {} Wh | {:.2}", line.kind.name(), line.name, kwh, line.amount)
        })
        .collect();
    lines.push(format!("total | {:.2}", bill.total().unwrap()));
    lines
}

// Norway, September 2026, Elvia (list of July 2026), Oslo, billed by the hour, support of 2026
//
//   spot 06-22 1.00, 22-06 0.40; supplier 0.0299; VAT 25 %
//   22 workdays, 8 days of weekends; 2 kWh an hour 06-22, 1 kWh an hour at night
//   and the 9th 18-19 11.20, the 21st 17-18 9.10, the 28th 20-21 8.95 kWh in all
//
//   workdays 06-22   22 x 16 x 2 + 9.20 + 7.10 + 6.95   = 727.25 kWh
//   weekends 06-22    8 x 16 x 2                        = 256.00
//   nights           30 x  8 x 1                        = 240.00    1223.25 kWh
//
//   spot             983.25 x 1.00 + 240 x 0.40         = 1079.25
//   supplier         1223.25 x 0.0299                   =   36.575
//   VAT              (1079.25 + 36.575) x 0.25          =  278.956
//   day              727.25 x 0.2899 x 1.25             =  263.537
//   low              496.00 x 0.1699 x 1.25             =  105.338
//   electricity tax  1223.25 x 0.0713 x 1.25            =  109.022
//   Enova            1223.25 x 0.0100 x 1.25            =   15.291
//   support          983.25 x (1.00 - 0.77) x 0.9 x 1.25 = 254.416 off
//   capacity         (11.20 + 9.10 + 8.95) / 3 = 9.75 kW: 5 to 10 = 420.00
//   supplier's fee                                          39.00
#[test]
fn norway() {
    let supplier = vec![
        row("supplier", Kind::Add, 29_900, Direction::Import),
        row("VAT", Kind::Percent, 25_000_000, Direction::Import),
    ];
    let mut contract = contract("no-elvia", Settlement::Hour, supplier);
    contract.support = Some(Scheme::Stromstotte.support(250));
    let fee = hanport_engine::money::Money::ONE.times(39, 1).unwrap();
    contract.fees.push(Fee { name: "monthly fee".into(), month: fee });
    let bill = Month {
        zone: "Europe/Oslo",
        first: date(2026, 9, 1),
        currency: Currency::NOK,
        contract,
        import_wh: |local| {
            let extra = match (local.date.day(), local.hour()) {
                (9, 18) => 9200,
                (21, 17) => 7100,
                (28, 20) => 6950,
                _ => 0,
            };
            let base = if (6..22).contains(&local.hour()) { 500 } else { 250 };
            // in the first quarter of the hour
            base + if local.minute % 60 == 0 { extra } else { 0 }
        },
        export_wh: nothing,
        spot: |local| if (6..22).contains(&local.hour()) { 1_000_000 } else { 400_000 },
        reported: Vec::new(),
    }
    .bill();
    assert_eq!(
        table(&bill),
        [
            "spot |  | 1223250 Wh | 1079.25",
            "row | supplier | 1223250 Wh | 36.58",
            "row | VAT | 1223250 Wh | 278.96",
            "grid | day | 727250 Wh | 263.54",
            "grid | low | 496000 Wh | 105.34",
            "grid | electricity tax | 1223250 Wh | 109.02",
            "grid | Enova | 1223250 Wh | 15.29",
            "support | Str\u{f8}mst\u{f8}tte | 983250 Wh | -254.42",
            "fee | monthly fee | 0 Wh | 39.00",
            "peak | capacity | 0 Wh | 420.00",
            "total | 2092.55",
        ]
    );
    assert!(bill.missing.is_none() && !bill.expired && !bill.provisional);
}

// Sweden, February 2026, Ellevio, billed by the quarter
//
//   the quarters of every hour cost 0.40, 0.50, 0.60 and 0.70; supplier 0.05; VAT 25 %
//   1.6 kWh an hour 06-22, 0.8 kWh an hour at night, evenly; the hours of the table of peaks
//   draw the rest in their first quarter:
//     4th 18 7.20   4th 23 12.60   11th 02 13.00   11th 17 6.10   19th 08 6.90
//     25th 05 11.00   25th 06 5.80          5.6 + 11.8 + 12.2 + 4.5 + 5.3 + 10.2 + 4.2 = 53.8
//
//   28 x 16 x 1.6 + 28 x 8 x 0.8 = 896.0 kWh, with 53.8              949.80 kWh
//
//   spot             896.0 x 0.55 + 53.8 x 0.40         =  514.32
//   supplier         949.8 x 0.05                       =   47.49
//   VAT              (514.32 + 47.49) x 0.25            =  140.4525
//   transfer         949.8 x 0.0625                     =   59.3625
//   energy tax       949.8 x 0.45                       =  427.41
//   power            (7.20 + 6.90 + 6.50) / 3 x 81.25   =  557.917
#[test]
fn sweden() {
    let supplier = vec![
        row("supplier", Kind::Add, 50_000, Direction::Import),
        row("VAT", Kind::Percent, 25_000_000, Direction::Import),
    ];
    let bill = Month {
        zone: "Europe/Stockholm",
        first: date(2026, 2, 1),
        currency: Currency::SEK,
        contract: contract("se-ellevio", Settlement::Quarter, supplier),
        import_wh: |local| {
            let extra = match (local.date.day(), local.hour()) {
                (4, 18) => 5600,
                (4, 23) => 11_800,
                (11, 2) => 12_200,
                (11, 17) => 4500,
                (19, 8) => 5300,
                (25, 5) => 10_200,
                (25, 6) => 4200,
                _ => 0,
            };
            let base = if (6..22).contains(&local.hour()) { 400 } else { 200 };
            base + if local.minute % 60 == 0 { extra } else { 0 }
        },
        export_wh: nothing,
        spot: |local| 400_000 + i64::from(local.minute % 60) / 15 * 100_000,
        reported: Vec::new(),
    }
    .bill();
    assert_eq!(
        table(&bill),
        [
            "spot |  | 949800 Wh | 514.32",
            "row | supplier | 949800 Wh | 47.49",
            "row | VAT | 949800 Wh | 140.45",
            "grid | transfer | 949800 Wh | 59.36",
            "grid | energy tax | 949800 Wh | 427.41",
            "peak | power | 0 Wh | 557.92",
            "total | 1746.95",
        ]
    );
}

// Belgium, March 2026 (743 hours), Flanders, dynamic price (EPEX + 2 %) + 0.004, VAT 6 %
//
//   0.1 kWh in each of 2972 quarters, the 4th at 18:15 1.415 kWh         298.515 kWh
//   spot 0.10; 12 to 15 every day -0.05; the 4th at 18:15 0.25
//   0.2 kWh fed in in each quarter from 12 to 15; it brings spot - 5 % (of a negative price: less
//   negative) - 0.005
//
//   spot             2599 x 0.1 x 0.10 - 372 x 0.1 x 0.05 + 1.415 x 0.25  = 24.484
//   2 %                                                                   =  0.490
//   supplier         298.515 x 0.004                                      =  1.194
//   VAT              (24.484 + 0.490 + 1.194) x 0.06                      =  1.570
//   grid             298.515 x 0.05 x 1.06                                = 15.821
//   special excise   298.515 x 0.04748 x 1.06                             = 15.024
//   contribution     298.515 x 0.0019261 x 1.06                           =  0.609
//   capacity         (43.80 + 5.66) / 12 = 4.121667 kW x 40.40 / 12 x 1.06 = 14.709
//   fed in           74.4 x -0.05 = -3.72; + 5 % of it 0.186; - 74.4 x 0.005 = 0.372
#[test]
fn belgium() {
    let rows = vec![
        row("balancing", Kind::Percent, 2_000_000, Direction::Import),
        row("supplier", Kind::Add, 4_000, Direction::Import),
        row("VAT", Kind::Percent, 6_000_000, Direction::Import),
        row("buyer", Kind::Percent, -5_000_000, Direction::Export),
        row("fee", Kind::Subtract, 5_000, Direction::Export),
    ];
    let months: [i64; 11] = [3600, 4400, 5100, 6000, 5200, 4600, 4000, 1900, 2100, 2800, 3100];
    let dates =
        (4..=12).map(|month| date(2025, month, 1)).chain([date(2026, 1, 1), date(2026, 2, 1)]);
    let bill = Month {
        zone: "Europe/Brussels",
        first: date(2026, 3, 1),
        currency: Currency::EUR,
        contract: contract("be-flanders", Settlement::Quarter, rows),
        import_wh: |local| {
            let peak = local.date.day() == 4 && local.minute == 18 * 60 + 15;
            if peak { 1415 } else { 100 }
        },
        export_wh: |local| if (12..15).contains(&local.hour()) { 200 } else { 0 },
        spot: |local| match (local.date.day(), local.minute) {
            (4, 1095) => 250_000,
            (_, 720..900) => -50_000,
            _ => 100_000,
        },
        reported: dates.zip(months.map(|watts| watts * 1000)).collect(),
    }
    .bill();
    assert_eq!(
        table(&bill),
        [
            "spot |  | 298515 Wh | 24.48",
            "row | balancing | 298515 Wh | 0.49",
            "row | supplier | 298515 Wh | 1.19",
            "row | VAT | 298515 Wh | 1.57",
            "grid | grid | 298515 Wh | 15.82",
            "grid | special excise | 298515 Wh | 15.02",
            "grid | energy contribution | 298515 Wh | 0.61",
            "export_spot |  | 74400 Wh | -3.72",
            "export_row | buyer | 74400 Wh | 0.19",
            "export_row | fee | 74400 Wh | -0.37",
            "peak | capacity | 0 Wh | 14.71",
            "total | 77.81",
        ]
    );
}

// Denmark, October 2026 (745 hours: 02 to 03 comes twice on the 25th), model 3.0 in winter
//
//   0.3 kWh an hour; spot 0.20 from 00 to 06, 1.20 from 17 to 21, else 0.50; supplier 0.08; VAT
//
//   low    31 x 6 + 1 = 187 h  56.1 kWh      peak  31 x 4 = 124 h  37.2 kWh
//   high   745 - 187 - 124 = 434 h  130.2 kWh                      223.5 kWh
//
//   spot                56.1 x 0.20 + 130.2 x 0.50 + 37.2 x 1.20  = 120.96
//   supplier            223.5 x 0.08                              =  17.88
//   VAT                 (120.96 + 17.88) x 0.25                   =  34.71
//   winter low          56.1 x 0.10 x 1.25                        =   7.0125
//   winter peak         37.2 x 0.90 x 1.25                        =  41.85
//   winter high         130.2 x 0.30 x 1.25                       =  48.825
//   transmission, system 223.5 x 0.125 x 1.25                     =  34.922
//   electricity tax     223.5 x 0.008 x 1.25                      =   2.235
//   subscription        30 x 1.25                                 =  37.50
#[test]
fn denmark() {
    let supplier = vec![
        row("supplier", Kind::Add, 80_000, Direction::Import),
        row("moms", Kind::Percent, 25_000_000, Direction::Import),
    ];
    let bill = Month {
        zone: "Europe/Copenhagen",
        first: date(2026, 10, 1),
        currency: Currency::DKK,
        contract: contract("dk-model-3", Settlement::Quarter, supplier),
        import_wh: |_| 75,
        export_wh: nothing,
        spot: |local| match local.hour() {
            0..6 => 200_000,
            17..21 => 1_200_000,
            _ => 500_000,
        },
        reported: Vec::new(),
    }
    .bill();
    assert_eq!(
        table(&bill),
        [
            "spot |  | 223500 Wh | 120.96",
            "row | supplier | 223500 Wh | 17.88",
            "row | moms | 223500 Wh | 34.71",
            "grid | winter low | 56100 Wh | 7.01",
            "grid | winter peak | 37200 Wh | 41.85",
            "grid | winter high | 130200 Wh | 48.83",
            "grid | transmission and system | 223500 Wh | 34.92",
            "grid | electricity tax | 223500 Wh | 2.24",
            "fee | subscription | 0 Wh | 37.50",
            "total | 345.89",
        ]
    );
}

// Austria, July 2026, summer noon tariff, EPEX + 3 % + 0.015, VAT 20 %; feeding in brings 0.06
//
//   0.5 kWh an hour, 10 to 16 only 0.1; 1.5 kWh an hour fed in from 10 to 16
//   spot 0.12, from 10 to 16 -0.01
//
//   10-16   31 x 6 x 0.1 = 18.6 kWh       else  31 x 18 x 0.5 = 279 kWh     297.6 kWh
//
//   spot             279 x 0.12 - 18.6 x 0.01    =  33.294
//   3 %                                          =   0.99882
//   supplier         297.6 x 0.015               =   4.464
//   USt              38.75682 x 0.20             =   7.751
//   summer noon      18.6 x 0.0560 x 1.20        =   1.250
//   grid             279 x 0.0700 x 1.20         =  23.436
//   electricity tax  297.6 x 0.001 x 1.20        =   0.357
//   fed in           31 x 6 x 1.5 x 0.06         =  16.74
#[test]
fn austria() {
    let rows = vec![
        row("surcharge", Kind::Percent, 3_000_000, Direction::Import),
        row("supplier", Kind::Add, 15_000, Direction::Import),
        row("USt", Kind::Percent, 20_000_000, Direction::Import),
        row("feed-in", Kind::Fixed, 60_000, Direction::Export),
    ];
    let bill = Month {
        zone: "Europe/Vienna",
        first: date(2026, 7, 1),
        currency: Currency::EUR,
        contract: contract("at-summer", Settlement::Hour, rows),
        import_wh: |local| if (10..16).contains(&local.hour()) { 25 } else { 125 },
        export_wh: |local| if (10..16).contains(&local.hour()) { 375 } else { 0 },
        spot: |local| if (10..16).contains(&local.hour()) { -10_000 } else { 120_000 },
        reported: Vec::new(),
    }
    .bill();
    assert_eq!(
        table(&bill),
        [
            "spot |  | 297600 Wh | 33.29",
            "row | surcharge | 297600 Wh | 1.00",
            "row | supplier | 297600 Wh | 4.46",
            "row | USt | 297600 Wh | 7.75",
            "grid | summer noon | 18600 Wh | 1.25",
            "grid | grid | 279000 Wh | 23.44",
            "grid | electricity tax | 297600 Wh | 0.36",
            "export_row | feed-in | 279000 Wh | 16.74",
            "total | 54.81",
        ]
    );
}
