//! The wish of the user, or of the system, that the program ends.
//!
//! Ctrl-C, the end of the terminal, and the signal that ends services only leave a note here;
//! whoever waits or runs long looks at it, ends what it does in good order and takes away what
//! must not stay behind. Being asked a second time ends the program at once.

use std::io;
use std::process;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

static ASKED: AtomicBool = AtomicBool::new(false);

/// The longest anybody should wait without looking.
pub const GLANCE: Duration = Duration::from_millis(50);

/// What a shell calls the end by Ctrl-C.
const INTERRUPTED: i32 = 130;

/// Takes notes from now on; before, such a signal ends the program. Call it once.
pub fn listen() -> io::Result<()> {
    let note = || {
        if ASKED.swap(true, Ordering::Relaxed) {
            process::exit(INTERRUPTED);
        }
    };
    ctrlc::set_handler(note).map_err(io::Error::other)
}

/// Whether the program is asked to end.
pub fn asked() -> bool {
    ASKED.load(Ordering::Relaxed)
}
