//! The gates and the tests, in order, cheap ones first.

use crate::closing::Closing;
use crate::machine::{self, Task};
use crate::steps::{Steps, Stop, answers, cargo, output, program, root, run, target, watched};
use crate::{nostd, page, tidy};

/// What a run is asked to do.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Options {
    full: bool,
    quick: bool,
}

impl Options {
    fn parse(arguments: &[String], known: &[&str]) -> Result<Self, Stop> {
        let mut options = Self::default();
        for argument in arguments {
            match argument.as_str() {
                "--quick" if known.contains(&"--quick") => options.quick = true,
                "--full" if known.contains(&"--full") => options.full = true,
                other => {
                    let why = format!("`{other}` is no option here; there are {known:?}");
                    return Err(Stop::usage(why));
                }
            }
        }
        Ok(options)
    }
}

/// A tool that cargo can be extended with, used where it is there.
struct Tool {
    /// The crate that brings it, and its program.
    package: &'static str,
}

const NEXTEST: Tool = Tool { package: "cargo-nextest" };
const DENY: Tool = Tool { package: "cargo-deny" };
const MACHETE: Tool = Tool { package: "cargo-machete" };

impl Tool {
    fn is_there(&self) -> bool {
        // not by way of cargo: some take the word in between for an argument
        answers(&mut program(self.package, &["--version"]))
    }
}

/// Every gate and every test.
pub(crate) fn test(arguments: &[String]) -> Result<(), Stop> {
    let options = Options::parse(arguments, &["--quick", "--full"])?;
    machine::set_up(&[Task::Test])?;
    let mut steps = Steps::new();
    if options.full {
        install_tools(&mut steps)?;
    }
    locked(&mut steps)?;
    formatted(&mut steps)?;
    if let Err(why) = page::build() {
        why.tell();
    }
    clippy(&mut steps)?;
    rust_tests(&mut steps)?;
    if !options.quick {
        doc_tests(&mut steps)?;
        fuzz_bodies(&mut steps)?;
        documented(&mut steps)?;
        sources(&mut steps)?;
        dependencies(&mut steps)?;
        page::test(&mut steps)?;
    }
    steps.finish();
    Ok(())
}

/// The gates without the tests.
pub(crate) fn check(arguments: &[String]) -> Result<(), Stop> {
    Options::parse(arguments, &[])?;
    machine::set_up(&[Task::Test])?;
    let mut steps = Steps::new();
    locked(&mut steps)?;
    formatted(&mut steps)?;
    clippy(&mut steps)?;
    documented(&mut steps)?;
    sources(&mut steps)?;
    dependencies(&mut steps)?;
    steps.finish();
    Ok(())
}

fn install_tools(steps: &mut Steps) -> Result<(), Stop> {
    for tool in [NEXTEST, DENY, MACHETE].iter().filter(|tool| !tool.is_there()) {
        let advice = "install it by hand, or run without --full";
        steps.step(&format!("install {}", tool.package), advice, |_| {
            run(&mut cargo(&["install", "--locked", tool.package]))
        })?;
    }
    Ok(())
}

/// The workspaces: the one of the program, and those beside it that need other settings.
const MANIFESTS: [&str; 3] = ["Cargo.toml", "fuzz/Cargo.toml", "checks/nostd/Cargo.toml"];

/// Each workspace has its own lock file, and all follow the dependencies of the core.
fn locked(steps: &mut Steps) -> Result<(), Stop> {
    let advice = "cargo update --workspace --manifest-path MANIFEST, for the one named above";
    steps.step("lock files", advice, |_| {
        MANIFESTS.iter().try_for_each(|manifest| {
            let mut command = cargo(&["metadata", "--locked", "--format-version", "1"]);
            output(command.args(["--manifest-path", manifest])).map(drop)
        })
    })
}

fn formatted(steps: &mut Steps) -> Result<(), Stop> {
    steps.step("format", "run `cargo fmt` (with --manifest-path for fuzz and checks)", |_| {
        MANIFESTS.iter().try_for_each(|manifest| {
            run(&mut cargo(&["fmt", "--all", "--check", "--manifest-path", manifest]))
        })
    })
}

