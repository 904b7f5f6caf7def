//! Where the octets come from: a file or standard input, and what can be wrong with it.

use std::fs::{self, File};
use std::io::{self, IsTerminal as _, Read as _};
use std::path::Path;

use anyhow::{Context as _, anyhow, bail};
use hanport_io::terminal;

/// Reads all of `file`, or of standard input where it is `None` or `-`.
pub(crate) fn read(file: Option<&Path>) -> anyhow::Result<Vec<u8>> {
    match file {
        Some(path) if path.as_os_str() != "-" => read_file(path),
        given => {
            if given.is_none() && io::stdin().is_terminal() {
                bail!(
                    "no file is given and nothing is piped in; name a file, or use - to type or \
                     paste the message and end with Ctrl-D"
                );
            }
            let mut octets = Vec::new();
            io::stdin().read_to_end(&mut octets).context("standard input cannot be read")?;
            Ok(octets)
        }
    }
}

/// The line behind `path` where it is a terminal device; `None` for anything that has an end.
pub(crate) fn line(path: &Path) -> Option<anyhow::Result<File>> {
    terminal::open(path).map(|port| port.map_err(|error| refused(path, error)))
}

fn read_file(path: &Path) -> anyhow::Result<Vec<u8>> {
    fs::read(path).map_err(|error| refused(path, error))
}

fn refused(path: &Path, error: io::Error) -> anyhow::Error {
    let shown = path.display();
    match error.kind() {
        io::ErrorKind::NotFound => anyhow!("there is no file {shown}"),
        io::ErrorKind::PermissionDenied => {
            anyhow!("{shown} may not be read by this user (see ls -l {shown})")
        }
        io::ErrorKind::IsADirectory => anyhow!("{shown} is a folder, not a file"),
        _ => anyhow::Error::new(error).context(format!("{shown} cannot be read")),
    }
}
