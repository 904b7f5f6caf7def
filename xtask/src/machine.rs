//! What a machine needs, and its installation.
//!
//! A fresh Debian with only the Rust toolchain is enough to begin: whatever a command needs on
//! top stands in [`NEEDS`], is named before it is installed, and is installed with apt when we
//! are root or sudo asks no password. Else the command to type is printed, and the work goes on
//! where it can.

use std::path::Path;

use crate::steps::{Stop, answers, program, run};

/// What the machine is set up for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Task {
    /// `cargo xtask coverage`
    Coverage,
    /// `cargo xtask demo`
    Demo,
    /// `cargo xtask fuzz`
    Fuzz,
    /// `cargo xtask perf`
    Perf,
    /// `cargo xtask test` and `cargo xtask check`
    Test,
}

/// How to see whether it is there.
#[derive(Clone, Copy, Debug)]
enum Probe {
    /// A file.
    File(&'static str),
    /// A program that answers `--version`.
    Program(&'static str),
    /// A part of the Rust toolchain: the subcommand of cargo that answers `--version`.
    Subcommand(&'static str),
}

/// Who brings it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Source {
    /// A package of Debian.
    Apt(&'static str),
    /// A component of rustup.
    Component(&'static str),
}

/// One thing a machine needs.
struct Need {
    source: Source,
    probe: Probe,
    why: &'static str,
    tasks: &'static [Task],
    /// Whether the work can go on without it.
    spare: bool,
}

use Task::{Coverage, Demo, Fuzz, Perf, Test};

/// Everything that is not the Rust toolchain itself.
const NEEDS: &[Need] = &[
    Need {
        source: Source::Apt("gcc"),
        probe: Probe::Program("cc"),
        why: "links every program that is built",
        tasks: &[Coverage, Demo, Fuzz, Perf, Test],
        spare: false,
    },
    Need {
        source: Source::Apt("libc6-dev"),
        probe: Probe::File("/usr/include/stdlib.h"),
        why: "the C library that programs are linked with",
        tasks: &[Coverage, Demo, Fuzz, Perf, Test],
        spare: false,
    },
    Need {
        source: Source::Component("rustfmt"),
        probe: Probe::Subcommand("fmt"),
        why: "checks the format of the sources",
        tasks: &[Test],
        spare: false,
    },
    Need {
        source: Source::Component("clippy"),
        probe: Probe::Subcommand("clippy"),
        why: "checks the sources against the agreed lints",
        tasks: &[Test],
        spare: false,
    },
    Need {
        source: Source::Apt("nodejs"),
        probe: Probe::Program("node"),
        why: "builds the page",
        tasks: &[Demo, Test],
        spare: true,
    },
    Need {
        source: Source::Apt("npm"),
        probe: Probe::Program("npm"),
        why: "installs what the page is built with",
        tasks: &[Demo, Test],
        spare: true,
    },
    Need {
        source: Source::Apt("ser2net"),
        probe: Probe::File("/usr/sbin/ser2net"),
        why: "hands on serial ports over the network in tests",
        tasks: &[Test],
        spare: true,
    },
    Need {
        source: Source::Apt("iproute2"),
        probe: Probe::File("/usr/sbin/ip"),
        why: "takes a network down in tests",
        tasks: &[Test],
        spare: true,
    },
    Need {
        source: Source::Apt("chromium"),
        probe: Probe::Program("chromium"),
        why: "opens the page in the end-to-end tests",
        tasks: &[Test],
        spare: true,
    },
    Need {
        source: Source::Apt("mosquitto"),
        probe: Probe::File("/usr/sbin/mosquitto"),
        why: "is the broker that the tests of MQTT talk to",
        tasks: &[Test],
        spare: true,
    },
    Need {
        source: Source::Apt("g++"),
        probe: Probe::Program("c++"),
        why: "builds the fuzzing engine",
        tasks: &[Fuzz],
        spare: false,
    },
    Need {
        source: Source::Apt("valgrind"),
        probe: Probe::Program("valgrind"),
        why: "counts instructions",
        tasks: &[Perf],
        spare: false,
    },
    Need {
        source: Source::Apt("llvm-22"),
        probe: Probe::Program("llvm-cov-22"),
        why: "reads the coverage that the compiler (LLVM 22) records",
        tasks: &[Coverage],
        spare: false,
    },
];

impl Need {
    fn is_there(&self) -> bool {
        match self.probe {
            Probe::File(path) => Path::new(path).exists(),
            Probe::Program(name) => answers(&mut program(name, &["--version"])),
            Probe::Subcommand(name) => answers(&mut program("cargo", &[name, "--version"])),
        }
    }

    const fn name(&self) -> &'static str {
        match self.source {
            Source::Apt(name) | Source::Component(name) => name,
        }
    }
}

/// Who may install packages here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Right {
    Nobody,
    Root,
    Sudo,
}

/// Says what is missing for `tasks` and installs it. Quick when nothing is missing.
pub(crate) fn set_up(tasks: &[Task]) -> Result<(), Stop> {
    let needed = NEEDS.iter().filter(|need| need.tasks.iter().any(|task| tasks.contains(task)));
    let missing: Vec<&Need> = needed.filter(|need| !need.is_there()).collect();
    if missing.is_empty() {
        println!("Machine: everything needed is there.");
        return Ok(());
    }
    println!("Machine: missing are");
    for need in &missing {
        let kind = match need.source {
            Source::Apt(_) => "Debian package",
            Source::Component(_) => "rustup component",
        };
        println!("  {:<12} {kind}: {}", need.name(), need.why);
    }
    install(&missing);
    let still: Vec<&&Need> = missing.iter().filter(|need| !need.is_there()).collect();
    for need in still.iter().filter(|need| need.spare) {
        println!("Going on without {}.", need.name());
    }
    still.iter().find(|need| !need.spare).map_or(Ok(()), |need| {
        let why = format!("{} is missing: it {}", need.name(), need.why);
        Err(Stop::failed("set-up", why, "install it (the command stands above) and start again"))
    })
}

fn install(missing: &[&Need]) {
    let (packages, components) = commands(missing, right());
    for command in [packages, components].into_iter().flatten() {
        if command.may_run {
            println!("Installing: {}", command.lines.join(" && "));
            for line in &command.lines {
                if let Err(why) = run(&mut program("sh", &["-c", line])) {
                    println!("That failed: {why}");
                    return;
                }
            }
        } else {
            println!("Not root, and sudo would ask for a password. Please run:");
            println!("  {}", command.lines.join(" && "));
        }
    }
}

/// Shell lines, and whether we may run them ourselves.
#[derive(Debug, PartialEq, Eq)]
struct Installation {
    lines: Vec<String>,
    may_run: bool,
}

/// What installs the Debian packages and what installs the components of rustup.
fn commands(missing: &[&Need], right: Right) -> (Option<Installation>, Option<Installation>) {
    let names = |wanted: fn(&Source) -> bool| {
        let kept = missing.iter().filter(|need| wanted(&need.source));
        kept.map(|need| need.name()).collect::<Vec<_>>().join(" ")
    };
    let packages = names(|source| matches!(source, Source::Apt(_)));
    let components = names(|source| matches!(source, Source::Component(_)));
    let prefix = if right == Right::Root { "" } else { "sudo " };
    let packages = (!packages.is_empty()).then(|| Installation {
        lines: vec![
            format!("{prefix}apt-get update -qq"),
            format!(
                "{prefix}env DEBIAN_FRONTEND=noninteractive \
                 apt-get install -y -qq --no-install-recommends {packages}"
            ),
        ],
        may_run: right != Right::Nobody,
    });
    let components = (!components.is_empty()).then(|| Installation {
        lines: vec![format!("rustup component add {components}")],
        may_run: true,
    });
    (packages, components)
}

fn right() -> Right {
    let user = crate::steps::output(&mut program("id", &["-u"])).unwrap_or_default();
    if user.trim() == "0" {
        Right::Root
    } else if answers(&mut program("sudo", &["-n", "true"])) {
        Right::Sudo
    } else {
        Right::Nobody
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn needs(names: &[&str]) -> Vec<&'static Need> {
        NEEDS.iter().filter(|need| names.contains(&need.name())).collect()
    }

    #[test]
    fn root_installs_without_sudo() {
        let (packages, components) = commands(&needs(&["gcc", "valgrind"]), Right::Root);
        let packages = packages.unwrap();
        assert!(packages.may_run);
        assert!(packages.lines.iter().all(|line| !line.contains("sudo")), "{packages:?}");
        assert!(packages.lines[1].ends_with("gcc valgrind"), "{packages:?}");
        assert_eq!(components, None);
    }

    #[test]
    fn who_may_not_install_is_told_the_command() {
        let (packages, _) = commands(&needs(&["gcc"]), Right::Nobody);
        let packages = packages.unwrap();
        assert!(!packages.may_run);
        assert!(packages.lines[1].starts_with("sudo "), "{packages:?}");
    }

    #[test]
    fn components_come_from_rustup_whoever_we_are() {
        let (packages, components) = commands(&needs(&["clippy"]), Right::Nobody);
        assert_eq!(packages, None);
        assert!(components.unwrap().may_run);
    }
}
