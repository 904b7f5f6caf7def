//! A stream, frame by frame.

use hanport_core::cipher::sealed::Sealed;
use hanport_core::cosem::apdu;
use hanport_core::cosem::gbt::Block;
use hanport_core::link::hdlc::{self, Header};
use hanport_core::link::{Probe, mbus, p1, sml};
use hanport_core::reading::Framing;

use super::frames::{Parts, State, llc_len, llc_node};
use super::message::Context;
use super::node::{Kind, Node, Run};
use super::{sml as sml_nodes, telegram};

/// Begins the SML transport.
const ESCAPE: u8 = 0x1B;

/// What there is in a stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Found {
    /// Only what is damaged or cut off.
    Damaged,
    /// Nothing at all.
    Nothing,
    /// At least one frame or message that is whole.
    Whole,
}

/// The nodes of a stream from its first octet to its last, and what there is in it.
pub(crate) fn stream(octets: &[u8], context: Context<'_>) -> (Vec<Node>, Found) {
    let (parts, run) = (Parts::default(), Run::new(0));
    let mut walk = Walk { octets, context, parts, run, found: Found::Nothing };
    let mut at = 0;
    while at < octets.len() {
        match walk.next(at) {
            Some(node) => {
                walk.passed_over(at);
                at = node.range.end;
                walk.run.push(node);
                at = walk.shared_flags(at);
            }
            None => at += 1,
        }
    }
    walk.passed_over(octets.len());
    (walk.run.done(), walk.found)
}

struct Walk<'a> {
    octets: &'a [u8],
    context: Context<'a>,
    parts: Parts,
    run: Run,
    found: Found,
}

