//! OMIE, the exchange of Spain and Portugal: a text file of the newest days.
//!
//! ```text
//! OMIE - Mercado de electricidad;Fecha Emision :13/01/2026 - 13:30;;
//! Fecha;Hora;Precio marginal en el sistema espanol (EUR/MWh);... portugues (EUR/MWh);
//! 14/01/2026;1;  80,10;  81,20;
//! ```
//!
//! Lines of data begin with a date. Periods are counted from midnight of the market: 92, 96 or
//! 100 quarters a day, or 23 to 25 hours in older files.

use jiff::civil::Date;

use super::Source;
use super::ask::{Answer, Refusal, Request, mwh};
use super::market_day;
use crate::money::{Currency, PricePerKwh};
use crate::price::decimal::decimal;
use crate::price::series::{PriceSeries, Slot};
use crate::price::zone::Zone;

/// The address of the exchange.
pub const BASE: &str = "https://www.omie.es";

/// The request; it is the same for every day.
pub fn request(base: Option<&str>) -> Request {
    let base = base.unwrap_or(BASE);
    let url = format!("{base}/sites/default/files/dados/NUEVA_SECCION/INT_PBC_EV_H_ACUM.TXT");
    Request::plain(url, "text/plain")
}

/// Reads an answer.
pub fn parse(zone: &Zone, answer: &Answer<'_>) -> Result<PriceSeries, Refusal> {
    let column = match zone.name {
        "ES" => 2,
        "PT" => 3,
        other => return Err(Refusal::WrongArea(other.to_owned())),
    };
    if answer.status != 200 {
        answer.found()?;
    }
    // its headings are in an encoding of their own
    let text = String::from_utf8_lossy(answer.body);
    let mut days: Vec<(Date, Vec<(i64, PricePerKwh)>)> = Vec::new();
    for line in text.lines() {
        let cells: Vec<&str> = line.split(';').map(str::trim).collect();
        let Some(date) = cells.first().and_then(|cell| Date::strptime("%d/%m/%Y", cell).ok())
        else {
            continue;
        };
        let odd = || Refusal::Odd(format!("the line {line:?}"));
        let period: i64 = cells.get(1).and_then(|cell| cell.parse().ok()).ok_or_else(odd)?;
        let price = cells.get(column).and_then(|cell| decimal(&cell.replace(',', ".")));
        let price = mwh(price.ok_or_else(odd)?)?;
        match days.iter_mut().find(|(known, _)| *known == date) {
            Some((_, points)) => points.push((period, price)),
            None => days.push((date, vec![(period, price)])),
        }
    }
    let mut slots = Vec::new();
    for (date, points) in days {
        let day = market_day(date);
        let last = points.iter().map(|(period, _)| *period).max().unwrap_or(0);
        // a day of quarters has more than any day of hours
        let step = if last > 25 { 900_000 } else { 3_600_000 };
        for (period, price) in points {
            let start = day.start.plus((period.clamp(0, 1000) - 1) * step);
            if !day.contains(&start) {
                return Err(Refusal::Odd(format!("period {period} of {date}")));
            }
            slots.push(Slot { range: start..start.plus(step), price });
        }
    }
    slots.sort_by_key(|slot| slot.range.start);
    Ok(PriceSeries::new(zone.name, Currency::EUR, Source::Omie).with(slots))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(zone: &str, body: &str) -> Result<PriceSeries, Refusal> {
        let answer = Answer { status: 200, body: body.as_bytes(), retry_after_s: None };
        parse(Zone::find(zone).unwrap(), &answer)
    }

    fn file(date: &str, periods: i64) -> String {
        let lines: Vec<String> =
            (1..=periods).map(|n| format!("{date};{n};   {n},50;  -{n},25;\r\n")).collect();
        format!("OMIE - Mercado;Fecha\r\nFecha;Hora;Precio\r\n{}*\r\n", lines.concat())
    }

    #[test]
    fn days_of_quarters_follow_the_clocks() {
        for (date, periods) in [("14/01/2026", 96), ("29/03/2026", 92), ("25/10/2026", 100)] {
            let series = read("PT", &file(date, periods)).unwrap();
            assert_eq!(series.slots().len(), usize::try_from(periods).unwrap());
            assert_eq!(series.slots().first().unwrap().price.0, -1_250);
            let day = market_day(Date::strptime("%d/%m/%Y", date).unwrap());
            assert!(series.covers(&day), "{date}");
        }
        assert!(matches!(read("ES", &file("29/03/2026", 96)), Err(Refusal::Odd(_))));
    }

    #[test]
    fn hours_and_lines_that_say_nothing() {
        let series = read("ES", &file("14/01/2025", 24)).unwrap();
        assert_eq!((series.resolution_min(), series.slots().len()), (Some(60), 24));
        assert!(read("ES", "<html></html>").unwrap().slots().is_empty());
        assert!(matches!(read("ES", "14/01/2025;1;x;2;"), Err(Refusal::Odd(_))));
    }
}
