//! Meters that talk by themselves: bytes in, readings and faults out.

use crate::cipher::key::Key;
use crate::cipher::replay::Replay;
use crate::cipher::suite0::KeyRing;
use crate::family::Hint;
use crate::fault::{Broken, Cause, Fault, Layer};
use crate::reading::{Framing, Reading, Readout};
use crate::session::assembly::{Assembly, Next};
use crate::session::counts::Counts;
use crate::session::search::{Found, Search};
use crate::session::unwrap::Place;

/// What a session is told about its meter. All of it may be left out.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// The encryption key.
    pub encryption_key: Option<Key>,
    /// The authentication key. Set the wrong way round, both are found all the same.
    pub authentication_key: Option<Key>,
    /// What the message alone cannot decide.
    pub hint: Option<Hint>,
}

/// What a session has to say.
#[derive(Debug)]
pub enum Event<'a> {
    /// A message that did not become a reading.
    Fault(Fault),
    /// A message that passed its checks.
    Reading(Reading<'a>),
}

/// What there is to say, before it borrows anything.
pub(super) enum Told {
    Fault(Fault),
    Reading(Place),
}

/// Finds, checks, deciphers and reads the messages in a stream of bytes.
///
/// `N` is the longest message in octets, at least 16; 2048 holds everything but P1 telegrams
/// with long text messages (4096). The session itself is a little more than twice as large.
///
/// Events come in the order of the stream, and do not depend on how it is cut into chunks.
///
/// ```
/// use hanport_core::session::push::{Event, Options, Session};
///
/// let mut session = Session::<2048>::new(Options::default());
/// let mut input: &[u8] = b"line noise";
/// while let Some(event) = session.poll(&mut input) {
///     match event {
///         Event::Fault(fault) => assert!(fault.offset < 2048),
///         Event::Reading(reading) => assert!(!reading.body.is_empty()),
///     }
/// }
/// assert!(input.is_empty());
/// assert!(matches!(session.end(), Some(Event::Fault(_))));
/// assert!(session.end().is_none());
/// ```
#[derive(Debug)]
pub struct Session<const N: usize> {
    pub(super) search: Search<N>,
    pub(super) assembly: Assembly<N>,
    pub(super) ring: KeyRing,
    /// The keys once more, for the cipher of plain M-Bus.
    pub(super) keys: [Option<Key>; 2],
    pub(super) replay: Replay,
    pub(super) hint: Option<Hint>,
    pub(super) readout: Readout,
    pub(super) counts: Counts,
    /// The loss of a message has been told, and none has begun since.
    pub(super) lost: bool,
    /// Octets skipped until the last part of an unfinished message was joined.
    pub(super) skipped_at_part: u64,
    /// Something has been told since the stream last paused.
    told: bool,
    /// Where it last paused, and the octets skipped until then.
    paused: (u64, u64),
}

impl<const N: usize> Session<N> {
    /// A session at the beginning of a stream.
    pub fn new(options: Options) -> Self {
        const { assert!(N >= 16, "no message fits into fewer than 16 octets") };
        const { assert!(N <= 0xFFFF, "readings point into messages with 16 bits") };
        let Options { encryption_key, authentication_key, hint } = options;
        Self {
            search: Search::new(),
            assembly: Assembly::new(),
            ring: KeyRing::new(encryption_key.as_ref(), authentication_key.as_ref()),
            keys: [encryption_key, authentication_key],
            replay: Replay::new(),
            hint,
            readout: Readout::new(),
            counts: Counts::default(),
            lost: false,
            skipped_at_part: 0,
            told: false,
            paused: (0, 0),
        }
    }

