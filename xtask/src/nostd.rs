//! The proof that the core needs no standard library.
//!
//! `checks/nostd` is a static library with its own panic handler on top of hanport-core. If
//! anything below it links std, there are two panic handlers and the compiler stops with E0152;
//! if anything links alloc, it stops for want of an allocator. A check that could not fail would
//! prove nothing, so both cases are provoked too.

use std::fs;
use std::path::Path;

use crate::steps::{cargo, root, target};

/// Something a `no_std` library must not depend on.
struct Offender {
    name: &'static str,
    source: &'static str,
    /// What the compiler says then.
    complaint: &'static str,
}

const OFFENDERS: [Offender; 2] = [
    Offender {
        name: "links-std",
        source: "//! Links std.\n/// A text on the heap.\npub fn text() -> String { String::new() }\n",
        complaint: "E0152",
    },
    Offender {
        name: "links-alloc",
        source: "//! Links alloc.\n#![no_std]\nextern crate alloc;\n\
                 /// A text on the heap.\n\
                 pub(crate) fn text() -> alloc::string::String { alloc::string::String::new() }\n",
        complaint: "no global memory allocator",
    },
];

/// Builds the check, and shows that it fails where it must.
pub(crate) fn prove() -> Result<(), String> {
    let manifest = root().join("checks/nostd/Cargo.toml");
    let (built, said) = build(&manifest, &target().join("nostd"), &["--locked"])?;
    if !built {
        return Err(format!("hanport-core does not build without std and alloc:\n{said}"));
    }
    for offender in &OFFENDERS {
        let folder = target().join("nostd").join(offender.name);
        write(offender, &folder).map_err(|error| format!("{}: {error}", folder.display()))?;
        let (built, said) = build(&folder.join("Cargo.toml"), &folder.join("target"), &[])?;
        if built || !said.contains(offender.complaint) {
            let name = offender.name;
            return Err(format!("the check does not notice a dependency that {name}:\n{said}"));
        }
        let does = offender.name.replace('-', " ");
        println!("a dependency that {does} is noticed ({})", offender.complaint);
    }
    Ok(())
}

/// Whether it builds, and what the compiler said.
fn build(manifest: &Path, into: &Path, options: &[&str]) -> Result<(bool, String), String> {
    let done = cargo(&["build", "--manifest-path"])
        .arg(manifest)
        .args(options)
        .env("CARGO_TARGET_DIR", into)
        .output()
        .map_err(|error| format!("cargo cannot be started: {error}"))?;
    Ok((done.status.success(), String::from_utf8_lossy(&done.stderr).into_owned()))
}

/// The check again, with the offender in the place of the core.
fn write(offender: &Offender, folder: &Path) -> std::io::Result<()> {
    let name = offender.name;
    let crate_name = name.replace('-', "_");
    fs::create_dir_all(folder.join("src"))?;
    fs::create_dir_all(folder.join("offender/src"))?;
    let check = fs::read_to_string(root().join("checks/nostd/src/lib.rs"))?;
    fs::write(folder.join("src/lib.rs"), check.replace("hanport_core", &crate_name))?;
    let manifest = fs::read_to_string(root().join("checks/nostd/Cargo.toml"))?;
    let manifest = manifest
        .replace("hanport-core", name)
        .replace("../../crates/links-std", "offender")
        .replace("../../crates/links-alloc", "offender");
    fs::write(folder.join("Cargo.toml"), manifest)?;
    let manifest =
        format!("[package]\nname = \"{name}\"\nversion = \"0.0.0\"\nedition = \"2024\"\n");
    fs::write(folder.join("offender/Cargo.toml"), manifest)?;
    fs::write(folder.join("offender/src/lib.rs"), offender.source)
}
