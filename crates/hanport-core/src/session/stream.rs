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
    /// Until `tail` is here, an octet can be taken without a look at it: `wanted - 1`, but 0
    /// while lines of text are waited for.
    unread_until: usize,
    /// Offset in the stream of the first octet of the buffer.
    origin: u64,
    /// What stands at the end, while lines of text are waited for.
    text: Text,
}

/// Whether lines of text are waited for. Inside of a line nothing can be decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Text {
    Inside,
    LineStart,
    No,
}

impl Text {
    /// Whether this octet, the next one, may decide something.
    const fn decides(&mut self, octet: u8) -> bool {
        let at_start = matches!(self, Self::LineStart);
        match octet {
            b'\n' => *self = Self::LineStart,
            b'!' | b'/' if at_start => return true,
            b'\r' | b' '..=b'~' => *self = Self::Inside,
            _ => return true,
        }
        false
    }
}

impl<const N: usize> Stream<N> {
    pub(super) const fn new() -> Self {
        Self {
            octets: [0; N],
            cursor: 0,
            tail: 0,
            wanted: 1,
            unread_until: 0,
            origin: 0,
            text: Text::No,
        }
    }

    /// Takes an octet that cannot decide anything; `false` when it might, and is not taken.
    #[inline]
    pub(super) fn take(&mut self, octet: u8) -> bool {
        if self.tail >= self.unread_until {
            let line = self.text == Text::Inside && matches!(octet, b' '..=b'~');
            if self.tail + 1 >= self.wanted || !line && !self.take_in_text(octet) {
                return false;
            }
        }
        let Some(place) = self.octets.get_mut(self.tail) else {
            return false;
        };
        *place = octet;
        self.tail += 1;
        true
    }

    /// Whether this octet, the next one, decides nothing about the text that is waited for.
    #[inline(never)]
    const fn take_in_text(&mut self, octet: u8) -> bool {
        !matches!(self.text, Text::No) && !self.decides(octet)
    }

    /// Whether this octet may decide something about the text that is waited for.
    const fn decides(&mut self, octet: u8) -> bool {
        let decides = self.text.decides(octet);
        if decides {
            self.wake();
        }
        decides
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
        if self.text != Text::No {
            for octet in now {
                if self.decides(*octet) {
                    break;
                }
            }
        }
        self.tail += taken;
        *input = later;
    }

    /// Whether looking again is of use.
    #[inline]
    pub(super) const fn ready(&self) -> bool {
        self.tail >= self.wanted
    }

    /// Looking again is of no use before the octet at `end` (an index) came. Everything from
    /// index `kept` on is held; `end - kept` is at most `N`.
    pub(super) fn wait(&mut self, end: usize, kept: usize) {
        let mut shift = 0;
        self.text = Text::No;
        if kept > 0 && (kept == self.tail || end > N) {
            self.octets.copy_within(kept..self.tail, 0);
            shift = kept;
            self.cursor -= kept;
            self.tail -= kept;
            self.origin += kept as u64;
        }
        self.wanted = end - shift;
        self.unread_until = self.wanted.saturating_sub(1);
    }

    /// The same for text that is looked through up to its end, which is inside of a line or
    /// begins one: only another octet than that of a line decides.
    pub(super) fn wait_for_text(&mut self, kept: usize) {
        self.wait(kept + N, kept);
        self.unread_until = 0;
        self.text = match self.octets.get(..self.tail) {
            Some([.., b'\n']) => Text::LineStart,
            _ => Text::Inside,
        };
    }

    /// Look again whatever comes.
    pub(super) const fn wake(&mut self) {
        self.wanted = 0;
        self.unread_until = 0;
        self.text = Text::No;
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
