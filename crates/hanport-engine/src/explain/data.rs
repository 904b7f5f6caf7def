//! Notifications and their data, element by element.

use std::ops::Range;

use hanport_core::cosem::apdu::{Header, HeaderTime};
use hanport_core::cosem::axdr::{Cursor, Data, Element, Ill};
use hanport_core::obis::Obis;
use hanport_core::reading::Value;
use hanport_core::unit::Unit;

use super::heard::Values;
use super::node::{Kind, Node, Run};
use super::words;

/// Arrays and structures inside each other beyond which nobody looks.
const DEEPEST: usize = 16;

/// The nodes of a plain notification, from its first octet to its last.
pub(crate) fn notification(apdu: &[u8], values: Values<'_>) -> Vec<Node> {
    let mut run = Run::new(0);
    let Ok((header, mut cursor)) = Header::parse(apdu) else {
        let rest = apdu.len();
        run.add(rest, Kind::Fault, "a notification whose header cannot be read");
        return run.done();
    };
    match header {
        Header::DataNotification { invoke_id, time } => {
            run.add(1, Kind::Header, "data-notification");
            run.add(4, Kind::Header, "invoke id").say(invocation(invoke_id));
            let len = cursor.position() - run.at();
            header_time(&mut run, len, time);
        }
        Header::EventNotification { time, class, obis, attribute } => {
            run.add(1, Kind::Header, "event-notification");
            let len = cursor.position() - 9 - run.at();
            header_time(&mut run, len, time);
            run.add(2, Kind::Header, "class").say(class.to_string());
            run.add(6, Kind::Obis, "code").say(words::code(obis));
            run.add(1, Kind::Header, "attribute").say(attribute.to_string());
        }
    }
    let mut list = List { apdu, values, code: None };
    list.element(&mut cursor, 0, &mut run);
    if run.at() < apdu.len() {
        let left = apdu.len() - run.at();
        run.add(left, Kind::Unknown, "octets that do not belong to the data");
    }
    run.done()
}

/// What an entry of a self-describing list stands for: class, code, attribute and index (the
/// elements of a push object list, IEC 62056-6-2, class 40).
fn entry(octets: &[u8]) -> Option<String> {
    let (head, rest) = octets.split_first_chunk::<7>()?;
    let (code, rest) = rest.split_first_chunk::<6>()?;
    let [0x02, 0x04, 0x12, high, low, 0x09, 0x06] = *head else { return None };
    let [0x0F, attribute, 0x12, ..] = *rest else { return None };
    let class = u16::from_be_bytes([high, low]);
    let code = words::code(Obis(*code));
    Some(format!("attribute {attribute} of {code}, class {class}"))
}

fn invocation(invoke_id: u32) -> String {
    let mut words = format!("{}", invoke_id & 0x00FF_FFFF);
    for (bit, meaning) in [
        (28, "self-descriptive"),
        (29, "break on error"),
        (30, "confirmed service"),
        (31, "high priority"),
    ] {
        if invoke_id >> bit & 1 == 1 {
            words.push_str(", ");
            words.push_str(meaning);
        }
    }
    words
}

fn header_time(run: &mut Run, len: usize, time: HeaderTime) {
    let (form, octets) = match time {
        HeaderTime::Absent => {
            run.add(len, Kind::Time, "date-time").say("not sent");
            return;
        }
        HeaderTime::OctetString(octets) => ("date-time, with the tag of a string", octets),
        HeaderTime::Tagged(octets) => ("date-time, with its own tag", octets),
        HeaderTime::Untagged(octets) => ("date-time", octets),
    };
    run.add(len, Kind::Time, form).say(words::date_time(&octets));
}

struct List<'a> {
    apdu: &'a [u8],
    values: Values<'a>,
    /// The code that stands in front of the element.
    code: Option<Obis>,
}

