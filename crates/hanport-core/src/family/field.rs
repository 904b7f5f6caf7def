//! The pieces of a line of a text telegram: code, number, unit, time.
//!
//! Source: IEC 62056-21 clause 5.8 (data sets); P1 Companion Standard 5.0.2, clause 6.4
//! (formats Fn, TST).
//!
//! Each piece is taken off the front of the text; what follows is handed back with it.

use crate::datetime::DateTime;
use crate::number::Number;
use crate::obis::Obis;
use crate::unit::Unit;

/// What follows a value; the rest of the text.
pub(super) type Rest<'t> = &'t [u8];

/// The code at the start of a line and what stands behind its `(`.
#[inline]
pub(super) fn code(line: &[u8]) -> Option<(Obis, Rest<'_>)> {
    plain_code(line).or_else(|| short_code(line))
}

/// A code with parts left out or with letters.
#[cold]
fn short_code(line: &[u8]) -> Option<(Obis, Rest<'_>)> {
    let end = line.iter().take(32).position(|octet| *octet == b'(')?;
    let (code, groups) = line.split_at_checked(end)?;
    Some((Obis::from_text(code)?, groups.get(1..)?))
}

/// A code with medium and channel, all in digits: `1-0:1.8.0(` or `1-0:1.8.0*255(`.
#[inline]
fn plain_code(line: &[u8]) -> Option<(Obis, Rest<'_>)> {
    let [medium @ b'0'..=b'9', b'-', channel @ b'0'..=b'9', b':', rest @ ..] = line else {
        return None;
    };
    let code = |c, d, e, f| Obis([medium - b'0', channel - b'0', c, d, e, f]);
    let (c, rest) = digits(rest)?;
    // Most codes have one digit in D and E.
    if let [b'.', d @ b'0'..=b'9', b'.', e @ b'0'..=b'9', b'(', rest @ ..] = rest {
        return Some((code(c, d - b'0', e - b'0', 255), rest));
    }
    let (d, rest) = digits(rest.strip_prefix(b".")?)?;
    let (e, rest) = digits(rest.strip_prefix(b".")?)?;
    match rest {
        [b'(', rest @ ..] => Some((code(c, d, e, 255), rest)),
        [b'*', rest @ ..] => {
            let (f, [b'(', rest @ ..]) = digits(rest)? else { return None };
            Some((code(c, d, e, f), rest))
        }
        _ => None,
    }
}

/// One group of a code, up to 255.
#[inline]
fn digits(text: &[u8]) -> Option<(u8, Rest<'_>)> {
    let (value, rest) = match text {
        [a @ b'0'..=b'9', rest @ ..] => (a - b'0', rest),
        _ => return None,
    };
    let [b @ b'0'..=b'9', rest @ ..] = rest else { return Some((value, rest)) };
    let value = value * 10 + (b - b'0');
    let [c @ b'0'..=b'9', rest @ ..] = rest else { return Some((value, rest)) };
    let value = value.checked_mul(10)?.checked_add(c - b'0')?;
    (!rest.first().is_some_and(u8::is_ascii_digit)).then_some((value, rest))
}

/// A number and what stands behind it.
pub(super) struct Decimal<'t> {
    pub(super) number: Number,
    pub(super) rest: Rest<'t>,
}

/// A decimal number of at most 18 digits at the start of `text`.
#[inline]
pub(super) fn decimal(text: &[u8]) -> Option<Decimal<'_>> {
    let (negative, mut rest) = match text {
        [b'-', rest @ ..] => (true, rest),
        [b'+', rest @ ..] | rest => (false, rest),
    };
    let start = rest.len();
    let mut mantissa = 0i64;
    while let [digit @ b'0'..=b'9', tail @ ..] = rest {
        mantissa = mantissa.wrapping_mul(10).wrapping_add(i64::from(digit - b'0'));
        rest = tail;
    }
    let mut count = start - rest.len();
    let mut places = 0;
    if let [b'.', tail @ ..] = rest {
        let start = tail.len();
        rest = tail;
        while let [digit @ b'0'..=b'9', tail @ ..] = rest {
            mantissa = mantissa.wrapping_mul(10).wrapping_add(i64::from(digit - b'0'));
            rest = tail;
        }
        places = start - rest.len();
        count += places;
    }
    if count == 0 || count > 18 {
        return None;
    }
    let exponent = -i8::try_from(places).ok()?;
    let mantissa = if negative { -mantissa } else { mantissa };
    Some(Decimal { number: Number::new(mantissa, exponent), rest })
}

/// `*unit)` with the power of ten of its prefix.
#[inline]
pub(super) fn unit(text: &[u8]) -> Option<(Unit, i8, Rest<'_>)> {
    let text = text.strip_prefix(b"*")?;
    Some(match text {
        [b'k', b'W', b')', rest @ ..] => (Unit::Watt, 3, rest),
        [b'k', b'W', b'h', b')', rest @ ..] => (Unit::WattHour, 3, rest),
        [b'V', b')', rest @ ..] => (Unit::Volt, 0, rest),
        [b'A', b')', rest @ ..] => (Unit::Ampere, 0, rest),
        [b'm', b'3', b')', rest @ ..] => (Unit::CubicMetre, 0, rest),
        _ => {
            let end = text.iter().take(8).position(|octet| *octet == b')')?;
            let (symbol, rest) = text.split_at_checked(end)?;
            let (unit, prefix) = Unit::from_text(symbol)?;
            (unit, prefix, rest.get(1..)?)
        }
    })
}

