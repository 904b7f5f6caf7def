//! The text of a tariff: TOML, with every mistake told by its line.
//!
//! ```toml
//! name = "Example grid company, households"
//! country = "NO"
//! currency = "NOK"
//! vat = 25                        # per cent
//! holidays = "NO"
//! source = "price list of the company, 2026"
//!
//! [[period]]
//! from = 2026-07-01
//! amounts = "excluding_vat"       # or "including_vat"
//!
//! [[period.energy]]
//! name = "day"
//! weekdays = "mon-fri"
//! hours = "6-22"
//! holidays = "as_sunday"
//! price = 0.2899
//!
//! [[period.energy]]
//! name = "low"
//! price = 0.1699
//!
//! [[period.peak]]
//! window = 60
//! top = 3
//! distinct = "day"
//! steps = [{ from_kw = 0, month = 120 }, { from_kw = 2, month = 200 }]
//! ```
//!
//! All amounts come out with VAT in them, at the rate of the household where that is another.

mod table;
pub mod words;

use jiff::civil::Date;
use toml::de::DeTable;

use super::holiday::Holidays;
use super::rule::{Distinct, EnergyRule, Fee, PeakPrice, PeakRule, Step, Tariff, TariffPeriod};
use super::when::{HolidayUse, Months, When};
use crate::money::{Currency, Money, PricePerKwh};

pub use table::Mistake;
use table::{Notes, Table};

/// The most that a price or an amount may be, so that sums of them always fit.
const LARGEST: i64 = 1_000_000_000_000_000;

/// Reads a tariff. `vat_permille` is the household's VAT in thousandths, where it is another
/// than that of the tariff: 0 where none is paid.
pub fn read(text: &str, vat_permille: Option<u16>) -> Result<Tariff, Vec<Mistake>> {
    let notes = Notes::new(text);
    let (parsed, errors) = DeTable::parse_recoverable(text);
    for error in errors.iter().take(20) {
        notes.wrong(error.span().map_or(0, |span| span.start), error.message().to_owned());
    }
    if !errors.is_empty() {
        return Err(notes.into_found());
    }
    let span = parsed.span();
    let tariff = tariff(Table::new(&notes, parsed.get_ref(), span), vat_permille);
    let found = notes.into_found();
    match tariff {
        Some(tariff) if found.is_empty() => Ok(tariff),
        _ => Err(found),
    }
}

/// How amounts become amounts with the household's VAT: times `by` over `over`.
#[derive(Clone, Copy)]
struct Amounts {
    by: i64,
    over: i64,
}

impl Amounts {
    fn price(self, table: &Table<'_, '_>, key: &'static str) -> Option<PricePerKwh> {
        let price = table.scaled(key, -6, -LARGEST..LARGEST)?;
        PricePerKwh(price).times(self.by, self.over)
    }

    fn money(self, table: &Table<'_, '_>, key: &'static str, share: i64) -> Option<Money> {
        let amount = table.scaled(key, -9, -LARGEST..LARGEST)?;
        Money(amount).times(self.by, self.over * share)
    }

    /// An amount for a month, told for a month or a year.
    fn month(self, table: &Table<'_, '_>) -> Option<Money> {
        match (table.has("month"), table.has("year")) {
            (true, false) => self.money(table, "month", 1),
            (false, true) => self.money(table, "year", 12),
            _ => {
                table.wrong("an amount needs \"month\" or \"year\", one of them");
                None
            }
        }
    }
}

fn tariff(table: Table<'_, '_>, vat_permille: Option<u16>) -> Option<Tariff> {
    let name = table.needed("name", table.text("name"));
    let country = table.needed("country", table.text("country"));
    let currency = table.needed(
        "currency",
        table.grammar("currency", |text| text.parse::<Currency>().map_err(|e| e.to_string())),
    );
    let vat = table.needed("vat", table.scaled("vat", -1, 0..1001));
    let holidays = holidays(&table);
    let source = table.needed("source", table.text("source"));
    let template = table.text("template").map(str::to_owned);
    let home = vat_permille.map_or(vat, |rate| Some(i64::from(rate)));
    let listed = table.tables("period");
    if listed.is_empty() {
        table.wrong("there is no [[period]] with prices");
    }
    let mut periods = Vec::with_capacity(listed.len());
    for listed in listed {
        let before: Option<&TariffPeriod> = periods.last();
        let earliest = before.map(|period| period.to.unwrap_or(Date::MAX));
        periods.extend(period(listed, vat.unwrap_or(0), home.unwrap_or(0), earliest));
    }
    table.end();
    Some(Tariff {
        name: name?.to_owned(),
        country: country?.to_owned(),
        currency: currency?,
        holidays: holidays?,
        source: source?.to_owned(),
        template,
        periods,
    })
}

