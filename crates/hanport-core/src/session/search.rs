//! Where messages are in a stream: every framing is tried wherever it may begin, and a candidate
//! wins by its checksum.
//!
//! Rules:
//! - After a failure the search goes on one octet later, never behind a claimed length.
//! - Framings with a checksum (and text) may begin anywhere. Those without one may begin where
//!   the stream, a stretch of it or the octets behind a message begin; and a ciphered telegram
//!   without any frame wherever its unmistakable head stands.
//! - While one without checksum is incomplete, the search goes on inside of it, and gives it up
//!   for a frame that passes its checks.
//! - Damage inside octets that a damaged frame claimed is not told again.

use crate::fault::{Broken, Cause, Layer};
use crate::link::{Probe, hdlc, p1};
use crate::reading::Framing;
use crate::session::candidate::{Look, Surroundings, bare, begins, look};
use crate::session::found::{Found, Marks, Suspect};
use crate::session::stream::Stream;

/// By as many octets the length of a message without checksum is known.
const LENGTH_KNOWN: usize = 24;
/// With fewer octets than this a message without checksum is not worth a word.
const CONVINCING: usize = 12;

/// Octets from a flag to the system title of a ciphered message behind header, LLC and block.
const SUSPECT_HEAD: u64 = 32;

/// A candidate without checksum.
#[derive(Clone, Copy, Debug)]
struct Weak {
    start: u64,
    /// Looking again is of no use with fewer octets.
    need: usize,
    /// Its octets, once it is whole.
    len: Option<usize>,
    /// To return to.
    marks: Marks,
}

#[derive(Debug)]
pub(super) struct Search<const N: usize> {
    pub(super) stream: Stream<N>,
    marks: Marks,
    weak: Option<Weak>,
    /// How far text or SML at the cursor has been looked through.
    scanned: usize,
}

impl<const N: usize> Search<N> {
    pub(super) const fn new() -> Self {
        let marks =
            Marks { boundary: 0, barred_until: 0, quiet_until: 0, suspect: None, skipped: 0 };
        Self { stream: Stream::new(), marks, weak: None, scanned: 0 }
    }

    /// Octets that belong to nothing, since the stream began.
    pub(super) const fn skipped(&self) -> u64 {
        self.marks.skipped
    }

    /// Offset in the stream of the cursor.
    pub(super) const fn start(&self) -> u64 {
        self.stream.offset(self.stream.cursor())
    }

    /// The stream pauses here: what comes now begins anew.
    pub(super) const fn pause(&mut self) {
        self.marks.boundary = self.start();
        self.marks.barred_until = 0;
        self.marks.quiet_until = 0;
        self.marks.suspect = None;
    }

    /// The message of `len` octets at the cursor is taken. The last `shared` of them are looked
    /// at again: a closing flag may open the next frame.
    pub(super) fn accept(&mut self, len: usize, shared: usize) {
        let start = self.start();
        self.marks.boundary = start + len as u64;
        self.marks.barred_until = 0;
        self.marks.quiet_until = 0;
        self.marks.suspect = None;
        self.scanned = 0;
        self.stream.advance(len - shared);
    }

    /// The message without frame of `len` octets at the cursor gave no reading. Frames inside of
    /// it count after all; `opened` tells that a key was tried on it.
    pub(super) fn reject(&mut self, len: usize, opened: bool) {
        let end = self.start() + len as u64;
        self.marks.boundary = end;
        self.marks.quiet_until = end;
        if !opened {
            self.marks.barred_until = end;
        }
        self.skip(0);
    }

    /// Takes an octet that the stream does not take unseen; `true` when looking is of use.
    #[inline(never)]
    pub(super) fn take_slowly(&mut self, octet: u8) -> bool {
        if self.stream.tail() == N {
            self.marks.skipped += 1;
            return true;
        }
        self.stream.take_slowly(octet)
    }

