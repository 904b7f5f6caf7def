//! Samples by quantity, packed.
//!
//! All samples of a meter share their instants, and quantities that come in the same messages
//! share the pattern in which they come. Both stand once, in the head; a column holds only which
//! pattern it follows and its digits.
//!
//! ```text
//!  head      instants   row of digits: milliseconds since 1970
//!            patterns   varint count; each a row of digits: lengths of the runs of instants that
//!                       are there and are not, by turns, beginning with those that are
//!            check      4 octets
//!  column    pattern    varint, its place in the head
//!            exponents  varint count; each: power of ten (one octet), varint length of its run
//!            mantissas  row of digits
//!            check      4 octets
//!  together  varint length, head; varint columns; each: varint number, varint length, column
//! ```

use std::collections::BTreeMap;

use hanport_core::number::Number;

use super::bits::{put_varint, take_varint};
use super::{Damaged, Sample, digits, seal, unseal};
use crate::time::UtcMillis;

/// Samples of one meter, by column. What a column means is the caller's.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sheet {
    /// Each ascending, every instant once.
    columns: BTreeMap<u16, Vec<Sample>>,
}

/// A sheet in parts that can be read one by one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Packed {
    /// What all columns share.
    pub head: Vec<u8>,
    /// The columns, ascending.
    pub columns: Vec<(u16, Vec<u8>)>,
}

/// What the columns of a packed sheet share.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Head {
    instants: Vec<UtcMillis>,
    patterns: Vec<Vec<i64>>,
}

impl Sheet {
    /// Puts in a sample; a later one of the same instant replaces it.
    pub fn put(&mut self, column: u16, sample: Sample) {
        let samples = self.columns.entry(column).or_default();
        if samples.last().is_none_or(|last| last.at < sample.at) {
            samples.push(sample);
            return;
        }
        let place = samples.partition_point(|before| before.at < sample.at);
        match samples.get_mut(place) {
            Some(same) if same.at == sample.at => *same = sample,
            _ => samples.insert(place, sample),
        }
    }

    /// Puts in a whole column, ascending, every instant once; a column of that number goes.
    pub fn put_column(&mut self, column: u16, samples: Vec<Sample>) {
        self.columns.insert(column, samples);
    }

    /// Puts in all samples of another sheet, which count where both have the same instant.
    pub fn lay_over(&mut self, other: Self) {
        for (column, samples) in other.columns {
            match self.columns.get_mut(&column) {
                None => drop(self.columns.insert(column, samples)),
                Some(mine) if is_before(mine, &samples) => mine.extend(samples),
                Some(mine) => {
                    mine.extend(samples);
                    // stable: of the same instant the one laid over stands last
                    mine.sort_by_key(|sample| sample.at);
                    *mine = latest_of_each(mine);
                }
            }
        }
    }

    /// The columns, ascending by their number.
    pub fn columns(&self) -> impl Iterator<Item = (u16, &[Sample])> {
        self.columns.iter().map(|(&column, samples)| (column, samples.as_slice()))
    }

    /// The samples of a column, ascending.
    pub fn column(&self, column: u16) -> &[Sample] {
        self.columns.get(&column).map_or(&[], Vec::as_slice)
    }

    /// Whether there is nothing in it.
    pub fn is_empty(&self) -> bool {
        self.columns.is_empty()
    }

    /// In parts.
    pub fn pack(&self) -> Packed {
        let mut instants: Vec<UtcMillis> =
            self.columns.values().flatten().map(|sample| sample.at).collect();
        instants.sort_unstable();
        instants.dedup();
        let mut patterns: Vec<Vec<i64>> = Vec::new();
        let mut columns = Vec::with_capacity(self.columns.len());
        for (&number, samples) in &self.columns {
            let pattern = pattern(&instants, samples);
            let known = patterns.iter().position(|known| *known == pattern);
            let place = known.unwrap_or_else(|| {
                patterns.push(pattern);
                patterns.len() - 1
            });
            columns.push((number, pack_column(place, samples)));
        }
        let mut head = Vec::new();
        digits::put(&mut head, &instants.iter().map(|at| at.0).collect::<Vec<_>>());
        put_length(&mut head, patterns.len());
        for pattern in &patterns {
            digits::put(&mut head, pattern);
        }
        Packed { head: seal(head), columns }
    }

    /// In one piece.
    pub fn to_octets(&self) -> Vec<u8> {
        let packed = self.pack();
        let mut out = Vec::new();
        put_length(&mut out, packed.head.len());
        out.extend_from_slice(&packed.head);
        put_length(&mut out, packed.columns.len());
        for (number, column) in &packed.columns {
            put_varint(&mut out, u64::from(*number));
            put_length(&mut out, column.len());
            out.extend_from_slice(column);
        }
        out
    }