impl List<'_> {
    /// Adds the next element with everything in it; `false` where it cannot be read, and the
    /// rest is then one node.
    fn element(&mut self, cursor: &mut Cursor<'_>, depth: usize, run: &mut Run) -> bool {
        let start = cursor.position();
        if let Some(scaled) = cursor.scaler_unit() {
            let unit = Unit::from_code(scaled.unit);
            let symbol = unit.map_or_else(|| format!("unit {}", scaled.unit), |u| u.to_string());
            let words = format!("x 10^{} {symbol}", scaled.scaler);
            let node = Node::new(start..cursor.position(), Kind::Structure, "scaler and unit");
            run.push(node.saying(words.trim_end()));
            return true;
        }
        let stop = match cursor.element() {
            Ok(element) if depth <= DEEPEST => return self.found(cursor, &element, depth, run),
            Err(Ill::Cut { .. }) => "data that is cut off here",
            Ok(_) | Err(Ill::Malformed { .. }) => "data that cannot be read",
        };
        run.add(self.apdu.len() - start, Kind::Fault, stop);
        false
    }

    fn found(
        &mut self,
        cursor: &mut Cursor<'_>,
        element: &Element<'_>,
        depth: usize,
        run: &mut Run,
    ) -> bool {
        match element.data {
            Data::Array(count) => self.members(cursor, ("array", count, element), depth, run),
            Data::Structure(count) => {
                self.members(cursor, ("structure", count, element), depth, run)
            }
            _ => {
                run.push(self.leaf(element));
                true
            }
        }
    }

    fn members(
        &mut self,
        cursor: &mut Cursor<'_>,
        (what, count, element): (&str, u32, &Element<'_>),
        depth: usize,
        run: &mut Run,
    ) -> bool {
        let mut inner = Run::new(element.end);
        let mut left = count;
        if let Some(head) =
            (what == "structure" && count == 2).then(|| cursor.descriptor()).flatten()
        {
            inner.add(9, Kind::Obis, "object without tags").say(format!(
                "class {}, {}, attribute {}",
                head.class,
                words::code(head.obis),
                head.attribute
            ));
            self.code = Some(head.obis);
            left -= 1;
        }
        let described = entry(self.apdu.get(element.start..).unwrap_or(&[]));
        let whole = (0..left).all(|_| self.element(cursor, depth + 1, &mut inner));
        let range = element.start..inner.at();
        let node = Node::new(range, Kind::Structure, format!("{what} of {count}"));
        run.push(node.saying(described.unwrap_or_default()).with(inner.done()));
        whole
    }

    fn leaf(&mut self, element: &Element<'_>) -> Node {
        let range = element.start..element.end;
        let (kind, label, plain) = self.plain(&element.data, &range);
        let node = Node::new(range.clone(), kind, label);
        if kind == Kind::Obis {
            return node.saying(plain);
        }
        let code = self.code.take();
        let Some(reading) = self.values.reading() else { return node.saying(plain) };
        let mut words = plain;
        for item in self.values.within(&range) {
            words = words::joined(&words, &words::value(item, &reading));
            if code != Some(item.obis) {
                words = format!("{words}, {}", words::name(item));
            }
        }
        if let Some(meaning) = self.values.identity(&range) {
            words = format!("{words}, {meaning}");
        }
        node.saying(words)
    }

    /// Kind, type and plain value of an element that holds no others.
    fn plain(&mut self, data: &Data<'_>, range: &Range<usize>) -> (Kind, String, String) {
        let (kind, label, value) = match data {
            Data::Null => (Kind::Padding, "null", String::new()),
            Data::DontCare => (Kind::Padding, "don't care", String::new()),
            Data::Boolean(value) => (Kind::Value, "boolean", value.to_string()),
            Data::BitString(bits, octets) => {
                (Kind::Value, "bit string", format!("{bits} bits {}", bit_text(*bits, octets)))
            }
            Data::Int8(value) => (Kind::Value, "i8", value.to_string()),
            Data::Int16(value) => (Kind::Value, "i16", value.to_string()),
            Data::Int32(value) => (Kind::Value, "i32", value.to_string()),
            Data::Int64(value) => (Kind::Value, "i64", value.to_string()),
            Data::Unsigned8(value) => (Kind::Value, "u8", value.to_string()),
            Data::Unsigned16(value) => (Kind::Value, "u16", value.to_string()),
            Data::Unsigned32(value) => (Kind::Value, "u32", value.to_string()),
            Data::Unsigned64(value) => (Kind::Value, "u64", value.to_string()),
            Data::Enum(value) => (Kind::Value, "enum", value.to_string()),
            Data::Bcd(value) => (Kind::Value, "bcd", format!("{value:02X}")),
            Data::Float32(_) => (Kind::Value, "float32", exact(data)),
            Data::Float64(_) => (Kind::Value, "float64", exact(data)),
            Data::DateTime(octets) => (Kind::Time, "date-time", words::date_time(octets)),
            Data::Date(octets) => (Kind::Time, "date", words::date(**octets).unwrap_or_default()),
            Data::Time(octets) => {
                (Kind::Time, "time", words::time_of_day(**octets).unwrap_or_default())
            }
            Data::VisibleString(octets) => (Kind::Text, "visible string", quoted(octets)),
            Data::Utf8String(octets) => (Kind::Text, "utf-8 string", quoted(octets)),
            Data::OctetString(octets) => return self.octet_string(octets, range),
            Data::CompactArray(array) => {
                let value = format!("{} octets without tags", array.contents.len());
                (Kind::Structure, "compact array", value)
            }
            Data::Array(_) | Data::Structure(_) => (Kind::Structure, "list", String::new()),
        };
        (kind, label.to_owned(), value)
    }

    /// A code, a date and time, a text, or just octets.
    fn octet_string(&mut self, octets: &[u8], range: &Range<usize>) -> (Kind, String, String) {
        let label = format!("octet string of {}", octets.len());
        let is_text = self.values.within(range).any(|item| matches!(item.value, Value::Text(_)));
        if let Ok(code) = <[u8; 6]>::try_from(octets)
            && matches!(code, [0..=15, .., 0xFF])
            && !is_text
        {
            self.code = Some(Obis(code));
            return (Kind::Obis, label, words::code(Obis(code)));
        }
        if let Ok(time) = <&[u8; 12]>::try_from(octets)
            && matches!(time, [0x07 | 0x08 | 0xFF, _, 1..=12 | 0xFD..=0xFF, ..])
        {
            return (Kind::Time, label, words::date_time(time));
        }
        if let Some(date) = <[u8; 5]>::try_from(octets).ok().and_then(words::date) {
            return (Kind::Time, label, date);
        }
        let printable = octets.iter().all(|octet| matches!(octet, b' '..=b'~' | 0));
        if !printable
            && let Some(time) = <[u8; 4]>::try_from(octets).ok().and_then(words::time_of_day)
        {
            return (Kind::Time, label, time);
        }
        let value = if printable { quoted(octets) } else { String::new() };
        (Kind::Text, label, value)
    }
}

/// A floating-point number as an exact decimal.
fn exact(data: &Data<'_>) -> String {
    data.number().map_or_else(|| "no number".to_owned(), |number| number.to_string())
}

fn bit_text(bits: u32, octets: &[u8]) -> String {
    let all = octets.iter().flat_map(|octet| (0..8).rev().map(move |bit| octet >> bit & 1));
    let digit = |bit| if bit == 1 { '1' } else { '0' };
    all.take(usize::try_from(bits).unwrap_or(usize::MAX)).map(digit).collect()
}

/// Printable text without the padding at its end.
fn quoted(octets: &[u8]) -> String {
    let text = String::from_utf8_lossy(octets);
    let shown = |c: char| if c.is_control() { '.' } else { c };
    text.trim_end_matches(['\0', ' ']).chars().map(shown).collect()
}
