//! Link frames: HDLC, wired M-Bus, general block transfer.

use hanport_core::cipher::key::Key;
use hanport_core::cipher::mbus5::Sender;
use hanport_core::cosem::gbt::Block;
use hanport_core::emit::Full;
use hanport_core::family::oms;
use hanport_core::link::hdlc::{self, Address};
use hanport_core::link::mbus;

/// CRC-16/X-25 of HDLC.
pub(crate) fn x25(octets: &[u8]) -> u16 {
    hanport_core::link::crc::X25.checksum(octets)
}

/// An HDLC frame of type 3 with both flags; `addresses` are destination and source as on the
/// line.
pub(crate) fn hdlc(addresses: &[u8], control: u8, segmented: bool, info: &[u8]) -> Vec<u8> {
    super::written(info.len() + 24, |out| {
        let destination = Address::parse(addresses).ok_or(Full)?;
        let rest = addresses.get(usize::from(destination.octets())..).unwrap_or_default();
        let source = Address::parse(rest).ok_or(Full)?;
        hdlc::emit(destination, source, control, segmented, info, out)
    })
}

/// A wired M-Bus long frame that carries a part of an application unit from the management
/// logical device to everybody.
pub(crate) fn mbus(number: u8, last: bool, data: &[u8]) -> Vec<u8> {
    super::written(data.len() + 16, |out| mbus::emit_segment(number, last, 0x01, 0x67, data, out))
}

/// A wired M-Bus long frame with the application layer of a Siemens meter, ciphered by mode 5.
pub(crate) fn application(
    address: u8,
    meter_id: &str,
    counter: u32,
    key: &[u8; 16],
    records: &[u8],
) -> Vec<u8> {
    let mut number = [0; 4];
    let digits: Vec<u8> = meter_id.bytes().map(|digit| digit & 0x0F).collect();
    for (octet, pair) in number.iter_mut().zip(digits.rchunks(2)) {
        *octet = pair.iter().fold(0, |all, digit| all << 4 | digit);
    }
    let [.., access] = counter.to_be_bytes();
    // SIE, five bits a letter, low octet first; medium 2 is electricity.
    let sender = Sender { number, maker: [0x25, 0x4D], version: 1, medium: 2, access };
    let key = Key::new(*key);
    let layer =
        super::written(records.len() + 48, |out| oms::emit(sender, 0, records, Some(&key), out));
    super::written(layer.len() + 16, |out| {
        let (information, data) = layer.split_first().ok_or(Full)?;
        mbus::emit(0x53, address, *information, data, out)
    })
}

/// A block of general block transfer as pushes use it: streaming, nothing acknowledged.
pub(crate) fn block(last: bool, number: u16, data: &[u8]) -> Vec<u8> {
    super::written(data.len() + 16, |out| Block::emit(number, last, data, out))
}