    /// From one piece.
    pub fn from_octets(octets: &[u8]) -> Result<Self, Damaged> {
        Self::some_from_octets(octets, |_| true)
    }

    /// From one piece, those columns alone that are wanted.
    pub fn some_from_octets(
        octets: &[u8],
        is_wanted: impl Fn(u16) -> bool,
    ) -> Result<Self, Damaged> {
        let (head, rest) = take_piece(octets)?;
        let head = Head::unpack(head)?;
        let (count, mut rest) = take_varint(rest)?;
        let mut columns = BTreeMap::new();
        for _ in 0..count {
            let (number, after) = take_varint(rest)?;
            let (column, after) = take_piece(after)?;
            let number = u16::try_from(number).map_err(|_| Damaged)?;
            if is_wanted(number) {
                columns.insert(number, head.column(column)?);
            }
            rest = after;
        }
        Ok(Self { columns })
    }
}

impl Head {
    /// From octets.
    pub fn unpack(octets: &[u8]) -> Result<Self, Damaged> {
        let (instants, rest) = digits::take(unseal(octets)?)?;
        if !instants.is_sorted_by(|before, after| before < after) {
            return Err(Damaged);
        }
        let (count, mut rest) = take_varint(rest)?;
        let mut patterns = Vec::new();
        for _ in 0..count {
            let (pattern, after) = digits::take(rest)?;
            patterns.push(pattern);
            rest = after;
        }
        Ok(Self { instants: instants.into_iter().map(UtcMillis).collect(), patterns })
    }

    /// The instants, ascending.
    pub fn instants(&self) -> &[UtcMillis] {
        &self.instants
    }

    /// The samples of a column.
    pub fn column(&self, octets: &[u8]) -> Result<Vec<Sample>, Damaged> {
        let (place, rest) = take_varint(unseal(octets)?)?;
        let place = usize::try_from(place).map_err(|_| Damaged)?;
        let pattern = self.patterns.get(place).ok_or(Damaged)?;
        let (exponents, rest) = take_exponents(rest)?;
        let (mantissas, _) = digits::take(rest)?;
        let mut exponents = exponents.into_iter().flat_map(|(exponent, length)| {
            core::iter::repeat_n(exponent, usize::try_from(length).unwrap_or(usize::MAX))
        });
        let mut mantissas = mantissas.into_iter();
        let mut samples = Vec::with_capacity(mantissas.len());
        for at in present(&self.instants, pattern)? {
            let mantissa = mantissas.next().ok_or(Damaged)?;
            let exponent = exponents.next().ok_or(Damaged)?;
            samples.push(Sample { at, number: Number::new(mantissa, exponent) });
        }
        if mantissas.next().is_some() { Err(Damaged) } else { Ok(samples) }
    }
}

/// Whether all of one column lies before all of another: what comes in order.
fn is_before(older: &[Sample], newer: &[Sample]) -> bool {
    match (older.last(), newer.first()) {
        (Some(last), Some(first)) => last.at < first.at,
        (None, _) | (_, None) => true,
    }
}

fn latest_of_each(sorted: &[Sample]) -> Vec<Sample> {
    sorted.chunk_by(|a, b| a.at == b.at).filter_map(|same| same.last().copied()).collect()
}

/// Lengths of the runs of instants at which there is a sample and is none, by turns.
fn pattern(instants: &[UtcMillis], samples: &[Sample]) -> Vec<i64> {
    let mut runs = Vec::new();
    let (mut length, mut there) = (0i64, true);
    let mut samples = samples.iter().peekable();
    for at in instants {
        let here = samples.next_if(|sample| sample.at == *at).is_some();
        if here != there {
            runs.push(length);
            length = 0;
            there = here;
        }
        length += 1;
    }
    runs.push(length);
    runs
}

fn present(
    instants: &[UtcMillis],
    pattern: &[i64],
) -> Result<impl Iterator<Item = UtcMillis>, Damaged> {
    let mut left = instants;
    let mut runs = Vec::new();
    for (&length, there) in pattern.iter().zip([true, false].into_iter().cycle()) {
        let length = usize::try_from(length).map_err(|_| Damaged)?;
        let (run, rest) = left.split_at_checked(length).ok_or(Damaged)?;
        left = rest;
        if there {
            runs.push(run);
        }
    }
    Ok(runs.into_iter().flatten().copied())
}

fn pack_column(pattern: usize, samples: &[Sample]) -> Vec<u8> {
    let mut out = Vec::new();
    put_length(&mut out, pattern);
    put_exponents(&mut out, samples.iter().map(|sample| sample.number.exponent));
    digits::put(&mut out, &samples.iter().map(|s| s.number.mantissa).collect::<Vec<_>>());
    seal(out)
}

