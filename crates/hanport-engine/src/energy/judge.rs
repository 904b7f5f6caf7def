//! Whether an official reading is believed, and as what.
//!
//! ```text
//!  time   not after the last         -> late or repeated: nothing to book
//!  value  same, yet much was measured -> repeated list with a new clock: wait for the next
//!  value  higher, within reason       -> believed
//!  value  lower, close to a modulus   -> wrapped
//!  value  lower, or far too high      -> doubted; believed as a new beginning once it is
//!                                        confirmed, or at once when the meter's number changed
//! ```

use serde::{Deserialize, Serialize};

use super::register::Official;
use super::shape::{MICROJOULES_PER_WH, Measured};

/// Power that no register is believed to exceed, unless samples came close to it: 150 kW.
pub const LIMIT_MW: i64 = 150_000_000;
/// Longest time between two readings that is filled with intervals: ten years.
pub const LONGEST_GAP_MS: i64 = 3653 * 86_400_000;
/// A repeated list is waited out for at most this long.
const REPEAT_MS: i64 = 3 * 3_600_000 + 900_000;
/// Measured energy that a register must have noticed: 100 Wh.
const UNNOTICED_UJ: i64 = 100 * MICROJOULES_PER_WH;
/// Difference between the meter's and the receiver's idea of the time that passed, from which on
/// the booking is doubtful: five minutes.
const CLOCK_MS: i64 = 300_000;
/// A doubted reading is confirmed by so many like it, or by one so much later.
const CONFIRMATIONS: u8 = 3;
const CONFIRMED_MS: i64 = 600_000;

/// Where registers begin again at zero, in multiples of their step (a 32-bit counter) or in
/// watt-hours (what fits the digits of a text telegram).
const MODULI: [Modulus; 4] = [
    Modulus::Steps(1 << 32),
    // 5.3, 6.3 and 8.3 digits of kilowatt-hours
    Modulus::WattHours(100_000_000),
    Modulus::WattHours(1_000_000_000),
    Modulus::WattHours(100_000_000_000),
];

enum Modulus {
    Steps(i64),
    WattHours(i64),
}

/// Why a register begins anew.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Cause {
    /// The meter was exchanged.
    Exchanged,
    /// The first reading there ever was.
    First,
    /// It jumped up by more than can have flowed.
    Jumped,
    /// The user changed its scale.
    Rescaled,
    /// It fell.
    Reset,
}

/// Whose reading is expected next.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Expected {
    /// The same meter's.
    #[default]
    Same,
    /// Perhaps another's: the meter's number changed.
    OtherNumber,
    /// The same meter's in another scale.
    OtherScale,
}

/// A reading that cannot continue the last one, and how often it was confirmed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Doubt {
    /// The first of its kind.
    pub first: Official,
    /// The newest.
    pub newest: Official,
    /// How many there were.
    pub readings: u8,
    /// What it would be.
    pub cause: Cause,
}

/// What is known when a reading comes.
#[derive(Clone, Copy, Debug)]
pub struct Circumstances {
    /// The last reading that was believed.
    pub last: Official,
    /// What power samples say of the time since.
    pub measured: Measured,
    /// The highest power ever sampled, in milliwatts.
    pub highest_mw: i64,
    /// Whose reading it should be.
    pub expected: Expected,
    /// Whether the register outran the samples the last time already, which makes it a matter
    /// of scales and not of time.
    pub outran: bool,
}

/// What becomes of a reading.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It continues the last one.
    Believed {
        /// The modulus it wrapped at, in thousandths of a watt-hour.
        wrapped: Option<i64>,
        /// It counted far more than was measured.
        outran: bool,
        /// The meter's clock and the receiver's disagree on the time that passed, by so many
        /// milliseconds.
        clock_ms: Option<i64>,
    },
    /// It cannot continue the last one.
    Doubted(Cause),
    /// It is not newer than the last one. `late_ms` is how long after the last one it arrived.
    Old {
        /// Milliseconds.
        late_ms: i64,
    },
    /// It has a new time and the old value, but energy was measured meanwhile.
    Repeated,
}

