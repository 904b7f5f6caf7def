//! Puts the page where the program can take it in: what the build of `ui` left in `ui/dist`, or
//! the plain page in its place. Nothing is downloaded and nothing is built here.

use std::path::{Path, PathBuf};
use std::{env, fs, io};

fn main() {
    let root = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").unwrap_or_default());
    let built = root.join("../../ui/dist");
    let plain = root.join("page/plain");
    let target = PathBuf::from(env::var_os("OUT_DIR").unwrap_or_default()).join("page");
    // cargo runs this again when any of it changes, also when the built page appears
    println!("cargo::rerun-if-changed={}", built.display());
    println!("cargo::rerun-if-changed={}", plain.display());
    println!("cargo::rerun-if-changed=build.rs");
    let source = if built.join("index.html").is_file() {
        built
    } else {
        println!("cargo::warning=ui/dist is not there: the program gets the plain page");
        plain
    };
    if let Err(error) = renew(&source, &target) {
        println!("cargo::error=cannot copy {} to {}: {error}", source.display(), target.display());
    }
}

fn renew(source: &Path, target: &Path) -> io::Result<()> {
    match fs::remove_dir_all(target) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => copy(source, target),
    }
}

fn copy(source: &Path, target: &Path) -> io::Result<()> {
    fs::create_dir_all(target)?;
    for entry in fs::read_dir(source)? {
        let entry = entry?;
        let to = target.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy(&entry.path(), &to)?;
        } else {
            fs::copy(entry.path(), to)?;
        }
    }
    Ok(())
}
