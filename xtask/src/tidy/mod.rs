//! Rules about the sources that no compiler checks.
//!
//! | file | rules |
//! |---|---|
//! | `arrows.rs` | which crate may name which, and which crate alone may name a library |
//! | `licences.rs` | the project's licence, and licences and bans of what it depends on |
//! | `files.rs` | module heads, length, words left behind, paths of a machine, letters |
//! | `changelog.rs` | the fragments and their names |
//!
//! A rule is a function from what it looks at to complaints, so that it can be tested.

mod arrows;
mod changelog;
mod files;
mod licences;

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::steps::{Stop, cargo, output, root};

/// One broken rule, as a line to print.
pub(crate) type Complaint = String;

/// What holds nothing of ours.
const FOREIGN: [&str; 6] = ["target", ".git", "node_modules", "dist", "corpus", "artifacts"];

/// `cargo xtask tidy`.
pub(crate) fn run() -> Result<(), Stop> {
    check().map_err(|why| Stop::failed("tidy", why, "mend the lines named above"))?;
    println!("tidy: fine");
    Ok(())
}

/// Prints every complaint; an error says how many there are.
pub(crate) fn check() -> Result<(), String> {
    let metadata = metadata()?;
    let policy = fs::read_to_string(root().join("deny.toml")).map_err(|e| e.to_string())?;
    let mut complaints = arrows::check(&metadata);
    complaints.extend(licences::check(&metadata, &policy));
    for path in walk(root()) {
        let name = path.strip_prefix(root()).unwrap_or(&path).to_string_lossy().into_owned();
        // what is not text (pictures) has no lines to look at
        if let Ok(text) = fs::read_to_string(&path) {
            complaints.extend(files::check(&name, &text));
            complaints.extend(changelog::check(&name, &text));
        }
    }
    for complaint in &complaints {
        println!("{complaint}");
    }
    match complaints.len() {
        0 => Ok(()),
        count => Err(format!("{count} rules are broken")),
    }
}

/// What cargo knows about the workspace and everything it depends on.
fn metadata() -> Result<Value, String> {
    let mut command = cargo(&["metadata", "--format-version", "1", "--locked"]);
    // what other systems would need is never built here, and cargo-deny looks at it
    command.args(["--filter-platform", "x86_64-unknown-linux-gnu"]);
    serde_json::from_str(&output(&mut command)?).map_err(|error| error.to_string())
}

/// The members of the workspace: name and package.
fn members(metadata: &Value) -> Vec<(&str, &Value)> {
    let ids: Vec<&str> = strings(&metadata["workspace_members"]).collect();
    packages(metadata).filter(|(_, p)| ids.contains(&p["id"].as_str().unwrap_or(""))).collect()
}

/// Every package of the graph: name and package.
fn packages(metadata: &Value) -> impl Iterator<Item = (&str, &Value)> {
    let all = metadata["packages"].as_array().map_or(&[][..], Vec::as_slice);
    all.iter().filter_map(|package| Some((package["name"].as_str()?, package)))
}

fn strings(array: &Value) -> impl Iterator<Item = &str> {
    array.as_array().map_or(&[][..], Vec::as_slice).iter().filter_map(Value::as_str)
}

/// Every file of ours, sorted.
fn walk(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut open = vec![folder.to_owned()];
    while let Some(folder) = open.pop() {
        for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
            let path = entry.path();
            let name = entry.file_name();
            if FOREIGN.iter().any(|foreign| name == *foreign) {
                continue;
            }
            if path.is_dir() { open.push(path) } else { found.push(path) }
        }
    }
    found.sort();
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_built_is_not_looked_at() {
        let files = walk(root());
        assert!(files.iter().any(|path| path.ends_with("xtask/src/tidy/mod.rs")));
        assert!(files.iter().all(|path| !path.starts_with(root().join("target"))));
    }
}
