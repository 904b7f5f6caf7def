//! Prices and tariffs.

use std::path::Path;

use hanport_engine::money::{Scheme, Settlement};
use hanport_engine::price::formula::{Direction, Formula, Kind, Modifier};
use hanport_engine::price::source::Source;
use hanport_engine::tariff::{Dates, HolidayUse, Holidays, Hours, Weekdays, When, read};

use super::{Meaning, in_units};
use crate::config::meant::{PriceConfig, PriceSource, TariffConfig};
use crate::config::raw::{RawModifier, RawPrice, RawTariff};
use crate::config::text;

const WEEKDAYS: [&str; 7] = ["mo", "tu", "we", "th", "fr", "sa", "su"];

impl Meaning<'_> {
    pub(super) fn price(&mut self, raw: &RawPrice, country: Option<&str>) -> PriceConfig {
        let source = text::price_source(&raw.source).unwrap_or(PriceSource::Auto);
        match &source {
            PriceSource::File(file) => self.readable("price.source", file),
            PriceSource::Known(_) if raw.area.is_empty() => {
                let remedy = "set `area`, for example `area = \"NO1\"`";
                self.warn("price.source", "without an area no prices are fetched", remedy);
            }
            PriceSource::Known(Source::Entsoe) if raw.entsoe_key.is_none() => {
                let remedy = "set `entsoe_key`; the platform gives one to everybody who asks";
                self.error("price.source", "ENTSO-E wants a key", remedy);
            }
            PriceSource::Auto | PriceSource::Known(_) | PriceSource::Url(_) => {}
        }
        let rows = raw.modifier.iter().enumerate().map(|(at, raw)| {
            let path = self.part("price.modifier", at);
            self.modifier(&path, raw)
        });
        let rows = rows.collect();
        let holidays = match raw.holidays.as_str() {
            "auto" => country.and_then(Holidays::of),
            name => Holidays::of(name),
        };
        PriceConfig {
            enabled: raw.enabled,
            source,
            area: text::area(&raw.area).ok().flatten(),
            resolution_minutes: raw.resolution_minutes,
            entsoe_key: self.secret("price.entsoe_key", raw.entsoe_key.as_deref()),
            formula: Formula { rows, holidays: holidays.unwrap_or_default() },
            settlement: match raw.settlement.as_str() {
                "hour" => Some(Settlement::Hour),
                "quarter" => Some(Settlement::Quarter),
                _ => None,
            },
            support: Scheme::named(&raw.support),
            monthly_fee: in_units(&raw.monthly_fee, 2),
        }
    }

    fn modifier(&mut self, path: &str, raw: &RawModifier) -> Modifier {
        let day = |day: &Option<String>| day.as_ref().and_then(|day| text::year_day(day).ok());
        let dates = match (day(&raw.from), day(&raw.to)) {
            (Some(first), Some(last)) => Some(Dates { first, last }),
            (Some(_), None) => {
                self.error(&format!("{path}.from"), "the last day is missing", "set `to` as well");
                None
            }
            (None, Some(_)) => {
                self.error(&format!("{path}.to"), "the first day is missing", "set `from` as well");
                None
            }
            (None, None) => None,
        };
        let days = (0u8..).zip(WEEKDAYS).filter(|(_, name)| raw.days.iter().any(|day| day == name));
        let days = days.map(|(day, _)| day);
        let hours = raw.hours.iter().copied();
        Modifier {
            name: raw.name.clone(),
            kind: match raw.kind.as_str() {
                "add" => Kind::Add,
                "maximum" => Kind::Maximum,
                "minimum" => Kind::Minimum,
                "percent" => Kind::Percent,
                "subtract" => Kind::Subtract,
                _ => Kind::Fixed,
            },
            direction: match raw.direction.as_str() {
                "export" => Direction::Export,
                "import" => Direction::Import,
                _ => Direction::Both,
            },
            value: in_units(&raw.value, 6),
            when: When {
                weekdays: if raw.days.is_empty() { Weekdays::ALL } else { Weekdays::of(days) },
                hours: if raw.hours.is_empty() { Hours::all() } else { Hours::of(hours) },
                dates,
                holidays: match raw.holidays.as_str() {
                    "as-sunday" => HolidayUse::AsSunday,
                    "exclude" => HolidayUse::Exclude,
                    "only" => HolidayUse::Only,
                    _ => HolidayUse::Ignore,
                },
                ..When::default()
            },
        }
    }

    /// Says when the file of a tariff has mistakes; `hanport tariff check` tells all of them.
    fn tariff_file(&mut self, name: &str) {
        let Ok(text) = std::fs::read_to_string(name) else { return };
        if let Err(mistakes) = read(&text, None)
            && let Some(first) = mistakes.first()
        {
            let message = format!("the tariff has mistakes: {first}");
            self.error(
                "tariff.name",
                message,
                format!("`hanport tariff check {name}` explains them"),
            );
        }
    }

    pub(super) fn tariff(&mut self, raw: &RawTariff) -> TariffConfig {
        if raw.name.contains('/') {
            self.readable("tariff.name", Path::new(&raw.name));
            self.tariff_file(&raw.name);
        }
        let ascending = raw.thresholds_kwh.iter().zip(raw.thresholds_kwh.iter().skip(1));
        if let Some((low, high)) = ascending.into_iter().find(|(low, high)| low >= high) {
            let message = format!("{high} does not belong after {low}: steps ascend");
            self.error("tariff.thresholds_kwh", message, "put them into their order, each once");
        }
        TariffConfig {
            tariff: Some(raw.name.clone()).filter(|name| !name.is_empty()),
            thresholds_kwh: raw.thresholds_kwh.clone(),
            highest: raw.highest,
            vat_permille: raw
                .vat_percent
                .as_ref()
                .and_then(|percent| u16::try_from(in_units(percent, 1)).ok()),
        }
    }
}
