//! Means, smallest and largest of the steps of a quantity, packed.
//!
//! ```text
//!  steps      row of digits: number of the step, counted from 1970
//!  exponents  varint count; each: power of ten (one octet), varint length of its run
//!  means      row of digits
//!  below      row of digits: mean less smallest
//!  above      row of digits: largest less mean
//!  samples    row of digits
//!  check      4 octets
//! ```

use hanport_core::number::Number;

use super::sheet::{put_exponents, take_exponents};
use super::{Damaged, digits, seal, unseal};
use crate::outside::Point;
use crate::time::UtcMillis;

/// Packs points in ascending order, each of which begins a step of `step_ms`. Their smallest and
/// largest have the power of ten of the mean.
pub fn pack(points: &[Point], step_ms: i64) -> Vec<u8> {
    let row = |of: &dyn Fn(&Point) -> i64| points.iter().map(of).collect::<Vec<i64>>();
    let mut out = Vec::new();
    digits::put(&mut out, &row(&|point| point.at.0.div_euclid(step_ms)));
    put_exponents(&mut out, points.iter().map(|point| point.mean.exponent));
    digits::put(&mut out, &row(&|point| point.mean.mantissa));
    digits::put(&mut out, &row(&|point| point.mean.mantissa.wrapping_sub(point.min.mantissa)));
    digits::put(&mut out, &row(&|point| point.max.mantissa.wrapping_sub(point.mean.mantissa)));
    digits::put(&mut out, &row(&|point| i64::from(point.samples)));
    seal(out)
}

/// And back.
pub fn unpack(octets: &[u8], step_ms: i64) -> Result<Vec<Point>, Damaged> {
    let (steps, rest) = digits::take(unseal(octets)?)?;
    let (exponents, rest) = take_exponents(rest)?;
    let (means, rest) = digits::take(rest)?;
    let (below, rest) = digits::take(rest)?;
    let (above, rest) = digits::take(rest)?;
    let (samples, _) = digits::take(rest)?;
    let rows = [means.len(), below.len(), above.len(), samples.len()];
    if rows.iter().any(|&length| length != steps.len()) {
        return Err(Damaged);
    }
    let mut exponents = exponents.into_iter().flat_map(|(exponent, length)| {
        core::iter::repeat_n(exponent, usize::try_from(length).unwrap_or(usize::MAX))
    });
    let rows = steps.into_iter().zip(means).zip(below.into_iter().zip(above)).zip(samples);
    rows.map(|(((step, mean), (below, above)), samples)| {
        let exponent = exponents.next().ok_or(Damaged)?;
        Ok(Point {
            at: UtcMillis(step.checked_mul(step_ms).ok_or(Damaged)?),
            mean: Number::new(mean, exponent),
            min: Number::new(mean.wrapping_sub(below), exponent),
            max: Number::new(mean.wrapping_add(above), exponent),
            samples: u32::try_from(samples).map_err(|_| Damaged)?,
        })
    })
    .collect()
}

/// Lays newer points over older ones, both ascending; the newer counts where both have a step.
pub fn lay_over(older: Vec<Point>, newer: &[Point]) -> Vec<Point> {
    let mut all = older;
    all.extend_from_slice(newer);
    all.sort_by_key(|point| point.at);
    all.chunk_by(|a, b| a.at == b.at).filter_map(|same| same.last().copied()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::collection::btree_map;
    use proptest::prelude::*;

    const MINUTE: i64 = 60_000;

    fn point(
        minute: i64,
        (mean, below, above, exponent, samples): (i64, i64, i64, i8, u32),
    ) -> Point {
        Point {
            at: UtcMillis(minute * MINUTE),
            mean: Number::new(mean, exponent),
            min: Number::new(mean.wrapping_sub(below), exponent),
            max: Number::new(mean.wrapping_add(above), exponent),
            samples,
        }
    }

    proptest! {
        #[test]
        fn points_come_out_as_they_went_in(
            points in btree_map(-100i64..100, any::<(i64, i64, i64, i8, u32)>(), 0..60),
        ) {
            let points: Vec<_> = points.into_iter().map(|(m, values)| point(m, values)).collect();
            prop_assert_eq!(unpack(&pack(&points, MINUTE), MINUTE), Ok(points));
        }

        #[test]
        fn no_octets_panic(octets: Vec<u8>) {
            let _ = unpack(&octets, MINUTE);
            let _ = unpack(&seal(octets), MINUTE);
        }
    }

    #[test]
    fn the_newer_point_of_a_step_counts() {
        let old = vec![point(1, (1, 0, 0, 0, 1)), point(2, (2, 0, 0, 0, 1))];
        let new = [point(0, (9, 0, 0, 0, 1)), point(2, (7, 0, 0, 0, 1))];
        let all = lay_over(old, &new);
        assert_eq!(all.iter().map(|p| p.mean.mantissa).collect::<Vec<_>>(), [9, 1, 7]);
    }
}
