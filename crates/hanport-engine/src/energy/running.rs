//! The running register: what the meter would show now.
//!
//! Last official value plus integrated power. It never falls. Where an official value is lower
//! than what was shown, it holds until the estimate overtakes it. An official value in steps
//! (tens of watt-hours) allows everything below its next step, and no more.

use serde::{Deserialize, Serialize};

use super::register::Official;
use crate::time::UtcMillis;

const MICROJOULES_PER_MWH: i64 = 3_600_000;

/// A register between its official readings.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Running {
    /// The last official reading.
    official: Official,
    /// The best estimate, in thousandths of a watt-hour, and what is left over in microjoules.
    estimate_mwh: i64,
    rest_uj: i64,
    /// What was shown last; never falls.
    shown_mwh: i64,
}

impl Running {
    /// Begins at an official reading.
    pub const fn begin(official: Official) -> Self {
        let mwh = official.value.mwh;
        Self { official, estimate_mwh: mwh, rest_uj: 0, shown_mwh: mwh }
    }

    /// Adds integrated power, in microjoules.
    pub fn add(&mut self, energy_uj: i64) {
        let uj = self.rest_uj.saturating_add(energy_uj.max(0));
        self.estimate_mwh = self.estimate_mwh.saturating_add(uj / MICROJOULES_PER_MWH);
        self.rest_uj = uj % MICROJOULES_PER_MWH;
        self.shown_mwh = self.shown_mwh.max(self.estimate_mwh);
    }

    /// Takes a newer official reading of the same register. `since_uj` is the energy measured
    /// after the instant the reading stands for, when it arrived late.
    pub fn reconcile(&mut self, official: Official, since_uj: i64) {
        let since_mwh = since_uj.max(0) / MICROJOULES_PER_MWH;
        let value = official.value;
        let then = self.estimate_mwh.saturating_sub(since_mwh);
        let highest = value.mwh.saturating_add(value.step_mwh - 1);
        let believed = then.clamp(value.mwh, highest.max(value.mwh));
        if believed != then {
            self.rest_uj = 0;
        }
        self.official = official;
        self.estimate_mwh = believed.saturating_add(since_mwh);
        self.shown_mwh = self.shown_mwh.max(self.estimate_mwh);
    }

    /// The register wrapped: everything goes down by its modulus, in thousandths of a watt-hour.
    pub fn wrap(&mut self, modulus_mwh: i64) {
        self.estimate_mwh = self.estimate_mwh.saturating_sub(modulus_mwh).max(0);
        self.shown_mwh = self.shown_mwh.saturating_sub(modulus_mwh).max(0);
    }

    /// The value to show, in thousandths of a watt-hour. Between two meters it never falls.
    pub const fn mwh(&self) -> i64 {
        self.shown_mwh
    }

    /// Whether an official value was below what had been shown, and has not caught up yet.
    pub const fn is_holding(&self) -> bool {
        self.shown_mwh > self.estimate_mwh
    }

    /// The last official reading.
    pub const fn official(&self) -> Official {
        self.official
    }

    /// How long the value rests on integrated power alone, in milliseconds.
    pub const fn age_ms(&self, now: UtcMillis) -> i64 {
        now.since(self.official.at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::energy::register::RegisterValue;

    fn official(wh: i64, step_wh: i64) -> Official {
        let value = RegisterValue { mwh: wh * 1000, step_mwh: step_wh * 1000 };
        Official { at: UtcMillis(0), received: UtcMillis(0), value }
    }

    fn wh(wh: i64) -> i64 {
        wh * 3_600_000_000
    }

    #[test]
    fn it_holds_until_it_is_overtaken() {
        let mut running = Running::begin(official(1000, 1));
        running.add(wh(500));
        running.reconcile(official(1400, 1), 0);
        assert_eq!(running.mwh(), 1_500_000);
        assert!(running.is_holding());
        running.add(wh(60));
        assert_eq!(running.mwh(), 1_500_000);
        running.add(wh(60));
        assert_eq!(running.mwh() / 1000, 1520);
        assert!(!running.is_holding());
    }

    #[test]
    fn coarse_steps_leave_room_for_what_was_measured_inside_them() {
        let mut running = Running::begin(official(100, 10));
        running.add(wh(9));
        running.reconcile(official(100, 10), 0);
        assert_eq!(running.mwh(), 109_000);
        assert!(!running.is_holding());
        // the estimate runs ahead of the meter, but never past its next step
        running.add(wh(9));
        running.reconcile(official(100, 10), 0);
        running.reconcile(official(110, 10), 0);
        assert!(running.mwh() < 120_000);
    }

    #[test]
    fn a_late_reading_keeps_what_was_measured_after_it() {
        let mut running = Running::begin(official(1000, 1));
        running.add(wh(700));
        running.reconcile(official(1690, 1), wh(20));
        assert_eq!(running.mwh(), 1_710_000);
        running.wrap(1_000_000);
        assert_eq!(running.mwh(), 710_000);
    }
}
