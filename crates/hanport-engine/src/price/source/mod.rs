//! Who tells prices: how each is asked and how its answers are read. Pure: the outside carries
//! requests and answers.
//!
//! | source | zones | resolution | key | terms |
//! |---|---|---|---|---|
//! | ENTSO-E transparency platform | all | 15, 30, 60 min | yes | free to use with credit |
//! | energy-charts.info | most | 15 min | no | CC BY 4.0 for some zones, private use for others |
//! | hvakosterstrommen.no | NO1 to NO5 | by its time stamps | no | free, a link is asked for |
//! | elprisetjustnu.se | SE1 to SE4 | 15 min | no | free, a link is asked for |
//! | energidataservice.dk | DK1, DK2 | 15 min | no | CC BY 4.0 |
//! | spot-hinta.fi | FI, EE, LV, LT | 15 min | no | free, one request a minute |
//! | elering.ee | FI, EE, LV, LT | 15 min | no | open data, with credit |
//! | awattar | AT, DE-LU | 60 min | no | fair use, 100 requests a day |
//! | omie.es | ES, PT | 15 min | no | public file |
//!
//! - [`entsoe`]: document A44 and acknowledgements
//! - [`energy_charts`], [`nordic`], [`energidata`], [`baltic`], [`awattar`], [`omie`]: the others
//! - [`own`]: files, addresses and messages in the user's own form
//! - [`ask`]: requests, answers and why an answer is no price

pub mod ask;
pub mod awattar;
pub mod baltic;
pub mod energidata;
pub mod energy_charts;
pub mod entsoe;
pub mod nordic;
pub mod omie;
pub mod own;

use core::ops::Range;

use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};

pub use ask::{Answer, Refusal, Request};

use super::series::{Firmness, PriceSeries};
use super::zone::Zone;
use crate::energy::Period;
use crate::money::{PricePerKwh, PriceSource};
use crate::time::UtcMillis;

/// Who told a price.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Source {
    /// aWATTar, Austria and Germany.
    Awattar,
    /// Elering, the Estonian grid operator.
    Elering,
    /// elprisetjustnu.se.
    Elprisetjustnu,
    /// Energi Data Service of the Danish grid operator.
    Energidataservice,
    /// energy-charts.info of Fraunhofer ISE.
    EnergyCharts,
    /// The transparency platform of the European grid operators; needs a key.
    Entsoe,
    /// A file or address in the user's own form.
    File,
    /// Prices from the settings.
    Fixed,
    /// hvakosterstrommen.no.
    Hvakosterstrommen,
    /// OMIE, the Iberian exchange.
    Omie,
    /// spot-hinta.fi.
    SpotHinta,
    /// Messages of a broker in the user's own form.
    Topic,
}

impl Source {
    /// All of them.
    pub const ALL: [Self; 12] = [
        Self::Awattar,
        Self::Elering,
        Self::Elprisetjustnu,
        Self::Energidataservice,
        Self::EnergyCharts,
        Self::Entsoe,
        Self::File,
        Self::Fixed,
        Self::Hvakosterstrommen,
        Self::Omie,
        Self::SpotHinta,
        Self::Topic,
    ];

