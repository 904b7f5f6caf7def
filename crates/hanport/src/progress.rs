//! How far a long input is read, on a terminal that shows nothing else.

use std::io::{self, IsTerminal as _};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressStyle};

/// What is done by then needs no bar.
const SHORT: Duration = Duration::from_millis(500);

/// A bar on standard error while results go elsewhere; it vanishes at the end.
pub(crate) struct Progress {
    bar: Option<ProgressBar>,
    size: Option<u64>,
    start: Instant,
    done: u64,
}

impl Progress {
    /// Nothing of `size` octets is read; the size may be unknown.
    pub(crate) fn new(size: Option<u64>) -> Self {
        Self { bar: None, size, start: Instant::now(), done: 0 }
    }

    /// So many octets more.
    pub(crate) fn add(&mut self, octets: usize) {
        self.done += octets as u64;
        if self.bar.is_none() && self.start.elapsed() > SHORT && is_free() {
            self.bar = Some(bar(self.size));
        }
        if let Some(bar) = &self.bar {
            bar.set_position(self.done);
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}

fn is_free() -> bool {
    io::stderr().is_terminal() && !io::stdout().is_terminal()
}

fn bar(size: Option<u64>) -> ProgressBar {
    let (bar, template) = match size {
        Some(size) => (ProgressBar::new(size), "{wide_bar} {bytes} of {total_bytes}, {eta} to go"),
        None => (ProgressBar::new_spinner(), "{spinner} {bytes} read"),
    };
    if let Ok(style) = ProgressStyle::with_template(template) {
        bar.set_style(style);
    }
    bar
}
