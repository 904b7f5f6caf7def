//! What a search finds, and what it remembers along the way.

use crate::fault::Broken;
use crate::link::{hdlc, mbus, p1, sml};
use crate::reading::Framing;

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
pub(super) struct Suspect {
    pub(super) start: u64,
    pub(super) end: u64,
    pub(super) why: Broken,
}

/// What is remembered along the way. All are offsets in the stream.
#[derive(Clone, Copy, Debug)]
pub(super) struct Marks {
    /// A message without frame may begin here.
    pub(super) boundary: u64,
    /// A ciphered telegram without frame may begin from here on.
    pub(super) barred_until: u64,
    /// Damage is told from here on.
    pub(super) quiet_until: u64,
    pub(super) suspect: Option<Suspect>,
    /// Octets that belong to nothing, since the stream began.
    pub(super) skipped: u64,
}
