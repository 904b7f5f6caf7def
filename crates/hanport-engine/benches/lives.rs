//! A year in the life of a program at every simulated meter, with outages, damaged messages and
//! kills at random moments, and the books compared with the house.
//!
//! `cargo bench -p hanport-engine --bench lives -- 365 aidon` lives a year at the meters whose
//! name contains `aidon`; without words it is 30 days of all. It stops at the first book that
//! does not add up.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "it may stop where it is")]
#![allow(clippy::print_stdout, reason = "it prints the figures")]

#[path = "../tests/life/mod.rs"]
mod life;

use std::time::Instant;

use hanport_sim::meter::personalities;
use life::Life;

const ZONES: [&str; 5] =
    ["Europe/Oslo", "Europe/Lisbon", "Europe/Helsinki", "Europe/Dublin", "Europe/Bucharest"];

fn main() {
    let arguments: Vec<String> =
        std::env::args().skip(1).filter(|a| !a.starts_with("--")).collect();
    let days = arguments.iter().find_map(|argument| argument.parse().ok()).unwrap_or(30);
    let name = arguments.iter().find(|argument| argument.parse::<u64>().is_err());
    let wanted = |meter: &str| name.is_none_or(|name| meter.contains(name.as_str()));
    println!(
        "meter                   zone               readings   faults  kills  quarters  can peak  seconds"
    );
    for (index, personality) in personalities().filter(|p| wanted(p.name)).enumerate() {
        let zone = ZONES[index % ZONES.len()];
        let begun = Instant::now();
        let start = "2026-01-01T03:00";
        let seed = u64::try_from(index).unwrap() + 1;
        let legacy = Life { personality, zone: Some(zone), start, days, seed }.live();
        legacy.check();
        let (quarters, can_peak) = legacy.quarters();
        println!(
            "{:<22}  {zone:<16} {:>10} {:>8} {:>6} {quarters:>9} {can_peak:>9} {:>8.1}",
            personality.name,
            legacy.readings,
            legacy.faults,
            legacy.kills,
            begun.elapsed().as_secs_f64(),
        );
    }
}
