//! Single bits to octets and back, highest bit first; and whole numbers in octets of seven bits.

use super::Damaged;

/// Collects bits.
#[derive(Clone, Debug, Default)]
pub struct BitWriter {
    octets: Vec<u8>,
    /// Bits that are not a whole octet yet, in the low `count` bits. `count` is below 8.
    open: u8,
    count: u32,
}

impl BitWriter {
    /// The low `count` bits of `bits`, at most 64.
    pub fn put(&mut self, bits: u64, count: u32) {
        let mut left = count.min(64);
        while left > 0 {
            let take = left.min(8 - self.count);
            let piece = (bits >> (left - take)) & ((1 << take) - 1);
            // `piece` has at most eight bits
            self.open = (u16::from(self.open) << take).to_le_bytes()[0] | piece.to_le_bytes()[0];
            self.count += take;
            left -= take;
            if self.count == 8 {
                self.octets.push(self.open);
                self.open = 0;
                self.count = 0;
            }
        }
    }

    /// So many ones, at most 63, and a zero.
    pub fn put_unary(&mut self, ones: u32) {
        let ones = ones.min(63);
        self.put(((1 << ones) - 1) << 1, ones + 1);
    }

    /// The octets; the last one is filled up with zeros.
    pub fn finish(mut self) -> Vec<u8> {
        if self.count > 0 {
            self.put(0, 8 - self.count);
        }
        self.octets
    }
}

/// Takes bits out again.
#[derive(Clone, Copy, Debug)]
pub struct BitReader<'a> {
    /// Octets that are not in the window yet.
    octets: &'a [u8],
    /// All octets, from the first.
    all: &'a [u8],
    /// The next bits, the first of them highest; zeros below.
    window: u64,
    /// How many there are in the window.
    filled: u32,
}

impl<'a> BitReader<'a> {
    /// From the first bit on.
    pub const fn new(octets: &'a [u8]) -> Self {
        Self { octets, all: octets, window: 0, filled: 0 }
    }

    /// Fills the window with whole octets: 57 bits or more, or all there are.
    fn refill(&mut self) {
        while self.filled <= 56
            && let Some((&first, rest)) = self.octets.split_first()
        {
            self.window |= u64::from(first) << (56 - self.filled);
            self.filled += 8;
            self.octets = rest;
        }
    }

    /// `count` bits, at most 64.
    pub fn take(&mut self, count: u32) -> Result<u64, Damaged> {
        if count > 32 {
            let high = self.take_few(count.min(64) - 32)?;
            return Ok(high << 32 | self.take_few(32)?);
        }
        self.take_few(count)
    }

    fn take_few(&mut self, count: u32) -> Result<u64, Damaged> {
        if count == 0 {
            return Ok(0);
        }
        if self.filled < count {
            self.refill();
            if self.filled < count {
                return Err(Damaged);
            }
        }
        let bits = self.window >> (64 - count);
        self.window <<= count;
        self.filled -= count;
        Ok(bits)
    }

    /// The ones before a zero, at most `most`, which is at most 32; no zero follows the last of
    /// these.
    pub fn take_unary(&mut self, most: u32) -> Result<u32, Damaged> {
        if self.filled <= 32 {
            self.refill();
        }
        let ones = self.window.leading_ones().min(most);
        let used = if ones < most { ones + 1 } else { ones };
        self.take_few(used).map(|_| ones)
    }

    /// The octets after the one that was begun.
    pub fn rest(self) -> &'a [u8] {
        let unread = self.octets.len() + usize::try_from(self.filled / 8).unwrap_or(0);
        self.all.get(self.all.len().saturating_sub(unread)..).unwrap_or_default()
    }
}

/// Writes a number in groups of seven bits, lowest first.
pub fn put_varint(out: &mut Vec<u8>, mut number: u64) {
    while number >= 0x80 {
        out.push(number.to_le_bytes()[0] | 0x80);
        number >>= 7;
    }
    out.push(number.to_le_bytes()[0]);
}

/// Reads such a number and what follows it.
pub fn take_varint(octets: &[u8]) -> Result<(u64, &[u8]), Damaged> {
    let mut number = 0u64;
    let mut rest = octets;
    for shift in (0..64).step_by(7) {
        let (&first, after) = rest.split_first().ok_or(Damaged)?;
        let group = u64::from(first & 0x7F);
        if group << shift >> shift != group {
            return Err(Damaged);
        }
        number |= group << shift;
        rest = after;
        if first & 0x80 == 0 {
            return Ok((number, rest));
        }
    }
    Err(Damaged)
}

/// Signed to unsigned so that small magnitudes stay small: 0, -1, 1, -2 become 0, 1, 2, 3.
pub const fn fold(number: i64) -> u64 {
    (number.cast_unsigned() << 1) ^ (number >> 63).cast_unsigned()
}

/// And back.
pub const fn unfold(number: u64) -> i64 {
    (number >> 1).cast_signed() ^ -((number & 1).cast_signed())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn bits_come_out_as_they_went_in(pieces: Vec<(u64, u8)>) {
            let pieces: Vec<(u64, u32)> =
                pieces.into_iter().map(|(bits, count)| (bits, u32::from(count) % 65)).collect();
            let mut writer = BitWriter::default();
            for &(bits, count) in &pieces {
                writer.put(bits, count);
            }
            let octets = writer.finish();
            let mut reader = BitReader::new(&octets);
            for &(bits, count) in &pieces {
                let mask = if count == 64 { u64::MAX } else { (1 << count) - 1 };
                prop_assert_eq!(reader.take(count), Ok(bits & mask));
            }
            prop_assert!(reader.rest().is_empty());
        }

        #[test]
        fn numbers_come_out_as_they_went_in(number: u64, signed: i64) {
            let mut octets = Vec::new();
            put_varint(&mut octets, number);
            octets.push(7);
            prop_assert_eq!(take_varint(&octets), Ok((number, &[7][..])));
            prop_assert_eq!(unfold(fold(signed)), signed);
        }
    }

    #[test]
    fn small_numbers_are_short() {
        let mut octets = Vec::new();
        for number in [0, 127, 128] {
            put_varint(&mut octets, number);
        }
        assert_eq!(octets, [0, 127, 128, 1]);
        assert_eq!([0, -1, 1, -2].map(fold), [0, 1, 2, 3]);
    }

    #[test]
    fn a_number_without_end_is_damaged() {
        assert_eq!(take_varint(&[0x80; 9]), Err(Damaged));
        assert_eq!(take_varint(&[0xFF; 12]), Err(Damaged));
    }
}
