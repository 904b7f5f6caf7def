//! The octets of a stream that are not yet decided upon, in one linear buffer.

/// A window on the stream.
///
/// Invariant: `cursor <= tail <= N`, and `wanted <= N` whenever the session waits.
#[derive(Debug)]
pub(super) struct Stream<const N: usize> {
    octets: [u8; N],
    /// Where candidates are tried.
    cursor: usize,
    /// End of what has been received.
    tail: usize,
    /// Until `tail` is here, looking again is of no use.
    wanted: usize,
    /// Offset in the stream of the first octet of the buffer.
    origin: u64,
}

impl<const N: usize> Stream<N> {
    pub(super) const fn new() -> Self {
        Self { octets: [0; N], cursor: 0, tail: 0, wanted: 1, origin: 0 }
    }

    /// Takes an octet that cannot decide anything; `false` when it might, and is not taken.
    #[inline]
    pub(super) fn take(&mut self, octet: u8) -> bool {
        let next = self.tail + 1;
        if next >= self.wanted {
            return false;
        }
        let Some(place) = self.octets.get_mut(self.tail) else {
            return false;
        };
        *place = octet;
        self.tail = next;
        true
    }

    /// Takes as much of `input` as there is room for.
    pub(super) fn fill(&mut self, input: &mut &[u8]) {
        let Some(room) = self.octets.get_mut(self.tail..) else {
            return;
        };
        let taken = room.len().min(input.len());
        let (Some(room), Some((now, later))) =
            (room.get_mut(..taken), input.split_at_checked(taken))
        else {
            return;
        };
        room.copy_from_slice(now);
        self.tail += taken;
        *input = later;
    }

    /// Whether looking again is of use.
    #[inline]
    pub(super) const fn ready(&self) -> bool {
        self.tail >= self.wanted
    }

    /// Looking again is of no use before the octet at `end` (an index) came. Everything from
    /// index `kept` on is held; `end - kept` is at most `N`. Returns by how much indices shrank.
    pub(super) fn wait(&mut self, end: usize, kept: usize) -> usize {
        let mut shift = 0;
        if kept == self.tail || end > N {
            self.octets.copy_within(kept..self.tail, 0);
            shift = kept;
            self.cursor -= kept;
            self.tail -= kept;
            self.origin += kept as u64;
        }
        self.wanted = end - shift;
        shift
    }

    /// Look again whatever comes.
    pub(super) const fn wake(&mut self) {
        self.wanted = 0;
    }

    pub(super) const fn cursor(&self) -> usize {
        self.cursor
    }

    pub(super) const fn tail(&self) -> usize {
        self.tail
    }

    /// Moves the cursor by `octets`, as far as there are some.
    pub(super) fn advance(&mut self, octets: usize) {
        self.cursor = (self.cursor + octets).min(self.tail);
    }

    /// Moves the cursor to the octet at offset `at` of the stream; it is still held.
    pub(super) fn seek(&mut self, at: u64) {
        self.cursor = self.index(at);
    }

    /// The index of the octet at offset `at` of the stream.
    pub(super) fn index(&self, at: u64) -> usize {
        usize::try_from(at.saturating_sub(self.origin)).unwrap_or(self.tail).min(self.tail)
    }

    /// Offset in the stream of the octet at `index`.
    #[inline]
    pub(super) const fn offset(&self, index: usize) -> u64 {
        self.origin + index as u64
    }

    /// What stands from the cursor to the index `limit`.
    #[inline]
    pub(super) fn window(&self, limit: usize) -> &[u8] {
        self.octets.get(self.cursor..limit).unwrap_or(&[])
    }

    pub(super) const fn octets(&self) -> &[u8; N] {
        &self.octets
    }

    pub(super) const fn octets_mut(&mut self) -> &mut [u8; N] {
        &mut self.octets
    }
}
