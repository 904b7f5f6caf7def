//! A reader that lets a detector choose its settings.

use hanport_engine::detect::{Change, Detector};
use hanport_engine::line::{LineErrors, LineSettings, Parity};
use hanport_engine::time::UtcMillis;
use hanport_sim::meter::{self, Uart};

use crate::line::{Sent, heard};

/// 2024-01-15T12:00:00Z.
pub(crate) const START: UtcMillis = UtcMillis::from_seconds(1_705_320_000);

/// What a driver hands on at once, in milliseconds.
const LATENCY_MS: i64 = 16;

/// The settings that fit a sender exactly.
pub(crate) fn settings_of(uart: Uart) -> LineSettings {
    let parity = match uart.parity {
        meter::Parity::Even => Parity::Even,
        meter::Parity::None => Parity::None,
    };
    LineSettings { baud: uart.baud, data_bits: uart.data_bits, parity, stop_bits: 1 }
}

/// A reader on a line.
#[derive(Debug)]
pub(crate) struct Reader {
    pub(crate) detector: Detector,
    /// Changes and when they came, in milliseconds since the start.
    pub(crate) changes: Vec<(i64, Change)>,
    /// Whether the driver counts damaged characters.
    pub(crate) counts_errors: bool,
    /// Whether an inverted meter is inverted back.
    pub(crate) cured: bool,
}

impl Reader {
    pub(crate) fn new(detector: Detector) -> Self {
        Self { detector, changes: Vec::new(), counts_errors: true, cured: true }
    }

    fn drain(&mut self, ms: i64) {
        while let Some(change) = self.detector.poll_change() {
            self.changes.push((ms, change));
        }
    }

    /// Time passes until then.
    pub(crate) fn wait(&mut self, until_ms: i64) {
        while let Some(due) =
            self.detector.poll_timeout().filter(|due| *due <= START.plus(until_ms))
        {
            self.detector.handle_timeout(due);
            self.drain(due.since(START));
        }
    }

    /// Hears a message.
    pub(crate) fn hear(&mut self, sent: &Sent) {
        self.wait(sent.at_ms);
        let settings = self.detector.settings();
        let received = heard(&sent.bytes, sent.uart, settings, self.cured);
        let pieces = usize::try_from(sent.duration_ms() / LATENCY_MS).unwrap().max(1);
        for piece in 0..pieces {
            let part = |n: usize| received.bytes.len() * n / pieces;
            let end = sent.duration_ms() * i64::try_from(piece + 1).unwrap()
                / i64::try_from(pieces).unwrap();
            let at = sent.at_ms + end;
            let octets = &received.bytes[part(piece)..part(piece + 1)];
            self.wait(at);
            self.detector.handle_octets(START.plus(at), octets);
            self.drain(at);
        }
        assert_eq!(self.detector.settings(), settings, "settings change between messages only");
        let count = |count: usize| u32::try_from(count).unwrap();
        if self.counts_errors {
            let errors = LineErrors {
                // behind an inverted message the line stays low
                breaks: u32::from(sent.uart.inverted && !self.cured),
                framing: count(received.framing_errors),
                parity: count(received.parity_errors),
                ..LineErrors::default()
            };
            let at = sent.at_ms + sent.duration_ms();
            self.detector.handle_errors(START.plus(at), errors);
            self.drain(at);
        }
    }

    /// When settings were found, and which.
    pub(crate) fn locked(&self) -> Option<(i64, LineSettings)> {
        self.changes.iter().find_map(|&(at, change)| match change {
            Change::Locked(settings) => Some((at, settings)),
            Change::Lost(_) | Change::Try(_) => None,
        })
    }
}
