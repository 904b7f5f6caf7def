//! General ciphering, security suite 0.

use aes_gcm::aead::AeadInOut as _;
use aes_gcm::{Aes128Gcm, KeyInit as _};

/// What a sender needs to cipher.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Sealing<'a> {
    /// System title.
    pub(crate) title: [u8; 8],
    /// Security control octet.
    pub(crate) control: u8,
    /// Invocation counter.
    pub(crate) counter: u32,
    /// Encryption key.
    pub(crate) key: &'a [u8; 16],
    /// Authentication key; zeros where the market has none.
    pub(crate) authentication: &'a [u8; 16],
}

impl Sealing<'_> {
    /// Security control, counter, ciphertext and, where the control asks for it, the tag.
    pub(crate) fn content(&self, plain: &[u8]) -> Vec<u8> {
        let mut nonce = [0u8; 12];
        nonce[..8].copy_from_slice(&self.title);
        nonce[8..].copy_from_slice(&self.counter.to_be_bytes());
        let authenticated = self.control & 0x10 != 0;
        let mut aad = Vec::new();
        if authenticated {
            aad.push(self.control);
            aad.extend(self.authentication);
        }
        let mut text = plain.to_vec();
        let cipher = Aes128Gcm::new(&(*self.key).into());
        let tag = cipher.encrypt_inout_detached(&nonce.into(), &aad, text.as_mut_slice().into());
        let mut content = vec![self.control];
        content.extend(self.counter.to_be_bytes());
        content.extend(text);
        if authenticated {
            content.extend(tag.unwrap_or_default().iter().take(12));
        }
        content
    }

    /// The whole general-glo-ciphering unit; `long` writes the length in three octets always.
    pub(crate) fn general_glo(&self, plain: &[u8], long: bool) -> Vec<u8> {
        let content = self.content(plain);
        let mut out = vec![0xDB, 0x08];
        out.extend(self.title);
        if long {
            let [high, low] = u16::try_from(content.len()).unwrap_or(0).to_be_bytes();
            out.extend([0x82, high, low]);
        } else {
            super::axdr::length(&mut out, content.len());
        }
        out.extend(content);
        out
    }
}
