//! The search: one candidate after the other, burst by burst.
//!
//! ```text
//!            burst over
//!                |
//!   frame passed? --- enough of them --> characters whole? --> locked
//!        |   '------- not yet: stay           '-- no: try the parity that the errors tell
//!       no
//!        '--> what does it look like (steer) --> cheapest candidate from now on (candidate)
//! ```
//!
//! Settings change between bursts only, so that no message is torn by it. Where nothing at all
//! comes nothing can be learned, and the settings stay for long: a line that is in use gives
//! octets at any speed.

use std::collections::VecDeque;

use hanport_core::session::push::Options;

use super::Change;
use super::burst::{Burst, sum};
use super::candidate::{Candidate, Evidence};
use super::judge::{Judge, SETTLED};
use super::steer::{self, Hint, STRONG};
use super::table::{self, SPEEDS};
use crate::explain::diagnosis::Likeness;
use crate::line::{LineErrors, LineSettings, Parity};
use crate::time::UtcMillis;

/// A burst that begins so soon after the line was opened may be the rest of a message.
const FRESH_MS: i64 = 300;
/// Silence after which other settings are tried: longer than the period of meters that send once
/// a minute; and longest for settings that were right before.
const SILENT_MS: i64 = 70_000;
const SILENT_REMEMBERED_MS: i64 = 600_000;
const SILENT_LONGEST_MS: i64 = 300_000;
/// Fewer octets than this may be a blip on the line; two such count as a burst.
const SLIGHT: u32 = 8;
const SLIGHT_ONES: u32 = 2;
/// Bursts for which settings stay that an inverted line would fit: only hardware can cure it.
const INVERTED: u32 = 6;
/// Damaged characters, in per cent, that make settings suspect though their frames pass.
const SUSPECT: u64 = 15;

#[derive(Debug)]
pub(super) struct Search {
    options: Options,
    judge: Judge,
    candidates: Vec<Candidate>,
    current: usize,
    /// What speaks for each speed of the table; half as much with every burst.
    speeds: [i32; SPEEDS.len()],
    /// Silence lasts since then.
    since: UtcMillis,
    /// Until then a burst may be the rest of a message.
    fresh_until: UtcMillis,
    /// Bursts in vain with the current settings, in halves.
    in_vain: u32,
    burst: Option<Burst>,
    /// Settings that read frames, while others are tried that may read them without errors.
    proven: Option<LineSettings>,
    remembered: Option<LineSettings>,
    inverted: u32,
    changes: VecDeque<Change>,
}

impl Search {
    pub(super) fn new(options: &Options, first: Option<LineSettings>, now: UtcMillis) -> Self {
        let candidates: Vec<Candidate> =
            table::order(first).into_iter().map(Candidate::new).collect();
        let settings = candidates.first().map_or(LineSettings::plain(2400), |c| c.settings);
        Self {
            options: options.clone(),
            judge: Judge::new(options, settings),
            candidates,
            current: 0,
            speeds: [0; SPEEDS.len()],
            since: now,
            fresh_until: now.plus(FRESH_MS),
            in_vain: 0,
            burst: None,
            proven: None,
            remembered: first,
            inverted: 0,
            changes: VecDeque::new(),
        }
    }

    pub(super) fn settings(&self) -> LineSettings {
        self.candidates.get(self.current).map_or(LineSettings::plain(2400), |c| c.settings)
    }

    /// Those that were heard, the best first.
    pub(super) fn heard(&self) -> Vec<Candidate> {
        let mut heard: Vec<Candidate> =
            self.candidates.iter().copied().filter(|c| c.evidence.bursts > 0).collect();
        heard.sort_by_key(|candidate| candidate.cost(self.speed(candidate.settings)));
        heard
    }

    /// When something happened last.
    pub(super) const fn now(&self) -> UtcMillis {
        self.since
    }

    /// Whether the line looks inverted.
    pub(super) const fn inverted(&self) -> bool {
        self.inverted >= 2
    }

    pub(super) fn poll_change(&mut self) -> Option<Change> {
        self.changes.pop_front()
    }

    pub(super) fn handle_octets(&mut self, now: UtcMillis, octets: &[u8]) {
        self.handle_timeout(now);
        let settings = self.settings();
        let burst = self.burst.get_or_insert_with(|| Burst::new(settings, now, octets.len()));
        burst.handle_octets(now, octets);
        burst.verdict = burst.verdict.and(self.judge.handle_octets(octets));
    }

