//! Live updates: server-sent events from the board to any number of browsers and scripts.
//!
//! ```text
//!  Board::publish --> Hub::take --> one Event, written once, shared by all
//!                        |
//!                        +--> Queue of client 1   newest live of each meter + the rest in order
//!                        +--> Queue of client 2   bounded; a slow client loses old values, and
//!                        |                        is told how many others it lost
//!                        +--> Recent              intervals and incidents, for who comes back
//! ```
//!
//! - [`event`]: what is told, and how it is written
//! - [`queue`]: what waits for one client
//! - [`hub`]: who listens
//! - [`body`]: the stream of one client

pub(crate) mod body;
pub(crate) mod event;
pub(crate) mod hub;
pub(crate) mod queue;

pub(crate) use hub::Hub;
