//! The plain M-Bus application layer (EN 13757-3), field by field and record by record.
//!
//! It is deciphered by the session; what stands here is the shape of what came out.

use hanport_core::manufacturer::Manufacturer;

use super::heard::{Heard, Values};
use super::node::{Kind, Layer, Node, Run};
use super::words;

/// Fills the space before, between and behind records.
const FILLER: u8 = 0x2F;
/// Octets that one unit of the ciphertext has.
const BLOCK: usize = 16;

/// The nodes of a layer behind its control information octet. `layer` begins with that octet,
/// the nodes count from the one behind it.
pub(crate) fn nodes(layer: &[u8], heard: &Heard) -> Vec<Node> {
    let mut run = Run::new(0);
    let left = layer.len().saturating_sub(1);
    let long = matches!(layer, [0x5B | 0x72, ..]);
    let config_len = match layer {
        [0x5B | 0x72, ..] if left >= 12 => 2,
        [0x7A, ..] if left >= 4 => 2,
        [0x78, ..] => 0,
        _ => {
            run.add(left, Kind::Unknown, "data of another kind");
            return run.done();
        }
    };
    if long {
        address(&mut run, layer);
    }
    let mut blocks = 0;
    if config_len > 0 {
        let counter = layer.get(run.at() + 1).copied().unwrap_or(0);
        run.add(1, Kind::Header, "access number").say(counter.to_string());
        run.add(1, Kind::Header, "status");
        let at = run.at() + 1;
        let word = layer.get(at..at + 2).and_then(|octets| octets.try_into().ok());
        let config = u16::from_le_bytes(word.unwrap_or_default());
        let mode = config >> 8 & 0x1F;
        blocks = if mode == 0 { 0 } else { usize::from(config >> 4 & 0x0F) };
        let words = if mode == 0 {
            "not encrypted".to_owned()
        } else {
            format!("encryption mode {mode}, {blocks} blocks")
        };
        run.add(2, Kind::Header, "configuration").say(words);
    }
    let head = run.at() + 1;
    let known = heard.application(layer, head);
    if blocks == 0 {
        let (octets, values) =
            known.unwrap_or_else(|| (layer.get(head..).unwrap_or(&[]), Values::NONE));
        run.append(records(octets, values));
        return run.done();
    }
    let end = (run.at() + blocks * BLOCK).min(left);
    let mut node = Node::new(run.at()..end, Kind::Cipher, "ciphertext");
    match known {
        Some((plain, values)) => {
            let octets = plain.get(..end - run.at()).unwrap_or(plain).to_vec();
            let nodes = records(&octets, values);
            node = node.unfolding(Layer { name: "deciphered".to_owned(), octets, nodes });
        }
        None => node = node.saying("not deciphered"),
    }
    run.push(node);
    if run.at() < left {
        let behind = left - run.at();
        run.add(behind, Kind::Unknown, "octets behind the ciphertext");
    }
    run.done()
}

/// Number, maker, version and medium.
fn address(run: &mut Run, layer: &[u8]) {
    let Some(&[n0, n1, n2, n3, m0, m1, version, medium]) = layer.get(1..9) else { return };
    run.add(4, Kind::Address, "number").say(format!("{n3:02X}{n2:02X}{n1:02X}{n0:02X}"));
    let packed = u16::from_le_bytes([m0, m1]);
    let letter = |shift: u16| u8::try_from(packed >> shift & 0x1F).unwrap_or(0) + b'@';
    let flag = [letter(10), letter(5), letter(0)];
    let mut words = String::from_utf8_lossy(&flag).into_owned();
    if let Some(maker) = Manufacturer::from_flag(&flag) {
        words = format!("{words} ({maker})");
    }
    run.add(2, Kind::Address, "maker").say(words);
    run.add(1, Kind::Address, "version").say(version.to_string());
    let words = if medium == 2 { "2, electricity".to_owned() } else { medium.to_string() };
    run.add(1, Kind::Address, "medium").say(words);
}

fn records(octets: &[u8], values: Values<'_>) -> Vec<Node> {
    let mut run = Run::new(0);
    while let Some(rest) = octets.get(run.at()..).filter(|rest| !rest.is_empty()) {
        let fillers = rest.iter().take_while(|octet| **octet == FILLER).count();
        if fillers > 0 {
            run.add(fillers, Kind::Padding, "filling");
            continue;
        }
        let Some((head, len)) = record(rest) else {
            let own = matches!(rest, [0x0F | 0x1F, ..]);
            let label = if own { "data of the maker's own" } else { "records that cannot be read" };
            run.add(rest.len(), Kind::Unknown, label);
            break;
        };
        let range = run.at()..run.at() + head + len;
        let mut said = String::new();
        if let Some(reading) = values.reading() {
            for item in values.within(&range) {
                let value = words::value(item, &reading);
                said = words::joined(&said, &format!("{value}, {}", words::name(item)));
            }
        }
        run.push(Node::new(range, Kind::Value, "record").saying(said));
    }
    run.done()
}

/// Octets in front of the value of the record at the start of `rest`, and of the value.
fn record(rest: &[u8]) -> Option<(usize, usize)> {
    let extended = |from: usize| {
        let octets = rest.get(from..)?;
        Some(from + octets.iter().take(11).position(|octet| octet & 0x80 == 0)? + 1)
    };
    let dif = rest.first().filter(|dif| !matches!(dif, 0x0F | 0x1F))?;
    let head = extended(extended(0)?)?;
    let len = match dif & 0x0F {
        0 | 8 => 0,
        short @ 1..=4 => usize::from(short),
        5 | 0x0C => 4,
        6 | 0x0E => 6,
        7 => 8,
        bcd @ 9..=0x0B => usize::from(bcd - 8),
        0x0D => 1 + usize::from(*rest.get(head)?),
        _ => return None,
    };
    (head + len <= rest.len()).then_some((head, len))
}
