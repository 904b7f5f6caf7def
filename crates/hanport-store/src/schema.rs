//! The tables, and how files of earlier versions come to have them.
//!
//! The version of a file is its `user_version`. Each step below is one version; a step that was
//! released is never changed, a new one is added at the end. `docs/storage.md` draws the tables.

use rusqlite::Connection;

/// Says that a file is a history of this program: "hpH1".
pub(crate) const APPLICATION_ID: i32 = 0x6870_4831;

/// The steps from an empty file to the newest version.
pub(crate) const STEPS: &[&str] = &[METERS_AND_SERIES, FACTS, VIEWS, PRICES];

/// The version from which on a file has prices.
pub(crate) const WITH_PRICES: i64 = 4;

/// Meters, packed series, quarter-hours, readings, corrections, events.
const METERS_AND_SERIES: &str = "
CREATE TABLE meter (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    first INTEGER,
    last INTEGER,
    memory BLOB
) STRICT;
CREATE TABLE quantity (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE) STRICT;
CREATE TABLE tail (key INTEGER PRIMARY KEY, packed BLOB NOT NULL) STRICT;
CREATE TABLE sample (key INTEGER PRIMARY KEY, packed BLOB NOT NULL) STRICT;
CREATE TABLE minute (key INTEGER PRIMARY KEY, packed BLOB NOT NULL) STRICT;
CREATE TABLE quarter (key INTEGER PRIMARY KEY, packed BLOB NOT NULL) STRICT;
CREATE TABLE interval (
    day INTEGER NOT NULL,
    meter INTEGER NOT NULL,
    register INTEGER NOT NULL,
    slot INTEGER NOT NULL,
    wh INTEGER NOT NULL,
    quality INTEGER NOT NULL,
    standing INTEGER NOT NULL,
    edges INTEGER NOT NULL,
    imported INTEGER NOT NULL,
    PRIMARY KEY (day, meter, register, slot)
) STRICT, WITHOUT ROWID;
CREATE TABLE reading (
    day INTEGER NOT NULL,
    meter INTEGER NOT NULL,
    register INTEGER NOT NULL,
    at INTEGER NOT NULL,
    received INTEGER NOT NULL,
    mwh INTEGER NOT NULL,
    step_mwh INTEGER NOT NULL,
    PRIMARY KEY (day, meter, register, at)
) STRICT, WITHOUT ROWID;
CREATE TABLE correction (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    meter INTEGER NOT NULL,
    made INTEGER NOT NULL,
    author TEXT NOT NULL,
    reason TEXT NOT NULL,
    register INTEGER NOT NULL,
    change TEXT NOT NULL
) STRICT;
CREATE TABLE event (
    id INTEGER PRIMARY KEY,
    at INTEGER NOT NULL,
    meter TEXT,
    kind TEXT NOT NULL,
    detail TEXT NOT NULL
) STRICT;
CREATE INDEX event_at ON event (at);
";

/// Small things that other parts remember.
const FACTS: &str = "
CREATE TABLE fact (
    scope TEXT NOT NULL,
    key TEXT NOT NULL,
    value TEXT NOT NULL,
    PRIMARY KEY (scope, key)
) STRICT, WITHOUT ROWID;
";

/// The plain tables in words, for people with another program.
const VIEWS: &str = "
CREATE VIEW intervals AS SELECT
    meter.name AS meter,
    CASE register WHEN 0 THEN 'active_import' WHEN 1 THEN 'active_export'
        WHEN 2 THEN 'reactive_import' ELSE 'reactive_export' END AS register,
    datetime((day * 96 + slot) * 900, 'unixepoch') AS start_utc,
    wh,
    CASE quality WHEN 0 THEN 'missing' WHEN 1 THEN 'estimated'
        WHEN 2 THEN 'interpolated' ELSE 'measured' END AS quality,
    CASE standing WHEN 0 THEN 'provisional' ELSE 'settled' END AS standing,
    imported
FROM interval JOIN meter ON meter.id = interval.meter;
CREATE VIEW readings AS SELECT
    meter.name AS meter,
    CASE register WHEN 0 THEN 'active_import' WHEN 1 THEN 'active_export'
        WHEN 2 THEN 'reactive_import' ELSE 'reactive_export' END AS register,
    datetime(at / 1000, 'unixepoch') AS at_utc,
    mwh / 1000 AS wh
FROM reading JOIN meter ON meter.id = reading.meter;
";

/// Prices of energy as sources told them, and exchange rates. Prices are in 1/1 000 000 of the
/// currency for a kWh, rates in 1/1 000 000 units for one euro.
const PRICES: &str = "
CREATE TABLE price_series (
    id INTEGER PRIMARY KEY,
    area TEXT NOT NULL,
    source TEXT NOT NULL,
    currency TEXT NOT NULL,
    vat INTEGER NOT NULL,
    licence TEXT NOT NULL,
    UNIQUE (area, source, currency, vat, licence)
) STRICT;
CREATE TABLE price (
    series INTEGER NOT NULL,
    start INTEGER NOT NULL,
    seconds INTEGER NOT NULL,
    price INTEGER NOT NULL,
    firm INTEGER NOT NULL,
    PRIMARY KEY (series, start, seconds)
) STRICT, WITHOUT ROWID;
CREATE TABLE rate (
    day TEXT NOT NULL,
    currency TEXT NOT NULL,
    rate INTEGER NOT NULL,
    PRIMARY KEY (day, currency)
) STRICT, WITHOUT ROWID;
CREATE VIEW prices AS SELECT
    area,
    source,
    datetime(start, 'unixepoch') AS start_utc,
    seconds / 60 AS minutes,
    price / 1000000.0 AS price_per_kwh,
    currency,
    vat / 10.0 AS vat_percent,
    CASE firm WHEN 0 THEN 'preliminary' ELSE 'final' END AS standing
