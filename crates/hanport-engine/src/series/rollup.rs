//! Samples to steps of equal length, and steps to longer ones.
//!
//! The mean of a step is that of its samples, at the finest power of ten among them, rounded half
//! away from zero. For a [counter](Nature::Counter) it is the last sample.

use core::ops::Range;

use hanport_core::number::Number;

use super::{Nature, Sample};
use crate::outside::Point;
use crate::time::UtcMillis;

/// Samples in ascending order, by steps of `step_ms` counted from 1970.
pub fn steps(samples: &[Sample], step_ms: i64, nature: Nature) -> Vec<Point> {
    let step = |at: UtcMillis| UtcMillis(at.0.div_euclid(step_ms).saturating_mul(step_ms));
    samples
        .chunk_by(|a, b| step(a.at) == step(b.at))
        .filter_map(|within| {
            let points = within.iter().map(|&sample| point(sample));
            together(step(within.first()?.at), points, nature)
        })
        .collect()
}

/// Steps in ascending order, by longer ones: `around` says in which a step lies.
pub fn longer(
    points: &[Point],
    nature: Nature,
    around: impl Fn(UtcMillis) -> Range<UtcMillis>,
) -> Vec<Point> {
    let mut left = points;
    let mut done = Vec::new();
    while let Some(first) = left.first() {
        let range = around(first.at);
        let count = left.iter().take_while(|p| range.contains(&p.at)).count().max(1);
        let (within, rest) = left.split_at_checked(count).unwrap_or((left, &[]));
        done.extend(together(range.start, within.iter().copied(), nature));
        left = rest;
    }
    done
}

/// A sample as a point.
pub const fn point(sample: Sample) -> Point {
    let number = sample.number;
    Point { at: sample.at, mean: number, min: number, max: number, samples: 1 }
}

/// One step of several points; `None` when there are none. A number so large that it cannot be
/// stated as finely as the others is left out.
pub fn together(
    at: UtcMillis,
    points: impl Iterator<Item = Point> + Clone,
    nature: Nature,
) -> Option<Point> {
    let finest = |p: Point| p.mean.exponent.min(p.min.exponent).min(p.max.exponent);
    let exponent = points.clone().map(finest).min()?;
    let (mut sum, mut count) = (0i128, 0i128);
    let mut bounds: Option<(i64, i64)> = None;
    let mut last = 0;
    for point in points {
        let exact = |number: Number| {
            // nearly always: no division, no multiplication
            if number.exponent == exponent {
                Some(number.mantissa)
            } else {
                number.in_units_of(exponent)
            }
        };
        let (Some(mean), Some(min), Some(max)) =
            (exact(point.mean), exact(point.min), exact(point.max))
        else {
            continue;
        };
        let weight = i128::from(point.samples.max(1));
        sum += i128::from(mean) * weight;
        count += weight;
        last = mean;
        bounds = Some(bounds.map_or((min, max), |(low, high)| (low.min(min), high.max(max))));
    }
    let (min, max) = bounds?;
    let mean = match nature {
        Nature::Counter => last,
        Nature::Gauge => i64::try_from(rounded(sum, count)).unwrap_or(last),
    };
    Some(Point {
        at,
        mean: Number::new(mean, exponent),
        min: Number::new(min, exponent),
        max: Number::new(max, exponent),
        samples: u32::try_from(count).unwrap_or(u32::MAX),
    })
}

/// The quotient, rounded half away from zero; `count` is positive.
const fn rounded(sum: i128, count: i128) -> i128 {
    let half = if sum < 0 { -(count / 2) } else { count / 2 };
    (sum + half) / count
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample(s: i64, mantissa: i64, exponent: i8) -> Sample {
        Sample { at: UtcMillis::from_seconds(s), number: Number::new(mantissa, exponent) }
    }

    #[test]
    fn a_minute_has_the_mean_of_its_samples() {
        let samples =
            [sample(0, 100, 0), sample(10, 2005, -1), sample(59, -1, 0), sample(60, 5, 0)];
        let minutes = steps(&samples, 60_000, Nature::Gauge);
        let expected = Point {
            at: UtcMillis(0),
            mean: Number::new(998, -1),
            min: Number::new(-10, -1),
            max: Number::new(2005, -1),
            samples: 3,
        };
        assert_eq!(minutes[0], expected);
        assert_eq!((minutes[1].at, minutes[1].samples), (UtcMillis::from_seconds(60), 1));
    }

    #[test]
    fn a_counter_shows_its_last_sample() {
        let samples = [sample(0, 100, 0), sample(10, 107, 0)];
        assert_eq!(steps(&samples, 60_000, Nature::Counter)[0].mean, Number::new(107, 0));
    }

    #[test]
    fn means_of_means_are_weighed() {
        let minutes =
            steps(&[sample(0, 10, 0), sample(60, 40, 0), sample(70, 40, 0)], 60_000, Nature::Gauge);
        let whole = longer(&minutes, Nature::Gauge, |_| UtcMillis(0)..UtcMillis(900_000));
        assert_eq!((whole[0].mean, whole[0].samples), (Number::new(30, 0), 3));
    }

    #[test]
    fn a_range_that_does_not_contain_its_step_does_not_hold_up() {
        let minutes = steps(&[sample(0, 1, 0), sample(60, 2, 0)], 60_000, Nature::Gauge);
        assert_eq!(longer(&minutes, Nature::Gauge, |at| at..at).len(), 2);
    }

    #[test]
    fn numbers_beyond_all_measure_are_left_out() {
        let samples = [sample(0, i64::MAX, 100), sample(1, 5, -3)];
        let minute = steps(&samples, 60_000, Nature::Gauge)[0];
        assert_eq!((minute.mean, minute.samples), (Number::new(5, -3), 1));
        assert_eq!(rounded(-5, 2), -3);
    }
}