/// Runs of powers of ten: nearly always a single one.
pub(super) fn put_exponents(out: &mut Vec<u8>, exponents: impl Iterator<Item = i8>) {
    let mut runs: Vec<(i8, u64)> = Vec::new();
    for exponent in exponents {
        match runs.last_mut() {
            Some((last, length)) if *last == exponent => *length += 1,
            _ => runs.push((exponent, 1)),
        }
    }
    put_length(out, runs.len());
    for (exponent, length) in runs {
        out.push(exponent.cast_unsigned());
        put_varint(out, length);
    }
}

/// Runs of a power of ten, and what follows them.
pub(super) type Exponents<'a> = (Vec<(i8, u64)>, &'a [u8]);

pub(super) fn take_exponents(octets: &[u8]) -> Result<Exponents<'_>, Damaged> {
    let (count, mut rest) = take_varint(octets)?;
    let mut runs = Vec::new();
    for _ in 0..count {
        let (&exponent, after) = rest.split_first().ok_or(Damaged)?;
        let (length, after) = take_varint(after)?;
        runs.push((exponent.cast_signed(), length));
        rest = after;
    }
    Ok((runs, rest))
}

fn put_length(out: &mut Vec<u8>, length: usize) {
    put_varint(out, u64::try_from(length).unwrap_or(u64::MAX));
}

fn take_piece(octets: &[u8]) -> Result<(&[u8], &[u8]), Damaged> {
    let (length, rest) = take_varint(octets)?;
    rest.split_at_checked(usize::try_from(length).map_err(|_| Damaged)?).ok_or(Damaged)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::collection::vec;
    use proptest::prelude::*;

    fn sample(at: i64, mantissa: i64) -> Sample {
        Sample { at: UtcMillis(at), number: Number::new(mantissa, 0) }
    }

    fn sheet(samples: &[(u16, Sample)]) -> Sheet {
        let mut sheet = Sheet::default();
        for &(column, sample) in samples {
            sheet.put(column, sample);
        }
        sheet
    }

    fn samples() -> impl Strategy<Value = Vec<(u16, Sample)>> {
        let number = (any::<i64>(), -4i8..3).prop_map(|(m, e)| Number::new(m >> 40, e));
        let one = (0u16..6, -50i64..50, number);
        vec(one.prop_map(|(c, at, number)| (c, Sample { at: UtcMillis(at), number })), 0..150)
    }

    proptest! {
        #[test]
        fn samples_come_out_as_they_went_in(samples in samples()) {
            let sheet = sheet(&samples);
            prop_assert_eq!(Sheet::from_octets(&sheet.to_octets()), Ok(sheet.clone()));
            let packed = sheet.pack();
            let head = Head::unpack(&packed.head).unwrap();
            for (column, octets) in &packed.columns {
                let samples = head.column(octets).unwrap();
                prop_assert_eq!(samples.as_slice(), sheet.column(*column));
            }
        }

        #[test]
        fn the_order_of_coming_does_not_matter(samples in samples(), cut in 0usize..150) {
            let (first, second) = samples.split_at(cut.min(samples.len()));
            let mut laid = sheet(first);
            laid.lay_over(sheet(second));
            prop_assert_eq!(laid, sheet(&samples));
        }

        #[test]
        fn no_octets_panic(octets: Vec<u8>) {
            let _ = Sheet::from_octets(&octets);
            let _ = Head::unpack(&seal(octets.clone()));
            let head = Head { instants: vec![UtcMillis(1)], patterns: vec![vec![1]] };
            let _ = head.column(&seal(octets));
        }

        #[test]
        fn a_changed_octet_is_found(samples in samples(), place: usize, flip in 1u8..) {
            let packed = sheet(&samples).pack();
            let mut head = packed.head;
            let place = place % head.len();
            head[place] ^= flip;
            prop_assert_eq!(Head::unpack(&head), Err(Damaged));
        }
    }

    #[test]
    fn the_later_value_of_an_instant_counts() {
        let sheet = sheet(&[(1, sample(10, 1)), (1, sample(5, 2)), (1, sample(10, 3))]);
        assert_eq!(sheet.column(1), [sample(5, 2), sample(10, 3)]);
        assert_eq!(sheet.column(2), []);
    }

    #[test]
    fn a_pattern_is_stated_once() {
        let mut short = Sheet::default();
        let mut wide = Sheet::default();
        for tick in 0..360 {
            short.put(0, sample(tick * 2500, 7));
            wide.put(0, sample(tick * 2500, 7));
            for column in 1..15 {
                if tick % 4 == 0 {
                    wide.put(column, sample(tick * 2500, 7));
                }
            }
        }
        let more = wide.to_octets().len() - short.to_octets().len();
        assert!(more < 14 * 25 + 60, "{more}");
    }
}
