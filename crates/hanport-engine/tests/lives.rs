//! Days in the life of a program at every simulated meter, over both changes of the clocks, with
//! outages, damaged messages and kills: whatever happens, the books add up and invent nothing.
//! `cargo bench -p hanport-engine --bench lives` does the same for a year of each.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may stop where it is")]

mod life;

use hanport_sim::meter::{Personality, personalities};
use life::Life;

const ZONES: [&str; 5] =
    ["Europe/Oslo", "Europe/Lisbon", "Europe/Helsinki", "Europe/Dublin", "Europe/Bucharest"];

/// Meters that send every second take ten times as long, and differ in little: some of them.
fn is_tried(personality: &Personality) -> bool {
    let some = ["dsmr5-nl", "kaifa-no", "kamstrup-se"];
    personality.interval_ms >= 10_000 || some.contains(&personality.name)
}

fn every_meter(start: &'static str) {
    let mut kills = 0;
    for (seed, personality) in (1..).zip(personalities().filter(|p| is_tried(p))) {
        let legacy = Life { personality, zone: None, start, days: 2, seed }.live();
        legacy.check();
        kills += legacy.kills;
    }
    assert!(kills > 20);
}

#[test]
fn every_meter_over_the_change_in_spring() {
    every_meter("2026-03-28T03:00");
}

#[test]
fn every_meter_over_the_change_in_autumn() {
    every_meter("2026-10-24T03:00");
}

#[test]
fn meters_of_each_habit_in_five_zones() {
    let habits = ["kaifa-se", "kamstrup-no", "aidon-se", "dsmr4-nl"];
    for name in habits {
        let Some(personality) = hanport_sim::meter::personality(name) else { continue };
        for (seed, zone) in (77..).zip(ZONES) {
            for start in ["2026-03-28T12:00", "2026-10-24T12:00"] {
                Life { personality, zone: Some(zone), start, days: 2, seed }.live().check();
            }
        }
    }
}
