//! What the fuzz targets do with their octets.
//!
//! Each target is a function here, so that the fuzzing engine (`cargo xtask fuzz`, nightly
//! compiler) and an ordinary test (`tests/seeds.rs`, any compiler) run the same code. A target
//! fails by panicking: in the core, or in an assertion about what must hold for any input.

mod frames;
mod links;
mod packed;
mod stream;
mod texts;

pub use stream::reaches_the_list;

/// A fuzz target.
#[derive(Clone, Copy, Debug)]
pub struct Target {
    /// Its name: the file in `fuzz_targets` and the word on the command line.
    pub name: &'static str,
    /// What it does with any octets.
    pub body: fn(&[u8]),
}

/// All of them.
pub const TARGETS: &[Target] = &[
    Target { name: "apdu", body: frames::apdu },
    Target { name: "axdr", body: frames::axdr },
    Target { name: "capture", body: texts::capture },
    Target { name: "decrypt", body: frames::decrypt },
    Target { name: "explain", body: texts::explanation },
    Target { name: "gbt", body: frames::gbt },
    Target { name: "hdlc", body: links::hdlc },
    Target { name: "key", body: texts::key },
    Target { name: "mbus", body: links::mbus },
    Target { name: "oms", body: frames::oms },
    Target { name: "p1", body: frames::p1 },
    Target { name: "series", body: packed::series },
    Target { name: "prices", body: texts::prices },
    Target { name: "sml", body: frames::sml },
    Target { name: "stream", body: stream::stream },
    Target { name: "tariff", body: texts::grid_tariff },
];

/// Runs the target of this name.
///
/// # Panics
/// Where the target finds a fault, and where there is no such target.
pub fn run(name: &str, data: &[u8]) {
    let target = TARGETS.iter().find(|target| target.name == name);
    (target.unwrap_or_else(|| panic!("there is no target {name}")).body)(data);
}
