//! From a whole message to a reading: ciphering, blocks and text are taken off until a list is
//! left, and the list is read.

use core::ops::Range;

use crate::cipher::replay::Freshness;
use crate::cipher::suite0::Sealed;
use crate::cosem::gbt::{Block, Step};
use crate::family::{self, Context};
use crate::fault::{Broken, Cause, Fault, Layer};
use crate::link::{Probe, p1};
use crate::reading::{Check, Ciphering, Framing, Oddity};
use crate::session::assembly::Blocks;
use crate::session::message::{Envelope, Message, Place, Seal};
use crate::session::push::Session;

/// Layers of ciphering and blocks that are taken off one message.
const DEPTH: usize = 4;

/// A message on its way through the layers.
struct Unwrapping {
    place: Place,
    envelope: Envelope,
    seal: Seal,
}

enum Layered {
    /// Another layer was taken off.
    Inside,
    /// A part of a longer message: nothing to say yet.
    Kept,
    /// The place is the body of what was read.
    Read,
}

impl<const N: usize> Session<N> {
    /// Reads a message. `None` when it is a part of a longer one.
    pub(super) fn deliver(&mut self, message: Message) -> Result<Option<Place>, Fault> {
        let Message { place, envelope } = message;
        let mut inner = Unwrapping { place, envelope, seal: Seal::NONE };
        self.readout.clear();
        for _ in 0..DEPTH {
            match self.unwrap(&mut inner) {
                Ok(Layered::Inside) => {}
                Ok(Layered::Kept) => return Ok(None),
                Ok(Layered::Read) => {
                    self.describe(&inner);
                    return Ok(Some(inner.place));
                }
                Err(why) => return Err(fault(inner.seal.judge(why), &inner)),
            }
        }
        Err(fault(Broken::new(Layer::Apdu, Cause::Malformed, 0), &inner))
    }

    fn unwrap(&mut self, inner: &mut Unwrapping) -> Result<Layered, Broken> {
        match self.bytes(&inner.place).first() {
            None => Err(Broken::new(Layer::Apdu, Cause::Malformed, 0)),
            Some(0x0F | 0xC2) => {
                let context = self.context(&inner.seal);
                let (bytes, readout) = self.body(&inner.place);
                family::read_apdu(bytes, &context, readout)?;
                Ok(Layered::Read)
            }
            Some(0xDB..=0xDD) => self.open(inner),
            Some(0xE0) => self.block(inner),
            Some(b'/') => self.telegram(inner),
            Some(&tag) => Err(Broken::new(Layer::Apdu, Cause::Unsupported(tag), 0)),
        }
    }

    /// Takes ciphering off.
    fn open(&mut self, inner: &mut Unwrapping) -> Result<Layered, Broken> {
        let found = Sealed::probe(self.bytes(&inner.place));
        self.open_as(found, inner)
    }

    fn open_as(&mut self, found: Probe<Sealed>, inner: &mut Unwrapping) -> Result<Layered, Broken> {
        let sealed = found.whole(Layer::Cipher, self.bytes(&inner.place).len())?;
        let Ciphering { system_title, invocation_counter, .. } = sealed.ciphering;
        inner.seal.ciphering = Some(sealed.ciphering);
        let octets = match &inner.place {
            Place::Assembly(range) => self.assembly.octets_mut().get_mut(range.clone()),
            Place::Stream(range) => self.search.stream.octets_mut().get_mut(range.clone()),
        };
        let opened = self.ring.open(octets.unwrap_or(&mut []), &sealed)?;
        inner.place = inner.place.part(&opened.plaintext);
        inner.seal.authenticity = opened.authenticity;
        inner.seal.swapped |= opened.swapped;
        match self.replay.judge(system_title, invocation_counter, opened.fingerprint) {
            Freshness::First | Freshness::Later { .. } | Freshness::Restarted => {}
            Freshness::Repeated => inner.seal.repeated = true,
            Freshness::Conflicting | Freshness::WentBack { .. } => inner.seal.went_back = true,
        }
        Ok(Layered::Inside)
    }

