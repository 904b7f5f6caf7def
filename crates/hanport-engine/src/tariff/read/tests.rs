//! Tariffs as text: what comes out, and how mistakes are told.

use jiff::civil::date;
use proptest::prelude::*;
use rstest::rstest;

use super::*;
use crate::tariff::Local;

const GOOD: &str = r#"name = "Example"
country = "NO"
currency = "NOK"
vat = 25
holidays = "NO"
extra_holidays = ["12-24"]
source = "list of 2026"

[[period]]
from = 2026-01-01
to = 2026-07-01
amounts = "excluding_vat"

[[period.fee]]
name = "subscription"
month = 39.20

[[period.energy]]
name = "day"
weekdays = "mon-fri"
hours = "6-22"
holidays = "as_sunday"
price = 0.2099

[[period.energy]]
price = 0.1299

[[period.energy]]
part = "tax"
price = 0.0713

[[period.peak]]
window = 60
top = 3
distinct = "day"
steps = [{ from_kw = 0, year = 1200 }, { from_kw = 2.5, year = 1824 }]
"#;

fn wrong(text: &str) -> String {
    let mistakes = read(text, None).expect_err("it is wrong");
    mistakes.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")
}

#[test]
fn a_tariff_comes_out_with_vat() {
    let tariff = read(GOOD, None).unwrap();
    let period = tariff.period(date(2026, 1, 14)).unwrap();
    let at = |date, hour: u16| {
        let local = Local { date, minute: hour * 60 };
        let rules = period.energy_at(local, &tariff.holidays);
        rules.map(|(_, rule)| rule.price(local, None).unwrap().0).sum::<i64>()
    };
    // (0.2099 + 0.0713) * 1.25 and (0.1299 + 0.0713) * 1.25
    assert_eq!(at(date(2026, 1, 14), 17), 351_500);
    assert_eq!(at(date(2026, 1, 14), 22), 251_500);
    assert_eq!(at(date(2026, 1, 17), 17), 251_500);
    assert_eq!(at(date(2026, 4, 2), 17), 251_500, "Maundy Thursday");
    assert_eq!(at(date(2026, 12, 24), 17), 251_500, "Christmas Eve");
    assert_eq!(period.fees.first().unwrap().month.to_string(), "49.00");
    let PeakPrice::Steps { steps, upper } = &period.peaks.first().unwrap().price else { panic!() };
    assert!(upper);
    // 1200 a year and 25 % are 125 a month
    assert_eq!(steps.first().unwrap().month.to_string(), "125.00");
    assert_eq!(steps.get(1).unwrap(), &Step { from_w: 2500, month: Money(190_000_000_000) });
}

#[test]
fn a_household_without_vat_pays_none() {
    let price = |text: &str, vat| {
        let tariff = read(text, vat).unwrap();
        let rule = tariff.periods.first().unwrap().energy.get(1).unwrap();
        rule.prices.first().unwrap().0
    };
    assert_eq!(price(GOOD, Some(0)), 129_900);
    assert_eq!(price(GOOD, None), 162_375);
    let including = GOOD.replace("excluding_vat", "including_vat");
    assert_eq!(price(&including, None), 129_900);
    assert_eq!(price(&including, Some(0)), 103_920);
}

#[test]
fn prices_go_on_after_the_end_of_the_list_and_it_is_told() {
    let tariff = read(GOOD, None).unwrap();
    assert_eq!(tariff.period(date(2025, 12, 31)), None);
    assert!(tariff.period(date(2026, 6, 30)).is_some() && !tariff.is_expired(date(2026, 6, 30)));
    assert!(tariff.period(date(2026, 7, 1)).is_some() && tariff.is_expired(date(2026, 7, 1)));
}

