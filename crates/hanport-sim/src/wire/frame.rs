//! Link frames: HDLC, wired M-Bus, general block transfer.

use hanport_core::cosem::gbt::Block;
use hanport_core::emit::Full;
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

/// A block of general block transfer as pushes use it: streaming, nothing acknowledged.
pub(crate) fn block(last: bool, number: u16, data: &[u8]) -> Vec<u8> {
    super::written(data.len() + 16, |out| Block::emit(number, last, data, out))
}
