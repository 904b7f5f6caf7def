//! Elering of Estonia and spot-hinta.fi: Finland and the Baltic states.
//!
//! ```text
//! elering     {"success":true,"data":{"ee":[{"timestamp":1768345200,"price":80.1}],"fi":[...]}}
//! spot-hinta  [{"Rank":10,"DateTime":"2026-01-14T00:45:00+02:00","PriceNoTax":0.01791,
//!               "PriceWithTax":0.02248}, ...]
//! ```
//!
//! Elering tells euro per megawatt-hour, spot-hinta euro per kilowatt-hour; how long a price
//! holds is not said: until the next one.

use std::collections::BTreeMap;

use jiff::civil::Date;
use serde::Deserialize;

use super::Source;
use super::ask::{Answer, Refusal, Request, by_beginnings, instant, kwh, mwh};
use super::market_day;
use crate::money::Currency;
use crate::price::decimal::Decimal;
use crate::price::series::PriceSeries;
use crate::price::zone::Zone;
use crate::time::UtcMillis;

/// The address of Elering's service.
pub const ELERING: &str = "https://dashboard.elering.ee";
/// The address of spot-hinta.fi's service.
pub const SPOT_HINTA: &str = "https://api.spot-hinta.fi";

const COUNTRIES: [&str; 4] = ["EE", "FI", "LT", "LV"];

/// The request to Elering for a day of the market; the end counts too.
pub fn elering_request(zone: &Zone, day: Date, base: Option<&str>) -> Option<Request> {
    if !COUNTRIES.contains(&zone.name) {
        return None;
    }
    let day = market_day(day);
    let url = format!(
        "{}/api/nps/price?start={}&end={}",
        base.unwrap_or(ELERING),
        day.start,
        day.end.plus(-1000),
    );
    Some(Request::plain(url, "application/json"))
}

/// The request to spot-hinta.fi: always today and, once it is known, tomorrow.
pub fn spot_hinta_request(zone: &Zone, base: Option<&str>) -> Request {
    let base = base.unwrap_or(SPOT_HINTA);
    let url = format!("{base}/TodayAndDayForward?region={}&priceResolution=15", zone.name);
    Request::plain(url, "application/json")
}

#[derive(Deserialize)]
struct Elering {
    #[serde(default)]
    success: bool,
    #[serde(default)]
    data: BTreeMap<String, Vec<Point>>,
}

#[derive(Deserialize)]
struct Point {
    timestamp: i64,
    price: Option<Decimal>,
}

/// Reads an answer of Elering.
pub fn elering(zone: &Zone, answer: &Answer<'_>) -> Result<PriceSeries, Refusal> {
    let mut body: Elering = answer.json()?;
    if !body.success {
        return Err(Refusal::Refused(answer.excerpt()));
    }
    let Some(points) = body.data.remove(&zone.name.to_ascii_lowercase()) else {
        let others: Vec<String> = body.data.into_keys().collect();
        return Err(if others.is_empty() {
            Refusal::NotPublished
        } else {
            Refusal::WrongArea(others.join(", "))
        });
    };
    let points = points.into_iter().map(|point| {
        let price = point.price.map(|price| mwh(price.0)).transpose()?;
        Ok((UtcMillis::from_seconds(point.timestamp), price))
    });
    let slots = by_beginnings(points.collect::<Result<_, Refusal>>()?)?;
    Ok(PriceSeries::new(zone.name, Currency::EUR, Source::Elering).with(slots))
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Entry {
    date_time: String,
    price_no_tax: Option<Decimal>,
}

/// Reads an answer of spot-hinta.fi.
pub fn spot_hinta(zone: &Zone, answer: &Answer<'_>) -> Result<PriceSeries, Refusal> {
    let entries: Vec<Entry> = answer.json()?;
    let points = entries.into_iter().map(|entry| {
        let price = entry.price_no_tax.map(|price| kwh(price.0)).transpose()?;
        Ok((instant(&entry.date_time)?, price))
    });
    let slots = by_beginnings(points.collect::<Result<_, Refusal>>()?)?;
    Ok(PriceSeries::new(zone.name, Currency::EUR, Source::SpotHinta).with(slots))
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    fn answer(body: &str) -> Answer<'_> {
        Answer { status: 200, body: body.as_bytes(), retry_after_s: None }
    }

    #[test]
    fn elering_tells_quarters_of_several_countries() {
        let body = r#"{"success":true,"data":{"ee":[{"timestamp":1768345200,"price":80.1},
            {"timestamp":1768346100,"price":-3}],"fi":[{"timestamp":1768345200,"price":1}]}}"#;
        let series = elering(Zone::find("EE").unwrap(), &answer(body)).unwrap();
        let prices: Vec<i64> = series.slots().iter().map(|slot| slot.price.0).collect();
        assert_eq!((prices, series.resolution_min()), (vec![80_100, -3_000], Some(15)));
        let other = elering(Zone::find("LV").unwrap(), &answer(body));
        assert_eq!(other, Err(Refusal::WrongArea("ee, fi".into())));
        let none = elering(Zone::find("EE").unwrap(), &answer(r#"{"success":true,"data":{}}"#));
        assert_eq!(none, Err(Refusal::NotPublished));
    }

    #[test]
    fn elering_is_asked_from_midnight_of_the_market() {
        let request = elering_request(Zone::find("EE").unwrap(), date(2026, 1, 14), None).unwrap();
        assert!(
            request.url().ends_with("start=2026-01-13T23:00:00Z&end=2026-01-14T22:59:59Z"),
            "{}",
            request.url()
        );
        assert!(elering_request(Zone::find("NO1").unwrap(), date(2026, 1, 14), None).is_none());
    }

    #[test]
    fn spot_hinta_tells_prices_with_and_without_tax() {
        let body = r#"[{"Rank":10,"DateTime":"2026-01-14T00:45:00+02:00","PriceNoTax":0.01791,"PriceWithTax":0.02248},
            {"Rank":1,"DateTime":"2026-01-14T01:00:00+02:00","PriceNoTax":-0.00100,"PriceWithTax":-0.00126}]"#;
        let series = spot_hinta(Zone::find("FI").unwrap(), &answer(body)).unwrap();
        let prices: Vec<i64> = series.slots().iter().map(|slot| slot.price.0).collect();
        assert_eq!(prices, [17_910, -1_000]);
    }
}