    pub(super) fn handle_errors(&mut self, now: UtcMillis, errors: LineErrors) {
        if errors == LineErrors::default() {
            return;
        }
        self.handle_timeout(now);
        let settings = self.settings();
        self.burst.get_or_insert_with(|| Burst::new(settings, now, 0)).handle_errors(now, errors);
    }

    pub(super) fn poll_timeout(&self) -> UtcMillis {
        match &self.burst {
            Some(burst) => burst.deadline(self.settings()),
            None => self.since.plus(self.silence_ms()),
        }
    }

    pub(super) fn handle_timeout(&mut self, now: UtcMillis) {
        if now < self.poll_timeout() {
            return;
        }
        match self.burst.take() {
            Some(burst) => self.finish(now, burst),
            None => self.silent(now),
        }
    }

    fn silence_ms(&self) -> i64 {
        let Some(candidate) = self.candidates.get(self.current) else { return SILENT_MS };
        if self.remembered == Some(candidate.settings) && candidate.failures == 0 {
            return SILENT_REMEMBERED_MS;
        }
        let longer = SILENT_MS.saturating_mul(i64::from(candidate.silences) + 1);
        longer.min(SILENT_LONGEST_MS)
    }

    fn speed(&self, settings: LineSettings) -> i32 {
        let place = SPEEDS.iter().position(|speed| *speed == settings.baud);
        place.and_then(|place| self.speeds.get(place)).copied().unwrap_or(0)
    }

    /// Nothing came for long.
    fn silent(&mut self, now: UtcMillis) {
        self.since = now;
        if let Some(proven) = self.proven.take() {
            self.lock(now, proven);
            return;
        }
        if let Some(candidate) = self.candidates.get_mut(self.current) {
            candidate.silences = candidate.silences.saturating_add(1);
        }
        self.next(now);
    }

    /// A burst is over.
    fn finish(&mut self, now: UtcMillis, mut burst: Burst) {
        burst.verdict = burst.verdict.and(self.judge.handle_pause());
        self.since = burst.last.max(self.since);
        let fresh = burst.began < self.fresh_until;
        let Some(candidate) = self.candidates.get_mut(self.current) else { return };
        let Evidence { bursts, octets, frames, damaged, errors, .. } = &mut candidate.evidence;
        *bursts = bursts.saturating_add(1);
        *octets = octets.saturating_add(u64::from(burst.octets));
        *frames = frames.saturating_add(burst.verdict.passed);
        *damaged = damaged.saturating_add(burst.verdict.damaged);
        *errors = sum(*errors, burst.errors);
        candidate.points = candidate.points.saturating_add(burst.verdict.points);
        if candidate.points >= SETTLED && burst.verdict.points > 0 {
            let candidate = *candidate;
            self.settle(now, &candidate);
        } else if burst.verdict.points > 0 {
            self.in_vain = 0;
        } else {
            self.learn(now, &burst, fresh);
        }
    }

    /// The current settings read frames. Is there a parity with which characters arrive whole?
    fn settle(&mut self, now: UtcMillis, current: &Candidate) {
        let share = |candidate: &Candidate| {
            let Evidence { octets, errors, .. } = candidate.evidence;
            let damaged = u64::from(errors.framing) + u64::from(errors.parity);
            damaged.saturating_mul(100) / octets.max(1)
        };
        if let Some(proven) = self.proven {
            let before = self.candidates.iter().find(|c| c.settings == proven);
            if before.is_some_and(|before| share(before) <= share(current)) {
                self.lock(now, proven);
                return;
            }
        }
        let other = other_parity(current).filter(|_| share(current) >= SUSPECT);
        let other = other.and_then(|other| {
            let untried = |c: &Candidate| c.settings == other && c.evidence.bursts == 0;
            self.candidates.iter().position(untried)
        });
        match other {
            Some(other) => {
                self.proven = Some(current.settings);
                self.switch(now, other);
            }
            None => self.lock(now, current.settings),
        }
    }

