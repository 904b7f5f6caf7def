//! Frames of HDLC and of M-Bus, octet by octet.

use hanport_core::link::crc::X25;
use hanport_core::link::hdlc::{self, Header};
use hanport_core::link::mbus;

use super::message::Context;
use super::node::{Kind, Node, Run};
use super::oms;

/// Parts of a message that are still to be joined.
#[derive(Default)]
pub(crate) struct Parts {
    hdlc: Option<Vec<u8>>,
    mbus: Option<Vec<u8>>,
}

/// Whether the octets of a frame can be relied upon.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum State {
    /// Checks are wrong, or the end is missing.
    Damaged,
    /// All checks fit.
    Whole,
}

impl Parts {
    /// A frame of HDLC whose opening flag is the first of `octets`; they end with the frame or
    /// with the input. With `shared` the opening flag is the closing one of the frame before.
    pub(crate) fn hdlc(
        &mut self,
        octets: &[u8],
        header: &Header,
        (state, shared): (State, bool),
        context: &mut Context<'_>,
    ) -> Node {
        let start = usize::from(shared);
        let mut run = Run::new(start);
        if !shared {
            run.add(1, Kind::Flag, "flag");
        }
        let between = header.len - 2;
        let more = if header.segmented { ", more segments follow" } else { "" };
        run.add(2, Kind::Header, "format").say(format!("type 3, length {between}{more}"));
        for (label, address) in [("destination", header.destination), ("source", header.source)] {
            let len = usize::from(address.octets());
            run.add(len, Kind::Address, label).say(address_words(address));
        }
        run.add(1, Kind::Header, "control").say(control(header.control));
        let info_end = header.len - 3;
        if header.info < info_end {
            check(&mut run, octets, "header check");
            if run.at() < octets.len() {
                let end = info_end.min(octets.len());
                let info = octets.get(run.at()..end).unwrap_or(&[]);
                let nodes = self.information(info, header.segmented, state, context);
                let range = run.at()..end;
                let mut inner = Run::new(range.start);
                inner.append(nodes);
                run.push(Node::new(range, Kind::Frame, "information")).children = inner.done();
            }
        }
        if run.at() == info_end && octets.len() >= info_end + 2 {
            check(&mut run, octets, "frame check");
        }
        if octets.len() == header.len {
            let flag = octets.last() == Some(&hdlc::FLAG);
            let (kind, label) =
                if flag { (Kind::Flag, "flag") } else { (Kind::Fault, "no closing flag") };
            run.add(1, kind, label);
        }
        finish(run, octets.len(), start, "HDLC frame", header.len)
    }

    fn information(
        &mut self,
        info: &[u8],
        segmented: bool,
        state: State,
        context: &mut Context<'_>,
    ) -> Vec<Node> {
        let llc = llc_len(info);
        if state == State::Damaged {
            self.hdlc = None;
            return damaged(info, llc, context);
        }
        let mut run = Run::new(0);
        llc_node(&mut run, info, llc);
        let part = info.get(llc..).unwrap_or(&[]);
        if llc > 0 || self.hdlc.is_none() {
            self.hdlc = segmented.then(Vec::new);
        }
        match &mut self.hdlc {
            None => run.append(context.message(part)),
            Some(parts) => {
                parts.extend_from_slice(part);
                let joined = if segmented { None } else { self.hdlc.take() };
                run.push(part_node(llc..info.len(), joined, context));
            }
        }
        run.done()
    }

    /// A frame of M-Bus; `octets` are its own, or fewer where the input ends.
    pub(crate) fn mbus(
        &mut self,
        octets: &[u8],
        len: usize,
        state: State,
        context: &mut Context<'_>,
    ) -> Node {
        let mut run = Run::new(0);
        let field = |run: &mut Run, kind, label: &str, value: String| {
            if run.at() < octets.len() {
                run.add(1, kind, label).say(value);
            }
        };
        let at = |index: usize| octets.get(index).copied().unwrap_or(0);
        field(&mut run, Kind::Flag, "start", String::new());
        field(&mut run, Kind::Length, "length", length(at(1), len));
        field(&mut run, Kind::Length, "length again", length(at(2), len));
        field(&mut run, Kind::Flag, "start again", String::new());
        field(&mut run, Kind::Header, "control", send(at(4)).to_owned());
        let everybody = if at(5) == 0xFF { " (everybody)" } else { "" };
        field(&mut run, Kind::Address, "address", format!("{}{everybody}", at(5)));
        let information = at(6);
        let is_segment = information <= 0x1F;
        field(&mut run, Kind::Header, "control information", segment(information));
        if is_segment {
            field(&mut run, Kind::Address, "source", at(7).to_string());
            field(&mut run, Kind::Address, "destination", at(8).to_string());
        }
        let end = (len - 2).min(octets.len());
        if run.at() < end {
            let data = octets.get(run.at()..end).unwrap_or(&[]);
            let range = run.at()..end;
            let nodes = if is_segment {
                self.segment(data, information, state, context)
            } else {
                oms::nodes(octets.get(6..end).unwrap_or(&[]), context.heard)
            };
            run.append(nodes);
            debug_assert_eq!(run.at(), range.end);
        }
        if run.at() == len - 2 && octets.len() >= len - 1 {
            let counted = octets.get(4..len - 2).unwrap_or(&[]);
            let sum = counted.iter().fold(0u8, |sum, octet| sum.wrapping_add(*octet));
            let right = at(len - 2) == sum;
            let kind = if right { Kind::CheckRight } else { Kind::CheckWrong };
            let value =
                if right { "right".to_owned() } else { format!("wrong: computed {sum:02X}") };
            run.add(1, kind, "checksum").say(value);
        }
        if octets.len() == len {
            let stop = octets.last() == Some(&mbus::STOP);
            let (kind, label) =
                if stop { (Kind::Flag, "stop") } else { (Kind::Fault, "no stop octet") };
            run.add(1, kind, label);
        }
        finish(run, octets.len(), 0, "M-Bus frame", len)
    }

