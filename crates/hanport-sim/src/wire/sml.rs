//! SML: messages and the transport around them.

use super::frame::x25;

/// The start of the transport, version 1.
const START: [u8; 8] = [0x1B, 0x1B, 0x1B, 0x1B, 0x01, 0x01, 0x01, 0x01];

/// An octet string of up to 14 octets.
pub(crate) fn octets(out: &mut Vec<u8>, value: &[u8]) {
    out.push(u8::try_from(value.len() + 1).unwrap_or(0x0F) & 0x0F);
    out.extend(value);
}

/// One message: transaction, body under its tag, checksum, end mark.
pub(crate) fn message(out: &mut Vec<u8>, transaction: u32, tag: u16, body: &[u8]) {
    let start = out.len();
    out.push(0x76);
    octets(out, &transaction.to_be_bytes());
    out.extend([0x62, 0x00, 0x62, 0x00, 0x72, 0x63]);
    out.extend(tag.to_be_bytes());
    out.extend(body);
    let crc = x25(out.get(start..).unwrap_or_default());
    out.push(0x63);
    out.extend(crc.to_le_bytes());
    out.push(0x00);
}

/// The transport around messages.
pub(crate) fn transport(messages: &[u8]) -> Vec<u8> {
    let mut file = START.to_vec();
    let mut rest = messages;
    while let [first, tail @ ..] = rest {
        if let [0x1B, 0x1B, 0x1B, 0x1B, after @ ..] = rest {
            file.extend([0x1B; 8]);
            rest = after;
        } else {
            file.push(*first);
            rest = tail;
        }
    }
    let mut padding = 0;
    while !file.len().is_multiple_of(4) {
        file.push(0);
        padding += 1;
    }
    file.extend([0x1B, 0x1B, 0x1B, 0x1B, 0x1A, padding]);
    let crc = x25(&file);
    file.extend(crc.to_le_bytes());
    file
}
