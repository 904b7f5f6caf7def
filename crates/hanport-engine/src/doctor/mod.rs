//! What is wrong, and what to do about it, in plain words.
//!
//! ```text
//!  port      can it be opened, is it there               lit from the top; the first that is not
//!  line      do octets come, do they look right          lit is where the search begins
//!  frames    do frames pass their checks
//!  key       are they plain, or does a key open them
//!  list      is the list one that is known
//!  values    do power and registers come in time
//! ```
//!
//! The doctor hears everything that arrives and what became of it. It keeps counts of the last
//! two minutes and of the last hour, and the octets that became nothing.
//!
//! - `window` the counts, `seen` what the rules look at
//! - `rules` when a cause is thought of and how certain it is, `causes` what it is called and what
//!   to do
//! - `layers` the six layers in words, [`report`] what is said

mod causes;
mod layers;
pub mod report;
mod rules;
mod seen;
mod window;
mod words;

use hanport_core::datetime::DateTime;
use hanport_core::fault::{Cause, Fault, Layer as FaultLayer};
use hanport_core::reading::{Authenticity, Framing, Oddities, Oddity};

use crate::line::{Arrival, LineEvent, LineSettings};
use crate::state::Message;
use crate::time::{Cadence, UtcMillis};

pub use report::{Finding, Layer, LayerReport, LayerState, Report};

use seen::{Line, Look, Seen};
use window::{Counts, Window};

/// Octets that are kept to be looked at.
const KEPT: usize = 2048;
/// For so long what became nothing says something.
const FRESH_MS: i64 = 300_000;
/// Silence between two bursts.
const PAUSE_MS: i64 = 400;
/// Fewer octets than this are no message.
const SCRAP: u32 = 40;
/// Messages of this length and more are long.
const LONG: u32 = 128;
/// Meters with a longer period are judged by the last hour.
const RARE_MS: i64 = 25_000;
/// By so many seconds a clock may be off.
const CLOCK_S: i64 = 300;

/// The doctor of one meter. It never waits and takes a few kilobytes.
#[derive(Clone, Debug)]
pub struct Doctor {
    line: Line,
    settings: Option<(LineSettings, bool)>,
    /// How many settings the search has tried in a row.
    tries: u32,
    recent: Window<8>,
    hour: Window<12>,
    /// Octets since the last message or fault, and of faults before.
    heard: Vec<u8>,
    sample: Vec<u8>,
    sampled: UtcMillis,
    last_octets: Option<UtcMillis>,
    last_message: Option<UtcMillis>,
    cadence: Cadence,
    /// The source said that what comes now begins anew.
    paused: bool,
    /// The running burst: its octets, and whether there was something like a frame in it.
    burst_octets: u32,
    burst_framed: bool,
    /// Messages in it that broke off; none is lost where the same one follows at once.
    burst_parts: u32,
    /// Octets since the last message or fault.
    since_event: u32,
    proven: bool,
    /// What was unusual about the last message.
    oddities: Oddities,
    ciphered: Option<bool>,
    clock_off_s: i64,
    unknown: Option<String>,
}

impl Doctor {
    /// One that has seen nothing yet.
    pub fn new(now: UtcMillis) -> Self {
        Self {
            line: Line::Untold,
            settings: None,
            tries: 0,
            recent: Window::new(15_000),
            hour: Window::new(300_000),
            heard: Vec::new(),
            sample: Vec::new(),
            sampled: now,
            last_octets: None,
            last_message: None,
            cadence: Cadence::default(),
            paused: false,
            burst_octets: 0,
            burst_framed: false,
            burst_parts: 0,
            since_event: 0,
            proven: false,
            oddities: Oddities::NONE,
            ciphered: None,
            clock_off_s: 0,
            unknown: None,
        }
    }