    /// Goes on to the next thing. With `ended` nothing more will come.
    pub(super) fn next(&mut self, ended: bool) -> Found {
        loop {
            if let Some(found) = self.weigh(ended) {
                return found;
            }
            let whole = self.weak.and_then(|weak| Some((weak, weak.len?)));
            let limit = whole.map_or_else(
                || self.stream.tail(),
                |(weak, len)| self.stream.index(weak.start) + len,
            );
            let need = match self.strong(limit, ended && whole.is_none()) {
                Step::Again => continue,
                // chance, unless nothing comes of the candidate: then it is found again
                Step::Found(Found::Fault { .. }) if self.weak.is_some() => continue,
                Step::Found(found) => match self.weak.take() {
                    None => return found,
                    Some(weak) => {
                        self.return_behind(weak);
                        continue;
                    }
                },
                Step::Wait(need) => need,
            };
            let start = self
                .weak
                .map_or_else(|| self.stream.cursor(), |weak| self.stream.index(weak.start));
            match self.weak {
                Some(Weak { len: Some(len), marks, .. }) => {
                    self.weak = None;
                    self.marks = marks;
                    self.stream.seek(self.stream.offset(start));
                    return Found::Bare(len);
                }
                Some(weak) if ended => {
                    if let Some(found) = self.cut_off(weak) {
                        return found;
                    }
                }
                weak => {
                    if !ended {
                        let need = weak.map_or(need, |weak| need.min(start + weak.need));
                        if weak.is_none() && self.inside_text() {
                            self.stream.wait_for_text(start);
                        } else {
                            self.stream.wait(need, start);
                        }
                    }
                    return Found::Nothing;
                }
            }
        }
    }

    /// Whether a telegram begins at the cursor and has been looked through to the end of what has
    /// come, which is not in its last line. The identification line is looked at as a whole.
    fn inside_text(&self) -> bool {
        let window = self.stream.window(self.stream.tail());
        match p1::looked_through(self.scanned) {
            0 => matches!(window, [b'/', _, _, _, .., b' '..=b'~']),
            octets => octets == window.len() && matches!(window, [b'/', .., b'\n' | b' '..=b'~']),
        }
    }

    /// Looks again at the candidate without checksum, if there is one. At the end of the stream
    /// it counts what all of the octets say, not what the first of them promised.
    fn weigh(&mut self, ended: bool) -> Option<Found> {
        let weak = self.weak.as_mut().filter(|weak| weak.len.is_none())?;
        let start = self.stream.index(weak.start);
        let bytes = self.stream.octets().get(start..self.stream.tail()).unwrap_or(&[]);
        if bytes.len() < weak.need && !ended {
            return None;
        }
        // the length a header states is taken from the header alone, so that it makes no
        // difference how much more has come
        let head = bytes.get(..bytes.len().min(LENGTH_KNOWN)).unwrap_or(&[]);
        let too_long = match bare(head) {
            Probe::More(need) if need > N => Some(need),
            _ => None,
        };
        if let Some(needed) = too_long {
            let weak = *weak;
            self.weak = None;
            self.return_behind(weak);
            let broken = Broken::new(Layer::Frame, Cause::TooLong { needed, room: N }, 0);
            return self.tell(broken, weak.start, Framing::Dlms);
        }
        match bare(bytes) {
            Probe::Frame(len) => weak.len = Some(len),
            Probe::More(need) if need <= N => weak.need = need,
            Probe::Broken(_) | Probe::More(_) | Probe::No => {
                let weak = *weak;
                self.weak = None;
                self.return_behind(weak);
            }
        }
        None
    }

    /// The stream ended inside a candidate without checksum.
    fn cut_off(&mut self, weak: Weak) -> Option<Found> {
        let have = self.stream.tail() - self.stream.index(weak.start);
        self.weak = None;
        self.return_behind(weak);
        let end = self.stream.offset(self.stream.tail());
        let told = (have >= CONVINCING)
            .then(|| {
                let cause = Cause::Truncated { have, want: weak.need };
                self.tell(Broken::new(Layer::Frame, cause, have), weak.start, Framing::Dlms)
            })
            .flatten();
        if have >= CONVINCING {
            self.marks.quiet_until = end;
        }
        told
    }

    /// Goes back behind the first octet of a candidate without checksum that came to nothing.
    fn return_behind(&mut self, weak: Weak) {
        self.marks = weak.marks;
        self.stream.seek(weak.start);
        self.skip(0);
    }

    fn tell(&self, broken: Broken, start: u64, framing: Framing) -> Option<Found> {
        (start >= self.marks.quiet_until).then_some(Found::Fault { broken, start, framing })
    }

    /// Leaves the octet at the cursor, and counts it and `more` behind it as belonging to
    /// nothing.
    fn skip(&mut self, more: usize) {
        self.marks.skipped += 1 + more as u64;
        self.scanned = 0;
        self.stream.advance(1 + more);
    }

