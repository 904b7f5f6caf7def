//! An explanation as lines of text.
//!
//! ```text
//! offset  octets                                           meaning
//! 0000                                                     HDLC frame: 41 octets
//! 0000    7E                                                 flag
//! 0001    A0 27                                              format: type 3, length 39
//! ```
//!
//! Octets of one node beyond one line continue below; long ciphertext is folded.

use std::fmt::Write as _;

use super::diagnosis::{Diagnosis, Finding};
use super::node::{Kind, Layer, Node};

/// Octets in a line.
const WIDTH: usize = 16;
/// Columns that they take.
const COLUMN: usize = WIDTH * 3 + 1;
/// Most lines of octets without meaning of their own.
const FOLDED: usize = 3;

/// Puts colours around words.
pub trait Paint {
    /// Writes `text`, which belongs to a node of `kind`, to `out`.
    fn paint(&self, kind: Kind, text: &str, out: &mut String);
}

/// No colours.
#[derive(Clone, Copy, Debug, Default)]
pub struct Plain;

impl Paint for Plain {
    fn paint(&self, _: Kind, text: &str, out: &mut String) {
        out.push_str(text);
    }
}

/// The lines of `layer` and everything in it, each with its line end.
pub fn lines(layer: &Layer, paint: &dyn Paint) -> String {
    let mut out = String::new();
    for node in &layer.nodes {
        put_node(node, layer, 0, paint, &mut out);
    }
    out
}

/// What was found out about input without any whole frame, likeliest first: what it looks like,
/// how sure that is, why, and what to do.
pub fn diagnosis(diagnosis: &Diagnosis) -> String {
    let mut out = String::new();
    let mut opening = "This looks like";
    for finding in &diagnosis.findings {
        let Finding { likeness, certainty, seen } = finding;
        let _ = writeln!(out, "{opening} {} ({}).", likeness.name(), sureness(*certainty));
        let _ = writeln!(out, "  Why: {seen}.");
        let _ = writeln!(out, "  What to do: {}", likeness.remedy());
        opening = "It may also be";
    }
    out
}

fn sureness(certainty: u8) -> String {
    let word = match certainty {
        0..50 => "a guess",
        50..70 => "likely",
        70..90 => "very likely",
        90.. => "almost certain",
    };
    format!("{word}, {certainty} %")
}

fn put_node(node: &Node, layer: &Layer, depth: usize, paint: &dyn Paint, out: &mut String) {
    let own = layer.octets.get(node.own()).unwrap_or(&[]);
    let mut rows = rows(own, node);
    let mut at = node.range.start;
    let (first, taken) = rows.next().unwrap_or_default();
    put_row(at, &first, out);
    let _ = write!(out, "{:indent$}", "", indent = depth * 2);
    let separator = if node.value.is_empty() { "" } else { ": " };
    paint.paint(node.kind, &format!("{}{separator}{}", node.label, node.value), out);
    out.push('\n');
    at += taken;
    for (row, taken) in rows {
        put_row(at, &row, out);
        at += taken;
        trim_end(out);
        out.push('\n');
    }
    for child in &node.children {
        put_node(child, layer, depth + 1, paint, out);
    }
    if let Some(inner) = &node.inner {
        let title = format!("{} ({} octets)", inner.name, inner.octets.len());
        let _ = write!(out, "{:margin$}", "", margin = 8 + COLUMN + depth * 2 + 2);
        paint.paint(Kind::Frame, &title, out);
        out.push('\n');
        for node in &inner.nodes {
            put_node(node, inner, depth + 2, paint, out);
        }
    }
}

fn put_row(at: usize, octets: &str, out: &mut String) {
    let _ = write!(out, "{at:04X}    {octets:COLUMN$}");
}

fn trim_end(out: &mut String) {
    out.truncate(out.trim_end_matches(' ').len());
}

