//! Link frames: HDLC, wired M-Bus, general block transfer.

use hanport_core::cosem::gbt::Block;

/// CRC-16/X-25 of HDLC.
pub(crate) fn x25(octets: &[u8]) -> u16 {
    hanport_core::link::crc::X25.checksum(octets)
}

/// An HDLC frame of type 3 with both flags.
pub(crate) fn hdlc(address: &[u8], control: u8, segmented: bool, info: &[u8]) -> Vec<u8> {
    // format field, address, control, header check, information, frame check
    let len = 2 + address.len() + 1 + 2 + info.len() + 2;
    let format = 0xA000 | if segmented { 0x0800 } else { 0 } | u16::try_from(len).unwrap_or(0x7FF);
    let mut frame = Vec::with_capacity(len + 2);
    frame.push(0x7E);
    frame.extend(format.to_be_bytes());
    frame.extend(address);
    frame.push(control);
    let header = x25(frame.get(1..).unwrap_or_default());
    frame.extend(header.to_le_bytes());
    frame.extend(info);
    let whole = x25(frame.get(1..).unwrap_or_default());
    frame.extend(whole.to_le_bytes());
    frame.push(0x7E);
    frame
}

/// A wired M-Bus long frame that carries a part of an application unit to everybody.
pub(crate) fn mbus(control_information: u8, data: &[u8]) -> Vec<u8> {
    let mut body = vec![0x53, 0xFF, control_information, 0x01, 0x67];
    body.extend(data);
    // 257 octets show as 01: the quirk of one maker is what any overlong frame comes to.
    let [.., len] = body.len().to_be_bytes();
    let mut frame = vec![0x68, len, len, 0x68];
    let sum = body.iter().fold(0u8, |sum, octet| sum.wrapping_add(*octet));
    frame.extend(body);
    frame.extend([sum, 0x16]);
    frame
}

/// A block of general block transfer as pushes use it: streaming, nothing acknowledged.
pub(crate) fn block(last: bool, number: u16, data: &[u8]) -> Vec<u8> {
    super::written(data.len() + 16, |out| Block::emit(number, last, data, out))
}
