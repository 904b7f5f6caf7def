//! Where the octets come from: a file or standard input, and what can be wrong with it.

use std::fs::File;
use std::io::{self, IsTerminal as _, Read};
use std::path::{Path, PathBuf};

use anyhow::{anyhow, bail};
use hanport_io::terminal;

/// A file or standard input, open for reading.
pub(crate) struct Input {
    source: Box<dyn Read>,
    path: Option<PathBuf>,
    /// Octets in it; `None` where that is not known before.
    pub(crate) size: Option<u64>,
}

impl Input {
    /// Opens `file`, or standard input where it is `None` or `-`.
    pub(crate) fn open(file: Option<&Path>) -> anyhow::Result<Self> {
        match file {
            Some(path) if path.as_os_str() != "-" => {
                let file = File::open(path).map_err(|error| refused(path, error))?;
                let about = file.metadata().ok().filter(std::fs::Metadata::is_file);
                Ok(Self {
                    source: Box::new(file),
                    path: Some(path.to_owned()),
                    size: about.map(|about| about.len()),
                })
            }
            given => {
                if given.is_none() && io::stdin().is_terminal() {
                    bail!(
                        "no file is given and nothing is piped in; name a file, or use - to type \
                         or paste the message and end with Ctrl-D"
                    );
                }
                Ok(Self { source: Box::new(io::stdin()), path: None, size: None })
            }
        }
    }

    /// Adds up to `count` octets to `octets`; fewer only where the input ends.
    pub(crate) fn read(&mut self, octets: &mut Vec<u8>, count: u64) -> anyhow::Result<()> {
        let done = self.source.by_ref().take(count).read_to_end(octets);
        done.map(|_| ()).map_err(|error| match &self.path {
            Some(path) => refused(path, error),
            None => anyhow::Error::new(error).context("standard input cannot be read"),
        })
    }
}

/// Reads all of `file`, or of standard input where it is `None` or `-`.
pub(crate) fn read(file: Option<&Path>) -> anyhow::Result<Vec<u8>> {
    let mut octets = Vec::new();
    Input::open(file)?.read(&mut octets, u64::MAX)?;
    Ok(octets)
}

/// The line behind `path` where it is a terminal device; `None` for anything that has an end.
pub(crate) fn line(path: &Path) -> Option<anyhow::Result<File>> {
    terminal::open(path).map(|port| port.map_err(|error| refused(path, error)))
}

fn refused(path: &Path, error: io::Error) -> anyhow::Error {
    let shown = path.display();
    match error.kind() {
        io::ErrorKind::NotFound => {
            anyhow!("there is no file {shown}; check its name, or use - to read standard input")
        }
        io::ErrorKind::PermissionDenied if path.starts_with("/dev") => anyhow!(
            "{shown} may not be read by this user; ports usually belong to the group dialout: \
             sudo adduser $USER dialout, then log in again"
        ),
        io::ErrorKind::PermissionDenied => {
            anyhow!("{shown} may not be read by this user (see ls -l {shown})")
        }
        io::ErrorKind::IsADirectory => {
            anyhow!("{shown} is a folder; name a file in it")
        }
        _ => anyhow::Error::new(error).context(format!("{shown} cannot be read")),
    }
}
