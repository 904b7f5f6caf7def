//! A serial port that is open: for this program alone, set as asked.
//!
//! Three locks, because each is heeded by others only: a lock file (`LCK..ttyUSB0`, terminal
//! programs of old), `flock` on a descriptor of its own (those of today), and exclusive mode, in
//! which the kernel refuses everybody but root. A pseudo-terminal is not put into exclusive mode:
//! it would stay so for as long as its maker holds it.

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

use hanport_engine::line::{LineSettings, Parity};
use rustix::fs::{FlockOperation, Mode, OFlags};
use rustix::io::Errno;
use rustix::termios::{
    ControlModes, InputModes, OptionalActions, QueueSelector, SpecialCodeIndex, Termios,
};
use serial2_tokio::{KeepSettings, SerialPort};

use super::{explain, holders, ports};

/// The output lines of a port. Adapters draw their power from them, and the P1 port of a meter
/// sends while its request line is high.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lines {
    /// Data terminal ready.
    pub dtr: Level,
    /// Request to send.
    pub rts: Level,
}

impl Default for Lines {
    /// Both high.
    fn default() -> Self {
        Self { dtr: Level::High, rts: Level::High }
    }
}

/// The level of an output line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Level {
    /// Asserted: a positive voltage.
    High,
    /// Not asserted.
    Low,
}

/// Why a port cannot be opened.
#[derive(Debug)]
pub(super) struct Refused {
    /// For people: what, and what to do.
    pub(super) why: String,
    /// It is not there; anything else may need somebody's help.
    pub(super) missing: bool,
}

/// A port that is open. Closed when dropped.
#[derive(Debug)]
pub(super) struct Opened {
    port: SerialPort,
    path: PathBuf,
    /// Whether damaged characters are marked within the octets.
    marks: bool,
    /// Holds the lock; the descriptor that is read belongs to the library.
    lock: File,
}

impl Opened {
    /// Opens the port at `path` and throws away what waited in it.
    pub(super) fn open(path: &Path, lines: Lines) -> Result<Self, Refused> {
        let refused = |error: io::Error| Refused {
            why: explain::refused(path, &error),
            missing: error.kind() == io::ErrorKind::NotFound,
        };
        let flags = OFlags::RDONLY | OFlags::NOCTTY | OFlags::NONBLOCK | OFlags::CLOEXEC;
        let lock = rustix::fs::open(path, flags, Mode::empty()).map_err(|e| refused(e.into()))?;
        if !rustix::termios::isatty(&lock) {
            return Err(refused(Errno::NOTTY.into()));
        }
        if holders::by_lock_file(path).is_some() {
            return Err(refused(Errno::BUSY.into()));
        }
        rustix::fs::flock(&lock, FlockOperation::NonBlockingLockExclusive)
            .map_err(|_| refused(Errno::BUSY.into()))?;
        let port = SerialPort::open(path, KeepSettings).map_err(refused)?;
        if !is_pseudo(path) {
            // Only keeps others away: without it the port reads all the same.
            let _ = rustix::termios::ioctl_tiocexcl(&lock);
        }
        // Ports without such lines say so; they need none.
        let _ = port.set_dtr(lines.dtr == Level::High);
        let _ = port.set_rts(lines.rts == Level::High);
        let _ = rustix::termios::tcflush(&lock, QueueSelector::IFlush);
        Ok(Self { port, path: path.to_owned(), marks: false, lock: lock.into() })
    }

    /// Where it is.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Whether damaged characters are marked within the octets.
    pub(super) const fn marks(&self) -> bool {
        self.marks
    }

    /// Sets the line. Says what the port does differently from what was asked, if it works at
    /// all: a pseudo-terminal knows no parity, and some adapters know few speeds.
    pub(super) fn set(&mut self, settings: LineSettings) -> Result<Option<String>, String> {
        let lock = &self.lock;
        let set = || -> Result<Termios, Errno> {
            let mut line = rustix::termios::tcgetattr(lock)?;
            ask(&mut line, settings)?;
            rustix::termios::tcsetattr(lock, OptionalActions::Now, &line)?;
            rustix::termios::tcgetattr(lock)
        };
        let line = set().map_err(|error| self.failed(&error.into()))?;
        self.marks = line.input_modes.contains(InputModes::PARMRK);
        Ok(difference(&line, settings))
    }

