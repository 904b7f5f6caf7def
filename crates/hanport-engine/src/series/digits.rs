//! A row of integers in few bits.
//!
//! Neighbours in a series are alike, so differences are written: of the first order, of the
//! second (registers that climb steadily), or against the first value (noise around a level),
//! whichever is shortest. Differences go in blocks of 32, each with the Rice parameter that suits
//! it, after Rice and Plaunt, "Adaptive variable-length coding", 1971.
//!
//! ```text
//!  count    varint
//!  order    0, 1 or 2                      one octet, absent when count is 0
//!  first    varint, folded                 the first value
//!  blocks   6 bits  0: all 32 are zero     1 to 62: Rice with k = that - 1
//!           each difference, folded        q ones, a zero, k low bits; q = folded >> k
//!                                          24 ones: 64 bits as they are
//! ```

use super::Damaged;
use super::bits::{BitReader, BitWriter, fold, put_varint, take_varint, unfold};

const BLOCK: usize = 32;
/// Ones after which a difference is written as it is.
const ESCAPE: u32 = 24;
/// More values than this are never packed together; a count above it is damage.
pub const MOST: usize = 1 << 20;

/// Appends a row of at most [`MOST`] integers; what is beyond is left out.
pub fn put(out: &mut Vec<u8>, values: &[i64]) {
    let values = values.get(..values.len().min(MOST)).unwrap_or(values);
    put_varint(out, u64::try_from(values.len()).unwrap_or(0));
    let Some((&first, rest)) = values.split_first() else { return };
    let packed = [1u8, 0, 2].map(|order| (order, blocks(&differences(first, rest, order))));
    let shortest = packed.into_iter().min_by_key(|(_, octets)| octets.len());
    if let Some((order, octets)) = shortest {
        out.push(order);
        put_varint(out, fold(first));
        out.extend_from_slice(&octets);
    }
}

/// Takes such a row and what follows it.
pub fn take(octets: &[u8]) -> Result<(Vec<i64>, &[u8]), Damaged> {
    let (count, rest) = take_varint(octets)?;
    let count = usize::try_from(count).map_err(|_| Damaged)?;
    if count > MOST {
        return Err(Damaged);
    }
    if count == 0 {
        return Ok((Vec::new(), rest));
    }
    let (&order, rest) = rest.split_first().ok_or(Damaged)?;
    let (first, rest) = take_varint(rest)?;
    let mut series = Series::new(unfold(first), order)?;
    let mut values = Vec::with_capacity(count.min(4096));
    values.push(series.value);
    let mut reader = BitReader::new(rest);
    while values.len() < count {
        let here = BLOCK.min(count - values.len());
        let parameter = reader.take(6)?;
        for _ in 0..here {
            let folded = match u32::try_from(parameter).map_err(|_| Damaged)? {
                0 => 0,
                k => take_rice(&mut reader, k - 1)?,
            };
            values.push(series.next(unfold(folded)));
        }
    }
    Ok((values, reader.rest()))
}

/// Follows the differences of an order.
struct Series {
    order: u8,
    first: i64,
    value: i64,
    slope: i64,
}

impl Series {
    const fn new(first: i64, order: u8) -> Result<Self, Damaged> {
        if order > 2 { Err(Damaged) } else { Ok(Self { order, first, value: first, slope: 0 }) }
    }

    const fn next(&mut self, difference: i64) -> i64 {
        let before = self.value;
        self.value = match self.order {
            0 => self.first.wrapping_add(difference),
            1 => before.wrapping_add(difference),
            _ => before.wrapping_add(self.slope).wrapping_add(difference),
        };
        self.slope = self.value.wrapping_sub(before);
        self.value
    }
}

fn differences(first: i64, rest: &[i64], order: u8) -> Vec<u64> {
    let mut before = first;
    let mut slope = 0i64;
    rest.iter()
        .map(|&value| {
            let difference = match order {
                0 => value.wrapping_sub(first),
                1 => value.wrapping_sub(before),
                _ => value.wrapping_sub(before).wrapping_sub(slope),
            };
            slope = value.wrapping_sub(before);
            before = value;
            fold(difference)
        })
        .collect()
}

