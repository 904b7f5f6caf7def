//! Frames to whole messages: segments of HDLC and of M-Bus are joined here.
//!
//! HDLC sets a bit on every segment but the last; only the first has the LLC, and there are no
//! numbers, so any damage in between ends the message. M-Bus counts its segments. Nothing that
//! is not complete is read.

use crate::fault::{Broken, Cause, Fault, Layer};
use crate::link::{hdlc, mbus, p1, sml};
use crate::reading::{Check, Framing};
use crate::session::assembly::{Envelope, Next, Segments};
use crate::session::candidate::llc_len;
use crate::session::push::{Session, Told};
use crate::session::unwrap::{Message, Place};

/// Most flags that stand between two frames of a message.
const MOST_FLAGS: u64 = 4;

impl<const N: usize> Session<N> {
    fn envelope(&self, len: usize, framing: Framing, check: Check) -> Envelope {
        let start = self.search.start();
        Envelope { start, end: start + len as u64, framing, check }
    }

    pub(super) fn handle_hdlc(&mut self, frame: &hdlc::Frame) -> Option<Told> {
        let envelope = self.envelope(frame.len, Framing::Hdlc, frame.check);
        let cursor = self.search.stream.cursor();
        let mut info = cursor + frame.info.start..cursor + frame.info.end;
        let octets = self.search.stream.octets().get(info.clone()).unwrap_or(&[]);
        if octets.is_empty() || !frame.carries_data() {
            self.search.accept(frame.len, 1);
            self.counts.quiet_frames += 1;
            return None;
        }
        let llc = llc_len(octets);
        let message = octets.get(llc).is_some_and(|tag| begins_message(*tag));
        match self.assembly.segments_open {
            Some(open) if open.next != Next::Any || llc > 0 && message || self.torn() => {
                self.interrupt(open)
            }
            Some(open) => {
                self.search.accept(frame.len, 1);
                self.append(open, &Place::Stream(info), envelope, !frame.segmented)
            }
            None if llc == 0 && !message => {
                self.search.accept(frame.len, 1);
                self.orphan(envelope)
            }
            None => {
                self.search.accept(frame.len, 1);
                info.start += llc;
                if frame.segmented {
                    let open = Segments { envelope, next: Next::Any };
                    self.lost = false;
                    self.append(open, &Place::Stream(info), envelope, false)
                } else {
                    self.tell(Message { place: Place::Stream(info), envelope })
                }
            }
        }
    }

    pub(super) fn handle_mbus(&mut self, frame: &mbus::Frame) -> Option<Told> {
        let envelope = self.envelope(frame.len, Framing::Mbus, Check::Valid);
        let cursor = self.search.stream.cursor();
        let window = self.search.stream.window(self.search.stream.tail());
        let Some(segment) = frame.segment(window) else {
            self.search.accept(frame.len, 0);
            return self.handle_application(frame, cursor, envelope);
        };
        let place = Place::Stream(cursor + segment.data.start..cursor + segment.data.end);
        match (self.assembly.segments_open, segment.number) {
            (Some(open), 0) => self.interrupt(open),
            (Some(open), _) if self.torn() => self.interrupt(open),
            (None, 0) => {
                self.search.accept(frame.len, 0);
                if segment.last {
                    return self.tell(Message { place, envelope });
                }
                self.lost = false;
                let open = Segments { envelope, next: Next::Number(1) };
                self.append(open, &place, envelope, false)
            }
            (Some(open), number) if open.next == Next::Number(number) => {
                self.search.accept(frame.len, 0);
                let open = Segments { next: Next::Number((number + 1) & 0x0F), ..open };
                self.append(open, &place, envelope, segment.last)
            }
            // the one before once more
            (Some(open), number) if open.next == Next::Number((number + 1) & 0x0F) => {
                self.search.accept(frame.len, 0);
                None
            }
            (Some(open), _) => {
                self.search.accept(frame.len, 0);
                self.interrupt(open)
            }
            (None, _) => {
                self.search.accept(frame.len, 0);
                self.orphan(envelope)
            }
        }
    }

