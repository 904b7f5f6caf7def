//! Prices in the user's own form: a file, an address, or messages of a broker.
//!
//! As JSON, with what is told beside the prices winning over the settings; or a bare list:
//!
//! ```text
//! {"currency":"EUR","per":"kWh","vat":21,"prices":[
//!   {"start":"2026-01-14T00:00:00+01:00","end":"2026-01-14T01:00:00+01:00","price":0.0801}, ...]}
//! ```
//!
//! As CSV, with a line of names first; `;`, `,` or a tab between, a comma in numbers where the
//! separator is none:
//!
//! ```text
//! start;end;price
//! 2026-01-14T00:00:00+01:00;2026-01-14T01:00:00+01:00;0,0801
//! ```
//!
//! Without an end a price holds until the next one.

use core::ops::Range;

use hanport_core::number::Number;
use serde::Deserialize;

use super::Source;
use super::ask::{Answer, Refusal, by_beginnings, instant, kwh, mwh};
use crate::money::{Currency, PricePerKwh};
use crate::price::decimal::{Decimal, decimal};
use crate::price::series::{PriceSeries, Slot, Vat};
use crate::time::UtcMillis;

/// What the settings say of such prices.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Form {
    /// What the area is called.
    pub area: String,
    /// What prices are in.
    pub currency: Currency,
    /// Whether VAT is in them.
    pub vat: Vat,
    /// Whether they are for a megawatt-hour, not a kilowatt-hour.
    pub per_mwh: bool,
    /// How they come: [`Source::File`] or [`Source::Topic`].
    pub source: Source,
}

#[derive(Deserialize)]
struct Body {
    currency: Option<String>,
    per: Option<String>,
    vat: Option<Decimal>,
    prices: Vec<Entry>,
}

#[derive(Deserialize)]
struct Entry {
    start: String,
    end: Option<String>,
    price: Option<Decimal>,
}

/// Reads prices in the user's own form.
pub fn parse(form: &Form, answer: &Answer<'_>) -> Result<PriceSeries, Refusal> {
    answer.checked()?;
    let text = answer.found()?.trim_start();
    let mut form = form.clone();
    let entries = if text.starts_with('[') {
        serde_json::from_str(text).map_err(|error| Refusal::Odd(error.to_string()))?
    } else if text.starts_with('{') {
        let body: Body =
            serde_json::from_str(text).map_err(|error| Refusal::Odd(error.to_string()))?;
        form.told(&body)?;
        body.prices
    } else {
        csv(text)?
    };
    let mut slots = Vec::with_capacity(entries.len());
    let mut open = Vec::new();
    for entry in entries {
        let start = instant(&entry.start)?;
        let price = entry.price.map(|price| form.price(price.0)).transpose()?;
        match (&entry.end, price) {
            (None, price) => open.push((start, price)),
            (Some(end), Some(price)) => {
                let range = start..instant(end)?;
                if range.is_empty() || range.end.since(range.start) > 366 * 86_400_000 {
                    return Err(Refusal::Odd(format!("a price from {} to {end}", entry.start)));
                }
                slots.extend(days(range).map(|range| Slot { range, price }));
            }
            (Some(_), None) => {}
        }
    }
    slots.extend(by_beginnings(open)?);
    let mut series = PriceSeries::new(form.area, form.currency, form.source);
    series.vat = form.vat;
    Ok(series.with(slots))
}

/// A long stretch in pieces of a day, so that no price ever holds longer.
fn days(range: Range<UtcMillis>) -> impl Iterator<Item = Range<UtcMillis>> {
    const DAY: i64 = 86_400_000;
    let count = range.end.since(range.start).div_euclid(DAY);
    (0..=count)
        .map(move |n| range.start.plus(n * DAY)..range.start.plus((n + 1) * DAY).min(range.end))
        .filter(|piece| !piece.is_empty())
}

impl Form {
    fn told(&mut self, body: &Body) -> Result<(), Refusal> {
        if let Some(currency) = &body.currency {
            self.currency = currency.parse().map_err(|error| Refusal::Odd(format!("{error}")))?;
        }
        if let Some(per) = &body.per {
            self.per_mwh = match per.to_ascii_lowercase().as_str() {
                "kwh" => false,
                "mwh" => true,
                _ => return Err(Refusal::Odd(format!("prices per {per:?}, not kWh or MWh"))),
            };
        }
        if let Some(vat) = body.vat {
            let thousandths = vat.0.in_units_of(-1).and_then(|rate| u16::try_from(rate).ok());
            self.vat = match thousandths {
                Some(0) => Vat::Excluded,
                Some(rate @ 1..=1000) => Vat::Included(rate),
                _ => return Err(Refusal::Odd(format!("a VAT of {} %", vat.0))),
            };
        }
        Ok(())
    }

    fn price(&self, price: Number) -> Result<PricePerKwh, Refusal> {
        if self.per_mwh { mwh(price) } else { kwh(price) }
    }
}

