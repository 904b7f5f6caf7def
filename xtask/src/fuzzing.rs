//! The fuzz targets, one after the other.
//!
//! Needs the nightly compiler and cargo-fuzz. The seeds (`fuzz/seeds/*.hex`, readable) are put
//! into the corpus of every target first; what the engine finds stays in `fuzz/corpus`.

use std::fs;
use std::path::Path;

use crate::machine::{self, Task};
use crate::steps::{Stop, answers, program, root, watched};

const NIGHTLY: &str = "+nightly";
const ADVICE: &str = "rustup toolchain install nightly; cargo install --locked cargo-fuzz";

/// What is asked for.
#[derive(Debug, PartialEq, Eq)]
struct Options {
    minutes: u32,
    only: Option<String>,
}

impl Options {
    fn parse(arguments: &[String]) -> Result<Self, Stop> {
        let mut options = Self { minutes: 10, only: None };
        let mut rest = arguments.iter();
        while let Some(argument) = rest.next() {
            match argument.as_str() {
                "--minutes" => {
                    let number = rest.next().and_then(|number| number.parse().ok());
                    let why = || Stop::usage("--minutes wants a number from 1 on".to_owned());
                    // the engine takes 0 for "without end"
                    options.minutes = number.filter(|n| *n > 0).ok_or_else(why)?;
                }
                name if !name.starts_with('-') => options.only = Some(name.to_owned()),
                other => return Err(Stop::usage(format!("`{other}` is no option here"))),
            }
        }
        Ok(options)
    }
}

/// What one target came to.
#[derive(Debug, Default, PartialEq, Eq)]
struct Run {
    executions: u64,
    per_second: u64,
    covered: u64,
}

impl Run {
    /// Looks at one line of the engine's output.
    fn watch(&mut self, line: &str) {
        let after = |start: &str| line.strip_prefix(start).and_then(|n| n.trim().parse().ok());
        if let Some(number) = after("stat::number_of_executed_units:") {
            self.executions = number;
        }
        if let Some(number) = after("stat::average_exec_per_sec:") {
            self.per_second = number;
        }
        let covered = line.split_once(" cov: ").and_then(|(_, rest)| rest.split(' ').next());
        if let Some(number) = covered.and_then(|number| number.parse().ok()) {
            self.covered = number;
        }
    }
}

/// `cargo xtask fuzz`.
pub(crate) fn run(arguments: &[String]) -> Result<(), Stop> {
    let options = Options::parse(arguments)?;
    machine::set_up(&[Task::Fuzz])?;
    if !answers(&mut program("cargo", &[NIGHTLY, "fuzz", "--version"])) {
        return Err(Stop::failed("fuzz", "nightly or cargo-fuzz is missing", ADVICE));
    }
    let all = targets().map_err(|why| Stop::failed("fuzz", why, "is fuzz/fuzz_targets there?"))?;
    let chosen: Vec<&String> =
        all.iter().filter(|name| options.only.as_ref().is_none_or(|only| only == *name)).collect();
    if chosen.is_empty() {
        return Err(Stop::usage(format!("there are these targets: {}", all.join(", "))));
    }
    let mut table = Vec::new();
    for (number, name) in (1..).zip(&chosen) {
        println!("\n== {name} ({number} of {}), {} minutes", chosen.len(), options.minutes);
        plant(name)
            .map_err(|e| Stop::failed(name, e.to_string(), "can fuzz/corpus be written?"))?;
        let advice = "the input is in fuzz/artifacts; make it a seed when the fault is mended";
        let run = one(name, options.minutes).map_err(|why| Stop::failed(name, why, advice))?;
        table.push((name, run));
    }
    println!("\n{:<10} {:>13} {:>11} {:>8}", "target", "executions", "a second", "edges");
    for (name, run) in &table {
        println!("{name:<10} {:>13} {:>11} {:>8}", run.executions, run.per_second, run.covered);
    }
    Ok(())
}

fn one(name: &str, minutes: u32) -> Result<Run, String> {
    let mut command = program("cargo", &[NIGHTLY, "fuzz", "run", "--features", "libfuzzer", name]);
    command.arg("--").arg(format!("-max_total_time={}", u64::from(minutes) * 60));
    command.args(["-max_len=4096", "-print_final_stats=1", "-verbosity=1", "-timeout=10"]);
    // set by the compiler that runs us, and stronger than `+nightly`
    for variable in ["CARGO", "CARGO_TARGET_DIR", "RUSTUP_TOOLCHAIN", "RUSTC", "RUSTDOC"] {
        command.env_remove(variable);
    }
    let mut run = Run::default();
    watched(&mut command, |line| run.watch(line))?;
    Ok(run)
}

/// The names of the targets, sorted.
fn targets() -> Result<Vec<String>, String> {
    let folder = root().join("fuzz/fuzz_targets");
    let files = fs::read_dir(&folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    let stem = |path: &Path| path.file_stem().map(|stem| stem.to_string_lossy().into_owned());
    let mut names: Vec<String> = files.flatten().filter_map(|file| stem(&file.path())).collect();
    names.sort();
    Ok(names)
}

/// Puts the seeds into the corpus of a target.
fn plant(target: &str) -> std::io::Result<()> {
    let corpus = root().join("fuzz/corpus").join(target);
    fs::create_dir_all(&corpus)?;
    for file in fs::read_dir(root().join("fuzz/seeds"))?.flatten() {
        let path = file.path();
        if let Some(name) = path.file_stem() {
            fs::write(corpus.join(name), octets(&fs::read_to_string(&path)?))?;
        }
    }
    Ok(())
}

/// The octets of a seed: hexadecimal digits; a line from `#` on is for people.
fn octets(text: &str) -> Vec<u8> {
    let kept = text.lines().map(|line| line.split('#').next().unwrap_or(""));
    let digits: Vec<u32> = kept.flat_map(str::chars).filter_map(|c| c.to_digit(16)).collect();
    let pairs = digits.chunks_exact(2);
    pairs.filter_map(|pair| u8::try_from(pair.iter().fold(0, |sum, d| sum << 4 | d)).ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_engine_is_understood() {
        let mut run = Run::default();
        run.watch("#4194304\tpulse  cov: 812 ft: 3044 corp: 411/52Kb exec/s: 52428 rss: 640Mb");
        run.watch("stat::number_of_executed_units: 31457280");
        run.watch("stat::average_exec_per_sec:     52341");
        assert_eq!(run, Run { executions: 31_457_280, per_second: 52_341, covered: 812 });
    }

    #[test]
    fn minutes_and_a_target_can_be_chosen() {
        let words = |words: &[&str]| words.iter().map(ToString::to_string).collect::<Vec<_>>();
        let options = Options::parse(&words(&["--minutes", "2", "p1"])).unwrap();
        assert_eq!(options, Options { minutes: 2, only: Some("p1".to_owned()) });
        assert!(Options::parse(&words(&["--minutes"])).is_err());
        assert!(Options::parse(&words(&["--minutes", "0"])).is_err());
        assert!(Options::parse(&words(&["--hours"])).is_err());
    }

    #[test]
    fn every_seed_has_octets() {
        for file in fs::read_dir(root().join("fuzz/seeds")).unwrap() {
            let path = file.unwrap().path();
            assert!(!octets(&fs::read_to_string(&path).unwrap()).is_empty(), "{path:?}");
        }
    }

    #[test]
    fn every_target_has_its_binary() {
        let manifest = fs::read_to_string(root().join("fuzz/Cargo.toml")).unwrap();
        for name in targets().unwrap() {
            assert!(manifest.contains(&format!("name = \"{name}\"")), "{name}");
        }
    }
}