    /// Looks for frames with a checksum, and for places where others may begin, up to the index
    /// `limit`.
    fn strong(&mut self, limit: usize, ended: bool) -> Step {
        loop {
            let window = self.stream.window(limit);
            let junk = window.iter().position(|octet| begins(*octet)).unwrap_or(window.len());
            let junk = self.up_to_boundary(junk);
            if junk > 0 {
                if !self.pass_line_end(limit) {
                    self.skip(junk - 1);
                }
                continue;
            }
            let at = self.start();
            if let Some(found) = self.suspect_ends(at, limit) {
                return Step::Found(found);
            }
            let window = self.stream.octets().get(self.stream.cursor()..limit).unwrap_or(&[]);
            let place = Surroundings { ended, inside_weak: self.weak.is_some(), room: N };
            let look = look(window, at, &mut self.scanned, &mut self.marks, place);
            match look {
                Look::Fail(broken, framing, claim) => {
                    if let Some(found) = self.fail(broken, framing, claim) {
                        return Step::Found(found);
                    }
                }
                Look::Found(found) => return Step::Found(found),
                Look::Pass(octets) => {
                    if at == self.marks.boundary {
                        self.marks.boundary = at + octets as u64;
                    }
                    self.scanned = 0;
                    self.stream.advance(octets);
                }
                Look::Skip if window.is_empty() => return Step::Wait(limit + 1),
                Look::Skip => self.skip(0),
                Look::Suspect(why, len) => {
                    let end = at + len as u64 - 1;
                    if self.marks.suspect.is_none() && at >= self.marks.quiet_until {
                        self.marks.suspect = Some(Suspect { start: at, end, why });
                    }
                    // Its length may be chance: no more is barred than where a frame that was
                    // one would carry its message.
                    let head = end.min(at + SUSPECT_HEAD);
                    self.marks.barred_until = self.marks.barred_until.max(head);
                    self.skip(0);
                }
                Look::Wait(needed, framing) if needed > N => {
                    let broken = Broken::new(Layer::Frame, Cause::TooLong { needed, room: N }, 0);
                    if let Some(found) = self.give_up(broken, framing, needed) {
                        return Step::Found(found);
                    }
                }
                Look::Wait(want, framing) if ended => {
                    let have = window.len();
                    // text does not say how long it is
                    let told = if framing == Some(Framing::Dsmr) { 0 } else { want };
                    let cause = Cause::Truncated { have, want: told };
                    let broken = Broken::new(Layer::Frame, cause, have);
                    if let Some(found) = self.give_up(broken, framing, want) {
                        return Step::Found(found);
                    }
                }
                Look::Wait(needed, _) => return Step::Wait(self.stream.cursor() + needed),
                Look::Weak => {
                    self.weak = Some(Weak { start: at, need: 1, len: None, marks: self.marks });
                    self.skip(0);
                    return Step::Again;
                }
            }
        }
    }

    /// Passes over the end of the last line of a telegram.
    fn pass_line_end(&mut self, limit: usize) -> bool {
        let behind = self.start() == self.marks.boundary;
        if !behind || !matches!(self.stream.window(limit), [b'\r' | b'\n', ..]) {
            return false;
        }
        self.marks.boundary += 1;
        self.stream.advance(1);
        true
    }

    /// Junk does not run over a place where a message without frame may begin.
    fn up_to_boundary(&self, junk: usize) -> usize {
        let at = self.start();
        match usize::try_from(self.marks.boundary.saturating_sub(at)) {
            Ok(ahead) if ahead > 0 => junk.min(ahead),
            _ => junk,
        }
    }

    /// A header with a wrong check claimed to end at a flag, and there is one.
    fn suspect_ends(&mut self, at: u64, limit: usize) -> Option<Found> {
        let suspect = self.marks.suspect?;
        if at < suspect.end || self.stream.cursor() >= limit {
            return None;
        }
        self.marks.suspect = None;
        let closed = at == suspect.end && self.stream.window(limit).first() == Some(&hdlc::FLAG);
        if !closed {
            return None;
        }
        self.tell(suspect.why, suspect.start, Framing::Hdlc)
    }

    fn give_up(&mut self, broken: Broken, framing: Option<Framing>, claim: usize) -> Option<Found> {
        if let Some(framing) = framing {
            return self.fail(broken, framing, claim);
        }
        let closing = self.start() + 1 == self.marks.boundary;
        if closing && self.stream.window(self.stream.tail()).first() == Some(&hdlc::FLAG) {
            self.stream.advance(1);
        } else {
            self.skip(0);
        }
        None
    }

    /// The candidate at the cursor is damaged. It claims so many octets, the last of which may
    /// belong to the next frame.
    fn fail(&mut self, broken: Broken, framing: Framing, claim: usize) -> Option<Found> {
        let start = self.start();
        let end = start + claim.saturating_sub(1) as u64;
        let told = self.tell(broken, start, framing);
        self.marks.quiet_until = self.marks.quiet_until.max(end);
        self.marks.barred_until = self.marks.barred_until.max(end);
        self.marks.suspect = None;
        self.skip(0);
        told
    }
}

enum Step {
    Again,
    Found(Found),
    /// Nothing before the octet at this index.
    Wait(usize),
}
