//! What the page shows.

use super::{Choice, Given, Kind, Many, Section, Setting, choice, setting};

const SHOWN: &[Choice] = &[
    choice("auto", "where there is something to show"),
    choice("show", "always"),
    choice("hide", "never"),
];

const TILES: &[Choice] = &[
    choice("import", "power from the grid"),
    choice("export", "power to the grid"),
    choice("voltage", "voltages"),
    choice("current", "currents"),
    choice("phases", "power of each phase"),
    choice("factor", "power factors"),
    choice("reactive", "reactive power"),
    choice("account", "energy and money of hour, day and month"),
    choice("peaks", "peaks of the tariff"),
    choice("live", "the last hour"),
    choice("price", "prices"),
    choice("day", "the last 24 hours"),
    choice("month", "the last month"),
    choice("temperature", "temperatures"),
];

const fn tile(key: &'static str, given: &'static str, help: &'static str) -> Setting {
    setting(key, Kind::Choice(SHOWN), Given::Default(given), help)
}

/// What the page shows.
pub(super) const PAGE: Section = Section {
    path: "page",
    title: "Page",
    help: "What the page shows.",
    many: Many::No,
    settings: &[
        setting(
            "theme",
            Kind::Choice(&[
                choice("auto", "as the browser says"),
                choice("dark", "dark"),
                choice("light", "light"),
            ]),
            Given::Default("\"auto\""),
            "Its colours",
        ),
        setting(
            "order",
            Kind::Choices(TILES),
            Given::Default("[]"),
            "The order of the tiles; those that are left out come after them",
        ),
        tile("tiles.import", "\"show\"", "The tile of the power from the grid"),
        tile("tiles.export", "\"auto\"", "The tile of the power to the grid"),
        tile("tiles.voltage", "\"auto\"", "The tile of the voltages"),
        tile("tiles.current", "\"auto\"", "The tile of the currents"),
        tile("tiles.phases", "\"auto\"", "The tile of the power of each phase"),
        tile("tiles.factor", "\"auto\"", "The tile of the power factors"),
        tile("tiles.reactive", "\"hide\"", "The tile of the reactive power"),
        tile("tiles.account", "\"show\"", "The tile of energy and money of hour, day and month"),
        tile("tiles.peaks", "\"auto\"", "The tile of the peaks"),
        tile("tiles.live", "\"auto\"", "The tile of the last hour"),
        tile("tiles.price", "\"auto\"", "The tile of the prices"),
        tile("tiles.day", "\"show\"", "The tile of the last 24 hours"),
        tile("tiles.month", "\"show\"", "The tile of the last month"),
        tile("tiles.temperature", "\"auto\"", "The tile of the temperatures"),
    ],
};