/// The octets in rows, and how many each row has.
fn rows<'a>(own: &'a [u8], node: &'a Node) -> impl Iterator<Item = (String, usize)> + 'a {
    let folds = matches!(node.kind, Kind::Cipher | Kind::Unknown | Kind::Padding);
    let width = if node.as_text { COLUMN - 3 } else { WIDTH };
    let shown = if folds && own.len() > FOLDED * WIDTH { (FOLDED - 1) * WIDTH } else { own.len() };
    let left = own.len() - shown;
    let rows = own.get(..shown).unwrap_or(&[]).chunks(width).map(|row| {
        let text = if node.as_text { characters(row) } else { digits(row) };
        (text, row.len())
    });
    rows.chain((left > 0).then(|| (format!("... {left} more"), left)))
}

fn digits(octets: &[u8]) -> String {
    let mut text = String::with_capacity(octets.len() * 3);
    for octet in octets {
        let _ = write!(text, "{octet:02X} ");
    }
    text
}

fn characters(octets: &[u8]) -> String {
    let shown = |octet: &u8| match octet {
        b' '..=b'~' => char::from(*octet),
        _ => '.',
    };
    octets.iter().filter(|octet| !matches!(octet, b'\r' | b'\n')).map(shown).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_octet_stands_on_a_line_with_its_meaning() {
        let octets: Vec<u8> = (0..22).collect();
        let parts = vec![
            Node::new(1..19, Kind::Text, "text").saying("long"),
            Node::new(19..22, Kind::Value, "number").saying("5"),
        ];
        let nodes = vec![Node::new(0..22, Kind::Structure, "structure of 2").with(parts)];
        let layer = Layer { name: String::new(), octets, nodes };
        let lines = lines(&layer, &Plain);
        let expected = [
            "0000    00                                               structure of 2",
            "0001    01 02 03 04 05 06 07 08 09 0A 0B 0C 0D 0E 0F 10    text: long",
            "0011    11 12",
            "0013    13 14 15                                           number: 5",
        ];
        assert_eq!(lines.lines().collect::<Vec<_>>(), expected);
    }

    #[test]
    fn a_diagnosis_says_what_was_seen_and_what_to_do() {
        let lines = diagnosis(&Diagnosis::of(&[]));
        let lines: Vec<&str> = lines.lines().collect();
        assert_eq!(lines[0], "This looks like nothing at all (almost certain, 100 %).");
        assert_eq!(lines[1], "  Why: there are no octets in the input.");
        assert!(lines[2].starts_with("  What to do: Is the port opened"), "{lines:?}");
        assert_eq!(lines.len(), 3);
    }

    #[test]
    fn what_is_less_likely_comes_second_and_says_so() {
        let lines = diagnosis(&Diagnosis::of(&[0; 300]));
        assert!(lines.starts_with("This looks like an idle line"), "{lines}");
        assert!(lines.contains("\nIt may also be a port that is set to a higher speed"), "{lines}");
    }

    #[test]
    fn long_ciphertext_is_folded_and_what_comes_out_follows() {
        let inner = Layer {
            name: "deciphered".to_owned(),
            octets: b"/EST5\r\n".to_vec(),
            nodes: vec![Node::new(0..7, Kind::Text, "identification").as_text()],
        };
        let nodes = vec![Node::new(0..100, Kind::Cipher, "ciphertext").unfolding(inner)];
        let layer = Layer { name: String::new(), octets: vec![0xAB; 100], nodes };
        let lines = lines(&layer, &Plain);
        let lines: Vec<&str> = lines.lines().collect();
        assert!(lines[0].ends_with("ciphertext"));
        assert_eq!(lines[2], "0020    ... 68 more");
        assert!(lines[3].ends_with("  deciphered (7 octets)"));
        assert!(lines[4].starts_with("0000    /EST5 ") && lines[4].ends_with("    identification"));
        assert_eq!(lines.len(), 5);
    }
}
