//! A line between a simulated meter and a reader with settings of its own, bit by bit.

use hanport_engine::line::{LineSettings, Parity};
use hanport_sim::fault::uart;
use hanport_sim::meter::{self, Uart};
use hanport_sim::record::Record;

/// What a reader set like this gets from `bytes`.
pub(crate) fn heard(
    bytes: &[u8],
    sender: Uart,
    reader: LineSettings,
    cured: bool,
) -> uart::Received {
    let parity = match reader.parity {
        Parity::None => meter::Parity::None,
        Parity::Even | Parity::Odd => meter::Parity::Even,
    };
    let inverted = cured && sender.inverted;
    let uart = Uart { baud: reader.baud, data_bits: reader.data_bits, parity, inverted };
    let mut received = uart::receive(bytes, sender, uart);
    if reader.parity == Parity::Odd {
        received.parity_errors = received.bytes.len() - received.parity_errors;
    }
    received
}

/// One message on the line.
#[derive(Clone, Debug)]
pub(crate) struct Sent {
    pub(crate) at_ms: i64,
    pub(crate) bytes: Vec<u8>,
    pub(crate) uart: Uart,
}

impl Sent {
    pub(crate) fn of(record: &Record, uart: Uart) -> Self {
        let at_ms = i64::try_from(record.t_first_byte_ns / 1_000_000).unwrap();
        Self { at_ms, bytes: record.bytes.clone(), uart }
    }

    pub(crate) fn duration_ms(&self) -> i64 {
        let ns = self.uart.octet_ns() * self.bytes.len() as u64;
        i64::try_from(ns / 1_000_000).unwrap().max(1)
    }
}