impl Walk<'_> {
    fn from(&self, at: usize) -> &[u8] {
        self.octets.get(at..).unwrap_or(&[])
    }

    /// The octets since the last frame mean nothing.
    fn passed_over(&mut self, until: usize) {
        let start = self.run.at();
        let octets = self.octets.get(start..until).unwrap_or(&[]);
        if octets.is_empty() {
            return;
        }
        let (kind, label) = if octets.iter().all(|octet| *octet == hdlc::FLAG) {
            (Kind::Padding, "flags between frames")
        } else if octets.iter().all(|octet| matches!(octet, 0x00 | 0xFF)) {
            (Kind::Padding, "idle line")
        } else if octets.iter().all(u8::is_ascii_whitespace) {
            (Kind::Padding, "blanks")
        } else {
            (Kind::Unknown, "octets of no frame")
        };
        self.run.add(octets.len(), kind, label).say(format!("{} octets", octets.len()));
    }

    fn note(&mut self, state: State) {
        if state == State::Whole || self.found == Found::Nothing {
            self.found = match state {
                State::Damaged => Found::Damaged,
                State::Whole => Found::Whole,
            };
        }
    }

    /// What begins at `at`.
    fn next(&mut self, at: usize) -> Option<Node> {
        let mut node = match *self.from(at).first()? {
            hdlc::FLAG => self.hdlc(at, false),
            mbus::START => self.mbus(at),
            b'/' => self.text(at),
            ESCAPE => self.sml(at),
            _ => None,
        };
        if node.is_none() {
            node = self.bare(at);
        }
        node.map(|mut node| {
            node.shift(at);
            node
        })
    }

    /// Frames that follow one another with one flag between them.
    fn shared_flags(&mut self, mut at: usize) -> usize {
        while at > 0
            && self.octets.get(at - 1) == Some(&hdlc::FLAG)
            && self.octets.get(at).is_some_and(|octet| *octet != hdlc::FLAG)
            && let Some(mut node) = self.hdlc(at - 1, true)
        {
            node.shift(at - 1);
            at = node.range.end;
            self.run.push(node);
        }
        at
    }

    fn told_of(&self, at: usize, framings: &[Framing]) -> bool {
        self.context.heard.fault_at(at, framings)
    }

    fn hdlc(&mut self, at: usize, shared: bool) -> Option<Node> {
        let octets = self.octets.get(at..)?;
        let Probe::Frame(header) = Header::shape(octets) else { return None };
        if let Probe::Frame(frame) = hdlc::Frame::probe(octets) {
            let whole = octets.get(..frame.len)?;
            self.note(State::Whole);
            return Some(self.parts.hdlc(
                whole,
                &header,
                (State::Whole, shared),
                &mut self.context,
            ));
        }
        let headed =
            matches!(Header::probe(octets), Probe::Frame(_)) && header.len > header.info + 3;
        if !headed && !self.told_of(at, &[Framing::Hdlc, Framing::Gbt]) {
            return None;
        }
        // a frame that passes its checks inside of the damaged one cuts it short
        let claimed = octets.get(..header.len).unwrap_or(octets);
        let good = |from: usize| {
            let inside = octets.get(from..).unwrap_or(&[]);
            inside.first() == Some(&hdlc::FLAG)
                && matches!(hdlc::Frame::probe(inside), Probe::Frame(_))
        };
        let end = (header.info..claimed.len().saturating_sub(1)).find(|from| good(*from));
        let damaged = claimed.get(..end.unwrap_or(claimed.len()))?;
        self.note(State::Damaged);
        Some(self.parts.hdlc(damaged, &header, (State::Damaged, shared), &mut self.context))
    }

    fn mbus(&mut self, at: usize) -> Option<Node> {
        let octets = self.octets.get(at..)?;
        if let Probe::Frame(frame) = mbus::Frame::probe(octets) {
            let whole = octets.get(..frame.len)?;
            self.note(State::Whole);
            return Some(self.parts.mbus(whole, frame.len, State::Whole, &mut self.context));
        }
        if !self.told_of(at, &[Framing::Mbus]) {
            return None;
        }
        let len = mbus::claim(octets);
        let claimed = octets.get(..len).unwrap_or(octets);
        let good = |from: usize| {
            let inside = octets.get(from..).unwrap_or(&[]);
            inside.first() == Some(&mbus::START)
                && matches!(mbus::Frame::probe(inside), Probe::Frame(_))
        };
        let end = (4..claimed.len()).find(|from| good(*from));
        let damaged = claimed.get(..end.unwrap_or(claimed.len()))?;
        self.note(State::Damaged);
        Some(self.parts.mbus(damaged, len, State::Damaged, &mut self.context))
    }

    fn text(&mut self, at: usize) -> Option<Node> {
        let octets = self.octets.get(at..)?;
        let node = |end: usize, nodes| {
            let value = format!("{end} octets");
            Node::new(0..end, Kind::Frame, "text telegram").saying(value).with(nodes)
        };
        let probe = p1::probe(octets, &mut 0, true);
        let whole = matches!(probe, Probe::Frame(_));
        if !whole && !self.told_of(at, &[Framing::Dsmr]) {
            return None;
        }
        self.note(if whole { State::Whole } else { State::Damaged });
        match probe {
            Probe::Frame(p1::Telegram { content: p1::Content::Ciphered(body), len, .. }) => {
                Some(node(len, self.wrapped(octets.get(..len)?, body)?))
            }
            Probe::Frame(p1::Telegram { len, .. }) => {
                let text = octets.get(..len)?;
                Some(node(len, telegram::lines(text, self.context.heard.values(text))))
            }
            Probe::Broken(_) | Probe::More(_) | Probe::No => {
                let text = octets.get(..end_of_text(octets))?;
                Some(node(text.len(), telegram::lines(text, self.context.heard.values(text))))
            }
        }
    }

    /// A plain identification and a ciphered body.
    fn wrapped(&mut self, octets: &[u8], body: std::ops::Range<usize>) -> Option<Vec<Node>> {
        let mut run = Run::new(0);
        let head = octets.get(..body.start)?;
        run.append(telegram::lines(head, self.context.heard.values(head)));
        let sealed_octets = octets.get(body)?;
        let Probe::Frame(sealed) = Sealed::probe_untagged(sealed_octets) else { return None };
        run.append(self.context.ciphered(sealed_octets, &sealed));
        if run.at() < octets.len() {
            let left = octets.len() - run.at();
            let value = "not checked: what it covers is not published";
            run.add(left, Kind::CheckAbsent, "end and checksum").say(value).as_text = true;
        }
        Some(run.done())
    }

    fn sml(&mut self, at: usize) -> Option<Node> {
        let octets = self.octets.get(at..)?;
        let Probe::Frame(file) = sml::probe(octets, &mut 0) else { return None };
        let whole = octets.get(..file.len)?;
        self.note(State::Whole);
        Some(sml_nodes::file(whole, &file, self.context.heard))
    }

    /// A message without frame: where the session found one, or whole behind another message.
    fn bare(&mut self, at: usize) -> Option<Node> {
        let octets = self.octets.get(at..)?;
        let llc = llc_len(octets);
        let message = octets.get(llc..)?;
        if !matches!(message.first(), Some(0x0F | 0xC2 | 0xDB..=0xDD | 0xE0)) {
            return None;
        }
        let boundary = at == self.run.at();
        let told = self.told_of(at, &[Framing::Dlms, Framing::Gbt, Framing::Dsmr]);
        let begun = self.context.heard.reading_at(at);
        if begun.is_none() && !told && !boundary {
            return None;
        }
        let probed = match message.first()? {
            0x0F | 0xC2 => apdu::probe(message),
            0xDB..=0xDD => known(Sealed::probe(message), |sealed| sealed.len),
            0xE0 => known(Block::probe(message), |block| block.len),
            _ => return None,
        };
        let len = match (probed, begun) {
            (_, Some(len)) => len.checked_sub(llc)?,
            (Probe::Frame(len), None) => len,
            (Probe::More(_), None) if told => message.len(),
            _ => return None,
        };
        self.note(if message.len() < len { State::Damaged } else { State::Whole });
        let message = message.get(..len).unwrap_or(message);
        let mut run = Run::new(0);
        llc_node(&mut run, octets, llc);
        run.append(self.context.message(message));
        let end = run.at();
        let value = format!("{end} octets");
        Some(Node::new(0..end, Kind::Frame, "message without frame").saying(value).with(run.done()))
    }
}

fn known<T>(probe: Probe<T>, len: impl FnOnce(&T) -> usize) -> Probe<usize> {
    match probe {
        Probe::Broken(why) => Probe::Broken(why),
        Probe::Frame(found) => Probe::Frame(len(&found)),
        Probe::More(octets) => Probe::More(octets),
        Probe::No => Probe::No,
    }
}

/// Where a damaged telegram ends: behind its `!` line, before the next one or what is no text.
fn end_of_text(octets: &[u8]) -> usize {
    let mut at = 0;
    for line in octets.split_inclusive(|octet| *octet == b'\n') {
        match line {
            [b'!', ..] => return at + line.len(),
            [b'/', ..] if at > 0 => return at,
            _ => at += line.len(),
        }
    }
    at
}
