//! Whole watt-hours by largest remainder: the parts add up to the whole, and none is a full
//! watt-hour away from its exact share.

use super::fill::Filled;

/// Something that has a share in proportion to its weight.
pub trait Weighted {
    /// Not negative.
    fn weight(&self) -> i64;
}

impl Weighted for i64 {
    fn weight(&self) -> i64 {
        (*self).max(0)
    }
}

impl Weighted for Filled {
    fn weight(&self) -> i64 {
        self.weight_uj
    }
}

/// Splits `total` in proportion to the weights of `parts`; evenly when all are
/// zero. Remainders go to the largest, and among equals to the earliest. `total` must not be
/// negative; a `total` for no weights is lost, so do not ask.
///
/// `shares(10, &[1, 1, 1])` is `[4, 3, 3]`.
pub fn shares(total: i64, parts: &[impl Weighted]) -> Vec<i64> {
    let sum: i128 = parts.iter().map(|part| i128::from(part.weight())).sum();
    let even = sum == 0;
    let sum = if even { i128::try_from(parts.len()).unwrap_or(1).max(1) } else { sum };
    let mut left = total;
    let mut remainders: Vec<(i128, usize)> = Vec::with_capacity(parts.len());
    let mut out = Vec::with_capacity(parts.len());
    for (index, part) in parts.iter().enumerate() {
        let weight = if even { 1 } else { i128::from(part.weight()) };
        let exact = i128::from(total) * weight;
        let share = i64::try_from(exact / sum).unwrap_or(0);
        left -= share;
        remainders.push((exact % sum, index));
        out.push(share);
    }
    let left = usize::try_from(left).unwrap_or(0).min(remainders.len());
    if left > 0 {
        remainders.select_nth_unstable_by(left - 1, |a, b| b.0.cmp(&a.0).then(a.1.cmp(&b.1)));
        for &(_, index) in remainders.iter().take(left) {
            if let Some(share) = out.get_mut(index) {
                *share += 1;
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::collection::vec;
    use proptest::prelude::*;

    #[test]
    fn remainders_go_to_the_largest_then_the_earliest() {
        assert_eq!(shares(10, &[1, 1, 1]), [4, 3, 3]);
        assert_eq!(shares(10, &[0, 5, 1]), [0, 8, 2]);
        assert_eq!(shares(7, &[0, 0]), [4, 3]);
        assert_eq!(shares(0, &[3, 4]), [0, 0]);
        assert_eq!(shares(3, &[i64::MAX, i64::MAX, i64::MAX]), [1, 1, 1]);
    }

    proptest! {
        #[test]
        fn shares_add_up_and_stay_within_one(
            total in 0i64..10_000_000_000,
            weights in vec(0i64..1_000_000_000_000, 1..200),
        ) {
            let parts = shares(total, &weights);
            prop_assert_eq!(parts.iter().sum::<i64>(), total);
            let sum: i128 = weights.iter().map(|&w| i128::from(w)).sum();
            if sum > 0 {
                for (&part, &weight) in parts.iter().zip(&weights) {
                    let off = i128::from(part) * sum - i128::from(total) * i128::from(weight);
                    prop_assert!(off.abs() < sum);
                    prop_assert!(weight > 0 || part == 0);
                }
            }
        }
    }
}