    /// Something arrived from the source. Tell it before what became of it.
    pub fn handle_arrival(&mut self, arrival: &Arrival) {
        match arrival {
            Arrival::Event(at, event) => self.event(*at, event),
            Arrival::Octets(at, octets) => self.octets(*at, octets),
        }
    }

    fn count(&mut self, now: UtcMillis, count: impl Fn(&mut Counts)) {
        self.recent.count(now, &count);
        self.hour.count(now, &count);
    }

    fn octets(&mut self, now: UtcMillis, octets: &[u8]) {
        if octets.is_empty() {
            return;
        }
        let paused = core::mem::take(&mut self.paused);
        if paused || self.last_octets.is_none_or(|last| now.since(last) > PAUSE_MS) {
            self.end_burst(now);
            self.count(now, |counts| counts.bursts += 1);
        }
        let length = u32::try_from(octets.len()).unwrap_or(u32::MAX);
        self.count(now, |counts| counts.octets = counts.octets.saturating_add(length));
        self.burst_octets = self.burst_octets.saturating_add(length);
        self.since_event = self.since_event.saturating_add(length);
        self.last_octets = Some(now);
        keep(&mut self.heard, octets);
    }

    fn end_burst(&mut self, now: UtcMillis) {
        if (2..SCRAP).contains(&self.burst_octets) && !self.burst_framed {
            self.count(now, |counts| counts.scraps += 1);
        }
        self.burst_octets = 0;
        self.burst_framed = false;
        let parts = core::mem::take(&mut self.burst_parts);
        self.count(now, |counts| counts.parts = counts.parts.saturating_add(parts));
    }

    fn event(&mut self, now: UtcMillis, event: &LineEvent) {
        match event {
            LineEvent::Closed(why) => {
                if matches!(self.line, Line::Open(_)) {
                    self.hour.count(now, |counts| counts.closed += 1);
                }
                let since = match self.line {
                    Line::Closed(since, _) => since,
                    Line::Open(_) | Line::Untold => now,
                };
                self.line = Line::Closed(since, why.clone());
                self.end_burst(now);
                self.last_octets = None;
                self.proven = false;
            }
            LineEvent::Dropped(octets) => {
                let octets = u32::try_from(*octets).unwrap_or(u32::MAX);
                self.count(now, |counts| counts.dropped = counts.dropped.saturating_add(octets));
            }
            LineEvent::Errors(errors) => self.count(now, |counts| {
                counts.breaks = counts.breaks.saturating_add(errors.breaks);
                counts.framing = counts.framing.saturating_add(errors.framing);
                counts.overrun = counts.overrun.saturating_add(errors.overrun);
                counts.parity = counts.parity.saturating_add(errors.parity);
            }),
            LineEvent::Opened(_) => {
                self.line = Line::Open(now);
                self.last_octets = None;
            }
            LineEvent::Pause => self.paused = true,
            LineEvent::Settings(settings, right) => self.set(now, *settings, *right),
        }
    }

    /// What was heard with other settings says nothing about these.
    fn set(&mut self, now: UtcMillis, settings: LineSettings, right: bool) {
        self.tries = if right { 0 } else { self.tries.saturating_add(1) };
        let before = self.settings.replace((settings, right));
        if before.is_none_or(|before| before == (settings, right)) {
            return;
        }
        let closed = self.hour.total(now).closed;
        self.recent = Window::new(15_000);
        self.hour = Window::new(300_000);
        self.hour.count(now, |counts| counts.closed = closed);
        self.sample.clear();
        self.heard.clear();
        self.proven = false;
    }

    /// A message became a reading.
    pub fn handle_message(&mut self, now: UtcMillis, message: &Message) {
        let long = self.passed(now);
        self.burst_parts = 0;
        if let Some(before) = self.last_message.replace(now) {
            self.cadence.observe(now.since(before));
        }
        self.ciphered = Some(message.authenticity != Authenticity::Plain);
        self.oddities = message.oddities;
        let off = message.time.map(|time| clock_off(time, now));
        let wrong = off.is_some_and(|off| off.abs() > CLOCK_S);
        if wrong {
            self.clock_off_s = off.unwrap_or(0);
        }
        self.count(now, |counts| {
            counts.messages += 1;
            counts.timed += u32::from(off.is_some());
            counts.clock_wrong += u32::from(wrong);
            counts.good_long += u32::from(long);
            counts.good_short += u32::from(!long);
        });
        self.heard.clear();
    }

