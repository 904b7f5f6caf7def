//! Where the parts of a message are joined: blocks first, and behind them the segments of the
//! message that is on its way, which may itself be a block.
//!
//! ```text
//! | data of the blocks so far | segments so far, or a message to be opened |      free      |
//! 0                         blocks                                       parts             N
//! ```

use core::ops::Range;

use crate::cosem::gbt::Sequence;
use crate::fault::Cause;
use crate::reading::{Check, Framing};
use crate::session::unwrap::Seal;

/// Where and how a message came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Envelope {
    /// Offset in the stream of its first octet.
    pub(super) start: u64,
    /// Offset in the stream behind its last octet.
    pub(super) end: u64,
    pub(super) framing: Framing,
    pub(super) check: Check,
}

impl Envelope {
    /// This message and the frame of its next part.
    pub(super) fn and(self, next: Self) -> Self {
        let check = if next.check == Check::Valid { self.check } else { next.check };
        Self { end: next.end, check, ..self }
    }

    pub(super) fn octets(&self) -> usize {
        usize::try_from(self.end.saturating_sub(self.start)).unwrap_or(usize::MAX)
    }
}

/// Which segment comes next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Next {
    /// Any: HDLC segments have no numbers.
    Any,
    /// The one of this number: M-Bus.
    Number(u8),
}

/// Segments on their way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Segments {
    pub(super) envelope: Envelope,
    pub(super) next: Next,
}

/// Blocks on their way.
#[derive(Clone, Copy, Debug)]
pub(super) struct Blocks {
    pub(super) envelope: Envelope,
    pub(super) seal: Seal,
}

/// Invariant: `blocks <= parts <= N`.
#[derive(Debug)]
pub(super) struct Assembly<const N: usize> {
    octets: [u8; N],
    blocks: usize,
    parts: usize,
    pub(super) segments_open: Option<Segments>,
    pub(super) blocks_open: Option<Blocks>,
    pub(super) sequence: Sequence,
}

impl<const N: usize> Assembly<N> {
    pub(super) fn new() -> Self {
        Self {
            octets: [0; N],
            blocks: 0,
            parts: 0,
            segments_open: None,
            blocks_open: None,
            sequence: Sequence::default(),
        }
    }

    pub(super) fn drop_segments(&mut self) {
        self.segments_open = None;
        self.parts = self.blocks;
    }

    pub(super) fn drop_blocks(&mut self) {
        self.sequence = Sequence::default();
        self.restart_blocks();
    }

    /// Drops the data of the blocks, but not the number that was just seen.
    pub(super) fn restart_blocks(&mut self) {
        self.blocks_open = None;
        self.blocks = 0;
        self.drop_segments();
    }

    /// Octets of segments joined so far.
    pub(super) const fn segments_len(&self) -> usize {
        self.parts - self.blocks
    }

    /// Octets of blocks joined so far.
    pub(super) const fn blocks_len(&self) -> usize {
        self.blocks
    }

    /// Appends to the segments; `TooLong` changes nothing.
    pub(super) fn append(&mut self, part: &[u8]) -> Result<(), Cause> {
        let end = self.parts + part.len();
        let room = self.octets.get_mut(self.parts..end);
        room.ok_or(Cause::TooLong { needed: end, room: N })?.copy_from_slice(part);
        self.parts = end;
        Ok(())
    }

    /// Where the segments stand.
    pub(super) const fn segments(&self) -> Range<usize> {
        self.blocks..self.parts
    }

    /// Makes those octets of the segments the next data of the blocks; the other segments go.
    pub(super) fn keep_as_block(&mut self, data: Range<usize>) {
        let end = self.blocks + data.len();
        if data.start >= self.blocks && data.end <= N {
            self.octets.copy_within(data, self.blocks);
            self.blocks = end;
        }
        self.drop_segments();
    }

    /// Takes the joined blocks out: where they stand until something new is joined.
    pub(super) fn finish_blocks(&mut self) -> Range<usize> {
        let joined = 0..self.blocks;
        self.restart_blocks();
        self.sequence.complete();
        joined
    }

    pub(super) const fn octets(&self) -> &[u8; N] {
        &self.octets
    }

    pub(super) const fn octets_mut(&mut self) -> &mut [u8; N] {
        &mut self.octets
    }
}
