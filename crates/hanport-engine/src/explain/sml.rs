//! SML files, element by element.

use hanport_core::link::crc::{KERMIT, X25};
use hanport_core::link::sml::{File, unescape};
use hanport_core::obis::Obis;
use hanport_core::unit::Unit;

use super::heard::{Heard, Values};
use super::node::{Kind, Layer, Node, Run};
use super::words;

/// Octets of the transport behind the messages.
const AROUND: usize = 8;
/// Lists inside each other beyond which nobody looks.
const DEEPEST: usize = 12;

/// A whole file with the transport around it.
pub(crate) fn file(octets: &[u8], file: &File, heard: &Heard) -> Node {
    let mut run = Run::new(0);
    let end = octets.len().saturating_sub(AROUND);
    run.add(file.body.start, Kind::Flag, "begin of the SML transport, version 1");
    let raw = octets.get(file.body.clone()).unwrap_or(&[]);
    let with_fill = octets.get(file.body.start..end).unwrap_or(&[]);
    if file.escaped {
        let mut messages = raw.to_vec();
        let len = unescape(&mut messages);
        messages.truncate(len);
        let values = heard.values(&messages).or_else(|| heard.values(with_fill));
        let nodes = Walk { octets: &messages, values, at: 0 }.messages();
        let name = "with single escapes".to_owned();
        run.add(raw.len(), Kind::Frame, "messages with doubled escapes").inner =
            Some(Box::new(Layer { name, octets: messages, nodes }));
    } else {
        let values = heard.values(raw).or_else(|| heard.values(with_fill));
        run.append(Walk { octets: raw, values, at: 0 }.messages());
    }
    if run.at() < end {
        let fill = end - run.at();
        run.add(fill, Kind::Padding, "filling");
    }
    if let Some(&[_, _, _, _, _, fill, low, high]) = octets.get(end..) {
        run.add(5, Kind::Flag, "end of the SML transport");
        run.add(1, Kind::Length, "filling octets").say(fill.to_string());
        let covered = octets.get(..octets.len() - 2).unwrap_or(&[]);
        let (kind, value) = checked([low, high], covered);
        run.add(2, kind, "checksum").say(value);
    }
    let value = format!("{} octets", octets.len());
    Node::new(0..octets.len(), Kind::Frame, "SML file").saying(value).with(run.done())
}

struct Walk<'a> {
    octets: &'a [u8],
    values: Values<'a>,
    at: usize,
}

/// Type and length of an element.
struct Head {
    kind: u8,
    /// Members of a list, octets of anything else behind the head.
    count: usize,
    len: usize,
}