    /// Joins a block to those before it.
    fn block(&mut self, inner: &mut Unwrapping) -> Result<Layered, Broken> {
        let bytes = self.bytes(&inner.place);
        let block = Block::probe(bytes).whole(Layer::Transfer, bytes.len())?;
        let envelope = Envelope { framing: Framing::Gbt, ..inner.envelope };
        let before = self.assembly.blocks_open;
        let missing = Broken::new(Layer::Transfer, Cause::PartMissing, 0);
        let mut aborted = false;
        match (self.assembly.sequence.step(block.number), before) {
            (Step::Ignore, _) => return Ok(Layered::Kept),
            (Step::Append, Some(open)) if !self.torn() => {
                inner.envelope = open.envelope.and(envelope);
                inner.seal = open.seal.and(inner.seal);
            }
            (Step::Start, open) => {
                aborted = open.is_some() && !block.last && !self.lost;
                self.assembly.restart_blocks();
                inner.envelope = envelope;
                self.lost = false;
            }
            (Step::Append | Step::Missing, _) => {
                self.assembly.drop_blocks();
                return if self.already_lost() { Ok(Layered::Kept) } else { Err(missing) };
            }
        }
        let data = inner.place.part(&block.data);
        if let Err(cause) = self.keep_block(&data) {
            self.assembly.drop_blocks();
            self.lost = true;
            return Err(Broken::new(Layer::Transfer, cause, 0));
        }
        if block.last {
            inner.place = Place::Assembly(self.assembly.finish_blocks());
            return Ok(Layered::Inside);
        }
        self.assembly.blocks_open = Some(Blocks { envelope: inner.envelope, seal: inner.seal });
        self.skipped_at_part = self.search.skipped();
        if aborted { Err(missing) } else { Ok(Layered::Kept) }
    }

    fn keep_block(&mut self, data: &Place) -> Result<(), Cause> {
        match data {
            Place::Assembly(range) => self.assembly.keep_as_block(range.clone()),
            Place::Stream(range) => {
                self.assembly.drop_segments();
                let octets = self.search.stream.octets().get(range.clone()).unwrap_or(&[]);
                self.assembly.append(octets)?;
                self.assembly.keep_as_block(self.assembly.segments());
            }
        }
        Ok(())
    }

    /// Reads a text telegram that was ciphered as a whole, or that is the message itself.
    fn telegram(&mut self, inner: &mut Unwrapping) -> Result<Layered, Broken> {
        if inner.envelope.framing != Framing::Dsmr {
            let mut scanned = 0;
            match p1::probe(self.bytes(&inner.place), &mut scanned, true) {
                Probe::Frame(p1::Telegram { content: p1::Content::Text(text), check, .. }) => {
                    inner.place = inner.place.part(&text);
                    inner.envelope.framing = Framing::Dsmr;
                    inner.envelope.check = check;
                }
                Probe::Broken(why) => return Err(why),
                Probe::Frame(_) | Probe::More(_) | Probe::No => {
                    return Err(Broken::new(Layer::Data, Cause::Malformed, 0));
                }
            }
        }
        let context = self.context(&inner.seal);
        let (text, readout) = self.body(&inner.place);
        family::read_telegram(text, &context, readout)?;
        Ok(Layered::Read)
    }

    /// A telegram whose identification is plain and whose lines are ciphered. `head` is the
    /// plain part, `sealed` the APDU without its tag.
    pub(super) fn deliver_lines(
        &mut self,
        head: &Range<usize>,
        sealed: &Range<usize>,
        envelope: Envelope,
    ) -> Result<Option<Place>, Fault> {
        self.readout.clear();
        self.assembly.drop_segments();
        let mut inner = Unwrapping { place: Place::Assembly(0..0), envelope, seal: Seal::NONE };
        let octets = self.search.stream.octets();
        let part = |range: &Range<usize>| octets.get(range.clone()).unwrap_or(&[]);
        let appended =
            self.assembly.append(part(head)).and_then(|()| self.assembly.append(part(sealed)));
        let all = self.assembly.segments();
        self.assembly.drop_segments();
        if let Err(cause) = appended {
            return Err(fault(Broken::new(Layer::Transfer, cause, 0), &inner));
        }
        let lines = all.start + head.len();
        inner.place = Place::Assembly(lines..all.end);
        let found = Sealed::probe_untagged(self.bytes(&inner.place));
        if let Err(why) = self.open_as(found, &mut inner) {
            return Err(fault(why, &inner));
        }
        if self.bytes(&inner.place).first() != Some(&b'/')
            && let Place::Assembly(plain) = inner.place
        {
            let end = lines + plain.len();
            self.assembly.octets_mut().copy_within(plain, lines);
            inner.place = Place::Assembly(all.start..end);
        }
        // what the checksum behind the ciphertext covers is not published; the tag counts
        let mut scanned = 0;
        if let Probe::Frame(telegram) = p1::probe(self.bytes(&inner.place), &mut scanned, true)
            && let p1::Content::Text(text) = telegram.content
        {
            inner.place = inner.place.part(&text);
        }
        inner.envelope.check = Check::Absent;
        match self.telegram(&mut inner) {
            Ok(_) => {
                self.describe(&inner);
                Ok(Some(inner.place))
            }
            Err(why) => Err(fault(inner.seal.judge(why), &inner)),
        }
    }

