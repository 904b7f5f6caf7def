//! Prices: where they come from, what they are, and what a household makes of them.
//!
//! ```text
//!  zone + day --request--> url        (the outside fetches; nothing here does)
//!  answer ------parse----> PriceSeries: instants, price, currency, VAT, source
//!  series + exchange rates ----------> PriceBook: the spot price of any instant
//!  spot + formula -------------------> what a kWh costs and brings (import, export)
//!  what is missing, what was tried --> schedule: what to fetch next, and when
//! ```
//!
//! - [`zone`]: the areas that have one price
//! - [`source`]: who tells prices: requests and answers, one file a source
//! - [`series`]: prices of an area over time
//! - [`rates`]: exchange rates of the European Central Bank
//! - [`book`]: all that is known, in the household's currency
//! - [`formula`]: from the spot price to the price of a contract
//! - [`schedule`]: when to fetch what
//! - [`decimal`](mod@decimal): numbers by their text

pub mod book;
pub mod decimal;
pub mod formula;
pub mod rates;
pub mod schedule;
pub mod series;
pub mod source;
pub mod zone;

pub use book::{PriceBook, Spot};
pub use formula::{Direction, Formula, Kind, Modifier};
pub use rates::{Rates, RatesError};
pub use schedule::Schedule;
pub use series::{Firmness, PriceSeries, Slot, Vat};
pub use source::{Answer, Refusal, Request, Source};
pub use zone::{NoZone, Zone};
