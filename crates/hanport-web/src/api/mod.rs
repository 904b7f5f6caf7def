//! `/api/v1`: everything the page shows and does, and programs may too.
//!
//! - [`document`]: a meter as it is now
//! - [`status`]: how its port does
//! - [`meters`]: the addresses of these
//! - [`table`]: how columns and rows are written, as JSON and CSV
//! - [`history`]: quantities over time
//! - [`energy`]: energy by period, with its quality and corrections
//! - [`readings`]: official readings, events, the doctor
//! - [`corrections`]: what the user says against the books
//! - [`money`]: prices, costs and peaks
//! - [`admin`]: settings, backups, a new start
//! - [`health`]: whether the program is alive and well
//! - [`openapi`]: the description of all this

pub(crate) mod admin;
pub(crate) mod corrections;
pub(crate) mod document;
pub(crate) mod energy;
pub(crate) mod health;
pub(crate) mod history;
pub(crate) mod meters;
pub(crate) mod money;
pub(crate) mod openapi;
pub(crate) mod readings;
pub(crate) mod status;
pub(crate) mod table;
