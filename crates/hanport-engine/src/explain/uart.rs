//! A serial receiver bit by bit, to know what a meter looks like through wrong settings.
//!
//! ```text
//! idle 1 | start 0 | 8 data bits, lowest first | parity, if any | stop 1 | idle or next start
//! ```
//!
//! The receiver waits for the line to fall, takes its bits and looks at one stop bit. If that is
//! low it keeps the octet and waits for the line to rise before it looks for the next start, as
//! the common converters do.

/// How octets stand on the line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Setting {
    /// Whether an even parity bit follows the data.
    pub(crate) parity: bool,
    /// Samples a bit: two settings with the ratio of their speeds.
    pub(crate) width: usize,
}

/// The samples of a line on which `octets` are sent one right after the other, idle around them.
pub(crate) fn send(octets: &[u8], setting: Setting) -> Vec<bool> {
    let mut line = vec![true; 12 * setting.width];
    let mut put = |bit: bool| line.extend(std::iter::repeat_n(bit, setting.width));
    for octet in octets {
        put(false);
        (0..8).for_each(|bit| put(octet >> bit & 1 == 1));
        if setting.parity {
            put(octet.count_ones() % 2 == 1);
        }
        put(true);
    }
    line.extend(std::iter::repeat_n(true, 12 * setting.width));
    line
}

/// What a receiver makes of a line. The first sample counts as the state before.
pub(crate) fn receive(line: &[bool], setting: Setting) -> Vec<u8> {
    let bits = 8 + usize::from(setting.parity);
    let mut octets = Vec::new();
    let mut at = 0;
    // wait for high, then for the falling edge
    while let Some(rise) = position(line, at, true) {
        let Some(start) = position(line, rise, false) else { break };
        let sample = |bit: usize| line.get(start + bit * setting.width + setting.width / 2);
        // the stop bit: low or high, the octet is kept
        if sample(bits + 1).is_none() {
            break;
        }
        let data = (0..8).rev().fold(0u8, |octet, bit| {
            octet << 1 | u8::from(sample(bit + 1).copied().unwrap_or(true))
        });
        octets.push(data);
        at = start + (bits + 1) * setting.width + setting.width / 2;
    }
    octets
}

fn position(line: &[bool], from: usize, level: bool) -> Option<usize> {
    line.get(from..)?.iter().position(|bit| *bit == level).map(|offset| from + offset)
}

#[cfg(test)]
mod tests {
    use super::*;

    const N: Setting = Setting { parity: false, width: 1 };
    const E: Setting = Setting { parity: true, width: 1 };

    /// The head of a Norwegian Kamstrup list of 228 octets.
    const HEAD: [u8; 14] =
        [0x7E, 0xA0, 0xE2, 0x2B, 0x21, 0x13, 0x23, 0x9A, 0xE6, 0xE7, 0x00, 0x0F, 0x00, 0x00];

    #[test]
    fn the_right_setting_gives_back_what_was_sent() {
        assert_eq!(receive(&send(&HEAD, N), N), HEAD);
        assert_eq!(receive(&send(&HEAD, E), E), HEAD);
        let wide = Setting { parity: true, width: 7 };
        assert_eq!(receive(&send(&HEAD, wide), wide), HEAD);
    }

    #[test]
    fn a_parity_bit_awaited_in_vain_makes_the_debris_seen_in_the_field() {
        let debris = receive(&send(&HEAD, N), E);
        assert_eq!(debris[..8], [0x7E, 0x13, 0x2B, 0x48, 0xA2, 0xD2, 0xE6, 0x1E]);
    }

    #[test]
    fn a_parity_bit_not_awaited_leaves_the_octets_as_they_are() {
        assert_eq!(receive(&send(&HEAD, E), N), HEAD);
    }

    #[test]
    fn a_receiver_four_times_too_fast_sees_few_different_octets() {
        let line = send(&HEAD, Setting { parity: true, width: 4 });
        let octets = receive(&line, N);
        assert!(octets.len() > HEAD.len());
        assert!(octets.iter().all(|o| matches!(o, 0x00 | 0x78 | 0x80 | 0xF8 | 0xE0 | 0xFE)));
    }
}