    /// The stable word for settings and programs.
    pub const fn word(self) -> &'static str {
        self.card().0
    }

    /// Three letters for clients that know sources by them.
    pub const fn code(self) -> &'static str {
        self.card().1
    }

    /// The source of a [word](Self::word).
    pub fn named(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|source| source.word() == word)
    }

    /// Word, code, the line that is to be shown, where it leads.
    const fn card(self) -> (&'static str, &'static str, &'static str, &'static str) {
        match self {
            Self::Awattar => ("awattar", "AWA", "aWATTar", "https://www.awattar.at/"),
            Self::Elering => ("elering", "ELE", "Elering AS", "https://dashboard.elering.ee/"),
            Self::Elprisetjustnu => (
                "elprisetjustnu",
                "EPN",
                "Elpriser tillhandah\u{e5}lls av Elpriset just nu.se",
                "https://www.elprisetjustnu.se",
            ),
            Self::Energidataservice => (
                "energidataservice",
                "EDS",
                "Energi Data Service, Energinet (CC BY 4.0)",
                "https://www.energidataservice.dk/",
            ),
            Self::EnergyCharts => (
                "energy-charts",
                "ECH",
                "energy-charts.info, Fraunhofer ISE",
                "https://www.energy-charts.info/",
            ),
            Self::Entsoe => (
                "entsoe",
                "EOE",
                "ENTSO-E Transparency Platform",
                "https://transparency.entsoe.eu/",
            ),
            Self::File => ("file", "FIL", "own file", ""),
            Self::Fixed => ("fixed", "FIX", "fixed price", ""),
            Self::Hvakosterstrommen => (
                "hvakosterstrommen",
                "HKS",
                "Str\u{f8}mpriser levert av Hva koster str\u{f8}mmen.no",
                "https://www.hvakosterstrommen.no",
            ),
            Self::Omie => ("omie", "OMI", "OMIE", "https://www.omie.es/"),
            Self::SpotHinta => ("spot-hinta", "SPH", "spot-hinta.fi", "https://spot-hinta.fi/"),
            Self::Topic => ("mqtt", "MQT", "own broker", ""),
        }
    }

    /// Whether it answers only with a key.
    pub const fn needs_key(self) -> bool {
        matches!(self, Self::Entsoe)
    }

    /// The shortest time between two requests, in milliseconds. After an answer that held what
    /// was asked for, the same day is not asked for again at all.
    pub const fn least_pause_ms(self) -> i64 {
        match self {
            // one request a minute and address
            Self::SpotHinta => 90_000,
            // a hundred a day
            Self::Awattar => 900_000,
            Self::File | Self::Fixed | Self::Topic => 1_000,
            _ => 10_000,
        }
    }

    /// What outputs show of it. `licence` is what the source itself said of its licence.
    pub fn view(self, licence: Option<&str>) -> PriceSource {
        let (word, code, line, link) = self.card();
        let free = licence.is_some_and(|licence| licence.trim_start().starts_with("CC BY"));
        let attribution = match licence {
            Some(licence) => format!("{line}; {licence}"),
            None => line.to_owned(),
        };
        PriceSource {
            word,
            code,
            attribution: attribution.into(),
            link: link.into(),
            publishable: match self {
                Self::EnergyCharts => free,
                Self::File | Self::Fixed | Self::Topic | Self::Awattar => false,
                Self::Elering
                | Self::Elprisetjustnu
                | Self::Energidataservice
                | Self::Entsoe
                | Self::Hvakosterstrommen
                | Self::Omie
                | Self::SpotHinta => true,
            },
        }
    }
}

/// The sources without key of a zone: the one to begin with, and the ones to turn to. Empty
/// where nobody tells prices without a key.
pub fn keyless(zone: &Zone) -> &'static [Source] {
    use Source::{
        Awattar, Elering, Elprisetjustnu, Energidataservice, EnergyCharts, Hvakosterstrommen, Omie,
        SpotHinta,
    };
    match zone.name {
        "NO1" | "NO2" | "NO3" | "NO4" | "NO5" => &[Hvakosterstrommen, EnergyCharts],
        "SE1" | "SE2" | "SE3" | "SE4" => &[Elprisetjustnu, EnergyCharts],
        "DK1" | "DK2" => &[Energidataservice, EnergyCharts],
        "FI" => &[SpotHinta, Elering, EnergyCharts],
        "EE" | "LV" | "LT" => &[Elering, SpotHinta, EnergyCharts],
        "DE-LU" | "AT" => &[EnergyCharts, Awattar],
        "ES" | "PT" => &[Omie, EnergyCharts],
        "GB" | "IE-SEM" | "BA" | "MK" | "XK" | "AL" => &[],
        _ => &[EnergyCharts],
    }
}

/// The sources to ask for a zone, in order: with a key the one that needs it first.
pub fn order(zone: &Zone, key: bool) -> Vec<Source> {
    // the platform has no prices of Great Britain and Bosnia
    let platform = key && !["GB", "BA"].contains(&zone.name);
    platform.then_some(Source::Entsoe).into_iter().chain(keyless(zone).iter().copied()).collect()
}

/// The time zone of the market: its days run from midnight to midnight there, whatever the
/// household's zone.
pub fn market_zone() -> TimeZone {
    TimeZone::get("Europe/Brussels").unwrap_or(TimeZone::UTC)
}

/// The half-open instants of a day of the market: 23, 24 or 25 hours.
pub fn market_day(day: Date) -> Range<UtcMillis> {
    Period::Day.calendar(day, &market_zone()).unwrap_or(UtcMillis(0)..UtcMillis(0))
}