FROM price JOIN price_series ON price_series.id = price.series;
";

/// The newest version.
pub(crate) fn newest() -> i64 {
    i64::try_from(STEPS.len()).unwrap_or(i64::MAX)
}

/// The version of a file; 0 for an empty one.
pub(crate) fn version(connection: &Connection) -> rusqlite::Result<i64> {
    connection.query_row("PRAGMA user_version", [], |row| row.get(0))
}

/// The mark of the program that made a file; 0 for an empty one.
pub(crate) fn application(connection: &Connection) -> rusqlite::Result<i32> {
    connection.query_row("PRAGMA application_id", [], |row| row.get(0))
}

/// Takes a file to the newest version, step by step, each whole or not at all.
pub(crate) fn migrate(connection: &mut Connection) -> rusqlite::Result<()> {
    migrate_to(connection, STEPS.len())
}

/// Takes a file to a version.
pub(crate) fn migrate_to(connection: &mut Connection, target: usize) -> rusqlite::Result<()> {
    let from = usize::try_from(version(connection)?).unwrap_or(usize::MAX);
    for (number, step) in STEPS.iter().enumerate().take(target).skip(from) {
        let transaction = connection.transaction()?;
        transaction.execute_batch(step)?;
        transaction.pragma_update(None, "application_id", APPLICATION_ID)?;
        transaction.pragma_update(None, "user_version", i64::try_from(number + 1).unwrap_or(0))?;
        transaction.commit()?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What a file of each version held, as that version wrote it. A new step adds a row here.
    const WRITTEN: &[(usize, &str)] = &[
        (
            1,
            "INSERT INTO meter VALUES (1, 'house', 5, 9, x'01');
             INSERT INTO quantity VALUES (1, 'active_import_w');
             INSERT INTO tail VALUES (1, x'02');
             INSERT INTO sample VALUES (1, x'03');
             INSERT INTO minute VALUES (1, x'04');
             INSERT INTO quarter VALUES (1, x'05');
             INSERT INTO interval VALUES (20000, 1, 0, 95, 250, 3, 1, 3, 0);
             INSERT INTO reading VALUES (20000, 1, 0, 1728000000000, 1728000000001, 5000, 1000);
             INSERT INTO correction VALUES (1, 1, 7, 'user', 'invoice', 0, '{}');
             INSERT INTO event VALUES (1, 7, NULL, 'started', '{}');",
        ),
        (2, "INSERT INTO fact VALUES ('port', '/dev/ttyUSB0', '{}');"),
        (3, ""),
        (
            4,
            "INSERT INTO price_series VALUES (1, 'NO1', 'entsoe', 'EUR', 0, '');
             INSERT INTO price VALUES (1, 1772323200, 900, 123456, 1);
             INSERT INTO rate VALUES ('2026-03-01', 'NOK', 11000000);",
        ),
    ];

    fn rows(connection: &Connection, table: &str) -> Vec<String> {
        let mut statement = connection.prepare(&format!("SELECT * FROM {table}")).unwrap();
        let columns = statement.column_count();
        let rows = statement
            .query_map([], |row| {
                let values: Vec<_> = (0..columns).map(|c| row.get_ref(c).unwrap()).collect();
                Ok(format!("{values:?}"))
            })
            .unwrap();
        rows.map(Result::unwrap).collect()
    }

    fn tables(connection: &Connection) -> Vec<String> {
        let sql = "SELECT type || ' ' || name || ' ' || coalesce(sql, '') FROM sqlite_schema \
                   WHERE name NOT LIKE 'sqlite_%' ORDER BY 1";
        let mut statement = connection.prepare(sql).unwrap();
        let rows = statement.query_map([], |row| row.get(0)).unwrap();
        rows.map(Result::unwrap).collect()
    }

    #[test]
    fn a_file_of_every_earlier_version_becomes_one_of_the_newest() {
        assert_eq!(WRITTEN.len(), STEPS.len(), "a step without what it wrote");
        let mut fresh = Connection::open_in_memory().unwrap();
        migrate(&mut fresh).unwrap();
        for old in 0..=STEPS.len() {
            let mut file = Connection::open_in_memory().unwrap();
            migrate_to(&mut file, old).unwrap();
            assert_eq!(version(&file).unwrap(), i64::try_from(old).unwrap());
            for (_, sql) in WRITTEN.iter().filter(|(version, _)| *version <= old) {
                file.execute_batch(sql).unwrap();
            }
            let names = ["meter", "interval", "reading", "event", "correction", "sample", "tail"];
            let before: Vec<_> =
                names.iter().filter(|_| old > 0).map(|table| rows(&file, table)).collect();
            migrate(&mut file).unwrap();
            assert_eq!(version(&file).unwrap(), newest());
            assert_eq!(application(&file).unwrap(), APPLICATION_ID);
            assert_eq!(tables(&file), tables(&fresh), "from version {old}");
            let after: Vec<_> =
                names.iter().filter(|_| old > 0).map(|table| rows(&file, table)).collect();
            assert_eq!(before, after, "from version {old}");
            // twice is once
            migrate(&mut file).unwrap();
        }
    }

    #[test]
    fn the_views_speak_plainly() {
        let mut file = Connection::open_in_memory().unwrap();
        migrate(&mut file).unwrap();
        file.execute_batch(WRITTEN[0].1).unwrap();
        let found: (String, String, i64, String) = file
            .query_row("SELECT register, start_utc, wh, quality FROM intervals", [], |row| {
                Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?))
            })
            .unwrap();
        let expected =
            ("active_import".into(), "2024-10-04 23:45:00".into(), 250, "measured".into());
        assert_eq!(found, expected);
    }
}
