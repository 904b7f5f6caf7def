//! Made-up market prices: two humps a day, cheaper at night and on Sundays, now and then below
//! nothing. They stand in a file, and are read as a user's own prices would be.

use std::fmt::Write as _;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan as _};

/// Thousandths of the currency for a kWh at each hour of a usual day.
const USUAL: [i64; 24] = [
    380, 350, 330, 320, 340, 420, 610, 880, 1010, 920, 790, 700, 640, 610, 650, 760, 930, 1150,
    1210, 1040, 820, 660, 540, 440,
];

/// Writes a file of hourly prices from `start` to the end of tomorrow; where it is.
pub(super) fn write(
    folder: &Path,
    start: Timestamp,
    now: Timestamp,
    zone: &TimeZone,
) -> io::Result<PathBuf> {
    let path = folder.join("prices.csv");
    let mut text = "start;end;price\n".to_owned();
    let first = start.to_zoned(zone.clone()).start_of_day().map_err(io::Error::other)?;
    let tomorrow = now.to_zoned(zone.clone()).saturating_add(2.days());
    let end = tomorrow.start_of_day().map_err(io::Error::other)?;
    let mut at = first;
    while at < end {
        let next = at.saturating_add(1.hour());
        let [from, to] = [&at, &next].map(|edge| edge.strftime("%Y-%m-%dT%H:%M:%S%:z").to_string());
        let price = thousandths(&at);
        let sign = if price < 0 { "-" } else { "" };
        let (whole, rest) = (price.abs() / 1000, price.abs() % 1000);
        let _ = writeln!(text, "{from};{to};{sign}{whole},{rest:03}");
        at = next;
    }
    fs::write(&path, text)?;
    Ok(path)
}

/// The price of the hour that begins then.
fn thousandths(at: &jiff::Zoned) -> i64 {
    let hour = usize::try_from(at.hour()).unwrap_or(0);
    let usual = USUAL.get(hour).copied().unwrap_or(600);
    let day = i64::from(at.day_of_year());
    // windy and calm days, by a sum of waves without a common period
    let wind = (day * 37 % 100) + (day * 61 % 70) - 60;
    let sunday = if at.weekday() == jiff::civil::Weekday::Sunday { 180 } else { 0 };
    (usual - sunday) * (100 + wind / 2) / 100 - if wind < -45 && hour < 5 { 420 } else { 0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_hour_to_the_end_of_tomorrow_has_a_price_on_the_day_of_25_hours_too() {
        let folder = tempfile::tempdir().unwrap();
        let zone = TimeZone::get("Europe/Oslo").unwrap();
        let at = |text: &str| text.parse::<Timestamp>().unwrap();
        let (start, now) = (at("2026-10-24T10:00:00Z"), at("2026-10-25T10:00:00Z"));
        let path = write(folder.path(), start, now, &zone).unwrap();
        let text = fs::read_to_string(path).unwrap();
        assert_eq!(text.lines().count(), 1 + 24 + 25 + 24, "{text}");
    }
}
