//! The parameters of an address: read strictly, so that a slip of the pen is told and not passed
//! over.

use core::ops::Range;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use hanport_engine::energy::{Period, Register};
use hanport_engine::outside::Resolution;
use hanport_engine::time::UtcMillis;
use jiff::Timestamp;
use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;

use crate::problem::Problem;

/// The parameters after the question mark, decoded, in their order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Parameters(Vec<(String, String)>);

impl Parameters {
    /// Of the part of an address after the question mark.
    pub(crate) fn parse(query: &str) -> Result<Self, Problem> {
        let pairs = query.split('&').filter(|pair| !pair.is_empty());
        let decode = |text: &str| {
            percent_decoded(text)
                .ok_or_else(|| Problem::parameter(text, "is not UTF-8 in percent encoding"))
        };
        pairs
            .map(|pair| {
                let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
                Ok((decode(name)?, decode(value)?))
            })
            .collect::<Result<_, _>>()
            .map(Self)
    }

    /// Refuses names that mean nothing here, and names that come twice.
    pub(crate) fn only(self, allowed: &[&str]) -> Result<Self, Problem> {
        for (place, (name, _)) in self.0.iter().enumerate() {
            if !allowed.contains(&name.as_str()) {
                let known = if allowed.is_empty() { "none".into() } else { allowed.join(", ") };
                return Err(Problem::parameter(name, "is no parameter of this address")
                    .remedy(format!("parameters here: {known}")));
            }
            if self.0.iter().take(place).any(|(before, _)| before == name) {
                return Err(Problem::parameter(name, "is given twice"));
            }
        }
        Ok(self)
    }

    /// The text of a parameter; `None` when it is left out or empty.
    pub(crate) fn text(&self, name: &str) -> Option<&str> {
        let (_, value) = self.0.iter().find(|(known, _)| known == name)?;
        (!value.is_empty()).then_some(value)
    }

    /// The names in a list with commas.
    pub(crate) fn list(&self, name: &str) -> Option<Vec<&str>> {
        let text = self.text(name)?;
        Some(text.split(',').map(str::trim).filter(|part| !part.is_empty()).collect())
    }

    /// A whole number within bounds.
    pub(crate) fn count(&self, name: &str, default: usize, most: usize) -> Result<usize, Problem> {
        let Some(text) = self.text(name) else { return Ok(default) };
        match text.parse::<usize>() {
            Ok(count) if (1..=most).contains(&count) => Ok(count),
            _ => Err(Problem::parameter(
                name,
                format_args!("`{text}` is no number from 1 to {most}"),
            )),
        }
    }

    /// Yes or no; no when it is left out.
    pub(crate) fn flag(&self, name: &str) -> Result<bool, Problem> {
        match self.text(name) {
            None | Some("false") => Ok(false),
            Some("true") => Ok(true),
            Some(other) => Err(Problem::parameter(name, format_args!("`{other}` is neither"))
                .remedy("write true or false")),
        }
    }

    /// The range from `from` to `to`; without them the `default_ms` before now.
    pub(crate) fn range(
        &self,
        now: UtcMillis,
        default_ms: i64,
        zone: &TimeZone,
    ) -> Result<Range<UtcMillis>, Problem> {
        let edge = |name| self.text(name).map(|text| instant(name, text, zone)).transpose();
        let end = edge("to")?.unwrap_or(now);
        let start = edge("from")?.unwrap_or_else(|| end.plus(-default_ms));
        if start >= end {
            return Err(Problem::parameter("from", format_args!("{start} is not before {end}"))
                .remedy("`from` must be earlier than `to`; without `to` it is now"));
        }
        Ok(start..end)
    }

    /// How long the steps are; `None` when it is left to us.
    pub(crate) fn resolution(&self) -> Result<Option<Resolution>, Problem> {
        let Some(text) = self.text("resolution") else { return Ok(None) };
        Resolution::named(text).map(Some).ok_or_else(|| {
            Problem::parameter("resolution", format_args!("`{text}` is none"))
                .remedy("one of: raw, 1m, 15m, 1h, 1d, 1mo")
        })
    }

    /// How long the periods of sums are.
    pub(crate) fn period(&self) -> Result<Period, Problem> {
        Ok(match self.text("by") {
            None | Some("hour") => Period::Hour,
            Some("15m") => Period::Quarter,
            Some("day") => Period::Day,
            Some("month") => Period::Month,
            Some("year") => Period::Year,
            Some(other) => {
                return Err(Problem::parameter("by", format_args!("`{other}` is no period"))
                    .remedy("one of: 15m, hour, day, month, year"));
            }
        })
    }

