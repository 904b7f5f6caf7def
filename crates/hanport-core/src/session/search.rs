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

use crate::cipher::suite0::Sealed;
use crate::cosem::apdu;
use crate::cosem::gbt::Block;
use crate::fault::{Broken, Cause, Layer};
use crate::link::hdlc::{self, Header};
use crate::link::{Probe, mbus, p1, sml};
use crate::reading::{Check, Framing};
use crate::session::stream::Stream;

/// LLC octets in front of an APDU: to the client, and to the meter.
const LLC: [[u8; 3]; 2] = [[0xE6, 0xE7, 0x00], [0xE6, 0xE6, 0x00]];
/// The head of a ciphered telegram: tag, system title with its length, form of the length.
const WRAPPED_HEAD: usize = 11;
/// Octets behind an LLC within which a ciphered APDU is the content of a frame that was damaged:
/// the head of a block may stand between.
const BEHIND_LLC: u64 = 12;
/// By as many octets the length of a message without checksum is known.
const LENGTH_KNOWN: usize = 24;
/// With fewer octets than this a message without checksum is not worth a word.
const CONVINCING: usize = 12;
const ESCAPE: u8 = 0x1B;

/// What was found. The cursor stands at its first octet, except for a fault.
#[derive(Debug)]
pub(super) enum Found {
    /// A message without frame; its octets.
    Bare(usize),
    /// A damaged message; the cursor is behind its first octet.
    Fault {
        broken: Broken,
        start: u64,
        framing: Framing,
    },
    Hdlc(hdlc::Frame),
    Mbus(mbus::Frame),
    /// Nothing before more octets come.
    Nothing,
    Sml(sml::File),
    Text(p1::Telegram),
}

/// A header whose check is wrong, but where a frame would end another flag may stand.
#[derive(Clone, Copy, Debug)]
struct Suspect {
    start: u64,
    end: u64,
    why: Broken,
}

/// What is remembered along the way. All are offsets in the stream.
#[derive(Clone, Copy, Debug)]
struct Marks {
    /// A message without frame may begin here.
    boundary: u64,
    /// A ciphered telegram without frame may begin from here on.
    barred_until: u64,
    /// Damage is told from here on.
    quiet_until: u64,
    suspect: Option<Suspect>,
    /// Octets that belong to nothing, since the stream began.
    skipped: u64,
}

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

enum Look {
    /// Damaged: why, and how many octets it claims.
    Fail(Broken, Framing, usize),
    Found(Found),
    /// Octets that mean something, but not to us.
    Pass(usize),
    Skip,
    Suspect(Broken, usize),
    /// So many octets are needed; and whether it is worth a word if they never come.
    Wait(usize, Option<Framing>),
    /// A message without checksum may stand here.
    Weak,
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

