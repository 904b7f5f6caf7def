//! The distribution system, and the missing middle phase of three-wire meters.
//!
//! ```text
//!  star, 230/400 V (TN)          three wires, 230 V between them (IT, TT)
//!        L1                             L1
//!        |U1                       U1  /  \  U3
//!        N                            /    \
//!       / \                         L2 ---- L3        meters without a neutral
//!     L2   L3                           U2            measure two of the three
//! ```
//!
//! In a star the apparent power is the sum of U x I; between three wires it is that divided by
//! the square root of three, whatever the load. The ratio tells them apart.

use serde::{Deserialize, Serialize};

/// The distribution system.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Net {
    /// Three wires with 230 V between them: IT or TT.
    #[serde(rename = "it_tt_230")]
    Delta230,
    /// Three phases and a neutral, 230 V to it and 400 V between phases: TN.
    #[serde(rename = "tn_400")]
    Star400,
}

impl Net {
    /// The stable word for programs.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Delta230 => "it_tt_230",
            Self::Star400 => "tn_400",
        }
    }
}

/// The square root of three in billionths.
const SQRT_3: i128 = 1_732_050_808;
/// Loads below this tell nothing: 500 VA, in millionths.
const TELLING_UVA: i128 = 500_000_000;
/// Votes that decide. One that speaks for a star cannot come from three wires; one for three
/// wires may come from a star that imports and exports at once.
const STAR_VOTES: u8 = 5;
const DELTA_VOTES: u8 = 100;

/// The voltage of L2 between three wires from the other two, all in millivolts:
/// `sqrt((U1 - U3 cos 60)^2 + (U3 sin 60)^2)`.
pub fn missing_voltage(u1_mv: i64, u3_mv: i64) -> i64 {
    let (u1, u3) = (i128::from(u1_mv.abs()), i128::from(u3_mv.abs()));
    // U3 cos 60 is half of U3, U3 sin 60 squared three quarters of its square
    let squared = u1 * u1 - u1 * u3 + u3 * u3;
    i64::try_from(squared.max(0).isqrt()).unwrap_or(0)
}

/// The current of L2 between three wires, estimated for a balanced load of power factor one, in
/// milliamperes: `((P+ - P-) sqrt(3) - U1 I1 - U3 I3) / U2`, and within what three currents that
/// add up to nothing allow: `|I1 - I3|` to `I1 + I3`. Power in milliwatts, voltages L1 to L3 in
/// millivolts, currents L1 and L3 in milliamperes. `None` without a voltage.
pub fn missing_current(net_mw: i64, [u1, u2, u3]: [i64; 3], [i1, i3]: [i64; 2]) -> Option<i64> {
    if u2 <= 0 {
        return None;
    }
    let (i1, i3) = (i1.abs(), i3.abs());
    // milliwatts to microwatts, the unit of millivolts times milliamperes
    let power = i128::from(net_mw) * 1000 * SQRT_3 / 1_000_000_000;
    let others = i128::from(u1) * i128::from(i1) + i128::from(u3) * i128::from(i3);
    let current = i64::try_from((power - others) / i128::from(u2)).ok()?;
    Some(current.clamp((i1 - i3).abs(), i1.saturating_add(i3)))
}

/// Finds the distribution system out from the data.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct NetFinder {
    star: u8,
    delta: u8,
}

impl NetFinder {
    /// Takes active and reactive power (milliwatts and millivars, signed), the three voltages
    /// (millivolts) and currents (milliamperes) of one message. Returns what is found out.
    pub fn observe(
        &mut self,
        active_mw: i64,
        reactive_mvar: i64,
        voltages: [i64; 3],
        currents: [i64; 3],
    ) -> Option<Net> {
        let sum: i128 = voltages
            .iter()
            .zip(&currents)
            .map(|(&u, &i)| i128::from(u) * i128::from(i.abs()))
            .sum();
        let (p, q) = (i128::from(active_mw), i128::from(reactive_mvar));
        let apparent = (p * p + q * q).isqrt() * 1000;
        let present = voltages.iter().all(|&u| u > 0) && currents.iter().all(|&i| i > 0);
        if !present || sum < TELLING_UVA || active_mw <= 0 {
            return None;
        }
        match apparent * 100 / sum {
            85..=115 => self.star = self.star.saturating_add(1),
            50..=66 => self.delta = self.delta.saturating_add(1),
            _ => {}
        }
        if self.star >= STAR_VOTES {
            Some(Net::Star400)
        } else if self.delta >= DELTA_VOTES {
            Some(Net::Delta230)
        } else {
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_middle_voltage_follows_from_the_other_two() {
        assert_eq!(missing_voltage(230_000, 232_000) / 100, 2310);
        assert_eq!(missing_voltage(230_000, 230_000), 230_000);
    }

    #[test]
    fn the_middle_current_is_estimated_and_kept_possible() {
        let volts = [230_000, 231_000, 232_000];
        let estimate = missing_current(3_000_000, volts, [7000, 8000]).unwrap();
        assert_eq!((estimate + 5) / 10, 749);
        // all on L1 and L3 would be negative
        assert_eq!(missing_current(100_000, volts, [7000, 8000]), Some(1000));
        assert_eq!(missing_current(30_000_000, volts, [7000, 8000]), Some(15_000));
        assert_eq!(missing_current(3_000_000, [230_000, 0, 0], [7000, 8000]), None);
    }

    #[test]
    fn the_ratio_of_power_tells_star_and_three_wires_apart() {
        let volts = [230_000; 3];
        let amperes = [5000, 6000, 7000];
        let mut finder = NetFinder::default();
        let star: Vec<_> =
            (0..5).filter_map(|_| finder.observe(4_000_000, 500_000, volts, amperes)).collect();
        assert_eq!(star, [Net::Star400]);
        let mut finder = NetFinder::default();
        let found = (0..200).find_map(|_| finder.observe(2_390_000, 0, volts, amperes));
        assert_eq!(found, Some(Net::Delta230));
        // a star that exports on one phase looks like neither at first
        let mut finder = NetFinder::default();
        assert_eq!(finder.observe(1_000_000, 0, volts, amperes), None);
        assert_eq!(finder.observe(-4_000_000, 0, volts, amperes), None);
        assert_eq!(finder, NetFinder::default());
    }
}
