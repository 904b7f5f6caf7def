//! Exchange rates: the euro reference rates of the European Central Bank, with their dates.
//!
//! ```text
//! <gesmes:Envelope ...><gesmes:subject>Reference rates</gesmes:subject>...
//!   <Cube><Cube time='2026-01-13'><Cube currency='NOK' rate='11.7165'/>...</Cube>...</Cube>
//! ```
//!
//! Rates come on working days of the bank at about 16:00. A price of a day is converted at the
//! newest rate that is not later than that day; where such a rate is older than a week, the price
//! has none. Suppliers in the Nordic countries bill prices that the exchange converts itself, so
//! converted prices are within half a per cent of theirs, not exact.

use std::collections::BTreeMap;

use hanport_core::number::Number;
use jiff::ToSpan;
use jiff::civil::Date;
use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};
use serde::{Deserialize, Serialize};

use super::decimal::decimal;
use crate::money::{Currency, PricePerKwh};

/// The address of the bank's files.
pub const BASE: &str = "https://www.ecb.europa.eu";
/// The newest rates.
pub const DAILY: &str = "/stats/eurofxref/eurofxref-daily.xml";
/// The rates of the last 90 days.
pub const LAST_90_DAYS: &str = "/stats/eurofxref/eurofxref-hist-90d.xml";

/// How many days a rate is used for.
const DAYS: i64 = 7;

/// A rate is counted in 1/1 000 000 units for one euro.
const SCALE: i8 = -6;

/// Rates by day.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rates {
    days: BTreeMap<Date, BTreeMap<Currency, i64>>,
}

/// A document that holds no rates.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RatesError(pub String);

impl core::fmt::Display for RatesError {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "the exchange rates cannot be read: {}", self.0)
    }
}

impl core::error::Error for RatesError {}

impl Rates {
    /// Reads a document of the bank, of one day or of many.
    pub fn parse(xml: &str) -> Result<Self, RatesError> {
        let mut reader = Reader::from_str(xml);
        let mut rates = Self::default();
        let mut day = None;
        let mut depth = 0usize;
        loop {
            let at = reader.buffer_position();
            let told = |what: String| RatesError(format!("octet {at}: {what}"));
            match reader.read_event().map_err(|error| told(error.to_string()))? {
                Event::Start(element) => {
                    depth += 1;
                    rates.cube(&element, &mut day).map_err(told)?;
                }
                Event::Empty(element) => rates.cube(&element, &mut day).map_err(told)?,
                Event::End(_) => depth = depth.saturating_sub(1),
                Event::Eof if depth > 0 => return Err(told("it ends in the middle".to_owned())),
                Event::Eof => break,
                _ => {}
            }
        }
        if rates.days.is_empty() {
            return Err(RatesError("there are none".to_owned()));
        }
        Ok(rates)
    }

    fn cube(&mut self, element: &BytesStart<'_>, day: &mut Option<Date>) -> Result<(), String> {
        if element.local_name().as_ref() != "Cube" {
            return Ok(());
        }
        let attribute = |name: &str| -> Result<Option<String>, String> {
            let found = element.try_get_attribute(name).map_err(|error| error.to_string())?;
            Ok(found.map(|attribute| attribute.value.to_string()))
        };
        if let Some(time) = attribute("time")? {
            *day = Some(time.parse().map_err(|_| format!("the day {time:?}"))?);
        }
        if let (Some(currency), Some(rate), Some(day)) =
            (attribute("currency")?, attribute("rate")?, *day)
        {
            let code: Currency = currency.parse().map_err(|_| format!("currency {currency:?}"))?;
            let units = decimal(&rate).and_then(|rate| rate.in_units_of(SCALE));
            let units =
                units.filter(|rate| *rate > 0).ok_or_else(|| format!("the rate {rate:?}"))?;
            self.days.entry(day).or_default().insert(code, units);
        }
        Ok(())
    }

    /// Adds one rate: so many units of a currency for one euro on a day. Nothing happens for a
    /// rate that is not above zero.
    pub fn put(&mut self, day: Date, currency: Currency, rate: Number) {
        if let Some(units) = rate.in_units_of(SCALE).filter(|units| *units > 0) {
            self.days.entry(day).or_default().insert(currency, units);
        }
    }

