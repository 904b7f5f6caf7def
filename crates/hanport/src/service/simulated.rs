//! A meter that is not there, behind a real pseudo-terminal.

use std::io;
use std::path::PathBuf;
use std::thread;

use anyhow::Context as _;
use hanport_core::session::push::Options;
use hanport_engine::line::LineSettings;
use hanport_engine::time::UtcMillis;
use hanport_io::clock::Pace as Clocked;
use hanport_io::outlet::Flow;
use hanport_io::pty::Pty;
use hanport_io::source::serial::{Lines, Which};
use hanport_io::source::{Serial, Setup, Source};
use tokio_util::sync::CancellationToken;

use crate::config::meant::Pace;
use crate::scenario::{self, Source as Meter};

/// A simulated meter that does not talk yet.
pub(super) struct Simulated {
    meter: Meter,
    pty: Pty,
    speed: f64,
}

impl Simulated {
    /// Sets it up; its time begins at `now`.
    pub(super) fn start(name: &str, pace: Pace, seed: u64, now: UtcMillis) -> anyhow::Result<Self> {
        let meter = Meter::plain(name, seed, now.timestamp())?;
        let (speed, flow) = match pace {
            Pace::Free => (0.0, Flow::Wait),
            Pace::Thousandths(thousandths) => (f64::from(thousandths) / 1000.0, Flow::Wire),
        };
        let pty = Pty::open(flow).context("no pseudo-terminal can be had")?;
        Ok(Self { meter, pty, speed })
    }

    /// What a reader must know to read it.
    pub(super) fn options(&self) -> Options {
        self.meter.options()
    }

    /// Lets it talk until `stop`; how to read it.
    pub(super) fn source(self, stop: CancellationToken) -> Source {
        let path: PathBuf = self.pty.path().to_owned();
        thread::spawn(move || {
            if let Err(error) = talk(self.meter, self.pty, self.speed, &stop) {
                tracing::warn!(%error, "the simulated meter failed");
            }
        });
        Source::Serial(Serial {
            which: Which::Path(path),
            setup: Setup::Fixed(LineSettings::plain(115_200)),
            lines: Lines::default(),
        })
    }
}

fn talk(meter: Meter, mut pty: Pty, speed: f64, stop: &CancellationToken) -> io::Result<()> {
    let pace = Clocked::new(speed);
    for sending in meter {
        if stop.is_cancelled() {
            break;
        }
        scenario::send(&mut pty, &pace, &sending)?;
    }
    Ok(())
}
