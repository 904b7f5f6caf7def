//! How a register difference belongs to the parts of the time it arose in.
//!
//! Where power was measured, a part weighs what was measured. For the time without samples there
//! are two witnesses: the mean power around it, and the register, which knows what flowed beyond
//! the samples. The register's word is worth more the longer the gap: in a gap of seconds it
//! would squeeze every per cent of error of the samples into what looks like a peak. So the two
//! are weighed by the squares of their uncertainties.
//!
//! ```text
//!  measured M over C          without samples: U
//!  #########################  ....
//!  prior      Ep = M / C * U                 uncertain by Ep itself
//!  register   Er = difference - M            uncertain by M / 64 and a step of the register
//!  energy in the gaps = Ep + (Er - Ep) * sp^2 / (sp^2 + sr^2), spread evenly over U
//!  weight of a part   = measured + its share of that
//! ```

use super::shape::{MICROJOULES_PER_WH, Measured};

/// A part of the time between two official readings that falls into one quarter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Part {
    /// How long it is, in milliseconds.
    pub ms: i64,
    /// What power samples say of it.
    pub measured: Measured,
}

impl Part {
    /// Its time without samples, in milliseconds.
    pub fn uncovered_ms(&self) -> i64 {
        (self.ms - self.measured.covered_ms).max(0)
    }
}

/// What a part weighs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Filled {
    /// Its weight in microjoules, not negative.
    pub weight_uj: i64,
    /// The share of that which may as well belong to another part.
    pub guessed_uj: i64,
    /// What samples say of it in microjoules; all of the weight where a gap belongs to it alone.
    known_uj: i64,
    /// The time it stands for, in milliseconds.
    pub guessed_ms: i64,
    /// The time of a gap whose energy is known because it is what the others leave over.
    pub inferred_ms: i64,
}

impl Filled {
    /// How many of the part's watt-hours may as well belong to another part, rounded up: its
    /// share of the gaps, and what the register adds to samples beyond their error.
    pub fn guessed_of(&self, wh: i64) -> i64 {
        if self.inferred_ms > 0 {
            return 0;
        }
        let exact = i128::from(wh) * i128::from(self.guessed_uj.max(0));
        let weight = i128::from(self.weight_uj.max(1));
        let by_gaps = i64::try_from((exact + weight - 1) / weight).unwrap_or(wh);
        let seen = i128::from(self.known_uj) * (SAMPLE_ERROR + 1) / SAMPLE_ERROR;
        let seen_wh = i64::try_from(seen / i128::from(MICROJOULES_PER_WH)).unwrap_or(wh);
        by_gaps.max(wh - seen_wh).clamp(0, wh)
    }
}

/// Samples may be wrong by one part in this many.
const SAMPLE_ERROR: i128 = 32;

/// What is known of the time between two readings besides its parts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stretch {
    /// The difference of the register in watt-hours.
    pub total_wh: i64,
    /// The step in which it counts, in thousandths of a watt-hour.
    pub step_mwh: i64,
    /// The highest power sample, in milliwatts.
    pub highest_mw: i64,
    /// Whether register and samples are known to disagree by far, as behind a transformer that
    /// only one of them knows of: then the register is no witness for gaps.
    pub outran: bool,
}

