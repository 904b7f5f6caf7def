//! General block transfer: a long APDU in numbered blocks.

use core::ops::Range;

use crate::link::Probe;

/// One block.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Block {
    /// Whether it is the last one.
    pub last: bool,
    /// Its number, from 1.
    pub number: u16,
    /// Where its data stands.
    pub data: Range<usize>,
    /// Octets of the whole block.
    pub len: usize,
}

impl Block {
    /// Takes a block at the start of `bytes` apart.
    pub fn probe(bytes: &[u8]) -> Probe<Self> {
        let _ = bytes;
        Probe::No
    }
}

/// What to do with a block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// Append its data.
    Append,
    /// It came before; leave it.
    Ignore,
    /// A block is missing: throw away what was collected, and this one too.
    Missing,
    /// It is the first: begin anew with its data.
    Start,
}

/// Keeps the numbers in order.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sequence {
    previous: u16,
}

impl Sequence {
    /// What to do with the block of this number.
    pub fn step(&mut self, number: u16) -> Step {
        self.previous = number;
        Step::Start
    }
}