    /// Reads the messages of an SML file.
    pub(super) fn deliver_sml(&mut self, message: Message) -> Result<Option<Place>, Fault> {
        let Message { place, envelope } = message;
        let inner = Unwrapping { place, envelope, seal: Seal::NONE };
        self.readout.clear();
        let context = self.context(&inner.seal);
        let (file, readout) = self.body(&inner.place);
        match family::read_sml(file, &context, readout) {
            Ok(()) => {
                self.describe(&inner);
                Ok(Some(inner.place))
            }
            Err(why) => Err(fault(why, &inner)),
        }
    }

    /// Reads an M-Bus application layer, which may be ciphered in a way of its own.
    pub(super) fn deliver_application(&mut self, message: Message) -> Result<Option<Place>, Fault> {
        let Message { place, envelope } = message;
        let mut inner = Unwrapping { place, envelope, seal: Seal::NONE };
        self.readout.clear();
        let context = self.context(&inner.seal);
        let octets = match &inner.place {
            Place::Assembly(range) => self.assembly.octets_mut().get_mut(range.clone()),
            Place::Stream(range) => self.search.stream.octets_mut().get_mut(range.clone()),
        };
        let keys = self.keys.each_ref().map(Option::as_ref);
        match family::oms::read(octets.unwrap_or(&mut []), keys, &context, &mut self.readout) {
            Ok(()) => {
                inner.seal.authenticity = self.readout.authenticity;
                self.describe(&inner);
                Ok(Some(inner.place))
            }
            Err(why) => Err(fault(why, &inner)),
        }
    }

    /// Fills in what the layers around the list said.
    fn describe(&mut self, inner: &Unwrapping) {
        let readout = &mut self.readout;
        readout.start = inner.envelope.start;
        readout.octets = inner.envelope.octets();
        readout.framing = inner.envelope.framing;
        readout.check = inner.envelope.check;
        readout.authenticity = inner.seal.authenticity;
        readout.ciphering = inner.seal.ciphering;
        if inner.seal.swapped {
            readout.oddities.add(Oddity::KeysSwapped);
        }
        if inner.seal.repeated {
            readout.oddities.add(Oddity::Repeated);
            self.counts.repeated += 1;
        }
        if inner.seal.went_back {
            readout.oddities.add(Oddity::CounterWentBack);
            self.counts.went_back += 1;
        }
    }

    fn context(&self, seal: &Seal) -> Context {
        let system_title = seal.ciphering.map(|ciphering| ciphering.system_title);
        Context { hint: self.hint, system_title }
    }

    pub(super) fn bytes(&self, place: &Place) -> &[u8] {
        match place {
            Place::Assembly(range) => self.assembly.octets().get(range.clone()),
            Place::Stream(range) => self.search.stream.octets().get(range.clone()),
        }
        .unwrap_or(&[])
    }

    fn body(&mut self, place: &Place) -> (&[u8], &mut crate::reading::Readout) {
        let bytes = match place {
            Place::Assembly(range) => self.assembly.octets().get(range.clone()),
            Place::Stream(range) => self.search.stream.octets().get(range.clone()),
        };
        (bytes.unwrap_or(&[]), &mut self.readout)
    }
}

fn fault(why: Broken, inner: &Unwrapping) -> Fault {
    Fault {
        cause: why.cause,
        layer: why.layer,
        start: inner.envelope.start,
        offset: why.offset,
        framing: Some(inner.envelope.framing),
        system_title: inner.seal.ciphering.map(|ciphering| ciphering.system_title),
    }
}
