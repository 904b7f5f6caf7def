//! The transparency platform of ENTSO-E: day-ahead prices, document A44.
//!
//! ```text
//! Publication_MarketDocument
//!   TimeSeries                      one a day of the market and auction, or several
//!     auction.type                  A01; explicit auctions (A02) are passed over
//!     in_Domain.mRID                the zone
//!     currency_Unit.name            of the document, not of the country
//!     price_Measure_Unit.name       MWH
//!     classificationSequence_AttributeInstanceComponent.position    1 or 2
//!     Period                        one or several, each with its own resolution
//!       timeInterval start, end     yyyy-MM-ddTHH:mmZ
//!       resolution                  PT15M, PT30M, PT60M
//!       Point position, price.amount
//! ```
//!
//! A position that is left out repeats the one before it (curve type A03), up to the end of the
//! period. What stands before the first position is a hole. An answer that holds nothing is an
//! `Acknowledgement_MarketDocument`, with status 200 or 400; its reason code is 999 for nearly
//! everything, so its text decides.
//!
//! Germany and Austria have two auctions for the same quarters. The first is the coupled market
//! that suppliers bill by; the second comes earlier and makes prices that are preliminary.

mod document;

use jiff::civil::Date;
use jiff::tz::TimeZone;

use super::ask::{Answer, Refusal, Request};
use super::market_day;
use crate::price::series::{Firmness, PriceSeries, Slot};
use crate::price::source::Source;
use crate::price::zone::Zone;
use crate::time::UtcMillis;

use document::{Document, Series};

/// The address of the platform.
pub const BASE: &str = "https://web-api.tp.entsoe.eu";

/// The request for a day of the market. Times in it are UTC.
pub fn request(zone: &Zone, day: Date, key: &str, base: Option<&str>) -> Request {
    let day = market_day(day);
    let url = format!(
        "{}/api?documentType=A44&contract_MarketAgreement.type=A01&in_Domain={eic}\
         &out_Domain={eic}&periodStart={}&periodEnd={}&securityToken={key}",
        base.unwrap_or(BASE),
        minutes(day.start),
        minutes(day.end),
        eic = zone.eic,
    );
    Request::secret(url, key, "application/xml")
}

fn minutes(at: UtcMillis) -> String {
    at.timestamp().to_zoned(TimeZone::UTC).strftime("%Y%m%d%H%M").to_string()
}

/// Reads an answer.
pub fn parse(zone: &Zone, answer: &Answer<'_>) -> Result<PriceSeries, Refusal> {
    let series = match document::read(answer.text()?) {
        Ok(Document::Publication(series)) if answer.status == 200 => series,
        Ok(Document::Acknowledgement(text)) => {
            let nothing = text.trim_start().starts_with("No matching data found");
            return Err(if nothing { Refusal::NotPublished } else { Refusal::Refused(text) });
        }
        Ok(Document::Publication(_)) => return Err(Refusal::Unavailable(answer.status)),
        // a page of a proxy, whatever its status
        Ok(Document::Other(root)) if answer.status == 200 => {
            return Err(Refusal::Odd(format!("a document <{root}> instead of prices")));
        }
        Err(what) if answer.status == 200 => return Err(Refusal::Odd(what)),
        Ok(Document::Other(_)) | Err(_) => return Err(Refusal::Refused(answer.excerpt())),
    };
    choose(zone, series)
}

/// Lays the series over each other: coarse ones below finer ones, later auctions below earlier.
fn choose(zone: &Zone, series: Vec<Series>) -> Result<PriceSeries, Refusal> {
    let some = !series.is_empty();
    let other = series.iter().find(|series| series.domain != zone.eic).map(|s| s.domain.clone());
    let mut ours: Vec<Series> = series
        .into_iter()
        .filter(|series| series.domain == zone.eic && series.auction != "A02")
        .collect();
    if let Some(domain) = other
        && ours.is_empty()
    {
        return Err(Refusal::WrongArea(domain));
    }
    let two_auctions = ["DE-LU", "AT"].contains(&zone.name);
    let coupled = ours.iter().any(|series| series.sequence == 1);
    if two_auctions && coupled {
        ours.retain(|series| series.sequence == 1);
    }
    let Some(first) = ours.first() else {
        return Err(if some {
            Refusal::Odd("no series of the day-ahead auction".into())
        } else {
            Refusal::NotPublished
        });
    };
    let (currency, unit) = (first.currency.clone(), first.unit.clone());
    if ours.iter().any(|series| series.currency != currency || series.unit != unit) {
        return Err(Refusal::Odd("series in different units".into()));
    }
    if unit != "MWH" {
        return Err(Refusal::Odd(format!("prices for a unit of {unit:?}")));
    }
    let currency = currency.parse().map_err(|_| Refusal::Odd(format!("currency {currency:?}")))?;
    let mut layers: Vec<(i64, u32, Vec<Slot>)> = Vec::new();
    for series in &ours {
        for period in &series.periods {
            layers.push((period.step_ms, series.sequence, period.slots()?));
        }
    }
    layers.sort_by_key(|(step, sequence, _)| core::cmp::Reverse((*step, *sequence)));
    let mut made = PriceSeries::new(zone.name, currency, Source::Entsoe)
        .with(layers.into_iter().flat_map(|(_, _, slots)| slots));
    if two_auctions && !coupled {
        made.firmness = Firmness::Preliminary;
    }
    Ok(made)
}

#[cfg(test)]
mod tests;
