//! Instructions per decoded message, counted by callgrind, against the stored numbers.
//!
//! The cases and the loop stand in `crates/hanport-sim/benches`; each is run with no round and
//! with [`ROUNDS`], and the difference is divided, so that nothing but the decoding counts.
//! Counts repeat where times do not: a change of more than 2 % is a change of the code.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use crate::machine::{self, Task};
use crate::steps::{Stop, cargo, output, program, root};

const ROUNDS: u64 = 1000;
/// How far a count may be above the stored one, in thousandths.
const TOLERANCE: u64 = 20;
const STORED: &str = "crates/hanport-sim/benches/instructions.txt";

/// One case of the bench.
#[derive(Debug, PartialEq, Eq)]
struct Case {
    name: String,
    /// What it must not need more than, by the design; 0 where there is no bar.
    bar: u64,
}

/// What a count is, beside the stored one.
#[derive(Debug, PartialEq, Eq)]
enum Verdict {
    Better,
    Fine,
    New,
    Worse,
}

impl Verdict {
    fn of(count: u64, stored: Option<u64>) -> Self {
        let Some(stored) = stored else { return Self::New };
        let slack = stored * TOLERANCE / 1000;
        match count {
            _ if count > stored + slack => Self::Worse,
            _ if count + slack < stored => Self::Better,
            _ => Self::Fine,
        }
    }

    const fn word(&self) -> &'static str {
        match self {
            Self::Better => "better: keep it with --store",
            Self::Fine => "as stored",
            Self::New => "not stored yet: --store",
            Self::Worse => "WORSE",
        }
    }
}

/// `cargo xtask perf`.
pub(crate) fn run(arguments: &[String]) -> Result<(), Stop> {
    machine::set_up(&[Task::Perf])?;
    let store = arguments.iter().any(|argument| argument == "--store");
    let only = arguments.iter().find(|argument| !argument.starts_with('-'));
    let failed = |why: String| Stop::failed("perf", why, "see above; does `cargo bench` build?");
    let binary = build().map_err(failed)?;
    let cases = cases(&output(&mut bench(&binary, &["--list"])).map_err(failed)?);
    let mut stored = read(&fs::read_to_string(root().join(STORED)).unwrap_or_default());
    let mut worse = 0;
    println!("{:<28} {:>9} {:>9} {:>7} {:>9} {:>6}", "case", "count", "stored", "", "bar", "");
    for case in cases.iter().filter(|case| only.is_none_or(|only| *only == case.name)) {
        let count = count(&binary, &case.name).map_err(failed)?;
        let before = stored.get(&case.name).copied();
        let verdict = Verdict::of(count, before);
        worse += usize::from(verdict == Verdict::Worse);
        println!(
            "{:<28} {count:>9} {:>9} {:>7} {:>9} {:>6}  {}",
            case.name,
            before.map_or_else(|| "-".to_owned(), |number| number.to_string()),
            ratio(count, before.unwrap_or(0)),
            if case.bar == 0 { "-".to_owned() } else { case.bar.to_string() },
            ratio(count, case.bar),
            verdict.word(),
        );
        stored.insert(case.name.clone(), count);
    }
    if store {
        fs::write(root().join(STORED), written(&stored)).map_err(|e| failed(e.to_string()))?;
        println!("stored in {STORED}");
    } else if worse > 0 {
        let why = format!("{worse} cases need more than 2 % more instructions than stored");
        let advice = "find what costs, or say in the change why it is worth it and use --store";
        return Err(Stop::failed("perf", why, advice));
    }
    Ok(())
}

/// A quotient with two decimals.
fn ratio(count: u64, of: u64) -> String {
    if of == 0 {
        return "-".to_owned();
    }
    let hundredths = count * 100 / of;
    format!("{}.{:02}", hundredths / 100, hundredths % 100)
}

/// Builds the bench and gives the path of the program.
fn build() -> Result<PathBuf, String> {
    let mut command = cargo(&["bench", "--no-run", "--package", "hanport-sim"]);
    command.args(["--bench", "instructions", "--message-format", "json-render-diagnostics"]);
    let messages = output(&mut command)?;
    let executable = messages.lines().find_map(|line| {
        let message: Value = serde_json::from_str(line).ok()?;
        let ours = message["target"]["name"] == "instructions";
        message["executable"].as_str().filter(|_| ours).map(PathBuf::from)
    });
    executable.ok_or_else(|| "cargo names no program for the bench".to_owned())
}

fn bench(binary: &Path, arguments: &[&str]) -> Command {
    program(&binary.to_string_lossy(), arguments)
}

/// `name bar` on each line.
fn cases(text: &str) -> Vec<Case> {
    let row = |line: &str| {
        let (name, bar) = line.split_once(' ')?;
        Some(Case { name: name.to_owned(), bar: bar.trim().parse().ok()? })
    };
    text.lines().filter_map(row).collect()
}

fn count(binary: &Path, case: &str) -> Result<u64, String> {
    let one = |rounds: u64| -> Result<u64, String> {
        let mut command = program("valgrind", &["--tool=callgrind"]);
        command.arg("--callgrind-out-file=/dev/null").arg(binary);
        let done = command.arg(case).arg(rounds.to_string()).output().map_err(|e| e.to_string())?;
        let said = String::from_utf8_lossy(&done.stderr).into_owned();
        collected(&said).filter(|_| done.status.success()).ok_or(said)
    };
    Ok(one(ROUNDS)?.saturating_sub(one(0)?) / ROUNDS)
}

/// The count in `==123== Collected : 456`.
fn collected(said: &str) -> Option<u64> {
    let (_, rest) = said.split_once("Collected : ")?;
    rest.split_whitespace().next()?.parse().ok()
}

fn read(text: &str) -> BTreeMap<String, u64> {
    let row = |line: &str| {
        let (name, count) = line.split_once(' ')?;
        Some((name.to_owned(), count.trim().parse().ok()?))
    };
    text.lines().filter_map(row).collect()
}

fn written(stored: &BTreeMap<String, u64>) -> String {
    let head = "# instructions a message; written by `cargo xtask perf --store`\n".to_owned();
    stored.iter().fold(head, |text, (name, count)| text + &format!("{name} {count}\n"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_per_cent_are_tolerated_and_no_more() {
        assert_eq!(Verdict::of(1020, Some(1000)), Verdict::Fine);
        assert_eq!(Verdict::of(1021, Some(1000)), Verdict::Worse);
        assert_eq!(Verdict::of(979, Some(1000)), Verdict::Better);
        assert_eq!(Verdict::of(979, None), Verdict::New);
    }

    #[test]
    fn what_is_stored_is_read_back() {
        let stored = BTreeMap::from([("a".to_owned(), 12), ("b-c".to_owned(), 3)]);
        assert_eq!(read(&written(&stored)), stored);
    }

    #[test]
    fn valgrind_and_the_bench_are_understood() {
        assert_eq!(collected("==7== Events    : Ir\n==7== Collected : 1234\n==7=="), Some(1234));
        assert_eq!(collected("==7== cannot execute"), None);
        assert_eq!(cases("aidon 12000\n"), [Case { name: "aidon".to_owned(), bar: 12_000 }]);
    }

    #[test]
    fn ratios_have_two_decimals() {
        assert_eq!(ratio(1234, 1000), "1.23");
        assert_eq!(ratio(5, 0), "-");
    }
}
