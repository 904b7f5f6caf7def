//! The checksum line of a text telegram.

/// How a telegram ends behind its `!`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ending {
    /// Nothing: DSMR 2 and 3, some others.
    Bare,
    /// CRC-16/ARC in four digits.
    Checksum,
}

/// Ends a telegram that stands in `text` up to its last line.
pub(crate) fn finish(text: &mut Vec<u8>, ending: Ending) {
    text.push(b'!');
    if ending == Ending::Checksum {
        let crc = hanport_core::link::crc::ARC.checksum(text);
        text.extend(format!("{crc:04X}").as_bytes());
    }
    text.extend(b"\r\n");
}