fn blocks(differences: &[u64]) -> Vec<u8> {
    let mut writer = BitWriter::default();
    for block in differences.chunks(BLOCK) {
        if block.iter().all(|&folded| folded == 0) {
            writer.put(0, 6);
            continue;
        }
        let k = parameter(block);
        writer.put(u64::from(k) + 1, 6);
        for &folded in block {
            put_rice(&mut writer, folded, k);
        }
    }
    writer.finish()
}

/// The Rice parameter with which a block is shortest: around the length of its mean.
fn parameter(block: &[u64]) -> u32 {
    let sum: u128 = block.iter().map(|&folded| u128::from(folded)).sum();
    let count = u128::try_from(block.len().max(1)).unwrap_or(1);
    let length = 128 - (sum / count).leading_zeros();
    let bits = |k: u32| -> u64 {
        let each = |&folded: &u64| match u32::try_from(folded >> k) {
            Ok(ones) if ones < ESCAPE => u64::from(ones + 1 + k),
            _ => u64::from(ESCAPE + 64),
        };
        block.iter().map(each).sum()
    };
    (length.saturating_sub(2)..=length + 1).map(|k| k.min(60)).min_by_key(|&k| bits(k)).unwrap_or(0)
}

fn put_rice(writer: &mut BitWriter, folded: u64, k: u32) {
    match u32::try_from(folded >> k) {
        Ok(ones) if ones < ESCAPE => {
            writer.put_unary(ones);
            writer.put(folded, k);
        }
        _ => {
            writer.put((1 << ESCAPE) - 1, ESCAPE);
            writer.put(folded, 64);
        }
    }
}

fn take_rice(reader: &mut BitReader<'_>, k: u32) -> Result<u64, Damaged> {
    let ones = reader.take_unary(ESCAPE)?;
    if ones == ESCAPE {
        return reader.take(64);
    }
    let low = reader.take(k)?;
    u64::from(ones).checked_shl(k).map(|high| high | low).ok_or(Damaged)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::collection::vec;
    use proptest::prelude::*;

    fn length(values: &[i64]) -> usize {
        let mut octets = Vec::new();
        put(&mut octets, values);
        assert_eq!(take(&octets), Ok((values.to_vec(), &[][..])));
        octets.len()
    }

    proptest! {
        #[test]
        fn integers_come_out_as_they_went_in(
            values in vec(prop_oneof![any::<i64>(), -300i64..300, Just(0)], 0..200),
        ) {
            let mut octets = Vec::new();
            put(&mut octets, &values);
            octets.push(9);
            prop_assert_eq!(take(&octets), Ok((values, &[9][..])));
        }

        #[test]
        fn no_octets_panic(octets: Vec<u8>) {
            let _ = take(&octets);
        }
    }

    #[test]
    fn what_repeats_costs_nearly_nothing() {
        assert!(length(&[0; 360]) < 14);
        let steady: Vec<i64> = (0..360).map(|n| 50_000_000 + n * 7).collect();
        assert!(length(&steady) < 24);
    }

    #[test]
    fn noise_costs_its_bits() {
        // a voltage in tenths that wavers by eight tenths
        let volts: Vec<i64> = (0..360).map(|n| 2300 + (n * 37 + n * n * 11) % 9).collect();
        assert!(length(&volts) < 360 * 5 / 8, "{}", length(&volts));
        assert_eq!(length(&[]), 1);
        assert!(length(&[i64::MIN, i64::MAX, 0, i64::MIN]) < 50);
    }

    #[test]
    fn a_boasting_count_is_damaged() {
        let mut octets = Vec::new();
        put_varint(&mut octets, u64::MAX);
        assert_eq!(take(&octets), Err(Damaged));
    }
}
