//! A real pseudo-terminal: a program opens its path like a serial port.
//!
//! The far side is raw (no echo, no line editing, eight bits) and held open here, so that it
//! stays raw from reader to reader. The kernel keeps what is not read; with [`Flow::Wire`] it is
//! thrown away after two seconds without a reader, as a port that nobody listens to does, so that
//! a reader never starts with old octets.

use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};

use rustix::fs::{Mode, OFlags};
use rustix::pty::OpenptFlags;
use rustix::termios::{OptionalActions, QueueSelector};

use crate::outlet::{Flow, Outlet};
use crate::stop;

/// How long octets wait for a reader on a wire.
const STALE: Duration = Duration::from_secs(2);

/// The kernel hands octets over in the background: only after this long is nothing on its way.
const SETTLED: Duration = Duration::from_millis(100);

/// The near side of a pseudo-terminal.
#[derive(Debug)]
pub struct Pty {
    near: File,
    far: File,
    path: PathBuf,
    link: Option<PathBuf>,
    flow: Flow,
    lost: u64,
    unread_since: Option<(u64, Instant)>,
}

impl Pty {
    /// Opens a new one. Needs a system with `/dev/ptmx`.
    pub fn open(flow: Flow) -> io::Result<Self> {
        let near = rustix::pty::openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY)?;
        rustix::pty::grantpt(&near)?;
        rustix::pty::unlockpt(&near)?;
        let name = rustix::pty::ptsname(&near, Vec::new())?;
        let path = PathBuf::from(name.to_string_lossy().into_owned());
        let far = rustix::fs::open(
            &path,
            OFlags::RDWR | OFlags::NOCTTY | OFlags::CLOEXEC,
            Mode::empty(),
        )?;
        let mut settings = rustix::termios::tcgetattr(&far)?;
        settings.make_raw();
        rustix::termios::tcsetattr(&far, OptionalActions::Now, &settings)?;
        rustix::io::ioctl_fionbio(&near, true)?;
        Ok(Self {
            near: near.into(),
            far: far.into(),
            path,
            link: None,
            flow,
            lost: 0,
            unread_since: None,
        })
    }

    /// The path that a reader opens.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Makes a symbolic link to the path, so that its name stays the same from run to run. A
    /// link that is there already is replaced, anything else is left alone and is an error. The
    /// link goes when this is dropped.
    pub fn link(&mut self, at: &Path) -> io::Result<()> {
        if fs::symlink_metadata(at).is_ok_and(|there| there.file_type().is_symlink()) {
            fs::remove_file(at)?;
        }
        symlink(&self.path, at)?;
        self.link = Some(at.to_owned());
        Ok(())
    }

    /// Octets that are sent and not read yet.
    pub fn unread(&self) -> io::Result<u64> {
        Ok(rustix::io::ioctl_fionread(&self.far)?)
    }

    /// Throws away what has been waiting for too long.
    fn forget_stale(&mut self) -> io::Result<()> {
        let unread = self.unread()?;
        if unread == 0 {
            self.unread_since = None;
            return Ok(());
        }
        match self.unread_since {
            // Somebody reads: fewer octets than before.
            Some((before, since)) if unread >= before => {
                if since.elapsed() > STALE {
                    self.lost += unread;
                    rustix::termios::tcflush(&self.far, QueueSelector::IFlush)?;
                    self.unread_since = None;
                }
            }
            _ => self.unread_since = Some((unread, Instant::now())),
        }
        Ok(())
    }

    /// Writes what fits now; returns how much did.
    fn write_some(&mut self, octets: &[u8]) -> io::Result<usize> {
        match self.near.write(octets) {
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => Ok(0),
            written => written,
        }
    }
}

impl Outlet for Pty {
    fn send(&mut self, octets: &[u8]) -> io::Result<()> {
        // Whatever the reader sends (a request, an echo) goes nowhere and must not pile up.
        let mut drain = [0; 256];
        while matches!(self.near.read(&mut drain), Ok(1..)) {}
        if self.flow == Flow::Wire {
            self.forget_stale()?;
        }
        let mut rest = octets;
        while !rest.is_empty() {
            let written = self.write_some(rest)?;
            rest = rest.get(written..).unwrap_or(&[]);
            if written == 0 && (self.flow == Flow::Wire || stop::asked()) {
                self.lost += rest.len() as u64;
                return Ok(());
            }
            if written == 0 {
                thread::park_timeout(Duration::from_millis(1));
            }
        }
        Ok(())
    }

    fn lost(&self) -> u64 {
        self.lost
    }

    /// Waits until everything is read where nothing may be lost: closing throws it away. Being
    /// asked to end comes first.
    fn finish(&mut self) -> io::Result<()> {
        let start = Instant::now();
        let patience = if self.flow == Flow::Wait { Duration::MAX } else { STALE };
        let mut empty = Instant::now();
        while empty.elapsed() < SETTLED && start.elapsed() < patience && !stop::asked() {
            thread::park_timeout(Duration::from_millis(5));
            if self.unread()? > 0 {
                empty = Instant::now();
            }
        }
        Ok(())
    }
}

impl Drop for Pty {
    fn drop(&mut self) {
        if let Some(link) = &self.link {
            let _ = fs::remove_file(link);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_octet_arrives_as_it_was_sent() {
        let mut pty = Pty::open(Flow::Wait).unwrap();
        let mut reader = File::open(pty.path()).unwrap();
        let sent: Vec<u8> = (0..=255).cycle().take(20_000).collect();
        let thread = thread::spawn(move || {
            let mut got = vec![0; 20_000];
            reader.read_exact(&mut got).map(|()| got)
        });
        for chunk in sent.chunks(700) {
            pty.send(chunk).unwrap();
        }
        assert_eq!(thread.join().unwrap().unwrap(), sent);
        assert_eq!(pty.lost(), 0);
    }

    #[test]
    fn a_wire_without_reader_loses_octets_and_never_waits() {
        let mut pty = Pty::open(Flow::Wire).unwrap();
        for _ in 0..2000 {
            pty.send(&[0x55; 100]).unwrap();
        }
        assert!(pty.lost() > 0);
        assert!(pty.unread().unwrap() + pty.lost() <= 200_000);
    }

    #[test]
    fn the_link_leads_to_the_port_and_goes_with_it() {
        let folder = tempfile::tempdir().unwrap();
        let link = folder.path().join("meter");
        symlink("/nowhere", &link).unwrap();
        let mut pty = Pty::open(Flow::Wire).unwrap();
        pty.link(&link).unwrap();
        assert_eq!(fs::read_link(&link).unwrap(), pty.path());
        drop(pty);
        assert!(fs::symlink_metadata(&link).is_err());
    }

    #[test]
    fn a_file_in_the_place_of_the_link_is_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("precious");
        fs::write(&file, "x").unwrap();
        assert!(Pty::open(Flow::Wire).unwrap().link(&file).is_err());
        assert_eq!(fs::read(&file).unwrap(), b"x");
    }
}