/// The request for a day of the market. `base` replaces the scheme and host, `key` is for those
/// that [need one](Source::needs_key). `None` for a source that is not asked by zone and day, or
/// without the key it needs.
pub fn request(
    source: Source,
    zone: &Zone,
    day: Date,
    key: Option<&str>,
    base: Option<&str>,
) -> Option<Request> {
    match source {
        Source::Awattar => awattar::request(zone, day, base),
        Source::Elering => baltic::elering_request(zone, day, base),
        Source::Elprisetjustnu => Some(nordic::swedish_request(zone, day, base)),
        Source::Energidataservice => Some(energidata::request(zone, day, base)),
        Source::EnergyCharts => energy_charts::request(zone, day, base),
        Source::Entsoe => Some(entsoe::request(zone, day, key?, base)),
        Source::Hvakosterstrommen => Some(nordic::norwegian_request(zone, day, base)),
        Source::Omie => Some(omie::request(base)),
        Source::SpotHinta => Some(baltic::spot_hinta_request(zone, base)),
        Source::File | Source::Fixed | Source::Topic => None,
    }
}

/// Reads the answer to a [`request`]. The series holds everything the answer told, which may be
/// more than the day that was asked for.
pub fn parse(source: Source, zone: &Zone, answer: &Answer<'_>) -> Result<PriceSeries, Refusal> {
    answer.checked()?;
    let series = match source {
        Source::Awattar => awattar::parse(zone, answer),
        Source::Elering => baltic::elering(zone, answer),
        Source::Elprisetjustnu => nordic::swedish(zone, answer),
        Source::Energidataservice => energidata::parse(zone, answer),
        Source::EnergyCharts => energy_charts::parse(zone, answer),
        Source::Entsoe => entsoe::parse(zone, answer),
        Source::Hvakosterstrommen => nordic::norwegian(zone, answer),
        Source::Omie => omie::parse(zone, answer),
        Source::SpotHinta => baltic::spot_hinta(zone, answer),
        Source::File | Source::Fixed | Source::Topic => {
            Err(Refusal::Odd("this source is not asked".to_owned()))
        }
    }?;
    if series.slots().is_empty() {
        return Err(Refusal::NotPublished);
    }
    Ok(doubted(series))
}

/// A whole answer of nothing but zeros is what platforms send for prices they do not know yet.
fn doubted(mut series: PriceSeries) -> PriceSeries {
    let slots = series.slots();
    if slots.len() > 4 && slots.iter().all(|slot| slot.price == PricePerKwh::ZERO) {
        series.firmness = Firmness::Preliminary;
    }
    series
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;
    use crate::price::zone::ZONES;

    #[test]
    fn words_lead_back_and_codes_are_told_apart() {
        let mut codes: Vec<&str> = Source::ALL.iter().map(|source| source.code()).collect();
        codes.sort_unstable();
        codes.dedup();
        assert_eq!(codes.len(), Source::ALL.len());
        for source in Source::ALL {
            assert_eq!(Source::named(source.word()), Some(source));
        }
        assert_eq!(Source::named("nordpool"), None);
    }

    #[test]
    fn days_of_the_market_follow_central_european_time() {
        let day = market_day(date(2026, 1, 14));
        assert_eq!(day.start.to_string(), "2026-01-13T23:00:00Z");
        let hours = |day: Range<UtcMillis>| day.end.since(day.start) / 3_600_000;
        assert_eq!(hours(day), 24);
        assert_eq!(hours(market_day(date(2026, 3, 29))), 23);
        assert_eq!(hours(market_day(date(2026, 10, 25))), 25);
    }

    #[test]
    fn every_source_that_a_zone_is_led_to_can_be_asked_for_it() {
        for zone in ZONES {
            for source in order(zone, true) {
                let request = request(source, zone, date(2026, 7, 14), Some("key"), None);
                let request = request.unwrap_or_else(|| panic!("{source:?} for {}", zone.name));
                assert!(request.url().starts_with("https://"), "{}", request.url());
            }
            assert!(!order(zone, false).contains(&Source::Entsoe));
        }
        assert!(order(Zone::find("GB").unwrap(), true).is_empty());
    }

    #[test]
    fn a_key_shows_nowhere() {
        let zone = Zone::find("NO1").unwrap();
        let request =
            request(Source::Entsoe, zone, date(2026, 1, 14), Some("s3cr3t"), None).unwrap();
        assert!(request.url().contains("securityToken=s3cr3t"));
        for shown in [format!("{request:?}"), request.shown().to_owned()] {
            assert!(!shown.contains("s3cr3t") && shown.contains("A44"), "{shown}");
        }
    }
}
