//! Standard output and files as outlets.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::Path;

use crate::outlet::Outlet;

/// Writes everything to `inner`; nothing is lost.
#[derive(Debug)]
pub struct Sink<W: Write> {
    inner: W,
    each: bool,
}

impl Sink<BufWriter<File>> {
    /// A file, made or emptied.
    pub fn create(path: &Path) -> io::Result<Self> {
        Ok(Self { inner: BufWriter::new(File::create(path)?), each: false })
    }
}

impl<W: Write> Sink<W> {
    /// A stream that is flushed after each message, so that a reader sees it at once.
    pub const fn live(inner: W) -> Self {
        Self { inner, each: true }
    }
}

impl<W: Write> Outlet for Sink<W> {
    fn send(&mut self, octets: &[u8]) -> io::Result<()> {
        self.inner.write_all(octets)?;
        if self.each { self.inner.flush() } else { Ok(()) }
    }

    fn finish(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}
