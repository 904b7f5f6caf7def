//! Meters that talk by themselves: bytes in, readings and faults out.

use crate::cipher::key::Key;
use crate::family::Hint;
use crate::fault::Fault;
use crate::reading::Reading;

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

/// Finds, checks, deciphers and reads the messages in a stream of bytes.
///
/// `N` is the longest message in octets; 2048 holds everything but P1 telegrams with long text
/// messages (4096).
#[derive(Debug)]
pub struct Session<const N: usize> {
    options: Options,
}

impl<const N: usize> Session<N> {
    /// A session at the beginning of a stream.
    pub const fn new(options: Options) -> Self {
        Self { options }
    }

    /// Takes bytes from the front of `input` until there is something to say; `None` once all
    /// of `input` is taken.
    pub fn poll(&mut self, input: &mut &[u8]) -> Option<Event<'_>> {
        let _ = &self.options;
        *input = &[];
        None
    }

    /// The stream ended or was silent for longer than a message may pause: whatever is
    /// unfinished is cut off. Call until `None`.
    pub fn end(&mut self) -> Option<Event<'_>> {
        None
    }
}
