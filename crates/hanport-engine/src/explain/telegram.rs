//! Text telegrams, line by line.

use std::ops::Range;

use hanport_core::link::crc::ARC;
use hanport_core::manufacturer::Manufacturer;
use hanport_core::reading::Value;

use super::heard::Values;
use super::node::{Kind, Node, Run};
use super::words;

/// The nodes of a telegram or of lines of one, from the first octet to the last.
pub(crate) fn lines(text: &[u8], values: Values<'_>) -> Vec<Node> {
    let mut run = Run::new(0);
    for line in text.split_inclusive(|octet| *octet == b'\n') {
        let start = run.at();
        let range = start..start + line.len();
        let shown = line.trim_ascii_end();
        run.push(match shown {
            [] => Node::new(range, Kind::Padding, "empty line"),
            [b'/', ..] if start == 0 => identification(range, shown, values),
            [b'!', digits @ ..] => {
                let covered = text.get(..=start).unwrap_or(text);
                check_line(range, covered, digits)
            }
            _ => data_line(range, shown, values),
        });
    }
    run.done()
}

fn identification(range: Range<usize>, line: &[u8], values: Values<'_>) -> Node {
    let flag = line.get(1..4).unwrap_or(&[]);
    let told = values.reading().and_then(|reading| reading.readout.manufacturer);
    let maker = told.or_else(|| Manufacturer::from_flag(flag));
    let name = maker.map_or("", Manufacturer::name);
    Node::new(range, Kind::Header, "identification").saying(name).as_text()
}

fn check_line(range: Range<usize>, covered: &[u8], digits: &[u8]) -> Node {
    let wire = str::from_utf8(digits).ok().and_then(|text| u16::from_str_radix(text, 16).ok());
    let computed = ARC.checksum(covered);
    let (kind, value) = match wire {
        None if digits.is_empty() => (Kind::CheckAbsent, "none".to_owned()),
        None => (Kind::CheckWrong, format!("no hexadecimal digits, computed {computed:04X}")),
        Some(wire) if wire == computed => (Kind::CheckRight, format!("{wire:04X}, right")),
        Some(0) => (Kind::CheckAbsent, "0000, not computed by the sender".to_owned()),
        Some(wire) if wire == ARC.checksum(&with_returns(covered)) => {
            let value = format!("{wire:04X}, right for lines that end with CR LF");
            (Kind::CheckRight, value)
        }
        Some(wire) => (Kind::CheckWrong, format!("{wire:04X}, wrong: computed {computed:04X}")),
    };
    Node::new(range, kind, "end and checksum").saying(value).as_text()
}

/// The text as it was before something turned every CR LF into LF.
fn with_returns(text: &[u8]) -> Vec<u8> {
    let mut restored = Vec::with_capacity(text.len() + text.len() / 16);
    let mut before = 0;
    for octet in text {
        if *octet == b'\n' && before != b'\r' {
            restored.push(b'\r');
        }
        restored.push(*octet);
        before = *octet;
    }
    restored
}

fn data_line(range: Range<usize>, line: &[u8], values: Values<'_>) -> Node {
    let node = |kind, label: String| Node::new(range.clone(), kind, label).as_text();
    let Some(reading) = values.reading() else {
        return node(Kind::Text, "line".to_owned());
    };
    let mut items = values.within(&range).peekable();
    let Some(first) = items.peek() else {
        let told = line.contains(&b'(');
        let label = if told { "line without a value that is kept" } else { "line not understood" };
        return node(if told { Kind::Text } else { Kind::Unknown }, label.to_owned());
    };
    let kind = match first.value {
        Value::Number(..) => Kind::Value,
        Value::Text(_) => Kind::Text,
        Value::Time(_) => Kind::Time,
    };
    let label = words::name(first);
    let identity = values.identity(&range).map(str::to_owned);
    let said: Vec<String> =
        items.map(|item| words::value(item, &reading)).chain(identity).collect();
    node(kind, label).saying(said.join("; "))
}