impl Walk<'_> {
    fn messages(&mut self) -> Vec<Node> {
        let mut run = Run::new(0);
        while self.at < self.octets.len() {
            let rest = self.octets.get(self.at..).unwrap_or(&[]);
            if rest.iter().all(|octet| *octet == 0) {
                run.add(rest.len(), Kind::Padding, "filling");
                break;
            }
            if !self.element(0, "message", &mut run) {
                break;
            }
        }
        run.done()
    }

    fn head(&self) -> Option<Head> {
        let mut octets = self.octets.get(self.at..)?.iter();
        let first = *octets.next()?;
        let kind = first >> 4 & 0x07;
        let (mut octet, mut length, mut len) = (first, usize::from(first & 0x0F), 1);
        while octet & 0x80 != 0 {
            octet = *octets.next()?;
            length = length << 4 | usize::from(octet & 0x0F);
            len += 1;
            if len > 4 {
                return None;
            }
        }
        let count = if kind == 7 { length } else { length.checked_sub(len)? };
        Some(Head { kind, count, len })
    }

    /// Adds the next element; `false` where it cannot be read, and the rest is then one node.
    fn element(&mut self, depth: usize, name: &str, run: &mut Run) -> bool {
        let start = self.at;
        let left = self.octets.len() - start;
        if self.octets.get(start) == Some(&0) {
            self.at += 1;
            run.add(1, Kind::Flag, "end of the message");
            return true;
        }
        let head = match self.head() {
            Some(head) if depth <= DEEPEST && (head.kind == 7 || head.len + head.count <= left) => {
                head
            }
            _ => {
                self.at = self.octets.len();
                run.add(left, Kind::Fault, "SML that cannot be read");
                return false;
            }
        };
        if head.kind == 7 {
            return self.list(depth, name, &head, run);
        }
        self.at = start + head.len + head.count;
        let content = self.octets.get(start + head.len..self.at).unwrap_or(&[]);
        let node = Node::new(start..self.at, Kind::Value, name);
        run.push(self.leaf(node, head.kind, content));
        true
    }

    fn list(&mut self, depth: usize, name: &str, head: &Head, run: &mut Run) -> bool {
        let start = self.at;
        self.at += head.len;
        let mut inner = Run::new(self.at);
        let names = members(head.count, depth);
        let whole = (0..head.count).all(|member| {
            let name = names.get(member).copied().unwrap_or("element");
            self.element(depth + 1, name, &mut inner)
        });
        if depth == 0 {
            self.check(start, &mut inner);
        }
        let label = format!("{name}: list of {}", head.count);
        run.push(Node::new(start..inner.at(), Kind::Structure, label).with(inner.done()));
        whole
    }

    /// Compares the checksum of the message that begins at `start`; `inner` has its members.
    fn check(&self, start: usize, inner: &mut Run) {
        let Some(node) = inner.find("checksum") else { return };
        let covered = self.octets.get(start..node.range.start).unwrap_or(&[]);
        let wire = self.octets.get(node.range.clone()).unwrap_or(&[]);
        // a leading zero may be left out
        let (kind, value) = match *wire {
            [0x63, low, high] => checked([low, high], covered),
            [0x62, high] => checked([0, high], covered),
            _ => return,
        };
        node.kind = kind;
        node.say(value);
    }

    fn leaf(&self, mut node: Node, kind: u8, content: &[u8]) -> Node {
        let (kind, plain) = match (kind, content) {
            (_, []) => (Kind::Padding, "not sent".to_owned()),
            (0, octets) => match <[u8; 6]>::try_from(octets) {
                Ok(code) if node.label == "code" => (Kind::Obis, words::code(Obis(code))),
                _ if octets.iter().all(|octet| matches!(octet, b' '..=b'~')) => {
                    (Kind::Text, String::from_utf8_lossy(octets).into_owned())
                }
                _ => (Kind::Text, format!("{} octets", octets.len())),
            },
            (4, [flag, ..]) => (Kind::Value, if *flag == 0 { "false" } else { "true" }.to_owned()),
            (5, octets) => (Kind::Value, signed(octets).to_string()),
            (6, octets) => {
                let value = unsigned(octets);
                let meaning = match &*node.label {
                    "kind" => message_kind(value).to_owned(),
                    "unit" => unit(value),
                    _ => String::new(),
                };
                (Kind::Value, format!("{value}{meaning}"))
            }
            (_, octets) => (Kind::Unknown, format!("{} octets", octets.len())),
        };
        let mut said = plain;
        if let Some(reading) = self.values.reading() {
            for item in self.values.within(&node.range) {
                said = words::joined(&said, &words::value(item, &reading));
            }
        }
        node.kind = kind;
        node.saying(said)
    }
}

/// What the members of a list are called, told by how many there are and how deep.
const fn members(count: usize, depth: usize) -> &'static [&'static str] {
    match (count, depth) {
        (6, 0) => &["transaction", "group", "abort on error", "body", "checksum"],
        (2, 1) => &["kind", "content"],
        (6, 2) => &["codepage", "client", "file", "server", "time", "version"],
        (7, 2) => &["client", "server", "list", "time", "values", "signature", "gateway time"],
        (7, _) => &["code", "status", "time", "unit", "scaler", "value", "signature"],
        _ => &[],
    }
}

/// What a checksum, as it stands on the wire, says of the octets before it.
fn checked(wire: [u8; 2], covered: &[u8]) -> (Kind, String) {
    let computed = X25.checksum(covered).to_le_bytes();
    if wire == computed || wire == KERMIT.checksum(covered).to_be_bytes() {
        return (Kind::CheckRight, "right".to_owned());
    }
    let [low, high] = computed;
    (Kind::CheckWrong, format!("wrong: computed {low:02X} {high:02X}"))
}

fn unit(code: u64) -> String {
    let unit = u8::try_from(code).ok().and_then(Unit::from_code);
    unit.map_or_else(String::new, |unit| format!(", {unit}"))
}

const fn message_kind(tag: u64) -> &'static str {
    match tag {
        0x0101 => ", begin of the file",
        0x0201 => ", end of the file",
        0x0701 => ", list of values",
        0xFF01 => ", error",
        _ => "",
    }
}

fn signed(octets: &[u8]) -> i64 {
    let negative = octets.first().is_some_and(|octet| octet & 0x80 != 0);
    let start = if negative { -1 } else { 0 };
    octets.iter().fold(start, |value, octet| value << 8 | i64::from(*octet))
}

fn unsigned(octets: &[u8]) -> u64 {
    octets.iter().fold(0, |value, octet| value << 8 | u64::from(*octet))
}
