//! Octets written as hexadecimal digits.

/// The octets of one word: pairs of digits (`7E`, `7EA027`), with `0x` or `\x` in front (then
/// one digit is enough), one pair with `h` behind it (`7Eh`), or at least four pairs joined by colons or dashes (`7E:A0:27:01`;
/// fewer would be a time of day or a date). `None` when the word is anything else.
pub(super) fn word(word: &str) -> Option<Vec<u8>> {
    if let Some(digits) = word.strip_prefix("0x").or_else(|| word.strip_prefix("0X")) {
        return if digits.len() == 1 { single(digits) } else { pairs(digits) };
    }
    if let Some(digits) = word.strip_suffix(['h', 'H'])
        && let Some(octet) = two(digits)
    {
        return Some(vec![octet]);
    }
    if word.starts_with("\\x") {
        return word.strip_prefix("\\x")?.split("\\x").map(two).collect();
    }
    for joint in [':', '-'] {
        if word.contains(joint) {
            let octets: Option<Vec<u8>> = word.split(joint).map(two).collect();
            return octets.filter(|octets| octets.len() >= 4);
        }
    }
    pairs(word)
}

/// The octets of a word of few pairs joined by colons or dashes, where it is known that it holds
/// octets.
pub(super) fn short_row(word: &str) -> Option<Vec<u8>> {
    [':', '-'].into_iter().find_map(|joint| {
        let octets: Option<Vec<u8>> = word.split(joint).map(two).collect();
        octets.filter(|octets| octets.len() >= 2)
    })
}

/// The octets of a text that holds nothing but digits and what may stand between them, and how
/// many digits are left over at the end; `None` when there is anything else in it, or when it is
/// a dump with an offset in front of each line.
///
/// Words of digits may be cut anywhere (`7EA 02 7` is 7E A0 27), except that a mixture of words
/// of one and two digits is a list of octets without leading zeros (`7E A0 0 1`).
pub(super) fn read_all(text: &str) -> Option<(Vec<u8>, usize)> {
    if text.lines().any(begins_with_offset) {
        return None;
    }
    let mut digits = Vec::new();
    for piece in text.split(|c: char| c.is_whitespace() || ",;|\"'[]{}".contains(c)) {
        if piece.is_empty() {
            continue;
        }
        if piece.bytes().all(|octet| octet.is_ascii_hexdigit()) {
            digits.push(piece.to_owned());
        } else {
            digits.extend(word(piece)?.iter().map(|octet| format!("{octet:02X}")));
        }
    }
    let short = digits.iter().all(|digits| digits.len() <= 2);
    if short && digits.iter().any(|digits| digits.len() == 2) {
        for digits in &mut digits {
            *digits = format!("{digits:0>2}");
        }
    }
    let mut joined = digits.concat();
    let left = joined.len() % 2;
    joined.truncate(joined.len() - left);
    Some((pairs(&joined).unwrap_or_default(), left))
}

/// `0000 7E A0 ..`: the first line of a dump whose offsets have no colon behind them.
fn begins_with_offset(line: &str) -> bool {
    let mut words = line.split_whitespace();
    let (Some(first), Some(second)) = (words.next(), words.next()) else {
        return false;
    };
    first.len() >= 4 && first.bytes().all(|octet| octet == b'0') && second.len() < first.len()
}

/// Digits in pairs, at least one pair.
fn pairs(digits: &str) -> Option<Vec<u8>> {
    let (pairs, rest) = digits.as_bytes().as_chunks::<2>();
    if !rest.is_empty() || pairs.is_empty() {
        return None;
    }
    pairs.iter().map(|&[high, low]| Some(digit(high)? << 4 | digit(low)?)).collect()
}

fn two(digits: &str) -> Option<u8> {
    match digits.as_bytes() {
        &[high, low] => Some(digit(high)? << 4 | digit(low)?),
        _ => None,
    }
}

fn single(digits: &str) -> Option<Vec<u8>> {
    match digits.as_bytes() {
        &[low] => Some(vec![digit(low)?]),
        _ => None,
    }
}

/// The value of one hexadecimal digit.
pub(super) fn digit(octet: u8) -> Option<u8> {
    char::from(octet).to_digit(16).and_then(|digit| u8::try_from(digit).ok())
}
