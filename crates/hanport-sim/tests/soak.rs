//! The short form of `cargo xtask soak`: some ten thousand messages through the noise of a bad
//! line.
#![allow(clippy::expect_used, reason = "a test may stop where it is")]

mod noise;
mod reader;

use hanport_sim::meter::{Personality, personality};

use noise::{Figures, soak};

fn meter(name: &str) -> &'static Personality {
    personality(name).expect("the meter exists")
}

#[test]
fn noise_makes_no_wrong_value_and_costs_no_whole_message() {
    let meters = ["aidon-no", "kaifa-no", "kamstrup-dk", "dsmr5-nl", "sml-de"];
    let sum = meters
        .map(|name| soak(meter(name), 4_000))
        .into_iter()
        .fold(Figures::default(), Figures::and);
    assert_eq!((sum.sent, sum.wrong, sum.lost), (20_000, 0, 0), "{sum:?}");
    assert!(sum.damaged > 200, "{sum:?}");
    assert!(sum.read >= sum.sent - sum.damaged, "{sum:?}");
}
