//! The publisher against real brokers: what arrives, what is said when it does not, and that
//! nothing is lost that is to be kept.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test may stop where it is"
)]

mod faults;
mod meter;
mod mosquitto;
mod proxy;
mod subscriber;
mod trouble;
mod words;
