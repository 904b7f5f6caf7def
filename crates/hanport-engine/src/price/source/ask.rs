//! Requests, answers, and why an answer holds no prices.

use core::fmt;

use hanport_core::number::Number;
use jiff::Timestamp;
use serde::de::DeserializeOwned;

use crate::money::PricePerKwh;
use crate::price::series::Slot;
use crate::time::UtcMillis;

/// What to fetch. Its `Debug` form and [`shown`](Self::shown) keep keys to themselves.
#[derive(Clone, PartialEq, Eq)]
pub struct Request {
    url: String,
    shown: String,
    accept: &'static str,
}

impl Request {
    /// A request without a secret.
    pub(crate) fn plain(url: String, accept: &'static str) -> Self {
        Self { shown: url.clone(), url, accept }
    }

    /// A request with a secret in its query.
    pub(crate) fn secret(url: String, key: &str, accept: &'static str) -> Self {
        let shown = if key.is_empty() { url.clone() } else { url.replace(key, "***") };
        Self { url, shown, accept }
    }

    /// The address, secrets and all.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The address as people and logs may see it.
    pub fn shown(&self) -> &str {
        &self.shown
    }

    /// What to say in the header `Accept`.
    pub const fn accept(&self) -> &'static str {
        self.accept
    }
}

impl fmt::Debug for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Request").field(&self.shown).finish()
    }
}

/// What came back.
#[derive(Clone, Copy, Debug)]
pub struct Answer<'a> {
    /// The HTTP status.
    pub status: u16,
    /// The body.
    pub body: &'a [u8],
    /// Seconds of the header `Retry-After`.
    pub retry_after_s: Option<u32>,
}

/// Why there are no prices in an answer, or none came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// The key is missing, wrong or not active yet.
    Key,
    /// Nobody could be reached, or the line broke; with the words of the network.
    Network(String),
    /// Not there yet, or nothing is known of this area and day.
    NotPublished,
    /// The answer cannot be read; with what is odd in it.
    Odd(String),
    /// The source says that the request is wrong; with its words.
    Refused(String),
    /// Asked too often; with the seconds after which to ask again.
    TooMany(Option<u32>),
    /// The source is not well; with the status.
    Unavailable(u16),
    /// Prices of another area.
    WrongArea(String),
}

impl Refusal {
    /// A number for clients that know errors by numbers: the HTTP status where there is one.
    pub fn code(&self) -> i32 {
        match self {
            Self::Key => 401,
            Self::Network(_) => -1,
            Self::NotPublished => 404,
            Self::Odd(_) | Self::WrongArea(_) => 900,
            Self::Refused(_) => 400,
            Self::TooMany(_) => 429,
            Self::Unavailable(status) => i32::from(*status),
        }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Key => {
                f.write_str("the key is not accepted; check it in the account of the source")
            }
            Self::Network(what) => write!(f, "no connection: {what}"),
            Self::NotPublished => f.write_str("the prices are not published yet"),
            Self::Odd(what) => write!(f, "the answer cannot be read: {what}"),
            Self::Refused(what) => write!(f, "the source refuses the request: {what}"),
            Self::TooMany(_) => f.write_str("the source was asked too often"),
            Self::Unavailable(status) => {
                write!(f, "the source is not available (HTTP status {status})")
            }
            Self::WrongArea(area) => write!(f, "the answer is about another area: {area}"),
        }
    }
}

impl core::error::Error for Refusal {}

impl<'a> Answer<'a> {
    /// What the status alone says. A refusal with a body that may say more passes.
    pub(crate) fn checked(&self) -> Result<(), Refusal> {
        match self.status {
            401 | 403 => Err(Refusal::Key),
            429 => Err(Refusal::TooMany(self.retry_after_s)),
            500.. => Err(Refusal::Unavailable(self.status)),
            204 => Err(Refusal::NotPublished),
            _ => Ok(()),
        }
    }