    /// A burst without a frame.
    fn learn(&mut self, now: UtcMillis, burst: &Burst, fresh: bool) {
        let settings = self.settings();
        let hint = steer::look(burst, settings, &self.options);
        for (weight, more) in self.speeds.iter_mut().zip(&hint.speeds) {
            *weight = *weight / 2 + more;
        }
        if hint.likeness == Some(Likeness::Inverted) {
            self.inverted = self.inverted.saturating_add(1);
        }
        if let Some(candidate) = self.candidates.get_mut(self.current) {
            candidate.evidence.likeness = hint.likeness.or(candidate.evidence.likeness);
        }
        if self.follow(now, &hint) {
            return;
        }
        let inverted = hint.likeness == Some(Likeness::Inverted) && self.inverted < INVERTED;
        if inverted || (fresh && !against(&hint, settings)) {
            return;
        }
        self.in_vain += if burst.octets < SLIGHT && burst.pieces > 0 { 1 } else { SLIGHT_ONES };
        let Some(candidate) = self.candidates.get_mut(self.current) else { return };
        if self.in_vain < candidate.patience() * SLIGHT_ONES {
            return;
        }
        candidate.failures = candidate.failures.saturating_add(1);
        candidate.bonus = 0;
        match self.proven.take() {
            Some(proven) => self.lock(now, proven),
            None => self.next(now),
        }
    }

    /// Takes over the settings for which a burst speaks; whether it is worth to go there at once.
    fn follow(&mut self, now: UtcMillis, hint: &Hint) -> bool {
        let Some(settings) = hint.settings.filter(|_| self.proven.is_none()) else {
            return false;
        };
        let Some(at) = self.candidates.iter().position(|c| c.settings == settings) else {
            return false;
        };
        let own = self.current;
        if let Some(candidate) = self.candidates.get_mut(own) {
            candidate.failures = candidate.failures.saturating_add(1);
        }
        let Some(candidate) = self.candidates.get_mut(at) else { return false };
        candidate.bonus = STRONG;
        let Some((_, verdict)) = hint.masked else {
            self.next(now);
            return true;
        };
        candidate.evidence.frames = candidate.evidence.frames.saturating_add(verdict.passed);
        candidate.points = candidate.points.saturating_add(verdict.points);
        if candidate.points >= SETTLED {
            self.lock(now, settings);
        } else {
            self.switch(now, at);
        }
        true
    }

    /// Goes on to the candidate for which most speaks.
    fn next(&mut self, now: UtcMillis) {
        let costs = self.candidates.iter().map(|c| c.cost(self.speed(c.settings)));
        let cheapest = costs.enumerate().min_by_key(|&(_, cost)| cost);
        if let Some((at, _)) = cheapest {
            self.switch(now, at);
        }
    }

    fn switch(&mut self, now: UtcMillis, to: usize) {
        self.in_vain = 0;
        // in the middle of a stream without pauses
        let torn = now.since(self.since) < FRESH_MS;
        self.fresh_until = if torn { now.plus(FRESH_MS) } else { now };
        self.since = now;
        let before = self.settings();
        self.current = to;
        let settings = self.settings();
        if settings != before {
            self.judge.set(settings);
            self.changes.push_back(Change::Try(settings));
        }
    }

    fn lock(&mut self, now: UtcMillis, settings: LineSettings) {
        let at = self.candidates.iter().position(|c| c.settings == settings);
        self.switch(now, at.unwrap_or(self.current));
        self.changes.push_back(Change::Locked(settings));
    }
}

/// Whether a burst speaks against the settings it was heard with, even if it was a part only.
fn against(hint: &Hint, settings: LineSettings) -> bool {
    let speed = SPEEDS.iter().position(|speed| *speed == settings.baud);
    let speed = speed.and_then(|at| hint.speeds.get(at)).copied().unwrap_or(0);
    let likeness = matches!(
        hint.likeness,
        Some(Likeness::Idle | Likeness::Inverted | Likeness::ParityAwaited | Likeness::TooFast)
    );
    speed < 0 || likeness
}

/// The settings that damaged characters tell, where frames pass all the same.
fn other_parity(candidate: &Candidate) -> Option<LineSettings> {
    let Candidate { settings, evidence: Evidence { errors, .. }, .. } = *candidate;
    let (data_bits, parity) = match (settings.data_bits, settings.parity) {
        // a parity bit stands where the stop bit is awaited
        (8, Parity::None) if errors.framing > 0 => (8, Parity::Even),
        (8, Parity::Even) if errors.parity > 0 => (8, Parity::Odd),
        (7, Parity::Even | Parity::Odd) if errors.parity > 0 => (8, Parity::None),
        _ => return None,
    };
    Some(LineSettings { data_bits, parity, ..settings })
}
