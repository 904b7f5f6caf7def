//! The tariffs that come with the program. Users change copies of them and add their own.

use super::read::{Mistake, read};
use super::rule::Tariff;

/// A tariff that comes with the program.
#[derive(Clone, Copy, Debug)]
pub struct Shipped {
    /// Its name in settings: `no-elvia`.
    pub id: &'static str,
    /// Its text.
    pub text: &'static str,
}

macro_rules! shipped {
    ($($id:literal),* $(,)?) => {
        &[$(Shipped { id: $id, text: include_str!(concat!("../../tariffs/", $id, ".toml")) }),*]
    };
}

/// All of them, by country.
pub const SHIPPED: &[Shipped] = shipped![
    "at-double",
    "at-summer",
    "be-flanders",
    "de-module-3",
    "dk-model-3",
    "ee-day-night",
    "fi-power",
    "generic-flat",
    "generic-peak",
    "nl-fixed",
    "no-bkk",
    "no-elvia",
    "no-lede",
    "no-tensio-ts",
    "se-ellevio",
    "se-goteborg",
    "se-jonkoping",
    "se-malarenergi",
    "se-sollentuna",
    "se-tekniska-verken",
    "se-vattenfall-time",
];

impl Shipped {
    /// The tariff of an id.
    pub fn find(id: &str) -> Option<&'static Self> {
        SHIPPED.iter().find(|shipped| shipped.id == id)
    }

    /// Reads it. `vat_permille` as for [`read`].
    pub fn tariff(&self, vat_permille: Option<u16>) -> Result<Tariff, Vec<Mistake>> {
        read(self.text, vat_permille)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tariff::{Local, When};
    use jiff::civil::date;

    #[test]
    fn every_shipped_tariff_reads_and_prices_every_hour() {
        for shipped in SHIPPED {
            let tariff = shipped.tariff(None).unwrap_or_else(|wrong| {
                panic!(
                    "{}: {}",
                    shipped.id,
                    wrong.first().map_or(String::new(), ToString::to_string)
                )
            });
            assert!(!tariff.source.is_empty() && tariff.country.len() == 2, "{}", shipped.id);
            for period in &tariff.periods {
                for rule in &period.energy {
                    let last = period.energy.iter().rfind(|other| other.part == rule.part).unwrap();
                    assert_eq!(last.when, When::default(), "{}: {}", shipped.id, rule.part);
                }
                let local = Local { date: date(2026, 1, 14), minute: 600 };
                for (_, rule) in period.energy_at(local, &tariff.holidays) {
                    assert!(rule.price(local, None).is_some() || rule.spot_millionths != 0);
                }
            }
        }
        assert!(Shipped::find("no-elvia").is_some() && Shipped::find("xx").is_none());
    }
}
