//! Secrets, sealed with a passphrase: Argon2id makes a key of it, AES-256-GCM encrypts and proves
//! that nothing was changed.
//!
//! ```json
//! {"kdf":"argon2id","memory_kib":65536,"passes":3,"lanes":1,"salt":"<hex>",
//!  "cipher":"aes-256-gcm","nonce":"<hex>","tag":"<hex>","text":"<hex>"}
//! ```

use aes_gcm::aead::AeadInOut as _;
use aes_gcm::{Aes256Gcm, KeyInit as _};
use anyhow::{anyhow, bail};
use argon2::{Algorithm, Argon2, Params, Version};
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

/// 64 MiB, three times over: a second on a small machine.
const MEMORY_KIB: u32 = 65_536;
const PASSES: u32 = 3;
const LANES: u32 = 1;
/// More than that is not tried: a file from elsewhere must not eat the machine.
const MOST_MEMORY_KIB: u32 = 1 << 20;
const MOST_PASSES: u32 = 64;
/// What is sealed is bound to what it is.
const PURPOSE: &[u8] = b"hanport secrets 1";

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Sealed {
    kdf: String,
    memory_kib: u32,
    passes: u32,
    lanes: u32,
    salt: String,
    cipher: String,
    nonce: String,
    tag: String,
    text: String,
}

/// Seals a text.
pub(super) fn seal(text: &str, passphrase: &str) -> anyhow::Result<String> {
    let (mut salt, mut nonce) = ([0u8; 16], [0u8; 12]);
    getrandom::fill(&mut salt).map_err(|error| anyhow!("no randomness can be had: {error}"))?;
    getrandom::fill(&mut nonce).map_err(|error| anyhow!("no randomness can be had: {error}"))?;
    let cipher = cipher(passphrase, &salt, (MEMORY_KIB, PASSES, LANES))?;
    let mut octets = text.as_bytes().to_vec();
    let tag = cipher
        .encrypt_inout_detached(&nonce.into(), PURPOSE, octets.as_mut_slice().into())
        .map_err(|_| anyhow!("the secrets cannot be encrypted"))?;
    let sealed = Sealed {
        kdf: "argon2id".to_owned(),
        memory_kib: MEMORY_KIB,
        passes: PASSES,
        lanes: LANES,
        salt: hex(&salt),
        cipher: "aes-256-gcm".to_owned(),
        nonce: hex(&nonce),
        tag: hex(&tag),
        text: hex(&octets),
    };
    Ok(serde_json::to_string(&sealed)?)
}

/// Opens what was sealed.
pub(super) fn open(sealed: &str, passphrase: &str) -> anyhow::Result<Zeroizing<String>> {
    let sealed: Sealed =
        serde_json::from_str(sealed).map_err(|_| anyhow!("the sealed secrets are damaged"))?;
    if sealed.kdf != "argon2id" || sealed.cipher != "aes-256-gcm" {
        bail!("the secrets were sealed by a newer version of hanport");
    }
    if sealed.memory_kib > MOST_MEMORY_KIB || sealed.passes > MOST_PASSES || sealed.lanes > 16 {
        bail!("the sealed secrets ask for more memory than is reasonable");
    }
    let octets = |text: &str| unhex(text).ok_or_else(|| anyhow!("the sealed secrets are damaged"));
    let short = |_| anyhow!("the sealed secrets are damaged");
    let nonce: [u8; 12] = octets(&sealed.nonce)?.try_into().map_err(short)?;
    let tag: [u8; 16] = octets(&sealed.tag)?.try_into().map_err(short)?;
    let (salt, text) = (octets(&sealed.salt)?, octets(&sealed.text)?);
    let mut text = Zeroizing::new(text);
    let cipher = cipher(passphrase, &salt, (sealed.memory_kib, sealed.passes, sealed.lanes))?;
    cipher
        .decrypt_inout_detached(&nonce.into(), PURPOSE, text.as_mut_slice().into(), &tag.into())
        .map_err(|_| anyhow!("this is not the passphrase of the backup, or it is damaged"))?;
    let text =
        core::str::from_utf8(&text).map_err(|_| anyhow!("the sealed secrets are no text"))?;
    Ok(Zeroizing::new(text.to_owned()))
}

fn cipher(
    passphrase: &str,
    salt: &[u8],
    (memory, passes, lanes): (u32, u32, u32),
) -> anyhow::Result<Aes256Gcm> {
    let params = Params::new(memory, passes, lanes, Some(32));
    let params = params.map_err(|error| anyhow!("the passphrase cannot be used: {error}"))?;
    let mut key = Zeroizing::new([0u8; 32]);
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
        .hash_password_into(passphrase.as_bytes(), salt, key.as_mut_slice())
        .map_err(|error| anyhow!("the passphrase cannot be used: {error}"))?;
    Ok(Aes256Gcm::new((&*key).into()))
}

fn hex(octets: &[u8]) -> String {
    use core::fmt::Write as _;
    octets.iter().fold(String::with_capacity(octets.len() * 2), |mut text, octet| {
        let _ = write!(text, "{octet:02x}");
        text
    })
}

fn unhex(text: &str) -> Option<Vec<u8>> {
    let digits = text.as_bytes();
    if !digits.len().is_multiple_of(2) {
        return None;
    }
    let pairs = digits.chunks_exact(2).map(|pair| core::str::from_utf8(pair).ok());
    pairs.map(|pair| u8::from_str_radix(pair?, 16).ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_passphrase_opens_what_it_sealed() {
        let sealed = seal("key = \"00ff\"\n", "correct horse").unwrap();
        assert!(!sealed.contains("00ff"));
        assert_eq!(*open(&sealed, "correct horse").unwrap(), "key = \"00ff\"\n");
        let wrong = open(&sealed, "battery staple").unwrap_err().to_string();
        assert!(wrong.contains("not the passphrase"), "{wrong}");
    }

    #[test]
    fn what_was_changed_or_asks_for_too_much_is_not_opened() {
        let sealed = seal("a", "p").unwrap();
        let at = sealed.find("\"text\":\"").unwrap() + 8;
        let other = if sealed[at..].starts_with('0') { "1" } else { "0" };
        let mut changed = sealed.clone();
        changed.replace_range(at..=at, other);
        assert!(open(&changed, "p").is_err());
        assert!(open(&sealed.replace("65536", "4000000000"), "p").is_err());
        assert!(open(&sealed.replace("argon2id", "none"), "p").is_err());
        assert!(open("{}", "p").is_err());
    }
}
