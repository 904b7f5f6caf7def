//! The terminal that standard output is, if it is one.

use std::io;

/// Its rows and columns; `None` where standard output is no terminal.
pub fn size() -> Option<(usize, usize)> {
    let size = rustix::termios::tcgetwinsize(io::stdout()).ok()?;
    let shown = size.ws_row > 0 && size.ws_col > 0;
    shown.then_some((size.ws_row.into(), size.ws_col.into()))
}
