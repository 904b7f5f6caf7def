//! energy-charts.info of Fraunhofer ISE: most zones of Europe, in euro per megawatt-hour.
//!
//! ```text
//! {"license_info":"CC BY 4.0 ...","unix_seconds":[1768345200,...],"price":[80.1,null,...],
//!  "unit":"EUR / MWh","deprecated":false}
//! ```
//!
//! The licence differs by zone and comes with every answer; it is kept and shown. How long a
//! price holds is not said: until the next one.

use jiff::ToSpan;
use jiff::civil::Date;
use serde::Deserialize;

use super::Source;
use super::ask::{Answer, Refusal, Request, by_beginnings, mwh};
use crate::money::{Currency, PricePerKwh};
use crate::price::decimal::Decimal;
use crate::price::series::PriceSeries;
use crate::price::zone::Zone;
use crate::time::UtcMillis;

/// The address of the service.
pub const BASE: &str = "https://api.energy-charts.info";

/// What the service calls a zone; `None` for those it does not have.
fn name(zone: &Zone) -> Option<&'static str> {
    match zone.name {
        "IT-NORD" => Some("IT-North"),
        "IT-CNOR" => Some("IT-Centre-North"),
        "IT-CSUD" => Some("IT-Centre-South"),
        "IT-SUD" => Some("IT-South"),
        "IT-CALA" => Some("IT-Calabria"),
        "IT-SICI" => Some("IT-Sicily"),
        "IT-SARD" => Some("IT-Sardinia"),
        "IE-SEM" | "GB" | "MK" | "BA" | "XK" | "AL" => None,
        other => Some(other),
    }
}

/// The request for a day of the market. Its days are those of the zone, and the last one counts
/// too: where they are not the market's, the day after is asked for as well.
pub fn request(zone: &Zone, day: Date, base: Option<&str>) -> Option<Request> {
    const EASTERN: [&str; 3] = ["Europe/Helsinki", "Europe/Tallinn", "Europe/Riga"];
    let east = EASTERN.contains(&zone.time_zone) || ["LT", "RO", "BG", "GR"].contains(&zone.name);
    let last = if east { day.checked_add(1.day()).ok()? } else { day };
    let url = format!("{}/price?bzn={}&start={day}&end={last}", base.unwrap_or(BASE), name(zone)?);
    Some(Request::plain(url, "application/json"))
}

#[derive(Deserialize)]
struct Body {
    #[serde(default)]
    license_info: String,
    unix_seconds: Vec<i64>,
    price: Vec<Option<Decimal>>,
    #[serde(default)]
    unit: String,
}

/// Reads an answer.
pub fn parse(zone: &Zone, answer: &Answer<'_>) -> Result<PriceSeries, Refusal> {
    let body: Body = answer.json()?;
    if body.unix_seconds.len() != body.price.len() {
        return Err(Refusal::Odd(format!(
            "{} times and {} prices",
            body.unix_seconds.len(),
            body.price.len()
        )));
    }
    // answers of 2024 said that there is no unit
    let unit: String = body.unit.split_whitespace().collect();
    if !["EUR/MWh", "NoUnit", ""].contains(&unit.as_str()) {
        return Err(Refusal::Odd(format!("prices in {}", body.unit)));
    }
    let points = body.unix_seconds.iter().zip(&body.price).map(|(seconds, price)| {
        let price: Option<PricePerKwh> = price.map(|price| mwh(price.0)).transpose()?;
        Ok((UtcMillis::from_seconds(*seconds), price))
    });
    let slots = by_beginnings(points.collect::<Result<_, Refusal>>()?)?;
    let mut series = PriceSeries::new(zone.name, Currency::EUR, Source::EnergyCharts).with(slots);
    let licence = body.license_info.trim();
    series.licence = (!licence.is_empty()).then(|| licence.chars().take(400).collect());
    Ok(series)
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    const GOOD: &str = r#"{"license_info":"CC BY 4.0 (creativecommons.org/licenses/by/4.0) from Bundesnetzagentur | SMARD.de","unix_seconds":[1768345200,1768346100,1768347000],
        "price":[80.1,-75.0,null],"unit":"EUR / MWh","deprecated":false}"#;

    fn read(body: &str) -> Result<PriceSeries, Refusal> {
        let answer = Answer { status: 200, body: body.as_bytes(), retry_after_s: None };
        parse(Zone::find("DE-LU").unwrap(), &answer)
    }

    #[test]
    fn quarters_without_a_price_are_holes() {
        let series = read(GOOD).unwrap();
        let prices: Vec<i64> = series.slots().iter().map(|slot| slot.price.0).collect();
        assert_eq!(prices, [80_100, -75_000]);
        assert_eq!(series.resolution_min(), Some(15));
        assert!(series.source.view(series.licence.as_deref()).publishable);
    }

    #[test]
    fn a_licence_for_private_use_is_not_one_to_publish_under() {
        let private = GOOD.replace("CC BY 4.0 (", "for private and internal use only (");
        let series = read(&private).unwrap();
        let view = series.source.view(series.licence.as_deref());
        assert!(!view.publishable && view.attribution.contains("private"));
    }

    #[test]
    fn lists_that_do_not_fit_are_told() {
        assert!(matches!(read(&GOOD.replace(",null", "")), Err(Refusal::Odd(_))));
        assert!(matches!(read(&GOOD.replace("EUR / MWh", "GBP / MWh")), Err(Refusal::Odd(_))));
        assert!(matches!(read("{}"), Err(Refusal::Odd(_))));
    }

    #[test]
    fn zones_go_by_the_names_of_the_service() {
        let url = |zone| {
            request(Zone::find(zone).unwrap(), date(2026, 1, 14), None).unwrap().url().to_owned()
        };
        assert!(url("IT-NORD").ends_with("bzn=IT-North&start=2026-01-14&end=2026-01-14"));
        assert!(url("FI").ends_with("bzn=FI&start=2026-01-14&end=2026-01-15"));
        assert!(request(Zone::find("GB").unwrap(), date(2026, 1, 14), None).is_none());
    }
}
