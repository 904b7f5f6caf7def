//! OBIS codes: the six-octet names of everything a meter measures (IEC 62056-6-1).

use core::fmt;

/// One OBIS code `A-B:C.D.E*F`.
///
/// A is the medium, B the channel, C the quantity, D the processing, E the tariff, F the billing
/// period (255 = now).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Obis(pub [u8; 6]);

impl Obis {
    /// The code of an electricity quantity, `1-0:c.d.e*255`.
    pub const fn electricity(c: u8, d: u8, e: u8) -> Self {
        Self([1, 0, c, d, e, 255])
    }

    /// An abstract (medium 0) code, `0-0:c.d.e*255`.
    pub const fn general(c: u8, d: u8, e: u8) -> Self {
        Self([0, 0, c, d, e, 255])
    }

    /// The groups C, D and E, by which a quantity is recognised whatever the channel.
    pub const fn cde(self) -> (u8, u8, u8) {
        let [_, _, c, d, e, _] = self.0;
        (c, d, e)
    }

    /// The medium, group A.
    pub const fn medium(self) -> u8 {
        let [a, ..] = self.0;
        a
    }

    /// The channel, group B.
    pub const fn channel(self) -> u8 {
        let [_, b, ..] = self.0;
        b
    }

    /// Reads the text form with any of `A-B:` and `*F` left out (then 1-0 and 255 hold, or 0-0
    /// for the abstract letters), as meters print it: `1-0:1.8.0*255`, `1.8.0`, `F.F`, `C.1.0`.
    ///
    /// The letters C, F, L, P stand for 96, 97, 98, 99 (IEC 62056-21 annex). `None` when the
    /// text is no code.
    pub fn from_text(text: &[u8]) -> Option<Self> {
        let (first, rest) = Group::split(text)?;
        let (medium, first, rest) = match first.ended_by {
            Some(b'-') => Group::split(rest).map(|(next, rest)| (Some(first.value), next, rest))?,
            _ => (None, first, rest),
        };
        let (channel, c, rest) = match first.ended_by {
            Some(b':') => Group::split(rest).map(|(next, rest)| (Some(first.value), next, rest))?,
            _ => (None, first, rest),
        };
        if c.ended_by != Some(b'.') || (medium.is_some() && channel.is_none()) {
            return None;
        }
        let (d, rest) = Group::split(rest)?;
        let (e, last, rest) = match d.ended_by {
            Some(b'.') => Group::split(rest).map(|(e, rest)| (e.value, e, rest))?,
            _ => (0, d, rest),
        };
        let period = match last.ended_by {
            None => 255,
            Some(b'*' | b'&') => {
                Group::split(rest).filter(|(f, _)| f.ended_by.is_none()).map(|(f, _)| f.value)?
            }
            Some(_) => return None,
        };
        let abstract_code = c.value == 0 || (96..=99).contains(&c.value);
        let medium = medium.unwrap_or_else(|| u8::from(!abstract_code));
        Some(Self([medium, channel.unwrap_or(0), c.value, d.value, e, period]))
    }
}

/// One group of the text form and the separator behind it.
#[derive(Clone, Copy)]
struct Group {
    value: u8,
    ended_by: Option<u8>,
}

impl Group {
    /// Splits off the first group; `None` when it is empty, too large or has a wrong separator.
    fn split(text: &[u8]) -> Option<(Self, &[u8])> {
        let end = text.iter().position(|o| !o.is_ascii_alphanumeric()).unwrap_or(text.len());
        let (group, rest) = text.split_at_checked(end)?;
        let value = match group {
            [letter @ b'A'..=b'Z'] => letter_group(*letter)?,
            [] => return None,
            digits => digits.iter().try_fold(0u8, |value, digit| match digit {
                b'0'..=b'9' => value.checked_mul(10)?.checked_add(digit - b'0'),
                _ => None,
            })?,
        };
        let ended_by = rest.first().copied();
        let known = ended_by.is_none_or(|o| matches!(o, b'-' | b':' | b'.' | b'*' | b'&'));
        known.then_some((Self { value, ended_by }, rest.get(1..).unwrap_or(&[])))
    }
}

const fn letter_group(letter: u8) -> Option<u8> {
    match letter {
        b'C' => Some(96),
        b'F' => Some(97),
        b'L' => Some(98),
        b'P' => Some(99),
        _ => None,
    }
}

impl fmt::Display for Obis {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [medium, channel, c, d, e, period] = self.0;
        write!(f, "{medium}-{channel}:{c}.{d}.{e}*{period}")
    }
}

impl fmt::Debug for Obis {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_text_form_is_read_with_parts_left_out() {
        for (text, octets) in [
            ("1-0:1.8.0*255", [1, 0, 1, 8, 0, 255]),
            ("1-3:0.2.8", [1, 3, 0, 2, 8, 255]),
            ("1.8.1", [1, 0, 1, 8, 1, 255]),
            ("1.8.0*01", [1, 0, 1, 8, 0, 1]),
            ("1.8.0&2", [1, 0, 1, 8, 0, 2]),
            ("F.F", [0, 0, 97, 97, 0, 255]),
            ("C.1.0", [0, 0, 96, 1, 0, 255]),
            ("P.01", [0, 0, 99, 1, 0, 255]),
            ("0.0.0", [0, 0, 0, 0, 0, 255]),
            ("0-0:96.1.255*255", [0, 0, 96, 1, 255, 255]),
        ] {
            assert_eq!(Obis::from_text(text.as_bytes()), Some(Obis(octets)), "{text}");
        }
        for text in
            ["", "1", "1-0", "1-0:4:24.7.0", "1-0:256.7.0", "a.b.c", "1-1.8.0", "1.8.0*", "1..0"]
        {
            assert_eq!(Obis::from_text(text.as_bytes()), None, "{text}");
        }
    }
}
