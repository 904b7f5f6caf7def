//! What a request brings along to say who it is.

use axum::http::{HeaderMap, header};

/// The name of the cookie.
pub(crate) const COOKIE: &str = "hanport_session";

/// What a request says about itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Claim {
    /// A password, with its header as it came.
    Password {
        /// The header after its scheme.
        header: String,
        /// The password in it.
        password: String,
    },
    /// A token.
    Token(String),
    /// Something that is neither.
    Unreadable,
}

/// What `Authorization` says; `None` when it is not there.
pub(crate) fn claim(headers: &HeaderMap) -> Option<Claim> {
    let value = headers.get(header::AUTHORIZATION)?;
    let parts = value.to_str().ok().and_then(|text| text.split_once(' '));
    let Some((scheme, rest)) = parts else { return Some(Claim::Unreadable) };
    let rest = rest.trim();
    if scheme.eq_ignore_ascii_case("bearer") {
        return Some(Claim::Token(rest.to_owned()));
    }
    let password = scheme
        .eq_ignore_ascii_case("basic")
        .then(|| base64(rest))
        .flatten()
        .and_then(|octets| String::from_utf8(octets).ok())
        // whoever asks is the household: the name before the colon is not looked at
        .and_then(|text| text.split_once(':').map(|(_, password)| password.to_owned()));
    Some(password.map_or(Claim::Unreadable, |password| Claim::Password {
        header: rest.to_owned(),
        password,
    }))
}

/// The sessions that cookies name.
pub(crate) fn sessions(headers: &HeaderMap) -> impl Iterator<Item = &str> {
    let lines = headers.get_all(header::COOKIE).iter().filter_map(|line| line.to_str().ok());
    lines.flat_map(|line| line.split(';')).filter_map(|pair| {
        let (name, value) = pair.trim().split_once('=')?;
        (name == COOKIE).then_some(value)
    })
}

/// RFC 4648 section 4, padding or not.
fn base64(text: &str) -> Option<Vec<u8>> {
    let text = text.trim_end_matches('=');
    let mut octets = Vec::with_capacity(text.len() * 3 / 4);
    let mut held: u32 = 0;
    let mut bits = 0;
    for digit in text.bytes() {
        let value = match digit {
            b'A'..=b'Z' => digit - b'A',
            b'a'..=b'z' => digit - b'a' + 26,
            b'0'..=b'9' => digit - b'0' + 52,
            b'+' => 62,
            b'/' => 63,
            _ => return None,
        };
        held = (held << 6 | u32::from(value)) & 0xff_ffff;
        bits += 6;
        if bits >= 8 {
            bits -= 8;
            octets.push(u8::try_from(held >> bits & 0xff).ok()?);
        }
    }
    Some(octets)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(value: &str) -> Option<Claim> {
        let mut headers = HeaderMap::new();
        headers.insert(header::AUTHORIZATION, value.parse().unwrap());
        claim(&headers)
    }

    #[test]
    fn basic_and_bearer_are_told_apart() {
        let password = |header: &str, password: &str| {
            Some(Claim::Password { header: header.into(), password: password.into() })
        };
        assert_eq!(of("Basic dXNlcjpzOmVjcmV0"), password("dXNlcjpzOmVjcmV0", "s:ecret"));
        assert_eq!(of("basic OnB3w6Q="), password("OnB3w6Q=", "pw\u{e4}"));
        assert_eq!(of("Bearer hp_12"), Some(Claim::Token("hp_12".into())));
        for text in ["Basic", "Basic !!!!", "Basic dXNlcg==", "Digest a", "Basic /////w=="] {
            assert_eq!(of(text), Some(Claim::Unreadable), "{text}");
        }
        assert_eq!(claim(&HeaderMap::new()), None);
    }

    #[test]
    fn the_cookie_is_found_among_others() {
        let mut headers = HeaderMap::new();
        headers.append(header::COOKIE, "a=1; hanport_session=xy; b=2".parse().unwrap());
        headers.append(header::COOKIE, "hanport_session=z".parse().unwrap());
        assert_eq!(sessions(&headers).collect::<Vec<_>>(), ["xy", "z"]);
    }

    proptest::proptest! {
        #[test]
        fn no_header_panics(text in "[ -~]{0,60}") {
            let _ = of(&text);
        }
    }
}
