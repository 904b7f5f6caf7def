//! The rows of meters and quantities, made when they are first needed.

use std::collections::HashMap;

use hanport_core::quantity::Quantity;
use rusqlite::{Connection, OptionalExtension as _, params};

use crate::key::MeterRow;
use crate::trouble::Trouble;

/// What is known of the two tables. Forgotten when a transaction fails.
#[derive(Debug, Default)]
pub(crate) struct Names {
    meters: HashMap<String, MeterRow>,
    quantities: HashMap<Quantity, u16>,
}

impl Names {
    /// The row of a meter.
    pub(crate) fn meter(
        &mut self,
        connection: &Connection,
        name: &str,
    ) -> Result<MeterRow, Trouble> {
        if let Some(&row) = self.meters.get(name) {
            return Ok(row);
        }
        let id = find_or_add(connection, "meter", name)?;
        if id > 0xFF_FFFF {
            return Err(Trouble::Other("a file holds at most 16 million meters".into()));
        }
        self.meters.insert(name.to_owned(), MeterRow(id));
        Ok(MeterRow(id))
    }

    /// The column of a quantity.
    pub(crate) fn column(
        &mut self,
        connection: &Connection,
        quantity: Quantity,
    ) -> Result<u16, Trouble> {
        if let Some(&column) = self.quantities.get(&quantity) {
            return Ok(column);
        }
        let id = find_or_add(connection, "quantity", &quantity.to_string())?;
        let column = u16::try_from(id)
            .map_err(|_| Trouble::Other("a file holds at most 65 535 quantities".into()))?;
        self.quantities.insert(quantity, column);
        Ok(column)
    }
}

fn find_or_add(connection: &Connection, table: &str, name: &str) -> Result<i64, Trouble> {
    let found = connection
        .query_row(&format!("SELECT id FROM {table} WHERE name = ?1"), [name], |row| row.get(0))
        .optional()?;
    if let Some(id) = found {
        return Ok(id);
    }
    connection.execute(&format!("INSERT INTO {table} (name) VALUES (?1)"), params![name])?;
    Ok(connection.last_insert_rowid())
}

/// The quantities of a file by their column. What has no name here is left out.
pub(crate) fn quantities(connection: &Connection) -> rusqlite::Result<HashMap<u16, Quantity>> {
    let mut statement = connection.prepare_cached("SELECT id, name FROM quantity")?;
    let rows =
        statement.query_map([], |row| Ok((row.get::<_, u16>(0)?, row.get::<_, String>(1)?)))?;
    let mut quantities = HashMap::new();
    for row in rows {
        let (column, name) = row?;
        if let Some(quantity) = Quantity::from_name(&name) {
            quantities.insert(column, quantity);
        }
    }
    Ok(quantities)
}
