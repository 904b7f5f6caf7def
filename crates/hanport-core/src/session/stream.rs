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
    /// The same for the characters of a line of text: 0 unless one has begun.
    line_until: usize,
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

impl<const N: usize> Stream<N> {
    pub(super) const fn new() -> Self {
        Self {
            octets: [0; N],
            cursor: 0,
            tail: 0,
            wanted: 1,
            unread_until: 0,
            line_until: 0,
            origin: 0,
            text: Text::No,
        }
    }

    /// Takes an octet that cannot decide anything; `false` when it might, and is not taken.
    ///
    /// Inside of a line only its end counts, and what stands below it in the code: whether the
    /// rest are characters is seen when the telegram is looked at.
    #[inline]
    pub(super) fn take(&mut self, octet: u8) -> bool {
        let at = self.tail;
        if at >= self.unread_until && (octet <= b'\n' || at >= self.line_until) {
            return false;
        }
        // both limits are below `N`: the remainder changes nothing, but spares a branch
        let at = at % N;
        let Some(place) = self.octets.get_mut(at) else {
            return false;
        };
        *place = octet;
        self.tail = at + 1;
        true
    }

    /// Takes an octet whatever it is; `true` when looking again is of use. There is room for it
    /// as long as the session waits.
    pub(super) fn take_slowly(&mut self, octet: u8) -> bool {
        if self.text != Text::No {
            self.read_on(octet);
        }
        let Some(place) = self.octets.get_mut(self.tail) else {
            return true;
        };
        *place = octet;
        self.tail += 1;
        self.ready()
    }

    /// Text is waited for, and this octet is the next. Wakes when it may decide something.
    fn read_on(&mut self, octet: u8) {
        match octet {
            b'\n' => self.expect(Text::LineStart),
            b'!' | b'/' if self.text == Text::LineStart => self.wake(),
            b'\r' | b' '..=b'~' => self.expect(Text::Inside),
            _ => self.wake(),
        }
    }

    const fn expect(&mut self, text: Text) {
        self.text = text;
        self.line_until = if matches!(text, Text::Inside) { self.wanted - 1 } else { 0 };
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
        for octet in now {
            if self.text == Text::No {
                break;
            }
            self.read_on(*octet);
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
        self.expect(Text::No);
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
        self.expect(match self.octets.get(..self.tail) {
            Some([.., b'\n']) => Text::LineStart,
            _ => Text::Inside,
        });
    }

    /// Look again whatever comes.
    pub(super) const fn wake(&mut self) {
        self.wanted = 0;
        self.unread_until = 0;
        self.expect(Text::No);
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
