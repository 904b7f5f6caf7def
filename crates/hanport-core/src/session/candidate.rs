//! What the octets at one place of a stream look like, to each framing.
//!
//! The first octet says which framing to ask: 7E HDLC, 68 M-Bus, 1B SML, `/` text; 0F, C2, DB,
//! DC, DD, E0 and E6 messages without frame.

use crate::cipher::sealed::Control;
use crate::cipher::suite0::Sealed;
use crate::cosem::apdu;
use crate::cosem::gbt::Block;
use crate::fault::Broken;
use crate::link::hdlc::{self, Header};
use crate::link::{Probe, mbus, p1, sml};
use crate::reading::{Check, Framing};
use crate::session::found::{Found, Marks};

/// LLC octets in front of an APDU: to the client, and to the meter.
const LLC: [[u8; 3]; 2] = [[0xE6, 0xE7, 0x00], [0xE6, 0xE6, 0x00]];
/// The head of a ciphered telegram: tag, system title with its length, form of the length.
const WRAPPED_HEAD: usize = 11;
/// Octets behind an LLC within which a ciphered APDU is the content of a frame that was damaged:
/// the head of a block may stand between.
const BEHIND_LLC: u64 = 12;
const ESCAPE: u8 = 0x1B;
/// Addresses in the head of an M-Bus segment: the meter's management device and the client that
/// it pushes to.
const SERVER: u8 = 0x01;
const CLIENT: u8 = 0x67;

/// What a candidate looks like.
pub(super) enum Look {
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

/// Whether anything may begin with this octet.
pub(super) const fn begins(octet: u8) -> bool {
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
pub(super) struct Surroundings {
    /// Nothing more will come.
    pub(super) ended: bool,
    /// It stands in one without checksum that is not yet whole.
    pub(super) inside_weak: bool,
    /// The longest message.
    pub(super) room: usize,
}

pub(super) fn look(
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
///
/// Both octets before it are ordinary ones, so more is asked for: control information of a
/// segment, and one of the addresses that meters push from and to. One of the five may be lost.
fn look_segment_head(window: &[u8], at: u64, marks: &mut Marks) -> Look {
    match window {
        [_, _, info @ 0..=0x1F, from, to, ..] => {
            if [info, from, to].iter().any(|octet| matches!(**octet, SERVER | CLIENT)) {
                marks.barred_until = marks.barred_until.max(at + 6);
            }
            Look::Skip
        }
        [_, _, 0x20..=0xFF, ..] => Look::Skip,
        _ => Look::Wait(5, None),
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

/// A ciphered telegram without frame: tag, a system title that begins with a maker's code, the
/// length in its long form, and a security control that promises a tag. Without one nothing
/// would tell it from the inside of a damaged frame.
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
        return Look::Skip;
    }
    let control = WRAPPED_HEAD + if window.get(10) == Some(&0x82) { 2 } else { 1 };
    match window.get(control) {
        None => Look::Wait(control + 1, None),
        Some(control) if Control(*control).is_authenticated() => Look::Weak,
        Some(_) => Look::Skip,
    }
}

/// A message without frame at the start of `bytes`, with or without LLC.
pub(super) fn bare(bytes: &[u8]) -> Probe<usize> {
    let (llc, apdu) = match llc_behind(bytes, 0) {
        None => return Probe::More(3),
        Some(true) => (3, bytes.get(3..).unwrap_or(&[])),
        Some(false) => (0, bytes),
    };
    let found = match apdu.first() {
        None => Probe::More(1),
        Some(0xDB..=0xDD) => Sealed::probe(apdu).map(|sealed| sealed.len),
        Some(0xE0) => Block::probe(apdu).map(|block| block.len),
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
