//! Prices and tariffs.

use std::path::Path;

use super::{Meaning, in_units};
use crate::config::meant::{
    Direction, Modifier, ModifierKind, PriceConfig, PriceSource, TariffConfig,
};
use crate::config::raw::{RawModifier, RawPrice, RawTariff};
use crate::config::text;

const WEEKDAYS: [&str; 7] = ["mo", "tu", "we", "th", "fr", "sa", "su"];

impl Meaning<'_> {
    pub(super) fn price(&mut self, raw: &RawPrice) -> PriceConfig {
        let source = text::price_source(&raw.source).unwrap_or(PriceSource::Auto);
        match &source {
            PriceSource::File(file) => self.readable("price.source", file),
            PriceSource::Named(_) if raw.area.is_empty() => {
                let remedy = "set `area`, for example `area = \"NO1\"`";
                self.warn("price.source", "without an area no prices are fetched", remedy);
            }
            PriceSource::Auto | PriceSource::Named(_) | PriceSource::Url(_) => {}
        }
        let modifiers = raw.modifier.iter().enumerate().map(|(at, raw)| {
            let path = self.part("price.modifier", at);
            self.modifier(&path, raw)
        });
        let modifiers = modifiers.collect();
        PriceConfig {
            enabled: raw.enabled,
            source,
            area: raw.area.clone(),
            resolution_minutes: raw.resolution_minutes,
            entsoe_key: self.secret("price.entsoe_key", raw.entsoe_key.as_deref()),
            modifiers,
        }
    }

    fn modifier(&mut self, path: &str, raw: &RawModifier) -> Modifier {
        let day = |day: &Option<String>| day.as_ref().and_then(|day| text::year_day(day).ok());
        let season = match (day(&raw.from), day(&raw.to)) {
            (Some(from), Some(to)) => Some((from, to)),
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
        let all_days = raw.days.is_empty();
        let all_hours = raw.hours.is_empty();
        Modifier {
            name: raw.name.clone(),
            kind: match raw.kind.as_str() {
                "add" => ModifierKind::Add,
                "percent" => ModifierKind::Percent,
                "subtract" => ModifierKind::Subtract,
                _ => ModifierKind::Fixed,
            },
            direction: match raw.direction.as_str() {
                "export" => Direction::Export,
                "import" => Direction::Import,
                _ => Direction::Both,
            },
            value: in_units(&raw.value, 4),
            days: WEEKDAYS.map(|day| all_days || raw.days.iter().any(|named| named == day)),
            hours: core::array::from_fn(|hour| all_hours || raw.hours.contains(&hour)),
            season,
        }
    }

    pub(super) fn tariff(&mut self, raw: &RawTariff) -> TariffConfig {
        if raw.name.contains('/') {
            self.readable("tariff.name", Path::new(&raw.name));
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
        }
    }
}
