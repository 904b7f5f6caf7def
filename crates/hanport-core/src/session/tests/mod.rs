//! The session seen from outside: streams of octets in, events out.

mod chunks;
mod content;
mod damage;
mod framing;
mod parts;

use std::string::String;
use std::vec::Vec;

use hex_literal::hex;

use crate::cosem::gbt::Block;
use crate::emit::Writer;
use crate::fault::Fault;
use crate::link::{hdlc, mbus};
use crate::reading::{Check, Framing};
use crate::session::push::{Event, Options, Session};

/// Kaifa list 1: 1234 W.
const LIST: [u8; 26] = hex!("0F40000000 090C07E2010F010F1E0AFF800000 0201 06000004D2");
/// Aidon list 1: 1234 W.
const OTHER: [u8; 29] = hex!("0F4000000000 0101 0203 09060100010700FF 06000004D2 0202 0F00 161B");

/// An event, with everything it borrowed copied.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Seen {
    Fault(Fault),
    Reading { start: u64, octets: usize, framing: Framing, check: Check, body: Vec<u8> },
}

impl Seen {
    fn of(event: &Event<'_>) -> Self {
        match event {
            Event::Fault(fault) => Self::Fault(*fault),
            Event::Reading(reading) => {
                let (readout, body) = (reading.readout, reading.body.to_vec());
                let (start, octets) = (readout.start, readout.octets);
                let (framing, check) = (readout.framing, readout.check);
                Self::Reading { start, octets, framing, check, body }
            }
        }
    }

    /// The class of a fault, or `reading`.
    fn class(&self) -> &'static str {
        match self {
            Self::Fault(fault) => fault.cause.class(),
            Self::Reading { .. } => "reading",
        }
    }

    fn body(&self) -> Option<&[u8]> {
        match self {
            Self::Fault(_) => None,
            Self::Reading { body, .. } => Some(body),
        }
    }
}

fn drain<const N: usize>(session: &mut Session<N>, mut input: &[u8], seen: &mut Vec<Seen>) {
    while let Some(event) = session.poll(&mut input) {
        seen.push(Seen::of(&event));
    }
    assert!(input.is_empty());
}

fn end<const N: usize>(session: &mut Session<N>, seen: &mut Vec<Seen>) {
    while let Some(event) = session.end() {
        seen.push(Seen::of(&event));
    }
}

/// The events of a stream that is fed in chunks of `size`, its end included.
fn run_with<const N: usize>(options: Options, stream: &[u8], size: usize) -> Vec<Seen> {
    let mut session = Session::<N>::new(options);
    let mut seen = Vec::new();
    for chunk in stream.chunks(size) {
        drain(&mut session, chunk, &mut seen);
    }
    end(&mut session, &mut seen);
    assert!(session.end().is_none(), "nothing is told twice");
    let counts = session.counts();
    let readings = seen.iter().filter(|seen| seen.body().is_some()).count() as u64;
    assert_eq!(counts.readings, readings);
    assert_eq!(counts.faults.total() + readings, seen.len() as u64);
    seen
}

fn run(stream: &[u8]) -> Vec<Seen> {
    run_with::<2048>(Options::default(), stream, stream.len().max(1))
}

fn classes(seen: &[Seen]) -> Vec<&'static str> {
    seen.iter().map(Seen::class).collect()
}

fn bodies(seen: &[Seen]) -> Vec<&[u8]> {
    seen.iter().filter_map(Seen::body).collect()
}

fn frame(segmented: bool, info: &[u8]) -> Vec<u8> {
    let mut room = [0; 2100];
    let mut out = Writer::new(&mut room);
    let control = if segmented { hdlc::UI } else { hdlc::UI_FINAL };
    let (client, meter) = (hdlc::Address::short(103), hdlc::Address::pair(1, 17));
    hdlc::emit(client, meter, control, segmented, info, &mut out).unwrap();
    out.written().to_vec()
}

fn with_llc(apdu: &[u8]) -> Vec<u8> {
    [&[0xE6, 0xE7, 0x00], apdu].concat()
}

/// An HDLC frame with a whole message.
fn hdlc_message(apdu: &[u8]) -> Vec<u8> {
    frame(false, &with_llc(apdu))
}

/// An M-Bus frame with a segment.
fn segment(number: u8, last: bool, part: &[u8]) -> Vec<u8> {
    let mut room = [0; mbus::MAX_FRAME];
    let mut out = Writer::new(&mut room);
    mbus::emit_segment(number, last, 0x01, 0x67, part, &mut out).unwrap();
    out.written().to_vec()
}

fn block(number: u16, last: bool, data: &[u8]) -> Vec<u8> {
    let mut room = [0; 512];
    let mut out = Writer::new(&mut room);
    Block::emit(number, last, data, &mut out).unwrap();
    out.written().to_vec()
}

fn hex_of(octets: &[u8]) -> String {
    std::format!("{octets:02X?}")
}
