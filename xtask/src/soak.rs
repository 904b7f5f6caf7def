//! The noise soak: a million messages of simulated meters through bit errors of 1e-5.
//!
//! The program stands in `crates/hanport-sim/benches/soak.rs`; its short form is an ordinary
//! test. It fails when a value is read that was not sent, when a message without damage is not
//! read, and when memory grows.

use crate::steps::{Stop, cargo, run as run_command};

/// Messages of all meters together, unless the command line says otherwise.
const MESSAGES: u64 = 1_000_000;

/// `cargo xtask soak`.
pub(crate) fn run(arguments: &[String]) -> Result<(), Stop> {
    let messages = messages(arguments)?.to_string();
    let mut bench = cargo(&["bench", "--package", "hanport-sim", "--bench", "soak", "--"]);
    run_command(bench.arg(messages)).map_err(|why| {
        let advice = "the table above names the meter: what did the reader make of its messages?";
        Stop::failed("soak", why, advice)
    })
}

fn messages(arguments: &[String]) -> Result<u64, Stop> {
    match arguments {
        [] => Ok(MESSAGES),
        [option, number] if option == "--frames" => number
            .parse()
            .map_err(|_| Stop::usage(format!("`--frames {number}`: a number is needed"))),
        _ => Err(Stop::usage("usage: cargo xtask soak [--frames N]".to_owned())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_may_be_given() {
        let words = |words: &[&str]| words.iter().map(ToString::to_string).collect::<Vec<_>>();
        assert_eq!(messages(&[]).unwrap(), MESSAGES);
        assert_eq!(messages(&words(&["--frames", "20"])).unwrap(), 20);
        assert!(messages(&words(&["--frames", "many"])).is_err());
        assert!(messages(&words(&["20"])).is_err());
    }
}
