//! Grid tariffs as data: prices by time, fixed fees, and fees by the largest power.
//!
//! ```text
//!  TOML text --read--> Tariff: periods of validity, each with
//!                        fees      a month
//!                        energy    price of a kWh by months, weekdays, hours, holidays
//!                        peaks     which windows count, how many, of which days, what it costs
//! ```
//!
//! - [`when`]: months, weekdays, hours, dates and holidays that a rule applies to
//! - [`holiday`]: public holidays by country, computed
//! - [`rule`]: what a tariff is made of
//! - [`mod@read`]: the text of a tariff, with mistakes told by line
//! - [`peak`]: which windows make the fee, and what is still possible in the running one
//! - [`shipped`]: the tariffs that come with the program

pub mod holiday;
pub mod peak;
pub mod read;
pub mod rule;
pub mod shipped;
pub mod when;

pub use holiday::Holidays;
pub use peak::{Forecast, Ranking, Window};
pub use read::{Mistake, read};
pub use rule::{Distinct, EnergyRule, Fee, PeakPrice, PeakRule, Step, Tariff, TariffPeriod};
pub use when::{Dates, HolidayUse, Hours, Local, Months, Weekdays, When};