fn clippy(steps: &mut Steps) -> Result<(), Stop> {
    let advice = "mend what clippy names; an `allow` needs a reason";
    steps.step("clippy", advice, |_| {
        for manifest in ["Cargo.toml", "fuzz/Cargo.toml"] {
            let mut command = cargo(&["clippy", "--workspace", "--all-targets", "--locked"]);
            command.args(["--manifest-path", manifest]).env("CARGO_TARGET_DIR", target());
            run(command.args(["--", "-D", "warnings"]))?;
        }
        Ok(())
    })
}

fn rust_tests(steps: &mut Steps) -> Result<(), Stop> {
    let advice = "read the first failure above; run it alone with `cargo test NAME`";
    let mut command = if NEXTEST.is_there() {
        cargo(&["nextest", "run", "--workspace", "--locked", "--no-fail-fast"])
    } else {
        cargo(&["test", "--workspace", "--locked", "--no-fail-fast", "--lib", "--bins", "--tests"])
    };
    steps.step("tests", advice, |closing| counted(&mut command, closing))
}

fn doc_tests(steps: &mut Steps) -> Result<(), Stop> {
    let advice = "an example in the documentation does not hold: mend it";
    let mut command = cargo(&["test", "--workspace", "--locked", "--no-fail-fast", "--doc"]);
    steps.step("documentation tests", advice, |closing| counted(&mut command, closing))
}

/// The bodies of the fuzz targets, driven by their seeds with the ordinary compiler.
fn fuzz_bodies(steps: &mut Steps) -> Result<(), Stop> {
    let advice = "the failing seed is named above; fuzz/README.md says how to run it alone";
    let mut command = cargo(&["test", "--locked", "--manifest-path", "fuzz/Cargo.toml"]);
    command.env("CARGO_TARGET_DIR", target());
    steps.step("fuzz targets on their seeds", advice, |closing| counted(&mut command, closing))
}

fn documented(steps: &mut Steps) -> Result<(), Stop> {
    let advice = "mend the link or the comment that rustdoc names";
    steps.step("documentation", advice, |_| {
        let mut command = cargo(&["doc", "--workspace", "--no-deps", "--locked", "--quiet"]);
        run(command.args(["--document-private-items"]).env("RUSTDOCFLAGS", "-D warnings"))
    })
}

fn sources(steps: &mut Steps) -> Result<(), Stop> {
    let advice = "something below hanport-core links std or alloc: look for a default feature";
    steps.step("no standard library in the core", advice, |_| nostd::prove())?;
    let advice = "mend the lines named above, or give the exception a reason in xtask/src/tidy";
    steps.step("tidy", advice, |_| tidy::check())?;
    if answers(&mut program("typos", &["--version"])) {
        let advice = "mend the spelling, or add the word to typos.toml";
        steps.step("spelling", advice, |_| run(&mut program("typos", &[])))
    } else {
        steps.skip("spelling", "typos is not installed (`pip install typos`)");
        Ok(())
    }
}

fn dependencies(steps: &mut Steps) -> Result<(), Stop> {
    if DENY.is_there() {
        let advice = "see deny.toml: a licence, a banned crate or a foreign source";
        steps.step("dependencies (cargo deny)", advice, |_| {
            // advisories need the network and belong to a release
            run(&mut cargo(&["deny", "check", "bans", "licenses", "sources"]))
        })?;
    } else {
        steps.skip("dependencies (cargo deny)", "cargo-deny is not installed (--full installs it)");
    }
    if MACHETE.is_there() {
        let advice = "remove the dependency that nothing uses";
        steps.step("unused dependencies (cargo machete)", advice, |_| {
            let folders = ["crates", "xtask", "fuzz", "checks"];
            // not by way of cargo, as above
            run(program(MACHETE.package, &[]).args(folders.map(|folder| root().join(folder))))
        })
    } else {
        let why = "cargo-machete is not installed (--full installs it)";
        steps.skip("unused dependencies (cargo machete)", why);
        Ok(())
    }
}

fn counted(command: &mut std::process::Command, closing: &mut Closing) -> Result<(), String> {
    watched(command, |line| closing.watch(line))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unknown_options_are_refused() {
        let words = |words: &[&str]| words.iter().map(ToString::to_string).collect::<Vec<_>>();
        assert!(Options::parse(&words(&["--quick"]), &["--quick"]).unwrap().quick);
        assert!(Options::parse(&words(&["--quick"]), &[]).is_err());
        assert!(Options::parse(&words(&["--fast"]), &["--quick", "--full"]).is_err());
    }
}
