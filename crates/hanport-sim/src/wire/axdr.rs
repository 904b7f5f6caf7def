//! A-XDR data elements, appended to a vector.

use hanport_core::obis::Obis;

/// A structure of `count` elements, which follow.
pub(crate) fn structure(out: &mut Vec<u8>, count: usize) {
    out.push(0x02);
    length(out, count);
}

/// An array of `count` elements, which follow.
pub(crate) fn array(out: &mut Vec<u8>, count: usize) {
    out.push(0x01);
    length(out, count);
}

/// A length or count in BER form.
pub(crate) fn length(out: &mut Vec<u8>, count: usize) {
    let count = u16::try_from(count).unwrap_or(u16::MAX);
    let [high, low] = count.to_be_bytes();
    match count {
        0..0x80 => out.push(low),
        0x80..0x100 => out.extend([0x81, low]),
        _ => out.extend([0x82, high, low]),
    }
}

/// boolean
pub(crate) fn boolean(out: &mut Vec<u8>, value: bool) {
    out.extend([0x03, u8::from(value)]);
}

/// integer
pub(crate) fn i8(out: &mut Vec<u8>, value: i8) {
    out.extend([0x0F, value.to_be_bytes()[0]]);
}

/// long-unsigned
pub(crate) fn u16(out: &mut Vec<u8>, value: u16) {
    out.push(0x12);
    out.extend(value.to_be_bytes());
}

/// long
pub(crate) fn i16(out: &mut Vec<u8>, value: i16) {
    out.push(0x10);
    out.extend(value.to_be_bytes());
}

/// double-long-unsigned
pub(crate) fn u32(out: &mut Vec<u8>, value: u32) {
    out.push(0x06);
    out.extend(value.to_be_bytes());
}

/// long64
pub(crate) fn i64(out: &mut Vec<u8>, value: i64) {
    out.push(0x14);
    out.extend(value.to_be_bytes());
}

/// long64-unsigned
pub(crate) fn u64(out: &mut Vec<u8>, value: u64) {
    out.push(0x15);
    out.extend(value.to_be_bytes());
}

/// enum
pub(crate) fn enumerated(out: &mut Vec<u8>, value: u8) {
    out.extend([0x16, value]);
}

/// octet-string
pub(crate) fn octets(out: &mut Vec<u8>, value: &[u8]) {
    out.push(0x09);
    length(out, value.len());
    out.extend(value);
}

/// visible-string
pub(crate) fn visible(out: &mut Vec<u8>, value: &str) {
    out.push(0x0A);
    length(out, value.len());
    out.extend(value.as_bytes());
}

/// An OBIS code as octet-string.
pub(crate) fn code(out: &mut Vec<u8>, obis: Obis) {
    octets(out, &obis.0);
}

/// The scaler-unit structure.
pub(crate) fn scaler_unit(out: &mut Vec<u8>, scaler: i8, unit: u8) {
    structure(out, 2);
    i8(out, scaler);
    enumerated(out, unit);
}
