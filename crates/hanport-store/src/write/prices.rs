//! Prices and exchange rates into the file.

use hanport_engine::price::{Firmness, PriceSeries, Rates, Vat};
use rusqlite::{Connection, params};

use crate::trouble::Trouble;

/// Keeps a series; a preliminary price never takes the place of a final one.
pub(crate) fn keep(connection: &mut Connection, series: &PriceSeries) -> Result<(), Trouble> {
    let transaction = connection.transaction()?;
    let (area, source, currency) = (&series.area, series.source.word(), series.currency.code());
    let vat = match series.vat {
        Vat::Excluded => 0,
        Vat::Included(permille) => i64::from(permille),
    };
    let licence = series.licence.as_deref().unwrap_or("");
    let what = params![area, source, currency, vat, licence];
    transaction.execute(
        "INSERT OR IGNORE INTO price_series (area, source, currency, vat, licence) \
         VALUES (?1, ?2, ?3, ?4, ?5)",
        what,
    )?;
    let id: i64 = transaction.query_row(
        "SELECT id FROM price_series \
         WHERE area = ?1 AND source = ?2 AND currency = ?3 AND vat = ?4 AND licence = ?5",
        what,
        |row| row.get(0),
    )?;
    {
        let mut statement = transaction.prepare_cached(
            "INSERT INTO price (series, start, seconds, price, firm) VALUES (?1, ?2, ?3, ?4, ?5) \
             ON CONFLICT (series, start, seconds) DO UPDATE SET \
             price = excluded.price, firm = excluded.firm \
             WHERE excluded.firm >= price.firm",
        )?;
        let firm = i64::from(series.firmness == Firmness::Final);
        for slot in series.slots() {
            let seconds = slot.range.end.since(slot.range.start) / 1000;
            statement.execute(params![
                id,
                slot.range.start.seconds(),
                seconds,
                slot.price.0,
                firm
            ])?;
        }
    }
    transaction.commit()?;
    Ok(())
}

/// Keeps rates; later ones of the same day count.
pub(crate) fn keep_rates(connection: &mut Connection, rates: &Rates) -> Result<(), Trouble> {
    let transaction = connection.transaction()?;
    {
        let mut statement = transaction.prepare_cached(
            "INSERT OR REPLACE INTO rate (day, currency, rate) VALUES (?1, ?2, ?3)",
        )?;
        for (day, currency, rate) in rates.iter() {
            statement.execute(params![day.to_string(), currency.code(), rate])?;
        }
    }
    transaction.commit()?;
    Ok(())
}