    /// Waits for octets.
    pub(super) async fn read(&self, buffer: &mut [u8]) -> io::Result<usize> {
        self.port.read(buffer).await
    }

    /// What was opened, for people; with its settings, unless they are searched.
    pub(super) fn describe(
        &self,
        settings: Option<LineSettings>,
        oddity: Option<String>,
    ) -> String {
        let device = std::fs::canonicalize(&self.path).ok();
        let port = ports::ports().into_iter().find(|port| Some(&port.path) == device.as_ref());
        let name = self.path.display();
        let what = match port {
            Some(port) if port.name() == self.path => port.to_string(),
            Some(port) => format!("{name}, which is {port},"),
            None => name.to_string(),
        };
        let what = match settings {
            Some(settings) => format!("{what} at {settings}"),
            None => format!("{what}; how its line is set is searched"),
        };
        let others = if is_pseudo(&self.path) { Vec::new() } else { holders::of(&self.path) };
        let shared = (!others.is_empty()).then(|| {
            let others = others.join(", ");
            format!("{others} has it open as well and takes part of the octets: stop it")
        });
        let told: Vec<String> = [Some(what), shared, oddity].into_iter().flatten().collect();
        told.join("; ")
    }

    /// What to say when it is gone.
    pub(super) fn unplugged(&self) -> String {
        format!("{} was unplugged", self.path.display())
    }

    /// What to say when it cannot be read any more.
    pub(super) fn failed(&self, error: &io::Error) -> String {
        let gone = [Errno::IO, Errno::NODEV, Errno::NXIO];
        if gone.iter().any(|gone| error.raw_os_error() == Some(gone.raw_os_error())) {
            return self.unplugged();
        }
        format!("{} cannot be read: {error}", self.path.display())
    }
}

fn is_pseudo(path: &Path) -> bool {
    std::fs::canonicalize(path).is_ok_and(|path| path.starts_with("/dev/pts"))
}

/// Raw octets, without flow control, set as asked; damaged characters are marked, and the lines
/// stay up when the port is closed.
fn ask(line: &mut Termios, settings: LineSettings) -> Result<(), Errno> {
    line.make_raw();
    line.input_modes
        .remove(InputModes::IGNBRK | InputModes::IGNPAR | InputModes::IXOFF | InputModes::IXANY);
    line.input_modes.insert(InputModes::INPCK | InputModes::PARMRK);
    line.special_codes[SpecialCodeIndex::VMIN] = 1;
    line.special_codes[SpecialCodeIndex::VTIME] = 0;
    let bits = ControlModes::CSIZE | ControlModes::PARENB | ControlModes::PARODD;
    line.control_modes
        .remove(bits | ControlModes::CSTOPB | ControlModes::CRTSCTS | ControlModes::HUPCL);
    line.control_modes.insert(ControlModes::CREAD | ControlModes::CLOCAL | form(settings));
    line.set_speed(settings.baud)
}

/// The flags that say how a character looks.
fn form(settings: LineSettings) -> ControlModes {
    let mut form = if settings.data_bits == 7 { ControlModes::CS7 } else { ControlModes::CS8 };
    form |= match settings.parity {
        Parity::Even => ControlModes::PARENB,
        Parity::None => ControlModes::empty(),
        Parity::Odd => ControlModes::PARENB | ControlModes::PARODD,
    };
    if settings.stop_bits == 2 {
        form |= ControlModes::CSTOPB;
    }
    form
}

/// What the port does differently.
fn difference(line: &Termios, asked: LineSettings) -> Option<String> {
    let speed = line.input_speed();
    // Odd speeds are divided out of one crystal: a fortieth is near enough.
    if speed.abs_diff(asked.baud) > asked.baud / 40 {
        return Some(format!("this port cannot do {} baud, it is at {speed}", asked.baud));
    }
    let looks = ControlModes::CSIZE | ControlModes::PARENB | ControlModes::CSTOPB;
    let missing = (line.control_modes & looks) != (form(asked) & looks);
    missing.then(|| "this port knows no parity and no 7 data bits".to_owned())
}
