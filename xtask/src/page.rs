//! The page: built from `ui/` with Node, and left out where Node is absent or too old.
//!
//! ```text
//! ui/package-lock.json --npm ci--> ui/node_modules --npm run build--> ui/dist --> the program
//! ```
//!
//! Both steps are done again only when what they start from has changed. Without the page the
//! program serves its plain one.

use std::collections::hash_map::DefaultHasher;
use std::fs;
use std::hash::{Hash as _, Hasher as _};
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::steps::{Steps, Stop, answers, cargo, output, program, root, run, target, watched};

/// What the bundler runs on: major and minor version.
const OLDEST_NODE: (u32, u32) = (20, 19);

/// What the page is built from, beside everything in `src` and `public`.
const SOURCES: [&str; 7] = [
    "index.html",
    "package-lock.json",
    "package.json",
    "svelte.config.js",
    "tsconfig.json",
    "vite.config.ts",
    ".npmrc",
];

/// Why there is no page, where the rest can go on without it.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct LeftOut(String);

impl LeftOut {
    /// Says it so that nobody overlooks it.
    pub(crate) fn tell(&self) {
        println!("\n*** WITHOUT THE PAGE: {}", self.0);
        println!("*** The program serves a plain page in its place.\n");
    }
}

/// Builds the page if it is not built yet or its sources have changed.
pub(crate) fn build() -> Result<(), LeftOut> {
    node()?;
    modules()?;
    let mark = target().join("xtask").join("page");
    let print =
        fingerprint().map_err(|why| LeftOut(format!("its sources cannot be read: {why}")))?;
    let built = folder().join("dist/index.html").is_file();
    if built && fs::read_to_string(&mark).is_ok_and(|before| before == print) {
        println!("Page: built already.");
        return Ok(());
    }
    println!("Building the page.");
    run(&mut npm(&["run", "--silent", "build"])).map_err(LeftOut)?;
    // without the mark it is built again next time, and nothing else
    let _ = mark.parent().map(fs::create_dir_all);
    let _ = fs::write(&mark, print);
    Ok(())
}

/// The gates and the tests of the page.
pub(crate) fn test(steps: &mut Steps) -> Result<(), Stop> {
    if let Err(why) = node() {
        why.tell();
        steps.skip("page", &why.0);
        return Ok(());
    }
    if let Err(why) = modules() {
        if std::env::var_os("HANPORT_REQUIRE_PARTS").is_some() {
            let advice = "npm says above what it lacks; a registry of packages must be in reach";
            return steps.step("page: packages", advice, |_| Err(why.0));
        }
        // a machine without a way to the registry tests everything else
        why.tell();
        steps.skip("page", &why.0);
        return Ok(());
    }
    let advice = "run `npm run format` in ui/";
    steps.step("page: format", advice, |_| run(&mut npm(&["run", "--silent", "format:check"])))?;
    let advice = "mend what is named above; `npm run check` in ui/ shows it again";
    steps.step("page: types", advice, |_| run(&mut npm(&["run", "--silent", "check"])))?;
    let advice = "read the first failure above; `npx vitest` in ui/ runs it again";
    steps.step("page: tests", advice, |closing| {
        watched(&mut npm(&["run", "--silent", "test"]), |line| closing.watch(line))
    })?;
    let advice = "see the message of the bundler above";
    steps.step("page: build", advice, |_| build().map_err(|why| why.0))?;
    let advice = "load what is not needed at first from a view of its own, or find what grew";
    steps.step("page: budgets", advice, |_| run(&mut npm(&["run", "--silent", "budgets"])))?;
    end_to_end(steps)
}

/// The real program, a simulated meter and the browser of the system.
fn end_to_end(steps: &mut Steps) -> Result<(), Stop> {
    if !answers(&mut program("chromium", &["--version"])) {
        steps.skip("page: end to end", "chromium is not installed");
        return Ok(());
    }
    let advice = "read the first failure above; pictures of all views are in target/screenshots";
    steps.step("page: end to end", advice, |closing| {
        run(&mut cargo(&["build", "--quiet", "--locked", "--package", "hanport"]))?;
        let mut tests = npm(&["run", "--silent", "e2e"]);
        tests.env("CARGO_TARGET_DIR", target());
        tests.env("HANPORT_PROGRAM", target().join("debug").join("hanport"));
        watched(&mut tests, |line| closing.watch(line))
    })
}

/// Whether a Node that is new enough is there, and npm.
fn node() -> Result<(), LeftOut> {
    let oldest = format!("{}.{}", OLDEST_NODE.0, OLDEST_NODE.1);
    let Ok(said) = output(&mut program("node", &["--version"])) else {
        return Err(LeftOut(format!("node is not installed, and {oldest} or later is needed")));
    };
    match version(&said) {
        Some(found) if found >= OLDEST_NODE => {}
        _ => {
            let said = said.trim();
            return Err(LeftOut(format!("node is {said}, and v{oldest} or later is needed")));
        }
    }
    output(&mut program("npm", &["--version"]))
        .map(drop)
        .map_err(|_| LeftOut("npm is not installed".to_owned()))
}

/// Major and minor of `v20.19.4`.
fn version(said: &str) -> Option<(u32, u32)> {
    let mut numbers = said.trim().strip_prefix('v')?.split('.');
    Some((numbers.next()?.parse().ok()?, numbers.next()?.parse().ok()?))
}

/// Installs the packages that the lock file names, unless they are there.
fn modules() -> Result<(), LeftOut> {
    let lock = fs::read(folder().join("package-lock.json")).unwrap_or_default();
    let mark = folder().join("node_modules/.installed-from");
    if fs::read(&mark).is_ok_and(|before| before == lock) {
        return Ok(());
    }
    println!("Installing the packages of the page.");
    run(&mut npm(&["ci", "--no-audit", "--no-fund", "--loglevel", "error"])).map_err(LeftOut)?;
    fs::write(&mark, lock).map_err(|error| LeftOut(format!("{}: {error}", mark.display())))
}

fn folder() -> PathBuf {
    root().join("ui")
}

fn npm(arguments: &[&str]) -> Command {
    let mut command = program("npm", arguments);
    command.current_dir(folder());
    command
}

/// Changes whenever a source of the page changes, appears or goes.
fn fingerprint() -> std::io::Result<String> {
    let mut files: Vec<PathBuf> = SOURCES.iter().map(|name| folder().join(name)).collect();
    for within in ["src", "public"] {
        list(&folder().join(within), &mut files)?;
    }
    files.sort();
    let mut hasher = DefaultHasher::new();
    for file in files {
        file.hash(&mut hasher);
        fs::read(&file)?.hash(&mut hasher);
    }
    Ok(format!("{:016x}", hasher.finish()))
}

fn list(within: &Path, files: &mut Vec<PathBuf>) -> std::io::Result<()> {
    for entry in fs::read_dir(within)? {
        let path = entry?.path();
        if path.is_dir() { list(&path, files)? } else { files.push(path) }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_of_node_are_told_apart() {
        assert_eq!(version("v20.19.4\n"), Some((20, 19)));
        assert!(version("v18.20.4").unwrap() < OLDEST_NODE);
        assert!(version("v22.12.0").unwrap() > OLDEST_NODE);
        assert_eq!(version("command not found"), None);
    }

    #[test]
    fn the_same_sources_have_the_same_fingerprint() {
        let first = fingerprint().unwrap();
        assert_eq!(first, fingerprint().unwrap());
        assert_eq!(first.len(), 16);
    }
}