fn holidays(table: &Table<'_, '_>) -> Option<Holidays> {
    let name = table.text("holidays");
    let list = name.map_or(Some(Holidays::NONE), Holidays::of);
    if list.is_none() {
        let known: Vec<&str> = Holidays::names().collect();
        table.wrong_at("holidays", format!("there are lists {}", known.join(", ")));
    }
    let days = |key: &'static str| -> Option<Vec<(i8, i8)>> {
        let texts = table.texts(key).unwrap_or_default();
        let days: Option<Vec<(i8, i8)>> = texts
            .into_iter()
            .map(|text| {
                let (month, day) = words::day(text)?;
                Some((i8::try_from(month).ok()?, i8::try_from(day).ok()?))
            })
            .collect();
        if days.is_none() {
            table.wrong_at(key, format!("\"{key}\" must be days such as \"12-24\""));
        }
        days
    };
    let (extra, working) = (days("extra_holidays"), days("working_days"));
    Some(list?.with(extra?).without(working?))
}

fn period(
    table: Table<'_, '_>,
    vat: i64,
    home: i64,
    earliest: Option<Date>,
) -> Option<TariffPeriod> {
    let from = table.needed("from", table.date("from"));
    let to = table.date("to");
    if let (Some(from), Some(to)) = (from, to)
        && to <= from
    {
        table
            .wrong_at("to", "\"to\" is the first day without these prices: it lies after \"from\"");
    }
    if let (Some(from), Some(earliest)) = (from, earliest)
        && from < earliest
    {
        table.wrong_at("from", "periods follow each other: end the one before with \"to\"");
    }
    let including = [("excluding_vat", false), ("including_vat", true)];
    let told = table.needed("amounts", table.word("amounts", &including));
    let amounts =
        Amounts { by: 1000 + home, over: if told == Some(true) { 1000 + vat } else { 1000 } };
    let fees: Vec<Fee> =
        table.tables("fee").into_iter().filter_map(|table| fee(table, amounts)).collect();
    let energy: Vec<EnergyRule> =
        table.tables("energy").into_iter().filter_map(|table| energy(table, amounts)).collect();
    for rule in &energy {
        let last = energy.iter().rev().find(|other| other.part == rule.part);
        if last.is_some_and(|last| last.when != When::default()) && rule.when != When::default() {
            table.wrong_at(
                "energy",
                format!(
                    "the last energy rule of the part \"{}\" must apply always, so that every hour \
                     has a price",
                    rule.part
                ),
            );
            break;
        }
    }
    let peaks = table.tables("peak").into_iter().filter_map(|table| peak(table, amounts)).collect();
    table.end();
    Some(TariffPeriod { from: from?, to, fees, energy, peaks })
}

fn fee(table: Table<'_, '_>, amounts: Amounts) -> Option<Fee> {
    let name = table.needed("name", table.text("name"));
    let month = amounts.month(&table);
    table.end();
    Some(Fee { name: name?.to_owned(), month: month? })
}

const HOLIDAY_WORDS: [(&str, HolidayUse); 4] = [
    ("as_sunday", HolidayUse::AsSunday),
    ("exclude", HolidayUse::Exclude),
    ("ignore", HolidayUse::Ignore),
    ("only", HolidayUse::Only),
];

fn when(table: &Table<'_, '_>) -> When {
    let always = When::default();
    When {
        months: table.grammar("months", words::months).unwrap_or(always.months),
        weekdays: table.grammar("weekdays", words::weekdays).unwrap_or(always.weekdays),
        hours: table.grammar("hours", words::hours).unwrap_or(always.hours),
        dates: table.grammar("dates", words::dates),
        holidays: table.word("holidays", &HOLIDAY_WORDS).unwrap_or(always.holidays),
    }
}

