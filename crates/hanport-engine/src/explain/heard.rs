//! What a session makes of the same octets: names and values come from there, so that an
//! explanation and a reading of the same message cannot disagree.

use std::collections::HashMap;
use std::ops::Range;

use hanport_core::fault::Fault;
use hanport_core::reading::{Framing, Item, Reading, Readout, TextRef};
use hanport_core::session::push::{Event, Options, Session};

/// A reading that stays.
struct Said {
    readout: Box<Readout>,
    body: Vec<u8>,
}

/// Everything that a session said.
pub(crate) struct Heard {
    readings: Vec<Said>,
    /// The first reading with each body.
    by_body: HashMap<Vec<u8>, usize>,
    /// Octets of the messages that became readings, by where they begin.
    by_start: HashMap<u64, usize>,
    /// The faults in the order of the stream.
    pub(crate) faults: Vec<Fault>,
}

impl Heard {
    /// Listens to the octets of a stream.
    pub(crate) fn listen(octets: &[u8], options: &Options) -> Self {
        let mut session = Box::new(Session::<8192>::new(options.clone()));
        let mut heard = Self {
            readings: Vec::new(),
            by_body: HashMap::new(),
            by_start: HashMap::new(),
            faults: Vec::new(),
        };
        let mut input = octets;
        while let Some(event) = session.poll(&mut input) {
            heard.keep(&event);
        }
        while let Some(event) = session.end() {
            heard.keep(&event);
        }
        heard
    }

    fn keep(&mut self, event: &Event<'_>) {
        match event {
            Event::Fault(fault) => self.faults.push(*fault),
            Event::Reading(Reading { readout, body }) => {
                let readout = Box::new(Readout::clone(readout));
                self.by_body.entry(body.to_vec()).or_insert(self.readings.len());
                self.by_start.insert(readout.start, readout.octets);
                self.readings.push(Said { readout, body: body.to_vec() });
            }
        }
    }

    /// How many messages became readings.
    pub(crate) const fn readings(&self) -> usize {
        self.readings.len()
    }

    /// Octets of the message that became a reading and begins at `at`.
    pub(crate) fn reading_at(&self, at: usize) -> Option<usize> {
        self.by_start.get(&u64::try_from(at).ok()?).copied()
    }

    /// Whether a message of one of `framings` that begins at `at` came to nothing.
    pub(crate) fn fault_at(&self, at: usize, framings: &[Framing]) -> bool {
        self.faults.iter().any(|fault| {
            let here = usize::try_from(fault.start) == Ok(at);
            here && fault.framing.is_some_and(|framing| framings.contains(&framing))
        })
    }

    /// What became of an M-Bus application layer: the octets behind its `head`, deciphered, and
    /// the values in them.
    pub(crate) fn application(&self, layer: &[u8], head: usize) -> Option<(&[u8], Values<'_>)> {
        let said = self.readings.iter().find(|said| {
            said.body.len() == layer.len() && said.body.get(..head) == layer.get(..head)
        })?;
        Some((said.body.get(head..)?, Values { said: Some(said), behind: head }))
    }

    /// The values that stand in `octets`, which are the body of a message, a telegram with its
    /// checksum, or a part of a telegram.
    pub(crate) fn values(&self, octets: &[u8]) -> Values<'_> {
        let end = octets.iter().rposition(|octet| *octet == b'!');
        let whole = self.by_body.get(octets);
        let text = end.and_then(|end| self.by_body.get(octets.get(..=end)?));
        if let Some(said) = whole.or(text).and_then(|index| self.readings.get(*index)) {
            return Values { said: Some(said), behind: 0 };
        }
        let is_text = octets.iter().all(u8::is_ascii);
        let found = self.readings.iter().filter(|_| is_text).find_map(|said| {
            let lines = end.map_or(octets, |end| octets.get(..=end).unwrap_or(octets));
            Some(Values { said: Some(said), behind: find(&said.body, lines)? })
        });
        found.unwrap_or(Values::NONE)
    }
}

fn find(octets: &[u8], part: &[u8]) -> Option<usize> {
    if part.is_empty() || part.len() > octets.len() {
        return None;
    }
    octets.windows(part.len()).position(|window| window == part)
}

/// The values of one message, by where they stand.
#[derive(Clone, Copy)]
pub(crate) struct Values<'a> {
    said: Option<&'a Said>,
    /// Octets of the body in front of the part.
    behind: usize,
}

impl<'a> Values<'a> {
    /// Nothing is known.
    pub(crate) const NONE: Self = Self { said: None, behind: 0 };

    /// These, or others where nothing is known.
    pub(crate) fn or_else(self, others: impl FnOnce() -> Self) -> Self {
        if self.said.is_some() { self } else { others() }
    }

    /// The reading itself.
    pub(crate) fn reading(&self) -> Option<Reading<'a>> {
        self.said.map(|said| Reading { readout: &said.readout, body: &said.body })
    }

    /// The values that begin within `range`.
    pub(crate) fn within(&self, range: &Range<usize>) -> impl Iterator<Item = &'a Item> + use<'a> {
        let range = range.start + self.behind..range.end + self.behind;
        let items = self.said.map_or(&[][..], |said| &said.readout.items);
        items.iter().filter(move |item| range.contains(&usize::from(item.span.start)))
    }

    /// What the text that stands within `range` says about the meter itself.
    pub(crate) fn identity(&self, range: &Range<usize>) -> Option<&'static str> {
        let readout = &self.said?.readout;
        let named = [
            (readout.list_id, "name of the list"),
            (readout.meter_id, "number of the meter"),
            (readout.meter_model, "type of the meter"),
        ];
        named.into_iter().find_map(|(text, meaning)| match text? {
            TextRef::DeviceNumber(span) | TextRef::Hex(span) | TextRef::Octets(span) => {
                let start = usize::from(span.start).checked_sub(self.behind)?;
                range.contains(&start).then_some(meaning)
            }
            TextRef::Number(_) | TextRef::Serial(_) => None,
        })
    }
}
