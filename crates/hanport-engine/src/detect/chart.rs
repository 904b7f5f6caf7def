//! A search followed from outside: what was heard with which settings.
//!
//! A source searches by itself and tells its settings and octets. Whoever shows the search keeps
//! this beside it.

use hanport_core::session::push::Options;

use super::burst::{Burst, sum};
use super::candidate::{Candidate, Evidence};
use super::judge::Judge;
use super::steer;
use crate::explain::diagnosis::Likeness;
use crate::line::{Arrival, LineErrors, LineEvent, LineSettings};
use crate::time::UtcMillis;

/// What was heard with which settings.
#[derive(Debug)]
pub struct Chart {
    options: Options,
    judge: Judge,
    rows: Vec<Candidate>,
    current: Option<LineSettings>,
    since: UtcMillis,
    right: bool,
    burst: Option<Burst>,
    inverted: u32,
}

impl Chart {
    /// An empty one. A session with `options` judges.
    pub fn new(options: &Options, now: UtcMillis) -> Self {
        Self {
            options: options.clone(),
            judge: Judge::new(options, LineSettings::plain(2400)),
            rows: Vec::new(),
            current: None,
            since: now,
            right: false,
            burst: None,
            inverted: 0,
        }
    }

    /// The settings that were tried, in their order.
    pub fn rows(&self) -> &[Candidate] {
        &self.rows
    }

    /// The settings in force, and since when; `None` before the first.
    pub fn current(&self) -> Option<(LineSettings, UtcMillis)> {
        self.current.map(|settings| (settings, self.since))
    }

    /// The settings that were found.
    pub fn found(&self) -> Option<LineSettings> {
        self.current.filter(|_| self.right)
    }

    /// Whether the line looks inverted, which no settings cure.
    pub const fn is_inverted(&self) -> bool {
        !self.right && self.inverted >= 2
    }

    /// Something arrived.
    pub fn handle_arrival(&mut self, arrival: &Arrival) {
        match arrival {
            Arrival::Event(at, LineEvent::Errors(errors)) => self.errors(*at, *errors),
            Arrival::Event(_, LineEvent::Pause | LineEvent::Closed(_)) => self.finish(),
            Arrival::Event(_, LineEvent::Dropped(_) | LineEvent::Opened(_)) => {}
            Arrival::Event(at, LineEvent::Settings(settings, right)) => {
                self.set(*at, *settings, *right);
            }
            Arrival::Octets(at, octets) => self.octets(*at, octets),
        }
    }

    /// Time passed.
    pub fn handle_timeout(&mut self, now: UtcMillis) {
        let Some(settings) = self.current else { return };
        if self.burst.as_ref().is_some_and(|burst| now >= burst.deadline(settings)) {
            self.finish();
        }
    }

    fn set(&mut self, now: UtcMillis, settings: LineSettings, right: bool) {
        self.finish();
        self.right = right;
        if self.current.replace(settings) != Some(settings) {
            self.since = now;
            self.judge.set(settings);
        }
        if self.rows.iter().all(|row| row.settings != settings) {
            self.rows.push(Candidate::new((settings, 0)));
        }
    }

    fn octets(&mut self, now: UtcMillis, octets: &[u8]) {
        self.handle_timeout(now);
        let Some(settings) = self.current else { return };
        let burst = self.burst.get_or_insert_with(|| Burst::new(settings, now, octets.len()));
        burst.handle_octets(now, octets);
        burst.verdict = burst.verdict.and(self.judge.handle_octets(octets));
    }

    fn errors(&mut self, now: UtcMillis, errors: LineErrors) {
        // they are told a moment after the octets
        if let Some(burst) = &mut self.burst {
            burst.errors = sum(burst.errors, errors);
        } else if let Some(row) = self.row() {
            row.evidence.errors = sum(row.evidence.errors, errors);
        }
        self.handle_timeout(now);
    }

    fn row(&mut self) -> Option<&mut Candidate> {
        let current = self.current?;
        self.rows.iter_mut().find(|row| row.settings == current)
    }

    /// A burst is over.
    fn finish(&mut self) {
        let (Some(settings), Some(mut burst)) = (self.current, self.burst.take()) else { return };
        burst.verdict = burst.verdict.and(self.judge.handle_pause());
        let likeness = if burst.verdict.passed > 0 {
            None
        } else {
            steer::look(&burst, settings, &self.options).likeness
        };
        self.inverted += u32::from(likeness == Some(Likeness::Inverted));
        let Some(row) = self.row() else { return };
        let Evidence { bursts, octets, frames, damaged, errors, .. } = row.evidence;
        row.evidence = Evidence {
            bursts: bursts.saturating_add(1),
            octets: octets.saturating_add(u64::from(burst.octets)),
            frames: frames.saturating_add(burst.verdict.passed),
            damaged: damaged.saturating_add(burst.verdict.damaged),
            errors: sum(errors, burst.errors),
            likeness: likeness.or(row.evidence.likeness),
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TELEGRAM: &[u8] = b"/TST5\\1\r\n\r\n1-0:1.7.0(00.016*kW)\r\n!0AE9\r\n";

    #[test]
    fn every_setting_has_a_row_with_what_was_heard() {
        let start = UtcMillis::from_seconds(1_705_320_000);
        let mut chart = Chart::new(&Options::default(), start);
        let set = |chart: &mut Chart, s: i64, text: &str, right| {
            let event = LineEvent::Settings(text.parse().unwrap(), right);
            chart.handle_arrival(&Arrival::Event(start.plus(s * 1000), event));
        };
        set(&mut chart, 0, "9600 8N1", false);
        let garbage = [0x78, 0x80, 0xF8].repeat(50);
        chart.handle_arrival(&Arrival::Octets(start.plus(2000), garbage));
        chart.handle_timeout(start.plus(9000));
        set(&mut chart, 9, "2400 8E1", false);
        chart.handle_arrival(&Arrival::Octets(start.plus(12_000), TELEGRAM.to_vec()));
        let errors = LineErrors { parity: 2, ..LineErrors::default() };
        chart.handle_arrival(&Arrival::Event(start.plus(12_100), LineEvent::Errors(errors)));
        assert_eq!((chart.found(), chart.rows().len()), (None, 2));
        set(&mut chart, 13, "2400 8E1", true);
        let [first, second] = chart.rows() else { panic!("{:?}", chart.rows()) };
        let told =
            |row: &Candidate| (row.evidence.bursts, row.evidence.octets, row.evidence.frames);
        assert_eq!((told(first), told(second)), ((1, 150, 0), (1, 40, 1)));
        assert_eq!(first.evidence.likeness, Some(Likeness::TooFast));
        assert_eq!(second.evidence.errors.parity, 2);
        assert_eq!(chart.found(), Some(second.settings));
        assert!(!chart.is_inverted());
    }
}