    /// A message or a stretch of octets became no reading.
    pub fn handle_fault(&mut self, now: UtcMillis, fault: &Fault) {
        match fault.layer {
            FaultLayer::Frame | FaultLayer::Line | FaultLayer::Transfer => self.damage(now, fault),
            // without a frame around it anything may look like the beginning of a message
            FaultLayer::Apdu | FaultLayer::Cipher | FaultLayer::Data
                if fault.framing == Some(Framing::Dlms) && !is_sealed(fault) =>
            {
                self.damage(now, fault);
            }
            FaultLayer::Apdu | FaultLayer::Cipher | FaultLayer::Data | FaultLayer::List => {
                self.stuck(now, fault);
            }
        }
    }

    /// A frame passed its checks; whether it was a long one.
    fn passed(&mut self, _: UtcMillis) -> bool {
        self.proven = true;
        self.burst_framed = true;
        core::mem::take(&mut self.since_event) >= LONG
    }

    /// What is in the frame stays closed, or is not known.
    fn stuck(&mut self, now: UtcMillis, fault: &Fault) {
        let long = self.passed(now);
        let unchecked = is_sealed(fault) && fault.framing == Some(Framing::Dlms);
        let spiked = unchecked && seen::spikes(&self.heard) > 0;
        if !is_sealed(fault) {
            self.unknown = Some(fault.cause.to_string());
        }
        self.count(now, |counts| {
            match fault.cause {
                Cause::AuthenticationFailed => counts.auth_failed += 1,
                Cause::NeedsKey => counts.needs_key += 1,
                Cause::WrongKey => counts.wrong_key += 1,
                Cause::FrameCheck { .. }
                | Cause::HeaderCheck { .. }
                | Cause::Malformed
                | Cause::NoEnd { .. }
                | Cause::NoFrame { .. }
                | Cause::PartMissing
                | Cause::TooLong { .. }
                | Cause::TooManyValues(_)
                | Cause::Truncated { .. }
                | Cause::UnknownList { .. }
                | Cause::Unsupported(_) => counts.unknown += 1,
            }
            counts.spiked += u32::from(spiked);
            counts.good_long += u32::from(long);
            counts.good_short += u32::from(!long);
        });
        self.heard.clear();
    }

    /// Octets were damaged, or are none of a meter.
    fn damage(&mut self, now: UtcMillis, fault: &Fault) {
        let long = core::mem::take(&mut self.since_event) >= LONG;
        let weight = Weight::of(fault);
        if let Weight::Check | Weight::Cut | Weight::Parts = weight {
            self.burst_framed = true;
        }
        if weight == Weight::Parts {
            self.burst_parts = self.burst_parts.saturating_add(1);
        }
        self.count(now, |counts| {
            match weight {
                Weight::Blank => counts.blank += 1,
                Weight::Check => counts.check += 1,
                Weight::Cut => counts.cut += 1,
                Weight::Head => counts.heads += 1,
                Weight::None | Weight::Parts => return,
            }
            counts.bad_long += u32::from(long);
            counts.bad_short += u32::from(!long);
        });
        if now.since(self.sampled) > FRESH_MS {
            self.sample.clear();
        }
        self.sampled = now;
        let heard = core::mem::take(&mut self.heard);
        keep(&mut self.sample, &heard);
    }

    /// What is wrong, as far as can be told now.
    pub fn report(&self, now: UtcMillis) -> Report {
        let seen = self.seen(now);
        let look = Look::at(&seen.sample, !seen.is_garbage());
        let findings = rules::findings(&seen, &look);
        let summary = layers::summary(&seen, &findings);
        Report { at: now, summary, layers: layers::layers(&seen, &look), findings }
    }

