//! What readings mean: pure rules without input, output, clock or runtime.
//!
//! - [`capture`] finds out what a given file or text is and hands on the octets in it
//! - [`detect`] finds out how a serial line is set, [`doctor`] says what is wrong and what to do about it
//! - [`explain`] annotates what a meter sent, [`exact`] writes its numbers into JSON
//! - [`mod@line`] is the line to a meter and what happens to it
//! - [`state`] is what is known of a meter now, [`energy`] books quarter-hours that add up to the
//!   registers, [`time`] says what a meter's clock means
//! - [`money`] is what energy costs: amounts, costs and what outputs show of them
//! - [`publish`] is what goes to brokers: topics and text
//! - [`series`] packs samples over time and rolls them up
//! - [`price`] is what energy costs at the market and by contract, [`tariff`] what the grid charges
//! - [`identity`], [`list_type`], [`view`] and [`board`] are what outputs see of the meters
//! - [`outside`] is what the outside must provide: a clock, an archive, a history, an office

pub mod board;
pub mod capture;
pub mod detect;
pub mod doctor;
pub mod energy;
pub mod exact;
pub mod explain;
pub mod identity;
pub mod line;
pub mod list_type;
pub mod money;
pub mod outside;
pub mod price;
pub mod publish;
pub mod series;
pub mod state;
pub mod tariff;
pub mod time;
pub mod view;
