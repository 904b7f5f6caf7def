//! Line coverage of the core by the tests of the workspace.
//!
//! The compiler records (`-C instrument-coverage`), Debian's LLVM of the same major version
//! reads. Lines of test modules are not counted: a file counts up to its `#[cfg(test)]` that
//! begins the tests.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::machine::{self, Task};
use crate::steps::{Stop, cargo, output, program, root, run as run_command, target};

/// The major version of LLVM in the compiler that `rust-toolchain.toml` names.
const LLVM: &str = "22";
/// What is measured.
const MEASURED: &str = "crates/hanport-core/src/";

/// The lines of one file that code stands on: number and how often it ran.
type Lines = BTreeMap<usize, u64>;

/// `cargo xtask coverage`.
pub(crate) fn run(arguments: &[String]) -> Result<(), Stop> {
    let show = arguments.iter().any(|argument| argument == "--lines");
    machine::set_up(&[Task::Coverage])?;
    let advice = "do the tests pass? `cargo xtask test` says more";
    let record = record().map_err(|why| Stop::failed("coverage", why, advice))?;
    let files = without_tests(parse(&record));
    println!("\n{:<44} {:>6} {:>7} {:>8}", "file", "lines", "missed", "covered");
    let mut sum = (0, 0);
    for (name, lines) in &files {
        let missed: Vec<usize> = lines.iter().filter(|(_, n)| **n == 0).map(|(l, _)| *l).collect();
        println!("{}", row(name, lines.len(), missed.len()));
        sum = (sum.0 + lines.len(), sum.1 + missed.len());
        if show && !missed.is_empty() {
            println!("    not covered: {}", ranges(&missed));
        }
    }
    println!("{}", row("hanport-core", sum.0, sum.1));
    Ok(())
}

fn row(name: &str, lines: usize, missed: usize) -> String {
    let hundredths = ((lines - missed) * 10_000).checked_div(lines).unwrap_or(10_000);
    let (whole, part) = (hundredths / 100, hundredths % 100);
    format!("{name:<44} {lines:>6} {missed:>7} {whole:>4}.{part:02} %")
}

/// Runs the tests with recording, and gives the record as lcov text.
fn record() -> Result<String, String> {
    let folder = target().join("coverage");
    let raw = folder.join("raw");
    // records of an earlier run belong to other programs
    let _ = fs::remove_dir_all(&raw);
    let tests = ["test", "--workspace", "--exclude", "xtask", "--lib", "--bins", "--tests"];
    let recording = |extra: &[&str]| {
        let mut command = cargo(&tests);
        command.args(extra).env("RUSTFLAGS", "-C instrument-coverage");
        command.env("CARGO_TARGET_DIR", &folder);
        command.env("LLVM_PROFILE_FILE", raw.join("%p-%m.profraw"));
        command
    };
    let messages = output(&mut recording(&["--no-run", "--message-format", "json"]))?;
    if let Err(why) = run_command(&mut recording(&["--quiet", "--no-fail-fast"])) {
        println!("{why}: not every test passed; the figures hold for what ran");
    }
    let merged = folder.join("merged.profdata");
    let mut merge = program(&format!("llvm-profdata-{LLVM}"), &["merge", "-sparse", "-o"]);
    run_command(merge.arg(&merged).arg(&raw))?;
    let mut export = program(&format!("llvm-cov-{LLVM}"), &["export", "-format=lcov"]);
    export.arg(format!("-instr-profile={}", merged.display()));
    for binary in executables(&messages) {
        export.arg("-object").arg(binary);
    }
    output(export.arg("-sources").arg(root().join(MEASURED)))
}

fn executables(messages: &str) -> Vec<PathBuf> {
    let read = |line: &str| {
        let message: Value = serde_json::from_str(line).ok()?;
        message["executable"].as_str().map(PathBuf::from)
    };
    messages.lines().filter_map(read).collect()
}

/// Reads lcov: `SF:` names a file, `DA:line,count` says how often a line ran.
fn parse(record: &str) -> BTreeMap<String, Lines> {
    let mut files: BTreeMap<String, Lines> = BTreeMap::new();
    let mut name = String::new();
    for line in record.lines() {
        if let Some(path) = line.strip_prefix("SF:") {
            path.clone_into(&mut name);
        } else if let Some(data) = line.strip_prefix("DA:") {
            let mut numbers = data.split(',').map(str::parse::<u64>);
            if let (Some(Ok(at)), Some(Ok(count))) = (numbers.next(), numbers.next()) {
                let at = usize::try_from(at).unwrap_or(usize::MAX);
                // a generic function stands in several programs: one run is enough
                let ran = files.entry(name.clone()).or_default().entry(at).or_default();
                *ran = (*ran).max(count);
            }
        }
    }
    files
}

/// The files of the core by short name, each up to its tests.
fn without_tests(files: BTreeMap<String, Lines>) -> BTreeMap<String, Lines> {
    let mut kept = BTreeMap::new();
    for (path, lines) in files {
        let text = fs::read_to_string(Path::new(&path)).unwrap_or_default();
        let end = tests_begin(&text);
        let Some((_, name)) = path.split_once(MEASURED) else { continue };
        let name = name.to_owned();
        if !only_tests(&name) {
            kept.insert(name, lines.into_iter().filter(|(line, _)| *line < end).collect());
        }
    }
    kept
}

/// Whether a file holds tests only: `tests.rs`, `p1_tests.rs`, everything in a folder `tests`.
fn only_tests(name: &str) -> bool {
    name.ends_with("tests.rs") || name.contains("tests/")
}

/// The line on which the module of tests begins.
fn tests_begin(text: &str) -> usize {
    let lines: Vec<&str> = text.lines().collect();
    let begins = |pair: &[&str]| matches!(pair, ["#[cfg(test)]", next] if next.starts_with("mod "));
    lines.windows(2).position(begins).map_or(usize::MAX, |at| at + 1)
}

/// Numbers in a row as ranges: `3-5, 9`.
fn ranges(numbers: &[usize]) -> String {
    let mut parts: Vec<(usize, usize)> = Vec::new();
    for &number in numbers {
        match parts.last_mut() {
            Some((_, end)) if *end + 1 == number => *end = number,
            _ => parts.push((number, number)),
        }
    }
    let shown = |(start, end): &(usize, usize)| {
        if start == end { start.to_string() } else { format!("{start}-{end}") }
    };
    parts.iter().map(shown).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_that_ran_in_any_program_is_covered() {
        let files = parse("SF:a.rs\nDA:3,0\nDA:4,2\nend_of_record\nSF:a.rs\nDA:3,1\n");
        assert_eq!(files["a.rs"], BTreeMap::from([(3, 1), (4, 2)]));
    }

    #[test]
    fn tests_are_not_counted() {
        let text = "//! A.\nfn a() {}\n\n#[cfg(test)]\nmod tests {}\n";
        assert_eq!(tests_begin(text), 4);
        assert_eq!(tests_begin("#[cfg(test)]\nextern crate std;\n"), usize::MAX);
    }

    #[test]
    fn files_of_tests_are_left_out() {
        assert!(["session/tests/mod.rs", "link/p1_tests.rs"].into_iter().all(only_tests));
        assert!(!only_tests("link/p1.rs"));
    }

    #[test]
    fn lines_in_a_row_are_a_range() {
        assert_eq!(ranges(&[3, 4, 5, 9]), "3-5, 9");
    }

    #[test]
    fn a_file_without_code_is_covered() {
        assert!(row("a.rs", 0, 0).ends_with("100.00 %"));
        assert!(row("a.rs", 300, 1).ends_with("99.66 %"));
    }
}