    /// Goes on to the next thing. With `ended` nothing more will come.
    pub(super) fn next(&mut self, ended: bool) -> Found {
        loop {
            if let Some(found) = self.weigh() {
                return found;
            }
            let whole = self.weak.and_then(|weak| Some((weak, weak.len?)));
            let limit = whole.map_or_else(
                || self.stream.tail(),
                |(weak, len)| self.stream.index(weak.start) + len,
            );
            let need = match self.strong(limit, ended && whole.is_none()) {
                Step::Again => continue,
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
                        self.stream.wait(need, start);
                    }
                    return Found::Nothing;
                }
            }
        }
    }

    /// Looks again at the candidate without checksum, if there is one.
    fn weigh(&mut self) -> Option<Found> {
        let weak = self.weak.as_mut().filter(|weak| weak.len.is_none())?;
        let start = self.stream.index(weak.start);
        let bytes = self.stream.octets().get(start..self.stream.tail()).unwrap_or(&[]);
        if bytes.len() < weak.need {
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
                    self.marks.barred_until = self.marks.barred_until.max(end);
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

/// Whether anything may begin with this octet.
const fn begins(octet: u8) -> bool {
    matches!(
        octet,
        hdlc::FLAG
            | mbus::START
            | mbus::SHORT_START
            | mbus::ACKNOWLEDGE
            | mbus::SEND_DATA
            | mbus::SEND_DATA_COUNTED
            | ESCAPE
            | b'/'
            | 0x0F
            | 0xC2
            | 0xDB..=0xDD | 0xE0 | 0xE6
    )
}

/// What a candidate cannot see from its octets.
#[derive(Clone, Copy)]
struct Surroundings {
    /// Nothing more will come.
    ended: bool,
    /// It stands in one without checksum that is not yet whole.
    inside_weak: bool,
    /// The longest message.
    room: usize,
}

fn look(
    window: &[u8],
    at: u64,
    scanned: &mut usize,
    marks: &mut Marks,
    place: Surroundings,
) -> Look {
    let Some(&first) = window.first() else {
        return Look::Skip;
    };
    // framings that do not say how long they are may yet end within the buffer
    let reachable =
        |octets: usize| if window.len() < place.room { octets.min(place.room) } else { octets };
    match first {
        hdlc::FLAG => look_hdlc(window, at, marks),
        mbus::START => look_mbus(window),
        mbus::SHORT_START => match mbus::short(window) {
            Probe::Frame(octets) => Look::Pass(octets),
            Probe::More(octets) => Look::Wait(octets, None),
            Probe::Broken(_) | Probe::No => Look::Skip,
        },
        mbus::ACKNOWLEDGE => Look::Pass(1),
        mbus::SEND_DATA | mbus::SEND_DATA_COUNTED => look_segment_head(window, at, marks),
        ESCAPE => match sml::probe(window, scanned) {
            Probe::Frame(file) => Look::Found(Found::Sml(file)),
            Probe::More(octets) => {
                Look::Wait(reachable(octets), (octets > 8).then_some(Framing::Sml))
            }
            Probe::Broken(why) => Look::Fail(why, Framing::Sml, why.offset + 1),
            Probe::No => Look::Skip,
        },
        b'/' => match p1::probe(window, scanned, place.ended) {
            Probe::Frame(telegram) => Look::Found(Found::Text(telegram)),
            Probe::More(octets) => {
                Look::Wait(reachable(octets), (octets > 8).then_some(Framing::Dsmr))
            }
            Probe::Broken(why) => Look::Fail(why, Framing::Dsmr, why.offset + 1),
            Probe::No => Look::Skip,
        },
        _ if place.inside_weak => Look::Skip,
        0x0F | 0xC2 | 0xDB..=0xDD | 0xE0 | 0xE6 if at == marks.boundary => Look::Weak,
        0xDB => look_wrapped(window, at, marks),
        0xE6 => look_llc(window, at, marks),
        _ => Look::Skip,
    }
}

fn look_hdlc(window: &[u8], at: u64, marks: &mut Marks) -> Look {
    let header = match Header::probe(window) {
        Probe::Frame(header) => header,
        Probe::More(octets) => return Look::Wait(octets, None),
        Probe::Broken(why) => return look_header(window, why),
        // a closing flag that opens nothing
        Probe::No if at + 1 == marks.boundary => return Look::Pass(1),
        Probe::No => return Look::Skip,
    };
    match header.complete(window) {
        Probe::Frame(frame) => Look::Found(Found::Hdlc(frame)),
        Probe::More(octets) => match llc_behind(window, header.info) {
            _ if header.check == Check::Valid => Look::Wait(octets, Some(Framing::Hdlc)),
            None => Look::Wait(header.info + 3, None),
            Some(llc) => Look::Wait(octets, llc.then_some(Framing::Hdlc)),
        },
        Probe::Broken(why) if header.check == Check::Valid => {
            Look::Fail(why, Framing::Hdlc, header.len)
        }
        Probe::Broken(why) if header.check == Check::Zero => look_header(window, why),
        // without header check and without frame check nothing speaks for it
        Probe::Broken(_) | Probe::No => Look::Skip,
    }
}

/// The header check is wrong. With an LLC behind it, or a flag where it claims to end, it was
/// a frame.
fn look_header(window: &[u8], why: Broken) -> Look {
    let Probe::Frame(header) = Header::shape(window) else {
        return Look::Skip;
    };
    match llc_behind(window, header.info) {
        None => Look::Wait(header.info + 3, None),
        Some(true) => Look::Fail(why, Framing::Hdlc, header.len),
        Some(false) => Look::Suspect(why, header.len),
    }
}

/// Whether an LLC stands at `offset`; `None` when too little has come.
fn llc_behind(window: &[u8], offset: usize) -> Option<bool> {
    let behind = window.get(offset..).unwrap_or(&[]);
    let there = behind.get(..3).unwrap_or(behind);
    let fits = LLC.iter().any(|llc| llc.starts_with(there));
    if there.len() < 3 && fits { None } else { Some(fits) }
}

fn look_mbus(window: &[u8]) -> Look {
    match mbus::Frame::probe(window) {
        Probe::Frame(frame) => Look::Found(Found::Mbus(frame)),
        Probe::More(octets) => {
            Look::Wait(octets, plausible_control(window).then_some(Framing::Mbus))
        }
        Probe::Broken(why) => {
            let claim = mbus::claim(window);
            let ends = window.get(claim - 1) == Some(&mbus::STOP);
            if ends || plausible_control(window) {
                Look::Fail(why, Framing::Mbus, claim)
            } else {
                Look::Skip
            }
        }
        Probe::No => Look::Skip,
    }
}

/// Whether the control octet of an M-Bus frame is one that carries data.
fn plausible_control(window: &[u8]) -> bool {
    const RESPONSE: u8 = 0x08;
    const RESPONSE_FLAGS: u8 = 0x30;
    window.get(4).is_some_and(|control| {
        matches!(*control, mbus::SEND_DATA | mbus::SEND_DATA_COUNTED)
            || control & !RESPONSE_FLAGS == RESPONSE
    })
}

/// The head of an M-Bus segment whose start was lost: what follows is no message of its own.
fn look_segment_head(window: &[u8], at: u64, marks: &mut Marks) -> Look {
    match window.get(2) {
        None => Look::Wait(3, None),
        Some(..=0x1F) => {
            marks.barred_until = marks.barred_until.max(at + 6);
            Look::Skip
        }
        Some(_) => Look::Skip,
    }
}

/// An LLC whose frame was lost: what follows is no message of its own.
fn look_llc(window: &[u8], at: u64, marks: &mut Marks) -> Look {
    match llc_behind(window, 0) {
        None => Look::Wait(3, None),
        Some(true) => {
            marks.barred_until = marks.barred_until.max(at + 3 + BEHIND_LLC);
            Look::Skip
        }
        Some(false) => Look::Skip,
    }
}

/// A ciphered telegram without frame: tag, a system title that begins with a maker's code, and
/// the length in its long form.
fn look_wrapped(window: &[u8], at: u64, marks: &Marks) -> Look {
    if at < marks.barred_until {
        return Look::Skip;
    }
    let fits = |(position, octet): (usize, &u8)| match position {
        1 => *octet == 8,
        2..=4 => octet.is_ascii_uppercase(),
        10 => matches!(octet, 0x81 | 0x82),
        _ => true,
    };
    if !window.iter().take(WRAPPED_HEAD).enumerate().all(fits) {
        Look::Skip
    } else if window.len() < WRAPPED_HEAD {
        Look::Wait(WRAPPED_HEAD, None)
    } else {
        Look::Weak
    }
}

/// A message without frame at the start of `bytes`, with or without LLC.
fn bare(bytes: &[u8]) -> Probe<usize> {
    let (llc, apdu) = match llc_behind(bytes, 0) {
        None => return Probe::More(3),
        Some(true) => (3, bytes.get(3..).unwrap_or(&[])),
        Some(false) => (0, bytes),
    };
    let found = match apdu.first() {
        None => Probe::More(1),
        Some(0xDB..=0xDD) => match Sealed::probe(apdu) {
            Probe::Frame(sealed) => Probe::Frame(sealed.len),
            Probe::Broken(why) => Probe::Broken(why),
            Probe::More(octets) => Probe::More(octets),
            Probe::No => Probe::No,
        },
        Some(0xE0) => match Block::probe(apdu) {
            Probe::Frame(block) => Probe::Frame(block.len),
            Probe::Broken(why) => Probe::Broken(why),
            Probe::More(octets) => Probe::More(octets),
            Probe::No => Probe::No,
        },
        Some(0x0F | 0xC2) => apdu::probe(apdu),
        Some(_) => Probe::No,
    };
    match found {
        Probe::Frame(len) => Probe::Frame(llc + len),
        Probe::More(octets) => Probe::More(llc + octets),
        other => other,
    }
}

/// Octets of the LLC at the start of `bytes`, if there is one.
pub(super) fn llc_len(bytes: &[u8]) -> usize {
    if LLC.iter().any(|llc| bytes.starts_with(llc)) { 3 } else { 0 }
}
