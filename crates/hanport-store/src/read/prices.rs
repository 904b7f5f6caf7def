//! Prices and exchange rates out of the file.

use std::ops::Range;

use hanport_core::number::Number;
use hanport_engine::money::PricePerKwh;
use hanport_engine::price::{Firmness, PriceSeries, Rates, Slot, Source, Vat};
use hanport_engine::time::UtcMillis;
use jiff::ToSpan as _;
use jiff::civil::Date;
use rusqlite::{Connection, params};

use crate::trouble::Trouble;

/// No price holds longer, in seconds: what does comes in pieces.
const LONGEST_S: i64 = 86_400;

/// What was told of an area in a range.
pub(crate) fn prices(
    connection: &Connection,
    area: &str,
    range: &Range<UtcMillis>,
) -> Result<Vec<PriceSeries>, Trouble> {
    let mut statement = connection.prepare_cached(
        "SELECT id, source, currency, vat, licence FROM price_series WHERE area = ?1 ORDER BY id",
    )?;
    let found = statement.query_map([area], |row| {
        Ok((
            row.get::<_, i64>(0)?,
            row.get::<_, String>(1)?,
            row.get::<_, String>(2)?,
            row.get::<_, i64>(3)?,
            row.get::<_, String>(4)?,
        ))
    })?;
    let mut all = Vec::new();
    for row in found {
        let (id, source, currency, vat, licence) = row?;
        // a source that only a newer version knows
        let Some(source) = Source::named(&source) else { continue };
        let Ok(currency) = currency.parse() else { continue };
        let slots = slots(connection, id, range)?;
        for firmness in [Firmness::Preliminary, Firmness::Final] {
            let of = slots.iter().filter(|(_, firm)| *firm == firmness);
            let slots: Vec<Slot> = of.map(|(slot, _)| slot.clone()).collect();
            if slots.is_empty() {
                continue;
            }
            let mut series = PriceSeries::new(area, currency, source);
            series.vat = match u16::try_from(vat) {
                Ok(0) | Err(_) => Vat::Excluded,
                Ok(permille) => Vat::Included(permille),
            };
            series.firmness = firmness;
            series.licence = Some(licence.clone()).filter(|licence| !licence.is_empty());
            all.push(series.with(slots));
        }
    }
    Ok(all)
}

/// The prices of a series that touch a range, the coarse ones first.
fn slots(
    connection: &Connection,
    series: i64,
    range: &Range<UtcMillis>,
) -> Result<Vec<(Slot, Firmness)>, Trouble> {
    let mut statement = connection.prepare_cached(
        "SELECT start, seconds, price, firm FROM price \
         WHERE series = ?1 AND start >= ?2 AND start < ?3 AND start + seconds > ?4 \
         ORDER BY seconds DESC, start",
    )?;
    let first = range.start.seconds();
    let from = first.saturating_sub(LONGEST_S);
    let last = range.end.plus(999).seconds();
    let rows = statement.query_map(params![series, from, last, first], |row| {
        let start: i64 = row.get(0)?;
        let seconds: i64 = row.get(1)?;
        let range =
            UtcMillis::from_seconds(start)..UtcMillis::from_seconds(start.saturating_add(seconds));
        let firm: i64 = row.get(3)?;
        let firmness = if firm == 0 { Firmness::Preliminary } else { Firmness::Final };
        Ok((Slot { range, price: PricePerKwh(row.get(2)?) }, firmness))
    })?;
    rows.map(|row| row.map_err(Trouble::from)).collect()
}

/// The rates of the days of a range, and of the week before it.
pub(crate) fn rates(connection: &Connection, days: &Range<Date>) -> Result<Rates, Trouble> {
    let from = days.start.checked_sub(7.days()).unwrap_or(days.start);
    let mut statement = connection
        .prepare_cached("SELECT day, currency, rate FROM rate WHERE day >= ?1 AND day < ?2")?;
    let rows = statement.query_map(params![from.to_string(), days.end.to_string()], |row| {
        Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?, row.get::<_, i64>(2)?))
    })?;
    let mut rates = Rates::default();
    for row in rows {
        let (day, currency, rate) = row?;
        if let (Ok(day), Ok(currency)) = (day.parse(), currency.parse()) {
            rates.put(day, currency, Number::new(rate, -6));
        }
    }
    Ok(rates)
}