    /// The registers that are asked for; active import and export where none are named.
    pub(crate) fn registers(&self) -> Result<Vec<Register>, Problem> {
        let Some(names) = self.list("register") else {
            return Ok(vec![Register::ActiveImport, Register::ActiveExport]);
        };
        names.into_iter().map(register).collect()
    }
}

/// The register of a name.
pub(crate) fn register(name: &str) -> Result<Register, Problem> {
    Register::ALL.into_iter().find(|register| register.name() == name).ok_or_else(|| {
        Problem::parameter("register", format_args!("`{name}` is no register"))
            .remedy(format!("one of: {}", Register::ALL.map(Register::name).join(", ")))
    })
}

/// An instant: RFC 3339, or a date or civil time of the site's zone.
pub(crate) fn instant(name: &str, text: &str, zone: &TimeZone) -> Result<UtcMillis, Problem> {
    // a plus sign in an address means a blank to most who decode it
    let repaired = text.replace(' ', "+");
    if let Ok(timestamp) = text.parse::<Timestamp>().or_else(|_| repaired.parse()) {
        return Ok(timestamp.into());
    }
    let civil = text
        .parse::<DateTime>()
        .ok()
        .or_else(|| text.parse::<Date>().ok().map(|date| date.at(0, 0, 0, 0)));
    civil.and_then(|civil| civil.to_zoned(zone.clone()).ok()).map_or_else(
        || {
            Err(Problem::parameter(name, format_args!("`{text}` is no time")).remedy(
                "write it as 2026-01-31T12:00:00Z, 2026-01-31T13:00:00+01:00, or 2026-01-31 for \
                 local midnight",
            ))
        },
        |zoned| Ok(zoned.timestamp().into()),
    )
}

/// Undoes percent encoding; `None` when the result is no UTF-8. A plus sign stays one.
pub(crate) fn percent_decoded(text: &str) -> Option<String> {
    let mut octets = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, tail @ ..] = rest {
        rest = tail;
        let hex = match tail {
            [high, low, after @ ..] if *first == b'%' => {
                let digit = |digit: u8| char::from(digit).to_digit(16);
                digit(*high).zip(digit(*low)).map(|(high, low)| (high * 16 + low, after))
            }
            _ => None,
        };
        match hex {
            Some((value, after)) => {
                octets.push(u8::try_from(value).ok()?);
                rest = after;
            }
            None => octets.push(*first),
        }
    }
    String::from_utf8(octets).ok()
}

impl<S: Sync> FromRequestParts<S> for Parameters {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        Self::parse(parts.uri.query().unwrap_or_default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn oslo() -> TimeZone {
        TimeZone::get("Europe/Oslo").unwrap()
    }

    #[test]
    fn times_are_read_with_offset_and_as_local_ones() {
        for (text, utc) in [
            ("2026-01-31T12:00:00Z", "2026-01-31T12:00:00Z"),
            ("2026-01-31T13:00:00+01:00", "2026-01-31T12:00:00Z"),
            ("2026-01-31T13:00:00 01:00", "2026-01-31T12:00:00Z"),
            ("2026-01-31", "2026-01-30T23:00:00Z"),
            ("2026-07-01T06:30", "2026-07-01T04:30:00Z"),
        ] {
            assert_eq!(instant("from", text, &oslo()).unwrap().to_string(), utc, "{text}");
        }
        for text in ["", "yesterday", "2026-02-30", "1768042800"] {
            assert!(instant("from", text, &oslo()).is_err(), "{text}");
        }
    }

    #[test]
    fn slips_are_told() {
        let parameters = Parameters::parse("resolution=1m&form=2026").unwrap();
        assert!(parameters.clone().only(&["from", "resolution"]).is_err());
        assert_eq!(parameters.resolution().unwrap(), Some(Resolution::Minute));
        assert!(Parameters::parse("a=1&a=2").unwrap().only(&["a"]).is_err());
        assert!(Parameters::parse("a=%ff").is_err());
        let parameters = Parameters::parse("series=a,%20b,,c%2Cd&by=week").unwrap();
        assert_eq!(parameters.list("series").unwrap(), ["a", "b", "c", "d"]);
        assert!(parameters.period().is_err());
        let backwards = Parameters::parse("from=2026-01-02&to=2026-01-01").unwrap();
        assert!(backwards.range(UtcMillis(0), 1, &oslo()).is_err());
    }

    proptest::proptest! {
        #[test]
        fn no_query_panics(query: String) {
            if let Ok(parameters) = Parameters::parse(&query) {
                let _ = parameters.range(UtcMillis(0), 1, &oslo());
            }
        }
    }
}
