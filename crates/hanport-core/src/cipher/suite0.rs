//! General ciphering of DLMS with security suite 0: AES-128-GCM with a 12-octet tag.

use core::ops::Range;

use crate::cipher::key::Key;
use crate::fault::{Broken, Cause, Layer};
use crate::link::Probe;
use crate::reading::{Authenticity, Ciphering};

/// A ciphered APDU (general-glo, general-ded or general-ciphering) taken apart. Ranges count
/// from its first octet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sealed {
    /// System title, security control and invocation counter.
    pub ciphering: Ciphering,
    /// The ciphertext (the plaintext where it is only authenticated), without the tag.
    pub content: Range<usize>,
    /// The tag, where there is one.
    pub tag: Option<Range<usize>>,
    /// Octets of the whole APDU.
    pub len: usize,
}

/// What [`KeyRing::open`] made of a ciphered APDU.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Opened {
    /// Where the plaintext now stands.
    pub plaintext: Range<usize>,
    /// Whether the tag was checked.
    pub authenticity: Authenticity,
    /// Whether the keys are set the wrong way round.
    pub swapped: bool,
}

impl Sealed {
    /// Takes a ciphered APDU at the start of `bytes` apart.
    pub fn probe(bytes: &[u8]) -> Probe<Self> {
        let _ = bytes;
        Probe::No
    }
}

/// The keys of one meter, made ready for use.
#[derive(Debug, Default)]
pub struct KeyRing {}

impl KeyRing {
    /// Makes the keys ready. They may be the wrong way round.
    pub fn new(encryption: Option<&Key>, authentication: Option<&Key>) -> Self {
        let _ = (encryption, authentication);
        Self {}
    }

    /// Deciphers `apdu` in place. `sealed` is what [`Sealed::probe`] made of it.
    pub fn open(&self, apdu: &mut [u8], sealed: &Sealed) -> Result<Opened, Broken> {
        let _ = (apdu, sealed);
        Err(Broken::new(Layer::Cipher, Cause::NeedsKey, 0))
    }
}
