//! The state of the port: good, late, bad or silent.
//!
//! ```text
//!  newest reading younger than 15 s, or 1.5 periods + 5 s      good
//!                 younger than 30 s, or 3 periods + 5 s        late
//!                 older                                        silent
//!  three faults in a row since the newest reading, the last
//!  of them not older than a late reading                       bad
//!  nothing yet, for the first 30 s                             waiting
//! ```
//!
//! The fixed limits are those that users of existing readers know; the period takes their place
//! for meters that send more rarely.

use serde::{Deserialize, Serialize};

use crate::time::{Cadence, UtcMillis};

const GOOD_MS: i64 = 15_000;
const LATE_MS: i64 = 30_000;
const WAITING_MS: i64 = 30_000;
const MARGIN_MS: i64 = 5000;
/// Faults in a row that count as an error.
const FAULTS: u32 = 3;

/// How the port does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PortStatus {
    /// Octets come, but they become no readings.
    Bad,
    /// Readings come in time.
    Good,
    /// The next reading is overdue.
    Late,
    /// Nothing has come for long.
    Silent,
    /// It was opened just now.
    Waiting,
}

impl PortStatus {
    /// The stable word for programs.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Bad => "bad",
            Self::Good => "good",
            Self::Late => "late",
            Self::Silent => "silent",
            Self::Waiting => "waiting",
        }
    }
}

/// What is known of the port. All instants are receive times.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Port {
    opened: UtcMillis,
    reading: Option<UtcMillis>,
    faults_in_a_row: u32,
    fault: UtcMillis,
    cadence: Cadence,
    told: PortStatus,
}

impl Port {
    /// A port that is opened now.
    pub fn new(opened: UtcMillis) -> Self {
        let cadence = Cadence::default();
        let told = PortStatus::Waiting;
        Self { opened, reading: None, faults_in_a_row: 0, fault: opened, cadence, told }
    }

    /// A reading came.
    pub fn reading(&mut self, received: UtcMillis) {
        if let Some(before) = self.reading.replace(received) {
            self.cadence.observe(received.since(before));
        }
        self.faults_in_a_row = 0;
    }

    /// Octets came that became no reading.
    pub const fn fault(&mut self, received: UtcMillis) {
        self.fault = received;
        self.faults_in_a_row = self.faults_in_a_row.saturating_add(1);
    }

    /// How it does now.
    pub fn status(&self, now: UtcMillis) -> PortStatus {
        if self.faults_in_a_row >= FAULTS && now.since(self.fault) < self.late_ms() {
            return PortStatus::Bad;
        }
        let Some(reading) = self.reading else {
            let waiting = now.since(self.opened) < WAITING_MS;
            return if waiting { PortStatus::Waiting } else { PortStatus::Silent };
        };
        match now.since(reading) {
            age if age < self.good_ms() => PortStatus::Good,
            age if age < self.late_ms() => PortStatus::Late,
            _ => PortStatus::Silent,
        }
    }

    /// The status, if it is another than the last time this was asked.
    pub fn change(&mut self, now: UtcMillis) -> Option<PortStatus> {
        let status = self.status(now);
        (core::mem::replace(&mut self.told, status) != status).then_some(status)
    }

    /// The period of the messages in milliseconds, once it is learned.
    pub fn period_ms(&self) -> Option<i64> {
        self.cadence.period_ms()
    }

    /// When the last reading came.
    pub const fn last_reading(&self) -> Option<UtcMillis> {
        self.reading
    }

    /// When the status would change by itself, after `now`.
    pub fn deadline(&self, now: UtcMillis) -> Option<UtcMillis> {
        let late = self.late_ms();
        let edges = match self.reading {
            Some(reading) => [reading.plus(self.good_ms()), reading.plus(late)],
            None => [self.opened.plus(WAITING_MS); 2],
        };
        let bad = (self.faults_in_a_row >= FAULTS).then(|| self.fault.plus(late));
        edges.into_iter().chain(bad).filter(|edge| *edge > now).min()
    }

    fn good_ms(&self) -> i64 {
        self.period_ms().map_or(0, |ms| ms * 3 / 2 + MARGIN_MS).max(GOOD_MS)
    }

    fn late_ms(&self) -> i64 {
        self.period_ms().map_or(0, |ms| ms * 3 + MARGIN_MS).max(LATE_MS)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seconds(s: i64) -> UtcMillis {
        UtcMillis::from_seconds(s)
    }

    fn sent_every(period: i64) -> Port {
        let mut port = Port::new(seconds(0));
        for n in 0..=5 {
            port.reading(seconds(n * period));
        }
        port
    }

    #[test]
    fn ten_second_meters_have_the_limits_people_know() {
        let port = sent_every(2);
        assert_eq!(port.status(seconds(10 + 14)), PortStatus::Good);
        assert_eq!(port.status(seconds(10 + 15)), PortStatus::Late);
        assert_eq!(port.status(seconds(10 + 30)), PortStatus::Silent);
        assert_eq!(port.deadline(seconds(11)), Some(seconds(25)));
        assert_eq!(port.deadline(seconds(25)), Some(seconds(40)));
    }

    #[test]
    fn a_meter_that_sends_every_minute_is_not_late_half_of_the_time() {
        let port = sent_every(60);
        assert_eq!(port.status(seconds(300 + 94)), PortStatus::Good);
        assert_eq!(port.status(seconds(300 + 96)), PortStatus::Late);
        assert_eq!(port.status(seconds(300 + 186)), PortStatus::Silent);
    }

    #[test]
    fn the_third_fault_in_a_row_is_bad_until_a_reading_comes() {
        let mut port = sent_every(10);
        port.fault(seconds(51));
        port.fault(seconds(51));
        assert_eq!(port.status(seconds(51)), PortStatus::Good);
        port.fault(seconds(51));
        assert_eq!(port.status(seconds(51)), PortStatus::Bad);
        assert_eq!(port.status(seconds(90)), PortStatus::Silent);
        port.reading(seconds(52));
        assert_eq!(port.change(seconds(52)), Some(PortStatus::Good));
        assert_eq!(port.change(seconds(53)), None);
    }

    #[test]
    fn nothing_at_all_is_waited_for_and_then_silent() {
        let port = Port::new(seconds(0));
        assert_eq!(port.status(seconds(29)), PortStatus::Waiting);
        assert_eq!(port.status(seconds(30)), PortStatus::Silent);
    }
}
