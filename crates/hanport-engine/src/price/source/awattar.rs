//! aWATTar: hours of Austria and Germany.
//!
//! ```text
//! {"object":"list","data":[{"start_timestamp":1768345200000,"end_timestamp":1768348800000,
//!   "marketprice":80.1,"unit":"Eur/MWh"}, ...],"url":"/at/v1/marketdata"}
//! ```
//!
//! Times are milliseconds, prices without VAT. A hundred requests a day are allowed.

use jiff::civil::Date;
use serde::Deserialize;

use super::Source;
use super::ask::{Answer, Refusal, Request, mwh};
use super::market_day;
use crate::money::Currency;
use crate::price::decimal::Decimal;
use crate::price::series::{PriceSeries, Slot};
use crate::price::zone::Zone;
use crate::time::UtcMillis;

/// The address of the Austrian service.
pub const AUSTRIAN: &str = "https://api.awattar.at";
/// The address of the German service.
pub const GERMAN: &str = "https://api.awattar.de";

/// The request for a day of the market.
pub fn request(zone: &Zone, day: Date, base: Option<&str>) -> Option<Request> {
    let own = match zone.name {
        "AT" => AUSTRIAN,
        "DE-LU" => GERMAN,
        _ => return None,
    };
    let day = market_day(day);
    let base = base.unwrap_or(own);
    let url = format!("{base}/v1/marketdata?start={}&end={}", day.start.0, day.end.0);
    Some(Request::plain(url, "application/json"))
}

#[derive(Deserialize)]
struct Body {
    data: Vec<Entry>,
}

#[derive(Deserialize)]
struct Entry {
    start_timestamp: i64,
    end_timestamp: i64,
    marketprice: Decimal,
    unit: String,
}

/// Reads an answer.
pub fn parse(zone: &Zone, answer: &Answer<'_>) -> Result<PriceSeries, Refusal> {
    let mut slots = Vec::new();
    for entry in answer.json::<Body>()?.data {
        if !entry.unit.eq_ignore_ascii_case("eur/mwh") {
            return Err(Refusal::Odd(format!("prices in {}", entry.unit)));
        }
        let range = UtcMillis(entry.start_timestamp)..UtcMillis(entry.end_timestamp);
        if ![900_000, 3_600_000].contains(&range.end.since(range.start)) {
            return Err(Refusal::Odd(format!("a price from {} to {}", range.start, range.end)));
        }
        slots.push(Slot { range, price: mwh(entry.marketprice.0)? });
    }
    Ok(PriceSeries::new(zone.name, Currency::EUR, Source::Awattar).with(slots))
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn hours_in_milliseconds() {
        let body = r#"{"object":"list","data":[{"start_timestamp":1768345200000,
            "end_timestamp":1768348800000,"marketprice":-80.1,"unit":"Eur/MWh"}],"url":"/at/v1/marketdata"}"#;
        let read = |body: &str| {
            let answer = Answer { status: 200, body: body.as_bytes(), retry_after_s: None };
            parse(Zone::find("AT").unwrap(), &answer)
        };
        let series = read(body).unwrap();
        assert_eq!(series.resolution_min(), Some(60));
        assert_eq!(series.slots().first().unwrap().price.0, -80_100);
        assert!(matches!(read(&body.replace("Eur/MWh", "ct/kWh")), Err(Refusal::Odd(_))));
        assert!(matches!(read(&body.replace("8800000", "8800001")), Err(Refusal::Odd(_))));
        let request = request(Zone::find("AT").unwrap(), date(2026, 1, 14), None).unwrap();
        assert!(request.url().ends_with("start=1768345200000&end=1768431600000"));
    }
}