#[test]
fn prices_by_the_hour_and_shares_of_the_spot_price() {
    let list: Vec<String> = (0..24).map(|hour| format!("0.{hour:02}")).collect();
    let by_hour = format!("by_hour = [{}]\nspot_percent = 5", list.join(", "));
    let tariff = read(&GOOD.replace("price = 0.1299", &by_hour), None).unwrap();
    let rule = tariff.periods.first().unwrap().energy.get(1).unwrap();
    let local = Local { date: date(2026, 1, 14), minute: 23 * 60 + 15 };
    // (0.23 + 5 % of 1.00) * 1.25
    assert_eq!(rule.price(local, Some(PricePerKwh::ONE)), Some(PricePerKwh(350_000)));
    assert_eq!(rule.price(local, None), None);
}

#[rstest]
#[case::not_toml("name = \"Example\"", "name = Example", "line 1, character 8")]
#[case::misspelt("window = 60", "windows = 60", "did you mean \"window\"?")]
#[case::misspelt_is_missing_too("window = 60", "windows = 60", "\"window\" is missing")]
#[case::text_for_number("vat = 25", "vat = true", "line 4, character 7: \"vat\" must be a number")]
#[case::vat_too_high("vat = 25", "vat = 250", "must lie between 0.0 and 100.0")]
#[case::currency("\"NOK\"", "\"crowns\"", "\"crowns\" is no currency")]
#[case::holidays("holidays = \"NO\"", "holidays = \"XX\"", "there are lists AT, BE")]
#[case::holiday("\"12-24\"", "\"24.12.\"", "must be days such as \"12-24\"")]
#[case::weekday("mon-fri", "mon-frei", "\"mon-frei\" is no weekday")]
#[case::hours("\"6-22\"", "\"6-26\"", "line 21, character 9: \"6-26\" is no time")]
#[case::date("from = 2026-01-01", "from = 2026", "must be a day such as 2026-07-01")]
#[case::backwards("to = 2026-07-01", "to = 2025-07-01", "lies after \"from\"")]
#[case::amounts("\"excluding_vat\"", "\"net\"", "one of excluding_vat, including_vat")]
#[case::no_default("[[period.energy]]\nprice = 0.1299\n", "", "must apply always")]
#[case::both("month = 39.20", "month = 39.20\nyear = 1", "one of them")]
#[case::window("window = 60", "window = 45", "15, 30 or 60 minutes")]
#[case::steps("from_kw = 0,", "from_kw = 1,", "steps begin at 0 and rise")]
#[case::rise("from_kw = 2.5", "from_kw = 0", "steps begin at 0 and rise")]
#[case::no_period("[[period]]\n", "[[periods]]\n", "there is no [[period]]")]
fn mistakes_are_explained(#[case] good: &str, #[case] bad: &str, #[case] told: &str) {
    assert!(GOOD.contains(good), "{good}");
    let told_instead = wrong(&GOOD.replacen(good, bad, 1));
    assert!(told_instead.contains(told), "{told_instead}");
}

#[test]
fn periods_follow_each_other() {
    let second = "\n[[period]]\nfrom = 2026-06-01\namounts = \"including_vat\"\n";
    assert!(wrong(&format!("{GOOD}{second}")).contains("periods follow each other"));
    let open = GOOD.replace("to = 2026-07-01\n", "");
    let later = second.replace("06-01", "09-01");
    assert!(wrong(&format!("{open}{later}")).contains("end the one before with \"to\""));
    assert!(read(&format!("{GOOD}{later}"), None).is_ok());
}

#[test]
fn all_mistakes_are_told_at_once() {
    let text = GOOD.replace("vat = 25", "vat = -1").replace("top = 3", "top = 99");
    assert_eq!(read(&text, None).unwrap_err().len(), 2);
}

proptest! {
    #[test]
    fn never_panics(text: String) {
        let _ = read(&text, None);
    }

    #[test]
    fn changed_tariffs_never_panic(at in 0usize..800, with in "[ -~\n]{0,4}", cut in 0usize..4) {
        let mut text = GOOD.to_owned();
        let end = (at + cut).min(text.len());
        if at <= end {
            text.replace_range(at..end, &with);
        }
        if let Ok(tariff) = read(&text, Some(0)) {
            prop_assert!(!tariff.periods.is_empty());
        }
    }
}
