//! The outside: where octets come from and go to.
//!
//! - [`source`] is where the octets of a meter come from: ports, sockets, brokers, files. It is
//!   asynchronous and reads for ever; [`record`] writes down what it sends
//! - [`Outlet`] is where a simulated meter talks to: a pseudo-terminal ([`pty`]), clients over TCP
//!   ([`tcp`]), standard output or a file ([`sink`]). It blocks, and [`stop`] knows whether there
//!   is still something to wait for
//! - [`broker`] is the way to an MQTT broker, for whoever publishes to one or reads from one;
//!   [`mqtt`] publishes to one
//! - [`prices`] fetches prices and exchange rates, [`download`] pages and files over HTTP

//! - [`download`] fetches pages and files over HTTP
//! - [`clock`] tells the time and waits, [`terminal`] knows terminals

pub mod broker;
pub mod clock;
pub mod download;
pub mod mqtt;
pub mod outlet;
pub mod prices;
pub mod pty;
pub mod record;
pub mod sink;
pub mod source;
pub mod stop;
pub mod tcp;
pub mod terminal;

pub use outlet::Outlet;
