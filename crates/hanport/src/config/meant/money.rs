//! Prices and tariffs.

use std::path::PathBuf;

use crate::config::secrets::Secret;

/// Where prices come from and what becomes of them.
#[derive(Clone, Debug)]
pub(crate) struct PriceConfig {
    /// Whether prices are fetched.
    pub(crate) enabled: bool,
    /// From where.
    pub(crate) source: PriceSource,
    /// The bidding zone: a short name such as `NO1`, or its EIC code; empty where none is set.
    pub(crate) area: String,
    /// Minutes for which one price holds towards the interfaces of older readers: 15 or 60.
    pub(crate) resolution_minutes: u16,
    /// The key for the ENTSO-E transparency platform.
    pub(crate) entsoe_key: Option<Secret>,
    /// What becomes of the prices, in this order.
    pub(crate) modifiers: Vec<Modifier>,
}

/// Where prices come from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum PriceSource {
    /// The best one for the area.
    Auto,
    /// One by name.
    Named(String),
    /// A file of prices.
    File(PathBuf),
    /// An address that gives prices.
    Url(String),
}

/// For which direction a modifier is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Direction {
    /// Both.
    Both,
    /// What is sold.
    Export,
    /// What is bought.
    Import,
}

/// What a modifier does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ModifierKind {
    /// Adds an amount.
    Add,
    /// Replaces the price.
    Fixed,
    /// Adds a part of the price.
    Percent,
    /// Takes an amount off.
    Subtract,
}

/// A day of any year.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct YearDay {
    /// 1 to 12.
    pub(crate) month: u8,
    /// 1 to 31; 29 February is allowed.
    pub(crate) day: u8,
}

/// One step in the making of a price.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Modifier {
    /// Its name for people.
    pub(crate) name: String,
    /// What it does.
    pub(crate) kind: ModifierKind,
    /// For which direction.
    pub(crate) direction: Direction,
    /// How much, in ten-thousandths: of the currency for a kilowatt-hour, or of a percent.
    pub(crate) value: i64,
    /// The days of the week on which it holds, Monday first.
    pub(crate) days: [bool; 7],
    /// The hours of the day in which it holds.
    pub(crate) hours: [bool; 24],
    /// The days of the year from which and up to which it holds, both included; from the second
    /// to the first over the turn of the year where they stand the other way round.
    pub(crate) season: Option<(YearDay, YearDay)>,
}

/// What peaks cost.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct TariffConfig {
    /// The tariff: the name of one that comes with the program, or a file; none where it is
    /// left out.
    pub(crate) tariff: Option<String>,
    /// Steps in kilowatt-hours an hour, ascending; those of the tariff where this is empty.
    pub(crate) thresholds_kwh: Vec<u32>,
    /// How many of the highest days make the mean.
    pub(crate) highest: u8,
}
