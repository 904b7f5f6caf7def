//! Energi Data Service of the Danish grid operator: dataset `DayAheadPrices`.
//!
//! ```text
//! {"total":192,"records":[{"TimeUTC":"2026-01-13T23:00:00","TimeDK":"2026-01-14T00:00:00",
//!   "PriceArea":"DK1","DayAheadPriceEUR":80.1,"DayAheadPriceDKK":598.27}, ...]}
//! ```
//!
//! Prices are per megawatt-hour without anything on top. Those in kroner may be missing while
//! those in euro are there; then the answer is taken in euro. Without a limit of 0 it would be
//! cut after 100 quarters.

use jiff::ToSpan;
use jiff::civil::Date;
use serde::Deserialize;

use super::Source;
use super::ask::{Answer, Refusal, Request, by_beginnings, instant, mwh};
use crate::money::Currency;
use crate::price::decimal::Decimal;
use crate::price::series::PriceSeries;
use crate::price::zone::Zone;

/// The address of the service.
pub const BASE: &str = "https://api.energidataservice.dk";

/// The request for a day; its times are Danish, the end is left out.
pub fn request(zone: &Zone, day: Date, base: Option<&str>) -> Request {
    let end = day.checked_add(1.day()).unwrap_or(day);
    let url = format!(
        "{}/dataset/DayAheadPrices?start={day}&end={end}\
         &filter=%7B%22PriceArea%22%3A%5B%22{}%22%5D%7D&sort=TimeUTC%20asc&limit=0",
        base.unwrap_or(BASE),
        zone.name
    );
    Request::plain(url, "application/json")
}

#[derive(Deserialize)]
struct Body {
    records: Vec<Record>,
}

#[derive(Deserialize)]
struct Record {
    #[serde(rename = "TimeUTC")]
    time: String,
    #[serde(rename = "PriceArea")]
    area: String,
    #[serde(rename = "DayAheadPriceEUR")]
    eur: Option<Decimal>,
    #[serde(rename = "DayAheadPriceDKK")]
    dkk: Option<Decimal>,
}

/// Reads an answer.
pub fn parse(zone: &Zone, answer: &Answer<'_>) -> Result<PriceSeries, Refusal> {
    let mut records = answer.json::<Body>()?.records;
    let other = records.iter().find(|record| record.area != zone.name).map(|r| r.area.clone());
    records.retain(|record| record.area == zone.name);
    if let Some(area) = other
        && records.is_empty()
    {
        return Err(Refusal::WrongArea(area));
    }
    let in_kroner = records.iter().all(|record| record.dkk.is_some());
    let currency = if in_kroner { Currency::DKK } else { Currency::EUR };
    let mut points = Vec::with_capacity(records.len());
    for record in records {
        let at = instant(&format!("{}Z", record.time.trim_end_matches('Z')))?;
        let price = if in_kroner { record.dkk } else { record.eur };
        points.push((at, price.map(|price| mwh(price.0)).transpose()?));
    }
    Ok(PriceSeries::new(zone.name, currency, Source::Energidataservice)
        .with(by_beginnings(points)?))
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    const GOOD: &str = r#"{"total":2,"limit":0,"dataset":"DayAheadPrices","records":[
        {"TimeUTC":"2026-01-13T23:15:00","TimeDK":"2026-01-14T00:15:00","PriceArea":"DK1","DayAheadPriceEUR":-1.2,"DayAheadPriceDKK":-8.96},
        {"TimeUTC":"2026-01-13T23:00:00","TimeDK":"2026-01-14T00:00:00","PriceArea":"DK1","DayAheadPriceEUR":80.1,"DayAheadPriceDKK":598.27}]}"#;

    fn read(zone: &str, body: &str) -> Result<PriceSeries, Refusal> {
        let answer = Answer { status: 200, body: body.as_bytes(), retry_after_s: None };
        parse(Zone::find(zone).unwrap(), &answer)
    }

    #[test]
    fn records_come_in_any_order() {
        let series = read("DK1", GOOD).unwrap();
        let prices: Vec<i64> = series.slots().iter().map(|slot| slot.price.0).collect();
        assert_eq!((prices, series.currency), (vec![598_270, -8_960], Currency::DKK));
    }

    #[test]
    fn without_kroner_the_euros_count() {
        let series = read("DK1", &GOOD.replace("598.27", "null")).unwrap();
        let prices: Vec<i64> = series.slots().iter().map(|slot| slot.price.0).collect();
        assert_eq!((prices, series.currency), (vec![80_100, -1_200], Currency::EUR));
    }

    #[test]
    fn another_area_is_refused_and_everything_of_a_day_is_asked_for() {
        assert_eq!(read("DK2", GOOD), Err(Refusal::WrongArea("DK1".into())));
        let url = request(Zone::find("DK1").unwrap(), date(2026, 1, 31), None);
        assert!(url.url().contains("start=2026-01-31&end=2026-02-01&"), "{}", url.url());
        assert!(url.url().contains("limit=0"));
    }
}
