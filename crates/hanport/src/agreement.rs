//! What a household pays by: the settings of prices and tariff as the engine wants them.

use std::hash::{BuildHasher as _, Hasher as _, RandomState};
use std::path::Path;
use std::sync::Arc;

use anyhow::{Context as _, anyhow};
use hanport_engine::money::picture::Setup;
use hanport_engine::money::support::Support;
use hanport_engine::money::{Contract, Currency, Money, Settlement};
use hanport_engine::price::schedule::SPREAD_MS;
use hanport_engine::price::source::{order, own};
use hanport_engine::price::{Kind, Source, Vat};
use hanport_engine::tariff::shipped::Shipped;
use hanport_engine::tariff::{
    Distinct, Fee, PeakPrice, PeakRule, Step, Tariff, TariffPeriod, When, read,
};
use hanport_io::prices::{From as PricesFrom, PriceKey, PriceOptions};
use jiff::civil::Date;
use jiff::tz::TimeZone;

use crate::config::Config;
use crate::config::meant::{PriceSource, TariffConfig};

/// The steps that readers of other makers come with, in kWh an hour.
const THRESHOLDS: [u32; 9] = [5, 10, 15, 20, 25, 50, 75, 100, 150];

/// How far back prices are looked up for what is shown all the time, in days.
const BACK_DAYS: i64 = 65;

/// Contracts and what belongs to them.
#[derive(Clone, Debug)]
pub(crate) struct Agreement {
    /// What holds when; the newest last.
    pub(crate) contracts: Vec<Contract>,
    /// What outputs are told.
    pub(crate) setup: Setup,
    /// The zone of the site.
    pub(crate) zone: TimeZone,
    /// Where prices come from; `None` when none are fetched.
    pub(crate) options: Option<PriceOptions>,
    /// What prices are kept under.
    pub(crate) area: String,
}

/// The agreement of a configuration; `None` when it says nothing of prices or tariffs.
pub(crate) fn agreement(config: &Config) -> anyhow::Result<Option<Agreement>> {
    let price = &config.price;
    let currency: Currency = config.site.currency.parse()?;
    let tariff = tariff(config, currency)?;
    let from = if price.enabled { prices_from(config, currency) } else { None };
    let fixed = price.formula.rows.iter().any(|row| row.kind == Kind::Fixed);
    if from.is_none() && tariff.is_none() && !fixed {
        return Ok(None);
    }
    let country = config.site.country.as_deref().unwrap_or_default();
    let contract = Contract {
        from: None,
        formula: price.formula.clone(),
        settlement: price.settlement.unwrap_or_else(|| usual(country)),
        fees: fees(price.monthly_fee),
        tariff: tariff.map(Arc::new),
        support: price.support.map(|scheme| support(config, scheme.support(250))),
    };
    let area = match &from {
        Some(PricesFrom::Market(zone, ..)) => zone.name.to_owned(),
        Some(PricesFrom::Address(form, _) | PricesFrom::File(form, _)) => form.area.clone(),
        None => price.area.map_or(String::new(), |zone| zone.name.to_owned()),
    };
    let setup = Setup {
        currency,
        area: area.as_str().into(),
        resolution_min: Some(price.resolution_minutes),
        windows: vec![1, 3, 6],
    };
    let options = from.map(|from| PriceOptions {
        from,
        currency,
        spread_ms: spread(),
        base: None,
        back_days: BACK_DAYS,
    });
    let zone = config.site.zone.clone();
    Ok(Some(Agreement { contracts: vec![contract], setup, zone, options, area }))
}

/// How energy is billed where nothing is said.
fn usual(country: &str) -> Settlement {
    // Norwegian suppliers bill hours; elsewhere the market's quarters are billed
    if country == "NO" || country == "CH" { Settlement::Hour } else { Settlement::Quarter }
}

fn fees(hundredths: i64) -> Vec<Fee> {
    let month = Money(hundredths.saturating_mul(10_000_000));
    let fee = Fee { name: "monthly fee".to_owned(), month };
    if hundredths == 0 { Vec::new() } else { vec![fee] }
}

/// Support is given with the VAT that the household pays.
fn support(config: &Config, support: Support) -> Support {
    let vat = config.tariff.vat_permille.unwrap_or(support.vat_permille);
    Support { vat_permille: vat, ..support }
}

