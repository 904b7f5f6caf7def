//! From the market's price to the price of a contract: rows that are applied in the order in
//! which they stand.
//!
//! 1. Where rows of kind *fixed* match, their sum stands in place of the market's price.
//! 2. All other rows that match change the result of those before them: add, subtract, a per
//!    cent of it on top, or hold it above a minimum or below a maximum.
//! 3. Without a market's price and without a fixed row there is no price.
//!
//! ```text
//!  spot 1.8740                        Wednesday the 14th of January, 17:00
//!  day          add        0.2447     2.1187
//!  night        add        0.1622     (does not match)
//!  tax          add        0.0713     2.1900
//!  VAT          percent    25         2.7375
//! ```
//!
//! A row matches by direction, weekdays, hours, a range of dates that may lie over the new year,
//! months and holidays, all in local time at the beginning of the price's slot.

use serde::{Deserialize, Serialize};

use crate::money::PricePerKwh;
use crate::tariff::{Holidays, Local, When};

/// What a row does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// Adds its value.
    Add,
    /// Stands in place of the market's price; several add up.
    Fixed,
    /// The price is at most its value.
    Maximum,
    /// The price is at least its value.
    Minimum,
    /// Adds so many per cent of the price so far.
    Percent,
    /// Takes its value off.
    Subtract,
}

impl Kind {
    /// The number that old clients know it by; the newer kinds have none.
    pub const fn number(self) -> Option<u8> {
        match self {
            Self::Fixed => Some(0),
            Self::Add => Some(1),
            Self::Percent => Some(2),
            Self::Subtract => Some(3),
            Self::Maximum | Self::Minimum => None,
        }
    }

    /// The kind of a [number](Self::number).
    pub const fn numbered(number: u8) -> Option<Self> {
        match number {
            0 => Some(Self::Fixed),
            1 => Some(Self::Add),
            2 => Some(Self::Percent),
            3 => Some(Self::Subtract),
            _ => None,
        }
    }
}

/// Which prices a row changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Direction {
    /// Both.
    Both,
    /// Of energy to the grid.
    Export,
    /// Of energy from the grid.
    Import,
}

impl Direction {
    /// The number that old clients know it by: 1 import, 2 export, 3 both.
    pub const fn number(self) -> u8 {
        match self {
            Self::Import => 1,
            Self::Export => 2,
            Self::Both => 3,
        }
    }

    /// The direction of a [number](Self::number).
    pub const fn numbered(number: u8) -> Option<Self> {
        match number {
            1 => Some(Self::Import),
            2 => Some(Self::Export),
            3 => Some(Self::Both),
            _ => None,
        }
    }

    /// Whether it contains another.
    pub const fn has(self, other: Self) -> bool {
        self.number() & other.number() != 0
    }
}

/// One row.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Modifier {
    /// What people call it.
    pub name: String,
    /// What it does.
    pub kind: Kind,
    /// In 1/1 000 000 of the currency for a kWh, or of a per cent: 25 % is 25 000 000.
    pub value: i64,
    /// Which prices it changes.
    pub direction: Direction,
    /// When it applies.
    pub when: When,
}

/// The rows of a contract.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Formula {
    /// In their order.
    pub rows: Vec<Modifier>,
    /// The holidays that rows may name.
    pub holidays: Holidays,
}

/// What one row made of a price, or the market's price itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Part {
    /// The place of the row; `None` for the market's price.
    pub row: Option<usize>,
    /// What it added; negative when it took off.
    pub price: PricePerKwh,
}

impl Formula {
    /// The price in a direction (import or export), and in `parts` what each row added: they add
    /// up to the price. `None` when there is no price, or when one does not fit.
    pub fn form(
        &self,
        direction: Direction,
        spot: Option<PricePerKwh>,
        local: Local,
        parts: &mut Vec<Part>,
    ) -> Option<PricePerKwh> {
        parts.clear();
        let applies = |row: &Modifier| {
            row.direction.has(direction) && row.when.applies(local, &self.holidays)
        };
        let mut fixed: Option<PricePerKwh> = None;
        for (at, row) in self.rows.iter().enumerate().filter(|(_, row)| row.kind == Kind::Fixed) {
            if applies(row) {
                let price = PricePerKwh(row.value);
                fixed = Some(fixed.unwrap_or(PricePerKwh::ZERO).plus(price)?);
                parts.push(Part { row: Some(at), price });
            }
        }
        let mut price = if let Some(fixed) = fixed {
            fixed
        } else {
            let spot = spot?;
            parts.push(Part { row: None, price: spot });
            spot
        };
        for (at, row) in self.rows.iter().enumerate() {
            if row.kind == Kind::Fixed || !applies(row) {
                continue;
            }
            let value = PricePerKwh(row.value);
            let after = match row.kind {
                Kind::Add => price.plus(value)?,
                Kind::Fixed => price,
                Kind::Maximum => price.min(value),
                Kind::Minimum => price.max(value),
                Kind::Percent => price.plus(price.times(row.value, 100_000_000)?)?,
                Kind::Subtract => price.minus(value)?,
            };
            parts.push(Part { row: Some(at), price: after.minus(price)? });
            price = after;
        }
        Some(price)
    }

    /// The price in a direction.
    pub fn price(
        &self,
        direction: Direction,
        spot: Option<PricePerKwh>,
        local: Local,
    ) -> Option<PricePerKwh> {
        self.form(direction, spot, local, &mut Vec::new())
    }

    /// Whether import and export can have different prices.
    pub fn differs(&self) -> bool {
        self.rows.iter().any(|row| row.direction != Direction::Both)
    }
}

#[cfg(test)]
mod tests;
