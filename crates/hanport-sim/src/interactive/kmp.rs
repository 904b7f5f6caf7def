//! A meter that answers the Kamstrup Meter Protocol.
//!
//! ```text
//! reader  80 | 3F | command | data | CRC hi lo | 0D
//! meter   40 | 3F | command | data | CRC hi lo | 0D
//! ```
//!
//! The octets 06, 0D, 1B, 40 and 80 between start and stop are sent as 1B and their complement;
//! the CRC (XMODEM) is taken before that, over everything from the address on. Requests with a
//! wrong check are not answered. An answer comes after 100 to 300 ms.

use std::collections::BTreeMap;

use crate::rng::Rng;

const FROM_READER: u8 = 0x80;
const FROM_METER: u8 = 0x40;
const STOP: u8 = 0x0D;
const ESCAPE: u8 = 0x1B;
const ADDRESS: u8 = 0x3F;
const GET_TYPE: u8 = 0x01;
const GET_SERIAL: u8 = 0x02;
const GET_REGISTER: u8 = 0x10;
const MOST_REGISTERS: usize = 8;

/// The value of a register: unit, and a decimal as the protocol writes it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Register {
    /// Unit id: 1 Wh, 2 kWh, 22 kW, 33 V, 34 A.
    pub unit: u8,
    /// Digits.
    pub mantissa: i32,
    /// Power of ten, -63 to 63.
    pub exponent: i8,
}

/// An answer and when it is sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// ns after the request.
    pub after_ns: u64,
    /// The octets.
    pub bytes: Vec<u8>,
}

/// The meter.
#[derive(Clone, Debug)]
pub struct Server {
    serial: u32,
    kind: [u8; 4],
    registers: BTreeMap<u16, Register>,
    heard: Vec<u8>,
    rng: Rng,
}

impl Server {
    /// A meter of this serial number.
    pub fn new(serial: u32, seed: u64) -> Self {
        let kind = [0x00, 0x00, 0x07, 0x01];
        let (registers, heard) = (BTreeMap::new(), Vec::new());
        Self { serial, kind, registers, heard, rng: Rng::new(seed, "kmp") }
    }

    /// Sets what a register reads.
    pub fn set(&mut self, id: u16, register: Register) {
        self.registers.insert(id, register);
    }

    /// Octets of the reader; the answer to the request that they complete, if there is one.
    pub fn handle_bytes(&mut self, bytes: &[u8]) -> Option<Answer> {
        let mut answer = None;
        for octet in bytes {
            if *octet == FROM_READER {
                self.heard.clear();
            }
            self.heard.push(*octet);
            if *octet == STOP {
                let request = std::mem::take(&mut self.heard);
                if let Some(data) = unstuff(&request).and_then(|request| self.answer(&request)) {
                    let after_ns = self.rng.between(100, 300).unsigned_abs() * 1_000_000;
                    answer = Some(Answer { after_ns, bytes: stuff(&data) });
                }
            }
        }
        answer
    }

    /// Address, command and data of the answer to a request without its check.
    fn answer(&self, request: &[u8]) -> Option<Vec<u8>> {
        match request {
            [ADDRESS, GET_TYPE] => Some([&[ADDRESS, GET_TYPE], &self.kind[..]].concat()),
            [ADDRESS, GET_SERIAL] => {
                Some([&[ADDRESS, GET_SERIAL], &self.serial.to_be_bytes()[..]].concat())
            }
            [ADDRESS, GET_REGISTER, count, ids @ ..]
                if usize::from(*count) <= MOST_REGISTERS
                    && ids.len() == 2 * usize::from(*count) =>
            {
                let mut data = vec![ADDRESS, GET_REGISTER];
                for pair in ids.chunks_exact(2) {
                    let id = pair.iter().fold(0, |id, octet| id << 8 | u16::from(*octet));
                    // What the meter does not have is left out.
                    if let Some(register) = self.registers.get(&id) {
                        data.extend(id.to_be_bytes());
                        data.extend([register.unit, 4, sign_and_exponent(*register)]);
                        data.extend(register.mantissa.unsigned_abs().to_be_bytes());
                    }
                }
                Some(data)
            }
            _ => None,
        }
    }
}