impl Circumstances {
    /// Judges a reading.
    pub fn judge(&self, new: &Official) -> Verdict {
        let elapsed = new.at.since(self.last.at);
        let passed = new.received.since(self.last.received);
        match self.expected {
            Expected::OtherScale => return Verdict::Doubted(Cause::Rescaled),
            Expected::Same if elapsed <= 0 => return Verdict::Old { late_ms: passed },
            Expected::Same | Expected::OtherNumber => {}
        }
        if elapsed > LONGEST_GAP_MS {
            return Verdict::Doubted(Cause::Jumped);
        }
        let room_ms = elapsed.max(passed).max(1000);
        let difference = new.value.mwh.saturating_sub(self.last.value.mwh);
        if self.expected == Expected::OtherNumber {
            // a new number with the old registers is a new way of writing the number
            let power = (self.highest_mw * 2).clamp(10_000_000, LIMIT_MW);
            if difference < 0 || elapsed <= 0 || difference > self.reach(power, room_ms, new) {
                return Verdict::Doubted(Cause::Exchanged);
            }
        }
        let limit = LIMIT_MW.max(self.highest_mw.saturating_mul(4));
        let reach = self.reach(limit, room_ms, new);
        let mut wrapped = None;
        let counted = if difference < 0 {
            let Some(modulus) = self.modulus(new, reach) else {
                return Verdict::Doubted(Cause::Reset);
            };
            wrapped = Some(modulus);
            difference + modulus
        } else {
            difference
        };
        if counted > reach {
            return Verdict::Doubted(Cause::Jumped);
        }
        let step_uj = self.step_mwh(new).saturating_mul(3_600_000);
        let unnoticed = self.measured.energy_uj > step_uj.saturating_mul(2) + UNNOTICED_UJ;
        if counted == 0 && elapsed <= REPEAT_MS && unnoticed {
            return Verdict::Repeated;
        }
        let clock = elapsed - passed;
        Verdict::Believed {
            wrapped,
            outran: self.outran_by(counted, elapsed, limit, step_uj),
            clock_ms: (clock.abs() > CLOCK_MS).then_some(clock),
        }
    }

    /// Whether a counted energy is far beyond what samples allow: four times the measured, and
    /// the limit in the time without samples.
    fn outran_by(&self, counted_mwh: i64, elapsed: i64, limit_mw: i64, step_uj: i64) -> bool {
        let uncovered = i128::from((elapsed - self.measured.covered_ms).max(0));
        let allowed = i128::from(self.measured.energy_uj) * 4
            + i128::from(limit_mw) * uncovered
            + i128::from(step_uj) * 2
            + i128::from(MICROJOULES_PER_WH) * 1000;
        i128::from(counted_mwh) * 3_600_000 > allowed
    }

    /// The most a register can have counted, in thousandths of a watt-hour.
    fn reach(&self, power_mw: i64, ms: i64, new: &Official) -> i64 {
        let mwh = i128::from(power_mw) * i128::from(ms) / 3_600_000;
        let step = i128::from(self.step_mwh(new));
        i64::try_from(mwh + 2 * step).unwrap_or(i64::MAX)
    }

    fn step_mwh(&self, new: &Official) -> i64 {
        self.last.value.step_mwh.max(new.value.step_mwh)
    }

    /// The modulus that explains a lower value.
    fn modulus(&self, new: &Official, reach: i64) -> Option<i64> {
        MODULI.iter().find_map(|modulus| {
            let mwh = match modulus {
                Modulus::Steps(steps) => steps.checked_mul(new.value.step_mwh)?,
                Modulus::WattHours(wh) => wh.checked_mul(1000)?,
            };
            let counted = new.value.mwh.checked_sub(self.last.value.mwh)?.checked_add(mwh)?;
            (self.last.value.mwh < mwh && mwh % 1000 == 0 && counted <= reach).then_some(mwh)
        })
    }
}

impl Doubt {
    /// A first doubt.
    pub const fn new(official: Official, cause: Cause) -> Self {
        Self { first: official, newest: official, readings: 1, cause }
    }