/// What each part weighs; all nothing when nothing is known but that there was no time.
pub fn fill(parts: &[Part], stretch: &Stretch) -> Vec<Filled> {
    let measured: i128 = parts.iter().map(|part| i128::from(part.measured.energy_uj)).sum();
    let covered: i128 = parts.iter().map(|part| i128::from(part.measured.covered_ms)).sum();
    let uncovered: i128 = parts.iter().map(|part| i128::from(part.uncovered_ms())).sum();
    if measured == 0 && uncovered == 0 {
        // it counted although no power was ever seen: by time
        let by_time = |part: &Part| Filled {
            weight_uj: part.ms,
            guessed_uj: part.ms,
            known_uj: 0,
            guessed_ms: 0,
            inferred_ms: 0,
        };
        return parts.iter().map(by_time).collect();
    }
    let mut power = gap_energy(stretch, measured, covered, uncovered) / uncovered.max(1);
    if uncovered * 16 < covered {
        power = power.min(i128::from(stretch.highest_mw));
    }
    if power == 0 && measured == 0 {
        power = 1;
    }
    parts
        .iter()
        .map(|part| {
            let unseen = part.uncovered_ms();
            let fill = i64::try_from(power * i128::from(unseen)).unwrap_or(i64::MAX);
            // a gap that lies in one part belongs to it, whatever flowed in it
            let alone = i128::from(unseen) * 20 >= uncovered * 19;
            Filled {
                weight_uj: part.measured.energy_uj.saturating_add(fill),
                guessed_uj: if alone { 0 } else { fill },
                known_uj: part.measured.energy_uj.saturating_add(if alone { fill } else { 0 }),
                guessed_ms: if alone { 0 } else { unseen },
                inferred_ms: if alone { unseen } else { 0 },
            }
        })
        .collect()
}

/// Energy in the time without samples, in microjoules.
fn gap_energy(stretch: &Stretch, measured: i128, covered: i128, uncovered: i128) -> i128 {
    let total = i128::from(stretch.total_wh) * i128::from(MICROJOULES_PER_WH);
    let register = (total - measured).max(0);
    if covered == 0 {
        return register;
    }
    let prior = measured * uncovered / covered;
    if stretch.outran {
        return prior;
    }
    // squares of thousandths of a watt-hour fit where squares of microjoules would not
    let of_prior = prior / 3_600_000 + i128::from(stretch.step_mwh);
    let of_register = measured / 64 / 3_600_000 + i128::from(stretch.step_mwh);
    let (prior_square, register_square) = (of_prior * of_prior, of_register * of_register);
    let millionths = prior_square * 1_000_000 / (prior_square + register_square).max(1);
    prior + (register - prior) * millionths / 1_000_000
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::energy::share::shares;

    const HOUR_MS: i64 = 3_600_000;

    fn part(ms: i64, covered_ms: i64, watts: i64) -> Part {
        Part { ms, measured: Measured { energy_uj: watts * 1000 * covered_ms, covered_ms } }
    }

    fn split(parts: &[Part], total_wh: i64, highest_w: i64) -> Vec<i64> {
        let highest_mw = highest_w * 1000;
        let stretch = Stretch { total_wh, step_mwh: 1000, highest_mw, outran: false };
        shares(total_wh, &fill(parts, &stretch))
    }

    #[test]
    fn a_car_that_charged_unseen_is_booked_where_nothing_was_seen() {
        let parts = [part(HOUR_MS, HOUR_MS, 500), part(HOUR_MS, 0, 0), part(HOUR_MS, HOUR_MS, 500)];
        let shares = split(&parts, 12_000, 500);
        assert!((480..=530).contains(&shares[0]), "{shares:?}");
        assert!((480..=530).contains(&shares[2]), "{shares:?}");
    }

    #[test]
    fn the_error_of_the_samples_makes_no_peak_in_a_gap_of_seconds() {
        let quarter = HOUR_MS / 4;
        let parts = [part(quarter, quarter, 4000), part(quarter, quarter - 3000, 4000)];
        let shares = split(&parts, 2060, 4000);
        assert!(shares[1] <= 1032, "{shares:?}");
        let shares = split(&parts, 2400, 4000);
        assert!(shares[1] <= 1210, "{shares:?}");
    }

    #[test]
    fn without_samples_it_is_even_over_time() {
        let parts = [part(HOUR_MS, 0, 0), part(HOUR_MS / 2, 0, 0)];
        assert_eq!(split(&parts, 300, 0), [200, 100]);
        let parts = [part(HOUR_MS, HOUR_MS, 0), part(HOUR_MS, HOUR_MS, 0)];
        assert_eq!(split(&parts, 10, 0), [5, 5]);
    }

    #[test]
    fn samples_that_say_more_than_the_register_leave_nothing_for_the_gap() {
        let parts = [part(HOUR_MS, HOUR_MS, 2000), part(HOUR_MS, 0, 0)];
        assert_eq!(split(&parts, 1500, 2000), [1500, 0]);
    }
}