fn prices_from(config: &Config, currency: Currency) -> Option<PricesFrom> {
    let price = &config.price;
    let form = || own::Form {
        area: price.area.map_or_else(|| "own".to_owned(), |zone| zone.name.to_owned()),
        currency,
        vat: Vat::Excluded,
        per_mwh: false,
        source: Source::File,
    };
    let key = price.entsoe_key.as_ref().map(|key| PriceKey(key.reveal().to_owned()));
    match &price.source {
        PriceSource::Auto => {
            let zone = price.area?;
            let sources = order(zone, key.is_some());
            (!sources.is_empty()).then_some(PricesFrom::Market(zone, sources, key))
        }
        PriceSource::Known(source) => Some(PricesFrom::Market(price.area?, vec![*source], key)),
        PriceSource::File(path) => Some(PricesFrom::File(form(), path.clone())),
        PriceSource::Url(address) => Some(PricesFrom::Address(form(), address.clone())),
    }
}

/// This household's place in the spread of requests.
fn spread() -> i64 {
    // every hasher of the standard library has a random beginning
    let chance = RandomState::new().build_hasher().finish();
    i64::try_from(chance % SPREAD_MS.unsigned_abs()).unwrap_or(0)
}

/// The tariff of the settings; where there is none, the peaks of a Norwegian household by the
/// thresholds of other readers, without fees.
fn tariff(config: &Config, currency: Currency) -> anyhow::Result<Option<Tariff>> {
    let settings = &config.tariff;
    let Some(name) = &settings.tariff else {
        let norwegian = config.price.area.is_some_and(|zone| zone.country() == "NO");
        let wanted = norwegian || !settings.thresholds_kwh.is_empty();
        return Ok(wanted.then(|| thresholds(settings, currency)));
    };
    let mut tariff = named(name, settings.vat_permille)?;
    if !settings.thresholds_kwh.is_empty() {
        let rules = tariff.periods.iter_mut().flat_map(|period| &mut period.peaks);
        for rule in rules {
            rule.price = PeakPrice::Steps { steps: steps(&settings.thresholds_kwh), upper: true };
        }
    }
    Ok(Some(tariff))
}

/// A tariff by its name or its file.
pub(crate) fn named(name: &str, vat_permille: Option<u16>) -> anyhow::Result<Tariff> {
    let (text, from) = if let Some(shipped) = Shipped::find(name) {
        (shipped.text.to_owned(), format!("the tariff {name}"))
    } else {
        let path = Path::new(name);
        let text = std::fs::read_to_string(path).with_context(|| {
            format!(
                "the tariff \"{name}\" is none that comes with the program (hanport tariff list) \
                 and its file cannot be read"
            )
        })?;
        (text, path.display().to_string())
    };
    read(&text, vat_permille).map_err(|mistakes| {
        let told: Vec<String> = mistakes.iter().map(ToString::to_string).collect();
        anyhow!("{from}: {}", told.join("; "))
    })
}

fn steps(thresholds_kwh: &[u32]) -> Vec<Step> {
    let from = |kwh: &u32| Step { from_w: i64::from(*kwh) * 1000, month: Money::ZERO };
    let begin = Step { from_w: 0, month: Money::ZERO };
    let rest = thresholds_kwh.iter().filter(|kwh| **kwh > 0).map(from);
    std::iter::once(begin).chain(rest).collect()
}

fn thresholds(settings: &TariffConfig, currency: Currency) -> Tariff {
    let own = settings.thresholds_kwh.as_slice();
    let steps = steps(if own.is_empty() { &THRESHOLDS } else { own });
    let rule = PeakRule {
        name: "peaks".to_owned(),
        window_min: 60,
        top: settings.highest,
        distinct: Distinct::Day,
        when: When::default(),
        weights: Vec::new(),
        floor_w: 0,
        threshold_w: 0,
        history_months: 1,
        price: PeakPrice::Steps { steps, upper: true },
    };
    let period = TariffPeriod {
        from: Date::MIN,
        to: None,
        fees: Vec::new(),
        energy: Vec::new(),
        peaks: vec![rule],
    };
    Tariff {
        name: "peaks".to_owned(),
        country: "NO".to_owned(),
        currency,
        holidays: hanport_engine::tariff::Holidays::NONE,
        source: String::new(),
        template: None,
        periods: vec![period],
    }
}
