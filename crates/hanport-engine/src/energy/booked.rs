//! The quarter that contains the last official reading, as far as it is booked.

use serde::{Deserialize, Serialize};

use super::interval::{Edges, Interval, Quality, QuarterHour, Standing};
use super::register::Register;

/// What is booked of a quarter so far.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Booked {
    /// Which.
    pub quarter: QuarterHour,
    /// Watt-hours between registers.
    pub wh: i64,
    /// Time between registers, in milliseconds.
    pub backed_ms: i64,
    /// The part of that whose energy is known.
    pub known_ms: i64,
    /// The part of that which nobody saw, known only as what the rest leaves over.
    inferred_ms: i64,
    /// Energy that may belong to a quarter beside.
    guessed_wh: i64,
    /// Whether a register was read where the quarter begins.
    pub start: bool,
    /// Whether energy was booked here that may belong elsewhere altogether.
    pub doubtful: bool,
}

/// Something to be booked: a part of the time between two readings.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Posting {
    /// Watt-hours.
    pub wh: i64,
    /// The time in which they flowed, in milliseconds.
    pub ms: i64,
    /// Of that, time in which nothing is known.
    pub guessed_ms: i64,
    /// Of that, time in which it is known by difference only.
    pub inferred_ms: i64,
    /// Of the watt-hours, those that may belong beside.
    pub guessed_wh: i64,
}

impl Booked {
    /// Nothing yet.
    pub const fn empty(quarter: QuarterHour, start: bool) -> Self {
        Self {
            quarter,
            wh: 0,
            backed_ms: 0,
            known_ms: 0,
            inferred_ms: 0,
            guessed_wh: 0,
            start,
            doubtful: false,
        }
    }

    /// Books.
    pub const fn post(&mut self, posting: Posting) {
        self.wh += posting.wh;
        self.backed_ms += posting.ms;
        self.known_ms += posting.ms - posting.guessed_ms;
        self.inferred_ms += posting.inferred_ms;
        self.guessed_wh += posting.guessed_wh;
    }

    /// The settled interval. `slack_wh` is what the register's steps leave open anyway.
    pub fn settled(&self, register: Register, slack_wh: i64, end: bool) -> Interval {
        Interval {
            register,
            quarter: self.quarter,
            wh: self.wh,
            quality: self.quality(slack_wh),
            standing: Standing::Settled,
            edges: Edges { start: self.start, end },
        }
    }

    /// A guess of more than a twentieth, or a tenth, costs the better quality: it could make a
    /// peak that never was.
    fn quality(&self, slack_wh: i64) -> Quality {
        if self.doubtful || self.backed_ms < Quality::MEASURED_MS {
            return Quality::Estimated;
        }
        let guessed = (self.guessed_wh - slack_wh).max(0);
        let seen_ms = self.known_ms - self.inferred_ms;
        if seen_ms >= Quality::MEASURED_MS && guessed <= self.wh / 20 {
            Quality::Measured
        } else if self.known_ms >= Quality::INTERPOLATED_MS && guessed <= self.wh / 10 {
            Quality::Interpolated
        } else {
            Quality::Estimated
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MINUTE: i64 = 60_000;

    fn quality(posting: Posting) -> Quality {
        let mut booked = Booked::empty(QuarterHour(0), true);
        booked.post(posting);
        booked.settled(Register::ActiveImport, 0, true).quality
    }

    #[test]
    fn time_and_guesses_decide_on_the_quality() {
        let full = Posting { wh: 1000, ms: 15 * MINUTE, ..Posting::default() };
        assert_eq!(quality(full), Quality::Measured);
        assert_eq!(quality(Posting { ms: 10 * MINUTE, ..full }), Quality::Estimated);
        let gap = Posting { guessed_ms: 5 * MINUTE, ..full };
        assert_eq!(quality(Posting { guessed_wh: 90, ..gap }), Quality::Interpolated);
        assert_eq!(quality(Posting { guessed_wh: 110, ..gap }), Quality::Estimated);
        assert_eq!(quality(Posting { guessed_ms: 8 * MINUTE, ..full }), Quality::Estimated);
        let inferred = Posting { inferred_ms: 8 * MINUTE, ..full };
        assert_eq!(quality(inferred), Quality::Interpolated);
    }
}