    /// Takes over what another has; its rates win.
    pub fn extend(&mut self, other: Self) {
        for (day, rates) in other.days {
            self.days.entry(day).or_default().extend(rates);
        }
    }

    /// All rates: day, currency, 1/1 000 000 units for one euro.
    pub fn iter(&self) -> impl Iterator<Item = (Date, Currency, i64)> {
        self.days
            .iter()
            .flat_map(|(day, rates)| rates.iter().map(|(currency, rate)| (*day, *currency, *rate)))
    }

    /// The newest day there are rates of.
    pub fn newest(&self) -> Option<Date> {
        self.days.last_key_value().map(|(day, _)| *day)
    }

    /// The newest rate of a currency that is not later than a day, and its own day. The euro is
    /// always one euro.
    fn rate(&self, currency: Currency, day: Date) -> Option<(Date, i64)> {
        if currency == Currency::EUR {
            return Some((day, 1_000_000));
        }
        let earliest = day.checked_sub(DAYS.days()).ok()?;
        self.days
            .range(earliest..=day)
            .rev()
            .find_map(|(at, rates)| rates.get(&currency).map(|rate| (*at, *rate)))
    }

    /// A price of a day in another currency, and the day of the older of the two rates.
    pub fn convert(
        &self,
        price: PricePerKwh,
        from: Currency,
        to: Currency,
        day: Date,
    ) -> Option<(PricePerKwh, Date)> {
        if from == to {
            return Some((price, day));
        }
        let (from_day, from_rate) = self.rate(from, day)?;
        let (to_day, to_rate) = self.rate(to, day)?;
        Some((price.times(to_rate, from_rate)?, from_day.min(to_day)))
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use proptest::prelude::*;

    use super::*;

    const DAILY: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>
        <gesmes:Envelope xmlns:gesmes=\"http://www.gesmes.org/xml/2002-08-01\">
        <gesmes:subject>Reference rates</gesmes:subject><Cube><Cube time='2026-01-13'>
        <Cube currency='NOK' rate='11.7169'/><Cube currency='DKK' rate='7.4690'/>
        </Cube></Cube></gesmes:Envelope>";

    #[test]
    fn prices_are_converted_at_the_newest_rate_before_their_day() {
        let mut rates = Rates::parse(DAILY).unwrap();
        rates
            .extend(Rates::parse(&DAILY.replace("-13'", "-16'").replace("11.7169", "12")).unwrap());
        let eur = PricePerKwh(76_275);
        let to = |day| rates.convert(eur, Currency::EUR, Currency::NOK, day);
        // 76.275 EUR/MWh at 11.7169
        assert_eq!(to(date(2026, 1, 15)), Some((PricePerKwh(893_707), date(2026, 1, 13))));
        assert_eq!(to(date(2026, 1, 12)), None);
        // a Sunday takes Friday's
        assert_eq!(to(date(2026, 1, 18)), Some((PricePerKwh(915_300), date(2026, 1, 16))));
        assert_eq!(to(date(2026, 1, 24)), None);
        let negative =
            rates.convert(PricePerKwh(-600), Currency::EUR, Currency::NOK, date(2026, 1, 13));
        assert_eq!(negative.unwrap().0, PricePerKwh(-7_030));
    }

    #[test]
    fn one_crown_for_another() {
        let rates = Rates::parse(DAILY).unwrap();
        let day = date(2026, 1, 14);
        let (price, _) =
            rates.convert(PricePerKwh::ONE, Currency::DKK, Currency::NOK, day).unwrap();
        // 11.7169 / 7.4690
        assert_eq!(price, PricePerKwh(1_568_737));
        assert_eq!(rates.convert(PricePerKwh::ONE, Currency::SEK, Currency::NOK, day), None);
        assert_eq!(
            rates.convert(PricePerKwh::ONE, Currency::SEK, Currency::SEK, day),
            Some((PricePerKwh::ONE, day))
        );
    }

    #[test]
    fn what_is_no_list_of_rates_is_told() {
        for wrong in ["", "<html></html>", &DAILY[..DAILY.len() / 2], &DAILY.replace("11.", "-1.")]
        {
            assert!(Rates::parse(wrong).is_err(), "{wrong}");
        }
    }

    proptest! {
        #[test]
        fn never_panics(text: String) {
            let _ = Rates::parse(&text);
        }
    }
}
