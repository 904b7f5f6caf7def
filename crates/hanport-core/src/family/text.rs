//! Lines of a text telegram to values: DSMR P1 with its national variants, and IEC 62056-21
//! data lines (mode D).
//!
//! Source: P1 Companion Standard 5.0.2, clause 6.12; IEC 62056-21 clause 5.8; eMUCS-P1
//! (Belgium); the Swedish H1 recommendation; dialects in [`dialect`].
//!
//! ```text
//! 1-0:1.8.1(001581.123*kWh)                      value and unit
//! 0-1:24.2.1(161129200000W)(00981.443*m3)        captured at, value and unit
//! 0-1:24.3.0(090212160000)(00)(60)(1)(0-1:24.2.1)(m3)   DSMR 2 and 3: the value stands
//! (00001.001)                                           on the next line
//! 0-0:96.1.1(4B38...)                            text, often in hexadecimal digits
//! 1-0:99.97.0(1)(0-0:96.7.19)(000104180320W)(0000237126*s)   a list, kept as text
//! ```
//!
//! A line that cannot be read is passed over ([`Oddity::LineBroken`]), an unknown code is kept,
//! a code that comes again is kept again, and an empty value is no value.

use crate::datetime::DateTime;
use crate::family::dialect::{self, Feature, Features};
use crate::family::field::{
    Rest, code, decimal, group, hex_pair, long_time, stamp, two_digit_groups, unit,
};
use crate::family::{Context, identity};
use crate::fault::{Broken, Cause, Layer};
use crate::manufacturer::Manufacturer;
use crate::number::Number;
use crate::obis::Obis;
use crate::quantity::{Measure, Phase, Quantity};
use crate::reading::{Item, Oddity, Readout, Span, TextRef, Value};
use crate::unit::Unit;

/// Reads a text telegram from its `/` to the line of its `!` into `out`. Spans count from the
/// start of `text`. The checksum is not looked at.
///
/// Fails with [`Cause::Malformed`] where `text` has no identification line or no value, and with
/// [`Cause::TooManyValues`].
pub fn read_telegram(text: &[u8], context: &Context, out: &mut Readout) -> Result<(), Broken> {
    let head = text.iter().position(|octet| matches!(octet, b'\r' | b'\n'));
    let Some((identification, lines)) = head.and_then(|end| text.split_at_checked(end)) else {
        return Err(Broken::new(Layer::Data, Cause::Malformed, 0));
    };
    if identification.first() != Some(&b'/') {
        return Err(Broken::new(Layer::Data, Cause::Malformed, 0));
    }
    let mut reader = Reader::new(text, out);
    let mut rest = lines;
    loop {
        // Lines end with CR LF or LF, some with blanks before; some are empty.
        while let [b'\r' | b'\n' | b' ' | b'\t', tail @ ..] = rest {
            rest = tail;
        }
        if matches!(rest, [] | [b'!', ..]) {
            break;
        }
        rest = reader.line(rest);
        if let Some(full) = reader.full {
            return Err(full);
        }
    }
    reader.finish(identification, context);
    if out.items.is_empty() {
        return Err(Broken::new(Layer::Data, Cause::Malformed, identification.len()));
    }
    Ok(())
}

struct Reader<'t, 'o> {
    text: &'t [u8],
    out: &'o mut Readout,
    features: Features,
    /// Set when there are more values than a reading holds.
    full: Option<Broken>,
    /// How good the meter number is that was found so far; smaller is better.
    id_rank: u8,
    /// The type designation of meters that send both (Poland).
    equipment: Option<TextRef>,
    /// The logical device name, which begins with the FLAG code of the maker.
    device_name: Option<TextRef>,
    /// Hour, minute, second of a clock that comes in two lines.
    clock_time: Option<[u8; 3]>,
    /// Year of the century, month, day of a clock that comes in two lines.
    clock_date: Option<[u8; 3]>,
    /// M-Bus channels of type 0, one bit a channel.
    empty_channels: u32,
}