    fn segment(
        &mut self,
        data: &[u8],
        information: u8,
        state: State,
        context: &mut Context<'_>,
    ) -> Vec<Node> {
        if state == State::Damaged {
            self.mbus = None;
            return damaged(data, 0, context);
        }
        let (last, number) = (information & 0x10 != 0, information & 0x0F);
        if number == 0 {
            self.mbus = None;
            if last {
                return context.message(data);
            }
            self.mbus = Some(Vec::new());
        }
        if let Some(parts) = &mut self.mbus {
            parts.extend_from_slice(data);
        }
        let joined = if last { self.mbus.take() } else { None };
        vec![part_node(0..data.len(), joined, context)]
    }
}

fn part_node(
    range: std::ops::Range<usize>,
    joined: Option<Vec<u8>>,
    context: &mut Context<'_>,
) -> Node {
    let node = Node::new(range, Kind::Frame, "part of a message");
    match joined {
        None => node,
        Some(octets) => node.saying("the last").unfolding(context.layer("joined", octets)),
    }
}

/// What stands in a damaged frame is shown as far as it has a shape, and nothing is kept of it.
fn damaged(octets: &[u8], llc: usize, context: &Context<'_>) -> Vec<Node> {
    let mut run = Run::new(0);
    llc_node(&mut run, octets, llc);
    run.append(context.clone().message(octets.get(llc..).unwrap_or(&[])));
    run.done()
}

/// Octets of the LLC header at the start of `info`.
pub(crate) const fn llc_len(info: &[u8]) -> usize {
    if matches!(info, [0xE6, 0xE6 | 0xE7, 0x00, ..]) { 3 } else { 0 }
}

pub(crate) fn llc_node(run: &mut Run, info: &[u8], llc: usize) {
    if llc > 0 {
        let direction = if info.get(1) == Some(&0xE7) { "from the meter" } else { "to the meter" };
        run.add(llc, Kind::Header, "LLC").say(direction);
    }
}

fn check(run: &mut Run, octets: &[u8], label: &str) {
    let at = run.at();
    let Some(&[low, high]) = octets.get(at..at + 2) else { return };
    let wire = u16::from_le_bytes([low, high]);
    let computed = X25.checksum(octets.get(1..at).unwrap_or(&[]));
    let (kind, value) = match wire {
        _ if wire == computed => (Kind::CheckRight, "right".to_owned()),
        0 => (Kind::CheckAbsent, format!("not computed by the sender ({computed:04X})")),
        _ => (Kind::CheckWrong, format!("{wire:04X}, wrong: computed {computed:04X}")),
    };
    run.add(2, kind, label).say(value);
}

fn finish(mut run: Run, end: usize, start: usize, name: &str, len: usize) -> Node {
    if run.at() < end {
        let left = end - run.at();
        run.add(left, Kind::Unknown, "rest of a damaged frame");
    }
    let value =
        if end < len { format!("cut off: {end} of {len} octets") } else { format!("{len} octets") };
    let mut node = Node::new(start..end, Kind::Frame, name).saying(value);
    node.children = run.done();
    node
}

/// An address of two octets has an upper and a lower half.
fn address_words(address: hdlc::Address) -> String {
    let value = address.value();
    if address.octets() == 2 {
        format!("{} upper, {} lower", value >> 7, value & 0x7F)
    } else {
        value.to_string()
    }
}

fn control(control: u8) -> String {
    let last = if control & 0x10 == 0 { "" } else { ", final" };
    match control & 0xEF {
        0x03 => format!("unnumbered information{last}"),
        numbered if numbered & 1 == 0 => {
            format!("information, sent {}, received {}{last}", control >> 1 & 7, control >> 5)
        }
        _ => format!("no data ({control:02X})"),
    }
}

fn length(claim: u8, len: usize) -> String {
    let counted = len - 6;
    if usize::from(claim) == counted {
        counted.to_string()
    } else {
        format!("{claim}, meant as {counted}")
    }
}

const fn send(control: u8) -> &'static str {
    match control {
        mbus::SEND_DATA => "data",
        mbus::SEND_DATA_COUNTED => "data, frame count bit set",
        _ => "",
    }
}

fn segment(information: u8) -> String {
    if information > 0x1F {
        return match information {
            0x5B | 0x72 => "application layer, long header".to_owned(),
            0x78 => "application layer, no header".to_owned(),
            0x7A => "application layer, short header".to_owned(),
            _ => "no DLMS segment".to_owned(),
        };
    }
    let last = if information & 0x10 == 0 { "more follow" } else { "the last" };
    format!("segment {}, {last}", information & 0x0F)
}
