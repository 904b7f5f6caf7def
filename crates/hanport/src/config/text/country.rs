//! Countries, their currencies and their time zones.

/// Country, currency, time zones.
const COUNTRIES: &[(&str, &str, &[&str])] = &[
    ("AL", "ALL", &["Europe/Tirane"]),
    ("AT", "EUR", &["Europe/Vienna"]),
    ("BA", "BAM", &["Europe/Sarajevo"]),
    ("BE", "EUR", &["Europe/Brussels"]),
    ("BG", "EUR", &["Europe/Sofia"]),
    ("CH", "CHF", &["Europe/Zurich"]),
    ("CY", "EUR", &["Asia/Nicosia", "Europe/Nicosia"]),
    ("CZ", "CZK", &["Europe/Prague"]),
    ("DE", "EUR", &["Europe/Berlin", "Europe/Busingen"]),
    ("DK", "DKK", &["Europe/Copenhagen"]),
    ("EE", "EUR", &["Europe/Tallinn"]),
    ("ES", "EUR", &["Africa/Ceuta", "Atlantic/Canary", "Europe/Madrid"]),
    ("FI", "EUR", &["Europe/Helsinki", "Europe/Mariehamn"]),
    ("FR", "EUR", &["Europe/Paris"]),
    ("GB", "GBP", &["Europe/Belfast", "Europe/London", "GB"]),
    ("GR", "EUR", &["Europe/Athens"]),
    ("HR", "EUR", &["Europe/Zagreb"]),
    ("HU", "HUF", &["Europe/Budapest"]),
    ("IE", "EUR", &["Europe/Dublin"]),
    ("IS", "ISK", &["Atlantic/Reykjavik"]),
    ("IT", "EUR", &["Europe/Rome"]),
    ("LI", "CHF", &["Europe/Vaduz"]),
    ("LT", "EUR", &["Europe/Vilnius"]),
    ("LU", "EUR", &["Europe/Luxembourg"]),
    ("LV", "EUR", &["Europe/Riga"]),
    ("ME", "EUR", &["Europe/Podgorica"]),
    ("MK", "MKD", &["Europe/Skopje"]),
    ("MT", "EUR", &["Europe/Malta"]),
    ("NL", "EUR", &["Europe/Amsterdam"]),
    ("NO", "NOK", &["Arctic/Longyearbyen", "Europe/Oslo"]),
    ("PL", "PLN", &["Europe/Warsaw"]),
    ("PT", "EUR", &["Atlantic/Azores", "Atlantic/Madeira", "Europe/Lisbon"]),
    ("RO", "RON", &["Europe/Bucharest"]),
    ("RS", "RSD", &["Europe/Belgrade"]),
    ("SE", "SEK", &["Europe/Stockholm"]),
    ("SI", "EUR", &["Europe/Ljubljana"]),
    ("SK", "EUR", &["Europe/Bratislava"]),
];

/// Whether a currency is one of these.
pub(super) fn is_currency(currency: &str) -> bool {
    COUNTRIES.iter().any(|(_, known, _)| *known == currency)
}

/// All of them, each once.
pub(super) fn currencies() -> Vec<&'static str> {
    let mut currencies: Vec<&str> = COUNTRIES.iter().map(|(_, currency, _)| *currency).collect();
    currencies.sort_unstable();
    currencies.dedup();
    currencies
}

/// The country in which a time zone is.
pub(crate) fn of_zone(zone: &str) -> Option<&'static str> {
    COUNTRIES.iter().find(|(_, _, zones)| zones.contains(&zone)).map(|(country, ..)| *country)
}

/// The currency of a country.
pub(crate) fn currency_of(country: &str) -> Option<&'static str> {
    COUNTRIES.iter().find(|(known, ..)| *known == country).map(|(_, currency, _)| *currency)
}

#[cfg(test)]
mod tests {
    use jiff::tz::TimeZone;

    use super::*;

    #[test]
    fn the_zone_says_the_country_and_the_country_the_currency() {
        assert_eq!(of_zone("Europe/Oslo").and_then(currency_of), Some("NOK"));
        assert_eq!(of_zone("Atlantic/Canary"), Some("ES"));
        assert_eq!(of_zone("Pacific/Auckland"), None);
        for (country, _, zones) in COUNTRIES {
            for zone in *zones {
                assert!(TimeZone::get(zone).is_ok(), "{country} {zone}");
                assert_eq!(of_zone(zone), Some(*country));
            }
        }
    }
}
