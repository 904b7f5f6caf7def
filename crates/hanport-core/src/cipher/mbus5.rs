//! Encryption mode 5 of the M-Bus application layer (EN 13757-7, clause 7.6): AES-128-CBC
//! without padding, the initial vector made of the sender's address and the access number.
//!
//! ```text
//! maker(2) | number(4) | version | medium | access number x 8
//! ```

use aes::Aes128;
use cbc::cipher::{BlockModeDecrypt, BlockModeEncrypt, KeyIvInit};
use cbc::{Decryptor, Encryptor};

use crate::cipher::key::Key;

/// Octets of a block.
pub const BLOCK: usize = 16;

/// The address of a meter as it stands on the wire, and the access number of one message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sender {
    /// The serial number, four octets of BCD, lowest first.
    pub number: [u8; 4],
    /// The FLAG code, five bits a letter, low octet first.
    pub maker: [u8; 2],
    /// The version of the meter.
    pub version: u8,
    /// What it measures; 2 is electricity.
    pub medium: u8,
    /// Counts up from message to message.
    pub access: u8,
}

impl Sender {
    const fn initial_vector(self) -> [u8; BLOCK] {
        let [m0, m1] = self.maker;
        let [n0, n1, n2, n3] = self.number;
        let a = self.access;
        [m0, m1, n0, n1, n2, n3, self.version, self.medium, a, a, a, a, a, a, a, a]
    }
}

/// Deciphers whole blocks in place; a rest that fills no block is left alone.
pub fn decrypt(key: &Key, sender: Sender, data: &mut [u8]) {
    let mut cipher = Decryptor::<Aes128>::new(key.octets().into(), &sender.initial_vector().into());
    let (blocks, _) = data.as_chunks_mut::<BLOCK>();
    for block in blocks {
        cipher.decrypt_block(block.into());
    }
}

/// Enciphers whole blocks in place; a rest that fills no block is left alone.
pub fn encrypt(key: &Key, sender: Sender, data: &mut [u8]) {
    let mut cipher = Encryptor::<Aes128>::new(key.octets().into(), &sender.initial_vector().into());
    let (blocks, _) = data.as_chunks_mut::<BLOCK>();
    for block in blocks {
        cipher.encrypt_block(block.into());
    }
}
