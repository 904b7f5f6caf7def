//! A UART that listens with the wrong settings, bit by bit.
//!
//! ```text
//! idle 1 | start 0 | d0 d1 ... d7 | parity? | stop 1 | next start or idle
//! ```
//!
//! The sender's octets become a line of bits; the receiver waits for a falling edge, takes its
//! data bits, a parity bit if it expects one and one stop bit. After a low stop bit it keeps the
//! octet and waits for the line to be high before it looks for the next edge.

use crate::meter::{Parity, Uart};

/// What a receiver made of the line.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Received {
    /// The octets.
    pub bytes: Vec<u8>,
    /// How many of them had a low stop bit.
    pub framing_errors: usize,
    /// How many of them had the wrong parity.
    pub parity_errors: usize,
}

/// Samples taken of each bit of the faster side when the rates differ.
const OVERSAMPLING: u64 = 8;

/// What a receiver set to `reader` gets from `bytes` sent by `sender`.
pub fn receive(bytes: &[u8], sender: Uart, reader: Uart) -> Received {
    let line = serialise(bytes, sender);
    let inverted = sender.inverted != reader.inverted;
    // A sample is the shortest time that both sides can be counted in.
    let (per_sent, per_read) = if sender.baud == reader.baud {
        (1, 1)
    } else {
        let fast = u64::from(sender.baud.max(reader.baud)) * OVERSAMPLING;
        (fast / u64::from(sender.baud.max(1)), fast / u64::from(reader.baud.max(1)))
    };
    let level = |sample: u64| {
        let bit = usize::try_from(sample / per_sent).unwrap_or(usize::MAX);
        line.get(bit).copied().unwrap_or(true) != inverted
    };
    let end = line.len() as u64 * per_sent;
    let mut received = Received::default();
    let mut at = 0;
    while at < end {
        // Wait for the line to be high, and then for the edge.
        while at < end && !level(at) {
            at += 1;
        }
        while at < end && level(at) {
            at += 1;
        }
        if at >= end {
            break;
        }
        at = take_octet(&level, at, per_read, reader, &mut received);
    }
    received
}

/// Reads one octet whose start bit begins at `at`; gives the middle of its stop bit.
fn take_octet(
    level: &impl Fn(u64) -> bool,
    at: u64,
    per_bit: u64,
    reader: Uart,
    received: &mut Received,
) -> u64 {
    let middle = |bit: u64| at + bit * per_bit + per_bit / 2;
    let mut octet = 0u8;
    let mut ones = 0u32;
    for bit in 0..reader.data_bits {
        let high = level(middle(1 + u64::from(bit)));
        octet |= u8::from(high) << bit;
        ones += u32::from(high);
    }
    let mut next = 1 + u64::from(reader.data_bits);
    if reader.parity == Parity::Even {
        ones += u32::from(level(middle(next)));
        received.parity_errors += usize::from(!ones.is_multiple_of(2));
        next += 1;
    }
    received.framing_errors += usize::from(!level(middle(next)));
    received.bytes.push(octet);
    middle(next)
}

/// The line of a sender: octets without pause, some idle time around.
fn serialise(bytes: &[u8], sender: Uart) -> Vec<bool> {
    let mut line = vec![true; 2];
    for octet in bytes {
        line.push(false);
        let mut ones = 0;
        for bit in 0..sender.data_bits {
            let high = octet >> bit & 1 == 1;
            ones += u32::from(high);
            line.push(high);
        }
        if sender.parity == Parity::Even {
            line.push(!ones.is_multiple_of(2));
        }
        line.push(true);
    }
    line.extend([true; 12]);
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frame() -> Vec<u8> {
        let info: Vec<u8> = (0u32..200).map(|n| (n * 37 % 251).to_be_bytes()[3]).collect();
        crate::wire::frame::hdlc(&[0x2B, 0x21], 0x13, false, &info)
    }

    #[test]
    fn the_right_settings_give_the_octets() {
        for uart in [Uart::plain(2400), Uart::even(2400), Uart::plain(115_200).inverted()] {
            let received = receive(&frame(), uart, uart);
            assert_eq!(received, Received { bytes: frame(), ..Received::default() });
        }
    }

    #[test]
    fn without_expected_parity_a_third_of_the_octets_vanish() {
        // The head of a Kamstrup list of 25, as published, and what readers with even parity
        // have reported to get from it.
        let mut head = vec![0x7E, 0xA0, 0xE2, 0x2B, 0x21, 0x13, 0x23, 0x9A, 0xE6, 0xE7, 0x00, 0x0F];
        head.extend([0x00, 0x00, 0x00, 0x00, 0x0C]);
        let received = receive(&head, Uart::plain(2400), Uart::even(2400));
        assert!(received.bytes.starts_with(&[0x7E, 0x13, 0x2B]), "{:02X?}", received.bytes);
        let long = receive(&frame(), Uart::plain(2400), Uart::even(2400));
        let kept = long.bytes.len() * 100 / frame().len();
        assert!((60..85).contains(&kept), "{kept} %");
        assert!(long.parity_errors > 0);
    }

    #[test]
    fn with_unexpected_parity_the_octets_stay_and_framing_errors_show() {
        let received = receive(&frame(), Uart::even(2400), Uart::plain(2400));
        assert_eq!(received.bytes, frame());
        let share = received.framing_errors * 100 / frame().len();
        assert!((30..70).contains(&share), "{share} %");
    }

    #[test]
    fn text_survives_seven_bits() {
        let text = b"/KAM5\r\n\r\n1-0:1.7.0(0001.234*kW)\r\n!";
        let received = receive(text, Uart::plain(9600), Uart::seven(9600));
        assert_eq!(received.bytes, text);
        assert!(received.parity_errors > text.len() / 4);
        let masked: Vec<u8> = receive(text, Uart::seven(9600), Uart::plain(9600))
            .bytes
            .iter()
            .map(|o| o & 0x7F)
            .collect();
        assert_eq!(masked, text);
    }

    #[test]
    fn a_faster_reader_gets_more_octets_of_few_kinds() {
        let received = receive(&frame(), Uart::plain(2400), Uart::plain(9600));
        assert!(received.bytes.len() > frame().len() * 3 / 2);
        let kinds = [0x00, 0x78, 0x80, 0xF8, 0x87, 0x07, 0x7F, 0xFF];
        assert!(
            received.bytes.iter().all(|octet| kinds.contains(octet)),
            "{:02X?}",
            received.bytes
        );
    }

    #[test]
    fn an_inverted_line_never_shows_a_frame_head() {
        let plain = Uart::plain(115_200);
        let received = receive(&frame(), plain.inverted(), plain);
        let head = |pair: &[u8]| matches!(pair, [0x7E, format] if format & 0xF0 == 0xA0);
        assert!(!received.bytes.windows(2).any(head));
        assert_ne!(received.bytes, frame());
    }
}
