//! The checksums of the customer port.

use crc::{CRC_16_ARC, CRC_16_IBM_SDLC, CRC_16_KERMIT, Crc, Table};

/// CRC-16/X-25 of HDLC and SML, low octet first on the wire.
pub const X25: Crc<u16, Table<16>> = Crc::<u16, Table<16>>::new(&CRC_16_IBM_SDLC);
/// CRC-16/ARC of P1 telegrams, printed as hexadecimal digits.
pub const ARC: Crc<u16, Table<16>> = Crc::<u16, Table<16>>::new(&CRC_16_ARC);
/// CRC-16/KERMIT of some SML meters, high octet first on the wire.
pub const KERMIT: Crc<u16, Table<1>> = Crc::<u16, Table<1>>::new(&CRC_16_KERMIT);