    /// The body of a success of a source that says 404 for what is not published.
    pub(crate) fn found(&self) -> Result<&'a str, Refusal> {
        match self.status {
            200 => self.text(),
            404 => Err(Refusal::NotPublished),
            _ => Err(Refusal::Refused(self.excerpt())),
        }
    }

    /// The body as text.
    pub(crate) fn text(&self) -> Result<&'a str, Refusal> {
        core::str::from_utf8(self.body)
            .map(|text| text.trim_start_matches('\u{feff}'))
            .map_err(|error| Refusal::Odd(format!("octet {} is no text", error.valid_up_to())))
    }

    /// The document in the body of a success.
    pub(crate) fn json<T: DeserializeOwned>(&self) -> Result<T, Refusal> {
        serde_json::from_str(self.found()?).map_err(|error| Refusal::Odd(error.to_string()))
    }

    /// The beginning of the body, in one line.
    pub(crate) fn excerpt(&self) -> String {
        let text = String::from_utf8_lossy(self.body);
        let words: Vec<&str> = text.split_whitespace().collect();
        let line: String = words.join(" ").chars().take(160).collect();
        if line.is_empty() { format!("HTTP status {}", self.status) } else { line }
    }
}

/// A price per megawatt-hour as it was written.
pub(crate) fn mwh(price: Number) -> Result<PricePerKwh, Refusal> {
    PricePerKwh::per_mwh(price).ok_or_else(|| Refusal::Odd(format!("the price {price}")))
}

/// A price per kilowatt-hour as it was written.
pub(crate) fn kwh(price: Number) -> Result<PricePerKwh, Refusal> {
    PricePerKwh::per_kwh(price).ok_or_else(|| Refusal::Odd(format!("the price {price}")))
}

/// An instant as ISO 8601 with an offset or `Z`.
pub(crate) fn instant(text: &str) -> Result<UtcMillis, Refusal> {
    let instant: Timestamp =
        text.parse().map_err(|_| Refusal::Odd(format!("\"{text}\" is no time with an offset")))?;
    Ok(instant.into())
}

/// Slots of prices that come with their beginnings alone: each lasts until its neighbour, the
/// nearer of the two; the step is a quarter, half an hour or an hour. So a price that is left
/// out is a hole, and the hour or quarter before it is not stretched over it.
pub(crate) fn by_beginnings(
    mut points: Vec<(UtcMillis, Option<PricePerKwh>)>,
) -> Result<Vec<Slot>, Refusal> {
    points.sort_by_key(|(start, _)| *start);
    points.dedup_by_key(|(start, _)| *start);
    let starts: Vec<UtcMillis> = points.iter().map(|(start, _)| *start).collect();
    let steps: Vec<i64> = starts.windows(2).filter_map(step).collect();
    let mut slots = Vec::with_capacity(points.len());
    for (at, (start, price)) in points.into_iter().enumerate() {
        let before = at.checked_sub(1).and_then(|before| steps.get(before));
        let nearest = before.into_iter().chain(steps.get(at)).min();
        let length = match nearest {
            Some(900_000) => 900_000,
            Some(1_800_000) => 1_800_000,
            Some(3_600_000) | None => 3_600_000,
            Some(other) => {
                return Err(Refusal::Odd(format!("a step of {} s at {start}", other / 1000)));
            }
        };
        slots.extend(price.map(|price| Slot { range: start..start.plus(length), price }));
    }
    Ok(slots)
}

fn step(pair: &[UtcMillis]) -> Option<i64> {
    match pair {
        [a, b] => Some(b.since(*a)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_point_lasts_until_its_nearer_neighbour() {
        let point = |quarter: i64| (UtcMillis(quarter * 900_000), Some(PricePerKwh(quarter)));
        // hours until 8, quarters from there on, 10 is left out
        let slots = by_beginnings([0, 4, 8, 9, 11, 12].map(point).to_vec()).unwrap();
        let ends: Vec<i64> = slots.iter().map(|slot| slot.range.end.0 / 900_000).collect();
        assert_eq!(ends, [4, 8, 9, 10, 12, 13]);
        assert!(by_beginnings(vec![point(0), point(2), point(7)]).is_err());
        assert!(by_beginnings(vec![point(0), (UtcMillis(7), None)]).is_err());
    }

    #[test]
    fn what_the_status_says() {
        let answer =
            |status| Answer { status, body: b"<html>  busy </html>", retry_after_s: Some(9) };
        assert_eq!(answer(401).checked(), Err(Refusal::Key));
        assert_eq!(answer(429).checked(), Err(Refusal::TooMany(Some(9))));
        assert_eq!(answer(503).checked(), Err(Refusal::Unavailable(503)));
        assert_eq!(answer(404).found(), Err(Refusal::NotPublished));
        assert_eq!(answer(422).found(), Err(Refusal::Refused("<html> busy </html>".into())));
        assert_eq!(Refusal::Unavailable(503).code(), 503);
        assert!(Answer { body: b"\xff", ..answer(200) }.text().is_err());
    }
}
