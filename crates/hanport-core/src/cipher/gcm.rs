//! AES-128 in Galois/counter mode with 96-bit nonces and 12-octet tags (NIST SP 800-38D), put
//! together from its two halves.
//!
//! The halves are needed apart: without authentication key the text is deciphered and the tag
//! left alone, and a message that is only authenticated has all of itself as additional data,
//! in several pieces. One key schedule serves both.

use core::fmt;

use aes::Aes128Enc;
use aes::cipher::{BlockCipherEncrypt, InnerIvInit, KeyInit};
use ctr::cipher::StreamCipherCore;
use ctr::{CtrCore, flavors::Ctr32BE};
use ghash::GHash;
use ghash::universal_hash::UniversalHash;

use crate::cipher::key::Key;
use crate::cipher::sealed::TAG_LEN;

/// A nonce: system title and invocation counter.
pub(crate) type Nonce = [u8; 12];

/// A key made ready: its schedule, and the hash key that follows from it. Both wipe themselves.
#[derive(Clone)]
pub(crate) struct Gcm {
    cipher: Aes128Enc,
    hash: GHash,
}

impl fmt::Debug for Gcm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Gcm(..)")
    }
}

impl Gcm {
    pub(crate) fn new(key: &Key) -> Self {
        let cipher = Aes128Enc::new(key.octets().into());
        let mut hash_key = ghash::Key::default();
        cipher.encrypt_block(&mut hash_key);
        let hash = GHash::new(&hash_key);
        zeroize::Zeroize::zeroize(hash_key.as_mut_slice());
        Self { cipher, hash }
    }

    /// Enciphers or deciphers `text` in place; doing it twice gives back what was there.
    pub(crate) fn apply_keystream(&self, nonce: &Nonce, text: &mut [u8]) {
        let counter = CtrCore::<_, Ctr32BE>::inner_iv_init(&self.cipher, &block(nonce, 2).into());
        // it fails beyond 2^32 blocks only
        let _ = counter.try_apply_keystream_partial(text.into());
    }

    /// The tag of `ciphertext` and of the additional data, given in pieces.
    pub(crate) fn tag(
        &self,
        nonce: &Nonce,
        additional: &[&[u8]],
        ciphertext: &[u8],
    ) -> [u8; TAG_LEN] {
        let mut hash = self.hash.clone();
        let additional_len = absorb(&mut hash, additional);
        let text_len = absorb(&mut hash, &[ciphertext]);
        let lengths = (u128::from(additional_len) << 64 | u128::from(text_len)) << 3;
        hash.update(&[lengths.to_be_bytes().into()]);
        let mut mask = block(nonce, 1).into();
        self.cipher.encrypt_block(&mut mask);
        let mut tag = [0; TAG_LEN];
        for ((octet, hashed), mask) in tag.iter_mut().zip(hash.finalize()).zip(mask) {
            *octet = hashed ^ mask;
        }
        tag
    }
}

/// Compares without telling by the time where the first difference is.
pub(crate) fn same(one: &[u8; TAG_LEN], other: &[u8; TAG_LEN]) -> bool {
    one.iter().zip(other).fold(0, |different, (a, b)| different | (a ^ b)) == 0
}

/// The nonce and behind it the number of the block, in 32 bits.
fn block(nonce: &Nonce, number: u8) -> [u8; 16] {
    core::array::from_fn(|at| match nonce.get(at) {
        Some(octet) => *octet,
        None if at == 15 => number,
        None => 0,
    })
}

/// Hashes `pieces` as if they were one, filled up with zeros to whole blocks.
fn absorb(hash: &mut GHash, pieces: &[&[u8]]) -> u64 {
    let mut pending = [0u8; 16];
    let mut filled = 0;
    let mut total = 0;
    for piece in pieces {
        total += piece.len();
        let mut rest = *piece;
        if filled > 0 {
            let (first, after) = rest.split_at(rest.len().min(pending.len() - filled));
            filled = put(&mut pending, filled, first);
            rest = after;
            if filled < pending.len() {
                continue;
            }
            hash.update(&[pending.into()]);
        }
        let (whole, left) = rest.split_at(rest.len() - rest.len() % pending.len());
        if !whole.is_empty() {
            hash.update_padded(whole);
        }
        pending = [0; 16];
        filled = put(&mut pending, 0, left);
    }
    if filled > 0 {
        hash.update(&[pending.into()]);
    }
    u64::try_from(total).unwrap_or(u64::MAX)
}

/// Copies `octets` behind the first `filled` ones and says how many there are now.
fn put(pending: &mut [u8; 16], filled: usize, octets: &[u8]) -> usize {
    let end = filled + octets.len();
    if let Some(room) = pending.get_mut(filled..end) {
        room.copy_from_slice(octets);
    }
    end
}

#[cfg(test)]
mod tests {
    use std::vec::Vec;

    use aes_gcm::aead::AeadInOut;
    use aes_gcm::aead::consts::U12;
    use aes_gcm::aes::Aes128;
    use aes_gcm::{AesGcm, KeyInit as _};
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_key_made_ready_does_not_print_itself() {
        let key: Key = "000102030405060708090A0B0C0D0E0F".parse().unwrap();
        assert_eq!(std::format!("{:?}", Gcm::new(&key)), "Gcm(..)");
    }

    proptest! {
        #[test]
        fn it_does_what_the_aead_crate_does(
            key: [u8; 16],
            nonce: [u8; 12],
            additional: Vec<u8>,
            cuts: [prop::sample::Index; 2],
            text: Vec<u8>,
        ) {
            let reference = AesGcm::<Aes128, U12, U12>::new(&key.into());
            let mut wanted = text.clone();
            let wanted_tag = reference
                .encrypt_inout_detached(&nonce.into(), &additional, wanted.as_mut_slice().into())
                .unwrap();

            let gcm = Gcm::new(&Key::new(key));
            let mut ciphertext = text.clone();
            gcm.apply_keystream(&nonce, &mut ciphertext);
            prop_assert_eq!(&ciphertext, &wanted);
            let mut cuts = cuts.map(|cut| cut.index(additional.len() + 1));
            cuts.sort_unstable();
            let pieces = [
                &additional[..cuts[0]],
                &additional[cuts[0]..cuts[1]],
                &additional[cuts[1]..],
            ];
            prop_assert_eq!(&gcm.tag(&nonce, &pieces, &ciphertext)[..], &wanted_tag[..]);
            gcm.apply_keystream(&nonce, &mut ciphertext);
            prop_assert_eq!(ciphertext, text);
        }
    }

    #[test]
    fn two_tags_are_the_same_only_if_every_bit_is() {
        let tag: [u8; TAG_LEN] = core::array::from_fn(|at| u8::try_from(at).unwrap());
        assert!(same(&tag, &tag));
        for bit in 0..8 * TAG_LEN {
            let mut other = tag;
            other[bit / 8] ^= 1 << (bit % 8);
            assert!(!same(&tag, &other));
        }
    }
}
