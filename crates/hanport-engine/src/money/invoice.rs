//! How a bill of our own differs from what was paid, component by component.

use super::amount::Money;
use super::bill::{Bill, LineKind};
use super::view::Missing;

/// A component of an invoice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Component {
    /// Energy by the supplier: the market's price and the rows of the formula.
    Energy,
    /// Energy by the grid tariff.
    Grid,
    /// Fees by the month.
    Fees,
    /// The fee by the largest power.
    Peak,
    /// Support by the state.
    Support,
    /// Energy to the grid; income, a positive amount.
    Income,
    /// All together: what is to be paid.
    Total,
}

impl Component {
    /// All of them, in the order of an invoice.
    pub const ALL: [Self; 7] = [
        Self::Energy,
        Self::Grid,
        Self::Fees,
        Self::Peak,
        Self::Support,
        Self::Income,
        Self::Total,
    ];

    /// The stable word.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Energy => "energy",
            Self::Grid => "grid",
            Self::Fees => "fees",
            Self::Peak => "peak",
            Self::Support => "support",
            Self::Income => "income",
            Self::Total => "total",
        }
    }

    /// The component of a [word](Self::name).
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|component| component.name() == name)
    }

    const fn has(self, kind: LineKind) -> bool {
        matches!(
            (self, kind),
            (Self::Energy, LineKind::Spot | LineKind::Row)
                | (Self::Grid, LineKind::Grid)
                | (Self::Fees, LineKind::Fee)
                | (Self::Peak, LineKind::Peak)
                | (Self::Support, LineKind::Support)
                | (Self::Income, LineKind::ExportSpot | LineKind::ExportRow)
        )
    }
}

/// What an invoice says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Paid {
    /// The amounts that it names; of a component several add up.
    pub amounts: Vec<(Component, Money)>,
    /// The watt-hours from the grid that it is about.
    pub import_wh: Option<i64>,
}

/// One component of both.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Difference {
    /// Which.
    pub component: Component,
    /// By our own bill.
    pub reckoned: Money,
    /// By the invoice.
    pub paid: Money,
    /// What the invoice has more; negative when it has less.
    pub more: Money,
}

/// Both side by side.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Check {
    /// The components that the invoice names, in the order of an invoice.
    pub differences: Vec<Difference>,
    /// The watt-hours that the invoice has more than our bill, where both are known.
    pub more_wh: Option<i64>,
    /// What our bill does not have in it; with anything here the differences say little.
    pub missing: Missing,
}

/// The amount of a component in a bill.
pub fn amount(bill: &Bill, component: Component) -> Money {
    if component == Component::Total {
        let all = [
            Component::Energy,
            Component::Grid,
            Component::Fees,
            Component::Peak,
            Component::Support,
        ];
        let paid: Money = all.into_iter().map(|component| amount(bill, component)).sum();
        return paid.minus(amount(bill, Component::Income)).unwrap_or(paid);
    }
    bill.lines.iter().filter(|line| component.has(line.kind)).map(|line| line.amount).sum()
}

/// Lays an invoice beside a bill of the same time.
pub fn check(bill: &Bill, paid: &Paid) -> Check {
    let named = |component: Component| {
        let amounts = || paid.amounts.iter().filter(move |(known, _)| *known == component);
        amounts().next()?;
        let paid: Money = amounts().map(|(_, amount)| *amount).sum();
        let reckoned = amount(bill, component);
        let more = paid.minus(reckoned)?;
        Some(Difference { component, reckoned, paid, more })
    };
    Check {
        differences: Component::ALL.into_iter().filter_map(named).collect(),
        more_wh: paid.import_wh.zip(bill.import_wh).map(|(paid, ours)| paid.saturating_sub(ours)),
        missing: bill.missing,
    }
}