fn sign_and_exponent(register: Register) -> u8 {
    let negative = u8::from(register.mantissa < 0) << 7;
    let down = u8::from(register.exponent < 0) << 6;
    negative | down | register.exponent.unsigned_abs() & 0x3F
}

/// CRC-16/XMODEM.
fn crc(octets: &[u8]) -> u16 {
    octets.iter().fold(0, |crc, octet| {
        (0..8).fold(crc ^ u16::from(*octet) << 8, |crc, _| {
            if crc & 0x8000 == 0 { crc << 1 } else { crc << 1 ^ 0x1021 }
        })
    })
}

fn stuff(data: &[u8]) -> Vec<u8> {
    let mut frame = vec![FROM_METER];
    for octet in data.iter().copied().chain(crc(data).to_be_bytes()) {
        if matches!(octet, 0x06 | STOP | ESCAPE | FROM_METER | FROM_READER) {
            frame.extend([ESCAPE, !octet]);
        } else {
            frame.push(octet);
        }
    }
    frame.push(STOP);
    frame
}

/// What stands in a request before its check; `None` where the check does not fit.
fn unstuff(frame: &[u8]) -> Option<Vec<u8>> {
    let [FROM_READER, stuffed @ .., STOP] = frame else { return None };
    let mut data = Vec::new();
    let mut octets = stuffed.iter();
    while let Some(octet) = octets.next() {
        data.push(if *octet == ESCAPE { !octets.next()? } else { *octet });
    }
    let check = data.split_off(data.len().checked_sub(2)?);
    (check == crc(&data).to_be_bytes()).then_some(data)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn meter() -> Server {
        let mut meter = Server::new(19_088_743, 1);
        meter.set(1023, Register { unit: 22, mantissa: 7777, exponent: -3 });
        meter.set(1024, Register { unit: 22, mantissa: 0, exponent: -3 });
        meter.set(0x0080, Register { unit: 1, mantissa: -12_345, exponent: -2 });
        meter
    }

    #[test]
    fn the_published_requests_get_the_published_answers() {
        let answer = meter().handle_bytes(b"\x80\x3F\x02\x35\xE9\x0D").unwrap();
        assert_eq!(answer.bytes, b"\x40\x3F\x02\x01\x23\x45\x67\xE9\x56\x0D");
        assert!((100_000_000..=300_000_000).contains(&answer.after_ns));
        let powers = meter().handle_bytes(b"\x80\x3F\x10\x02\x03\xFF\x04\x00\x15\x18\x0D").unwrap();
        assert_eq!(
            powers.bytes,
            b"\x40\x3F\x10\x03\xFF\x16\x04\x43\x00\x00\x1E\x61\x04\x00\x16\x04\x43\x00\x00\x00\x00\xE8\x6B\x0D"
        );
    }

    #[test]
    fn stuffed_octets_are_understood_and_unknown_registers_left_out() {
        let mut meter = meter();
        assert!(meter.handle_bytes(b"\x80\x3F\x01\x05\x8A\x0D").is_some(), "type");
        // Register 0080 travels as 00 1B 7F.
        let mut meter = self::meter();
        assert_eq!(meter.handle_bytes(b"\x80\x3F\x10\x01\x00\x1B"), None);
        let answer = meter.handle_bytes(b"\x7F\xD4\x08\x0D").unwrap();
        assert_eq!(answer.bytes[3..5], [0x00, ESCAPE]);
        let negative = [0xC2, 0x00, 0x00, 0x30, 0x39];
        assert!(answer.bytes.windows(5).any(|five| five == negative), "{:02X?}", answer.bytes);
        assert_eq!(meter.handle_bytes(b"\x80\x3F\x10\x01\x00\x1B\x7F\xD4\x09\x0D"), None);
    }
}