fn csv(text: &str) -> Result<Vec<Entry>, Refusal> {
    let mut lines = text
        .lines()
        .enumerate()
        .filter(|(_, line)| !line.trim().is_empty() && !line.starts_with('#'));
    let Some((_, names)) = lines.next() else { return Err(Refusal::NotPublished) };
    let separator = [';', '\t', ','].into_iter().find(|c| names.contains(*c)).unwrap_or(';');
    let cells = |line: &str| -> Vec<String> {
        line.split(separator).map(|cell| cell.trim().trim_matches('"').to_owned()).collect()
    };
    let names = cells(names);
    let column = |name: &str| names.iter().position(|column| column.eq_ignore_ascii_case(name));
    let (Some(start), Some(price)) = (column("start"), column("price")) else {
        return Err(Refusal::Odd(
            "the first line of the table names no columns \"start\" and \"price\"".to_owned(),
        ));
    };
    let end = column("end");
    let mut entries = Vec::new();
    for (number, line) in lines {
        let cells = cells(line);
        let told = |what: &str| Refusal::Odd(format!("line {}: {what}", number + 1));
        let cell = |at: usize| cells.get(at).filter(|cell| !cell.is_empty());
        let price = match cell(price) {
            None => None,
            Some(price) => {
                let point = if separator == ',' { price.clone() } else { price.replace(',', ".") };
                let number = decimal(&point).ok_or_else(|| told("the price is no number"))?;
                Some(Decimal(number))
            }
        };
        let start = cell(start).ok_or_else(|| told("there is no start"))?.clone();
        entries.push(Entry { start, end: end.and_then(cell).cloned(), price });
    }
    Ok(entries)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn form() -> Form {
        Form {
            area: "home".into(),
            currency: Currency::EUR,
            vat: Vat::Excluded,
            per_mwh: false,
            source: Source::File,
        }
    }

    fn read(body: &str) -> Result<PriceSeries, Refusal> {
        parse(&form(), &Answer { status: 200, body: body.as_bytes(), retry_after_s: None })
    }

    fn prices(series: &PriceSeries) -> Vec<i64> {
        series.slots().iter().map(|slot| slot.price.0).collect()
    }

    #[test]
    fn a_document_tells_unit_currency_and_vat() {
        let series = read(
            r#"{"currency":"nok","per":"MWh","vat":"25.5","prices":[
            {"start":"2026-01-14T00:00:00+01:00","end":"2026-01-14T00:15:00+01:00","price":801.5}]}"#,
        )
        .unwrap();
        assert_eq!(prices(&series), [801_500]);
        assert_eq!((series.currency, series.vat), (Currency::NOK, Vat::Included(255)));
    }

    #[test]
    fn a_long_price_comes_in_pieces_of_a_day() {
        let series =
            read(r#"[{"start":"2026-01-01T00:00:00Z","end":"2026-01-03T12:00:00Z","price":0.3}]"#)
                .unwrap();
        let hours: Vec<i64> = series
            .slots()
            .iter()
            .map(|slot| slot.range.end.since(slot.range.start) / 3_600_000)
            .collect();
        assert_eq!(hours, [24, 24, 12]);
    }

    #[test]
    fn a_bare_list_and_a_table_say_the_same() {
        let list = read(
            r#"[{"start":"2026-01-14T00:00:00Z","price":-0.01},{"start":"2026-01-14T01:00:00Z","price":0.2}]"#,
        );
        let table =
            read("# own\nStart;Price\n2026-01-14T00:00:00Z;-0,01\n\n2026-01-14T01:00:00Z;0,2\n");
        let commas =
            read("start,end,price\n2026-01-14T00:00:00Z,,-0.01\n2026-01-14T01:00:00Z,,0.2");
        assert_eq!(prices(list.as_ref().unwrap()), [-10_000, 200_000]);
        assert_eq!(list, table);
        assert_eq!(list, commas);
    }

    #[test]
    fn mistakes_are_told_with_their_line() {
        let what = |body: &str| match read(body) {
            Err(Refusal::Odd(what)) => what,
            other => panic!("{other:?}"),
        };
        assert!(
            what("start;price\n2026-01-14T00:00:00Z;0,1\n2026-01-14T01:00:00Z;x")
                .contains("line 3")
        );
        assert!(what("when;what\n1;2").contains("\"start\" and \"price\""));
        assert!(what(r#"[{"start":"2026-01-14T00:00:00","price":1}]"#).contains("offset"));
        assert!(what(r#"{"per":"Wh","prices":[]}"#).contains("Wh"));
        assert!(what(r#"{"prices":[{"start":1}]}"#).contains("line 1"));
        assert_eq!(read(""), Err(Refusal::NotPublished));
    }

    proptest! {
        #[test]
        fn never_panics(text: String, rest: String) {
            let _ = read(&text);
            let _ = read(&format!("start;end;price\n{text};{rest};{text}"));
        }
    }
}