    /// M-Bus frames that carry something else than DLMS segments.
    fn handle_application(
        &mut self,
        frame: &mbus::Frame,
        cursor: usize,
        envelope: Envelope,
    ) -> Option<Told> {
        if frame.data.is_empty() {
            self.counts.quiet_frames += 1;
            return None;
        }
        // the layer begins with the control information octet
        let place = Place::Stream(cursor + frame.data.start - 1..cursor + frame.data.end);
        let result = self.deliver_application(Message { place, envelope });
        Self::outcome(result)
    }

    pub(super) fn handle_text(&mut self, telegram: p1::Telegram) -> Option<Told> {
        let p1::Telegram { content, check, mut len } = telegram;
        // whether the last line end has come yet must make no difference
        let whole = self.search.stream.window(self.search.stream.tail()).get(..len);
        let line_end = |octet: &&u8| matches!(octet, b'\r' | b'\n');
        len -= whole.unwrap_or(&[]).iter().rev().take_while(line_end).count();
        let envelope = self.envelope(len, Framing::Dsmr, check);
        let cursor = self.search.stream.cursor();
        match content {
            p1::Content::Text(text) => {
                self.search.accept(len, 0);
                let place = Place::Stream(cursor + text.start..cursor + text.end);
                self.tell(Message { place, envelope })
            }
            p1::Content::Ciphered(sealed) => {
                let head = cursor..cursor + sealed.start;
                let sealed = cursor + sealed.start..cursor + sealed.end;
                let result = self.deliver_lines(&head, &sealed, envelope);
                // its length field is all that ends it: the next message may stand inside
                match &result {
                    Ok(_) => self.search.accept(len, 0),
                    Err(fault) => self.search.reject(len, fault.cause != Cause::NeedsKey),
                }
                Self::outcome(result)
            }
        }
    }

    pub(super) fn handle_sml(&mut self, file: &sml::File) -> Option<Told> {
        let envelope = self.envelope(file.len, Framing::Sml, Check::Valid);
        let cursor = self.search.stream.cursor();
        self.search.accept(file.len, 0);
        let mut body = cursor + file.body.start..cursor + file.body.end;
        if file.escaped
            && let Some(octets) = self.search.stream.octets_mut().get_mut(body.clone())
        {
            body.end = body.start + sml::unescape(octets);
        }
        let result = self.deliver_sml(Message { place: Place::Stream(body), envelope });
        Self::outcome(result)
    }

    /// A message without frame. What is ciphered is opened in a copy: if it comes to nothing,
    /// the search goes on inside of it.
    pub(super) fn handle_bare(&mut self, len: usize) -> Option<Told> {
        let envelope = self.envelope(len, Framing::Dlms, Check::Absent);
        let cursor = self.search.stream.cursor();
        let octets = self.search.stream.octets().get(cursor..cursor + len).unwrap_or(&[]);
        let llc = llc_len(octets);
        let apdu = octets.get(llc..).unwrap_or(&[]);
        let result = if matches!(apdu.first(), Some(0xDB..=0xDD)) {
            self.assembly.drop_segments();
            match self.assembly.append(apdu) {
                Ok(()) => {
                    let place = Place::Assembly(self.assembly.segments());
                    self.assembly.drop_segments();
                    self.deliver(Message { place, envelope })
                }
                Err(cause) => Err(whole(Broken::new(Layer::Transfer, cause, 0), envelope)),
            }
        } else {
            let place = Place::Stream(cursor + llc..cursor + len);
            self.deliver(Message { place, envelope })
        };
        match &result {
            Ok(_) => self.search.accept(len, 0),
            Err(fault) => self.search.reject(len, fault.cause != Cause::NeedsKey),
        }
        Self::outcome(result)
    }

