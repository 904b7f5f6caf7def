//! Terminals: the one that standard output is, and those that are serial lines.

use std::fs::{self, File};
use std::io::{self, IsTerminal as _};
use std::os::unix::fs::FileTypeExt as _;
use std::path::Path;

use rustix::fs::{Mode, OFlags};

/// Opens a terminal device for reading, and not as the terminal that controls this program;
/// `None` where `path` is anything else.
pub fn open(path: &Path) -> Option<io::Result<File>> {
    if !fs::metadata(path).is_ok_and(|about| about.file_type().is_char_device()) {
        return None;
    }
    let flags = OFlags::RDONLY | OFlags::NOCTTY | OFlags::CLOEXEC;
    match rustix::fs::open(path, flags, Mode::empty()).map(File::from) {
        Ok(port) => port.is_terminal().then_some(Ok(port)),
        Err(error) => Some(Err(error.into())),
    }
}

/// Rows and columns of standard output; `None` where standard output is no terminal.
pub fn size() -> Option<(usize, usize)> {
    let size = rustix::termios::tcgetwinsize(io::stdout()).ok()?;
    let shown = size.ws_row > 0 && size.ws_col > 0;
    shown.then_some((size.ws_row.into(), size.ws_col.into()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::outlet::Flow;
    use crate::pty::Pty;

    #[test]
    fn only_terminals_are_opened_as_such() {
        let pty = Pty::open(Flow::Wire).unwrap();
        assert!(open(pty.path()).unwrap().is_ok());
        assert!(open(Path::new("/dev/null")).is_none());
        assert!(open(Path::new("/nowhere")).is_none());
    }
}
