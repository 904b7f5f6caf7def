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
//! - [`view`]: what outputs see: prices, costs and peaks as they stand now

pub mod amount;
pub mod view;

pub use amount::{Currency, Money, PricePerKwh};
pub use view::{
    CheapWindow, CostView, ForecastView, Level, Missing, MoneyView, MonthPeak, PeakView, PeaksView,
    PriceNow, PriceSlot, PriceSource, StepView,
};
