//! Keys as users hold them.

use core::fmt;

use zeroize::Zeroize;

/// A 128-bit key. It is wiped when dropped and never printed.
#[derive(Clone, PartialEq, Eq)]
pub struct Key([u8; 16]);

/// Why a text is no key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// Something that is no hexadecimal digit.
    #[error("character {at} is no hexadecimal digit")]
    Digit {
        /// Which character, from 1.
        at: usize,
    },
    /// Not 32 digits.
    #[error("a key has 32 hexadecimal digits, this has {0}")]
    Length(usize),
}

impl Key {
    /// The key of these octets.
    pub const fn new(octets: [u8; 16]) -> Self {
        Self(octets)
    }

    /// The octets, for the ciphers.
    pub(crate) const fn octets(&self) -> &[u8; 16] {
        &self.0
    }
}

impl Drop for Key {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Key(..)")
    }
}

impl core::str::FromStr for Key {
    type Err = KeyError;

    /// Reads 32 hexadecimal digits; blanks, colons, dashes, quotes and a leading `0x` are
    /// passed over.
    fn from_str(text: &str) -> Result<Self, KeyError> {
        let trimmed = text.trim_matches(|c: char| c.is_whitespace() || c == '"' || c == '\'');
        let digits = trimmed.strip_prefix("0x").or_else(|| trimmed.strip_prefix("0X"));
        let mut octets = [0u8; 16];
        let mut count = 0usize;
        for (at, character) in digits.unwrap_or(trimmed).chars().enumerate() {
            if character.is_whitespace() || matches!(character, ':' | '-') {
                continue;
            }
            let digit = character.to_digit(16).ok_or(KeyError::Digit { at: at + 1 })?;
            if let Some(octet) = octets.get_mut(count / 2) {
                *octet = *octet << 4 | u8::try_from(digit).unwrap_or(0);
            }
            count += 1;
        }
        if count == 32 { Ok(Self(octets)) } else { Err(KeyError::Length(count)) }
    }
}