impl<'t, 'o> Reader<'t, 'o> {
    fn new(text: &'t [u8], out: &'o mut Readout) -> Self {
        Self {
            text,
            out,
            features: Features::default(),
            full: None,
            id_rank: u8::MAX,
            equipment: None,
            device_name: None,
            clock_time: None,
            clock_date: None,
            empty_channels: 0,
        }
    }

    /// Reads the line at the start of `line`; what follows it.
    #[inline]
    fn line(&mut self, line: &'t [u8]) -> Rest<'t> {
        let read = code(line).and_then(|(obis, groups)| {
            if self.out.items.is_empty() {
                self.note_first_code(line, groups);
            }
            self.values(obis, groups)
        });
        read.unwrap_or_else(|| {
            self.out.oddities.add(Oddity::LineBroken);
            let end = line.iter().position(|octet| *octet == b'\n').unwrap_or(line.len());
            line.get(end..).unwrap_or(&[])
        })
    }

    #[cold]
    fn note_first_code(&mut self, line: &[u8], groups: &[u8]) {
        let code = line.get(..line.len() - groups.len()).unwrap_or(&[]);
        if code.contains(&b'*') {
            self.features.add(Feature::PeriodPrinted);
        }
    }

    /// Reads what stands behind the first `(` of a line; `None` when it cannot be read.
    fn values(&mut self, obis: Obis, groups: &'t [u8]) -> Option<Rest<'t>> {
        let [medium, _, c, d, e, period] = obis.0;
        if period != 255 {
            return self.measured(obis, groups);
        }
        match (medium, c, d, e) {
            (0 | 1, 1, 0, 0) => self.clock(obis, groups),
            (0, 24, 3, 0) => self.gas_of_two_lines(obis, groups),
            (0, 96, 7, _) => self.measured(obis, groups),
            (_, 98 | 99, _, _) => self.list(obis, groups),
            (0, 24, 1 | 4, _) | (0, 42, _, _) | (_, 0 | 94 | 96 | 97 | 199, _, _) => {
                self.text(obis, groups)
            }
            _ => self.measured(obis, groups),
        }
    }

    /// A number with its unit, alone or with the time of its capture; else a text.
    fn measured(&mut self, obis: Obis, groups: &'t [u8]) -> Option<Rest<'t>> {
        let Some(first) = decimal(groups) else {
            return self.text(obis, groups);
        };
        let (number, unit, rest) = match unit(first.rest) {
            Some((unit, prefix, rest)) => (first.number.shifted(prefix), unit, rest),
            None => match first.rest {
                [b')', rest @ ..] => (first.number, Unit::Count, rest),
                _ => return self.captured(obis, groups),
            },
        };
        if !at_end(rest) {
            return self.several(obis, groups);
        }
        let quantity = quantity(obis, unit);
        if quantity.is_none() && unit == Unit::Count {
            // Without a unit only counters are numbers.
            return self.text(obis, groups);
        }
        let span = self.span(groups, first.rest);
        self.features.note_number(obis);
        self.push(Item { obis, quantity, value: Value::Number(number, unit), at: None, span });
        Some(rest)
    }

    /// A number and then the time of a maximum, as IEC 62056-21 meters print it, or a number of
    /// ten or twelve digits that is a time; else a list.
    fn several(&mut self, obis: Obis, groups: &'t [u8]) -> Option<Rest<'t>> {
        let maximum = decimal(groups).and_then(|first| {
            let (unit, prefix, rest) = unit(first.rest)?;
            let (at, rest) = stamp(rest.strip_prefix(b"(")?).filter(|(_, rest)| at_end(rest))?;
            Some((first, unit, prefix, at, rest))
        });
        let Some((first, unit, prefix, at, rest)) = maximum else {
            return self.captured(obis, groups);
        };
        let span = self.span(groups, first.rest);
        self.number(obis, first.number.shifted(prefix), unit, at, span);
        Some(rest)
    }

    /// A number behind the time of its capture; else a list or a text.
    fn captured(&mut self, obis: Obis, groups: &'t [u8]) -> Option<Rest<'t>> {
        let stamp = stamp(groups).filter(|(_, rest)| !at_end(rest));
        let Some((at, rest)) = stamp else {
            return self.text(obis, groups);
        };
        let Some((value, value_at)) = rest.strip_prefix(b"(").and_then(|g| Some((decimal(g)?, g)))
        else {
            return self.list(obis, groups);
        };
        let mut after = unit(value.rest);
        if let (None, [b')', rest @ ..]) = (after, value.rest) {
            after = Some((Unit::Count, 0, rest));
        }
        let Some((unit, prefix, rest)) = after.filter(|(_, _, rest)| at_end(rest)) else {
            return self.list(obis, groups);
        };
        let (c, d, _) = obis.cde();
        let empty = at.is_none() || self.empty_channels >> (obis.channel() & 31) & 1 != 0;
        if obis.medium() == 0 && (c, d) == (24, 2) && empty {
            return Some(rest);
        }
        let span = self.span(value_at, value.rest);
        self.number(obis, value.number.shifted(prefix), unit, at, span);
        Some(rest)
    }

    fn number(&mut self, obis: Obis, number: Number, unit: Unit, at: Option<DateTime>, span: Span) {
        let quantity = quantity(obis, unit);
        self.features.note_number(obis);
        self.push(Item { obis, quantity, value: Value::Number(number, unit), at, span });
    }

    #[inline]
    fn push(&mut self, item: Item) {
        if let Err(full) = self.out.push(item) {
            self.full = Some(full);
        }
    }

    /// A text, or several values as one.
    fn text(&mut self, obis: Obis, groups: &'t [u8]) -> Option<Rest<'t>> {
        let (value, rest) = group(groups)?;
        if !at_end(rest) {
            return self.list(obis, groups);
        }
        if value.is_empty() {
            return Some(rest);
        }
        let span = self.span(groups, groups.get(value.len()..).unwrap_or(&[]));
        let text =
            if is_hexadecimal(obis, value) { TextRef::Hex(span) } else { TextRef::Octets(span) };
        self.push(Item { obis, quantity: None, value: Value::Text(text), at: None, span });
        self.identify(obis, text, value);
        Some(rest)
    }

    /// Several values in parentheses, kept as one text with the parentheses.
    fn list(&mut self, obis: Obis, groups: &'t [u8]) -> Option<Rest<'t>> {
        let end = groups.iter().position(|octet| matches!(octet, b'\r' | b'\n'));
        let (line, rest) = groups.split_at_checked(end.unwrap_or(groups.len()))?;
        if line.last() != Some(&b')') {
            return None;
        }
        if line.len() > 1 {
            let start = self.offset(groups) - 1;
            let span = Span::new(start, start + 1 + line.len());
            let value = Value::Text(TextRef::Octets(span));
            self.push(Item { obis, quantity: None, value, at: None, span });
        }
        Some(rest)
    }

    /// The clock: `240115120000W`, or `20240115 12:00:00`.
    fn clock(&mut self, obis: Obis, groups: &'t [u8]) -> Option<Rest<'t>> {
        let (time, rest) = match stamp(groups) {
            Some((time, rest)) => (time, rest),
            None => match group(groups) {
                Some((value, rest)) => (long_time(value), rest),
                None => return None,
            },
        };
        let Some(time) = time.filter(|_| at_end(rest)) else {
            self.out.oddities.add(Oddity::ClockInvalid);
            return self.text(obis, groups);
        };
        self.out.time.get_or_insert(time);
        let span = self.span(groups, rest);
        let span = Span { len: span.len.saturating_sub(1), ..span };
        let item = Item { obis, quantity: None, value: Value::Time(time), at: None, span };
        self.push(item);
        Some(rest)
    }

    /// `(stamp)(status)(interval)(count)(code)(unit)`, and the value on the next line.
    fn gas_of_two_lines(&mut self, obis: Obis, groups: &'t [u8]) -> Option<Rest<'t>> {
        self.features.add(Feature::TwoLineGas);
        let Some((at, mut rest)) = stamp(groups) else {
            return self.list(obis, groups);
        };
        let (mut code, mut unit) = (None, None);
        while let [b'(', tail @ ..] = rest {
            let (value, after) = group(tail)?;
            code = Obis::from_text(value).or(code);
            unit = Unit::from_text(value);
            rest = after;
        }
        let ([b'\r', b'\n', b'(', next @ ..] | [b'\n', b'(', next @ ..]) = rest else {
            return self.list(obis, groups);
        };
        let value = decimal(next).filter(|value| value.rest.first() == Some(&b')'));
        let (Some(value), Some((unit, prefix))) = (value, unit) else { return None };
        let rest = value.rest.get(1..).unwrap_or(&[]);
        if !at_end(rest) || at.is_none() {
            return at_end(rest).then_some(rest);
        }
        let span = self.span(next, value.rest);
        let number = value.number.shifted(prefix);
        self.number(code.unwrap_or(obis), number, unit, at, span);
        Some(rest)
    }

    /// Meter number, type designation and what else a text says about the meter.
    fn identify(&mut self, obis: Obis, text: TextRef, value: &[u8]) {
        let [medium, channel, c, d, e, _] = obis.0;
        if medium > 1 {
            return;
        }
        match (c, d, e) {
            (24, 1, 0) if value.iter().all(|digit| *digit == b'0') => {
                self.empty_channels |= 1 << (channel & 31);
            }
            (0, 9, 1) => self.clock_time = two_digit_groups(value),
            (0, 9, 2) => self.clock_date = two_digit_groups(value),
            (0, 2, 8) => match value {
                [b'5', ..] => self.features.add(Feature::Version5),
                [b'4', ..] => self.features.add(Feature::Version4),
                _ => {}
            },
            (94, _, _) => self.features.add(Feature::National),
            (96, 1, 4) => self.features.add(Feature::Belgian),
            (96, 1, 1) if channel == 0 => {
                self.equipment = Some(text);
                self.number_of_meter(1, text);
            }
            (96, 1, 0) if channel == 0 => self.number_of_meter(0, text),
            (199, 1, 0) => self.number_of_meter(2, text),
            (0, 0, 0) => self.number_of_meter(3, text),
            (96, 1, 255) => self.number_of_meter(4, text),
            // The logical device name: where nothing else is sent, the number of the meter.
            (42, 0, 0) => {
                self.device_name = Some(text);
                self.number_of_meter(5, text);
            }
            _ => {}
        }
    }

    fn number_of_meter(&mut self, rank: u8, text: TextRef) {
        if rank < self.id_rank {
            self.id_rank = rank;
            self.out.meter_id = Some(text);
        }
    }

    fn finish(&mut self, identification: &[u8], context: &Context) {
        if let (None, Some([hour, minute, second]), Some([year, month, day])) =
            (self.out.time, self.clock_time, self.clock_date)
        {
            self.out.time = DateTime::new(2000 + u16::from(year), month, day, hour, minute, second);
        }
        self.out.manufacturer = identification
            .get(1..4)
            .and_then(Manufacturer::from_flag)
            .or_else(|| context.system_title.and_then(identity::from_system_title))
            .or_else(|| self.maker_in_number())
            .or_else(|| self.maker_in_device_name());
        let dialect = dialect::recognise(identification, self.features);
        self.out.layout = dialect.name;
        // Where both are sent, 96.1.0 is the meter and 96.1.1 its type.
        self.out.meter_model = match (self.id_rank, self.equipment) {
            (0, Some(model)) => Some(model),
            (1, Some(model)) if dialect.equipment_is_model => {
                self.out.meter_id = None;
                Some(model)
            }
            _ => dialect.model.map(TextRef::Octets),
        };
    }

    /// The maker in a meter number of DIN 43863-5: `1`, FLAG code, number. Without a maker in
    /// the identification line this is how Belgian meters tell.
    fn maker_in_number(&self) -> Option<Manufacturer> {
        match self.first_characters(self.out.meter_id?)? {
            [b'1', flag @ ..] => Manufacturer::from_flag(&flag),
            _ => None,
        }
    }

    /// The maker in the logical device name, which is how Luxembourgish meters tell.
    fn maker_in_device_name(&self) -> Option<Manufacturer> {
        let [flag @ .., _] = self.first_characters(self.device_name?)?;
        Manufacturer::from_flag(&flag)
    }

    fn first_characters(&self, text: TextRef) -> Option<[u8; 4]> {
        match text {
            TextRef::Hex(span) => {
                let (pairs, _) = span.of(self.text).as_chunks::<2>();
                let mut characters = [0u8; 4];
                for (character, pair) in characters.iter_mut().zip(pairs.first_chunk::<4>()?) {
                    *character = hex_pair(*pair)?;
                }
                Some(characters)
            }
            TextRef::Octets(span) => span.of(self.text).first_chunk().copied(),
            TextRef::DeviceNumber(_) | TextRef::Number(_) | TextRef::Serial(_) => None,
        }
    }

    /// Offset of `part`, which reaches to the end of the text.
    fn offset(&self, part: &[u8]) -> usize {
        self.text.len() - part.len()
    }

    /// From the start of `from` to the start of `to`, both reaching to the end of the text.
    fn span(&self, from: &[u8], to: &[u8]) -> Span {
        Span::new(self.offset(from), self.offset(to))
    }
}

/// Whether a line may end before `rest`. Blanks at the end of a line say nothing.
const fn at_end(mut rest: &[u8]) -> bool {
    while let [b' ' | b'\t', tail @ ..] = rest {
        rest = tail;
    }
    matches!(rest, [] | [b'\r' | b'\n' | b'!', ..])
}

/// The quantity of a code that is printed in `unit`; `None` where they do not belong together.
#[inline]
fn quantity(obis: Obis, unit: Unit) -> Option<Quantity> {
    let found = match obis.0 {
        // EasyMeter prints the total as E = 255.
        [medium, channel, c, 7, 255, period] => {
            Quantity::from_obis(Obis([medium, channel, c, 7, 0, period]))
        }
        [_, _, c @ (31 | 51 | 71), 4, 0, _] => Some(fuse_threshold(c)),
        _ => Quantity::from_obis(obis),
    };
    found.filter(|quantity| quantity.unit() == unit)
}

/// 31.4.0 is a threshold of the fuse supervision (Belgium, Hungary), not an average.
const fn fuse_threshold(c: u8) -> Quantity {
    let phase = match c {
        51 => Phase::L2,
        71 => Phase::L3,
        _ => Phase::All,
    };
    Quantity::of_phase(Measure::FuseThreshold, phase)
}

/// Whether a text is printed as pairs of hexadecimal digits: equipment numbers, names and
/// messages are, but some makers print plain numbers under the same codes.
fn is_hexadecimal(obis: Obis, value: &[u8]) -> bool {
    let (shortest, is_text) = match obis.cde() {
        // A version or a number in plain digits.
        (96, 1, 4 | 255) => return false,
        // Twelve digits that all happen to decode to capitals and digits are no coincidence.
        (96, 1, _) | (42, 0, 0) => (12, false),
        (96, 13, _) => (2, true),
        _ => return false,
    };
    let (pairs, []) = value.as_chunks::<2>() else { return false };
    value.len() >= shortest
        && pairs.iter().all(|pair| match hex_pair(*pair) {
            // Some makers pad with blanks.
            Some(b'0'..=b'9' | b'A'..=b'Z' | b' ') => true,
            Some(b'!'..=b'~') => is_text,
            _ => false,
        })
}

#[cfg(test)]
#[path = "text_tests.rs"]
mod tests;