    fn seen(&self, now: UtcMillis) -> Seen<'_> {
        let hour = self.hour.total(now);
        let period_ms = self.cadence.period_ms();
        let rare = period_ms.is_some_and(|ms| ms > RARE_MS);
        let (mut counts, span) = if rare {
            (hour, "in the last hour")
        } else {
            (self.recent.total(now), "in the last two minutes")
        };
        if self.paused || self.last_octets.is_none_or(|last| now.since(last) > PAUSE_MS) {
            counts.parts = counts.parts.saturating_add(self.burst_parts);
        }
        let mut sample = Vec::new();
        if now.since(self.sampled) <= FRESH_MS {
            sample.extend_from_slice(&self.sample);
        }
        if self.last_octets.is_some_and(|last| now.since(last) > PAUSE_MS) || sample.is_empty() {
            sample.extend_from_slice(&self.heard);
        }
        Seen {
            now,
            line: &self.line,
            settings: self.settings,
            tries: self.tries,
            counts,
            span,
            hour,
            sample,
            period_ms,
            last_octets: self.last_octets,
            last_message: self.last_message,
            proven: self.proven,
            keys_swapped: self.oddities.has(Oddity::KeysSwapped),
            ciphered: self.ciphered,
            clock_off_s: self.clock_off_s,
            unknown: self.unknown.clone(),
        }
    }
}

/// Whether a key is what is missing.
const fn is_sealed(fault: &Fault) -> bool {
    matches!(fault.cause, Cause::AuthenticationFailed | Cause::NeedsKey | Cause::WrongKey)
}

/// What a fault of a frame says about the line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Weight {
    /// As many octets as a message has, and nothing like a frame.
    Blank,
    /// A frame came, and its check fails.
    Check,
    /// A message was cut off.
    Cut,
    /// Something like the head of a frame. Noise has such now and then.
    Head,
    /// Nothing.
    None,
    /// Frames came whole, but one is missing.
    Parts,
}

impl Weight {
    fn of(fault: &Fault) -> Self {
        /// So many octets behind a head have passed the check of the head, or are a telegram's.
        const MORE: usize = 16;
        /// No message is shorter.
        const MESSAGE: usize = SCRAP as usize;
        match (fault.cause, fault.framing) {
            (Cause::NoFrame { octets }, _) if octets >= MESSAGE => Self::Blank,
            (Cause::NoFrame { .. }, _) | (_, None) => Self::None,
            (Cause::HeaderCheck { .. }, _) | (_, Some(Framing::Dlms)) => Self::Head,
            (Cause::PartMissing, _) => Self::Parts,
            (Cause::FrameCheck { .. } | Cause::NoEnd { .. }, _) => Self::Check,
            (Cause::Truncated { have, .. }, _) if have >= MORE => Self::Cut,
            _ => Self::Head,
        }
    }
}

/// Keeps the newest octets.
fn keep(kept: &mut Vec<u8>, octets: &[u8]) {
    let octets = octets.get(octets.len().saturating_sub(KEPT)..).unwrap_or(octets);
    let too_many = (kept.len() + octets.len()).saturating_sub(KEPT);
    kept.drain(..too_many.min(kept.len()));
    kept.extend_from_slice(octets);
}

/// By how many seconds a clock is wrong, leaving aside which zone between UTC and UTC+3 it keeps;
/// telegrams of one country state another one's.
fn clock_off(time: DateTime, now: UtcMillis) -> i64 {
    const HOUR: i64 = 3600;
    let ahead = time.local_seconds() - now.seconds();
    let zone = (ahead + HOUR / 2).div_euclid(HOUR).clamp(0, 3) * HOUR;
    ahead - zone
}

#[cfg(test)]
mod tests;