    /// Appends a segment; with the `last` one the message is whole.
    fn append(
        &mut self,
        open: Segments,
        part: &Place,
        envelope: Envelope,
        last: bool,
    ) -> Option<Told> {
        let Place::Stream(range) = part else {
            return None;
        };
        let octets = self.search.stream.octets().get(range.clone()).unwrap_or(&[]);
        let joined = if open.envelope == envelope { envelope } else { open.envelope.and(envelope) };
        if let Err(cause) = self.assembly.append(octets) {
            self.assembly.drop_segments();
            self.lost = true;
            return Some(Told::Fault(whole(Broken::new(Layer::Transfer, cause, 0), joined)));
        }
        if !last {
            self.assembly.segments_open = Some(Segments { envelope: joined, ..open });
            self.skipped_at_part = self.search.skipped();
            return None;
        }
        let place = Place::Assembly(self.assembly.segments());
        self.assembly.drop_segments();
        self.tell(Message { place, envelope: joined })
    }

    /// Whether something other than flags came since the last part of an unfinished message. The
    /// parts of a push follow one another: what comes after a gap may belong to a later message
    /// whose numbers happen to go on.
    pub(super) fn torn(&self) -> bool {
        self.search.skipped().saturating_sub(self.skipped_at_part) > MOST_FLAGS
    }

    /// The segments so far will never be a message. Told once; what interrupted them, if it is
    /// still at the cursor, is looked at again.
    fn interrupt(&mut self, open: Segments) -> Option<Told> {
        let have = self.assembly.segments_len();
        self.assembly.drop_segments();
        if self.already_lost() {
            return None;
        }
        let why = Broken::new(Layer::Transfer, Cause::PartMissing, have);
        Some(Told::Fault(whole(why, open.envelope)))
    }

    /// A segment whose beginning was never seen.
    fn orphan(&mut self, envelope: Envelope) -> Option<Told> {
        if self.already_lost() {
            return None;
        }
        let why = Broken::new(Layer::Transfer, Cause::PartMissing, 0);
        Some(Told::Fault(whole(why, envelope)))
    }

    /// Whether the loss of a message has been told; from now on it has.
    pub(super) const fn already_lost(&mut self) -> bool {
        core::mem::replace(&mut self.lost, true)
    }

    fn tell(&mut self, message: Message) -> Option<Told> {
        let result = self.deliver(message);
        Self::outcome(result)
    }

    fn outcome(result: Result<Option<Place>, Fault>) -> Option<Told> {
        match result {
            Ok(None) => None,
            Ok(Some(place)) => Some(Told::Reading(place)),
            Err(fault) => Some(Told::Fault(fault)),
        }
    }

    /// The stream ended or paused: what is still open is cut off.
    pub(super) fn cut_off(&mut self) -> Option<Told> {
        let segments = self.assembly.segments_open.map(|open| open.envelope);
        let blocks = self.assembly.blocks_open.map(|open| open.envelope);
        let envelope = blocks.or(segments)?;
        let have = self.assembly.blocks_len() + self.assembly.segments_len();
        self.assembly.drop_blocks();
        if self.already_lost() {
            return None;
        }
        let why = Broken::new(Layer::Transfer, Cause::Truncated { have, want: 0 }, have);
        Some(Told::Fault(whole(why, envelope)))
    }
}

/// Whether an APDU that we know begins with this octet.
const fn begins_message(tag: u8) -> bool {
    matches!(tag, 0x0F | 0xC2 | 0xDB..=0xDD | 0xE0)
}

/// A fault of the whole message, whatever it holds.
const fn whole(why: Broken, envelope: Envelope) -> Fault {
    Fault {
        cause: why.cause,
        layer: why.layer,
        start: envelope.start,
        offset: why.offset,
        framing: Some(envelope.framing),
        system_title: None,
    }
}
