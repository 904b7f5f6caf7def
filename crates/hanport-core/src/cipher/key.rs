//! Keys as users hold them: 32 hexadecimal digits from a letter or a web page.
//!
//! The encryption key is called GUEK, EK, GPK60 or customer interface key on paper, the
//! authentication key GAK, AK or GPK61.

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

    /// Whether it is all zeros, which is how programs write that none is set.
    pub fn is_zero(&self) -> bool {
        self.0 == [0; 16]
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

    /// Reads 32 hexadecimal digits; blanks, colons, dashes, quotes around it and a leading `0x`
    /// are passed over.
    ///
    /// ```
    /// use hanport_core::cipher::key::{Key, KeyError};
    ///
    /// let key: Key = "'0x00 11 22 33 44 55 66 77 88 99 AA BB CC DD EE FF'".parse()?;
    /// assert_eq!(key, "00112233-44556677-8899aabb-ccddeeff".parse()?);
    /// # Ok::<(), KeyError>(())
    /// ```
    fn from_str(text: &str) -> Result<Self, KeyError> {
        let mut key = Self([0; 16]);
        let mut count = 0usize;
        for (at, character) in text.chars().enumerate() {
            match character {
                ':' | '-' | '"' | '\'' => continue,
                blank if blank.is_whitespace() => continue,
                // the zero before it was no digit of the key
                'x' | 'X' if count == 1 && key.is_zero() => {
                    count = 0;
                    continue;
                }
                _ => {}
            }
            let digit = character.to_digit(16).and_then(|digit| u8::try_from(digit).ok());
            let digit = digit.ok_or(KeyError::Digit { at: at + 1 })?;
            if let Some(octet) = key.0.get_mut(count / 2) {
                *octet = *octet << 4 | digit;
            }
            count += 1;
        }
        if count == 32 { Ok(key) } else { Err(KeyError::Length(count)) }
    }
}

#[cfg(test)]
mod tests {
    use std::format;

    use super::*;

    const KEY: Key = Key::new([
        0x00, 0x11, 0x22, 0x33, 0x44, 0x55, 0x66, 0x77, 0x88, 0x99, 0xAA, 0xBB, 0xCC, 0xDD, 0xEE,
        0xFF,
    ]);

    #[test]
    fn every_way_in_which_people_write_keys_is_read() {
        for text in [
            "00112233445566778899AABBCCDDEEFF",
            "00112233445566778899aabbccddeeff\n",
            "00 11 22 33 44 55 66 77 88 99 AA BB CC DD EE FF",
            "00:11:22:33:44:55:66:77:88:99:AA:BB:CC:DD:EE:FF",
            "00112233-44556677-8899AABB-CCDDEEFF",
            "0x00112233445566778899AABBCCDDEEFF",
            " \"0X0011223344556677 8899AABBCCDDEEFF\" ",
            "'00112233445566778899AABBCCDDEEFF'",
        ] {
            assert_eq!(text.parse(), Ok(KEY), "{text}");
        }
    }

    #[test]
    fn what_is_no_key_is_refused_with_the_reason() {
        for (text, why) in [
            ("", KeyError::Length(0)),
            ("0x", KeyError::Length(0)),
            ("00112233445566778899AABBCCDDEE", KeyError::Length(30)),
            ("00112233445566778899AABBCCDDEEFF0", KeyError::Length(33)),
            ("0x00112233445566778899AABBCCDDEEFF0", KeyError::Length(33)),
            ("0x00112233445566778899AABBCCDDEEFFx", KeyError::Digit { at: 35 }),
            ("00112233445566778899AABBCCDDEEFG", KeyError::Digit { at: 32 }),
            ("10x12233", KeyError::Digit { at: 3 }),
            ("1x12233", KeyError::Digit { at: 2 }),
        ] {
            assert_eq!(text.parse::<Key>(), Err(why), "{text}");
        }
        let wordy = KeyError::Length(33);
        assert_eq!(format!("{wordy}"), "a key has 32 hexadecimal digits, this has 33");
    }

    #[test]
    fn a_key_is_never_printed() {
        assert_eq!(format!("{KEY:?}"), "Key(..)");
    }
}