/// The text up to the next `)` and what follows that; not beyond the line.
pub(super) fn group(text: &[u8]) -> Option<(&[u8], Rest<'_>)> {
    let end = text.iter().position(|octet| matches!(octet, b')' | b'\r' | b'\n'))?;
    let (value, rest) = text.split_at_checked(end)?;
    Some((value, rest.strip_prefix(b")")?))
}

/// `YYMMDDhhmmss)` or `YYMMDDhhmm)`, with S (summer) or W (winter) in front of the `)`.
///
/// The outer `None`: this is no time. The inner: a time that never was, as empty slots have
/// (`700101010000W`, `632525252525W`).
pub(super) fn stamp(text: &[u8]) -> Option<(Option<DateTime>, Rest<'_>)> {
    let digits = text.iter().take(13).take_while(|octet| octet.is_ascii_digit()).count();
    let (fields, rest) = text.split_at_checked(digits)?;
    let offset = match rest {
        [b'S' | b's', ..] => Some(120),
        [b'W' | b'w', ..] => Some(60),
        _ => None,
    };
    let rest = rest.get(usize::from(offset.is_some())..)?.strip_prefix(b")")?;
    let (second, fields) = match fields.split_at_checked(10)? {
        (fields, []) if offset.is_none() => (Some(0), fields),
        (fields, [tens, ones]) => (two_digits(*tens, *ones), fields),
        _ => return None,
    };
    let time = second.and_then(|second| {
        let &[y1, y2, m1, m2, d1, d2, h1, h2, n1, n2] = fields.first_chunk::<10>()?;
        // Meters begin to count at 1970 when they do not know the time.
        let year = two_digits(y1, y2).filter(|year| *year < 70)?;
        let (month, day) = (two_digits(m1, m2)?, two_digits(d1, d2)?);
        let (hour, minute) = (two_digits(h1, h2)?, two_digits(n1, n2)?);
        let mut time = DateTime::new(2000 + u16::from(year), month, day, hour, minute, second)?;
        time.offset_minutes = offset;
        Some(time)
    });
    Some((time, rest))
}

/// `20240115 12:00:00`, with any separators and with S or W at the end or not.
pub(super) fn long_time(value: &[u8]) -> Option<DateTime> {
    let (value, offset) = match value {
        [value @ .., b'S' | b's'] => (value, Some(120)),
        [value @ .., b'W' | b'w'] => (value, Some(60)),
        value => (value, None),
    };
    let mut fields = [0u8; 14];
    let mut count = 0;
    for octet in value {
        match octet {
            b'0'..=b'9' => {
                *fields.get_mut(count)? = *octet;
                count += 1;
            }
            b' ' | b'-' | b':' | b'.' | b'/' | b'T' => {}
            _ => return None,
        }
    }
    let [c1, c2, y1, y2, m1, m2, d1, d2, h1, h2, n1, n2, s1, s2] = fields;
    if count != 14 {
        return None;
    }
    let year = u16::from(two_digits(c1, c2)?) * 100 + u16::from(two_digits(y1, y2)?);
    let (month, day) = (two_digits(m1, m2)?, two_digits(d1, d2)?);
    let (hour, minute, second) = (two_digits(h1, h2)?, two_digits(n1, n2)?, two_digits(s1, s2)?);
    let mut time = DateTime::new(year, month, day, hour, minute, second)?;
    time.offset_minutes = offset;
    Some(time)
}

/// `hhmmss` or `yymmdd`, with separators or not.
pub(super) fn two_digit_groups(value: &[u8]) -> Option<[u8; 3]> {
    let mut fields = [0u8; 6];
    let mut places = fields.iter_mut();
    for digit in value.iter().filter(|octet| octet.is_ascii_digit()) {
        *places.next()? = *digit;
    }
    if places.next().is_some() {
        return None;
    }
    let [h1, h2, n1, n2, s1, s2] = fields;
    Some([two_digits(h1, h2)?, two_digits(n1, n2)?, two_digits(s1, s2)?])
}

fn two_digits(tens: u8, ones: u8) -> Option<u8> {
    let digit = |octet: u8| octet.is_ascii_digit().then(|| octet - b'0');
    Some(digit(tens)? * 10 + digit(ones)?)
}

/// The octet that two hexadecimal digits stand for.
pub(super) const fn hex_pair(pair: [u8; 2]) -> Option<u8> {
    let [high, low] = pair;
    match (hex_digit(high), hex_digit(low)) {
        (Some(high), Some(low)) => Some(high << 4 | low),
        _ => None,
    }
}

#[inline]
const fn hex_digit(octet: u8) -> Option<u8> {
    match octet {
        b'0'..=b'9' => Some(octet - b'0'),
        b'A'..=b'F' => Some(octet - b'A' + 10),
        b'a'..=b'f' => Some(octet - b'a' + 10),
        _ => None,
    }
}
