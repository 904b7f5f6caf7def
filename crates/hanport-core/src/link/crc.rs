//! The checksums of the customer port.
//!
//! Two of them run over every octet of a message. Over GF(2) the square of a polynomial has its
//! terms at twice the degree, so both generators have multiples with as few terms, far apart:
//!
//! ```text
//! X-25: (x^16 + x^12 + x^5 + 1)^16 = x^256 + x^192 + x^80 + 1
//! ARC:  (x^16 + x^15 + x^2 + 1)^32 = x^512 + x^480 + x^64 + 1
//! ```
//!
//! The remainder of a message modulo such a multiple has the same checksum as the message.
//! Division by it takes 64 bits in one step of a few operations; the 32 or 64 octets that remain
//! go through tables. Octets travel lowest bit first, so in a little-endian word the lowest bit
//! has the highest degree.

use crc::{CRC_16_ARC, CRC_16_IBM_SDLC, CRC_16_KERMIT, Crc, Digest, Table};

/// CRC-16/KERMIT of some SML meters, high octet first on the wire.
pub const KERMIT: Crc<u16, Table<1>> = Crc::<u16, Table<1>>::new(&CRC_16_KERMIT);

type Tables = Crc<u16, Table<16>>;

/// CRC-16/X-25 of HDLC and SML, low octet first on the wire.
#[derive(Clone, Copy, Debug)]
pub struct X25;

impl X25 {
    const TABLES: &Tables = &Tables::new(&CRC_16_IBM_SDLC);

    /// The checksum of `octets`.
    pub fn checksum(self, octets: &[u8]) -> u16 {
        checksum(Self::TABLES, octets, |[a, b, c, d], word| {
            // 64, 80 + 96 and 256 bits behind `a`
            [b ^ a, c ^ a << 48, d ^ a >> 16, word ^ a]
        })
    }
}

/// CRC-16/ARC of P1 telegrams, printed as hexadecimal digits.
#[derive(Clone, Copy, Debug)]
pub struct ARC;

impl ARC {
    const TABLES: &Tables = &Tables::new(&CRC_16_ARC);

    /// The checksum of `octets`.
    pub fn checksum(self, octets: &[u8]) -> u16 {
        checksum(Self::TABLES, octets, |[a, b, c, d, e, f, g, h], word| {
            // 32, 448 and 512 bits behind `a`; the first of these is half within it
            let a = a ^ a << 32;
            [b ^ a >> 32, c, d, e, f, g, h ^ a, word ^ a]
        })
    }

    /// For octets that do not stand in one place.
    pub fn digest(self) -> Digest<'static, u16, Table<16>> {
        Self::TABLES.digest()
    }
}

/// The checksum of `octets`. `step` divides further: it drops the first word of what is left,
/// adds the multiple of the divisor that cancels it, and appends a word.
#[inline]
fn checksum<const W: usize>(
    tables: &Tables,
    octets: &[u8],
    step: impl Fn([u64; W], u64) -> [u64; W],
) -> u16 {
    let (words, tail) = octets.as_chunks::<8>();
    let (blocks, words) = words.as_chunks::<W>();
    let Some((first, blocks)) = blocks.split_first() else {
        return tables.checksum(octets);
    };
    let mut left = first.map(u64::from_le_bytes);
    // what the register starts with is the same as inverting so many bits of the message
    if let [first, ..] = left.as_mut_slice() {
        *first ^= u64::from(tables.algorithm.init);
    }
    // by blocks, so that the words stay in their registers
    for block in blocks {
        for word in block {
            left = step(left, u64::from_le_bytes(*word));
        }
    }
    for word in words {
        left = step(left, u64::from_le_bytes(*word));
    }
    let mut digest = tables.digest_with_initial(0);
    digest.update(left.map(u64::to_le_bytes).as_flattened());
    digest.update(tail);
    digest.finalize()
}

#[cfg(test)]
mod tests {
    use super::*;

    use proptest::prelude::*;

    proptest! {
        #[test]
        fn division_by_words_agrees_with_the_tables(
            octets in prop::collection::vec(any::<u8>(), 0..300),
        ) {
            prop_assert_eq!(X25.checksum(&octets), X25::TABLES.checksum(&octets));
            prop_assert_eq!(ARC.checksum(&octets), ARC::TABLES.checksum(&octets));
        }
    }

    #[test]
    fn the_check_values_of_the_catalogue_fit() {
        assert_eq!(X25.checksum(b"123456789"), 0x906E);
        assert_eq!(ARC.checksum(b"123456789"), 0xBB3D);
        assert_eq!(KERMIT.checksum(b"123456789"), 0x2189);
    }
}
