//! Whether settings are right, by what a session makes of the octets that they give.
//!
//! ```text
//!  frame with a 16-bit check, 24 octets or longer, or a message whose tag fits   2 points
//!  shorter one, one with an 8-bit sum, one without check that reads              1 point
//!  frame whose check fails                                                       damaged
//!  what looks like a message without frame, and is none                          nothing
//! ```
//!
//! Two points settle it. By chance a frame with a 16-bit check arises once in some ten million
//! octets of noise: it has a start, a length and often a second check beside. What is inside of a
//! frame does not matter: a message that no key opens proves the line as well as one that reads.

use hanport_core::fault::{Cause, Fault, Layer};
use hanport_core::reading::{Authenticity, Check, Framing, Readout};
use hanport_core::session::push::{Event, Options, Session};

use crate::line::LineSettings;

/// Long enough for every message but texts in telegrams that have several thousand digits.
const LONGEST: usize = 4096;
/// A frame of 24 octets or more has a body.
const WITH_BODY: usize = 24;
/// Beyond this a message fills more than one M-Bus frame, each with its own sum.
const ONE_MBUS_FRAME: usize = 261;
/// So many points settle it.
pub(super) const SETTLED: u32 = 2;

/// What came of some octets.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Verdict {
    /// Frames and messages that passed their checks.
    pub(super) passed: u32,
    /// What they are worth.
    pub(super) points: u32,
    /// Frames whose checks failed.
    pub(super) damaged: u32,
}

impl Verdict {
    /// This and the next one.
    pub(super) const fn and(self, next: Self) -> Self {
        Self {
            passed: self.passed.saturating_add(next.passed),
            points: self.points.saturating_add(next.points),
            damaged: self.damaged.saturating_add(next.damaged),
        }
    }

    const fn passed(points: u32) -> Self {
        Self { passed: 1, points, damaged: 0 }
    }
}

/// A session that listens for frames only.
#[derive(Debug)]
pub(super) struct Judge {
    session: Box<Session<LONGEST>>,
    /// Characters have seven bits: a telegram proves them, and nothing else. The sum of an M-Bus
    /// frame fits every second time without the highest bits.
    text_only: bool,
}

impl Judge {
    pub(super) fn new(options: &Options, settings: LineSettings) -> Self {
        let text_only = settings.data_bits < 8;
        Self { session: Box::new(Session::new(options.clone())), text_only }
    }

    /// It listens to another setting from now on.
    pub(super) const fn set(&mut self, settings: LineSettings) {
        self.text_only = settings.data_bits < 8;
    }

    /// What octets of one stretch as a whole are worth.
    pub(super) fn of(options: &Options, settings: LineSettings, octets: &[u8]) -> Verdict {
        let mut judge = Self::new(options, settings);
        judge.handle_octets(octets).and(judge.handle_pause())
    }

    /// Octets arrived.
    pub(super) fn handle_octets(&mut self, octets: &[u8]) -> Verdict {
        let quiet = self.session.counts().quiet_frames;
        let mut verdict = Verdict::default();
        let mut input = octets;
        while let Some(event) = self.session.poll(&mut input) {
            verdict = verdict.and(of_event(&event, self.text_only));
        }
        verdict.and(self.quiet_since(quiet))
    }

    /// The line pauses.
    pub(super) fn handle_pause(&mut self) -> Verdict {
        let quiet = self.session.counts().quiet_frames;
        let mut verdict = Verdict::default();
        while let Some(event) = self.session.end() {
            verdict = verdict.and(of_event(&event, self.text_only));
        }
        verdict.and(self.quiet_since(quiet))
    }

    /// Frames that carry nothing pass their checks all the same.
    fn quiet_since(&self, before: u64) -> Verdict {
        let frames = self.session.counts().quiet_frames.saturating_sub(before);
        let frames = if self.text_only { 0 } else { u32::try_from(frames).unwrap_or(u32::MAX) };
        Verdict { passed: frames, points: frames, damaged: 0 }
    }
}

fn of_event(event: &Event<'_>, text_only: bool) -> Verdict {
    let framing = match event {
        Event::Fault(fault) => fault.framing,
        Event::Reading(reading) => Some(reading.readout.framing),
    };
    if text_only && framing != Some(Framing::Dsmr) {
        return Verdict::default();
    }
    match event {
        Event::Fault(fault) => of_fault(fault),
        Event::Reading(reading) => Verdict::passed(of_reading(reading.readout)),
    }
}

fn of_reading(readout: &Readout) -> u32 {
    if readout.authenticity == Authenticity::Verified {
        return SETTLED;
    }
    let long = match readout.framing {
        Framing::Mbus => readout.octets > ONE_MBUS_FRAME,
        Framing::Dlms | Framing::Dsmr | Framing::Gbt | Framing::Hdlc | Framing::Sml => {
            readout.check == Check::Valid && readout.octets >= WITH_BODY
        }
    };
    if long { SETTLED } else { 1 }
}

/// What a message is worth that did not become a reading.
fn of_fault(fault: &Fault) -> Verdict {
    let Some(framing) = fault.framing else { return Verdict::default() };
    let damaged = Verdict { damaged: 1, ..Verdict::default() };
    let sealed =
        matches!(fault.cause, Cause::AuthenticationFailed | Cause::NeedsKey | Cause::WrongKey);
    if framing == Framing::Dlms && !sealed {
        // without a frame around it any octet may look like the beginning of a message
        return Verdict::default();
    }
    match fault.layer {
        Layer::Line => Verdict::default(),
        // the parts that came passed their checks
        Layer::Transfer if fault.cause == Cause::PartMissing => Verdict::passed(1),
        Layer::Frame | Layer::Transfer => damaged,
        Layer::Cipher | Layer::Apdu | Layer::Data | Layer::List => match framing {
            Framing::Gbt | Framing::Hdlc | Framing::Sml => Verdict::passed(SETTLED),
            Framing::Dlms | Framing::Dsmr | Framing::Mbus => Verdict::passed(1),
        },
    }
}
