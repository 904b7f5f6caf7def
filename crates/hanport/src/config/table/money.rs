//! Prices and tariffs.

use super::{Choice, Form, Given, Kind, Many, Section, choice, setting};
use crate::config::text;

const WEEKDAYS: &[Choice] = &[
    choice("mo", "Monday"),
    choice("tu", "Tuesday"),
    choice("we", "Wednesday"),
    choice("th", "Thursday"),
    choice("fr", "Friday"),
    choice("sa", "Saturday"),
    choice("su", "Sunday"),
];

/// Where prices come from.
pub(super) const PRICE: Section = Section {
    path: "price",
    title: "Prices",
    help: "Where prices come from. Without an area only fixed prices are known.",
    many: Many::No,
    settings: &[
        setting("enabled", Kind::Switch, Given::Default("true"), "Fetch prices for the area"),
        setting(
            "area",
            Kind::Text(Form { name: "area", check: |t| text::area(t).map(drop) }),
            Given::Default("\"\""),
            "The price area: `NO1`, `SE3`, `DK1`, `DE-LU`, `BE`, or its EIC code",
        ),
        setting(
            "source",
            Kind::Text(Form { name: "price-source", check: |t| text::price_source(t).map(drop) }),
            Given::Default("\"auto\""),
            "From where",
        )
        .more(
            "`auto` takes the best free source of the area, or ENTSO-E where a key is set. Or the \
             name of a source, a file (`file:/etc/hanport/prices.csv`) or an address (`https://...`).",
        ),
        setting(
            "resolution_minutes",
            Kind::OneOf { numbers: &[15, 60], unit: "minutes" },
            Given::Default("60"),
            "For how long one price holds in the interfaces of older readers",
        ),
        setting(
            "entsoe_key",
            Kind::Secret(Form { name: "token", check: text::token }),
            Given::Optional("\"secret:entsoe\""),
            "The key for the transparency platform of ENTSO-E",
        ),
        setting(
            "holidays",
            Kind::Text(Form { name: "holidays", check: text::holidays }),
            Given::Default("\"auto\""),
            "Whose public holidays the modifiers mean",
        )
        .more("A country, a German state (`DE-BY`), or `none`; `auto` are those of the country."),
        setting(
            "settlement",
            Kind::Choice(&[
                choice("auto", "as it is usual in the country"),
                choice("hour", "by the mean price of the hour"),
                choice("quarter", "by the price of each quarter-hour"),
            ]),
            Given::Default("\"auto\""),
            "How the supplier bills energy",
        ),
        setting(
            "support",
            Kind::Choice(&[
                choice("none", "none"),
                choice("norgespris", "Norgespris for homes"),
                choice("norgespris-holiday", "Norgespris for holiday homes"),
                choice("stromstotte", "the Norwegian support above a threshold"),
            ]),
            Given::Default("\"none\""),
            "What the state takes off",
        ),
        setting(
            "monthly_fee",
            Kind::Decimal { places: 2, min: -100_000_000, max: 100_000_000, unit: "" },
            Given::Default("0"),
            "The supplier's fee for a month, with VAT",
        ),
    ],
};

/// One step in the making of a price.
pub(super) const MODIFIER: Section = Section {
    path: "price.modifier",
    title: "Price modifiers",
    help: "What becomes of the price of the market, step by step in the order of the file: fees, \
           taxes, a fixed price. One block a step.",
    many: Many::List,
    settings: &[
        setting(
            "name",
            Kind::Text(Form { name: "text", check: text::label }),
            Given::Needed("\"VAT\""),
            "Its name for people",
        ),
        setting(
            "kind",
            Kind::Choice(&[
                choice("fixed", "replaces the price"),
                choice("add", "adds an amount"),
                choice("percent", "adds a part of the price"),
                choice("subtract", "takes an amount off"),
                choice("minimum", "the price so far is at least this"),
                choice("maximum", "the price so far is at most this"),
            ]),
            Given::Needed("\"percent\""),
            "What it does",
        ),
        setting(
            "value",
            Kind::Decimal { places: 4, min: -10_000_000, max: 10_000_000, unit: "" },
            Given::Needed("25"),
            "How much: in the currency for a kilowatt-hour, or percent",
        ),
        setting(
            "direction",
            Kind::Choice(&[
                choice("both", "for both"),
                choice("import", "for what is bought"),
                choice("export", "for what is sold"),
            ]),
            Given::Default("\"both\""),
            "For which direction",
        ),
        setting(
            "days",
            Kind::Choices(WEEKDAYS),
            Given::Default("[]"),
            "On which days of the week; on all of them where the list is empty",
        ),
        setting(
            "hours",
            Kind::Integers { min: 0, max: 23, unit: "" },
            Given::Default("[]"),
            "In which hours of the day, 0 to 23; in all of them where the list is empty",
        ),
        setting(
            "holidays",
            Kind::Choice(&[
                choice("ignore", "a public holiday is a day like others"),
                choice("as-sunday", "it counts as a Sunday"),
                choice("exclude", "not on public holidays"),
                choice("only", "on public holidays only"),
            ]),
            Given::Default("\"ignore\""),
            "What public holidays mean for it",
        ),
        setting(
            "from",
            Kind::Text(Form { name: "month-day", check: |t| text::year_day(t).map(drop) }),
            Given::Optional("\"11-01\""),
            "The first day of the year, month first",
        ),
        setting(
            "to",
            Kind::Text(Form { name: "month-day", check: |t| text::year_day(t).map(drop) }),
            Given::Optional("\"03-31\""),
            "The last day of the year; before the first one it is that of the next year",
        ),
    ],
};

/// What peaks cost.
pub(super) const TARIFF: Section = Section {
    path: "tariff",
    title: "Tariff",
    help: "What the network costs: energy by time, and peaks.",
    many: Many::No,
    settings: &[
        setting(
            "name",
            Kind::Text(Form { name: "tariff", check: text::tariff }),
            Given::Default("\"\""),
            "A tariff that comes with the program, or the file of one",
        ),
        setting(
            "thresholds_kwh",
            Kind::Integers { min: 0, max: 65_535, unit: "kWh" },
            Given::Default("[]"),
            "The steps, ascending; those of the tariff where the list is empty",
        ),
        setting(
            "highest",
            Kind::Integer { min: 1, max: 31, unit: "days" },
            Given::Default("3"),
            "How many of the highest days make the mean",
        ),
        setting(
            "vat_percent",
            Kind::Decimal { places: 1, min: 0, max: 1000, unit: "%" },
            Given::Optional("0"),
            "The VAT of the household, where it is another than that of the tariff",
        ),
    ],
};
