//! hvakosterstrommen.no and elprisetjustnu.se: one file a day and area, in one form.
//!
//! ```text
//! [{"NOK_per_kWh":0.93852,"EUR_per_kWh":0.0801,"EXR":11.7169,
//!   "time_start":"2026-01-14T00:00:00+01:00","time_end":"2026-01-14T01:00:00+01:00"}, ...]
//! ```
//!
//! Prices are per kilowatt-hour and without VAT. A file is not there until the prices are
//! published.

use jiff::civil::Date;
use serde::Deserialize;

use super::Source;
use super::ask::{Answer, Refusal, Request, instant, kwh};
use crate::money::Currency;
use crate::price::decimal::Decimal;
use crate::price::series::{PriceSeries, Slot};
use crate::price::zone::Zone;

/// The address of the Norwegian service.
pub const NORWEGIAN: &str = "https://www.hvakosterstrommen.no";
/// The address of the Swedish service.
pub const SWEDISH: &str = "https://www.elprisetjustnu.se";

/// The request for a day of NO1 to NO5.
pub fn norwegian_request(zone: &Zone, day: Date, base: Option<&str>) -> Request {
    file(base.unwrap_or(NORWEGIAN), zone, day)
}

/// The request for a day of SE1 to SE4.
pub fn swedish_request(zone: &Zone, day: Date, base: Option<&str>) -> Request {
    file(base.unwrap_or(SWEDISH), zone, day)
}

fn file(base: &str, zone: &Zone, day: Date) -> Request {
    let url = format!("{base}/api/v1/prices/{}_{}.json", day.strftime("%Y/%m-%d"), zone.name);
    Request::plain(url, "application/json")
}

#[derive(Deserialize)]
struct Entry {
    #[serde(rename = "NOK_per_kWh", alias = "SEK_per_kWh")]
    price: Option<Decimal>,
    time_start: String,
    time_end: String,
}

/// Reads a Norwegian answer.
pub fn norwegian(zone: &Zone, answer: &Answer<'_>) -> Result<PriceSeries, Refusal> {
    parse(PriceSeries::new(zone.name, Currency::NOK, Source::Hvakosterstrommen), answer)
}

/// Reads a Swedish answer.
pub fn swedish(zone: &Zone, answer: &Answer<'_>) -> Result<PriceSeries, Refusal> {
    parse(PriceSeries::new(zone.name, Currency::SEK, Source::Elprisetjustnu), answer)
}

fn parse(series: PriceSeries, answer: &Answer<'_>) -> Result<PriceSeries, Refusal> {
    let wanted = format!("{}_per_kWh", series.currency);
    let entries: Vec<Entry> = answer.json()?;
    if !entries.is_empty() && !answer.text()?.contains(&wanted) {
        return Err(Refusal::Odd(format!("no prices called {wanted}")));
    }
    let mut slots = Vec::with_capacity(entries.len());
    for entry in entries {
        let range = instant(&entry.time_start)?..instant(&entry.time_end)?;
        let length = range.end.since(range.start);
        if ![900_000, 1_800_000, 3_600_000].contains(&length) {
            return Err(Refusal::Odd(format!("{} lasts {} s", entry.time_start, length / 1000)));
        }
        if let Some(price) = entry.price {
            slots.push(Slot { range, price: kwh(price.0)? });
        }
    }
    Ok(series.with(slots))
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    fn entry(start: &str, end: &str, price: &str) -> String {
        format!(
            r#"{{"NOK_per_kWh":{price},"EUR_per_kWh":0.08,"EXR":11.7169,"time_start":"{start}","time_end":"{end}"}}"#
        )
    }

    fn read(entries: &[String]) -> Result<PriceSeries, Refusal> {
        let body = format!("[{}]", entries.join(","));
        let answer = Answer { status: 200, body: body.as_bytes(), retry_after_s: None };
        norwegian(Zone::find("NO1").unwrap(), &answer)
    }

    #[test]
    fn a_file_is_named_by_year_month_day_and_area() {
        let no1 = Zone::find("NO1").unwrap();
        assert_eq!(
            norwegian_request(no1, date(2026, 1, 4), None).url(),
            "https://www.hvakosterstrommen.no/api/v1/prices/2026/01-04_NO1.json"
        );
    }

    #[test]
    fn the_repeated_hour_is_two_hours_by_its_offsets() {
        let series = read(&[
            entry("2026-10-25T02:00:00+02:00", "2026-10-25T02:00:00+01:00", "0.1"),
            entry("2026-10-25T02:00:00+01:00", "2026-10-25T03:00:00+01:00", "-0.05"),
        ])
        .unwrap();
        let prices: Vec<i64> = series.slots().iter().map(|slot| slot.price.0).collect();
        assert_eq!(prices, [100_000, -50_000]);
        assert_eq!(series.currency, Currency::NOK);
    }

    #[test]
    fn what_is_not_there_yet_and_what_cannot_be_are_told_apart() {
        let no1 = Zone::find("NO1").unwrap();
        let missing = Answer { status: 404, body: b"", retry_after_s: None };
        assert_eq!(norwegian(no1, &missing), Err(Refusal::NotPublished));
        let long = entry("2026-01-14T00:00:00+01:00", "2026-01-15T00:00:00+01:00", "1");
        assert!(matches!(read(&[long]), Err(Refusal::Odd(_))));
        let local = entry("2026-01-14T00:00:00", "2026-01-14T01:00:00", "1");
        assert!(matches!(read(&[local]), Err(Refusal::Odd(_))));
        let swedish = entry("2026-01-14T00:00:00+01:00", "2026-01-14T01:00:00+01:00", "1");
        assert!(matches!(read(&[swedish.replace("NOK_", "SEK_")]), Err(Refusal::Odd(_))));
    }
}
