//! The line: when each octet arrives, and in which pieces a reader gets them.

use crate::meter::Uart;
use crate::record::Record;
use crate::rng::Rng;

/// Some octets and when the last of them has arrived.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Chunk {
    /// ns since the start of the scenario.
    pub at_ns: u64,
    /// The octets.
    pub bytes: Vec<u8>,
}

/// Cuts records into pieces as a serial driver or a bridge hands them on.
#[derive(Clone, Debug)]
pub struct Channel {
    uart: Uart,
    longest: usize,
    rng: Rng,
}

impl Channel {
    /// A line with these settings that hands on at most `longest` octets at once (at least 1).
    pub fn new(uart: Uart, longest: usize, seed: u64) -> Self {
        Self { uart, longest: longest.max(1), rng: Rng::new(seed, "channel") }
    }

    /// The pieces of one record, each of a random length.
    pub fn chunks(&mut self, record: &Record) -> Vec<Chunk> {
        let octet_ns = self.uart.octet_ns();
        let mut rest: &[u8] = &record.bytes;
        let mut at_ns = record.t_first_byte_ns;
        let mut chunks = Vec::new();
        while !rest.is_empty() {
            let longest = u64::try_from(self.longest).unwrap_or(u64::MAX);
            let len = usize::try_from(self.rng.below(longest)).unwrap_or(0) + 1;
            let (chunk, after) = rest.split_at_checked(len).unwrap_or((rest, &[]));
            at_ns += octet_ns * u64::try_from(chunk.len()).unwrap_or(0);
            chunks.push(Chunk { at_ns, bytes: chunk.to_vec() });
            rest = after;
        }
        chunks
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fault::FaultSet;
    use crate::record::Truth;

    #[test]
    fn octets_take_their_time_on_the_line_and_none_is_lost() {
        let record = Record {
            t_send_ns: 0,
            t_first_byte_ns: 1_000_000_000,
            bytes: (0..=255).collect(),
            truth: Truth::default(),
            faults: FaultSet::default(),
        };
        let uart = Uart::even(2400);
        let chunks = Channel::new(uart, 70, 1).chunks(&record);
        let joined: Vec<u8> = chunks.iter().flat_map(|chunk| chunk.bytes.clone()).collect();
        assert_eq!(joined, record.bytes);
        assert!(chunks.windows(2).all(|pair| pair[0].at_ns < pair[1].at_ns));
        // 256 octets of 11 bits at 2400 bits a second: 1.173 s
        assert_eq!(chunks.last().unwrap().at_ns, 1_000_000_000 + 256 * uart.octet_ns());
        assert_eq!(256 * uart.octet_ns() / 1_000_000, 1173);
    }
}
