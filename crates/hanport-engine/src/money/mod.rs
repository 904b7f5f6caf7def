//! Money: amounts and prices as whole numbers, what a period cost, and what outputs show of it.
//!
//! ```text
//!   price per kWh      1/1 000 000 of the currency for a kWh
//! x energy             Wh
//! = amount             1/1 000 000 000 of the currency, exactly
//! ```
//!
//! The product is exact, so costs of quarters, of components and of periods add up to the last
//! digit. Only forming a price rounds (a percentage, an exchange rate), and only showing does.
//!
//! - [`amount`]: a price per kWh, an amount, a currency
//! - [`support`]: what the state takes off
//! - [`contract`]: what a household has agreed on, and the prices that follow
//! - [`bill`]: what a stretch of time cost, line by line
//! - [`invoice`]: how a bill differs from what was paid
//! - [`curve`]: cheapest windows and hours, the rank and level of a price
//! - [`picture`]: all of it as outputs see it
//! - [`view`]: what outputs see: prices, costs and peaks as they stand now

pub mod amount;
pub mod bill;
pub mod contract;
pub mod curve;
pub mod invoice;
pub mod picture;
pub mod support;
pub mod view;

pub use amount::{Currency, Money, PricePerKwh};
pub use bill::{Account, Bill, Line, LineKind};
pub use contract::{Contract, Priced, Pricing, Settlement};
pub use support::{Scheme, Support};
pub use view::{
    CheapWindow, CostView, ForecastView, Level, Missing, MoneyView, MonthPeak, PeakView, PeaksView,
    PriceNow, PriceSlot, PriceSource, StepView,
};