    /// Takes bytes from the front of `input` until there is something to say; `None` once all
    /// of `input` is taken.
    pub fn poll(&mut self, input: &mut &[u8]) -> Option<Event<'_>> {
        let told = self.advance(input)?;
        Some(self.event(told))
    }

    /// Takes the next octet, as a UART gives it; `true` when there may be something to say: then
    /// [`poll`](Self::poll) with an empty input until `None`. Most octets cost a few instructions.
    ///
    /// An octet for which there is no room, because `true` was not heeded for the length of the
    /// buffer, is lost and counts as skipped.
    ///
    /// ```
    /// use hanport_core::session::push::{Options, Session};
    ///
    /// let mut session = Session::<2048>::new(Options::default());
    /// for octet in b"line noise" {
    ///     if session.take(*octet) {
    ///         while let Some(event) = session.poll(&mut &[][..]) {
    ///             panic!("{event:?}");
    ///         }
    ///     }
    /// }
    /// ```
    #[inline]
    pub fn take(&mut self, octet: u8) -> bool {
        !self.search.stream.take(octet) && self.search.take_slowly(octet)
    }

    fn advance(&mut self, input: &mut &[u8]) -> Option<Told> {
        loop {
            if self.search.stream.ready()
                && let Some(told) = self.step(false)
            {
                return Some(told);
            }
            if input.is_empty() {
                return None;
            }
            self.search.stream.fill(input);
        }
    }

    /// The stream ended or was silent for longer than a message may pause: whatever is
    /// unfinished is cut off. Call until `None`; the session then goes on with what comes next.
    pub fn end(&mut self) -> Option<Event<'_>> {
        let told = self.step(true).or_else(|| self.count(Self::cut_off)).or_else(|| {
            let told = self.count(Self::nothing_found);
            if told.is_none() {
                self.pause();
            }
            told
        })?;
        Some(self.event(told))
    }

    /// What happened since the session began.
    pub const fn counts(&self) -> Counts {
        Counts { skipped: self.search.skipped(), ..self.counts }
    }

    fn step(&mut self, ended: bool) -> Option<Told> {
        loop {
            let found = self.search.next(ended);
            if matches!(found, Found::Nothing) {
                return None;
            }
            let told = self.count(|session| session.handle(found));
            if told.is_some() {
                self.search.stream.wake();
                return told;
            }
        }
    }

    fn handle(&mut self, found: Found) -> Option<Told> {
        match found {
            Found::Bare(len) => self.handle_bare(len),
            Found::Fault { broken, start, framing } => {
                Some(Told::Fault(self.damage(broken, start, framing)))
            }
            Found::Hdlc(frame) => self.handle_hdlc(&frame),
            Found::Mbus(frame) => self.handle_mbus(&frame),
            Found::Nothing => None,
            Found::Sml(file) => self.handle_sml(&file),
            Found::Text(telegram) => self.handle_text(telegram),
        }
    }

    /// A frame was damaged. Segments without numbers cannot be trusted after it.
    fn damage(&mut self, broken: Broken, start: u64, framing: Framing) -> Fault {
        if self.assembly.segments_open.is_some_and(|open| open.next == Next::Any) {
            self.assembly.drop_segments();
        }
        self.lost = true;
        let Broken { cause, layer, offset } = broken;
        Fault { cause, layer, start, offset, framing: Some(framing), system_title: None }
    }

    /// Since the last pause there was nothing but octets without meaning.
    fn nothing_found(&mut self) -> Option<Told> {
        let (start, skipped) = self.paused;
        let octets = usize::try_from(self.search.skipped() - skipped).unwrap_or(usize::MAX);
        if self.told || octets == 0 {
            return None;
        }
        let cause = Cause::NoFrame { octets };
        let layer = Layer::Line;
        Some(Told::Fault(Fault {
            cause,
            layer,
            start,
            offset: 0,
            framing: None,
            system_title: None,
        }))
    }

    fn pause(&mut self) {
        self.search.pause();
        self.search.stream.wake();
        self.told = false;
        self.lost = false;
        self.paused = (self.search.start(), self.search.skipped());
    }

    fn count(&mut self, act: impl FnOnce(&mut Self) -> Option<Told>) -> Option<Told> {
        let told = act(self)?;
        self.told = true;
        match &told {
            Told::Fault(fault) => self.counts.faults.add(&fault.cause),
            Told::Reading(_) => self.counts.readings += 1,
        }
        Some(told)
    }

    fn event(&self, told: Told) -> Event<'_> {
        match told {
            Told::Fault(fault) => Event::Fault(fault),
            Told::Reading(place) => {
                let body = self.bytes(&place);
                Event::Reading(Reading { readout: &self.readout, body })
            }
        }
    }
}