    /// Takes another reading that does not continue the last believed one. Begins anew when it
    /// does not continue the doubted one either.
    pub fn another(&mut self, new: Official, cause: Cause) {
        let elapsed = new.at.since(self.newest.at);
        if elapsed <= 0 {
            return;
        }
        let here = Circumstances {
            last: self.newest,
            measured: Measured::default(),
            highest_mw: 0,
            expected: Expected::Same,
            outran: false,
        };
        match here.judge(&new) {
            Verdict::Believed { wrapped: None, .. } => {
                self.newest = new;
                self.readings = self.readings.saturating_add(1);
            }
            _ => *self = Self::new(new, cause),
        }
    }

    /// Whether it must be taken for true.
    pub const fn is_confirmed(&self) -> bool {
        self.readings >= CONFIRMATIONS
            || (self.readings >= 2 && self.newest.at.since(self.first.at) >= CONFIRMED_MS)
            || matches!(self.cause, Cause::Exchanged | Cause::Rescaled)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::energy::register::RegisterValue;
    use crate::time::UtcMillis;

    fn official(s: i64, wh: i64) -> Official {
        let at = UtcMillis::from_seconds(s);
        Official { at, received: at, value: RegisterValue { mwh: wh * 1000, step_mwh: 1000 } }
    }

    fn since(last: Official) -> Circumstances {
        let measured = Measured::default();
        Circumstances { last, measured, highest_mw: 0, expected: Expected::Same, outran: false }
    }

    const fn believed(wrapped: Option<i64>) -> Verdict {
        Verdict::Believed { wrapped, outran: false, clock_ms: None }
    }

    #[test]
    fn registers_wrap_at_the_moduli_of_their_formats() {
        for modulus in [1i64 << 32, 100_000_000, 1_000_000_000, 100_000_000_000] {
            let verdict = since(official(0, modulus - 500)).judge(&official(3600, 700));
            assert_eq!(verdict, believed(Some(modulus * 1000)), "{modulus}");
        }
        let verdict = since(official(0, 77_000_000)).judge(&official(3600, 700));
        assert_eq!(verdict, Verdict::Doubted(Cause::Reset));
    }

    #[test]
    fn a_register_cannot_count_more_than_flows() {
        let here = since(official(0, 1000));
        assert_eq!(here.judge(&official(3600, 150_000)), believed(None));
        assert_eq!(here.judge(&official(3600, 152_000)), Verdict::Doubted(Cause::Jumped));
        let industry = Circumstances { highest_mw: 400_000_000, ..here };
        assert_eq!(industry.judge(&official(3600, 900_000)), believed(None));
    }

    #[test]
    fn the_same_value_with_a_new_time_is_waited_out_when_energy_was_measured() {
        let energy_uj = 2000 * MICROJOULES_PER_WH;
        let measured = Measured { energy_uj, covered_ms: 3_600_000 };
        let here = Circumstances { measured, ..since(official(0, 1000)) };
        assert_eq!(here.judge(&official(3600, 1000)), Verdict::Repeated);
        assert_eq!(here.judge(&official(4 * 3600, 1000)), believed(None));
        assert_eq!(since(official(0, 1000)).judge(&official(3600, 1000)), believed(None));
    }

    #[test]
    fn a_new_number_with_the_old_registers_is_the_old_meter() {
        let here =
            Circumstances { expected: Expected::OtherNumber, ..since(official(0, 5_000_000)) };
        assert_eq!(here.judge(&official(10, 5_000_001)), believed(None));
        assert_eq!(here.judge(&official(10, 3)), Verdict::Doubted(Cause::Exchanged));
        assert_eq!(here.judge(&official(10, 9_000_000)), Verdict::Doubted(Cause::Exchanged));
    }

    #[test]
    fn one_odd_reading_is_no_reset_but_three_are() {
        let mut doubt = Doubt::new(official(0, 5), Cause::Reset);
        doubt.another(official(10, 5), Cause::Reset);
        assert!(!doubt.is_confirmed());
        doubt.another(official(20, 6), Cause::Reset);
        assert!(doubt.is_confirmed());
        let mut hourly = Doubt::new(official(0, 5), Cause::Reset);
        hourly.another(official(3600, 900), Cause::Reset);
        assert!(hourly.is_confirmed());
        hourly.another(official(3610, 7_000_000), Cause::Jumped);
        assert_eq!(hourly.readings, 1);
    }
}
