//! Watching over settings that were found, without effort: a frame a minute is enough.
//!
//! One glitch, one bad hour of a loose contact or silence change nothing. Only where octets keep
//! coming and no frame among them passes its checks, for minutes and for several periods of the
//! meter, are the settings given up: another meter, another port.

use hanport_core::session::push::Options;

use super::judge::Judge;
use crate::line::LineSettings;
use crate::time::{Cadence, UtcMillis};

/// After a frame that passed nobody listens for so long.
const ASLEEP_MS: i64 = 60_000;
/// Octets in vain for at least so long, and for so many periods.
const MINUTES_MS: i64 = 180_000;
const PERIODS: i64 = 5;
/// In so many bursts, with so many octets; or without a pause, this many.
const BURSTS: u32 = 4;
const OCTETS: u64 = 96;
const FLOOD: u64 = 16_384;
/// Silence between two bursts.
const PAUSE_MS: i64 = 400;

#[derive(Debug)]
pub(super) struct Watch {
    options: Options,
    settings: LineSettings,
    /// Listens, while there is need.
    judge: Option<Judge>,
    asleep_until: UtcMillis,
    /// When the last burst began, and when its last octet came.
    began: Option<UtcMillis>,
    last: UtcMillis,
    cadence: Cadence,
    /// Since when nothing passed, in how many bursts with how many octets.
    vain_since: Option<UtcMillis>,
    bursts: u32,
    octets: u64,
}

impl Watch {
    pub(super) fn new(options: &Options, settings: LineSettings, now: UtcMillis) -> Self {
        Self {
            options: options.clone(),
            settings,
            judge: None,
            asleep_until: now.plus(ASLEEP_MS),
            began: None,
            last: now,
            cadence: Cadence::default(),
            vain_since: None,
            bursts: 0,
            octets: 0,
        }
    }

    pub(super) const fn settings(&self) -> LineSettings {
        self.settings
    }

    /// Octets arrived; whether the settings are to be given up.
    pub(super) fn handle_octets(&mut self, now: UtcMillis, octets: &[u8]) -> bool {
        let pause = self.began.is_none() || now.since(self.last) > PAUSE_MS;
        self.last = self.last.max(now);
        if pause && let Some(before) = self.began.replace(now) {
            self.cadence.observe(now.since(before));
        }
        if now < self.asleep_until {
            return false;
        }
        let mut frames = 0;
        let judge = self.judge.get_or_insert_with(|| Judge::new(&self.options, self.settings));
        if pause {
            frames += judge.handle_pause().passed;
            self.bursts = self.bursts.saturating_add(1);
        }
        frames += judge.handle_octets(octets).passed;
        self.octets = self.octets.saturating_add(octets.len() as u64);
        if frames > 0 {
            self.judge = None;
            self.asleep_until = now.plus(ASLEEP_MS);
            self.vain_since = None;
            self.bursts = 0;
            self.octets = 0;
            return false;
        }
        let since = *self.vain_since.get_or_insert(now);
        let periods = self.cadence.period_ms().unwrap_or(0).saturating_mul(PERIODS);
        let sustained = now.since(since) >= MINUTES_MS.max(periods);
        sustained && ((self.bursts > BURSTS && self.octets >= OCTETS) || self.octets >= FLOOD)
    }
}