fn energy(table: Table<'_, '_>, amounts: Amounts) -> Option<EnergyRule> {
    let name = table.text("name").unwrap_or("energy").to_owned();
    let part = table.text("part").unwrap_or("grid").to_owned();
    let when = when(&table);
    let prices = match (table.has("price"), table.has("by_hour")) {
        (true, false) => amounts.price(&table, "price").map(|price| vec![price]),
        (false, true) => table.numbers("by_hour").and_then(|numbers| {
            let prices: Option<Vec<PricePerKwh>> = numbers
                .into_iter()
                .map(|number| PricePerKwh::per_kwh(number)?.times(amounts.by, amounts.over))
                .collect();
            let prices = prices.filter(|prices| prices.len() == 24);
            if prices.is_none() {
                table.wrong_at("by_hour", "\"by_hour\" must be 24 prices, from midnight on");
            }
            prices
        }),
        _ => {
            table.wrong("an energy rule needs \"price\" or \"by_hour\", one of them");
            None
        }
    };
    let spot = table.scaled("spot_percent", -4, -10_000_000..10_000_001).unwrap_or(0);
    // a share of a price without VAT: VAT comes on top whatever the other amounts have in them
    let spot_millionths = spot.checked_mul(amounts.by)? / 1000;
    table.end();
    Some(EnergyRule { part, name, when, prices: prices?, spot_millionths })
}

fn peak(table: Table<'_, '_>, amounts: Amounts) -> Option<PeakRule> {
    let name = table.text("name").unwrap_or("peak").to_owned();
    let window = table.needed("window", table.whole("window", 15..61));
    if window.is_some_and(|minutes| ![15, 30, 60].contains(&minutes)) {
        table.wrong_at("window", "\"window\" is 15, 30 or 60 minutes");
    }
    let top = table.needed("top", table.whole("top", 1..32));
    let distinct = [("day", Distinct::Day), ("none", Distinct::None), ("week", Distinct::Week)];
    let distinct = table.word("distinct", &distinct).unwrap_or(Distinct::None);
    let when = when(&table);
    let weights = table
        .tables("weights")
        .into_iter()
        .filter_map(|table| {
            let when = self::when(&table);
            let factor = table.needed("factor", table.scaled("factor", -3, 0..10_001));
            table.end();
            Some((when, factor?))
        })
        .collect();
    let floor = table.scaled("floor_kw", -3, 0..1_000_001).unwrap_or(0);
    let threshold = table.scaled("threshold_kw", -3, 0..1_000_001).unwrap_or(0);
    let history = table.whole("history_months", 1..61).unwrap_or(1);
    let price = price(&table, amounts);
    table.end();
    Some(PeakRule {
        name,
        window_min: u16::try_from(window?).ok()?,
        top: u8::try_from(top?).ok()?,
        distinct,
        when,
        weights,
        floor_w: floor,
        threshold_w: threshold,
        history_months: u8::try_from(history).ok()?,
        price: price?,
    })
}

fn price(table: &Table<'_, '_>, amounts: Amounts) -> Option<PeakPrice> {
    match (table.has("steps"), table.has("per_kw")) {
        (true, false) => steps(table, amounts),
        (false, true) => {
            let listed = table.tables("per_kw");
            let mut prices = Vec::with_capacity(listed.len());
            for listed in listed {
                let months = listed.grammar("months", words::months).unwrap_or(Months::ALL);
                let month = amounts.month(&listed);
                listed.end();
                prices.push((months, month?));
            }
            (1..=12)
                .all(|month| prices.iter().any(|(months, _)| months.has(month)))
                .then_some(())
                .or_else(|| {
                    table.wrong_at(
                        "per_kw",
                        "there are months without a price of a kW; write 0 for none",
                    );
                    None
                })?;
            Some(PeakPrice::PerKw(prices))
        }
        _ => {
            table.wrong("a peak needs \"steps\" or \"per_kw\", one of them");
            None
        }
    }
}

fn steps(table: &Table<'_, '_>, amounts: Amounts) -> Option<PeakPrice> {
    let upper = table.word("boundary", &[("lower", false), ("upper", true)]).unwrap_or(true);
    let mut steps: Vec<Step> = Vec::new();
    for listed in table.tables("steps") {
        let from_w = listed.needed("from_kw", listed.scaled("from_kw", -3, 0..1_000_001));
        let month = amounts.month(&listed);
        let follows = match (steps.last(), from_w) {
            (None, Some(from)) => from == 0,
            (Some(before), Some(from)) => before.from_w < from,
            (_, None) => true,
        };
        if !follows {
            listed.wrong_at("from_kw", "steps begin at 0 and rise");
        }
        listed.end();
        steps.push(Step { from_w: from_w?, month: month? });
    }
    if steps.is_empty() {
        table.wrong_at("steps", "there are no steps");
        return None;
    }
    Some(PeakPrice::Steps { steps, upper })
}

#[cfg(test)]
mod tests;
